"""What helps against a finding: one line for each case. A refusal of a fix may know better, and then says so itself."""

from __future__ import annotations

import ast
from itertools import chain

from ..dataflow.carried import Carried
from ..dataflow.summaries import Effects
from ..knowledge import attributes, effects, keras
from ..knowledge.effects import TRAINS
from ..semantics import callgraph, classes
from ..semantics.assigned import keeps_best
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite
from ..semantics.syntax import method_calls, syntax_of, variable
from ..semantics.values import Api, Cls, Values
from .searched import Search

KEEP = "keep one compiled model, and give it each new model's values"
CLEAR_FIRST = "call clear_session() first thing in the {loop}"
KEEP_WEIGHTS = "keep each model's weights instead, and load them into one model to predict"
KEEP_BEST_WEIGHTS = "keep the best weights instead of the best model: best = model.get_weights()"
LOAD_ONCE = "load it once, before the {loop}"
ALL_OUTPUTS = "make one model with all outputs before the loop: Model(inputs, [layer.output, ...]), and run it once"
USE_ITSELF = "use the model itself: a clone with the same weights predicts the same"
#: Better than any fix: there is no need to build again.
WITHOUT_A_LOOP = (ALL_OUTPUTS, USE_ITSELF)
OBJECT_ONCE = "make the object once, before the {loop}, and give its model fresh weights each time"
COMPILE_ONCE = "compile once, before the loop, and put the optimizer's state back where training has to start anew"
COMPILE_BOTH_ONCE = "compile both models once, before the loop: one while trainable is true, the other while it is false"
SET_RATE = "compile once, before the loop, and set the rate with optimizer.learning_rate.assign()"
LOOP_OF_OWN = "loop over the settings and folds yourself (ParameterGrid, KFold), and keep one compiled model"
IN_ACTOR = "build the model once in an actor, and call its methods"
#: Where it is measured what helps against memory that grows, from the top of the repository, as the rules' pages.
MEMORY_PAGE = "docs/memory.md"
CLEAR = f"if memory grows, call clear_session() first thing in the loop ({MEMORY_PAGE})"
PROCESS_ALONE = f"for memory, run each iteration in a process of its own ({MEMORY_PAGE})"
_FOR_SPEED = "for speed, jit_compile=False (TensorFlow, GPU)"
PROCESS = f"for memory, a process of its own for each iteration ({MEMORY_PAGE}); {_FOR_SPEED}"
PROCESS_OF_TRIAL = f"for memory, a process a trial, not gc_after_trial ({MEMORY_PAGE}); {_FOR_SPEED}"
#: Against what stands in the way of a fix.
GIVE_INPUT = "give the model an Input"
HELPER_MODULE = "--helper-module NAME keeps what can be kept of such loops"
#: By who calls a function that builds, or where an estimator does.
OF_KIND = {
    "handler": "load or build the model once, when the program starts, and share it",
    "client": "build the model once in each process, and give it the weights of the round",
    "estimator": "build one Keras model, and put its first weights back before each fit",
}
#: Of KL203, by the backend that the file runs on, ``""`` where it does not say.
AT_ONCE = {
    "tensorflow": "predict all rows at once, or call model(x, training=False) or predict_on_batch()",
    "jax": "predict all rows at once, or use predict_on_batch(); calling the model is slower still on JAX",
    "torch": "predict all rows at once, or call the model or predict_on_batch()",
    "": "predict all rows at once, or use predict_on_batch()",
}


def make_once(changing: list[str]) -> str:
    """The cure of KL202. ``changing``: the data that the traced function reads."""
    handed = f", and hand {', '.join(changing)} over as tensors" if changing else ""
    return f"make it once, before the loop{handed}"


def cure(code: str, site: CallSite, effects_: Effects, callees: Values, carried: Carried, search: Search | None) -> str:
    """What helps against a model that is built again: rule ``code`` at the call ``site``, which may call ``callees``."""
    kind = search.api.kind if search is not None else "estimator" if effects_.of_estimator else ""
    if kind in OF_KIND:
        return OF_KIND[kind]
    loop = "search" if search is not None else "loop"
    if code == "KL105":
        return KEEP_WEIGHTS
    if code == "KL106":
        return LOAD_ONCE.format(loop=loop)
    interpreter = carried.interpreter
    for fits, helps in ((_clones(effects_, callees), USE_ITSELF), (_is_between(site.node, carried, callees), ALL_OUTPUTS)):
        if fits and not _trains(carried, callees, interpreter):
            return helps
    if code == "KL104":
        return CLEAR_FIRST.format(loop="function" if search is not None else "loop")
    if _keeps_best(carried):
        return KEEP_BEST_WEIGHTS
    if any(isinstance(callee, Cls) and not classes.is_model(interpreter, callee) for callee in callees):
        return OBJECT_ONCE.format(loop=loop)
    return KEEP


def _trains(carried: Carried, callees: Values, interpreter: Interpreter) -> bool:
    """Whether the loop, or what the call calls, compiles or trains the model."""
    here = (method for _, model, method in method_calls(carried.nodes()) if carried.in_value(model))
    names = chain(here, callgraph.names_inside(callees, interpreter))
    return any(effects.does(name, TRAINS) or name == "compile" for name in names)


def _clones(effects_: Effects, callees: Values) -> bool:
    """Whether all that is built is a clone of a model."""
    names = [value.name for value in callees if isinstance(value, Api)] if effects_.direct else [s.name for s in effects_.sites]
    return bool(names) and all(map(keras.is_cloner, names))


def _is_between(call: ast.Call, carried: Carried, callees: Values) -> bool:
    """``Model(base.input, layer.output)``: a model around tensors of one that the loop did not make."""
    if not any(isinstance(callee, Api) and keras.is_model_class(callee.name) for callee in callees):
        return False
    tensors = [node for node in ast.walk(call) if isinstance(node, ast.Attribute) and node.attr in attributes.TENSORS]
    if not tensors:
        return False
    assigned = [target for node in carried.nodes() if isinstance(node, ast.Assign) for target in node.targets]
    made = {target.id for target in assigned if isinstance(target, ast.Name)}
    return not any(variable(tensor) in made for tensor in tensors)


def _keeps_best(carried: Carried) -> bool:
    """``if loss < best: best, best_model = loss, model``"""
    syntax = syntax_of(carried.scope.module)
    kept = (node for node in carried.nodes() if isinstance(node, ast.Assign) and carried.in_value(node.value))
    return any(keeps_best(statement, syntax) for statement in kept)
