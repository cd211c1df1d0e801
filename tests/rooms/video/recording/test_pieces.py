"""Which parts make a piece."""

from __future__ import annotations

import random

from amaan.video.recording.footage import choose
from amaan.video.recording.parts import Part


def parts(length_s: float, gop_s: float, part_s: float = 0.8, size: int = 100) -> list[Part]:
    """Return the parts of a file whose groups last ``gop_s`` each."""
    found: list[Part] = []
    at = 0.0
    while at < length_s - 1e-9:
        ends = min(at + gop_s, length_s)
        begins = at
        while begins < ends - 1e-9:
            until = min(begins + part_s, ends)
            found.append(Part(len(found) * size, size, begins, until, begins == at))
            begins = until
        at = ends
    return found


def test_piece_begins_at_the_keyframe_before_and_ends_before_one() -> None:
    file = parts(20.0, 2.0)
    first, last = choose(file, 5.0, 4.0) or (0, 0)
    assert (file[first].start_s, file[last].start_s) == (4.0, 8.0)
    assert file[last].keyframe


def test_moment_told_in_whole_milliseconds_still_finds_its_keyframe() -> None:
    file = parts(20.0, 4.0 / 3)
    third = [part.start_s for part in file if part.keyframe][2]
    first, _ = choose(file, round(third, 3) - 0.0005, 4.0) or (0, 0)
    assert file[first].start_s == third


def test_group_longer_than_a_piece_is_gone_through_to_its_end() -> None:
    file = parts(30.0, 10.0)
    at, seen = 0.0, []
    for _ in range(20):
        first, last = choose(file, at, 4.0) or (0, 0)
        assert file[first].keyframe
        seen.append(file[first].start_s)
        if last == len(file):
            break
        assert file[last].start_s > at
        at = file[last].start_s
    assert last == len(file)
    assert set(seen) == {0.0, 10.0, 20.0}


def test_pieces_follow_one_another_whatever_the_groups_are() -> None:
    chance = random.Random(20_261_122)
    for _ in range(300):
        lengths = [chance.randint(1, most) * 0.04 for most in (1750, 300, 25)]  # whole pictures
        length_s, gop_s, part_s = lengths
        file = parts(length_s, gop_s, part_s)
        most_s, at, covered = chance.choice([0.1, 1.0, 4.0, 60.0]), 0.0, 0
        most_bytes = chance.choice([150, 10_000])
        while True:
            chosen = choose(file, at, most_s, most_bytes)
            assert chosen is not None
            first, last = chosen
            assert first <= covered < last
            covered = last
            if last == len(file):
                break
            assert file[last].start_s > at
            at = round(file[last].start_s, 3)


def test_moment_beyond_the_last_part_gives_the_last_group() -> None:
    file = parts(6.0, 2.0)
    first, last = choose(file, 60.0, 4.0) or (0, 0)
    assert (file[first].start_s, last) == (4.0, len(file))


def test_parts_before_the_first_keyframe_are_never_begun_with() -> None:
    file = parts(6.0, 2.0)[1:]
    assert choose(file, 0.0, 4.0) == (2, 8)
    assert choose(file[:2], 0.0, 4.0) is None
