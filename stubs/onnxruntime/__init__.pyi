from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

class SessionOptions:
    intra_op_num_threads: int
    inter_op_num_threads: int
    log_severity_level: int

class ModelMetadata:
    custom_metadata_map: dict[str, str]

class InferenceSession:
    def __init__(
        self, path: str, options: SessionOptions | None = ..., providers: Sequence[str] = ...
    ) -> None: ...
    def run(
        self, outputs: Sequence[str] | None, inputs: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[np.float32]]: ...
    def get_modelmeta(self) -> ModelMetadata: ...
