"""People at a running centre, each with a browser of their own."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import httpx
from fastapi import FastAPI

from amaan.kernel.acting import NOBODY, act_as, acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.ids import new_id
from amaan.trust.guards import COOKIE
from amaan.trust.model import Account
from amaan.trust.service import TrustService, new_token, token_hash

ORIGIN = "http://centre.test"
PASSWORD = "a long enough phrase"  # noqa: S105  of a database that lives for one test
OFFICER = ("supervisor", "investigator", "video_operator")

_number = count(1)


class Browser(httpx.ASGITransport):
    """Hands each request to the centre as a task of its own, on nobody's behalf, as a server does.

    In the test's own task the guard's word of who asks would stay behind.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the centre's answer."""
        context = copy_context()
        context.run(act_as, NOBODY)
        answer = super().handle_async_request(request)
        return await asyncio.create_task(answer, context=context)


@dataclass
class People:
    """Makes accounts of one centre, and clients signed in as them."""

    app: FastAPI
    database: Database
    clock: Clock
    closing: AsyncExitStack
    accounts: dict[httpx.AsyncClient, Account] = field(default_factory=dict)

    async def stranger(self) -> httpx.AsyncClient:
        """Return a client that has not signed in."""
        client = httpx.AsyncClient(
            transport=Browser(self.app), base_url=ORIGIN, headers={"Origin": ORIGIN}
        )
        return await self.closing.enter_async_context(client)

    async def group(self, code: str, *sites: str) -> str:
        """Add a group of sites; return its code."""
        with acting_as(system("test")):
            async with self.database.transaction() as connection:
                await connection.execute(
                    "INSERT INTO trust.site_groups (code, name, sites, changed_at) "
                    "VALUES (%s, %s, %s, now())",
                    [code, code, list(sites)],
                )
        return code

    async def account(self, *roles: str, group: str | None = None) -> Account:
        """Add an account that holds the roles everywhere, or in a group of sites."""
        number = next(_number)
        service: TrustService = self.app.state.trust
        with acting_as(system("test")):
            return await service.create_account(
                f"person{number}", f"Person {number}", PASSWORD, [(role, group) for role in roles]
            )

    async def person(
        self, *roles: str, group: str | None = None, strong: bool = False
    ) -> httpx.AsyncClient:
        """Return a client signed in as a new account.

        ``strong``: with a second factor shown, as approving officers need.
        """
        account = await self.account(*roles, group=group)
        client = await self.stranger()
        client.cookies.set(COOKIE, await self.session(account, strong=strong))
        self.accounts[client] = account
        return client

    async def session(self, account: Account, *, strong: bool = False) -> str:
        """Return the token of a new session, begun without the slow look at the password."""
        token = new_token()
        now = self.clock.now()
        with acting_as(system("test")):
            async with self.database.transaction() as connection:
                await connection.execute(
                    "INSERT INTO trust.sessions (token_hash, id, account, created_at, "
                    "last_seen_at, ends_at, method, strong) "
                    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                    [
                        *(token_hash(token), new_id(now), account.id, now, now),
                        *(now + timedelta(hours=12), "totp" if strong else "password", strong),
                    ],
                )
                if strong:
                    await connection.execute(
                        "INSERT INTO trust.totps (account, secret_sealed, created_at, "
                        "confirmed_at) VALUES (%s, 'none', %s, %s) ON CONFLICT DO NOTHING",
                        [account.id, now, now],
                    )
        return token

    def account_of(self, client: httpx.AsyncClient) -> Account:
        """Return whose client it is."""
        return self.accounts[client]
