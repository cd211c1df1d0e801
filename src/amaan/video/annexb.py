"""Looks into H.264 and H.265 as cameras send them: units behind start codes (Annex B). Pure."""

from __future__ import annotations

HEAD_BYTES = 4096  # parameter sets and the first slice's header stand within
_START, _LONG_START = b"\0\0\1", b"\0\0\0\1"
_SETS = {"h264": {7, 8}, "hevc": {32, 33, 34}}


def _units(codec: str, head: bytes) -> list[tuple[int, bytes]]:
    """Return (kind, content) of the units; none when this is not Annex B of a known codec."""
    if codec not in _SETS or not head.startswith((_START, _LONG_START)):
        return []
    mask, shift = (0x1F, 0) if codec == "h264" else (0x7E, 1)
    return [
        ((unit[0] & mask) >> shift, unit.rstrip(b"\0"))
        for unit in head.split(_START)[1:]
        if unit and unit != b"\0"
    ]


def split_units(data: bytes) -> list[bytes]:
    """Return the units behind start codes, each without trailing zeros; none is empty."""
    return [unit for part in data.split(_START)[1:] if (unit := part.rstrip(b"\0"))]


def parameter_sets(codec: str, head: bytes) -> bytes:
    """Return the parameter sets of a picture, each once, empty when it carries none."""
    found = {unit: None for kind, unit in _units(codec, head) if kind in _SETS[codec]}
    return b"".join(_LONG_START + unit for unit in found)


def continues_picture(codec: str, head: bytes) -> bool:
    """Tell whether the first slice here is not the first of its picture."""
    for kind, unit in _units(codec, head):
        if codec == "h264" and kind in (1, 5):
            return len(unit) > 1 and not unit[1] & 0x80  # first_mb_in_slice is not 0
        if codec == "hevc" and kind < 32:
            return len(unit) > 2 and not unit[2] & 0x80  # first_slice_segment_in_pic_flag
    return False
