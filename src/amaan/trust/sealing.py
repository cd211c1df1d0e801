"""Secrets at rest: AES-256-GCM under a key that lies in a file, never in the database."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amaan.kernel.errors import AmaanError

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 4
_FORMAT = b"\x01"


class SealError(AmaanError):
    """A secret that this key does not open, or a key that cannot be read."""

    code: ClassVar[str] = "sealed"
    status: ClassVar[int] = 500


def camera_purpose(code: str) -> str:
    """Return what a camera's address is sealed for, so that no other camera's token fits it."""
    return f"city/camera/{code}"


class Sealer:
    """Seals and opens short texts. A token opens only for the purpose that it was sealed for."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise SealError(f"a sealing key has {KEY_BYTES} bytes, this one has {len(key)}")
        self._cipher = AESGCM(key)
        self._key_id = hashlib.sha256(b"amaan key id" + key).digest()[:KEY_ID_BYTES]

    def __repr__(self) -> str:
        return f"Sealer(key {self._key_id.hex()})"

    @classmethod
    def from_file(cls, path: Path) -> Sealer:
        """Read the key (base64, one line). Raises SealError, never repeating the content."""
        try:
            text = path.read_text().strip()
            if not text:
                raise SealError(f"the key file {path} is empty: put back its backup")
            return cls(base64.b64decode(text, validate=True))
        except OSError as error:
            raise SealError(f"the key file {path} cannot be read: {error.strerror}") from error
        except (binascii.Error, ValueError) as error:
            raise SealError(f"the key file {path} holds no key") from error

    def seal(self, secret: str, *, purpose: str) -> str:
        """Return an URL-safe token; the same secret gives another token each time."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret.encode(), purpose.encode())
        return base64.urlsafe_b64encode(_FORMAT + self._key_id + nonce + sealed).decode()

    def unseal(self, token: str, *, purpose: str) -> str:
        """Return the secret. Raises SealError for another key, another purpose or damage."""
        try:
            raw = base64.urlsafe_b64decode(token.encode())
        except (binascii.Error, ValueError) as error:
            raise SealError("a sealed secret is damaged") from error
        key_end = 1 + KEY_ID_BYTES
        if raw[:1] != _FORMAT or len(raw) < key_end + NONCE_BYTES + 16:
            raise SealError("a sealed secret is damaged")
        if raw[1:key_end] != self._key_id:
            raise SealError("a secret was sealed under another key: is this its key file?")
        nonce, sealed = raw[key_end : key_end + NONCE_BYTES], raw[key_end + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, sealed, purpose.encode()).decode()
        except InvalidTag as error:
            raise SealError("a sealed secret is damaged or was sealed for another use") from error


def ensure_key_file(path: Path) -> None:
    """Put a fresh key there, mode 0600, unless there is one; it is on disk when this returns.

    The file appears whole or not at all, and of several who come at once the first one's stays.
    Raises SealError for a file that is there and empty: what was sealed needs its backup.
    """
    if not path.exists():
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        fresh = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(fresh)
        finally:
            fresh.unlink()
        _sync_folder(path.parent)
    if path.stat().st_size == 0:
        raise SealError(f"the key file {path} is empty: put back its backup")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
