"""The machine and the software that a report was made with."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import psutil

from . import devices

_PACKAGES = (
    "flake8-keras-loops",
    "keras",
    "tf_keras",
    "tensorflow",
    "tensorflow-cpu",
    "jax",
    "jaxlib",
    "torch",
    "numpy",
    "scipy",
)


def describe() -> dict[str, object]:
    """Python, operating system, processor with the cores this process may use, memory in bytes, NVIDIA GPUs, versions of
    packages."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory": int(psutil.virtual_memory().total),
        "gpus": devices.nvidia_gpus(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "variables": {
            name: os.environ[name] for name in ("XLA_FLAGS", "TF_XLA_FLAGS", "CUDA_VISIBLE_DEVICES") if name in os.environ
        },
    }


def _processor() -> str:
    if sys.platform == "linux":
        try:
            with open("/proc/cpuinfo", encoding="utf-8") as file:
                names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
            if names:
                return names[0]
        except OSError:
            pass
    return platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
