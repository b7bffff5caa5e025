"""What a function reads from around it, and what of that a loop binds anew."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..semantics.interpreter import Resolver
from ..semantics.scopes import Binding, Comprehension, FunctionNode, Loop, Scope, callee_name, extent, inside
from ..semantics.values import Func
from .loops import body

_MAX_FOLLOWED = 50
_OF_TENSORS = frozenset({"shape", "dtype", "ndim", "size", "T", "astype", "numpy", "copy"})
_COUNTING = frozenset({"range", "linspace", "arange", "logspace", "geomspace", "trange", "uniform"})
_WRAPPING = frozenset({"enumerate", "zip", "reversed", "sorted", "tqdm", "list", "tuple", "product"})
_MAKING_DATA = frozenset(
    {"float", "int", "bool", "constant", "array", "asarray", "convert_to_tensor", "cast", "sqrt", "exp", "pow"}
)


@dataclass(frozen=True)
class Read:
    """A name that a function reads, and the function, class or module around it whose variable that is."""

    node: ast.Name
    owner: Scope

    @property
    def bindings(self) -> list[Binding]:
        """What binds the name."""
        return self.owner.bindings[self.node.id]


def scoped(root: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The nodes of a part of a module with the scope that each is read in. ``scope``: that of ``root``."""
    stack = [(root, scope)]
    while stack:
        node, around = stack.pop()
        yield node, around
        inner = scope.module.scope_of.get(node, around)
        if isinstance(node, FunctionNode):
            first = [*getattr(node, "decorator_list", ()), *node.args.defaults, *filter(None, node.args.kw_defaults)]
            stack.extend((part, around) for part in first)
            parts: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
            stack.extend((part, inner) for part in parts)
            continue
        stack.extend((child, inner) for child in ast.iter_child_nodes(node))


def owner_of(name: str, scope: Scope) -> Scope | None:
    """The scope whose variable a name is, seen from ``scope``."""
    current: Scope | None = scope
    while current is not None:
        if name in current.bindings and (current.kind != "class" or current is scope):
            return current
        current = current.parent
    return None


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
            owner = owner_of(node.id, inner)
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
    bound = [(read, bound_in(read, loop)) for read in found if read.owner in own]
    where = extent(root) if root is not None else None
    return [read for read, places in bound if any(where is None or not inside(place.position, where) for place in places)]


def bound_in(read: Read, loop: Loop) -> list[Binding]:
    """The bindings of a name that stand in a loop."""
    where = extent(loop.node)
    return [binding for binding in read.bindings if binding.kind != "import" and inside(binding.position, where)]


# -- numbers and arrays, which a traced function may get as an argument


def is_data(read: Read, root: ast.AST, loop: Loop) -> bool:
    """Whether a name that a loop binds plainly holds numbers or arrays, as it is bound and as ``root`` uses it."""
    bindings = bound_in(read, loop)
    return bool(bindings) and all(map(_is_number, bindings)) and not is_used_as_object(read.node.id, root)


def is_used_as_object(name: str, root: ast.AST) -> bool:
    """Whether a name is called, or an attribute of it read that no tensor has."""
    for node in ast.walk(root):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            return True
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            if node.attr not in _OF_TENSORS:
                return True
    return isinstance(root, ast.Name) and root.id == name


def _is_number(binding: Binding) -> bool:
    if binding.expr is None:
        return isinstance(binding.node, ast.Name)  # i += 1
    if binding.kind == "element":
        return _counts(binding.expr, binding.scope, 0)
    return binding.kind == "value" and _is_reckoned(binding.expr)


def _is_reckoned(expr: ast.expr) -> bool:
    if isinstance(expr, ast.Constant):
        return isinstance(expr.value, (int, float))
    if isinstance(expr, ast.Call):
        return callee_name(expr) in _MAKING_DATA
    return isinstance(expr, (ast.BinOp, ast.UnaryOp, ast.Compare))


def _counts(iterable: ast.expr, scope: Scope, depth: int) -> bool:
    """Whether the elements of what a loop goes through are plainly numbers."""
    if isinstance(iterable, (ast.List, ast.Tuple, ast.Set)):
        return bool(iterable.elts) and all(_is_reckoned(item) or _counts(item, scope, depth) for item in iterable.elts)
    if isinstance(iterable, ast.Call):
        name = callee_name(iterable)
        if name in _COUNTING:
            return True
        return name in _WRAPPING and bool(iterable.args) and all(_counts(arg, scope, depth) for arg in iterable.args)
    if isinstance(iterable, ast.Name) and depth < 3:
        owner = owner_of(iterable.id, scope)
        bindings = owner.bindings[iterable.id] if owner is not None else []
        return len(bindings) == 1 and bindings[0].expr is not None and _counts(bindings[0].expr, bindings[0].scope, depth + 1)
    return False


# -- attributes


def sets_what_is_read(loop: Loop, root: ast.AST, scope: Scope, resolver: Resolver) -> bool:
    """Whether a loop stores into an attribute that ``root`` reads, itself or through a method of the same object."""
    read = set(_attributes([(root, scope)], resolver, ast.Load))
    if not read:
        return False
    statements: list[tuple[ast.AST, Scope]] = [(statement, loop.scope) for statement in body(loop)]
    return not read.isdisjoint(_attributes(statements, resolver, ast.Store, root))


def _attributes(
    roots: list[tuple[ast.AST, Scope]], resolver: Resolver, context: type[ast.expr_context], left_out: ast.AST | None = None
) -> Iterator[tuple[str, str]]:
    """``(name, attribute)`` for each that is read or stored, also in methods that are called: they see ``name`` as ``self``."""
    todo = [(root, scope, "", "", 0) for root, scope in roots]
    seen: set[tuple[ast.AST, str]] = set()
    while todo:
        root, scope, seen_as, name, depth = todo.pop()
        for node, inner in scoped(root, scope):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                continue
            base = name if node.value.id == seen_as else node.value.id if not depth else ""
            if not base or (left_out is not None and _lies_in(node, left_out)):
                continue
            if isinstance(node.ctx, context):
                yield base, node.attr
            if depth < 3 and isinstance(node.ctx, ast.Load) and len(seen) < _MAX_FOLLOWED:
                for value in resolver.eval(node, inner):
                    method = value.scope.node if isinstance(value, Func) and value.receiver is not None else None
                    if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) and (method, base) not in seen:
                        seen.add((method, base))
                        first = next(iter((*method.args.posonlyargs, *method.args.args)), None)
                        if first is not None:
                            todo.append((method, value.scope.parent or value.scope, first.arg, base, depth + 1))  # type: ignore[union-attr]


def _lies_in(node: ast.AST, root: ast.AST) -> bool:
    return inside(extent(node)[0], extent(root))
