"""What changes from one iteration of a loop to the next?

What an iteration *writes* (:func:`writes`) is held against what an expression *reads*, itself and through the functions that it
names (:func:`reads`, :class:`Variance`).
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

from ..knowledge import effects
from ..knowledge.effects import MUTATES
from ..semantics.binding import positional
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import (
    Binding,
    Comprehension,
    FunctionNode,
    Loop,
    Scope,
    callee_name,
    extent,
    inside,
    parameters,
)
from ..semantics.syntax import base, method_calls, scoped
from ..semantics.values import NO_ENV, Api, Func
from .loops import body, targets

_MAX_DEPTH = 4
_MAX_FOLLOWED = 50
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


# -- what an iteration writes


@dataclass(frozen=True, eq=False)
class Writes:
    """``names``: those that an iteration binds, each with where: the statement, if that is a plain assignment, else the node.
    ``imports``: names that it only imports. ``places``: the attributes and items that it stores into. ``calls``: the methods
    that it calls."""

    names: dict[str, list[ast.AST]]
    imports: frozenset[str]
    places: tuple[ast.Attribute | ast.Subscript, ...]
    calls: tuple[ast.Call, ...]

    def spelled(self) -> set[str]:
        """The attributes and items that are stored into, and what a method changes, as they are spelled."""
        return {ast.unparse(place) for place in self.places} | {ast.unparse(receiver) for receiver in self.mutated()}

    def mutated(self) -> Iterator[ast.expr]:
        """What is changed by a method, or by storing into an item of it."""
        for call in self.calls:
            if isinstance(call.func, ast.Attribute) and effects.does(call.func.attr, MUTATES):
                yield call.func.value
        yield from (place.value for place in self.places if isinstance(place, ast.Subscript))


def writes(loop: Loop) -> Writes:
    """What an iteration of a loop writes, worked out once."""
    known = loop.cache.get("writes")
    if not isinstance(known, Writes):
        known = loop.cache["writes"] = _writes(loop)
    return known


def _writes(loop: Loop) -> Writes:
    names: dict[str, list[ast.AST]] = {name: [] for name in targets(loop)}
    imports: set[str] = set()
    places: list[ast.Attribute | ast.Subscript] = []
    calls: list[ast.Call] = []
    plain: set[ast.AST] = set()
    for node in ast.walk(loop.node):
        name: str | None = None
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            aims = node.targets if isinstance(node, ast.Assign) else [node.target]
            if len(aims) == 1 and isinstance(aims[0], ast.Name):
                plain.add(aims[0])
                name = aims[0].id
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node not in plain:
            name = node.id
        elif isinstance(node, (*_NAMED, ast.ExceptHandler)) and node is not loop.node:
            name = node.name
        elif isinstance(node, ast.alias):
            imports.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            places.append(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            calls.append(node)
        if name:
            names.setdefault(name, []).append(node)
    return Writes(names, frozenset(imports), tuple(places), tuple(calls))


def declared_elsewhere(scope: Scope) -> frozenset[str]:
    """Names that some function of the module declares ``global`` or ``nonlocal``, so that it may bind them at any time."""
    known = scope.module.cache.get("declared")
    if not isinstance(known, frozenset):
        found = {name for inner in scope.module.scope_of.values() for name in inner.outer_names}
        known = scope.module.cache["declared"] = frozenset(found)
    return known


# -- is a value the same in every iteration?


class Variance:
    """Answers for the expressions of one loop's body."""

    def __init__(self, interpreter: Interpreter, loop: Loop) -> None:
        self.interpreter = interpreter
        self.loop = loop
        self.writes = writes(loop)
        self._spelled = self.writes.spelled()

    def is_invariant(self, node: ast.AST, scope: Scope, calls: bool = False) -> bool:
        """Whether an expression has one value. ``calls``: whatever it calls gives the same for the same arguments."""
        return not any(self.changes(node, scope, calls))

    def changes(self, node: ast.AST, scope: Scope, calls: bool = False, depth: int = 0) -> Iterator[ast.AST]:
        """The parts of an expression that may have another value in another iteration."""
        own = own_names(node)
        for inner in ast.walk(node):
            if isinstance(inner, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)):
                yield inner
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.id not in own:
                if not self._is_invariant_name(inner.id, scope, calls, depth):
                    yield inner
            elif isinstance(inner, (ast.Attribute, ast.Subscript)):
                if ast.unparse(inner) in self._spelled or self._is_set_by_methods(inner, scope):
                    yield inner
            elif isinstance(inner, ast.Call) and not calls:
                if not self._only_reckons(inner, scope):
                    yield inner

    def value(self, name: str) -> ast.expr | None:
        """What an iteration binds a name to, if it does so once and plainly."""
        bound = self.writes.names.get(name, [])
        if name in set(targets(self.loop)) or isinstance(self.loop.node, ast.expr) or len(bound) != 1:
            return None
        return bound[0].value if isinstance(bound[0], (ast.Assign, ast.AnnAssign)) else None

    def _is_invariant_name(self, name: str, scope: Scope, calls: bool, depth: int) -> bool:
        if name in declared_elsewhere(scope) or name in self._spelled:
            return False
        if name not in self.writes.names:
            return True
        value = self.value(name)
        return value is not None and depth < _MAX_DEPTH and not any(self.changes(value, scope, calls, depth + 1))

    def _is_set_by_methods(self, node: ast.Attribute | ast.Subscript, scope: Scope) -> bool:
        """``self.path``, which a method other than ``__init__`` sets."""
        owner = scope.enclosing_class()
        if owner is None or not isinstance(node, ast.Attribute) or ast.unparse(node.value) != "self":
            return False
        return any(getattr(store.scope.node, "name", "") != "__init__" for store in owner.attributes.get(node.attr, ()))

    def _only_reckons(self, call: ast.Call, scope: Scope) -> bool:
        """Whether a call gives the same for the same arguments: it puts a path or text together."""
        values = self.interpreter.callees(call, scope, NO_ENV)
        names = [value.name for value in values if isinstance(value, Api)]
        if names:
            return all(effects.makes_path(name) or ("." not in name and effects.does(name, effects.PURE)) for name in names)
        if isinstance(call.func, ast.Name) and (values or not hasattr(builtins, call.func.id)):
            return False
        return effects.does(callee_name(call), effects.PURE)


def own_names(node: ast.AST) -> set[str]:
    """Variables of the comprehensions and lambdas in an expression."""
    own: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.comprehension):
            own |= {n.id for n in ast.walk(inner.target) if isinstance(n, ast.Name)}
        elif isinstance(inner, ast.Lambda):
            own |= {parameter.arg for parameter in parameters(inner.args)}
    return own


def names_read(node: ast.AST) -> set[str]:
    """Names that are read from around a node: not the variables of its own comprehensions and lambdas."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return names - own_names(node)


def names_bound(node: ast.AST) -> set[str]:
    """Names that a node binds or deletes."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}


# -- what a function reads from around it


@dataclass(frozen=True)
class Read:
    """A name that a function reads, and the function, class or module around it whose variable that is."""

    node: ast.Name
    owner: Scope

    @property
    def bindings(self) -> list[Binding]:
        """What binds the name."""
        return self.owner.bindings[self.node.id]

    def bound_in(self, loop: Loop) -> list[Binding]:
        """The bindings of the name that stand in a loop."""
        where = extent(loop.node)
        return [binding for binding in self.bindings if binding.kind != "import" and inside(binding.position, where)]


def reads(root: ast.AST, scope: Scope) -> list[Read]:
    """What is read from around ``root``, also by the functions of the same module that it names."""
    found: list[Read] = []
    todo: list[tuple[ast.AST, Scope]] = [(root, scope)]
    seen: set[ast.AST] = {root}
    while todo and len(seen) < _MAX_FOLLOWED:
        part, around = todo.pop()
        own = set(_scopes_within(part, around))
        for node, inner in scoped(part, around):
            if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
                continue
            owner = inner.owner(node.id)
            if owner is None or owner in own:
                continue
            functions = [_function(binding) for binding in owner.bindings[node.id]]
            if not all(functions):
                found.append(Read(node, owner))
            for function in functions:
                if function is not None and function not in seen:
                    seen.add(function)
                    todo.append((function, owner))
    return found


def _scopes_within(root: ast.AST, scope: Scope) -> Iterator[Scope]:
    for node in ast.walk(root):
        if isinstance(node, (*FunctionNode, *Comprehension, ast.ClassDef)) and node in scope.module.scope_of:
            yield scope.module.scope_of[node]


def _function(binding: Binding) -> ast.AST | None:
    """The function that a binding makes, if it makes one."""
    if binding.kind == "def":
        return binding.node
    return binding.expr if isinstance(binding.expr, ast.Lambda) and not binding.path else None


def rebound(found: list[Read], loop: Loop, root: ast.AST | None = None) -> list[Read]:
    """Those reads of which an iteration of a loop binds the name. What ``root`` puts into a collection does not count."""
    own = {loop.scope, loop.scope.function()}
    where = extent(root) if root is not None else None
    return [
        read
        for read in found
        if read.owner in own and any(where is None or not inside(place.position, where) for place in read.bound_in(loop))
    ]


# -- attributes, also through the methods of an object


def sets_what_is_read(loop: Loop, root: ast.AST, scope: Scope, interpreter: Interpreter) -> bool:
    """Whether a loop stores into an attribute that ``root`` reads, itself or through a method of the same object."""
    read = set(_attributes([(root, scope)], interpreter, ast.Load))
    if not read:
        return False
    return not read.isdisjoint(_attributes(_statements(loop), interpreter, ast.Store, root))


def set_and_read(loop: Loop, root: ast.AST, scope: Scope, interpreter: Interpreter) -> set[tuple[str, str]]:
    """``(name, attribute)`` for each that a loop stores into, or may change, and a method reads that ``root`` names."""
    direct = {(base(node), node.attr) for node in ast.walk(root) if isinstance(node, ast.Attribute)}
    read = set(_attributes([(root, scope)], interpreter, ast.Load)) - direct
    if not read:
        return set()
    owners = (owner for _, owner, name in method_calls(writes(loop).calls) if effects.may_mutate(name))
    changed = {(base(owner), owner.attr) for owner in owners if isinstance(owner, ast.Attribute)}
    return read & changed.union(_attributes(_statements(loop), interpreter, ast.Store, root))


def _statements(loop: Loop) -> list[tuple[ast.AST, Scope]]:
    return [(statement, loop.scope) for statement in body(loop)]


def _attributes(
    roots: list[tuple[ast.AST, Scope]],
    interpreter: Interpreter,
    context: type[ast.expr_context],
    left_out: ast.AST | None = None,
) -> Iterator[tuple[str, str]]:
    """``(name, attribute)`` for each that is read or stored, also in methods that are called: they see ``name`` as ``self``."""
    todo = [(root, scope, "", "", 0) for root, scope in roots]
    seen: set[tuple[ast.AST, str]] = set()
    while todo:
        root, scope, seen_as, name, depth = todo.pop()
        for node, inner in scoped(root, scope):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                continue
            owner = name if node.value.id == seen_as else node.value.id if not depth else ""
            if not owner or (left_out is not None and inside(extent(node)[0], extent(left_out))):
                continue
            if isinstance(node.ctx, context):
                yield owner, node.attr
            if depth < 3 and isinstance(node.ctx, ast.Load) and len(seen) < _MAX_FOLLOWED:
                for value in interpreter.eval(node, inner):
                    if isinstance(value, Func) and value.receiver is not None and (value.scope.node, owner) not in seen:
                        seen.add((value.scope.node, owner))
                        first = next(iter(positional(Func(value.scope))), "")
                        todo.append((value.scope.node, value.scope, first, owner, depth + 1))
