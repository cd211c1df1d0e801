"""Reads a source to its end, every analysed picture of it, as fast as the reader takes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from amaan.video.decoding import FrameDecoder, Picture
from amaan.video.errors import UnsupportedCodecError
from amaan.video.model import Frame
from amaan.video.packets import Coded, Sound, Source


class FrameReader:
    """The frames of a file or folder, none skipped but the damaged ones.

    The first picture stands at ``start``; the others follow by the source's own clock.
    """

    def __init__(
        self, source: Source, *, fps: float | None, start: datetime, max_pixels: int
    ) -> None:
        self._source = source
        self._start = start
        self._decoder = FrameDecoder(fps=fps, max_pixels=max_pixels, live=False)
        self._first_s: float | None = None
        self._index = 0

    @property
    def damaged(self) -> int:
        """How many pictures could not be decoded so far."""
        return self._decoder.damaged

    def frames(self) -> Iterator[Frame]:
        """Yield the frames. SourceError when the source breaks, after what came before it."""
        try:
            for coded in self._source.packets():
                yield from self._place(self._decoder.decode(coded), coded)
        finally:
            rest = self._decoder.flush()
        yield from self._place(rest, None)
        if self._index == 0:
            raise UnsupportedCodecError("none of its pictures can be decoded")

    def _place(self, pictures: list[Picture], coded: Coded | Sound | None) -> Iterator[Frame]:
        if self._first_s is None and coded is not None:
            self._first_s = coded.pts_s
        for picture in pictures:
            position_s = picture.pts_s - (self._first_s or 0.0)
            moment = self._start + timedelta(seconds=max(0.0, position_s))
            yield Frame(picture.image, moment, position_s, self._index)
            self._index += 1
