"""Signed notes in C2SP's form (c2sp.org/signed-note), with Ed25519. Pure, and strict.

A note is a text, an empty line, and signature lines ``— NAME BASE64(key id || signature)``. What
stands in the text counts only after ``open_note``: whoever reads it before believes anybody.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from amaan.trust.audit.model import NoteError

ED25519: Final = 1
COSIGNATURE: Final = 4
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
NOTE_BYTES: Final = 64 << 10
SIGNATURES_MOST: Final = 64
_PRIVATE: Final = "PRIVATE+KEY"
_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_NAME: Final = re.compile(r"[^\s+]{1,200}")


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """Whose signature it is, and how to check it. As text: ``NAME+KEYID+BASE64(kind || key)``."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that a signature line begins with."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> VerifyKey:
        """Read a key. Raises NoteError."""
        name, _, rest = text.strip().partition("+")
        id_hex, _, encoded = rest.partition("+")
        raw = exact_base64(encoded)
        if not _NAME.fullmatch(name) or len(raw) != 1 + KEY_BYTES:
            raise NoteError("a key reads NAME+KEYID+BASE64")
        if raw[0] not in (ED25519, COSIGNATURE):
            raise NoteError("a key of a kind that is not known here")
        key = cls(name, raw[0], raw[1:])
        if key.id.hex() != id_hex:
            raise NoteError("a key whose id does not fit its name: was it copied whole?")
        return key

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether an Ed25519 signature over a message is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """Signs in a name. Its text holds the secret; its repr does not."""

    def __init__(self, name: str, kind: int, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        public = self._private.public_key().public_bytes_raw()
        self.verifier = VerifyKey(name, kind, public)

    def __repr__(self) -> str:
        return f"SigningKey({self.verifier.name})"

    @classmethod
    def make(cls, prefix: str, kind: int) -> SigningKey:
        """Return a fresh key, named ``PREFIX/`` and 16 digits of its own public half."""
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        name = f"{prefix}/{hashlib.sha256(public).hexdigest()[:16]}"
        return cls(name, kind, private.private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read what ``secret_text`` gave. Raises NoteError, never repeating it."""
        if not text.startswith(_PRIVATE + "+"):
            raise NoteError("no signing key")
        name, _, rest = text.strip().removeprefix(_PRIVATE + "+").partition("+")
        id_hex, _, encoded = rest.partition("+")
        raw = exact_base64(encoded)
        if not _NAME.fullmatch(name) or len(raw) != 1 + KEY_BYTES:
            raise NoteError("no signing key")
        key = cls(name, raw[0], raw[1:])
        if key.verifier.id.hex() != id_hex:
            raise NoteError("a signing key whose id does not fit its name")
        return key

    def secret_text(self) -> str:
        """Return the key as a line for a private file."""
        key = base64.b64encode(bytes([self.verifier.kind]) + self._seed).decode()
        return f"{_PRIVATE}+{self.verifier.name}+{self.verifier.id.hex()}+{key}"

    def sign(self, message: bytes) -> bytes:
        """Return 64 bytes of signature."""
        return self._private.sign(message)


@dataclass(frozen=True, slots=True)
class Signature:
    """A line under a note: ``payload`` is what follows the key id."""

    name: str
    key_id: bytes
    payload: bytes

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.payload).decode()}\n"

    def is_by(self, key: VerifyKey) -> bool:
        """Tell whether it says that it is this key's."""
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True, slots=True)
class Note:
    """A text (ending in a newline) and the lines under it, none of them checked yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(str(line) for line in self.signatures)

    def by(self, key: VerifyKey) -> list[Signature]:
        """Return the lines that say they are a key's."""
        return [line for line in self.signatures if line.is_by(key)]


def signed(text: str, key: SigningKey) -> Note:
    """Return a text with a key's plain signature under it."""
    assert text.endswith("\n")
    verifier = key.verifier
    return Note(text, (Signature(verifier.name, verifier.id, key.sign(text.encode())),))


def with_lines(note: Note, lines: Iterable[Signature]) -> Note:
    """Return a note with further lines."""
    return Note(note.text, note.signatures + tuple(lines))


def read_note(raw: str) -> Note:
    """Take a note apart without believing any of it. Raises NoteError."""
    if len(raw.encode()) > NOTE_BYTES:
        raise NoteError(f"a note has at most {NOTE_BYTES} bytes")
    if any(ord(c) < 0x20 and c != "\n" for c in raw) or "�" in raw:
        raise NoteError("a note holds no control characters")
    text, gap, lines = raw.rpartition("\n\n")
    if not gap or not text or not lines.endswith("\n"):
        raise NoteError("a note is a text, an empty line and signatures")
    found: list[Signature] = []
    for line in lines[:-1].split("\n"):
        match = _LINE.fullmatch(line)
        if match is None or len(found) == SIGNATURES_MOST:
            raise NoteError("a line under a note is no signature, or there are too many")
        raw_signature = exact_base64(match[2])
        if len(raw_signature) < 5:
            raise NoteError("a signature is too short")
        found.append(Signature(match[1], raw_signature[:4], raw_signature[4:]))
    return Note(text + "\n", tuple(found))


def open_note(raw: str, key: VerifyKey) -> Note:
    """Return a note that a key signed. Raises NoteError when it did not, or any line lies."""
    note = read_note(raw)
    require_signed(note, key)
    return note


def require_signed(note: Note, key: VerifyKey) -> None:
    """Raise NoteError unless a key's plain signature is under the note, once, and good."""
    own: Sequence[Signature] = note.by(key)
    if len(own) != 1:
        raise NoteError(f"the note is not signed once by {key.name}")
    if not key.is_signed(note.text.encode(), own[0].payload):
        raise NoteError(f"the signature of {key.name} is not good")


def exact_base64(text: str) -> bytes:
    """Return the bytes of standard base64 in its one right spelling. Raises NoteError."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("no base64") from None
    if base64.b64encode(raw).decode() != text:
        raise NoteError("base64 that can be spelled otherwise")
    return raw
