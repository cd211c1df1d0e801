"""`amaan up`: run the centre."""

from __future__ import annotations

import asyncio
import ipaddress
import os
from pathlib import Path
from typing import Annotated, Any

import typer

EPILOG = (
    "Exit codes: 0 stopped by a signal, 1 a fault, 2 wrong options, 10 the data folder cannot be "
    "written, 11 another centre uses it, 12 the port is taken, 13 the database does not answer, "
    "14 the database belongs to a newer version. Every option can be set as AMAAN_NAME too."
)
BEYOND = (
    "warning: listening beyond this machine without TLS: passwords and pictures can be read on the "
    "way. Put a TLS proxy in front, then set AMAAN_CONSOLE__BEHIND_TLS=true and "
    "AMAAN_TRUST__COOKIE_SECURE=true"
)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches what listens on a host."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def up(
    data: Annotated[
        Path | None, typer.Option(help="Folder for database, pictures, keys and logs.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    database: Annotated[
        str | None,
        typer.Option(help="PostgreSQL 16+ by connection string; otherwise one is embedded."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, max=64, help="Camera worker processes to run.")
    ] = None,
) -> None:
    """Run the centre: database, console, API and camera workers, until Ctrl-C or SIGTERM."""
    import uvloop
    from pydantic import ValidationError

    from amaan.app.commands.arguments import hide_argument
    from amaan.app.folder import DataFolder
    from amaan.app.logging import start_logging
    from amaan.app.serving import Exit, exit_code, serve
    from amaan.app.settings import CentreSettings
    from amaan.kernel.errors import AmaanError

    if database is not None:
        hide_argument(database, "***")
        hide_argument(f"--database={database}", "--database=***")
    given: dict[str, Any] = {
        "data": data,
        "port": port,
        "host": host,
        "database": database,
        "workers": workers,
    }
    try:
        settings = CentreSettings(**{k: v for k, v in given.items() if v is not None})
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            typer.echo(f"error: {'.'.join(map(str, fault['loc']))}: {fault['msg']}", err=True)
        raise typer.Exit(2) from None
    settings = settings.model_copy(update={"data": settings.data.absolute()})
    if not is_loopback(settings.host) and not settings.console.behind_tls:
        typer.echo(BEYOND, err=True)
    os.umask(0o077)
    try:
        DataFolder(settings.data).prepare()
        start_logging(settings.log_level, DataFolder(settings.data).logs / "centre.log")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, typer.echo))
    except AmaanError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(exit_code(error)) from None
    raise typer.Exit(Exit.CLEAN)
