"""Functions that a search calls over and over: may one model serve all the calls, and does an architecture ever come again?"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator

from ..checks.detection import Detection
from ..checks.searched import Search
from ..dataflow.construction import Construction
from ..dataflow.variance import deciding, spread
from ..semantics.binding import parameter
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Scope, callee_name
from ..semantics.syntax import Syntax
from ..semantics.values import NO_ENV, Func
from .plans import RefusedError

#: A keeper keeps eight models: of more kinds than this, hardly any comes again while its model is kept.
_MANY = 32
_MAX_DEPTH = 4
_ADVICE = (
    "on a GPU, compile(..., jit_compile=False) with TensorFlow or the persistent compilation cache with JAX makes such "
    "searches faster"
)


def check_serves(detection: Detection) -> Iterator[str]:
    """What makes a model that is kept between the calls of a search uncertain. Raises ``RefusedError`` where it is wrong."""
    search = detection.search
    if search is None:
        return
    if search.is_parallel:
        raise RefusedError(f"{search.name} makes calls side by side, and one kept model cannot serve two at a time")
    if search.api.is_estimator:
        raise RefusedError(f"each estimator of {search.name} needs a model of its own")
    if search.api.by_source:
        raise RefusedError(f"{search.name} runs a copy of the function's source, which knows no keeper")
    if search.api.threads:
        yield f"{search.name} makes each call in a thread of its own"


def check_comes_again(
    search: Search, place: Construction, building: Iterable[ast.expr], names: set[str], interpreter: Interpreter, syntax: Syntax
) -> Iterator[str]:
    """Whether two calls ever build the same architecture, as far as the text tells. ``names``: are made of what the search hands
    over. Raises ``RefusedError`` if they hardly do.
    """
    kinds = _Kinds(interpreter, syntax)
    kinds.look(building, place.scope, names, 0)
    if kinds.number > _MANY:
        raise RefusedError(f"the model differs from call to call of {search.name}; {_ADVICE}")
    if kinds.is_unknown:
        yield f"whether {search.name} asks for the same architecture twice is not known"


class _Kinds:
    """How many architectures there may be: ``number``, as far as it is known."""

    def __init__(self, interpreter: Interpreter, syntax: Syntax) -> None:
        self.interpreter = interpreter
        self.syntax = syntax
        self.number = 1.0
        self.is_unknown = False
        self._seen: set[ast.AST | tuple[ast.AST, str]] = set()

    def look(self, nodes: Iterable[ast.AST], scope: Scope, names: set[str], depth: int) -> None:
        """Count what can decide an architecture in some expressions of a scope."""
        for node in nodes:
            for name in deciding(node, names, self.interpreter, scope):
                self._read(name, scope, names, depth)

    def _read(self, name: ast.Name, scope: Scope, names: set[str], depth: int) -> None:
        around = self.syntax.parents.get(name)
        call = self.syntax.parents.get(around) if around is not None else None
        if isinstance(around, ast.Attribute) and isinstance(call, ast.Call) and around.attr.startswith("suggest_"):
            self._suggested(call, scope)
            return
        if isinstance(around, (ast.Call, ast.keyword)):
            call = around if isinstance(around, ast.Call) else call
            if isinstance(call, ast.Call) and self._handed_on(call, name, scope, depth):
                return
        function = scope.function()
        if (function.node, name.id) in self._seen:
            return
        self._seen.add((function.node, name.id))
        for binding in function.bindings.get(name.id, ()):
            if binding.kind == "param":
                self.is_unknown = True
            elif binding.expr is not None:
                self.look([binding.expr], scope, names - {name.id}, depth)

    def _handed_on(self, call: ast.Call, name: ast.Name, scope: Scope, depth: int) -> bool:
        """``create_model(trial)``: what counts is what that function makes of it."""
        callees = self.interpreter.callees(call, scope, NO_ENV)
        func = callees[0] if len(callees) == 1 else None
        if not isinstance(func, Func) or depth >= _MAX_DEPTH or func.scope.module is not self.syntax.module:
            return False
        inner = parameter(call, func, name)
        statements: list[ast.stmt] = getattr(func.scope.node, "body", [])
        if inner is None or not isinstance(statements, list):
            return False
        names = spread({inner}, statements)
        assigns = (ast.Assign, ast.AnnAssign)
        suggested = {n for s in statements for n in ast.walk(s) if isinstance(n, assigns) and _is_suggestion(n.value)}
        nodes = [n for s in statements for n in _parts(s) if n not in suggested]
        self.look(nodes, func.scope, names, depth + 1)
        return True

    def _suggested(self, call: ast.Call, scope: Scope) -> None:
        if call in self._seen:
            return
        self._seen.add(call)
        if any(isinstance(n, ast.JoinedStr) for a in call.args[:1] for n in ast.walk(a)):
            self.is_unknown = True  # one for each layer
        number = self._choices(call, scope)
        if number is None:
            self.is_unknown = True
        else:
            self.number *= max(number, 1)

    def _choices(self, call: ast.Call, scope: Scope) -> float | None:
        """How many values a suggestion has, ``None`` where that is not plain."""
        given = {k.arg: k.value for k in call.keywords if k.arg}
        order = ("name", "choices") if callee_name(call) == "suggest_categorical" else ("name", "low", "high")
        given |= dict(zip(order, call.args))
        if callee_name(call) == "suggest_categorical":
            choices = given.get("choices")
            return len(choices.elts) if isinstance(choices, (ast.List, ast.Tuple)) else None
        is_int = callee_name(call) == "suggest_int"
        step = _number(given.get("step", given.get("q", ast.Constant(1 if is_int else None))))
        low, high = _number(given.get("low")), _number(given.get("high"))
        if not is_int and not step:
            return math.inf
        return (high - low) // step + 1 if low is not None and high is not None and step else None


def _is_suggestion(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and callee_name(node).startswith("suggest_")


def _parts(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement and of those in it, each once; assignments whole."""
    if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return, ast.AugAssign)):
        yield statement
        return
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            yield from _parts(child)
        elif isinstance(child, ast.expr):
            yield child


def _number(node: ast.expr | None) -> float | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
