"""Build and compile the model before the loop; in the loop, put its state back to what it was when it was new.

This is the fastest fix: nothing is built, traced or compiled again. But every iteration starts from the same weights, so it is
safe only where that changes nothing: they are loaded in each iteration, and the model is run, not trained. A model that is itself
loaded, from a file that stays as it is, must only be run (:mod:`.unchanged`); then nothing has to be put back.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...checks.reloaded import loads_the_same, loads_weights, writers
from ...dataflow.loops import body
from ...knowledge import effects
from ...knowledge.effects import LOADS, LOOKS, SAVES, SEEDS, TRAINS
from ...semantics.binding import arguments
from ...semantics.scopes import CallSite, callee_name
from ...semantics.syntax import is_same, within
from ...semantics.values import NO_ENV
from .. import context
from ..code_motion import (
    Building,
    calls_nothing_unknown,
    is_changed_nowhere,
    is_plain,
    is_used_from_here_on,
    outermost,
    reads_invariants,
    repeats_nothing,
    stands_in_this_function,
    still_built,
    takes_no_value_away,
)
from ..construction_site import find_constructions
from ..context import check_scopes, is_graph_mode
from ..edits import Before, Edit, MoveBefore
from ..escape import changes
from ..helpers import RESTORER as HELPER
from ..helpers import clash, helper_edit
from ..outcome import Objection, Severity
from ..plans import Case, Draft, Taken, doubts, failing, is_statement, require
from .reuse import has_input


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``hoist`` for a finding. ``taken``: names that were given away already. Raises ``RefusedError``."""
    require(case, REQUIRED_OF_FINDING)
    edits: list[Edit] = []
    found: list[Objection] = []
    leaves: list[str] = []
    for place in find_constructions(case.detection, case.examined, case.syntax):
        check_scopes(place, case.syntax)
        part = outermost(case, place, REQUIRED, with_compile=True)
        found += failing(part, PROVED)
        found += (objection for _, objection in part.escapes)
        found += doubts(context.doubts(place, case.examined.module))
        if place.call not in taken.edits:
            taken.edits[place.call] = _edits(part, taken)
        edits += taken.edits[place.call]
        leaves += still_built(part)
    return Draft(tuple(edits), tuple(found), tuple(leaves))


def _edits(part: Building, taken: Taken) -> list[Edit]:
    place, syntax = part.place, part.case.syntax
    loop = syntax.statement(part.loop.node)
    edits: list[Edit] = [MoveBefore(part.statements, loop)]
    if (_is_overwritten(part) or _is_loaded(part)) and not _trains(part):
        return edits  # nothing is left of the state that the last iteration made
    name = taken.give_name(f"restore_{place.holder.rpartition('.')[2].strip('_') or 'model'}", part.loop, syntax)
    edits.append(Before(loop, f"{name} = {HELPER}({place.holder})"))
    edits.append(Before(next(_after_building(part)), f"{name}()"))
    edits.append(helper_edit(HELPER, part.case.settings.helper_module))
    return edits


# -- what the fix cannot do without


def _keeps_no_model(case: Case) -> str:
    kept = case.detection.finding.code == "KL105"
    return "every iteration's model is kept, so one cannot stand for all" if kept else ""


def _is_eager(case: Case) -> str:
    """The state is read and put back eagerly; clearing in graph mode makes older models unusable."""
    return "in graph mode the model's state cannot be put back" if is_graph_mode(case.examined.module) else ""


def _helper_name_is_free(case: Case) -> str:
    return clash(HELPER, case.syntax)


#: Of the finding: without these there is no fix.
REQUIRED_OF_FINDING = (is_statement, _keeps_no_model, _is_eager, _helper_name_is_free)


def _has_a_name(part: Building) -> str:
    return "" if part.place.holder else "the model is not assigned to a name by itself"


def _is_used(part: Building) -> str:
    return "" if any(_after_building(part)) else "the loop does not use the model"


def _does_not_outlive(part: Building) -> str:
    return next((objection.reason for _, objection in part.escapes if objection.severity is Severity.REFUSED), "")


def _has_weights(part: Building) -> str:
    """The helper remembers weights: they must be there."""
    if has_input(part.place, part.case.examined, part.case.syntax):
        return ""
    return "the model has no weights before it first sees data: give it an Input"


#: Of what builds the model: without these there is no fix. The first ones keep the later ones from asking in vain.
REQUIRED = (
    stands_in_this_function,
    _has_a_name,
    is_plain,
    reads_invariants,
    repeats_nothing,
    is_used_from_here_on,
    _is_used,
    _does_not_outlive,
    _has_weights,
    is_changed_nowhere,
)


# -- what has to be known for the fix to be safe


def _may_start_the_same(part: Building) -> str:
    """The weights are the same in every iteration anyway, or need not differ."""
    if part.case.settings.same_weights:
        return ""
    if _is_loaded(part):
        reason = next(_changes(part), "")
        return f"{reason}, and every iteration would start from the same random state" if reason else ""
    if not _is_overwritten(part):
        return "every iteration would start from the same weights"
    if _trains(part):
        return "every iteration would start from the same random state, and load_weights() may load the optimizer's state too"
    return ""


def _file_stays(part: Building) -> str:
    """What is loaded before the loop is the same file in every iteration, and not written in it."""
    if not _is_loaded(part):
        return ""
    site = CallSite(part.place.call, part.place.scope, part.loop)
    for call in writers(part.case.interpreter, site, part.loop):
        name = ast.unparse(call.func)
        if effects.does(callee_name(call), SAVES):
            return f"{name}() may write the file that the model is loaded from"
        return f"the file that the model is loaded from may be written during {name}()"
    return "" if loads_the_same(part.case.interpreter, site, part.loop) else "it is not certain that the same file is loaded"


def _draws_the_same(part: Building) -> str:
    """A seeded program: what the loop draws from Python's random numbers comes later in the stream without the building."""
    module = part.case.examined.module
    if part.case.settings.same_weights or not any(module.calls_named(name) for name in effects.names_with(SEEDS)):
        return ""
    for site in module.calls:
        if within(site.node, part.loop.node) and not part.contains(site.node):
            text = ast.unparse(site.node.func)
            if text.startswith("random.") and not effects.does(callee_name(site.node), SEEDS):
                return f"building draws from Python's random numbers, and so does {text}()"
            if _is_loaded(part) and (effects.does(callee_name(site.node), TRAINS) or _builds(site, part)):
                return f"loading draws random numbers, and so does {text}()"
    return ""


def _optimizer_has_no_counter(part: Building) -> str:
    """The Nadam of Keras 2 counts its steps in Python, where the helper does not reach."""
    module = part.case.examined.module
    names_it = any(isinstance(n, ast.Constant) and str(n.value).lower() == "nadam" for n in ast.walk(module.tree))
    if _trains(part) and (names_it or module.calls_named("Nadam")):
        return "the Nadam optimizer of Keras 2 keeps a count that cannot be put back"
    return ""


#: Without these the fix is unsafe.
PROVED = (
    _may_start_the_same,
    _file_stays,
    _draws_the_same,
    _optimizer_has_no_counter,
    takes_no_value_away,
    calls_nothing_unknown,
)


# -- looking around


def _is_overwritten(part: Building) -> bool:
    """``model.load_weights(path)`` or ``model.set_weights(weights)`` is the first thing done with the new model."""
    for statement in _after_building(part):
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            if isinstance(call.func, ast.Attribute) and is_same(call.func.value, part.place.holder):
                if effects.does(call.func.attr, LOADS):
                    return len(call.args) == 1 and not call.keywords  # all weights, not by_name
        if any(is_same(node, part.place.holder) for node in ast.walk(statement)):
            return False
    return False


def _after_building(part: Building) -> Iterator[ast.stmt]:
    """The statements that stay, after the construction."""
    for statement in part.case.syntax.after(part.place.built):
        if statement not in part.statements:
            yield statement


def _is_loaded(part: Building) -> bool:
    """The construction loads a saved model, weights included."""
    return loads_weights(part.case.interpreter.callees(part.place.call, part.place.scope, NO_ENV), part.place.call)


def _builds(site: CallSite, part: Building) -> bool:
    return part.case.examined.factories.of_call(site.node, site.scope).builds


def _changes(part: Building) -> Iterator[str]:
    """What may change a loaded model in the loop."""
    return changes(part.place, part.loop.node, part.case.interpreter, part.nodes)


def _trains(part: Building) -> bool:
    """Whether anything in the loop trains: a call of that name, or the model goes where it is not seen."""
    if _is_loaded(part):
        return any(_changes(part))
    if part.escapes:
        return True
    for root in body(part.loop):
        for node in ast.walk(root):
            if isinstance(node, ast.Call) and effects.does(callee_name(node), TRAINS):
                return True
            if isinstance(node, ast.Call) and _takes_model(node, part):
                return True
    return False


def _takes_model(call: ast.Call, part: Building) -> bool:
    """``train(model)``"""
    is_given = any(is_same(argument, part.place.holder) for argument in arguments(call))
    return is_given and not effects.does(callee_name(call), LOOKS)
