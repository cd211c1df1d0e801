from typing import Any, Literal

from numpy.typing import NDArray
from scipy.sparse import csr_array

def dijkstra(
    csgraph: csr_array,
    directed: bool = ...,
    indices: int = ...,
    return_predecessors: Literal[True] = ...,
    limit: float = ...,
) -> tuple[NDArray[Any], NDArray[Any]]: ...
