"""Can a value be handed to another process? Only what is seen to be numbers, text, arrays, tables, or collections of these.

Nothing seen is no evidence: an object that cannot be pickled ends the program, so what is not seen counts as such.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ...knowledge import attributes, pickled
from ...knowledge.effects import COLLECTING
from ...semantics.binding import arguments, given
from ...semantics.interpreter import Interpreter
from ...semantics.scopes import Binding, FunctionNode, Position, Scope, callee_name, reaching, start
from ...semantics.syntax import base, syntax_of
from ...semantics.values import HISTORY, LAYER, MODEL, NO_ENV, TENSOR, Cls, Func, Obj, Value, dotted

_MAX_DEPTH = 12
_OF_KERAS = {MODEL: "a model", HISTORY: "a History, which holds its model", LAYER: "a layer", TENSOR: "a symbolic tensor"}
_UNSEEN = "it is not seen that"
_NOT_SEEN = f"{_UNSEEN} {{}} can be pickled"


class Data:
    """Answers for the expressions of one project: why a value cannot be handed over, ``""`` where it is seen that it can."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._active: set[object] = set()

    def lacks(self, node: ast.expr, scope: Scope) -> str:
        """Why the value of an expression cannot be handed over."""
        if len(self._active) > _MAX_DEPTH:
            return _NOT_SEEN.format(ast.unparse(node))
        if isinstance(node, (ast.Constant, ast.JoinedStr, ast.Compare)):
            return ""
        if isinstance(node, ast.Name):
            return self.lacks_name(node.id, scope, start(node))
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope)
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
            inner = scope.module.scope_of[node]
            parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            return self._first(parts, inner)
        if isinstance(node, ast.Subscript):
            return self.lacks(node.value, scope)
        if isinstance(node, (ast.Lambda, ast.GeneratorExp)):
            kind = "a lambda" if isinstance(node, ast.Lambda) else "a generator"
            return f"{kind} cannot be pickled"
        return self._first(_parts(node), scope) if _parts(node) is not None else _NOT_SEEN.format(ast.unparse(node))

    def lacks_name(self, name: str, scope: Scope, at: Position) -> str:
        """Why what a name holds at a position cannot be handed over."""
        owner = scope.owner(name)
        if owner is None:
            return _NOT_SEEN.format(name)
        bindings = owner.bindings[name]
        if owner.function() is scope.function():
            bindings = reaching(bindings, at)
        return self.lacks_bound(name, bindings)

    def lacks_bound(self, name: str, bindings: Iterable[Binding]) -> str:
        """The same of what some bindings give to a name."""
        for binding in bindings:
            key = (binding, name)
            if key in self._active:  # n = n * 2: what else it is made of decides
                continue
            self._active.add(key)
            try:
                if reason := self._binding(name, binding):
                    return reason
            finally:
                self._active.discard(key)
        return ""

    def lacks_element(self, node: ast.expr, scope: Scope) -> str:
        """Why an element of what is gone through cannot be handed over."""
        if isinstance(node, ast.Call):
            names = self._dotted(node, scope)
            if any(map(pickled.gives_rows, names)):
                return ""
            if pickled.goes_through(callee_name(node)) and not any(map(pickled.gives_data, names)):
                owner = node.func.value if isinstance(node.func, ast.Attribute) else None
                parts = arguments(node) if owner is None or not self._is_value(owner, scope) else [owner]
                return next(filter(None, (self.lacks_element(part, scope) for part in parts)), "")
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return self._first(node.elts, scope)
        if isinstance(node, ast.Starred):
            return self.lacks_element(node.value, scope)
        if isinstance(node, ast.Name):
            found = scope.bindings_of(node.id)
            values = [binding for binding in found if binding.kind == "value" and not binding.path and binding.expr is not None]
            if values and all(binding.kind in {"value", "item"} and not binding.path for binding in found):
                items = [binding for binding in found if binding.kind == "item"]
                reasons = (self.lacks_element(binding.expr, binding.scope) for binding in values if binding.expr is not None)
                return next(filter(None, (*reasons, self.lacks_bound(node.id, items))), "")
        return self.lacks(node, scope)

    # -- one by one

    def _binding(self, name: str, binding: Binding) -> str:
        if binding.kind in {"def", "class"}:
            is_found = binding.scope is binding.scope.module.scope
            return "" if is_found else f"{name}, which is defined in a function, cannot be pickled"
        if binding.kind == "param":
            return self._parameter(name, binding)
        if binding.kind == "opaque":
            added = syntax_of(binding.scope.module).parents.get(binding.node) if binding.node is not None else None
            return self.lacks(added.value, binding.scope) if isinstance(added, ast.AugAssign) else _NOT_SEEN.format(name)
        if binding.expr is None or binding.kind == "import":
            return _NOT_SEEN.format(name)
        if held := self._held(binding.expr, binding.scope) if binding.kind != "element" and not binding.path else "":
            return f"{name} is {held}"
        if binding.kind == "element":
            reason = self.lacks_element(binding.expr, binding.scope)
        else:
            reason = self.lacks(binding.expr, binding.scope)
        return _NOT_SEEN.format(name) if reason.startswith(_UNSEEN) else reason and f"{name}: {reason}"

    def _held(self, node: ast.expr, scope: Scope) -> str:
        """What of Keras, or of the project, an expression gives."""
        for value in self.interpreter.eval(node, scope):
            if value in _OF_KERAS:
                return _OF_KERAS[value]
            if isinstance(value, Obj) and isinstance(value.of, Cls):
                return f"an object of {getattr(value.of.scope.node, 'name', 'a class')}"
        return ""

    def _parameter(self, name: str, binding: Binding) -> str:
        """A parameter is what its annotation says, or what every call in the file hands over."""
        node, function = binding.node, binding.scope
        if isinstance(node, ast.arg) and node.annotation is not None:
            named = [inner for inner in ast.walk(node.annotation) if isinstance(inner, (ast.Name, ast.Attribute))]
            texts = [inner.id if isinstance(inner, ast.Name) else inner.attr for inner in named]
            return "" if texts and all(map(pickled.is_data_type, texts)) else _NOT_SEEN.format(name)
        if getattr(function.node, "decorator_list", ()):  # which may call it with anything
            return _NOT_SEEN.format(name)
        called = getattr(function.node, "name", "")
        found = 0
        for site in function.module.calls_named(called):
            for callee in self.interpreter.callees(site.node, site.scope, NO_ENV):
                if isinstance(callee, Func) and callee.scope is function:
                    value = given(site.node, callee).get(name) or _default(function, name)
                    found += 1
                    if value is None or (reason := self.lacks(value, site.scope)):
                        return _NOT_SEEN.format(name) if value is None else reason
        return "" if found else _NOT_SEEN.format(name)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> str:
        """``history.history``, ``x.shape``: a part of data is data."""
        values = self.interpreter.eval(node.value, scope)
        if node.attr == "history" and (HISTORY in values or not values):
            return ""
        if any(value in _OF_KERAS for value in values):
            return "" if node.attr in attributes.PLAIN else _NOT_SEEN.format(ast.unparse(node))
        return self.lacks(node.value, scope)

    def _call(self, call: ast.Call, scope: Scope) -> str:
        name, text = callee_name(call), ast.unparse(call.func)
        if held := self._held(call, scope):
            return f"{text}() gives {held}"
        functions = [v for v in self.interpreter.callees(call, scope, NO_ENV) if isinstance(v, Func)]
        if functions:
            return next(filter(None, map(self._returned, functions)), "")
        if any(map(pickled.gives_data, self._dotted(call, scope))) or pickled.runs_for_data(name) or pickled.only_shows(name):
            return ""
        if name == "range":
            return ""
        is_method = isinstance(call.func, ast.Attribute) and self._is_value(call.func.value, scope)
        if pickled.keeps_data(name) or pickled.goes_through(name):
            owner = [call.func.value] if is_method and isinstance(call.func, ast.Attribute) else []
            if pickled.keeps_data(name) or not is_method:
                parts = owner or arguments(call)
                made = self._first(parts, scope)
                is_collected = made and not is_method and name in COLLECTING
                return next(filter(None, (self.lacks_element(part, scope) for part in parts)), "") if is_collected else made
        return _NOT_SEEN.format(f"what {text}() gives")

    def _returned(self, function: Func) -> str:
        """What a function of the project gives back."""
        scope = function.scope
        name = f"{getattr(scope.node, 'name', 'a lambda')}()"
        if scope.is_generator or isinstance(scope.node, ast.AsyncFunctionDef):
            return f"{name} is a generator, which cannot be pickled"
        if scope in self._active:
            return ""
        self._active.add(scope)
        try:
            reason = self._first(scope.returns, scope)
        finally:
            self._active.discard(scope)
        return f"{reason} (in {name})" if reason else ""

    def _first(self, nodes: Iterable[ast.expr] | None, scope: Scope) -> str:
        parts = (node.value if isinstance(node, ast.Starred) else node for node in nodes or ())
        return next(filter(None, (self.lacks(part, scope) for part in parts)), "")

    def _dotted(self, call: ast.Call, scope: Scope) -> list[str]:
        values: Iterable[Value] = self.interpreter.callees(call, scope, NO_ENV)
        return [name for value in values if (name := dotted(value))]

    def _is_value(self, node: ast.expr, scope: Scope) -> bool:
        """Whether what a method is called on is a value, not a module: ``x.mean()``, not ``np.mean(x)``."""
        owner = scope.owner(base(node))
        return owner is None or not all(binding.kind == "import" for binding in owner.bindings[base(node)])


def _parts(node: ast.expr) -> list[ast.expr] | None:
    """What an expression that computes or collects is made of, ``None`` for one that does neither."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return node.elts
    if isinstance(node, ast.Dict):
        return [*filter(None, node.keys), *node.values]
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    return (
        [node.operand if isinstance(node, ast.UnaryOp) else node.value]
        if isinstance(node, (ast.UnaryOp, ast.NamedExpr))
        else None
    )


def _default(function: Scope, name: str) -> ast.expr | None:
    """The default value of a parameter."""
    if not isinstance(function.node, FunctionNode):
        return None
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args]
    pairs = [*zip(reversed(positional), reversed(spec.defaults)), *zip(spec.kwonlyargs, spec.kw_defaults)]
    return next((value for each, value in pairs if each.arg == name), None)
