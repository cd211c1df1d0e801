"""One stream of server-sent events per client.

Events are rendered once and kept in a ring; a client is no more than a position in it. Nothing is
pushed, so a reader that stands still costs nothing and holds up nobody. One that has fallen out of
the ring, or comes back with Last-Event-ID, is served from the outbox until it has caught up.

What is shown is read as the system, once for all; each client is told only what its account may
know: by permission, and by the site of the camera that an event is about. What a client is told is
written into the audit log first: many events as one entry where they follow close on each other.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import ClassVar
from uuid import UUID

import orjson
import structlog

from amaan.console.ports import Feed
from amaan.kernel.acting import acting_as, system
from amaan.kernel.errors import AmaanError, RefusedError, UnavailableError
from amaan.kernel.events import Event, JsonValue
from amaan.trust.guards import reach
from amaan.trust.model import Account, NotSignedInError

RING = 2_000
CATCH_UP_BATCH = 200
CATCH_UP_MOST = 20_000  # further behind, reading everything anew is quicker
KEEP_ALIVE_S = 15.0  # a console gives up a stream that says nothing for 40 s
CHECK_EVERY_S = 4.0  # how often a stream asks whether its session still stands: dead within 5
WRITE_EVERY_S = 0.5  # what may wait, waits so long after an entry in the audit log for the next
LOOK_EVERY_S = 0.05  # meanwhile, for what may not wait
STREAMS_MOST = 40  # of one account: each asks the database every few seconds
EVERYBODY = "*"
SITE = "site:"  # before a site's code; a camera's code holds no colon

BEAT = b"event: beat\ndata: {}\n\n"  # a comment would be hidden from a browser's scripts

Render = Callable[[Event], Awaitable[JsonValue]]
About = Callable[[JsonValue], str | None]
SiteOf = Callable[[str], Awaitable[str | None]]
Check = Callable[[], Awaitable[Account]]
WriteDown = Callable[[Account, Mapping[str, Sequence[str]]], Awaitable[object]]

_log = structlog.get_logger(__name__)


class TooManyStreamsError(RefusedError):
    """An account listens on more consoles than a person has."""

    code: ClassVar[str] = "too-many-streams"
    status: ClassVar[int] = 429


@dataclass(frozen=True, slots=True)
class _Shown:
    name: str
    permission: str
    render: Render
    about: About
    may_wait: bool


@dataclass(frozen=True, slots=True)
class _Message:
    position: int
    name: str
    key: str
    permission: str
    site: str | None
    body: bytes
    may_wait: bool


async def payload_as_it_is(event: Event) -> JsonValue:
    """Show an event's own payload."""
    return event.payload


def nowhere(data: JsonValue) -> str | None:
    """Say of data that it is about no camera: only accounts that see everywhere hear of it."""
    del data
    return None


def everybody(data: JsonValue) -> str | None:
    """Say of data that it belongs to no place: every account with the permission hears of it."""
    del data
    return EVERYBODY


def camera_at(*path: str) -> About:
    """Return what finds the code of a camera in data by the names of fields, outermost first."""

    def about(data: JsonValue) -> str | None:
        for name in path:
            data = data.get(name) if isinstance(data, dict) else None
        return data if isinstance(data, str) else None

    return about


def site_at(*path: str) -> About:
    """Return what finds the code of a site in data: for what is about a site and no camera."""
    code_at = camera_at(*path)

    def about(data: JsonValue) -> str | None:
        code = code_at(data)
        return None if code is None else SITE + code

    return about


class LiveEvents:
    """Turns rooms' events into what consoles hear; ``run`` it for as long as the centre."""

    def __init__(self, feed: Feed, site_of: SiteOf) -> None:
        """``site_of`` returns the site of a camera; None for a camera that is not there."""
        self._feed = feed
        self._site_of = site_of
        self._shown: dict[str, _Shown] = {}
        self._retracting: set[str] = set()
        self._ring: deque[_Message] = deque()
        self._dropped = 0  # the newest position that has left the ring
        self._position = 0
        self._started = asyncio.Event()
        self._clients: set[asyncio.Event] = set()
        self._listeners: Counter[UUID] = Counter()
        self._endings = 0
        self._closed = False
        self._write_down: WriteDown | None = None

    def before_showing(self, write_down: WriteDown) -> None:
        """Await ``write_down(account, shown)`` before an account is told of events.

        ``shown``: the keys of the events by the name under which they are shown. What it raises
        (UnavailableError) ends the stream: nothing is shown unwritten.
        """
        self._write_down = write_down

    def show(
        self,
        event: str,
        name: str,
        permission: str,
        render: Render = payload_as_it_is,
        about: About = nowhere,
        *,
        may_wait: bool = False,
    ) -> None:
        """Send a room's event under a name to consoles whose account has the permission.

        ``render`` makes the data; None sends nothing. It reads what is true now, so it may be
        called again for the same event. ``about`` tells of the data which camera it is about: only
        accounts whose permission reaches its site hear of it (see ``nowhere``, ``everybody``).
        ``may_wait``: half a second does no harm, so that many are one entry in the audit log.
        """
        self._shown[event] = _Shown(name, permission, render, about, may_wait)

    def retract_on(self, event: str) -> None:
        """Forget what was rendered before this event, each time it comes.

        It says that something shown before may be seen no more. A client that is behind is then
        told from the outbox, of what is true now.
        """
        self._retracting.add(event)

    @property
    def clients(self) -> int:
        """How many streams are open."""
        return len(self._clients)

    def require_room(self, account: UUID) -> None:
        """Raise TooManyStreamsError when an account has as many streams as one may."""
        if self._listeners[account] >= STREAMS_MOST:
            raise TooManyStreamsError(f"an account listens on at most {STREAMS_MOST} consoles")

    async def run(self) -> None:
        """Follow the events until cancelled; trouble of the database is waited out."""
        while True:
            try:
                newest = await self._feed.newest()
                break
            except UnavailableError:
                await asyncio.sleep(1.0)
        self._position = self._dropped = newest
        self._started.set()
        async for event in self._feed.tail(self._position):
            message = await self._message(event)
            if event.name in self._retracting:
                self._ring.clear()
                self._dropped = self._position
            if message is not None:
                self._ring.append(message)
                while len(self._ring) > RING:
                    self._dropped = self._ring.popleft().position
            self._position = event.position
            if message is not None:
                self._wake_all()

    def recheck(self) -> None:
        """Make every stream ask at once whether its session still stands."""
        self._endings += 1
        self._wake_all()

    def _wake_all(self) -> None:
        for wake in self._clients:
            wake.set()

    def close(self) -> None:
        """End every stream; none begins any more."""
        self._closed = True
        self.recheck()

    async def stream(self, check: Check, last_event_id: int | None) -> AsyncGenerator[bytes]:
        """Yield the bytes of one client's stream until its session ends or the centre stops.

        ``check`` returns the account, or raises NotSignedInError when the session is over.
        """
        standing = _Standing(check, lambda: self._endings)
        listener = (await standing.account()).id
        await self._started.wait()
        newest = self._position
        position = newest if last_event_id is None else min(last_event_id, newest)
        wake = asyncio.Event()
        self._clients.add(wake)
        self._listeners[listener] += 1
        try:
            yield f"retry: 2000\nid: {position}\nevent: ready\ndata: {{}}\n\n".encode()
            if newest - position > CATCH_UP_MOST:
                yield f"id: {newest}\nevent: resync\ndata: {{}}\n\n".encode()
                position = newest
            clock = asyncio.get_running_loop().time
            said, written = clock(), 0.0
            while not self._closed:
                wake.clear()
                messages, reached = await self._after(position)
                account = await standing.account()
                heard = [message for message in messages if _hears(account, message)]
                if heard and self._write_down is not None:
                    may_wait = all(one.may_wait for one in heard) and position >= self._dropped
                    if may_wait and clock() < written + WRITE_EVERY_S:
                        await asyncio.sleep(LOOK_EVERY_S)
                        continue
                    await self._write_down(account, _keys(heard))
                    written = clock()
                for message in heard:
                    # A reader that stood still may come to this one long after the first.
                    if _hears(await standing.account(), message):
                        yield message.body
                        said = clock()
                position = reached
                due = said + KEEP_ALIVE_S  # what the account may not see breaks no silence
                if not messages and position >= self._position:
                    await _rung(wake, min(due, standing.checked + CHECK_EVERY_S))
                if clock() >= due:
                    yield BEAT
                    said = clock()
        except (NotSignedInError, UnavailableError):
            return  # a client whose session stands comes back and goes on where it was
        finally:
            self._clients.discard(wake)
            self._listeners[listener] -= 1
            if not self._listeners[listener]:
                del self._listeners[listener]

    async def _after(self, position: int) -> tuple[list[_Message], int]:
        """Return what follows a position, and the position that is reached with it."""
        if position >= self._dropped:
            fresh = takewhile(lambda one: one.position > position, reversed(self._ring))
            found = [*fresh][::-1]
            return found, max(position, self._position)  # catching up may have run ahead
        try:
            with acting_as(system("live")):
                events = await self._feed.after(position, CATCH_UP_BATCH)
                rendered = [await self._message(event) for event in events]
        except UnavailableError:
            await asyncio.sleep(1.0)
            return [], position
        reached = events[-1].position if events else self._dropped
        return [message for message in rendered if message is not None], reached

    async def _message(self, event: Event) -> _Message | None:
        shown = self._shown.get(event.name)
        if shown is None:
            return None
        try:
            data = await shown.render(event)
            site = None if data is None else await self._site(shown.about(data))
        except AmaanError as error:
            _log.warning("console.not_shown", event_name=event.name, reason=error.detail)
            return None
        except Exception:  # noqa: BLE001  one event must not end everybody's stream
            _log.exception("console.not_shown", event_name=event.name)
            return None
        if data is None:
            return None
        body = b"id: %d\nevent: %s\ndata: %s\n\n" % (
            event.position,
            shown.name.encode(),
            orjson.dumps(data),
        )
        return _Message(
            event.position, shown.name, event.key, shown.permission, site, body, shown.may_wait
        )

    async def _site(self, camera: str | None) -> str | None:
        if camera is None or camera == EVERYBODY:
            return camera
        if camera.startswith(SITE):
            return camera.removeprefix(SITE)
        return await self._site_of(camera)


class _Standing:
    """Whose session stands: asked again every ``CHECK_EVERY_S``, and when some session ended."""

    def __init__(self, check: Check, endings: Callable[[], int]) -> None:
        self._check = check
        self._endings = endings
        self._seen = 0
        self._account: Account | None = None
        self.checked = 0.0

    async def account(self) -> Account:
        """Return the account as it is now. Raises NotSignedInError, UnavailableError."""
        now, endings = asyncio.get_running_loop().time(), self._endings()
        if self._account is None or endings != self._seen or now - self.checked >= CHECK_EVERY_S:
            self._account = await self._check()
            self._seen, self.checked = endings, now
        return self._account


def _keys(messages: Sequence[_Message]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for message in messages:
        found[message.name].append(message.key)
    return found


def _hears(account: Account, message: _Message) -> bool:
    """Tell whether an account may know; what has no site is for those who see everywhere."""
    reached = reach(account, message.permission)
    if reached is None:
        return False
    return reached.sites is None or message.site == EVERYBODY or message.site in reached.sites


async def _rung(wake: asyncio.Event, until: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            await wake.wait()
