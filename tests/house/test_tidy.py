"""The tidy check finds the faults it names."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tidy() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tidy", ROOT / "scripts/tidy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["tidy"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("def face_embedding(image): ...", "biometrics"),
        ("import insightface", "biometrics"),
        ("def person_search(picture): ...", "biometrics"),
        ("PATH = '/root/amaan'", "machine path"),
        ("URL = 'https://fonts.example.com/a'", "address outside"),
        ("import pickle", "unsafe loading"),
        ("subprocess.run(line, shell=True)", "unsafe loading"),
        ("# TODO later", "left for later"),
    ],
)
def test_forbidden_line_is_found(tidy: ModuleType, line: str, rule: str) -> None:
    faults = list(tidy.text_faults(Path("src/amaan/plates/model.py"), line + "\n"))
    assert [fault for fault in faults if f": {rule}: " in fault]


@pytest.mark.parametrize(
    "line",
    [
        "faces = detect_faces_to_mask(frame)",
        "address = 'https://127.0.0.1:8443/api'",
        "reason = 'evaluated (by eye)'",
    ],
)
def test_innocent_line_is_left_alone(tidy: ModuleType, line: str) -> None:
    assert not list(tidy.text_faults(Path("src/amaan/plates/model.py"), line + "\n"))


def test_private_file_of_another_room_is_found(tidy: ModuleType) -> None:
    text = "from amaan.plates.store import find_reads\n"
    assert list(tidy.privacy_faults(Path("src/amaan/alarms/service.py"), text))
    assert not list(tidy.privacy_faults(Path("src/amaan/plates/service.py"), text))
    public = "from amaan.plates.model import Read\n"
    assert not list(tidy.privacy_faults(Path("src/amaan/alarms/service.py"), public))


def test_long_function_and_long_file_are_found(tidy: ModuleType) -> None:
    long_function = "def a():\n" + "    x = 1\n" * 75
    assert list(tidy.shape_faults(Path("src/amaan/plates/rules.py"), long_function))
    assert list(tidy.shape_faults(Path("src/amaan/plates/rules.py"), "x = 1\n" * 501))
    assert list(tidy.shape_faults(Path("src/amaan/plates/utils.py"), "x = 1\n"))
