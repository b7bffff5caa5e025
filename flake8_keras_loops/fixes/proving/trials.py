"""Functions that a search calls over and over: may one model serve all the calls, and does an architecture ever come again?"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from ...checks import cures
from ...checks.detection import Detection
from ...dataflow.construction import Construction
from ...dataflow.degrees import deciding, spread
from ...knowledge import searches
from ...semantics import callgraph
from ...semantics.binding import argument, keyword, parameter
from ...semantics.scopes import Scope, callee_name
from ..plans import Case, NoGainError, RefusedError

#: A keeper keeps eight models: of more kinds than this, hardly any comes again while its model is kept.
_MANY = 32
_MAX_DEPTH = 4


def check_caller(detection: Detection) -> None:
    """Raises ``RefusedError`` where who calls has models of its own, or calls from several threads, whatever the strategy."""
    search = detection.search
    if search is not None and search.api.kind == "handler":
        raise RefusedError("requests are served side by side, in threads or processes")
    if search is not None and search.api.kind == "client":
        raise RefusedError("clients run side by side, in processes of their own")
    if callee_name(detection.site.node) == searches.REMOTE_CALL:
        raise RefusedError("each call runs in a worker process", cures.IN_ACTOR)
    if detection.effects.of_estimator:
        raise RefusedError("the estimator builds a model in each fit, and has it for itself")


def check_serves(detection: Detection) -> Iterator[str]:
    """What makes a model that is kept between the calls of a search uncertain. Raises ``RefusedError`` where it is wrong."""
    search = detection.search
    if search is None:
        return
    if search.api.is_estimator:
        raise RefusedError(f"each estimator of {search.name} needs a model of its own", cures.LOOP_OF_OWN)
    if search.is_parallel:
        raise RefusedError(f"{search.name} makes calls side by side, and one kept model cannot serve two at a time")
    if search.api.by_source:
        raise RefusedError(f"{search.name} runs a copy of the function's source, which knows no keeper")
    if search.api.threads:
        yield f"{search.name} makes each call in a thread of its own"


def check_comes_again(
    search_name: str, place: Construction, building: Iterable[ast.expr], names: Set[str], case: Case
) -> Iterator[str]:
    """Whether two calls ever build the same architecture, as far as the text tells. ``names``: are made of what the search hands
    over. Raises ``RefusedError`` if they hardly do.
    """
    counts = list(_Kinds(case).counts(building, place.scope, names, 0))
    if math.prod(count for count in counts if count is not None) > _MANY:
        raise NoGainError(f"the model differs from call to call of {search_name}", cures.PROCESS_OF_TRIAL)
    if None in counts:
        yield f"whether {search_name} asks for the same architecture twice is not known"


@dataclass(frozen=True, eq=False)
class _Kinds:
    """How many values each part of what decides an architecture may have: ``None`` where that is not known."""

    case: Case
    seen: set[ast.AST | tuple[ast.AST, str]] = field(default_factory=set)

    def counts(self, nodes: Iterable[ast.AST], scope: Scope, names: Set[str], depth: int) -> Iterator[float | None]:
        """What can decide an architecture in some expressions of a scope."""
        for node in nodes:
            for name in deciding(node, names, self.case.interpreter, scope):
                yield from self._of(name, scope, names, depth)

    def _of(self, name: ast.Name, scope: Scope, names: Set[str], depth: int) -> Iterator[float | None]:
        parents = self.case.syntax.parents
        around = parents[name]
        call = around if isinstance(around, ast.Call) else parents.get(around)
        if isinstance(call, ast.Call) and isinstance(around, ast.Attribute) and is_suggestion(around.attr):
            yield from self._suggested(call)
            return
        if isinstance(call, ast.Call) and isinstance(around, (ast.Call, ast.keyword)):
            inner = self._handed_on(call, name, scope, depth)
            if inner is not None:
                yield from inner[0]
                if not inner[1]:
                    return
        function = scope.function()
        if (function.node, name.id) not in self.seen:
            self.seen.add((function.node, name.id))
            for binding in function.bindings.get(name.id, ()):
                if binding.kind == "param":
                    yield from [None] if depth == 0 else []  # further in it is what was handed on
                elif binding.expr is not None:
                    yield from self.counts([binding.expr], scope, names - {name.id}, depth)

    def _handed_on(self, call: ast.Call, name: ast.Name, scope: Scope, depth: int) -> tuple[Iterator[float | None], bool] | None:
        """``create_model(trial)``: what counts is what that function makes of it, and whether that is so of the argument itself;
        ``None`` for a function that is not followed."""
        func = callgraph.callee(call, scope, self.case.interpreter)
        if func is None or depth >= _MAX_DEPTH or func.scope.module is not self.case.module:
            return None
        inner, statements = parameter(call, func, name), getattr(func.scope.node, "body", [])
        if inner is None or not isinstance(statements, list):
            return None
        made = spread({inner}, statements)
        reads = [read for statement in statements for read in deciding(statement, made, self.case.interpreter, func.scope)]
        reads = [read for read in reads if not self._is_suggested(read)]
        others = [read for read in reads if read.id != inner or self._is_asked(read)]
        return self.counts(others, func.scope, made, depth + 1), len(others) < len(reads)

    def _is_asked(self, read: ast.Name) -> bool:
        """Whether a read asks a trial for a value, there and then: ``Dense(trial.suggest_int(...))``."""
        parent = self.case.syntax.parents.get(read)
        return isinstance(parent, ast.Attribute) and is_suggestion(parent.attr)

    def _is_suggested(self, read: ast.Name) -> bool:
        """Whether a read stands in ``units = trial.suggest_int(...)``: what counts is how ``units`` is used."""
        statement = self.case.syntax.statement(read)
        value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
        return isinstance(value, ast.Call) and is_suggestion(callee_name(value))

    def _suggested(self, call: ast.Call) -> Iterator[float | None]:
        if call not in self.seen:
            self.seen.add(call)
            if any(isinstance(node, ast.JoinedStr) for first in call.args[:1] for node in ast.walk(first)):
                yield None  # one for each layer
            yield choices(call)


def is_suggestion(name: str) -> bool:
    """Whether a method of an Optuna trial gives a value of its own, and changes nothing else."""
    return name.startswith("suggest_")


def choices(call: ast.Call) -> float | None:
    """How many values a suggestion of Optuna has, ``inf`` for a float, ``None`` where that is not plain."""
    kind = callee_name(call)
    if kind == "suggest_categorical":
        choices = argument(call, 1, "choices")
        return max(len(choices.elts), 1) if isinstance(choices, (ast.List, ast.Tuple)) else None
    is_int = kind == "suggest_int"
    step = _number(keyword(call, "step", "q") or ast.Constant(1 if is_int else None))
    if not step:
        return None if is_int else math.inf
    low, high = _number(argument(call, 1, "low")), _number(argument(call, 2, "high"))
    return max((high - low) // step + 1, 1) if low is not None and high is not None else None


def _number(node: ast.expr | None) -> float | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
