"""Guards that let a construction run once although the code around it runs again: caches, flags, "first iteration" tests."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .scopes import Scope

_STORING_METHODS = frozenset({"append", "add", "update", "setdefault", "insert", "__setitem__"})


def guarded_in_function(node: ast.If, scope: Scope, is_fresh: bool) -> str:
    """Which branch of an ``if`` runs only the first time that a function is called: ``body``, ``orelse`` or ``""``.

    The tested name must outlive the call: a global, a name of an outer function, an attribute of ``self`` unless the instance
    itself ``is_fresh`` in every iteration.
    """

    def survives(subject: ast.expr) -> bool:
        base = _base(subject)
        owner = scope.function()
        if isinstance(subject, ast.Attribute):
            return not is_fresh
        return base in owner.outer_names or all(binding.kind == "item" for binding in owner.bindings.get(base, ()))

    return _guarded(node, survives)


def guarded_in_loop(node: ast.If, body: list[ast.stmt], targets: Iterable[str]) -> str:
    """Which branch of an ``if`` in a loop's body runs in the first iteration only: ``body``, ``orelse`` or ``""``."""
    loop_targets = set(targets)

    def survives(subject: ast.expr) -> bool:
        base = _base(subject)
        if base in loop_targets:
            return False
        key = ast.dump(_loaded(subject))
        inside = {id(inner) for part in (node.body, node.orelse) for s in part for inner in ast.walk(s)}
        for statement in body:
            for inner in ast.walk(statement):
                for target in _targets(inner):
                    if id(target) in inside:
                        continue
                    if ast.dump(_loaded(target)) == key or (isinstance(target, ast.Name) and target.id == base):
                        return False
        return True

    return _guarded(node, survives) or _first_iteration(node, body, loop_targets)


def _guarded(node: ast.If, survives: object) -> str:
    assert callable(survives)
    for branch, statements, negate in (("body", node.body, False), ("orelse", node.orelse, True)):
        for subject, wants in _subjects(node.test, negate):
            if _sets(statements, subject, wants) and survives(subject):
                return branch
    return ""


def _subjects(test: ast.expr, negate: bool) -> list[tuple[ast.expr, bool | None]]:
    """What a test (or its negation) finds missing: the expression, and the truth value that would end the guard."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _subjects(test.operand, not negate)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) and not negate:
        return [found for value in test.values for found in _subjects(value, False)]
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        operator, right = test.ops[0], test.comparators[0]
        is_none = isinstance(right, ast.Constant) and right.value is None
        if is_none and isinstance(operator, (ast.IsNot, ast.NotEq) if negate else (ast.Is, ast.Eq)):
            return [(_getattr(test.left), None)]
        if isinstance(operator, ast.In if negate else ast.NotIn):
            if isinstance(right, ast.Call) and isinstance(right.func, ast.Name) and isinstance(test.left, ast.Constant):
                return [(ast.Name(str(test.left.value), ast.Load()), None)]  # "model" not in globals()
            return [(right, None)]
        return []
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "hasattr" and negate:
        return [(_getattr(test), None)]
    if isinstance(test, (ast.Name, ast.Attribute)):
        return [(test, negate)]
    return []


def _getattr(node: ast.expr) -> ast.expr:
    """``getattr(x, "y", None)`` and ``hasattr(x, "y")`` as ``x.y``."""
    if isinstance(node, ast.Call) and len(node.args) >= 2 and isinstance(node.args[1], ast.Constant):
        return ast.Attribute(node.args[0], str(node.args[1].value), ast.Load())
    return node


def _sets(statements: list[ast.stmt], subject: ast.expr, wants: bool | None) -> bool:
    """Whether statements store into the subject; for a flag, whether they set it to what ends the guard."""
    if not isinstance(subject, (ast.Name, ast.Attribute, ast.Subscript)):
        return False
    key = ast.dump(_loaded(subject))
    for statement in statements:
        for node in ast.walk(statement):
            for target in _targets(node):
                stored = target.value if isinstance(target, ast.Subscript) else target
                if ast.dump(_loaded(stored)) == key or ast.dump(_loaded(target)) == key:
                    value = getattr(node, "value", None)
                    literal = value.value if isinstance(value, ast.Constant) else None
                    if wants is None or (wants is True and literal not in (False, None)) or (wants is False and literal is False):
                        return True
                    if wants is True and not isinstance(value, ast.Constant):
                        return True
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _STORING_METHODS:
                if ast.dump(_loaded(node.func.value)) == key:
                    return True
    return False


def _first_iteration(node: ast.If, body: list[ast.stmt], targets: set[str]) -> str:
    """``if i == 0:`` on a loop variable or counter, where the other branches are no cases of a dispatch."""
    test = node.test
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.left, ast.Name):
        return ""
    right = test.comparators[0]
    if not isinstance(right, ast.Constant) or not isinstance(right.value, int) or isinstance(right.value, bool):
        return ""
    name = test.left.id
    counted = any(
        isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name) and inner.target.id == name
        for statement in body
        for inner in ast.walk(statement)
    )
    if name not in targets and not counted:
        return ""
    if isinstance(test.ops[0], ast.Eq) and not _is_dispatch(node.orelse, name) and not _is_case(node, body):
        return "body"
    first = isinstance(test.ops[0], (ast.NotEq, ast.Gt)) and right.value == 0
    return "orelse" if first else ""


def _is_dispatch(orelse: list[ast.stmt], name: str) -> bool:
    """Whether an ``else`` part goes on to compare the same name: then each branch is one case among several."""
    return (
        len(orelse) == 1
        and isinstance(orelse[0], ast.If)
        and any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(orelse[0].test))
    )


def _is_case(node: ast.If, body: list[ast.stmt]) -> bool:
    """Whether a test is an ``elif``: one case among several."""
    return any(isinstance(inner, ast.If) and node in inner.orelse for statement in body for inner in ast.walk(statement))


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return [t for target in node.targets for t in (target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target])]
    if isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For, ast.AsyncFor, ast.NamedExpr)):
        return [node.target]
    return []


def _loaded(node: ast.expr) -> ast.expr:
    """A target as it would be written to read it."""
    if isinstance(node, ast.Name):
        return ast.Name(node.id, ast.Load())
    if isinstance(node, ast.Attribute):
        return ast.Attribute(_loaded(node.value), node.attr, ast.Load())
    if isinstance(node, ast.Subscript):
        return ast.Subscript(_loaded(node.value), node.slice, ast.Load())
    return node


def _base(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
