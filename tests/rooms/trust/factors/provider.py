"""A real OpenID Connect provider on loopback that insists on PKCE; a process of its own.

It prints its port. ``oidc-provider-mock`` knows nothing of PKCE: that is added in front of it.
"""

from __future__ import annotations

import io
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import oidc_provider_mock

Start = Callable[..., Any]
USERS = [
    oidc_provider_mock.User(sub="1", claims={"preferred_username": "a.khan"}),
    oidc_provider_mock.User(sub="2", claims={"preferred_username": "A.Khan "}),
    oidc_provider_mock.User(
        sub="3", claims={"preferred_username": "b.shah", "amr": ["pwd", "mfa"]}
    ),
    oidc_provider_mock.User(sub="4", claims={"preferred_username": "nobody.here"}),
    oidc_provider_mock.User(sub="5", claims={"name": "no name to sign in by"}),
]


class Pkce:
    """Remembers each code's challenge and refuses a code without the verifier of it (RFC 7636)."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._challenges: dict[str, str] = {}

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer one request."""
        asked = parse_qs(environ["QUERY_STRING"])
        if environ["PATH_INFO"] == "/oauth2/authorize":
            if asked.get("code_challenge_method") != ["S256"]:
                return _refuse(start)

            def remembering(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                for name, value in headers:
                    if name.lower() == "location":
                        code = parse_qs(urlsplit(value).query).get("code")
                        if code:
                            self._challenges[code[0]] = asked["code_challenge"][0]
                return start(status, headers, *more)

            return self._app(environ, remembering)
        if environ["PATH_INFO"] == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = io.BytesIO(body)
            form = parse_qs(body.decode())
            verifier = form.get("code_verifier", [""])[0]
            made = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
            if self._challenges.pop(form.get("code", [""])[0], None) != made:
                return _refuse(start)
        return self._app(environ, start)


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _refuse(start: Start) -> Iterable[bytes]:
    start("400 Bad Request", [("Content-Type", "application/json")])
    return [b'{"error": "invalid_grant"}']


def main() -> None:
    """Serve until killed."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    provider = Pkce(oidc_provider_mock.app(require_nonce=True, user_claims=USERS))
    with make_server("127.0.0.1", 0, provider, handler_class=_Silent) as server:
        print(server.server_port, flush=True)  # noqa: T201  to whoever started it
        server.serve_forever()


if __name__ == "__main__":
    main()
