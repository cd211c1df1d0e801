"""Real RTSP cameras for measurements: gst-rtsp-server looping one film, every picture numbered."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from amaan.app.bench.centre import BenchError

PYTHON = "/usr/bin/python3"  # the distribution's, which has its GObject bindings
SERVER = Path(__file__).resolve().parents[4] / "tests/flows/rtsp_server.py"
CAMERAS_A_SERVER = 32
FPS = 25
NUMBER = re.compile(rb"amaan-picture-no(\d{20})")
READ_BYTES = 8 << 20

MAIN_FILM = ("1920x1080", FPS, "3M")
SUB_FILM = ("320x240", 5, "100k")


@dataclass(frozen=True, slots=True)
class Cameras:
    """Addresses by camera code; ``pids`` of the servers."""

    main: dict[str, str]
    sub: dict[str, str]
    servers: tuple[subprocess.Popen[str], ...]

    @property
    def pids(self) -> tuple[int, ...]:
        """The servers' processes."""
        return tuple(server.pid for server in self.servers)

    def unsent(self) -> int:
        """Return how many pictures the servers had no room to send: their clients were slow."""
        return sum(int(client["unsent"]) for server in self.servers for client in _sent(server))


def make_film(path: Path, size: str, fps: int, rate: str, seconds: int = 20) -> Path:
    """Code a moving test picture: key frames every two seconds, constant rate. BenchError."""
    coder = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", str(2 * fps)]
    coder += ["-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate]
    source = f"testsrc2=size={size}:rate={fps}"
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-t", str(seconds)]
    try:
        subprocess.run([*command, *coder, "-pix_fmt", "yuv420p", str(path)], check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise BenchError("ffmpeg is absent or fails: scripts/system.sh bench") from error
    return path


@contextmanager
def real_cameras(folder: Path, codes: Sequence[str]) -> Iterator[Cameras]:
    """Serve a main and a sub stream for each code. Raises BenchError."""
    main = make_film(folder / "main.mp4", *MAIN_FILM)
    sub = make_film(folder / "sub.mp4", *SUB_FILM)
    urls: dict[str, str] = {}
    servers = []
    with ExitStack() as closing:
        for first in range(0, len(codes), CAMERAS_A_SERVER):
            some = codes[first : first + CAMERAS_A_SERVER]
            streams = [{"path": f"/{code}/main", "file": str(main)} for code in some]
            streams += [{"path": f"/{code}/sub", "file": str(sub)} for code in some]
            server, port = closing.enter_context(_server(json.dumps(streams)))
            servers.append(server)
            urls |= {code: f"rtsp://127.0.0.1:{port}/{code}" for code in some}
        yield Cameras(
            {code: f"{url}/main" for code, url in urls.items()},
            {code: f"{url}/sub" for code, url in urls.items()},
            tuple(servers),
        )


@contextmanager
def _server(streams: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    if not SERVER.is_file():
        raise BenchError("this measurement runs from a checkout: its cameras lie under tests")
    process = subprocess.Popen(  # noqa: S603  our own program
        [PYTHON, str(SERVER), "--streams", streams],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = process.stdout.readline()
        if not port:
            raise BenchError("gst-rtsp-server is absent: scripts/system.sh bench")
        yield process, int(port)
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _sent(server: subprocess.Popen[str]) -> list[dict[str, int | str | bool]]:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write('{"do": "sent"}\n')
    server.stdin.flush()
    answer: list[dict[str, int | str | bool]] = json.loads(server.stdout.readline())
    return answer


def numbers_in(paths: Sequence[Path]) -> set[int]:
    """Return the numbers of the pictures in recorded files; n was due at n / FPS Unix seconds."""
    found: set[int] = set()
    for path in paths:
        tail = b""
        try:
            with path.open("rb") as file:
                while piece := file.read(READ_BYTES):
                    found.update(int(number) for number in NUMBER.findall(tail + piece))
                    tail = piece[-64:]
        except FileNotFoundError:
            continue
    return found


def now_number() -> int:
    """Return the number of the picture that is due now."""
    return int(time.time() * FPS)
