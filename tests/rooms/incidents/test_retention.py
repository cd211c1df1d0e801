"""Closed incidents go when their days are over, and let the recordings go that they held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import psycopg
import pytest
from tests.authorities import open_desk
from tests.people import People

from amaan.app.incidents import FootageLetGo
from amaan.app.opening import Engines
from amaan.incidents.retention import INCIDENTS, IncidentsKeeper
from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import ManualClock
from amaan.trust.retention.model import Removal, Terms

DAYS = 30


@dataclass
class Notes:
    """A ``Book`` that only remembers, or fails where it is told to."""

    fails: bool = False
    removals: list[Removal] = field(default_factory=list)

    async def record(self, connection: object, removal: Removal) -> None:
        """Remember."""
        if self.fails:
            raise OSError("the book is shut")
        self.removals.append(removal)

    async def condemn(self, connection: object, name: str, digests: Sequence[str]) -> None:
        """Do nothing: incidents have no files."""


@dataclass
class Office:
    people: People
    clock: ManualClock
    dsn: str
    keeper: IncidentsKeeper

    async def incident(self, console: httpx.AsyncClient, camera: str, *, closed: bool) -> str:
        """Return an incident in which somebody was followed."""
        case = {"title": "x", "kind": "vehicle", "camera": camera}
        made = await console.post("/api/incidents", json=case)
        assert made.status_code == 201, made.text
        path = f"/api/incidents/{made.json()['id']}"
        start = {"camera": camera, "seen_at": self.clock.now().isoformat()}
        assert (await console.post(f"{path}/pursuit", json=start)).status_code == 201
        for state in ("resolved", "closed") if closed else ():
            over = {"state": state, "reason": "so"}
            assert (await console.post(f"{path}/state", json=over)).status_code == 200
        return str(made.json()["id"])

    def left(self, table: str) -> set[str]:
        """Return the incidents that a table knows of."""
        column = "id" if table == "incidents" else "incident"
        with psycopg.connect(self.dsn) as owner:
            found = owner.execute(f"SELECT {column}::text FROM incidents.{table}")  # noqa: S608
            return {row[0] for row in found}

    def wanted(self) -> dict[str, bool]:
        """Return each cause of a copy at the centre, and whether it stands."""
        with psycopg.connect(self.dsn) as owner:
            found = owner.execute("SELECT cause, ended_at IS NULL FROM video.wanted_copies")
            return dict(found.fetchall())

    async def night(self, book: Notes) -> int | None:
        """Remove what is over; return how many were counted before."""
        terms = Terms(self.clock.now(), {INCIDENTS: DAYS})
        with acting_as(system("retention")):
            (planned,) = await self.keeper.plan(terms)
            await self.keeper.remove(terms, book)
        return planned.count


@pytest.fixture
async def office_of(
    people: People, office: httpx.AsyncClient, engines: Engines, clock: ManualClock, dsn: str
) -> Office:
    site = {"code": "GATE", "name": "G", "name_ur": "", "kind": "other", "lon": 67, "lat": 24.8}
    assert (await office.post("/api/city/sites", json=site)).status_code == 201
    for code in ("A", "B"):
        camera = {"code": code, "name": code, "site": "GATE", "address": "rtsp://127.0.0.1/x"}
        assert (await office.post("/api/city/cameras", json=camera)).status_code == 201
    keeper = IncidentsKeeper(engines.database, FootageLetGo(clock))
    return Office(people, clock, dsn, keeper)


async def test_closed_incident_goes_whole_and_lets_its_recordings_go(
    office_of: Office, console: httpx.AsyncClient
) -> None:
    gone = await office_of.incident(console, "A", closed=True)
    kept = await office_of.incident(console, "A", closed=False)
    office_of.clock.advance(timedelta(days=DAYS - 1))
    assert await office_of.night(Notes()) == 0
    assert office_of.left("incidents") == {gone, kept}
    office_of.clock.advance(timedelta(days=2))
    book = Notes()
    assert await office_of.night(book) == 1
    assert [removal.removed for removal in book.removals] == [1]
    for table in ("incidents", "entries", "pursuits", "steps"):
        assert office_of.left(table) == {kept}
    assert office_of.wanted() == {f"incident:{gone}": False, f"incident:{kept}": True}


async def test_what_no_receipt_was_signed_for_stays_and_holds_its_recordings(
    office_of: Office, console: httpx.AsyncClient
) -> None:
    one = await office_of.incident(console, "A", closed=True)
    office_of.clock.advance(timedelta(days=DAYS + 1))
    with pytest.raises(OSError, match="shut"):
        await office_of.night(Notes(fails=True))
    assert office_of.left("steps") == {one}
    assert office_of.wanted() == {f"incident:{one}": True}


async def test_incident_whose_trail_is_held_stays(
    office_of: Office, console: httpx.AsyncClient, engines: Engines
) -> None:
    held = await office_of.incident(console, "A", closed=True)
    await office_of.incident(console, "B", closed=True)
    desk = await open_desk(engines.database, office_of.clock, engines.blobs)
    authority, now = (await desk.active()).id, office_of.clock.now()
    account = office_of.people.account_of(console).id
    with psycopg.connect(office_of.dsn) as owner:
        owner.execute(
            "INSERT INTO trust.holds (id, authority, case_ref, reason, cameras, since, until, "
            "review_at, placed_at, placed_by) VALUES (gen_random_uuid(), %s, 'FIR 1', 'court', "
            "'{A}', %s, %s, %s, %s, %s)",
            [authority, now - timedelta(hours=1), now + timedelta(hours=1),
             now + timedelta(days=90), now, account],
        )  # fmt: skip
    office_of.clock.advance(timedelta(days=DAYS + 1))
    assert await office_of.night(Notes()) == 1
    assert office_of.left("incidents") == {held}
