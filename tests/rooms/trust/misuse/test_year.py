"""The detectors on a year of audit. Limits were tuned on seeds 1 to 4, which nothing here uses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.rooms.trust.misuse.year import a_year, score, watch

from amaan.trust.misuse.model import Detector


@pytest.mark.parametrize("seed", [3101, 3102, 3103])
def test_planted_misuse_of_a_year_is_found_with_few_false_alarms(
    seed: int, record_property: Callable[[str, object], None]
) -> None:
    year = a_year(seed)
    assert 150 <= len(year.force.people) <= 200
    assert len(year.planted) == 20 * len(Detector)
    result = score(year, watch(year))
    record_property("score", str(result))
    print(result)  # noqa: T201  the precision of each detector, shown with -s
    assert result.recall >= 0.95, str(result)
    assert result.false_per_100_users_a_week <= 1.0, str(result)
    for kind in Detector:
        assert result.found[kind] >= 0.75 * result.planted[kind], f"{kind}\n{result}"


def test_a_year_without_misuse_raises_only_false_alarms_and_few() -> None:
    year = a_year(3105, each=0)
    result = score(year, watch(year))
    assert result.raised == result.false
    assert result.false_per_100_users_a_week <= 1.0, str(result)


def test_same_seed_gives_the_same_year_and_the_same_findings() -> None:
    first, second = (a_year(7, each=2, days=90, share=0.3) for _ in range(2))
    assert first.entries() == second.entries()
    assert watch(first) == watch(second)
