"""Tests that a body makes twice: ``if use_keras: build()`` ... ``if use_keras: clear_session()`` go the same way."""

from __future__ import annotations

import ast
from collections import Counter

from ..semantics.syntax import walk

_MAX_TESTS = 3
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.NotEq: ast.Eq, ast.IsNot: ast.Is, ast.NotIn: ast.In}


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
