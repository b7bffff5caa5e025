"""The default fix: the building code stays where it is, and the first model built is kept with its compiled functions.

``model = keep_compiled(model)`` stands right after the model is complete, ``keep_compiled = compiled_model_keeper()`` before the
outermost loop that the model does not outlive. The helper guards itself as it runs (:mod:`.keeper`): what cannot be seen from
the text, such as an architecture that changes, costs speed but never a result.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...dataflow.construction import Construction
from ...dataflow.keepers import HELPER
from ...dataflow.leftovers import setup_calls
from ...dataflow.loops import around
from ...dataflow.variance import deciding, driven_names, handed_on
from ...examine import Examined
from ...knowledge import attributes, effects, keras
from ...knowledge.effects import COMPLETES, COPIES, RUNS, SAVES
from ...semantics.scopes import Loop, callee_name, end, start
from ...semantics.syntax import Syntax, is_same, syntax_of, within
from ...semantics.values import NO_ENV, Api
from .. import context, identity
from ..construction_site import find_constructions
from ..context import check_scopes
from ..edits import After, Before, Edit, Wrap
from ..escape import Escape, escapes, escapes_while_made
from ..helpers import clash, helper_edit
from ..outcome import Objection, Severity
from ..plans import Case, Draft, RefusedError, Taken, doubts
from ..trials import check_comes_again, check_serves


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``reuse`` for a finding. ``taken``: names of keepers that were given away already. Raises ``RefusedError``."""
    detection, examined, syntax = case.detection, case.examined, case.syntax
    if detection.finding.code == "KL105" and identity.keeps_models(detection, examined):
        raise RefusedError("every iteration's model is kept, so one cannot stand for all")
    edits: list[Edit] = []
    found: list[Objection] = list(doubts(check_serves(detection)))
    for place in find_constructions(detection, examined, syntax):
        check_scopes(place, syntax)
        escaping = [*escapes(place, examined), *escapes_while_made(place, examined)]
        loop = _keeper_loop(place, escaping)
        found += doubts(_doubts_of_place(place))
        for use, objection in escaping:
            if loop is None or within(use.node, loop.node) or syntax.function(use.node) is not place.function:
                if objection.severity is Severity.REFUSED:
                    raise RefusedError(objection)
                found.append(objection)
        found += doubts(_check_varies(case, place))
        _check_runs(place, syntax)
        found += doubts(_doubts_of_building(case, place))
        if place.call not in taken.edits:
            taken.edits[place.call] = _edits(case, place, loop, taken)
        edits += taken.edits[place.call]
    return Draft(tuple(edits), tuple(found))


def _doubts_of_building(case: Case, place: Construction) -> Iterator[str]:
    """What the helper cannot compare as it runs, in how the model is built and what it calls."""
    examined, syntax, interpreter = case.examined, case.syntax, case.interpreter
    names = {name for loop in around(case.loop) for name in _driven(case, place, loop)}
    yield from context.doubts(place, examined.module)
    yield from identity.tells(place, names, examined, syntax)
    if _has_changing_name(place, names, syntax):
        yield "names given in the loop (name=...) would stay those of the first model"
    calls = [call for call in ast.walk(place.call) if isinstance(call, ast.Call)]
    is_known = any(examined.factories.of_call(call, place.scope).builds for call in calls)
    if not is_known and callee_name(place.call) not in keras.MODEL_CLASSES:
        yield f"what {ast.unparse(place.call.func)}() does is not known"
    if context.is_distributed(place, examined.module, interpreter, syntax):
        yield "the model may be built in a distribution scope"


def _has_changing_name(place: Construction, names: set[str], syntax: Syntax) -> bool:
    """Whether a layer, metric or model is called after what the loop counts through; the keeper takes numbers off names."""
    before = [statement for statement in syntax.suite(place.built) if start(statement) <= start(place.ready)]
    for statement in before:
        for node in ast.walk(statement):
            if isinstance(node, ast.keyword) and node.arg and node.arg.endswith("name"):
                if any(deciding(node.value, names)):
                    return True
    return False


def _check_runs(place: Construction, syntax: Syntax) -> None:
    """A model that is only built costs milliseconds; comparing it with a kept one would cost more."""
    if not place.holder or "." in place.holder:
        return
    for node in syntax.reads(place.holder, place.function):
        parent = syntax.parents[node]
        is_after = start(node) > end(place.ready) or syntax.function(node) is not place.function
        if is_after and not (isinstance(parent, ast.Attribute) and _only_shows(parent.attr)):
            return
    raise RefusedError("the model is only built, never run: that is cheap, and there is nothing to keep")


def _only_shows(name: str) -> bool:
    """``summary()``, ``count_params()``, ``layers``: what does not run the model, nor save it."""
    return (effects.does(name, COPIES) and not effects.does(name, SAVES) and name != "get_weights") or name in attributes.SHOWN


def _keeper_loop(place: Construction, escaping: list[Escape]) -> Loop | None:
    """The outermost loop before which the keeper may stand: nothing in it, but beyond the loops inside, holds the model."""
    best = place.loop
    for loop in around(place.loop):
        if any(objection.severity is Severity.REFUSED and within(use.node, loop.node) for use, objection in escaping):
            break
        best = loop
    return best


def _doubts_of_place(place: Construction) -> Iterator[str]:
    """A holder that others may look into."""
    owner, _, attribute = place.holder.partition(".")
    if owner in place.owner.outer_names:
        if place.loop is None:
            raise RefusedError(f"{owner} is a global name, which holds the model beyond the function")
        yield f"{owner} is a global name, which others may read"
    if attribute and owner == "self" and place.loop is None:
        yield f"objects of the class would share one {place.holder}"
    elif attribute and owner != "self":
        yield f"{owner} may be kept, and the model in it"


def _check_varies(case: Case, place: Construction) -> Iterator[str]:
    """There must be a loop that does not decide the architecture; the helper would find nothing to keep."""
    interpreter, syntax, search = case.interpreter, case.syntax, case.detection.search
    setup = [call for call in setup_calls(place) if effects.does(callee_name(call), COMPLETES)]
    building: list[ast.expr] = [place.call, *setup]
    for call in setup:  # for _ in range(depth): model.add(...)
        for parent in syntax.above(call):
            building += [value for value in (getattr(parent, "iter", None), getattr(parent, "test", None)) if value]
            if parent in syntax.suite(place.built) or not hasattr(parent, "lineno"):
                break
    names: set[str] = set()
    for loop in around(case.loop):
        names = _driven(case, place, loop)
        if not any(name for node in building for name in deciding(node, names, interpreter, place.scope)):
            return
    if search is not None:
        yield from check_comes_again(search, place, building, names, interpreter, syntax)
        return
    raise RefusedError(
        "the model differs from iteration to iteration; on a GPU, compile(..., jit_compile=False) with TensorFlow or the "
        "persistent compilation cache with JAX makes such loops faster"
    )


def _driven(case: Case, place: Construction, loop: Loop) -> set[str]:
    """Names in the function of ``place`` that hold, or are made of, what a loop counts through."""
    names = driven_names(loop)
    scope = case.detection.site.scope
    for call, func in place.path:
        names = handed_on(call, names, func, case.interpreter, scope)
        scope = func.scope
    return names


def _edits(case: Case, place: Construction, loop: Loop | None, taken: Taken) -> list[Edit]:
    examined, syntax = case.examined, case.syntax
    if reason := clash(HELPER, syntax):
        raise RefusedError(reason)
    keeper = taken.give_name("keep_compiled", loop, syntax)
    anchor = syntax.statement(loop.node) if loop is not None else syntax.top(place.function)
    edits: list[Edit] = [helper_edit(HELPER, case.settings.helper_module), Before(anchor, f"{keeper} = {HELPER}()")]
    if not place.holder:
        return [*edits, Wrap(place.call, keeper)]
    knows_input = has_input(place, examined, syntax)
    argument = "" if knows_input else _first_argument(place, syntax)
    if not knows_input and not argument and examined.factories.of_call(place.call, place.scope).sites:
        raise RefusedError("the model has no weights before it first sees data: give it an Input")
    arguments = f"{place.holder}, {argument}" if argument else place.holder
    return [*edits, After(place.ready, f"{place.holder} = {keeper}({arguments})")]


def has_input(place: Construction, examined: Examined, syntax: Syntax, alone: bool = False) -> bool:
    """Whether the model is built when it is made: it has an input layer, or is told the shape of its input.

    ``alone``: whatever stands above the construction is about other models.
    """
    nodes: list[ast.AST] = [statement for statement in syntax.suite(place.built) if start(statement) <= start(place.ready)]
    if alone:
        nodes = [node for node in nodes if node is place.built or any(is_same(inner, place.holder) for inner in ast.walk(node))]
    effect = examined.factories.of_call(place.call, place.scope)
    values = examined.factories.interpreter.callees(place.call, place.scope, NO_ENV)
    names = [keras.last(value.name) for value in values if isinstance(value, Api)]
    if effect.direct and len(names) == len(values) > 0 and not keras.MODEL_CLASSES & set(names):
        return True  # a ready-made architecture, a clone, a loaded model
    calls = [call for call in ast.walk(place.call) if isinstance(call, ast.Call)]  # compiled(build())
    for site in {site for call in calls for site in examined.factories.of_call(call, place.scope).sites}:
        module = examined.module if site.path == examined.module.path else examined.factories.interpreter.project.load(site.path)
        if module is None:
            return False
        own = syntax_of(module)
        definitions = [*own.every(ast.FunctionDef), *own.every(ast.ClassDef)]
        nodes += sorted((n for n in definitions if n.lineno <= site.line <= (n.end_lineno or 0)), key=start)[-1:]
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and (
                keras.has_input(callee_name(inner)) or attributes.OF_INPUT & {k.arg for k in inner.keywords}
            ):
                return True
            if isinstance(inner, ast.Call) and callee_name(inner) in {"Model", "Functional"} and len(inner.args) >= 2:
                return True
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "build":
                if inner not in calls and (inner.args or inner.keywords):
                    return True  # model.build((None, 4))
    return False


def _first_argument(place: Construction, syntax: Syntax) -> str:
    """What the model is first run on, if that is a name, or a plain part of one, that has its value already."""
    bound: set[str] = set()
    for statement in syntax.after(place.ready):
        bound |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and effects.does(node.func.attr, RUNS):
                if is_same(node.func.value, place.holder) and node.args and _is_plain(node.args[0]):
                    names = {n.id for n in ast.walk(node.args[0]) if isinstance(n, ast.Name)}
                    targets = _results(statement)
                    return "" if names & (bound - targets) else ast.unparse(node.args[0])
                return ""
    return ""


def _results(statement: ast.stmt) -> set[str]:
    """Names that a plain assignment binds only after its value is there."""
    if not isinstance(statement, ast.Assign):
        return set()
    return {n.id for target in statement.targets for n in ast.walk(target) if isinstance(n, ast.Name)}


def _is_plain(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return _is_plain(node.value) and isinstance(node.slice, (ast.Name, ast.Constant, ast.Slice))
    if isinstance(node, ast.Attribute):
        return _is_plain(node.value)
    return isinstance(node, ast.Name)
