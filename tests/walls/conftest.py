"""A town of two sites, in the database of the test."""

from __future__ import annotations

import pytest
from tests.walls import town
from tests.walls.town import Town

from amaan.app.opening import Engines


@pytest.fixture
async def two_sites(engines: Engines) -> Town:
    return await town.build(engines.dsn, engines.blobs, engines.clock.now())
