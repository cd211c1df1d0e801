"""A witness over HTTP: it signs a log that grows, and tells of one that does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from fastapi import FastAPI
from tests.rooms.trust.audit.conftest import superuser

from amaan.console.problems import translate_errors
from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.trust.audit import routes
from amaan.trust.audit.late import LateFile
from amaan.trust.audit.model import NoteError, Record
from amaan.trust.audit.notes import ED25519, SigningKey
from amaan.trust.audit.recording import Recorder
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.signing import Signer
from amaan.trust.audit.witness import Contradiction, Seen, Witness, WitnessBusyError

PATH = "/api/trust/audit"
NOW = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
T = TypeVar("T")


class Centre:
    """The log's own routes, asked from another thread as a witness asks them."""

    def __init__(self, log: AuditLog, signer: Signer, client: httpx.AsyncClient) -> None:
        self.log, self.signer = log, signer
        self._client = client
        self._loop = asyncio.get_running_loop()

    def _wait(self, coming: Awaitable[T]) -> T:
        async def run() -> T:
            return await coming

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(20)

    def checkpoint(self) -> str:
        return self._wait(self._client.get(f"{PATH}/checkpoint")).text

    def consistency(self, old: int, new: int) -> list[str]:
        answer = self._wait(self._client.get(f"{PATH}/consistency?from={old}&to={new}"))
        proof: list[str] = answer.raise_for_status().json()["proof"]
        return proof

    def send(self, note: str) -> None:
        headers = {"Content-Type": "text/plain"}
        sent = self._client.post(f"{PATH}/witnesses", content=note.encode(), headers=headers)
        self._wait(sent).raise_for_status()

    async def grow(self, count: int) -> None:
        for number in range(count):
            await self.log.write(Record(f"action {number}", "account:1"))
        await self.signer.sign()


@pytest.fixture
async def centre(
    log: AuditLog, signer: Signer, database: PostgresDatabase, clock: ManualClock, tmp_path: Path
) -> AsyncIterator[Centre]:
    """A log of ten entries, and nothing else that writes into it."""
    app = FastAPI()
    recorder = Recorder(log, clock, LateFile(tmp_path / "late.jsonl"))
    app.include_router(routes.router(log, signer, recorder, database))
    translate_errors(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://centre.test") as client:
        found = Centre(log, signer, client)
        await found.grow(10)
        yield found


@pytest.fixture
def witness(centre: Centre, tmp_path: Path) -> Witness:
    """A witness of this centre, whose key the centre knows."""
    made = Witness(tmp_path / "witness", centre.signer.verifier)
    centre.signer.witnesses = (made.signing_key().verifier,)
    return made


async def look(witness: Witness, centre: Centre) -> Seen:
    return await asyncio.to_thread(witness.watch, centre, NOW)


async def test_growing_log_is_seen_signed_and_sent_back(witness: Witness, centre: Centre) -> None:
    assert (await look(witness, centre)).checkpoint.size == 10
    await centre.grow(25)
    assert (await look(witness, centre)).checkpoint.size == 35
    assert [seen.checkpoint.size for seen in witness.seen()] == [10, 35]
    assert await centre.signer.seen_by_witnesses() == [
        (witness.signing_key().verifier.name, 35, NOW)
    ]


async def test_log_that_stands_still_is_signed_again_and_kept_once(
    witness: Witness, centre: Centre
) -> None:
    await look(witness, centre)
    await look(witness, centre)
    assert len(witness.seen()) == 1


async def forge(centre: Centre, dsn: str, entries: int, last: Path) -> None:
    """Write another log of so many entries, and have the centre sign it as if new."""
    async with superuser(dsn) as root:
        await root.execute(
            "TRUNCATE trust.audit_entries, trust.audit_nodes, trust.audit_checkpoints, "
            "trust.audit_cosignatures"
        )
        await root.execute("UPDATE trust.audit_tree SET size = 0, frontier = '{}'")
    await asyncio.to_thread(last.unlink)
    centre.log._frontier = None
    await centre.grow(entries)


@pytest.mark.parametrize(("entries", "what"), [(9, "rolled back"), (10, "forked"), (40, "forked")])
async def test_log_that_was_rewritten_is_refused_and_evidence_is_kept(
    witness: Witness,
    centre: Centre,
    dsn: str,
    clock: ManualClock,
    tmp_path: Path,
    entries: int,
    what: str,
) -> None:
    await look(witness, centre)
    clock.at = NOW
    await forge(centre, dsn, entries, tmp_path / "audit.checkpoint")
    with pytest.raises(Contradiction, match=what):
        await look(witness, centre)
    (path,) = list((tmp_path / "witness" / "evidence").iterdir())
    evidence = json.loads(path.read_text())
    assert what in evidence["what"]
    for which in ("before", "now"):
        assert evidence[which].startswith(centre.signer.verifier.name)
    assert len(witness.seen()) == 1


async def test_checkpoint_of_another_key_is_refused(centre: Centre, tmp_path: Path) -> None:
    other = SigningKey("amaan/other", ED25519, b"\x01" * 32).verifier
    with pytest.raises(NoteError):
        await look(Witness(tmp_path / "other", other), centre)


def test_folder_stays_with_its_log(tmp_path: Path) -> None:
    first, second = (SigningKey(f"amaan/{n}", ED25519, bytes([n]) * 32).verifier for n in (1, 2))
    with pytest.raises(NoteError, match="give the log's key"):
        Witness(tmp_path / "witness")
    Witness(tmp_path / "witness", first)
    assert Witness(tmp_path / "witness").log_key == first
    with pytest.raises(NoteError, match="watches the log"):
        Witness(tmp_path / "witness", second)


async def test_store_with_a_changed_line_is_not_believed(
    witness: Witness, centre: Centre, tmp_path: Path
) -> None:
    await look(witness, centre)
    store = tmp_path / "witness" / "checkpoints.jsonl"
    text = store.read_text()
    store.write_text(text.replace("\\n10\\n", "\\n11\\n"))
    with pytest.raises(NoteError, match="line 1"):
        witness.seen()


async def test_line_cut_off_by_a_crash_is_written_over(
    witness: Witness, centre: Centre, tmp_path: Path
) -> None:
    await look(witness, centre)
    store = tmp_path / "witness" / "checkpoints.jsonl"
    with store.open("a") as file:
        file.write('{"at": "2026')
    assert len(witness.seen()) == 1
    await centre.grow(5)
    await look(witness, centre)
    assert len(witness.seen()) == 2


def test_two_runs_do_not_work_in_one_folder(tmp_path: Path) -> None:
    key = SigningKey("a", ED25519, b"\x01" * 32).verifier
    witness = Witness(tmp_path / "witness", key)
    with witness.held(), pytest.raises(WitnessBusyError), witness.held():
        pass
