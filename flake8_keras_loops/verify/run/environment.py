"""The machine and the software that a report is made with, as plain values."""

from __future__ import annotations

import os
import platform
import subprocess
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

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
_VARIABLES = ("XLA_FLAGS", "TF_XLA_FLAGS", "CUDA_VISIBLE_DEVICES")


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
        "packages": {name: found for name in _PACKAGES if (found := version_of(name))},
        "variables": {name: os.environ[name] for name in _VARIABLES if name in os.environ},
    }


def version_of(name: str) -> str:
    """The version of an installed distribution, ``""`` where there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def commit() -> str | None:
    """The commit of the checkout that this tool runs from, with a plus sign if files differ from it; ``None`` without one."""
    with suppress(OSError, subprocess.SubprocessError):
        found, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--untracked-files=no", ".")
        return f"{found}+" if changed else found
    return None


def _git(*words: str) -> str:
    package = Path(__file__).parents[2]
    return subprocess.run(["git", *words], cwd=package, capture_output=True, text=True, timeout=10, check=True).stdout.strip()


def _processor() -> str:
    with suppress(OSError):  # only Linux has this file
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
