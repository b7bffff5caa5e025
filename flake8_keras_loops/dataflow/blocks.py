"""Constructions that a function only calls on its tensors: blocks of layers, spelled as a ``Sequential``."""

from __future__ import annotations

import ast

from ..semantics.scopes import callee_name


def only_called(construction: ast.Call, function: ast.AST) -> bool:
    """Whether a function does nothing with what it constructs but add layers to it and call it: ``block(x)``.

    Such a function returns a tensor of a larger model. It builds no model of its own.
    """
    if callee_name(construction) != "Sequential" or not any(isinstance(n, ast.Return) and n.value for n in ast.walk(function)):
        return False
    names: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and node.func is construction:
            return True
        if isinstance(node, ast.Assign) and node.value is construction:
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if len(names) != len(node.targets):
                return False
    return bool(names) and _called(names, function)


def _called(names: set[str], function: ast.AST) -> bool:
    used = {id(node) for node in ast.walk(function) if isinstance(node, ast.Name) and node.id in names}
    is_called = False
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            used.discard(id(node))
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in names:
                used.discard(id(node.func))
                is_called = is_called or bool(node.args)
            elif isinstance(node.func, ast.Attribute) and node.func.attr == "add":
                used.discard(id(node.func.value))
    return is_called and not used
