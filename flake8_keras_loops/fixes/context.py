"""What stands around a loop and speaks against keeping a model: scopes, threads, state."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ..dataflow.construction import Construction
from ..knowledge import effects, modes
from ..knowledge.effects import FORKS
from ..semantics import callgraph
from ..semantics.binding import is_literal, keyword
from ..semantics.scopes import Module, callee_name, remembered
from ..semantics.syntax import Syntax, walk, within
from .plans import Case, RefusedError


def entered(nodes: Iterable[ast.AST], syntax: Syntax) -> Iterator[str]:
    """The names of what is called in the heads of the ``with`` statements around some nodes."""
    for parent in (above for node in nodes for above in syntax.above(node)):
        if isinstance(parent, (ast.With, ast.AsyncWith)):
            contexts = walk(item.context_expr for item in parent.items)
            yield from (callee_name(node) for node in contexts if isinstance(node, ast.Call))


def check_scopes(place: Construction, syntax: Syntax) -> None:
    """Raises :class:`RefusedError` in a distribution scope or a graph of its own."""
    for name in entered((place.built, *(call for call, _ in place.path)), syntax):
        if name == "scope":
            raise RefusedError("the model is built in a distribution scope")
        if name in modes.GRAPHS:
            raise RefusedError("the model is built in a graph of its own")


def doubts(place: Construction, case: Case) -> Iterator[str]:
    """What makes keeping a model uncertain."""
    started = [site.node for name in effects.names_with(FORKS) for site in case.module.calls_named(name)]
    if place.loop is None and started:
        yield "the file uses threads, and one kept model cannot serve two at a time"
    elif place.loop is not None and any(within(call, place.loop.node) for call in started):
        yield "the loop starts threads, and one kept model cannot serve two at a time"
    if _has_stateful_layers(case.module):
        yield "a stateful layer keeps its state"


@remembered
def _has_stateful_layers(module: Module) -> bool:
    return any(is_literal(keyword(site.node, "stateful"), True) for site in module.calls)


def is_distributed(place: Construction, case: Case) -> bool:
    """Whether the factory opens a distribution scope, or the function of the loop is called in one."""
    if any(_is_strategy(site.node) for site in callgraph.calls([(place.call, place.scope)], case.interpreter)):
        return True
    opening = [site for site in case.module.calls_named("scope") if _is_strategy(site.node)]
    blocks = [(case.syntax.statement(site.node), site.scope) for site in opening]
    return place.owner in callgraph.called(blocks, case.interpreter)


def _is_strategy(call: ast.Call) -> bool:
    return callee_name(call) == "scope" and "strategy" in ast.unparse(call.func).lower()
