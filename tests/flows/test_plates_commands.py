"""`amaan plates read` and `amaan plates evaluate`, as others call them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.flows.centre import AMAAN
from tests.shared import shared_data

FIGURES = [
    "images",
    "plates",
    "recall",
    "false_per_image",
    "exact",
    "exact_given_detected",
    "character_error",
    "median_ms",
]


def plates(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AMAAN, "plates", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def street(width: int = 900, height: int = 600) -> NDArray[np.uint8]:
    """A yellow plate, AFR-420, drawn on grey."""
    image = np.full((height, width, 3), 120, np.uint8)
    cv2.rectangle(image, (300, 300), (600, 400), (40, 200, 250), -1)
    cv2.putText(image, "AFR-420", (318, 370), cv2.FONT_HERSHEY_DUPLEX, 2.0, (10, 10, 10), 4)
    return image


def written(path: Path, image: NDArray[Any]) -> Path:
    assert cv2.imwrite(str(path), image)
    return path


def lines(ran: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_read_answers_a_line_a_plate_and_goes_on_after_bad_files(tmp_path: Path) -> None:
    good = written(tmp_path / "good.png", street())
    empty = tmp_path / "empty.jpg"
    empty.touch()
    notes = tmp_path / "notes.jpg"
    notes.write_text("no picture at all")
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(written(tmp_path / "whole.jpg", street()).read_bytes()[:4000])
    blank = written(tmp_path / "blank.jpg", np.full((400, 600, 3), 90, np.uint8))
    ran = plates("read", empty, notes, torn, tmp_path / "absent.jpg", blank, good, "--json")
    assert ran.returncode == 1
    (found,) = lines(ran)
    assert set(found) == {"file", "text", "raw_text", "confidence", "box", "ms"}
    assert found["file"] == str(good)
    assert found["text"] == "AFR420"
    assert 0 < found["confidence"] <= 1
    x, y, w, h = found["box"]
    assert 280 < x < x + w < 640
    assert 280 < y < y + h < 420
    complaints = ran.stderr.splitlines()
    assert len(complaints) == 5
    for path in (empty, notes, torn, "absent.jpg", "blank.jpg: no plate"):
        assert sum(str(path) in line for line in complaints) == 1
    assert "Traceback" not in ran.stderr


def test_read_exits_clean_when_a_good_picture_shows_no_plate(tmp_path: Path) -> None:
    ran = plates("read", written(tmp_path / "blank.jpg", np.full((99, 99, 3), 90, np.uint8)))
    assert ran.returncode == 0
    assert ran.stdout == ""
    assert "no plate" in ran.stderr


def test_read_takes_pictures_of_every_make(tmp_path: Path) -> None:
    image = street()
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    files = [
        written(tmp_path / "grey.png", grey),
        written(tmp_path / "alpha.png", cv2.cvtColor(image, cv2.COLOR_BGR2BGRA)),
        written(tmp_path / "deep.png", image.astype(np.uint16) * 257),
        written(tmp_path / "grey.jpg", grey),
        written(tmp_path / "photo.webp", image),
        written(tmp_path / "photo.bmp", image),
    ]
    ran = plates("read", *files, "--json")
    assert ran.returncode == 0, ran.stderr
    assert [(line["file"], line["text"]) for line in lines(ran)] == [
        (str(file), "AFR420") for file in files
    ]


def test_read_turns_a_photograph_that_lies_on_its_side(tmp_path: Path) -> None:
    plain = written(tmp_path / "side.jpg", np.rot90(street()).copy()).read_bytes()
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    turned = tmp_path / "turned.jpg"
    turned.write_bytes(plain[:2] + segment + plain[2:])
    (found,) = lines(plates("read", turned, "--json"))
    assert found["text"] == "AFR420"
    assert 280 < found["box"][0] < 340  # in the upright picture


def test_read_reduces_fifty_megapixels_and_answers_in_their_pixels(tmp_path: Path) -> None:
    large = cv2.resize(street(900, 620), (8700, 5993), interpolation=cv2.INTER_LINEAR)
    (found,) = lines(plates("read", written(tmp_path / "large.jpg", large), "--json"))
    assert found["text"] == "AFR420"
    assert 2700 < found["box"][0] < 3300


def test_evaluate_scores_real_crops_without_boxes() -> None:
    ran = plates("evaluate", shared_data("plates", "pakistan-crops"), "--json", "--limit", "20")
    assert ran.returncode == 0, ran.stderr
    figures = json.loads(ran.stdout)
    assert list(figures) == FIGURES
    assert figures["images"] == figures["plates"] == 20
    assert figures["recall"] is None
    assert figures["false_per_image"] is None
    assert figures["exact"] >= 0.8


def test_evaluate_scores_photographs_with_several_plates_and_a_missing_file(tmp_path: Path) -> None:
    image = street()
    image[450:560, 40:340] = image[295:405, 300:600]
    written(tmp_path / "two.png", image)
    (tmp_path / "labels.csv").write_text(
        "file,x,y,w,h,text,note\n"
        "two.png,300,300,300,100,AFR 420,upper\n"
        "two.png,40,450,300,110,XYZ-999,wrongly labelled\n"
        "gone.png,1,1,9,9,ABC123,\n"
    )
    ran = plates("evaluate", tmp_path, "--json")
    assert ran.returncode == 1
    assert "gone.png" in ran.stderr
    figures = json.loads(ran.stdout)
    assert figures["images"] == 2
    assert figures["plates"] == 3
    assert figures["recall"] == pytest.approx(2 / 3, abs=1e-3)
    assert figures["exact"] == pytest.approx(1 / 3, abs=1e-3)
    assert figures["exact_given_detected"] == 0.5


def test_evaluate_refuses_labels_that_it_cannot_use(tmp_path: Path) -> None:
    assert plates("evaluate", tmp_path).returncode == 2
    (tmp_path / "labels.csv").write_text("file,x,y,w,h,text\na.jpg,1,2,wide,4,A1\n")
    ran = plates("evaluate", tmp_path, "--json")
    assert ran.returncode == 2
    assert "line 2" in ran.stderr
    assert ran.stdout == ""
