"""The demo's people: one for each part, so that two persons can be tried by one visitor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from amaan.app.folder import write_private
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.trust.accounts.service import AccountsService
from amaan.trust.model import Account, UsernameTakenError
from amaan.trust.rules import first_password
from amaan.trust.service import TrustService


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody at the demo centre; ``does`` is told to the visitor."""

    username: str
    display_name: str
    roles: tuple[str, ...]
    does: str


PARTS: Final = (
    Part("supervisor", "Sana Baloch", ("supervisor", "video_operator"), "alarms, map, search"),
    Part("operator", "Bilal Khan", ("video_operator",), "alarms and cameras"),
    Part("investigator", "Hira Memon", ("investigator",), "asks for authorities, searches"),
    Part("approver", "Rashid Ali", ("senior_approving_officer",), "approves, by a second factor"),
    Part("auditor", "Maryam Shah", ("auditor",), "audit log, misuse, the public's report"),
)
ASKS, APPROVES = "investigator", "approver"


def passwords(path: Path) -> dict[str, str]:
    """Return each part's password, made at random for this demo and kept in a private file."""
    if not path.is_file():
        lines = [f"{part.username} {first_password()}" for part in PARTS]
        write_private(path, "\n".join(lines) + "\n")
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {row[0]: row[1] for row in rows}


async def settle(
    engines: Engines, settings: CentreSettings, given: Mapping[str, str]
) -> dict[str, Account]:
    """Return the demo's accounts by user name; who was there before stays as he is."""
    trust = TrustService(engines.database, engines.clock, settings.trust)
    accounts = AccountsService(engines.database, trust, engines.clock)
    people: dict[str, Account] = {}
    for part in PARTS:
        grants = [(role, None) for role in part.roles]
        try:
            people[part.username] = await trust.create_account(
                part.username, part.display_name, given[part.username], grants
            )
        except UsernameTakenError:
            people[part.username] = (await accounts.by_name(part.username)).account
    return people
