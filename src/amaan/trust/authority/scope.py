"""Whether a scope allows a plate, a camera, a time. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from amaan.kernel.geography import Point
from amaan.trust.authority.model import Scope
from amaan.trust.authority.ports import Place, Places

_HEAD: Final = 2
_LITERALS: Final = re.compile(r"[A-Z0-9]*")


def pattern_covers(scope: str, asked: str) -> bool:
    """Tell whether all that ``asked`` matches, ``scope`` matches too; both may be patterns.

    Never true where it is not so; for odd patterns such as ``?*`` against ``*?`` it may say no.
    """
    reachable = {0}
    for symbol in scope:
        if symbol == "*":
            reachable = set(range(min(reachable), len(asked) + 1)) if reachable else set()
            continue
        reachable = {
            at + 1
            for at in reachable
            if at < len(asked) and (asked[at] == symbol if symbol != "?" else asked[at] != "*")
        }
    return len(asked) in reachable


class PlateScope:
    """The plates of a scope, quick to ask: thousands of plates and patterns, a million times."""

    def __init__(self, plates: Iterable[str] | None) -> None:
        self._every = plates is None
        self._plates: set[str] = set()
        self._by_head: dict[str, list[str]] = {}
        for plate in plates or ():
            self._plates.add(plate)
            if "?" in plate or "*" in plate:
                head = _LITERALS.match(plate)
                assert head is not None
                self._by_head.setdefault(head.group()[:_HEAD], []).append(plate)

    def covers(self, plate: str) -> bool:
        """Tell whether a normalised plate, or all that a pattern matches, is allowed."""
        if self._every or plate in self._plates:
            return True
        return any(
            pattern_covers(pattern, plate)
            for length in range(min(_HEAD, len(plate)) + 1)
            for pattern in self._by_head.get(plate[:length], ())
        )


def is_everywhere(scope: Scope) -> bool:
    """Tell whether it asks nothing of the place."""
    return scope.cameras is None and scope.sites is None and scope.bounds is None


def covers_camera(scope: Scope, code: str, place: Place | None) -> bool:
    """Tell whether reads of a camera are allowed; one that stands nowhere known has no area."""
    if scope.cameras is not None and code not in scope.cameras:
        return False
    return _covers_place(scope, place)


def _covers_place(scope: Scope, place: Place | None) -> bool:
    if scope.sites is not None and (place is None or place.site not in scope.sites):
        return False
    return scope.bounds is None or (
        place is not None and scope.bounds.contains(Point(place.lon, place.lat))
    )


def cameras_of(scope: Scope, places: Places) -> tuple[str, ...] | None:
    """Return the codes of the cameras that are allowed, sorted; None: every one."""
    if is_everywhere(scope):
        return None
    known = sorted(places) if scope.cameras is None else scope.cameras
    return tuple(code for code in known if _covers_place(scope, places.get(code)))
