"""`amaan audit`: verify, export and witness the log of who did what."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, NoReturn

import typer

from amaan.app.commands.data import Data, Dsn, Json, with_engines

if TYPE_CHECKING:
    from amaan.app.opening import Engines
    from amaan.app.settings import CentreSettings
    from amaan.trust.audit.checkpoint import Checkpoint
    from amaan.trust.audit.notes import VerifyKey
    from amaan.trust.audit.verifying import Result

CANNOT = 3  # could not be done at all; 1 and 2 are verdicts

audit = typer.Typer(
    no_args_is_help=True, help="The log of who did what: verify, export, witness it."
)
Witnessed = Annotated[
    Path | None, typer.Option("--witness", help="A witness's folder: what it saw is the measure.")
]
Key = Annotated[str | None, typer.Option("--key", help="The log's key, as `audit key` prints it.")]


def _stop(reason: str, code: int = CANNOT) -> NoReturn:
    typer.echo(f"error: {reason}", err=True)
    raise typer.Exit(code)


@audit.command()
def verify(
    data: Data = None,
    database: Dsn = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="Verify an export, without any database.")
    ] = None,
    witness: Witnessed = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Compute every hash anew, and compare with what was signed.

    Trust comes from outside: from a witness's folder, or at least the log's key. Exit codes:
    0 VALID, 1 INVALID, 2 INCOMPLETE (nothing contradicts, and it is not enough), 3 could not look.
    """
    from amaan.trust.audit.model import NoteError

    try:
        trusted, kept = _trusted(witness, key)
        if export is not None:
            result = _verify_export(export, trusted, kept)
        elif database is not None:
            result = _verify_dsn(database, trusted, kept)
        else:
            result = _verify_folder(data, trusted, kept)
    except NoteError as error:
        _stop(error.detail)
    _show(result, as_json)
    raise typer.Exit(result.verdict)


def _trusted(witness: Path | None, key: str | None) -> tuple[VerifyKey, list[Checkpoint]]:
    from amaan.trust.audit.notes import VerifyKey
    from amaan.trust.audit.witness import Witness

    given = None if key is None else VerifyKey.parse(key)
    if witness is None:
        if given is None:
            raise typer.BadParameter("give --witness DIR, or --key: what is to be trusted?")
        return given, []
    if not (witness / "log.vkey").exists():
        _stop(f"{witness} is no witness's folder")
    opened = Witness(witness, given)
    kept = [seen.checkpoint for seen in opened.seen()]
    if not kept:
        typer.echo("note: this witness has seen nothing yet", err=True)
    return opened.log_key, kept


def _verify_export(path: Path, key: VerifyKey, kept: list[Checkpoint]) -> Result:
    from amaan.app.progress import counted
    from amaan.trust.audit import archive
    from amaan.trust.audit.verifying import Result

    size = path.stat().st_size if path.exists() else _stop(f"{path} does not exist")
    with path.open("rb") as file, counted("verifying") as tell:
        for found in archive.check(_lines(file), key, kept):
            if isinstance(found, Result):
                return found
            tell(file.tell(), size)
    raise AssertionError("an export ends with a verdict")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    from amaan.trust.audit.archive import LINE_BYTES

    while line := file.readline(LINE_BYTES):  # unlike iterating, it leaves tell() usable
        yield line


def _verify_dsn(dsn: str, key: VerifyKey, kept: list[Checkpoint]) -> Result:
    import psycopg

    from amaan.app.commands.arguments import hide_argument

    hide_argument(dsn, "***")
    hide_argument(f"--database={dsn}", "--database=***")
    try:
        return asyncio.run(_verify(dsn, key, kept, None))
    except psycopg.Error as error:
        _stop(f"the database cannot be read: {type(error).__name__}")


def _verify_folder(data: Path | None, key: VerifyKey, kept: list[Checkpoint]) -> Result:
    from amaan.app.folder import DataFolder
    from amaan.app.settings import CentreSettings
    from amaan.trust.audit.checkpoint import open_checkpoint

    path = DataFolder(data or CentreSettings().data).audit_checkpoint
    last = open_checkpoint(path.read_text(), key)[0] if path.exists() else None

    async def use(engines: Engines, _: CentreSettings) -> Result:
        return await _verify(engines.dsn, key, kept, last)

    try:
        return with_engines(data, None, use)
    except typer.Exit:  # its codes are those of `amaan up`, and here 1 is a verdict
        raise typer.Exit(CANNOT) from None


async def _verify(
    dsn: str, key: VerifyKey, kept: list[Checkpoint], last: Checkpoint | None
) -> Result:
    import psycopg

    from amaan.app.progress import counted
    from amaan.trust.audit.checking import check_database

    with counted("verifying") as tell:
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            return await check_database(connection, key, kept, last, tell)


def _show(result: Result, as_json: bool) -> None:
    finding = result.finding
    if as_json:
        shown = {
            "verdict": result.verdict.name,
            "entries": result.entries,
            "size": result.size,
            "signed": result.covered,
            "witnessed": result.witnessed,
            "checkpoints": result.checkpoints,
            "position": finding.position if finding else None,
            "reason": finding.reason if finding else None,
        }
        typer.echo(json.dumps(shown))
        return
    typer.echo(result.verdict.name)
    if finding is not None:
        where = "" if finding.position is None else f" (first at entry {finding.position})"
        typer.echo(f"  {finding.reason}{where}")
    typer.echo(
        f"  {result.entries} entries; signed up to {result.covered}, witnessed up to "
        f"{result.witnessed}; {result.checkpoints} checkpoints fit"
    )
    newer = result.size - result.covered
    if result.verdict == 0 and newer > 0:
        typer.echo(f"  {newer} newer entries are not signed yet")


@audit.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; must not exist yet.")],
    since: Annotated[str | None, typer.Option("--from", help="Time, RFC 3339.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Time, RFC 3339.")] = None,
    data: Data = None,
    database: Dsn = None,
) -> None:
    """Write entries with what proves them offline. The export itself is written down too."""
    begin, end = _time(since), _time(until)
    if file.exists():
        _stop(f"{file} exists")

    async def use(engines: Engines, settings: CentreSettings) -> int:
        from amaan.app.auditing import Auditing
        from amaan.app.progress import counted
        from amaan.trust.audit import archive
        from amaan.trust.audit.model import LogDivergedError, Record

        auditing = Auditing(engines, settings)
        await auditing.log.write(
            Record(
                "export_audit",
                f"system:cli:{getpass.getuser()}",
                permission="trust.export_audit",
                details={"since": since, "until": until},
            )
        )
        with suppress(LogDivergedError):
            await auditing.signer.sign()
        span = await auditing.log.span_of(begin, end)
        part = await archive.part_of(engines.database, span, await auditing.signer.newest())
        done = 0
        with counted("exporting") as tell, file.open("xb") as output:
            async for chunk in archive.lines(engines.database, part):
                await asyncio.to_thread(output.write, chunk)
                done += chunk.count(b"\n")
                tell(done, part.end - part.begin)
            output.flush()
            os.fsync(output.fileno())
        return part.end - part.begin

    typer.echo(f"{with_engines(data, database, use)} entries", err=True)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no time: 2026-03-04T05:06:07Z") from None
    if at.tzinfo is None:
        raise typer.BadParameter(f"{text} lacks its zone: 2026-03-04T05:06:07Z")
    return at


@audit.command()
def key(data: Data = None) -> None:
    """Print the key that checks the log's checkpoints; give it to witnesses and auditors."""
    from amaan.app.folder import DataFolder
    from amaan.app.settings import CentreSettings
    from amaan.trust.audit.model import NoteError
    from amaan.trust.audit.signing import ensure_signing_key

    path = DataFolder((data or CentreSettings().data).absolute()).audit_key
    if not path.exists():
        _stop(f"{path} does not exist: the centre makes it at its first start")
    try:
        typer.echo(str(ensure_signing_key(path).verifier))
    except NoteError as error:
        _stop(error.detail)


@audit.command()
def status(data: Data = None, database: Dsn = None, as_json: Json = False) -> None:
    """Say how far the log has grown, was signed and was witnessed."""

    async def use(engines: Engines, settings: CentreSettings) -> dict[str, object]:
        from amaan.app.auditing import Auditing
        from amaan.trust.audit.model import NotSignedYetError

        auditing = Auditing(engines, settings)
        shown: dict[str, object] = {"entries": await auditing.log.size()}
        try:
            held = await auditing.signer.newest()
            shown |= {"signed": held.checkpoint.size, "signed_at": held.at.isoformat()}
        except NotSignedYetError:
            shown |= {"signed": 0, "signed_at": None}
        for name, size, at in await auditing.signer.seen_by_witnesses():
            shown[name] = f"{size} at {at.isoformat()}"
        shown["late"] = auditing.recorder.late.count
        return shown

    found = with_engines(data, database, use)
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, value in found.items():
        typer.echo(f"{name:<32} {value}")


@audit.command()
def witness(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What this witness keeps.")],
    centre: Annotated[str, typer.Option(help="The centre's address: https://centre")],
    key: Key = None,
) -> None:
    """Look at the log once, remember it, and sign that it only grew. For another machine's cron.

    The first run needs --key. Exit codes: 0 seen and signed, 1 the log contradicts what it said
    before (evidence is kept), 3 the centre does not answer, or not with a signed checkpoint.
    """
    from amaan.app.watching import CentreLog
    from amaan.kernel.errors import AmaanError
    from amaan.trust.audit.notes import VerifyKey
    from amaan.trust.audit.witness import Contradiction, Witness

    try:
        opened = Witness(folder, None if key is None else VerifyKey.parse(key))
        own = opened.signing_key().verifier
    except AmaanError as error:
        _stop(error.detail)
    try:
        with opened.held(), CentreLog(centre) as log:
            seen = opened.watch(log, datetime.now(UTC))
    except Contradiction as error:
        typer.echo(f"THE LOG CONTRADICTS ITSELF: {error.detail}", err=True)
        raise typer.Exit(1) from None
    except AmaanError as error:
        typer.echo(f"this witness's key, for the centre's settings: {own}", err=True)
        _stop(error.detail)
    typer.echo(f"{seen.checkpoint.origin}: {seen.checkpoint.size} entries, seen and signed")
