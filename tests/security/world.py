"""A running centre with people, two sites and a read: what the incidents are tried against."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pyotp
from tests.flows.centre import ORDER, PASSWORD, first_password, running_centre
from tests.rooms.plates.deliveries import a_read, delivery, moment

CANARY = "hunter2-canary-7f3a"
PLATE = "BGC771"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 64 + b"\xff\xd9"
STRICT = {
    "AMAAN_CAMERAS__LOOPBACK": "false",
    "AMAAN_CAMERAS__FOLDERS": "[]",
    "AMAAN_CAMERAS__NETWORKS": '["10.20.0.0/16"]',
}


@dataclass
class World:
    """The centre and who is at it. ``narrow`` has the roles of ``officer`` at site S2 only."""

    url: str
    data: Path
    office: httpx.Client
    officer: httpx.Client
    narrow: httpx.Client
    approver: httpx.Client
    auditor: httpx.Client
    read: str
    authority: str
    closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def stranger(self) -> httpx.Client:
        """Return a client that has not signed in."""
        client = httpx.Client(base_url=self.url, timeout=20, headers={"Origin": self.url})
        return self.closing.enter_context(client)

    def everybody(self) -> dict[str, httpx.Client]:
        """Return every client that has signed in."""
        names = ("office", "officer", "narrow", "approver", "auditor")
        return {name: getattr(self, name) for name in names}

    def get_paths(self) -> list[str]:
        """Return every path of the API that is read, placeholders filled with unknown ids."""
        schema = httpx.get(f"{self.url}/api/openapi.json", timeout=20).json()
        found = []
        for path, operations in schema["paths"].items():
            if "get" in operations and path != "/api/console/events":
                found.append(filled(path))
        return found


def filled(path: str) -> str:
    """Return a path with something in place of each placeholder."""
    while "{" in path:
        head, _, rest = path.partition("{")
        path = f"{head}{UUID(int=7)}{rest.partition('}')[2]}"
    return path


def worker_headers(data: Path, kind: str) -> dict[str, str]:
    """Return what a local worker shows."""
    token = (data / "worker-token").read_text().strip()
    return {"Authorization": f"Bearer {token}", "Content-Type": kind}


def deliver(url: str, data: Path, seq: int, **changes: Any) -> httpx.Response:
    """Deliver one read of the plate, seen now, as a worker does."""
    now = datetime.now(UTC)
    times = dict.fromkeys(
        ("observed_at", "decided_at", "first_seen_at", "last_seen_at"), moment(now)
    )
    one = a_read(seq, PLATE, boot=str(uuid4()), **{**times, **changes})
    return httpx.post(
        f"{url}/api/plates/observations",
        content=delivery(one, sent_at=now),
        headers=worker_headers(data, "application/json"),
        timeout=20,
    )


def session(url: str, username: str, password: str) -> httpx.Client:
    """Return a client that has signed in."""
    client = httpx.Client(base_url=url, timeout=20, headers={"Origin": url})
    answer = client.post("/api/trust/sessions", json={"username": username, "password": password})
    assert answer.status_code == 201, answer.text
    return client


def own(url: str, username: str, given: str) -> httpx.Client:
    """Return a client of somebody who has put a password of his own for the one he was given.

    Where the role needs a second factor, one is enrolled: the session is a strong one.
    """
    client = session(url, username, given)
    change = {"current": given, "new": PASSWORD}
    assert client.post("/api/trust/password", json=change).status_code == 204
    if client.get("/api/trust/sessions/current").json()["owes"] == "enrol":
        secret = client.post("/api/trust/totp").json()["secret"]
        code = {"code": pyotp.TOTP(secret).now()}
        assert client.post("/api/trust/totp/confirm", json=code).status_code == 200
    return client


def person(url: str, office: httpx.Client, username: str, *roles: str) -> httpx.Client:
    """Return a client of a new account with these roles everywhere."""
    body = {
        "username": username,
        "display_name": username.title(),
        "grants": [{"role": role, "group": None} for role in roles],
    }
    answer = office.post("/api/trust/accounts", json=body)
    assert answer.status_code == 201, answer.text
    return own(url, username, answer.json()["password"])


def request_authority(asking: httpx.Client, **changes: Any) -> httpx.Response:
    """Ask for an authority over the plate, with a paper."""
    paper = asking.post(
        "/api/trust/documents", content=ORDER, headers={"Content-Type": "application/pdf"}
    )
    wide = dict.fromkeys(("cameras", "sites", "bounds", "since", "until"))
    body = {
        "purpose": "stolen_vehicle",
        "case_ref": "FIR 1/2026",
        "grounds": "Taken at gunpoint from its owner, who described it and its plate.",
        "document": {"sha256": paper.json()["sha256"], "name": "order.pdf"},
        "scope": {**wide, "plates": [PLATE], "uses": ["search", "entry"]},
        "expires_at": expires(20),
        "emergency": False,
        "replaces": None,
    }
    return asking.post("/api/trust/authorities", json={**body, **changes})


def _limited(url: str, office: httpx.Client) -> httpx.Client:
    group = {"code": "south", "name": "South", "sites": ["S2"]}
    assert office.post("/api/trust/groups", json=group).status_code == 201
    client = person(url, office, "narrow", "investigator")
    account = client.get("/api/trust/sessions/current").json()["account"]["id"]
    client.close()
    grants = [{"role": role, "group": "south"} for role in ("supervisor", "investigator")]
    answer = office.patch(f"/api/trust/accounts/{account}", json={"grants": grants})
    assert answer.status_code == 200, answer.text
    # A change of grants ends the sessions: sign in again.
    return session(url, "narrow", PASSWORD)


def _places(office: httpx.Client) -> None:
    for number in (1, 2):
        site = {"code": f"S{number}", "name": "Site", "kind": "other", "lon": 67.0, "lat": 24.8}
        assert office.post("/api/city/sites", json=site).status_code == 201
        camera = {
            "code": f"C{number}",
            "name": "Gate",
            "site": f"S{number}",
            "address": f"rtsp://viewer:{CANARY}@10.20.0.{number}/live",
        }
        answer = office.post("/api/city/cameras", json=camera)
        assert answer.status_code == 201, answer.text


@contextlib.contextmanager
def world(data: Path) -> Iterator[World]:
    """Run a centre with strict settings, and put the people and things in place."""
    kept = dict(os.environ)
    os.environ.update(STRICT)
    try:
        with running_centre(data, "--workers", "0") as url:
            office = own(url, *first_password(data))
            _places(office)
            officer = person(url, office, "officer", "supervisor", "investigator", "video_operator")
            digest = hashlib.sha256(JPEG).hexdigest()
            put = httpx.put(
                f"{url}/api/plates/pictures/{digest}",
                content=JPEG,
                headers=worker_headers(data, "image/jpeg"),
                timeout=20,
            )
            assert put.status_code == 204, put.text
            delivered = deliver(url, data, 1, camera="C1", picture=digest)
            assert delivered.json()["accepted"] == 1, delivered.text
            approver = person(url, office, "approver", "approving_officer")
            asked = request_authority(officer)
            assert asked.status_code == 201, asked.text
            authority = asked.json()["id"]
            approved = approver.post(
                f"/api/trust/authorities/{authority}/approve", json={"reason": "The order stands."}
            )
            assert approved.status_code == 200, approved.text
            found = officer.get(
                "/api/plates/reads", params={"authority": authority, "plate": PLATE}
            )
            assert found.status_code == 200, found.text
            some = World(
                url=url,
                data=data,
                office=office,
                officer=officer,
                narrow=_limited(url, office),
                approver=approver,
                auditor=person(url, office, "auditor", "auditor"),
                read=found.json()["items"][0]["id"],
                authority=authority,
            )
            with some.closing:
                for client in some.everybody().values():
                    some.closing.callback(client.close)
                yield some
    finally:
        os.environ.clear()
        os.environ.update(kept)


def expires(days: float = 5) -> str:
    """Return a moment so many days ahead."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()
