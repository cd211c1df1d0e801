"""What can be wrong with a source or a clip. No message ever holds an address or a password.

AmaanError
├── SourceError                     why a camera is down; ``reason`` goes to the console
│   ├── SourceUnreachableError      no connection, no answer in time, connection lost
│   ├── SourceUnauthorisedError     name or password refused
│   ├── NoSuchStreamError           the camera answers, but not for this path; the file is absent
│   ├── NotVideoError               answers, but with something that is no video
│   ├── UnsupportedCodecError       video that this build cannot decode
│   ├── SourceTruncatedError        ended before its own index says it should
│   └── SourceDamagedError          garbage where packets should be
└── ClipUnavailableError            the moment asked for is not recorded; says why
    └── ClipNotYetError             it is being recorded: try again after ``retry_after_s``
"""

from __future__ import annotations

from typing import ClassVar

from amaan.kernel.errors import AmaanError, ConflictError, InvalidError, UnavailableError


class SourceError(AmaanError):
    """A source that cannot be opened or read on."""

    code: ClassVar[str] = "source"
    status: ClassVar[int] = 503


class SourceUnreachableError(SourceError, UnavailableError):
    """Nobody answers, or not in time."""

    code = "source-unreachable"


class SourceUnauthorisedError(SourceError):
    """The camera refused the name and password in its address."""

    code = "source-unauthorised"


class NoSuchStreamError(SourceError):
    """Nothing lies at this path."""

    code = "source-no-such-stream"


class NotVideoError(SourceError, InvalidError):
    """Something is there, and it is no video."""

    code = "source-not-video"


class UnsupportedCodecError(SourceError, InvalidError):
    """Video in a form that cannot be decoded here."""

    code = "source-unsupported-codec"


class SourceTruncatedError(SourceError):
    """What there was has been delivered; the rest is missing."""

    code = "source-truncated"


class SourceDamagedError(SourceError):
    """Bytes that make no sense; for a camera, worth a new connection."""

    code = "source-damaged"


class ClipUnavailableError(AmaanError):
    """No recording covers the moment; the detail says whether it never did or no longer does."""

    code: ClassVar[str] = "clip-unavailable"
    status: ClassVar[int] = 404


class ClipNotYetError(ClipUnavailableError, ConflictError):
    """The end of the clip has not been recorded yet."""

    code = "clip-not-yet"
    status = 409

    def __init__(self, detail: str, retry_after_s: float) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.retry_after_s = retry_after_s
