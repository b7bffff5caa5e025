"""Guards that let a construction run once although the code around it runs again: caches, flags, "first iteration" tests."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, takewhile
from operator import itemgetter

from ..knowledge import effects
from ..knowledge.effects import STORES
from ..semantics.binding import is_literal
from ..semantics.scopes import Position, Scope, end, inside, start
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

    return _guarded(node, scope, _of_function(scope.function()), survives)


class Body:
    """What the guards ask of the statements of a loop or function, worked out once.

    ``targets``: names that the loop binds. ``counters``: names that never have the same value twice. ``cases``: the tests that
    are an ``elif``. ``assigned``: where something is assigned, by its text. ``filled``: the same, and where something is put into
    it, each with the guards that this ends, by what they want (see :func:`_subjects`).
    """

    def __init__(self, statements: list[ast.stmt], targets: Iterable[str] = (), counters: Iterable[str] = ()) -> None:
        nodes = list(walk(statements))
        added = (node.target for node in nodes if isinstance(node, ast.AugAssign))
        self.targets = frozenset(targets)
        self.counters = {*counters, *(target.id for target in added if isinstance(target, ast.Name))}
        alone = [node.orelse[0] for node in nodes if isinstance(node, ast.If) and len(node.orelse) == 1]
        self.cases = {case.test for case in alone if isinstance(case, ast.If)}
        self.assigned: dict[str, list[Position]] = {}
        self.filled: dict[str, list[tuple[Position, tuple[bool | None, ...]]]] = {}
        for target, value in _stores(nodes):
            is_off = isinstance(value, ast.Constant) and value.value in (False, None)
            ends = (None, False) if is_literal(value, False) else (None,) if is_off else (None, True)
            self.assigned.setdefault(ast.unparse(target), []).append(start(target))
            for part in (target, target.value) if isinstance(target, ast.Subscript) else (target,):
                self.filled.setdefault(ast.unparse(part), []).append((start(target), ends))
        for call, collection, method in method_calls(nodes):
            if effects.does(method, STORES):
                self.filled.setdefault(ast.unparse(collection), []).append((start(call), (None, True, False)))
        for places in self.assigned.values():
            places.sort()
        for fillings in self.filled.values():
            fillings.sort(key=itemgetter(0))


def _of_function(function: Scope) -> Body:
    """What is asked of a function, remembered."""
    known = function.module.cache
    if (Body, function) not in known:
        known[Body, function] = Body(getattr(function.node, "body", []))
    body: Body = known[Body, function]
    return body


def guarded_in_loop(node: ast.If, scope: Scope, body: Body) -> str:
    """Which branch of an ``if`` in a loop's body runs in one iteration only: ``body``, ``orelse`` or ``""``."""
    where = start(node.body[0]), end((node.orelse or node.body)[-1])

    def survives(subject: ast.expr) -> bool:
        names = {variable(subject), ast.unparse(subject)}
        places = [body.assigned[name] for name in names if name in body.assigned]
        return names.isdisjoint(body.targets) and all(inside(each[0], where) and inside(each[-1], where) for each in places)

    return _guarded(node, scope, body, survives) or _one_iteration(node, body)


def fills_cache(node: ast.Try, handler: ast.ExceptHandler) -> bool:
    """``try: return cache[key]`` / ``except KeyError: cache[key] = build()``"""
    if not isinstance(handler.type, ast.Name) or handler.type.id not in {"KeyError", "AttributeError", "NameError"}:
        return False
    kept = (ast.Subscript, ast.Attribute)
    read = {ast.unparse(inner) for inner in walk(node.body) if isinstance(inner, kept) and isinstance(inner.ctx, ast.Load)}
    return any(isinstance(target, kept) and ast.unparse(target) in read for target, _ in _stores(walk(handler.body)))


def _guarded(node: ast.If, scope: Scope, body: Body, survives: Callable[[ast.expr], bool]) -> str:
    for branch, statements, negate in (("body", node.body, False), ("orelse", node.orelse, True)):
        for subject, wants in _subjects(node.test, negate) if statements else ():
            for cache in (subject, *_looked_up_in(subject, scope)):
                if survives(cache) and (_sets(statements, cache, wants, body) or _sets_by_method(statements, cache, scope)):
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
    calls = (site.node for name in setters for site in scope.module.calls_named(name))
    called = method_calls(call for call in calls if start(statements[0]) <= start(call) <= end(statements[-1]))
    return any(variable(receiver) == variable(subject) for _, receiver, _ in called)


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


def _sets(statements: list[ast.stmt], subject: ast.expr, wants: bool | None, body: Body) -> bool:
    """Whether statements store into the subject; for a flag, whether they set it to what ends the guard."""
    places = body.filled.get(ast.unparse(subject), [])
    first = bisect_left(places, start(statements[0]), key=itemgetter(0))
    last = end(statements[-1])
    return any(wants in ends for _, ends in takewhile(lambda filling: filling[0] <= last, islice(places, first, None)))


def _one_iteration(node: ast.If, body: Body) -> str:
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
        return "" if _is_dispatch(node.orelse, name) or test in body.cases or _both_assign(node, body) else "body"
    return "orelse" if isinstance(operator, ast.NotEq) or bound in {(ast.Gt, 0), (ast.GtE, 1)} else ""


def _both_assign(node: ast.If, body: Body) -> bool:
    """Whether both branches assign the same name: then each builds its own."""
    if not node.orelse:
        return False
    names = {target.id for target, _ in _stores(walk(node.body)) if isinstance(target, ast.Name)}
    where = start(node.orelse[0]), end(node.orelse[-1])
    firsts = ((places, bisect_left(places, where[0])) for places in map(body.assigned.__getitem__, names))
    is_in_both = any(first < len(places) and inside(places[first], where) for places, first in firsts)
    return is_in_both and any(isinstance(inner, ast.Call) for inner in walk(node.orelse))


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
