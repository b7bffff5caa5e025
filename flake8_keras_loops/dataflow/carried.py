"""What an iteration carries: which names and expressions hold its model, and is the model kept when the iteration ends?"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ..knowledge import effects
from ..knowledge.effects import STORES
from ..semantics import classes
from ..semantics.binding import arguments
from ..semantics.scopes import Loop, Module, Scope, callee_name
from ..semantics.syntax import variable
from ..semantics.values import HISTORY, MODEL, NO_ENV, Args, Cls, Obj, Values, leaves
from .loops import body, targets
from .summaries import Factories
from .variance import writes

_HANDING_ON = (ast.Assign, ast.AugAssign, ast.NamedExpr, ast.Call, ast.Yield, ast.YieldFrom, ast.Attribute)


def holds_model(factories: Factories, values: Values) -> bool:
    """Whether a value may be a Keras model, an object of the project that has built one, or the ``History`` of fitting one."""
    for value in leaves(values):
        if value in (MODEL, HISTORY):
            return True
        if isinstance(value, Obj) and isinstance(value.of, Cls):
            if classes.is_model(factories.interpreter, value.of) or factories.of_value(value.of, Args(open=True)).builds:
                return True
    return False


class Carried:
    """The model that ``call`` makes, followed through one iteration of ``loop``.

    ``names``: the names that hold it (some may be given), or a tuple that contains it, or the ``History`` of fitting it
    (which refers to the model, Keras 3.15 ``keras.callbacks.History``), unless ``histories`` is false.
    """

    def __init__(
        self,
        factories: Factories,
        call: ast.Call,
        scope: Scope,
        loop: Loop,
        is_model: bool,
        names: Iterable[str] = (),
        histories: bool = True,
    ) -> None:
        self.factories = factories
        self.histories = histories
        self.interpreter = factories.interpreter
        self.call = call
        self.scope = scope
        self.loop = loop
        self.returns_model = is_model or self._is_model(self.interpreter.eval(call, scope))
        self.names: set[str] = set(names)
        if self.returns_model:
            for _ in range(2):  # a name may be handed on further up in the body
                self._follow()

    def _is_model(self, values: Values) -> bool:
        return holds_model(self.factories, values if self.histories else tuple(v for v in leaves(values) if v != HISTORY))

    def _follow(self) -> None:
        for node in self.nodes():
            if isinstance(node, ast.NamedExpr) and self.in_value(node.value):
                self.names.add(node.target.id)
            elif isinstance(node, ast.Assign) and self.in_value(node.value):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.names.add(target.id)
                    elif isinstance(target, ast.Tuple):
                        self.names.update(self._unpacked(target, node.value))

    def _unpacked(self, target: ast.Tuple, value: ast.expr) -> Iterator[str]:
        """Of several targets, those that get the model."""
        for index, element in enumerate(target.elts):
            if isinstance(element, ast.Name):
                if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
                    holds = self.in_value(value.elts[index])
                else:
                    at = (element.end_lineno or element.lineno, 1 << 30)
                    holds = self._is_model(self.interpreter.lookup(element.id, self.scope, NO_ENV, at))
                if holds:
                    yield element.id

    def nodes(self) -> list[ast.AST]:
        """The nodes of an iteration that can hand something on, in the order of the text."""
        known = self.loop.cache.get("nodes")
        if not isinstance(known, list):
            parts = [self.loop.node] if isinstance(self.loop.node, ast.expr) else body(self.loop)
            nodes: list[ast.AST] = [node for part in parts for node in ast.walk(part) if isinstance(node, _HANDING_ON)]
            known = self.loop.cache["nodes"] = nodes
        return known

    def in_value(self, node: ast.AST | None) -> bool:
        """Whether the value of an expression is the model, or holds it."""
        if node is self.call:
            return True
        if isinstance(node, ast.Name):
            return node.id in self.names
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return any(self.in_value(item) for item in node.elts)
        if isinstance(node, ast.Dict):
            return any(self.in_value(value) for value in node.values)
        if isinstance(node, ast.IfExp):
            return self.in_value(node.body) or self.in_value(node.orelse)
        if isinstance(node, (ast.Await, ast.NamedExpr, ast.Starred)):
            return self.in_value(node.value)
        if isinstance(node, ast.Call):
            name = callee_name(node)
            if (
                isinstance(node.func, ast.Attribute)
                and effects.gives_history(name)
                and (not self.histories or self.in_value(node.func.value))
            ):
                return self.histories
            if any(self.in_value(argument) for argument in arguments(node)):
                if effects.holds(name) or any(isinstance(v, Cls) for v in self.interpreter.eval(node.func, self.scope)):
                    return True
                return self._is_model(self.interpreter.eval(node, self.scope))
        return False

    def is_yielded(self) -> bool:
        """Whether the model is handed out as the loop goes on."""
        yields = (node for node in self.nodes() if isinstance(node, (ast.Yield, ast.YieldFrom)))
        return isinstance(self.loop.node, ast.GeneratorExp) or any(self.in_value(node.value) for node in yields)

    def is_kept(self) -> bool:
        """Whether the model outlives its iteration: collected, stored under a changing key, or yielded."""
        if not self.returns_model:
            return False
        node = self.loop.node
        if isinstance(node, (ast.ListComp, ast.SetComp)):
            return self.in_value(node.elt)
        if isinstance(node, ast.DictComp):
            return self.in_value(node.value)
        if isinstance(node, ast.GeneratorExp):
            return self.in_value(node.elt) and _is_collected(node, self.scope.module)
        renewed = set(writes(self.loop).names)
        return any(self._keeps(inner, renewed) for inner in self.nodes())

    def _keeps(self, node: ast.AST, renewed: set[str]) -> bool:
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return self.in_value(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and effects.does(node.func.attr, STORES):
            if not any(self.in_value(argument) for argument in node.args):
                return False
            receiver = self.interpreter.eval(node.func.value, self.scope)
            return variable(node.func.value) not in renewed and not any(
                isinstance(v, Obj) and self._is_model((v,)) for v in receiver
            )
        if isinstance(node, ast.AugAssign):
            return isinstance(node.value, (ast.List, ast.Tuple)) and self.in_value(node.value)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            return isinstance(node.value.op, ast.Add) and (self.in_value(node.value.left) or self.in_value(node.value.right))
        if isinstance(node, ast.Assign) and self.in_value(node.value):
            return any(self._stores(target, renewed) for target in node.targets)
        return False

    def _stores(self, target: ast.expr, renewed: set[str]) -> bool:
        if isinstance(target, ast.Subscript):
            return _has_variable_key(target) and variable(target.value) not in renewed
        return isinstance(target, ast.Attribute) and variable(target.value) in set(targets(self.loop))


def _has_variable_key(target: ast.expr) -> bool:
    """``results[i]`` or ``results[i]["model"]``, not ``results["last"]``."""
    while isinstance(target, (ast.Subscript, ast.Attribute)):
        if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant):
            return True
        target = target.value
    return False


def _is_collected(generator: ast.GeneratorExp, module: Module) -> bool:
    """``list(... for ...)``"""
    calls = [site.node for name in effects.COLLECTING for site in module.calls_named(name)]
    return any(generator in (*call.args, *(a.value for a in call.args if isinstance(a, ast.Starred))) for call in calls)
