"""Edits as data: what a strategy wants changed, by the ``ast`` nodes it concerns. :mod:`.edit` makes them."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Before:
    """A statement before a statement."""

    anchor: ast.stmt
    code: str


@dataclass(frozen=True)
class After:
    """A statement after a statement."""

    anchor: ast.stmt
    code: str


@dataclass(frozen=True)
class Top:
    """A statement as the first of a loop's body."""

    anchor: ast.stmt
    code: str


@dataclass(frozen=True)
class Move:
    """A simple statement goes to the top of a loop's body, with its comments."""

    anchor: ast.stmt
    loop: ast.stmt


@dataclass(frozen=True)
class MoveBefore:
    """Simple statements go before a statement, with their comments."""

    anchors: tuple[ast.stmt, ...]
    target: ast.stmt


@dataclass(frozen=True)
class RaiseBefore:
    """Definitions, and what goes with them, go before a statement, with their comments and blank lines around."""

    anchors: tuple[ast.stmt, ...]
    target: ast.stmt


@dataclass(frozen=True)
class Wrap:
    """``call`` becomes ``function(call)``, or ``function(first, call)``."""

    anchor: ast.Call
    function: str
    first: str = ""


@dataclass(frozen=True)
class Replace:
    """An expression becomes another one."""

    anchor: ast.expr
    code: str


@dataclass(frozen=True)
class Lift:
    """``name = call`` goes before a statement, and ``code`` stands where the call was."""

    anchor: ast.Call
    target: ast.stmt
    name: str
    code: str


@dataclass(frozen=True)
class Argument:
    """A call gets one more keyword argument."""

    anchor: ast.Call
    name: str
    value: str


@dataclass(frozen=True)
class Outline:
    """Statements in a row become a function before ``target``, and ``block`` stands in their place.

    ``head``: the function without them, ``""`` for none. ``result``: its last statement, ``""`` for none; with ``returns`` it is
    what the last of the statements assigns or appends. That one then stays in the block where it assigns.
    """

    anchors: tuple[ast.stmt, ...]
    target: ast.stmt
    head: str
    block: str
    result: str = ""
    returns: bool = False


@dataclass(frozen=True)
class Section:
    """Statements before a statement, with a blank line between: the imports that come before those of other packages."""

    anchor: ast.stmt
    code: str


@dataclass(frozen=True)
class Helper:
    """A definition or an import for the whole file, once, after its imports. ``name``: what it binds."""

    name: str
    code: str


Edit = Before | After | Top | Move | MoveBefore | RaiseBefore | Wrap | Replace | Lift | Argument | Outline | Section | Helper
