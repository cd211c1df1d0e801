"""What an administrator may set about accounts and sessions."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from amaan.trust.roles import Role


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and text == f"{parts.scheme}://{parts.netloc}".lower()
        and "@" not in parts.netloc
    )


def is_private_way(url: str) -> bool:
    """Tell whether nobody between here and there can read along: HTTPS, or this machine."""
    parts = urlsplit(url)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))


class OidcSettings(BaseModel):
    """Sign-in through an OpenID Connect provider; off without an issuer."""

    model_config = ConfigDict(frozen=True)

    issuer: str | None = Field(
        default=None,
        title="Issuer",
        description="The provider's address, as its tokens name it. HTTPS, or this machine.",
    )
    name: str = Field(
        default="Single sign-on",
        min_length=1,
        max_length=60,
        title="Name",
        description="What the button says.",
    )
    client_id: str = Field(
        default="amaan", title="Client id", description="As registered with the provider."
    )
    client_secret: SecretStr | None = Field(
        default=None, title="Client secret", description="As registered with the provider."
    )
    username_claim: str = Field(
        default="preferred_username",
        title="User name claim",
        description="The claim that holds the account's user name at the first sign-in; the "
        "provider's subject is bound to the account from then on. An email counts only if the "
        "provider says that it is verified.",
    )
    scopes: str = Field(
        default="openid profile email", title="Scopes", description="What is asked for."
    )
    strong_amr: tuple[str, ...] = Field(
        default=("mfa",),
        title="Strong methods",
        description="Values of amr (RFC 8176) that count as a second factor.",
    )
    strong_acr: tuple[str, ...] = Field(
        default=(),
        title="Strong classes",
        description="Values of acr that count as a second factor.",
    )

    @field_validator("issuer")
    @classmethod
    def _private(cls, issuer: str | None) -> str | None:
        if issuer is not None and not is_private_way(issuer):
            raise ValueError("an issuer has an https address")
        return issuer


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
    recent_sign_in: timedelta = Field(
        default=timedelta(minutes=15),
        title="Recent sign-in",
        description="Second factors are added and removed within so long of signing in; later one "
        "signs in again first.",
    )
    given_password_lasts: timedelta = Field(
        default=timedelta(days=7),
        title="Life of a given password",
        description="A password that an administrator gave, or that of the first run, signs in "
        "no more after so long.",
    )
    second_factor_roles: tuple[str, ...] = Field(
        default=("approving_officer", "senior_approving_officer"),
        title="Roles with a second factor",
        description="Who holds one of these enrols a second factor before anything else.",
    )
    origins: tuple[str, ...] = Field(
        default=(),
        title="Origins",
        description="Addresses that browsers know the console by, such as "
        "https://amaan.example.org. Passkeys and single sign-on work there and on this machine "
        "(http://localhost) only.",
    )
    oidc: OidcSettings = Field(
        default=OidcSettings(), title="Single sign-on", description="OpenID Connect."
    )
    cookie_secure: bool = Field(
        default=False,
        title="Secure cookie",
        description="Send the session cookie over HTTPS only. Set it when a TLS proxy stands in "
        "front; browsers would drop the cookie on plain HTTP.",
    )

    @field_validator("second_factor_roles")
    @classmethod
    def _roles(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        if not set(roles) <= set(Role):
            raise ValueError(f"roles are {', '.join(Role)}")
        return roles

    @field_validator("origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _is_origin(origin):
                raise ValueError("an origin is scheme://host[:port], lower case, nothing more")
        return origins
