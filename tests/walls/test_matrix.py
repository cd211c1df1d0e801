"""Every route, asked by every role, of things at its own site and at another."""

from __future__ import annotations

import httpx
import pytest
from tests.people import People
from tests.routes import declared, routes_of
from tests.walls.matrix import (
    ASKERS,
    LISTS,
    NOT_PERMITTED,
    STREAM,
    Asker,
    Case,
    cases_of,
    is_of_a_site,
    refused,
)
from tests.walls.town import GATE, Place, Town

from amaan.trust import guards
from amaan.trust.roles import HELD_ALONE

WORKER_TOKEN = "w" * 43


def _order(case: Case) -> tuple[bool, bool]:
    return case.writes, case.method == "DELETE"


def _cases(people: People, town: Town) -> list[Case]:
    found = [case for route in routes_of(people.app) for case in cases_of(route, town)]
    assert len(found) > 150
    return sorted(found, key=_order)


def _known_by(place: Place) -> list[str]:
    return [place.camera, place.plate, *map(str, (place.read, place.alarm, place.clip))]


def _said(case: Case, answer: httpx.Response) -> str:
    return f"{case.method} {case.address} ({case.needs}): {answer.status_code} {answer.text[:300]}"


def _has_no_head(case: Case, answer: httpx.Response) -> bool:
    """Tell whether HEAD is answered by nobody: then by 404, as every address that is not there."""
    unserved = case.method == "HEAD" and case.method not in (case.route.methods or ())
    return unserved and answer.status_code in (404, 405)


def _check_refusal(case: Case, answer: httpx.Response, wanted: tuple[int, str]) -> None:
    if _has_no_head(case, answer):
        return
    assert answer.status_code == wanted[0], _said(case, answer)
    if case.method != "HEAD":
        assert answer.json()["code"] == wanted[1], _said(case, answer)


def _check_let_through(case: Case, answer: httpx.Response, asker: Asker) -> None:
    said = _said(case, answer)
    assert answer.status_code not in (401, 429), said
    assert answer.status_code < 500 or _waits_for_a_worker(answer), said
    if answer.status_code == 403:
        assert answer.json()["code"] != NOT_PERMITTED, said
    if _has_no_head(case, answer):
        return
    if is_of_a_site(case):
        assert case.place is not None
        if not asker.sees(case.place):
            assert answer.status_code == 404, said
        elif not case.writes:
            assert answer.status_code == 200, said
        else:
            assert answer.status_code in (200, 204, 409), said


def _check_silent(case: Case, answer: httpx.Response, place: Place) -> None:
    """An answer tells nothing of a place; that it repeats the address asked for tells nothing."""
    told = [word for word in _known_by(place) if word in answer.text and word not in case.address]
    assert told == [], _said(case, answer)


async def _check_ranges(case: Case, client: httpx.AsyncClient, asker: Asker) -> None:
    answer = await case.ask(client, Range="bytes=0-3")
    if _has_no_head(case, answer):
        return
    assert case.place is not None
    if asker.sees(case.place):
        assert answer.status_code in (200, 206), _said(case, answer)
    else:
        assert answer.status_code == 404, _said(case, answer)


@pytest.mark.parametrize(
    "asker", ASKERS, ids=lambda asker: f"{asker.role}-{'everywhere' if asker.everywhere else GATE}"
)
async def test_role_gets_what_its_permissions_reach_and_nothing_else(
    people: People, two_sites: Town, asker: Asker
) -> None:
    group = None if asker.everywhere else await people.group("gate", GATE)
    client = await people.person(asker.role, group=group, strong=asker.strong)
    watches = asker.role in HELD_ALONE
    for case in _cases(people, two_sites):
        wanted = refused(case, asker)
        if wanted is None and (case.route.path == STREAM or _is_of_ones_own(case)):
            continue  # the stream has its own test; own things are everybody's
        answer = await case.ask(client)
        if wanted is not None:
            _check_refusal(case, answer, wanted)
        else:
            _check_let_through(case, answer, asker)
            if is_of_a_site(case) and not case.writes:
                await _check_ranges(case, client, asker)
        for place in (two_sites.gate, two_sites.port):
            if not asker.sees(place) and not (watches and _tells_of_every_site(case)):
                _check_silent(case, answer, place)
        if case.method == "GET" and wanted is None and case.route.path in LISTS:
            assert GATE in answer.text, _said(case, answer)


def _waits_for_a_worker(answer: httpx.Response) -> bool:
    """Tell whether it came as far as asking a worker: none is connected here."""
    return answer.status_code == 503 and answer.json()["code"] == "unavailable"


def _is_of_ones_own(case: Case) -> bool:
    return case.writes and case.needs in (guards.OWN, guards.OPEN)


def _tells_of_every_site(case: Case) -> bool:
    """Tell whether it says what stands where, or who asked for what: no row that was observed."""
    configured = ("city.view", "city.edit", "video.health")
    return case.needs in (*configured, "trust.read_audit", "trust.export_audit")


async def test_nobody_gets_past_a_guard(people: People, two_sites: Town) -> None:
    client = await people.stranger()
    for case in _cases(people, two_sites):
        answer = await case.ask(client)
        wanted = refused(case, None)
        if wanted is not None:
            _check_refusal(case, answer, wanted)
        for place in (two_sites.gate, two_sites.port):
            _check_silent(case, answer, place)


async def test_worker_gets_what_is_for_workers(people: People, two_sites: Town) -> None:
    client = await people.stranger()
    await people.app.state.trust.admit_worker_token(WORKER_TOKEN, "test")
    client.headers["Authorization"] = f"Bearer {WORKER_TOKEN}"
    for case in _cases(people, two_sites):
        answer = await case.ask(client)
        if case.needs == guards.WORKER:
            assert answer.status_code not in (401, 403), _said(case, answer)
        elif case.needs != guards.OPEN:
            _check_refusal(case, answer, (401, "not-signed-in"))


async def test_every_route_is_in_the_matrix(people: People, two_sites: Town) -> None:
    for route in routes_of(people.app):
        assert cases_of(route, two_sites), route.path
        assert len(declared(route)) == 1, route.path
