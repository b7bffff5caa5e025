"""Guards that let a construction run once although the code around it runs again: caches, flags, "first iteration" tests."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from ..knowledge import effects
from ..knowledge.effects import STORES
from ..semantics.scopes import Scope
from ..semantics.syntax import variable


def guarded_in_function(node: ast.If, scope: Scope, is_fresh: bool) -> str:
    """Which branch of an ``if`` runs only the first time that a function is called: ``body``, ``orelse`` or ``""``.

    The tested name must outlive the call: a global, a name of an outer function, an attribute of ``self`` unless the instance
    itself ``is_fresh`` in every iteration.
    """

    def survives(subject: ast.expr) -> bool:
        base = variable(subject)
        owner = scope.function()
        if isinstance(subject, ast.Attribute):
            return not is_fresh
        return base in owner.outer_names or all(binding.kind == "item" for binding in owner.bindings.get(base, ()))

    return _guarded(node, scope, survives)


class LoopBody:
    """What the guards ask of a loop's body, worked out once.

    ``targets``: names that the loop binds. ``counters``: names that never have the same value twice. ``stores``: every target
    that is assigned, with its text. ``cases``: the tests that are an ``elif``.
    """

    def __init__(self, body: list[ast.stmt], targets: Iterable[str], counters: Iterable[str]) -> None:
        self.targets = frozenset(targets)
        self.counters = set(counters)
        self.stores: list[tuple[ast.expr, str]] = []
        self.cases: set[ast.expr] = set()
        for statement in body:
            for node in ast.walk(statement):
                self.stores.extend((target, ast.dump(_loaded(target))) for target in _targets(node))
                if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                    self.counters.add(node.target.id)
                if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                    self.cases.add(node.orelse[0].test)


def guarded_in_loop(node: ast.If, scope: Scope, body: LoopBody) -> str:
    """Which branch of an ``if`` in a loop's body runs in one iteration only: ``body``, ``orelse`` or ``""``."""

    def survives(subject: ast.expr) -> bool:
        base = variable(subject)
        if base in body.targets:
            return False
        key = ast.dump(_loaded(subject))
        inside = {id(inner) for part in (node.body, node.orelse) for s in part for inner in ast.walk(s)}
        return not any(
            (text == key or (isinstance(target, ast.Name) and target.id == base)) and id(target) not in inside
            for target, text in body.stores
        )

    return _guarded(node, scope, survives) or _one_iteration(node, body)


def fills_cache(node: ast.Try, handler: ast.ExceptHandler) -> bool:
    """``try: return cache[key]`` / ``except KeyError: cache[key] = build()``"""
    if not isinstance(handler.type, ast.Name) or handler.type.id not in {"KeyError", "AttributeError", "NameError"}:
        return False
    read = {ast.dump(inner) for s in node.body for inner in ast.walk(s) if isinstance(inner, (ast.Subscript, ast.Attribute))}
    stored = (target for s in handler.body for inner in ast.walk(s) for target in _targets(inner))
    return any(ast.dump(_loaded(target)) in read for target in stored if not isinstance(target, ast.Name))


def _guarded(node: ast.If, scope: Scope, survives: Callable[[ast.expr], bool]) -> str:
    for branch, statements, negate in (("body", node.body, False), ("orelse", node.orelse, True)):
        for subject, wants in _subjects(node.test, negate):
            for cache in (subject, *_looked_up_in(subject, scope)):
                if survives(cache) and (_sets(statements, cache, wants) or _sets_by_method(statements, cache, scope)):
                    return branch
    return ""


def _looked_up_in(subject: ast.expr, scope: Scope) -> list[ast.expr]:
    """For ``x = cache.get(key)``: the cache."""
    if not isinstance(subject, ast.Name):
        return []
    calls = [binding.expr for binding in scope.function().bindings.get(subject.id, ()) if isinstance(binding.expr, ast.Call)]
    return [call.func.value for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "get"]


def _sets_by_method(statements: list[ast.stmt], subject: ast.expr, scope: Scope) -> bool:
    """Whether statements call a method of the class that stores the attribute ``self.x``."""
    class_scope = scope.enclosing_class()
    if not isinstance(subject, ast.Attribute) or class_scope is None:
        return False
    stores = class_scope.attributes.get(subject.attr, ())
    setters = {getattr(binding.scope.node, "name", "") for binding in stores} - {"__init__"}
    called = (node.func for s in statements for node in ast.walk(s) if isinstance(node, ast.Call))
    return any(isinstance(f, ast.Attribute) and f.attr in setters and variable(f) == variable(subject) for f in called)


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
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and effects.does(node.func.attr, STORES):
                if ast.dump(_loaded(node.func.value)) == key:
                    return True
    return False


def _one_iteration(node: ast.If, body: LoopBody) -> str:
    """``if i == 0:`` on a counter, where the other branches are no cases of a dispatch."""
    counters = body.counters
    test = node.test
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) and isinstance(test.operand, ast.Name):
        return "body" if test.operand.id in counters else ""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.left, ast.Name):
        return ""
    right, operator, name = test.comparators[0], test.ops[0], test.left.id
    if name not in counters or not isinstance(right, ast.Constant) or not isinstance(right.value, int):
        return ""
    bound = (type(operator), right.value)
    if isinstance(operator, ast.Eq) or bound in {(ast.Lt, 1), (ast.LtE, 0)}:
        return "" if _is_dispatch(node.orelse, name) or test in body.cases or _both_assign(node) else "body"
    return "orelse" if isinstance(operator, ast.NotEq) or bound in {(ast.Gt, 0), (ast.GtE, 1)} else ""


def _both_assign(node: ast.If) -> bool:
    """Whether both branches assign the same name: then each builds its own."""
    first, second = (
        {target.id for s in part for inner in ast.walk(s) for target in _targets(inner) if isinstance(target, ast.Name)}
        for part in (node.body, node.orelse)
    )
    return bool(first & second) and any(isinstance(inner, ast.Call) for s in node.orelse for inner in ast.walk(s))


def _is_dispatch(orelse: list[ast.stmt], name: str) -> bool:
    """Whether an ``else`` part goes on to compare the same name for equality: each branch is one case among several."""
    if len(orelse) != 1 or not isinstance(orelse[0], ast.If):
        return False
    test = orelse[0].test
    return isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq) and variable(test.left) == name


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
