"""Checkpoints (c2sp.org/tlog-checkpoint) and witnesses' cosignatures (tlog-cosignature v1). Pure.

Sizes and roots come from nowhere but ``open_checkpoint``: from bytes whose signature was checked.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from amaan.trust.audit.merkle import HASH_BYTES
from amaan.trust.audit.model import NoteError
from amaan.trust.audit.notes import (
    COSIGNATURE,
    ED25519,
    SIGNATURE_BYTES,
    Note,
    Signature,
    SigningKey,
    VerifyKey,
    exact_base64,
    open_note,
    signed,
)

GREATEST_SIZE: Final = 2**63 - 1
LATEST_S: Final = 253_402_300_799  # the last second of the year 9999
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many leaves a log had, and their root. ``origin`` names the log, as its key does."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness saw the log at this checkpoint and nothing that contradicts it."""

    witness: VerifyKey
    at: datetime


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> Note:
    """Return a checkpoint as the log's own signed note."""
    assert key.verifier.kind == ED25519
    assert key.verifier.name == checkpoint.origin
    return signed(checkpoint.text(), key)


def open_checkpoint(raw: str, key: VerifyKey) -> tuple[Checkpoint, Note]:
    """Return the checkpoint that a log's key signed. Raises NoteError.

    Lines after the third are extensions: signed, and not looked at.
    """
    note = open_note(raw, key)
    lines = note.text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise NoteError("a checkpoint has three lines: origin, size, root")
    origin, size, root = lines[0], lines[1], exact_base64(lines[2])
    if origin != key.name:
        raise NoteError("the checkpoint is of another log")
    if not _SIZE.fullmatch(size) or int(size) > GREATEST_SIZE or len(root) != HASH_BYTES:
        raise NoteError("the checkpoint's size or root is none")
    return Checkpoint(origin, int(size), root), note


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosign(note: Note, key: SigningKey, now: datetime) -> Signature:
    """Return a witness's line under a checkpoint that it has checked."""
    assert key.verifier.kind == COSIGNATURE
    seconds = int(now.timestamp())
    signature = key.sign(_cosigned(note.text, seconds))
    payload = seconds.to_bytes(8, "big") + signature
    return Signature(key.verifier.name, key.verifier.id, payload)


def cosignatures(note: Note, witnesses: Iterable[VerifyKey]) -> list[Cosignature]:
    """Return the good cosignatures of known witnesses.

    Raises NoteError for one that says it is a known witness's and is not good.
    """
    found = []
    for key in witnesses:
        for line in note.by(key):
            if key.kind != COSIGNATURE or len(line.payload) != 8 + SIGNATURE_BYTES:
                raise NoteError(f"the cosignature of {key.name} is not in its form")
            seconds = int.from_bytes(line.payload[:8], "big")
            if seconds > LATEST_S or not key.is_signed(
                _cosigned(note.text, seconds), line.payload[8:]
            ):
                raise NoteError(f"the cosignature of {key.name} is not good")
            found.append(Cosignature(key, datetime.fromtimestamp(seconds, UTC)))
    return found
