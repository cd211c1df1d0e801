"""What can go wrong between a worker and an ONVIF camera. No message holds a password.

AmaanError
└── OnvifError
    ├── OnvifUnreachableError    nobody answers, not in time, or not in whole
    ├── OnvifUnauthorisedError   user or password refused
    ├── OnvifElsewhereError      an answer points to another place, or redirects to one
    └── OnvifAnswerError         an answer that is none, or a refusal
"""

from __future__ import annotations

from typing import ClassVar

from amaan.kernel.errors import AmaanError, InvalidError, UnavailableError


class OnvifError(AmaanError):
    """A camera that cannot be spoken to."""

    code: ClassVar[str] = "onvif"
    status: ClassVar[int] = 503


class OnvifUnreachableError(OnvifError, UnavailableError):
    """Nobody answers."""

    code = "onvif-unreachable"


class OnvifUnauthorisedError(OnvifError, InvalidError):
    """The camera refuses the user or the password."""

    code = "onvif-unauthorised"
    status = 422


class OnvifElsewhereError(OnvifError, InvalidError):
    """The camera's answer leads to where it is not."""

    code = "onvif-elsewhere"
    status = 422


class OnvifAnswerError(OnvifError, InvalidError):
    """The camera answers something else than was asked, or refuses."""

    code = "onvif-answer"
    status = 422
