"""What ingest and the hot-list look like to Prometheus."""

from __future__ import annotations

from functools import partial

from prometheus_client import Gauge

from amaan.plates.hotlist import HotlistIndex
from amaan.plates.ingest import IngestCounts

INGEST = Gauge(
    "amaan_plates_ingest",
    "Since the start: reads, duplicates, conflicts, rejected, matches, commits; and waiting_reads "
    "just now.",
    ["what"],
)
ENTRIES = Gauge("amaan_plates_hotlist_entries", "Entries that the matcher holds.")
_NAMES = ("reads", "duplicates", "conflicts", "rejected", "matches", "commits", "waiting_reads")


def watch(counts: IngestCounts, index: HotlistIndex) -> None:
    """Show these from now on, in the place of any shown before."""

    def value(name: str) -> float:
        found: int = getattr(counts, name)
        return found

    for name in _NAMES:
        INGEST.labels(name).set_function(partial(value, name))
    ENTRIES.set_function(lambda: len(index))
