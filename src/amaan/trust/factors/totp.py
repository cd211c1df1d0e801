"""One-time codes by time (RFC 6238), and recovery codes for the day the telephone is lost."""

from __future__ import annotations

import io
from uuid import UUID

import pyotp
import segno

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.trust.factors import rules, store
from amaan.trust.factors.model import CodeRefusedError, EnrolmentError, TotpOffer
from amaan.trust.model import Account, Debt, Method, Session
from amaan.trust.rules import needs_second_factor
from amaan.trust.sealing import Sealer
from amaan.trust.service import TrustService
from amaan.trust.settings import TrustSettings

ISSUER = "Amaan"
SECRET_LENGTH = 32  # base32: 160 bits, as RFC 4226 recommends


def _sealed_for(account: UUID) -> str:
    return f"trust/totp/{account}"


class TotpService:
    """Use cases of one-time codes."""

    def __init__(
        self,
        database: Database,
        trust: TrustService,
        sealer: Sealer,
        clock: Clock,
        settings: TrustSettings,
    ) -> None:
        self._database = database
        self._trust = trust
        self._sealer = sealer
        self._clock = clock
        self._settings = settings

    async def offer(self, account: Account) -> TotpOffer:
        """Return a fresh secret that counts once confirmed. Raises EnrolmentError."""
        secret = pyotp.random_base32(SECRET_LENGTH)
        sealed = self._sealer.seal(secret, purpose=_sealed_for(account.id))
        async with self._database.transaction() as connection:
            await store.lock_account(connection, account.id)
            found = await store.find_totp(connection, account.id)
            if found is not None and found.confirmed:
                raise EnrolmentError("one-time codes are in use: remove them first")
            await store.put_totp(connection, account.id, sealed, self._clock.now())
        uri = pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=ISSUER)
        return TotpOffer(secret, uri, _picture(uri))

    async def confirm(self, account: Account, code: str) -> list[str]:
        """Put the offered secret to use; return recovery codes, shown this once.

        Raises CodeRefusedError, EnrolmentError.
        """
        codes, now = rules.new_recovery_codes(), self._clock.now()
        hashes = [hashed for code in codes if (hashed := rules.recovery_hash(code)) is not None]
        async with self._database.transaction() as connection:
            await store.lock_account(connection, account.id)
            found = await store.find_totp(connection, account.id)
            if found is None or found.confirmed:
                raise EnrolmentError("no secret waits to be confirmed")
            step = rules.totp_step(self._secret(account.id, found), code, now, found.last_step)
            if step is None:
                raise CodeRefusedError("that is not the code that the app shows now")
            await store.take_step(connection, account.id, step)
            await store.confirm_totp(connection, account.id, now)
            await store.put_recovery_codes(connection, account.id, hashes)
        self._trust.tell_ended()  # other sessions now owe the code
        return codes

    async def show(self, token: str, session: Session, code: str) -> tuple[str, Session]:
        """Take a one-time or recovery code; return the session's new token and itself.

        Raises EnrolmentError when none is owed, CodeRefusedError, AccountLockedError (a wrong code
        counts as a wrong password does).
        """
        account = session.account
        if session.owes != Debt.SECOND_FACTOR:
            raise EnrolmentError("no second factor is owed")
        await self._trust.locks.begin(account.username)
        if not await self._takes(account.id, code):
            raise CodeRefusedError("the code is wrong, or was used before")
        await self._trust.locks.forget(account.id)
        return await self._trust.strengthen(token, Method.TOTP)

    async def remove(self, session: Session, password: str) -> None:
        """Stop asking for codes, after the password was shown once more.

        Raises SignInRefusedError, EnrolmentError when there are none or a role needs them.
        """
        account = session.account
        await self._trust.check_password(account, password)
        async with self._database.transaction() as connection:
            await store.lock_account(connection, account.id)
            passkeys = await store.list_passkeys(connection, account.id)
            standing = [passkey for passkey in passkeys if passkey.refused_at is None]
            if not standing and needs_second_factor(account, self._settings):
                raise EnrolmentError("this account needs a second factor: add another one first")
            if not await store.delete_totp(connection, account.id):
                raise EnrolmentError("one-time codes are not in use")

    async def _takes(self, account: UUID, code: str) -> bool:
        now = self._clock.now()
        recovery = rules.recovery_hash(code)
        async with self._database.transaction() as connection:
            if recovery is not None:
                return await store.take_recovery_code(connection, account, recovery, now)
            found = await store.find_totp(connection, account)
            if found is None or not found.confirmed:
                return False
            step = rules.totp_step(self._secret(account, found), code, now, found.last_step)
            return step is not None and await store.take_step(connection, account, step)

    def _secret(self, account: UUID, found: store.Totp) -> str:
        return self._sealer.unseal(found.secret_sealed, purpose=_sealed_for(account))


def _picture(uri: str) -> str:
    out = io.BytesIO()
    segno.make(uri, error="m").save(
        out, kind="svg", scale=4, xmldecl=False, svgns=True, nl=False, omitsize=False
    )
    return out.getvalue().decode()
