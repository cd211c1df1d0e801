"""A video made of real photographs: each shown for a while, drifting as a vehicle would."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from amaan.video.model import Image

WIDTH, HEIGHT, FPS = 960, 540, 10
SHOWN_S, BLANK_S = 5.0, 2.0


@dataclass(frozen=True)
class Photograph:
    """A picture and the plate that a person wrote down for it."""

    path: Path
    text: str


def labelled(folder: Path, names: list[str]) -> list[Photograph]:
    """Return the photographs named, in that order, with their labels."""
    with (folder / "labels.csv").open(newline="") as file:
        texts = {row["file"]: row["text"] for row in csv.DictReader(file)}
    return [Photograph(folder / name, texts[name]) for name in names]


def _placed(picture: Image, shift: float) -> Image:
    """Fit the picture into the frame, moved by ``shift`` of 24 pixels, on grey."""
    scale = min(WIDTH / picture.shape[1], HEIGHT / picture.shape[0])
    fitted = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    canvas[: fitted.shape[0], : fitted.shape[1]] = fitted[:HEIGHT, :WIDTH]
    move = np.array([[1, 0, 24 * shift], [0, 1, 10 * shift]], np.float32)
    moved = cv2.warpAffine(canvas, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(moved, dtype=np.uint8)


def write_video(photographs: list[Photograph], target: Path) -> None:
    """Encode H.264, a key frame a second, the photographs in turn with grey between them."""
    blank = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    with av.open(str(target), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "20", "g": str(FPS), "bf": "0"}
        frames: list[Image] = [blank] * FPS
        for photograph in photographs:
            picture = np.asarray(cv2.imread(str(photograph.path)), np.uint8)
            shown = int(SHOWN_S * FPS)
            frames += [_placed(picture, step / shown) for step in range(shown)]
            frames += [blank] * int(BLANK_S * FPS)
        for image in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
