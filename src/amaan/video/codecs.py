"""How H.264 and H.265 describe themselves: avcC and hvcC records, words for browsers. Pure.

ISO/IEC 14496-15 (the records), RFC 6381 (the words), ITU-T H.264 and H.265 7.3 (the sets).
"""

from __future__ import annotations

from amaan.video.annexb import split_units


def is_annexb(extradata: bytes) -> bool:
    """Tell parameter sets behind start codes from an avcC or hvcC record, whose first byte is 1."""
    return not extradata.startswith(b"\1")


def avc_record(extradata: bytes) -> bytes | None:
    """Return the avcC record of H.264; None when its parameter sets are not there."""
    if not is_annexb(extradata):
        return extradata if len(extradata) > 6 else None
    units = split_units(extradata)
    sequence = [unit for unit in units if unit[0] & 31 == 7 and len(unit) > 3]
    picture = [unit for unit in units if unit[0] & 31 == 8]
    if not sequence or not picture:
        return None
    record = b"\1" + sequence[0][1:4] + b"\xff" + bytes((0xE0 | len(sequence),))
    record += b"".join(_sized(unit) for unit in sequence)
    record += bytes((len(picture),)) + b"".join(_sized(unit) for unit in picture)
    if sequence[0][1] in (100, 110, 122, 144):
        chroma, luma_bits, chroma_bits = _avc_chroma(sequence[0])
        record += bytes((0xFC | chroma, 0xF8 | luma_bits, 0xF8 | chroma_bits, 0))
    return record


def hevc_record(extradata: bytes) -> bytes | None:
    """Return the hvcC record of H.265; None when its parameter sets are not there."""
    if not is_annexb(extradata):
        return extradata if len(extradata) > 22 else None
    units = split_units(extradata)
    arrays = []
    for kind in (32, 33, 34):
        found = [unit for unit in units if unit[0] >> 1 & 63 == kind]
        if not found:
            return None
        head = bytes((0x80 | kind,)) + len(found).to_bytes(2, "big")
        arrays.append((found, head + b"".join(_sized(unit) for unit in found)))
    plain = _unescaped(arrays[1][0][0])
    if len(plain) < 16:
        return None
    layers = (plain[2] >> 1 & 7) + 1
    chroma, luma_bits, chroma_bits = _hevc_chroma(plain)
    return b"".join(
        (
            b"\1",
            plain[3:15],  # general profile, compatibility, constraints, level
            b"\xf0\0\xfc",
            bytes((0xFC | chroma, 0xF8 | luma_bits, 0xF8 | chroma_bits, 0, 0)),
            bytes((layers << 3 | (plain[2] & 1) << 2 | 3, len(arrays))),
            *(array for _, array in arrays),
        )
    )


def codec_words(codec: str, record: bytes) -> str:
    """Return what a browser calls this coding: avc1.64001f, hvc1.1.6.L93.B0."""
    if codec == "h264":
        return f"avc1.{record[1:4].hex()}"
    space, tier, profile = record[1] >> 6, record[1] >> 5 & 1, record[1] & 31
    flags = int(f"{int.from_bytes(record[2:6], 'big'):032b}"[::-1], 2)
    constraints = record[6:12].rstrip(b"\0")
    words = [f"{('', 'A', 'B', 'C')[space]}{profile}", f"{flags:X}", f"{'LH'[tier]}{record[12]}"]
    return ".".join(["hvc1", *words, *(f"{byte:X}" for byte in constraints)])


def _sized(unit: bytes) -> bytes:
    return len(unit).to_bytes(2, "big") + unit


def _unescaped(unit: bytes) -> bytes:
    return unit.replace(b"\0\0\3", b"\0\0")


class _Bits:
    """Reads bits and Exp-Golomb numbers; beyond the end all bits are 0."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def read(self, count: int) -> int:
        value = 0
        for _ in range(count):
            byte = self._data[self._at >> 3] if self._at >> 3 < len(self._data) else 0
            value = value << 1 | byte >> (7 - self._at % 8) & 1
            self._at += 1
        return value

    def golomb(self) -> int:
        zeros = 0
        while zeros < 32 and not self.read(1):
            zeros += 1
        return (1 << zeros) - 1 + self.read(zeros)


def _avc_chroma(unit: bytes) -> tuple[int, int, int]:
    """Return chroma format, luma and chroma bits over 8, of a high profile's sequence set."""
    bits = _Bits(_unescaped(unit), 32)
    bits.golomb()
    chroma = bits.golomb()
    if chroma == 3:
        bits.read(1)
    return chroma & 3, bits.golomb() & 7, bits.golomb() & 7


def _hevc_chroma(plain: bytes) -> tuple[int, int, int]:
    """Return the same of H.265, whose profile may have parts for each sub-layer."""
    layers = plain[2] >> 1 & 7
    bits = _Bits(plain, 15 * 8)
    present = [(bits.read(1), bits.read(1)) for _ in range(layers)]
    if layers:
        bits.read(2 * (8 - layers))
    for profile, level in present:
        bits.read(88 * profile + 8 * level)
    bits.golomb()
    chroma = bits.golomb()
    if chroma == 3:
        bits.read(1)
    bits.golomb(), bits.golomb()
    if bits.read(1):
        for _ in range(4):
            bits.golomb()
    return chroma & 3, bits.golomb() & 7, bits.golomb() & 7
