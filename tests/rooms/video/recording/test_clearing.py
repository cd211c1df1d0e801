"""What goes, in which order, and what is never removed."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.app.worker.clearing import Clearer
from amaan.engines.spool.ballast import Ballast
from amaan.video.recording.ledger import Ledger
from amaan.video.recording.model import Hours, Kept, Policy
from amaan.video.recording.rules import DAY_MS, Room, clearing, is_wanted, within_hours
from amaan.video.settings import VideoSettings

NOW = 1_800_000_000_000
SIZE = 1000


def kept(name: str, camera: str, start_ms: int, *, told: bool = True) -> Kept:
    path = Path(f"/{name}")
    return Kept(
        name, camera, "main", path, start_ms, start_ms + 60_000, SIZE, "0" * 64, "h264", False, told
    )


def gone(plan: list[tuple[Kept, str]] | tuple[tuple[Kept, str], ...]) -> list[tuple[str, str]]:
    return [(one.id, reason) for one, reason in plan]


def test_what_is_older_than_its_days_goes() -> None:
    old, young = kept("old", "A", NOW - 8 * DAY_MS), kept("young", "A", NOW - 6 * DAY_MS)
    plan = clearing([young, old], {"A": Policy(days=7)}, Room(NOW, 180_000))
    assert gone(plan.gone) == [("old", "age")]


def test_what_is_held_never_goes() -> None:
    old = [kept(f"{n}", "A", NOW - (20 - n) * DAY_MS) for n in range(10)]
    hold = (old[3].start_ms + 10, old[4].start_ms + 10)
    policy = Policy(days=1, gigabytes=0.0, holds=(hold,))
    plan = clearing(old, {"A": policy}, Room(NOW, 180_000, need_bytes=10**9))
    assert {one.id for one, _ in plan.gone} == {str(n) for n in range(10)} - {"3", "4"}
    assert plan.short_bytes == 10**9 - 8 * SIZE


def test_camera_over_its_bytes_loses_its_own_oldest() -> None:
    mine = [kept(f"a{n}", "A", NOW - (10 - n) * 60_000) for n in range(5)]
    others = [kept(f"b{n}", "B", NOW - (100 - n) * 60_000) for n in range(5)]
    plan = clearing(
        [*others, *mine], {"A": Policy(gigabytes=2e-6), "B": Policy()}, Room(NOW, 180_000)
    )
    assert gone(plan.gone) == [("a0", "bytes"), ("a1", "bytes"), ("a2", "bytes")]


def test_full_disk_takes_the_oldest_of_all_cameras() -> None:
    pieces = [kept(f"{n}", "AB"[n % 2], NOW - (10 - n) * 60_000) for n in range(10)]
    policies = {"A": Policy(), "B": Policy()}
    plan = clearing(pieces, policies, Room(NOW, 180_000, need_bytes=3 * SIZE - 1))
    assert gone(plan.gone) == [("0", "disk"), ("1", "disk"), ("2", "disk")]
    assert plan.short_bytes == 0


def test_what_was_never_wanted_goes_when_nobody_can_want_it_any_more() -> None:
    pieces = [kept(f"{n}", "A", NOW - n * 100_000, told=False) for n in range(10)]
    plan = clearing(pieces, {"A": Policy(mode="event")}, Room(NOW, 180_000))
    assert [reason for _, reason in plan.gone] == ["plan"] * len(plan.gone)
    assert "0" not in {one.id for one, _ in plan.gone}
    assert "9" in {one.id for one, _ in plan.gone}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ABC"), st.booleans()), max_size=30),
    st.integers(0, 40_000),
    st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_no_hold_is_ever_broken(
    pieces: list[tuple[int, str, bool]], need: int, hold: tuple[int, int]
) -> None:
    span = NOW - max(hold) * DAY_MS, NOW - min(hold) * DAY_MS
    policy = Policy(days=20, gigabytes=5e-6, holds=(span,))
    segments = [
        kept(f"{number}", camera, NOW - days * DAY_MS, told=told)
        for number, (days, camera, told) in enumerate(pieces)
    ]
    plan = clearing(segments, dict.fromkeys("ABC", policy), Room(NOW, 180_000, need))
    for one, _ in plan.gone:
        assert one.end_ms is not None
        assert one.end_ms <= span[0] or one.start_ms >= span[1]
    assert len({one.id for one, _ in plan.gone}) == len(plan.gone)


def test_hours_of_the_week_are_those_of_the_place() -> None:
    karachi = ZoneInfo("Asia/Karachi")
    night = Hours(frozenset({4}), 22 * 60, 6 * 60)  # Friday night, into Saturday
    policy = Policy(mode="scheduled", hours=(night,))

    def span(text: str) -> tuple[int, int]:
        at = round(datetime.fromisoformat(text).replace(tzinfo=karachi).timestamp() * 1000)
        return at, at + 60_000

    assert is_wanted(policy, (), span("2026-11-20T23:00:00"), karachi)
    assert is_wanted(policy, (), span("2026-11-21T05:59:30"), karachi)
    assert not is_wanted(policy, (), span("2026-11-21T06:00:00"), karachi)
    assert not is_wanted(policy, (), span("2026-11-20T05:00:00"), karachi)
    assert is_wanted(policy, [span("2026-11-18T12:00:00")], span("2026-11-18T12:00:30"), karachi)
    assert within_hours([night], span("2026-11-20T21:59:30"), karachi), "it meets the begin"


# -- on a real, small disk -------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], capture_output=True
    )
    if made.returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(ledger: Ledger, videos: Path, count: int) -> list[str]:
    ids = []
    for number in range(count):
        start = NOW - (count - number) * 60_000
        short = f"CAM-1/main/20270115/{start}.mp4"
        path = videos / short
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\0" * 500_000)
        said = {"camera": "CAM-1", "stream": "main"}
        ids.append(f"00000000-0000-7000-8000-{number:012d}")
        ledger.record(
            {
                **said,
                "kind": "opened",
                "id": ids[-1],
                "start_ms": start,
                "path": short,
                "codec": "h264",
                "width": 320,
                "height": 240,
                "has_audio": False,
            }
        )
        ledger.record(
            {
                **said,
                "kind": "finished",
                "id": ids[-1],
                "end_ms": start + 60_000,
                "bytes": 500_000,
                "sha256": "0" * 64,
                "fps": 25.0,
            }
        )
    return ids


def test_disk_that_fills_up_gives_the_oldest_video_and_says_so(disk: Path) -> None:
    videos = disk / "video"
    videos.mkdir()
    ledger = Ledger(disk / "ledger.sqlite", videos)
    ids = _fill(ledger, videos, 12)
    settings = VideoSettings(disk_reserve_bytes=3 << 20)
    clearer = Clearer(ledger, settings, Ballast(disk / "ballast", 0))
    hold = (NOW - 12 * 60_000, NOW - 11 * 60_000)
    ledger.set_policies({"CAM-1": Policy(holds=(hold,))})
    assert clearer.problem == ""
    clearer.clear(NOW / 1000)
    left = {one.id for one in ledger.finished()}
    assert ids[0] in left, "what is held stays"
    assert ids[1] not in left
    assert clearer.free_bytes() >= 3 << 20
    assert "disk is full" in clearer.problem or "went before" in clearer.problem
    told = [entry for entry in ledger.untold(1000) if entry["kind"] == "dropped"]
    assert {entry["reason"] for entry in told} == {"disk"}
    assert len(told) == 12 - len(left)
    ledger.close()


def _take_all(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def test_disk_full_to_the_last_byte_is_drained_all_the_same(disk: Path) -> None:
    videos = disk / "video"
    videos.mkdir()
    ledger = Ledger(disk / "ledger.sqlite", videos)
    _fill(ledger, videos, 8)
    ledger.close()  # its log is gone: the next note needs room
    ballast = Ballast(disk / "ballast", 1 << 20)
    assert ballast.take_in()
    ledger = Ledger(disk / "ledger.sqlite", videos)
    _take_all(disk / "of-another-program")
    settings = VideoSettings(disk_reserve_bytes=1 << 20)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        Clearer(ledger, settings, Ballast(disk / "none", 0)).clear(NOW / 1000)
    clearer = Clearer(ledger, settings, ballast)
    clearer.clear(NOW / 1000)
    assert clearer.free_bytes() >= 1 << 20
    assert 0 < len(ledger.finished()) < 8
    ledger.close()


def _in(folder: Path, policy: Policy) -> tuple[Ledger, Clearer]:
    """Return a ledger of ten minutes, and who clears it on a disk with room."""
    ledger = Ledger(folder / "ledger.sqlite", folder)
    _fill(ledger, folder, 10)
    ledger.set_policies({"CAM-1": policy})
    settings = VideoSettings(disk_reserve_bytes=0)
    return ledger, Clearer(ledger, settings, Ballast(folder / "ballast", 0))


def test_clock_that_leaps_forward_ages_no_recording_until_the_centre_says_so(
    tmp_path: Path,
) -> None:
    ledger, clearer = _in(tmp_path, Policy(days=7))
    clearer.clear(NOW / 1000)
    leapt_s = NOW / 1000 + 30 * 86_400
    clearer.clear(leapt_s)
    assert len(ledger.finished()) == 10
    begun_wrong = Clearer(ledger, VideoSettings(), Ballast(tmp_path / "ballast", 0))
    begun_wrong.clear(leapt_s)
    assert len(ledger.finished()) == 10
    clearer.calendar.told(leapt_s)
    clearer.clear(leapt_s + 60)
    assert ledger.finished() == []
    ledger.close()


def test_a_pass_with_nothing_to_remove_reads_no_segment(tmp_path: Path) -> None:
    ledger, _ = _in(tmp_path, Policy(days=7, gigabytes=1.0))
    today = {"CAM-1": NOW - 7 * DAY_MS}
    assert ledger.oldest(today, NOW - 30 * DAY_MS, NOW - 180_000, 0) == []
    starts = [one.start_ms for one in ledger.finished()]
    old = ledger.oldest({"CAM-1": starts[3]}, 0, 0, 0)
    assert [one.start_ms for one in old] == starts[:3]
    ledger.close()


def test_gaps_of_long_ago_are_forgotten_but_not_those_beside_what_is_kept(tmp_path: Path) -> None:
    ledger, clearer = _in(tmp_path, Policy(holds=((0, NOW * 2),)))
    long_ago = NOW - 200 * DAY_MS
    for camera, at in (("CAM-1", NOW), ("CAM-2", long_ago)):
        said = {"kind": "interrupted", "camera": camera, "stream": "main", "detail": ""}
        ledger.record({**said, "cause": "link", "at_ms": at})
        ledger.record({**said, "cause": "camera", "at_ms": at + 1000})
    clearer.clear(NOW / 1000)
    causes = [[gap.cause for gap in ledger.gaps(camera, "main")] for camera in ("CAM-1", "CAM-2")]
    assert causes == [["link", "camera"], ["camera"]]
    ledger.close()


def test_disk_full_of_what_is_held_says_that_nothing_more_is_recorded(disk: Path) -> None:
    videos = disk / "video"
    videos.mkdir()
    ledger = Ledger(disk / "ledger.sqlite", videos)
    _fill(ledger, videos, 12)
    ledger.set_policies({"CAM-1": Policy(holds=((0, NOW * 2),))})
    settings = VideoSettings(disk_reserve_bytes=6 << 20)
    clearer = Clearer(ledger, settings, Ballast(disk / "ballast", 0))
    clearer.clear(NOW / 1000)
    assert len(ledger.finished()) == 12
    assert "held" in clearer.problem
    assert clearer.clear(NOW / 1000 + 2) is None, "not every file is looked at again at once"
    assert clearer.clear(NOW / 1000 + 32) is not None
    assert "held" in clearer.problem
    shutil.rmtree(videos / "CAM-1")  # somebody made room
    clearer._reserve = 0
    clearer.clear(NOW / 1000)
    assert clearer.problem == ""
    ledger.close()


def test_times_are_of_the_kind_the_centre_reads(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite", tmp_path)
    _fill(ledger, tmp_path, 1)
    entry = next(one for one in ledger.untold(10) if one["kind"] == "segment")
    start, end = (datetime.fromisoformat(str(entry[name])) for name in ("start", "end"))
    assert end - start == timedelta(minutes=1)
    assert start.tzinfo is not None
    assert start.astimezone(UTC).timestamp() * 1000 == NOW - 60_000
    assert replace(Policy(), days=3).days == 3
    ledger.close()
