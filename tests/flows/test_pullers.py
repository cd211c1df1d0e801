"""Real pullers on real RTSP streams: packets whole and in order, through odd days and kills."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from tests.films import make_film
from tests.flows.real_streams import PASSWORD, numbers_in, real_streams

from amaan.app.worker import pullers as pullers_module
from amaan.app.worker.pullers import Pullers
from amaan.app.worker.pulling import Recorded, StreamSpec
from amaan.kernel.errors import NotFoundError
from amaan.video.fragments import FragmentMuxer
from amaan.video.model import CameraState
from amaan.video.settings import VideoSettings
from amaan.video.taps import StreamName, Tap, TappedFormat, TappedPacket

FPS = 25
SETTINGS = VideoSettings(
    read_timeout_s=3.0, stalled_after_s=1.0, retry_first_s=0.1, retry_most_s=0.5
)


def wait_for(true: Callable[[], bool], what: str, limit_s: float = 30) -> None:
    deadline = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < deadline, f"in vain for {limit_s:g} s: {what}"
        time.sleep(0.02)


class Site:
    """Pullers and what they told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: list[dict[str, object]] = []
        self.lost: list[tuple[str, StreamName]] = []
        (folder / "video").mkdir()
        self.pullers = Pullers(
            folder,
            SETTINGS,
            self.entries.append,
            lambda camera, stream, at_s: self.lost.append((camera, stream)),
        )

    def pull(self, camera: str, address: str, *, audio: bool = False, record: bool = True) -> None:
        self.pullers.run(
            StreamSpec(
                camera=camera,
                address=address,
                audio=audio,
                record=Recorded(60.0) if record else None,
            )
        )

    def state(self, camera: str) -> CameraState:
        health = self.pullers.health(camera, "main")
        assert health is not None
        return health.state

    def told(self, kind: str) -> list[dict[str, object]]:
        return [entry for entry in list(self.entries) if entry["kind"] == kind]

    def opened_since(self, number: int) -> set[object]:
        """Return the cameras of which segments began after so many entries."""
        later = list(self.entries)[number:]
        return {entry["camera"] for entry in later if entry["kind"] == "opened"}

    def recorded(self) -> bytes:
        return b"".join(
            path.read_bytes() for path in sorted(self.folder.rglob("video/*/*/*/*.mp4"))
        )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.pullers.stop()
    assert all(not psutil.pid_exists(pid) for pid in site.pullers.pids())


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    return make_film(path, frames=250, fps=FPS, gop=25, options={"bf": "0"})


def packets(tap: Tap, count: int, within_s: float = 30) -> list[TappedFormat | TappedPacket]:
    """Take until there are so many pictures."""
    items: list[TappedFormat | TappedPacket] = []
    until = time.monotonic() + within_s
    while sum(isinstance(item, TappedPacket) and item.kind == "video" for item in items) < count:
        assert time.monotonic() < until, f"only {len(items)} came"
        item = tap.take(1.0)
        if item is not None:
            items.append(item)
    return items


def pictures(items: list[TappedFormat | TappedPacket]) -> list[TappedPacket]:
    return [item for item in items if isinstance(item, TappedPacket) and item.kind == "video"]


def numbers(items: list[TappedFormat | TappedPacket]) -> list[int]:
    return numbers_in(b"".join(packet.data for packet in pictures(items)))


@pytest.mark.parametrize("stamps", ["even", "jitter", "same", "wild", "back", "wrap"])
def test_whatever_the_stamps_no_picture_is_lost_and_time_goes_on(
    film: Path, site: Site, stamps: str
) -> None:
    with real_streams(
        {"path": "/main", "file": str(film), "stamps": stamps, "begin": "anywhere"}
    ) as streams:
        site.pull("A", streams.url("/main"))
        items = packets(site.pullers.open("A", "main", "all"), 5 * FPS)
        shown = pictures(items)
        assert isinstance(items[0], TappedFormat)
        assert shown[0].keyframe
        seen = numbers(items)
        assert seen == list(range(seen[0], seen[0] + len(seen)))
        assert all(a.dts < b.dts for a, b in pairwise(shown))
        observed = [packet.observed_at_s for packet in shown]
        assert abs(max(observed) - min(observed) - 5) < 1
        assert abs(observed[-1] - time.time()) < 3
        wait_for(lambda: len(numbers_in(site.recorded())) >= len(seen) - 30, "it is recorded")
        kept = numbers_in(site.recorded())
        assert kept == list(range(kept[0], kept[0] + len(kept)))


@pytest.mark.parametrize("audio", ["aac", "pcma", "pcmu"])
def test_sound_comes_as_aac_in_step_with_the_pictures(film: Path, site: Site, audio: str) -> None:
    with real_streams({"path": "/main", "file": str(film), "audio": audio}) as streams:
        site.pull("A", streams.url("/main"), audio=True)
        items = packets(site.pullers.open("A", "main", "all"), 4 * FPS)
    form = items[0]
    assert isinstance(form, TappedFormat)
    assert form.audio is not None
    assert (form.audio.codec, form.audio.rate, form.audio.channels) == ("aac", 16_000, 1)
    muxer = FragmentMuxer(form)
    assert "mp4a.40.2" in muxer.mime
    sounds = [item for item in items if isinstance(item, TappedPacket) and item.kind == "audio"]
    length_s = (sounds[-1].pts - sounds[0].pts) / 90_000
    assert length_s == pytest.approx(
        (len(sounds) - 1) * 1024 / 16_000, abs=0.5
    )  # the last part may still be on its way
    shown = pictures(items)
    assert abs(sounds[-1].pts - shown[-1].pts) < 90_000
    assert all(a.pts < b.pts for a, b in pairwise(sounds))
    assert site.pullers.health("A", "main") is not None


def test_sound_that_nobody_asked_for_is_not_pulled(film: Path, site: Site) -> None:
    with real_streams({"path": "/main", "file": str(film), "audio": "pcma"}) as streams:
        site.pull("A", streams.url("/main"))
        items = packets(site.pullers.open("A", "main", "all"), FPS)
    assert len(pictures(items)) == len(items) - 1
    assert isinstance(items[0], TappedFormat)
    assert items[0].audio is None


def test_h265_is_recorded_and_shown_to_those_who_can(
    film: Path, site: Site, tmp_path: Path
) -> None:
    coded = tmp_path / "h265.mp4"
    command = ["ffmpeg", "-v", "error", "-i", str(film), "-c:v", "libx265", "-preset", "ultrafast"]
    subprocess.run([*command, "-x265-params", "log-level=error", str(coded)], check=True)
    with real_streams({"path": "/main", "file": str(coded)}) as streams:
        site.pull("A", streams.url("/main"))
        items = packets(site.pullers.open("A", "main", "all"), 2 * FPS)
        assert isinstance(items[0], TappedFormat)
        assert FragmentMuxer(items[0]).mime.startswith('video/mp4; codecs="hvc1.1.')
        wait_for(lambda: len(numbers_in(site.recorded())) > 20, "it is recorded")
    assert site.told("opened")[0]["codec"] == "hevc"


def test_another_size_in_mid_stream_is_another_format_and_another_segment(
    film: Path, site: Site, tmp_path: Path
) -> None:
    large = make_film(tmp_path / "large.mp4", frames=100, fps=FPS, gop=25, size=(640, 480))
    with real_streams({"path": "/main", "file": str(film)}) as streams:
        site.pull("A", streams.url("/main"))
        tap = site.pullers.open("A", "main", "all")
        packets(tap, FPS)
        streams.ask("change", path="/main", file=str(large))
        until = time.monotonic() + 20
        item = tap.take(1.0)
        while not (isinstance(item, TappedFormat) and item.width == 640):
            assert time.monotonic() < until, "the change was not told"
            item = tap.take(1.0)
        after = tap.take(5.0)
        assert isinstance(after, TappedPacket)
        assert after.keyframe
        wait_for(lambda: site.told("opened")[-1]["width"] == 640, "another segment")
    widths = [int(str(entry["width"])) for entry in site.told("opened")]
    assert widths == sorted(widths)  # the camera's clock, better known, makes another one as well
    assert set(widths) == {320, 640}


def test_connection_that_broke_is_made_again_and_the_cause_is_told(film: Path, site: Site) -> None:
    with real_streams({"path": "/main", "file": str(film)}) as streams:
        site.pull("A", streams.url("/main"))
        tap = site.pullers.open("A", "main", "all")
        packets(tap, FPS)
        streams.ask("stop")
        wait_for(lambda: site.state("A") is CameraState.DOWN, "it is down")
        wait_for(lambda: bool(site.told("interrupted")), "the gap is told")
        before = len(site.told("opened"))
        streams.ask("start")
        wait_for(lambda: site.state("A") is CameraState.UP, "it is up again")
        wait_for(lambda: len(site.told("opened")) > before, "it records again")
        items = packets(tap, 3 * FPS)
        again = [item for item in items if isinstance(item, TappedFormat)]
        assert len(again) == 1
        assert {entry["cause"] for entry in site.told("interrupted")} <= {"link", "camera"}


def test_killed_puller_costs_only_its_cameras_a_moment(
    film: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pullers_module, "CAMERAS_EACH", 2)
    with real_streams({"path": "/{}", "file": str(film), "copies": 3}) as streams:
        for number in range(3):
            site.pull(f"C{number}", streams.url(f"/{number}"))
        wait_for(lambda: len(site.pullers.pids()) == 2, "two processes")
        first, second = site.pullers.pids()
        taps = [site.pullers.open(f"C{number}", "main", "all") for number in range(3)]
        for tap in taps:
            packets(tap, FPS)
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: len(site.lost) == 2, "their loss is told")
        before = len(site.entries)
        items = [packets(tap, 3 * FPS) for tap in taps]
        assert sorted(site.lost) == [("C0", "main"), ("C1", "main")]
        other = numbers(items[2])
        assert other == list(range(other[0], other[0] + len(other)))
        for item in items[:2]:
            assert sum(isinstance(one, TappedFormat) for one in item) == 1
        assert second in site.pullers.pids()
        assert first not in site.pullers.pids()
        wait_for(lambda: {"C0", "C1"} <= site.opened_since(before), "both record again")


def test_puller_that_hangs_is_ended_and_replaced(
    film: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pullers_module, "SILENT_S", 2.0)
    with real_streams({"path": "/main", "file": str(film)}) as streams:
        site.pull("A", streams.url("/main"))
        tap = site.pullers.open("A", "main", "all")
        packets(tap, 5)
        (pid,) = site.pullers.pids()
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: site.lost == [("A", "main")], "it is given up")
        assert not psutil.pid_exists(pid)
        items = packets(tap, 3 * FPS)
        assert any(isinstance(item, TappedFormat) for item in items)


def test_worker_that_stands_still_never_holds_up_the_recording(
    film: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with real_streams({"path": "/main", "file": str(film)}) as streams:
        site.pull("A", streams.url("/main"))
        tap = site.pullers.open("A", "main", "all")
        packets(tap, 5)
        standing = True

        def stand_still(number: int, packet: TappedPacket) -> None:
            while standing:
                time.sleep(0.05)

        heard = site.pullers.pass_packet
        monkeypatch.setattr(site.pullers, "pass_packet", stand_still)
        before = len(numbers_in(site.recorded()))
        wait_for(lambda: len(numbers_in(site.recorded())) > before + 5 * FPS, "it records on")
        standing = False
        monkeypatch.setattr(site.pullers, "pass_packet", heard)
        kept = numbers_in(site.recorded())
        assert kept == list(range(kept[0], kept[0] + len(kept)))


def test_puller_ends_at_once_when_its_worker_is_killed(film: Path, tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path;"
        "from amaan.app.worker.pullers import Pullers;"
        "from amaan.app.worker.pulling import StreamSpec;"
        "from amaan.video.settings import VideoSettings;"
        "pullers = Pullers(Path(sys.argv[1]), VideoSettings());"
        f"pullers.run(StreamSpec(camera='A', address={str(film)!r}));"
        "time.sleep(1); print(*pullers.pids(), flush=True); time.sleep(600)"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    puller = psutil.Process(int(worker.stdout.readline()))
    worker.kill()
    worker.wait()
    worker.stdout.close()
    with contextlib.suppress(psutil.NoSuchProcess):
        puller.wait(10)
    assert not puller.is_running()


def test_password_of_a_camera_is_on_no_command_line_in_no_environment_and_no_log(
    film: Path, site: Site, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with real_streams({"path": "/main", "file": str(film)}, auth="digest") as streams:
        good = streams.url("/main")
        site.pull("GOOD", good)
        site.pull("WRONG", good.replace(PASSWORD, f"{PASSWORD}-not"))
        site.pull("ABSENT", good.replace("/main", "/other"))
        site.pull("DEAD", f"rtsp://admin:{PASSWORD}@127.0.0.1:9/main")
        site.pull("BROKEN", f"rtsp://admin:{PASSWORD}@[::1]:x/main")
        wait_for(lambda: site.state("GOOD") is CameraState.UP, "the good one is up")
        bad = ("WRONG", "ABSENT", "DEAD")
        wait_for(lambda: {site.state(one) for one in bad} == {CameraState.DOWN}, "others are down")
        (pid,) = site.pullers.pids()
        process = psutil.Process(pid)
        shown = [*process.cmdline(), *process.environ().values()]
        told = [str(site.pullers.health(c, "main")) for c in ("GOOD", "WRONG", "ABSENT", "DEAD")]
        out = capfd.readouterr()
        everything = [*shown, *told, out.out, out.err, caplog.text, str(site.entries)]
        assert not [text for text in everything if PASSWORD in text]
        assert "refused the name" in told[1]
        assert "no stream at this path" in told[2]
        assert "refused" in told[3]


def test_camera_that_ends_leaves_its_puller_and_the_last_takes_it_along(
    film: Path, site: Site
) -> None:
    site.pull("A", str(film))
    site.pull("B", str(film))
    tap = site.pullers.open("A", "main", "all")
    packets(tap, 5)
    (pid,) = site.pullers.pids()
    assert site.pullers.end("A", "main").wait(10)
    assert tap.ended
    with pytest.raises(NotFoundError):
        site.pullers.open("A", "main", "all")
    (finished,) = site.told("finished")
    assert finished["camera"] == "A"
    assert site.pullers.end("B", "main").wait(10)
    wait_for(lambda: not psutil.pid_exists(pid), "the process ends")
    assert site.pullers.pids() == []


def test_cameras_share_a_process_and_one_more_than_it_takes_gets_another(site: Site) -> None:
    for number in range(pullers_module.CAMERAS_EACH + 1):
        site.pull(f"C{number}", "/nowhere/film.mp4", record=False)
    wait_for(lambda: len(site.pullers.pids()) == 2, "two processes")
    wait_for(
        lambda: site.state(f"C{pullers_module.CAMERAS_EACH}") is CameraState.DOWN, "all are told of"
    )
