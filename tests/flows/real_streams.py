"""Real RTSP streams for tests: films served by gst-rtsp-server (rtsp_server.py)."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PYTHON = "/usr/bin/python3"  # the distribution's, which has its GObject bindings
SCRIPT = Path(__file__).with_name("rtsp_server.py")
USER, PASSWORD = "admin", "canary-1947"
_ELEMENTS = "x264enc qtdemux parsebin rtph264pay rtph265pay h264parse h265parse voaacenc alawenc"
_PROBE = (
    "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0');"
    "from gi.repository import Gst, GstRtspServer; Gst.init(None);"
    f"assert all(map(Gst.ElementFactory.find, '{_ELEMENTS}'.split()))"
)
_NUMBER = re.compile(rb"amaan-picture-no(\d{20})")


def need_gstreamer() -> None:
    """Skip where the distribution's packages are absent."""
    try:
        subprocess.run([PYTHON, "-c", _PROBE], check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("gst-rtsp-server is absent: scripts/system.sh test installs it")


@dataclass(frozen=True)
class Streams:
    """A running server; ``auth`` tells whether it wants USER and PASSWORD."""

    port: int
    process: subprocess.Popen[str]
    auth: bool

    def url(self, path: str) -> str:
        """Return a stream's address, with the password where one is wanted."""
        who = f"{USER}:{PASSWORD}@" if self.auth else ""
        return f"rtsp://{who}127.0.0.1:{self.port}{path}"

    def ask(self, do: str, **wish: object) -> object:
        """Have a command carried out: stall, resume, change, hang_up, stop, start, sent."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **wish}) + "\n")
        self.process.stdin.flush()
        answer: object = json.loads(self.process.stdout.readline())
        return answer


@contextlib.contextmanager
def real_streams(
    *plans: dict[str, object], auth: str | None = None, port: int = 0
) -> Iterator[Streams]:
    """Serve streams (see ``Plan`` in rtsp_server.py): path, file, audio, stamps, begin, drop...

    ``auth`` is basic, digest or both.
    """
    need_gstreamer()
    options = ["--port", str(port), "--streams", json.dumps(plans)]
    if auth:
        options += ["--user", USER, "--password-env", "CAMERA_PASSWORD", "--auth", auth]
    process = subprocess.Popen(
        [PYTHON, str(SCRIPT), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "CAMERA_PASSWORD": PASSWORD},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Streams(int(process.stdout.readline()), process, auth is not None)
    finally:
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def numbers_in(content: bytes) -> list[int]:
    """Return the running numbers of the pictures in coded video, in the order they lie there.

    A picture of number n was due at n / fps Unix seconds.
    """
    return [int(number) for number in _NUMBER.findall(content)]
