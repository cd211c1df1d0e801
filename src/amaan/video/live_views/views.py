"""Who watches which camera live, since when, and until when he may."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

import structlog

from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.errors import AmaanError, NotFoundError, RefusedError, UnavailableError
from amaan.kernel.events import JsonValue
from amaan.kernel.ids import new_id
from amaan.kernel.tasks import cancel_all
from amaan.trust.audit.model import Record
from amaan.trust.guards import reach
from amaan.trust.model import NotSignedInError, Session
from amaan.video.channel import Channels
from amaan.video.live_views.fanout import Fanout, Notice, StreamEndedError, Viewer
from amaan.video.live_views.hls import HlsWindow

LIVE = "video.live"
VIEWS_MOST = 64  # of one account: a wall of 16 on each of four screens
ALL_MOST = 2_000
TICKET_LASTS_S = 30.0
CHECK_EVERY_S = 4.0  # dead within 5 of the session's end
HLS_IDLE_S = 20.0
SESSION_OVER = "the session is over"
NOT_PERMITTED = "the permission is gone"
OUT_OF_REACH = "the camera is out of reach"
NOT_OPEN = "the incident is not open"
FOR_GOOD = frozenset({SESSION_OVER, NOT_PERMITTED, OUT_OF_REACH, NOT_OPEN})
SNAPSHOT_BYTES = 16 << 20

Stream = Literal["main", "sub"]
Way = Literal["mse", "hls"]
SessionOf = Callable[[], Awaitable[Session]]
SiteOf = Callable[[str], Awaitable[str | None]]
Write = Callable[[Record], Awaitable[object]]
RequireOpen = Callable[[UUID], Awaitable[None]]
"""Raises an AmaanError unless the asker may act in an incident."""

_log = structlog.get_logger(__name__)


class TooManyViewsError(RefusedError):
    """An account watches more than a person can."""

    code: ClassVar[str] = "too-many-views"
    status: ClassVar[int] = 429


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see. ``incident``: what for, where there is one."""

    camera: str
    stream: Stream = "sub"
    way: Way = "mse"
    incident: UUID | None = None


@dataclass(slots=True, eq=False)
class View:
    """One person watching one camera in one window."""

    id: UUID
    wish: Wish
    session: Session
    session_of: SessionOf
    opened_at: datetime
    viewer: Viewer
    ticket: str | None = field(default_factory=lambda: secrets.token_urlsafe(32))
    window: HlsWindow | None = None
    asked_at: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    reason: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)


class LiveViews:
    """Use cases of watching live. One for the centre."""

    def __init__(
        self, channels: Channels, fanout: Fanout, site_of: SiteOf, write: Write, clock: Clock
    ) -> None:
        """``write`` puts a record into the audit log."""
        self._channels = channels
        self._fanout = fanout
        self._site_of = site_of
        self._write = write
        self._clock = clock
        self._views: dict[UUID, View] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._recheck = asyncio.Event()
        self.require_open: RequireOpen | None = None  # set where there are incidents

    @property
    def views(self) -> Iterable[View]:
        """What is watched now."""
        return tuple(self._views.values())

    def recheck(self) -> None:
        """Ask at once whether everybody's session still stands."""
        self._recheck.set()
        self._recheck = asyncio.Event()

    async def open(self, wish: Wish, session: Session, session_of: SessionOf) -> View:
        """Begin a view for whoever acts.

        ``session_of`` returns the session as it is later, or raises NotSignedInError. Raises
        NotFoundError, TooManyViewsError.
        """
        if wish.incident is not None and self.require_open is not None:
            await self.require_open(wish.incident)
        mine = sum(view.session.account.id == session.account.id for view in self._views.values())
        if mine >= VIEWS_MOST or len(self._views) >= ALL_MOST:
            raise TooManyViewsError(f"an account watches at most {VIEWS_MOST} pictures at once")
        with suppress(UnavailableError):  # its worker is away: the view waits for it
            await self._channels.worker_of(wish.camera)
        now = self._clock.now()
        viewer = self._fanout.watch(wish.camera, wish.stream)
        view = View(new_id(now), wish, session, session_of, now, viewer)
        self._views[view.id] = view
        if wish.way == "hls":
            view.window, view.ticket = HlsWindow(), None
            self._begin(self._follow(view, view.window), f"hls {wish.camera}")
        self._begin(self._attend(view), f"view {wish.camera}")
        return view

    def enter(self, identifier: UUID, ticket: str, session: UUID) -> View:
        """Return the view of a ticket, which is then used up. NotFoundError."""
        view = self._views.get(identifier)
        if view is None or view.ticket is None or view.session.id != session:
            raise NotFoundError("there is no such view")
        known, view.ticket = view.ticket, None
        if not secrets.compare_digest(known.encode(), ticket.encode()):
            view.over.set()
            raise NotFoundError("there is no such view")
        return view

    def of_session(self, identifier: UUID, session: UUID) -> View:
        """Return a session's own view. NotFoundError."""
        view = self._views.get(identifier)
        if view is None or view.session.id != session or view.over.is_set():
            raise NotFoundError("there is no such view")
        view.asked_at = asyncio.get_running_loop().time()
        return view

    def end(self, view: View, reason: str) -> None:
        """End a view; the first reason counts."""
        view.reason = view.reason or reason
        view.over.set()

    async def close(self) -> None:
        """End everything."""
        for view in self.views:
            self.end(view, "the centre stops")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        await cancel_all(self._tasks)
        await self._fanout.close()

    async def snapshot(self, camera: str, stream: Stream) -> bytes:
        """Return the picture of this moment, JPEG. NotFoundError, UnavailableError."""
        worker = await self._channels.worker_of(camera)
        _, picture = await self._channels.fetch(
            worker, "snapshot", {"camera": camera, "stream": stream}, SNAPSHOT_BYTES
        )
        return picture

    # -- while it lasts ----------------------------------------------------------------------

    def _begin(self, work: Awaitable[None], name: str) -> None:
        task = asyncio.ensure_future(work)
        assert isinstance(task, asyncio.Task)
        task.set_name(name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attend(self, view: View) -> None:
        """Wait for the view's end, whatever brings it, and write it down."""
        try:
            while not view.over.is_set():
                await _first(view.over, self._recheck, CHECK_EVERY_S)
                if not view.over.is_set() and (reason := await self._in_the_way(view)):
                    self.end(view, reason)
        except Exception:  # noqa: BLE001 (top of the view's task: what fails, ends)
            _log.exception("live.view_fault", camera=view.wish.camera)
        finally:
            self.end(view, "closed")
            self._views.pop(view.id, None)
            self._fanout.leave(view.viewer)
            view.viewer.end(view.reason)
        await self._write_end(view)

    async def _in_the_way(self, view: View) -> str:
        """Return why the view may not go on; "" where nothing is in the way."""
        idle_s = asyncio.get_running_loop().time() - view.asked_at
        if view.ticket is not None and idle_s > TICKET_LASTS_S:
            return "never looked at"
        if view.window is not None and idle_s > HLS_IDLE_S:
            return "nobody asks for more"
        try:
            session = await view.session_of()
        except NotSignedInError:
            return SESSION_OVER
        except UnavailableError:
            return "the centre cannot tell who is signed in"
        found = reach(session.account, LIVE, strong=session.strong)
        if session.owes is not None or found is None:
            return NOT_PERMITTED
        if found.sites is not None:
            try:
                with acting_as(system("live_views")):
                    site = await self._site_of(view.wish.camera)
            except AmaanError:
                return "the centre cannot tell where the camera is"
            if site not in found.sites:
                return OUT_OF_REACH
        return await self._incident_in_the_way(view.wish.incident)

    async def _incident_in_the_way(self, incident: UUID | None) -> str:
        if incident is None or self.require_open is None:
            return ""
        try:
            with acting_as(system("live_views")):
                await self.require_open(incident)
        except (RefusedError, NotFoundError):
            return NOT_OPEN
        except AmaanError:
            return "the centre cannot tell how the incident stands"
        return ""

    async def _follow(self, view: View, window: HlsWindow) -> None:
        with suppress(StreamEndedError):
            while True:
                piece = await view.viewer.next()
                if not isinstance(piece, Notice):
                    window.put(piece)
        window.ended = True

    async def _write_end(self, view: View) -> None:
        now, account = self._clock.now(), view.session.account
        details: dict[str, JsonValue] = {
            "view": str(view.id),
            "camera": view.wish.camera,
            "cameras": [view.wish.camera],
            "stream": view.wish.stream,
            "duration_s": round(max(0.0, (now - view.opened_at).total_seconds()), 1),
            "reason": view.reason,
        }
        if view.wish.incident is not None:
            details["incident"] = str(view.wish.incident)
        try:
            await self._write(
                Record(
                    "end_live_view",
                    f"account:{account.id}",
                    permission=LIVE,
                    username=account.username,
                    session=str(view.session.id),
                    details=details,
                )
            )
        except UnavailableError:
            _log.error("live.end_not_written", view=str(view.id), camera=view.wish.camera)


async def _first(over: asyncio.Event, recheck: asyncio.Event, timeout_s: float) -> None:
    waits = [asyncio.create_task(over.wait()), asyncio.create_task(recheck.wait())]
    try:
        await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
