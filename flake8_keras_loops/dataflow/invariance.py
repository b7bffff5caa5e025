"""Does what a construction reads change from one iteration to the next?

Two questions. *Driven*: does it read, directly or through names, what the loop counts through (a layer's width from a grid)?
Then every iteration's model differs. Reading only the shape of the iteration's data, a learning rate or a seed is not that: these
leave the architecture alone. *Changing*: does it read anything that an iteration binds? What does not is loop-invariant.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ..semantics.interpreter import Resolver
from ..semantics.scopes import Loop, Scope, callee_name, parameters
from ..semantics.values import NO_ENV, Func
from .loops import assigned, body, targets

_OF_SHAPE = frozenset({"shape", "ndim", "dtype", "columns", "size", "element_spec"})
_SIZES = frozenset({"len", "set_random_seed", "print", "shape", "isinstance"})
_HANDED_OVER = ("learning_rate", "lr", "initializer", "seed", "name")
_OPTIMIZERS = frozenset(
    {"SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "Lamb", "Adafactor"}
)
_MAX_DEPTH = 4


def driven_names(loop: Loop) -> set[str]:
    """Names that hold what the loop counts through, or something made of it."""
    return spread(set(targets(loop)), body(loop))


def spread(names: set[str], statements: list[ast.stmt]) -> set[str]:
    """``names``, and those that statements assign something to that was made of them."""
    names = set(names)
    nodes = [node for statement in statements for node in ast.walk(statement)]
    assigns = [node for node in nodes if isinstance(node, (ast.Assign, ast.AnnAssign))]
    for _ in range(3):
        for node in nodes:
            if isinstance(node, ast.If) and any(reads(node.test, names)):
                names |= _decided(node, assigns)
        for node in assigns:
            if node.value is not None and any(reads(node.value, names)):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    names.update(n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return names


def _decided(test: ast.If, assigns: list[ast.Assign | ast.AnnAssign]) -> set[str]:
    """Names that get one value or another, depending on a test."""
    inside = {id(node) for branch in (*test.body, *test.orelse) for node in ast.walk(branch)}
    values: dict[str, set[str]] = {}
    for node in assigns:
        if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Call):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, set()).add(ast.unparse(node.value))
    chosen = {target.id for node in assigns if id(node) in inside for target in ast.walk(node) if isinstance(target, ast.Name)}
    return {name for name in chosen if len(values.get(name, ())) > 1}


def handed_on(call: ast.Call, names: set[str], func: Func, resolver: Resolver, scope: Scope) -> set[str]:
    """The names in a called function that hold, or are made of, what ``names`` hold at its call."""
    arguments = func.scope.node.args  # type: ignore[attr-defined]
    order = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)][func.receiver is not None :]
    driven = {name for name, value in zip(order, call.args) if any(reads(value, names, resolver, scope))}
    driven |= {k.arg for k in call.keywords if k.arg and any(reads(k.value, names, resolver, scope))}
    return spread(driven, getattr(func.scope.node, "body", []))


def changing_names(loop: Loop) -> set[str]:
    """Names that an iteration binds."""
    return assigned(loop)


def reads(
    node: ast.AST, names: set[str], resolver: Resolver | None = None, scope: Scope | None = None, depth: int = 0
) -> Iterator[ast.Name]:
    """The reads of ``names`` in an expression that can decide a model's architecture.

    With ``resolver`` and ``scope``, what a function of the project does with its arguments is looked at.
    """
    if isinstance(node, ast.Name):
        if node.id in names:
            yield node
        return
    if isinstance(node, ast.Attribute) and node.attr in _OF_SHAPE:
        return
    if isinstance(node, ast.Call):
        name = callee_name(node)
        if name in _SIZES or "seed" in name:
            return
        yield from reads(node.func, names, resolver, scope, depth)
        ignored = _ignored(node, resolver, scope, depth)
        for position, argument in enumerate(node.args):
            if position not in ignored:
                yield from reads(argument, names, resolver, scope, depth)
        for keyword in node.keywords:
            if keyword.arg not in ignored:
                yield from reads(keyword.value, names, resolver, scope, depth)
        return
    for child in ast.iter_child_nodes(node):
        yield from reads(child, names, resolver, scope, depth)


def _ignored(call: ast.Call, resolver: Resolver | None, scope: Scope | None, depth: int) -> set[object]:
    """Arguments, by position or keyword, that do not decide an architecture."""
    ignored: set[object] = {keyword.arg for keyword in call.keywords if keyword.arg and keyword.arg.endswith(_HANDED_OVER)}
    if callee_name(call) in _OPTIMIZERS:
        ignored.add(0)
    if resolver is None or scope is None or depth >= _MAX_DEPTH:
        return ignored
    callees = resolver.callees(call, scope, NO_ENV)
    if len(callees) != 1 or not isinstance(callees[0], Func) or isinstance(callees[0].scope.node, ast.Lambda):
        return ignored
    func = callees[0]
    arguments = func.scope.node.args  # type: ignore[attr-defined]
    names = [parameter.arg for parameter in parameters(arguments)]
    if func.receiver is not None:
        names = names[1:]
    for position, name in enumerate(names):
        if not any(_decides(func.scope.node, name, resolver, func.scope, depth + 1)):
            ignored |= {position, name}
    return ignored


def _decides(function: ast.AST, name: str, resolver: Resolver, scope: Scope, depth: int) -> Iterable[ast.Name]:
    """Reads of a parameter in a function that can decide what it builds."""
    for statement in getattr(function, "body", ()):
        yield from reads(statement, {name}, resolver, scope, depth)
