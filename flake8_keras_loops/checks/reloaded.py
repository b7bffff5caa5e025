"""Is the same saved model loaded in every iteration, from a file that stays as it is?

The arguments must be invariant (:mod:`..dataflow.variance`), and nothing in the loop may write the file: neither
``model.save(path)`` or a ``ModelCheckpoint``, also in a function that the loop calls, nor another program that the loop starts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress

from ..dataflow.variance import Variance
from ..knowledge import attributes, effects, keras, modes
from ..knowledge.effects import SAVES
from ..semantics import callgraph
from ..semantics.binding import argument, arguments, keyword
from ..semantics.interpreter import BudgetError, Interpreter
from ..semantics.scopes import CallSite, Loop, Scope, callee_name
from ..semantics.values import NO_ENV, Api, Const, Values


def loads_the_same(interpreter: Interpreter, site: CallSite, loop: Loop) -> bool:
    """Whether a call in a loop loads one and the same saved model, weights included, every time."""
    call, scope = site.node, site.scope
    with suppress(BudgetError):
        if loads_weights(interpreter.callees(call, scope, NO_ENV), call):
            variance = Variance(interpreter, loop)
            files = [*call.args[:1], *(each.value for each in call.keywords if each.arg in (*attributes.OF_A_FILE, None))]
            parts = [call.func, *arguments(call)]  # for load in (load_model, tf.saved_model.load): load(path)
            is_invariant = all(variance.is_invariant(part, scope, calls=part not in files) for part in parts)
            return is_invariant and not any(writers(interpreter, site, loop))
    return False


def loads_weights(callees: Values, call: ast.Call) -> bool:
    """Whether all that a call may call loads a model with its weights."""
    return bool(callees) and all(isinstance(value, Api) and _loads(value.name, call) for value in callees)


def _loads(name: str, call: ast.Call) -> bool:
    if keras.is_application(name):
        weights = argument(call, 1, "weights")
        return weights is None or (isinstance(weights, ast.Constant) and isinstance(weights.value, str))
    return keras.loads_weights(name)


def writers(interpreter: Interpreter, site: CallSite, loop: Loop) -> Iterator[ast.Call]:
    """The calls in a loop, and in what it calls, that may write the file that ``site`` loads."""
    path = argument(site.node, 0, "") or keyword(site.node, *attributes.OF_A_FILE)
    here = _texts([path] if path is not None else [], site.scope, interpreter)
    for call, scope, _ in callgraph.calls([(loop.node, loop.scope)], interpreter):
        if call is site.node:
            continue
        callees = interpreter.callees(call, scope, NO_ENV)
        names = [value.name for value in callees if isinstance(value, Api)]
        if any(map(effects.changes_files, [*names, callee_name(call)])):
            yield call
        elif effects.does(callee_name(call), SAVES) and not (names and all(map(modes.is_other_library, names))):
            given = [*call.args, *(each.value for each in call.keywords if each.arg in attributes.OF_A_FILE)]
            there = _texts(given, scope, interpreter)
            if not here or not there or here & there:  # else it is known to be another file
                yield call


def _texts(nodes: list[ast.expr], scope: Scope, interpreter: Interpreter) -> set[object]:
    """The strings that some expressions may be, without those of which that is not known."""
    found: set[object] = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for values in (interpreter.eval(node, scope) for node in nodes if isinstance(node, ast.Name)):
        if all(isinstance(value, Const) and isinstance(value.value, str) for value in values):
            found.update(value.value for value in values if isinstance(value, Const))
    return found
