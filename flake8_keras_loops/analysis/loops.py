"""Loops: which call an iteration repeats, and what one iteration does on its paths."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from .. import keras_api
from . import assume, branches, guards
from .factories import Effects, Factories
from .flow import BUILDS, NOTHING, Branches, Flow, clearing_only
from .scopes import CallSite, Loop, Module, Scope
from .values import NO_ENV, Api


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


def body(loop: Loop) -> list[ast.stmt]:
    """The statements of a loop, empty for a comprehension."""
    return getattr(loop.node, "body", []) if not isinstance(loop.node, ast.expr) else []


def targets(loop: Loop) -> Iterator[str]:
    """Names that the loop itself binds anew in every iteration."""
    node = loop.node
    if isinstance(node, (ast.For, ast.AsyncFor)):
        parts = [node.target]
    else:
        parts = [generator.target for generator in getattr(node, "generators", ())]
    for part in parts:
        yield from (inner.id for inner in ast.walk(part) if isinstance(inner, ast.Name))


def assigned(loop: Loop) -> set[str]:
    """All names that an iteration binds."""
    names = set(targets(loop))
    for statement in body(loop):
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
    return names


def runs_once(loop: Loop) -> bool:
    """Whether a loop ranges over a literal of at most one element, or never starts."""
    node = loop.node
    if isinstance(node, ast.While):
        return isinstance(node.test, ast.Constant) and not node.test.value
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return _is_single(node.iter)
    return all(_is_single(generator.iter) for generator in node.generators)  # type: ignore[attr-defined]


def _is_single(iterable: ast.expr) -> bool:
    if isinstance(iterable, (ast.List, ast.Tuple, ast.Set)):
        return len(iterable.elts) <= 1 and not any(isinstance(item, ast.Starred) for item in iterable.elts)
    if isinstance(iterable, ast.Dict):
        return len(iterable.keys) <= 1 and None not in iterable.keys
    if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and not iterable.keywords:
        name, args = iterable.func.id, iterable.args
        if name == "range" and len(args) == 1:
            return isinstance(args[0], ast.Constant) and args[0].value in (0, 1)
        if name in {"enumerate", "tqdm", "reversed", "list", "tuple"} and args:
            return _is_single(args[0])
    return False


def repeating(factories: Factories, site: CallSite, effects: Effects) -> Iteration | None:
    """The innermost loop whose iterations repeat a call that builds, with the paths of one iteration."""
    for loop in around(site.loop):
        if runs_once(loop):
            continue
        mask = _iteration(factories, loop, site.node, effects)
        if mask & BUILDS:
            return Iteration(loop, mask)
    return None


def _iteration(factories: Factories, loop: Loop, target: ast.Call, effects: Effects) -> int:
    """Paths from the start of an iteration to the start of the next one, counting only what ``target`` builds."""

    def effect(call: ast.Call, scope: Scope, looped: bool) -> int:
        if call is target:
            return effects.mask
        factories.count_step()
        return clearing_only(factories.of_call(call, scope).mask) or NOTHING

    if isinstance(loop.node, ast.expr):
        return Flow(effect, _follower(factories, loop, {})).comprehension(loop.node, loop.scope)
    mask = 0
    for assumed in assume.same_twice(body(loop)):
        flow = Flow(effect, _follower(factories, loop, assumed))
        test = loop.node.test if isinstance(loop.node, ast.While) else None
        exits = flow.body(body(loop), loop.scope, flow.expression(test, loop.scope, NOTHING))
        mask |= exits.fall | exits.continued
    return mask


def _follower(factories: Factories, loop: Loop, assumed: dict[str, bool]) -> Branches:
    def follow(test: ast.If | ast.IfExp, scope: Scope) -> tuple[bool, bool]:
        truth = assume.outcome(test.test, assumed)
        if truth is None:
            truth = branches.truth(factories.resolver, test.test, scope, NO_ENV)
        once = guards.guarded_in_loop(test, body(loop), targets(loop)) if isinstance(test, ast.If) else ""
        return truth is not False and once != "body", truth is not True and once != "orelse"

    return follow


def mapped(module: Module, factories: Factories) -> Iterator[CallSite]:
    """Calls of ``map`` and its like, which are loops of their own."""
    for name in ("map", "starmap"):
        for site in module.calls_named(name):
            values = factories.resolver.callees(site.node, site.scope, NO_ENV)
            if site.node.args and any(isinstance(value, Api) and keras_api.is_mapper(value.name) for value in values):
                yield site
