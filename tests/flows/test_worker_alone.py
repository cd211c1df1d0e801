"""A worker without its centre records, reads and spools; with it back, everything arrives."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import orjson
import pytest
from tests.flows.test_worker import write_video
from tests.rooms.app.test_worker_scheduling import plate

from amaan.app.worker.centre import AssignedCamera, Assignment
from amaan.app.worker.main import Worker
from amaan.app.worker.process import WorkerFolderBusyError, exclusive, orphaned, read_secret
from amaan.app.worker.settings import WorkerSettings
from amaan.engines.spool.settings import SpoolSettings
from amaan.engines.spool.sqlite import SqliteSpool
from amaan.kernel.errors import InvalidError
from amaan.trust.sealing import Sealer, camera_purpose, ensure_key_file
from amaan.video.model import Frame
from amaan.vision.model import PlateRead

DEAD_CENTRE = "http://127.0.0.1:9"


class EveryFifthFrame:
    """Stands for the plate reader: a read every fifth frame, one more at the end."""

    def __init__(self) -> None:
        self.frames = 0

    def process(self, frame: Frame) -> Sequence[PlateRead]:
        self.frames += 1
        return [self.read(frame.observed_at, frame.image)] if self.frames % 5 == 0 else []

    def read(self, at: object, image: object) -> PlateRead:
        del at
        assert isinstance(image, np.ndarray)
        return replace(plate(f"P{self.frames}"), picture=image, crop=image[:20, :60])

    def finish(self) -> Sequence[PlateRead]:
        return [plate("LAST")]


@pytest.fixture
def settings(tmp_path: Path) -> WorkerSettings:
    write_video(tmp_path / "traffic.mp4")
    (tmp_path / "token").write_text("a-token\n")
    ensure_key_file(tmp_path / "key")
    data = tmp_path / "worker-1"
    data.mkdir()
    sealer = Sealer.from_file(tmp_path / "key")
    sealed = sealer.seal(f"file:{tmp_path}/traffic.mp4", purpose=camera_purpose("A"))
    assignment = Assignment("r", (AssignedCamera("A", sealed, 5.0, True),))
    (data / "assignment.json").write_bytes(msgspec.json.encode(assignment))
    return WorkerSettings(
        name="worker-1",
        centre=DEAD_CENTRE,
        data=data,
        token_file=tmp_path / "token",
        key_file=tmp_path / "key",
        heartbeat_s=0.2,
    )


@pytest.fixture
def worker(settings: WorkerSettings) -> Iterator[Worker]:
    worker = Worker(settings, EveryFifthFrame)
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield worker
    worker.stopping.set()
    thread.join(20)
    assert not thread.is_alive()


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "waited twenty seconds in vain"
        time.sleep(0.05)


def test_without_its_centre_a_worker_runs_the_cameras_it_remembers(
    settings: WorkerSettings, worker: Worker
) -> None:
    wait_for(lambda: worker.spool_report().pending >= 6)
    assert worker.spool_report().state == "ok"
    assert list((settings.data / "video" / "A" / "main").glob("*/*.mp4"))


def test_a_stopped_worker_leaves_its_reads_and_what_was_in_sight_in_the_spool(
    settings: WorkerSettings,
) -> None:
    worker = Worker(settings, EveryFifthFrame)
    thread = threading.Thread(target=worker.run)
    thread.start()
    wait_for(lambda: worker.spool_report().pending >= 6)
    began = time.monotonic()
    worker.stopping.set()
    thread.join(20)
    assert time.monotonic() - began < 10
    spool = SqliteSpool(SpoolSettings(directory=settings.data, source="worker-1"))
    reads = [orjson.loads(item.payload) for item in spool.pending("read", 1000)]
    pictures = {hashlib.sha256(i.payload).hexdigest() for i in spool.pending("picture", 1000)}
    spool.close()
    assert [read["plate"] for read in reads][-1] == "LAST"
    assert len(reads) >= 3
    assert {read["picture"] for read in reads if read["picture"]} <= pictures


def test_two_workers_cannot_share_a_folder(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path),
        pytest.raises(WorkerFolderBusyError, match="another worker"),
        exclusive(tmp_path),
    ):
        pass
    with exclusive(tmp_path):
        pass


def test_a_worker_whose_supervisor_is_gone_stops(settings: WorkerSettings) -> None:
    assert not orphaned(os.getppid())
    assert not orphaned(None)
    lonely = settings.model_copy(update={"parent_pid": 1 if os.getppid() != 1 else 2})
    Worker(lonely, EveryFifthFrame).run()


@pytest.mark.parametrize("content", [b"", b"   \n", b"\xff\xfe", b"a\x00b"])
def test_a_token_file_without_a_token_is_refused_without_repeating_it(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(InvalidError) as caught:
        read_secret(tmp_path / "token")
    assert str(tmp_path / "token") in caught.value.detail
