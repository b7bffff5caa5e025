"""How a file spells a function of Keras at a loop, from what it imports already.

There is no general import adder: one at the head of a file would hoist the import above ``os.environ["KERAS_BACKEND"] = …``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..knowledge import keras
from ..semantics.scopes import Binding, CallSite, Module, Scope, callee_name, extent, inside, start
from ..semantics.syntax import base, syntax_of
from ..semantics.values import NO_ENV, Api
from .plans import Case

#: Where Keras 2 and 3 alike have them: Keras 3 has the first in ``utils`` too, Keras 2 has not.
CLEAR_SESSION = "keras.backend.clear_session"
CLONE_MODEL = "keras.models.clone_model"


def spelling(case: Case, function: str, before: ast.AST) -> str:
    """``K.clear_session``, say; ``""`` where nothing that the file has imported before a node leads there.

    A spelling that the file uses elsewhere is preferred, then the shortest.
    """
    bound = dict(_imported(case, case.loop.scope.function(), before))
    for site in case.module.calls_named(keras.last(function)):
        values = case.interpreter.callees(site.node, site.scope, NO_ENV)
        if base(site.node.func) in bound and any(isinstance(v, Api) and v.name.startswith("keras.") for v in values):
            return ast.unparse(site.node.func)
    families = set(_families(case.module))
    found = []
    for local, target in bound.items():
        rest = _rest(keras.canonical(target), function)
        if rest is not None and (not families or _family(target) in families):  # not another package's models
            found.append((rest.count("."), f"{local}{rest}"))
    return min(found)[1] if found else ""


def keras_of_module(case: Case, before: ast.AST) -> tuple[str, str]:
    """How a function at the file's head reaches Keras, ``keras`` or ``tf.keras``, and the import that this needs, if any.

    ``before``: where Keras has to be imported by. ``("", "")`` where it is not certain which Keras that is, or where it is
    Keras 2 (``tf_keras``).
    """
    families = _families_of(case)
    if len(families) != 1 or families == {"tf_keras"}:
        return "", ""
    found = []
    for local, target in _imported(case, case.module.scope, before):
        rest = _rest(keras.canonical(target), "keras")
        if rest is not None and _family(target) in families:
            found.append((case.module.scope.bindings[local][0].position, local + rest))
    if found:  # the first import's, which all loops of the file can share
        return min(found)[1], ""
    if any(name == "keras" for name, _ in imports(case.module)) or case.syntax.free_name("keras") != "keras":
        return "", ""
    return "keras", "import keras\n" if families == {"keras"} else "from tensorflow import keras\n"


def _rest(have: str, wanted: str) -> str | None:
    """What has to follow a name that stands for ``have`` to reach ``wanted``: ``.backend.clear_session``."""
    if have == "tensorflow":
        return "." + wanted
    return wanted[len(have) :] if wanted == have or wanted.startswith(have + ".") else None


def imports(module: Module) -> Iterator[tuple[str, str]]:
    """The names that a module imports anywhere, ``*`` among them, with the dotted name behind each."""
    for scope in module.scope_of.values():
        for name, bindings in scope.bindings.items():
            yield from ((name, binding.target.replace(":", ".")) for binding in bindings if binding.kind == "import")
    yield from (("*", target) for target in module.scope.stars)


def _imported(case: Case, scope: Scope, before: ast.AST) -> Iterator[tuple[str, str]]:
    """Names that stand for the same import wherever a node can see them, with the dotted name behind each."""
    for name in {name for name, _ in imports(case.module)}:
        bindings = scope.bindings_of(name)
        targets = [binding.target.replace(":", ".") for binding in bindings]
        if all(binding.kind == "import" for binding in bindings) and len(set(map(keras.canonical, targets))) == 1:
            if all(_is_reached(case, binding, before, is_alone=len(bindings) == 1) for binding in bindings):
                yield name, targets[0]


def _is_reached(case: Case, binding: Binding, before: ast.AST, is_alone: bool) -> bool:
    """Whether an import certainly ran before a node: not in a branch; ``try``/``except`` may have one in each part."""
    if binding.position >= start(before) or binding.node is None:
        return False
    parent = case.syntax.parents[binding.node]
    while isinstance(parent, (ast.Try, ast.ExceptHandler, ast.If)) and not is_alone:
        parent = case.syntax.parents[parent]
    while isinstance(parent, (ast.With, ast.For, ast.While)) and inside(start(before), extent(parent)):
        parent = case.syntax.parents[parent]
    return isinstance(parent, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef))


def _family(target: str) -> str:
    return target.partition(".")[0].removesuffix("_core")


def _families(module: Module) -> Iterator[str]:
    """The packages that a file takes Keras from: ``keras``, ``tensorflow``, ``tf_keras``."""
    spelled = {ast.unparse(node) for node in syntax_of(module).every(ast.Attribute) if node.attr == "keras"}
    for name, target in imports(module):
        canonical = keras.canonical(target)
        if canonical.partition(".")[0] == "keras" or (canonical == "tensorflow" and f"{name}.keras" in spelled):
            yield _family(target)


def _families_of(case: Case) -> set[str]:
    """The same for the file of a case; where it names none, for those files whose functions build the model."""
    found = set(_families(case.module))
    places = {site.path for site in case.detection.effects.sites} - {case.module.path} if not found else set()
    builders = filter(None, map(case.interpreter.project.load, places))
    return found.union(*map(_families, builders))


def is_clearing(case: Case, site: CallSite) -> bool:
    """Whether a call is of ``clear_session()`` or its like itself, not of a function that calls it."""
    if not keras.clears(callee_name(site.node)):
        return False
    values = case.interpreter.callees(site.node, site.scope, NO_ENV)
    return not values or any(isinstance(value, Api) and keras.clears(value.name) for value in values)
