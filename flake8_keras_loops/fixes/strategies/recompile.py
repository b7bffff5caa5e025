"""``hoist`` for a model that is compiled again in every iteration: ``compile()`` goes before the loop.

Where the loop only runs the model, nothing else is to be done. Where it trains, compiling also began with a new optimizer: its
state is put back in the place of ``compile()``, unless the optimizer itself was made before the loop and goes on anyway.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from ...checks.recompiled import changes as changing_arguments
from ...checks.recompiled import makes_optimizer, needs_compile
from ...dataflow.construction import Construction, completed
from ...dataflow.loops import around, body
from ...dataflow.variance import Variance
from ...knowledge import effects
from ...knowledge.effects import COPIES, LOADS, PREDICTS, STARTS, Effect
from ...semantics.binding import argument
from ...semantics.scopes import Binding, Loop, end, reaching, start
from ...semantics.syntax import is_same, within
from ...semantics.values import NO_ENV, Func
from ..code_motion import (
    Building,
    calls_nothing_unknown,
    is_changed_nowhere,
    is_plain,
    is_used_from_here_on,
    outermost,
    reads_invariants,
    repeats_nothing,
    takes_no_value_away,
)
from ..context import is_graph_mode
from ..edits import Before, Edit, MoveBefore
from ..escape import changes
from ..helpers import RESTORER as HELPER
from ..helpers import clash, helper_edit
from ..plans import Case, Draft, RefusedError, Taken, doubts, failing, is_statement, require
from .reuse import has_input


def draft(case: Case, taken: Taken) -> Draft:
    """Plan the fix of a KL201. Raises ``RefusedError``."""
    require(case, (is_statement, _is_eager, _changes_nothing, _is_of_keras))
    site = case.detection.site
    call = site.node
    statement = case.syntax.statement(call)
    if not isinstance(statement, ast.Expr) or statement.value is not call:
        raise RefusedError("compile() is part of a larger statement")
    # without a holder: the model itself is there already, only what compile() reads moves with it
    place = Construction(call, site.scope, statement, statement, "", case.syntax.function(call), case.loop)
    part = outermost(case, place, REQUIRED, with_compile=True)
    found = list(failing(part, PROVED))
    loop = case.syntax.statement(part.loop.node)
    edits: list[Edit] = [MoveBefore(part.statements, loop)]
    reason = next(_training(part, LOADS), "")
    if reason:
        again, more = _renewed(part, loop, taken)
        edits += more
        found += doubts([f"{reason}; {again}"])
    leaves = ("KL201",) if part.loop.parent is not None else ()
    return Draft(tuple(edits), tuple(found), leaves)


def _receiver(part: Building | Case) -> ast.expr:
    case = part.case if isinstance(part, Building) else part
    func = case.detection.site.node.func
    assert isinstance(func, ast.Attribute)
    return func.value


# -- what the fix cannot do without


def _is_eager(case: Case) -> str:
    return "in graph mode the optimizer's state cannot be put back" if is_graph_mode(case.examined.module) else ""


def _changes_nothing(case: Case) -> str:
    """The arguments are the same in every iteration, the learning rate among them."""
    if any(changing_arguments(case.detection.site, case.loop, case.interpreter)):
        return (
            "the learning rate is another one in every iteration: compile once, before the loop, and set it there with "
            "optimizer.learning_rate.assign(), if the optimizer may go on with the state that it has"
        )
    return ""


def _is_of_keras(case: Case) -> str:
    callees = case.interpreter.callees(case.detection.site.node, case.detection.site.scope, NO_ENV)
    return "the model's class has a compile() of its own" if any(isinstance(value, Func) for value in callees) else ""


def _stands_in_body(part: Building) -> str:
    if is_plain(part):
        return "compile(), or what it reads, stands in a block of its own, not directly in the loop's body"
    return ""


def _is_the_same_model(part: Building) -> str:
    """Also in the loops further out, where the fix would rather stand."""
    receiver = _receiver(part)
    if needs_compile(receiver, part.place.scope, part.loop, part.case.interpreter):
        return "the loop changes the model, or puts another one in its place"
    return ""


def _is_not_used_before(part: Building) -> str:
    """Nothing of the iteration comes before ``compile()`` that would see the model compiled already."""
    syntax = part.case.syntax
    for node in syntax.reads(ast.unparse(_receiver(part)), part.place.function):
        if not within(node, part.loop.node) or start(node) >= start(part.place.built):
            continue
        parent = syntax.parents[node]
        if not isinstance(parent, ast.Attribute) or not effects.does(parent.attr, COPIES | LOADS | PREDICTS):
            return f"the model is used in line {node.lineno}, before it is compiled"
    return ""


REQUIRED = (
    _stands_in_body,
    _is_the_same_model,
    reads_invariants,
    repeats_nothing,
    is_used_from_here_on,
    is_changed_nowhere,
    _is_not_used_before,
)


# -- what has to be known for the fix to be safe


def _was_not_compiled_before(part: Building) -> str:
    """Should the loop not run at all, the model would be left as it was."""
    case, receiver = part.case, ast.unparse(_receiver(part))
    made = _made(part)
    if made is None:
        return "the model may have been compiled before, for the case that the loop does not run"
    for site in case.examined.module.calls_named("compile"):
        func = site.node.func
        if isinstance(func, ast.Attribute) and is_same(func.value, receiver) and site.node is not part.place.call:
            if start(site.node) < start(part.loop.node):
                return "the model was compiled before, for the case that the loop does not run"
    return ""


#: Without these the fix is unsafe.
PROVED = (takes_no_value_away, _was_not_compiled_before, calls_nothing_unknown)


# -- training


def _training(part: Building, allowed: Effect) -> Iterator[str]:
    """What in the loop trains the model, or may."""
    place = replace(part.place, holder=ast.unparse(_receiver(part)))
    return changes(place, part.loop.node, part.case.interpreter, part.nodes, allowed)


def _renewed(part: Building, loop: ast.stmt, taken: Taken) -> tuple[str, list[Edit]]:
    """What becomes of the optimizer, and the edits that see to it."""
    if _goes_on(part):
        if any(_training(part, STARTS)):
            raise RefusedError("the loop trains step by step, with metrics that compile() makes anew")
        return "its optimizer, made before the loop, goes on as it does now", []
    rest = [statement for statement in part.case.syntax.after(part.place.built) if statement not in part.statements]
    if not rest:
        raise RefusedError("the model is used before it is compiled")
    made = _made(part)
    if made is None or not _has_weights(part, made):
        raise RefusedError(
            "compile() makes the optimizer anew, and that cannot be put back before the model has weights: give it an Input"
            if made is not None
            else "compile() makes the optimizer anew, and it is not known whether the model has weights by then"
        )
    if reason := clash(HELPER, part.case.syntax):
        raise RefusedError(reason)
    name = taken.give_name("renew_optimizer", part.loop, part.case.syntax)
    return (
        "the optimizer that compile() made anew is put back to what it was when it was new",
        [
            Before(loop, f"{name} = {HELPER}({ast.unparse(_receiver(part))}, weights=False)"),
            Before(rest[0], f"{name}()"),
            helper_edit(HELPER, part.case.settings.helper_module),
        ],
    )


def _goes_on(part: Building) -> bool:
    """Whether the optimizer is an object from before the loop, whose state ``compile()`` leaves as it is."""
    call, scope, interpreter = part.place.call, part.place.scope, part.case.interpreter
    node = argument(call, 0, "optimizer")
    variance = Variance(interpreter, part.loop)
    while isinstance(node, ast.Name) and node.id in variance.writes.names:
        node = variance.value(node.id)
    if node is None or isinstance(node, ast.Constant):
        return False
    if isinstance(node, ast.Call) and makes_optimizer(node, scope, interpreter):
        return False
    if isinstance(node, ast.Name):
        bindings = scope.function().bindings.get(node.id) or part.case.examined.module.scope.bindings.get(node.id, [])
        made = [b.expr for b in bindings]
        if made and all(isinstance(e, ast.Call) and makes_optimizer(e, scope, interpreter) for e in made):
            return True
        if made and all(isinstance(e, ast.Constant) for e in made):
            return False
    raise RefusedError("it is not known whether compile() makes the optimizer anew")


# -- where the model comes from


def _made(part: Building) -> Binding | None:
    """What binds the model, if that is one call in the same function or in the module."""
    receiver, module = _receiver(part), part.case.examined.module
    if not isinstance(receiver, ast.Name):
        return None
    own = part.place.scope.function().bindings.get(receiver.id)
    bindings = reaching(own, start(receiver)) if own else module.scope.bindings.get(receiver.id, [])
    if len(bindings) != 1 or not isinstance(bindings[0].expr, ast.Call) or bindings[0].path:
        return None
    return bindings[0] if bindings[0].scope.module is module else None


def _has_weights(part: Building, made: Binding) -> bool:
    syntax, call = part.case.syntax, made.expr
    assert isinstance(call, ast.Call)
    built = syntax.statement(call)
    loop = _loop_around(call, part)
    place = Construction(call, made.scope, built, built, ast.unparse(_receiver(part)), syntax.function(call), loop)
    place = completed(place, syntax)
    if end(place.ready) > start(part.loop.node) and not within(part.loop.node, place.ready):
        return False
    return has_input(place, part.case.examined, syntax, alone=True)


def _loop_around(node: ast.AST, part: Building) -> Loop | None:
    return next((loop for loop in around(part.loop.parent) if any(within(node, s) for s in body(loop))), None)
