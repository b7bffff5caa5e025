"""What a fix is decided by and what comes of it: the case, the objections to a fix, the edits."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from ..checks.detection import Detection
from ..dataflow.loops import is_function
from ..examine import Examined
from ..finding import Applicability, Finding
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Extent, Loop, extent
from ..semantics.syntax import Syntax
from .edits import Edit
from .outcome import Objection, Settings, Severity, applicability


class RefusedError(Exception):
    """There is no fix; the message says why, to follow "no fix: "."""

    def __init__(self, objection: Objection | str) -> None:
        self.objection = Objection(objection, Severity.REFUSED) if isinstance(objection, str) else objection
        super().__init__(self.objection.reason)


@dataclass(frozen=True, eq=False)
class Case:
    """One finding to fix, and the file that it is in."""

    detection: Detection
    examined: Examined
    syntax: Syntax
    settings: Settings

    @property
    def loop(self) -> Loop:
        """The loop that the finding names."""
        return self.detection.loop

    @property
    def function(self) -> ast.AST:
        """The function, class or module that the loop's statements belong to."""
        return self.loop.node if is_function(self.loop) else self.syntax.function(self.loop.node)

    @property
    def interpreter(self) -> Interpreter:
        """What evaluates the file's expressions."""
        return self.examined.factories.interpreter


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

    def apart(self) -> Taken:
        """A copy, for a fix that is only tried."""
        return Taken({name: list(uses) for name, uses in self.names.items()}, dict(self.edits))


def _overlap(first: Extent | None, second: Extent | None) -> bool:
    """``None`` stands for the whole file."""
    return first is None or second is None or (first[0] <= second[1] and second[0] <= first[1])


@dataclass(frozen=True)
class Draft:
    """A strategy's edits, and what it could not prove: without ``doubts`` the fix is safe.

    ``leaves``: codes that the fixed loop still has, such as KL107 after clearing.
    """

    edits: tuple[Edit, ...]
    doubts: tuple[Objection, ...] = ()
    leaves: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What is to be done about a finding: nothing where ``strategy`` is ``""``.

    ``objections``: why it is not safe, or not done.
    """

    finding: Finding
    strategy: str
    objections: tuple[Objection, ...] = ()
    edits: tuple[Edit, ...] = ()
    leaves: tuple[str, ...] = ()

    @property
    def applicability(self) -> Applicability:
        """Whether the fix may be applied."""
        return applicability(self.strategy, self.objections)


# -- conditions: each gets what it is asked about and answers "" where it holds, or one line saying why not

_Asked = TypeVar("_Asked")


def doubts(reasons: Iterable[str]) -> Iterator[Objection]:
    """What is not known, as objections; ``""`` is none."""
    return (Objection(reason, Severity.UNSAFE) for reason in reasons if reason)


def failing(asked: _Asked, conditions: Iterable[Callable[[_Asked], str]]) -> Iterator[Objection]:
    """A doubt for each of some conditions that does not hold."""
    return doubts(condition(asked) for condition in conditions)


def require(asked: _Asked, conditions: Iterable[Callable[[_Asked], str]]) -> None:
    """Raise :class:`RefusedError` for the first condition that does not hold."""
    for objection in failing(asked, conditions):
        raise RefusedError(objection.reason)


def is_statement(case: Case) -> str:
    """The loop has a body that statements can be written into."""
    if isinstance(case.loop.node, ast.Lambda):
        return "a lambda has no body to write into"
    return "a comprehension or map() has no body to write into" if isinstance(case.loop.node, ast.expr) else ""
