from __future__ import annotations

from pathlib import Path

import av
import pytest
from tests.films import make_film

from amaan.video.annexb import split_units
from amaan.video.codecs import avc_record, codec_words, hevc_record, is_annexb

QUIET = {"x265-params": "log-level=error"}


def records(tmp_path: Path, codec: str, name: str, options: dict[str, str]) -> tuple[bytes, bytes]:
    """Return what the library writes into an MP4, and the sets behind start codes."""
    film = make_film(tmp_path / "a.mp4", codec=codec, frames=3, options=options)
    with av.open(str(film)) as container:
        record = bytes(container.streams.video[0].codec_context.extradata or b"")
    bare = make_film(tmp_path / name, codec=codec, frames=3, options=options)
    with av.open(str(bare)) as container:
        sets = bytes(container.streams.video[0].codec_context.extradata or b"")
    assert not is_annexb(record)
    assert is_annexb(sets)
    return record, sets


@pytest.mark.parametrize("profile", ["baseline", "main", "high"])
def test_record_of_h264_is_the_library_s_own(tmp_path: Path, profile: str) -> None:
    record, sets = records(tmp_path, "libx264", "a.h264", {"profile": profile})
    made = avc_record(sets)
    assert made == record
    assert codec_words("h264", record) == f"avc1.{record[1:4].hex()}"


def test_record_of_h265_names_the_same_profile_and_sets(tmp_path: Path) -> None:
    record, sets = records(tmp_path, "libx265", "a.hevc", QUIET)
    made = hevc_record(sets)
    assert made is not None
    assert made[:13] == record[:13]
    assert made[16:19] == record[16:19]  # chroma and bit depths
    for unit in split_units(sets):
        if unit[0] >> 1 & 63 in (32, 33, 34):
            assert unit in made
    assert codec_words("hevc", made) == codec_words("hevc", record)
    assert codec_words("hevc", made).startswith("hvc1.1.6.L")


def test_records_pass_and_sets_that_are_not_there_make_none() -> None:
    assert avc_record(b"\1\x64\0\x1f\xff\xe1\0") == b"\1\x64\0\x1f\xff\xe1\0"
    for nothing in (b"", b"\0\0\1\x65abc", b"\1", b"garbage"):
        assert avc_record(nothing) is None
        assert hevc_record(nothing) is None
