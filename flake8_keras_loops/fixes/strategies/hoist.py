"""Build and compile the model before the loop; in the loop, put its state back to what it was when it was new.

This is the fastest fix: nothing is built, traced or compiled again. But every iteration starts from the same weights, so it is
safe only where that changes nothing: they are loaded in each iteration, and the model is run, not trained. A model that is itself
loaded, from a file that stays as it is, must only be run (:func:`..escape.changes`); then nothing has to be put back.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from ...checks import cures
from ...checks.reloaded import loads_the_same, loads_weights, writers
from ...dataflow.loops import around
from ...knowledge import effects
from ...knowledge.effects import LOADS, LOOKS, SAVES, SEEDS, TRAINS
from ...semantics import callgraph
from ...semantics.binding import arguments, is_literal, keyword
from ...semantics.scopes import CallSite, Loop, callee_name, start
from ...semantics.syntax import is_same
from ...semantics.values import NO_ENV, dotted
from .. import code_motion, context
from ..code_motion import Building
from ..construction_site import has_input
from ..edits import Before, Edit, MoveBefore
from ..escape import changes
from ..helpers import RESTORER as HELPER
from ..helpers import clash, helper_edit
from ..outcome import Severity
from ..plans import Case, Draft, Taken, Why, doubts, failing, is_statement, require, together


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``hoist`` for a finding. ``taken``: names that were given away already. Raises ``RefusedError``."""
    require(case, (is_statement, _may_be_put_back))
    return together(_draft_of(part, taken) for part in code_motion.buildings(case, REQUIRED, with_compile=True))


def _draft_of(part: Building, taken: Taken) -> Draft:
    edits = taken.once(part.place.call, partial(_edits, part, taken))
    escapes = (objection for _, objection in part.escapes)
    found = (*failing(part, PROVED), *escapes, *doubts(context.doubts(part.place, part.case)))
    return Draft(edits, found, tuple(code_motion.still_built(part)))


def _edits(part: Building, taken: Taken) -> Iterator[Edit]:
    place, syntax = part.place, part.case.syntax
    loop = syntax.statement(part.loop.node)
    yield MoveBefore(part.statements, loop)
    is_new = _is_loaded(part) or (_loading(part) is not None and not any(_left_behind(part)))
    if _trains(part) or not is_new:  # something is left of the state of the last iteration
        name = taken.give_name(f"restore_{place.holder.rpartition('.')[2].strip('_') or 'model'}", part.loop, syntax)
        yield Before(loop, f"{name} = {HELPER}({place.holder})")
        yield Before(part.following[0], f"{name}()")
        yield helper_edit(HELPER, part.case.settings.helper_module)


# -- what the fix cannot do without


def _may_be_put_back(case: Case) -> Iterator[str]:
    """The state is read and put back eagerly, by a helper; clearing in graph mode makes older models unusable."""
    if case.code == "KL105":
        yield "every iteration's model is kept, so one cannot stand for all"
    if case.is_graph_mode:
        yield "in graph mode the model's state cannot be put back"
    if reason := clash(HELPER, case.syntax):
        yield reason


def _has_a_name(part: Building) -> Iterator[str]:
    if not part.place.holder:
        yield "the model is not assigned to a name by itself"


def _may_stand_for_all(part: Building) -> Iterator[str | Why]:
    """Nothing holds the model beyond its iteration, and it has the weights that the helper remembers."""
    yield from (objection.reason for _, objection in part.escapes if objection.severity is Severity.REFUSED)
    if not has_input(part.place, part.case):
        yield Why("the model has no weights before it first sees data", cures.GIVE_INPUT)


#: Without these there is no fix. The first ones keep the later ones from asking in vain.
REQUIRED = (
    code_motion.stands_in_this_function,
    _has_a_name,
    code_motion.is_plain,
    code_motion.reads_invariants,
    code_motion.repeats_nothing,
    code_motion.is_used_from_here_on,
    code_motion.is_followed,
    _may_stand_for_all,
    code_motion.is_changed_nowhere,
)


# -- what has to be known for the fix to be safe


def _may_start_the_same(part: Building) -> Iterator[str]:
    """The weights are the same in every iteration anyway, or need not differ."""
    if part.case.settings.same_weights:
        return
    if _is_loaded(part):
        yield from (f"{reason}, and every iteration would start from the same random state" for reason in _changes(part))
    elif _loading(part) is None:
        yield "every iteration would start from the same weights"
    elif _trains(part):
        yield "every iteration would start from the same random state, and load_weights() may load the optimizer's state too"
    else:
        yield from (f"{reason}, which loading weights may not undo" for reason in _left_behind(part))


def _file_stays(part: Building) -> Iterator[str]:
    """What is loaded before the loop is the same file in every iteration, and not written in it."""
    if not _is_loaded(part):
        return
    site = CallSite(part.place.call, part.place.scope, part.loop)
    for call in writers(part.case.interpreter, site, part.loop):
        if effects.does(callee_name(call), SAVES):
            yield f"{ast.unparse(call.func)}() may write the file that the model is loaded from"
        yield f"the file that the model is loaded from may be written during {ast.unparse(call.func)}()"
    if not loads_the_same(part.case.interpreter, site, part.loop):
        yield "it is not certain that the same file is loaded"


def _draws_the_same(part: Building) -> Iterator[str]:
    """A seeded program: what the loop draws from Python's random numbers comes later in the stream without the building."""
    case = part.case
    if case.settings.same_weights or not any(map(case.module.calls_named, effects.names_with(SEEDS))):
        return
    is_loaded = _is_loaded(part)
    doing = "loading" if is_loaded else "building"
    is_the_same = is_loaded or (_loading(part) is not None and not _trains(part))  # but for that
    for call, scope, _ in _from_here_on(part):
        if not part.contains(call):
            text, name = ast.unparse(call.func), callee_name(call)
            callees = [dotted(value) for value in case.interpreter.callees(call, scope, NO_ENV)] or [text]
            if any(each.startswith(("random.", "keras.random.")) for each in callees) and not effects.does(name, SEEDS):
                yield f"{doing} draws from Python's random numbers, and so does {text}()"
            if is_the_same and (effects.does(name, TRAINS) or case.examined.factories.of_call(call, scope).builds):
                yield f"{doing} draws random numbers, and so does {text}()"


def _optimizer_has_no_counter(part: Building) -> Iterator[str]:
    """The Nadam of Keras 2 counts its steps in Python, where the helper does not reach."""
    names_it = any(str(constant.value).lower() == "nadam" for constant in part.case.syntax.every(ast.Constant))
    if (names_it or part.case.module.calls_named("Nadam")) and _trains(part):
        yield "the Nadam optimizer of Keras 2 keeps a count that cannot be put back"


#: Without these the fix is unsafe.
PROVED = (
    _may_start_the_same,
    _file_stays,
    _draws_the_same,
    _optimizer_has_no_counter,
    code_motion.takes_no_value_away,
    code_motion.calls_nothing_unknown,
)


# -- looking around


def _loading(part: Building) -> ast.stmt | None:
    """``model.load_weights(path)`` or ``model.set_weights(weights)``, if it is the first thing done with the new model."""
    holder = part.place.holder
    uses = (s for s in part.following if any(is_same(node, holder) for node in ast.walk(s)))
    first = next(uses, None)
    call = first.value if isinstance(first, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not is_same(call.func.value, holder):
        return None
    loads_all = effects.does(call.func.attr, LOADS) and len(call.args) == 1 and not call.keywords  # not by_name
    return first if loads_all else None


def _left_behind(part: Building) -> Iterator[str]:
    """What may be left in a model whose weights are loaded again in the next iteration: other state than weights."""
    loading = filter(None, [_loading(part)])
    yield from changes(part.place, part.loop.node, part.case.interpreter, (*part.nodes, *loading))
    for call, scope in part.calls():
        name, text = callee_name(call), ast.unparse(call.func)
        training = keyword(call, "training") or next((given for given in call.args if is_literal(given, True)), None)
        if training is not None and isinstance(call.func, ast.Call) and not is_literal(training, False):
            yield f"a layer in line {call.lineno} runs as in training"
        callees = [dotted(value) for value in part.case.interpreter.callees(call, scope, NO_ENV)]
        is_class = name[:1].isupper() and not all(callee.startswith(("keras.", "tensorflow.")) for callee in callees or [""])
        is_unknown = isinstance(call.func, ast.Name) and not callees and not effects.effects(name)
        if name == "Lambda" or is_class or is_unknown:
            yield f"{text}() is not one of the library's layers and may keep something"


def _from_here_on(part: Building) -> Iterator[CallSite]:
    """The calls that run in the loop or later: behind it, and behind the calls of the function that it stands in."""
    case, roots = part.case, []
    callers = [_repeated(site.loop, site.node) for site in case.callers()]
    for node in dict.fromkeys([_repeated(part.loop, part.loop.node), *callers]):
        function = case.syntax.function(node)
        later = (site for site in case.module.calls if start(site.node) > start(node))
        roots += [(site.node, site.scope) for site in later if case.syntax.function(site.node) is function]
    return callgraph.calls(roots, case.interpreter)


def _repeated(loop: Loop | None, node: ast.AST) -> ast.AST:
    """The outermost loop that goes on to repeat a node, or the node itself."""
    return list(around(loop))[-1].node if loop is not None else node


def _is_loaded(part: Building) -> bool:
    """The construction loads a saved model, weights included."""
    return loads_weights(part.case.interpreter.callees(part.place.call, part.place.scope, NO_ENV), part.place.call)


def _changes(part: Building) -> Iterator[str]:
    """What may change a loaded model in the loop."""
    return changes(part.place, part.loop.node, part.case.interpreter, part.nodes)


def _trains(part: Building) -> bool:
    """Whether anything in the loop trains: a call of that name, or the model goes where it is not seen."""
    if _is_loaded(part):
        return any(_changes(part))
    calls = [site.node for site in part.case.module.calls_within(part.loop.node)]
    return bool(part.escapes) or any(effects.does(callee_name(call), TRAINS) or _takes_model(call, part) for call in calls)


def _takes_model(call: ast.Call, part: Building) -> bool:
    """``train(model)``"""
    is_given = any(is_same(argument, part.place.holder) for argument in arguments(call))
    return is_given and not effects.does(callee_name(call), LOOKS)
