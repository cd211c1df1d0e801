from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

class User:
    def __init__(self, sub: str, claims: Mapping[str, object]) -> None: ...

class Application(Protocol):
    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]: ...

def app(*, require_nonce: bool = False, user_claims: Sequence[User] = ()) -> Application: ...
