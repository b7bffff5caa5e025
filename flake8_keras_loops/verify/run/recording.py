"""Calls of models in, the arrays that they return out: by standing in for the methods of Keras' ``Model``.

Keras 3 (``keras.Model``), ``tf.keras`` 2.15, ``tf_keras`` and their graph-mode models (``training_v1``). Only the outermost
call is kept: ``fit`` calls ``evaluate`` itself where it has validation data.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

_METHODS = ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch")
_MODULES = ("keras", "tf_keras", *(f"{keras}.src.engine.training{v1}" for keras in ("keras", "tf_keras") for v1 in ("", "_v1")))
_LONGEST = 1_000_000  # values of one array that are kept; the rest is in its hash


class Recorder:
    """Collects what models return. ``reseed``: called with a number at the start of every outermost ``fit``, once training begins
    (after the variables were made), or ``None``. ``tell``: called with what each outermost call returned, or ``None``."""

    def __init__(self, reseed: Callable[[int], None] | None = None, tell: Callable[[str, Any], None] | None = None) -> None:
        self._calls: list[tuple[str, Any]] = []
        self._depth = 0
        self._fits = 0
        self.reseed = reseed
        self._tell = tell
        self._patched: set[type] = set()

    def attach(self) -> None:
        """Stand in for the methods of every ``Model`` class that is imported by now."""
        for module in _MODULES:
            model = getattr(sys.modules.get(module), "Model", None)
            if isinstance(model, type) and model not in self._patched:
                self._patched.add(model)
                for method in _METHODS:
                    if hasattr(model, method):
                        setattr(model, method, self._standing_in(method, getattr(model, method), module))

    def start(self) -> None:
        """Forget what was recorded: a new iteration begins."""
        self._calls.clear()
        self._depth = self._fits = 0

    def take(self) -> list[tuple[str, Any]]:
        """What was recorded since :meth:`start`: method and return value of each call. Empties the record."""
        calls, self._calls = self._calls, []
        return calls

    def _standing_in(self, method: str, original: Callable[..., Any], module: str) -> Callable[..., Any]:
        @functools.wraps(original)
        def called(model: Any, *args: Any, **kwargs: Any) -> Any:
            self._depth += 1
            try:
                if method == "fit" and self._depth == 1 and self.reseed:
                    kwargs = self._seeded(sys.modules[module.split(".")[0]], kwargs)
                returned = original(model, *args, **kwargs)
            finally:
                self._depth -= 1
            if not self._depth:
                self._calls.append((method, returned))
                if self._tell:
                    self._tell(method, returned)
            return returned

        return called

    def _seeded(self, keras: Any, settings: dict[str, Any]) -> dict[str, Any]:
        """The arguments of ``fit`` with a callback that seeds as training begins."""
        callbacks = settings.get("callbacks") or []
        if not isinstance(callbacks, (list, tuple)):
            callbacks = [callbacks]
        reseed, number = self.reseed, self._fits
        self._fits += 1
        seeder = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: reseed(number) if reseed else None)
        return {**settings, "callbacks": [*callbacks, seeder]}


def flat(returned: Any) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """What a method returned as named arrays: a ``History`` by metric (one value an epoch), else numbers and arrays by position
    or by key. The numbers that Keras puts after names (``auc_1``) are left out; what is no number is passed over."""
    history = getattr(returned, "history", None)
    value = history if isinstance(history, dict) else returned
    if isinstance(value, dict):
        named = [(re.sub(r"_\d+$", "", str(key)), item) for key, item in value.items()]
    elif isinstance(value, (list, tuple)):
        named = [(str(index), item) for index, item in enumerate(value)]
    else:
        named = [("0", value)]
    for name, item in named:
        if isinstance(item, (dict, tuple)) or (isinstance(item, list) and any(np.ndim(part) for part in item)):
            for inner, array in flat(item):
                yield f"{name}.{inner}", array
            continue
        array = np.asarray(item)
        if array.dtype.kind in "biufc":
            yield name, array


def write(file: BinaryIO, iteration: int, calls: list[tuple[str, Any]]) -> None:
    """Append an iteration's calls to a file: each array as a line with its name, and the array in NumPy's format."""
    for number, (method, returned) in enumerate(calls):
        for name, array in flat(returned):
            key = f"{iteration}/{number}/{method}/{name}"
            if array.size > _LONGEST:
                digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).digest()
                _write_array(file, f"{key}/sha256", np.frombuffer(digest, dtype=np.uint8))
                array = array.reshape(-1)[:_LONGEST]
            _write_array(file, key, array)
    file.flush()


def read(path: Path) -> dict[str, npt.NDArray[Any]]:
    """What :func:`write` wrote; without the last array if the process died while it was written."""
    results: dict[str, npt.NDArray[Any]] = {}
    with suppress(FileNotFoundError, ValueError, EOFError), path.open("rb") as file:
        while line := file.readline():
            results[json.loads(line)] = np.lib.format.read_array(file, allow_pickle=False)
    return results


def _write_array(file: BinaryIO, key: str, array: npt.NDArray[Any]) -> None:
    file.write(json.dumps(key).encode() + b"\n")
    np.lib.format.write_array(file, array, allow_pickle=False)
