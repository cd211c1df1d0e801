"""`amaan audit` on the command line: verdicts, exit codes, keys."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from amaan.app.cli import app
from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import SystemClock
from amaan.trust.audit import archive
from amaan.trust.audit.merkle import Span
from amaan.trust.audit.model import Record
from amaan.trust.audit.notes import ED25519, SigningKey
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.signing import Signer
from amaan.trust.audit.witness import Witness

KEY = SigningKey("amaan/test", ED25519, b"\x07" * 32)


class Direct:
    """The log as a witness sees it, straight from its signer."""

    def __init__(self, note: str) -> None:
        self._note = note

    def checkpoint(self) -> str:
        return self._note

    def consistency(self, old: int, new: int) -> list[str]:
        raise AssertionError(f"nobody asks from {old} to {new}")

    def send(self, note: str) -> None:
        assert note.startswith(self._note.rstrip())


@pytest.fixture
def export(dsn: str, tmp_path: Path) -> Path:
    """A log of 30 entries, its export, and a witness's folder beside it."""

    async def fill() -> None:
        database = PostgresDatabase(dsn)
        await database.open()
        with acting_as(system("test")):
            log = AuditLog(database, SystemClock())
            signer = Signer(database, SystemClock(), KEY, tmp_path / "audit.checkpoint")
            for number in range(30):
                await log.write(Record(f"action {number}", "account:1"))
            held = await signer.sign()
            assert held is not None
            part = await archive.part_of(database, Span(0, 30), held)
            lines = b"".join([chunk async for chunk in archive.lines(database, part)])
        await database.close()
        await asyncio.to_thread((tmp_path / "audit.jsonl").write_bytes, lines)
        Witness(tmp_path / "witness", KEY.verifier).watch(Direct(str(held.note)), held.at)

    asyncio.run(fill())
    return tmp_path / "audit.jsonl"


def verdict(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["audit", "verify", *arguments, "--json"])
    shown = result.stdout.strip()
    return result.exit_code, json.loads(shown)["verdict"] if shown else ""


def test_export_is_verified_with_a_witness_or_a_key(export: Path, tmp_path: Path) -> None:
    witness = ("--witness", str(tmp_path / "witness"))
    assert verdict("--export", str(export), *witness) == (0, "VALID")
    assert verdict("--export", str(export), "--key", str(KEY.verifier)) == (0, "VALID")
    export.write_bytes(export.read_bytes().replace(b"action 9", b"action 8"))
    assert verdict("--export", str(export), *witness) == (1, "INVALID")


def test_database_is_verified_where_it_lies(export: Path, tmp_path: Path, dsn: str) -> None:
    del export
    witness = ("--witness", str(tmp_path / "witness"))
    assert verdict("--database", dsn, *witness) == (0, "VALID")
    with psycopg.connect(dsn, autocommit=True) as root:
        root.execute("SET session_replication_role = replica")
        root.execute("UPDATE trust.audit_entries SET actor = 'x' WHERE position = 3")
    result = CliRunner().invoke(app, ["audit", "verify", "--database", dsn, *witness])
    assert result.exit_code == 1
    assert "entry 3" in result.stdout


def test_log_that_was_never_signed_is_incomplete(dsn: str) -> None:
    assert verdict("--database", dsn, "--key", str(KEY.verifier)) == (2, "INCOMPLETE")


def test_without_anything_to_trust_nothing_is_verified(export: Path, tmp_path: Path) -> None:
    other = SigningKey("amaan/other", ED25519, b"\x01" * 32).verifier
    assert verdict("--export", str(export)) == (2, "")
    assert verdict("--export", str(export), "--key", "nonsense") == (3, "")
    assert verdict("--export", str(export), "--key", str(other)) == (3, "")
    assert verdict("--export", str(export), "--witness", str(tmp_path / "none")) == (3, "")
    missing = ("--export", str(tmp_path / "none"), "--key", str(KEY.verifier))
    assert verdict(*missing) == (3, "")


def test_key_is_printed_once_there_is_one(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    command = ["audit", "key", "--data", str(folder)]
    assert CliRunner().invoke(app, command).exit_code == 3
    (folder / "audit.key").write_text(KEY.secret_text())
    result = CliRunner().invoke(app, command)
    assert result.stdout.strip() == str(KEY.verifier)


def test_witness_of_a_centre_that_is_away_says_so(tmp_path: Path) -> None:
    command = ["audit", "witness", str(tmp_path / "w"), "--centre", "http://127.0.0.1:9"]
    result = CliRunner().invoke(app, [*command, "--key", str(KEY.verifier)])
    assert result.exit_code == 3
    assert "does not answer" in result.stderr
