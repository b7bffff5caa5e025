"""What stands around a loop and speaks against keeping a model: scopes, threads, state."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile

from ..checks import cures
from ..dataflow.construction import Construction
from ..dataflow.loops import around
from ..dataflow.variance import Variance, names_read, writes
from ..knowledge import effects, modes
from ..knowledge.effects import FORKS, SAVES
from ..semantics import callgraph
from ..semantics.binding import arguments, is_literal, keyword
from ..semantics.scopes import Loop, Module, Scope, callee_name, remembered
from ..semantics.syntax import is_same, method_calls, walk, within
from ..semantics.values import NO_ENV, Api
from .plans import Case, RefusedError


def entered(nodes: Iterable[ast.AST], above: Callable[[ast.AST], Iterator[ast.AST]]) -> Iterator[str]:
    """The names of what is called in the heads of the ``with`` statements around some nodes. ``above``: what is around a node."""
    for parent in (outer for node in nodes for outer in above(node)):
        if isinstance(parent, (ast.With, ast.AsyncWith)):
            contexts = walk(item.context_expr for item in parent.items)
            yield from (callee_name(node) for node in contexts if isinstance(node, ast.Call))


def check_scopes(place: Construction, case: Case) -> None:
    """Raises :class:`RefusedError` in a distribution scope or a graph of its own."""
    for name in entered((place.built, *(call for call, _ in place.path)), case.above):
        if name == "scope":
            raise RefusedError("the model is built in a distribution scope", cures.PROCESS_ALONE)
        if name in modes.GRAPHS:
            raise RefusedError("the model is built in a graph of its own")


def check_devices(place: Construction, names: set[str], case: Case) -> Iterator[str]:
    """What of Keras or TensorFlow the model is built in that differs by iteration. Raises ``RefusedError`` for a device.

    ``names``: hold what the loop counts.
    """
    for node in (place.built, *(call for call, _ in place.path)):
        for item in (
            item for parent in case.above(node) if isinstance(parent, (ast.With, ast.AsyncWith)) for item in parent.items
        ):
            for call in (inner for inner in ast.walk(item.context_expr) if isinstance(inner, ast.Call)):
                if _is_of_keras(call, _scope(call, place, case), case) and _differs(call, place, names, case):
                    if modes.is_device(callee_name(call)):
                        raise RefusedError(
                            f"{ast.unparse(call)} differs from iteration to iteration, and a kept model stays on its device",
                            "keep one compiled model for each device",
                        )
                    yield f"the model is built in {ast.unparse(call)}, which differs by iteration"


def _scope(node: ast.AST, place: Construction, case: Case) -> Scope:
    """The scope that a node stands in: that of the construction, or one of another file."""
    for view in case.views[1:]:
        if node in view.syntax.parents:
            return view.module.scope_of.get(view.syntax.function(node), view.module.scope)
    return place.scope


def _is_of_keras(call: ast.Call, scope: Scope, case: Case) -> bool:
    callees = case.interpreter.callees(call, scope, NO_ENV)
    return any(isinstance(value, Api) and modes.has_devices(value.name) for value in callees)


def _differs(call: ast.Call, place: Construction, names: set[str], case: Case) -> bool:
    """Whether the arguments of a call may differ between iterations of a loop around it."""
    for loop in dict.fromkeys((*around(place.loop), *around(case.loop))):
        variance = Variance(case.interpreter, loop)
        scope = _scope(call, place, case)
        if any(names & names_read(value) or not variance.is_invariant(value, scope) for value in arguments(call)):
            return True
    return False


def is_built_once(place: Construction, case: Case) -> bool:
    """Whether a model is built only where a file is not there yet that the loop saves it to, of one name for all iterations."""
    above = case.syntax.above(place.built) if place.loop is not None else ()
    for branch in takewhile(lambda node: place.loop is not None and node is not place.loop.node, above):
        if isinstance(branch, ast.If):
            asked = [
                call for call in walk([branch.test]) if isinstance(call, ast.Call) and effects.asks_for_file(callee_name(call))
            ]
            files = {ast.unparse(call.args[0] if call.args else call.func) for call in asked}
            saved = [call for call, _, name in method_calls(walk([branch])) if effects.does(name, SAVES)]
            if any(
                ast.unparse(call.args[0]) in files and not _is_bound_by(place.loop, call.args[0]) for call in saved if call.args
            ):
                return True
    return False


def _is_bound_by(loop: Loop | None, node: ast.expr) -> bool:
    return loop is not None and bool(names_read(node) & set(writes(loop).names))


def is_conditional(place: Construction, case: Case) -> bool:
    """Whether an iteration may go on with the model of the one before: it builds one only if something holds."""
    if not place.holder or place.loop is None:
        return False
    node: ast.AST = place.built
    for parent in case.syntax.above(place.built):
        if parent is place.loop.node:
            return False
        if isinstance(parent, ast.If):
            other = parent.orelse if node in parent.body else parent.body
            if not _leaves_or_binds(other, place.holder) and _is_read_beside(parent, place, case):
                return True
        node = parent
    return False


def _leaves_or_binds(statements: list[ast.stmt], holder: str) -> bool:
    """Whether a branch ends the iteration, or has a model of its own."""
    if statements and isinstance(statements[-1], (ast.Continue, ast.Break, ast.Return, ast.Raise)):
        return True
    return any(is_same(node, holder) and isinstance(node.ctx, ast.Store) for node in walk(statements))  # type: ignore[attr-defined]


def _is_read_beside(branch: ast.If, place: Construction, case: Case) -> bool:
    """Whether the rest of the loop reads the holder."""
    assert place.loop is not None
    for node in case.syntax.reads(place.holder, place.function):
        if within(node, place.loop.node) and not (within(node, branch) and not within(node, branch.test)):
            return True
    return False


def doubts(place: Construction, case: Case) -> Iterator[str]:
    """What makes keeping a model uncertain."""
    modules = [view.module for view in case.views]
    started = [site.node for name in effects.names_with(FORKS) for module in modules for site in module.calls_named(name)]
    if place.loop is None and started:
        yield "the file uses threads, and one kept model cannot serve two at a time"
    elif place.loop is not None and any(within(call, place.loop.node) for call in started):
        yield "the loop starts threads, and one kept model cannot serve two at a time"
    if any(map(_has_stateful_layers, modules)):
        yield "a stateful layer keeps its state"


@remembered
def _has_stateful_layers(module: Module) -> bool:
    return any(is_literal(keyword(site.node, "stateful"), True) for site in module.calls)


def is_distributed(place: Construction, case: Case) -> bool:
    """Whether the factory opens a distribution scope, or the function of the loop is called in one."""
    if any(_is_strategy(site.node) for site in callgraph.calls([(place.call, place.scope)], case.interpreter)):
        return True
    blocks = [
        (view.syntax.statement(site.node), site.scope)
        for view in case.views
        for site in view.module.calls_named("scope")
        if _is_strategy(site.node)
    ]
    return place.owner in callgraph.called(blocks, case.interpreter)


def _is_strategy(call: ast.Call) -> bool:
    return callee_name(call) == "scope" and "strategy" in ast.unparse(call.func).lower()
