"""``clear_session()`` as the first statement of the loop's body, where no path through an iteration can miss it.

At the top rather than at the end the last model stays usable after the loop. Where the loop has the call already, on some paths
only (KL104), that statement moves; otherwise one is written with what the file imports. Clearing frees memory; it makes a loop
faster in graph mode only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...checks.detection import Detection
from ...dataflow.loops import body, is_function, repeating
from ...dataflow.paths import BUILT, CLEARS
from ...dataflow.variance import writes
from ...knowledge import effects, keras, modes, tracing
from ...knowledge.effects import SEEDS
from ...semantics.scopes import Scope, callee_name, end, reaching, start
from ...semantics.syntax import base, scoped, within
from ...semantics.values import LAYER, MODEL, NO_ENV, TENSOR, Api, Func, Obj, Value, leaves
from ..construction_site import find_constructions
from ..context import has_global_state, is_graph_mode
from ..edits import Edit, Move, Top
from ..escape import escapes_of_model
from ..outcome import Severity
from ..plans import Case, Draft, RefusedError, Taken, failing, is_statement, require
from ..spelling import CLEAR_SESSION, is_clearing, spelling

_AUTOMATIC_NAME = re.compile(r"(?:val_)?[a-z][a-z0-9]*(?:_[a-z0-9]+)*_[0-9]+\Z")
_MAX_DEPTH = 3


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``clear`` for a finding. ``taken`` is not used. Raises ``RefusedError``."""
    require(case, REQUIRED)
    doubts = tuple(failing(case, PROVED))
    detection, loop = case.detection, case.loop.node
    assert isinstance(loop, ast.stmt)
    statements = _statements(case)
    edit: Edit
    if detection.finding.code == "KL104":
        edit = Move(_to_move(statements, case), loop)
    else:
        edit = Top(loop, f"{spelling(case, CLEAR_SESSION, loop)}()")
    return Draft((edit,), doubts, leaves=("KL105" if detection.finding.code == "KL105" else "KL107",))


# -- what the fix cannot do without


def _is_not_cleared_yet(case: Case) -> str:
    code = case.detection.finding.code
    if code == "KL107" or (code != "KL104" and _is_cleared(case)):
        return "the session is cleared in every iteration already"
    return ""


def _is_cleared(case: Case) -> bool:
    iteration = repeating(case.examined.factories, case.detection.site, case.detection.effects)
    return iteration is not None and not iteration.mask & BUILT


def _has_statement_to_move(case: Case) -> str:
    """KL104: the call that is there is a statement, and needs nothing that the iteration makes."""
    if case.detection.finding.code != "KL104":
        return ""
    if not _statements(case):
        inner = next(_clearing_functions(case), "")
        where = f"inside {inner}()" if inner else "where it cannot be moved from"
        return f"clear_session() is called {where}: call it at the top of the loop's body"
    statement = _to_move(_statements(case), case)
    if {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)} & {*writes(case.loop).names}:
        return "clear_session() reads what the iteration makes"
    return ""


def _has_binding(case: Case) -> str:
    """What the file imports before the loop leads to ``clear_session()``."""
    if case.detection.finding.code == "KL104" or spelling(case, CLEAR_SESSION, case.loop.node):
        return ""
    return "nothing that the file imports leads to clear_session(): import keras, or backend, before the loop"


def _may_clear_there(case: Case) -> str:
    """``clear_session()`` raises in a graph of its own, a distribution scope and a ``tf.function``."""
    for place in _places(case):
        for parent in (place, *case.syntax.above(place)):
            if isinstance(parent, (ast.With, ast.AsyncWith)):
                names = {callee_name(i.context_expr) for i in parent.items if isinstance(i.context_expr, ast.Call)}
                if "scope" in names:
                    return "the loop stands in a distribution scope, where clear_session() raises"
                if names & modes.GRAPHS:
                    return "the loop stands in a graph or session of its own, where clear_session() raises"
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and _is_traced(parent, case):
                return "the loop stands in a tf.function, where clear_session() raises"
    return ""


def _outlives_no_graph(case: Case) -> str:
    """Graph mode: what is cleared away is unusable, so no model may be used beyond its iteration."""
    if not is_graph_mode(case.examined.module):
        return ""
    for other in _same_loop(case):
        if other.finding.code == "KL105":
            return "every iteration's model is kept, and in graph mode a model is unusable once the session is cleared"
        for reason, severity in _escapes(other, case):
            if severity is Severity.REFUSED:
                return f"{reason}, and in graph mode a model is unusable once the session is cleared"
    return ""


def _needs_no_older_graph(case: Case) -> str:
    """Graph mode: nothing of the graph that is cleared may be used in the loop, or after it."""
    if not is_graph_mode(case.examined.module):
        return ""
    for node, value in _made_before(case, also_after=True):
        if _is_keras_made(value) or _is_of_a_graph(value):
            return f"{ast.unparse(node)} was made before the loop, and in graph mode is unusable once the session is cleared"
    return ""


#: Without these there is no fix.
REQUIRED = (
    is_statement,
    _is_not_cleared_yet,
    _has_statement_to_move,
    _has_binding,
    _may_clear_there,
    _outlives_no_graph,
    _needs_no_older_graph,
)


# -- what has to be known for the fix to be safe


def _keeps_global_state(case: Case) -> str:
    """Keras 3 resets the dtype policy, custom object scopes, the distribution and the stream of ``keras.random``."""
    module = case.examined.module
    if has_global_state(module) or any(module.calls_named(name) for name in modes.RESET_BY_CLEARING):
        return "clear_session() resets the dtype policy, custom objects, distribution, logging and keras.random in Keras 3"
    return ""


def _shares_no_names(case: Case) -> str:
    """Eager mode: layers made before the loop and layers made in it would get the same names."""
    for node, value in _made_before(case, also_after=False):
        if _is_keras_made(value):
            return f"{ast.unparse(node)} was made before the loop, and what is made after clearing gets the same names"
    return ""


def _keeps_no_model(case: Case) -> str:
    """Models of several iterations would have equal names."""
    if case.detection.finding.code == "KL104":
        return ""  # the loop clears already
    for other in _same_loop(case):
        if other.finding.code == "KL105":
            return "every iteration's model is kept, and after clearing their layers have equal names"
        for reason, severity in _escapes(other, case):
            if severity is Severity.REFUSED:
                return f"{reason}, and models of different iterations get equal names"
    return ""


def _is_followed(case: Case) -> str:
    """Graph mode: where each model goes is known."""
    if not is_graph_mode(case.examined.module):
        return ""
    reasons = (reason for other in _same_loop(case) for reason, _ in _escapes(other, case))
    return next((f"{reason}; in graph mode a model is unusable once the session is cleared" for reason in reasons), "")


def _reads_no_automatic_name(case: Case) -> str:
    """Automatic names start again after clearing: ``auc`` instead of ``auc_1``."""
    for statement in body(case.loop):
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _AUTOMATIC_NAME.match(node.value):
                parent = case.syntax.parents[node]
                is_key = isinstance(parent, ast.Subscript) and parent.slice is node
                if is_key or (isinstance(parent, ast.Call) and callee_name(parent) == "get_layer"):
                    return f"automatic names start again after clearing, and the loop reads {node.value!r}"
    return ""


def _keeps_seed(case: Case) -> str:
    """Graph mode: a seed belongs to the graph that it was set in."""
    module = case.examined.module
    if is_graph_mode(module):
        for name in effects.names_with(SEEDS):
            if any(not within(site.node, case.loop.node) and not _is_numpy(site.node) for site in module.calls_named(name)):
                return "in graph mode a seed set before the loop is cleared with the graph"
    return ""


def _keeps_session(case: Case) -> str:
    """Graph mode: a session with options of its own is closed."""
    module = case.examined.module
    if is_graph_mode(module) and any(not within(s.node, case.loop.node) for s in module.calls_named("set_session")):
        return "the session that set_session() was given is dropped with its options"
    return ""


def _is_no_search(case: Case) -> str:
    """What a search has of Keras between its calls is its own business."""
    search = case.detection.search
    return f"what is in use between the calls of {search.name} is not known" if search is not None else ""


#: Without these the fix is unsafe.
PROVED = (
    _is_no_search,
    _keeps_global_state,
    _shares_no_names,
    _keeps_no_model,
    _is_followed,
    _reads_no_automatic_name,
    _keeps_seed,
    _keeps_session,
)


# -- looking around


def _statements(case: Case) -> list[ast.Expr]:
    """``clear_session()`` statements of the loop itself, not of functions defined in it."""
    function = case.function
    found = []
    for site in case.examined.module.calls:
        parent = case.syntax.parents[site.node]
        if isinstance(parent, ast.Expr) and within(site.node, case.loop.node) and is_clearing(case, site.node, site.scope):
            if case.syntax.function(site.node) is function:
                found.append(parent)
    return found


def _to_move(statements: list[ast.Expr], case: Case) -> ast.Expr:
    """Of several, one that stands in the loop's own body; its going leaves no empty branch."""
    own = [statement for statement in statements if statement in body(case.loop)]
    return (own or statements)[-1]


def _clearing_functions(case: Case) -> Iterator[str]:
    """What the loop calls that clears the session inside."""
    for site in case.examined.module.calls:
        if within(site.node, case.loop.node) and not is_clearing(case, site.node, site.scope):
            if case.examined.factories.of_call(site.node, site.scope).mask & CLEARS:
                yield ast.unparse(site.node.func)


def _places(case: Case) -> Iterator[ast.AST]:
    """The loop, and the calls in this file of the function that it stands in."""
    yield case.loop.node
    if case.detection.search is not None:
        yield case.detection.search.site.node
    function = case.function
    if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for site in case.examined.module.calls_named(function.name):
            yield site.node


def _is_traced(function: ast.FunctionDef | ast.AsyncFunctionDef, case: Case) -> bool:
    scope = case.examined.module.scope_of[function].parent or case.examined.module.scope
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if any(isinstance(v, Api) and tracing.traces_anew(v.name) for v in case.interpreter.eval(called, scope)):
            return True
    return False


def _same_loop(case: Case) -> list[Detection]:
    """All findings of the loop: clearing concerns every model in it."""
    return [other for other in case.examined.detections if other.loop.node is case.loop.node]


def _escapes(detection: Detection, case: Case) -> list[tuple[str, Severity]]:
    """What holds a model beyond its iteration, or may."""
    try:
        places = find_constructions(detection, case.examined, case.syntax)
    except RefusedError as error:
        return [(f"the model is not followed ({error})", Severity.UNSAFE)]
    found = [escape for place in places for escape in escapes_of_model(place, case.examined)]
    function = case.function  # after the loop, the last model is as good as ever
    return [
        (objection.reason, objection.severity)
        for use, objection in found
        if within(use.node, case.loop.node) or case.syntax.function(use.node) is not function
    ]


def _made_before(case: Case, also_after: bool) -> Iterator[tuple[ast.expr, Value]]:
    """What was made before the loop and is read in it, in functions that it calls, or after it, with its values."""
    function = case.function
    scope = case.examined.module.scope_of.get(function, case.examined.module.scope)
    yield from _reads_of_older(case.loop.node, scope, case, 0, set())
    if also_after:
        search = case.detection.search
        loop, outer = (case.loop.node, function) if search is None else (search.site.node, case.syntax.function(search.site.node))
        scope = case.examined.module.scope_of.get(outer, case.examined.module.scope)
        after = (s for s in getattr(outer, "body", ()) if start(s) > end(loop))
        for statement in after:
            yield from _reads_of_older(statement, scope, case, _MAX_DEPTH, set())


def _reads_of_older(root: ast.AST, scope: Scope, case: Case, depth: int, seen: set[Scope]) -> Iterator[tuple[ast.expr, Value]]:
    for node, inner in scoped(root, scope):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield from ((node, value) for value in _older_values(node, inner, case))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and base(node) == "self":
            own = inner.enclosing_class()
            stores = own.attributes.get(node.attr, []) if own is not None else []
            if stores and all(getattr(store.scope.function().node, "name", "") == "__init__" for store in stores):
                yield from ((node, value) for value in leaves(case.interpreter.eval(node, inner)))
        elif isinstance(node, ast.Call) and depth < _MAX_DEPTH:
            for value in case.interpreter.callees(node, inner, NO_ENV):
                if isinstance(value, Func) and value.scope.module is case.examined.module and value.scope not in seen:
                    seen.add(value.scope)
                    yield from _reads_of_older(value.scope.node, value.scope, case, depth + 1, seen)


def _older_values(name: ast.Name, scope: Scope, case: Case) -> Iterator[Value]:
    """What a name may still hold from before the loop; the scope that binds it must be around the loop."""
    owner = scope.owner(name.id)
    if owner is None or owner not in _scopes_around(case):
        return
    bindings = owner.bindings[name.id]
    if owner is scope.function():
        bindings = reaching(bindings, start(name))
    for binding in bindings:
        is_older = owner is not case.loop.scope if is_function(case.loop) else binding.position < start(case.loop.node)
        if binding.kind in {"value", "element", "item"} and is_older:
            yield from leaves(case.interpreter.binding(binding, NO_ENV))


def _scopes_around(case: Case) -> Iterator[Scope]:
    current: Scope | None = case.loop.scope.function()
    while current is not None:
        yield current
        current = current.parent


def _is_keras_made(value: Value) -> bool:
    """A layer, tensor, model or optimizer."""
    if value in (MODEL, LAYER, TENSOR):
        return True
    if isinstance(value, Obj):
        return isinstance(value.of, Api) and keras.OPTIMIZER.match(value.of.name) is not None
    return False


def _is_of_a_graph(value: Value) -> bool:
    """What a TensorFlow function gave: an operation, a variable or a session."""
    if not isinstance(value, Obj) or not isinstance(value.of, Api) or not value.of.name.startswith("tensorflow."):
        return False
    return not modes.NO_PART_OF_A_GRAPH.match(value.of.name)


def _is_numpy(call: ast.Call) -> bool:
    return base(call.func) in {"np", "numpy", "random"}
