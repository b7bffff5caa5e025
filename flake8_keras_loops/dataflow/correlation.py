"""Tests that a body makes twice: ``if use_keras: build()`` ... ``if use_keras: clear_session()`` go the same way."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

_MAX_TESTS = 3


def same_twice(statements: list[ast.stmt]) -> Iterator[dict[str, bool]]:
    """Every combination of outcomes of the tests that statements make more than once, as :func:`outcome` reads them."""
    counts: Counter[str] = Counter()
    stored: set[str] = set()
    names: dict[str, set[str]] = {}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, (ast.If, ast.IfExp)):
                key, _ = _key(node.test)
                if key:
                    counts[key] += 1
                    names[key] = {inner.id for inner in ast.walk(node.test) if isinstance(inner, ast.Name)}
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                stored.add(node.id)
    tests = [key for key, count in counts.items() if count > 1 and not names[key] & stored][:_MAX_TESTS]
    for case in range(1 << len(tests)):
        yield {key: bool(case >> position & 1) for position, key in enumerate(tests)}


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
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.NotEq, ast.IsNot, ast.NotIn)):
        positive = {ast.NotEq: ast.Eq(), ast.IsNot: ast.Is(), ast.NotIn: ast.In()}[type(test.ops[0])]
        return ast.dump(ast.Compare(test.left, [positive], test.comparators)), not negated
    return ast.dump(test), negated
