"""Is a model only run in a loop, so that one is as good as a new one in every iteration?

Every place that reads the model, also in the functions of the project that it is handed to, must do one of a few things: predict,
evaluate, call it for inference, look at it, save it. Anything else may change it, and is given as a reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..semantics.interpreter import Resolver
from ..semantics.scopes import Scope, callee_name
from ..semantics.syntax import Syntax, is_same, within
from ..semantics.values import NO_ENV, Func
from .construction_site import parameter

_RUNNING = frozenset(
    {"predict", "predict_on_batch", "predict_generator", "predict_classes", "predict_proba", "evaluate", "evaluate_generator"}
)
_LOOKING = frozenset(
    {"summary", "get_weights", "count_params", "get_config", "to_json", "to_yaml", "save", "save_weights", "export"}
)
_SEEN = frozenset({"name", "input_shape", "output_shape", "input_names", "output_names", "metrics_names", "built", "dtype"})
_TAKERS = frozenset(
    {"print", "len", "type", "isinstance", "str", "repr", "id", "plot_model", "save_model", "count_params", "hasattr"}
)
_HARMLESS = (ast.Expr, ast.Compare, ast.If, ast.While, ast.Assert, ast.UnaryOp, ast.FormattedValue)
_CALLED_BACK = frozenset({"callbacks", None})
_MAX_DEPTH = 3


class Use:
    """Judges the reads of a model. ``allowed``: methods that do no harm here, beside those that only run or show it."""

    def __init__(self, resolver: Resolver, syntax: Syntax, allowed: frozenset[str] = frozenset()) -> None:
        self.resolver = resolver
        self.syntax = syntax
        self.allowed = allowed
        self.harmless = _RUNNING | _LOOKING | allowed

    def changes(self, holder: str, function: ast.AST, region: ast.AST, but: tuple[ast.AST, ...] = ()) -> Iterator[str]:
        """Why the model may be another one after an iteration. ``region``: the loop; ``but``: nodes that build the model."""
        scope = self.syntax.module.scope_of.get(function, self.syntax.module.scope)
        if "." in holder:
            yield f"{holder} can be changed from elsewhere"
        elif holder in scope.outer_names:
            yield f"{holder} is a global name, which others may change"
        for node in self.syntax.reads(holder, function):
            if any(within(node, part) for part in but):
                continue
            if within(node, region) or self.syntax.function(node) is not function:
                yield from self._use(node, scope, 0)

    def _use(self, node: ast.expr, scope: Scope, depth: int) -> Iterator[str]:
        parent = self.syntax.parents[node]
        if isinstance(parent, ast.Attribute):
            yield from self._attribute(parent)
        elif isinstance(parent, ast.Call) and parent.func is node:
            if len(parent.args) > 1 or any(not _is_inference(keyword) for keyword in parent.keywords):
                yield f"the model is called in line {parent.lineno}, and may be training"
        elif isinstance(parent, (ast.Call, ast.keyword)):
            call = parent if isinstance(parent, ast.Call) else self.syntax.parents[parent]
            assert isinstance(call, (ast.Call, ast.ClassDef))
            yield from self._passed(call, node, scope, depth)
        elif not isinstance(parent, _HARMLESS):
            yield f"line {parent.lineno if hasattr(parent, 'lineno') else node.lineno} hands the model on"

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        if isinstance(node.ctx, ast.Store):
            if node.attr != "stop_training":
                yield f"the model's attribute {node.attr} is set in line {node.lineno}"
            return
        parent = self.syntax.parents[node]
        is_called = isinstance(parent, ast.Call) and parent.func is node
        if node.attr not in self.harmless | _SEEN:
            yield f"{node.attr}{'()' if is_called else ''} in line {node.lineno} may change the model"
        elif isinstance(parent, ast.Call) and is_called and any(keyword.arg in _CALLED_BACK for keyword in parent.keywords):
            yield f"callbacks in line {node.lineno} may change the model"

    def _passed(self, call: ast.Call | ast.ClassDef, node: ast.expr, scope: Scope, depth: int) -> Iterator[str]:
        if isinstance(call, ast.ClassDef):
            yield "a class holds the model"
            return
        callees = self.resolver.callees(call, scope, NO_ENV)
        if not callees or not all(isinstance(value, Func) for value in callees):
            if callee_name(call) not in _TAKERS:
                yield f"the model is handed to {ast.unparse(call.func)}() in line {call.lineno}, which may change it"
            return
        for func in callees:
            assert isinstance(func, Func)
            name = parameter(func, call, node)
            if name is None or isinstance(func.scope.node, ast.Lambda) or depth >= _MAX_DEPTH:
                yield f"the model is handed to {ast.unparse(call.func)}(), which is not followed"
                continue
            is_here = func.scope.module is self.syntax.module
            inner = self if is_here else Use(self.resolver, Syntax(func.scope.module), self.allowed)
            for read in inner.syntax.reads(name, func.scope.node):
                for reason in inner._use(read, func.scope, depth + 1):
                    yield f"{reason} (in {callee_name(call)}())"
            stored = (n for n in ast.walk(func.scope.node) if is_same(n, name) and isinstance(n.ctx, ast.Store))  # type: ignore[attr-defined]
            if any(stored):
                yield f"{callee_name(call)}() binds {name} anew"


def _is_inference(keyword: ast.keyword) -> bool:
    """``training=False``, or an argument that is not about training."""
    if keyword.arg is None:
        return False
    return keyword.arg != "training" or (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
