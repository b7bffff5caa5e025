"""Does anything hold the model, or a part of it, beyond its iteration?

Every place that reads the model after it is complete is put into one of three classes: harmless (``model.fit(...)``), not
followed (handed to a function nobody can look into: a fix is *unsafe*), or holding it (appended to a list, ``best_model =
model``: no fix).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..analysis.resolve import Resolver
from ..analysis.scopes import Scope, callee_name, end, start
from ..analysis.values import NO_ENV, Api, Cls, Func
from .home import Home
from .syntax import Syntax, base, is_same, within

_ADDERS = frozenset({"append", "add", "extend", "insert", "appendleft", "put", "setdefault", "update", "put_nowait"})
_PARTS = frozenset(
    {"layers", "weights", "variables", "trainable_weights", "trainable_variables", "non_trainable_weights", "optimizer"}
    | {"non_trainable_variables", "input", "inputs", "output", "outputs", "metrics", "get_layer", "submodules"}
)
_LOOKING = frozenset(
    {
        "print",
        "len",
        "type",
        "isinstance",
        "str",
        "repr",
        "id",
        "hasattr",
        "plot_model",
        "save_model",
        "model_to_dot",
        "clone_model",
    }
    | {
        "zip",
        "sum",
        "enumerate",
        "range",
        "gradient",
        "apply_gradients",
        "set_value",
        "get_value",
        "count_params",
        "save",
        "callable",
    }
    | {
        "format",
        "max",
        "min",
        "reversed",
        "sorted",
        "del",
        "vars",
        "getsizeof",
        "collect",
        "info",
        "debug",
        "watch",
        "int",
        "float",
    }
)
_SHARING = frozenset({"Model", "Sequential", "Functional", "TimeDistributed", "multi_gpu_model", "Bidirectional"})
_MAX_DEPTH = 4


@dataclass(frozen=True)
class Problem:
    """``holds``: no fix is right; otherwise it is only not known. ``reason``: one line. ``node``: where."""

    reason: str
    holds: bool
    node: ast.AST


class Lifetime:
    """Follows what holds the model of a home."""

    def __init__(self, resolver: Resolver, syntax: Syntax) -> None:
        self.resolver = resolver
        self.module = syntax.module
        self.syntax = syntax

    def problems(self, home: Home) -> list[Problem]:
        """What speaks against using one model in the place of every iteration's."""
        if not home.holder:
            return list(self._use(home.call, home, 0))
        found: list[Problem] = []
        for node in self._reads(home.holder, home.function):
            if start(home.built) <= start(node) and end(node) <= end(home.ready):
                found += self._while_built(node, home)
            else:
                found += self._use(node, home, 0)
        return found

    def _reads(self, holder: str, function: ast.AST) -> Iterator[ast.expr]:
        """All reads of a holder: of a name in its function, of an attribute in its class."""
        around = function
        if "." in holder:
            around = next((node for node in self.syntax.above(function) if isinstance(node, ast.ClassDef)), function)
        yield from self.syntax.reads(holder, around)

    def _while_built(self, node: ast.expr, home: Home) -> Iterator[Problem]:
        """A read before the model is complete: something may have been given the new model that goes on being used."""
        parent = self.syntax.parents[node]
        statement = self.syntax.statement(node)
        if isinstance(parent, ast.Attribute) or any(within(node, call) for call in home.compiles):
            if isinstance(statement, ast.Assign) and within(node, statement.value) and not isinstance(parent, ast.Call):
                target = ast.unparse(statement.targets[0])
                if isinstance(parent, ast.Attribute) and parent.attr in _PARTS and not is_same(statement.targets[0], home.holder):
                    yield Problem(f"{target} is taken from the model before it is complete", True, node)
            return
        if isinstance(parent, ast.Call) and callee_name(parent) in _LOOKING:
            return
        yield Problem(f"the model is used in line {statement.lineno} before it is complete", True, node)

    # -- one read

    def _use(self, node: ast.expr, home: Home, depth: int) -> Iterator[Problem]:
        """What a read of the model, or an expression whose value is the model, does with it."""
        parent = self.syntax.parents.get(node)
        if isinstance(parent, ast.Attribute):
            yield from self._attribute(parent, home)
        elif isinstance(parent, ast.Call) and parent.func is node:
            return  # model(x)
        elif isinstance(parent, (ast.Call, ast.keyword, ast.Starred)):
            call = (
                parent
                if isinstance(parent, ast.Call)
                else next(n for n in self.syntax.above(node) if isinstance(n, (ast.Call, ast.List, ast.Tuple)))
            )
            if isinstance(call, ast.Call):
                yield from self._passed(call, node, home, depth)
            else:
                yield Problem("the model is unpacked", True, node)
        elif isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            yield from self._alias(parent, home, depth)
        elif isinstance(parent, (ast.IfExp, ast.Await, ast.BoolOp)):
            yield from self._use(parent, home, depth)
        elif isinstance(
            parent, (ast.Compare, ast.Delete, ast.FormattedValue, ast.If, ast.While, ast.Assert, ast.UnaryOp, ast.Expr)
        ):
            return
        elif isinstance(parent, ast.Return):
            if home.loop is None or self.syntax.function(parent) is not home.function:
                yield Problem("the function returns the model", True, node)
        elif isinstance(parent, (ast.Yield, ast.YieldFrom)):
            yield Problem("the model is yielded", True, node)
        elif isinstance(parent, (ast.Tuple, ast.List, ast.Dict, ast.Set)):
            yield from self._collected(parent, home, depth)
        else:
            yield Problem("the model goes where it is not followed", False, node)

    def _collected(self, display: ast.expr, home: Home, depth: int) -> Iterator[Problem]:
        parent = self.syntax.parents[display]
        if isinstance(parent, (ast.Call, ast.keyword)):
            call = parent if isinstance(parent, ast.Call) else self.syntax.parents[parent]
            assert isinstance(call, ast.Call)
            yield from self._passed(call, display, home, depth)
        else:
            yield Problem("the model is put into a collection", True, display)

    def _attribute(self, node: ast.Attribute, home: Home) -> Iterator[Problem]:
        if isinstance(node.ctx, ast.Store):
            if node.attr == "trainable":
                yield Problem("trainable changes after compile()", True, node)
            elif node.attr != "stop_training":
                yield Problem(f"the model's attribute {node.attr} is set", False, node)
        elif node.attr == "name":
            yield Problem("the model's name is read, and a kept model keeps its name", False, node)
        elif node.attr in {"add", "pop", "build", "compile"}:
            yield Problem(f"{node.attr}() changes the model after it was used", True, node)
        elif node.attr == "adapt":
            yield Problem("adapt() changes the model", True, node)
        elif node.attr in _PARTS:
            yield from self._part(node, home)
        elif isinstance(self.syntax.parents[node], (ast.Call, ast.keyword)) and not self._is_called(node):
            call = next(n for n in self.syntax.above(node) if isinstance(n, ast.Call))
            if callee_name(call) not in _LOOKING:
                yield Problem(f"{ast.unparse(node)} is handed to {ast.unparse(call.func)}(), which may keep it", False, node)

    def _is_called(self, node: ast.expr) -> bool:
        parent = self.syntax.parents[node]
        return isinstance(parent, ast.Call) and parent.func is node

    def _part(self, node: ast.expr, home: Home) -> Iterator[Problem]:
        """``model.layers``, ``model.optimizer``: may be looked at, not kept."""
        current: ast.AST = node
        for parent in self.syntax.above(node):
            if isinstance(parent, ast.Attribute):
                if isinstance(parent.ctx, ast.Store):
                    if parent.attr == "trainable":
                        yield Problem("trainable changes after compile()", True, node)
                    return
                if self._is_called(parent):
                    if parent.attr in {"append", "extend"}:
                        yield Problem("a part of the model is kept", True, node)
                    return  # model.layers[0].get_weights()
                if parent.attr in {"shape", "dtype", "name", "learning_rate", "lr", "iterations"}:
                    if isinstance(self.syntax.parents[parent], ast.Assign):
                        yield Problem(f"{ast.unparse(parent)} is kept", False, node)
                    return
            elif isinstance(parent, ast.Call) and parent.func is not current:
                name = callee_name(parent)
                if name in _SHARING:
                    yield Problem("another model is built from its layers", True, node)
                elif name in _ADDERS:
                    yield Problem("a part of the model is kept", True, node)
                elif name not in _LOOKING:
                    yield Problem(f"a part of the model is handed to {ast.unparse(parent.func)}()", False, node)
                return
            elif isinstance(parent, (ast.For, ast.comprehension, ast.Expr, ast.Compare)):
                return
            elif isinstance(parent, ast.stmt):
                yield Problem("a part of the model is kept", False, node)
                return
            current = parent

    def _passed(self, call: ast.Call, node: ast.expr, home: Home, depth: int) -> Iterator[Problem]:
        """The model is an argument."""
        name = callee_name(call)
        if name in _SHARING or (name == "add" and isinstance(call.func, ast.Attribute)):
            yield Problem("another model or collection takes the model in", True, node)
        elif name in _ADDERS:
            yield Problem("every iteration's model is collected", True, node)
        elif name in _LOOKING:
            return
        else:
            callees = self.resolver.callees(call, self._scope(home), NO_ENV)
            if len(callees) == 1 and isinstance(callees[0], Func) and depth < _MAX_DEPTH:
                yield from self._in_function(callees[0], call, node, home, depth)
            elif self._makes_object(callees):
                yield from self._object(call, home, depth)
            else:
                yield Problem(f"the model is handed to {ast.unparse(call.func)}(), which may keep it", False, node)

    def _scope(self, home: Home) -> Scope:
        return self.module.scope_of.get(home.function, self.module.scope)

    def _makes_object(self, callees: tuple[object, ...]) -> bool:
        """Whether a call makes a Keras callback or another object that holds the model."""
        return bool(callees) and all(
            isinstance(v, Cls) or (isinstance(v, Api) and v.name.rpartition(".")[2][:1].isupper()) for v in callees
        )

    def _object(self, call: ast.Call, home: Home, depth: int) -> Iterator[Problem]:
        """An object made around the model must not outlive the iteration either."""
        for parent in self.syntax.above(call):
            if (
                isinstance(parent, ast.Call)
                and isinstance(parent.func, ast.Attribute)
                and is_same(parent.func.value, home.holder)
            ):
                return  # model.fit(callbacks=[Callback(model)])
            if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
                yield from self._object_named(parent.targets[0].id, parent, home, depth)
                return
            if isinstance(parent, (ast.Attribute, ast.Expr)):
                return
            if isinstance(parent, ast.stmt):
                break
        yield Problem(f"{ast.unparse(call.func)}() holds the model, and goes where it is not followed", False, call)

    def _object_named(self, name: str, made: ast.Assign, home: Home, depth: int) -> Iterator[Problem]:
        for read in self._reads(name, home.function):
            parent = self.syntax.parents[read]
            statement = self.syntax.statement(read)
            if isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Load):
                continue
            if isinstance(parent, (ast.List, ast.Tuple, ast.keyword, ast.Call)) and any(
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_same(node.func.value, home.holder)
                for node in self.syntax.above(read)
            ):
                continue
            if isinstance(parent, (ast.Return, ast.Yield)) or (isinstance(parent, ast.Call) and callee_name(parent) in _ADDERS):
                yield Problem(f"{name} holds the model and is kept", True, read)
            else:
                yield Problem(f"{name} holds the model and is used in line {statement.lineno}", False, read)

    def _in_function(self, func: Func, call: ast.Call, node: ast.expr, home: Home, depth: int) -> Iterator[Problem]:
        """What a function of the project does with the parameter that gets the model."""
        name = _parameter(func, call, node)
        inner = func.scope.node
        if name is None or isinstance(inner, ast.Lambda):
            yield Problem(f"the model is handed to {ast.unparse(call.func)}(), which is not followed", False, node)
            return
        is_here = func.scope.module is self.module
        other = self if is_here else Lifetime(self.resolver, Syntax(func.scope.module))
        body = inner.body[0]  # type: ignore[attr-defined]
        place = Home(call, func.scope, body, body, name, inner, None)
        for read in other._reads(name, inner):
            for problem in other._use(read, place, depth + 1):
                if problem.reason == "the function returns the model":
                    yield from self._use(call, home, depth + 1)
                else:
                    where = callee_name(call)
                    yield Problem(f"{problem.reason} (in {where}())", problem.holds, node)

    def _alias(self, parent: ast.AST, home: Home, depth: int) -> Iterator[Problem]:
        """``other = model``"""
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]  # type: ignore[attr-defined]
        for target in targets:
            if is_same(target, home.holder):
                continue
            statement = self.syntax.statement(parent)
            text = ast.unparse(target)
            if isinstance(target, ast.Subscript) or not isinstance(target, (ast.Name, ast.Attribute)):
                yield Problem("the model is put into a collection", True, target)
            elif home.holder and statement not in self.syntax.suite(home.ready):
                yield Problem(f"{text} may keep an earlier iteration's model", True, target)
            elif isinstance(target, ast.Attribute) and base(target) != "self":
                yield Problem(f"{text} holds the model", True, target)
            elif depth >= _MAX_DEPTH:
                yield Problem(f"{text} holds the model", False, target)
            else:
                yield from self._named(text, statement, home, depth)

    def _named(self, text: str, made: ast.stmt, home: Home, depth: int) -> Iterator[Problem]:
        """Reads of another name of the model: none may come from before it got this iteration's."""
        if home.loop is None and "." in text:
            yield Problem(f"{text} holds the model beyond the function", True, made)
        for read in self._reads(text, home.function):
            if start(read) < start(made) and (home.loop is None or within(read, home.loop.node)):
                yield Problem(f"{text} is the earlier iteration's model in line {read.lineno}", True, read)
            else:
                yield from self._use(read, home, depth + 1)


def _parameter(func: Func, call: ast.Call, node: ast.expr) -> str | None:
    """The parameter that gets an argument of a call, ``None`` where that is not plain."""
    arguments = func.scope.node.args  # type: ignore[attr-defined]
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    for keyword in call.keywords:
        if keyword.value is node:
            return keyword.arg
    if node not in call.args:
        return None
    names = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
    position = call.args.index(node) + (func.receiver is not None)
    return names[position] if position < len(names) else None
