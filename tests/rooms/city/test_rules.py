from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.city import rules
from amaan.city.address import CameraAddressError
from amaan.city.model import Assignment, CityInputError, NewCamera

CAMERA = NewCamera("RZ-01-A", "Gate", "RZ-01", "rtsp://10.0.0.5/1")


@pytest.mark.parametrize("code", ["", "..", ".a", "a/b", "a b", "a\n", "x" * 41, "ا"])
def test_code_that_is_no_folder_name_is_refused(code: str) -> None:
    with pytest.raises(CityInputError):
        rules.check_code(code)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"bearing_deg": 360.0}, "bearing_deg"),
        ({"bearing_deg": float("nan")}, "bearing_deg"),
        ({"analysis_fps": 0.0}, "analysis_fps"),
        ({"analysis_fps": float("inf")}, "analysis_fps"),
        ({"analysis_fps": 61.0}, "analysis_fps"),
    ],
)
def test_camera_that_cannot_be_is_refused_naming_the_field(
    change: dict[str, object], field: str
) -> None:
    values: dict[str, Any] = {
        "code": CAMERA.code,
        "name": CAMERA.name,
        "site": CAMERA.site,
        "address": CAMERA.address,
        **change,
    }
    with pytest.raises(CityInputError) as caught:
        rules.check_camera(NewCamera(**values))
    assert caught.value.context["field"] == field


@pytest.mark.parametrize("text", ["clips/a.mp4", "rtsp://admin:***@10.0.0.5/1"])
def test_relative_path_and_masked_address_are_refused(text: str) -> None:
    with pytest.raises(CameraAddressError):
        rules.check_address(text)


def test_camera_never_shows_its_address_when_printed() -> None:
    camera = NewCamera("A", "n", "S", "rtsp://admin:hunter2@10.0.0.5/1")
    assert "hunter2" not in repr(camera)
    assert "hunter2" not in str([camera])


SITES = st.dictionaries(st.text("ABCDEF", min_size=1, max_size=3), st.integers(1, 30))
WORKERS = st.lists(st.sampled_from(["w1", "w2", "w3", "w4"]), unique=True)


@given(SITES, WORKERS)
def test_every_site_gets_one_worker_and_loads_stay_level(
    sites: dict[str, int], workers: list[str]
) -> None:
    shares = rules.share_sites(sites, workers)
    if not workers:
        assert shares == {}
        return
    assert shares.keys() == sites.keys()
    loads = dict.fromkeys(workers, 0)
    for site, worker in shares.items():
        loads[worker] += sites[site]
    assert max(loads.values()) - min(loads.values()) <= max(sites.values(), default=0)


@given(SITES, WORKERS)
def test_shares_do_not_depend_on_order(sites: dict[str, int], workers: list[str]) -> None:
    turned = dict(reversed(list(sites.items())))
    assert rules.share_sites(sites, workers) == rules.share_sites(turned, workers[::-1])


def test_revision_changes_with_anything_a_worker_must_know() -> None:
    camera = Assignment("A", "sealed", 5.0, True)
    base = rules.revision_of([camera])
    assert base == rules.revision_of([Assignment("A", "sealed", 5.0, True)])
    for other in (
        Assignment("B", "sealed", 5.0, True),
        Assignment("A", "other", 5.0, True),
        Assignment("A", "sealed", 6.0, True),
        Assignment("A", "sealed", 5.0, False),
    ):
        assert rules.revision_of([other]) != base
    assert rules.revision_of([]) != base
