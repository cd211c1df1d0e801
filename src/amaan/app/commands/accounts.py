"""`amaan accounts`: who may sign in, without the console."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from amaan.app.commands.data import Data, Dsn, Json, with_engines

if TYPE_CHECKING:
    from amaan.app.opening import Engines
    from amaan.app.settings import CentreSettings
    from amaan.trust.accounts.model import Listed
    from amaan.trust.accounts.service import AccountsService

T = TypeVar("T")

accounts = typer.Typer(
    no_args_is_help=True,
    help="Accounts of the centre's data, running or not. What is done is in the audit log.",
)

Name = Annotated[str, typer.Argument(help="User name.")]
GRANT_HELP = "ROLE, or ROLE@GROUP for a group of sites. May be given several times."


@accounts.command("list")
def list_accounts(data: Data = None, database: Dsn = None, as_json: Json = False) -> None:
    """List every account."""

    async def use(service: AccountsService) -> list[Listed]:
        return await service.page("", 100_000)

    found = _with_accounts(data, database, Step("list_accounts"), use)
    if as_json:
        typer.echo(json.dumps([_plain(listed) for listed in found], ensure_ascii=False))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("user name", "name", "grants", "second factor", "state", box=None)
    for listed in found:
        account = listed.account
        table.add_row(
            *(account.username, escape(account.display_name), ", ".join(_grants(listed))),
            *("yes" if listed.factors else "no", _state(listed)),
        )
    Console(soft_wrap=True).print(table)


@accounts.command("add")
def add_account(
    username: Name,
    display_name: Annotated[str, typer.Argument(help="The person's name.")],
    grant: Annotated[list[str] | None, typer.Option(help=GRANT_HELP)] = None,
    data: Data = None,
    database: Dsn = None,
) -> None:
    """Add an account and print a password that is good for one sign-in."""
    pairs = [_pair(text) for text in grant or []]

    async def use(service: AccountsService) -> str:
        _, password = await service.add(username, display_name, pairs)
        return password

    _say_password(_with_accounts(data, database, Step("add_account", username, grant), use))


@accounts.command("reset")
def reset_account(username: Name, data: Data = None, database: Dsn = None) -> None:
    """Take password, second factors, lock and sessions away; print a new one-time password."""

    async def use(service: AccountsService) -> str:
        return await service.reset((await service.by_name(username)).account.id)

    _say_password(_with_accounts(data, database, Step("reset_account", username), use))


@accounts.command("grant")
def grant_roles(
    username: Name,
    grants: Annotated[list[str] | None, typer.Argument(help=GRANT_HELP)] = None,
    data: Data = None,
    database: Dsn = None,
) -> None:
    """Replace all grants of an account by these; none at all leaves it without any."""
    from amaan.trust.accounts.model import AccountChange

    pairs = tuple(_pair(text) for text in grants or [])

    async def use(service: AccountsService) -> Listed:
        found = await service.by_name(username)
        return await service.change(found.account.id, AccountChange(grants=pairs))

    changed = _with_accounts(data, database, Step("change_account", username, grants), use)
    typer.echo(f"{changed.account.username}: {', '.join(_grants(changed)) or 'no grants'}")


@accounts.command("unlock")
def unlock_account(username: Name, data: Data = None, database: Dsn = None) -> None:
    """Forget the failures that an account is locked for."""

    async def use(service: AccountsService) -> None:
        await service.unlock((await service.by_name(username)).account.id)

    _with_accounts(data, database, Step("unlock_account", username), use)
    typer.echo(f"{username} may try again")


@dataclass(frozen=True, slots=True)
class Step:
    """What the audit log is told before and after."""

    action: str
    username: str | None = None
    grants: list[str] | None = None


def _with_accounts(
    data: Path | None,
    database: str | None,
    step: Step,
    use: Callable[[AccountsService], Awaitable[T]],
) -> T:
    """Do one thing as this machine's user, written down before it is done and after."""
    from amaan.kernel.acting import acting_as, system
    from amaan.kernel.errors import AmaanError
    from amaan.trust.accounts.service import AccountsService
    from amaan.trust.audit.model import Outcome, Record
    from amaan.trust.audit.service import AuditLog
    from amaan.trust.service import TrustService

    async def run(engines: Engines, settings: CentreSettings) -> T:
        who = system(f"cli:{_user()}")
        log = AuditLog(engines.database, engines.clock)
        trust = TrustService(engines.database, engines.clock, settings.trust)
        service = AccountsService(engines.database, trust, engines.clock)

        async def note(outcome: Outcome, reason: str | None = None) -> None:
            details = {"username": step.username, "grants": step.grants, "reason": reason}
            known = {name: value for name, value in details.items() if value is not None}
            await log.write(Record(step.action, who.actor, outcome, details=known))

        with acting_as(who):
            await note(Outcome.BEGUN)
            try:
                done = await use(service)
            except AmaanError as error:
                await note(Outcome.FAILED, error.code)
                raise
            await note(Outcome.ALLOWED)
        return done

    return with_engines(data, database, run)


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _pair(text: str) -> tuple[str, str | None]:
    role, _, group = text.partition("@")
    return role, group or None


def _grants(listed: Listed) -> list[str]:
    return [
        grant.role if grant.group is None else f"{grant.role}@{grant.group}"
        for grant in listed.account.grants
    ]


def _state(listed: Listed) -> str:
    if listed.disabled_at is not None:
        return "disabled"
    return "password to be changed" if listed.must_change_password else "good"


def _plain(listed: Listed) -> dict[str, object]:
    return {
        "username": listed.account.username,
        "display_name": listed.account.display_name,
        "grants": _grants(listed),
        "second_factor": bool(listed.factors),
        "state": _state(listed),
    }


def _say_password(password: str) -> None:
    typer.echo(password)
    typer.echo("good for one sign-in; it is not shown again", err=True)
