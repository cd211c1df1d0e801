"""`amaan worker`: one camera worker, started by `amaan up` or at a site far from the centre.

Exit codes: 0 stopped by SIGTERM, SIGINT or the end of its supervisor; 2 cannot start (wrong use,
folder in use, token or key file unreadable). What it says goes to
worker.log in its folder and, without a supervisor, to standard error as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def worker(  # noqa: PLR0913 (one parameter an option)
    name: Annotated[str, typer.Option(help="This worker's name, as the centre lists it.")],
    centre: Annotated[str, typer.Option(help="Address of the centre, http(s)://host:port.")],
    data: Annotated[Path, typer.Option(help="Folder for spool, ledger and recordings.")],
    token_file: Annotated[Path, typer.Option(help="File with the worker token.")],
    key_file: Annotated[Path, typer.Option(help="Key that opens camera addresses.")],
    parent_pid: Annotated[
        int | None,
        typer.Option(envvar="AMAAN_CENTRE_PID", help="End when this parent process is gone."),
    ] = None,
    readers: Annotated[
        int,
        typer.Option(
            envvar="AMAAN_WORKER_READERS",
            min=1,
            max=16,
            help="Frames read for plates at the same time.",
        ),
    ] = 1,
) -> None:
    """Run a camera worker: pull and record cameras, read plates, ship to the centre."""
    from pydantic import ValidationError

    from amaan.app.worker.main import EXIT_SETUP, run_worker
    from amaan.app.worker.settings import WorkerSettings

    try:
        settings = WorkerSettings(
            name=name,
            centre=centre,
            data=data,
            token_file=token_file,
            key_file=key_file,
            parent_pid=parent_pid,
            readers=readers,
        )
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            typer.echo(f"error: --{'-'.join(map(str, fault['loc']))}: {fault['msg']}", err=True)
        raise typer.Exit(EXIT_SETUP) from None
    raise typer.Exit(run_worker(settings))
