from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from amaan.app.folder import DataFolder
from amaan.app.opening import opened
from amaan.app.settings import CentreSettings


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="amaan-") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory) / "data"


async def test_command_that_ends_leaves_the_database_to_a_centre_that_began_meanwhile(
    data: Path,
) -> None:
    settings = CentreSettings(data=data)
    with ExitStack() as centre:
        async with opened(settings) as engines:
            centre.enter_context(DataFolder(data).held())
        assert engines.server is not None
        assert engines.server.is_running()
    async with opened(settings) as engines:
        pass
    assert engines.server is not None
    assert not engines.server.is_running()
