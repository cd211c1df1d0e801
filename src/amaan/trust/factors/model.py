"""Second factors, and what goes wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from amaan.kernel.errors import ConflictError, InvalidError, RefusedError, UnauthenticatedError


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """A secret that is shown once, and counts when a code of it was typed in.

    ``secret`` is base32, ``uri`` an otpauth address, ``qr_svg`` the same as a picture.
    """

    secret: str
    uri: str
    qr_svg: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key pair whose private half stays in a person's device."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool
    refused_at: datetime | None


class CodeRefusedError(UnauthenticatedError):
    """A wrong code, one that was used before, or one of an account that has none."""

    code: ClassVar[str] = "code-refused"


class PasskeyRefusedError(UnauthenticatedError):
    """An answer that does not prove a passkey; never says which passkeys there are."""

    code: ClassVar[str] = "passkey-refused"


class PasskeysUnavailableError(ConflictError):
    """The console was opened at an address where passkeys do not work."""

    code: ClassVar[str] = "passkeys-unavailable"


class EnrolmentError(ConflictError):
    """The state of the account's factors does not allow the change."""

    code: ClassVar[str] = "factor-conflict"


class TicketRefusedError(InvalidError):
    """A challenge that was never given, was answered before or is too old."""

    code: ClassVar[str] = "ticket-refused"


class OidcOffError(ConflictError):
    """Sign-in through a provider is not set up, or not for this address."""

    code: ClassVar[str] = "oidc-off"


class OidcRefusedError(RefusedError):
    """The provider's answer signs nobody in here."""

    code: ClassVar[str] = "oidc-refused"
