"""`amaan hotlist`: the hot-list from and to files, without the console."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO
from uuid import UUID

import typer

from amaan.app.commands.data import Data, Dsn, Json, with_engines

if TYPE_CHECKING:
    from amaan.app.opening import Engines
    from amaan.app.settings import CentreSettings
    from amaan.kernel.events import JsonValue
    from amaan.plates.importing import HotlistExchange, ImportReport
    from amaan.plates.model import Entry
    from amaan.trust.authority.service import AuthorityService

EXIT_REJECTED = 3
SAY_EVERY_S = 2.0

hotlist = typer.Typer(
    no_args_is_help=True,
    help="The hot-list from and to files.",
    epilog=f"Exit code {EXIT_REJECTED}: some lines were not taken. Others as in `amaan up --help`.",
)


Under = Annotated[UUID, typer.Option(help="Id of the active authority for entries that allows it.")]


@hotlist.command("import")
def import_entries(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    authority: Under,
    data: Data = None,
    database: Dsn = None,
    by: Annotated[str, typer.Option(help="Who is recorded as the writer.")] = "command line",
    as_json: Json = False,
) -> None:
    """Take entries from CSV: plate,reason,category,severity[,case_ref,instructions,valid_from,...].

    Good lines are taken all at once, bad ones listed with line, column and reason; a line that
    the authority does not cover is a bad one. A centre that runs on this data matches the new
    entries within a second.
    """

    async def take(engines: Engines, settings: CentreSettings) -> ImportReport:
        exchange = _exchange(engines, settings)
        with file.open("rb") as content:
            async with _written_down(engines, "import_entries", authority) as details:
                done = await exchange.take(content, by, authority, _progress())
                details.update(count=done.accepted, rejected=done.rejected_count)
                return done

    report = with_engines(data, database, take)
    if as_json:
        typer.echo(json.dumps({"accepted": report.accepted, **asdict(report)}, ensure_ascii=False))
    else:
        for row in report.rejected:
            where = f"line {row.line}" + (f", {row.column}" if row.column else "")
            typer.echo(f"{where}: {row.reason}  |  {row.row}", err=True)
        typer.echo(
            f"{report.added} entries added, {report.changed} changed, "
            f"{report.unchanged} unchanged, {report.rejected_count} lines refused"
        )
    if report.rejected_count:
        raise typer.Exit(EXIT_REJECTED)


@hotlist.command("export")
def export_entries(
    authority: Under,
    file: Annotated[Path | None, typer.Argument(help="Standard output, where absent.")] = None,
    data: Data = None,
    database: Dsn = None,
    state: Annotated[
        Literal["unended", "active", "expired", "all"],
        typer.Option(help="unended: valid now or later; `import` reads these back to the same."),
    ] = "unended",
) -> None:
    """Write an authority's entries as CSV, safe to open in a spreadsheet."""

    async def give(engines: Engines, settings: CentreSettings) -> None:
        exchange = _exchange(engines, settings)
        async with _written_down(engines, "export_entries", authority) as details:
            details["rows"] = await exchange.count(authority, state)
        await _write(exchange.give(authority, state), file)

    with_engines(data, database, give)


@hotlist.command("list")
def list_entries(
    data: Data = None,
    database: Dsn = None,
    state: Annotated[Literal["active", "expired", "all"], typer.Option()] = "active",
    q: Annotated[str | None, typer.Option(help="Part of a plate, case or reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    as_json: Json = False,
) -> None:
    """List entries, newest first."""

    async def page(engines: Engines, settings: CentreSettings) -> list[Entry]:
        from amaan.plates.entries import HotlistService

        authorities = _authorities(engines, settings)
        service = HotlistService(engines.database, engines.clock, authorities, settings.plates)
        async with _written_down(engines, "list_entries", None) as details:
            listed = await service.page(state=state, text=q, before=None, limit=limit)
            details.update(plate=q, count=len(listed))
            return listed

    found = with_engines(data, database, page)
    if as_json:
        typer.echo(json.dumps([asdict(e) for e in found], ensure_ascii=False, default=str))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("plate", "severity", "category", "reason", "case", "ends (UTC)", box=None)
    for entry in found:
        until = f"{entry.ends_at:%Y-%m-%d %H:%M}"
        table.add_row(
            *(entry.plate, entry.severity.value, entry.category.value),
            *(escape(entry.reason), escape(entry.case_ref), until),
        )
    Console(soft_wrap=True).print(table)


@asynccontextmanager
async def _written_down(
    engines: Engines, action: str, authority: UUID | None
) -> AsyncIterator[dict[str, JsonValue]]:
    """Write in the audit log what is begun, and what came of it before anything is shown.

    Lends the details of the second entry. Raises AuditUnavailableError: then nothing is done.
    """
    from amaan.kernel.acting import acting
    from amaan.kernel.errors import AmaanError
    from amaan.trust.audit.model import Outcome, Record
    from amaan.trust.audit.service import AuditLog

    log, actor = AuditLog(engines.database, engines.clock), acting().actor
    details: dict[str, JsonValue] = {}

    async def note(outcome: Outcome) -> None:
        await log.write(Record(action, actor, outcome, authority=authority, details=details))

    await note(Outcome.BEGUN)
    try:
        yield details
    except AmaanError as error:
        details["reason"] = error.code
        await note(Outcome.FAILED)
        raise
    await note(Outcome.ALLOWED)


def _exchange(engines: Engines, settings: CentreSettings) -> HotlistExchange:
    from amaan.plates.entries import HotlistService
    from amaan.plates.importing import HotlistExchange

    authorities = _authorities(engines, settings)
    service = HotlistService(
        engines.database, engines.clock, authorities, settings.plates, matching=False
    )
    return HotlistExchange(engines.database, service, engines.clock, authorities, settings.plates)


def _authorities(engines: Engines, settings: CentreSettings) -> AuthorityService:
    from amaan.trust.authority.service import AuthorityService

    return AuthorityService(
        engines.database, engines.outbox, engines.blobs, engines.clock, settings.authority
    )


async def _write(parts: AsyncIterator[str], file: Path | None) -> None:
    target: nullcontext[TextIO] | TextIO = (
        nullcontext(sys.stdout) if file is None else file.open("w", encoding="utf-8", newline="")
    )
    with target as out:
        async for part in parts:
            out.write(part)


def _progress() -> Callable[[int], None]:
    said_at = time.monotonic()

    def say(lines: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= SAY_EVERY_S:
            said_at = time.monotonic()
            typer.echo(f"{lines} lines read", err=True)

    return say
