"""An export: a part of the log as lines of JSON, with what proves it offline.

The first line tells of the part and holds a signed checkpoint; every other line is an entry,
``{"leaf": TEXT, "position": N}``, whose leaf is to be hashed as its UTF-8 bytes.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from amaan.kernel.engines import Database
from amaan.trust.audit import store
from amaan.trust.audit.checkpoint import Checkpoint, open_checkpoint
from amaan.trust.audit.merkle import Frontier, Span, parts
from amaan.trust.audit.model import AuditUnavailableError, NoteError
from amaan.trust.audit.notes import VerifyKey, exact_base64
from amaan.trust.audit.signing import Held
from amaan.trust.audit.verifying import Result, Row, Verifier

FORMAT: Final = "amaan-audit/1"
BATCH: Final = 1_000
LINE_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """Entries ``begin`` up to, not with, ``end``, and the hashes of what lies around them.

    ``before`` are the complete subtrees of the tree up to ``begin``, ``after`` those between
    ``end`` and the checkpoint's size: with the entries they give its root.
    """

    begin: int
    end: int
    before: tuple[bytes, ...]
    after: tuple[bytes, ...]
    note: str

    def line(self) -> bytes:
        """Return the first line."""
        return _line(
            {
                "format": FORMAT,
                "begin": self.begin,
                "end": self.end,
                "before": [base64.b64encode(each).decode() for each in self.before],
                "after": [base64.b64encode(each).decode() for each in self.after],
                "checkpoint": self.note,
            }
        )

    @classmethod
    def parse(cls, line: bytes) -> Part:
        """Read a first line. Raises NoteError."""
        try:
            members = orjson.loads(line)
            if members["format"] != FORMAT:
                raise NoteError(f"no export of the form {FORMAT}")
            begin, end, note = members["begin"], members["end"], members["checkpoint"]
            before, after = members["before"], members["after"]
            fits = isinstance(begin, int) and isinstance(end, int) and isinstance(note, str)
            if not fits or not 0 <= begin <= end < 1 << 63:
                raise NoteError("the export's first line is damaged")
            return cls(begin, end, _hashes(before), _hashes(after), note)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NoteError("the export's first line is damaged") from None


def _hashes(texts: list[str]) -> tuple[bytes, ...]:
    found = tuple(exact_base64(text) for text in texts)
    if any(len(each) != 32 for each in found):
        raise NoteError("the export's first line is damaged")
    return found


def _line(members: dict[str, object]) -> bytes:
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS) + b"\n"


async def part_of(database: Database, span: Span, held: Held) -> Part:
    """Return a part with its proof; it ends where the checkpoint does, if not before."""
    size = held.checkpoint.size
    end = min(span.end, size)
    begin = min(span.begin, end)
    async with database.transaction() as connection:
        before, after = list(parts(Span(0, begin))), list(parts(Span(end, size)))
        try:
            known = await store.hashes_of(connection, [*before, *after])
        except KeyError:
            raise AuditUnavailableError("hashes that the proof needs are missing") from None
    return Part(
        begin,
        end,
        tuple(known[node] for node in before),
        tuple(known[node] for node in after),
        str(held.note),
    )


async def lines(database: Database, part: Part) -> AsyncIterator[bytes]:
    """Yield an export, some hundred kilobytes at a time."""
    yield part.line()
    for begin in range(part.begin, part.end, BATCH):
        span = Span(begin, min(begin + BATCH, part.end))
        async with database.transaction() as connection:
            found = await store.leaves(connection, span)
        yield b"".join(_line({"position": p, "leaf": leaf.decode()}) for p, leaf in found)


def check(
    given: Iterable[bytes], key: VerifyKey, kept: Iterable[Checkpoint] = ()
) -> Iterator[int | Result]:
    """Verify an export's lines: yields how many entries it has looked at, and at last the result.

    Raises NoteError when it is no export, or its checkpoint is not signed by the key.
    """
    source = iter(given)
    part = Part.parse(next(source, b""))
    checkpoint, _ = open_checkpoint(part.note, key)
    if part.end > checkpoint.size or len(part.before) != part.begin.bit_count():
        raise NoteError("the export's first line does not fit its checkpoint")
    begun = Frontier(part.begin, list(part.before))
    verifier = Verifier([checkpoint], kept, begun)
    for number, line in enumerate(source, 1):
        row = _row(line)
        if row is None:
            verifier.refuse("a line is no entry", verifier.tree.size)
        if row is None or not verifier.take(row):
            break
        if number % BATCH == 0:
            yield number
    if verifier.finding is None and verifier.tree.size != part.end:
        verifier.refuse(
            f"the export was to end at {part.end} and ends at {verifier.tree.size}",
            min(part.end, verifier.tree.size),
        )
    if verifier.finding is None:
        verifier.take_rest(checkpoint.size, part.after)
    yield verifier.finish(whole=False)


def _row(line: bytes) -> Row | None:
    try:
        members = orjson.loads(line)
        position, leaf = members["position"], members["leaf"].encode()
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Row(position, leaf) if isinstance(position, int) else None
