from __future__ import annotations

import httpx
import pytest
from tests.people import People

from amaan.trust.rules import reach
from amaan.trust.service import TrustService

GROUPS = "/api/trust/groups"
NORTH = {"code": "north", "name": "North", "sites": ["B", "A", "A"]}


async def test_group_is_added_changed_and_removed(office: httpx.AsyncClient) -> None:
    added = await office.post(GROUPS, json=NORTH)
    assert (added.status_code, added.json()["sites"]) == (201, ["A", "B"])
    again = await office.post(GROUPS, json=NORTH)
    assert (again.status_code, again.json()["code"]) == (409, "group-conflict")
    changed = await office.patch(f"{GROUPS}/north", json={"sites": ["C"]})
    assert changed.json() == {"code": "north", "name": "North", "sites": ["C"]}
    assert (await office.get(GROUPS)).json()["items"] == [changed.json()]
    assert (await office.delete(f"{GROUPS}/north")).status_code == 204
    for answer in (
        await office.delete(f"{GROUPS}/north"),
        await office.patch(f"{GROUPS}/north", json={"name": "N"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "no-group")


@pytest.mark.parametrize(
    "bad", [{"code": "North"}, {"code": "-x"}, {"name": " "}, {"sites": ["A,B"]}, {"sites": [""]}]
)
async def test_group_that_cannot_be_is_refused(
    office: httpx.AsyncClient, bad: dict[str, object]
) -> None:
    assert (await office.post(GROUPS, json={**NORTH, **bad})).status_code == 422


async def test_sites_of_a_changed_group_are_what_its_grants_reach(
    people: People, office: httpx.AsyncClient
) -> None:
    await office.post(GROUPS, json=NORTH)
    client = await people.person("supervisor", group="north")
    trust: TrustService = people.app.state.trust
    token = client.cookies["amaan_session"]
    before = reach((await trust.session_of(token)).account, "alarms.view")
    assert before is not None
    assert before.sites == ("A", "B")
    await office.patch(f"{GROUPS}/north", json={"sites": ["C"]})
    after = reach((await trust.session_of(token)).account, "alarms.view")
    assert after is not None
    assert after.sites == ("C",)
    kept = await office.delete(f"{GROUPS}/north")
    assert (kept.status_code, kept.json()["code"]) == (409, "group-conflict")


async def test_group_without_sites_reaches_nothing(
    people: People, office: httpx.AsyncClient
) -> None:
    await office.post(GROUPS, json={**NORTH, "sites": []})
    client = await people.person("supervisor", group="north")
    trust: TrustService = people.app.state.trust
    session = await trust.session_of(client.cookies["amaan_session"])
    found = reach(session.account, "alarms.view")
    assert found is not None
    assert found.sites == ()
