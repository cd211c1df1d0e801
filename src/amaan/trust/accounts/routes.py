"""/api/trust: accounts, their sessions, groups of sites, roles."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from amaan.kernel.errors import InvalidError
from amaan.trust import wire
from amaan.trust.accounts.groups import GroupsService
from amaan.trust.accounts.model import AccountChange, Listed, SiteGroup
from amaan.trust.accounts.service import AccountsService
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import permitted
from amaan.trust.roles import HELD_ALONE, PERMISSIONS
from amaan.trust.service import TrustService

MOST_GRANTS = 50


class NewAccount(BaseModel):
    """A person who is to sign in."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1, max_length=64, examples=["a.khan"])
    display_name: str = Field(min_length=1, max_length=100)
    grants: list[wire.GrantOut] = Field(max_length=MOST_GRANTS)


class Change(BaseModel):
    """What is to be changed; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    display_name: str | None = Field(default=None, min_length=1, max_length=100)
    grants: list[wire.GrantOut] | None = Field(default=None, max_length=MOST_GRANTS)
    disabled: bool | None = None


class ListedOut(BaseModel):
    """An account as its administrator sees it."""

    id: UUID
    username: str
    display_name: str
    roles: list[str]
    grants: list[wire.GrantOut]
    created_at: datetime
    disabled_at: datetime | None
    locked_until: datetime | None
    must_change_password: bool
    factors: wire.FactorsOut
    last_seen_at: datetime | None


class AccountPage(BaseModel):
    """Accounts by user name; ``next_cursor`` is null on the last page."""

    items: list[ListedOut]
    next_cursor: str | None


class Added(BaseModel):
    """A new account and its password, good for one sign-in and never shown again."""

    account: ListedOut
    password: str


class OnePassword(BaseModel):
    """A password, good for one sign-in and never shown again."""

    password: str


class GroupIn(BaseModel):
    """A group of sites to be."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=40, examples=["north"])
    name: str = Field(min_length=1, max_length=100)
    sites: list[str] = Field(max_length=10_000)


class GroupChange(BaseModel):
    """What is to be changed; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=100)
    sites: list[str] | None = Field(default=None, max_length=10_000)


class GroupOut(BaseModel):
    """A group of sites."""

    code: str
    name: str
    sites: list[str]


class GroupList(BaseModel):
    """Every group, by code."""

    items: list[GroupOut]


class RoleOut(BaseModel):
    """A role and what it may; ``held_alone`` goes with no other role."""

    role: str
    permissions: list[str]
    held_alone: bool


class RoleList(BaseModel):
    """Every role."""

    items: list[RoleOut]


def _shown(listed: Listed) -> ListedOut:
    account = listed.account
    return ListedOut(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        roles=list(account.roles),
        grants=wire.grants_out(account.grants),
        created_at=listed.created_at,
        disabled_at=listed.disabled_at,
        locked_until=listed.locked_until,
        must_change_password=listed.must_change_password,
        factors=wire.FactorsOut(totp=listed.factors.totp, passkeys=listed.factors.passkeys),
        last_seen_at=listed.last_seen_at,
    )


def _group(group: SiteGroup) -> GroupOut:
    return GroupOut(code=group.code, name=group.name, sites=list(group.sites))


def _pairs(grants: list[wire.GrantOut]) -> tuple[tuple[str, str | None], ...]:
    return tuple((grant.role, grant.group) for grant in grants)


def _named(grants: list[wire.GrantOut]) -> list[str]:
    return [
        grant.role if grant.group is None else f"{grant.role}@{grant.group}" for grant in grants
    ]


def _after(cursor: str | None) -> str:
    if not cursor:
        return ""
    try:
        return base64.b64decode(
            cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        ).decode()
    except (ValueError, binascii.Error) as error:
        raise InvalidError("not a cursor of this list") from error


def accounts_router(service: TrustService, accounts: AccountsService) -> APIRouter:
    """Return the routes of accounts and of roles."""
    routes = APIRouter(prefix="/api/trust", tags=["trust"])
    viewing = [Depends(permitted("trust.view_accounts"))]
    managing = [Depends(permitted("trust.manage_accounts"))]

    @routes.get("/accounts", dependencies=viewing)
    async def list_accounts(
        cursor: Annotated[str | None, Query(max_length=120)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AccountPage:
        """Return accounts by user name."""
        found = await accounts.page(_after(cursor), limit + 1)
        last = found[limit - 1].account.username if len(found) > limit else None
        return AccountPage(
            items=[_shown(one) for one in found[:limit]],
            next_cursor=last and base64.urlsafe_b64encode(last.encode()).decode().rstrip("="),
        )

    @routes.post("/accounts", status_code=201, dependencies=managing)
    async def add_account(body: NewAccount, request: Request) -> Added:
        """Add an account; it comes with a password that is good for one sign-in."""
        account, password = await accounts.add(
            body.username, body.display_name, _pairs(body.grants)
        )
        trail_of(request).note(account=str(account.id), grants=_named(body.grants))
        return Added(account=_shown(await accounts.account(account.id)), password=password)

    @routes.get("/accounts/{account_id}", dependencies=viewing)
    async def read_account(account_id: UUID, request: Request) -> ListedOut:
        """Return one account."""
        trail_of(request).note(account=str(account_id))
        return _shown(await accounts.account(account_id))

    @routes.patch("/accounts/{account_id}", dependencies=managing)
    async def change_account(account_id: UUID, body: Change, request: Request) -> ListedOut:
        """Change an account; its sessions follow at once. Nobody changes his own grants."""
        trail = trail_of(request)
        trail.note(account=str(account_id), disabled=body.disabled)
        if body.grants is not None:
            trail.note(grants=_named(body.grants))
        grants = None if body.grants is None else _pairs(body.grants)
        change = AccountChange(body.display_name, grants, body.disabled)
        return _shown(await accounts.change(account_id, change))

    @routes.post("/accounts/{account_id}/reset", dependencies=managing)
    async def reset_account(account_id: UUID, request: Request) -> OnePassword:
        """Give a new password, good for one sign-in; second factors and sessions go."""
        trail_of(request).note(account=str(account_id))
        return OnePassword(password=await accounts.reset(account_id))

    _add_sessions(routes, service, accounts)

    @routes.get("/roles", dependencies=viewing)
    async def list_roles() -> RoleList:
        """Return every role and what it may."""
        return RoleList(
            items=[
                RoleOut(role=role, permissions=sorted(may), held_alone=role in HELD_ALONE)
                for role, may in PERMISSIONS.items()
            ]
        )

    return routes


def _add_sessions(routes: APIRouter, service: TrustService, accounts: AccountsService) -> None:
    viewing = [Depends(permitted("trust.view_accounts"))]
    managing = [Depends(permitted("trust.manage_accounts"))]

    @routes.get("/accounts/{account_id}/sessions", dependencies=viewing)
    async def list_account_sessions(account_id: UUID, request: Request) -> wire.SessionList:
        """List somebody's sessions."""
        trail_of(request).note(account=str(account_id))
        await accounts.account(account_id)
        found = await service.sessions_of(account_id)
        return wire.session_list(found, service, None)

    @routes.delete("/accounts/{account_id}/sessions", status_code=204, dependencies=managing)
    async def end_account_sessions(account_id: UUID, request: Request) -> None:
        """End all somebody's sessions, live streams too."""
        await accounts.account(account_id)
        ended = await service.end_sessions(account_id)
        trail_of(request).note(account=str(account_id), count=ended)


def groups_router(groups: GroupsService) -> APIRouter:
    """Return the routes of groups of sites."""
    routes = APIRouter(prefix="/api/trust/groups", tags=["trust"])
    viewing = [Depends(permitted("trust.view_accounts"))]
    managing = [Depends(permitted("trust.manage_accounts"))]

    @routes.get("", dependencies=viewing)
    async def list_groups() -> GroupList:
        """Return every group of sites."""
        return GroupList(items=[_group(one) for one in await groups.groups()])

    @routes.post("", status_code=201, dependencies=managing)
    async def add_group(body: GroupIn, request: Request) -> GroupOut:
        """Add a group of sites."""
        trail_of(request).note(group=body.code, sites=body.sites)
        return _group(await groups.add(body.code, body.name, body.sites))

    @routes.patch("/{code}", dependencies=managing)
    async def change_group(code: str, body: GroupChange, request: Request) -> GroupOut:
        """Change a group; whoever holds a grant on it sees the new sites at once."""
        trail_of(request).note(group=code, sites=body.sites)
        return _group(await groups.change(code, body.name, body.sites))

    @routes.delete("/{code}", status_code=204, dependencies=managing)
    async def remove_group(code: str, request: Request) -> None:
        """Delete a group that no grant hangs on."""
        trail_of(request).note(group=code)
        await groups.remove(code)

    return routes
