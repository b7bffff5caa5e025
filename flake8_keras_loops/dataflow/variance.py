"""What changes from one iteration of a loop to the next?

What an iteration *writes* (:func:`writes`) is held against what an expression *reads*, itself and through the functions that it
names (:func:`reads`, :class:`Variance`). Of what does change, :func:`degrees` says how much that matters to a model that is built
from it: the shape of an iteration's data, a learning rate or a seed leave the architecture alone, a layer's width does not.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from enum import IntEnum

from ..knowledge import attributes, effects
from ..knowledge.effects import MUTATES
from ..semantics import callgraph
from ..semantics.binding import given, positional
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
    remembered,
)
from ..semantics.syntax import scoped, walk
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


# -- how much it matters


class Degree(IntEnum):
    """What a part of an expression decides of the model that is built from it."""

    SHAPE = 1  # of the data, which is the same for all iterations of an ordinary loop
    RATE = 2  # a learning rate, a seed, an initializer or a name: none is part of the architecture
    ARCHITECTURE = 3


@remembered
def driven_names(loop: Loop) -> frozenset[str]:
    """Names that hold what the loop counts through, or something made of it."""
    return spread(frozenset(targets(loop)), body(loop))


def spread(names: Iterable[str], statements: list[ast.stmt]) -> frozenset[str]:
    """``names``, and those that statements assign something to that was made of them."""
    made = set(names)
    nodes = list(walk(statements))
    assigns = [node for node in nodes if isinstance(node, (ast.Assign, ast.AnnAssign))]
    choices = _choices(assigns)
    for _ in range(3):
        decided: set[ast.AST] = set()
        for node in nodes:
            if isinstance(node, ast.If) and node not in decided and any(deciding(node.test, made)):
                decided.update(walk([*node.body, *node.orelse]))
        chosen = walk(node for node in assigns if node in decided)
        made |= choices.intersection(target.id for target in chosen if isinstance(target, ast.Name))
        for node in assigns:
            if node.value is not None and any(deciding(node.value, made)):
                stored = walk(node.targets if isinstance(node, ast.Assign) else [node.target])
                made |= {target.id for target in stored if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store)}
    return frozenset(made)


def _choices(assigns: list[ast.Assign | ast.AnnAssign]) -> set[str]:
    """Names that get one value here and another there."""
    values: dict[str, set[str]] = {}
    for node in assigns:
        if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Call):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, set()).add(ast.unparse(node.value))
    return {name for name, texts in values.items() if len(texts) > 1}


def handed_on(call: ast.Call, names: frozenset[str], func: Func, interpreter: Interpreter, scope: Scope) -> frozenset[str]:
    """The names in a called function that hold, or are made of, what ``names`` hold at its call."""
    found = {name for name, value in given(call, func).items() if any(deciding(value, names, interpreter, scope))}
    return spread(found, getattr(func.scope.node, "body", []))


def deciding(
    node: ast.AST, names: Set[str], interpreter: Interpreter | None = None, scope: Scope | None = None, depth: int = 0
) -> Iterator[ast.Name]:
    """The reads of ``names`` in an expression that can decide a model's architecture."""
    return (name for name, degree in degrees(node, names, interpreter, scope, depth) if degree is Degree.ARCHITECTURE)


def degrees(
    node: ast.AST, names: Set[str], interpreter: Interpreter | None = None, scope: Scope | None = None, depth: int = 0
) -> Iterator[tuple[ast.Name, Degree]]:
    """The reads of ``names`` in an expression, each with what it decides.

    With ``interpreter`` and ``scope``, what a function of the project does with its arguments is looked at.
    """
    if isinstance(node, ast.Name):
        if node.id in names:
            yield node, Degree.ARCHITECTURE
        return
    least = Degree.ARCHITECTURE
    rates: set[ast.AST] = set()
    if isinstance(node, ast.Attribute):
        least = Degree.SHAPE if node.attr in attributes.OF_SHAPE else least
    elif isinstance(node, ast.Call):
        name = callee_name(node)
        least = Degree.SHAPE if name in attributes.ABOUT_SIZE else Degree.RATE if "seed" in name else least
        rates = _rates(node, interpreter, scope, depth) if least is Degree.ARCHITECTURE else rates
    for child in ast.iter_child_nodes(node):
        most = Degree.RATE if child in rates else least
        for read, degree in degrees(child, names, interpreter, scope, depth):
            yield read, min(degree, most)


def _rates(call: ast.Call, interpreter: Interpreter | None, scope: Scope | None, depth: int) -> set[ast.AST]:
    """The arguments of a call that do not decide an architecture."""
    found: set[ast.AST] = {k for k in call.keywords if k.arg and k.arg.endswith(attributes.NOT_ARCHITECTURE)}
    if callee_name(call) in attributes.OPTIMIZERS:
        found |= set(call.args[:1])
    if interpreter is None or scope is None or depth >= _MAX_DEPTH:
        return found
    func = callgraph.callee(call, scope, interpreter)
    if func is None or isinstance(func.scope.node, ast.Lambda):
        return found
    names = [parameter.arg for parameter in parameters(func.scope.node.args)][func.receiver is not None :]  # type: ignore[attr-defined]
    free = {name for name in names if not _decides(func, name, interpreter, depth + 1)}
    found |= {value for name, value in zip(names, call.args) if name in free}
    return found | {k for k in call.keywords if k.arg in free}


def _decides(func: Func, name: str, interpreter: Interpreter, depth: int) -> bool:
    """Whether a parameter of a function can decide what it builds."""
    statements = getattr(func.scope.node, "body", ())
    return any(True for statement in statements for _ in deciding(statement, {name}, interpreter, func.scope, depth))


# -- attributes, also through the methods of an object


def sets_what_is_read(loop: Loop, root: ast.AST, scope: Scope, interpreter: Interpreter) -> bool:
    """Whether a loop stores into an attribute that ``root`` reads, itself or through a method of the same object."""
    read = set(_attributes([(root, scope)], interpreter, ast.Load))
    if not read:
        return False
    statements: list[tuple[ast.AST, Scope]] = [(statement, loop.scope) for statement in body(loop)]
    return not read.isdisjoint(_attributes(statements, interpreter, ast.Store, root))


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
