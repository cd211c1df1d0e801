"""The plate reader as the scheduler wants it: models loaded once, a tracker for each camera."""

from __future__ import annotations

import threading
from collections.abc import Callable

from amaan.app.worker.scheduling import Reader


def plate_readers() -> Callable[[], Reader]:
    """Return a maker of readers; the models load with the first one made."""
    lock = threading.Lock()

    def make() -> Reader:
        from amaan.vision.pipeline import PlatePipeline

        with lock:
            return PlatePipeline()

    return make
