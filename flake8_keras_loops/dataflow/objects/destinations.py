"""Where does what a call builds go? Into collections and attributes, out of functions, through tensors, into a larger model.

:class:`Destinations` asks of expressions whether they *hold* the model (it, a collection that it is put into, or an element of
that), or are *derived* from it (its output, a tensor that it was called for, what is computed of these). Both are looked up
backwards, from an expression over the bindings of its names, so that only what comes from *this* call counts.
"""

from __future__ import annotations

import ast
from enum import IntEnum
from typing import NamedTuple

from ...knowledge import attributes, effects, keras, modes
from ...knowledge.effects import MUTATES, PASSES, READS, RUNS, TRAINS
from ...semantics import classes
from ...semantics.binding import arguments, given, unpacked
from ...semantics.calls import constructor
from ...semantics.interpreter import Interpreter
from ...semantics.scopes import Binding, CallSite, Module, Scope, callee_name, reaching, receiver, start
from ...semantics.syntax import walk, within
from ...semantics.values import NO_ENV, Api, Cls, Func, dotted

_MAX_REGIONS = 12
_MAX_STEPS = 30
#: How many calls are looked at for all models of a file together.
_MAX_CALLS = 40_000


class Level(IntEnum):
    """What an expression has of the model."""

    NONE = 0
    DERIVED = 1
    HOLDS = 2


class _Region(NamedTuple):
    """A part of a module to look at. ``is_of_loop``: the loop calls it, so that each iteration has its own of what it makes."""

    node: ast.AST
    module: Module
    is_of_loop: bool


class Destinations:
    """Follows the model that ``site`` builds in ``loop`` through its function, its class, and where these hand it."""

    def __init__(self, interpreter: Interpreter, site: CallSite, loop: ast.AST) -> None:
        self.interpreter = interpreter
        self.loop = loop
        self.site = site
        self.module = site.scope.module
        self._is_trained = self._is_asked = self._is_part = self._is_returned = False
        self._sources: set[ast.AST] = {site.node}
        self._given: dict[tuple[Scope, str], Level] = {}
        self._levels: dict[ast.AST, Level] = {}
        self._steps = 0
        self._regions: list[_Region] = []

    @property
    def is_trained(self) -> bool:
        """Whether the model is compiled or trained somewhere."""
        self._follow()
        return self._is_trained

    @property
    def is_asked(self) -> bool:
        """Whether the model is run, or called, outside the loop."""
        self._follow()
        return self._is_asked

    @property
    def is_returned(self) -> bool:
        """Whether a function hands it, or what it is put into, to its caller."""
        self._follow()
        return self._is_returned

    @property
    def is_part(self) -> bool:
        """Whether a larger model is made of it, outside the loop, or it is called there as a layer is."""
        self._follow()
        return self._is_part

    def _follow(self) -> None:
        if self._regions:
            return
        function = self.site.scope.function()
        cls = function.enclosing_class()
        around = cls if cls is not None and self._is_stored(cls) else function
        self._regions.append(_Region(around.node, self.module, False))
        for region in self._regions:  # further ones are added on the way
            calls = region.module.calls_within(region.node)
            looked_at = self.module.cache.get(Destinations, 0) + len(calls)
            if looked_at > _MAX_CALLS:
                return
            self.module.cache[Destinations] = looked_at
            for call, scope, _ in calls:
                self._look_at(call, scope, region)
            if not region.is_of_loop:
                self._returned(region)

    def _is_stored(self, cls: Scope) -> bool:
        """Whether methods of a class store the model in an attribute: of a model or layer, that makes it a part."""
        is_stored = any(self._of_attribute(cls, name) for name in cls.attributes)
        self._is_part = self._is_part or (is_stored and self._is_keras(Cls(cls)))
        return is_stored

    def _is_keras(self, cls: Cls) -> bool:
        return classes.is_layer(self.interpreter, cls) or classes.is_model(self.interpreter, cls)

    # -- what is done

    def _look_at(self, call: ast.Call, scope: Scope, region: _Region) -> None:
        func = call.func
        is_of_loop = region.is_of_loop or (scope.module is self.module and within(call, self.loop))
        if isinstance(func, ast.Attribute) and self.level(func.value, scope) is Level.HOLDS:
            self._is_trained = self._is_trained or effects.does(func.attr, TRAINS) or func.attr == "compile"
            self._is_asked = self._is_asked or (effects.does(func.attr, RUNS) and not is_of_loop)
        if keras.differentiates(callee_name(call)) and any(self._is_trainable(node, scope) for node in walk(arguments(call))):
            self._is_trained = True
        handed = max((self.level(argument, scope) for argument in arguments(call)), default=Level.NONE)
        if handed:
            self._handed(call, scope, is_of_loop)
        if not is_of_loop and self.level(func, scope) is Level.HOLDS:
            self._is_asked = True
            self._is_part = self._is_part or not self._is_data(call, scope)  # part(x)

    def _is_data(self, call: ast.Call, scope: Scope) -> bool:
        """Whether a call hands over arrays that are at hand, no tensors of a larger model: ``model(np.ones((1, 4)))``."""
        values = [value for argument in arguments(call) for value in self.interpreter.eval(argument, scope)]
        return bool(values) and all(modes.is_data(dotted(value)) for value in values)

    def _handed(self, call: ast.Call, scope: Scope, is_of_loop: bool) -> None:
        """The model, or something derived from it, is an argument."""
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr == "add" and self._adds_to_model(func.value, scope):
            self._is_part = True
        for callee in self.interpreter.callees(call, scope, NO_ENV):
            if isinstance(callee, Func):
                self._enter(callee, call, scope, _Region(callee.scope.node, callee.scope.module, is_of_loop))
            elif isinstance(callee, Api):
                is_whole = keras.is_model_class(callee.name) and not is_of_loop
                is_wrapped = keras.is_layer_class(callee.name) and any(
                    self.level(argument, scope) is Level.HOLDS for argument in arguments(call)
                )  # TimeDistributed(part)
                self._is_part = self._is_part or is_whole or is_wrapped
            elif isinstance(callee, Cls) and self._is_keras(callee):
                self._is_part = self._is_part or not is_of_loop
            elif isinstance(callee, Cls) and (init := constructor(self.interpreter, callee)) is not None:
                self._enter(init, call, scope, _Region(callee.scope.node, callee.scope.module, is_of_loop))

    def _adds_to_model(self, whole: ast.expr, scope: Scope) -> bool:
        return any(classes.is_keras_model(self.interpreter, value) for value in self.interpreter.eval(whole, scope))

    def _is_trainable(self, node: ast.AST, scope: Scope) -> bool:
        """``model.trainable_variables`` of one model, not gathered from several."""
        is_read = isinstance(node, ast.Attribute) and node.attr in attributes.TRAINABLE
        return is_read and self.level(node.value, scope) is Level.HOLDS  # type: ignore[attr-defined]

    def _enter(self, func: Func, call: ast.Call, scope: Scope, region: _Region) -> None:
        """Go on in a function of the project that the model, or something derived from it, is handed to."""
        if isinstance(func.scope.node, ast.Lambda):
            return
        for name, value in given(call, func).items():
            level = self.level(value, scope)
            if level > self._given.get((func.scope, name), Level.NONE):
                self._given[func.scope, name] = level
                self._go_on(region)

    def _returned(self, region: _Region) -> None:
        """Go on where a function is called that returns the model."""
        for scope in region.module.scope_of.values():
            if not scope.returns or not (scope.node is region.node or _is_within(scope.node, region.node)):
                continue
            if max(self.level(value, scope) for value in scope.returns) < Level.HOLDS:
                continue
            self._is_returned = True
            for call, where, _ in region.module.calls_named(getattr(scope.node, "name", "")):
                callees = self.interpreter.callees(call, where, NO_ENV)
                if call not in self._sources and any(isinstance(v, Func) and v.scope is scope for v in callees):
                    self._sources.add(call)
                    self._levels.clear()
                    cls = where.enclosing_class()
                    around = cls if cls is not None and self._is_stored(cls) else where.function()
                    self._go_on(_Region(around.node, region.module, False))

    def _go_on(self, region: _Region) -> None:
        self._levels.clear()
        if len(self._regions) < _MAX_REGIONS:
            self._regions.append(region)

    # -- what an expression has of the model

    def level(self, node: ast.AST | None, scope: Scope) -> Level:
        """What the value of an expression has of the model."""
        if node is None or isinstance(node, ast.Constant):
            return Level.NONE
        if node in self._sources:
            return Level.HOLDS
        known = self._levels.get(node)
        if known is not None:
            return known
        if self._steps >= _MAX_STEPS:
            return Level.NONE
        self._levels[node] = Level.NONE  # for a name that is bound to something made of itself
        self._steps += 1
        found = self._find(node, scope)
        self._steps -= 1
        self._levels[node] = found
        return found

    def _find(self, node: ast.AST, scope: Scope) -> Level:
        if isinstance(node, ast.Name):
            return self._of_name(node, scope)
        if isinstance(node, ast.Attribute):
            return self._of_member(node, scope)
        if isinstance(node, ast.Call):
            return self._of_call(node, scope)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            return self.level(node.elt, scope.module.scope_of.get(node, scope))
        if isinstance(node, ast.DictComp):
            return self.level(node.value, scope.module.scope_of.get(node, scope))
        if isinstance(node, ast.Subscript):
            return self.level(node.value, scope)
        if isinstance(node, ast.expr) and not isinstance(node, (ast.Lambda, ast.Compare, ast.JoinedStr)):
            return max((self.level(c, scope) for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)), default=Level.NONE)
        return Level.NONE

    def _of_name(self, node: ast.Name, scope: Scope) -> Level:
        owner = scope.owner(node.id)
        if owner is None:
            return Level.NONE
        bindings = owner.bindings[node.id]
        if owner.function() is _without_lambdas(scope).function():
            bindings = reaching(bindings, start(node))
        return max(map(self._of_binding, bindings), default=Level.NONE)

    def _of_binding(self, binding: Binding) -> Level:
        if binding.kind == "param":
            return self._given.get((binding.scope.function(), getattr(binding.node, "arg", "")), Level.NONE)
        if binding.expr is None:
            return Level.NONE
        if binding.kind == "element":
            return self._of_element(binding.expr, binding.path, binding.scope)
        value = unpacked(binding.expr, binding.path) if binding.path else None
        return self.level(value or binding.expr, binding.scope)

    def _of_element(self, iterable: ast.expr, path: tuple[int, ...], scope: Scope) -> Level:
        """What a target of ``for i, (name, part) in ...`` gets."""
        if isinstance(iterable, ast.Call) and path:
            name, args = callee_name(iterable), iterable.args
            if name == "enumerate" and args:
                return self._of_element(args[0], path[1:], scope) if path[0] else Level.NONE
            if name == "zip" and path[0] < len(args):
                return self._of_element(args[path[0]], path[1:], scope)
            if name == "items" and isinstance(iterable.func, ast.Attribute):
                return self.level(iterable.func.value, scope) if path[0] else Level.NONE
        return self.level(iterable, scope)

    def _of_member(self, node: ast.Attribute, scope: Scope) -> Level:
        if isinstance(node.value, ast.Name):
            cls = scope.enclosing_class()
            method = next((s for s in scope.outward() if s.parent is not None and s.parent is cls), None)
            if cls is not None and method is not None and _receiver(method) == node.value.id:
                return self._of_attribute(cls, node.attr)
        held = self.level(node.value, scope)
        return Level.DERIVED if held and node.attr in attributes.OUTPUTS else Level.NONE

    def _of_attribute(self, cls: Scope, name: str) -> Level:
        return max(map(self._of_binding, cls.attributes.get(name, ())), default=Level.NONE)

    def _of_call(self, node: ast.Call, scope: Scope) -> Level:
        func, name = node.func, callee_name(node)
        handed = max((self.level(argument, scope) for argument in arguments(node)), default=Level.NONE)
        if isinstance(func, ast.Attribute):
            held = self.level(func.value, scope)
            if held:
                return held if effects.does(name, READS | PASSES | MUTATES) and not effects.does(name, RUNS) else Level.NONE
        elif self.level(func, scope):
            return Level.DERIVED  # part(x)
        if not handed:
            return Level.NONE
        return handed if effects.does(name, PASSES) else Level.DERIVED


def _is_within(node: ast.AST, region: ast.AST) -> bool:
    return isinstance(region, ast.Module) or (hasattr(node, "lineno") and within(node, region))


def _without_lambdas(scope: Scope) -> Scope:
    """The scope that the lambdas around an expression stand in."""
    while isinstance(scope.function().node, ast.Lambda) and scope.function().parent is not None:
        scope = scope.function().parent  # type: ignore[assignment]
    return scope


def _receiver(method: Scope) -> str:
    """The name by which a method knows its object, ``""`` for what is no function."""
    return receiver(method.node) if method.kind == "function" else ""
