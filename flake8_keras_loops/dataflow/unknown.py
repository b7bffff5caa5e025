"""Factories that cannot be followed: parameters, modules that are not there. Their result speaks for itself.

A call whose callee is not known is taken for a Keras factory only if what it returns is then used as only a Keras model can be:
compiled with a loss, fitted with ``epochs`` and ``batch_size``, trained ``on_batch``, or fitted to give a ``history``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ..knowledge import effects, lookups, modes
from ..knowledge.effects import PASSES, READS
from ..semantics.binding import parameter
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite, Loop, Module, Scope, callee_name, reaching, remembered, start
from ..semantics.syntax import is_same, walk
from ..semantics.values import NO_ENV, Api, Func, Values


def is_unknown(values: Values) -> bool:
    """Whether nothing is known of a callee: no value, a name of a module that is not there, an abstract method."""
    return all(
        (isinstance(value, Api) and _is_missing(value.name)) or (isinstance(value, Func) and is_abstract(value))
        for value in values
    )


def is_abstract(func: Func) -> bool:
    """Whether a function only raises, or does nothing: subclasses elsewhere fill it in."""
    statements = getattr(func.scope.node, "body", None)
    return isinstance(statements, list) and all(
        isinstance(each, (ast.Raise, ast.Pass)) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in statements
    )


def _is_missing(name: str) -> bool:
    if "." not in name or name.startswith(("keras.", "tensorflow.", "builtins.")):
        return False
    return not modes.is_other_library(name)


def looks_like_keras(interpreter: Interpreter, site: CallSite) -> bool:
    """Whether the result of a call in a loop is used there as only a Keras model can be."""
    if site.node in trained_calls(site.scope.module):
        return True
    if site.loop is None or imports_rival(site.scope.module):
        return False
    taker = _takers(site.loop).get(site.node)
    if isinstance(taker, ast.Call):
        return _is_handed_on(site.node, taker, site.scope, interpreter, depth=1)
    if taker is None:
        return False
    known, asked = site.loop.cache, (_is_model, taker.id, site.scope)
    if asked not in known:
        known[asked] = _is_model(taker.id, _body(site.loop), site.scope, interpreter, depth=2)
    return bool(known[asked])


@remembered
def _takers(loop: Loop) -> dict[ast.expr, ast.Name | ast.Call]:
    """What the value of an expression in a loop is assigned or handed to."""
    takers: dict[ast.expr, ast.Name | ast.Call] = {}
    for node in walk(_body(loop)):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            takers.setdefault(node.value, node.targets[0])
        elif isinstance(node, ast.Call):
            takers.update(dict.fromkeys(node.args, node))
    return takers


def _body(loop: Loop) -> list[ast.stmt]:
    statements = getattr(loop.node, "body", None)
    return statements if isinstance(statements, list) else []


@remembered
def trained_calls(module: Module) -> frozenset[ast.expr]:
    """What functions of a module train as only a Keras model can be, where it is made: ``create()`` of ``model = create()``."""
    if imports_rival(module):
        return frozenset()
    told = [site for name in modes.TELLING for site in module.calls_named(name) if _is_keras_use(site)]
    models = [(site.node.func.value, site.scope) for site in told if isinstance(site.node.func, ast.Attribute)]
    return frozenset(made for model, scope in models for made in _sources(model, scope))


def _sources(node: ast.expr, scope: Scope) -> Iterator[ast.Call]:
    """The calls that an expression may come from: itself, or what its name is bound to."""
    if isinstance(node, ast.Name):
        bindings = reaching(scope.function().bindings.get(node.id, []), start(node))
        made = [each.expr for each in bindings if each.kind == "value" and not each.path]
    else:
        made = [node]
    yield from (each for each in made if isinstance(each, ast.Call) and not _gives_what_is_there(each))


def _gives_what_is_there(call: ast.Call) -> bool:
    """``models.get(name)``, ``next(models)``, ``super()``"""
    name = callee_name(call)
    return lookups.looks_up(name) if isinstance(call.func, ast.Attribute) else effects.does(name, READS | PASSES)


def _is_keras_use(site: CallSite) -> bool:
    """The same as :func:`is_keras_use`, with arguments in a dictionary too; or what ``fit()`` gives has a ``history``."""
    call, function = site.node, site.scope.function()
    if not isinstance(call.func, ast.Attribute):
        return False
    given = list(call.keywords)
    for name in (each.value for each in call.keywords if each.arg is None and isinstance(each.value, ast.Name)):
        for binding in reaching(function.bindings.get(name.id, []), start(call)):
            keys = binding.expr.keys if isinstance(binding.expr, ast.Dict) else []
            given += [ast.keyword(str(key.value), key) for key in keys if isinstance(key, ast.Constant)]
    if is_keras_use(call.func.attr, ast.Call(call.func, call.args, given)):
        return True
    return call.func.attr == "fit" and call in _with_history(function)


def _with_history(function: Scope) -> frozenset[ast.Call]:
    """The calls in a function of whose result it reads the ``history``."""
    known = function.module.cache
    if (_with_history, function) not in known:
        read = [node.value for node in ast.walk(function.node) if isinstance(node, ast.Attribute) and node.attr == "history"]
        known[_with_history, function] = frozenset(call for node in read for call in _sources(node, function))
    calls: frozenset[ast.Call] = known[_with_history, function]
    return calls


def imports_rival(module: Module) -> bool:
    """Whether a module imports a package whose models have methods of the same names."""
    return not modes.RIVALS.isdisjoint(module.packages)


def _is_model(name: str, statements: Iterable[ast.stmt], scope: Scope, interpreter: Interpreter, depth: int) -> bool:
    """Whether statements use what a name holds as a Keras model, or hand it to a function that does."""
    for node in walk(statements):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and is_same(node.func.value, name):
            if is_keras_use(node.func.attr, node):
                return True
        elif depth and any(
            is_same(given, name) and _is_handed_on(given, node, scope, interpreter, depth - 1) for given in node.args
        ):
            return True
    return False


def _is_handed_on(given: ast.expr, call: ast.Call, scope: Scope, interpreter: Interpreter, depth: int) -> bool:
    """Whether a function of the project that gets the result uses it as a Keras model."""
    for value in interpreter.callees(call, scope, NO_ENV):
        if isinstance(value, Func) and not isinstance(value.scope.node, ast.Lambda):
            name = parameter(call, value, given)
            statements: list[ast.stmt] = value.scope.node.body  # type: ignore[attr-defined]
            if name is not None and _is_model(name, statements, value.scope, interpreter, depth):
                return True
    return False


def is_keras_use(method: str, call: ast.Call) -> bool:
    """Whether a method is called with arguments that only a Keras model takes."""
    keywords = {keyword.arg for keyword in call.keywords if keyword.arg}
    if method == "compile":
        return bool(keywords & modes.OF_COMPILE)
    return method in modes.OF_MODELS_ALONE or (method == "fit" and len(keywords & modes.OF_FIT) >= 2)
