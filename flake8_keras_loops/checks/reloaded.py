"""Is the same saved model loaded in every iteration, from a file that stays as it is?

The arguments must be invariant (:mod:`..dataflow.variance`), and nothing in the loop may write the file: neither
``model.save(path)`` or a ``ModelCheckpoint``, also in a function that the loop calls, nor another program that the loop starts or
waits for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..dataflow.variance import Variance
from ..knowledge import attributes, effects, keras, modes
from ..knowledge.effects import SAVES
from ..semantics import binding, callgraph
from ..semantics.interpreter import BudgetError, Interpreter
from ..semantics.scopes import CallSite, Loop, Scope, callee_name
from ..semantics.values import NO_ENV, Api, Const, Values


def loads_the_same(interpreter: Interpreter, site: CallSite, loop: Loop) -> bool:
    """Whether a call in a loop loads one and the same saved model, weights included, every time."""
    try:
        callees = interpreter.callees(site.node, site.scope, NO_ENV)
        if not loads_weights(callees, site.node):
            return False
        variance = Variance(interpreter, loop)
        if not variance.is_invariant(site.node.func, site.scope, calls=True):
            return False  # for load in (load_model, tf.saved_model.load): load(path)
        if not all(variance.is_invariant(value, site.scope, calls=not is_path) for value, is_path in _arguments(site.node)):
            return False
        return not any(writers(interpreter, site, loop))
    except BudgetError:
        return False


def loads_weights(callees: Values, call: ast.Call) -> bool:
    """Whether all that a call may call loads a model with its weights."""
    return bool(callees) and all(isinstance(value, Api) and _loads(value.name, call) for value in callees)


def _loads(name: str, call: ast.Call) -> bool:
    if keras.is_application(name):
        weights = binding.argument(call, 1, "weights")
        return weights is None or (isinstance(weights, ast.Constant) and isinstance(weights.value, str))
    return keras.loads_weights(name)


def _arguments(call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
    """The arguments, and whether each one says which file is loaded."""
    for position, argument in enumerate(call.args):
        yield argument, position == 0
    for keyword in call.keywords:
        yield keyword.value, keyword.arg in attributes.OF_A_FILE or keyword.arg is None


def writers(interpreter: Interpreter, site: CallSite, loop: Loop) -> Iterator[ast.Call]:
    """The calls in a loop, and in what it calls, that may write the file that ``site`` loads."""
    path = binding.argument(site.node, 0, "") or binding.keyword(site.node, *attributes.OF_A_FILE)
    variance = Variance(interpreter, loop)
    here = _texts(path, site.scope, variance)
    for call, scope, _ in callgraph.calls([(loop.node, loop.scope)], interpreter):
        if call is site.node:
            continue
        callees = interpreter.callees(call, scope, NO_ENV)
        names = [value.name for value in callees if isinstance(value, Api)]
        if any(map(effects.changes_files, [*names, callee_name(call)])):
            yield call
        elif effects.does(callee_name(call), SAVES) and not (names and all(map(modes.is_other_library, names))):
            if not _is_elsewhere(call, scope, here, variance):
                yield call


def _is_elsewhere(call: ast.Call, scope: Scope, here: set[str], variance: Variance) -> bool:
    """Whether a call saves to a path that is known to be another one."""
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in attributes.OF_A_FILE)]
    there = set[str]().union(*(_texts(argument, scope, variance) for argument in given))
    return bool(here and there) and not here & there


def _texts(node: ast.expr | None, scope: Scope, variance: Variance) -> set[str]:
    """The strings that an expression may be, empty where that is not known."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.Name):
        values = variance.interpreter.eval(node, scope)
        texts = {value.value for value in values if isinstance(value, Const) and isinstance(value.value, str)}
        return texts if len(texts) == len(values) else set()
    return set()
