"""The one record that every front end renders."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Applicability(Enum):
    """Whether a fix may be applied: *safe* keeps what the program computes, *unsafe* may change it, *display* is advice."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, order=True)
class Span:
    """A place in a file: lines count from 1, columns from 0 in characters (as flake8 counts them before it prints)."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Finding:
    """One report.

    ``code``: the rule, see :mod:`flake8_keras_loops.rules`. ``span``: the construction, or the call that leads to it.
    ``loop``: the innermost loop that repeats it. ``construction``: how it is spelled, such as ``Sequential()``.
    ``built_at``: for a call that leads to the construction, ``(path, line)`` of the construction itself.
    ``message``: one line, without the code, short enough for both to take 120 characters. ``cure``: what helps, one line.
    """

    code: str
    path: str
    span: Span
    loop: Span
    construction: str
    message: str
    built_at: tuple[str, int] | None = None
    cure: str = ""

    @property
    def line(self) -> int:
        """Line of the finding, from 1."""
        return self.span.line

    @property
    def column(self) -> int:
        """Column of the finding in characters, from 0."""
        return self.span.column
