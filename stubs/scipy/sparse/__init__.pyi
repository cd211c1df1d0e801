from typing import Any

from numpy.typing import NDArray

class csr_array:  # noqa: N801
    data: NDArray[Any]
    indices: NDArray[Any]
    indptr: NDArray[Any]
    shape: tuple[int, int]
    def __init__(
        self,
        arg1: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
        shape: tuple[int, int],
    ) -> None: ...
