"""`amaan report`: the transparency report, from a centre's data or from an export of its log."""

from __future__ import annotations

import asyncio
import getpass
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amaan.app.commands.data import Data, Dsn, with_engines

if TYPE_CHECKING:
    from amaan.app.opening import Engines
    from amaan.app.settings import CentreSettings
    from amaan.trust.public.report import Period

EXIT_REFUSED = 3
EPILOG = "The same log of the same size gives the same bytes: compare them with `cmp`."
_DAY = ["%Y-%m-%d"]


class Form(StrEnum):
    """How the report is written."""

    JSON = "json"
    EN = "en"
    UR = "ur"


def report(  # noqa: PLR0913  one parameter per option
    since: Annotated[datetime, typer.Option("--from", formats=_DAY, help="First of a month.")],
    until: Annotated[
        datetime, typer.Option("--to", formats=_DAY, help="First of the month after the last.")
    ],
    export: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="An export of the whole audit log."),
    ] = None,
    data: Data = None,
    database: Dsn = None,
    size: Annotated[
        int | None, typer.Option(min=0, help="Entries to count, as a published report says.")
    ] = None,
    form: Annotated[
        Form, typer.Option("--as", help="json is what is compared; en and ur are pages.")
    ] = Form.JSON,
    out: Annotated[Path | None, typer.Option(help="File; standard output where absent.")] = None,
) -> None:
    """Write the transparency report over whole months."""
    from amaan.kernel.errors import AmaanError
    from amaan.trust.public.report import Period

    try:
        period = Period(since.date(), until.date())
        if export is None:
            content = with_engines(data, database, lambda e, s: _from_database(e, s, period, size))
        else:
            content = asyncio.run(_from_export(export, period, size))
    except AmaanError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(EXIT_REFUSED) from None
    if form is not Form.JSON:
        from amaan.trust.public.page import html_of

        draft = datetime.now(period.end.tzinfo) < period.end
        content = html_of(content, "ur" if form is Form.UR else "en", draft=draft).encode()
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        out.write_bytes(content)


async def _from_database(
    engines: Engines, settings: CentreSettings, period: Period, size: int | None
) -> bytes:
    from amaan.kernel.acting import acting_as, system
    from amaan.trust.audit.model import Record
    from amaan.trust.audit.service import AuditLog
    from amaan.trust.public.sources import DatabaseLog, compile_report

    del settings
    log = AuditLog(engines.database, engines.clock)
    who = system(f"cli:{getpass.getuser()}")
    with acting_as(who):
        span = {"since": period.since.isoformat(), "until": period.until.isoformat()}
        await log.write(Record("get_report", who.actor, details=span))
        return await compile_report(DatabaseLog(engines.database, log), period, size)


async def _from_export(file: Path, period: Period, size: int | None) -> bytes:
    from amaan.trust.public.sources import ExportedLog, compile_report

    return await compile_report(ExportedLog(file), period, size)
