"""A witness: another machine that remembers what the log said, and tells when it says otherwise.

Its folder holds ``witness.key`` (its own), ``log.vkey`` (whose log it watches, given once) and
``checkpoints.jsonl`` (every checkpoint it saw; only ever added to). What contradicts them goes
to ``evidence/`` and is kept.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Final, Protocol

import orjson

from amaan.kernel.errors import AmaanError, ConflictError
from amaan.trust.audit.checkpoint import Checkpoint, cosign, open_checkpoint
from amaan.trust.audit.merkle import consistent
from amaan.trust.audit.model import NoteError
from amaan.trust.audit.notes import (
    COSIGNATURE,
    Note,
    SigningKey,
    VerifyKey,
    exact_base64,
    with_lines,
)
from amaan.trust.audit.signing import ensure_signing_key, write_durably

PROOF_LINES: Final = 130  # a consistency proof has at most 2 * 63 hashes


class Contradiction(AmaanError):  # noqa: N818  it is no error of ours: it is what a witness is for
    """The log says something that cannot be, after what it said before."""

    code: ClassVar[str] = "log-contradicts-itself"
    status: ClassVar[int] = 409


class WitnessBusyError(ConflictError):
    """Another run works in the same folder."""

    code: ClassVar[str] = "witness-busy"


class Log(Protocol):
    """The centre, as a witness sees it."""

    def checkpoint(self) -> str:
        """Return the newest checkpoint, as it came."""
        ...

    def consistency(self, old: int, new: int) -> list[str]:
        """Return the proof between two sizes, base64."""
        ...

    def send(self, note: str) -> None:
        """Give a cosigned checkpoint back."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint that a witness keeps."""

    checkpoint: Checkpoint
    note: Note


class Witness:
    """The folder of one witness of one log."""

    def __init__(self, folder: Path, key: VerifyKey | None = None) -> None:
        """Open the folder, made with ``key`` when it is new.

        Raises NoteError when it is of another log, or new and no key is given.
        """
        self._folder = folder
        pinned = folder / "log.vkey"
        if not pinned.exists():
            if key is None:
                raise NoteError(f"{folder} is no witness's folder: give the log's key")
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_durably(pinned, f"{key}\n", replace=False)
        self.log_key = VerifyKey.parse(pinned.read_text())
        if key is not None and key != self.log_key:
            raise NoteError(f"{folder} watches the log {self.log_key.name}, not {key.name}")

    def signing_key(self) -> SigningKey:
        """Return the witness's own key, made on first use."""
        return ensure_signing_key(self._folder / "witness.key", "amaan-witness", COSIGNATURE)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the folder to this run. Raises WitnessBusyError."""
        with (self._folder / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise WitnessBusyError("another run works in this folder") from None
            yield

    def seen(self) -> list[Seen]:
        """Return every checkpoint kept, oldest first, its signature checked anew.

        A last line without its end was cut off by a crash and is left out. Raises NoteError for
        any other that is not good.
        """
        try:
            raw = self._store.read_bytes()
        except FileNotFoundError:
            return []
        found = []
        for number, line in enumerate(raw[: raw.rfind(b"\n") + 1].splitlines(), 1):
            try:
                note = orjson.loads(line)["note"]
                found.append(Seen(*open_checkpoint(note, self.log_key)))
            except (ValueError, KeyError, TypeError, NoteError) as error:
                raise NoteError(f"{self._store}, line {number}: {error}") from error
        return found

    @property
    def _store(self) -> Path:
        return self._folder / "checkpoints.jsonl"

    def watch(self, log: Log, now: datetime) -> Seen:
        """Look once: return the newest checkpoint, kept, and send it back cosigned.

        Raises Contradiction when the log rolled back or forked; its evidence is kept. NoteError
        when what came is not signed by the log.
        """
        before = self.seen()
        raw = log.checkpoint()
        seen = Seen(*open_checkpoint(raw, self.log_key))
        if before:
            self._require_continued(before[-1], seen, log, now)
        if not before or before[-1].checkpoint != seen.checkpoint:
            self._keep(seen, now)
        line = cosign(seen.note, self.signing_key(), now)
        log.send(str(with_lines(Note(seen.note.text, seen.note.signatures), [line])))
        return seen

    def _require_continued(self, last: Seen, seen: Seen, log: Log, now: datetime) -> None:
        old, new = last.checkpoint, seen.checkpoint
        if new.size < old.size:
            self._contradicted(
                last, seen, [], now, f"rolled back from {old.size} entries to {new.size}"
            )
        proof: list[str] = []
        if new.size > old.size > 0:
            proof = log.consistency(old.size, new.size)[:PROOF_LINES]
        try:
            hashes = [exact_base64(each) for each in proof]
        except NoteError:
            hashes = [b""]
        if not consistent(old.size, old.root, new.size, new.root, hashes):
            self._contradicted(
                last,
                seen,
                proof,
                now,
                f"forked: its {new.size} entries do not begin with the {old.size} of before",
            )

    def _contradicted(
        self, last: Seen, seen: Seen, proof: list[str], now: datetime, what: str
    ) -> None:
        folder = self._folder / "evidence"
        folder.mkdir(exist_ok=True, mode=0o700)
        path = folder / f"{now:%Y%m%dT%H%M%S%f}.json"
        evidence = {
            "at": now.isoformat(),
            "what": what,
            "log": str(self.log_key),
            "before": str(last.note),
            "now": str(seen.note),
            "proof": proof,
        }
        write_durably(path, orjson.dumps(evidence, option=orjson.OPT_INDENT_2).decode() + "\n")
        raise Contradiction(f"{self.log_key.name} {what}; evidence: {path}")

    def _keep(self, seen: Seen, now: datetime) -> None:
        line = orjson.dumps({"at": now.isoformat(), "note": str(seen.note)}) + b"\n"
        descriptor = os.open(self._store, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            kept = self._store.read_bytes()
            os.ftruncate(descriptor, kept.rfind(b"\n") + 1)  # what a crash cut off is no line
            if os.write(descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, "the disk is full: what is not kept is not cosigned")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
