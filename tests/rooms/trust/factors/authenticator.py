"""A security key in software: makes real credentials and real signatures (WebAuthn level 3)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Credential:
    """A discoverable credential."""

    id: bytes
    key: ec.EllipticCurvePrivateKey
    rp_id: str
    user: str
    count: int = 0


@dataclass
class Authenticator:
    """One device and the browser around it, which shows a page of ``origin``."""

    origin: str
    verifies: bool = True  # whether it asks for a finger or a PIN
    counts: bool = True
    credentials: list[Credential] = field(default_factory=list)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer ``navigator.credentials.create``."""
        made = Credential(
            os.urandom(32),
            ec.generate_private_key(ec.SECP256R1()),
            options["rp"]["id"],
            options["user"]["id"],
        )
        self.credentials.append(made)
        numbers = made.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = bytes(16) + struct.pack(">H", len(made.id)) + made.id + cbor2.dumps(cose)
        data = self._data(made, ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return {
            "id": b64(made.id),
            "rawId": b64(made.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": b64(client),
                "attestationObject": b64(attestation),
                "transports": ["internal", "invented"],
            },
            "clientExtensionResults": {},
        }

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer ``navigator.credentials.get`` by the newest credential."""
        used = self.credentials[-1]
        data = self._data(used, 0)
        client = self._client("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(client).digest()
        signature = used.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return {
            "id": b64(used.id),
            "rawId": b64(used.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signature),
                "userHandle": used.user,
            },
            "clientExtensionResults": {},
        }

    def _data(self, credential: Credential, flags: int) -> bytes:
        if self.counts:
            credential.count += 1
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies else 0)
        rp = hashlib.sha256(credential.rp_id.encode()).digest()
        return rp + bytes([flags]) + struct.pack(">I", credential.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        ).encode()
