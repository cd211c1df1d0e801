"""Fragmented MP4 for browsers, written by hand from tapped packets: no file, no library. Pure.

A fragment (moof and mdat) holds about 200 ms, and a keyframe always begins one. ISO/IEC 14496-12
(boxes), -14 (esds), -15 (avcC, hvcC). Media time counts 1/90,000 s from the first picture.
"""

from __future__ import annotations

import struct

from amaan.video.annexb import split_units
from amaan.video.codecs import avc_record, codec_words, hevc_record, is_annexb
from amaan.video.errors import UnsupportedCodecError
from amaan.video.packets import AudioFormat
from amaan.video.taps import TappedFormat, TappedPacket

FRAGMENT_TICKS = 18_000  # 200 ms
LONGEST_TICKS = 900_000  # of one sample; a longer one is a break and no picture that long shown
USUAL_TICKS = 3_600  # 25 pictures a second, where nothing better is known
MOST_SOUNDS = 500  # that wait for a picture
_VIDEO, _AUDIO = 1, 2
_KEY, _BETWEEN = 0x0200_0000, 0x0101_0000  # depends on no other; depends, and is no sync sample
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


class FragmentMuxer:
    """One format's packets to an initialisation segment and fragments.

    UnsupportedCodecError when no browser can be expected to play it, or when the stream did not
    describe itself. For the next format make another, with ``starts_at`` this one's ``ends_at``.
    """

    def __init__(self, form: TappedFormat, starts_at: int = 0) -> None:
        if form.codec not in ("h264", "hevc"):
            raise UnsupportedCodecError(f"{form.codec} is played by no browser from fragments")
        write = avc_record if form.codec == "h264" else hevc_record
        record = write(form.extradata)
        if record is None:
            raise UnsupportedCodecError("the stream has not said how it is coded")
        self._annexb = is_annexb(form.extradata)
        self._audio = form.audio
        words = [codec_words(form.codec, record)]
        if form.audio is not None:
            words.append(f"mp4a.40.{form.audio.extradata[0] >> 3}")
        self.mime = f'video/mp4; codecs="{", ".join(words)}"'
        self.init = _init(form, record)
        self.ends_at = starts_at
        self._base: int | None = None
        self._starts_at = starts_at
        self._number = 0
        self._usual = round(90_000 / form.fps) if form.fps else USUAL_TICKS
        self._pictures: list[TappedPacket] = []
        self._sounds: list[TappedPacket] = []
        self._sound_at = 0  # in samples, from the first sound on

    def put(self, packet: TappedPacket) -> bytes | None:
        """Take a packet in order; return a fragment when it shows that one is complete.

        What comes before the first keyframe is left out.
        """
        if packet.kind == "audio":
            if self._base is not None and self._audio and len(self._sounds) < MOST_SOUNDS:
                self._sounds.append(packet)
            return None
        if self._base is None:
            if not packet.keyframe:
                return None
            self._base = packet.dts - self._starts_at
        done = None
        if self._pictures:
            first = self._pictures[0]
            if packet.keyframe or not 0 <= packet.dts - first.dts < FRAGMENT_TICKS:
                done = self._fragment(packet.dts)
        self._pictures.append(packet)
        return done

    def flush(self) -> bytes | None:
        """Return what waits as a last fragment; None when nothing does."""
        if not self._pictures:
            return None
        return self._fragment(self._pictures[-1].dts + self._usual)

    def _fragment(self, next_dts: int) -> bytes:
        pictures, self._pictures = self._pictures, []
        sounds, self._sounds = self._sounds, []
        following = [*(packet.dts for packet in pictures[1:]), next_dts]
        base = self._base or 0
        lengths, rows, datas = [], [], []
        for packet, then in zip(pictures, following, strict=True):
            step = then - packet.dts
            lengths.append(step if 0 < step <= LONGEST_TICKS else self._usual)
            data = packet.data
            if self._annexb:
                units = split_units(data)
                data = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
            datas.append(data)
            flags = _KEY if packet.keyframe else _BETWEEN
            rows.append((lengths[-1], len(data), flags, packet.pts - packet.dts))
        begins = max(self.ends_at, pictures[0].dts - base)
        if begins > self.ends_at + LONGEST_TICKS or pictures[0].dts - base < self.ends_at - 90_000:
            self._base = pictures[0].dts - self.ends_at  # stamps jumped: go on where we were
            begins = self.ends_at
        self.ends_at = begins + sum(lengths)
        tracks = [(_VIDEO, begins, rows)]
        if sounds and self._audio is not None:
            tracks.append((_AUDIO, *self._sound_rows(sounds, self._audio.rate)))
            datas.extend(packet.data for packet in sounds)
        self._number += 1
        return _moof(self._number, tracks) + _box(b"mdat", *datas)

    def _sound_rows(
        self, sounds: list[TappedPacket], rate: int
    ) -> tuple[int, list[tuple[int, int, int, int]]]:
        """Return where the sounds begin, in samples, and a row for each: 1,024 samples each."""
        at = (sounds[0].pts - (self._base or 0)) * rate // 90_000
        drift = at - self._sound_at
        if self._sound_at == 0 or abs(drift) > rate // 10:
            self._sound_at = max(self._sound_at, at, 0)
        begins = self._sound_at
        self._sound_at += 1024 * len(sounds)
        return begins, [(1024, len(packet.data), _KEY, 0) for packet in sounds]


def _box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def _full(kind: bytes, flags: int, *content: bytes, version: int = 0) -> bytes:
    return _box(kind, (version << 24 | flags).to_bytes(4, "big"), *content)


def _moof(number: int, tracks: list[tuple[int, int, list[tuple[int, int, int, int]]]]) -> bytes:
    """Write the head of a fragment; the data of the tracks follow it in order."""

    def whole(offset: int) -> bytes:
        boxes = [_full(b"mfhd", 0, number.to_bytes(4, "big"))]
        for track, begins, rows in tracks:
            head = _full(b"tfhd", 0x020000, track.to_bytes(4, "big"))
            time = _full(b"tfdt", 0, begins.to_bytes(8, "big"), version=1)
            run = struct.pack(">Ii", len(rows), offset)
            samples = b"".join(struct.pack(">IIIi", *row) for row in rows)
            boxes.append(_box(b"traf", head, time, _full(b"trun", 0xF01, run, samples, version=1)))
            offset += sum(row[1] for row in rows)
        return _box(b"moof", *boxes)

    return whole(len(whole(0)) + 8)


def _init(form: TappedFormat, record: bytes) -> bytes:
    kind, name = (b"avc1", b"avcC") if form.codec == "h264" else (b"hvc1", b"hvcC")
    entry = _box(
        kind,
        bytes(6) + b"\0\1" + bytes(16),
        struct.pack(">HHII", form.width, form.height, 0x480000, 0x480000),
        bytes(4) + b"\0\1" + bytes(32) + b"\0\x18\xff\xff",
        _box(name, record),
    )
    size = struct.pack(">II", form.width << 16, form.height << 16)
    tracks = [_track(_VIDEO, 90_000, b"vide", size, entry)]
    if form.audio is not None:
        tracks.append(_track(_AUDIO, form.audio.rate, b"soun", bytes(8), _sound_entry(form.audio)))
    last = 3
    movie = struct.pack(">IIII", 0, 0, 1000, 0) + b"\0\1\0\0\1\0" + bytes(10) + _MATRIX
    defaults = [
        _full(b"trex", 0, struct.pack(">5I", i + 1, 1, 0, 0, 0)) for i in range(len(tracks))
    ]
    return _box(b"ftyp", b"iso5\0\0\2\0iso5iso6mp41") + _box(
        b"moov",
        _full(b"mvhd", 0, movie, bytes(24), last.to_bytes(4, "big")),
        *tracks,
        _box(b"mvex", *defaults),
    )


def _track(number: int, timescale: int, handler: bytes, size: bytes, entry: bytes) -> bytes:
    sound = handler == b"soun"
    head = struct.pack(">IIIII", 0, 0, number, 0, 0) + bytes(12)
    volume = b"\1\0\0\0" if sound else bytes(4)
    media = _full(b"smhd", 0, bytes(4)) if sound else _full(b"vmhd", 1, bytes(8))
    empty = (_full(kind, 0, bytes(4)) for kind in (b"stts", b"stsc", b"stco"))
    tables = _box(
        b"stbl",
        _full(b"stsd", 0, b"\0\0\0\1", entry),
        *empty,
        _full(b"stsz", 0, bytes(8)),
    )
    where = _box(b"dinf", _full(b"dref", 0, b"\0\0\0\1", _full(b"url ", 1)))
    return _box(
        b"trak",
        _full(b"tkhd", 3, head, volume, _MATRIX, size),
        _box(
            b"mdia",
            _full(b"mdhd", 0, struct.pack(">IIII", 0, 0, timescale, 0), b"\x55\xc4\0\0"),
            _full(b"hdlr", 0, bytes(4), handler, bytes(12), b"amaan\0"),
            _box(b"minf", media, where, tables),
        ),
    )


def _sound_entry(audio: AudioFormat) -> bytes:
    """Write the sample entry of AAC with its descriptors (esds)."""
    config = _descriptor(5, audio.extradata)
    decoder = _descriptor(4, b"\x40\x15" + bytes(11), config)
    stream = _descriptor(3, b"\0\0\0", decoder, _descriptor(6, b"\2"))
    return _box(
        b"mp4a",
        bytes(6) + b"\0\1" + bytes(8),
        struct.pack(">HHIHH", audio.channels, 16, 0, min(audio.rate, 0xFFFF), 0),
        _full(b"esds", 0, stream),
    )


def _descriptor(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    assert len(body) < 128, "one byte of length"
    return bytes((tag, len(body))) + body
