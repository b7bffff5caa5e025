"""``clear_session()`` as the first statement of the loop's body, where no path through an iteration can miss it.

At the top rather than at the end the last model stays usable after the loop. Where the loop has the call already, on some paths
only (KL104), that statement moves; otherwise one is written with what the file imports. Clearing frees memory; it makes a loop
faster in graph mode only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from ...dataflow.loops import body, is_function, repeating
from ...dataflow.paths import BUILT, CLEARS
from ...dataflow.variance import names_read, writes
from ...knowledge import effects, keras, modes, tracing
from ...knowledge.effects import SEEDS
from ...semantics import callgraph
from ...semantics.scopes import Scope, callee_name, end, reaching, start
from ...semantics.syntax import base, scoped, walk, within
from ...semantics.values import LAYER, MODEL, NO_ENV, TENSOR, Api, Obj, Value, dotted, leaves
from ..construction_site import find_constructions
from ..context import entered
from ..edits import Move, Top
from ..escape import escapes_of_model
from ..outcome import Objection, Severity
from ..plans import Case, Draft, RefusedError, Taken, Why, failing, is_statement, require
from ..spelling import CLEAR_SESSION, is_clearing, spelling

_AUTOMATIC_NAME = re.compile(r"(?:val_)?[a-z][a-z0-9]*(?:_[a-z0-9]+)*_[0-9]+\Z")
_KEPT = Objection("every iteration's model is kept", Severity.REFUSED)
_UNUSABLE = "in graph mode a model is unusable once the session is cleared"


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``clear`` for a finding. ``taken`` is not used. Raises ``RefusedError``."""
    require(case, (is_statement, _has_what_it_takes, _may_clear_there, _needs_no_older_graph))
    loop = case.loop.node
    assert isinstance(loop, ast.stmt)
    edit = Move(_statements(case)[-1], loop) if case.code == "KL104" else Top(loop, f"{spelling(case, CLEAR_SESSION, loop)}()")
    return Draft((edit,), tuple(failing(case, PROVED)), leaves=("KL105" if case.code == "KL105" else "KL107",))


# -- what the fix cannot do without


def _has_what_it_takes(case: Case) -> Iterator[str | Why]:
    """The session is not cleared in every iteration; a statement that clears it is there to move (KL104), or can be written."""
    if case.code == "KL104":
        statements = _statements(case)
        if not statements:
            inner = next(_clearing_functions(case), "")
            where = f"inside {inner}()" if inner else "where it cannot be moved from"
            yield f"clear_session() is called {where}"
        elif names_read(statements[-1]) & {*writes(case.loop).names}:
            yield "clear_session() reads what the iteration makes"
        return
    iteration = repeating(case.examined.factories, case.detection.site, case.detection.effects)
    if case.code == "KL107" or (iteration is not None and not iteration.mask & BUILT):
        yield "the session is cleared in every iteration already"
    if not spelling(case, CLEAR_SESSION, case.loop.node):
        yield Why("nothing that the file imports leads to clear_session()", "import keras, or its backend, before the loop")


def _may_clear_there(case: Case) -> Iterator[str]:
    """``clear_session()`` raises in a graph of its own, a distribution scope and a ``tf.function``."""
    search = case.detection.search
    places = [case.loop.node, *([search.site.node] if search else []), *(site.node for site in case.callers())]
    for name in entered(places, case.syntax.above):
        if name == "scope":
            yield "the loop stands in a distribution scope, where clear_session() raises"
        if name in modes.GRAPHS:
            yield "the loop stands in a graph or session of its own, where clear_session() raises"
    for parent in (parent for place in places for parent in (place, *case.syntax.above(place))):
        for decorator in getattr(parent, "decorator_list", ()):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            values = case.interpreter.eval(called, case.module.scope_of[parent].parent or case.module.scope)
            if any(isinstance(value, Api) and tracing.traces_anew(value.name) for value in values):
                yield "the loop stands in a tf.function, where clear_session() raises"


def _needs_no_older_graph(case: Case) -> Iterator[str | Why]:
    """Graph mode: what is cleared away is unusable, so no iteration may use what is older, and nothing what an iteration made."""
    if case.is_graph_mode:
        yield from (f"{held.reason}, and {_UNUSABLE}" for held in _held(case) if held.severity is Severity.REFUSED)
        for node, value in _made_before(case, also_after=True):
            if _is_keras_made(value) or _is_of_a_graph(value):
                reason = (
                    f"{ast.unparse(node)} was made before the loop, and in graph mode is unusable once the session is cleared"
                )
                yield Why(reason, f"make {ast.unparse(node)} in the loop, after clear_session()")


# -- what has to be known for the fix to be safe


def _is_no_search(case: Case) -> Iterator[str]:
    """What a search has of Keras between its calls is its own business."""
    if case.detection.search is not None:
        yield f"what is in use between the calls of {case.detection.search.name} is not known"


def _keeps_global_state(case: Case) -> Iterator[str]:
    """Keras 3 resets the dtype policy, custom object scopes, the distribution and the stream of ``keras.random``."""
    streams = [node for node in case.syntax.every(ast.Attribute) if node.attr == "random"]
    is_random = any(keras.last(ast.unparse(node.value)) == "keras" for node in streams)
    if is_random or any(map(case.module.calls_named, modes.GLOBAL_STATE)):
        yield "clear_session() resets the dtype policy, custom objects, distribution, logging and keras.random in Keras 3"


def _shares_no_names(case: Case) -> Iterator[str]:
    """Eager mode: layers made before the loop and layers made in it would get the same names."""
    for node, value in _made_before(case, also_after=False):
        if _is_keras_made(value):
            yield f"{ast.unparse(node)} was made before the loop, and what is made after clearing gets the same names"


def _keeps_no_model(case: Case) -> Iterator[str]:
    """Models of several iterations would have equal names; in graph mode it is known where each one goes."""
    for held in _held(case):
        if case.is_graph_mode:
            yield f"{held.reason}; {_UNUSABLE}"
        elif held.severity is Severity.REFUSED and case.code != "KL104":  # there the loop clears already
            names = "after clearing their layers have" if held is _KEPT else "models of different iterations get"
            yield f"{held.reason}, and {names} equal names"


def _reads_no_automatic_name(case: Case) -> Iterator[str]:
    """Automatic names start again after clearing: ``auc`` instead of ``auc_1``."""
    for node in walk(body(case.loop)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _AUTOMATIC_NAME.match(node.value):
            parent = case.syntax.parents[node]
            is_key = isinstance(parent, ast.Subscript) and parent.slice is node
            if is_key or (isinstance(parent, ast.Call) and callee_name(parent) == "get_layer"):
                yield f"automatic names start again after clearing, and the loop reads {node.value!r}"


def _keeps_seed(case: Case) -> Iterator[str]:
    """Graph mode: a seed belongs to the graph that it was set in."""
    sites = [site for name in effects.names_with(SEEDS) for site in case.module.calls_named(name)]
    seeds = [site.node for site in sites if base(site.node.func) not in {"np", "numpy", "random"}]
    if case.is_graph_mode and any(not within(seed, case.loop.node) for seed in seeds):
        yield "in graph mode a seed set before the loop is cleared with the graph"


def _keeps_session(case: Case) -> Iterator[str]:
    """Graph mode: a session with options of its own is closed."""
    if case.is_graph_mode and any(not within(s.node, case.loop.node) for s in case.module.calls_named("set_session")):
        yield "the session that set_session() was given is dropped with its options"


#: Without these the fix is unsafe.
PROVED = (
    _is_no_search,
    _keeps_global_state,
    _shares_no_names,
    _keeps_no_model,
    _reads_no_automatic_name,
    _keeps_seed,
    _keeps_session,
)


# -- looking around


def _statements(case: Case) -> list[ast.Expr]:
    """``clear_session()`` statements of the loop itself, not of functions defined in it.

    Last come those in the loop's own body: where one of them goes, it leaves no empty branch.
    """
    found = []
    for site in case.module.calls_within(case.loop.node):
        parent = case.syntax.parents[site.node]
        if isinstance(parent, ast.Expr) and is_clearing(case, site) and case.syntax.function(parent) is case.function:
            found.append(parent)
    return sorted(found, key=lambda statement: statement in body(case.loop))


def _clearing_functions(case: Case) -> Iterator[str]:
    """What the loop calls that clears the session inside."""
    for site in case.module.calls_within(case.loop.node):
        if not is_clearing(case, site) and case.examined.factories.of_call(site.node, site.scope).mask & CLEARS:
            yield ast.unparse(site.node.func)


def _held(case: Case) -> Iterator[Objection]:
    """What holds a model beyond its iteration, or may: any model of the loop, for clearing concerns all of them."""
    for detection in case.examined.detections:
        if detection.loop.node is not case.loop.node:
            continue
        if detection.finding.code == "KL105":
            yield _KEPT
        try:
            places = find_constructions(replace(case, detection=detection))
        except RefusedError as error:
            yield Objection(f"the model is not followed ({error})", Severity.UNSAFE)
            continue
        for use, objection in (escape for place in places for escape in escapes_of_model(place, case.examined)):
            # after the loop, the last model is as good as ever
            if within(use.node, case.loop.node) or case.syntax.function(use.node) is not case.function:
                yield objection


def _made_before(case: Case, also_after: bool) -> Iterator[tuple[ast.expr, Value]]:
    """What was made before the loop and is read in it, in functions that it calls, or after it, with its values."""
    roots: list[tuple[ast.AST, Scope]] = [(case.loop.node, case.module.scope_of[case.function])]
    roots += [(scope.node, scope) for scope in callgraph.called(roots, case.interpreter) if scope.module is case.module]
    if also_after:
        search = case.detection.search
        loop, outer = (case.loop.node, case.function) if search is None else (search.site.node, search.site.scope.function().node)
        after = [statement for statement in getattr(outer, "body", ()) if start(statement) > end(loop)]
        roots += [(statement, case.module.scope_of[outer]) for statement in after]
    for node, scope in (pair for root, around in roots for pair in scoped(root, around)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield from ((node, value) for value in _older_values(node, scope, case))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and base(node) == "self":
            own = scope.enclosing_class()
            stores = own.attributes.get(node.attr, []) if own is not None else []
            if stores and all(getattr(store.scope.function().node, "name", "") == "__init__" for store in stores):
                yield from ((node, value) for value in leaves(case.interpreter.eval(node, scope)))


def _older_values(name: ast.Name, scope: Scope, case: Case) -> Iterator[Value]:
    """What a name may still hold from before the loop; the scope that binds it must be around the loop."""
    owner = scope.owner(name.id)
    if owner is None or owner.node not in case.syntax.above(case.loop.node):
        return
    bindings = owner.bindings[name.id]
    for binding in reaching(bindings, start(name)) if owner is scope.function() else bindings:
        is_older = is_function(case.loop) or binding.position < start(case.loop.node)
        if binding.kind in {"value", "element", "item"} and is_older:
            yield from leaves(case.interpreter.binding(binding, NO_ENV))


def _is_keras_made(value: Value) -> bool:
    """A layer, tensor, model or optimizer."""
    return value in (MODEL, LAYER, TENSOR) or (isinstance(value, Obj) and keras.OPTIMIZER.match(dotted(value)) is not None)


def _is_of_a_graph(value: Value) -> bool:
    """What a TensorFlow function gave: an operation, a variable or a session."""
    name = dotted(value) if isinstance(value, Obj) else ""
    return name.startswith("tensorflow.") and not modes.NO_PART_OF_A_GRAPH.match(name)
