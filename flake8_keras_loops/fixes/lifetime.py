"""Does anything hold the model, or a part of it, beyond its iteration?

Every place that reads the model after it is complete is put into one of three classes: harmless (``model.fit(...)``), not
followed (handed to a function nobody can look into: a fix is *unsafe*), or holding it (appended to a list, ``best_model =
model``: no fix).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..dataflow.loops import around
from ..semantics.interpreter import Resolver
from ..semantics.scopes import Binding, Extent, Scope, callee_name, end, extent, reaching, start
from ..semantics.syntax import Syntax, base, is_same, within
from ..semantics.values import NO_ENV, TENSOR, Api, Cls, Func
from .construction_site import RUNNING, Home, completed, parameter
from .parts import ADDERS, LOOKING, PARTS, SHARING, is_called, is_part, part_problems
from .parts import Problem as Problem

_BOUND = frozenset({"call", "get_weights", "set_weights", "summary", "save", "train_step", "test_step", "predict_step"}) | RUNNING
_CONCURRENT = frozenset({"Thread", "Timer"})
_TRACING = ("function", "jit")
_LAZY = frozenset({"map", "flat_map", "interleave", "filter"})
#: The reason of a problem that is none for what calls the function.
RETURNED = "the function returns the model"
_MAX_DEPTH = 4


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
        return list(self.follow(home, 0, True))

    def follow(self, home: Home, depth: int, is_built: bool) -> Iterator[Problem]:
        """``is_built``: what is done up to ``home.ready`` builds the model."""
        closures: set[ast.AST] = set()
        reached = self._reached(home)
        outermost = list(around(home.loop))[-1:]
        for node in self._reads(home.holder, home.function):
            if outermost and "." not in home.holder and not within(node, outermost[0].node):
                if self._closure(node, home.function) is home.function:
                    continue  # the last iteration's model is as good as ever
            if self._is_other(node, home, reached):
                continue
            if is_built and start(home.built) <= start(node) and end(node) <= end(home.ready):
                yield from self._while_built(node, home, depth)
            else:
                yield from self._use(node, home, depth)
            yield from self._traced(node, home)
            if home.loop is None and "." not in home.holder:
                closures.add(self._closure(node, home.function))
                yield from self._generated(node, home, depth)
        for closure in closures - {home.function}:  # it sees the model of its own call for as long as it lives
            if isinstance(closure, ast.Lambda):
                yield from self._use(closure, home, depth + 1)
            else:
                for read in self._reads(closure.name, home.function):  # type: ignore[attr-defined]
                    yield from self._use(read, home, depth + 1)

    def _traced(self, node: ast.expr, home: Home) -> Iterator[Problem]:
        """A function that is traced once goes on with the model that it saw then."""
        for function in self.syntax.above(node):
            if function is home.function or (home.loop is not None and function is home.loop.node):
                return
            if home.loop is not None and isinstance(function, ast.FunctionDef) and within(function, home.loop.node):
                return  # it is made, and traced, anew
            call = self.syntax.parents.get(function)
            is_lazy = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _LAZY
            decorators = [ast.unparse(decorator) for decorator in getattr(function, "decorator_list", ())]
            if any(word in text for text in decorators for word in _TRACING) or (isinstance(function, ast.Lambda) and is_lazy):
                yield Problem("a traced function reads the model", False, node)

    def _generated(self, node: ast.expr, home: Home, depth: int) -> Iterator[Problem]:
        """A generator expression reads the model only once somebody asks for its values."""
        for generator in self.syntax.above(node):
            if generator is home.function:
                return
            parent = self.syntax.parents.get(generator)
            if isinstance(generator, ast.GeneratorExp) and (not isinstance(parent, ast.Call) or callee_name(parent) in ADDERS):
                yield from self._use(generator, home, depth)

    def _closure(self, node: ast.AST, function: ast.AST) -> ast.AST:
        """The outermost function in ``function`` that a node stands in, or ``function`` itself."""
        inner = self.syntax.function(node)
        while inner is not function and self.syntax.function(inner) is not function and inner in self.syntax.parents:
            inner = self.syntax.function(inner)
        return inner

    def _reached(self, home: Home) -> list[Binding] | None:
        """The bindings of the holder that hold this model, ``None`` where that is not known."""
        bindings = self._scope(home).bindings.get(home.holder, [])
        reached = [binding for binding in bindings if binding.expr is home.call]
        for binding in bindings:
            if binding.expr is None or (home.loop is not None and not within(binding.expr, home.loop.node)):
                continue
            if binding not in reached and any(self._mentions(binding.expr, home.holder)):
                reached.append(binding)  # model = compiled(model)
        return reached if reached and reached[0].expr is home.call else None

    def _mentions(self, node: ast.AST, name: str) -> Iterator[ast.AST]:
        return (inner for inner in ast.walk(node) if is_same(inner, name))

    def _is_other(self, node: ast.expr, home: Home, reached: list[Binding] | None) -> bool:
        """Whether a read beside the construction sees another model of the same name for certain."""
        region: Extent = extent(home.loop.node) if home.loop is not None else ((0, 0), (1 << 60, 0))
        if reached is None or self.syntax.function(node) is not home.function or not region[0] <= start(node) <= region[1]:
            return False
        if home.loop is not None and reached[0].loop != region:
            return False
        found = reaching(self._scope(home).bindings[home.holder], start(node))
        return not any(binding in reached for binding in found)

    def _reads(self, holder: str, function: ast.AST) -> Iterator[ast.expr]:
        """All reads of a holder: of a name in its function, of an attribute in its class."""
        around = function
        if "." in holder:
            around = next((node for node in self.syntax.above(function) if isinstance(node, ast.ClassDef)), function)
        yield from self.syntax.reads(holder, around)

    def _while_built(self, node: ast.expr, home: Home, depth: int) -> Iterator[Problem]:
        """A read before the model is complete: something may have been given the new model that goes on being used."""
        parent = self.syntax.parents[node]
        statement = self.syntax.statement(node)
        if isinstance(parent, ast.Call) and parent in home.compiles and depth < _MAX_DEPTH:  # compile_model(model)
            callees = self.resolver.callees(parent, self._scope(home), NO_ENV)
            if len(callees) == 1 and isinstance(callees[0], Func):
                yield from self._in_function(callees[0], parent, node, home, depth)
                return
        if isinstance(parent, ast.Attribute) or any(within(node, call) for call in home.compiles):
            if isinstance(statement, ast.Assign) and within(node, statement.value) and not isinstance(parent, ast.Call):
                target = ast.unparse(statement.targets[0])
                if isinstance(parent, ast.Attribute) and parent.attr in PARTS and not is_same(statement.targets[0], home.holder):
                    yield Problem(f"{target} is taken from the model before it is complete", True, node)
            return
        if isinstance(parent, ast.Call) and callee_name(parent) in LOOKING:
            return
        yield Problem(f"the model is used in line {statement.lineno} before it is complete", True, node)

    # -- one read

    def _use(self, node: ast.expr, home: Home, depth: int) -> Iterator[Problem]:
        """What a read of the model, or an expression whose value is the model, does with it."""
        parent = self.syntax.parents.get(node)
        if isinstance(parent, ast.Attribute):
            yield from self._attribute(parent, home, depth)
        elif isinstance(parent, ast.Call) and parent.func is node:
            if any(TENSOR in self.resolver.eval(argument, self._scope(home)) for argument in parent.args):
                yield Problem("another model is built on it", True, node)
        elif isinstance(parent, ast.arguments):
            yield Problem("a default argument holds the model", True, self.syntax.parents[parent])
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
            if isinstance(parent, ast.NamedExpr):
                yield from self._use(parent, home, depth)
        elif isinstance(parent, (ast.IfExp, ast.Await, ast.BoolOp)):
            yield from self._use(parent, home, depth)
        elif isinstance(
            parent, (ast.Compare, ast.Delete, ast.FormattedValue, ast.If, ast.While, ast.Assert, ast.UnaryOp, ast.Expr)
        ):
            return
        elif isinstance(parent, ast.Return):
            if home.loop is None or self._closure(parent, home.function) is not home.function:
                yield Problem(RETURNED, True, node)
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
            if isinstance(call, ast.Call):
                yield from self._passed(call, display, home, depth)
        elif not (isinstance(parent, ast.Return) and home.loop is not None and self.syntax.function(parent) is home.function):
            yield Problem("the model is put into a collection", True, display)

    def _attribute(self, node: ast.Attribute, home: Home, depth: int) -> Iterator[Problem]:
        if isinstance(node.ctx, ast.Store):
            if node.attr == "trainable":
                yield Problem("trainable changes after compile()", True, node, True)
            elif node.attr != "stop_training":
                yield Problem(f"the model's attribute {node.attr} is set", False, node, True)
        elif node.attr == "name":
            yield Problem("the model's name is read, and a kept model keeps its name", False, node, True)
        elif node.attr in {"add", "pop", "build", "compile"}:
            yield Problem(f"{node.attr}() changes the model after it was used", True, node, True)
        elif node.attr == "adapt":
            yield Problem("adapt() changes the model", True, node, True)
        elif node.attr in PARTS:
            yield from part_problems(node, self.syntax, self.resolver, self._scope(home))
        elif node.attr in _BOUND and not is_called(node, self.syntax) and depth < _MAX_DEPTH:
            yield from self._use(node, home, depth + 1)
        elif isinstance(self.syntax.parents[node], (ast.Call, ast.keyword)) and not is_called(node, self.syntax):
            call = next(n for n in self.syntax.above(node) if isinstance(n, ast.Call))
            if callee_name(call) not in LOOKING:
                yield Problem(f"{ast.unparse(node)} is handed to {ast.unparse(call.func)}(), which may keep it", False, node)

    def _passed(self, call: ast.Call, node: ast.expr, home: Home, depth: int) -> Iterator[Problem]:
        """The model is an argument."""
        name = callee_name(call)
        callees = self.resolver.callees(call, self._scope(home), NO_ENV)
        if len(callees) == 1 and isinstance(callees[0], Func) and depth < _MAX_DEPTH:
            yield from self._in_function(callees[0], call, node, home, depth)
        elif name in SHARING or (name == "add" and isinstance(call.func, ast.Attribute)):
            yield Problem("another model or collection takes the model in", True, node)
        elif name in ADDERS:
            yield Problem("every iteration's model is collected", True, node)
        elif name in LOOKING:
            return
        elif self._makes_object(callees) and name not in _CONCURRENT:
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
        yield from self._initialized(call, home, depth)
        current: ast.AST = call
        for parent in self.syntax.above(call):
            if isinstance(parent, ast.Call) and parent.func is not current:
                if isinstance(parent.func, ast.Attribute) and is_same(parent.func.value, home.holder):
                    return  # model.fit(callbacks=[Callback(model)])
                if callee_name(parent) in LOOKING:
                    return
                if not self._makes_object(self.resolver.callees(parent, self._scope(home), NO_ENV)):
                    break
            elif isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
                yield from self._object_named(parent.targets[0].id, parent, home)
                return
            elif isinstance(parent, ast.Attribute):
                made = self.syntax.parents[parent]
                if not is_called(parent, self.syntax) or not is_part(self.resolver.eval(made, self._scope(home))):  # type: ignore[arg-type]
                    return  # Trainer(model).run(), which does not give the trainer back
            elif isinstance(parent, ast.stmt):
                if isinstance(parent, ast.Expr):
                    return
                break
            current = parent
        yield Problem(f"{ast.unparse(call.func)}() holds the model, and goes where it is not followed", False, call)

    def _initialized(self, call: ast.Call, home: Home, depth: int) -> Iterator[Problem]:
        """What a class of the project does with the model beside keeping it in its object."""
        for value in self.resolver.callees(call, self._scope(home), NO_ENV):
            bindings = value.scope.bindings.get("__init__", ()) if isinstance(value, Cls) else ()
            for binding in bindings:
                scope = value.scope.module.scope_of.get(binding.node) if binding.node is not None else None  # type: ignore[union-attr]
                arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
                for node in (argument for argument in arguments if is_same(argument, home.holder)):
                    if scope is not None and depth < _MAX_DEPTH:
                        found = self._in_function(Func(scope, receiver=value), call, node, home, depth + 1)
                        yield from (problem for problem in found if not problem.reason.startswith(("self.", RETURNED)))

    def _object_named(self, name: str, made: ast.Assign, home: Home) -> Iterator[Problem]:
        for read in self._reads(name, home.function):
            parent = self.syntax.parents[read]
            statement = self.syntax.statement(read)
            if home.loop is not None and end(home.ready) < start(read) < start(made) and within(read, home.loop.node):
                yield Problem(f"{name} holds the earlier iteration's model in line {statement.lineno}", True, read)
            if isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Load):
                continue
            if isinstance(parent, (ast.List, ast.Tuple, ast.keyword, ast.Call)) and any(
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_same(node.func.value, home.holder)
                for node in self.syntax.above(read)
            ):
                continue
            if isinstance(parent, (ast.Return, ast.Yield)) or (isinstance(parent, ast.Call) and callee_name(parent) in ADDERS):
                yield Problem(f"{name} holds the model and is kept", True, read)
            else:
                yield Problem(f"{name} holds the model and is used in line {statement.lineno}", False, read)

    def _in_function(self, func: Func, call: ast.Call, node: ast.expr, home: Home, depth: int) -> Iterator[Problem]:
        """What a function of the project does with the parameter that gets the model."""
        name = parameter(func, call, node)
        inner = func.scope.node
        if name is None or isinstance(inner, ast.Lambda):
            yield Problem(f"the model is handed to {ast.unparse(call.func)}(), which is not followed", False, node)
            return
        if func.scope.is_generator or isinstance(inner, ast.AsyncFunctionDef):
            yield Problem(f"{callee_name(call)}() goes on with the model later", False, node)
        is_here = func.scope.module is self.module
        other = self if is_here else Lifetime(self.resolver, Syntax(func.scope.module))
        first = inner.body[0]  # type: ignore[attr-defined]
        place = Home(call, func.scope, first, first, name, inner, None)
        if call in home.compiles:
            place = completed(place, other.syntax)
        for problem in other.follow(place, depth + 1, call in home.compiles):
            if problem.reason == RETURNED:
                yield from self._use(call, home, depth + 1)
            else:
                yield Problem(f"{problem.reason} (in {callee_name(call)}())", problem.holds, node, problem.changes)

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
            elif text in self._scope(home).outer_names:
                yield Problem(f"{text}, a global name, holds the model", True, target)
            elif home.loop is not None and home.holder and statement not in self.syntax.suite(home.ready):
                yield Problem(f"{text} may keep an earlier iteration's model", True, target)
            elif home.loop is not None and home.holder and start(statement) < start(home.built):
                yield Problem(f"{text} is the earlier iteration's model", True, target)
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
            if start(read) <= end(made) and (home.loop is None or within(read, home.loop.node)):
                yield Problem(f"{text} is the earlier iteration's model in line {read.lineno}", True, read)
            else:
                yield from self._use(read, home, depth + 1)
