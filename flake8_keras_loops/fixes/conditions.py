"""What a strategy needs: lists of small named conditions, asked in order.

A condition gets what it is asked about, a :class:`Case` for one, and answers ``""`` where it holds, or one line saying why not.
A strategy has lists of them: what it cannot do without, and what it needs to be called safe.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ..checks.detect import Detection, Examined
from ..dataflow.loops import is_function
from ..semantics.interpreter import Resolver
from ..semantics.scopes import Loop
from ..semantics.syntax import Syntax
from .construction_site import NoFixError
from .outcome import Settings


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
    def resolver(self) -> Resolver:
        """What evaluates the file's expressions."""
        return self.examined.factories.resolver


_Asked = TypeVar("_Asked")


def failing(asked: _Asked, conditions: Iterable[Callable[[_Asked], str]]) -> Iterator[str]:
    """The reasons of those conditions that do not hold."""
    return filter(None, (condition(asked) for condition in conditions))


def require(asked: _Asked, conditions: Iterable[Callable[[_Asked], str]]) -> None:
    """Raise :class:`NoFixError` for the first condition that does not hold."""
    for reason in failing(asked, conditions):
        raise NoFixError(reason)


def is_statement(case: Case) -> str:
    """The loop has a body that statements can be written into."""
    if isinstance(case.loop.node, ast.Lambda):
        return "a lambda has no body to write into"
    return "a comprehension or map() has no body to write into" if isinstance(case.loop.node, ast.expr) else ""
