"""Exports: verified offline, whole or in part."""

from __future__ import annotations

import json

import httpx
import pytest
from tests.people import People

from amaan.trust.audit import archive
from amaan.trust.audit.checkpoint import Checkpoint
from amaan.trust.audit.merkle import Span
from amaan.trust.audit.model import NoteError, Record
from amaan.trust.audit.notes import ED25519, SigningKey
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.signing import Held, Signer
from amaan.trust.audit.verifying import Result, Verdict

KEY = SigningKey("amaan/test", ED25519, b"\x07" * 32).verifier  # as conftest's


@pytest.fixture
async def held(log: AuditLog, signer: Signer) -> Held:
    """A log of 77 entries, signed."""
    for number in range(77):
        await log.write(Record(f"action {number}", "account:1", username="amina"))
    found = await signer.sign()
    assert found is not None
    return found


async def exported(log: AuditLog, held: Held, begin: int, end: int) -> list[bytes]:
    part = await archive.part_of(log._database, Span(begin, end), held)
    whole = b"".join([chunk async for chunk in archive.lines(log._database, part)])
    return whole.splitlines(keepends=True)


def check(lines: list[bytes], *kept: Checkpoint) -> Result:
    *_, result = archive.check(lines, KEY, kept)
    assert isinstance(result, Result)
    return result


@pytest.mark.parametrize(
    ("begin", "end"), [(0, 77), (0, 10), (5, 6), (16, 64), (76, 77), (33, 77), (0, 0), (20, 20)]
)
async def test_part_is_proven_by_the_signed_root(
    log: AuditLog, held: Held, begin: int, end: int
) -> None:
    result = check(await exported(log, held, begin, end))
    assert (result.verdict, result.entries) == (Verdict.VALID, end - begin)
    assert result.covered == 77


async def test_part_ends_where_the_checkpoint_does(log: AuditLog, held: Held) -> None:
    await log.write(Record("later", "account:1"))
    assert check(await exported(log, held, 70, 78)).entries == 7


@pytest.mark.parametrize(("begin", "end"), [(0, 77), (20, 50)])
async def test_any_change_of_a_part_is_found(
    log: AuditLog, held: Held, begin: int, end: int
) -> None:
    lines = await exported(log, held, begin, end)
    changed = [
        [*lines[:9], lines[9].replace(b"amina", b"nadia"), *lines[10:]],
        [*lines[:9], *lines[10:]],
        [*lines[:9], lines[10], lines[9], *lines[11:]],
        [*lines[:9], lines[9], *lines[9:]],
        lines[:-1],
        [*lines, lines[-1]],
        lines[:1],
        [*lines[:9], b"nonsense\n", *lines[10:]],
    ]
    for attempt in changed:
        assert check(attempt).verdict is Verdict.INVALID


async def test_first_line_that_lies_is_found(log: AuditLog, held: Held) -> None:
    lines = await exported(log, held, 20, 50)
    first = json.loads(lines[0])
    for name, value in (
        ("end", 49),
        ("begin", 21),
        ("before", first["before"][::-1]),
        ("after", first["after"][1:]),
        ("after", [first["before"][0], *first["after"][1:]]),
        ("checkpoint", first["checkpoint"].replace("77", "78")),
        ("checkpoint", None),
        ("format", "another/1"),
    ):
        line = json.dumps({**first, name: value}).encode() + b"\n"
        try:
            verdict = check([line, *lines[1:]]).verdict
        except NoteError:
            continue
        assert verdict is Verdict.INVALID, name


@pytest.mark.parametrize("lines", [[], [b"\n"], [b"[]\n"], [b'{"format":"amaan-audit/1"}\n']])
def test_other_files_are_no_export(lines: list[bytes]) -> None:
    with pytest.raises(NoteError):
        check(lines)


async def test_witness_s_checkpoints_are_asked_too(
    log: AuditLog, signer: Signer, held: Held
) -> None:
    lines = await exported(log, held, 0, 77)
    assert check(lines, held.checkpoint).witnessed == 77
    other = Checkpoint(held.checkpoint.origin, 40, b"\x00" * 32)
    assert check(lines, other).verdict is Verdict.INVALID
    for _ in range(3):
        await log.write(Record("later", "account:1"))
    newer = await signer.sign()
    assert newer is not None
    # The witness knows more, and not this checkpoint: it may be of another history.
    assert check(lines, newer.checkpoint).verdict is Verdict.INCOMPLETE
    assert check(lines, held.checkpoint, newer.checkpoint).verdict is Verdict.VALID


async def test_auditor_exports_a_time_and_it_is_written_down(
    auditor: httpx.AsyncClient, console: httpx.AsyncClient, people: People
) -> None:
    await console.get("/api/plates/entries")
    path = "/api/trust/audit/export"
    answer = await auditor.get(path, params={"from": "2026-03-04T00:00:00Z"})
    assert answer.status_code == 200
    auditing = people.app.state.auditing
    *_, result = archive.check(answer.content.splitlines(keepends=True), auditing.signer.verifier)
    assert isinstance(result, Result)
    assert result.verdict is Verdict.VALID
    entries = [entry.record async for entry in auditing.log.entries()]
    assert (entries[-1].action, entries[-1].details["rows"]) == ("export_audit", result.entries)
    assert (await console.get(path)).status_code == 403
    empty = await auditor.get(path, params={"from": "2030-01-01T00:00:00Z"})
    assert len(empty.content.splitlines()) == 1
