"""Factories that cannot be followed: parameters, modules that are not there. Their result speaks for itself.

A call in a loop whose callee is not known is taken for a Keras factory only if what it returns is then used as only a Keras
model can be: compiled with a loss, fitted with ``epochs`` and ``batch_size``, trained ``on_batch``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ..knowledge import modes
from ..semantics.binding import parameter
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite, Loop, Module
from ..semantics.values import NO_ENV, Api, Func, Values
from .loops import body


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
    return not modes.is_other_library(name)


def looks_like_keras(interpreter: Interpreter, site: CallSite, loop: Loop) -> bool:
    """Whether the result of a call in a loop is used as only a Keras model can be."""
    if imports_rival(site.scope.module):
        return False
    statements = body(loop)
    if not statements:
        return False
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign) and node.value is site.node and isinstance(node.targets[0], ast.Name):
                return _evidence(interpreter, site, statements, node.targets[0].id, depth=2)
            if isinstance(node, ast.Call) and site.node in node.args:
                return _handed_on(interpreter, site, node, node.args.index(site.node), depth=1)
    return False


def imports_rival(module: Module) -> bool:
    """Whether a module imports a package whose models have methods of the same names."""
    return any(
        binding.kind == "import" and binding.target.partition(":")[0].partition(".")[0] in modes.RIVALS
        for bindings in module.scope.bindings.values()
        for binding in bindings
    )


def _evidence(interpreter: Interpreter, site: CallSite, statements: Iterable[ast.stmt], name: str, depth: int) -> bool:
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
                        if _handed_on(interpreter, site, node, position, depth - 1):
                            return True
    return False


def _handed_on(interpreter: Interpreter, site: CallSite, call: ast.Call, position: int, depth: int) -> bool:
    """Whether a function of the project that gets the result uses it as a Keras model."""
    for value in interpreter.callees(call, site.scope, NO_ENV):
        if isinstance(value, Func) and not isinstance(value.scope.node, ast.Lambda):
            name = parameter(call, value, call.args[position])
            inner = CallSite(call, value.scope, None)
            if name is not None and _evidence(interpreter, inner, value.scope.node.body, name, depth):  # type: ignore[attr-defined]
                return True
    return False


def is_keras_use(method: str, call: ast.Call) -> bool:
    """Whether a method is called with arguments that only a Keras model takes."""
    keywords = {keyword.arg for keyword in call.keywords if keyword.arg}
    if method in modes.OF_MODELS_ALONE:
        return True
    if method == "compile":
        return bool(keywords & modes.OF_COMPILE)
    return method == "fit" and len(keywords & modes.OF_FIT) >= 2
