"""Tests of which something is known before a body runs.

Those that it makes twice, ``if use_keras: build()`` ... ``if use_keras: clear_session()``, go the same way; those that numbers
decide, ``fold += 1`` ... ``if fold > 1: break``, are known of the first iteration of a loop.
"""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ..semantics.scopes import Loop, extent, inside, reaching, start
from ..semantics.syntax import walk

_MAX_TESTS = 3
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.NotEq: ast.Eq, ast.IsNot: ast.Is, ast.NotIn: ast.In}
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.USub: operator.neg, ast.UAdd: operator.pos,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


def same_twice(statements: list[ast.stmt]) -> list[dict[str, bool]]:
    """Every combination of outcomes of the tests that statements make more than once, as :func:`outcome` reads them."""
    nodes = list(walk(statements))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    made = [node.test for node in nodes if isinstance(node, (ast.If, ast.IfExp))]
    steady = [test for test in made if not any(isinstance(node, ast.Name) and node.id in stored for node in ast.walk(test))]
    counts = Counter(_key(test)[0] for test in steady)
    tests = [key for key, count in counts.items() if key and count > 1][:_MAX_TESTS]
    return [{key: bool(case >> position & 1) for position, key in enumerate(tests)} for case in range(1 << len(tests))]


def outcome(test: ast.expr, assumed: dict[str, bool]) -> bool | None:
    """How a test goes under assumptions, ``None`` where they say nothing."""
    if not assumed:
        return None
    key, negated = _key(test)
    value = assumed.get(key)
    return None if value is None else value != negated


def _key(test: ast.expr) -> tuple[str, bool]:
    """A test without its negations, as text, and whether it was negated; ``""`` for tests that may change by themselves."""
    negated = False
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, negated = test.operand, not negated
    if any(isinstance(node, (ast.Call, ast.NamedExpr, ast.Await)) for node in ast.walk(test)):
        return "", negated
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _OPPOSITES:
        return ast.unparse(ast.Compare(test.left, [_OPPOSITES[type(test.ops[0])]()], test.comparators)), not negated
    return ast.unparse(test), negated


# -- the first iteration

_Numbers = dict[str, float]


def in_first_iteration(loop: Loop) -> tuple[dict[ast.expr, bool], bool]:
    """The tests in a loop's body that numbers decide in its first iteration, and whether these end a ``while`` after it."""
    statements: list[ast.stmt] = getattr(loop.node, "body", [])
    ends = [loop.node.test] if isinstance(loop.node, ast.While) else []
    tests = [node.test for node in walk(statements) if isinstance(node, ast.If)]
    read = {node.id for node in walk([*tests, *ends]) if isinstance(node, ast.Name)}
    numbers = {name: number for name in read if (number := _at_start(name, loop)) is not None}
    outcomes: dict[ast.expr, bool] = {}
    for statement in statements if numbers else ():
        for node in ast.walk(statement):
            if isinstance(node, ast.If) and (truth := _truth(node.test, numbers)) is not None:
                outcomes[node.test] = truth
        numbers = _after(statement, numbers)
    return outcomes, any(_truth(test, numbers) is False for test in ends)


def _at_start(name: str, loop: Loop) -> float | None:
    """The number that a name has whenever the first iteration starts; ``None`` where it is none, or may be another one.

    What sets it runs again whenever the loop does, unless nothing changes it; the loop changes it at the top of its body alone.
    """
    owner = loop.scope.owner(name)
    bindings = owner.bindings[name] if owner is not None else []
    if any(binding.scope is not owner or binding.kind not in {"value", "opaque"} or binding.path for binding in bindings):
        return None
    changes = [binding for binding in bindings if inside(binding.position, extent(loop.node))]
    others = [binding for binding in bindings if binding not in changes]
    tops = [_target(statement) for statement in loop.node.body]  # type: ignore[attr-defined]
    if not others or any(binding.node not in tops for binding in changes):
        return None
    if owner is not loop.scope.function():
        return _number(others[0].expr, {}) if len(bindings) == 1 and others[0].loop is None else None
    first, *more = reaching(others, start(loop.node))
    if more or first.position > start(loop.node) or not inside(start(loop.node), first.suite):
        return None
    around = extent(loop.parent.node) if loop.parent is not None else None
    return _number(first.expr, {}) if not changes or first.loop == around else None


def _target(statement: ast.stmt) -> ast.expr | None:
    """The name that ``name = 1`` and ``name += 1`` bind."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return statement.targets[0]
    return statement.target if isinstance(statement, ast.AugAssign) else None


def _after(statement: ast.stmt, numbers: _Numbers) -> _Numbers:
    """The numbers that names have after a statement."""
    target = _target(statement)
    if not isinstance(target, ast.Name) or target.id not in numbers or not isinstance(statement, (ast.Assign, ast.AugAssign)):
        return numbers
    value = ast.BinOp(target, statement.op, statement.value) if isinstance(statement, ast.AugAssign) else statement.value
    number = _number(value, numbers)
    rest = {name: known for name, known in numbers.items() if name != target.id}
    return rest if number is None else {**rest, target.id: number}


def _truth(test: ast.expr, numbers: _Numbers) -> bool | None:
    """How a test goes, ``None`` where the numbers do not decide it."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _truth(test.operand, numbers)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        parts = [_truth(value, numbers) for value in test.values]
        decisive = isinstance(test.op, ast.Or)
        return decisive if decisive in parts else None if None in parts else not decisive
    if isinstance(test, ast.Compare):
        sides = [_number(side, numbers) for side in (test.left, *test.comparators)]
        if None in sides or not all(type(each) in _OPERATORS for each in test.ops):
            return None
        return all(_OPERATORS[type(each)](*pair) for each, pair in zip(test.ops, pairwise(sides)))
    number = _number(test, numbers) if isinstance(test, ast.Name) else None
    return None if number is None else bool(number)


def _number(node: ast.expr | None, numbers: _Numbers) -> float | None:
    """The number that an expression is, ``None`` where it is not known to be one."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) in (int, float) else None  # type: ignore[return-value]
    if isinstance(node, ast.Name):
        return numbers.get(node.id)
    parts = [node.operand] if isinstance(node, ast.UnaryOp) else [node.left, node.right] if isinstance(node, ast.BinOp) else []
    values = [_number(part, numbers) for part in parts]
    operation = _OPERATORS.get(type(node.op)) if isinstance(node, (ast.UnaryOp, ast.BinOp)) else None
    return operation(*values) if operation is not None and None not in values else None
