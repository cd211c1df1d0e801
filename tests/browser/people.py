"""The people of the town: one for each part that the window plays, made as an office makes them."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pyotp
from tests.flows.centre import ORDER, PASSWORD, signed_in

ROLES = {
    "officer": ("supervisor", "investigator", "video_operator"),
    "supervisor": ("supervisor",),
    "investigator": ("investigator",),
    "operator": ("video_operator",),
    "dispatcher": ("dispatcher",),
    "calltaker": ("call_taker",),
    "responder": ("responder",),
    "approver": ("approving_officer",),
    "senior": ("senior_approving_officer",),
    "auditor": ("auditor",),
    "keeper": ("administrator",),
}


@dataclass
class Person:
    """Somebody who may sign in; ``secret`` is of the authenticator app, where a role needs one."""

    username: str
    password: str
    secret: str | None = None
    last_step: int = 0

    def code(self) -> str:
        """Return a code that was not used before: each is good once."""
        assert self.secret is not None
        while (step := int(time.time()) // 30) <= self.last_step:
            time.sleep(0.5)
        self.last_step = step
        return pyotp.TOTP(self.secret).now()


def sign_in(url: str, person: Person) -> httpx.Client:
    """Return a client signed in as a person, with the second factor where there is one."""
    client = httpx.Client(base_url=url, timeout=20, headers={"Origin": url})
    answer = client.post(
        "/api/trust/sessions", json={"username": person.username, "password": person.password}
    )
    assert answer.status_code == 201, answer.text
    if answer.json()["owes"] == "second_factor":
        shown = client.post("/api/trust/sessions/second-factor", json={"code": person.code()})
        assert shown.status_code == 200, shown.text
    return client


def newcomer(office: httpx.Client, username: str, *roles: str) -> Person:
    """Return somebody with a one-time password, who owes everything still."""
    body = {
        "username": username,
        "display_name": username.title(),
        "grants": [{"role": role, "group": None} for role in roles],
    }
    answer = office.post("/api/trust/accounts", json=body)
    assert answer.status_code == 201, answer.text
    return Person(username, answer.json()["password"])


def settle(url: str, person: Person) -> httpx.Client:
    """Do what a new person owes: an own password, and a second factor where a role needs one."""
    client = sign_in(url, person)
    body = {"current": person.password, "new": PASSWORD}
    assert client.post("/api/trust/password", json=body).status_code == 204
    person.password = PASSWORD
    if client.get("/api/trust/sessions/current").json()["owes"] == "enrol":
        person.secret = client.post("/api/trust/totp").json()["secret"]
        confirmed = client.post("/api/trust/totp/confirm", json={"code": person.code()})
        assert confirmed.status_code == 200, confirmed.text
    return client


def everybody(url: str, data: Path) -> dict[str, tuple[Person, httpx.Client]]:
    """Return each person of the town with a client that is signed in as them."""
    people = {}
    with closing(signed_in(url, data)) as office:
        for name, roles in ROLES.items():
            found = newcomer(office, name, *roles)
            people[name] = (found, settle(url, found))
    return people


def requested(asking: httpx.Client, plates: list[str] | None, **scope: object) -> dict[str, object]:
    """Return an authority that a person asked for."""
    headers = {"Content-Type": "application/pdf"}
    paper = asking.post("/api/trust/documents", content=ORDER, headers=headers)
    assert paper.status_code == 201, paper.text
    nothing = {"cameras": None, "sites": None, "bounds": None, "since": None, "until": None}
    body = {
        "purpose": "robbery",
        "case_ref": "FIR 211/2026",
        "grounds": "The vehicle was used in an armed robbery in Saddar.",
        "document": {"sha256": paper.json()["sha256"], "name": "order.pdf"},
        "scope": {"plates": plates, **nothing, "uses": ["search", "entry"], **scope},
        "expires_at": (datetime.now(UTC) + timedelta(days=20)).isoformat(),
        "emergency": False,
        "replaces": None,
    }
    answer = asking.post("/api/trust/authorities", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


def approved(
    asking: httpx.Client, approver: httpx.Client, plates: list[str] | None, **scope: object
) -> str:
    """Return the id of an authority that another person approved."""
    found = requested(asking, plates, **scope)
    step = f"/api/trust/authorities/{found['id']}/approve"
    done = approver.post(step, json={"reason": "The order covers it."})
    assert done.status_code == 200, done.text
    return str(found["id"])
