"""What do the names that a loop drives decide of the model that is built from them?

The shape of an iteration's data, a learning rate or a seed leave the architecture alone, a layer's width does not. In comes a
part of a module with the names in question, out come the reads of them, each with a :class:`Degree`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set
from enum import IntEnum

from ..knowledge import attributes, effects
from ..knowledge.effects import MUTATES, STORES
from ..semantics import callgraph
from ..semantics.binding import given
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Loop, Scope, callee_name, parameters, remembered
from ..semantics.syntax import syntax_of, variable, walk
from ..semantics.values import Func
from .loops import body, targets
from .variance import writes

_MAX_DEPTH = 4


class Degree(IntEnum):
    """What a part of an expression decides of the model that is built from it."""

    SHAPE = 1  # of the data, which is the same for all iterations of an ordinary loop
    RATE = 2  # a learning rate, a seed, an initializer or a name: none is part of the architecture
    ARCHITECTURE = 3


@remembered
def driven_names(loop: Loop) -> frozenset[str]:
    """Names that hold what the loop counts through, or something made of it."""
    return spread(frozenset((*targets(loop), *_carried(loop))), body(loop))


def _carried(loop: Loop) -> Iterator[str]:
    """Names that each iteration makes of what the one before left: ``n *= 2``, ``n = n + 1``, ``n = todo.pop()``."""
    for name, bound in writes(loop).names.items():
        if bound and all(isinstance(node, (ast.Assign, ast.AnnAssign, ast.Name)) for node in bound):
            if all(_goes_on(node, name, loop) for node in bound):
                yield name


def _goes_on(node: ast.AST, name: str, loop: Loop) -> bool:
    if isinstance(node, ast.Name):
        return node in _added_to(loop)
    value = node.value  # type: ignore[attr-defined]
    if isinstance(value, ast.BinOp):
        return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(value))
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return False
    known = effects.effects(value.func.attr)
    return bool(known & MUTATES) and not known & STORES and variable(value.func.value) not in writes(loop).names


@remembered
def _added_to(loop: Loop) -> frozenset[ast.AST]:
    """The names in a loop that ``+=`` or its like changes by a value that no call gives."""
    added = (node for node in ast.walk(loop.node) if isinstance(node, ast.AugAssign))
    return frozenset(node.target for node in added if not isinstance(node.value, ast.Call))


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
    limits: dict[ast.AST, Degree] = {}
    if isinstance(node, ast.Attribute):
        least = Degree.SHAPE if node.attr in attributes.OF_SHAPE else least
    elif isinstance(node, ast.Call):
        name = callee_name(node)
        is_seeding = "seed" in name and (
            interpreter is None or scope is None or callgraph.callee(node, scope, interpreter) is None
        )
        least = Degree.SHAPE if name in attributes.ABOUT_SIZE else Degree.RATE if is_seeding else least
        limits = _limits(node, interpreter, scope, depth) if least is Degree.ARCHITECTURE else limits
    for child in ast.iter_child_nodes(node):
        most = limits.get(child, least)
        for read, degree in degrees(child, names, interpreter, scope, depth):
            yield read, min(degree, most)


def decides_rate(node: ast.expr, interpreter: Interpreter, scope: Scope) -> bool:
    """Whether an expression stands where it decides a learning rate, a seed or an initializer."""
    child: ast.AST = node
    for parent in syntax_of(scope.module).above(node):
        is_name = isinstance(parent, ast.keyword) and bool(parent.arg and parent.arg.endswith("name"))
        if isinstance(parent, ast.stmt) or is_name:
            return False
        if isinstance(parent, ast.Call) and _limits(parent, interpreter, scope, 0).get(child) is Degree.RATE:
            return True
        child = parent
    return False


def _limits(call: ast.Call, interpreter: Interpreter | None, scope: Scope | None, depth: int) -> dict[ast.AST, Degree]:
    """The arguments of a call that decide less than an architecture, with what they decide at most."""
    found: dict[ast.AST, Degree] = {
        each: Degree.RATE for each in call.keywords if each.arg and each.arg.endswith(attributes.NOT_ARCHITECTURE)
    }
    if callee_name(call) in attributes.OPTIMIZERS:
        found.update(dict.fromkeys(call.args[:1], Degree.RATE))
    if interpreter is None or scope is None or depth >= _MAX_DEPTH:
        return found
    func = callgraph.callee(call, scope, interpreter)
    if func is None or isinstance(func.scope.node, ast.Lambda):
        return found
    names = [parameter.arg for parameter in parameters(func.scope.node.args)][func.receiver is not None :]  # type: ignore[attr-defined]
    handed: list[tuple[str | None, ast.AST]] = [*zip(names, call.args), *((each.arg, each) for each in call.keywords)]
    decided = {name: _decided(func, name, interpreter, depth + 1) for name in names}  # its names are the project's own
    return {node: decided[name] for name, node in handed if name in decided and decided[name] is not Degree.ARCHITECTURE}


def _decided(func: Func, name: str, interpreter: Interpreter, depth: int) -> Degree:
    """What a parameter of a function decides of what it builds; where it decides the shape of data, that counts, and no rate."""
    found = {
        degree
        for statement in getattr(func.scope.node, "body", ())
        for _, degree in degrees(statement, {name}, interpreter, func.scope, depth)
    }
    return next((degree for degree in (Degree.ARCHITECTURE, Degree.SHAPE) if degree in found), Degree.RATE)
