"""`amaan video`: proof that what is recorded, what is written down and what is drawn agree."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from amaan.app.commands.data import Data, Dsn, Json, with_engines

if TYPE_CHECKING:
    from amaan.app.opening import Engines
    from amaan.app.settings import CentreSettings
    from amaan.video.recording.checking import LedgerReport

EXIT_DISAGREES = 4
SHOWN_MOST = 50
COMPARED_AGAIN, SETTLES_S = 2, 2.0

video = typer.Typer(
    no_args_is_help=True,
    help="Recordings: check that disk, ledgers and index agree.",
    epilog=f"Exit code {EXIT_DISAGREES}: they do not. Others as in `amaan up --help`.",
)


@video.callback()
def _group() -> None:
    """Recordings."""


@video.command()
def check(
    data: Data = None,
    database: Dsn = None,
    worker: Annotated[
        Path | None,
        typer.Option(help="Only this worker's folder, without a centre: at a roadside site."),
    ] = None,
    deep: Annotated[
        bool, typer.Option(help="Hash every file and decode its first picture.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Prove that every recorded file is whole and known, and every other moment explained.

    Compares the disk with each local worker's ledger, and the ledgers with the centre's index.
    """
    from amaan.kernel.errors import AmaanError

    try:
        if worker is not None:
            reports = {worker.name: _checked(worker, deep=deep, quiet=as_json)}
            said: list[str] = []
        else:
            reports, said = with_engines(
                data, database, lambda e, s: _all(e, s, deep=deep, quiet=as_json)
            )
    except AmaanError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(1) from None
    said += [f"{name}: {what}" for name, one in reports.items() for what in one.problems]
    if as_json:
        typer.echo(json.dumps({"workers": _figures(reports), "problems": said}))
    else:
        _print(reports, said)
    if said:
        raise typer.Exit(EXIT_DISAGREES)


def _checked(folder: Path, *, deep: bool, quiet: bool) -> LedgerReport:
    from rich.console import Console
    from rich.progress import Progress

    from amaan.video.recording.checking import check_ledger

    with Progress(console=Console(stderr=True), disable=quiet, transient=True) as progress:
        task = progress.add_task(folder.name, total=None)

        def step(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of)

        return check_ledger(folder, deep=deep, now_s=time.time(), step=step)


async def _all(
    engines: Engines, settings: CentreSettings, *, deep: bool, quiet: bool
) -> tuple[dict[str, LedgerReport], list[str]]:
    from amaan.video.index.checking import check_days
    from amaan.video.recording.checking import read_ledger

    reports: dict[str, LedgerReport] = {}
    said: list[str] = []
    for ledger in sorted(settings.data.glob("workers/*/ledger.sqlite")):
        folder = ledger.parent
        report = reports[folder.name] = _checked(folder, deep=deep, quiet=quiet)
        found = await _compared(engines, report)
        for _ in range(COMPARED_AGAIN if found else 0):
            # Ledger and index are read one after the other, while both go on.
            await asyncio.sleep(SETTLES_S)
            again = await _compared(engines, read_ledger(ledger))
            found = [what for what in found if what in again]
        said += [f"{folder.name}: {what}" for what in found]
    drawn = await check_days(engines.database)
    if drawn:
        again = await check_days(engines.database)
        drawn = [what for what in drawn if what in again]
    return reports, said + drawn


async def _compared(engines: Engines, report: LedgerReport) -> list[str]:
    from amaan.video.index.checking import compare
    from amaan.video.index.model import LedgerGap, LedgerSegment

    told = {
        UUID(one.id): LedgerSegment(one.camera, one.start_ms, one.end_ms, one.bytes, one.sha256)
        for one in report.segments
        if one.told
    }
    gaps = {UUID(one.id): LedgerGap(one.camera, one.start_ms, one.end_ms) for one in report.gaps}
    waiting = frozenset(UUID(one) for one in report.waiting)
    return await compare(engines.database, UUID(report.ledger), told, gaps, waiting)


def _figures(reports: dict[str, LedgerReport]) -> dict[str, dict[str, object]]:
    return {
        name: {
            "ledger": one.ledger,
            "segments": len(one.segments),
            "bytes": one.bytes,
            "gaps": len(one.gaps),
            "waiting": len(one.waiting),
        }
        for name, one in reports.items()
    }


def _print(reports: dict[str, LedgerReport], said: list[str]) -> None:
    for name, one in reports.items():
        late = f", {len(one.waiting)} not yet told to the centre" if one.waiting else ""
        typer.echo(
            f"{name}: {len(one.segments)} segments, {one.bytes / 1e9:.2f} GB,"
            f" {len(one.gaps)} gaps{late}"
        )
    if not reports:
        typer.echo("no worker has recorded anything here")
    for what in said[:SHOWN_MOST]:
        typer.echo(what, err=True)
    if len(said) > SHOWN_MOST:
        typer.echo(f"... and {len(said) - SHOWN_MOST} more", err=True)
    if not said:
        typer.echo("disk, ledgers and index agree; every moment is explained")
