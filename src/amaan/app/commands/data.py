"""How commands other than `amaan up` get at a centre's data."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from amaan.app.opening import Engines
    from amaan.app.settings import CentreSettings

T = TypeVar("T")
Data = Annotated[Path | None, typer.Option(help="Data folder of the centre, running or not.")]
Dsn = Annotated[str | None, typer.Option(help="Connection string, as given to `amaan up`.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def with_engines(
    data: Path | None,
    database: str | None,
    use: Callable[[Engines, CentreSettings], Awaitable[T]],
) -> T:
    """Open the centre's data, use it, close it. Exits as `amaan up` does where that fails."""
    from amaan.app.commands.arguments import hide_argument
    from amaan.app.logging import start_logging
    from amaan.app.opening import opened
    from amaan.app.serving import exit_code
    from amaan.app.settings import CentreSettings
    from amaan.kernel.acting import acting_as, system
    from amaan.kernel.errors import AmaanError

    settings = CentreSettings()
    given: dict[str, object] = {"data": (data or settings.data).absolute()}
    if database is not None:
        hide_argument(database, "***")
        hide_argument(f"--database={database}", "--database=***")
        given["database"] = database
    settings = CentreSettings.model_validate({**dict(settings), **given})
    start_logging("warning")

    async def run() -> T:
        async with opened(settings) as engines:
            with acting_as(system(f"cli:{getpass.getuser()}")):
                return await use(engines, settings)

    try:
        return asyncio.run(run())
    except AmaanError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(exit_code(error)) from None
