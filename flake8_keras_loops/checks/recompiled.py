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
from ..dataflow.summaries import Effects
from ..dataflow.unknown import imports_rival, is_keras_use, is_unknown
from ..dataflow.variance import Variance, declared_elsewhere, writes
from ..knowledge import attributes, effects, keras, mentions
from ..knowledge.effects import REWORKS
from ..semantics import callgraph, classes
from ..semantics.binding import arguments, given
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite, Loop, Scope, callee_name
from ..semantics.syntax import base, is_same, syntax_of, variable
from ..semantics.values import NO_ENV, Api, Method, Obj
from . import cures
from .detection import Detection, Subject


def recompiled(subject: Subject) -> Iterator[Detection]:
    """The needless ``compile()`` calls in the loops of a file."""
    if not mentions.compiles(subject.source):
        return
    for site in subject.module.calls_named("compile"):
        if site.loop is not None and isinstance(site.node.func, ast.Attribute):
            with subject.factories.interpreter.next_site():
                yield from _looked_at(site, site.node.func.value, subject)


def _looked_at(site: CallSite, receiver: ast.expr, subject: Subject) -> Iterator[Detection]:
    interpreter = subject.factories.interpreter
    if not _is_model(site, receiver, interpreter):
        return
    iteration = repeating(subject.factories, site, Effects(BUILT))
    if iteration is None or iteration.mask & CLEARS or isinstance(iteration.loop.node, ast.expr):
        return
    loop = iteration.loop
    reworked = list(reworking(receiver, site.scope, loop, interpreter))
    if reworked:
        if is_toggled(receiver, loop, interpreter, reworked) and not list(changes(site, loop, interpreter)):
            yield subject.detection("KL201", site, loop, cures.COMPILE_BOTH_ONCE)
        return
    changing = list(changes(site, loop, interpreter))
    if all(changing):
        yield subject.detection("KL201", site, loop, cures.SET_RATE if changing else cures.COMPILE_ONCE)


def _is_model(site: CallSite, receiver: ast.expr, interpreter: Interpreter) -> bool:
    """Whether what is compiled is a Keras model with a name: known to be one, or not known and compiled as only one can be."""
    if not all(isinstance(node, (ast.Name, ast.Attribute, ast.expr_context)) for node in ast.walk(receiver)):
        return False
    values = interpreter.eval(receiver, site.scope)
    if any(classes.is_keras_model(interpreter, value) for value in values):
        return True
    # what a method of an unknown object is, or gives
    is_given = all(isinstance(v, Method) and isinstance(v.owner, Obj) and isinstance(v.owner.of, Api) for v in values)
    if not is_given and not is_unknown(values):
        return False
    return len(arguments(site.node)) > 1 and is_keras_use("compile", site.node) and not imports_rival(site.scope.module)


def reworking(receiver: ast.expr, scope: Scope, loop: Loop, interpreter: Interpreter) -> Iterator[ast.AST]:
    """What gives every iteration a model of its own there, or changes it in a way that only ``compile()`` brings into effect."""
    if variable(receiver) in {*writes(loop).names, *declared_elsewhere(scope)}:
        yield receiver
    parts: list[tuple[ast.AST, Scope]] = [(statement, loop.scope) for statement in body(loop)]
    parts += [(called.node, called) for called in callgraph.called([(loop.node, loop.scope)], interpreter)]
    for part, owner in parts:
        for node in ast.walk(part):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                if _replaces(node, receiver, owner is loop.scope) or _reworks(node, receiver, part):
                    yield node
            elif isinstance(node, ast.Call) and effects.does(callee_name(node), REWORKS):
                if not isinstance(node.func, ast.Attribute) or is_same(node.func.value, ast.unparse(receiver)):
                    yield node


def is_toggled(receiver: ast.expr, loop: Loop, interpreter: Interpreter, reworked: list[ast.AST]) -> bool:
    """Whether each iteration sets ``trainable`` to true and back to false, for two models that it compiles in turn, as GANs do.

    Each of them trains the same layers in every iteration, so that both can be compiled once, in that order.
    """
    if not all(isinstance(node, ast.Attribute) and node.attr == "trainable" for node in reworked):
        return False
    sites = [site.node.func for site in loop.scope.module.calls_within(loop.node) if callee_name(site.node) == "compile"]
    receivers = {ast.unparse(func.value) for func in sites if isinstance(func, ast.Attribute)}
    values = {value for node in reworked for value in _set_to(node, loop, interpreter)}
    return receivers > {ast.unparse(receiver)} and values == {True, False}


def _set_to(store: ast.AST, loop: Loop, interpreter: Interpreter) -> Iterator[object]:
    """The literals that an attribute is set to, also those that calls in the loop hand to the function that does so."""
    syntax = syntax_of(loop.scope.module)
    statement = syntax.statement(store) if store in syntax.parents else None
    value = statement.value if isinstance(statement, ast.Assign) else None
    if isinstance(value, ast.Constant):
        yield value.value
    elif isinstance(value, ast.Name):
        for site in loop.scope.module.calls_within(loop.node):
            func = callgraph.callee(site.node, site.scope, interpreter)
            if func is not None and func.scope.node in syntax.above(store):
                handed = given(site.node, func).get(value.id)
                if isinstance(handed, ast.Constant):
                    yield handed.value


def _replaces(store: ast.Attribute, receiver: ast.expr, is_in_loop: bool) -> bool:
    """Whether an attribute that is set may be where the model is found; in another function, the name of its object differs."""
    if is_in_loop:
        return f"{ast.unparse(receiver)}.".startswith(f"{ast.unparse(store)}.")
    return any(isinstance(node, ast.Attribute) and node.attr == store.attr for node in ast.walk(receiver))


def _reworks(store: ast.Attribute, receiver: ast.expr, part: ast.AST) -> bool:
    """Whether setting an attribute changes what the model trains: ``trainable``, a layer, what it holds."""
    if store.attr in attributes.HARMLESS:
        return False
    return store.attr == "trainable" or base(store) == variable(receiver) != "self" or _is_of_layers(store, part)


def _is_of_layers(store: ast.Attribute, part: ast.AST) -> bool:
    """``layer.rate = 0.1`` in a loop over ``model.layers``."""
    return any(
        isinstance(loop, ast.For)
        and any(isinstance(node, ast.Name) and is_same(store.value, node.id) for node in ast.walk(loop.target))
        and any(isinstance(node, ast.Attribute) and node.attr == "layers" for node in ast.walk(loop.iter))
        for loop in ast.walk(part)
    )


def changes(site: CallSite, loop: Loop, interpreter: Interpreter) -> Iterator[bool]:
    """For each part of the arguments that the loop changes: whether it is only the optimizer's learning rate."""
    variance = Variance(interpreter, loop)
    for argument in arguments(site.node):
        yield from _of(argument, site.scope, variance, 0)


def _of(node: ast.expr, scope: Scope, variance: Variance, depth: int) -> Iterator[bool]:
    value = variance.value(node.id) if isinstance(node, ast.Name) and depth < 3 else None
    if value is not None:
        yield from _of(value, scope, variance, depth + 1)
    elif isinstance(node, ast.Call) and makes_optimizer(node, scope, variance.interpreter):
        rate = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg in attributes.RATES)]
        changing = (each for each in arguments(node) if not variance.is_invariant(each, scope, calls=True))
        yield from (each in rate for each in changing)
    elif not variance.is_invariant(node, scope, calls=True):
        yield False


def makes_optimizer(call: ast.Call, scope: Scope, interpreter: Interpreter) -> bool:
    """Whether a call makes a Keras optimizer."""
    callees = interpreter.callees(call, scope, NO_ENV)
    if callees:
        return all(isinstance(value, Api) and keras.is_optimizer(value.name) for value in callees)
    return callee_name(call) in attributes.OPTIMIZERS
