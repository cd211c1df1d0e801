"""`amaan retention`: what would be removed, remove it now, what was removed, and proof of it."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amaan.app.commands.data import Data, Dsn, Json, with_engines

if TYPE_CHECKING:
    from amaan.app.opening import Engines
    from amaan.app.retaining import Retaining
    from amaan.app.settings import CentreSettings
    from amaan.trust.retention.model import Planned, Receipt
    from amaan.trust.retention.verifying import Verdict

retention = typer.Typer(
    no_args_is_help=True, help="What is kept how long: plan, run, receipts, verify."
)
File = Annotated[
    Path | None, typer.Option("--file", help="Receipts as `receipts --json` printed them.")
]
Key = Annotated[str | None, typer.Option("--key", help="The log's key, as `audit key` prints it.")]


def _retaining(engines: Engines, settings: CentreSettings) -> Retaining:
    from amaan.app.retaining import Retaining
    from amaan.trust.audit.service import AuditLog
    from amaan.trust.authority.service import AuthorityService

    log = AuditLog(engines.database, engines.clock)
    authorities = AuthorityService(
        engines.database, engines.outbox, engines.blobs, engines.clock, settings.authority
    )
    return Retaining(engines, settings, authorities, log)


@retention.command()
def plan(data: Data = None, database: Dsn = None, as_json: Json = False) -> None:
    """Say what a run would remove now; change nothing. Some reads of a day may stay."""

    async def use(engines: Engines, settings: CentreSettings) -> list[Planned]:
        return await _retaining(engines, settings).night.plan()

    found = with_engines(data, database, use)
    if as_json:
        items = [
            {"class": p.name, "things": p.things, "count": p.count, "partitions": p.partitions}
            for p in found
        ]
        typer.echo(json.dumps(items))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("class", "count", "what", "partition", box=None)
    for planned in found:
        table.add_row(
            *(planned.name, "?" if planned.count is None else f"{planned.count:,}"),
            *(planned.things, ", ".join(planned.partitions)),
        )
    Console(soft_wrap=True).print(table)


@retention.command()
def run(data: Data = None, database: Dsn = None) -> None:
    """Remove what is over now, as the nightly run does. Exit code 1 when a class met an error."""

    async def use(engines: Engines, settings: CentreSettings) -> tuple[list[str], int]:
        from amaan.trust.audit.model import Record
        from amaan.trust.audit.service import AuditLog

        actor = f"system:cli:{getpass.getuser()}"
        log = AuditLog(engines.database, engines.clock)
        await log.write(Record(action="retention.run", actor=actor))
        retaining = _retaining(engines, settings)
        before = await retaining.service.receipts(None, 1)
        failed = await retaining.night.run(actor)
        after = await retaining.service.receipts(None, 1)
        first = before[0].number if before else 0
        return failed, (after[0].number if after else 0) - first

    failed, receipts = with_engines(data, database, use)
    typer.echo(f"{receipts} receipts written")
    if failed:
        typer.echo(f"error: could not remove: {', '.join(failed)} (see the log)", err=True)
        raise typer.Exit(1)


@retention.command()
def receipts(
    data: Data = None,
    database: Dsn = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List what was removed. With --json every receipt, oldest first, one JSON object a line."""

    async def use(engines: Engines, settings: CentreSettings) -> list[Receipt]:
        service = _retaining(engines, settings).service
        found: list[Receipt] = []
        while True:
            wanted = 1_000 if as_json else limit
            page = await service.receipts(found[-1].number if found else None, wanted)
            found += page
            if not as_json or not page:
                return found

    found = with_engines(data, database, use)
    if as_json:
        for receipt in reversed(found):
            typer.echo(json.dumps({"number": receipt.number, "note": receipt.note}))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("no.", "at (UTC)", "class", "removed", "stays", "what", "partition", box=None)
    for receipt in found:
        removal = receipt.removal
        table.add_row(
            *(str(receipt.number), f"{receipt.at:%Y-%m-%d %H:%M}", removal.name),
            *(f"{removal.removed:,}", f"{removal.kept:,}", removal.things),
            ", ".join(removal.partitions),
        )
    Console(soft_wrap=True).print(table)


@retention.command()
def verify(
    data: Data = None,
    database: Dsn = None,
    file: File = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Check every receipt's signature and number, and that what it says is gone is gone.

    With --file and --key the signatures and numbers only, without any database. Exit code 1 when
    anything is wrong.
    """
    if file is not None:
        verdict = _verify_file(file, key)
    else:

        async def use(engines: Engines, settings: CentreSettings) -> Verdict:
            from amaan.trust.audit.notes import VerifyKey
            from amaan.trust.audit.service import AuditLog
            from amaan.trust.retention.verifying import Verifier

            retaining = _retaining(engines, settings)
            verifier = VerifyKey.parse(key) if key else retaining.verifier
            terms = await retaining.service.terms()
            log = AuditLog(engines.database, engines.clock)
            looking = Verifier(engines.database, engines.blobs, retaining.night, log)
            return await looking.verify(verifier, terms)

        verdict = with_engines(data, database, use)
    if as_json:
        typer.echo(json.dumps({"receipts": verdict.receipts, "faults": verdict.faults}))
    else:
        for fault in verdict.faults:
            typer.echo(fault, err=True)
        word = "INVALID" if verdict.faults else "VALID"
        typer.echo(f"{word}: {verdict.receipts} receipts")
    if verdict.faults:
        raise typer.Exit(1)


def _verify_file(file: Path, key: str | None) -> Verdict:
    from amaan.kernel.errors import AmaanError
    from amaan.trust.audit.notes import VerifyKey
    from amaan.trust.retention.verifying import check_notes

    if key is None:
        typer.echo("error: give the log's key with --key: a file cannot vouch for itself", err=True)
        raise typer.Exit(2)
    try:
        notes = [str(json.loads(line)["note"]) for line in file.read_text().splitlines() if line]
        return check_notes(notes, VerifyKey.parse(key))[1]
    except (OSError, ValueError, KeyError, TypeError) as error:
        typer.echo(f"error: {file} cannot be read as receipts", err=True)
        raise typer.Exit(2) from error
    except AmaanError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(2) from error
