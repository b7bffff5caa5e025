"""What keeping the compiled model gains: seconds per warm iteration of build, compile, fit 2 epochs and evaluate.

    KERAS_BACKEND=jax python benchmarks/keep.py --iterations 10

Needs Keras 3 and a backend; takes the device that the backend takes. Each arm runs in a process of its own, the arms one after
the other, ``--rounds`` times; the first two iterations of a process (import, first compilation) are left out, and medians of the
rest are printed, with how many iterations the helper kept. ``hoisted`` keeps by hand, every iteration from the same weights: the
bound.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
ARMS = ("as written", "clear_session", "clone_model", "reuse", "hoisted")
MODELS = ("mlp", "cnn")


def main() -> int:
    """Run all arms and print a table; with ``--arm`` run one and print its JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--arm", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.arm:
        print(json.dumps(_run(options.arm, options.models, options.iterations)))
        return 0
    for model in options.models.split(","):
        seconds: dict[str, list[float]] = {}
        for arm in options.arms.split(",") * options.rounds:
            command = [sys.executable, __file__, "--arm", arm, "--models", model, "--iterations", str(options.iterations)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{model} {arm}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
                continue
            result = json.loads(done.stdout.splitlines()[-1])
            seconds.setdefault(arm, []).extend(result["seconds"][2:])
            if arm == "as written":
                print(result["where"])
            print(f"{model:4} {arm:14} {statistics.median(seconds[arm]):8.4f} s  kept {result['kept']}", flush=True)
        base = statistics.median(seconds.get("as written", [float("nan")]))
        print(model, {arm: round(base / statistics.median(values), 2) for arm, values in seconds.items()}, flush=True)
    return 0


def _run(arm: str, name: str, iterations: int) -> dict[str, Any]:
    """One arm in this process."""
    import keras
    import numpy as np

    sys.path.insert(0, str(ROOT))
    from flake8_keras_loops.fixes.snippets.keeper import compiled_model_keeper

    random = np.random.default_rng(0)
    shape = (784,) if name == "mlp" else (28, 28, 1)
    x, y = random.random((2048, *shape), dtype="float32"), random.integers(0, 10, 2048)
    build = _mlp if name == "mlp" else _cnn
    keep = compiled_model_keeper()
    kept_model = build(keras)
    template = build(keras)
    restore = _restorer(kept_model) if arm == "hoisted" else None
    seconds = []
    for _ in range(iterations):
        start = time.perf_counter()
        if arm == "clear_session":
            keras.utils.clear_session()
        if arm == "hoisted" and restore is not None:
            restore()
            model = kept_model
        elif arm == "clone_model":
            model = keras.models.clone_model(template)
            model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        else:
            model = build(keras)
        if arm == "reuse":
            model = keep(model)
        model.fit(x, y, batch_size=128, epochs=2, verbose=0)
        model.evaluate(x, y, batch_size=128, verbose=0)
        seconds.append(time.perf_counter() - start)
    return {"seconds": seconds, "kept": getattr(keep, "reused", 0), "where": _where(keras)}


def _mlp(keras: Any) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(256, activation="relu"),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, "softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _cnn(keras: Any) -> Any:
    layers = keras.layers
    blocks = []
    for width in (32, 64):
        blocks += [layers.Conv2D(width, 3, padding="same"), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D()]
    head = [layers.Flatten(), layers.Dropout(0.3), layers.Dense(64, activation="relu"), layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), *blocks, *head])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _restorer(model: Any) -> Callable[[], None]:
    """Put a model back to what it is now."""
    model.optimizer.build(model.trainable_variables)
    variables = model.variables + model.optimizer.variables
    values = [variable.numpy() for variable in variables]

    def restore() -> None:
        for variable, value in zip(variables, values):
            variable.assign(value)
        model.reset_metrics()

    return restore


def _where(keras: Any) -> str:
    """Backend, versions and device, as the backend names them."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        device = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU") if gpus else "CPU"
        return f"Keras {keras.__version__}, TensorFlow {tf.__version__}, {device}"
    if backend == "jax":
        import jax

        return f"Keras {keras.__version__}, JAX {jax.__version__}, {jax.devices()[0].device_kind}"
    import torch

    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU"
    return f"Keras {keras.__version__}, torch {torch.__version__}, {device}"


if __name__ == "__main__":
    raise SystemExit(main())
