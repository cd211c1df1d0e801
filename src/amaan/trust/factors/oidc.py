"""Sign-in through an OpenID Connect provider: authorization code with PKCE, state and nonce."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus, urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import UnavailableError
from amaan.kernel.events import JsonValue
from amaan.trust.factors import rules, store
from amaan.trust.factors.model import OidcOffError, OidcRefusedError
from amaan.trust.factors.tickets import Tickets
from amaan.trust.model import Client, Method, Session
from amaan.trust.service import TrustService
from amaan.trust.settings import TrustSettings, is_private_way

TIMEOUT_S = 10.0
LEEWAY_S = 60
MOST_BYTES = 1 << 20
RETURN_PATH = "/api/trust/oidc/return"
# Signatures by a key that the provider keeps to itself; nothing by a shared secret, never "none".
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]


@dataclass(frozen=True, slots=True)
class Provider:
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class OidcService:
    """Use cases of the provider. ``host`` is a request's Host, held against the allowed origins."""

    def __init__(
        self,
        database: Database,
        trust: TrustService,
        tickets: Tickets,
        clock: Clock,
        settings: TrustSettings,
    ) -> None:
        self._database = database
        self._trust = trust
        self._tickets = tickets
        self._clock = clock
        self._settings = settings

    @property
    def name(self) -> str | None:
        """What the button says; None where sign-in through a provider is off."""
        return self._settings.oidc.name if self._settings.oidc.issuer is not None else None

    async def start(self, host: str | None) -> tuple[str, str]:
        """Return where to send the browser, and the ticket that it keeps as a cookie meanwhile.

        Raises OidcOffError, UnavailableError.
        """
        settings = self._settings.oidc
        origin = rules.own_origin(host, self._settings.origins)
        if settings.issuer is None or origin is None:
            raise OidcOffError("single sign-on is not set up for this address")
        async with _web() as web:
            provider = await _discover(web, settings.issuer)
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        verifier = secrets.token_urlsafe(48)
        redirect = origin + RETURN_PATH
        ticket = await self._tickets.issue(
            "oidc", {"state": state, "nonce": nonce, "verifier": verifier, "redirect": redirect}
        )
        asked = {
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": redirect,
            "scope": settings.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        join = "&" if "?" in provider.authorization_endpoint else "?"
        return f"{provider.authorization_endpoint}{join}{urlencode(asked)}", ticket

    async def finish(
        self, ticket: str | None, state: str | None, code: str | None, client: Client
    ) -> tuple[str, Session]:
        """Return a fresh token and its session for what the provider sent the browser back with.

        Raises TicketRefusedError, OidcRefusedError, UnavailableError, SignInRefusedError.
        """
        if self._settings.oidc.issuer is None:
            raise OidcOffError("single sign-on is not set up")
        held = await self._tickets.take("oidc", ticket or "")
        if not state or not secrets.compare_digest(held["state"].encode(), state.encode()):
            raise OidcRefusedError("the answer belongs to another sign-in")
        if not code:
            raise OidcRefusedError("the provider signed nobody in")
        claims = await self._claims(self._settings.oidc.issuer, code, held)
        username = rules.username_in(claims, self._settings.oidc)
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        async with self._database.transaction() as connection:
            account = await store.find_binding(connection, issuer, subject)
            if account is None and username is not None:
                account = await store.bind(connection, username, issuer, subject, self._clock.now())
        if account is None:
            raise OidcRefusedError("no account here belongs to this sign-in")
        strong = rules.is_strong(claims, self._settings.oidc)
        return await self._trust.open_session(account, Method.OIDC, client, strong=strong)

    async def _claims(
        self, issuer: str, code: str, held: Mapping[str, str]
    ) -> Mapping[str, JsonValue]:
        """Return the verified claims of the token that a code is good for."""
        async with _web() as web:
            provider = await _discover(web, issuer)
            tokens = await self._redeem(web, provider, code, held)
            keys = await _json(web, provider.jwks_uri)
        try:
            token = jwt.decode(str(tokens["id_token"]), _keys(keys), ALGORITHMS)
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": provider.issuer},
                    "aud": {"essential": True, "value": self._settings.oidc.client_id},
                },
                params={
                    "nonce": held["nonce"],
                    "client_id": self._settings.oidc.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise OidcRefusedError("the provider's token could not be verified") from error
        found: dict[str, JsonValue] = dict(token.claims)
        return found

    async def _redeem(
        self, web: httpx.AsyncClient, provider: Provider, code: str, held: Mapping[str, str]
    ) -> Mapping[str, JsonValue]:
        settings = self._settings.oidc
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": held["redirect"],
            "code_verifier": held["verifier"],
        }
        auth: httpx.BasicAuth | None = None
        if settings.client_secret is None:
            form["client_id"] = settings.client_id
        else:  # RFC 6749, section 2.3.1: both are form-encoded first
            secret = settings.client_secret.get_secret_value()
            auth = httpx.BasicAuth(quote_plus(settings.client_id), quote_plus(secret))
        return await _json(web, provider.token_endpoint, form=form, auth=auth)


def _web() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        timeout=TIMEOUT_S, follow_redirects=False, headers={"Accept": "application/json"}
    )


async def _discover(web: httpx.AsyncClient, issuer: str) -> Provider:
    """Return what the provider says of itself. Raises OidcRefusedError, UnavailableError."""
    said = await _json(web, issuer.rstrip("/") + "/.well-known/openid-configuration")
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    provider = Provider(*(str(said.get(name, "")) for name in names))
    if provider.issuer != issuer:
        raise OidcRefusedError("the provider goes by another name than the one that was set")
    ways = (provider.authorization_endpoint, provider.token_endpoint, provider.jwks_uri)
    if not all(is_private_way(way) for way in ways):
        raise OidcRefusedError("the provider wants to be spoken to in the open")
    return provider


async def _json(
    web: httpx.AsyncClient,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    auth: httpx.BasicAuth | None = None,
) -> Mapping[str, JsonValue]:
    """Return an answer's JSON object. Raises OidcRefusedError, UnavailableError."""
    try:
        async with web.stream(
            "GET" if form is None else "POST", url, data=form, auth=auth or httpx.Auth()
        ) as answer:
            content = b""
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise OidcRefusedError("the provider says too much")
    except httpx.HTTPError as error:
        raise UnavailableError("the sign-in provider does not answer") from error
    if answer.status_code >= 500:
        raise UnavailableError("the sign-in provider is in trouble")
    try:
        said = json.loads(content)
    except ValueError as error:
        raise OidcRefusedError("the provider's answer is no JSON") from error
    if answer.status_code != 200 or not isinstance(said, dict):
        raise OidcRefusedError("the provider refused")
    return said


def _keys(said: Mapping[str, JsonValue]) -> KeySet:
    listed = said.get("keys")
    if not isinstance(listed, list):
        raise OidcRefusedError("the provider shows no keys")
    return KeySet.import_key_set({"keys": listed})
