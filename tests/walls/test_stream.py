"""The event stream: what each role hears of things at its own site and at another."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from tests.people import People
from tests.walls.matrix import ASKERS, Asker
from tests.walls.town import GATE, Place, Town

from amaan.alarms import events as alarms
from amaan.console.live import LiveEvents
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.kernel.acting import acting_as, system
from amaan.kernel.events import NewEvent
from amaan.plates import events as plates
from amaan.trust.model import Account
from amaan.video import events as video

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LAST = "the last one"


def _events(place: Place) -> dict[str, NewEvent]:
    """Return, by the permission that hears it, what may happen at a place."""
    camera = {"camera": place.camera}
    return {
        "video.health": NewEvent(video.CAMERA_CHANGED, place.camera, AT, dict(camera)),
        "alarms.view": NewEvent(
            alarms.RAISED, str(place.alarm), AT, {"id": str(place.alarm), "read": dict(camera)}
        ),
        "plates.live": plates.read_seen(place.read, AT),
    }


def _everywhere(known: Place) -> list[NewEvent]:
    alarm = {"id": str(known.alarm), "read": None, "title": "of no place"}
    return [
        NewEvent(alarms.RAISED, str(known.alarm), AT, alarm),
        NewEvent(video.WORKER_CHANGED, LAST, AT, {"worker": LAST}),
        NewEvent("trust.unheard", "x", AT, {"worker": "unheard"}),
    ]


async def _heard(app: FastAPI, account: Account, town: Town, people: People) -> list[str]:
    live: LiveEvents = app.state.live

    async def check() -> Account:
        return account

    stream = live.stream(check, None)
    heard = [(await anext(stream)).decode()]
    with acting_as(system("test")):
        async with people.database.transaction() as connection:
            happened = [*_events(town.gate).values(), *_events(town.port).values()]
            await PostgresOutbox().announce(connection, [*happened, *_everywhere(town.gate)])
    try:
        async with asyncio.timeout(2):
            while LAST not in heard[-1]:
                heard.append((await anext(stream)).decode())
    except TimeoutError:  # who may not hear of workers waits in vain
        pass
    finally:
        await stream.aclose()
    return heard


@pytest.mark.parametrize(
    "asker", ASKERS, ids=lambda asker: f"{asker.role}-{'everywhere' if asker.everywhere else GATE}"
)
async def test_role_hears_what_its_permissions_reach(
    people: People, two_sites: Town, asker: Asker
) -> None:
    group = None if asker.everywhere else await people.group("gate", GATE)
    account = await people.account(asker.role, group=group)
    told = "".join(await _heard(people.app, account, two_sites, people))
    for place in (two_sites.gate, two_sites.port):
        for permission in _events(place):
            reaches = asker.may(permission) and (asker.everywhere or place.site == GATE)
            assert (_mark(permission, place) in told) == reaches, (permission, place.site)
    assert ("of no place" in told) == (asker.may("alarms.view") and asker.everywhere)
    assert (LAST in told) == asker.may("video.health")
    assert "unheard" not in told


def _mark(permission: str, place: Place) -> str:
    """Return text that only this permission's event of this place has."""
    name = {
        "video.health": "camera.changed",
        "alarms.view": "alarm.raised",
        "plates.live": "read.seen",
    }[permission]
    data = {
        "video.health": json.dumps({"camera": place.camera}, separators=(",", ":")),
        "alarms.view": f'{{"id":"{place.alarm}","read":{{"camera":"{place.camera}"}}}}',
        "plates.live": f'{{"id":"{place.read}"',
    }[permission]
    return f"event: {name}\ndata: {data}"
