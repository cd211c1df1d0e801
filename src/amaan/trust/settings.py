"""What an administrator may set about accounts and sessions."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from amaan.trust.roles import Role


class TrustSettings(BaseModel):
    """Sign-in rules. The defaults follow OWASP ASVS 5.0 level 2."""

    model_config = ConfigDict(frozen=True)

    session_idle: timedelta = Field(
        default=timedelta(minutes=30),
        title="Idle time",
        description="A session without a request for so long is over.",
    )
    session_longest: timedelta = Field(
        default=timedelta(hours=13),
        title="Longest session",
        description="A session ends after so long however busy: a twelve-hour shift and its "
        "hand-over.",
    )
    failures_to_lock: int = Field(
        default=5,
        ge=3,
        le=100,
        title="Failures before a lock",
        description="Wrong passwords in a row after which an account is locked.",
    )
    lock_time: timedelta = Field(
        default=timedelta(minutes=10),
        title="Lock time",
        description="How long a locked account stays locked.",
    )
    second_factor_roles: frozenset[Role] = Field(
        default=frozenset({Role.APPROVING_OFFICER, Role.SENIOR_APPROVING_OFFICER}),
        title="Roles with a second factor",
        description="Who holds one of these enrols a second factor before anything else.",
    )
    cookie_secure: bool = Field(
        default=False,
        title="Secure cookie",
        description="Send the session cookie over HTTPS only. Set it when a TLS proxy stands in "
        "front; browsers would drop the cookie on plain HTTP.",
    )
