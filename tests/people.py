"""People at a running centre, each with a browser of their own."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import count

import httpx
from fastapi import FastAPI

from amaan.kernel.acting import NOBODY, act_as
from amaan.kernel.engines import Database
from amaan.kernel.ids import new_id
from amaan.trust import store
from amaan.trust.model import Account, Grant
from amaan.trust.passwords import Passwords

ORIGIN = "http://centre.test"
PASSWORD = "a long enough phrase"  # noqa: S105  of a database that lives for one test
OFFICER = ("supervisor", "investigator", "video_operator")

_number = count(1)
_hashed: list[str] = []  # argon2id is slow on purpose: once is enough


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
    closing: AsyncExitStack
    accounts: dict[httpx.AsyncClient, Account] = field(default_factory=dict)

    async def stranger(self) -> httpx.AsyncClient:
        """Return a client that has not signed in."""
        client = httpx.AsyncClient(
            transport=Browser(self.app), base_url=ORIGIN, headers={"Origin": ORIGIN}
        )
        return await self.closing.enter_async_context(client)

    async def account(self, *roles: str, group: str | None = None) -> Account:
        """Add an account that holds the roles everywhere, or in a group of sites."""
        number = next(_number)
        name = f"person{number}"
        if not _hashed:
            _hashed.append(await Passwords().hash(PASSWORD))
        async with self.database.transaction() as connection:
            cursor = await connection.execute("SELECT clock_timestamp()")
            row = await cursor.fetchone()
            assert row is not None
            now = row[0]
            fresh = store.NewAccount(
                new_id(now), name, f"Person {number}", _hashed[0], must_change=False
            )
            grants = [Grant(role, group) for role in roles]
            await store.insert_account(connection, fresh, now, "system:test")
            await store.set_grants(connection, fresh.id, grants, now, "system:test")
            account = await store.find_account(connection, fresh.id)
            assert account is not None
        return account

    async def person(
        self, *roles: str, group: str | None = None, strong: bool = False
    ) -> httpx.AsyncClient:
        """Return a client signed in as a new account.

        ``strong``: with a second factor shown, as approving officers need.
        """
        account = await self.account(*roles, group=group)
        client = await self.stranger()
        answer = await client.post(
            "/api/trust/sessions", json={"username": account.username, "password": PASSWORD}
        )
        assert answer.status_code == 201, answer.text
        if strong:
            async with self.database.transaction() as connection:
                await connection.execute(
                    "UPDATE trust.sessions SET strong = true WHERE account = %s", [account.id]
                )
        self.accounts[client] = account
        return client

    def account_of(self, client: httpx.AsyncClient) -> Account:
        """Return whose client it is."""
        return self.accounts[client]
