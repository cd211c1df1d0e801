from __future__ import annotations

import asyncio

import pytest

from amaan.video.live_views import fanout
from amaan.video.live_views.fanout import Notice, StreamEndedError, Viewer
from amaan.video.live_views.wire import JPEG, Format, Kind, Piece, format_piece

FILM = format_piece(Format('video/mp4; codecs="avc1.64001f"', b"init"))
PICTURES = format_piece(Format(JPEG, b""))


def key(at_ms: int, size: int = 10) -> Piece:
    return Piece(Kind.KEY, at_ms, b"k" * size)


def more(at_ms: int, size: int = 10) -> Piece:
    return Piece(Kind.MORE, at_ms, b"m" * size)


async def taken(viewer: Viewer) -> list[Piece | Notice]:
    """Return what waits, without waiting for more."""
    found = []
    while viewer._queue:
        found.append(await viewer.next())
    return found


async def test_viewer_begins_with_the_format_and_a_keyframe() -> None:
    viewer = Viewer("CAM", "sub")
    for piece in (FILM, more(1), key(2), more(3)):
        viewer.push(piece)
    assert await taken(viewer) == [FILM, key(2), more(3)]


async def test_viewer_who_lags_goes_on_at_a_later_keyframe() -> None:
    viewer = Viewer("CAM", "sub")
    for piece in (FILM, key(1000), more(1200), key(2000), more(2200), key(4000), more(4200)):
        viewer.push(piece)
    assert await taken(viewer) == [FILM, key(4000), more(4200)]
    assert viewer.skipped == 4


async def test_queue_holds_no_more_bytes_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "QUEUE_BYTES", 150)
    viewer = Viewer("CAM", "sub")
    for piece in (FILM, key(1, 60), more(2, 60), more(3, 10), key(4, 60), more(5, 10)):
        viewer.push(piece)
        assert viewer._bytes <= 150 + 60
    assert await taken(viewer) == [FILM, key(4, 60), more(5, 10)]


async def test_of_pictures_the_newest_are_kept() -> None:
    viewer = Viewer("CAM", "sub")
    viewer.push(PICTURES)
    for at_ms in range(1, 9):
        viewer.push(key(at_ms))
    found = await taken(viewer)
    assert found[0] == PICTURES
    assert found[-1] == key(8)
    assert len(found) <= 3


async def test_new_format_makes_what_waits_worthless() -> None:
    viewer = Viewer("CAM", "sub")
    for piece in (FILM, key(1), more(2), PICTURES, more(3), key(4)):
        viewer.push(piece)
    assert await taken(viewer) == [PICTURES, key(4)]


async def test_notices_are_not_dropped() -> None:
    viewer = Viewer("CAM", "sub")
    for piece in (FILM, key(1), Notice("away"), key(9000)):
        viewer.push(piece)
    assert await taken(viewer) == [FILM, Notice("away"), key(9000)]


async def test_end_is_told_after_what_waits() -> None:
    viewer = Viewer("CAM", "sub")
    viewer.push(FILM)
    viewer.end("the stream has ended")
    assert await viewer.next() == FILM
    with pytest.raises(StreamEndedError, match="has ended"):
        async with asyncio.timeout(1):
            await viewer.next()
