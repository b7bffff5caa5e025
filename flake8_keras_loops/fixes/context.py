"""What stands around a loop and speaks for or against a fix: graph mode, scopes, threads."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..dataflow.construction import Construction
from ..knowledge import effects, modes
from ..knowledge.effects import FORKS
from ..semantics import callgraph
from ..semantics.binding import is_literal, keyword
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Module, Scope, callee_name
from ..semantics.syntax import Syntax, within
from ..semantics.values import NO_ENV, Func
from .plans import RefusedError

THREADS = effects.names_with(FORKS)


def is_graph_mode(module: Module) -> bool:
    """Whether a file runs Keras without eager execution, as TensorFlow 1 did."""
    return any(module.calls_named(name) for name in modes.GRAPH_MODE)


def has_global_state(module: Module) -> bool:
    """Whether a file touches what ``clear_session()`` resets in Keras 3: dtype policy, custom objects, ``keras.random``."""
    if any(module.calls_named(name) for name in modes.GLOBAL_STATE):
        return True
    return any(
        isinstance(node, ast.Attribute) and node.attr == "random" and ast.unparse(node.value).rpartition(".")[2] == "keras"
        for node in ast.walk(module.tree)
    )


def check_scopes(place: Construction, syntax: Syntax) -> None:
    """Raises :class:`RefusedError` in a distribution scope or a graph of its own."""
    for parent in (parent for node in (place.built, *(call for call, _ in place.path)) for parent in syntax.above(node)):
        if isinstance(parent, (ast.With, ast.AsyncWith)):
            calls = [node for item in parent.items for node in ast.walk(item.context_expr) if isinstance(node, ast.Call)]
            for name in map(callee_name, calls):
                if name == "scope":
                    raise RefusedError("the model is built in a distribution scope")
                if name in modes.GRAPHS:
                    raise RefusedError("the model is built in a graph of its own")


def doubts(place: Construction, module: Module) -> Iterator[str]:
    """What makes keeping a model uncertain."""
    if place.loop is None and any(module.calls_named(name) for name in THREADS):
        yield "the file uses threads, and one kept model cannot serve two at a time"
    elif place.loop is not None:
        started = [site.node for name in THREADS for site in module.calls_named(name)]
        if any(within(call, place.loop.node) for call in started):
            yield "the loop starts threads, and one kept model cannot serve two at a time"
    for site in module.calls:
        if is_literal(keyword(site.node, "stateful"), True):
            yield "a stateful layer keeps its state"
            return


def is_distributed(place: Construction, module: Module, interpreter: Interpreter, syntax: Syntax) -> bool:
    """Whether the factory opens a distribution scope, or the function of the loop is called in one."""
    factories = [func for func in interpreter.callees(place.call, place.scope, NO_ENV) if isinstance(func, Func)]
    for scope in (scope for func in factories for scope in _reached(func, interpreter)):
        if any(within(site.node, scope.node) and _is_strategy(site.node) for site in scope.module.calls_named("scope")):
            return True
    own = module.scope_of.get(place.function)
    for site in module.calls_named("scope"):
        if _is_strategy(site.node) and isinstance(place.function, ast.FunctionDef):
            block = syntax.statement(site.node)
            if own is not None and own in callgraph.called([(block, site.scope)], interpreter):
                return True
    return False


def _reached(func: Func, interpreter: Interpreter) -> Iterator[Scope]:
    """A function and those that it comes upon."""
    yield func.scope
    yield from callgraph.called([(func.scope.node, func.scope)], interpreter)


def _is_strategy(call: ast.Call) -> bool:
    return "strategy" in ast.unparse(call.func).lower()
