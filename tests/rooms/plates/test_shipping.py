"""What is spooled reaches the centre once it can, whatever the centre and the link do."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
import pytest

from amaan.engines.spool.settings import SpoolSettings
from amaan.engines.spool.sqlite import SqliteSpool
from amaan.kernel.clock import ManualClock
from amaan.plates.shipping import (
    CentreAbsentError,
    CentreRefusesError,
    Shipper,
    ShippingSettings,
)

Answer = Callable[[httpx.Request], httpx.Response]
NOW = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)


class Centre:
    """Keeps what it is sent, as the real one does: by (boot, seq), refusing marked plates."""

    def __init__(self) -> None:
        self.reads: dict[tuple[str, int], str] = {}
        self.pictures: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.bodies: list[dict[str, object]] = []
        self.instead: Answer | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url.path}")
        if self.instead is not None:
            return self.instead(request)
        if request.method == "PUT":
            self.pictures[request.url.path.rsplit("/", 1)[1]] = request.content
            return httpx.Response(204)
        return self.take(request)

    def take(self, request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        self.bodies.append(body)
        reads = body["reads"]
        if any(read["plate"].startswith("POISON") for read in reads):
            return httpx.Response(422, json={"detail": "plate is not a plate"})
        for read in reads:
            self.reads[read["boot"], read["seq"]] = read["plate"]
        return httpx.Response(200, json={"acknowledged": ranges(reads), "accepted": len(reads)})


def ranges(reads: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{"boot": r["boot"], "first": r["seq"], "last": r["seq"]} for r in reads]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[SqliteSpool]:
    spool = SqliteSpool(SpoolSettings(directory=tmp_path, source="worker-1", ballast_bytes=0))
    yield spool
    spool.close()


@pytest.fixture
def centre() -> Centre:
    return Centre()


@pytest.fixture
def shipper(spool: SqliteSpool, centre: Centre) -> Iterator[Shipper]:
    settings = ShippingSettings(
        worker="worker-1", retry_first_s=0.01, retry_greatest_s=0.02, refused_pause_s=0.02
    )
    client = httpx.Client(base_url="http://centre", transport=httpx.MockTransport(centre))
    shipper = Shipper(spool, client, settings, ManualClock(NOW))
    yield shipper
    shipper.stop()
    client.close()


def spool_reads(spool: SqliteSpool, *plates: str) -> None:
    for plate in plates:
        spool.append("read", orjson.dumps({"plate": plate}))


def test_a_batch_names_worker_and_time_and_carries_reads_in_order(
    spool: SqliteSpool, shipper: Shipper, centre: Centre
) -> None:
    spool_reads(spool, "A1", "B2", "C3")
    assert shipper.ship_reads() == 3
    [body] = centre.bodies
    assert (body["worker"], body["sent_at"]) == ("worker-1", "2026-03-01T12:00:00.000250Z")
    assert list(centre.reads.values()) == ["A1", "B2", "C3"]
    assert [seq for _, seq in centre.reads] == [1, 2, 3]
    assert spool.pending("read", 9) == []


def test_no_batch_is_larger_than_its_limit(
    spool: SqliteSpool, shipper: Shipper, centre: Centre
) -> None:
    spool_reads(spool, *(f"P{number}" for number in range(501)))
    assert [shipper.ship_reads(), shipper.ship_reads(), shipper.ship_reads()] == [500, 1, 0]
    assert len(centre.reads) == 501


def test_only_what_the_centre_acknowledged_is_forgotten(
    spool: SqliteSpool, shipper: Shipper, centre: Centre
) -> None:
    spool_reads(spool, "A1", "B2", "C3")
    boot = spool.boot
    told = {"acknowledged": [{"boot": boot, "first": 2, "last": 2}]}
    centre.instead = lambda _: httpx.Response(200, json=told)
    assert shipper.ship_reads() == 1
    assert [item.seq for item in spool.pending("read", 9)] == [1, 3]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"acknowledged": []}),
        httpx.Response(200, json={"acknowledged": [{"boot": "other", "first": 1, "last": 99}]}),
        httpx.Response(200, text="<html>Please pay for the hotel's network</html>"),
        httpx.Response(200, json={"acknowledged": [{"boot": 5}]}),
        httpx.Response(503, json={"detail": "the database does not answer"}),
        httpx.Response(500, text="oops"),
        httpx.Response(429),
    ],
)
def test_an_answer_that_commits_nothing_leaves_every_read_spooled(
    spool: SqliteSpool, shipper: Shipper, centre: Centre, answer: httpx.Response
) -> None:
    spool_reads(spool, "A1")
    centre.instead = lambda _: answer
    with pytest.raises(CentreAbsentError):
        shipper.ship_reads()
    assert len(spool.pending("read", 9)) == 1


@pytest.mark.parametrize("status", [301, 401, 403, 404])
def test_a_centre_that_refuses_the_worker_is_told_from_one_that_is_away(
    spool: SqliteSpool, shipper: Shipper, centre: Centre, status: int
) -> None:
    spool_reads(spool, "A1")
    centre.instead = lambda _: httpx.Response(status, json={"detail": "unknown worker token"})
    with pytest.raises(CentreRefusesError, match="unknown worker token"):
        shipper.ship_reads()
    assert len(spool.pending("read", 9)) == 1


def test_one_poisonous_read_is_held_back_and_the_others_pass(
    spool: SqliteSpool, shipper: Shipper, centre: Centre
) -> None:
    spool_reads(spool, *(f"P{number}" for number in range(40)), "POISON", "LAST")
    assert shipper.ship_reads() == 41
    assert "LAST" in centre.reads.values()
    [held] = spool.pending("read", 9)
    assert orjson.loads(held.payload) == {"plate": "POISON"}
    state = shipper.state()
    assert (state.state, state.held) == ("refused", 1)
    assert "plate is not a plate" in state.reason
    spool_reads(spool, "NEXT")
    assert shipper.ship_reads() == 1
    assert "NEXT" in centre.reads.values()


def test_a_spooled_read_that_is_no_json_blocks_nothing(
    spool: SqliteSpool, shipper: Shipper, centre: Centre
) -> None:
    spool.append("read", b"\xff\xfe")
    spool_reads(spool, "A1")
    assert shipper.ship_reads() == 1
    assert list(centre.reads.values()) == ["A1"]


def test_a_centre_that_refuses_every_read_is_not_asked_about_each(
    spool: SqliteSpool, shipper: Shipper, centre: Centre
) -> None:
    spool_reads(spool, *(f"POISON{number}" for number in range(400)))
    with pytest.raises(CentreRefusesError, match="one item after another"):
        shipper.ship_reads()
    assert len(centre.requests) < 40
    assert len(spool.pending("read", 999)) == 400


def test_a_lost_answer_means_the_same_reads_are_sent_again_under_the_same_ids(
    spool: SqliteSpool, shipper: Shipper, centre: Centre
) -> None:
    spool_reads(spool, "A1", "B2")

    def answer_lost(request: httpx.Request) -> httpx.Response:
        centre.take(request)
        raise httpx.ReadTimeout("lost", request=request)

    centre.instead = answer_lost
    with pytest.raises(CentreAbsentError):
        shipper.ship_reads()
    centre.instead = None
    assert shipper.ship_reads() == 2
    assert centre.bodies[0]["reads"] == centre.bodies[1]["reads"]
    assert len(centre.reads) == 2


def test_a_picture_goes_under_its_hash_and_a_refused_one_blocks_no_other(
    spool: SqliteSpool, shipper: Shipper, centre: Centre
) -> None:
    spool.append("picture", b"bad")
    spool.append("picture", b"good")
    bad = hashlib.sha256(b"bad").hexdigest()
    centre.instead = lambda request: httpx.Response(422 if bad in request.url.path else 204)
    assert [shipper.ship_picture(), shipper.ship_picture(), shipper.ship_picture()] == [1, 1, 0]
    good = hashlib.sha256(b"good").hexdigest()
    assert f"PUT /api/plates/pictures/{good}" in centre.requests
    assert [item.payload for item in spool.pending("picture", 9)] == [b"bad"]


def test_a_live_picture_does_not_wait_for_hours_of_older_ones(
    spool: SqliteSpool, shipper: Shipper, centre: Centre
) -> None:
    for name in (b"1", b"2", b"3", b"4", b"live"):
        spool.append("picture", name)
    while shipper.ship_picture():
        pass
    order = [centre.pictures[request.rsplit("/", 1)[1]] for request in centre.requests]
    assert order == [b"live", b"1", b"4", b"2", b"3"]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "waited ten seconds in vain"
        time.sleep(0.005)


def test_running_it_ships_reads_before_pictures_and_survives_an_absent_centre(
    spool: SqliteSpool, shipper: Shipper, centre: Centre
) -> None:
    back = threading.Event()

    def away(request: httpx.Request) -> httpx.Response:
        if back.is_set():
            centre.instead = None
            return centre.take(request)
        raise httpx.ConnectError("refused", request=request)

    centre.instead = away
    spool.append("picture", b"picture")
    spool_reads(spool, "A1")
    shipper.start()
    until(lambda: shipper.state().state == "waiting")
    assert all(request.startswith("POST") for request in centre.requests)
    spool_reads(spool, "B2")
    shipper.wake()
    back.set()
    until(lambda: bool(centre.pictures))
    assert list(centre.reads.values()) == ["A1", "B2"]
    assert centre.pictures == {hashlib.sha256(b"picture").hexdigest(): b"picture"}
    until(lambda: shipper.state().state == "ok")
    spool_reads(spool, "C3")
    shipper.wake()
    until(lambda: shipper.state().shipped_reads == 3)
    assert len(centre.reads) == 3
