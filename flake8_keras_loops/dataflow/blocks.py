"""Constructions that a function only calls on its tensors: blocks of layers, spelled as a ``Sequential``."""

from __future__ import annotations

import ast

from ..semantics.scopes import callee_name
from ..semantics.syntax import method_calls


def only_called(construction: ast.Call, function: ast.AST) -> bool:
    """Whether a function does nothing with what it constructs but add layers to it and call it: ``block(x)``.

    Such a function returns a tensor of a larger model. It builds no model of its own.
    """
    if callee_name(construction) != "Sequential":
        return False
    nodes = list(ast.walk(function))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called = {call.func: call for call in calls}
    if not any(isinstance(node, ast.Return) and node.value for node in nodes):
        return False
    if construction in called:
        return True
    targets = [target for node in nodes if isinstance(node, ast.Assign) and node.value is construction for target in node.targets]
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    if len(names) != len(targets):
        return False
    added_to = {receiver for _, receiver, method in method_calls(calls) if method == "add"}
    uses = [node for node in nodes if isinstance(node, ast.Name) and node.id in names and not isinstance(node.ctx, ast.Store)]
    return all(use in called or use in added_to for use in uses) and any(use in called and called[use].args for use in uses)
