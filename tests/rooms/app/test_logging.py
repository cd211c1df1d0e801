from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from amaan.app.logging import mask_text, start_logging

CANARY = "hunter2-canary"


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    before = structlog.get_config()
    yield tmp_path / "centre.log"
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.configure(**before)


@pytest.mark.parametrize(
    "text",
    [
        f"opening rtsp://admin:{CANARY}@10.0.0.5/1 failed",
        f"rtsp://admin:{CANARY}@x@10.0.0.5/1",
        f"postgresql://amaan:{CANARY}@db/amaan",
        f"host=db user=amaan password={CANARY} dbname=amaan",
        f"http://10.0.0.5/cgi?user=a&password={CANARY}&x=1",
        f"Authorization: Bearer {CANARY}-{CANARY}",
        f"{{'password': '{CANARY}'}}",
        f'{{"token": "{CANARY}"}}',
    ],
)
def test_secret_in_a_text_is_masked(text: str) -> None:
    assert CANARY not in mask_text(text)


def test_innocent_text_stays() -> None:
    text = "GET http://10.0.0.5:80/a?b=c at 12:30:45, plate BGC-771, box 1:2"
    assert mask_text(text) == text


def test_log_lines_are_json_and_hold_no_secret(log_file: Path) -> None:
    start_logging("info", log_file)
    log = structlog.get_logger("amaan.test")
    log.info("camera.added", address=f"rtsp://admin:{CANARY}@10.0.0.5/1", password=CANARY)
    log.info("nested", body={"token": CANARY, "list": [f"http://a:{CANARY}@h/"]})
    logging.getLogger("library").warning("connect to %s", f"rtsp://admin:{CANARY}@10.0.0.5/1")
    try:
        local = f"rtsp://admin:{CANARY}@10.0.0.5/1"
        raise ValueError(f"cannot open {local}")
    except ValueError:
        log.exception("camera.failed")
    text = log_file.read_text()
    assert CANARY not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["event"] for line in lines] == [
        "camera.added",
        "nested",
        "connect to rtsp://admin:***@10.0.0.5/1",
        "camera.failed",
    ]
    assert "cannot open rtsp://admin:***@" in lines[3]["exception"]
    assert all(line["timestamp"].endswith("Z") for line in lines)
