"""What a finding says: one line with the construction, the loop's line, what it costs and what to do.

``name``: how a call is spelled. ``line``: of the loop. ``leads_to``: file and line of what the call leads to; ``path``: the file
that it is in.
"""

from __future__ import annotations

import os

Place = tuple[str, int]


def rebuilt(code: str, name: str, line: int, leads_to: Place | None, path: str, search: Place | None = None) -> str:
    """The text of KL101 to KL107. ``search``: name and line of one that makes the calls."""
    what = _what(name, "loads the same saved model" if code == "KL106" else "builds a Keras model", leads_to, path)
    if search is not None:
        return f"{what} on every call by {search[0]} on line {search[1]}{_ADVICE[code].replace('in the loop', 'in the function')}"
    return f"{what} {_in_loop(line)}{_ADVICE[code]}"


def recompiled(name: str, line: int, rate: bool) -> str:
    """The text of KL201. ``rate``: the model is compiled for another learning rate."""
    return f"{name} {_in_loop(line)} {_COMPILE[rate]}"


def retraced(name: str, line: int, leads_to: Place | None, path: str, changing: list[str]) -> str:
    """The text of KL202. ``changing``: the data that the function reads."""
    what = _what(name, "makes a traced function", leads_to, path)
    handed = f", and hand {', '.join(changing)} over as an argument, as a tensor" if changing else ""
    return f"{what} {_in_loop(line)}, which is traced and compiled again each time: make it once, before the loop{handed}"


def predicted(name: str, line: int, backend: str) -> str:
    """The text of KL203. ``backend``: that the file runs on, ``""`` where it does not say."""
    return f"{name} runs on a few rows {_in_loop(line)}; {_PREDICT[backend]}"


def place(where: Place, path: str) -> str:
    """``line 4`` in the same file, ``models.py:4`` in another, ``models/__init__.py:4`` in a package."""
    file, line = where
    if file == path:
        return f"line {line}"
    parts = file.split(os.sep)
    return f"{'/'.join(parts[-2:]) if parts[-1] == '__init__.py' else parts[-1]}:{line}"


def _what(name: str, does: str, leads_to: Place | None, path: str) -> str:
    return f"{name} {does} ({place(leads_to, path)})" if leads_to is not None else f"{name} {does}"


def _in_loop(line: int) -> str:
    return f"on every iteration of the loop on line {line}"


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
