"""Backends and devices: a name in, what that backend sees here out, with the variables that a process must find to use it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from ..measurement import BACKENDS

#: Variable of a process that is to repeat itself.
DETERMINISTIC = "KERAS_LOOP_DETERMINISTIC"

#: How to install each backend, for a CPU and for a GPU.
_INSTALL = {
    "tensorflow": ("tensorflow keras", "'tensorflow[and-cuda]' keras"),
    "jax": ("jax keras", "'jax[cuda12]' keras"),
    "torch": ("torch keras", "torch keras"),
    "tf-keras": ("tensorflow tf_keras", "'tensorflow[and-cuda]' tf_keras"),
}

#: Run in a process of its own, because asking a backend for its devices keeps them occupied.
_LOOK = """
import json, os
if os.environ.get("KERAS_LOOP_FAMILY") == "tf-keras":
    from tensorflow import keras
else:
    import keras
backend = "tensorflow" if keras.__version__.startswith("2.") else keras.backend.backend()
if backend == "tensorflow":
    import tensorflow as framework
    gpus = [framework.config.experimental.get_device_details(gpu).get("device_name", gpu.name)
            for gpu in framework.config.list_physical_devices("GPU")]
    cuda = framework.sysconfig.get_build_info().get("cuda_version", "")
    sought = "tf.config.list_physical_devices('GPU')"
elif backend == "jax":
    import jax as framework
    gpus = [device.device_kind for device in framework.devices() if device.platform in ("gpu", "cuda", "rocm")]
    cuda = ""
    sought = "a device of platform gpu in jax.devices()"
else:
    import torch as framework
    number = framework.cuda.device_count() if framework.cuda.is_available() else 0
    gpus = [framework.cuda.get_device_name(index) for index in range(number)]
    cuda = framework.version.cuda or ""
    sought = "torch.cuda.is_available()"
found = {"keras": keras.__version__, "backend": backend, "version": framework.__version__, "gpus": gpus, "cuda": cuda}
print("FOUND" + json.dumps({**found, "sought": sought}))
"""


class DeviceError(Exception):
    """A backend or device that is not there. The message is one line."""


@dataclass(frozen=True)
class Backend:
    """A backend that works here. ``family``: its name, but ``tf-keras`` wherever Keras 2 runs. ``device``: ``cpu`` or ``gpu``.
    ``name``: of that device. ``environment``: variables for the processes that are to use it."""

    family: str
    keras: str
    version: str
    device: str
    name: str
    cuda: str
    environment: Mapping[str, str] = field(repr=False)

    def describe(self) -> str:
        """One line: ``tensorflow 2.21.0, Keras 3.15.1, gpu (NVIDIA H100)``."""
        return f"{self.family} {self.version}, Keras {self.keras}, {self.device}{f' ({self.name})' if self.name else ''}"


def default_backend(environ: Mapping[str, str]) -> str:
    """The backend that Keras would take: ``KERAS_BACKEND``, else the first one that is installed."""
    if environ.get("KERAS_BACKEND") in BACKENDS:
        return environ["KERAS_BACKEND"]
    return next((name for name in ("tensorflow", "jax", "torch") if find_spec(name)), "tensorflow")


def look(backend: str, device: str, environ: Mapping[str, str], timeout: float = 300) -> Backend:
    """See what a backend has. ``device``: ``auto``, ``gpu`` or ``cpu``. Raises :class:`DeviceError`."""
    wanted = "cpu" if device == "cpu" else "gpu"
    environment = {**environ, **variables(backend, wanted)}
    found = _ask(backend, device, environment, timeout)
    if found["backend"] != framework(backend):
        raise DeviceError(f"--backend {backend}: Keras {found['keras']} took {found['backend']}")
    if device == "gpu" and not found["gpus"]:
        raise DeviceError(_no_gpu(backend, found))
    taken = "gpu" if found["gpus"] and wanted == "gpu" else "cpu"
    name, cuda = (found["gpus"][0], found["cuda"]) if taken == "gpu" else ("", "")
    family = "tf-keras" if found["keras"].startswith("2.") else backend
    return Backend(family, found["keras"], found["version"], taken, name, cuda, variables(backend, taken))


def variables(backend: str, device: str) -> dict[str, str]:
    """Environment variables that put a process on a backend and device, with memory growth and without preallocation, so that
    memory can be read. Hashes of strings are fixed, so that no order of a set differs between runs."""
    values = {
        "KERAS_BACKEND": framework(backend),
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONHASHSEED": "0",
        "PYTHONFAULTHANDLER": "1",
    }
    if backend == "tf-keras":
        values |= {"TF_USE_LEGACY_KERAS": "1", "KERAS_LOOP_FAMILY": "tf-keras"}
    if device == "cpu":
        values |= {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
    return values


def deterministic(environ: Mapping[str, str]) -> dict[str, str]:
    """Environment variables that make a process on a GPU repeat itself, so that results can be compared bit for bit.

    Else two runs of one program differ: XLA and cuDNN choose kernels by timing them, and sums are added up in whatever order
    threads finish. It is slower, so such runs are not timed. XLA: ``xla_gpu_deterministic_ops``; TensorFlow 2.21:
    ``tensorflow/core/util/determinism.cc``; cuBLAS: "Results reproducibility" in its manual; torch is told by the probe.
    """
    return {
        DETERMINISTIC: "1",
        "XLA_FLAGS": f"{environ.get('XLA_FLAGS', '')} --xla_gpu_deterministic_ops=true".strip(),
        "TF_DETERMINISTIC_OPS": "1",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }


def framework(backend: str) -> str:
    """What Keras calls a backend: Keras 2 runs on TensorFlow."""
    return "tensorflow" if backend == "tf-keras" else backend


def _ask(backend: str, device: str, environment: Mapping[str, str], timeout: float) -> dict[str, Any]:
    look = [sys.executable, "-c", _LOOK]
    try:
        done = subprocess.run(look, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise DeviceError(f"--backend {backend}: no answer about its devices in {timeout:.0f} s") from None
    for line in done.stdout.splitlines():
        if line.startswith("FOUND"):
            return json.loads(line.removeprefix("FOUND"))  # type: ignore[no-any-return]
    said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    install = _INSTALL[backend][device == "gpu"]
    raise DeviceError(f"--backend {backend}: not usable with {sys.executable}: {said} (pip install {install})")


def _no_gpu(backend: str, found: Mapping[str, object]) -> str:
    built = f"built for CUDA {found['cuda']}" if found["cuda"] else "no CUDA build" if backend != "jax" else ""
    what = f"{framework(backend)} {found['version']}{f' ({built})' if built else ''}"
    drivers = "no NVIDIA driver or GPU found by NVML"
    if gpus := nvidia_gpus():
        drivers = f"{len(gpus)} GPU(s) found by NVML ({gpus[0]['name']}, driver {gpus[0]['driver']})"
    looked = f"looked for {found['sought']} with {drivers}"
    return f"--device gpu: {what} sees no GPU: {looked}; pip install {_INSTALL[backend][1]}, or --device cpu"


def nvidia_gpus() -> list[dict[str, object]]:
    """Name, driver, CUDA version of the driver and memory in bytes of every NVIDIA GPU; empty where there is none."""
    try:
        import pynvml

        pynvml.nvmlInit()
        version = pynvml.nvmlSystemGetCudaDriverVersion_v2()
        return [
            {
                "name": pynvml.nvmlDeviceGetName(handle),
                "driver": pynvml.nvmlSystemGetDriverVersion(),
                "cuda": f"{version // 1000}.{version % 1000 // 10}",
                "memory": int(pynvml.nvmlDeviceGetMemoryInfo(handle).total),
            }
            for handle in map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        ]
    except Exception:  # no package, no driver: NVML has an exception for each
        return []
