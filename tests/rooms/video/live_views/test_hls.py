from __future__ import annotations

import pytest

from amaan.kernel.errors import ConflictError, NotFoundError
from amaan.video.live_views.hls import KEPT, LISTED, HlsWindow
from amaan.video.live_views.wire import JPEG, Format, Kind, Piece, format_piece

FILM = format_piece(Format('video/mp4; codecs="avc1.64001f"', b"init"))


def played(window: HlsWindow, from_ms: int, to_ms: int, *, gop_ms: int = 1000) -> None:
    for at_ms in range(from_ms, to_ms, 200):
        kind = Kind.KEY if (at_ms - from_ms) % gop_ms == 0 else Kind.MORE
        window.put(Piece(kind, at_ms, b"%d " % at_ms))


async def test_segments_begin_at_keyframes_and_last_a_second() -> None:
    window = HlsWindow()
    window.put(FILM)
    played(window, 0, 3200)
    text = await window.playlist(0.01)
    assert text.count("#EXTINF:1.000,") == 3
    assert '#EXT-X-MAP:URI="init.mp4?form=1"' in text
    assert "#EXT-X-MEDIA-SEQUENCE:0" in text
    assert "1970-01-01T00:00:02.000+00:00" in text
    assert window.init(None) == window.init(1) == b"init"
    assert window.segment(1) == b"1000 1200 1400 1600 1800 "


async def test_long_group_of_pictures_is_cut_between() -> None:
    window = HlsWindow()
    window.put(FILM)
    played(window, 0, 9000, gop_ms=60_000)
    assert "#EXT-X-TARGETDURATION:4" in await window.playlist(0.01)


async def test_playlist_names_the_newest_and_a_few_more_are_kept() -> None:
    window = HlsWindow()
    window.put(FILM)
    played(window, 0, 40_000)
    text = await window.playlist(0.01)
    assert text.count(".m4s") == LISTED
    first = int(text.partition("SEQUENCE:")[2].partition("\n")[0])
    assert window.segment(first + LISTED - KEPT)
    with pytest.raises(NotFoundError):
        window.segment(0)


async def test_other_format_begins_a_discontinuity() -> None:
    window = HlsWindow()
    window.put(FILM)
    played(window, 0, 2200)
    window.put(format_piece(Format('video/mp4; codecs="avc1.4d401f"', b"other")))
    played(window, 5000, 7200)
    text = await window.playlist(0.01)
    assert text.index("DISCONTINUITY") < text.index("form=2")
    assert (window.init(1), window.init(2)) == (b"init", b"other")


async def test_nothing_yet_pictures_and_the_end_are_told() -> None:
    window = HlsWindow()
    with pytest.raises(NotFoundError):
        await window.playlist(0.01)
    window.put(format_piece(Format(JPEG, b"")))
    window.put(Piece(Kind.KEY, 1, b"x"))
    with pytest.raises(ConflictError):
        await window.playlist(0.01)
    ended = HlsWindow()
    ended.put(FILM)
    played(ended, 0, 2200)
    ended.ended = True
    assert (await ended.playlist(0.01)).endswith("#EXT-X-ENDLIST\n")
