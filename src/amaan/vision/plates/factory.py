"""Picks the plate reader. Another adapter is one more line here."""

from __future__ import annotations

from amaan.vision.ports import PlateReader
from amaan.vision.settings import ReaderSettings


def build_reader(settings: ReaderSettings | None = None) -> PlateReader:
    """Return the reader in use; its weights load once a process."""
    from amaan.vision.plates.rapid import RapidPlateReader

    return RapidPlateReader(settings)
