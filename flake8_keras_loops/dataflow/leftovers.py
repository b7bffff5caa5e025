"""Is anything that was made while a model was built used after it: a layer, a tensor, an optimizer, another model?

Such a thing belongs to the model of this iteration. Once an earlier one goes on in its place, it would be the wrong one. *Parts*
are what the construction reads, directly or through names, and what else is made from these.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..knowledge import attributes, effects
from ..knowledge.effects import COMPUTES, COPIES, LOOKS, STORES, TAKES
from ..semantics import callgraph
from ..semantics.assigned import is_assigned
from ..semantics.binding import as_method, given, is_plain, parameter
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Binding, FunctionNode, Scope, callee_name, end, extent, inside, reaching, start
from ..semantics.syntax import base, is_same, syntax_of, within
from ..semantics.values import NO_ENV, TENSOR, Api, Cls, Func, Values
from .construction import Construction, methods
from .kinds import Kind, Use
from .loops import around
from .parts import is_part
from .variance import names_read

_PLAIN = (ast.Constant, ast.BinOp, ast.Subscript, ast.Compare, ast.BoolOp, ast.JoinedStr, ast.List, ast.Tuple)
_MADE = (ast.Call, ast.List, ast.Tuple, ast.Dict, ast.ListComp)
_NO_PARTS = frozenset({"loss", "metrics", "name"})
_MAX_NAMES = 200


def leftovers(place: Construction, interpreter: Interpreter) -> Iterator[Use]:
    """A use for each such thing that may be read after the model is complete."""
    finder = _Leftovers(place, interpreter)
    finder.look_back()
    finder.look_forward()
    yield from finder.found
    for name, bindings in finder.parts.items():
        for binding in bindings:
            yield from finder.later(name, binding)
        yield from finder.handed_away(name)


class _Leftovers:
    """``parts``: names, with those bindings that hold a part of the model. ``found``: parts that come from elsewhere."""

    def __init__(self, place: Construction, interpreter: Interpreter) -> None:
        self.place = place
        self.interpreter = interpreter
        self.syntax = syntax_of(place.scope.module)
        self.scope = place.owner
        self.region = place.loop.node if place.loop is not None else place.function
        self.building: list[ast.expr] = [place.call, *place.compiles, *setup_calls(place)]
        self.parts: dict[str, list[Binding]] = {}
        self.found: list[Use] = []
        self._attributes: set[str] = set()

    def _note(self, kind: Kind, name: str) -> None:
        self.found.append(Use(kind, self.place.call, self.place.call, name))

    # -- what the construction reads

    def look_back(self) -> None:
        """Find the parts that the construction reads."""
        seen = {self.place.holder}
        todo = list(self.building)
        while todo and len(seen) < _MAX_NAMES:
            expression = todo.pop()
            for attribute in _attributes(expression):
                self._attribute(attribute)
            for name in _reads(expression):
                if name.id not in seen:
                    seen.add(name.id)
                    todo += self._part(name)

    def _part(self, name: ast.Name) -> Iterator[ast.expr]:
        """What the part was made from, if the name holds one."""
        bindings = self.scope.bindings.get(name.id)
        if not bindings:
            self._check_outside(name)
            return
        for binding in reaching(bindings, start(name)):
            is_given = binding.kind == "param" and self.place.loop is None and self._is_taken(name)
            if is_given and not is_made_for_call(self.place.owner, name.id):
                self._note(Kind.FROM_CALLER, name.id)
            if binding.expr is None or start(binding.expr) > end(self.place.ready):
                continue
            if not self._belongs(name, binding):
                continue
            if self._is_made_in(binding.expr, self.region):
                self.parts.setdefault(name.id, []).append(binding)
                yield binding.expr
            elif any(self._is_made_in(binding.expr, loop.node) for loop in around(self.place.loop)):
                self.found.append(Use(Kind.FROM_OUTER_LOOP, binding.expr, binding.expr, name.id))

    @staticmethod
    def _is_made_in(expression: ast.expr, region: ast.AST) -> bool:
        """Whether a loop or function makes what an expression gives: what a loop goes through is older than its iterations."""
        iterable = region.iter if isinstance(region, (ast.For, ast.AsyncFor)) else None
        return within(expression, region) and (iterable is None or not within(expression, iterable))

    def _check_outside(self, name: ast.Name) -> None:
        """A part from outside the function must be the same one for all its calls."""
        scope = self.scope.parent.owner(name.id) if self.scope.parent is not None else None
        if scope is not None and any(binding.loop is not None for binding in scope.bindings[name.id]) and self._is_taken(name):
            self._note(Kind.FROM_LOOP, name.id)

    def _attribute(self, node: ast.Attribute) -> None:
        """``self.encoder``: made here, or elsewhere for the object."""
        text = ast.unparse(node)
        if text in self._attributes or text == self.place.holder or base(node) != "self" or not self._is_taken(node):
            return
        self._attributes.add(text)
        if any(within(store, self.region) for store in self._stores(text)):
            self._note(Kind.IN_OBJECT, text)
        elif self.place.loop is None:
            self._note(Kind.FROM_OBJECT, text)

    def _stores(self, text: str) -> Iterator[ast.AST]:
        for node in ast.walk(self.region):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_same(node, text):
                yield node

    def _belongs(self, name: ast.Name, binding: Binding) -> bool:
        """Whether a name holds a part of the model rather than a number, a string or data."""
        values = self.interpreter.eval(name, self.scope)
        if values:
            return is_part(values)
        if isinstance(binding.expr, _PLAIN):
            return False
        return self._is_taken(name) and isinstance(binding.expr, (ast.Call, ast.Name, ast.Attribute))

    def _is_taken(self, node: ast.expr) -> bool:
        """Whether an expression stands where a construction takes a layer, tensor or optimizer."""
        values = self.interpreter.eval(node, self.scope)
        if values and not is_part(values):
            return False
        parent = self.syntax.parents.get(node)
        if isinstance(parent, ast.Attribute) and parent.attr in attributes.PARTS:
            return True
        if isinstance(parent, ast.Call) and parent.func is node:
            is_tensor = (TENSOR in self.interpreter.eval(value, self.scope) for value in parent.args)
            return (isinstance(node, ast.Name) or any(is_tensor)) and not _is_code(
                self.interpreter.callees(parent, self.scope, NO_ENV)
            )
        argument: ast.AST = node
        while isinstance(parent, (ast.List, ast.Tuple, ast.keyword, ast.Dict, ast.Starred)):
            argument, parent = parent, self.syntax.parents.get(parent)
        if not isinstance(parent, ast.Call):
            return False
        if isinstance(argument, ast.keyword) and argument.arg in _NO_PARTS:
            return False
        if effects.does(callee_name(parent), TAKES) or isinstance(parent.func, ast.Call):
            return True
        return self._is_taken_inside(parent, argument)

    def _is_taken_inside(self, call: ast.Call, argument: ast.AST) -> bool:
        """Whether the function that an argument goes to takes it so."""
        func = callgraph.callee(call, self.scope, self.interpreter)
        if func is None:
            return False
        value = argument.value if isinstance(argument, ast.keyword) else argument
        name = parameter(call, func, value) if isinstance(value, ast.expr) else None
        if name is None:
            return False
        for node in ast.walk(func.scope.node):
            if isinstance(node, ast.Call):
                handed = [*node.args, *(k.value for k in node.keywords if k.arg not in _NO_PARTS)]
                handed += [item for value in handed if isinstance(value, (ast.List, ast.Tuple)) for item in value.elts]
                if effects.does(callee_name(node), TAKES) or isinstance(node.func, ast.Call):
                    if any(is_same(value, name) for value in handed):
                        return True
                if is_same(node.func, name):
                    return True
            elif isinstance(node, ast.Attribute) and node.attr in attributes.PARTS and is_same(node.value, name):
                return True
        return False

    # -- what else is made from the parts

    def look_forward(self) -> None:
        """Add what is made from parts beside the model: an encoder, a second head, a callback that was given a layer."""
        own = set(self.building)
        todo = list(self.parts)
        while todo and len(self.parts) < _MAX_NAMES:
            part = todo.pop()
            for read in self.syntax.reads(part, self.place.function):
                if not within(read, self.region) or any(within(read, expression) for expression in own):
                    continue
                statement = self.syntax.statement(read)
                if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
                    continue
                if start(statement) > end(self.place.ready) or not self._goes_into(read, statement.value):
                    continue
                for name in _names(statement):
                    found = [b for b in self.scope.bindings.get(name, ()) if b.expr is not None and within(b.expr, statement)]
                    if name not in self.parts and name != self.place.holder and found:
                        self.parts[name] = found
                        todo.append(name)

    def _goes_into(self, read: ast.expr, value: ast.expr) -> bool:
        """Whether a part becomes part of the value of an assignment, rather than being looked at."""
        values = self.interpreter.eval(value, self.scope)
        if values:
            return is_part(values)
        current: ast.AST = read
        for parent in self.syntax.above(read):
            if isinstance(parent, ast.Call) and _looks(callee_name(parent)):
                return False
            if isinstance(parent, ast.Attribute) and parent.attr not in attributes.PARTS:
                return False
            current = parent
            if current is value:
                break
        return isinstance(value, (ast.Call, ast.Name, ast.Attribute, ast.List, ast.Tuple, ast.Dict))

    # -- what is used afterwards

    def later(self, name: str, binding: Binding) -> Iterator[Use]:
        """Reads of a name after the model is complete, or in the next iteration, that still see what it held before."""
        for node in self.syntax.reads(name, self.place.function):
            if self.syntax.function(node) is not self.place.function:
                is_later = not self._is_in_building(node)
            else:
                is_later = start(node) > end(self.place.ready) and binding in reaching(self.scope.bindings[name], start(node))
                is_later = is_later or self._is_of_the_last(name, node, binding)
            if is_later:
                yield Use(Kind.LEFT_OVER, self.place.call, node, name)
                return

    def _is_of_the_last(self, name: str, read: ast.expr, binding: Binding) -> bool:
        """Whether a read may see what the iteration before left: it comes first, and not every way to it binds the name anew."""
        loop = next((loop for loop in around(self.place.loop) if within(read, loop.node)), None)
        is_first = loop is not None and start(read) < binding.position and inside(binding.position, extent(loop.node))
        return loop is not None and is_first and not is_assigned(read, name, loop.node, self.syntax)

    def _is_in_building(self, node: ast.expr) -> bool:
        """Whether a node is in a function that only the construction is given, such as a loss."""
        for function in self.syntax.above(node):
            if function is self.place.function:
                return False
            if any(within(function, expression) for expression in self.building):
                return True
            if isinstance(function, ast.FunctionDef):
                named = list(self.syntax.reads(function.name, self.place.function))
                if named and all(any(within(read, expression) for expression in self.building) for read in named):
                    return True
        return False

    def handed_away(self, name: str) -> Iterator[Use]:
        """Parts that are collected or stored before the model is complete."""
        for node in self.syntax.reads(name, self.place.function):
            if not within(node, self.region) or start(node) > end(self.place.ready):
                continue
            parent = self.syntax.parents[node]
            while isinstance(parent, (ast.List, ast.Tuple, ast.Dict)):
                parent = self.syntax.parents[parent]
            if (
                isinstance(parent, ast.Call)
                and effects.does(callee_name(parent), STORES)
                and isinstance(parent.func, ast.Attribute)
            ):
                receiver = base(parent.func.value)
                if receiver in self.parts or receiver == self.place.holder.partition(".")[0] or self._is_local(receiver):
                    continue
                yield Use(Kind.PART_COLLECTED, self.place.call, node, name)
            elif isinstance(parent, ast.Assign) and any(isinstance(t, (ast.Subscript, ast.Attribute)) for t in parent.targets):
                if parent.value is not self.place.call and base(parent.targets[0]) not in self.parts:
                    yield Use(Kind.PART_STORED, self.place.call, node, name)

    def _is_local(self, name: str) -> bool:
        """Whether every value of a name is made in the iteration."""
        bindings = [b for b in self.scope.bindings.get(name, ()) if b.kind != "item"]
        return bool(bindings) and all(inside(binding.position, extent(self.region)) for binding in bindings)


def is_made_for_call(function: Scope, name: str) -> bool:
    """Whether every call of a function hands over a plain value, or an object made on the spot, for a parameter."""
    sites = function.module.calls_named(getattr(function.node, "name", ""))
    if not isinstance(function.node, FunctionNode) or not sites:
        return False
    for call in (site.node for site in sites):
        value = given(call, as_method(function)).get(name, ast.Constant(None))
        if not is_plain(call) or not isinstance(value, (ast.Constant, ast.Call)):
            return False
    return True


def building(place: Construction) -> list[tuple[ast.AST, Scope]]:
    """The expressions that the model is made of, and those that their names stand for, each with its scope."""
    found: list[tuple[ast.AST, Scope]] = []
    todo: list[ast.AST] = [place.call, *place.compiles, *setup_calls(place)]
    seen = {place.holder}
    while todo and len(found) < _MAX_NAMES:
        node = todo.pop()
        found.append((node, place.scope))
        for name in names_read(node) - seen:
            seen.add(name)
            bound = [
                b.expr for b in place.scope.bindings_of(name) if b.kind in {"value", "item"} and b.position <= end(place.ready)
            ]
            todo += [expr for expr in bound if isinstance(expr, _MADE)]
    return found


def setup_calls(place: Construction) -> list[ast.Call]:
    """``model.add(...)`` and other calls of its methods between construction and completion."""
    if not place.holder:
        return []
    suite = syntax_of(place.scope.module).suite(place.built)
    between = [s for s in suite if start(place.built) < start(s) <= start(place.ready)]
    return [call for statement in between for _, call in methods(place.holder, statement)]


def _looks(name: str) -> bool:
    """Whether what a call gives is no part, and made of none."""
    known = effects.effects(name)
    return bool(known & (LOOKS | COPIES)) and not known & COMPUTES


def _is_code(values: Values) -> bool:
    """Whether what is called is a function or class, not a layer."""
    return bool(values) and all(isinstance(value, (Func, Cls, Api)) for value in values)


def _reads(node: ast.AST) -> Iterator[ast.Name]:
    """Names that an expression reads, but for those that it only copies from."""
    if isinstance(node, ast.Call) and effects.does(callee_name(node), COPIES):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _reads(child)


def _attributes(node: ast.AST) -> Iterator[ast.Attribute]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and isinstance(inner.ctx, ast.Load):
            yield inner


def _names(statement: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
