"""What is known of a module before anything is evaluated: its scopes, what binds each name, its loops, its calls.

:mod:`.indexer` fills these records; :mod:`.interpreter` asks them what a name may stand for.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, NamedTuple, TypeVar

Position = tuple[int, int]
Extent = tuple[Position, Position]
Path = tuple[int, ...]
Comprehension = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FunctionNode = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_MAX_NEAR = 50
START: Position = (0, 0)
END: Position = (1 << 60, 0)


@dataclass(eq=False, slots=True)
class Binding:
    """One way in which a name gets a value.

    ``kind``: ``import`` (``target`` is a dotted name), ``def``, ``class``, ``param``, ``value`` (``expr``), ``element``
    (an element of ``expr``), ``item`` (``expr`` is put into the collection that the name holds), ``opaque``.
    ``path``: indices that unpacking applies to the value. ``suite``: extent of the statements it belongs to.
    ``loop``: extent of the innermost loop around it, in the same scope.
    """

    kind: str
    position: Position
    suite: Extent
    scope: Scope
    node: ast.AST | None = None
    expr: ast.expr | None = None
    path: Path = ()
    target: str = ""
    loop: Extent | None = None


@dataclass(eq=False, slots=True)
class Loop:
    """A loop statement or a comprehension, the scope it stands in and the loop around it in that scope.

    Of a function that something calls over and over, ``is_fresh``: each call is of a new object; ``goes_on``: also after a call
    that raised. ``cache``: see :func:`remembered`.
    """

    node: ast.AST
    scope: Scope
    parent: Loop | None
    is_fresh: bool = False
    goes_on: bool = False
    cache: dict[object, Any] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Scope:
    """A module, function, lambda, class or comprehension. ``attributes``: what methods store on ``self`` (classes only)."""

    kind: str
    node: ast.AST
    parent: Scope | None
    module: Module
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    returns: list[ast.expr] = field(default_factory=list)
    outer_names: dict[str, str] = field(default_factory=dict)
    is_generator: bool = False

    def function(self) -> Scope:
        """The function, class or module whose names an expression in this scope sees first."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope

    def outward(self) -> Iterator[Scope]:
        """This scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def owner(self, name: str) -> Scope | None:
        """The scope whose variable a name is, seen from here: of the classes around, functions do not see the variables."""
        seen = (scope for scope in self.outward() if scope.kind != "class" or scope is self)
        return next((scope for scope in seen if name in scope.bindings), None)

    def bindings_of(self, name: str) -> list[Binding]:
        """What binds a name that is read here, in whatever scope; empty for a name that the module does not bind."""
        owner = self.owner(name)
        return owner.bindings[name] if owner is not None else []

    def enclosing_class(self) -> Scope | None:
        """The class whose method this scope is in, or ``None``."""
        return next((scope for scope in self.outward() if scope.kind == "class"), None)


class CallSite(NamedTuple):
    """A call, the scope it stands in, and the innermost loop of that function that evaluates it again and again."""

    node: ast.Call
    scope: Scope
    loop: Loop | None


class Module:
    """An indexed module. ``path``: where it was read, ``""`` for text without a file. ``cache``: see :func:`remembered`."""

    def __init__(self, tree: ast.Module, path: str = "") -> None:
        self.tree = tree
        self.path = path
        self.scope = Scope("module", tree, None, self)
        self.scope_of: dict[ast.AST, Scope] = {tree: self.scope}
        self.loops: list[Loop] = []
        self.calls: list[CallSite] = []
        self.decorated: list[tuple[ast.expr, Scope, Definition, Loop | None]] = []
        self.cache: dict[object, Any] = {}

    @cached_property
    def packages(self) -> set[str]:
        """The first parts of the names of the modules that it imports."""
        bindings = (binding for found in self.scope.bindings.values() for binding in found if binding.kind == "import")
        return {binding.target.partition(":")[0].partition(".")[0] for binding in bindings}

    @cached_property
    def called(self) -> frozenset[ast.expr]:
        """What stands before the parentheses of calls: in ``f(x)(y)`` also ``f(x)``."""
        return frozenset(site.node.func for site in self.calls)

    @cached_property
    def _in_order(self) -> tuple[list[Position], list[CallSite]]:
        ordered = sorted(self.calls, key=lambda site: start(site.node))
        return [start(site.node) for site in ordered], ordered

    @cached_property
    def _by_name(self) -> dict[str, list[CallSite]]:
        found: dict[str, list[CallSite]] = {}
        for site in self.calls:
            found.setdefault(callee_name(site.node), []).append(site)
        return found

    def calls_within(self, node: ast.AST) -> list[CallSite]:
        """The calls in a part of the module, in the order of the text."""
        starts, ordered = self._in_order
        if isinstance(node, ast.Module):
            return ordered
        return ordered[bisect_left(starts, start(node)) : bisect_right(starts, end(node))]

    def calls_named(self, name: str) -> list[CallSite]:
        """Calls whose callee ends in ``name``."""
        return self._by_name.get(name, [])


_Owner = TypeVar("_Owner", Loop, Module)
_Answer = TypeVar("_Answer")


def remembered(work_out: Callable[[_Owner], _Answer]) -> Callable[[_Owner], _Answer]:
    """Makes a function of a loop or module work out its answer once for each."""

    @wraps(work_out)
    def ask(owner: _Owner) -> _Answer:
        if work_out not in owner.cache:
            owner.cache[work_out] = work_out(owner)
        answer: _Answer = owner.cache[work_out]
        return answer

    return ask


def callee_name(call: ast.Call) -> str:
    """The last part of how a call names its callee, ``""`` where it has no name."""
    func = call.func
    if isinstance(func, ast.Name):
        return func.id
    return func.attr if isinstance(func, ast.Attribute) else ""


def start(node: ast.AST) -> Position:
    """Where a node starts."""
    return (node.lineno, node.col_offset)  # type: ignore[attr-defined]


def end(node: ast.AST) -> Position:
    """Where a node ends."""
    return (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]


def extent(node: ast.AST) -> Extent:
    """Where a node starts and ends."""
    return (start(node), end(node))


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters, in the order of the signature."""
    vararg, kwarg = arguments.vararg, arguments.kwarg
    named = [*arguments.posonlyargs, *arguments.args, *([vararg] if vararg else []), *arguments.kwonlyargs]
    return [*named, kwarg] if kwarg else named


def receiver(function: ast.AST) -> str:
    """The parameter that a method's object meets, ``""`` where there is none."""
    arguments: ast.arguments = function.args  # type: ignore[attr-defined]
    return next((parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)), "")


def method_kind(function: ast.AST | None) -> str:
    """``staticmethod`` or ``classmethod`` for such a method, ``""`` for others."""
    names = {each.id for each in getattr(function, "decorator_list", ()) if isinstance(each, ast.Name)}
    return next((kind for kind in ("staticmethod", "classmethod") if kind in names), "")


def inside(position: Position, where: Extent) -> bool:
    """Whether a position lies in an extent."""
    return where[0] <= position <= where[1]


def reaching(bindings: list[Binding], at: Position) -> list[Binding]:
    """The bindings of one scope that may hold at a position of the same scope; of many, the nearest ones on either side."""
    if len(bindings) == 1:
        return bindings
    first = split = bisect_right(bindings, at, key=lambda binding: binding.position)
    killer: Binding | None = None
    while first > max(0, split - _MAX_NEAR) and killer is None:
        first -= 1
        if bindings[first].kind != "item" and inside(at, bindings[first].suite):
            killer = bindings[first]
    found = bindings[first:split]
    for binding in bindings[split : split + _MAX_NEAR]:  # later in the text, earlier in time: the rest of a loop
        if binding.position > at and binding.loop and inside(at, binding.loop):
            if killer is None or killer.position < binding.loop[0]:
                found.append(binding)
    return found or bindings[:_MAX_NEAR]
