"""The file of entries that could not wait."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from amaan.trust.audit import rules
from amaan.trust.audit.late import LateFile
from amaan.trust.audit.model import Asked, AuditUnavailableError, Record
from amaan.trust.audit.service import AuditLog

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def late_leaf(action: str) -> bytes:
    return rules.leaf_of(Record(action, "account:1", late=True), NOW)


async def test_kept_entries_are_handed_over_once(tmp_path: Path, log: AuditLog) -> None:
    late = LateFile(tmp_path / "late.jsonl")
    for number in range(3):
        await late.keep(late_leaf(f"send_help_{number}"))
    assert late.count == 3
    await late.hand_over(log.write_late)
    await late.hand_over(log.write_late)
    assert late.count == 0
    found = [entry async for entry in log.entries()]
    assert [entry.record.action for entry in found] == [f"send_help_{n}" for n in range(3)]
    assert all(entry.record.late for entry in found)
    assert LateFile(tmp_path / "late.jsonl").count == 0


async def test_refused_entries_stay_and_a_new_process_has_them(tmp_path: Path) -> None:
    path = tmp_path / "late.jsonl"
    late = LateFile(path)
    await late.keep(late_leaf("send_help"))

    async def refuse(_: Sequence[bytes]) -> int:
        raise AuditUnavailableError("down")

    with pytest.raises(AuditUnavailableError):
        await late.hand_over(refuse)
    await late.keep(late_leaf("send_more"))
    assert late.count == LateFile(path).count == 2


async def test_entries_given_again_after_a_crash_are_written_once(
    tmp_path: Path, log: AuditLog
) -> None:
    leaves = [late_leaf("send_help"), late_leaf("send_more")]
    assert await log.write_late(leaves[:1]) == 1
    late = LateFile(tmp_path / "late.jsonl")
    for leaf in leaves:
        await late.keep(leaf)
    await late.hand_over(log.write_late)
    assert [entry.leaf async for entry in log.entries(Asked())] == leaves


async def test_line_cut_off_by_a_crash_is_left_out(tmp_path: Path, log: AuditLog) -> None:
    path = tmp_path / "late.jsonl"
    path.write_bytes(late_leaf("send_help") + b"\n" + late_leaf("send_more")[:40])
    late = LateFile(path)
    assert late.count == 1
    await late.hand_over(log.write_late)
    assert [entry.record.action async for entry in log.entries()] == ["send_help"]


async def test_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "late.jsonl"
    await LateFile(path).keep(late_leaf("send_help"))
    assert path.stat().st_mode & 0o777 == 0o600


async def test_line_that_a_crash_cut_off_spoils_none_after_it(tmp_path: Path) -> None:
    path = tmp_path / "late.jsonl"
    await LateFile(path).keep(late_leaf("send_help"))
    with path.open("ab") as file:
        file.write(late_leaf("cut_off")[:40])
    await LateFile(path).keep(late_leaf("send_more"))
    assert LateFile(path).count == 2


async def test_full_disk_leaves_no_half_line(
    tmp_path: Path, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "late.jsonl"
    late, write = LateFile(path), os.write
    await late.keep(late_leaf("send_help"))
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:20]))
        with pytest.raises(OSError, match="full"):
            await late.keep(late_leaf("not_kept"))
    await late.keep(late_leaf("send_more"))
    await late.hand_over(log.write_late)
    found = [entry.record.action async for entry in log.entries()]
    assert found == ["send_help", "send_more"]
