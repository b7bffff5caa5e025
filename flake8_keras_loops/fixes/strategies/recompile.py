"""``hoist`` for a model that is compiled again in every iteration: ``compile()`` goes before the loop.

Where the loop only runs the model, nothing else is to be done. Where it trains, compiling also began with a new optimizer: its
state is put back in the place of ``compile()``, unless the optimizer itself was made before the loop and goes on anyway.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from ...checks import cures
from ...checks.recompiled import changes as changing_arguments
from ...checks.recompiled import is_toggled, makes_optimizer, reworking
from ...dataflow.construction import Construction, completed
from ...dataflow.variance import Variance
from ...knowledge import effects
from ...knowledge.effects import COPIES, LOADS, PREDICTS, STARTS, Effect
from ...semantics.binding import argument
from ...semantics.scopes import end, reaching, start
from ...semantics.syntax import is_same, within
from ...semantics.values import NO_ENV, Func
from .. import code_motion
from ..code_motion import Building
from ..construction_site import has_input
from ..edits import Before, Edit, MoveBefore
from ..escape import changes
from ..helpers import RESTORER as HELPER
from ..helpers import clash, helper_edit
from ..plans import Case, Draft, RefusedError, Taken, Why, doubts, failing, is_statement, require


def draft(case: Case, taken: Taken) -> Draft:
    """Plan the fix of a KL201. Raises ``RefusedError``."""
    require(case, (is_statement, _is_needless))
    call, scope, _ = case.detection.site
    statement = case.syntax.statement(call)
    # without a holder: the model itself is there already, only what compile() reads moves with it
    place = Construction(call, scope, statement, statement, "", case.function, case.loop)
    part = code_motion.outermost(case, place, REQUIRED, with_compile=True)
    found = [*failing(part, PROVED)]
    loop = case.syntax.statement(part.loop.node)
    edits: list[Edit] = [MoveBefore(part.statements, loop)]
    if reason := next(_training(part, LOADS), ""):
        renewing = _renewing(part, loop, taken)
        again = "the optimizer that compile() made anew is put back to what it was when it was new"
        found += doubts([f"{reason}; {again if renewing else 'its optimizer, made before the loop, goes on as it does now'}"])
        edits += renewing
    return Draft(tuple(edits), tuple(found), ("KL201",) if part.loop.parent is not None else ())


def _receiver(case: Case) -> ast.expr:
    func = case.detection.site.node.func
    assert isinstance(func, ast.Attribute)
    return func.value


# -- what the fix cannot do without


def _is_needless(case: Case) -> Iterator[str | Why]:
    """Keras's own ``compile()``, in eager mode, with the same arguments in every iteration, the learning rate among them."""
    site = case.detection.site
    if case.is_graph_mode:
        yield Why(
            "in graph mode the optimizer's state cannot be put back", "compile once, before the loop, if its state may go on"
        )
    reworked = list(reworking(_receiver(case), site.scope, case.loop, case.interpreter))
    if reworked and is_toggled(_receiver(case), case.loop, case.interpreter, reworked):
        yield "trainable changes between two models, whose optimizers would go on from iteration to iteration"
    if any(changing_arguments(site, case.loop, case.interpreter)):
        yield "the learning rate is another one in every iteration, and the optimizer a new one"
    if any(isinstance(value, Func) for value in case.interpreter.callees(site.node, site.scope, NO_ENV)):
        yield "the model's class has a compile() of its own"
    statement = case.syntax.statement(site.node)
    if not isinstance(statement, ast.Expr) or statement.value is not site.node:
        yield "compile() is part of a larger statement"


def _stands_in_body(part: Building) -> Iterator[str]:
    if any(code_motion.is_plain(part)):
        yield "compile(), or what it reads, stands in a block of its own, not directly in the loop's body"


def _is_the_same_model(part: Building) -> Iterator[str]:
    """Also in the loops further out, where the fix would rather stand."""
    if any(reworking(_receiver(part.case), part.place.scope, part.loop, part.case.interpreter)):
        yield "the loop changes the model, or puts another one in its place"


def _is_not_used_before(part: Building) -> Iterator[str]:
    """Nothing of the iteration comes before ``compile()`` that would see the model compiled already."""
    syntax = part.case.syntax
    for node in syntax.reads(ast.unparse(_receiver(part.case)), part.place.function):
        if within(node, part.loop.node) and start(node) < start(part.place.built):
            parent = syntax.parents[node]
            if not isinstance(parent, ast.Attribute) or not effects.does(parent.attr, COPIES | LOADS | PREDICTS):
                yield f"the model is used in line {node.lineno}, before it is compiled"


REQUIRED = (
    _stands_in_body,
    _is_the_same_model,
    code_motion.reads_invariants,
    code_motion.repeats_nothing,
    code_motion.is_used_from_here_on,
    code_motion.is_changed_nowhere,
    _is_not_used_before,
)


# -- what has to be known for the fix to be safe


def _was_not_compiled_before(part: Building) -> Iterator[str]:
    """Should the loop not run at all, the model would be left as it was."""
    receiver = ast.unparse(_receiver(part.case))
    if _made(part) is None:
        yield "the model would be compiled even if the loop does not run at all, and may have been compiled otherwise"
    for site in part.case.module.calls_named("compile"):
        func = site.node.func
        if isinstance(func, ast.Attribute) and is_same(func.value, receiver) and start(func) < start(part.loop.node):
            yield f"the model, compiled in line {func.lineno}, would be compiled anew even if the loop does not run at all"


#: Without these the fix is unsafe.
PROVED = (code_motion.takes_no_value_away, _was_not_compiled_before, code_motion.calls_nothing_unknown)


# -- training


def _training(part: Building, allowed: Effect) -> Iterator[str]:
    """What in the loop trains the model, or may."""
    place = replace(part.place, holder=ast.unparse(_receiver(part.case)))
    return changes(place, part.loop.node, part.case.interpreter, part.nodes, allowed)


def _renewing(part: Building, loop: ast.stmt, taken: Taken) -> list[Edit]:
    """What puts the optimizer back to what it was when it was new; nothing where it was made before the loop and goes on."""
    if _goes_on(part):
        if any(_training(part, STARTS)):
            raise RefusedError("the loop trains step by step, with metrics that compile() makes anew")
        return []
    if not part.following:
        raise RefusedError("the model is used before it is compiled")
    made, anew = _made(part), "compile() makes the optimizer anew, and"
    if made is None:
        raise RefusedError(f"{anew} it is not known whether the model has weights by then")
    is_before = end(made.ready) <= start(part.loop.node) or within(part.loop.node, made.ready)
    if not is_before or not has_input(made, part.case, alone=True):
        raise RefusedError(f"{anew} that cannot be put back before the model has weights", cures.GIVE_INPUT)
    if reason := clash(HELPER, part.case.syntax):
        raise RefusedError(reason)
    name = taken.give_name("renew_optimizer", part.loop, part.case.syntax)
    return [
        Before(loop, f"{name} = {HELPER}({ast.unparse(_receiver(part.case))}, weights=False)"),
        Before(part.following[0], f"{name}()"),
        helper_edit(HELPER, part.case.settings.helper_module),
    ]


def _goes_on(part: Building) -> bool:
    """Whether the optimizer is an object from before the loop, whose state ``compile()`` leaves as it is."""
    scope, variance = part.place.scope, Variance(part.case.interpreter, part.loop)
    node = argument(part.place.call, 0, "optimizer")
    while isinstance(node, ast.Name) and node.id in variance.writes.names:
        node = variance.value(node.id)
    made: list[ast.expr | None] = [node]
    if isinstance(node, ast.Name):
        made = [binding.expr for binding in scope.bindings_of(node.id)]
    if made and all(isinstance(each, ast.Call) and makes_optimizer(each, scope, part.case.interpreter) for each in made):
        return isinstance(node, ast.Name)
    if node is None or (made and all(isinstance(each, ast.Constant) for each in made)):
        return False
    raise RefusedError("it is not known whether compile() makes the optimizer anew")


def _made(part: Building) -> Construction | None:
    """Where the model is made, if what binds it is one call in the same function or in the module."""
    receiver, syntax = _receiver(part.case), part.case.syntax
    if not isinstance(receiver, ast.Name):
        return None
    own = part.place.scope.function().bindings.get(receiver.id)
    bindings = reaching(own, start(receiver)) if own else part.case.module.scope.bindings.get(receiver.id, [])
    call = bindings[0].expr if len(bindings) == 1 and not bindings[0].path else None
    if not isinstance(call, ast.Call):
        return None
    built = syntax.statement(call)
    return completed(Construction(call, bindings[0].scope, built, built, receiver.id, syntax.function(call), None), syntax)
