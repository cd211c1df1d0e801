"""What a person asks of the centre, and the steps to its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from amaan.kernel.errors import ConflictError, InvalidError, NotFoundError, RefusedError


class RequestKind(StrEnum):
    """``access``: what is held about my vehicle? ``complaint``: something was done wrongly."""

    ACCESS = "access"
    COMPLAINT = "complaint"


class RequestState(StrEnum):
    """received -> verified -> answered | refused -> appealed -> upheld | dismissed.

    One whose sender cannot be verified is refused from ``received``. ``upheld``: the appeal was
    right.
    """

    RECEIVED = "received"
    VERIFIED = "verified"
    ANSWERED = "answered"
    REFUSED = "refused"
    APPEALED = "appealed"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


OPEN = frozenset({RequestState.RECEIVED, RequestState.VERIFIED, RequestState.APPEALED})
"""States in which the person waits for the centre."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. Sealed at rest; its repr says nothing."""

    name: str
    contact: str

    def __repr__(self) -> str:
        return "Asker(***)"


@dataclass(frozen=True, slots=True)
class Matter:
    """What is asked. Sealed at rest too: it tells of the person."""

    plate: str | None
    text: str

    def __repr__(self) -> str:
        return "Matter(***)"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, never changed. ``by`` is an account."""

    at: datetime
    by: UUID
    state: RequestState
    text: str

    def __repr__(self) -> str:
        return f"Step({self.state.value})"


@dataclass(frozen=True, slots=True)
class PublicRequest:
    """A request as it stands. ``reference`` is what the person quotes.

    ``due_at``: by when the centre owes its answer (after an appeal: its decision).
    """

    id: UUID
    reference: str
    kind: RequestKind
    state: RequestState
    asker: Asker
    matter: Matter
    received_at: datetime
    due_at: datetime
    answered_by: UUID | None = None
    history: tuple[Step, ...] = ()

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the person has waited longer than promised."""
        return self.state in OPEN and now > self.due_at


class RequestNotFoundError(NotFoundError):
    """There is no such request."""

    code: ClassVar[str] = "unknown-request"


class RequestStateError(ConflictError):
    """The step does not follow from where the request stands."""

    code: ClassVar[str] = "request-state"


class SamePersonError(RefusedError):
    """An appeal against one's own answer."""

    code: ClassVar[str] = "same-person"


class RequestInputError(InvalidError):
    """A request or step that says too little; ``context["field"]`` says where."""

    code: ClassVar[str] = "request-input"
