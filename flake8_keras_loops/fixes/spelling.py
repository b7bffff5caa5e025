"""How a file spells a function of Keras at a loop, from what it imports already.

There is no general import adder: one at the head of a file would hoist the import above ``os.environ["KERAS_BACKEND"] = …``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..knowledge import keras
from ..semantics.scopes import Binding, Scope, callee_name, extent, inside, start
from ..semantics.syntax import base
from ..semantics.values import NO_ENV, Api
from .plans import Case

#: A function and the modules that have it in Keras 2 and 3 alike, in the order in which to write them.
CLEAR_SESSION = ("clear_session", ("backend",))  # Keras 3 has it in utils too, Keras 2 has not
CLONE_MODEL = ("clone_model", ("models",))


def spelling(case: Case, function: tuple[str, tuple[str, ...]], before: ast.AST) -> str:
    """``keras.backend.clear_session``, say; ``""`` where nothing that the file has imported before a node leads there.

    A spelling that the file uses elsewhere is preferred, then the shortest.
    """
    name, modules = function
    bound = dict(_imported(case, before))
    for site in case.examined.module.calls_named(name):
        values = case.interpreter.callees(site.node, site.scope, NO_ENV)
        if base(site.node.func) in bound and any(isinstance(v, Api) and v.name.startswith("keras.") for v in values):
            return ast.unparse(site.node.func)
    families = _families(case)
    found = []
    for local, target in bound.items():
        if families and _family(target) not in families:
            continue  # another package's models
        for module in modules:
            rest = _rest(keras.canonical(target), f"keras.{module}.{name}")
            if rest is not None:
                found.append((modules.index(module), rest.count("."), f"{local}{rest}"))
    return min(found)[2] if found else ""


def _rest(have: str, wanted: str) -> str | None:
    """What has to follow a name that stands for ``have`` to reach ``wanted``: ``.backend.clear_session``."""
    if have == "tensorflow":
        return "." + wanted
    return wanted[len(have) :] if wanted == have or wanted.startswith(have + ".") else None


def _imported(case: Case, before: ast.AST) -> Iterator[tuple[str, str]]:
    """Names that stand for the same import wherever a node can see them, with the dotted name behind each."""
    seen: set[str] = set()
    scope: Scope | None = case.loop.scope.function()
    is_own = True
    while scope is not None:
        for name, bindings in scope.bindings.items():
            if name not in seen and (scope.kind != "class" or is_own):
                target = _target(case, bindings, before)
                if target:
                    yield name, target
            seen.add(name)
        scope, is_own = scope.parent, False


def _target(case: Case, bindings: list[Binding], before: ast.AST) -> str:
    targets = {binding.target.replace(":", ".") for binding in bindings}
    if any(binding.kind != "import" for binding in bindings) or len({keras.canonical(t) for t in targets}) != 1:
        return ""
    reached = (_is_reached(case, binding, before, is_alone=len(bindings) == 1) for binding in bindings)
    return next(iter(targets)) if all(reached) else ""


def _is_reached(case: Case, binding: Binding, before: ast.AST, is_alone: bool) -> bool:
    """Whether an import certainly ran before a node: not in a branch; ``try``/``except`` may have one in each part."""
    if binding.position >= start(before):
        return False
    statement = binding.node
    if statement is None:
        return False
    parent = case.syntax.parents[statement]
    while isinstance(parent, (ast.Try, ast.ExceptHandler, ast.If)) and not is_alone:
        parent = case.syntax.parents[parent]
    while isinstance(parent, (ast.With, ast.For, ast.While)) and inside(start(before), extent(parent)):
        parent = case.syntax.parents[parent]
    return isinstance(parent, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef))


def _family(target: str) -> str:
    return target.partition(".")[0].removesuffix("_core")


def _families(case: Case) -> set[str]:
    """The packages that the file takes Keras from: ``keras``, ``tensorflow``, ``tf_keras``."""
    module = case.examined.module
    families = set()
    for scope in {*module.scope_of.values(), module.scope}:
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                target = binding.target.replace(":", ".") if binding.kind == "import" else ""
                canonical = keras.canonical(target)
                if canonical.partition(".")[0] == "keras" or (canonical == "tensorflow" and _uses_keras(case, name)):
                    families.add(_family(target))
    families |= {_family(star) for star in module.scope.stars if keras.canonical(star).startswith("keras")}
    return families


def _uses_keras(case: Case, name: str) -> bool:
    """Whether ``tf.keras`` is read."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "keras" and isinstance(node.value, ast.Name) and node.value.id == name
        for node in ast.walk(case.examined.module.tree)
    )


def is_clearing(case: Case, call: ast.Call, scope: Scope) -> bool:
    """Whether a call is of ``clear_session()`` or its like itself, not of a function that calls it."""
    if not keras.clears(callee_name(call)):
        return False
    values = case.interpreter.callees(call, scope, NO_ENV)
    return not values or any(isinstance(value, Api) and keras.clears(value.name) for value in values)
