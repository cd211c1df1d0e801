"""`amaan plates`: read photographs, and measure the reader against labels.

Exit codes of both: 0 done; 1 some file could not be read (the others were); 2 wrong use, or labels
that cannot be used.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from amaan.video.model import Image
    from amaan.vision.evaluation import Answer
    from amaan.vision.model import Sighting
    from amaan.vision.ports import PlateReader

MAX_PIXELS = 16_000_000  # larger photographs are reduced before they are searched

plates = typer.Typer(no_args_is_help=True, help="Read number plates in photographs.")


def load(path: Path) -> tuple[Image, float]:
    """Return a photograph, upright, and how many of its own pixels make one of these.

    Raises StillError with the reason when the file is no picture.
    """
    import cv2
    import numpy as np

    from amaan.video.pictures import picture_size
    from amaan.video.stills import StillError, load_still

    data = load_still(path, MAX_PIXELS)
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise StillError("cannot be decoded")
    size = picture_size(path.read_bytes())
    pixels = size[0] * size[1] if size else image.shape[0] * image.shape[1]
    return np.ascontiguousarray(image, np.uint8), (
        pixels / (image.shape[0] * image.shape[1])
    ) ** 0.5


def _box(sighting: Sighting, scale: float) -> list[int]:
    box = sighting.plate.box
    return [round(value * scale) for value in (box.x, box.y, box.w, box.h)]


@plates.command()
def read(
    files: Annotated[list[Path], typer.Argument(help="Photographs: JPEG, PNG, BMP, WebP.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a plate.")] = False,
) -> None:
    """Read the plates in photographs, a line a plate. Notes and errors go to standard error.

    Exit codes: 0 all files read, 1 some could not be, 2 wrong use.
    """
    from amaan.video.stills import StillError
    from amaan.vision.plates.factory import build_reader

    reader = build_reader()
    failed = False
    for path in files:
        try:
            image, scale = load(path)
        except StillError as error:
            typer.echo(f"{path}: {error}", err=True)
            failed = True
            continue
        began = time.perf_counter()
        found = reader.find_in_still(image)
        took_ms = round((time.perf_counter() - began) * 1000, 1)
        if not found:
            typer.echo(f"{path}: no plate found ({took_ms:.0f} ms)", err=True)
        for sighting in found:
            text = sighting.text
            line: dict[str, object] = {
                "file": str(path),
                "text": text.text,
                "raw_text": text.raw_text,
                "confidence": round(text.confidence, 4),
                "box": _box(sighting, scale),
                "ms": took_ms,
            }
            if as_json:
                typer.echo(json.dumps(line, ensure_ascii=False))
            else:
                typer.echo(f"{text.text:<12} {text.confidence:6.1%}  {text.raw_text:<18} {path}")
    if failed:
        raise typer.Exit(1)


@plates.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder with labels.csv: file,x,y,w,h,text.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    misses: Annotated[bool, typer.Option(help="Say each wrong answer on standard error.")] = False,
) -> None:
    """Measure the reader on labelled photographs (or, without box columns, on crops).

    recall counts plates found at IoU > 0.4; exact is over all labelled texts, found or not, after
    normalising to A-Z and 0-9. Exit codes: 0 measured, 1 some file could not be read (it counts as
    not found), 2 labels that cannot be used.
    """
    from amaan.app.progress import steps
    from amaan.video.stills import StillError
    from amaan.vision.evaluation import LabelsError, Score, load_labels
    from amaan.vision.plates.factory import build_reader

    try:
        labels = load_labels(folder)
    except LabelsError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(2) from None
    reader = build_reader()
    answering = answer_crop if labels.crops else answer_photograph
    score = Score(labels.crops)
    failed = False
    pictures = list(labels.pictures)[:limit]
    for path in steps(pictures, "reading"):
        answers: Sequence[Answer] = ()
        took_ms = 0.0
        try:
            image, scale = load(path)
        except StillError as error:
            typer.echo(f"{path}: {error}", err=True)
            failed = True
        else:
            began = time.perf_counter()
            answers = answering(reader, image, scale)
            took_ms = (time.perf_counter() - began) * 1000
        exact_before = score.exact
        score.add(labels.pictures[path], answers, took_ms)
        if misses and score.exact - exact_before < len(labels.pictures[path]):
            wanted = ", ".join(label.text for label in labels.pictures[path])
            said = ", ".join(answer.text for answer in answers) or "nothing"
            typer.echo(f"{path.name}: {wanted}: said {said}", err=True)
    _show(score.result(), as_json)
    if failed:
        raise typer.Exit(1)


Answering = Callable[["PlateReader", "Image", float], Sequence["Answer"]]


def answer_crop(reader: PlateReader, image: Image, _scale: float) -> Sequence[Answer]:
    """The recogniser alone; one answer or none."""
    from amaan.vision.evaluation import Answer

    return [Answer(text.text, None) for text in reader.read([image]) if text is not None]


def answer_photograph(reader: PlateReader, image: Image, scale: float) -> Sequence[Answer]:
    """Find and read, boxes in the photograph's own pixels."""
    from amaan.vision.evaluation import Answer
    from amaan.vision.model import Box

    return [Answer(s.text.text, Box(*_box(s, scale))) for s in reader.find_in_still(image)]


def _show(figures: dict[str, int | float | None], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures))
        return
    for name, value in figures.items():
        typer.echo(f"{name:<22} {'-' if value is None else value}")
