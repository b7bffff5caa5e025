"""What a finding says: one line with the construction, the loop's line, what it costs and what to do."""

from __future__ import annotations

import os


def rebuilt(code: str, name: str, built_at: tuple[str, int] | None, path: str, search: tuple[str, int] | None = None) -> str:
    """The text of KL101 to KL107.

    ``built_at``: file and line of the construction that a call leads to. ``search``: name and line of one that makes the calls.
    """
    what = f"{_plain(name)} loads the same saved model" if code == "KL106" else f"{_plain(name)} builds a Keras model"
    if built_at is not None:
        what += f" ({_plain(place(built_at, path))})"
    if search is not None:
        what += f" on every call by {_plain(search[0])} on line {search[1]}"
        return f"{what}{_ADVICE[code].replace('in the loop', 'in the function')}"
    return f"{what} {_LOOP}{_ADVICE[code]}"


def recompiled(name: str, rate: bool) -> str:
    """The text of KL201. ``rate``: the model is compiled for another learning rate."""
    return f"{_plain(name)} {_LOOP} {_COMPILE[rate]}"


def retraced(name: str, made_at: tuple[str, int] | None, path: str, changing: tuple[str, ...]) -> str:
    """The text of KL202. ``made_at``: file and line that a call leads to. ``changing``: the data that the function reads."""
    what = f"{_plain(name)} makes a traced function"
    if made_at is not None:
        what += f" ({_plain(place(made_at, path))})"
    what += f" {_LOOP}, which is traced and compiled again each time"
    if not changing:
        return f"{what}: make it once, before the loop"
    return f"{what}: make it once, before the loop, and hand {', '.join(changing)} over as an argument, as a tensor"


def predicted(name: str, backend: str) -> str:
    """The text of KL203. ``backend``: that the file runs on, ``""`` where it does not say."""
    return f"{_plain(name)} runs on a few rows {_LOOP}; {_PREDICT[backend]}"


def _plain(name: str) -> str:
    """A name as it goes into a text whose braces stand for the loop's line."""
    return name.replace("{", "{{").replace("}", "}}")


def place(built_at: tuple[str, int], path: str) -> str:
    """``line 4`` in the same file, ``models.py:4`` in another, ``models/__init__.py:4`` in a package."""
    where, line = built_at
    if where == path:
        return f"line {line}"
    parts = where.split(os.sep)
    return f"{'/'.join(parts[-2:]) if parts[-1] == '__init__.py' else parts[-1]}:{line}"


_AGAIN = "; each one is traced and compiled again, and memory grows: keep one compiled model and reset it, or clear the session"
_ADVICE = {
    "KL101": _AGAIN,
    "KL102": _AGAIN,
    "KL103": _AGAIN,
    "KL104": ", but clear_session() is not reached on every path through it: call it first thing in the loop",
    "KL105": " and every one is kept, which clear_session() cannot free: keep weights or results, or save each model to a file",
    "KL106": ", to be traced again: load it once, before the loop, and put its weights back if the loop changes them",
    "KL107": "; clearing frees memory, but each model is traced and compiled again: keep one compiled model and reset it",
}
_LOOP = "on every iteration of the loop on line {loop}"
_COMPILE = {
    False: "throws away what the model has traced: compile once, before the loop, and put the optimizer's state back in it "
    "where training has to start anew",
    True: "throws away what the model has traced, for another learning rate: compile once, before the loop, "
    "and set the rate with optimizer.learning_rate.assign()",
}
_PREDICT = {
    "tensorflow": "predict all rows at once, or call model(x, training=False) or predict_on_batch(), which skip what each "
    "predict() sets up",
    "jax": "predict all rows at once, or use predict_on_batch(); calling the model is slower still on JAX",
    "torch": "predict all rows at once, or call the model or predict_on_batch()",
    "": "predict all rows at once, or use predict_on_batch(), which skips what each predict() sets up",
}
