from collections.abc import Mapping

class CodeIDToken(dict[str, object]):
    def __init__(
        self,
        claims: Mapping[str, object],
        header: Mapping[str, object],
        options: Mapping[str, Mapping[str, object]] | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None: ...
    def validate(self, now: int | None = None, leeway: int = 0) -> None: ...
