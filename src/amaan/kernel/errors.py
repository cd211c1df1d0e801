"""The one base error.

AmaanError
├── NotFoundError      404
├── InvalidError       422   bad input: says what, where, and what would be right
├── ConflictError      409
├── RefusedError       403
├── UnauthenticatedError 401
└── UnavailableError   503   the world's fault; may be tried again
Each room subclasses these; routes translate once (RFC 9457).
"""

from __future__ import annotations

from typing import ClassVar


class AmaanError(Exception):
    """Carries a stable machine-readable ``code`` and the HTTP ``status`` it maps to."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, detail: str, **context: str | int | float | bool | None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.context = context


class NotFoundError(AmaanError):
    """The thing named does not exist, or the asker may not know that it does."""

    code = "not-found"
    status = 404


class InvalidError(AmaanError):
    """Input that cannot be accepted."""

    code = "invalid"
    status = 422


class ConflictError(AmaanError):
    """The state of the thing does not allow the change."""

    code = "conflict"
    status = 409


class RefusedError(AmaanError):
    """Known, and not allowed."""

    code = "refused"
    status = 403


class UnauthenticatedError(AmaanError):
    """Nobody is signed in."""

    code = "unauthenticated"
    status = 401


class UnavailableError(AmaanError):
    """Something outside does not answer; the same call may succeed later."""

    code = "unavailable"
    status = 503
