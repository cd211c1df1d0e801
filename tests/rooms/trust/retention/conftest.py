from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rooms.trust.retention.month import Month, a_month

from amaan.app.opening import Engines


@pytest.fixture
async def month(engines: Engines, tmp_path: Path, dsn: str) -> AsyncIterator[Month]:
    async for built in a_month(engines, tmp_path, dsn):
        yield built
