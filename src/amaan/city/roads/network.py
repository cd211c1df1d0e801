"""Streets with the cameras on them, and the quickest ways from one of them. In memory."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from amaan.city.roads import rules
from amaan.city.roads.model import CameraSpot, Floats, NextCamera, Reach, Roads, Whole
from amaan.city.roads.settings import RoadsSettings
from amaan.kernel.geography import Point, distance_m

BESIDE_M = 20.0  # so much further than the nearest street another one is in view too
SAME_PLACE_M = 75.0  # cameras of one crossing: neither is on the way to the other
_POINTS_EVERY_M = 40.0
_NEAR = 24
_M_PER_DEG = 111_195.0
_AT_ONCE_S = 1e-6  # scipy takes 0 for "no edge"
_NOBODY = -9999


@dataclass(frozen=True, slots=True)
class Snap:
    """A place on a street: its edge and how far along it, 0 to 1."""

    edge: int
    share: float


class Finder:
    """Finds the streets beside a place."""

    def __init__(self, roads: Roads) -> None:
        self._scale = float(np.cos(np.radians(roads.lat.mean())))
        self._x = roads.lon * _M_PER_DEG * self._scale
        self._y = roads.lat * _M_PER_DEG
        self._roads = roads
        x, y = self._x, self._y
        straight = np.hypot(x[roads.end] - x[roads.start], y[roads.end] - y[roads.start])
        count = np.maximum(1, np.ceil(straight / _POINTS_EVERY_M)).astype(np.int64)
        self._edge_of = np.repeat(np.arange(roads.edges), count)
        first = np.repeat(np.cumsum(count) - count, count)
        share = (np.arange(len(self._edge_of)) - first + 0.5) / np.repeat(count, count)
        a, b = roads.start[self._edge_of], roads.end[self._edge_of]
        self._tree = cKDTree(
            np.column_stack((x[a] + (x[b] - x[a]) * share, y[a] + (y[b] - y[a]) * share))
        )

    def snaps(self, place: Point, most_m: float) -> list[Snap]:
        """Return where a place lies on the nearest street, and on those beside it."""
        px, py = place.lon * _M_PER_DEG * self._scale, place.lat * _M_PER_DEG
        near = min(_NEAR, len(self._edge_of))
        _, found = self._tree.query((px, py), k=[*range(1, near + 1)])
        edges = np.unique(self._edge_of[found])
        a, b = self._roads.start[edges], self._roads.end[edges]
        dx, dy = self._x[b] - self._x[a], self._y[b] - self._y[a]
        square = np.maximum(dx * dx + dy * dy, 1e-9)
        share = ((px - self._x[a]) * dx + (py - self._y[a]) * dy) / square
        share = np.clip(share, 0.0, 1.0)
        off = np.hypot(self._x[a] + share * dx - px, self._y[a] + share * dy - py)
        seen = (off <= most_m) & (off <= off.min() + BESIDE_M)
        return [Snap(int(e), float(s)) for e, s in zip(edges[seen], share[seen], strict=True)]


class RoadNetwork:
    """Streets with cameras put on them; immutable, safe to ask from several threads."""

    def __init__(
        self,
        roads: Roads,
        cameras: Sequence[CameraSpot],
        settings: RoadsSettings,
        placed: Sequence[Sequence[Snap]] | None = None,
    ) -> None:
        """``placed``: where the cameras are on the streets, if that is known without looking."""
        self._roads = roads
        self._settings = settings
        self._cameras = {camera.code: camera for camera in cameras}
        self._finder = None if placed is not None else Finder(roads)
        if placed is None:
            assert self._finder is not None
            placed = [self._finder.snaps(camera.place, settings.snap_m) for camera in cameras]
        self._snaps = {c.code: list(s) for c, s in zip(cameras, placed, strict=True)}
        self._build(cameras)

    @property
    def off_road(self) -> list[str]:
        """Codes of the cameras that stand beside no street."""
        return [code for code, snaps in self._snaps.items() if not snaps]

    def next_cameras(self, start: str | Point, most_s: float) -> Reach:
        """Return the cameras that can be come to within a usual time, soonest first.

        From a camera or a place; both ways along a street that is driven both ways. Beside no
        street: by the straight line.
        """
        if isinstance(start, str):
            place, snaps = self._cameras[start].place, self._snaps[start]
        else:
            place = start
            snaps = self._finder.snaps(start, self._settings.snap_m) if self._finder else []
        if not snaps:
            others = [spot for code, spot in self._cameras.items() if code != start]
            return rules.by_straight_line(others, place, most_s, self._settings)
        graph = self._from(snaps)
        source = graph.shape[0] - 1
        times, before = dijkstra(
            graph, indices=source, limit=most_s, return_predecessors=True, directed=True
        )
        found = [
            self._reached(code, nodes, times, before, place)
            for code, nodes in self._nodes_of.items()
            if code != start and len(nodes) and np.isfinite(times[nodes]).any()
        ]
        found.sort(key=lambda one: (one.travel_s, one.camera))
        return Reach("roads", tuple(found))

    # -- building ------------------------------------------------------------------------------

    def _build(self, cameras: Sequence[CameraSpot]) -> None:
        """Split the edges on which cameras stand; each place of a camera becomes a node."""
        roads = self._roads
        pairs = [(s, c.code) for c in cameras for s in self._snaps[c.code]]
        pairs.sort(key=lambda pair: (pair[0].edge, pair[0].share, pair[1]))
        edge = np.array([snap.edge for snap, _ in pairs], dtype=np.int64)
        share = np.array([snap.share for snap, _ in pairs], dtype=np.float64)
        own = np.arange(len(pairs), dtype=np.int64) + roads.nodes
        self._split_edge, self._split_share = edge, share
        self._camera_of: list[str] = [code for _, code in pairs]
        nodes_of: dict[str, list[int]] = {camera.code: [] for camera in cameras}
        for node, (_, code) in zip(own, pairs, strict=True):
            nodes_of[code].append(int(node))
        self._nodes_of = {code: np.array(n, dtype=np.int64) for code, n in nodes_of.items()}
        first = np.r_[True, edge[1:] != edge[:-1]] if len(edge) else np.zeros(0, dtype=bool)
        last = np.r_[first[1:], True] if len(edge) else np.zeros(0, dtype=bool)
        whole = np.ones(roads.edges, dtype=bool)
        whole[edge] = False
        # from the node before (or the edge's start) to each split, and from the last to the end
        a = np.concatenate(
            (roads.start[whole], np.where(first, roads.start[edge], np.roll(own, 1)), own[last])
        )
        b = np.concatenate((roads.end[whole], own, roads.end[edge[last]]))
        of = np.concatenate((np.flatnonzero(whole), edge, edge[last]))
        part = np.concatenate(
            (
                np.ones(int(whole.sum())),
                share - np.where(first, 0.0, np.roll(share, 1)),
                1.0 - share[last],
            )
        )
        seconds = np.maximum(roads.seconds[of] * part, _AT_ONCE_S)
        both = ~roads.one_way[of]
        size = roads.nodes + len(pairs)
        self._graph = _quickest(
            np.concatenate((a, b[both])),
            np.concatenate((b, a[both])),
            np.concatenate((seconds, seconds[both])),
            size,
        )
        place = [self._cameras[code].place for code in self._camera_of]
        self._lon = np.concatenate((roads.lon, [p.lon for p in place]))
        self._lat = np.concatenate((roads.lat, [p.lat for p in place]))

    def _from(self, snaps: Sequence[Snap]) -> csr_array:
        """Return the graph with a node more, from which one comes onto the streets."""
        ends, seconds = [], []
        for snap in snaps:
            for node, share in self._beside(snap):
                whole = float(self._roads.seconds[snap.edge])
                ends.append(node)
                seconds.append(max(abs(share - snap.share) * whole, _AT_ONCE_S))
        order = np.argsort(ends, kind="stable")
        graph, size = self._graph, self._graph.shape[0] + 1
        return csr_array(
            (
                np.concatenate((graph.data, np.array(seconds)[order])),
                np.concatenate((graph.indices, np.array(ends, dtype=np.int32)[order])),
                np.concatenate((graph.indptr, [len(graph.indices) + len(ends)])).astype(np.int32),
            ),
            shape=(size, size),
        )

    def _beside(self, snap: Snap) -> list[tuple[int, float]]:
        """Return the next nodes along the edge, ahead and (where one may) back, and where."""
        roads = self._roads
        low = int(np.searchsorted(self._split_edge, snap.edge, side="left"))
        high = int(np.searchsorted(self._split_edge, snap.edge, side="right"))
        ahead = (int(roads.end[snap.edge]), 1.0)
        back = (int(roads.start[snap.edge]), 0.0)
        for index in range(low, high):
            at = (roads.nodes + index, float(self._split_share[index]))
            if at[1] <= snap.share and at[1] >= back[1]:
                back = at
            if at[1] >= snap.share and (at[1] < ahead[1] or ahead[0] < roads.nodes):
                ahead = at
                break
        return [ahead] if roads.one_way[snap.edge] else [ahead, back]

    # -- answering -----------------------------------------------------------------------------

    def _reached(
        self, code: str, nodes: NDArray[np.int64], times: Floats, before: Whole, place: Point
    ) -> NextCamera:
        node = int(nodes[np.argmin(times[nodes])])
        travel_s = float(times[node])
        path = [node]
        while (previous := int(before[path[-1]])) != _NOBODY:
            path.append(previous)
        path.reverse()  # from the source, which stands nowhere
        way = [(place.lon, place.lat)]
        way += [(float(self._lon[one]), float(self._lat[one])) for one in path[1:]]
        own = self._cameras[code].place
        passed = [
            self._cameras[self._camera_of[one - self._roads.nodes]].place
            for one in path[1:-1]
            if one >= self._roads.nodes
        ]
        direct = all(
            distance_m(other, place) <= SAME_PLACE_M or distance_m(other, own) <= SAME_PLACE_M
            for other in passed
        )
        earliest, latest = rules.window(travel_s, self._settings)
        metres = sum(distance_m(Point(*a), Point(*b)) for a, b in itertools.pairwise(way))
        return NextCamera(code, travel_s, earliest, latest, metres, direct, tuple(way))


def _quickest(a: NDArray[np.int64], b: NDArray[np.int64], seconds: Floats, size: int) -> csr_array:
    """Return a graph with the quickest of parallel edges (a matrix would add them up)."""
    order = np.lexsort((seconds, b, a))
    a, b, seconds = a[order], b[order], seconds[order]
    keep = np.r_[True, (a[1:] != a[:-1]) | (b[1:] != b[:-1])] if len(a) else np.zeros(0, bool)
    starts = np.zeros(size + 1, dtype=np.int32)
    np.cumsum(np.bincount(a[keep], minlength=size), out=starts[1:])
    return csr_array((seconds[keep], b[keep].astype(np.int32), starts), shape=(size, size))
