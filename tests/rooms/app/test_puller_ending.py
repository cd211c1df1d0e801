"""What a puller says has ended is written to no more."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from amaan.app.puller import Puller
from amaan.app.worker.pulling import SetUp
from amaan.city.address import CameraAddress, parse_address
from amaan.video.feeds import FeedPlan, StreamFeed
from amaan.video.packets import Coded, Sound, Source
from amaan.video.settings import VideoSettings
from amaan.video.takers import Interruption


class Hanging:
    """A connection that ends by its own timeout, two seconds after it was asked to."""

    live = True
    notice = ""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self._asked = threading.Event()

    def packets(self) -> Iterator[Coded | Sound]:
        self.begun.set()
        self._asked.wait()
        threading.Event().wait(2.0)
        yield from ()

    def interrupt(self) -> None:
        self._asked.set()

    def close(self) -> None:
        pass


class Taker:
    problem = ""

    def __init__(self) -> None:
        self.closed = False

    def write(self, item: Coded | Sound, offset_s: float) -> None:
        raise AssertionError("nothing comes")

    def interrupted(self, cause: Interruption, detail: str, at_s: float) -> None:
        raise AssertionError("it is stopped, not interrupted")

    def close(self) -> None:
        self.closed = True


def test_stream_has_ended_when_its_recorder_is_closed_and_not_before(tmp_path: Path) -> None:
    source, taker = Hanging(), Taker()

    def opened(address: CameraAddress, settings: VideoSettings, *, audio: bool = False) -> Source:
        return source

    settings = VideoSettings()
    feed = StreamFeed(
        FeedPlan("CAM-1", parse_address("rtsp://10.0.0.1/x")), settings, [taker], opened
    )
    feed.start()
    assert source.begun.wait(10)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        puller = Puller(theirs, SetUp(settings.model_dump_json(), str(tmp_path)))
        puller._finish(("CAM-1", "main"), feed)
        assert taker.closed
        assert puller.outlet._messages, "and it is said"
