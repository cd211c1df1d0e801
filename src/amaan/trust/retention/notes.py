"""Signed notes (C2SP signed-note, Ed25519): a text and who vouches for it. Pure.

A verifier key is ``<name>+<key id, hex>+<base64 of 0x01 and the public key>``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from amaan.trust.retention.model import ReceiptError

_ED25519: Final = b"\x01"
_DASH: Final = "\u2014 "


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes that name a key in a note."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


class NoteSigner:
    """Signs notes as ``name``."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self._name = name
        self._key = key
        public = key.public_key().public_bytes_raw()
        self._id = key_id(name, public)
        encoded = base64.b64encode(_ED25519 + public).decode()
        self.verifier = f"{name}+{self._id.hex()}+{encoded}"

    def sign_note(self, text: str) -> str:
        """Return the text, which must end with a newline, with its signature."""
        assert text.endswith("\n")
        signature = base64.b64encode(self._id + self._key.sign(text.encode())).decode()
        return f"{text}\n{_DASH}{self._name} {signature}\n"


def open_note(note: str, verifier: str) -> str:
    """Return the signed text. Raises ReceiptError where that key has not signed it."""
    name, public = _key_of(verifier)
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise ReceiptError("not a signed note")
    text += "\n"
    wanted = key_id(name, public)
    for line in signatures.splitlines():
        signer, _, encoded = line.removeprefix(_DASH).rpartition(" ")
        if not line.startswith(_DASH) or signer != name:
            continue
        try:
            signed = base64.b64decode(encoded, validate=True)
            if signed[:4] != wanted:
                continue
            Ed25519PublicKey.from_public_bytes(public).verify(signed[4:], text.encode())
        except (binascii.Error, InvalidSignature) as error:
            raise ReceiptError("the signature does not fit the text") from error
        return text
    raise ReceiptError(f"not signed by {name}")


def _key_of(verifier: str) -> tuple[str, bytes]:
    try:
        name, _, encoded = verifier.strip().split("+", 2)
        public = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise ReceiptError("not a verifier key") from error
    if len(public) != 33 or public[:1] != _ED25519:
        raise ReceiptError("not an Ed25519 verifier key")
    return name, public[1:]
