"""`amaan roads`: the streets between the cameras, from an extract of OpenStreetMap."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amaan.app.commands.data import Data, Dsn, Json, with_engines

if TYPE_CHECKING:
    from amaan.app.opening import Engines
    from amaan.app.settings import CentreSettings
    from amaan.city.roads.model import RoadsInfo

EXIT_REJECTED = 3
roads = typer.Typer(
    no_args_is_help=True,
    help="Streets between the cameras.",
    epilog=f"Exit code {EXIT_REJECTED}: the file was not taken. Others as in `amaan up --help`.",
)


@roads.callback()
def main() -> None:
    """Streets between the cameras."""


@roads.command("import")
def import_roads(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    data: Data = None,
    database: Dsn = None,
    as_json: Json = False,
) -> None:
    """Take the streets of an OpenStreetMap extract (.osm.pbf), in the place of those before.

    A file that cannot be read changes nothing. A running centre goes by the new ones at once.
    """
    from amaan.city.roads.model import RoadsFileError
    from amaan.city.roads.reading import read_roads
    from amaan.city.roads.service import RoadsService

    def told(count: int) -> None:
        if not as_json:
            typer.echo(f"{count} streets read", err=True)

    try:
        found = read_roads(file, told)
    except RoadsFileError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(EXIT_REJECTED) from None

    async def run(engines: Engines, settings: CentreSettings) -> RoadsInfo:
        service = RoadsService(engines.database, engines.clock, settings.roads)
        return await service.put(found, file.name)

    info = with_engines(data, database, run)
    if as_json:
        kept = {"nodes": info.nodes, "edges": info.edges, "kilometres": info.kilometres}
        typer.echo(json.dumps({"source": info.source, **kept}, ensure_ascii=False))
        return
    typer.echo(f"{info.kilometres:g} km of streets: {info.nodes} nodes, {info.edges} edges")
