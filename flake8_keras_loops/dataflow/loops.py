"""Loops: which call an iteration repeats, and what one iteration does on its paths."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..knowledge import keras
from ..semantics import branches
from ..semantics.scopes import CallSite, FunctionNode, Loop, Scope, callee_name, parameters, remembered
from ..semantics.syntax import walk
from ..semantics.values import NO_ENV, Api
from . import correlation, guards
from .paths import BUILDS, NOTHING, Branches, Flow, clearing_only
from .summaries import Effects, Factories

#: Names of what calls a function once an element.
MAPPERS = frozenset({"map", "starmap"})


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
    elif name not in {"range", "trange", "prange"}:
        return []
    return [target.id] if isinstance(target, ast.Name) else []


def runs_once(loop: Loop) -> bool:
    """Whether a loop ranges over a literal of at most one element, or never starts."""
    node = loop.node
    if isinstance(node, ast.While):
        return isinstance(node.test, ast.Constant) and not node.test.value
    if is_function(loop):
        return False
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return is_single(node.iter)
    if isinstance(node, ast.GeneratorExp) and any(node in site.node.args for site in loop.scope.module.calls_named("next")):
        return True
    return all(is_single(generator.iter) for generator in node.generators)  # type: ignore[attr-defined]


def is_single(iterable: ast.expr) -> bool:
    """Whether a literal, or what a built-in function makes of one, has at most one element."""
    if isinstance(iterable, (ast.List, ast.Tuple, ast.Set)):
        return len(iterable.elts) <= 1 and not any(isinstance(item, ast.Starred) for item in iterable.elts)
    if isinstance(iterable, ast.Dict):
        return len(iterable.keys) <= 1 and None not in iterable.keys
    if isinstance(iterable, ast.Constant):
        return isinstance(iterable.value, str) and len(iterable.value) <= 1
    if not isinstance(iterable, ast.Call) or iterable.keywords:
        return False
    func, args = iterable.func, iterable.args
    if isinstance(func, ast.Attribute) and func.attr in {"items", "keys", "values"}:
        return isinstance(func.value, ast.Dict) and is_single(func.value)
    if not isinstance(func, ast.Name) or not args:
        return False
    if func.id == "range":
        ends = [arg.value for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, int)]
        return len(ends) == len(args) <= 2 and len(range(*ends)) <= 1
    return func.id in {"enumerate", "tqdm", "reversed", "sorted", "list", "tuple", "zip"} and is_single(args[0])


def repeating(factories: Factories, site: CallSite, effects: Effects, searched: Loop | None = None) -> Iteration | None:
    """The innermost loop whose iterations repeat a call that builds, with the paths of one iteration.

    ``searched``: the function around the call, where a search calls it.
    """
    for loop in (*around(site.loop), *around(searched)):
        if runs_once(loop):
            continue
        if _iteration(factories, loop, site.node, effects, failures=False) & BUILDS:
            return Iteration(loop, _iteration(factories, loop, site.node, effects, failures=True))
    return None


def _iteration(factories: Factories, loop: Loop, target: ast.Call, effects: Effects, failures: bool) -> int:
    """Paths from the start of an iteration to the start of the next one, counting only what ``target`` builds.

    Without ``failures``, a loop that tries again only if something failed comes to no next iteration.
    """

    def effect(call: ast.Call, scope: Scope, looped: bool) -> int:
        if call is target:
            return effects.mask
        factories.count_step()
        return clearing_only(factories.of_call(call, scope).mask) or NOTHING

    if isinstance(loop.node, ast.Lambda):
        return Flow(effect, _follower(factories, loop, {})).expression(loop.node.body, loop.scope, NOTHING)
    if isinstance(loop.node, ast.expr):
        return Flow(effect, _follower(factories, loop, {})).comprehension(loop.node, loop.scope)
    mask = 0
    for assumed in _assumptions(loop):
        flow = Flow(effect, _follower(factories, loop, assumed), failures, factories.applied)
        test = loop.node.test if isinstance(loop.node, ast.While) else None
        exits = flow.body(body(loop), loop.scope, flow.expression(test, loop.scope, NOTHING))
        mask |= exits.fall | exits.continued
        if is_function(loop):
            mask |= exits.returned | (exits.raised if loop.goes_on else 0)
    return mask


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
def _facts(loop: Loop) -> guards.LoopBody:
    return guards.LoopBody(body(loop), targets(loop), _counters(loop))


@remembered
def _assumptions(loop: Loop) -> list[dict[str, bool]]:
    return correlation.same_twice(body(loop))


def is_mapping(site: CallSite, factories: Factories) -> bool:
    """Whether a call is of ``map`` or its like, which is a loop of its own."""
    if callee_name(site.node) not in MAPPERS or not site.node.args:
        return False
    values = factories.interpreter.callees(site.node, site.scope, NO_ENV)
    return any(isinstance(value, Api) and keras.is_mapper(value.name) for value in values)
