"""Decisions about second factors. Pure: time is passed in."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import pyotp

from amaan.kernel.events import JsonValue
from amaan.trust.settings import OidcSettings

STEP_S = 30
DRIFT_STEPS = 1  # a telephone's clock may be half a minute off
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without 0 o 1 l i: typed from paper
_GROUPS, _GROUP = 4, 6  # 24 characters of 31: 118 bits, so that one SHA-256 is enough
_THIS_MACHINE = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")
_TOTP_CODE = re.compile(r"[0-9]{6}")


def totp_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """Return the 30 s step whose code it is; None for a wrong one, or not after ``last_step``.

    RFC 6238, section 5.2: a code is accepted once.
    """
    digits = re.sub(r"\s", "", code)
    if not _TOTP_CODE.fullmatch(digits):
        return None
    made = pyotp.TOTP(secret)
    current = int(now.timestamp()) // STEP_S
    found: int | None = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(made.generate_otp(step), digits) and step > last_step:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Return fresh codes, each of 118 bits, in groups that can be typed."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> bytes | None:
    """Return what is stored of a recovery code; None for what cannot be one."""
    plain = re.sub(r"[\s-]", "", code).lower()
    if len(plain) != _GROUPS * _GROUP or not set(plain) <= set(_ALPHABET):
        return None
    return hashlib.sha256(plain.encode()).digest()


def own_origin(host: str | None, allowed: tuple[str, ...]) -> str | None:
    """Return the origin by which a request's Host is known; None for a name that is not ours.

    ``allowed`` as set by the administrator; besides them only this machine's own names.
    """
    wanted = (host or "").lower()
    for origin in allowed:
        if urlsplit(origin).netloc == wanted:
            return origin
    return f"http://{wanted}" if _THIS_MACHINE.fullmatch(wanted) else None


def rp_id_of(origin: str) -> str | None:
    """Return the WebAuthn relying party of an origin: its host name; None for a bare address."""
    name = urlsplit(origin).hostname or ""
    try:
        ip_address(name)
    except ValueError:
        return name or None
    return None


def is_copied(stored: int, shown: int) -> bool:
    """Tell whether a passkey's counter fell back (WebAuthn 3, section 7.2, step 22)."""
    return (stored > 0 or shown > 0) and shown <= stored


def is_strong(claims: Mapping[str, JsonValue], settings: OidcSettings) -> bool:
    """Tell whether a provider says that a second factor was shown (amr or acr)."""
    methods = claims.get("amr")
    if isinstance(methods, list) and any(method in settings.strong_amr for method in methods):
        return True
    return claims.get("acr") in settings.strong_acr


def username_in(claims: Mapping[str, JsonValue], settings: OidcSettings) -> str | None:
    """Return the user name that a provider's token holds, lower case; None without a good one."""
    name = claims.get(settings.username_claim)
    if not isinstance(name, str) or not name:
        return None
    if settings.username_claim == "email" and claims.get("email_verified") is not True:
        return None
    return name.strip().lower()
