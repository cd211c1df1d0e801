"""Every guarded request is written down before it is answered.

An ASGI layer around all routes. The guards say who asks for what (``trail``); this writes a
*begun* entry once a request that may change something was let through, and the outcome before the
first byte of any answer goes out. When the log does not answer, the answer is 503 and nothing
else; where life is at stake (``safety``) it goes on, and the entry waits in a file.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from amaan.kernel.clock import Clock
from amaan.trust.audit.addresses import Network, Refusals, client_address
from amaan.trust.audit.late import LateFile
from amaan.trust.audit.model import AuditUnavailableError, Outcome, Record
from amaan.trust.audit.rules import outcome_of
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.trail import Trail

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
KEEP_EVERY_S: Final = 5.0
ASK_EVERY_S: Final = 4.0  # a session that was ended is dead within 5, downloads too
WORKER: Final = "worker"  # what a worker that is refused was asking for
_RANGE_SHOWN: Final = 100

_log = structlog.get_logger(__name__)


class Recorder:
    """Writes requests down; ``keep`` it running for what could not be written at once."""

    def __init__(
        self, log: AuditLog, clock: Clock, late: LateFile, trusted: Sequence[Network] = ()
    ) -> None:
        self._log = log
        self._clock = clock
        self.late = late
        self.trusted = tuple(trusted)
        self._refusals = Refusals()

    async def write(self, record: Record, *, safety: bool) -> None:
        """Return once written, in the log or (``safety``) in the file of late entries.

        Raises AuditUnavailableError.
        """
        now = self._clock.now()
        if record.permission == WORKER and not self._refusals.is_first(record.address or "", now):
            return
        try:
            await self._log.write(record)
        except AuditUnavailableError:
            if not safety:
                raise
            await self._keep_late(record)

    async def _keep_late(self, record: Record) -> None:
        try:
            await self.late.keep(self._log.leaf_of_late(record))
        except OSError as error:
            # A full disk must not keep help from anybody; the log file is what remains.
            _log.critical(
                "audit.not_written", action=record.action, actor=record.actor, reason=str(error)
            )

    async def keep(self) -> None:
        """Hand over what waits as soon as the log answers, until cancelled."""
        while True:
            try:
                await self.catch_up()
            except AuditUnavailableError:
                _log.warning("audit.waiting", late=self.late.count)
            await asyncio.sleep(KEEP_EVERY_S)

    async def catch_up(self) -> None:
        """Write what waits. Raises AuditUnavailableError: it goes on waiting."""
        await self.late.hand_over(self._log.write_late)
        for address, more in self._refusals.due(self._clock.now()):
            await self._log.write(
                Record(
                    "refuse_worker",
                    "nobody",
                    Outcome.DENIED,
                    permission=WORKER,
                    status=401,
                    address=address,
                    details={"count": more},
                )
            )


class Recording:
    """ASGI middleware; ``refusal`` answers 503 in place of what could not be written down."""

    def __init__(self, app: ASGIApp, recorder: Recorder, refusal: ASGIApp) -> None:
        self._app = app
        self._recorder = recorder
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "websocket":
            await self._record_socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Request(self._recorder, scope, Trail(), uuid4().hex)
        scope["amaan.trail"] = request.trail
        if scope["method"] not in SAFE_METHODS:
            request.trail.on_begin = request.begin
        answered = refused = False

        async def written_send(message: Message) -> None:
            nonlocal answered, refused
            if message["type"] == "http.response.start":
                refused = not await request.end(message["status"])
                answered = True
                if refused:
                    await self._refusal(scope, receive, send)
            elif message.get("more_body", False) and not refused:
                await request.require_standing()
            if not refused:
                await send(message)

        try:
            await self._app(scope, receive, written_send)
        except Exception:
            if not answered:  # whoever stands outside answers 500, without data
                await request.end(500)
            raise

    async def _record_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write down that a socket is opened, or refused, before either is answered."""
        request = _Request(self._recorder, scope, Trail(), uuid4().hex)
        scope["amaan.trail"] = request.trail
        answered = False

        async def written_send(message: Message) -> None:
            nonlocal answered
            if not answered:
                answered = True
                if not await request.end(_status_of(message)):
                    await send({"type": "websocket.close", "code": 1013})
                    raise AuditUnavailableError("nothing is shown unwritten")
            await send(message)

        await self._app(scope, receive, written_send)


def _status_of(message: Message) -> int:
    """Return the status by which a server answers a socket's first message."""
    if message["type"] == "websocket.accept":
        return 101
    if message["type"] == "websocket.http.response.start":
        return int(message["status"])
    return 403


@dataclass(slots=True)
class _Request:
    """One request on its way."""

    recorder: Recorder
    scope: Scope
    trail: Trail
    id: str
    failed: bool = False  # its beginning could not be written
    asked: float = field(default_factory=time.monotonic)  # when its session stood

    async def begin(self) -> None:
        try:
            await self._write(Outcome.BEGUN, None)
        except AuditUnavailableError:
            self.failed = True
            raise

    async def end(self, status: int) -> bool:
        """Write the outcome; False when nothing may be shown."""
        if self.failed:
            return False
        if self.trail.permission is None and not self.trail.force:
            return True
        if self.trail.permission == WORKER and status != 401:
            return True
        try:
            await self._write(outcome_of(status), status)
        except AuditUnavailableError:
            return False
        return True

    async def require_standing(self) -> None:
        """Raise, and so break a long answer off, when whoever asked is signed in no more."""
        now = time.monotonic()
        if self.trail.stands is not None and now - self.asked >= ASK_EVERY_S:
            await self.trail.stands()
            self.asked = now

    async def _write(self, outcome: Outcome, status: int | None) -> None:
        scope, trail = self.scope, self.trail
        headers = Headers(scope=scope)
        client = scope.get("client")
        account = None if trail.session is None else trail.session.account
        details = dict(trail.details)
        if "range" in headers:
            details["range"] = headers["range"][:_RANGE_SHOWN]
        record = Record(
            action=str(getattr(scope.get("route"), "name", "unknown")),
            actor=trail.actor,
            outcome=outcome,
            permission=trail.permission,
            username=trail.username if account is None else account.username,
            status=status,
            method=scope.get("method", "GET"),
            path=scope["path"],  # without the query: what matters of it is in the details
            address=client_address(
                None if client is None else client[0],
                headers.getlist("x-forwarded-for"),
                self.recorder.trusted,
            ),
            session=None if trail.session is None else str(trail.session.id),
            request=self.id,
            authority=trail.authority,
            details=details,
        )
        await self.recorder.write(record, safety=trail.safety)
