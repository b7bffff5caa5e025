"""What a finding says behind the construction and the loop's line: what it costs and what to do."""

from __future__ import annotations

import os


def place(where: tuple[str, int], path: str) -> str:
    """``line 4`` in the same file, ``models.py:4`` in another, ``models/__init__.py:4`` in a package."""
    file, line = where
    if file == path:
        return f"line {line}"
    parts = file.split(os.sep)
    return f"{'/'.join(parts[-2:]) if parts[-1] == '__init__.py' else parts[-1]}:{line}"


def make_once(changing: list[str]) -> str:
    """The advice of KL202. ``changing``: the data that the traced function reads."""
    handed = f", and hand {', '.join(changing)} over as an argument, as a tensor" if changing else ""
    return f", which is traced and compiled again each time: make it once, before the loop{handed}"


_AGAIN = "; each one is traced and compiled again, and memory grows: keep one compiled model and reset it, or clear the session"
#: Of KL101 to KL107.
ADVICE = {
    "KL101": _AGAIN,
    "KL102": _AGAIN,
    "KL103": _AGAIN,
    "KL104": ", but clear_session() is not reached on every path through it: call it first thing in the loop",
    "KL105": " and every one is kept, which clear_session() cannot free: keep weights or results, or save each model to a file",
    "KL106": ", to be traced again: load it once, before the loop, and put its weights back if the loop changes them",
    "KL107": "; clearing frees memory, but each model is traced and compiled again: keep one compiled model and reset it",
}
#: Of KL103, and of all where an estimator builds, by who calls.
ADVICE_TO = {
    "handler": ": load or build the model once, when the program starts, and share it",
    "client": ": build the model once in each process, and give it the weights of the round",
    "estimator": ": build one Keras model, and put its first weights back before each fit",
}
#: Of KL201, by whether the model is compiled for another learning rate.
COMPILE_ONCE = {
    False: " throws away what the model has traced: compile once, before the loop, and put the optimizer's state back in it "
    "where training has to start anew",
    True: " throws away what the model has traced, for another learning rate: compile once, before the loop, "
    "and set the rate with optimizer.learning_rate.assign()",
}
#: Of KL203, by the backend that the file runs on, ``""`` where it does not say.
PREDICT_AT_ONCE = {
    "tensorflow": "; predict all rows at once, or call model(x, training=False) or predict_on_batch(), which skip what each "
    "predict() sets up",
    "jax": "; predict all rows at once, or use predict_on_batch(); calling the model is slower still on JAX",
    "torch": "; predict all rows at once, or call the model or predict_on_batch()",
    "": "; predict all rows at once, or use predict_on_batch(), which skips what each predict() sets up",
}
