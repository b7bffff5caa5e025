"""What a strategy gives back, and what the codemod makes of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ..analysis.scopes import Extent
from ..finding import Applicability, Finding
from .edits import Edit


@dataclass
class Taken:
    """What the fixes of one file have to agree on.

    ``names``: names given away, to which scope and to which part of it (``None``: all). ``edits``: those for a construction that
    several findings lead to.
    """

    names: dict[str, list[tuple[ast.AST, Extent | None]]] = field(default_factory=dict)
    edits: dict[ast.Call, list[Edit]] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A strategy's edits, and its ``doubts``: what it could not prove, one line each. Without any the fix is safe.

    ``leaves``: codes that the fixed loop still has, such as KL107 after clearing.
    """

    edits: tuple[Edit, ...]
    doubts: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What is to be done about a finding: nothing where ``strategy`` is ``""``. ``reason``: why it is not safe, or not done."""

    finding: Finding
    strategy: str
    applicability: Applicability
    reason: str = ""
    edits: tuple[Edit, ...] = ()
    leaves: tuple[str, ...] = ()
