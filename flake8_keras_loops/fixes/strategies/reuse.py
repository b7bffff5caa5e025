"""The default fix: the building code stays where it is, and the first model built is kept with its compiled functions.

``model = keep_compiled(model)`` stands right after the model is complete, ``keep_compiled = compiled_model_keeper()`` before the
outermost loop that the model does not outlive. The helper guards itself as it runs (:mod:`.keeper`): what cannot be seen from
the text, such as an architecture that changes, costs speed but never a result.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...checks.detect import Detection, Examined
from ...dataflow.invariance import driven_names, handed_on, reads
from ...dataflow.keepers import HELPER
from ...dataflow.loops import around
from ...knowledge.keras import MODEL_CLASSES
from ...semantics.interpreter import Resolver
from ...semantics.scopes import Loop, callee_name, end, start
from ...semantics.syntax import Syntax, is_same, within
from ...semantics.values import NO_ENV, Api
from .. import context, indirect
from ..construction_site import RUNNING, Home, NoFixError, find_homes, setup_calls
from ..context import check_scopes
from ..draft import Draft, Taken
from ..edits import After, Before, Edit, Wrap
from ..helpers import clash, helper_edit
from ..leftovers import leftovers
from ..lifetime import Lifetime, Problem
from ..making import made_by
from ..outcome import Settings
from ..trials import check_comes_again, check_serves

_LOOKED_AT = frozenset({"summary", "count_params", "get_config", "to_json", "name", "layers", "input_shape", "output_shape"})
_HAS_INPUT = frozenset({"Input", "InputLayer", "clone_model", "load_model", "model_from_json", "from_config"})
_INPUT_ARGUMENTS = frozenset({"input_shape", "input_dim", "batch_input_shape", "batch_shape", "inputs", "input_tensor"})


def draft(detection: Detection, examined: Examined, syntax: Syntax, settings: Settings, taken: Taken) -> Draft:
    """Plan ``reuse`` for a finding. ``taken``: names of keepers that were given away already. Raises ``NoFixError``."""
    if detection.finding.code == "KL105" and indirect.keeps_models(detection, examined):
        raise NoFixError("every iteration's model is kept, so one cannot stand for all")
    edits: list[Edit] = []
    doubts = list(check_serves(detection))
    for home in find_homes(detection, examined, syntax):
        check_scopes(home, syntax)
        resolver = examined.factories.resolver
        problems = [*Lifetime(resolver, syntax).problems(home), *leftovers(home, examined, syntax)]
        problems += made_by(home.call, home.scope, resolver, syntax)
        loop = _keeper_loop(home, problems)
        doubts += _doubts_of_place(home, examined)
        for problem in problems:
            if loop is None or within(problem.node, loop.node) or syntax.function(problem.node) is not home.function:
                if problem.holds:
                    raise NoFixError(problem.reason)
                doubts.append(problem.reason)
        doubts += _check_varies(detection, home, examined, syntax)
        _check_runs(home, syntax)
        doubts += _doubts_of_building(detection, home, examined, syntax)
        if home.call not in taken.edits:
            taken.edits[home.call] = _edits(home, loop, examined, syntax, settings.helper_module, taken)
        edits += taken.edits[home.call]
    return Draft(tuple(edits), tuple(doubts))


def _doubts_of_building(detection: Detection, home: Home, examined: Examined, syntax: Syntax) -> Iterator[str]:
    """What the helper cannot compare as it runs, in how the model is built and what it calls."""
    resolver = examined.factories.resolver
    names = {name for loop in around(detection.loop) for name in _driven(detection, home, loop, resolver)}
    yield from context.doubts(home, examined.module)
    yield from indirect.doubts(home, names, examined, syntax)
    if _has_changing_name(home, names, syntax):
        yield "names given in the loop (name=...) would stay those of the first model"
    calls = [call for call in ast.walk(home.call) if isinstance(call, ast.Call)]
    is_known = any(examined.factories.of_call(call, home.scope).builds for call in calls)
    if not is_known and callee_name(home.call) not in MODEL_CLASSES:
        yield f"what {ast.unparse(home.call.func)}() does is not known"
    if context.is_distributed(home, examined.module, resolver, syntax):
        yield "the model may be built in a distribution scope"


def _has_changing_name(home: Home, names: set[str], syntax: Syntax) -> bool:
    """Whether a layer, metric or model is called after what the loop counts through; the keeper takes numbers off names."""
    before = [statement for statement in syntax.suite(home.built) if start(statement) <= start(home.ready)]
    for statement in before:
        for node in ast.walk(statement):
            if isinstance(node, ast.keyword) and node.arg and node.arg.endswith("name"):
                if any(reads(node.value, names)):
                    return True
    return False


def _check_runs(home: Home, syntax: Syntax) -> None:
    """A model that is only built costs milliseconds; comparing it with a kept one would cost more."""
    if not home.holder or "." in home.holder:
        return
    for node in syntax.reads(home.holder, home.function):
        parent = syntax.parents[node]
        is_after = start(node) > end(home.ready) or syntax.function(node) is not home.function
        if is_after and not (isinstance(parent, ast.Attribute) and parent.attr in _LOOKED_AT):
            return
    raise NoFixError("the model is only built, never run: that is cheap, and there is nothing to keep")


def _keeper_loop(home: Home, problems: list[Problem]) -> Loop | None:
    """The outermost loop before which the keeper may stand: nothing in it, but beyond the loops inside, holds the model."""
    best = home.loop
    for loop in around(home.loop):
        if any(problem.holds and within(problem.node, loop.node) for problem in problems):
            break
        best = loop
    return best


def _doubts_of_place(home: Home, examined: Examined) -> Iterator[str]:
    """A holder that others may look into."""
    owner, _, attribute = home.holder.partition(".")
    scope = examined.module.scope_of.get(home.function, examined.module.scope)
    if owner in scope.outer_names:
        if home.loop is None:
            raise NoFixError(f"{owner} is a global name, which holds the model beyond the function")
        yield f"{owner} is a global name, which others may read"
    if attribute and owner == "self" and home.loop is None:
        yield f"objects of the class would share one {home.holder}"
    elif attribute and owner != "self":
        yield f"{owner} may be kept, and the model in it"


def _check_varies(detection: Detection, home: Home, examined: Examined, syntax: Syntax) -> Iterator[str]:
    """There must be a loop that does not decide the architecture; the helper would find nothing to keep."""
    resolver = examined.factories.resolver
    setup = [call for call in setup_calls(home, syntax) if callee_name(call) in {"add", "build", "compile"}]
    building: list[ast.expr] = [home.call, *setup]
    for call in setup:  # for _ in range(depth): model.add(...)
        for parent in syntax.above(call):
            if parent in syntax.suite(home.built) or not hasattr(parent, "lineno"):
                building += [value for value in (getattr(parent, "iter", None), getattr(parent, "test", None)) if value]
                break
            building += [value for value in (getattr(parent, "iter", None), getattr(parent, "test", None)) if value]
    for loop in around(detection.loop):
        names = _driven(detection, home, loop, resolver)
        if not any(name for node in building for name in reads(node, names, resolver, home.scope)):
            return
    if detection.search is not None:
        yield from check_comes_again(detection.search, home, building, names, resolver, syntax)
        return
    raise NoFixError(
        "the model differs from iteration to iteration; on a GPU, compile(..., jit_compile=False) with TensorFlow or the "
        "persistent compilation cache with JAX makes such loops faster"
    )


def _driven(detection: Detection, home: Home, loop: Loop, resolver: Resolver) -> set[str]:
    """Names in the function of ``home`` that hold, or are made of, what a loop counts through."""
    names = driven_names(loop)
    scope = detection.site.scope
    for call, func in home.path:
        names = handed_on(call, names, func, resolver, scope)
        scope = func.scope
    return names


def _edits(home: Home, loop: Loop | None, examined: Examined, syntax: Syntax, helper_module: str, taken: Taken) -> list[Edit]:
    if reason := clash(HELPER, syntax):
        raise NoFixError(reason)
    keeper = taken.give_name("keep_compiled", loop, syntax)
    anchor = syntax.statement(loop.node) if loop is not None else syntax.top(home.function)
    edits: list[Edit] = [helper_edit(HELPER, helper_module), Before(anchor, f"{keeper} = {HELPER}()")]
    if not home.holder:
        return [*edits, Wrap(home.call, keeper)]
    knows_input = has_input(home, examined, syntax)
    argument = "" if knows_input else _first_argument(home, syntax)
    if not knows_input and not argument and examined.factories.of_call(home.call, home.scope).sites:
        raise NoFixError("the model has no weights before it first sees data: give it an Input")
    arguments = f"{home.holder}, {argument}" if argument else home.holder
    return [*edits, After(home.ready, f"{home.holder} = {keeper}({arguments})")]


def has_input(home: Home, examined: Examined, syntax: Syntax, alone: bool = False) -> bool:
    """Whether the model is built when it is made: it has an input layer, or is told the shape of its input.

    ``alone``: whatever stands above the construction is about other models.
    """
    nodes: list[ast.AST] = [statement for statement in syntax.suite(home.built) if start(statement) <= start(home.ready)]
    if alone:
        nodes = [node for node in nodes if node is home.built or any(is_same(inner, home.holder) for inner in ast.walk(node))]
    effects = examined.factories.of_call(home.call, home.scope)
    values = examined.factories.resolver.callees(home.call, home.scope, NO_ENV)
    if effects.direct and values and all(isinstance(v, Api) and v.name.rpartition(".")[2] not in MODEL_CLASSES for v in values):
        return True  # a ready-made architecture, a clone, a loaded model
    calls = [call for call in ast.walk(home.call) if isinstance(call, ast.Call)]  # compiled(build())
    for site in {site for call in calls for site in examined.factories.of_call(call, home.scope).sites}:
        module = examined.module if site.path == examined.module.path else examined.factories.resolver.project.load(site.path)
        if module is None:
            return False
        own = syntax if module is examined.module else Syntax(module)
        definitions = [*own.every(ast.FunctionDef), *own.every(ast.ClassDef)]
        nodes += sorted((n for n in definitions if n.lineno <= site.line <= (n.end_lineno or 0)), key=start)[-1:]
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and (
                callee_name(inner) in _HAS_INPUT or _INPUT_ARGUMENTS & {k.arg for k in inner.keywords}
            ):
                return True
            if isinstance(inner, ast.Call) and callee_name(inner) in {"Model", "Functional"} and len(inner.args) >= 2:
                return True
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "build":
                if inner not in calls and (inner.args or inner.keywords):
                    return True  # model.build((None, 4))
    return False


def _first_argument(home: Home, syntax: Syntax) -> str:
    """What the model is first run on, if that is a name, or a plain part of one, that has its value already."""
    bound: set[str] = set()
    for statement in syntax.after(home.ready):
        bound |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNNING:
                if is_same(node.func.value, home.holder) and node.args and _is_plain(node.args[0]):
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
