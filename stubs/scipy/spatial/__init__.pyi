from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

class cKDTree:  # noqa: N801
    def __init__(self, data: NDArray[Any]) -> None: ...
    def query(
        self, x: tuple[float, float], k: Sequence[int]
    ) -> tuple[NDArray[Any], NDArray[Any]]: ...
