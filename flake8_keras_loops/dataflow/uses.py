"""Where does a value go? Every place that the model of an iteration, or a part of it, reaches, and what is done with it there.

:class:`Uses` follows an expression whose value is the model through aliases, the functions of the project that it is handed to,
and the objects that are made around it, and gives a :class:`Use` for each end of the way. It does not judge: whether the model
outlives its iteration, or may be another one after it, are questions that are asked of the uses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from ..knowledge import attributes, effects, keras, tracing
from ..knowledge.effects import DEFERS, FORKS, LOADS, LOOKS, PASSES, RUNS, SAVES, SHARES, STORES
from ..semantics.assigned import keeps_best, unpacked_to
from ..semantics.binding import arguments, parameter
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import END, START, Binding, Extent, Module, callee_name, end, extent, inside, reaching, start
from ..semantics.syntax import base, is_same, syntax_of, within
from ..semantics.values import NO_ENV, TENSOR, Api, Cls, Func, Values
from .construction import Construction, completed, handed_over
from .kinds import Kind, Use
from .loops import around
from .objects.holders import reads_outside
from .parts import is_part, uses_of_part

_MAX_DEPTH = 4
_LOOKED = (ast.Compare, ast.Delete, ast.FormattedValue, ast.If, ast.While, ast.Assert, ast.UnaryOp, ast.Expr)
_DISPLAYS = (ast.Tuple, ast.List, ast.Dict, ast.Set)


class Uses:
    """Follows values through one module, and from there through the functions of the project that they are handed to."""

    def __init__(self, interpreter: Interpreter, module: Module) -> None:
        self.interpreter = interpreter
        self.module = module
        self.syntax = syntax_of(module)

    # -- a model, by the place where it is made

    def of_model(self, place: Construction) -> Iterator[Use]:
        """What is done with the model that is made at a place."""
        if place.holder:
            yield from self.held(place, 0, is_built=True)
        else:
            yield from self.of(place.call, place, 0)

    def held(self, place: Construction, depth: int, is_built: bool) -> Iterator[Use]:
        """What is done with the value of ``place.holder``. ``is_built``: what comes before ``place.ready`` builds it."""
        closures: dict[ast.AST, None] = {}
        bound = self._bound(place)
        outermost = list(around(place.loop))[-1:]
        for node in self._reads(place.holder, place.function):
            closure = self._closure(node, place.function)
            if outermost and "." not in place.holder and not within(node, outermost[0].node) and closure is place.function:
                continue  # the last iteration's model is as good as ever
            if self._is_other(node, place, bound):
                continue
            if is_built and start(place.built) <= start(node) and end(node) <= end(place.ready):
                yield from self._while_built(node, place, depth)
            else:
                yield from self.of(node, place, depth)
            yield from self._traced(node, place)
            if place.loop is None and "." not in place.holder:
                closures[closure] = None
                yield from self._generated(node, place, depth)
        for node in reads_outside(place, self.interpreter):
            yield from self.of(node, place, depth)
        for closure in closures:  # it sees the model of its own call for as long as it lives
            if closure is place.function:
                continue
            if isinstance(closure, ast.Lambda):
                yield from self.of(closure, place, depth + 1)
            else:
                for read in self._reads(closure.name, place.function):  # type: ignore[attr-defined]
                    yield from self.of(read, place, depth + 1)

    def _reads(self, holder: str, function: ast.AST) -> Iterator[ast.expr]:
        """All reads of a holder: of a name in its function, of an attribute in its class."""
        region = function
        if "." in holder:
            region = next((node for node in self.syntax.above(function) if isinstance(node, ast.ClassDef)), function)
        yield from self.syntax.reads(holder, region)

    def _bound(self, place: Construction) -> list[Binding] | None:
        """The bindings of the holder that hold this model, ``None`` where that is not known."""
        bindings = place.owner.bindings.get(place.holder, [])
        found = [binding for binding in bindings if binding.expr is place.call]
        for binding in bindings:
            if binding.expr is None or (place.loop is not None and not within(binding.expr, place.loop.node)):
                continue
            reads = [inner for inner in ast.walk(binding.expr) if is_same(inner, place.holder)]
            if binding not in found and any(each in found for read in reads for each in reaching(bindings, start(read))):
                found.append(binding)  # model = compiled(model)
        return found if found and found[0].expr is place.call else None

    def _is_other(self, node: ast.expr, place: Construction, bound: list[Binding] | None) -> bool:
        """Whether a read beside the construction sees another model of the same name for certain."""
        region: Extent = extent(place.loop.node) if place.loop is not None else (START, END)
        if bound is None or self.syntax.function(node) is not place.function or not inside(start(node), region):
            return False
        if place.loop is not None and bound[0].loop != region:
            return False
        return not any(binding in bound for binding in reaching(place.owner.bindings[place.holder], start(node)))

    def _closure(self, node: ast.AST, function: ast.AST) -> ast.AST:
        """The outermost function in ``function`` that a node stands in, or ``function`` itself."""
        inner = self.syntax.function(node)
        while inner is not function and self.syntax.function(inner) is not function and inner in self.syntax.parents:
            inner = self.syntax.function(inner)
        return inner

    def _traced(self, node: ast.expr, place: Construction) -> Iterator[Use]:
        """A function that is traced once goes on with the model that it saw then."""
        for function in self.syntax.above(node):
            if function is place.function or (place.loop is not None and function is place.loop.node):
                return
            if place.loop is not None and isinstance(function, ast.FunctionDef) and within(function, place.loop.node):
                return  # it is made, and traced, anew
            call = self.syntax.parents.get(function)
            is_lazy = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and effects.does(call.func.attr, DEFERS)
            decorators = [ast.unparse(decorator) for decorator in getattr(function, "decorator_list", ())]
            if any(map(tracing.sounds_traced, decorators)) or (isinstance(function, ast.Lambda) and is_lazy):
                yield Use(Kind.TRACED, node, function)

    def _generated(self, node: ast.expr, place: Construction, depth: int) -> Iterator[Use]:
        """A generator expression reads the model only once somebody asks for its values."""
        for generator in self.syntax.above(node):
            if generator is place.function:
                return
            parent = self.syntax.parents.get(generator)
            if isinstance(generator, ast.GeneratorExp):
                if not isinstance(parent, ast.Call) or effects.does(callee_name(parent), STORES):
                    yield from self.of(generator, place, depth)

    def _while_built(self, node: ast.expr, place: Construction, depth: int) -> Iterator[Use]:
        """A read before the model is complete: something may have been given the new model that goes on being used."""
        parent = self.syntax.parents[node]
        statement = self.syntax.statement(node)
        if isinstance(parent, ast.Call) and parent in place.compiles and depth < _MAX_DEPTH:  # compile_model(model)
            callees = self._callees(parent, place)
            if len(callees) == 1 and isinstance(callees[0], Func):
                yield from self._inside(callees[0], parent, node, place, depth)
                return
        if isinstance(parent, ast.Attribute) or any(within(node, call) for call in place.compiles):
            if isinstance(statement, ast.Assign) and within(node, statement.value) and not isinstance(parent, ast.Call):
                if isinstance(parent, ast.Attribute) and parent.attr in attributes.PARTS:
                    if not is_same(statement.targets[0], place.holder):
                        yield Use(Kind.TAKEN_EARLY, node, statement, ast.unparse(statement.targets[0]))
        elif not isinstance(parent, ast.Call) or not effects.does(callee_name(parent), LOOKS):
            yield Use(Kind.EARLY, node, statement)

    # -- one read

    def of(self, node: ast.expr, place: Construction, depth: int) -> Iterator[Use]:
        """What is done with the value of an expression, which is the model of ``place``."""
        parent = self.syntax.parents.get(node)
        if isinstance(parent, ast.Attribute):
            yield from self._attribute(parent, node, place, depth)
        elif isinstance(parent, ast.Call) and parent.func is node:
            on_tensor = any(TENSOR in self.interpreter.eval(argument, place.owner) for argument in parent.args)
            yield Use(Kind.CALLED_ON_TENSOR if on_tensor else Kind.CALLED, node, parent)
        elif isinstance(parent, ast.arguments):
            yield Use(Kind.DEFAULT, self.syntax.parents[parent], node)
        elif isinstance(parent, (ast.Call, ast.keyword, ast.Starred)):
            above = (parent, *self.syntax.above(parent))
            call = next(each for each in above if isinstance(each, (ast.Call, ast.List, ast.Tuple, ast.ClassDef)))
            yield from self._passed(call, node, place, depth) if isinstance(call, ast.Call) else (Use(Kind.UNPACKED, node, call),)
        elif isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            targets: list[ast.expr] = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            yield from self._alias(targets, parent, place, depth)
            if isinstance(parent, ast.NamedExpr):
                yield from self.of(parent, place, depth)
        elif isinstance(parent, (ast.IfExp, ast.Await, ast.BoolOp)):
            yield from self.of(parent, place, depth)
        elif isinstance(parent, _LOOKED):
            yield Use(Kind.LOOKED_AT, node, parent)
        elif isinstance(parent, ast.Return):
            if place.loop is None or self._closure(parent, place.function) is not place.function:
                yield Use(Kind.RETURNED, node, parent)
        elif isinstance(parent, (ast.Yield, ast.YieldFrom)):
            yield Use(Kind.YIELDED, node, parent)
        elif isinstance(parent, _DISPLAYS):
            yield from self._displayed(parent, node, place, depth)
        else:
            yield Use(Kind.LOST, node, parent or node)

    def _displayed(self, display: ast.expr, node: ast.expr, place: Construction, depth: int) -> Iterator[Use]:
        parent = self.syntax.parents[display]
        if isinstance(parent, (ast.Call, ast.keyword)):
            call = parent if isinstance(parent, ast.Call) else self.syntax.parents[parent]
            if isinstance(call, ast.Call):
                yield from self._passed(call, display, place, depth)
        elif (targets := unpacked_to(parent, node)) is not None:
            yield from self._alias(targets, parent, place, depth)
        elif isinstance(parent, ast.Return) and place.loop is None:
            yield Use(Kind.RETURNED_WITH, display, parent)
        elif not (isinstance(parent, ast.Return) and place.loop is not None and self.syntax.function(parent) is place.function):
            yield Use(Kind.COLLECTED, display, parent)

    def _attribute(self, attribute: ast.Attribute, node: ast.expr, place: Construction, depth: int) -> Iterator[Use]:
        name = attribute.attr
        is_called = self.syntax.is_called(attribute)
        if isinstance(attribute.ctx, ast.Store):
            yield Use(Kind.SET, node, attribute, name)
            return
        at = self.syntax.parents[attribute] if is_called else attribute
        yield Use(Kind.METHOD if is_called else Kind.ATTRIBUTE, node, at, name)
        if name in attributes.PARTS:
            yield from uses_of_part(attribute, self.syntax, self.interpreter, place.owner)
        elif not is_called and depth < _MAX_DEPTH and (effects.does(name, RUNS | LOADS | SAVES) or name in attributes.BOUND):
            yield from self.of(attribute, place, depth + 1)  # fit = model.fit
        elif not is_called and isinstance(self.syntax.parents[attribute], (ast.Call, ast.keyword)):
            call = next(each for each in self.syntax.above(attribute) if isinstance(each, ast.Call))
            if not effects.does(callee_name(call), LOOKS):
                yield Use(Kind.HANDED_ATTRIBUTE, node, call, f"{ast.unparse(attribute)} is handed to {ast.unparse(call.func)}()")

    def _alias(self, targets: list[ast.expr], parent: ast.AST, place: Construction, depth: int) -> Iterator[Use]:
        """``other = model``"""
        statement = self.syntax.statement(parent)
        is_in_loop = place.loop is not None and bool(place.holder)
        for target in targets:
            text = ast.unparse(target)
            if is_same(target, place.holder):
                continue
            if isinstance(target, ast.Subscript) or not isinstance(target, (ast.Name, ast.Attribute)):
                yield Use(Kind.COLLECTED, target, statement)
            elif text in place.owner.outer_names:
                yield Use(Kind.GLOBAL, target, statement, text)
            elif "." in place.holder and self.syntax.function(statement) is not place.function:
                yield from self._named_elsewhere(target, statement, place, depth)
            elif is_in_loop and statement not in self.syntax.suite(place.ready):
                kind = Kind.BEST if keeps_best(statement, self.syntax) else Kind.KEPT_NAME
                yield Use(kind, target, statement, text)
            elif (is_in_loop or "." in place.holder) and start(statement) < start(place.built):
                yield Use(Kind.OLDER, target, statement, text)
            elif isinstance(target, ast.Attribute) and base(target) != "self":
                yield Use(Kind.HELD, target, statement, text)
            elif depth >= _MAX_DEPTH:
                yield Use(Kind.RENAMED, target, statement, text)
            else:
                yield from self._named(text, statement, place, depth)

    def _named(self, text: str, made: ast.stmt, place: Construction, depth: int) -> Iterator[Use]:
        """Reads of another name of the model: none may come from before it got this iteration's."""
        if place.loop is None and "." in text:
            yield Use(Kind.BEYOND, made, made, text)
        for read in self._reads(text, place.function):
            if start(read) <= end(made) and (place.loop is None or within(read, place.loop.node)):
                yield Use(Kind.OLDER_READ, read, read, text)
            else:
                yield from self.of(read, place, depth + 1)

    def _named_elsewhere(self, target: ast.expr, made: ast.stmt, place: Construction, depth: int) -> Iterator[Use]:
        """``model = self.model`` in another function than the one that builds it: the name must be one of that function only."""
        function = self.syntax.function(made)
        scope = self.module.scope_of.get(function)
        text = ast.unparse(target)
        if not isinstance(target, ast.Name):
            yield Use(Kind.BEYOND, made, made, text)
        elif scope is not None and text in scope.outer_names:
            yield Use(Kind.GLOBAL, target, made, text)
        elif scope is None or not isinstance(function, ast.FunctionDef) or scope.is_generator or depth >= _MAX_DEPTH:
            yield Use(Kind.RENAMED, target, made, text)
        else:
            there = replace(place, function=function, loop=None, holder=text, built=made, ready=made)
            for read in self._reads(text, function):
                if start(read) <= end(made):
                    yield Use(Kind.OLDER_READ, read, read, text)
                elif self.syntax.function(read) is not function:
                    yield Use(Kind.RENAMED, read, made, text)
                else:
                    yield from self._generated(read, there, depth)
                    yield from self.of(read, there, depth + 1)

    # -- calls

    def _callees(self, call: ast.Call, place: Construction) -> Values:
        return self.interpreter.callees(call, place.owner, NO_ENV)

    def _passed(self, call: ast.Call, node: ast.expr, place: Construction, depth: int) -> Iterator[Use]:
        """The model is an argument."""
        name = callee_name(call)
        callees = self._callees(call, place)
        if len(callees) == 1 and isinstance(callees[0], Func) and depth < _MAX_DEPTH:
            yield from self._inside(callees[0], call, node, place, depth)
        elif effects.does(name, SHARES) or (name == "add" and isinstance(call.func, ast.Attribute)):
            yield Use(Kind.SHARED, node, call, name)
        elif effects.does(name, STORES):
            yield Use(Kind.STORED, node, call, name)
        elif effects.does(name, PASSES) and (name == "dict" or all(keyword.value is not node for keyword in call.keywords)):
            yield from self.of(call, place, depth)
        elif effects.does(name, LOOKS):
            yield Use(Kind.LOOKED_AT, node, call, name)
        elif _makes_object(callees) and not effects.does(name, FORKS):
            yield from self._object(call, place, depth)
        else:
            yield Use(Kind.HANDED, node, call, ast.unparse(call.func))

    def _inside(self, func: Func, call: ast.Call, node: ast.expr, place: Construction, depth: int) -> Iterator[Use]:
        """What a function of the project does with the parameter that gets the model, and with what it gives back."""
        name = parameter(call, func, node)
        inner = func.scope.node
        if name is None or isinstance(inner, ast.Lambda):
            yield Use(Kind.UNFOLLOWED, node, call, ast.unparse(call.func))
            return
        if func.scope.is_generator or isinstance(inner, ast.AsyncFunctionDef):
            yield Use(Kind.LATER, node, call, callee_name(call))
        other = self if func.scope.module is self.module else Uses(self.interpreter, func.scope.module)
        within_it = handed_over(call, func, name)
        if call in place.compiles:
            within_it = completed(within_it, other.syntax)
        for use in other.held(within_it, depth + 1, call in place.compiles):
            if use.kind is Kind.RETURNED:
                yield from self.of(call, place, depth + 1)
            else:
                yield replace(use, node=node, through=(*use.through, callee_name(call)))

    def _object(self, call: ast.Call, place: Construction, depth: int) -> Iterator[Use]:
        """An object made around the model, such as a callback: it must not outlive the iteration either."""
        yield from self._initialized(call, place, depth)
        current: ast.AST = call
        for parent in self.syntax.above(call):
            if isinstance(parent, ast.Call) and parent.func is not current:
                if isinstance(parent.func, ast.Attribute) and is_same(parent.func.value, place.holder):
                    return  # model.fit(callbacks=[Callback(model)])
                if effects.does(callee_name(parent), LOOKS):
                    return
                if not _makes_object(self._callees(parent, place)):
                    break
            elif isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
                yield from self._object_named(parent.targets[0].id, parent, place)
                return
            elif isinstance(parent, ast.Attribute):
                made = self.syntax.parents[parent]
                if not self.syntax.is_called(parent) or not is_part(self.interpreter.eval(made, place.owner)):  # type: ignore[arg-type]
                    return  # Trainer(model).run(), which does not give the trainer back
            elif isinstance(parent, ast.stmt):
                if isinstance(parent, ast.Expr):
                    return
                break
            current = parent
        yield Use(Kind.OBJECT_LOST, call, call, ast.unparse(call.func))

    def _initialized(self, call: ast.Call, place: Construction, depth: int) -> Iterator[Use]:
        """What a class of the project does with the model beside keeping it in its object."""
        for value in self._callees(call, place) if depth < _MAX_DEPTH else ():
            for binding in value.scope.bindings.get("__init__", ()) if isinstance(value, Cls) else ():
                scope = value.scope.module.scope_of.get(binding.node) if binding.node is not None else None  # type: ignore[union-attr]
                for node in (each for each in arguments(call) if is_same(each, place.holder)):
                    if scope is not None:
                        for use in self._inside(Func(scope, receiver=value), call, node, place, depth + 1):
                            if use.kind is not Kind.RETURNED and not use.name.startswith("self."):
                                yield use

    def _object_named(self, name: str, made: ast.Assign, place: Construction) -> Iterator[Use]:
        for read in self._reads(name, place.function):
            parent = self.syntax.parents[read]
            statement = self.syntax.statement(read)
            if place.loop is not None and end(place.ready) < start(read) < start(made) and within(read, place.loop.node):
                yield Use(Kind.OBJECT_OLDER, read, statement, name)
            if isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Load):
                continue
            if isinstance(parent, (ast.List, ast.Tuple, ast.keyword, ast.Call)) and any(
                isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and is_same(each.func.value, place.holder)
                for each in self.syntax.above(read)
            ):
                continue
            is_stored = isinstance(parent, ast.Call) and effects.does(callee_name(parent), STORES)
            kind = Kind.OBJECT_KEPT if is_stored or isinstance(parent, (ast.Return, ast.Yield)) else Kind.OBJECT_USED
            yield Use(kind, read, statement, name)


def _makes_object(callees: Values) -> bool:
    """Whether a call makes a Keras callback or another object that holds what it is given."""
    return bool(callees) and all(isinstance(v, Cls) or (isinstance(v, Api) and keras.last(v.name)[:1].isupper()) for v in callees)
