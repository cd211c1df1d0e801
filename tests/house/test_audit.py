"""The audit of dependencies never passes on silence."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
WEAK = {**GOOD, "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "scripts/audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("pip", "npm", "verdict"),
    [
        ({"dependencies": [GOOD]}, {"vulnerabilities": {}}, 0),
        ({"dependencies": [WEAK]}, {"vulnerabilities": {}}, 1),
        ({"dependencies": [GOOD]}, {"vulnerabilities": {"x": {"severity": "high"}}}, 1),
        ({"dependencies": [{"name": "a", "skip_reason": "not found"}]}, {"vulnerabilities": {}}, 3),
        ({"dependencies": []}, {"vulnerabilities": {}}, 3),
        (None, {"vulnerabilities": {}}, 3),
        ({"dependencies": [GOOD]}, {"error": {"code": "ENOAUDIT"}}, 3),
        ({"dependencies": [WEAK]}, None, 1),
    ],
)
def test_verdict_says_clean_only_of_what_was_looked_up(
    audit: ModuleType, pip: object, npm: object, verdict: int
) -> None:
    found = audit.Findings()
    audit.read_pip(pip, "runtime.txt", found)
    audit.read_npm(npm, found)
    assert found.verdict() == verdict


def test_ci_asks() -> None:
    assert "scripts/audit.py" in (ROOT / "Makefile").read_text()
    assert "make audit" in (ROOT / ".ci/run").read_text()
