"""Constructions that a function only calls on its tensors: blocks of layers, spelled as a ``Sequential``."""

from __future__ import annotations

import ast
from functools import lru_cache

from .scopes import callee_name
from .syntax import method_calls


def only_called(construction: ast.Call, function: ast.AST) -> bool:
    """Whether a function does nothing with what it constructs but add layers to it and call it: ``block(x)``.

    Such a function returns a tensor of a larger model. It builds no model of its own.
    """
    return callee_name(construction) == "Sequential" and construction in _blocks(function)


@lru_cache(maxsize=1)  # the constructions of a function are asked for one after the other
def _blocks(function: ast.AST) -> frozenset[ast.expr]:
    """What a function calls at once, or gives names to that it does nothing else with. Nothing in one that returns no value."""
    nodes = list(ast.walk(function))
    if not any(isinstance(node, ast.Return) and node.value for node in nodes):
        return frozenset()
    calls = {node.func: node for node in nodes if isinstance(node, ast.Call)}
    added_to = {receiver for _, receiver, method in method_calls(nodes) if method == "add"}
    reads = [node for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)]
    called = {name.id for name in reads if name in calls and calls[name].args}
    used = {name.id for name in reads if name not in calls and name not in added_to}
    found = set(calls)
    for node in nodes:
        if isinstance(node, ast.Assign):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if names and len(names) == len(node.targets) and names & called and not names & used:
                found.add(node.value)
    return frozenset(found)
