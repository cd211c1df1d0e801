"""What a worker sends, read fast and without trust.

A batch is decoded in one pass; only where that fails is each read taken by itself, so that a bad
one costs itself and not its neighbours.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import msgspec

from amaan.plates.model import BatchError, BatchTooLargeError
from amaan.plates.packing import Batch, Moment, Packer, WireRead

BATCH_READS: Final = 5_000


class _Batch(msgspec.Struct, frozen=True):
    worker: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    sent_at: Moment
    reads: list[WireRead]


class _RawBatch(msgspec.Struct, frozen=True):
    worker: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    sent_at: Moment
    reads: list[msgspec.Raw]


_decode_batch = msgspec.json.Decoder(_Batch).decode
_decode_raw_batch = msgspec.json.Decoder(_RawBatch).decode


def delivery_schema() -> dict[str, object]:
    """Return the JSON schema of a delivery, whole, without references."""
    (_,), parts = msgspec.json.schema_components([_Batch])

    def whole(node: object) -> object:
        if isinstance(node, list):
            return [whole(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return whole(parts[str(node["$ref"]).rpartition("/")[2]])
        return {name: whole(item) for name, item in node.items()}

    return {str(name): whole(part) for name, part in parts["_Batch"].items()}


def decode(body: bytes, received_at: datetime) -> Batch:
    """Read a delivery; raises BatchError where nothing of it can be used."""
    delivery = Delivery(body, received_at)
    while delivery.pack(BATCH_READS):
        pass
    return delivery.batch()


class Delivery:
    """A delivery that is read in slices, so that other work has its turn in between."""

    def __init__(self, body: bytes, received_at: datetime) -> None:
        """Parse it; raises BatchError where nothing of it can be used."""
        whole: _Batch | _RawBatch
        try:
            try:
                whole = _decode_batch(body)
            except msgspec.ValidationError:
                whole = _decode_raw_batch(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise BatchError(f"not a batch of reads: {error}") from error
        if len(whole.reads) > BATCH_READS:
            raise BatchTooLargeError(
                f"{len(whole.reads)} reads in one batch; at most {BATCH_READS}"
            )
        self._reads: list[WireRead] | list[msgspec.Raw] = whole.reads
        self._next = 0
        self._packer = Packer(whole.worker, received_at, received_at - whole.sent_at)

    def __len__(self) -> int:
        """Return how many reads it holds, good or bad."""
        return len(self._reads)

    def pack(self, count: int) -> bool:
        """Pack the next reads; return whether more are left."""
        begin, self._next = self._next, self._next + count
        for read in self._reads[begin : self._next]:
            if isinstance(read, WireRead):
                self._packer.take(read)
            else:
                self._packer.take_raw(bytes(read))
        return self._next < len(self._reads)

    def batch(self) -> Batch:
        """Return what has been packed so far."""
        return self._packer.batch()
