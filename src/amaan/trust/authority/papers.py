"""What a document is, by its first bytes. Pure."""

from __future__ import annotations

from typing import Final

from amaan.trust.authority.model import DocumentError

DOCUMENT_BYTES: Final = 10 << 20
_TYPES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def type_of(content: bytes) -> str:
    """Return the media type. Raises DocumentError for another kind, or one too large."""
    if len(content) > DOCUMENT_BYTES:
        raise DocumentError(f"a document has at most {DOCUMENT_BYTES} bytes")
    for start, media_type in _TYPES:
        if content.startswith(start):
            return media_type
    raise DocumentError("a document is a PDF, a JPEG or a PNG")
