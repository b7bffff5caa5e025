"""Is a model that was built outside a loop compiled again in every iteration of it?

``compile()`` forgets the functions that the model has traced and makes a new optimizer state. That is its purpose where the
iteration changes what the model trains (``trainable``, a layer) or what it is trained for (another loss): such loops are left
alone. What is not needed is compiling with the same arguments, or only for another learning rate.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..dataflow.loops import body, repeating
from ..dataflow.paths import BUILT, CLEARS
from ..dataflow.summaries import Effects, Factories
from ..dataflow.unknown import imports_rival, is_keras_use, is_unknown
from ..dataflow.variance import Variance, writes
from ..knowledge import attributes, effects, keras, mentions
from ..knowledge.effects import REWORKS
from ..semantics import binding, callgraph, classes
from ..semantics.interpreter import BudgetError, Interpreter
from ..semantics.scopes import CallSite, Loop, Scope, callee_name
from ..semantics.syntax import base, spelling, variable
from ..semantics.values import NO_ENV, Api, Method, Obj, Value
from . import messages
from .detection import Detection, Subject


def recompiled(subject: Subject) -> Iterator[Detection]:
    """The needless ``compile()`` calls in the loops of a file."""
    if not mentions.compiles(subject.source):
        return
    factories = subject.factories
    for site in subject.module.calls_named("compile"):
        if site.loop is None or not isinstance(site.node.func, ast.Attribute):
            continue
        factories.interpreter.next_site()
        try:
            found = _looked_at(site, site.node.func.value, factories)
        except BudgetError:
            continue
        if found is not None:
            loop, only_rate = found
            yield subject.detection("KL201", site, loop, messages.recompiled(spelling(site.node), only_rate))


def _looked_at(site: CallSite, receiver: ast.expr, factories: Factories) -> tuple[Loop, bool] | None:
    """The loop that compiles the same model again, and whether it does so for another learning rate."""
    interpreter = factories.interpreter
    if not _is_name(receiver) or not _is_model(site, receiver, interpreter):
        return None
    iteration = repeating(factories, site, Effects(BUILT))
    if iteration is None or iteration.mask & CLEARS or isinstance(iteration.loop.node, ast.expr):
        return None
    loop = iteration.loop
    if needs_compile(receiver, site.scope, loop, interpreter):
        return None
    changing = list(changes(site, loop, interpreter))
    if not all(changing):
        return None
    return loop, bool(changing)


def needs_compile(receiver: ast.expr, scope: Scope, loop: Loop, interpreter: Interpreter) -> bool:
    """Whether every iteration has a model of its own there, or changes it in a way that only ``compile()`` brings into effect."""
    return _is_renewed(receiver, scope, loop, interpreter) or _is_changed(receiver, scope, loop, interpreter)


def _is_name(receiver: ast.expr) -> bool:
    """``model`` or ``self.gan.generator``"""
    while isinstance(receiver, ast.Attribute):
        receiver = receiver.value
    return isinstance(receiver, ast.Name)


def _is_model(site: CallSite, receiver: ast.expr, interpreter: Interpreter) -> bool:
    """Whether what is compiled is a Keras model: known to be one, or not known and compiled as only one can be."""
    values = interpreter.eval(receiver, site.scope)
    if values:
        if any(classes.is_keras_model(interpreter, value) for value in values):
            return True
        if not is_unknown(values) and not all(_is_unknown_result(value) for value in values):
            return False
    return (
        len(site.node.keywords) + len(site.node.args) > 1
        and is_keras_use("compile", site.node)
        and not imports_rival(site.scope.module)
    )


def _is_unknown_result(value: Value) -> bool:
    """What a method of an unknown object is or gives."""
    return isinstance(value, Method) and isinstance(value.owner, Obj) and isinstance(value.owner.of, Api)


def _is_renewed(receiver: ast.expr, scope: Scope, loop: Loop, interpreter: Interpreter) -> bool:
    """Whether an iteration, or a function that it calls, may put another model in the receiver's place."""
    name, text = variable(receiver), ast.unparse(receiver)
    if name in writes(loop).names:
        return True
    if any(name in inner.outer_names for inner in scope.module.scope_of.values()):
        return True
    attributes = {node.attr for node in ast.walk(receiver) if isinstance(node, ast.Attribute)}
    for part, owner in _parts(loop, interpreter):
        for node in ast.walk(part):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in attributes:
                if owner is not loop.scope or text.startswith(ast.unparse(node)):
                    return True
    return False


def _is_changed(receiver: ast.expr, scope: Scope, loop: Loop, interpreter: Interpreter) -> bool:
    """Whether an iteration changes the model so that it has to be compiled again: ``trainable``, a layer, what it holds."""
    name = variable(receiver)
    for part, _ in _parts(loop, interpreter):
        for node in ast.walk(part):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr not in attributes.HARMLESS:
                if node.attr == "trainable" or (base(node) == name != "self") or _is_of_layers(node, part):
                    return True
            elif isinstance(node, ast.Call) and effects.does(callee_name(node), REWORKS):
                func = node.func
                if not isinstance(func, ast.Attribute) or ast.unparse(func.value) == ast.unparse(receiver):
                    return True
            elif isinstance(node, ast.Call) and callee_name(node) == "setattr":
                return True
    return False


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


def _parts(loop: Loop, interpreter: Interpreter) -> Iterator[tuple[ast.AST, Scope]]:
    """The statements of a loop, and the functions of the project that it comes upon."""
    for statement in body(loop):
        yield statement, loop.scope
    yield from ((scope.node, scope) for scope in callgraph.called([(loop.node, loop.scope)], interpreter))


def changes(site: CallSite, loop: Loop, interpreter: Interpreter) -> Iterator[bool]:
    """For each part of the arguments that the loop changes: whether it is only the optimizer's learning rate."""
    variance = Variance(interpreter, loop)
    for argument in binding.arguments(site.node):
        yield from _of(argument, site.scope, variance, 0)


def _of(node: ast.expr, scope: Scope, variance: Variance, depth: int) -> Iterator[bool]:
    if isinstance(node, ast.Name) and node.id in variance.writes.names and depth < 3:
        value = variance.value(node.id)
        if value is not None:
            yield from _of(value, scope, variance, depth + 1)
            return
    if isinstance(node, ast.Call) and makes_optimizer(node, scope, variance.interpreter):
        rate = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg in attributes.RATES)]
        for argument in binding.arguments(node):
            if not variance.is_invariant(argument, scope, calls=True):
                yield argument in rate
        return
    if not variance.is_invariant(node, scope, calls=True):
        yield False


def makes_optimizer(call: ast.Call, scope: Scope, interpreter: Interpreter) -> bool:
    """Whether a call makes a Keras optimizer."""
    callees = interpreter.callees(call, scope, NO_ENV)
    if callees:
        return all(isinstance(value, Api) and keras.is_optimizer(value.name) for value in callees)
    return callee_name(call) in attributes.OPTIMIZERS
