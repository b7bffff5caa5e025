"""Parts of a model: its layers, variables, optimizer and tensors. They may be looked at, not kept."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..knowledge import attributes, effects, keras, modes
from ..knowledge.effects import COMPLETES, LOOKS, PASSES, SHARES, STORES
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Scope, callee_name
from ..semantics.syntax import Syntax
from ..semantics.values import MODEL, NO_ENV, TENSOR, Api, Obj, Values
from .kinds import Kind, Use


def uses_of_part(node: ast.expr, syntax: Syntax, interpreter: Interpreter, scope: Scope) -> Iterator[Use]:
    """What is done with ``model.layers``, ``model.optimizer`` or another part."""
    current: ast.AST = node
    for parent in syntax.above(node):
        if isinstance(parent, ast.Attribute):
            if isinstance(parent.ctx, ast.Store):
                if parent.attr == "trainable":
                    yield Use(Kind.PART_FROZEN, node, parent)
                return
            if parent.attr in attributes.NAMES:
                yield Use(Kind.PART_NAMED, node, parent, ast.unparse(parent))
            if syntax.is_called(parent):
                if effects.does(parent.attr, STORES) and not effects.does(parent.attr, COMPLETES):
                    yield Use(Kind.PART_KEPT, node, parent)
                return  # model.layers[0].get_weights()
            if parent.attr in attributes.PLAIN:
                if isinstance(syntax.parents[parent], ast.Assign):
                    yield Use(Kind.PART_READ, node, parent, ast.unparse(parent))
                return
        elif isinstance(parent, ast.Call) and parent.func is not current:
            name = callee_name(parent)
            if effects.does(name, STORES):
                yield Use(Kind.PART_KEPT, node, parent)
            elif effects.does(name, PASSES):
                current = parent
                continue
            elif effects.does(name, SHARES):
                yield Use(Kind.PART_SHARED, node, parent)
            elif not effects.does(name, LOOKS) and not _computes(interpreter.callees(parent, scope, NO_ENV)):
                yield Use(Kind.PART_HANDED, node, parent, ast.unparse(parent.func))
            return
        elif isinstance(parent, (ast.For, ast.comprehension)):
            yield from _each_part(parent, syntax, interpreter, scope)
            return
        elif isinstance(parent, (ast.Expr, ast.Compare)):
            return
        elif isinstance(parent, ast.stmt):
            yield Use(Kind.PART_LOST, node, parent)
            return
        current = parent


def _each_part(loop: ast.For | ast.comprehension, syntax: Syntax, interpreter: Interpreter, scope: Scope) -> Iterator[Use]:
    """What a loop over ``model.layers`` does with each of them."""
    names = {name.id for name in ast.walk(loop.target) if isinstance(name, ast.Name)}
    region = loop if isinstance(loop, ast.For) else syntax.parents[loop]
    for node in ast.walk(region):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            yield from uses_of_part(node, syntax, interpreter, scope)


def is_part(values: Values) -> bool:
    """Whether a value is a layer, tensor, model, optimizer or an object of a class of the project."""
    return any(
        value in (MODEL, TENSOR)
        or (isinstance(value, Obj) and (not isinstance(value.of, Api) or value.of.name.startswith("keras.")))
        for value in values
    )


def _computes(callees: Values) -> bool:
    """Whether a known library's function is called, which gives back a number or tensor."""
    names = [value.name for value in callees if isinstance(value, Api)]
    is_known = bool(names) and len(names) == len(callees) and not any(map(modes.is_unknown_module, names))
    return is_known and not any(keras.wraps(keras.last(name)) for name in names)
