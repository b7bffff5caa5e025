"""What a fix is decided by and what comes of it: the case, the objections to a fix, the edits."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from ..checks import cures
from ..checks.detection import Detection, in_graph_mode
from ..dataflow.loops import is_function
from ..examine import Examined
from ..finding import Finding
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite, Loop, Module
from ..semantics.syntax import Syntax, syntax_of
from ..semantics.values import Func
from .edits import Edit
from .outcome import Objection, Settings, Severity


class RefusedError(Exception):
    """There is no fix; the message says why, to follow "no fix: ". ``cure``: what helps, where that is not what the finding
    says."""

    def __init__(self, objection: Objection | str, cure: str = "") -> None:
        self.objection = Objection(objection, Severity.REFUSED, cure=cure) if isinstance(objection, str) else objection
        super().__init__(self.objection.reason)


class NoGainError(RefusedError):
    """A fix would be right, and save nothing."""

    def __init__(self, reason: str, cure: str = cures.CLEAR) -> None:
        super().__init__(reason, cure)


class ElsewhereError(RefusedError):
    """A function of another file builds and uses the model. ``path``: the calls and functions that lead to it from the loop, none
    where a search calls it."""

    def __init__(self, reason: str, func: Func, path: tuple[tuple[ast.Call, Func], ...]) -> None:
        super().__init__(reason, "fix it there")
        self.func = func
        self.path = path


@dataclass(frozen=True, eq=False)
class Case:
    """One finding to fix, and the file that the fix changes.

    ``why_not_imported``: why that file cannot import a helper function. ``others``: the further files that lead there, where the
    loop stands in another one.
    """

    detection: Detection
    examined: Examined
    syntax: Syntax
    settings: Settings
    why_not_imported: Callable[[str, Module], str]
    others: tuple[Module, ...] = ()

    @property
    def code(self) -> str:
        """The code of the finding."""
        return self.detection.finding.code

    @property
    def loop(self) -> Loop:
        """The loop that the finding names."""
        return self.detection.loop

    @property
    def function(self) -> ast.AST:
        """The function, class or module that the loop's statements belong to."""
        return self.loop.node if is_function(self.loop) else self.syntax.function(self.loop.node)

    @property
    def module(self) -> Module:
        """The file."""
        return self.examined.module

    @property
    def interpreter(self) -> Interpreter:
        """What evaluates the file's expressions."""
        return self.examined.factories.interpreter

    @property
    def views(self) -> list[Case]:
        """The case, and how it looks from each of the other files."""
        return [self, *map(self.seen_from, self.others)]

    def seen_from(self, module: Module) -> Case:
        """The case with another file in the place of that which the fix changes."""
        return replace(self, examined=replace(self.examined, module=module), syntax=syntax_of(module), others=())

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node of any of the files, innermost first."""
        return next((view.syntax.above(node) for view in self.views if node in view.syntax.parents), iter(()))

    @property
    def is_graph_mode(self) -> bool:
        """Whether the file runs Keras without eager execution, as TensorFlow 1 did."""
        return in_graph_mode(self.module, self.interpreter)

    def callers(self) -> Iterator[CallSite]:
        """The calls in this file that lead to the function that the loop stands in, by names."""
        functions = [self.function]
        for function in functions:
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for site in self.module.calls_named(function.name):
                    yield site
                    if (caller := self.syntax.function(site.node)) not in functions:
                        functions.append(caller)


@dataclass
class Taken:
    """What the fixes of one file have to agree on.

    ``names``: names given away, and to which parts of it. ``edits``: those for a construction or a loop that several findings
    lead to.
    """

    names: dict[str, list[ast.AST]] = field(default_factory=dict)
    edits: dict[ast.AST, tuple[Edit, ...]] = field(default_factory=dict)

    def give_name(self, wanted: str, loop: Loop | None, syntax: Syntax) -> str:
        """A name that neither the file nor another fix of the same part of it uses. ``loop``: ``None`` for the whole file."""
        part = loop.node if loop is not None else syntax.module.tree
        around = {part, *syntax.above(part)}
        number = 1
        while True:
            name = syntax.free_name(wanted if number == 1 else f"{wanted}_{number}")
            uses = self.names.setdefault(name, [])
            if not any(other in around or part in syntax.above(other) for other in uses):
                uses.append(part)
                return name
            number += 1

    def once(self, node: ast.AST, make: Callable[[], Iterable[Edit]]) -> tuple[Edit, ...]:
        """The edits for a construction, or a loop, made for the first finding that leads to it."""
        if node not in self.edits:
            self.edits[node] = tuple(make())
        return self.edits[node]

    def apart(self) -> Taken:
        """A copy, for a fix that is only tried."""
        return Taken({name: list(uses) for name, uses in self.names.items()}, dict(self.edits))


@dataclass(frozen=True)
class Draft:
    """A strategy's edits, and what it could not prove: without ``doubts`` the fix is safe.

    ``leaves``: codes that the fixed loop still has, such as KL107 after clearing.
    """

    edits: tuple[Edit, ...]
    doubts: tuple[Objection, ...] = ()
    leaves: tuple[str, ...] = ()


def together(drafts: Iterable[Draft]) -> Draft:
    """One draft that does what several do."""
    drafts = list(drafts)
    return Draft(
        tuple(edit for draft in drafts for edit in draft.edits),
        tuple(doubt for draft in drafts for doubt in draft.doubts),
        tuple(code for draft in drafts for code in draft.leaves),
    )


@dataclass(frozen=True)
class Plan:
    """What is to be done about a finding: nothing where ``strategy`` is ``""``.

    ``objections``: why it is not safe, or not done. ``otherwise``: makes the plan to go on with if this one does not hold up.
    ``elsewhere``: the other file that the edits are for, or would be. ``calls``: the constructions there.
    """

    finding: Finding
    strategy: str
    objections: tuple[Objection, ...] = ()
    edits: tuple[Edit, ...] = ()
    leaves: tuple[str, ...] = ()
    otherwise: Callable[[], Plan] | None = None
    elsewhere: str = ""
    calls: tuple[ast.Call, ...] = ()


# -- conditions: each is asked about something and yields why it does not hold; the first reason counts

_Asked = TypeVar("_Asked")


class Why(NamedTuple):
    """A reason with what helps against it; one that nothing helps against is a bare string."""

    reason: str
    cure: str


Condition = Callable[[_Asked], Iterator["str | Why"]]


def doubts(reasons: Iterable[str | Why]) -> Iterator[Objection]:
    """What is not known, as objections; ``""`` is none."""
    for each in reasons:
        reason, cure = each if isinstance(each, Why) else (each, "")
        if reason:
            yield Objection(reason, Severity.UNSAFE, cure=cure)


def failing(asked: _Asked, conditions: Iterable[Condition[_Asked]]) -> Iterator[Objection]:
    """A doubt for each of some conditions that does not hold."""
    return doubts(next(condition(asked), "") for condition in conditions)


def require(asked: _Asked, conditions: Iterable[Condition[_Asked]]) -> None:
    """Raise :class:`RefusedError` for the first condition that does not hold."""
    for objection in failing(asked, conditions):
        raise RefusedError(objection.reason, objection.cure)


def is_statement(case: Case) -> Iterator[str]:
    """The loop has a body that statements can be written into."""
    if isinstance(case.loop.node, ast.Lambda):
        yield "a lambda has no body to write into"
    elif isinstance(case.loop.node, ast.expr):
        yield "a comprehension or map() has no body to write into"
