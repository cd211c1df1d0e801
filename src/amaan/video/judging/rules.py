"""When signs become a condition, and when it is over. Pure: time is passed in, Unix seconds.

Every figure below was set on the real clips and their degradations of ``amaan.app.bench.judging``
(table in docs/health.md): between the worst of what is fine and the best of what is not. ``enter``
and ``leave`` lie apart so that a value in between changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from amaan.video.judging.looks import Displacement, Likeness, Look
from amaan.video.model import ConditionKind

# Black is 16 in video range: nine tenths of a night street by lamps lie above 30 (clips: 34).
DARK_ENTER, DARK_LEAVE = 34.0, 40.0  # levels at the brightest 2%; night clips: 47 and more
BRIGHT_ENTER, BRIGHT_LEAVE = 0.60, 0.50  # share of the picture at white; clips: at most 0.27
LOST_ENTER, LOST_LEAVE = 0.36, 0.45  # share of structure kept; clips: 0.41 and more, lost: <= 0.31
STRANGE_ENTER, STRANGE_LEAVE = 0.55, 0.40  # new structure on a plain scene; clips: at most 0.31
PLAIN_BLOCKS = 40  # of 144: with fewer the reference is plain (car-detection: 18)
COMPARABLE_LEAST = 24  # blocks; with fewer dark or bright says what there is to say
MOVED_SHARE = 0.025  # of the width: 4 of 160; wind moves a mast by less
MOVED_SCORE, MOVED_MARGIN = 0.30, 0.15  # correlation there, and above that of no movement
COVERED_DETAIL = 0.65  # slope of edges against usual; covers: 0.14-0.60 (plain), turned: 0.82-
COVERED_SHARPNESS = 0.60  # the same of sharpness, for plain scenes; turned: 0.64 and more
BLUR_ENTER, BLUR_LEAVE = (
    0.50,
    0.60,
)  # sharpness against usual; clips: 0.68-, blurred: -0.37
SAME_ENTER, SAME_LEAVE = 0.94, 0.85  # share not coded anew; clips: at most 0.24; a clock takes 3%
GOP_LONGEST_S, GOP_LEAVE_S = (
    10.0,
    6.0,
)  # cameras are set to 1-4 s; H.264+ goes to 20 s and more
GOP_CHANGED, GOP_CHANGED_LEAST_S = 2.0, 4.0
CLOCK_ENTER_S, CLOCK_LEAVE_S = 5.0, 2.0  # WS-Security refuses 5 s (ONVIF core, 5.12.2.1)


@dataclass(frozen=True, slots=True)
class Patience:
    """For how long, and over how many looks, signs must last before a condition begins or ends."""

    enter_s: float
    leave_s: float
    looks: int = 3


PATIENCE: Final = {
    ConditionKind.FROZEN: Patience(30.0, 4.0, 6),  # an empty street at night stands still for long
    ConditionKind.COVERED: Patience(8.0, 8.0),  # a lorry at the lights before the lens: < 8 s lost
    ConditionKind.MOVED: Patience(8.0, 8.0),
    ConditionKind.BLURRED: Patience(12.0, 12.0),  # autofocus hunts for some seconds
    ConditionKind.DARK: Patience(12.0, 8.0),
    ConditionKind.BRIGHT: Patience(12.0, 8.0),  # headlights and exposure settle sooner
    ConditionKind.GOP: Patience(0.0, 0.0, 1),
    ConditionKind.CLOCK: Patience(10.0, 10.0, 2),
}


@dataclass(frozen=True, slots=True)
class Latch:
    """One kind of condition. ``since`` set: it holds."""

    since: float | None = None
    signs_since: float | None = None
    signs: int = 0
    detail: str = ""


def stepped(latch: Latch, patience: Patience, sign: bool | None, at_s: float, detail: str) -> Latch:
    """Take one look's sign: True bad, False good, None neither.

    ``signs_since`` counts towards the change: bad signs while it does not hold, good ones while
    it does. A sign of the other kind begins anew; an unclear one leaves what was counted.
    """
    if sign is None:
        return latch
    holds = latch.since is not None
    if sign is holds:
        return replace(latch, signs_since=None, signs=0, detail=detail if holds else "")
    begun = at_s if latch.signs_since is None else latch.signs_since
    signs = latch.signs + 1
    wait_s = patience.leave_s if holds else patience.enter_s
    if signs >= (2 if holds else patience.looks) and at_s - begun >= wait_s:
        return Latch() if holds else Latch(since=begun, detail=detail)
    return replace(latch, signs_since=begun, signs=signs)


@dataclass(frozen=True, slots=True)
class Usual:
    """What was learnt of a camera: edges' sharpness and steepness. None: not enough of them."""

    sharpness: float | None
    detail: float


def dark_sign(look: Look) -> bool | None:
    """Judge darkness: not even the brightest part stands out."""
    if look.bright_end < DARK_ENTER:
        return True
    return False if look.bright_end > DARK_LEAVE else None


def bright_sign(look: Look) -> bool | None:
    """Judge glare: most of the picture is white."""
    if look.burnt > BRIGHT_ENTER:
        return True
    return False if look.burnt < BRIGHT_LEAVE else None


def lost_sign(like: Likeness) -> bool | None:
    """Judge whether the known scene is no longer to be seen."""
    if like.comparable < COMPARABLE_LEAST:
        return None
    plain = like.had_structure < PLAIN_BLOCKS
    if (like.had_structure >= 6 and like.kept < LOST_ENTER) or (
        plain and like.strange > STRANGE_ENTER
    ):
        return True
    if like.kept > LOST_LEAVE and not (plain and like.strange > STRANGE_LEAVE):
        return False
    return None


def is_covered(look: Look, usual: Usual, shift: Displacement) -> bool:
    """Tell a cover from another view: what is close to a lens is out of focus."""
    if look.detail < COVERED_DETAIL * usual.detail or look.sharpness is None:
        return True
    if has_moved(shift):
        return False
    return usual.sharpness is not None and look.sharpness < COVERED_SHARPNESS * usual.sharpness


def has_moved(shift: Displacement) -> bool:
    """Tell whether the known scene is there, somewhere else."""
    return (
        shift.share >= MOVED_SHARE
        and shift.score >= MOVED_SCORE
        and shift.score - shift.unmoved >= MOVED_MARGIN
    )


def blur_sign(look: Look, usual: Usual) -> bool | None:
    """Judge sharpness against what the camera once gave."""
    if usual.sharpness is None or look.sharpness is None:
        return None
    share = look.sharpness / usual.sharpness
    if share < BLUR_ENTER:
        return True
    return False if share > BLUR_LEAVE else None


def frozen_sign(same: float) -> bool | None:
    """Judge two key frames apart in time by what was coded anew."""
    if same >= SAME_ENTER:
        return True
    return False if same < SAME_LEAVE else None


def gop_sign(intervals_s: Sequence[float], usual_s: float | None, waiting_s: float) -> bool | None:
    """Judge key frames: the last intervals, the usual one, and how long none has come."""
    if waiting_s > GOP_LONGEST_S:
        return True
    if not intervals_s:
        return None
    now_s = median(intervals_s[-5:])
    if now_s > GOP_LONGEST_S:
        return True
    stretched = usual_s is not None and len(intervals_s) >= 5 and now_s >= GOP_CHANGED * usual_s
    if stretched and now_s >= GOP_CHANGED_LEAST_S:
        return True
    return False if now_s < GOP_LEAVE_S else None


def clock_sign(ahead_s: float) -> bool | None:
    """Judge the camera's clock by how much it is ahead of ours (behind: negative)."""
    if abs(ahead_s) > CLOCK_ENTER_S:
        return True
    return False if abs(ahead_s) < CLOCK_LEAVE_S else None
