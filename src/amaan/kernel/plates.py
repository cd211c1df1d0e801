"""Number plates as text: what every room takes for the same plate."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

PLATE_LENGTH: Final = 16  # longest known plate text is 8; room for foreign and security plates
PATTERN_LITERALS: Final = 2  # fewer would match thousands of vehicles an hour

_SEPARATORS: Final = re.compile(r"[\s\-‐-―._·•/]+")


def normalise(text: str) -> str:
    """Return upper case without spaces, hyphens and dots; other characters stay as they are."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
