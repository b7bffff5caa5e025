"""Is a model that was built outside a loop compiled again in every iteration of it?

``compile()`` forgets the functions that the model has traced and makes a new optimizer state. That is its purpose where the
iteration changes what the model trains (``trainable``, a layer) or what it is trained for (another loss): such loops are left
alone. What is not needed is compiling with the same arguments, or only for another learning rate.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..dataflow.loops import assigned, body, repeating, targets
from ..dataflow.paths import BUILT, CLEARS
from ..dataflow.steady import Steadiness
from ..dataflow.summaries import Effects, Factories
from ..dataflow.unknown import imports_rival, is_keras_use, is_unknown
from ..knowledge import keras
from ..semantics import classes
from ..semantics.interpreter import BudgetError, Resolver
from ..semantics.scopes import CallSite, Loop, Scope, callee_name, extent, inside, start
from ..semantics.values import MODEL, NO_ENV, Api, Cls, Func, Method, Obj, Value

#: Stores into the model that do not need it compiled again.
_HARMLESS = frozenset({"stop_training", "learning_rate", "lr"})
_RATES = frozenset({"learning_rate", "lr"})
_REWORKING = frozenset({"add", "pop", "build", "prune_low_magnitude", "strip_pruning", "apply_pruning", "unfreeze", "freeze"})
_MAX_FUNCTIONS = 20


@dataclass(frozen=True, eq=False)
class Recompiled:
    """``model.compile(...)`` at ``site``, which ``loop`` repeats. ``rate``: with another learning rate each time."""

    site: CallSite
    loop: Loop
    rate: bool


def recompiled(factories: Factories) -> Iterator[Recompiled]:
    """The needless ``compile()`` calls in the loops of a module."""
    for site in factories.resolver.root.calls_named("compile"):
        if site.loop is None or not isinstance(site.node.func, ast.Attribute):
            continue
        factories.resolver.next_site()
        try:
            found = _looked_at(site, site.node.func.value, factories)
        except BudgetError:
            continue
        if found is not None:
            yield found


def _looked_at(site: CallSite, receiver: ast.expr, factories: Factories) -> Recompiled | None:
    resolver = factories.resolver
    if _root(receiver) is None or not _is_model(site, receiver, resolver):
        return None
    iteration = repeating(factories, site, Effects(BUILT))
    if iteration is None or iteration.mask & CLEARS or isinstance(iteration.loop.node, ast.expr):
        return None
    loop = iteration.loop
    if needs_compile(receiver, site.scope, loop, resolver):
        return None
    changing = list(changes(site, loop, resolver))
    if not all(changing):
        return None
    return Recompiled(site, loop, bool(changing))


def needs_compile(receiver: ast.expr, scope: Scope, loop: Loop, resolver: Resolver) -> bool:
    """Whether every iteration has a model of its own there, or changes it in a way that only ``compile()`` brings into effect."""
    return _is_renewed(receiver, scope, loop, resolver) or _is_changed(receiver, scope, loop, resolver)


def _root(receiver: ast.expr) -> str | None:
    """The name that ``model`` or ``self.gan.generator`` starts from, ``None`` for other expressions."""
    while isinstance(receiver, ast.Attribute):
        receiver = receiver.value
    return receiver.id if isinstance(receiver, ast.Name) else None


def _is_model(site: CallSite, receiver: ast.expr, resolver: Resolver) -> bool:
    """Whether what is compiled is a Keras model: known to be one, or not known and compiled as only one can be."""
    values = resolver.eval(receiver, site.scope)
    if values:
        if any(_is_keras(value, resolver) for value in values):
            return True
        if not is_unknown(values) and not all(_is_unknown_result(value) for value in values):
            return False
    return len(site.node.keywords) + len(site.node.args) > 1 and is_keras_use("compile", site.node) and not _has_rival(site)


def _is_keras(value: Value, resolver: Resolver) -> bool:
    return value == MODEL or (isinstance(value, Obj) and isinstance(value.of, Cls) and classes.is_model(resolver, value.of))


def _is_unknown_result(value: Value) -> bool:
    """What a method of an unknown object is or gives."""
    return isinstance(value, Method) and isinstance(value.owner, Obj) and isinstance(value.owner.of, Api)


def _has_rival(site: CallSite) -> bool:
    return imports_rival(site.scope.module)


def _is_renewed(receiver: ast.expr, scope: Scope, loop: Loop, resolver: Resolver) -> bool:
    """Whether an iteration, or a function that it calls, may put another model in the receiver's place."""
    root, text = _root(receiver), ast.unparse(receiver)
    if root in assigned(loop) or root in set(targets(loop)):
        return True
    if any(root in inner.outer_names for inner in scope.module.scope_of.values()):
        return True
    attributes = {node.attr for node in ast.walk(receiver) if isinstance(node, ast.Attribute)}
    for part, owner in _parts(loop, resolver):
        for node in ast.walk(part):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in attributes:
                if owner is not loop.scope or text.startswith(ast.unparse(node)):
                    return True
    return False


def _is_changed(receiver: ast.expr, scope: Scope, loop: Loop, resolver: Resolver) -> bool:
    """Whether an iteration changes the model so that it has to be compiled again: ``trainable``, a layer, what it holds."""
    root = _root(receiver)
    for part, _ in _parts(loop, resolver):
        for node in ast.walk(part):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr not in _HARMLESS:
                if node.attr == "trainable" or _starts_from(node, root) or _is_of_layers(node, part):
                    return True
            elif isinstance(node, ast.Call) and callee_name(node) in _REWORKING:
                func = node.func
                if not isinstance(func, ast.Attribute) or ast.unparse(func.value) == ast.unparse(receiver):
                    return True
            elif isinstance(node, ast.Call) and callee_name(node) == "setattr":
                return True
    return False


def _starts_from(node: ast.expr, root: str | None) -> bool:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id == root and root != "self"


def _is_of_layers(node: ast.Attribute, part: ast.AST) -> bool:
    """``layer.rate = 0.1`` in a loop over ``model.layers``."""
    if not isinstance(node.value, ast.Name):
        return False
    name = node.value.id
    return any(
        isinstance(loop, ast.For)
        and any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(loop.target))
        and any(isinstance(n, ast.Attribute) and n.attr == "layers" for n in ast.walk(loop.iter))
        for loop in ast.walk(part)
    )


def _parts(loop: Loop, resolver: Resolver) -> Iterator[tuple[ast.AST, Scope]]:
    """The statements of a loop, and the functions of the project that it comes upon."""
    for statement in body(loop):
        yield statement, loop.scope
    seen: set[Scope] = set()
    todo: list[tuple[Scope, ast.AST]] = [(loop.scope, loop.node)]
    while todo:
        owner, node = todo.pop()
        where = extent(node)
        for site in owner.module.calls:
            if not inside(start(site.node), where):
                continue
            for value in resolver.callees(site.node, site.scope, NO_ENV):
                if isinstance(value, Func) and value.scope not in seen and len(seen) < _MAX_FUNCTIONS:
                    seen.add(value.scope)
                    todo.append((value.scope, value.scope.node))
                    yield value.scope.node, value.scope


def changes(site: CallSite, loop: Loop, resolver: Resolver) -> Iterator[bool]:
    """For each part of the arguments that the loop changes: whether it is only the optimizer's learning rate."""
    steadiness = Steadiness(resolver, loop)
    for argument in (*site.node.args, *(keyword.value for keyword in site.node.keywords)):
        yield from _of(argument, site.scope, steadiness, 0)


def _of(node: ast.expr, scope: Scope, steadiness: Steadiness, depth: int) -> Iterator[bool]:
    if isinstance(node, ast.Name) and node.id in steadiness.changing and depth < 3:
        value = steadiness.value(node.id)
        if value is not None:
            yield from _of(value, scope, steadiness, depth + 1)
            return
    if isinstance(node, ast.Call) and makes_optimizer(node, scope, steadiness.resolver):
        rate = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg in _RATES)]
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if not steadiness.is_steady(argument, scope, calls=True):
                yield argument in rate
        return
    if not steadiness.is_steady(node, scope, calls=True):
        yield False


def makes_optimizer(call: ast.Call, scope: Scope, resolver: Resolver) -> bool:
    """Whether a call makes a Keras optimizer."""
    callees = resolver.callees(call, scope, NO_ENV)
    if callees:
        return all(isinstance(value, Api) and keras.is_optimizer(value.name) for value in callees)
    return callee_name(call) in keras.OPTIMIZERS
