from __future__ import annotations

from pathlib import Path

import pytest
from tests.authorities import Desk, open_desk

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock


@pytest.fixture
async def desk(database: PostgresDatabase, clock: ManualClock, tmp_path: Path) -> Desk:
    return await open_desk(database, clock, tmp_path / "papers")
