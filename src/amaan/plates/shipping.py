"""Ships a worker's spooled reads and pictures to the centre over HTTP.

Reads go first, in batches, the moment they are spooled; pictures follow while no read waits.
An item is forgotten only when the centre says that it has committed it. What fails is tried
again with a growing, jittered pause; a read that the centre will not take is found by halving
its batch and held back, so that it cannot block the others.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx
import msgspec
import orjson
import structlog
from pydantic import BaseModel, ConfigDict, Field

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Spool, Spooled
from amaan.kernel.errors import AmaanError, UnavailableError

_log = structlog.get_logger(__name__)

_CONTENT_FAULTS = frozenset({400, 409, 413, 415, 422})
_LONE_REFUSALS_MEAN_ALL = 8
_Key = tuple[str, int]


class ShippingSettings(BaseModel):
    """Pace and patience of the shipper."""

    model_config = ConfigDict(frozen=True)

    worker: str = Field(min_length=1, max_length=64, description="The worker's name.")
    batch_reads: int = Field(default=500, ge=1, le=500, description="Reads in one request.")
    retry_first_s: float = Field(default=0.2, gt=0, description="First pause after a failure.")
    retry_greatest_s: float = Field(default=10.0, gt=0, description="Longest pause, link down.")
    refused_pause_s: float = Field(
        default=30.0, gt=0, description="Pause when the centre refuses everything (say, the token)."
    )
    hold_s: float = Field(
        default=300.0, gt=0, description="How long a refused item is held before another try."
    )
    idle_s: float = Field(default=5.0, gt=0, description="Look at the spool at least this often.")


@dataclass(frozen=True, slots=True)
class ShippingState:
    """``state``: ok; waiting (the centre does not answer); refused (it answers, and says no)."""

    state: str
    reason: str
    held: int
    shipped_reads: int
    shipped_pictures: int


class CentreAbsentError(UnavailableError):
    """No answer, or one that cannot come from a working centre."""

    code = "centre-absent"


class CentreRefusesError(UnavailableError):
    """The centre refuses this worker altogether: token, address or version."""

    code = "centre-refuses"


class ContentRefusedError(AmaanError):
    """The centre answered, and will not take what the request carries."""

    code = "content-refused"
    status = 422


class _Range(msgspec.Struct):
    boot: str
    first: int
    last: int


class _Answer(msgspec.Struct):
    acknowledged: list[_Range]


class _Held:
    """Items refused one by one, and when each may be tried again."""

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._until: dict[_Key, float] = {}
        self.reason = ""

    def hold(self, item: Spooled, reason: str) -> None:
        self._until[item.boot, item.seq] = time.monotonic() + self._hold_s
        self.reason = reason

    def holds(self, item: Spooled) -> bool:
        until = self._until.get((item.boot, item.seq))
        return until is not None and time.monotonic() < until

    def release(self, items: Sequence[Spooled]) -> None:
        for item in items:
            self._until.pop((item.boot, item.seq), None)

    def __len__(self) -> int:
        return len(self._until)


class Shipper:
    """Two threads over one spool. ``client`` carries the centre's address and the token."""

    def __init__(
        self, spool: Spool, client: httpx.Client, settings: ShippingSettings, clock: Clock
    ) -> None:
        self._spool = spool
        self._client = client
        self._settings = settings
        self._clock = clock
        self._stopping = threading.Event()
        self._reads_wake = threading.Event()
        self._pictures_wake = threading.Event()
        self._reads_done = threading.Event()
        self._held_reads = _Held(settings.hold_s)
        self._held_pictures = _Held(settings.hold_s)
        self._lone_refusals = 0
        self._newest_turn = False
        self._troubles: dict[str, tuple[str, str]] = {}
        self._shipped = {"read": 0, "picture": 0}
        self._threads: list[threading.Thread] = []

    # -- life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to ship."""
        lanes: tuple[tuple[str, Callable[[], int], threading.Event], ...] = (
            ("read", self.ship_reads, self._reads_wake),
            ("picture", self._ship_pictures_in_turn, self._pictures_wake),
        )
        for kind, work, wake in lanes:
            thread = threading.Thread(
                target=self._run, args=(kind, work, wake), name=f"ship-{kind}s", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def wake(self) -> None:
        """Say that something was spooled."""
        self._reads_wake.set()
        self._pictures_wake.set()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop after the request in flight; what is not shipped stays in the spool."""
        self._stopping.set()
        self.wake()
        self._reads_done.set()
        until = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def state(self) -> ShippingState:
        """Return how shipping goes."""
        held = len(self._held_reads) + len(self._held_pictures)
        state, reason = "ok", ""
        if held:
            cause = self._held_reads.reason or self._held_pictures.reason
            state, reason = "refused", f"{held} refused by the centre and held back: {cause}"
        for kind in ("picture", "read"):
            state, reason = self._troubles.get(kind, (state, reason))
        return ShippingState(state, reason, held, self._shipped["read"], self._shipped["picture"])

    def _run(self, kind: str, work: Callable[[], int], wake: threading.Event) -> None:
        failures = 0
        while not self._stopping.is_set():
            wake.clear()
            try:
                shipped = work()
            except CentreRefusesError as error:
                self._note(kind, "refused", error.detail)
                self._stopping.wait(self._jittered(self._settings.refused_pause_s))
            except UnavailableError as error:
                self._note(kind, "waiting", error.detail)
                self._stopping.wait(self._pause_s(failures))
                failures += 1
            except Exception as error:  # noqa: BLE001 (top of a task loop)
                _log.exception("shipping.fault", kind=kind)
                self._note(kind, "waiting", f"fault in the shipper: {type(error).__name__}")
                self._stopping.wait(self._settings.retry_greatest_s)
            else:
                failures = 0
                self._note(kind, "ok", "")
                if not shipped:
                    wake.wait(self._settings.idle_s)

    def _pause_s(self, failures: int) -> float:
        settings = self._settings
        return self._jittered(
            min(settings.retry_greatest_s, settings.retry_first_s * 2.0 ** min(failures, 16))
        )

    @staticmethod
    def _jittered(seconds: float) -> float:
        return seconds * random.uniform(0.5, 1.0)  # noqa: S311 (spreads load, guards nothing)

    def _note(self, kind: str, state: str, reason: str) -> None:
        before = self._troubles.get(kind)
        if state == "ok":
            if self._troubles.pop(kind, None) is not None:
                _log.info("shipping.resumed", kind=kind)
            return
        self._troubles[kind] = (state, reason)
        if before != (state, reason):
            _log.warning("shipping.trouble", kind=kind, state=state, reason=reason)

    # -- reads -------------------------------------------------------------------------------

    def ship_reads(self) -> int:
        """Ship the oldest batch; return how many reads the centre acknowledged."""
        items = self._waiting("read", self._settings.batch_reads, self._held_reads)
        if not items:
            self._reads_done.set()
            return 0
        self._reads_done.clear()
        shipped = self._ship_batch(items)
        self._shipped["read"] += shipped
        return shipped

    def _waiting(self, kind: str, limit: int, held: _Held) -> list[Spooled]:
        items = self._spool.pending(kind, limit + len(held))
        return [item for item in items if not held.holds(item)][:limit]

    def _ship_batch(self, items: Sequence[Spooled]) -> int:
        try:
            answer = self._post_reads(items)
        except ContentRefusedError as error:
            if len(items) == 1:
                self._refused_alone(items[0], error.detail, self._held_reads)
                return 0
            middle = len(items) // 2
            return self._ship_batch(items[:middle]) + self._ship_batch(items[middle:])
        self._lone_refusals = 0
        committed = [item for item in items if _covers(answer, item)]
        if not committed:
            raise CentreAbsentError("the centre acknowledged none of the reads it was sent")
        self._forget(committed, self._held_reads)
        return len(committed)

    def _refused_alone(self, item: Spooled, reason: str, held: _Held) -> None:
        held.hold(item, reason)
        _log.error(
            "shipping.item_refused", kind=item.kind, boot=item.boot, seq=item.seq, reason=reason
        )
        self._lone_refusals += 1
        if self._lone_refusals >= _LONE_REFUSALS_MEAN_ALL:
            self._lone_refusals = 0
            raise CentreRefusesError(f"the centre refuses one item after another: {reason}")

    def _forget(self, items: Sequence[Spooled], held: _Held) -> None:
        self._spool.acknowledge([(item.source, item.boot, item.seq) for item in items])
        held.release(items)

    def _post_reads(self, items: Sequence[Spooled]) -> _Answer:
        try:
            reads = [
                {**orjson.loads(item.payload), "boot": item.boot, "seq": item.seq} for item in items
            ]
        except (orjson.JSONDecodeError, TypeError) as error:
            raise ContentRefusedError("a spooled read is no JSON object") from error
        sent_at = self._clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
        body = orjson.dumps({"worker": self._settings.worker, "sent_at": sent_at, "reads": reads})
        response = self._send("POST", "/api/plates/observations", body, "application/json")
        try:
            return msgspec.json.decode(response.content, type=_Answer)
        except msgspec.DecodeError as error:
            raise CentreAbsentError("what answers at the centre's address is no centre") from error

    # -- pictures ----------------------------------------------------------------------------

    def _ship_pictures_in_turn(self) -> int:
        while not self._reads_done.wait(1.0):
            if self._stopping.is_set():
                return 0
        return self.ship_picture()

    def ship_picture(self) -> int:
        """Ship one picture; return 1, or 0 when none waits.

        By turns the newest and the oldest: after hours without a link the picture of a live alarm
        does not wait for all the others, and none waits for ever.
        """
        self._newest_turn = not self._newest_turn
        items: Sequence[Spooled] = ()
        if self._newest_turn:
            newest = self._spool.latest("picture", 1)
            items = [item for item in newest if not self._held_pictures.holds(item)]
        items = items or self._waiting("picture", 1, self._held_pictures)
        if not items or self._stopping.is_set():
            return 0
        item = items[0]
        digest = hashlib.sha256(item.payload).hexdigest()
        try:
            self._send("PUT", f"/api/plates/pictures/{digest}", item.payload, "image/jpeg")
        except ContentRefusedError as error:
            self._refused_alone(item, error.detail, self._held_pictures)
            return 1
        self._lone_refusals = 0
        self._forget(items, self._held_pictures)
        self._shipped["picture"] += 1
        return 1

    # -- wire --------------------------------------------------------------------------------

    def _send(self, method: str, path: str, body: bytes, kind: str) -> httpx.Response:
        try:
            response = self._client.request(
                method, path, content=body, headers={"content-type": kind}
            )
        except httpx.HTTPError as error:
            raise CentreAbsentError(
                f"the centre does not answer: {type(error).__name__}"
            ) from error
        if response.is_success:
            return response
        text = f"{response.status_code} {_problem(response)}".strip()
        if response.status_code in _CONTENT_FAULTS:
            raise ContentRefusedError(text)
        if response.status_code in (401, 403, 404, 405) or response.is_redirect:
            raise CentreRefusesError(f"the centre refuses this worker: {text}")
        raise CentreAbsentError(f"the centre cannot take it now: {text}")


def _covers(answer: _Answer, item: Spooled) -> bool:
    return any(
        told.boot == item.boot and told.first <= item.seq <= told.last
        for told in answer.acknowledged
    )


def _problem(response: httpx.Response) -> str:
    """Return the problem's detail (RFC 9457), or the reason phrase, at most 200 characters."""
    try:
        problem = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        problem = None
    if isinstance(problem, dict):
        return str(problem.get("detail") or problem.get("title") or "")[:200]
    return response.reason_phrase
