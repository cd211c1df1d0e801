"""Which step follows which, by whom, and by when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from amaan.trust.public.model import (
    PublicRequest,
    RequestInputError,
    RequestState,
    RequestStateError,
    SamePersonError,
    Step,
)

ANSWER_WITHIN: Final = timedelta(days=30)
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is taken for another
REFERENCE_LETTERS: Final = 9

_S = RequestState
FOLLOWS: Final[Mapping[RequestState, frozenset[RequestState]]] = {
    _S.RECEIVED: frozenset({_S.VERIFIED, _S.REFUSED}),
    _S.VERIFIED: frozenset({_S.ANSWERED, _S.REFUSED}),
    _S.ANSWERED: frozenset({_S.APPEALED}),
    _S.REFUSED: frozenset({_S.APPEALED}),
    _S.APPEALED: frozenset({_S.UPHELD, _S.DISMISSED}),
    _S.UPHELD: frozenset(),
    _S.DISMISSED: frozenset(),
}


def reference_of(random: bytes) -> str:
    """Return a reference as ``K7M2-9QXD-45``: ten letters and digits, the last of them a check."""
    number = int.from_bytes(random, "big")
    letters = ""
    for _ in range(REFERENCE_LETTERS):
        number, digit = divmod(number, len(ALPHABET))
        letters += ALPHABET[digit]
    whole = letters + ALPHABET[_check(letters)]
    return f"{whole[:4]}-{whole[4:8]}-{whole[8:]}"


def is_reference(text: str) -> bool:
    """Tell whether a reference was copied without a slip."""
    plain = text.replace("-", "").upper()
    if len(plain) != REFERENCE_LETTERS + 1 or any(letter not in ALPHABET for letter in plain):
        return False
    return ALPHABET[_check(plain[:-1])] == plain[-1]


def _check(letters: str) -> int:
    """Return a weighted sum modulo 31, a prime: it tells every slip and swap of two letters."""
    weighed = (n * ALPHABET.index(letter) for n, letter in enumerate(letters, 1))
    return sum(weighed) % len(ALPHABET)


def step(
    request: PublicRequest, to: RequestState, by: UUID, text: str, now: datetime
) -> PublicRequest:
    """Return the request one step on.

    Raises RequestStateError, RequestInputError, and SamePersonError where the appeal is against
    the decider's own answer.
    """
    if to not in FOLLOWS[request.state]:
        raise RequestStateError(f"a request that is {request.state.value} cannot be {to.value}")
    if not text.strip():
        raise RequestInputError("say what was found, or why", field="text")
    decides = to in (_S.UPHELD, _S.DISMISSED)
    if decides and by == request.answered_by:
        raise SamePersonError("an appeal is decided by another person than the answer")
    answers = to in (_S.ANSWERED, _S.REFUSED)
    return replace(
        request,
        state=to,
        answered_by=by if answers else request.answered_by,
        due_at=now + ANSWER_WITHIN if to is _S.APPEALED else request.due_at,
        history=(*request.history, Step(now, by, to, text.strip())),
    )
