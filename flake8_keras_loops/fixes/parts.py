"""What is done with a part of a model, such as a layer or its variables: it may be looked at, not kept."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..semantics.interpreter import Resolver
from ..semantics.scopes import Scope, callee_name
from ..semantics.syntax import Syntax
from ..semantics.values import MODEL, NO_ENV, TENSOR, Api, Obj, Values

#: Methods that put their argument into a collection.
ADDERS = frozenset({"append", "add", "extend", "insert", "appendleft", "put", "setdefault", "update", "put_nowait"})
#: Attributes of a model that are parts of it, or lead to them.
PARTS = frozenset(
    {"layers", "weights", "variables", "trainable_weights", "trainable_variables", "non_trainable_weights", "optimizer"}
    | {"non_trainable_variables", "input", "inputs", "output", "outputs", "metrics", "get_layer", "submodules"}
)
#: Functions that look at what they are given and do not keep it.
LOOKING = frozenset(
    {"print", "len", "type", "isinstance", "str", "repr", "id", "hasattr", "callable", "vars", "getsizeof", "format", "int"}
    | {"plot_model", "save_model", "model_to_dot", "clone_model", "count_params", "save", "set_value", "get_value", "float"}
    | {"zip", "sum", "enumerate", "range", "max", "min", "reversed", "sorted", "any", "all"}
    | {"gradient", "apply_gradients", "minimize", "watch", "assign", "assign_add", "assign_sub", "collect", "info", "debug"}
    | {"dump", "dumps", "deepcopy", "log_model"}  # these make a copy
)
#: Functions and classes that build a model, or a layer, around what they are given.
SHARING = frozenset({"Model", "Sequential", "Functional", "TimeDistributed", "multi_gpu_model", "Bidirectional"})
_PLAIN = frozenset({"shape", "dtype", "name", "learning_rate", "lr", "iterations"})
_WRAPPING = frozenset({"function", "partial"})
_PASSING = frozenset({"list", "tuple", "set", "dict", "iter", "zip", "enumerate", "reversed", "sorted", "filter", "next"})


@dataclass(frozen=True)
class Problem:
    """``holds``: no fix is right; otherwise it is only not known. ``reason``: one line. ``node``: where. ``changes``: nothing
    holds the model, but it is changed."""

    reason: str
    holds: bool
    node: ast.AST
    changes: bool = False


def part_problems(node: ast.expr, syntax: Syntax, resolver: Resolver, scope: Scope) -> Iterator[Problem]:
    """What speaks against a use of ``model.layers`` or ``model.optimizer``."""
    current: ast.AST = node
    for parent in syntax.above(node):
        if isinstance(parent, ast.Attribute):
            if isinstance(parent.ctx, ast.Store):
                if parent.attr == "trainable":
                    yield Problem("trainable changes after compile()", True, node, True)
                return
            if is_called(parent, syntax):
                if parent.attr in {"append", "extend"}:
                    yield Problem("a part of the model is kept", True, node)
                return  # model.layers[0].get_weights()
            if parent.attr in _PLAIN:
                if isinstance(syntax.parents[parent], ast.Assign):
                    yield Problem(f"{ast.unparse(parent)} is kept", False, node)
                return
        elif isinstance(parent, ast.Call) and parent.func is not current:
            name = callee_name(parent)
            if name in _PASSING:
                current = parent
                continue
            if name in SHARING:
                yield Problem("another model is built from its layers", True, node)
            elif name in ADDERS:
                yield Problem("a part of the model is kept", True, node)
            elif name not in LOOKING and not _computes(parent, resolver, scope):
                yield Problem(f"a part of the model is handed to {ast.unparse(parent.func)}()", False, node)
            return
        elif isinstance(parent, (ast.For, ast.comprehension)):
            yield from _each(parent, syntax, resolver, scope)
            return
        elif isinstance(parent, (ast.Expr, ast.Compare)):
            return
        elif isinstance(parent, ast.stmt):
            yield Problem("a part of the model is kept", False, node)
            return
        current = parent


def _each(loop: ast.For | ast.comprehension, syntax: Syntax, resolver: Resolver, scope: Scope) -> Iterator[Problem]:
    """What a loop over ``model.layers`` does with each of them."""
    names = {name.id for name in ast.walk(loop.target) if isinstance(name, ast.Name)}
    around = loop if isinstance(loop, ast.For) else syntax.parents[loop]
    for node in ast.walk(around):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            yield from part_problems(node, syntax, resolver, scope)


def _computes(call: ast.Call, resolver: Resolver, scope: Scope) -> bool:
    """Whether a library's function is called, which gives back a number or tensor."""
    callees = resolver.callees(call, scope, NO_ENV)
    names = [value.name.rpartition(".")[2] for value in callees if isinstance(value, Api)]
    return bool(names) and len(names) == len(callees) and all(name[:1].islower() and name not in _WRAPPING for name in names)


def is_called(node: ast.expr, syntax: Syntax) -> bool:
    """Whether an expression is what a call calls."""
    parent = syntax.parents[node]
    return isinstance(parent, ast.Call) and parent.func is node


def is_part(values: Values) -> bool:
    """Whether a value is a layer, tensor, model, optimizer or an object of a class of the project."""
    return any(
        value in (MODEL, TENSOR)
        or (isinstance(value, Obj) and (not isinstance(value.of, Api) or value.of.name.startswith("keras.")))
        for value in values
    )
