"""A worker's settings come from variables where no flag gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from amaan.app.worker.settings import SpoolLimits, WorkerSettings
from amaan.engines.spool.settings import SpoolSettings


def settings(folder: Path) -> WorkerSettings:
    return WorkerSettings(
        name="worker-1",
        centre="http://127.0.0.1:9",
        data=folder,
        token_file=folder / "token",
        key_file=folder / "key",
    )


def test_variables_reach_feed_spool_and_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMAAN_WORKER_VIDEO__RECENT_S", "600")
    monkeypatch.setenv("AMAAN_WORKER_SPOOL__FILE_BYTES", "1000000")
    monkeypatch.setenv("AMAAN_WORKER_READER__PROFILE", "generic")
    monkeypatch.setenv("AMAAN_WORKER_PIPELINE__PARKED_S", "60")
    told = settings(tmp_path)
    assert told.video.recent_s == 600
    assert told.spool_settings.file_bytes == 1_000_000
    assert (told.reader.profile, told.pipeline.parked_s) == ("generic", 60)


def test_what_is_given_wins_over_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMAAN_WORKER_NAME", "another")
    assert settings(tmp_path).name == "worker-1"


def test_spool_limits_are_those_of_the_spool(tmp_path: Path) -> None:
    spool = SpoolSettings(directory=tmp_path, source="worker-1")
    assert SpoolLimits().model_dump().items() <= spool.model_dump().items()
