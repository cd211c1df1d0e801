"""What one request leaves behind: filled while it is handled, written before it is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from starlette.requests import HTTPConnection

from amaan.kernel.events import JsonValue
from amaan.trust.model import Session


@dataclass(slots=True)
class Trail:
    """The audit entry of a request in the making.

    ``permission`` None: nobody is asked for one there, nothing is written unless ``force``.
    ``safety``: saving a life does not wait for the log; see ``recording``. ``username``: the name
    that was given where there is no session yet. ``on_begin`` is the recorder's, for requests
    that may change something. ``stands`` raises once the session is over: a long answer asks it
    again and again on its way.
    """

    permission: str | None = None
    session: Session | None = None
    actor: str = "nobody"
    username: str | None = None
    safety: bool = False
    force: bool = False
    authority: UUID | None = None
    details: dict[str, JsonValue] = field(default_factory=dict)
    on_begin: Callable[[], Awaitable[None]] | None = None
    stands: Callable[[], Awaitable[object]] | None = None

    def note(self, **details: JsonValue) -> None:
        """Add what was asked for and what is given back. Never a secret, never a whole body.

        The keys that misuse detectors and reports read: ``plate`` (text or list of texts asked
        for), ``match``, ``cameras``, ``bounds``, ``since``, ``until``, ``purpose``, ``case``,
        ``reason``, ``reads`` (ids given back), ``count`` (rows given back), ``rows`` (rows
        exported), ``entry``, ``alarm``, ``clip``, ``account``, ``decision``.
        """
        self.details.update(details)

    async def begin(self) -> None:
        """Write down, once, that the request was let through and goes to work.

        Nothing is written for one that only reads. Raises AuditUnavailableError: then nothing
        is to be done.
        """
        hook, self.on_begin = self.on_begin, None
        if hook is not None:
            await hook()


def trail_of(request: HTTPConnection) -> Trail:
    """Return the request's trail; one that is written by nobody where no recorder stands."""
    trail: Trail | None = request.scope.get("amaan.trail")
    if trail is None:
        trail = request.scope["amaan.trail"] = Trail()
    return trail
