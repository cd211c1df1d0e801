"""What is drawn beside recordings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.people import People

from amaan.plates.model import SearchTooBroadError
from amaan.plates.service import PlatesService


async def marks(people: People, console: httpx.AsyncClient) -> dict[str, Any]:
    now = people.clock.now()
    span = {"from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat()}
    answer = await console.get("/api/video/timeline/marks", params={"cameras": "A", **span})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_reads_too_many_to_count_are_not_drawn(
    people: People, console: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_broad(*_: object) -> None:
        raise SearchTooBroadError("narrow it")

    monkeypatch.setattr(PlatesService, "counted", too_broad)
    assert (await marks(people, console))["reads"] == []
