"""Cameras recorded by Amaan's worker and by its peers from the same streams, one after the other.

Each peer records ``seconds`` in a steady state: processor time and memory of its whole process
tree, and every picture that was due in that time looked for in its files by number.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from amaan.app.bench import people
from amaan.app.bench.centre import BenchError, folder, running_centre
from amaan.app.bench.figures import Voice
from amaan.app.bench.rtsp import Cameras, now_number, numbers_in, real_cameras

BEGIN_LIMIT_S = 180.0
SETTLE_S = 10.0
SEGMENT_S = 60
STOP_LIMIT_S = 30.0
RECORDERS = ("amaan", "ffmpeg", "ffmpeg-one", "motion")


@dataclass(frozen=True, slots=True)
class Running:
    """A recorder at work: its processes' roots, and where a camera's files lie."""

    roots: Callable[[], Sequence[int]]
    files: Callable[[str], list[Path]]


def run(
    cameras: int, seconds: int, recorders: Sequence[str], data: Path | None, voice: Voice
) -> dict[str, Any]:
    """Measure the recorders named on so many cameras. Raises BenchError."""
    codes = [f"C{number:03}" for number in range(cameras)]
    figures: dict[str, Any] = {
        "cameras": cameras,
        "seconds": seconds,
        "stream": "1080p25, 3 Mb/s, H.264, RTSP over TCP on loopback",
        "machine_cores": os.cpu_count(),
    }
    with folder(data) as root, real_cameras(root, codes) as streams:
        for name in recorders:
            if name == "motion" and shutil.which("motion") is None:
                raise BenchError("motion is absent: scripts/system.sh bench")
            voice.step(f"{name}: {cameras} cameras for {seconds} s")
            place = root / name
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            figures[name] = _measured(_STARTS[name], streams, place, seconds, voice)
            if data is None:
                shutil.rmtree(place, ignore_errors=True)
    if "amaan" in figures:
        figures["amaan_over_peer_cores"] = _ratios(figures)
    return figures


def _measured(
    start: Callable[[Cameras, Path], Any],
    streams: Cameras,
    place: Path,
    seconds: int,
    voice: Voice,
) -> dict[str, Any]:
    codes = list(streams.main)
    unsent = streams.unsent()
    with start(streams, place) as running:
        begun = _all_record(running, codes, voice)
        time.sleep(SETTLE_S)
        first, cpu, served = now_number(), _cpu(running.roots()), _cpu(streams.pids)
        wall = time.monotonic()
        while (left := seconds - (time.monotonic() - wall)) > 0:
            voice.progress(f"{left:.0f} s left")
            time.sleep(min(1.0, left))
        spent_s = time.monotonic() - wall
        last = now_number()
        cores = (_total(_cpu(running.roots())) - _total(cpu)) / spent_s
        server_cores = (_total(_cpu(streams.pids)) - _total(served)) / spent_s
        rss, pss = _memory(running.roots())
        each = sorted(round(p.memory_info().rss / 1e6) for p in _tree(running.roots()))
        time.sleep(SETTLE_S)  # what is held back reaches the files
    due = set(range(first, last))
    missing = {code: len(due - numbers_in(running.files(code))) for code in codes}
    worst = max(missing.values())
    return {
        "cores": round(cores, 3),
        "core_share_a_camera": round(cores / len(codes), 5),
        "rss_mb_a_camera": round(rss / len(codes) / 1e6, 2),
        "pss_mb_a_camera": round(pss / len(codes) / 1e6, 2),
        "processes": len(each),
        "largest_process_rss_mb": each[-1],
        "median_process_rss_mb": each[len(each) // 2],
        "pictures_due": len(due) * len(codes),
        "pictures_missing": sum(missing.values()),
        "cameras_with_missing": sum(count > 0 for count in missing.values()),
        "worst_camera_missing": worst,
        "pictures_the_servers_dropped": streams.unsent() - unsent,
        "server_cores": round(server_cores, 3),
        "all_recorded_after_s": round(begun, 1),
    }


def _all_record(running: Running, codes: Sequence[str], voice: Voice) -> float:
    """Wait until every camera has a file that is no longer empty; return how long it took."""
    since = time.monotonic()
    waiting = set(codes)
    while waiting:
        waiting = {
            code
            for code in waiting
            if not any(_size(path) > 100_000 for path in running.files(code))
        }
        voice.progress(f"{len(waiting)} cameras not recorded yet")
        if time.monotonic() - since > BEGIN_LIMIT_S:
            raise BenchError(f"{len(waiting)} cameras are not recorded, {min(waiting)} among them")
        time.sleep(0.5)
    return time.monotonic() - since


# -- recorders ----------------------------------------------------------------------------------


@contextmanager
def _amaan(streams: Cameras, place: Path) -> Iterator[Running]:
    """Record with a worker of a centre; the centre's and the database's own work is not counted."""
    people.allow(place)
    with running_centre(place, workers=1) as centre:
        _enter(streams, place)
        yield Running(
            lambda: [
                process.pid
                for process in psutil.Process(centre.pid).children()
                if "worker" in process.cmdline()
            ],
            lambda code: [p for p in place.glob(f"workers/**/{code}/**/*.mp4") if p.is_file()],
        )


def _enter(streams: Cameras, place: Path) -> None:
    """Enter a site and its cameras, as an administrator does; they are recorded at once."""
    site = {"code": "BENCH", "name": "Bench", "name_ur": "", "kind": "other"}
    point = {"type": "Point", "coordinates": [67.0, 24.8]}
    feature = {"type": "Feature", "id": "BENCH", "geometry": point, "properties": site}
    sites = {"type": "FeatureCollection", "features": [feature]}
    (place / "sites.geojson").write_text(json.dumps(sites))
    rows = [f"{code},{code},BENCH,{url},no" for code, url in streams.main.items()]
    (place / "cameras.csv").write_text("\n".join(["code,name,site,address,read_plates", *rows]))
    for arguments in (
        ["cameras", "sites", str(place / "sites.geojson")],
        ["cameras", "import", str(place / "cameras.csv")],
    ):
        command = [sys.executable, "-m", "amaan.app", *arguments, "--data", str(place)]
        environment = {**os.environ, "AMAAN_CAMERAS__LOOPBACK": "true"}
        ran = subprocess.run(  # noqa: S603  our own program
            command, capture_output=True, text=True, check=False, env=environment
        )
        if ran.returncode:
            raise BenchError(f"{' '.join(arguments[:2])}: {ran.stderr.strip()}")


@contextmanager
def _ffmpeg_each(streams: Cameras, place: Path) -> Iterator[Running]:
    """Record with one ``ffmpeg -c copy -f segment`` for each camera."""
    processes = [
        _started([*_FFMPEG, *_input(url), *_output(place, code)], place)
        for code, url in streams.main.items()
    ]
    with _stopping(processes):
        yield _running(processes, place)


@contextmanager
def _ffmpeg_one(streams: Cameras, place: Path) -> Iterator[Running]:
    """Record with one ffmpeg for all cameras."""
    command = [*_FFMPEG]
    for url in streams.main.values():
        command += ["-thread_queue_size", "4096", *_input(url)]
    for number, code in enumerate(streams.main):
        command += ["-map", f"{number}:v", *_output(place, code)]
    processes = [_started(command, place)]
    with _stopping(processes):
        yield _running(processes, place)


@contextmanager
def _motion(streams: Cameras, place: Path) -> Iterator[Running]:
    """Record with motion as its manual has it: the main stream passed through, the sub stream
    decoded for its detection, which cannot be turned off."""
    main = "daemon off\nlog_level 4\nwebcontrol_port 0\n"
    for number, code in enumerate(streams.main, 1):
        (place / f"{code}.conf").write_text(
            f"camera_id {number}\nnetcam_url {streams.sub[code]}\n"
            f"netcam_high_url {streams.main[code]}\nnetcam_params rtsp_transport=tcp\n"
            "netcam_high_params rtsp_transport=tcp\nwidth 320\nheight 240\nframerate 5\n"
            "emulate_motion on\nmovie_output on\nmovie_passthrough on\nmovie_codec mp4\n"
            f"movie_max_time {SEGMENT_S}\npicture_output off\nstream_port 0\n"
            f"target_dir {place}\nmovie_filename {code}-%s\nevent_gap -1\n"
        )
        main += f"camera {place / f'{code}.conf'}\n"
    (place / "motion.conf").write_text(main)
    processes = [_started(["motion", "-c", str(place / "motion.conf")], place)]
    with _stopping(processes):
        yield _running(processes, place)


_STARTS: Mapping[str, Callable[[Cameras, Path], Any]] = {
    "amaan": _amaan,
    "ffmpeg": _ffmpeg_each,
    "ffmpeg-one": _ffmpeg_one,
    "motion": _motion,
}
_FFMPEG = ("ffmpeg", "-nostdin", "-v", "error")


def _input(url: str) -> list[str]:
    return ["-rtsp_transport", "tcp", "-analyzeduration", "100000", "-i", url]


def _output(place: Path, code: str) -> list[str]:
    flags = "movflags=frag_keyframe+empty_moov+default_base_moof"
    segment = ["-f", "segment", "-segment_time", str(SEGMENT_S), "-reset_timestamps", "1"]
    segment += ["-segment_format", "mp4", "-segment_format_options", flags]
    return ["-c", "copy", *segment, str(place / f"{code}-%05d.mp4")]


def _running(processes: Sequence[subprocess.Popen[bytes]], place: Path) -> Running:
    return Running(
        lambda: [process.pid for process in processes],
        lambda code: list(place.glob(f"{code}-*.m*")),
    )


def _started(command: Sequence[str], place: Path) -> subprocess.Popen[bytes]:
    with (place / "said").open("ab") as said:
        return subprocess.Popen(  # noqa: S603  a peer, installed by the distribution
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )


@contextmanager
def _stopping(processes: Sequence[subprocess.Popen[bytes]]) -> Iterator[None]:
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGINT)
        for process in processes:
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


# -- what they cost -----------------------------------------------------------------------------


def _tree(roots: Sequence[int]) -> list[psutil.Process]:
    found = []
    for pid in roots:
        try:
            process = psutil.Process(pid)
            found += [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
    return found


def _cpu(roots: Sequence[int]) -> dict[int, float]:
    used = {}
    for process in _tree(roots):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        used[process.pid] = float(times.user + times.system)
    return used


def _total(used: Mapping[int, float]) -> float:
    return sum(used.values())


def _memory(roots: Sequence[int]) -> tuple[float, float]:
    """Return resident and proportional bytes of a process tree."""
    tree = _tree(roots)
    infos = [process.memory_full_info() for process in tree]
    return float(sum(i.rss for i in infos)), float(sum(i.pss for i in infos))


def _ratios(figures: Mapping[str, Any]) -> dict[str, float]:
    """Return Amaan's processor time over each peer's; below 1 it needs less."""
    own = figures["amaan"]["cores"]
    return {
        name: round(own / figures[name]["cores"], 3)
        for name in RECORDERS[1:]
        if name in figures and figures[name]["cores"] > 0
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
