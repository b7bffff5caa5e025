"""What stands around a loop and speaks for or against a fix: graph mode, scopes, threads."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..semantics.interpreter import Resolver
from ..semantics.scopes import Module, callee_name
from ..semantics.syntax import Syntax, within
from ..semantics.values import NO_ENV, Func
from .construction_site import Home, NoFixError, reached

_GRAPH_MODE = frozenset(
    {"disable_eager_execution", "disable_v2_behavior", "Session", "InteractiveSession", "get_session", "set_session"}
)
_GRAPHS = frozenset({"Graph", "as_default", "Session", "InteractiveSession"})
_THREADS = frozenset({"Thread", "Timer", "ThreadPoolExecutor", "ThreadPool", "to_thread", "run_in_executor", "Parallel"})
_SHIFTS_NAMES = frozenset(
    {"set_dtype_policy", "set_global_policy", "set_policy", "CustomObjectScope", "custom_object_scope", "get_custom_objects"}
)


def is_graph_mode(module: Module) -> bool:
    """Whether a file runs Keras without eager execution, as TensorFlow 1 did."""
    return any(module.calls_named(name) for name in _GRAPH_MODE)


def has_global_state(module: Module) -> bool:
    """Whether a file touches what ``clear_session()`` resets in Keras 3: dtype policy, custom objects, ``keras.random``."""
    if any(module.calls_named(name) for name in _SHIFTS_NAMES):
        return True
    return any(
        isinstance(node, ast.Attribute) and node.attr == "random" and ast.unparse(node.value).rpartition(".")[2] == "keras"
        for node in ast.walk(module.tree)
    )


def check_scopes(home: Home, syntax: Syntax) -> None:
    """Raises :class:`NoFixError` in a distribution scope or a graph of its own."""
    for parent in (parent for node in (home.built, *(call for call, _ in home.path)) for parent in syntax.above(node)):
        if isinstance(parent, (ast.With, ast.AsyncWith)):
            calls = [node for item in parent.items for node in ast.walk(item.context_expr) if isinstance(node, ast.Call)]
            for name in map(callee_name, calls):
                if name == "scope":
                    raise NoFixError("the model is built in a distribution scope")
                if name in _GRAPHS:
                    raise NoFixError("the model is built in a graph of its own")


def doubts(home: Home, module: Module) -> Iterator[str]:
    """What makes keeping a model uncertain."""
    if home.loop is None and any(module.calls_named(name) for name in _THREADS):
        yield "the file uses threads, and one kept model cannot serve two at a time"
    elif home.loop is not None:
        started = [site.node for name in _THREADS for site in module.calls_named(name)]
        if any(within(call, home.loop.node) for call in started):
            yield "the loop starts threads, and one kept model cannot serve two at a time"
    for site in module.calls:
        if any(keyword.arg == "stateful" and _is_true(keyword.value) for keyword in site.node.keywords):
            yield "a stateful layer keeps its state"
            return


def is_distributed(home: Home, module: Module, resolver: Resolver, syntax: Syntax) -> bool:
    """Whether the factory opens a distribution scope, or the function of the loop is called in one."""
    factories = [func for func in resolver.callees(home.call, home.scope, NO_ENV) if isinstance(func, Func)]
    for scope in reached(factories, resolver):
        if any(within(site.node, scope.node) and _is_strategy(site.node) for site in scope.module.calls_named("scope")):
            return True
    own = module.scope_of.get(home.function)
    for site in module.calls_named("scope"):
        if _is_strategy(site.node) and isinstance(home.function, ast.FunctionDef):
            block = syntax.statement(site.node)
            calls = [other for other in module.calls if within(other.node, block)]
            inner = [f for other in calls for f in resolver.callees(other.node, other.scope, NO_ENV) if isinstance(f, Func)]
            if own in reached(inner, resolver):
                return True
    return False


def _is_strategy(call: ast.Call) -> bool:
    return "strategy" in ast.unparse(call.func).lower()


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
