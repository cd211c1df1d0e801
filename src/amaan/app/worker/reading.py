"""The plate reader as the scheduler wants it: models loaded once, a tracker for each camera."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from amaan.app.worker.scheduling import Reader

if TYPE_CHECKING:
    from amaan.vision.ports import PlateReader
    from amaan.vision.settings import PipelineSettings, ReaderSettings


def plate_readers(reading: ReaderSettings, pipeline: PipelineSettings) -> Callable[[], Reader]:
    """Return a maker of readers for one camera each; the models load with the first one made."""
    lock = threading.Lock()
    shared: list[PlateReader] = []

    def make() -> Reader:
        from amaan.vision.pipeline import PlatePipeline
        from amaan.vision.plates.factory import build_reader

        with lock:
            if not shared:
                shared.append(build_reader(reading))
            return PlatePipeline(shared[0], pipeline)

    return make
