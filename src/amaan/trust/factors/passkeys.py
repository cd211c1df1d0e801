"""Passkeys (WebAuthn level 3): registering them and signing in by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from psycopg.errors import UniqueViolation
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import NotFoundError
from amaan.kernel.events import JsonValue
from amaan.kernel.ids import new_id
from amaan.trust.factors import rules, store
from amaan.trust.factors.model import (
    EnrolmentError,
    Passkey,
    PasskeyRefusedError,
    PasskeysUnavailableError,
)
from amaan.trust.factors.tickets import Tickets
from amaan.trust.model import Account, Client, Method, Session
from amaan.trust.rules import needs_second_factor
from amaan.trust.service import TrustService
from amaan.trust.settings import TrustSettings

RP_NAME = "Amaan"
MOST_PASSKEYS = 20
TRANSPORTS = frozenset({"usb", "nfc", "ble", "hybrid", "internal", "smart-card"})
WAIT_MS = 240_000  # less than a ticket is good for

# What a browser sent cannot be trusted to have a shape: the library answers some of it so.
_BAD_ANSWER = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a browser's credential call is given, and the ticket that comes back with its answer."""

    ticket: str
    options: dict[str, JsonValue]


class PasskeyService:
    """Use cases of passkeys. ``host`` is a request's Host, held against the allowed origins."""

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

    async def offer(self, account: Account, host: str | None) -> Challenge:
        """Begin a registration. Raises PasskeysUnavailableError, EnrolmentError."""
        origin, rp_id = self._place(host)
        async with self._database.transaction() as connection:
            known = await store.credential_ids(connection, account.id)
        if len(known) >= MOST_PASSKEYS:
            raise EnrolmentError(f"an account has at most {MOST_PASSKEYS} passkeys")
        options = generate_registration_options(
            rp_id=rp_id,
            rp_name=RP_NAME,
            user_id=account.id.bytes,
            user_name=account.username,
            user_display_name=account.display_name,
            timeout=WAIT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        )
        ticket = await self._tickets.issue(
            "register", _content(options.challenge, origin, rp_id), account.id
        )
        return Challenge(ticket, options_to_json_dict(options))

    async def register(
        self, account: Account, ticket: str, name: str, answer: Mapping[str, JsonValue]
    ) -> Passkey:
        """Add the passkey that a browser made. Raises TicketRefusedError, PasskeyRefusedError."""
        held = await self._tickets.take("register", ticket, account.id)
        try:
            verified = verify_registration_response(
                credential=dict(answer),
                expected_challenge=base64url_to_bytes(held["challenge"]),
                expected_rp_id=held["rp_id"],
                expected_origin=held["origin"],
                require_user_verification=True,
            )
        except _BAD_ANSWER as error:
            raise PasskeyRefusedError("the passkey could not be verified") from error
        now = self._clock.now()
        fresh = store.NewPasskey(
            id=new_id(now),
            account=account.id,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            rp_id=held["rp_id"],
            name=name,
            transports=_transports(answer),
            backed_up=verified.credential_backed_up,
        )
        try:
            async with self._database.transaction() as connection:
                await store.insert_passkey(connection, fresh, now)
        except UniqueViolation as error:
            raise EnrolmentError("that passkey is registered already") from error
        self._trust.tell_ended()  # other sessions now owe it
        return Passkey(fresh.id, name, now, None, fresh.backed_up, None)

    async def challenge(self, host: str | None) -> Challenge:
        """Begin a sign-in of whoever has a passkey for here. Raises PasskeysUnavailableError."""
        origin, rp_id = self._place(host)
        options = generate_authentication_options(
            rp_id=rp_id, timeout=WAIT_MS, user_verification=UserVerificationRequirement.REQUIRED
        )
        ticket = await self._tickets.issue("sign_in", _content(options.challenge, origin, rp_id))
        return Challenge(ticket, options_to_json_dict(options))

    async def sign_in(
        self, ticket: str, answer: Mapping[str, JsonValue], client: Client
    ) -> tuple[str, Session]:
        """Return a fresh token and its strong session.

        Raises TicketRefusedError, PasskeyRefusedError, SignInRefusedError (disabled).
        """
        held = await self._tickets.take("sign_in", ticket)
        account = await self._prove(held, answer)
        if account is None:
            raise PasskeyRefusedError("the passkey is not known here, or was refused")
        return await self._trust.open_session(account, Method.PASSKEY, client, strong=True)

    async def passkeys(self, account: UUID) -> list[Passkey]:
        """Return an account's passkeys, oldest first."""
        async with self._database.transaction() as connection:
            return await store.list_passkeys(connection, account)

    async def remove(self, account: Account, passkey: UUID) -> None:
        """Forget a passkey. Raises NotFoundError, EnrolmentError for the last one of a role."""
        needed = needs_second_factor(account, self._settings)
        async with self._database.transaction() as connection:
            await store.lock_account(connection, account.id)
            if not await store.delete_passkey(connection, account.id, passkey):
                raise NotFoundError("no such passkey")
            totp = await store.find_totp(connection, account.id)
            left = await store.list_passkeys(connection, account.id)
            standing = any(one.refused_at is None for one in left)
            if needed and not standing and not (totp is not None and totp.confirmed):
                raise EnrolmentError("this account needs a second factor: add another one first")

    async def _prove(self, held: Mapping[str, str], answer: Mapping[str, JsonValue]) -> UUID | None:
        """Return whose passkey made the answer; None for an unknown or refused one.

        A counter that fell back shows that a copy is about: the passkey is refused for good.
        """
        now = self._clock.now()
        async with self._database.transaction() as connection:
            found = await store.lock_credential(connection, _credential_id(answer))
            if found is None or found.refused or found.rp_id != held["rp_id"]:
                return None
            if _user_handle(answer) != found.account.bytes:
                return None
            try:
                verified = verify_authentication_response(
                    credential=dict(answer),
                    expected_challenge=base64url_to_bytes(held["challenge"]),
                    expected_rp_id=held["rp_id"],
                    expected_origin=held["origin"],
                    credential_public_key=found.public_key,
                    credential_current_sign_count=0,  # looked at below, once the rest is proven
                    require_user_verification=True,
                )
            except _BAD_ANSWER as error:
                raise PasskeyRefusedError("the passkey could not be verified") from error
            if rules.is_copied(found.sign_count, verified.new_sign_count):
                await store.refuse_passkey(connection, found.id, now)
                return None
            await store.use_passkey(connection, found.id, verified.new_sign_count, now)
        return found.account

    def _place(self, host: str | None) -> tuple[str, str]:
        origin = rules.own_origin(host, self._settings.origins)
        rp_id = rules.rp_id_of(origin) if origin is not None else None
        if origin is None or rp_id is None:
            raise PasskeysUnavailableError(
                "passkeys do not work at this address: open the console by a host name that the "
                "administrator has set (AMAAN_TRUST__ORIGINS), or by localhost"
            )
        return origin, rp_id


def _content(challenge: bytes, origin: str, rp_id: str) -> dict[str, str]:
    return {"challenge": bytes_to_base64url(challenge), "origin": origin, "rp_id": rp_id}


def _credential_id(answer: Mapping[str, JsonValue]) -> bytes:
    try:
        return base64url_to_bytes(str(answer["rawId"]))
    except (KeyError, ValueError) as error:
        raise PasskeyRefusedError("the answer holds no passkey") from error


def _user_handle(answer: Mapping[str, JsonValue]) -> bytes | None:
    response = answer.get("response")
    handle = response.get("userHandle") if isinstance(response, Mapping) else None
    try:
        return base64url_to_bytes(handle) if isinstance(handle, str) else None
    except ValueError:
        return None


def _transports(answer: Mapping[str, JsonValue]) -> tuple[str, ...]:
    response = answer.get("response")
    named = response.get("transports") if isinstance(response, Mapping) else None
    if not isinstance(named, list):
        return ()
    return tuple(sorted(TRANSPORTS.intersection(one for one in named if isinstance(one, str))))
