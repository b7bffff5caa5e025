"""Makes a GPU repeat itself, so that results of two processes can be compared bit for bit.

On a GPU two runs of one program differ in the last digits, and after some training in more: which kernels XLA and cuDNN take is
measured anew in each process, and sums are added up in whatever order threads finish. With these settings that is not so; it
is slower, so such runs are compared but not timed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

_SWITCH = "KERAS_LOOP_DETERMINISTIC"


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Environment variables for a process.

    XLA: ``xla_gpu_deterministic_ops``; TensorFlow 2.21: ``tensorflow/core/util/determinism.cc``; cuBLAS: "Results
    reproducibility" in its manual.
    """
    return {
        _SWITCH: "1",
        "XLA_FLAGS": f"{environ.get('XLA_FLAGS', '')} --xla_gpu_deterministic_ops=true".strip(),
        "TF_DETERMINISTIC_OPS": "1",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }


def enforce(backend: str) -> None:
    """What torch can only be told in the process itself (``torch.use_deterministic_algorithms``)."""
    if backend == "torch" and os.environ.get(_SWITCH):
        torch = sys.modules["torch"]
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.backends.cudnn.benchmark = False
