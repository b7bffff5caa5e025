"""The default fix: the building code stays where it is, and the first model built is kept with its compiled functions.

What speaks against it is the same for its two forms. The short one (:mod:`.short_form`) is written into the file, and is safe
where it is proved that nothing has to be compared. The guarded one is written with ``--helper-module``: ``model =
keep_compiled(model)`` right after the model is complete, ``keep_compiled = compiled_model_keeper()`` before the outermost loop
that the model does not outlive. Its helper compares as it runs (:mod:`..snippets.keeper`): what cannot be seen from the text,
such as an architecture that changes, costs speed but never a result.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import takewhile

from ...checks import cures
from ...dataflow.construction import Construction
from ...dataflow.degrees import deciding, driven_names, handed_on
from ...dataflow.keepers import HELPER
from ...dataflow.kinds import Kind, Use
from ...dataflow.leftovers import setup_calls
from ...dataflow.loops import around
from ...dataflow.objects.holders import class_of, doubts_of_holder
from ...dataflow.objects.sharing import shared
from ...knowledge import attributes, effects, keras
from ...knowledge.effects import COMPLETES, COPIES, LOADS, RUNS, SAVES, TRAINS
from ...semantics import callgraph
from ...semantics.classes import is_traced_class
from ...semantics.interpreter import Interpreter
from ...semantics.scopes import Loop, callee_name, start
from ...semantics.syntax import walk, within
from ...semantics.values import Cls
from .. import context, identity
from ..construction_site import find_constructions, has_input
from ..edits import After, Before, Edit, Wrap
from ..escape import Escape, escapes, escapes_while_made, uses_of_model
from ..helpers import clash, helper_edit
from ..outcome import Severity
from ..plans import Case, Draft, NoGainError, RefusedError, Taken, Why, doubts, together
from ..proving.keys import decides_objects
from ..proving.rows import first_argument, first_run
from ..proving.trials import check_comes_again, check_serves
from . import elsewhere, short_edits, short_form


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``reuse`` for a finding. ``taken``: names of keepers that were given away already. Raises ``RefusedError``."""
    if case.code == "KL105" and identity.keeps_models(case):
        raise RefusedError("every iteration's model is kept, so one cannot stand for all")
    serving = tuple(doubts(check_serves(case.detection)))
    places = find_constructions(case)
    return together([Draft((), serving, _left(places, case)), *(_draft_of(place, case, taken) for place in places)])


def draft_elsewhere(places: Iterable[Construction], case: Case, taken: Taken) -> Draft:
    """The same for models that a function of another file makes."""
    serving = tuple(doubts(check_serves(case.detection)))
    places = list(places)
    return together([Draft((), serving, _left(places, case)), *(_draft_of(place, case, taken) for place in places)])


def _left(places: list[Construction], case: Case) -> tuple[str, ...]:
    """The code of the finding where the function also calls one of a further file that builds models: that fix is its own."""
    return () if all(place.is_all for place in places) else (case.code,)


def _draft_of(place: Construction, case: Case, taken: Taken) -> Draft:
    context.check_scopes(place, case)
    escaping = [*escapes(place, case.examined), *escapes_while_made(place, case.examined)]
    loop = _keeper_loop(place, escaping)
    found = [*doubts(_doubts_of_place(place, case.interpreter))]
    for use, objection in escaping:
        if loop is None or within(use.node, loop.node) or case.syntax.function(use.node) is not place.function:
            if objection.severity is Severity.REFUSED:
                raise RefusedError(objection)
            found.append(objection)
    found += doubts(_check_varies(case, place))
    _check_runs(place, escaping, case)
    _check_gains(place, case)
    found += doubts(_doubts_of_building(case, place))
    if case.settings.helper_module:
        return Draft(taken.once(place.call, partial(_edits, case, place, loop, taken)), tuple(found))
    short = short_form.plan(case, place, loop, _driven(case, place, case.loop))
    is_all = not found and not any(elsewhere.reasons(case) if case.others else ())
    found += doubts(Why(reason, "--helper-module NAME makes the fix safe" if is_all else "") for reason in short.doubts)
    return Draft(taken.once(place.call, partial(short_edits.edits, case, place, short, taken)), tuple(found))


def _keeper_loop(place: Construction, escaping: list[Escape]) -> Loop | None:
    """The outermost loop before which the keeper may stand: nothing in it, but beyond the loops inside, holds the model."""
    holding = [use.node for use, objection in escaping if objection.severity is Severity.REFUSED]
    free = takewhile(lambda loop: not any(within(node, loop.node) for node in holding), around(place.loop))
    return [place.loop, *free][-1]


def _doubts_of_place(place: Construction, interpreter: Interpreter) -> Iterator[str]:
    """A holder that others may look into."""
    owner, _, attribute = place.holder.partition(".")
    if owner in place.owner.outer_names:
        raise RefusedError(f"{owner} is a global name, which holds the model beyond the function")
    if attribute and class_of(place) is None:
        yield f"{owner} may be kept, and the model in it"
    elif attribute and place.loop is None:
        yield from shared(place, interpreter)
        yield from doubts_of_holder(place, interpreter)


def _check_varies(case: Case, place: Construction) -> Iterator[str]:
    """There must be a loop that does not decide the architecture; the helper would find nothing to keep."""
    syntax, search = case.syntax, case.detection.search
    setup = [call for call in setup_calls(place) if effects.does(callee_name(call), COMPLETES)]
    building: list[ast.expr] = [place.call, *setup]
    for call in setup:  # for _ in range(depth): model.add(...)
        for parent in syntax.above(call):
            building += [value for value in (getattr(parent, "iter", None), getattr(parent, "test", None)) if value]
            if parent in syntax.suite(place.built) or not hasattr(parent, "lineno"):
                break
    names: frozenset[str] = frozenset()
    for loop in around(case.loop):
        names = _driven(case, place, loop)
        is_decided = any(name for node in building for name in deciding(node, names, case.interpreter, place.scope))
        if not is_decided and not decides_objects(case, place, loop):
            return
    if search is None and case.detection.finding.cure == cures.ALL_OUTPUTS:
        raise NoGainError("each model ends at another layer of one model")
    if search is None:
        raise NoGainError("the model differs from iteration to iteration", cures.PROCESS)
    yield from check_comes_again(search.name, place, building, names, case)


def _driven(case: Case, place: Construction, loop: Loop) -> frozenset[str]:
    """Names in the function of ``place`` that hold, or are made of, what a loop counts through."""
    names = driven_names(loop)
    scope = case.detection.site.scope
    for call, func in place.path:
        names = handed_on(call, names, func, case.interpreter, scope)
        scope = func.scope
    return names


def _check_runs(place: Construction, escaping: list[Escape], case: Case) -> None:
    """A model that is only built, saved or given weights costs milliseconds; comparing it with a kept one would cost more."""
    attribute = place.holder.partition(".")[2]
    if escaping or (
        attribute and any(n.attr == attribute for n in case.syntax.every(ast.Attribute) if isinstance(n.ctx, ast.Load))
    ):
        return  # others may run it
    if not any(_may_run(use) for use in uses_of_model(place, case.examined)):
        raise NoGainError("the model is only built, never run: that is cheap, and there is nothing to keep")


def _may_run(use: Use) -> bool:
    """Whether a use runs the model, as far as is known: ``summary()``, ``save()``, ``set_weights()``, ``layers`` do not."""
    if use.kind in {Kind.METHOD, Kind.ATTRIBUTE}:
        known = effects.effects(use.name)
        is_idle = known & (COPIES | LOADS | SAVES | COMPLETES) and not known & (RUNS | TRAINS)
        return not is_idle and use.name not in attributes.SHOWN
    return use.kind not in {Kind.LOOKED_AT, Kind.SET, Kind.PART_NAMED}


def _check_gains(place: Construction, case: Case) -> None:
    """There must be iterations that come again, with a model like the one before."""
    loops = list(dict.fromkeys((*around(place.loop), *around(case.loop))))
    if context.is_built_once(place, case):
        raise NoGainError("the model is built only until its file is there, so there is nothing to keep")
    building = [(node, place.scope) for node in (place.call, *place.compiles, *setup_calls(place))]
    for scope in callgraph.named(building, case.interpreter):
        if scope.kind == "class" and is_traced_class(case.interpreter, Cls(scope)):
            outer = scope.parent if scope.parent is not None and scope.parent.kind == "function" else None
            beside = [loop.node for loop in loops if loop.scope.module is scope.module]
            is_made_by_call = outer is not None and not any(within(node, outer.node) for node in beside)
            if is_made_by_call or any(within(scope.node, node) for node in beside):
                name = getattr(scope.node, "name", "")
                reason = f"the class {name} is defined anew in every iteration, so no model is like the one before"
                raise NoGainError(reason, f"define {name} once, before the loop")


def _doubts_of_building(case: Case, place: Construction) -> Iterator[str]:
    """What the helper cannot compare as it runs, in how the model is built and what it calls."""
    names = {name for loop in around(case.loop) for name in _driven(case, place, loop)}
    yield from context.doubts(place, case)
    yield from context.check_devices(place, names, case)
    if context.is_conditional(place, case):
        yield f"not every iteration builds {place.holder}: some go on with the one before"
    yield from identity.tells(place, names, case)
    before = [statement for statement in case.syntax.suite(place.built) if start(statement) <= start(place.ready)]
    given = [node.value for node in walk(before) if isinstance(node, ast.keyword) and node.arg and node.arg.endswith("name")]
    if any(any(deciding(value, names)) for value in given):  # the keeper takes numbers off names
        yield "names given in the loop (name=...) would stay those of the first model"
    calls = (call for call in ast.walk(place.call) if isinstance(call, ast.Call))
    built = [case.examined.factories.of_call(call, place.scope) for call in calls]
    if not any(effect.builds and not effect.is_guess for effect in built) and callee_name(place.call) not in keras.MODEL_CLASSES:
        yield f"what {ast.unparse(place.call.func)}() does is not known"
    if context.is_distributed(place, case):
        yield "the model may be built in a distribution scope"


def _edits(case: Case, place: Construction, loop: Loop | None, taken: Taken) -> Iterator[Edit]:
    if reason := clash(HELPER, case.syntax):
        raise RefusedError(reason)
    keeper = taken.give_name("keep_compiled", loop, case.syntax)
    yield helper_edit(HELPER, case.settings.helper_module)
    anchor = case.syntax.statement(loop.node) if loop is not None else case.syntax.top(place.function)
    yield Before(anchor, f"{keeper} = {HELPER}()")
    if not place.holder:
        yield Wrap(place.call, keeper)
        return
    knows_input = has_input(place, case)
    first = None if knows_input else first_argument(place, case)
    argument = ast.unparse(first) if first is not None else ""
    made = case.examined.factories.of_call(place.call, place.scope)
    if not knows_input and not argument and made.sites and not made.is_guess:
        raise RefusedError("the model has no weights before it first sees data", cures.GIVE_INPUT)
    arguments = f"{place.holder}, {argument}" if argument else place.holder
    run = first_run(place, case) if argument else None
    write = partial(After, place.ready) if run is None else partial(Before, run)  # as Keras: a seed may be set in between
    yield write(f"{place.holder} = {keeper}({arguments})")
