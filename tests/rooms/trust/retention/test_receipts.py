"""Receipts prove a deletion, and tampering with them shows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from tests.rooms.trust.retention.month import Month
from typer.testing import CliRunner

from amaan.app.cli import app
from amaan.app.retaining import LogWitness, NoteSigner, build_night
from amaan.trust.audit.notes import ED25519, SigningKey, open_note
from amaan.trust.audit.service import AuditLog
from amaan.trust.retention.model import ReceiptError
from amaan.trust.retention.receipts import receipt_of, receipt_text
from amaan.trust.retention.verifying import Verifier


@pytest.fixture
async def ran(month: Month) -> Verifier:
    """A month after its night, told to a real audit log."""
    for number in range(3):
        picture = b"\xff\xd8 picture %d" % number
        await month.read(month.days_ago(35 + number), f"OLD{number}", picture=picture)
    log = AuditLog(month.engines.database, month.clock)
    month.night = build_night(
        month.engines, month.retention, NoteSigner(month.key), LogWitness(log)
    )
    await month.night.run()
    return Verifier(month.engines.database, month.blobs, month.night, log)


async def faults(month: Month, verifier: Verifier) -> list[str]:
    verdict = await verifier.verify(month.key.verifier, await month.retention.terms())
    assert verdict.receipts > 0
    return verdict.faults


async def test_receipts_of_a_night_verify(month: Month, ran: Verifier) -> None:
    assert await faults(month, ran) == []


async def test_receipt_reads_back_as_it_was_signed(month: Month, ran: Verifier) -> None:
    del ran
    for receipt in await month.receipts():
        text = receipt_text(receipt.id, receipt.number, receipt.at, receipt.removal)
        assert open_note(receipt.note, month.key.verifier).text == text


async def test_every_receipt_is_in_the_audit_log(month: Month, ran: Verifier) -> None:
    del ran
    told = await month.rows(
        "SELECT count(*) FROM trust.audit_entries WHERE action = 'retention.deleted'"
    )
    assert told == [(len(await month.receipts()),)]


@pytest.mark.parametrize("change", ["UPDATE trust.receipts SET removed = 0", "DELETE FROM"])
async def test_nobody_changes_a_receipt_by_sql(month: Month, ran: Verifier, change: str) -> None:
    del ran
    statement = change if "SET" in change else "DELETE FROM trust.receipts"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await month.rows(f"{statement} RETURNING id")
    async with await psycopg.AsyncConnection.connect(month.owner_dsn) as connection:
        with pytest.raises(psycopg.errors.CheckViolation):
            await connection.execute(statement)


async def test_tampered_receipt_fails(month: Month, ran: Verifier) -> None:
    await month.owner(
        "UPDATE trust.receipts SET note = replace(note, '\"removed\":1', '\"removed\":0') "
        "WHERE number = 1"
    )
    found = await faults(month, ran)
    assert any("place 1" in fault and "not good" in fault for fault in found)


async def test_receipt_taken_out_of_the_row_shows_by_its_number(
    month: Month, ran: Verifier
) -> None:
    await month.owner("DELETE FROM trust.receipts WHERE number = 2")
    assert "in place 2 stands receipt 3" in await faults(month, ran)


async def test_receipt_taken_from_the_end_shows_by_the_audit_log(
    month: Month, ran: Verifier
) -> None:
    last = (await month.receipts())[-1].number
    await month.owner("DELETE FROM trust.receipts WHERE number = %s", last)
    assert await faults(month, ran) == [f"the audit log knows receipt {last}, which is not there"]


async def test_receipt_signed_anew_with_the_same_key_shows_by_the_audit_log(
    month: Month, ran: Verifier
) -> None:
    first = (await month.receipts())[0]
    text = receipt_text(first.id, 1, first.at, replace(first.removal, removed=0))
    forged = NoteSigner(month.key).sign_note(text)
    await month.owner("UPDATE trust.receipts SET note = %s WHERE number = 1", forged)
    assert "the audit log knows receipt 1 with another text" in await faults(month, ran)


async def test_receipt_of_another_key_fails(month: Month, ran: Verifier) -> None:
    other = SigningKey.make("amaan", ED25519)
    verdict = await ran.verify(other.verifier, await month.retention.terms())
    assert len(verdict.faults) >= verdict.receipts


async def test_partition_that_came_back_shows(month: Month, ran: Verifier) -> None:
    name = f"reads_{month.days_ago(36):%Y%m%d}"
    await month.owner(f"CREATE TABLE plates.{name} (LIKE plates.reads)")
    assert any(f"it is gone: partition plates.{name}" in one for one in await faults(month, ran))


async def test_picture_that_came_back_shows(month: Month, ran: Verifier) -> None:
    digest = await month.picture(b"\xff\xd8 picture 1", month.days_ago(35))
    found = await faults(month, ran)
    assert any(f"it is gone: blob {digest}" in fault for fault in found)
    assert "1 files lie there that no record refers to" in found


async def test_day_that_the_run_left_out_shows(month: Month, ran: Verifier) -> None:
    await month.read(month.days_ago(20), "LEFT01")
    name = f"reads_{month.days_ago(20):%Y%m%d}"
    month.clock.at = month.days_ago(-14)
    assert f"partition plates.{name} is over and still there" in await faults(month, ran)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "amaan\n3\nAAAA\n",
        "amaan retention receipt v1\n{}\n",
        "amaan retention receipt v1\n[1]\n",
        "amaan retention receipt v1\n{}\nmore\n",
    ],
)
def test_text_that_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(ReceiptError):
        receipt_of(text, "")


async def test_receipts_verify_from_a_file_without_a_database(
    month: Month, ran: Verifier, tmp_path: Path
) -> None:
    notes = await ran.notes()
    lines = [json.dumps({"number": number, "note": note}) for number, note in enumerate(notes, 1)]
    file = tmp_path / "receipts.jsonl"
    key = str(month.key.verifier)
    file.write_text("\n".join(lines) + "\n")
    good = CliRunner().invoke(
        app, ["retention", "verify", "--file", str(file), "--key", key], catch_exceptions=False
    )
    assert (good.exit_code, good.output.strip()) == (0, f"VALID: {len(notes)} receipts")
    file.write_text("\n".join(lines[1:]) + "\n")
    bad = CliRunner().invoke(app, ["retention", "verify", "--file", str(file), "--key", key])
    assert bad.exit_code == 1
    assert "INVALID" in bad.output
    untrusted = CliRunner().invoke(app, ["retention", "verify", "--file", str(file)])
    assert untrusted.exit_code == 2
