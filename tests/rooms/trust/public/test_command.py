from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from amaan.app.cli import app
from amaan.trust.audit.archive import FORMAT
from amaan.trust.audit.model import Record
from amaan.trust.audit.rules import leaf_of

AT = datetime(2026, 1, 5, tzinfo=UTC)
SPAN = ["--from", "2026-01-01", "--to", "2026-02-01"]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    record = Record("confirm_alarm", "account:x", permission="alarms.decide", at=AT)
    leaf = leaf_of(record, AT).decode()
    lines = [orjson.dumps({"position": n, "leaf": leaf}) for n in range(12)]
    first = {"format": FORMAT, "begin": 0, "end": 12, "before": [], "after": [], "checkpoint": ""}
    file = tmp_path / "audit.jsonl"
    file.write_bytes(b"\n".join([orjson.dumps(first), *lines, b""]))
    return file


def test_report_of_an_export_needs_no_centre_and_is_the_same_twice(
    export: Path, tmp_path: Path
) -> None:
    for name in ("a.json", "b.json"):
        ran = CliRunner().invoke(
            app, ["report", *SPAN, "--export", str(export), "--out", str(tmp_path / name)]
        )
        assert ran.exit_code == 0, ran.output
    content = (tmp_path / "a.json").read_bytes()
    assert content == (tmp_path / "b.json").read_bytes()
    report = json.loads(content)
    assert report["tables"]["hits"]["rows"]["confirmed"] == {"n": 12}
    assert report["log"]["size"] == 12


def test_page_is_written_in_urdu(export: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    ran = CliRunner().invoke(
        app, ["report", *SPAN, "--export", str(export), "--as", "ur", "--out", str(out)]
    )
    assert ran.exit_code == 0, ran.output
    assert 'dir="rtl"' in out.read_text()


@pytest.mark.parametrize("span", [["2026-01-02", "2026-02-01"], ["2026-02-01", "2026-01-01"]])
def test_report_over_part_of_a_month_is_refused_with_a_reason(
    export: Path, span: list[str]
) -> None:
    ran = CliRunner().invoke(
        app, ["report", "--from", span[0], "--to", span[1], "--export", str(export)]
    )
    assert ran.exit_code == 3
    assert "error: " in ran.output
