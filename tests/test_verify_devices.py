"""Which backend and device a run gets, and what is said where there is none."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from flake8_keras_loops.verify.run import devices
from flake8_keras_loops.verify.run.devices import DeviceError, look

TENSORFLOW = {
    "keras": "3.15.1",
    "backend": "tensorflow",
    "version": "2.21.0",
    "gpus": [],
    "cuda": "",
    "sought": "physical devices",
}


def answer(monkeypatch: pytest.MonkeyPatch, found: dict[str, Any] | None, stderr: str = "") -> list[dict[str, str]]:
    """Let the process that looks for devices answer so. Returns the environments it was run in."""
    seen: list[dict[str, str]] = []

    def run(command: list[str], env: dict[str, str], **settings: Any) -> subprocess.CompletedProcess[str]:
        seen.append(env)
        out = f"a warning\nFOUND{json.dumps(found)}\n" if found else ""
        return subprocess.CompletedProcess(command, 0 if found else 1, out, stderr)

    monkeypatch.setattr(devices.subprocess, "run", run)
    monkeypatch.setattr(devices, "nvidia_gpus", list)
    return seen


def test_the_cpu_where_no_gpu_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, TENSORFLOW)
    backend = look("tensorflow", "auto", {})
    assert backend.describe() == "tensorflow 2.21.0, Keras 3.15.1, cpu"
    assert backend.environment["CUDA_VISIBLE_DEVICES"] == "-1"


def test_the_gpu_where_one_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = answer(monkeypatch, {**TENSORFLOW, "gpus": ["NVIDIA H100"], "cuda": "12.5"})
    backend = look("tensorflow", "auto", {"CUDA_VISIBLE_DEVICES": "1"})
    assert backend.describe() == "tensorflow 2.21.0, Keras 3.15.1, gpu (NVIDIA H100)"
    assert "CUDA_VISIBLE_DEVICES" not in backend.environment
    assert seen[0]["CUDA_VISIBLE_DEVICES"] == "1"
    assert backend.environment["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert backend.environment["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
    assert look("tensorflow", "cpu", {}).device == "cpu"


def test_a_gpu_that_is_asked_for_and_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, TENSORFLOW)
    with pytest.raises(DeviceError) as caught:
        look("tensorflow", "gpu", {})
    assert str(caught.value) == (
        "--device gpu: tensorflow 2.21.0 (no CUDA build) sees no GPU: looked for physical devices with no NVIDIA driver or GPU found"
        " by NVML; pip install 'tensorflow[and-cuda]' keras, or --device cpu"
    )


def test_keras_2_is_a_family_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, {**TENSORFLOW, "keras": "2.15.0", "version": "2.15.1"})
    assert look("tensorflow", "cpu", {}).family == "tf-keras"
    assert look("tf-keras", "cpu", {}).environment["TF_USE_LEGACY_KERAS"] == "1"


def test_keras_that_takes_another_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, TENSORFLOW)
    with pytest.raises(DeviceError, match=r"--backend jax: Keras 3\.15\.1 took tensorflow"):
        look("jax", "cpu", {})


def test_a_backend_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, None, "Traceback ...\nModuleNotFoundError: No module named 'jax'\n")
    with pytest.raises(DeviceError) as caught:
        look("jax", "auto", {})
    assert str(caught.value).endswith("No module named 'jax' (pip install jax keras)")
    with pytest.raises(DeviceError, match=r"pip install 'jax\[cuda12\]' keras"):
        look("jax", "gpu", {})


def test_a_backend_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], timeout: float, **settings: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(devices.subprocess, "run", run)
    with pytest.raises(DeviceError, match="no answer about its devices in 5 s"):
        look("torch", "cpu", {}, timeout=5)


def test_the_default_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices.default_backend({"KERAS_BACKEND": "jax"}) == "jax"
    monkeypatch.setattr(devices, "find_spec", lambda name: name == "torch")
    assert devices.default_backend({}) == "torch"
    monkeypatch.setattr(devices, "find_spec", lambda name: None)
    assert devices.default_backend({"KERAS_BACKEND": "theano"}) == "tensorflow"


@pytest.mark.endtoend
def test_a_real_backend_is_asked() -> None:
    pytest.importorskip("tensorflow")
    backend = look("tensorflow", "cpu", os.environ)
    assert (backend.device, backend.family) == ("cpu", "tensorflow")
    with pytest.raises(DeviceError, match="sees no GPU"):
        look("tensorflow", "gpu", {**os.environ, "CUDA_VISIBLE_DEVICES": "-1"})
