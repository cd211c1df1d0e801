"""`amaan misuse`: the detectors over the audit log, out of turn."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from amaan.app.commands.data import Data, Dsn, Json, with_engines

if TYPE_CHECKING:
    from amaan.app.opening import Engines
    from amaan.app.settings import CentreSettings
    from amaan.trust.misuse.model import Run

misuse = typer.Typer(no_args_is_help=True, help="Misuse of the system by those who use it.")
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


@misuse.callback()
def _group() -> None:
    """Keep ``run`` a sub-command though it is the only one."""


@misuse.command("run")
def run_detectors(
    since: Annotated[datetime, typer.Option("--from", formats=_FORMATS, help="UTC.")],
    until: Annotated[datetime, typer.Option("--to", formats=_FORMATS, help="UTC, without it.")],
    data: Data = None,
    database: Dsn = None,
    as_json: Json = False,
) -> None:
    """Judge a time of the audit log. What was found before is not raised again.

    A running centre does so every night by itself. Findings are read in the console by auditors,
    not here.
    """

    async def run(engines: Engines, settings: CentreSettings) -> Run:
        from amaan.app.cameras import CityCameras
        from amaan.city.service import CityService
        from amaan.kernel.acting import acting_as, system
        from amaan.trust.audit.service import AuditLog
        from amaan.trust.misuse.service import MisuseService

        city = CityService(engines.database, engines.clock, engines.sealer)
        log = AuditLog(engines.database, engines.clock)
        service = MisuseService(
            engines.database, engines.outbox, log, CityCameras(city), engines.clock
        )
        who = system(f"cli:{getpass.getuser()}")
        with acting_as(who):
            return await service.run(_utc(since), _utc(until), actor=who.actor)

    ran = with_engines(data, database, run)
    if as_json:
        typer.echo(json.dumps(asdict(ran), default=str))
    else:
        typer.echo(f"{ran.entries} entries judged, {ran.raised} findings raised, {ran.grown} grew")


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
