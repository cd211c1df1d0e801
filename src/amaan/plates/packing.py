"""Turns good reads into the bytes that COPY writes, and sets bad ones aside.

A good read leaves here as a finished row: the rest of the path handles no fields.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from amaan.plates import rules
from amaan.plates.ledger import DIGEST
from amaan.plates.model import PlateError

DIRECTIONS: Final = ("unknown", "approaching", "receding", "left", "right")
CHARACTER_STEPS: Final = 200  # a posterior is kept in one byte, to half a percent
DAY_US: Final = 86_400_000_000
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL's
_US: Final = timedelta(microseconds=1)
_OFFSET_KEPT: Final = rules.OFFSET_WORTH_KEEPING
OVERDUE: Final = "its days were over when it came: nothing of it is kept"
_UNIX_MS: Final = 946_684_800_000  # 1970 to EPOCH

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
_Pixel = Annotated[int, msgspec.Meta(ge=-32768, le=32767)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=2_000_000_000)]
_Seq = Annotated[int, msgspec.Meta(ge=1, le=(1 << 62) - 1)]


class WireRead(msgspec.Struct, frozen=True, gc=False):
    """One read as a worker writes it."""

    boot: str
    seq: _Seq
    camera: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    observed_at: Moment
    decided_at: Moment
    first_seen_at: Moment
    last_seen_at: Moment
    plate: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    raw_text: Annotated[str, msgspec.Meta(max_length=256)]
    confidence: _Share
    characters: Annotated[list[_Share], msgspec.Meta(max_length=64)]
    box: tuple[_Pixel, _Pixel, _Pixel, _Pixel]
    frame_size: tuple[_Pixel, _Pixel]
    direction: Literal["unknown", "approaching", "receding", "left", "right"]
    frames: _Count
    agreeing: _Count
    uncertain: bool
    picture: str | None = None
    crop: str | None = None


class _Identity(msgspec.Struct, frozen=True):
    boot: str
    seq: _Seq


@dataclass(frozen=True, slots=True)
class Arrived:
    """A read that can be stored. ``row`` is its COPY row without the head (see ``copying``)."""

    boot: UUID
    seq: int
    digest: bytes
    id: bytes
    plate: str
    camera: str
    observed_us: int
    uncertain: bool
    row: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A read that cannot be stored; ``boot`` and ``seq`` are None where they too are unreadable."""

    boot: UUID | None
    seq: int | None
    digest: bytes
    reason: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """One delivery of one worker. ``clock_offset`` is receiver minus sender."""

    worker: str
    received_at: datetime
    clock_offset: timedelta
    reads: list[Arrived]
    refused: list[Refused]


def without_overdue(batch: Batch, floor: datetime) -> Batch:
    """Return the batch with reads from before ``floor`` refused, their content left out.

    By the worker's clock put right; one that is absurd even so says nothing of a read's age.
    """
    earliest, latest = rules.plausible_times(batch.clock_offset, batch.received_at)
    offset_us = batch.clock_offset // _US if abs(batch.clock_offset) > _OFFSET_KEPT else 0
    low, high = _us(earliest), min(_us(latest), _us(floor) - offset_us)
    if all(not low <= read.observed_us < high for read in batch.reads):
        return batch
    reads, refused = [], list(batch.refused)
    for read in batch.reads:
        if low <= read.observed_us < high:
            refused.append(Refused(read.boot, read.seq, read.digest, OVERDUE, b""))
        else:
            reads.append(read)
    return Batch(batch.worker, batch.received_at, batch.clock_offset, reads, refused)


_decode_read = msgspec.json.Decoder(WireRead).decode
_decode_identity = msgspec.json.Decoder(_Identity).decode
_canonical: Callable[[WireRead], bytes] = msgspec.json.Encoder().encode
_PLATE: Final = re.compile(r"[A-Z0-9]{1,16}").fullmatch
_CAMERA: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}").fullmatch
NULL: Final = b"\xff\xff\xff\xff"
_FIXED: Final = Struct(">iqi16siqiqiqiqiq" + "ih" * 6 + "iiii" + "if" + "ib" * 2 + "ih")
_OFFSET: Final = Struct(">ii")


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // _US


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(4, "big") + encoded


def _hash(text: str | None) -> bytes:
    """Write an optional SHA-256 in hex as a bytea field; PlateError on anything else."""
    if text is None:
        return NULL
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != 32 or len(text) != 64:
        raise PlateError("a picture is named by the 64 hexadecimal digits of its SHA-256")
    return b"\0\0\0\x20" + digest


class Packer:
    """Turns the reads of one batch into COPY rows, keeping what they have in common."""

    def __init__(self, worker: str, received_at: datetime, offset: timedelta) -> None:
        self._worker = worker
        self._received_at = received_at
        self._received_us = _us(received_at)
        self._offset = offset
        self._offset_field = NULL
        if abs(offset) > rules.OFFSET_WORTH_KEEPING:
            milliseconds = round(offset / timedelta(milliseconds=1))
            self._offset_field = _OFFSET.pack(4, max(-(2**31), min(2**31 - 1, milliseconds)))
        earliest, latest = rules.plausible_times(offset, received_at)
        self._earliest_us, self._latest_us = _us(earliest), _us(latest)
        self._boots: dict[str, tuple[UUID, hashlib._Hash]] = {}
        self._cameras: dict[str, bytes] = {}
        self._arrived: list[Arrived] = []
        self._refused: list[Refused] = []

    def batch(self) -> Batch:
        """Return what has been taken so far."""
        return Batch(self._worker, self._received_at, self._offset, self._arrived, self._refused)

    def refuse(self, payload: bytes, reason: str) -> None:
        """Set a read aside, under its own number where that can be made out."""
        boot, seq = None, None
        try:
            identity = _decode_identity(payload)
            boot, seq = UUID(identity.boot), identity.seq
        except (msgspec.DecodeError, RecursionError, ValueError):
            boot = None
        digest = hashlib.sha256(payload).digest()[:DIGEST]
        self._refused.append(Refused(boot, seq, digest, reason, payload))

    def take_raw(self, payload: bytes) -> None:
        """Pack a read from its own JSON, or refuse it."""
        try:
            read = _decode_read(payload)
        except (msgspec.DecodeError, RecursionError) as error:
            self.refuse(payload, str(error))
        else:
            self.take(read)

    def take(self, read: WireRead) -> None:
        """Pack a read, or refuse it where its words are wrong though its shape is right."""
        payload = _canonical(read)
        try:
            self._arrived.append(self._pack(read, payload))
        except (PlateError, OverflowError) as error:
            self.refuse(payload, str(error))

    def _boot(self, text: str) -> tuple[UUID, hashlib._Hash]:
        known = self._boots.get(text)
        if known is None:
            try:
                boot = UUID(text)
            except ValueError as error:
                raise PlateError(f"boot is not a UUID: {text[:40]!r}") from error
            known = boot, hashlib.sha256(f"{self._worker}\x1f{boot}\x1f".encode())
            self._boots[text] = known
        return known

    def _camera(self, code: str) -> bytes:
        field = self._cameras.get(code)
        if field is None:
            if not _CAMERA(code):
                raise PlateError(f"not a camera code: {code!r}")
            field = self._cameras[code] = _text(code)
        return field

    def _id(self, prefix: hashlib._Hash, seq: int, observed_us: int) -> bytes:
        """Do what ``kernel.ids.derived_id`` does, without building objects on the way."""
        state = prefix.copy()
        state.update(str(seq).encode())
        tail = int.from_bytes(state.digest()[:10], "big")
        bits = ((observed_us // 1000 + _UNIX_MS) & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76
        bits |= (tail >> 68) << 64 | 0b10 << 62 | tail & ((1 << 62) - 1)
        return bits.to_bytes(16, "big")

    def _pack(self, read: WireRead, payload: bytes) -> Arrived:
        boot, prefix = self._boot(read.boot)
        plate = read.plate if _PLATE(read.plate) else rules.plate_of(read.plate)
        if "\0" in read.raw_text:
            raise PlateError("raw_text holds a NUL character")
        observed_us = _us(read.observed_at)
        suspect = not self._earliest_us <= observed_us <= self._latest_us
        identifier = self._id(prefix, read.seq, observed_us)
        box, size = read.box, read.frame_size
        fixed = _FIXED.pack(
            *(8, read.seq, 16, identifier, 8, observed_us, 8, self._received_us),
            *(8, _us(read.decided_at), 8, _us(read.first_seen_at), 8, _us(read.last_seen_at)),
            *(2, box[0], 2, box[1], 2, box[2], 2, box[3], 2, size[0], 2, size[1]),
            *(4, read.frames, 4, read.agreeing, 4, read.confidence),
            *(1, read.uncertain, 1, suspect, 2, DIRECTIONS.index(read.direction)),
        )
        characters = bytes([int(share * CHARACTER_STEPS + 0.5) for share in read.characters])
        row = b"".join(
            (
                fixed,
                self._offset_field,
                _text(plate),
                _text(read.raw_text),
                self._camera(read.camera),
                len(characters).to_bytes(4, "big"),
                characters,
                _hash(read.picture),
                _hash(read.crop),
            )
        )
        return Arrived(
            boot,
            read.seq,
            hashlib.sha256(payload).digest()[:DIGEST],
            identifier,
            plate,
            read.camera,
            observed_us,
            read.uncertain,
            row,
            payload,
        )
