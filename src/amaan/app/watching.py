"""The centre's log as a witness on another machine reaches it, over HTTP."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

import httpx

from amaan.kernel.errors import UnavailableError
from amaan.trust.audit.notes import NOTE_BYTES

TIMEOUT_S: Final = 30.0
_PATH: Final = "/api/trust/audit"


class CentreLog:
    """Asks a centre; what it answers is believed only as far as it is signed."""

    def __init__(self, url: str, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(
            base_url=url.rstrip("/"), timeout=TIMEOUT_S, follow_redirects=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def checkpoint(self) -> str:
        """Return the newest checkpoint, as it came. Raises UnavailableError."""
        return self._ask("GET", "/checkpoint").text

    def consistency(self, old: int, new: int) -> list[str]:
        """Return the proof between two sizes, base64. Raises UnavailableError."""
        answer = self._ask("GET", "/consistency", params={"from": old, "to": new})
        try:
            proof = answer.json()["proof"]
        except (ValueError, KeyError, TypeError):
            raise UnavailableError("the centre's proof cannot be read") from None
        if not isinstance(proof, list) or not all(isinstance(each, str) for each in proof):
            raise UnavailableError("the centre's proof cannot be read")
        return proof

    def send(self, note: str) -> None:
        """Give a cosigned checkpoint back. Raises UnavailableError."""
        self._ask(
            "POST", "/witnesses", content=note.encode(), headers={"Content-Type": "text/plain"}
        )

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, int] | None = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        try:
            answer = self._client.request(
                method, _PATH + path, params=params, content=content, headers=headers
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnavailableError(f"the centre does not answer: {error}") from None
        if not answer.is_success or len(answer.content) > NOTE_BYTES:
            raise UnavailableError(
                f"{path}: the centre answered {answer.status_code}{_why(answer)}"
            )
        return answer


def _why(answer: httpx.Response) -> str:
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f": {str(detail)[:200]}"
