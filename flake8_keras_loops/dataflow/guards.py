"""Guards that let a construction run once although the code around it runs again: caches, flags, "first iteration" tests."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from ..knowledge import effects
from ..knowledge.effects import STORES
from ..semantics.binding import is_literal
from ..semantics.scopes import Scope
from ..semantics.syntax import method_calls, variable, walk


def guarded_in_function(node: ast.If, scope: Scope, is_fresh: bool) -> str:
    """Which branch of an ``if`` runs only the first time that a function is called: ``body``, ``orelse`` or ``""``.

    The tested name must outlive the call: a global, a name of an outer function, an attribute of ``self`` unless the instance
    itself ``is_fresh`` in every iteration.
    """

    def survives(subject: ast.expr) -> bool:
        if isinstance(subject, ast.Attribute):
            return not is_fresh
        base, owner = variable(subject), scope.function()
        return base in owner.outer_names or all(binding.kind == "item" for binding in owner.bindings.get(base, ()))

    return _guarded(node, scope, survives)


class LoopBody:
    """What the guards ask of a loop's body, worked out once.

    ``targets``: names that the loop binds. ``counters``: names that never have the same value twice. ``stores``: every target
    that is assigned, with its text. ``cases``: the tests that are an ``elif``.
    """

    def __init__(self, body: list[ast.stmt], targets: Iterable[str], counters: Iterable[str]) -> None:
        nodes = list(walk(body))
        added = (node.target for node in nodes if isinstance(node, ast.AugAssign))
        self.targets = frozenset(targets)
        self.counters = {*counters, *(target.id for target in added if isinstance(target, ast.Name))}
        self.stores = [(target, ast.unparse(target)) for target, _ in _stores(nodes)]
        alone = [node.orelse[0] for node in nodes if isinstance(node, ast.If) and len(node.orelse) == 1]
        self.cases = {case.test for case in alone if isinstance(case, ast.If)}


def guarded_in_loop(node: ast.If, scope: Scope, body: LoopBody) -> str:
    """Which branch of an ``if`` in a loop's body runs in one iteration only: ``body``, ``orelse`` or ``""``."""

    def survives(subject: ast.expr) -> bool:
        inside = set(walk([*node.body, *node.orelse]))
        stored = {text for target, text in body.stores if target not in inside}
        return stored.union(body.targets).isdisjoint({variable(subject), ast.unparse(subject)})

    return _guarded(node, scope, survives) or _one_iteration(node, body)


def fills_cache(node: ast.Try, handler: ast.ExceptHandler) -> bool:
    """``try: return cache[key]`` / ``except KeyError: cache[key] = build()``"""
    if not isinstance(handler.type, ast.Name) or handler.type.id not in {"KeyError", "AttributeError", "NameError"}:
        return False
    kept = (ast.Subscript, ast.Attribute)
    read = {ast.unparse(inner) for inner in walk(node.body) if isinstance(inner, kept) and isinstance(inner.ctx, ast.Load)}
    return any(isinstance(target, kept) and ast.unparse(target) in read for target, _ in _stores(walk(handler.body)))


def _guarded(node: ast.If, scope: Scope, survives: Callable[[ast.expr], bool]) -> str:
    for branch, statements, negate in (("body", node.body, False), ("orelse", node.orelse, True)):
        for subject, wants in _subjects(node.test, negate):
            for cache in (subject, *_looked_up_in(subject, scope)):
                if survives(cache) and (_sets(statements, cache, wants) or _sets_by_method(statements, cache, scope)):
                    return branch
    return ""


def _looked_up_in(subject: ast.expr, scope: Scope) -> list[ast.expr]:
    """For ``x = cache.get(key)``: the cache."""
    bindings = scope.function().bindings.get(subject.id, []) if isinstance(subject, ast.Name) else []
    calls = method_calls(binding.expr for binding in bindings if binding.expr is not None)
    return [receiver for _, receiver, name in calls if name == "get"]


def _sets_by_method(statements: list[ast.stmt], subject: ast.expr, scope: Scope) -> bool:
    """Whether statements call a method of the class that stores the attribute ``self.x``."""
    class_scope = scope.enclosing_class()
    if not isinstance(subject, ast.Attribute) or class_scope is None:
        return False
    stores = class_scope.attributes.get(subject.attr, ())
    setters = {getattr(binding.scope.node, "name", "") for binding in stores} - {"__init__"}
    called = method_calls(walk(statements))
    return any(name in setters and variable(receiver) == variable(subject) for _, receiver, name in called)


def _subjects(test: ast.expr, negate: bool) -> list[tuple[ast.expr, bool | None]]:
    """What a test (or its negation) finds missing: the expression, and the truth value that would end the guard."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _subjects(test.operand, not negate)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) and not negate:
        return [found for value in test.values for found in _subjects(value, False)]
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        operator, right = test.ops[0], test.comparators[0]
        if is_literal(right, None) and isinstance(operator, (ast.IsNot, ast.NotEq) if negate else (ast.Is, ast.Eq)):
            return [(_getattr(test.left), None)]
        if isinstance(operator, ast.In if negate else ast.NotIn):
            if isinstance(right, ast.Call) and isinstance(right.func, ast.Name) and isinstance(test.left, ast.Constant):
                return [(ast.Name(str(test.left.value), ast.Load()), None)]  # "model" not in globals()
            return [(right, None)]
    elif isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "hasattr" and negate:
        return [(_getattr(test), None)]
    elif isinstance(test, (ast.Name, ast.Attribute)):
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
    text = ast.unparse(subject)
    nodes = list(walk(statements))
    for target, value in _stores(nodes):
        if text in {ast.unparse(target), ast.unparse(target.value) if isinstance(target, ast.Subscript) else ""}:
            is_off = isinstance(value, ast.Constant) and value.value in (False, None)
            if wants is None or (not is_off if wants else is_literal(value, False)):
                return True
    return any(effects.does(name, STORES) and ast.unparse(receiver) == text for _, receiver, name in method_calls(nodes))


def _one_iteration(node: ast.If, body: LoopBody) -> str:
    """``if i == 0:`` on a counter, where the other branches are no cases of a dispatch."""
    test = node.test
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) and isinstance(test.operand, ast.Name):
        return "body" if test.operand.id in body.counters else ""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.left, ast.Name):
        return ""
    right, operator, name = test.comparators[0], test.ops[0], test.left.id
    if name not in body.counters or not isinstance(right, ast.Constant) or not isinstance(right.value, int):
        return ""
    bound = (type(operator), right.value)
    if isinstance(operator, ast.Eq) or bound in {(ast.Lt, 1), (ast.LtE, 0)}:
        return "" if _is_dispatch(node.orelse, name) or test in body.cases or _both_assign(node) else "body"
    return "orelse" if isinstance(operator, ast.NotEq) or bound in {(ast.Gt, 0), (ast.GtE, 1)} else ""


def _both_assign(node: ast.If) -> bool:
    """Whether both branches assign the same name: then each builds its own."""
    first, second = (
        {ast.unparse(t) for t, _ in _stores(walk(part)) if isinstance(t, ast.Name)} for part in (node.body, node.orelse)
    )
    return not first.isdisjoint(second) and any(isinstance(inner, ast.Call) for inner in walk(node.orelse))


def _is_dispatch(orelse: list[ast.stmt], name: str) -> bool:
    """Whether an ``else`` part goes on to compare the same name for equality: each branch is one case among several."""
    if len(orelse) != 1 or not isinstance(orelse[0], ast.If):
        return False
    test = orelse[0].test
    return isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq) and variable(test.left) == name


def _stores(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """The targets that nodes assign, with the value of the assignment if there is one."""
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
                yield from ((part, node.value) for part in parts)
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.NamedExpr)):
            yield node.target, node.value
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            yield node.target, None
