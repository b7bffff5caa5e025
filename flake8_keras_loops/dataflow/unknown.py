"""Factories that cannot be followed: parameters, modules that are not there. Their result speaks for itself.

A call in a loop whose callee is not known is taken for a Keras factory only if what it returns is then used as only a Keras
model can be: compiled with a loss, fitted with ``epochs`` and ``batch_size``, trained ``on_batch``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ..knowledge import keras
from ..semantics.interpreter import Resolver
from ..semantics.scopes import CallSite, Loop, Module
from ..semantics.values import NO_ENV, Api, Func, Values
from .loops import body

_ONLY_KERAS = frozenset({"fit_generator", "train_on_batch", "predict_generator", "evaluate_generator"})
_FIT = frozenset(
    {
        "batch_size", "epochs", "nb_epoch", "validation_data", "validation_split",
        "steps_per_epoch", "initial_epoch", "validation_steps", "class_weight",
    }
)  # fmt: skip
_COMPILE = frozenset({"loss", "optimizer", "metrics", "loss_weights"})
_RIVALS = frozenset(
    {
        "torch", "fastai", "pytorch_lightning", "lightning", "skorch", "pytorch_tabnet", "mxnet",
        "paddle", "tflearn",
    }
)  # fmt: skip


def is_unknown(values: Values) -> bool:
    """Whether nothing is known of a callee: no value, a name of a module that is not there, an abstract method."""
    return all(
        (isinstance(value, Api) and _is_missing(value.name)) or (isinstance(value, Func) and is_abstract(value))
        for value in values
    )


def is_abstract(func: Func) -> bool:
    """Whether a function only raises, or does nothing: subclasses elsewhere fill it in."""
    body = getattr(func.scope.node, "body", None)
    if not isinstance(body, list):
        return False
    return all(
        isinstance(statement, (ast.Raise, ast.Pass))
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in body
    )


def _is_missing(name: str) -> bool:
    if "." not in name or name.startswith(("keras.", "tensorflow.", "builtins.")):
        return False
    return not keras.is_other_library(name)


def looks_like_keras(resolver: Resolver, site: CallSite, loop: Loop) -> bool:
    """Whether the result of a call in a loop is used as only a Keras model can be."""
    if imports_rival(site.scope.module):
        return False
    statements = body(loop)
    if not statements:
        return False
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign) and node.value is site.node and isinstance(node.targets[0], ast.Name):
                return _evidence(resolver, site, statements, node.targets[0].id, depth=2)
            if isinstance(node, ast.Call) and site.node in node.args:
                return _handed_on(resolver, site, node, node.args.index(site.node), depth=1)
    return False


def imports_rival(module: Module) -> bool:
    """Whether a module imports a package whose models have methods of the same names."""
    return any(
        binding.kind == "import" and binding.target.partition(":")[0].partition(".")[0] in _RIVALS
        for bindings in module.scope.bindings.values()
        for binding in bindings
    )


def _evidence(resolver: Resolver, site: CallSite, statements: Iterable[ast.stmt], name: str, depth: int) -> bool:
    for statement in statements:
        for node in ast.walk(statement):
            if not isinstance(node, ast.Call):
                continue
            func = node.func
            if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == name:
                if is_keras_use(func.attr, node):
                    return True
            elif depth:
                for position, argument in enumerate(node.args):
                    if isinstance(argument, ast.Name) and argument.id == name:
                        if _handed_on(resolver, site, node, position, depth - 1):
                            return True
    return False


def _handed_on(resolver: Resolver, site: CallSite, call: ast.Call, position: int, depth: int) -> bool:
    """Whether a function of the project that gets the result uses it as a Keras model."""
    for value in resolver.callees(call, site.scope, NO_ENV):
        if isinstance(value, Func) and not isinstance(value.scope.node, ast.Lambda):
            node = value.scope.node
            names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]  # type: ignore[attr-defined]
            index = position + (value.receiver is not None)
            inner = CallSite(call, value.scope, None)
            if index < len(names) and _evidence(resolver, inner, node.body, names[index], depth):  # type: ignore[attr-defined]
                return True
    return False


def is_keras_use(method: str, call: ast.Call) -> bool:
    """Whether a method is called with arguments that only a Keras model takes."""
    keywords = {keyword.arg for keyword in call.keywords if keyword.arg}
    if method in _ONLY_KERAS:
        return True
    if method == "compile":
        return bool(keywords & _COMPILE)
    return method == "fit" and len(keywords & _FIT) >= 2
