"""What a finding says: one line with the construction, the loop's line, what it costs and what to do."""

from __future__ import annotations

import os


def message(
    code: str, name: str, loop_line: int, built_at: tuple[str, int] | None, path: str, search: tuple[str, int] | None = None
) -> str:
    """The text of a finding.

    ``built_at``: file and line of the construction that a call leads to. ``search``: name and line of one that makes the calls.
    """
    what = f"{name} loads the same saved model" if code == "KL106" else f"{name} builds a Keras model"
    if built_at is not None:
        what += f" ({place(built_at, path)})"
    if search is not None:
        what += " on every call by {} on line {}".format(*search)
        return f"{what}{_ADVICE[code].replace('in the loop', 'in the function')}"
    what += f" on every iteration of the loop on line {loop_line}"
    return f"{what}{_ADVICE[code]}"


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
