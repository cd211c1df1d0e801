"""Streets as arrays, and what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from amaan.kernel.errors import InvalidError
from amaan.kernel.geography import Point

Floats = NDArray[np.float64]
Whole = NDArray[np.int32]

Basis = Literal["roads", "straight_line"]


@dataclass(frozen=True, slots=True)
class Roads:
    """Streets as straight edges between nodes; the arrays of a kind have one length.

    ``lon``, ``lat``: degrees of each node. ``start``, ``end``: nodes of each edge. ``metres``: its
    length along the street (more than the straight line where bends were left out). ``kmh``: how
    fast it is usually driven. ``one_way``: from start to end alone.
    """

    lon: Floats
    lat: Floats
    start: Whole
    end: Whole
    metres: NDArray[np.float32]
    kmh: NDArray[np.float32]
    one_way: NDArray[np.bool_]

    def __post_init__(self) -> None:
        edges = len(self.start)
        assert len(self.lon) == len(self.lat)
        assert len(self.end) == len(self.metres) == len(self.kmh) == len(self.one_way) == edges

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.lon)

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return len(self.start)

    @property
    def seconds(self) -> Floats:
        """How long each edge usually takes."""
        taken: Floats = self.metres.astype(np.float64) / (self.kmh / 3.6)
        return taken


@dataclass(frozen=True, slots=True)
class RoadsInfo:
    """What was imported last. ``source``: the name of the file."""

    id: UUID
    source: str
    imported_at: datetime
    imported_by: str
    nodes: int
    edges: int
    kilometres: float


@dataclass(frozen=True, slots=True)
class CameraSpot:
    """Where a camera stands."""

    code: str
    place: Point


@dataclass(frozen=True, slots=True)
class NextCamera:
    """A camera that can be come to. Seconds from the start: usual, at the earliest, at the latest.

    ``direct``: no other camera is passed on the quickest way; None where that is not known.
    ``way``: the quickest way as longitude, latitude pairs.
    """

    camera: str
    travel_s: float
    earliest_s: float
    latest_s: float
    metres: float
    direct: bool | None
    way: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Reach:
    """What can be come to, soonest first, and by which knowledge."""

    basis: Basis
    cameras: tuple[NextCamera, ...]


class RoadsFileError(InvalidError):
    """A file that holds no streets that can be read; the detail says why."""

    code: ClassVar[str] = "roads.invalid-file"
