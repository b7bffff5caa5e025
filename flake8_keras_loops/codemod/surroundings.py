"""What stands around a loop and speaks for or against a fix: graph mode, scopes, threads."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..analysis.scopes import Module, callee_name
from .home import Home, NoFixError
from .syntax import Syntax

_GRAPH_MODE = frozenset(
    {"disable_eager_execution", "disable_v2_behavior", "Session", "InteractiveSession", "get_session", "set_session"}
)
_GRAPHS = frozenset({"Graph", "as_default", "Session", "InteractiveSession"})
_THREADS = frozenset({"Thread", "ThreadPoolExecutor", "ThreadPool"})
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
    for parent in syntax.above(home.built):
        if isinstance(parent, (ast.With, ast.AsyncWith)):
            for item in parent.items:
                context = item.context_expr
                name = callee_name(context) if isinstance(context, ast.Call) else ""
                if name == "scope":
                    raise NoFixError("the model is built in a distribution scope")
                if name in _GRAPHS:
                    raise NoFixError("the model is built in a graph of its own")


def doubts(home: Home, module: Module) -> Iterator[str]:
    """What makes keeping a model uncertain."""
    if home.loop is None and any(module.calls_named(name) for name in _THREADS):
        yield "the file uses threads, and one kept model cannot serve two at a time"
    for site in module.calls:
        if any(keyword.arg == "stateful" and _is_true(keyword.value) for keyword in site.node.keywords):
            yield "a stateful layer keeps its state"
            return


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
