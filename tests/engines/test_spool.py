"""The spool keeps what it said it kept, through kills, full disks and damaged files."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from amaan.engines.spool import database
from amaan.engines.spool.errors import SpoolClosedError, SpoolFullError
from amaan.engines.spool.settings import SpoolSettings
from amaan.engines.spool.sqlite import SqliteSpool
from amaan.kernel.engines import Spooled


def opened(folder: Path, **limits: int) -> SqliteSpool:
    settings = SpoolSettings(directory=folder, source="worker-1", reserve_bytes=0)
    return SqliteSpool(settings.model_copy(update=limits))


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[SqliteSpool]:
    spool = opened(tmp_path)
    yield spool
    spool.close()


def seqs(spool: SqliteSpool, kind: str = "read") -> list[tuple[str, int]]:
    return [(item.boot, item.seq) for item in spool.pending(kind, 100_000)]


def test_items_come_back_in_order_and_only_until_acknowledged(spool: SqliteSpool) -> None:
    kept = [spool.append("read", b"%d" % number) for number in range(5)]
    assert [item.seq for item in kept] == [1, 2, 3, 4, 5]
    assert list(spool.pending("read", 3)) == kept[:3]
    spool.acknowledge([("worker-1", item.boot, item.seq) for item in kept[1:3]])
    assert list(spool.pending("read", 9)) == [kept[0], *kept[3:]]
    assert spool.status().pending == {"read": 3, "picture": 0}


@pytest.mark.parametrize("kind", ["read", "picture"])
def test_the_latest_come_newest_first_across_starts(tmp_path: Path, kind: str) -> None:
    first = opened(tmp_path)
    old = [first.append(kind, b"%d" % number) for number in range(2)]
    first.close()
    second = opened(tmp_path)
    new = [second.append(kind, b"%d" % number) for number in range(2)]
    assert list(second.latest(kind, 3)) == [new[1], new[0], old[1]]
    second.close()


def test_acknowledging_another_source_or_an_unknown_item_forgets_nothing(
    spool: SqliteSpool,
) -> None:
    item = spool.append("read", b"x")
    spool.acknowledge([("worker-2", item.boot, 1), ("worker-1", "no-such-boot", 1)])
    spool.acknowledge([("worker-1", item.boot, 77)])
    assert list(spool.pending("read", 9)) == [item]


def test_a_new_start_has_its_own_boot_and_ships_the_older_one_first(tmp_path: Path) -> None:
    first = opened(tmp_path)
    old = [first.append("read", b"old"), first.append("picture", b"old picture")]
    first.close()
    second = opened(tmp_path)
    new = [second.append("read", b"new"), second.append("picture", b"new picture")]
    assert old[0].boot != new[0].boot
    assert new[0].seq == 1
    assert list(second.pending("read", 9)) == [old[0], new[0]]
    assert list(second.pending("picture", 9)) == [old[1], new[1]]
    assert second.status().pending == {"read": 2, "picture": 2}
    second.close()


def test_reads_and_pictures_have_sequences_of_their_own(spool: SqliteSpool) -> None:
    read, picture, other = (
        spool.append("read", b"r"),
        spool.append("picture", b"p"),
        spool.append("read", b"s"),
    )
    assert (read.seq, other.seq, picture.seq) == (1, 2, 1)
    assert picture.boot != read.boot
    spool.acknowledge([("worker-1", picture.boot, 1)])
    assert seqs(spool, "picture") == []
    assert len(seqs(spool)) == 2


def test_threads_share_commits_and_every_item_gets_its_own_number(spool: SqliteSpool) -> None:
    kept: list[tuple[str, int]] = []

    def work() -> None:
        for _ in range(50):
            item = spool.append("read", b"x" * 100)
            kept.append((item.boot, item.seq))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == seqs(spool)
    assert {seq for _, seq in kept} == set(range(1, 401))


def test_whatever_append_returned_survives_kill_9(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys, pathlib
        from amaan.engines.spool.settings import SpoolSettings
        from amaan.engines.spool.sqlite import SqliteSpool
        spool = SqliteSpool(SpoolSettings(directory=pathlib.Path(sys.argv[1]), source="w"))
        number = 0
        while True:
            number += 1
            item = spool.append("picture" if number % 5 == 0 else "read", b"%d" % number)
            print(item.kind, item.boot, item.seq, number, flush=True)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(200)]
    process.send_signal(signal.SIGKILL)
    said += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    spool = opened(tmp_path)
    for kind in ("read", "picture"):
        lines = [line.split() for line in said if line.endswith("\n")]
        told = {(boot, int(seq)): int(n) for k, boot, seq, n in lines if k == kind}
        held = {(i.boot, i.seq): int(i.payload) for i in spool.pending(kind, 10**6)}
        assert told.items() <= held.items()
        assert len(held) <= len(told) + 1  # at most the one whose return was cut off
    spool.close()


def test_a_full_database_is_said_and_taken_up_again_when_there_is_room(tmp_path: Path) -> None:
    spool = opened(tmp_path, database_bytes=128 * 1024)
    kept: list[Spooled] = []

    def fill() -> None:
        for _ in range(1000):
            kept.append(spool.append("read", b"x" * 1000))

    with pytest.raises(SpoolFullError, match="reached its limit"):
        fill()
    assert spool.status().state == "full"
    assert list(spool.pending("read", 1000)) == kept
    spool.acknowledge([("worker-1", item.boot, item.seq) for item in kept[:50]])
    again = spool.append("read", b"y")
    assert spool.status().state == "ok"
    assert list(spool.pending("read", 1000)) == [*kept[50:], again]
    spool.close()


def test_old_pictures_give_way_to_new_ones_and_are_counted(tmp_path: Path) -> None:
    spool = opened(tmp_path, file_bytes=10_000)
    kept = [spool.append("picture", bytes([number]) * 4_000) for number in range(4)]
    assert list(spool.pending("picture", 9)) == kept[2:]
    status = spool.status()
    assert (status.dropped_files, status.file_bytes) == (2, 8_000)
    assert "2 pictures given up" in status.reason
    with pytest.raises(SpoolFullError):
        spool.append("picture", b"x" * 10_001)
    spool.close()


def test_pictures_leave_the_reserve_to_the_reads(tmp_path: Path) -> None:
    spool = opened(tmp_path, reserve_bytes=1 << 62)
    with pytest.raises(SpoolFullError, match="no room"):
        spool.append("picture", b"x")
    read = spool.append("read", b"x")
    assert list(spool.pending("read", 9)) == [read]
    spool.close()


_ON_A_SMALL_DISK = """
import errno, json, pathlib, sys
from amaan.engines.spool.errors import SpoolFullError
from amaan.engines.spool.settings import SpoolSettings
from amaan.engines.spool.sqlite import SqliteSpool
disk = pathlib.Path(sys.argv[1])
spool = SqliteSpool(SpoolSettings(directory=disk, source="w", reserve_bytes=1 << 20,
    ballast_bytes=4 << 20))
pictures = 0
while spool.status().dropped_files == 0:
    spool.append("picture", b"p" * 100_000)
    pictures += 1
(disk / "other").write_bytes(b"o" * 200_000)
reads = []
try:
    while True:
        reads.append(spool.append("read", b"r" * 2_000))
except SpoolFullError as error:
    said = error.detail
full = spool.status()
kept = list(spool.pending("read", 10**6))
spool.acknowledge([("w", item.boot, item.seq) for item in kept[:100]])
spool.acknowledge([("w", item.boot, item.seq) for item in kept[100:]])
(disk / "other").unlink()
after = spool.append("read", b"after")
print(json.dumps({
    "pictures": pictures, "reads": len(reads), "kept": kept == reads, "state": full.state,
    "said": said, "dropped": full.dropped_files, "left": full.pending["picture"],
    "recovered": spool.status().state, "last": list(spool.pending("read", 10**6)) == [after],
}))
"""


def test_on_a_disk_really_full_reads_push_pictures_out_and_nothing_kept_is_lost(
    tmp_path: Path,
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    script = 'mount -t tmpfs -o size=16m none "$1" && exec "$2" -c "$3" "$1"'
    command = ["bash", "-c", script, "bash", str(small), sys.executable, _ON_A_SMALL_DISK]
    wrapped = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"]), *command]
    done = subprocess.run(wrapped, capture_output=True, text=True, check=False)
    if done.returncode == 32 or "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this machine lets no test mount a small disk")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["state"] == "full"
    assert "disk under the spool is full" in result["said"]
    assert result["kept"]
    assert result["last"]
    assert result["left"] == 0
    assert result["dropped"] == result["pictures"]
    assert result["reads"] > 2_000
    assert result["recovered"] == "ok"


@pytest.mark.parametrize("damage", ["not a database", "torn page"])
def test_a_damaged_file_is_set_aside_whole_and_a_fresh_one_begun(
    tmp_path: Path, damage: str
) -> None:
    spool = opened(tmp_path)
    for _ in range(100):
        spool.append("read", b"x" * 1000)
    old_boot = spool.boot
    spool.close()
    file = tmp_path / "spool.sqlite3"
    content = bytearray(file.read_bytes())
    if damage == "not a database":
        content[:100] = b"\x00garbage" * 12 + b"\x00" * 4
    else:
        content[4096 * 4 : 4096 * 12] = os.urandom(4096 * 8)
    file.write_bytes(content)
    spool = opened(tmp_path)
    item = spool.append("read", b"new")
    assert list(spool.pending("read", 9)) == [item]
    assert item.boot != old_boot
    assert "set aside" in spool.status().reason
    [aside] = tmp_path.glob("spool.sqlite3.damaged-*Z")
    assert aside.read_bytes()[4096:] == bytes(content)[4096:]
    spool.close()


def test_damage_met_while_running_is_set_aside_too(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for _ in range(2000):
        spool.append("read", b"x" * 1000)
    first = spool.boot
    other = sqlite3.connect(tmp_path / "spool.sqlite3")
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    other.close()
    with (tmp_path / "spool.sqlite3").open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(4096 * 200))
    spool.pending("read", 2000)
    item = spool.append("read", b"new")
    assert item.boot != first
    assert list(spool.pending("read", 10)) == [item]
    spool.close()


def test_a_closed_spool_says_so(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.close()
    with pytest.raises(SpoolClosedError):
        spool.append("read", b"x")
    with pytest.raises(SpoolClosedError):
        spool.append("picture", b"x")


def test_a_file_half_written_at_a_crash_is_cleared_away(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    kept = spool.append("picture", b"whole")
    (tmp_path / "spool-files" / "00000001-0000000009-x.picture.part").write_bytes(b"ha")
    spool.close()
    spool = opened(tmp_path)
    assert list(spool.pending("picture", 9)) == [kept]
    assert not list((tmp_path / "spool-files").glob("*.part"))
    spool.close()


def test_commits_wait_for_the_disk(tmp_path: Path) -> None:
    writer = database.open_writer(tmp_path / "spool.sqlite3", 1 << 20)
    assert writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    writer.close()
