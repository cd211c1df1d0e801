"""Scores are what they say they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from amaan.vision.evaluation import Answer, Label, LabelsError, Score, load_labels, pair
from amaan.vision.model import Box

HERE, THERE = Box(100, 100, 80, 20), Box(300, 100, 80, 20)


def test_found_missed_and_false_are_counted_apart() -> None:
    score = Score(crops=False)
    score.add([Label("ABC123", HERE), Label("", THERE)], [Answer("ABC123", HERE)], 10)
    score.add([Label("AFR420", HERE)], [Answer("AFR42O", HERE), Answer("X1", THERE)], 30)
    score.add([Label("LEH5789", HERE)], [], 20)
    result = score.result()
    assert result["images"] == 3
    assert result["plates"] == 4
    assert result["recall"] == 0.5
    assert result["false_per_image"] == round(1 / 3, 4)
    assert result["exact"] == round(1 / 3, 4)
    assert result["exact_given_detected"] == 0.5
    assert result["character_error"] == round((1 + 7) / 19, 4)
    assert result["median_ms"] == 20


def test_a_plate_found_elsewhere_is_not_found() -> None:
    assert pair([Label("A1", HERE)], [Answer("A1", Box(140, 100, 80, 20))]) == {}


def test_one_answer_counts_for_one_label_only() -> None:
    labels = [Label("A1", HERE), Label("A1", HERE)]
    assert len(pair(labels, [Answer("A1", HERE)])) == 1


def test_crops_have_no_recall() -> None:
    score = Score(crops=True)
    score.add([Label("A1", None)], [Answer("A1", None)], 1)
    assert score.result()["recall"] is None
    assert score.result()["exact"] == 1.0


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "columns file and text"),
        ("file,text\n", "holds no line"),
        ("file,x,y,text\na.jpg,1,2,A1\n", "all or none"),
        ("file,x,y,w,h,text\na.jpg,1,2,wide,4,A1\n", "line 2"),
        ("file,x,y,w,h,text\na.jpg,1,2,0,4,A1\n", "more than 0"),
        ("file,text\n,A1\n", "no file name"),
    ],
)
def test_bad_labels_are_refused_with_their_line(
    tmp_path: Path, content: str, complaint: str
) -> None:
    (tmp_path / "labels.csv").write_text(content)
    with pytest.raises(LabelsError, match=complaint):
        load_labels(tmp_path)


def test_surplus_columns_and_a_byte_order_mark_are_tolerated(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("\ufefffile,text,note\na.jpg,abc-123,x\n")
    labels = load_labels(tmp_path)
    assert labels.crops
    assert labels.pictures == {tmp_path / "a.jpg": [Label("ABC123", None)]}
