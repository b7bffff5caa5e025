"""Is the value of an expression the same in every iteration of a loop?

*Steady* is what reads nothing that the loop may change: no name that an iteration binds (but for one that it binds, once, to
something steady), no attribute or item that it stores into, nothing that only a call can tell.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..semantics.interpreter import Resolver
from ..semantics.scopes import Loop, Scope
from ..semantics.values import NO_ENV, Api
from .loops import assigned, targets

#: Methods that change what they are called on.
MUTATING = frozenset({"append", "add", "extend", "insert", "update", "pop", "remove", "clear", "setdefault", "sort", "reverse"})
_MAX_DEPTH = 4
_RECKONING = frozenset(
    {"str", "int", "float", "bool", "len", "tuple", "list", "dict", "min", "max", "sum", "abs", "round", "format"}
)
_OF_TEXT = frozenset(
    {"format", "join", "lower", "upper", "strip", "rstrip", "lstrip", "removesuffix", "removeprefix", "joinpath"}
    | {"with_suffix", "with_name", "as_posix", "expanduser", "absolute", "resolve", "get"}
)
_PATHS = ("os.path.", "os.fspath", "pathlib.", "posixpath.")
_READING = frozenset({"os.path.exists", "os.path.isfile", "os.path.isdir", "os.path.getmtime", "os.path.getsize"})


class Steadiness:
    """Answers for the expressions of one loop's body."""

    def __init__(self, resolver: Resolver, loop: Loop) -> None:
        self.resolver = resolver
        self.loop = loop
        self.changing = assigned(loop)
        self._stores: dict[str, list[ast.AST]] | None = None

    def is_steady(self, node: ast.AST, scope: Scope, calls: bool = False, depth: int = 0) -> bool:
        """Whether an expression has one value. ``calls``: whatever it calls gives the same for the same arguments."""
        return not any(self.changes(node, scope, calls, depth))

    def changes(self, node: ast.AST, scope: Scope, calls: bool = False, depth: int = 0) -> Iterator[ast.AST]:
        """The parts of an expression that may have another value in another iteration."""
        own = _own_names(node)
        for inner in ast.walk(node):
            if isinstance(inner, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)):
                yield inner
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.id not in own:
                if not self._is_steady_name(inner, scope, calls, depth):
                    yield inner
            elif isinstance(inner, (ast.Attribute, ast.Subscript)):
                if ast.unparse(inner) in self._places() or self._is_set_by_methods(inner, scope):
                    yield inner
            elif isinstance(inner, ast.Call) and not calls:
                if not self._only_reckons(inner, scope):
                    yield inner

    def value(self, name: str) -> ast.expr | None:
        """What an iteration binds a name to, if it does so once and plainly."""
        if name in set(targets(self.loop)) or isinstance(self.loop.node, ast.expr):
            return None
        stores = self._stored().get(name, [])
        if len(stores) != 1 or not isinstance(stores[0], (ast.Assign, ast.AnnAssign)):
            return None
        return stores[0].value

    def _is_steady_name(self, node: ast.Name, scope: Scope, calls: bool, depth: int) -> bool:
        name = node.id
        if name in _globals_set(scope):
            return False
        if name not in self.changing:
            return name not in self._mutated()
        value = self.value(name)
        if value is None or depth >= _MAX_DEPTH or name in self._mutated():
            return False
        return self.is_steady(value, scope, calls, depth + 1)

    def _stored(self) -> dict[str, list[ast.AST]]:
        """Where the body binds each name: the statement, if that is a plain assignment, else the name."""
        if self._stores is None:
            self._stores = {}
            plain: set[ast.AST] = set()
            for node in ast.walk(self.loop.node):
                if isinstance(node, (ast.Assign, ast.AnnAssign)):
                    aims = node.targets if isinstance(node, ast.Assign) else [node.target]
                    if len(aims) == 1 and isinstance(aims[0], ast.Name):
                        plain.add(aims[0])
                        self._stores.setdefault(aims[0].id, []).append(node)
            for node in ast.walk(self.loop.node):
                if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node not in plain:
                    self._stores.setdefault(node.id, []).append(node)
                elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    self._stores.setdefault(node.name, []).append(node)
        return self._stores

    def _places(self) -> set[str]:
        """How the attributes and items are spelled that the loop stores into."""
        known = self.loop.cache.get("places")
        if not isinstance(known, set):
            known = self.loop.cache["places"] = {
                ast.unparse(node)
                for node in ast.walk(self.loop.node)
                if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)
            }
        return known

    def _mutated(self) -> set[str]:
        """Names of what the loop changes by a method, or by storing into an item."""
        known = self.loop.cache.get("mutated")
        if isinstance(known, set):
            return known
        names: set[str] = set()
        for node in ast.walk(self.loop.node):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATING:
                if isinstance(node.func.value, ast.Name):
                    names.add(node.func.value.id)
            elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name):
                names.add(node.value.id)
        self.loop.cache["mutated"] = names
        return names

    def _is_set_by_methods(self, node: ast.Attribute | ast.Subscript, scope: Scope) -> bool:
        """``self.path``, which a method other than ``__init__`` sets."""
        owner = scope.enclosing_class()
        if owner is None or not isinstance(node, ast.Attribute) or ast.unparse(node.value) != "self":
            return False
        setters = owner.attributes.get(node.attr, ())
        return any(getattr(binding.scope.node, "name", "") != "__init__" for binding in setters)

    def _only_reckons(self, call: ast.Call, scope: Scope) -> bool:
        """Whether a call gives the same for the same arguments: it puts a path or text together."""
        values = self.resolver.callees(call, scope, NO_ENV)
        names = [value.name for value in values if isinstance(value, Api)]
        if names:
            return all(puts_path_together(name) or name in _RECKONING for name in names)
        if isinstance(call.func, ast.Name):
            return not values and call.func.id in _RECKONING
        return isinstance(call.func, ast.Attribute) and call.func.attr in _OF_TEXT


def puts_path_together(name: str) -> bool:
    """Whether a public function makes a path without looking at what is there."""
    return name.startswith(_PATHS) and name not in _READING


def _own_names(node: ast.AST) -> set[str]:
    """Variables of the comprehensions and lambdas in an expression."""
    own: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.comprehension):
            own |= {n.id for n in ast.walk(inner.target) if isinstance(n, ast.Name)}
        elif isinstance(inner, ast.Lambda):
            own |= {a.arg for a in (*inner.args.posonlyargs, *inner.args.args, *inner.args.kwonlyargs)}
    return own


def _globals_set(scope: Scope) -> set[str]:
    """Names that some function of the module declares ``global`` or ``nonlocal``."""
    return {name for inner in scope.module.scope_of.values() for name in inner.outer_names}
