from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.kernel.errors import InvalidError
from amaan.video.live_views.wire import (
    HEAD,
    MOST_PIECE_BYTES,
    Format,
    Kind,
    Piece,
    PieceReader,
    format_of,
    format_piece,
    packed,
)

PIECES = st.lists(
    st.builds(Piece, st.sampled_from(Kind), st.integers(0, (1 << 53) - 1), st.binary(max_size=40)),
    max_size=8,
)


@given(PIECES, st.integers(1, 30))
def test_pieces_come_back_whole_in_whatever_portions_they_arrive(
    pieces: list[Piece], portion: int
) -> None:
    stream = b"".join(map(packed, pieces))
    reader = PieceReader()
    found = [
        piece
        for start in range(0, len(stream), portion)
        for piece in reader.feed(stream[start : start + portion])
    ]
    assert found == pieces


def test_format_comes_back() -> None:
    form = Format('video/mp4; codecs="avc1.64001f"', b"init")
    assert format_of(format_piece(form)) == form


@pytest.mark.parametrize(
    "piece",
    [
        Piece(Kind.KEY, 0, b"\0\1x"),
        Piece(Kind.FORMAT, 0, b""),
        Piece(Kind.FORMAT, 0, b"\0"),
        Piece(Kind.FORMAT, 0, b"\0\0"),
        Piece(Kind.FORMAT, 0, b"\0\5abc"),
        Piece(Kind.FORMAT, 0, b"\0\2\xff\xff"),
        Piece(Kind.FORMAT, 0, b"\xff\xff" + b"x" * 70_000),
    ],
)
def test_what_tells_no_format_is_refused(piece: Piece) -> None:
    with pytest.raises(InvalidError):
        format_of(piece)


def test_noise_is_refused_before_it_is_waited_for() -> None:
    for head in (
        HEAD.pack(2, 0, MOST_PIECE_BYTES + 1),
        HEAD.pack(2, 1 << 60, 0),
        HEAD.pack(99, 0, 0),
    ):
        with pytest.raises(InvalidError):
            list(PieceReader().feed(head))
