"""Each incident of the list is tried against a running centre and refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.security.incident_list import INCIDENTS, SHOWN_ELSEWHERE, Incident
from tests.security.world import World, world

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def some_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("centre")) as some:
        yield some


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.trial.__name__)
def test_incident_is_refused(some_world: World, incident: Incident) -> None:
    assert incident.trial(some_world)


def test_what_is_tried_elsewhere_is_there() -> None:
    for _, path in SHOWN_ELSEWHERE:
        assert (ROOT / path).exists(), path


def test_page_names_every_incident() -> None:
    page = (ROOT / "docs/security.md").read_text()
    for incident in INCIDENTS:
        assert f"| {incident.name} |" in page, "run make incidents"
