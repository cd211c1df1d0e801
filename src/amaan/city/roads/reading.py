"""An extract of OpenStreetMap (.osm.pbf, .osm) to streets. Memory: about 100 bytes a road node."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np
import osmium
from numpy.typing import NDArray

from amaan.city.roads import rules
from amaan.city.roads.model import Floats, Roads, RoadsFileError

KEPT_BEND_M = 8.0  # a bend that leaves the straight line by less is not drawn, only measured
TELL_EVERY = 20_000
_M_PER_DEG = 111_195.0

Told = Callable[[int], None]
"""Told how many streets were read so far."""


class _Read:
    """What is read of a file: the streets' nodes one after another."""

    def __init__(self) -> None:
        self.refs = array("q")
        self.lon = array("d")
        self.lat = array("d")
        self.firsts = array("q", [0])
        self.kmh = array("f")
        self.one_way = bytearray()


def read_roads(file: Path, told: Told | None = None) -> Roads:
    """Read the streets that cars drive. Raises RoadsFileError."""
    try:
        read = _gather(file, told)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise RoadsFileError(f"{file.name} cannot be read: {error}") from None
    if not read.kmh:
        raise RoadsFileError(f"{file.name} holds no street that cars drive")
    return _build(read)


def _gather(file: Path, told: Told | None) -> _Read:
    read = _Read()
    ways = osmium.FileProcessor(str(file)).with_locations()
    for way in ways.with_filter(osmium.filter.KeyFilter("highway")):
        if not isinstance(way, osmium.osm.Way):
            continue
        tags = {tag.k: tag.v for tag in way.tags}
        kmh = rules.driven_kmh(tags)
        if kmh is None:
            continue
        nodes = [(n.ref, n.lon, n.lat) for n in way.nodes if n.location.valid()]
        if len(nodes) < 2:  # its nodes lie outside the extract
            continue
        forward, backward = rules.ways_of(tags)
        if not forward:
            nodes.reverse()
        for ref, lon, lat in nodes:
            read.refs.append(ref)
            read.lon.append(lon)
            read.lat.append(lat)
        read.firsts.append(len(read.refs))
        read.kmh.append(kmh)
        read.one_way.append(not (forward and backward))
        if told is not None and len(read.kmh) % TELL_EVERY == 0:
            told(len(read.kmh))
    return read


def _build(read: _Read) -> Roads:
    refs = np.frombuffer(read.refs, dtype=np.int64)
    lon, lat = np.frombuffer(read.lon), np.frombuffer(read.lat)
    firsts = np.frombuffer(read.firsts, dtype=np.int64)
    _, named, uses = np.unique(refs, return_inverse=True, return_counts=True)
    junction = uses[named] > 1
    junction[firsts[:-1]] = True
    junction[firsts[1:] - 1] = True
    scale = np.cos(np.radians(lat.mean()))
    x, y = lon * _M_PER_DEG * scale, lat * _M_PER_DEG
    step = np.hypot(np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0]))
    along = np.cumsum(step)
    kept = _bends(x, y, junction, firsts)
    number = np.full(int(named.max()) + 1, -1, dtype=np.int32)
    present = np.unique(named[kept])
    number[present] = np.arange(len(present), dtype=np.int32)
    at = np.flatnonzero(kept)
    way = np.searchsorted(firsts, at, side="right") - 1
    within = way[:-1] == way[1:]
    start, end = number[named[at[:-1][within]]], number[named[at[1:][within]]]
    metres = (along[at[1:]] - along[at[:-1]])[within]
    of_way = way[:-1][within]
    real = (start != end) & (metres > 0)
    node_lon, node_lat = np.zeros(len(present)), np.zeros(len(present))
    node_lon[number[named[at]]] = lon[at]
    node_lat[number[named[at]]] = lat[at]
    return Roads(
        lon=node_lon,
        lat=node_lat,
        start=start[real],
        end=end[real],
        metres=np.maximum(metres[real], 0.1).astype(np.float32),
        kmh=np.frombuffer(read.kmh, dtype=np.float32)[of_way][real],
        one_way=np.frombuffer(bytes(read.one_way), dtype=np.bool_)[of_way][real],
    )


def _bends(
    x: Floats, y: Floats, junction: NDArray[np.bool_], firsts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which points to keep: junctions, and bends between them (Douglas-Peucker)."""
    kept = junction.copy()
    for first, last in itertools.pairwise(firsts):
        fixed = np.flatnonzero(junction[first:last]) + first
        waiting = [(a, b) for a, b in itertools.pairwise(fixed) if b - a > 1]
        while waiting:
            a, b = waiting.pop()
            dx, dy = x[b] - x[a], y[b] - y[a]
            px, py = x[a + 1 : b] - x[a], y[a + 1 : b] - y[a]
            length = np.hypot(dx, dy)
            off = np.hypot(px, py) if length < 1 else np.abs(px * dy - py * dx) / length
            worst = int(np.argmax(off))
            if off[worst] > KEPT_BEND_M:
                middle = a + 1 + worst
                kept[middle] = True
                waiting += [(i, j) for i, j in ((a, middle), (middle, b)) if j - i > 1]
    return kept
