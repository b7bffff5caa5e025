"""What a strategy gives back, and what the codemod makes of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ..finding import Applicability, Finding
from ..semantics.scopes import Extent, Loop, extent
from ..semantics.syntax import Syntax
from .edits import Edit


@dataclass
class Taken:
    """What the fixes of one file have to agree on.

    ``names``: names given away, to which scope and to which part of it (``None``: all). ``edits``: those for a construction that
    several findings lead to.
    """

    names: dict[str, list[tuple[ast.AST, Extent | None]]] = field(default_factory=dict)
    edits: dict[ast.Call, list[Edit]] = field(default_factory=dict)

    def give_name(self, wanted: str, loop: Loop | None, syntax: Syntax) -> str:
        """A name that neither the file nor another fix of the same part of it uses. ``loop``: ``None`` for the whole file."""
        scope = syntax.function(loop.node) if loop is not None else syntax.module.tree
        region = extent(loop.node) if loop is not None else None
        number = 1
        while True:
            name = syntax.free_name(wanted if number == 1 else f"{wanted}_{number}")
            uses = self.names.setdefault(name, [])
            if not any(_overlap(region, theirs) and (scope is other or None in (region, theirs)) for other, theirs in uses):
                uses.append((scope, region))
                return name
            number += 1


def _overlap(first: Extent | None, second: Extent | None) -> bool:
    """``None`` stands for the whole file."""
    return first is None or second is None or (first[0] <= second[1] and second[0] <= first[1])


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
