"""The doctor sees what is wrong and says how to mend it."""

from __future__ import annotations

import socket
from pathlib import Path

from amaan.app.doctor.checks import check_database, check_disk, check_port, check_video


def test_folder_that_cannot_be_made_fails_with_a_way_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    finding = check_disk(tmp_path / "file" / "data")
    assert finding.level == "fail"
    assert "--data" in finding.mend


def test_writable_folder_is_measured(tmp_path: Path) -> None:
    finding = check_disk(tmp_path / "new")
    assert "fsync" in finding.saw


def test_taken_port_is_seen() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert check_port("127.0.0.1", port).level == "warn"
    assert check_port("127.0.0.1", port).level == "ok"


def test_embedded_postgresql_and_video_libraries_answer() -> None:
    assert check_database().saw.startswith("postgres (PostgreSQL) 1")
    assert check_video().level == "ok"
