"""The centre signs a log that only grew, and nothing else."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.rooms.trust.audit.conftest import superuser

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.trust.audit import merkle, signing
from amaan.trust.audit.checkpoint import cosign, open_checkpoint
from amaan.trust.audit.model import LogDivergedError, NoteError, NotSignedYetError
from amaan.trust.audit.notes import COSIGNATURE, Note, SigningKey, with_lines
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.signing import Held, Signer, ensure_signing_key

WITNESS = SigningKey("witness/test", COSIGNATURE, b"\x02" * 32)


async def write(log: AuditLog, count: int) -> None:
    await log.append(
        [json.dumps({"at": "2026-03-04T05:06:07Z", "action": str(n), "actor": "a",
                     "outcome": "allowed"}).encode() for n in range(count)]
    )  # fmt: skip


async def signed(signer: Signer) -> Held:
    held = await signer.sign()
    assert held is not None
    return held


async def test_nothing_is_signed_of_an_empty_log(signer: Signer) -> None:
    assert await signer.sign() is None
    with pytest.raises(NotSignedYetError):
        await signer.newest()


async def test_growth_is_signed_and_standing_still_each_hour(
    log: AuditLog, signer: Signer, clock: ManualClock
) -> None:
    await write(log, 5)
    assert (await signed(signer)).checkpoint.size == 5
    assert await signer.sign() is None
    clock.advance(timedelta(minutes=59))
    assert await signer.sign() is None
    clock.advance(timedelta(minutes=1))
    assert (await signed(signer)).checkpoint.size == 5
    await write(log, 1)
    assert (await signed(signer)).checkpoint.size == 6


async def test_every_entry_is_proven_under_the_checkpoint(log: AuditLog, signer: Signer) -> None:
    await write(log, 300)
    held = await signed(signer)
    for position in (0, 1, 15, 16, 17, 255, 256, 298, 299):
        found, leaf, proof = await signer.prove_entry(position)
        entry = await log.entry(position)
        assert (found.checkpoint, leaf) == (held.checkpoint, entry.leaf_hash)
        assert merkle.includes(position, 300, leaf, proof, held.checkpoint.root)
    await write(log, 1)
    with pytest.raises(NotSignedYetError):
        await signer.prove_entry(300)


async def test_checkpoints_are_proven_to_continue_each_other(log: AuditLog, signer: Signer) -> None:
    held = []
    for count in (1, 6, 9, 100, 140):
        await write(log, count)
        held.append((await signed(signer)).checkpoint)
    for old in held:
        for new in held:
            if old.size <= new.size:
                proof = await signer.prove_consistency(old.size, new.size)
                assert merkle.consistent(old.size, old.root, new.size, new.root, proof)
    with pytest.raises(NotSignedYetError):
        await signer.prove_consistency(5, 257)


async def test_log_that_was_put_back_is_not_signed(log: AuditLog, signer: Signer, dsn: str) -> None:
    await write(log, 40)
    await signed(signer)
    await write(log, 10)
    await signed(signer)
    async with superuser(dsn) as root:
        await root.execute("DELETE FROM trust.audit_entries WHERE position >= 40")
        await root.execute("DELETE FROM trust.audit_checkpoints WHERE size > 40")
        tree = merkle.Frontier()
        for number in range(40):
            tree.append((await log.entry(number)).leaf_hash)
        await root.execute("UPDATE trust.audit_tree SET size = 40, frontier = %s", [tree.hashes])
    with pytest.raises(LogDivergedError, match="cut"):
        await signer.sign()
    assert signer.diverged is not None


async def test_log_that_was_rewritten_is_not_signed(
    log: AuditLog, signer: Signer, dsn: str, database: PostgresDatabase, clock: ManualClock
) -> None:
    await write(log, 40)
    await signed(signer)
    async with superuser(dsn) as root:
        for table in ("entries", "nodes", "checkpoints"):
            await root.execute(f"TRUNCATE trust.audit_{table}")
        await root.execute("UPDATE trust.audit_tree SET size = 0, frontier = '{}'")
    await AuditLog(database, clock).append(
        [b'{"at":"2026-03-04T05:06:07Z","action":"x","actor":"a","outcome":"allowed"}'] * 60
    )
    with pytest.raises(LogDivergedError, match="rewritten"):
        await signer.sign()


async def test_signer_that_starts_again_remembers(
    log: AuditLog,
    signer: Signer,
    database: PostgresDatabase,
    clock: ManualClock,
    signing_key: SigningKey,
    tmp_path: Path,
) -> None:
    await write(log, 3)
    await signed(signer)
    again = Signer(database, clock, signing_key, tmp_path / "audit.checkpoint")
    assert await again.sign() is None
    (tmp_path / "audit.checkpoint").write_text("nonsense")
    with pytest.raises(LogDivergedError, match="damaged"):
        await again.sign()


async def test_cosignature_of_a_known_witness_is_kept_and_shown(
    log: AuditLog, signer: Signer, clock: ManualClock
) -> None:
    signer.witnesses = (WITNESS.verifier,)
    await write(log, 3)
    held = await signed(signer)
    cosigned = with_lines(held.note, [cosign(held.note, WITNESS, clock.now())])
    for _ in range(2):  # sent again it counts once
        await signer.take_cosignature(str(cosigned))
    assert await signer.seen_by_witnesses() == [("witness/test", 3, clock.now())]
    assert len((await signer.newest()).note.signatures) == 2
    open_checkpoint(str((await signer.newest()).note), signer.verifier)


async def test_cosignature_of_nobody_known_is_refused(
    log: AuditLog, signer: Signer, clock: ManualClock
) -> None:
    await write(log, 3)
    held = await signed(signer)
    line = cosign(held.note, WITNESS, clock.now())
    with pytest.raises(NoteError, match="no known witness"):
        await signer.take_cosignature(str(with_lines(held.note, [line])))
    signer.witnesses = (WITNESS.verifier,)
    with pytest.raises(NoteError):
        await signer.take_cosignature(str(Note(held.note.text, (line,))))


def test_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    made = ensure_signing_key(path)
    assert ensure_signing_key(path).verifier == made.verifier
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("nonsense")
    with pytest.raises(NoteError):
        ensure_signing_key(path)


async def test_running_signer_signs_and_survives_a_diverged_log(
    log: AuditLog, signer: Signer, dsn: str
) -> None:
    await write(log, 3)
    task = asyncio.create_task(signer.run())
    while not await _is_signed(signer):
        await asyncio.sleep(0.02)
    task.cancel()
    assert (await signer.newest()).at == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


async def _is_signed(signer: Signer) -> bool:
    try:
        await signer.newest()
    except NotSignedYetError:
        return False
    return True


async def test_older_checkpoint_never_comes_to_stand_after_a_newer(
    log: AuditLog, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, put = threading.Event(), signing.write_durably

    def write_slowly(path: Path, text: str) -> None:
        if "\n1\n" in text:
            go_on.wait(10)
        put(path, text)

    monkeypatch.setattr(signing, "write_durably", write_slowly)
    await write(log, 1)
    older = asyncio.create_task(signer.sign())
    await asyncio.sleep(0.2)
    await write(log, 1)
    newer = asyncio.create_task(signer.sign())
    await asyncio.sleep(0.2)
    go_on.set()
    await asyncio.gather(older, newer)
    assert (await signer.newest()).checkpoint.size == 2
