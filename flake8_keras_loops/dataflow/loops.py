"""Loops: which call an iteration repeats, and what one iteration does on its paths."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..knowledge import keras
from ..knowledge.effects import adds_no_element, counts, is_mapper, is_view
from ..semantics import branches
from ..semantics.scopes import CallSite, FunctionNode, Loop, Scope, callee_name, parameters, remembered, start
from ..semantics.syntax import walk
from ..semantics.values import NO_ENV, Api
from . import correlation, guards
from .paths import BUILDS, BUILT, BUILT_AND_CLEARED, CLEARED, NOTHING, Branches, Flow, clearing_only, then
from .summaries import Effects, Factories


@dataclass(frozen=True)
class Iteration:
    """The paths from one iteration to the next, given what one call in it does."""

    loop: Loop
    mask: int


def around(loop: Loop | None) -> Iterator[Loop]:
    """A loop and the loops around it in the same function, innermost first."""
    while loop is not None:
        yield loop
        loop = loop.parent


def is_function(loop: Loop) -> bool:
    """Whether a loop is the body of a function that a search calls over and over."""
    return isinstance(loop.node, FunctionNode)


def body(loop: Loop) -> list[ast.stmt]:
    """The statements of a loop, empty for a comprehension."""
    return getattr(loop.node, "body", []) if not isinstance(loop.node, ast.expr) else []


def targets(loop: Loop) -> list[str]:
    """Names that the loop itself binds anew in every iteration; of a function that a search calls, its parameters."""
    node = loop.node
    if is_function(loop):
        names = [parameter.arg for parameter in parameters(node.args)]  # type: ignore[attr-defined]
        return names[1:] if names[:1] in (["self"], ["cls"]) else names
    bound = [node] if isinstance(node, (ast.For, ast.AsyncFor)) else getattr(node, "generators", ())
    return [inner.id for inner in walk(each.target for each in bound) if isinstance(inner, ast.Name)]


def _counters(loop: Loop) -> list[str]:
    """Names of the loop that never have the same value twice: over ``range()``, or the index of ``enumerate()``."""
    node = loop.node
    if not isinstance(node, (ast.For, ast.AsyncFor)):
        return []
    iterable, target = node.iter, node.target
    if isinstance(iterable, ast.Call) and callee_name(iterable) == "tqdm" and iterable.args:
        iterable = iterable.args[0]
    name = callee_name(iterable) if isinstance(iterable, ast.Call) else ""
    if name == "enumerate" and isinstance(target, ast.Tuple):
        target = target.elts[0]
    elif not counts(name):
        return []
    return [target.id] if isinstance(target, ast.Name) else []


def runs_once(loop: Loop) -> bool:
    """Whether a loop ranges over a literal of at most one element, leaves its first iteration for certain, or never starts."""
    node = loop.node
    if isinstance(node, ast.While):
        return (isinstance(node.test, ast.Constant) and not node.test.value) or _ends_at_once(loop)
    if is_function(loop):
        return False
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return is_single(node.iter, loop.scope) or _ends_at_once(loop)
    if isinstance(node, ast.GeneratorExp) and any(node in site.node.args for site in loop.scope.module.calls_named("next")):
        return True
    return all(is_single(generator.iter, loop.scope) for generator in node.generators)  # type: ignore[attr-defined]


@remembered
def _ends_at_once(loop: Loop) -> bool:
    """Whether every path through the first iteration leaves the loop, as numbers decide the tests on it."""
    outcomes, ends = correlation.in_first_iteration(loop)

    def follow(test: ast.If | ast.IfExp, scope: Scope) -> tuple[bool, bool]:
        truth = outcomes.get(test.test)
        return truth is not False, truth is not True

    if not outcomes and not ends:  # what always leaves comes to no next iteration, whatever the numbers
        return False
    exits = Flow(lambda call, scope, looped: NOTHING, follow, failures=False).body(body(loop), loop.scope, NOTHING)
    return not exits.continued and (ends or not exits.fall)


def is_single(iterable: ast.expr, scope: Scope) -> bool:
    """Whether a literal, a name of one, or what a built-in function makes of one, has at most one element."""
    iterable = spelled_out(iterable, scope)
    if isinstance(iterable, (ast.List, ast.Tuple, ast.Set)):
        return len(iterable.elts) <= 1 and not any(isinstance(item, ast.Starred) for item in iterable.elts)
    if isinstance(iterable, ast.Dict):
        return len(iterable.keys) <= 1 and None not in iterable.keys
    if isinstance(iterable, ast.Constant):
        return isinstance(iterable.value, str) and len(iterable.value) <= 1
    if not isinstance(iterable, ast.Call) or iterable.keywords:
        return False
    func, args = iterable.func, iterable.args
    if isinstance(func, ast.Attribute) and is_view(func.attr):
        return is_single(func.value, scope)
    if not isinstance(func, ast.Name) or not args:
        return False
    if func.id == "range":
        numbers = [spelled_out(arg, scope) for arg in args]
        ends = [number.value for number in numbers if isinstance(number, ast.Constant) and isinstance(number.value, int)]
        return len(ends) == len(args) <= 2 and len(range(*ends)) <= 1
    return adds_no_element(func.id) and is_single(args[0], scope)


def spelled_out(node: ast.expr, scope: Scope) -> ast.expr:
    """For a name that is bound once, to a literal or a range, and that nothing is put into, what it is bound to."""
    bindings = scope.bindings_of(node.id) if isinstance(node, ast.Name) else []
    if len(bindings) != 1 or bindings[0].path or bindings[0].kind != "value" or bindings[0].loop is not None:
        return node
    if bindings[0].scope.function() is scope.function() and bindings[0].position > start(node):
        return node
    value = bindings[0].expr
    is_range = isinstance(value, ast.Call) and callee_name(value) == "range"
    is_literal = isinstance(value, (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict)) or is_range
    return value if value is not None and is_literal else node


def repeating(factories: Factories, site: CallSite, effects: Effects, searched: Loop | None = None) -> Iteration | None:
    """The innermost loop whose iterations repeat a call that builds, with the paths of one iteration.

    ``searched``: the function around the call, where a search calls it.
    """
    for loop in (*around(site.loop), *around(searched)):
        if runs_once(loop):
            continue
        # without failures, a loop that tries again only if something failed comes to no next iteration
        if _building(factories, loop, site.node, effects, failures=False) & BUILDS:
            return Iteration(loop, _building(factories, loop, site.node, effects, failures=True))
    return None


def _building(factories: Factories, loop: Loop, call: ast.Call, effects: Effects, failures: bool) -> int:
    """The paths of an iteration, counting only what one call builds."""
    key = (loop, failures)
    if key not in factories.iterations:
        factories.iterations[key] = _passing(factories, loop, failures)
    mask = factories.iterations[key].get(call, NOTHING)
    passing = (NOTHING if mask & BUILT else 0) | (CLEARED if mask & BUILT_AND_CLEARED else 0)
    return mask & (NOTHING | CLEARED) | then(passing, effects.mask)


def _passing(factories: Factories, loop: Loop, failures: bool) -> dict[ast.Call, int]:
    """The paths from the start of an iteration to the start of the next one, by call: *built* stands for passing that call.

    They are followed for all calls at once, since each would see the same of the others: whether these clear.
    """
    nodes = list(ast.walk(loop.node))
    calls = sum(isinstance(node, ast.Call) + len(getattr(node, "decorator_list", ())) for node in nodes)
    nothing = int("1" * (calls + 1), 16)
    places: dict[ast.Call, int] = {}

    def effect(call: ast.Call, scope: Scope, looped: bool) -> int:
        clears = clearing_only(factories.of_call(call, scope).mask) or NOTHING
        place = 4 * places.setdefault(call, len(places))
        return nothing * clears ^ (clears ^ BUILT) << place

    paths = 0
    for assumed in _assumptions(loop):
        paths |= _once_through(loop, Flow(effect, _follower(factories, loop, assumed), failures, factories.applied, nothing))
    return {call: paths >> 4 * place & 0b1111 for call, place in places.items()}


def _once_through(loop: Loop, flow: Flow) -> int:
    """The paths from the start of an iteration to the start of the next one."""
    node = loop.node
    if isinstance(node, ast.Lambda):
        return flow.expression(node.body, loop.scope, flow.nothing)
    if isinstance(node, ast.expr):
        return flow.comprehension(node, loop.scope)
    tested = flow.expression(node.test, loop.scope, flow.nothing) if isinstance(node, ast.While) else flow.nothing
    exits = flow.body(body(loop), loop.scope, tested)
    paths = exits.fall | exits.continued
    if is_function(loop):
        paths |= exits.returned | (exits.raised if loop.goes_on else 0)
    return paths


def _follower(factories: Factories, loop: Loop, assumed: dict[str, bool]) -> Branches:
    def follow(test: ast.If | ast.IfExp, scope: Scope) -> tuple[bool, bool]:
        truth = correlation.outcome(test.test, assumed)
        if truth is None:
            truth = branches.truth(factories.interpreter, test.test, scope, NO_ENV)
        once = ""
        if isinstance(test, ast.If) and is_function(loop):
            once = guards.guarded_in_function(test, scope, loop.is_fresh)
        elif isinstance(test, ast.If):
            once = guards.guarded_in_loop(test, scope, _facts(loop))
        return truth is not False and once != "body", truth is not True and once != "orelse"

    return follow


@remembered
def _facts(loop: Loop) -> guards.Body:
    return guards.Body(body(loop), targets(loop), _counters(loop))


@remembered
def _assumptions(loop: Loop) -> list[dict[str, bool]]:
    return correlation.same_twice(body(loop))


def is_mapping(site: CallSite, factories: Factories) -> bool:
    """Whether a call is of ``map`` or its like, which is a loop of its own."""
    if not is_mapper(callee_name(site.node)) or not site.node.args:
        return False
    values = factories.interpreter.callees(site.node, site.scope, NO_ENV)
    return any(isinstance(value, Api) and keras.is_mapper(value.name) for value in values)
