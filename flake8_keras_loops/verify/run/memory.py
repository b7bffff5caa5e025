"""Memory of this process and of its GPU, in bytes, and waiting until the device is idle."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil

_process = psutil.Process()


def rss() -> int:
    """Resident memory of this process."""
    return int(_process.memory_info().rss)


def gpu_reader() -> Callable[[], int | None]:
    """A function that reads how much memory of the first visible GPU is in use (NVML), more than is in use now.

    It returns ``None`` where there is no NVIDIA GPU or NVML cannot be asked. The whole device is read, because inside a container
    NVML cannot tell processes apart: nothing else should run on it.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip()
    if visible not in {"", "-1"}:
        with suppress(Exception):  # no package, no driver, no such device: NVML has an exception for each
            import pynvml

            pynvml.nvmlInit()
            is_index = visible.isdecimal()
            handle = pynvml.nvmlDeviceGetHandleByIndex(int(visible)) if is_index else pynvml.nvmlDeviceGetHandleByUUID(visible)
            before = int(pynvml.nvmlDeviceGetMemoryInfo(handle).used)
            return lambda: int(pynvml.nvmlDeviceGetMemoryInfo(handle).used) - before
    return lambda: None


def allocated(backend: str) -> int | None:
    """What the allocator of a backend has handed out on the GPU; ``None`` where it does not say (TensorFlow:
    ``tf.config.experimental.get_memory_info``, JAX: ``Device.memory_stats``, torch: ``torch.cuda.memory_allocated``)."""
    with suppress(Exception):  # there is no GPU, or a device of another kind
        if backend == "jax":
            stats = sys.modules["jax"].local_devices()[0].memory_stats()
            return int(stats["bytes_in_use"])
        if backend == "torch":
            cuda = sys.modules["torch"].cuda
            return int(cuda.memory_allocated()) if cuda.is_available() else None
        return int(sys.modules["tensorflow"].config.experimental.get_memory_info("GPU:0")["current"])
    return None


def synchroniser(backend: str) -> Callable[[], object]:
    """A function that returns once the device has done what it was given.

    TensorFlow: ``tf.test.experimental.sync_devices`` (in graph mode ``Session.run`` waits by itself); JAX runs what it is given
    in order, so a small computation is waited for; torch: ``torch.cuda.synchronize``.
    """
    framework: Any = sys.modules.get(backend)
    if backend == "jax":
        add = framework.jit(lambda value: value + 1)
        values = [framework.device_put(0, device) for device in framework.local_devices()]

        def wait() -> None:
            for value in values:
                add(value).block_until_ready()

        wait()  # compile it
        return wait
    if backend == "torch" and framework.cuda.is_available():
        return framework.cuda.synchronize  # type: ignore[no-any-return]
    is_eager_tensorflow = backend == "tensorflow" and framework is not None and framework.executing_eagerly()
    if is_eager_tensorflow and framework.config.list_physical_devices("GPU"):
        return framework.test.experimental.sync_devices  # type: ignore[no-any-return]
    return lambda: None
