"""/api/trust/audit as auditors and strangers see it."""

from __future__ import annotations

import base64

import httpx
import pytest
from tests.people import People
from tests.rooms.trust.audit.conftest import superuser

from amaan.trust.audit import merkle
from amaan.trust.audit.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from amaan.trust.audit.model import Outcome, Record
from amaan.trust.audit.notes import ED25519, SigningKey

PATH = "/api/trust/audit"


@pytest.fixture
async def filled(people: People) -> People:
    """A centre with twenty entries about plates, signed."""
    auditing = people.app.state.auditing
    for number in range(20):
        await auditing.log.write(
            Record(
                "search_reads",
                f"account:{number % 2}",
                Outcome.DENIED if number == 7 else Outcome.ALLOWED,
                username=f"person-{number % 2}",
                details={"plate": f"ABC-{number}"},
            )
        )
    await auditing.signer.sign()
    return people


@pytest.mark.usefixtures("filled")
async def test_entries_are_paged_newest_first(auditor: httpx.AsyncClient) -> None:
    query = {"action": "search_reads", "limit": "8"}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        given = {**query, **({"cursor": cursor} if cursor else {})}
        answer = (await auditor.get(f"{PATH}/entries", params=given)).json()
        seen += [item["details"]["plate"] for item in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"ABC-{number}" for number in reversed(range(20))]


@pytest.mark.usefixtures("filled")
async def test_entries_are_found_by_what_they_say(auditor: httpx.AsyncClient) -> None:
    async def plates(**query: str) -> list[str]:
        answer = await auditor.get(f"{PATH}/entries", params={"action": "search_reads", **query})
        return [item["details"]["plate"] for item in answer.json()["items"]]

    assert await plates(plate="abc 13") == ["ABC-13"]
    assert await plates(outcome="denied") == ["ABC-7"]
    assert len(await plates(actor="person-1")) == 10
    assert len(await plates(actor="account:0")) == 10
    assert await plates(to="2026-03-04T00:00:00Z") == []


async def test_reading_the_log_is_in_the_log(auditor: httpx.AsyncClient) -> None:
    await auditor.get(f"{PATH}/entries", params={"plate": "ABC-1"})
    (item,) = (await auditor.get(f"{PATH}/entries", params={"action": "read_audit"})).json()[
        "items"
    ]
    assert item["details"]["asked_plate"] == "ABC1"


async def test_anybody_can_check_the_proof_of_an_entry(
    filled: People, auditor: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    (item,) = (await auditor.get(f"{PATH}/entries", params={"plate": "ABC-5"})).json()["items"]
    proof = (await auditor.get(f"{PATH}/entries/{item['position']}/proof")).json()
    key = filled.app.state.auditing.signer.verifier
    checkpoint, _ = open_checkpoint(proof["checkpoint"], key)
    leaf = merkle.leaf_hash(item["leaf"].encode())
    hashes = [base64.b64decode(each) for each in proof["proof"]]
    assert merkle.includes(item["position"], checkpoint.size, leaf, hashes, checkpoint.root)
    newest, _ = open_checkpoint((await stranger.get(f"{PATH}/checkpoint")).text, key)
    assert newest == checkpoint


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("path", ["entries", "entries/0/proof", "export", "status"])
async def test_only_auditors_read_the_log(
    path: str, office: httpx.AsyncClient, console: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    assert (await stranger.get(f"{PATH}/{path}")).status_code == 401
    for client in (office, console):
        assert (await client.get(f"{PATH}/{path}")).status_code == 403


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("consistency?from=1&to=20", 200),
        ("consistency?from=20&to=1", 422),
        ("consistency?from=1&to=900000", 409),
        ("consistency?from=-1&to=2", 422),
        ("entries/900000/proof", 401),
        ("checkpoint", 200),
    ],
)
async def test_strangers_get_hashes_and_nothing_else(
    stranger: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await stranger.get(f"{PATH}/{path}")
    assert answer.status_code == status
    assert "person" not in answer.text


async def test_entry_that_is_not_there_has_no_proof(auditor: httpx.AsyncClient) -> None:
    assert (await auditor.get(f"{PATH}/entries/900000/proof")).status_code == 404


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"amaan/x\n1\nAAAA\n\n- none\n", b"x" * 70_000])
async def test_nonsense_from_a_witness_is_refused(stranger: httpx.AsyncClient, body: bytes) -> None:
    answer = await stranger.post(
        f"{PATH}/witnesses", content=body, headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 422


async def test_status_tells_of_a_checkpoint_that_is_not_ours(
    filled: People, auditor: httpx.AsyncClient, dsn: str
) -> None:
    other = SigningKey.make("amaan", ED25519)
    note = sign_checkpoint(Checkpoint(other.verifier.name, 1, b"\x00" * 32), other)
    async with superuser(dsn) as connection:
        await connection.execute(
            "INSERT INTO trust.audit_checkpoints (at, size, note) VALUES (now(), 1, %s)",
            [str(note)],
        )
    answer = await auditor.get(f"{PATH}/status")
    assert answer.status_code == 200
    assert answer.json()["state"] == "diverged"
    assert "not ours" in answer.json()["reason"]
