"""Build and compile the model before the loop; in the loop, put its state back to what it was when it was new.

This is the fastest fix: nothing is built, traced or compiled again. But every iteration starts from the same weights, so it is
safe only where that changes nothing: they are loaded in each iteration, and the model is run, not trained. A model that is itself
loaded, from a file that stays as it is, must only be run (:mod:`.unchanged`); then nothing has to be put back.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...checks.detect import Detection, Examined
from ...checks.reloaded import SAVING, loads_the_same, loads_weights, writers
from ...dataflow.loops import body
from ...semantics.scopes import CallSite, callee_name
from ...semantics.syntax import Syntax, is_same, within
from ...semantics.values import NO_ENV
from .. import context
from ..code_motion import (
    Building,
    is_plain,
    is_used_from_here_on,
    outermost,
    reads_invariants,
    repeats_nothing,
    stands_in_this_function,
    still_built,
    takes_no_value_away,
)
from ..conditions import Case, failing, is_statement, require
from ..construction_site import find_homes
from ..context import check_scopes, is_graph_mode
from ..draft import Draft, Taken
from ..edits import Before, Edit, MoveBefore
from ..helpers import RESTORER as HELPER
from ..helpers import clash, helper_edit
from ..outcome import Settings
from ..unchanged import Use
from .reuse import has_input

_TRAINING = frozenset({"fit", "fit_generator", "train_on_batch", "train_step", "partial_fit", "apply_gradients", "GradientTape"})
_SETTING = frozenset({"load_weights", "set_weights"})
_SEEDING = frozenset({"seed", "set_seed", "set_random_seed"})


def draft(detection: Detection, examined: Examined, syntax: Syntax, settings: Settings, taken: Taken) -> Draft:
    """Plan ``hoist`` for a finding. ``taken``: names that were given away already. Raises ``NoFixError``."""
    case = Case(detection, examined, syntax, settings)
    require(case, REQUIRED_OF_FINDING)
    edits: list[Edit] = []
    doubts: list[str] = []
    leaves: list[str] = []
    for home in find_homes(detection, examined, syntax):
        check_scopes(home, syntax)
        part = outermost(case, home, REQUIRED, with_compile=True)
        doubts += failing(part, PROVED)
        doubts += (problem.reason for problem in part.problems)
        doubts += context.doubts(home, examined.module)
        if home.call not in taken.edits:
            taken.edits[home.call] = _edits(part, taken)
        edits += taken.edits[home.call]
        leaves += still_built(part)
    return Draft(tuple(edits), tuple(doubts), tuple(leaves))


def _edits(part: Building, taken: Taken) -> list[Edit]:
    home, syntax = part.home, part.case.syntax
    loop = syntax.statement(part.loop.node)
    edits: list[Edit] = [MoveBefore(part.statements, loop)]
    if (_is_overwritten(part) or _is_loaded(part)) and not _trains(part):
        return edits  # nothing is left of the state that the last iteration made
    name = taken.give_name(f"restore_{home.holder.rpartition('.')[2].strip('_') or 'model'}", part.loop, syntax)
    edits.append(Before(loop, f"{name} = {HELPER}({home.holder})"))
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
    return "" if part.home.holder else "the model is not assigned to a name by itself"


def _is_used(part: Building) -> str:
    return "" if any(_after_building(part)) else "the loop does not use the model"


def _does_not_outlive(part: Building) -> str:
    return next((problem.reason for problem in part.problems if problem.holds), "")


def _has_weights(part: Building) -> str:
    """The helper remembers weights: they must be there."""
    if has_input(part.home, part.case.examined, part.case.syntax):
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
    site = CallSite(part.home.call, part.home.scope, part.loop)
    for call in writers(part.case.resolver, site, part.loop):
        name = ast.unparse(call.func)
        if callee_name(call) in SAVING:
            return f"{name}() may write the file that the model is loaded from"
        return f"the file that the model is loaded from may be written during {name}()"
    return "" if loads_the_same(part.case.resolver, site, part.loop) else "it is not certain that the same file is loaded"


def _draws_the_same(part: Building) -> str:
    """A seeded program: what the loop draws from Python's random numbers comes later in the stream without the building."""
    module = part.case.examined.module
    if part.case.settings.same_weights or not any(module.calls_named(name) for name in _SEEDING):
        return ""
    for site in module.calls:
        if within(site.node, part.loop.node) and not part.contains(site.node):
            text = ast.unparse(site.node.func)
            if text.startswith("random.") and callee_name(site.node) != "seed":
                return f"building draws from Python's random numbers, and so does {text}()"
            if _is_loaded(part) and (callee_name(site.node) in _TRAINING or _builds(site, part)):
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
PROVED = (_may_start_the_same, _file_stays, _draws_the_same, _optimizer_has_no_counter, takes_no_value_away)


# -- looking around


def _is_overwritten(part: Building) -> bool:
    """``model.load_weights(path)`` or ``model.set_weights(weights)`` is the first thing done with the new model."""
    for statement in _after_building(part):
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            if isinstance(call.func, ast.Attribute) and is_same(call.func.value, part.home.holder):
                if call.func.attr in _SETTING:
                    return len(call.args) == 1 and not call.keywords  # all weights, not by_name
        if any(is_same(node, part.home.holder) for node in ast.walk(statement)):
            return False
    return False


def _after_building(part: Building) -> Iterator[ast.stmt]:
    """The statements that stay, after the construction."""
    for statement in part.case.syntax.after(part.home.built):
        if statement not in part.statements:
            yield statement


def _is_loaded(part: Building) -> bool:
    """The construction loads a saved model, weights included."""
    return loads_weights(part.case.resolver.callees(part.home.call, part.home.scope, NO_ENV), part.home.call)


def _builds(site: CallSite, part: Building) -> bool:
    return part.case.examined.factories.of_call(site.node, site.scope).builds


def _changes(part: Building) -> Iterator[str]:
    """What may change a loaded model in the loop."""
    home = part.home
    return Use(part.case.resolver, part.case.syntax).changes(home.holder, home.function, part.loop.node, part.nodes)


def _trains(part: Building) -> bool:
    """Whether anything in the loop trains: a call of that name, or the model goes where it is not seen."""
    if _is_loaded(part):
        return any(_changes(part))
    if part.problems:
        return True
    for root in body(part.loop):
        for node in ast.walk(root):
            if isinstance(node, ast.Call) and callee_name(node) in _TRAINING:
                return True
            if isinstance(node, ast.Call) and _takes_model(node, part):
                return True
    return False


def _takes_model(call: ast.Call, part: Building) -> bool:
    """``train(model)``"""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(is_same(argument, part.home.holder) for argument in arguments) and callee_name(call) not in {"print", "len"}
