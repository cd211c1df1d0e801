"""One camera's judge: learns how it looks, and says what is wrong with it. One thread at a time."""

from __future__ import annotations

import io
from collections import deque
from datetime import UTC, datetime
from statistics import median
from zipfile import BadZipFile

import numpy as np

from amaan.video.judging import rules
from amaan.video.judging.looks import (
    HIGH,
    WIDE,
    Look,
    Small,
    displacement,
    likeness,
    unchanged,
)
from amaan.video.judging.rules import PATIENCE, Latch, Usual, stepped
from amaan.video.model import Condition, ConditionKind

LEARNT_AFTER = 5  # looks
LEARNING = 0.01  # of a look into the reference: dusk is followed, a parked lorry is not at once
RELAXED_S, WATCHFUL_S = 4.0, 2.0

_LOOKED_AT = (
    ConditionKind.FROZEN,
    ConditionKind.COVERED,
    ConditionKind.BLURRED,
    ConditionKind.MOVED,
    ConditionKind.DARK,
    ConditionKind.BRIGHT,
)


class CameraJudge:
    """Feed it looks, key frames and clocks; ``conditions`` are what holds now."""

    def __init__(self) -> None:
        self._latches = {kind: Latch() for kind in PATIENCE}
        self._first: list[Look] = []
        self._reference: Small | None = None
        self._usual = Usual(None, 0.0)
        self._before: Look | None = None
        self._keyframe_s: float | None = None
        self._intervals: deque[float] = deque(maxlen=10)
        self._usual_gop_s: float | None = None

    # -- pictures ----------------------------------------------------------------------------

    def see(self, look: Look) -> None:
        """Judge a picture; pictures come seconds apart."""
        before, self._before = self._before, look
        if before is not None and look.at_s > before.at_s:
            self._step(ConditionKind.FROZEN, rules.frozen_sign(unchanged(look, before)), look.at_s)
        dark, bright = rules.dark_sign(look), rules.bright_sign(look)
        self._step(ConditionKind.DARK, dark, look.at_s)
        self._step(ConditionKind.BRIGHT, bright, look.at_s)
        if dark is not False or bright is not False:
            return
        if self._reference is None:
            self._learn_first(look)
        else:
            self._compare(look, self._reference)

    def _compare(self, look: Look, reference: Small) -> None:
        like = likeness(look, reference)
        lost = rules.lost_sign(like)
        if lost:
            shift = displacement(look, reference)
            covered = rules.is_covered(look, self._usual, shift)
            seen = f"{like.kept:.0%} of the known scene is seen"
            moved = (
                f"displaced by {shift.share:.0%} of the width" if rules.has_moved(shift) else seen
            )
            self._step(ConditionKind.COVERED, covered or None, look.at_s, seen)
            self._step(ConditionKind.MOVED, not covered or None, look.at_s, moved)
            return
        self._step(ConditionKind.COVERED, lost, look.at_s)
        self._step(ConditionKind.MOVED, lost, look.at_s)
        blurred = rules.blur_sign(look, self._usual)
        self._step(ConditionKind.BLURRED, blurred, look.at_s)
        if lost is False and blurred is False:
            reference += LEARNING * (look.small - reference)

    def _learn_first(self, look: Look) -> None:
        self._first.append(look)
        if len(self._first) < LEARNT_AFTER:
            return
        looks, self._first = self._first, []
        self._reference = np.median([one.small for one in looks], axis=0).astype(np.float32)
        sharp = [one.sharpness for one in looks if one.sharpness is not None]
        enough = 2 * len(sharp) > len(looks)
        self._usual = Usual(median(sharp) if enough else None, median(one.detail for one in looks))

    def _step(self, kind: ConditionKind, sign: bool | None, at_s: float, detail: str = "") -> None:
        self._latches[kind] = stepped(self._latches[kind], PATIENCE[kind], sign, at_s, detail)

    def forget(self) -> None:
        """Learn anew what the camera sees: a person turned it, and means it so."""
        self._reference, self._first, self._before = None, [], None
        for kind in _LOOKED_AT:
            self._latches[kind] = Latch()

    # -- streams -----------------------------------------------------------------------------

    def keyframe(self, at_s: float) -> None:
        """Note a key frame, whether it is looked at or not."""
        if self._keyframe_s is not None and 0.0 < at_s - self._keyframe_s < 3600.0:
            self._intervals.append(at_s - self._keyframe_s)
            if self._usual_gop_s is None and len(self._intervals) == self._intervals.maxlen:
                self._usual_gop_s = median(self._intervals)
        self._keyframe_s = at_s
        self._judge_gop(at_s)

    def interrupted(self) -> None:
        """Note that the stream broke: what comes after is no interval and no repetition."""
        self._keyframe_s, self._before = None, None
        self._intervals.clear()
        for kind in (ConditionKind.FROZEN, ConditionKind.GOP):
            self._latches[kind] = Latch()

    def flows(self, at_s: float) -> None:
        """Say that packets came until now: with no key frame among them for long, a sign."""
        self._judge_gop(at_s)

    def _judge_gop(self, at_s: float) -> None:
        waiting_s = 0.0 if self._keyframe_s is None else at_s - self._keyframe_s
        sign = rules.gop_sign(list(self._intervals), self._usual_gop_s, waiting_s)
        usual = "" if self._usual_gop_s is None else f", usually every {self._usual_gop_s:.0f} s"
        longest = max([waiting_s, *list(self._intervals)[-2:]])
        self._step(ConditionKind.GOP, sign, at_s, f"a key frame in {longest:.0f} s{usual}")

    def clock(self, ahead_s: float, at_s: float) -> None:
        """Note by how much the camera's clock is ahead of ours."""
        side = "ahead" if ahead_s > 0 else "behind"
        detail = f"its clock is {abs(ahead_s):.0f} s {side}"
        self._step(ConditionKind.CLOCK, rules.clock_sign(ahead_s), at_s, detail)

    # -- answers -----------------------------------------------------------------------------

    def conditions(self) -> tuple[Condition, ...]:
        """Return what holds. Only the worst of what is seen: a covered camera is also blurred."""
        held = {kind: latch for kind, latch in self._latches.items() if latch.since is not None}
        if ConditionKind.DARK in held or ConditionKind.BRIGHT in held:
            for kind in (ConditionKind.COVERED, ConditionKind.BLURRED, ConditionKind.MOVED):
                held.pop(kind, None)
        elif ConditionKind.COVERED in held or ConditionKind.MOVED in held:
            held.pop(ConditionKind.BLURRED, None)
            if ConditionKind.COVERED in held:
                held.pop(ConditionKind.MOVED, None)
        return tuple(
            Condition(kind, datetime.fromtimestamp(latch.since or 0.0, UTC), latch.detail)
            for kind, latch in held.items()
        )

    def wait_s(self) -> float:
        """Return how long to wait for the next look: less while something is suspected."""
        suspects = any(latch.signs_since is not None for latch in self._latches.values())
        return WATCHFUL_S if suspects or self._reference is None else RELAXED_S

    # -- memory ------------------------------------------------------------------------------

    def remembered(self) -> bytes | None:
        """Return what was learnt, so that a restart does not learn a covered lens as the scene."""
        if self._reference is None:
            return None
        stream = io.BytesIO()
        sharpness = np.nan if self._usual.sharpness is None else self._usual.sharpness
        np.savez_compressed(
            stream,
            reference=self._reference.astype(np.float16),
            usual=np.array([sharpness, self._usual.detail]),
        )
        return stream.getvalue()

    def remember(self, kept: bytes) -> bool:
        """Take up what was learnt before; False (and nothing taken) when it cannot be read."""
        try:
            with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
                reference = arrays["reference"].astype(np.float32)
                sharpness, detail = (float(value) for value in arrays["usual"])
        except (OSError, ValueError, KeyError, BadZipFile, EOFError):
            return False
        if reference.shape != (HIGH, WIDE) or not np.isfinite(reference).all():
            return False
        self._reference = reference
        self._usual = Usual(None if np.isnan(sharpness) else sharpness, detail)
        return True
