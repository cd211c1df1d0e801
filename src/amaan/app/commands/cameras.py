"""`amaan cameras`: sites and cameras from files, without the console."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from amaan.app.commands.data import Data, Dsn, Json, with_engines

if TYPE_CHECKING:
    from amaan.app.opening import Engines
    from amaan.app.settings import CentreSettings
    from amaan.city.service import CityService
    from amaan.kernel.errors import AmaanError

EXIT_REJECTED = 3
T = TypeVar("T")

cameras = typer.Typer(
    no_args_is_help=True,
    help="Sites and cameras from files.",
    epilog=f"Exit code {EXIT_REJECTED}: some lines were not taken. Others as in `amaan up --help`.",
)

Readable = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


@cameras.command("import")
def import_cameras(
    file: Readable, data: Data = None, database: Dsn = None, as_json: Json = False
) -> None:
    """Add or replace cameras from CSV: code,name,site,address[,lon,lat,bearing_deg,...].

    Good lines are taken, bad ones are listed with line, column and reason.
    """
    text = _text(file)
    report = _with_city(data, database, lambda city: city.import_cameras(text))
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False))
    else:
        for row in report.rejected:
            where = f"line {row.line}" + (f", {row.column}" if row.column else "")
            typer.echo(f"{where}: {row.reason}  |  {row.row}", err=True)
        typer.echo(f"{report.accepted} cameras taken, {len(report.rejected)} lines refused")
    if report.rejected:
        raise typer.Exit(EXIT_REJECTED)


@cameras.command("sites")
def import_sites(file: Readable, data: Data = None, database: Dsn = None) -> None:
    """Add or replace sites from GeoJSON points with code, name, name_ur and kind."""
    from amaan.city.places import read_sites
    from amaan.kernel.errors import InvalidError

    text = _text(file)
    try:
        sites = read_sites(text)
    except InvalidError as error:
        _reject(error)
    _with_city(data, database, lambda city: city.put_sites(sites))
    typer.echo(f"{len(sites)} sites taken")


@cameras.command("list")
def list_cameras(data: Data = None, database: Dsn = None, as_json: Json = False) -> None:
    """List all cameras; passwords are masked."""
    found = _with_city(data, database, lambda city: city.cameras(limit=100_000))
    if as_json:
        typer.echo(json.dumps([asdict(camera) for camera in found], ensure_ascii=False))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("code", "name", "site", "address", "on", "plates", "fps", box=None)
    for camera in found:
        table.add_row(
            *(camera.code, escape(camera.name), camera.site, escape(camera.address)),
            *("yes" if camera.enabled else "no", "yes" if camera.read_plates else "no"),
            f"{camera.analysis_fps:g}",
        )
    Console(soft_wrap=True).print(table)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        typer.echo(f"error: {file} is not UTF-8", err=True)
        raise typer.Exit(EXIT_REJECTED) from None


def _with_city(
    data: Path | None, database: str | None, use: Callable[[CityService], Awaitable[T]]
) -> T:
    """Use the city of the centre's data; what it refuses as invalid ends with EXIT_REJECTED."""
    from amaan.city.service import CityService
    from amaan.kernel.errors import InvalidError

    async def run(engines: Engines, settings: CentreSettings) -> T:
        e = engines
        try:
            return await use(CityService(e.database, e.clock, e.sealer, settings.cameras))
        except InvalidError as error:
            _reject(error)

    return with_engines(data, database, run)


def _reject(error: AmaanError) -> NoReturn:
    typer.echo(f"error: {error.detail}", err=True)
    raise typer.Exit(EXIT_REJECTED)
