"""What a loop does beside building its model: to the model, to Keras, and by whom the model is used meanwhile."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from itertools import takewhile

from ...dataflow.loops import targets
from ...dataflow.variance import names_read, writes
from ...knowledge import effects, modes, plain
from ...knowledge.effects import LOADS, SAVES, TRAINS
from ...semantics import callgraph
from ...semantics.binding import keyword
from ...semantics.scopes import callee_name
from ...semantics.syntax import walk
from ...semantics.values import NO_ENV, Cls, Obj, dotted, leaves
from ..code_motion import Building
from ..escape import changes, is_changed_by_callback, uses_of_model


def changes_of_model(part: Building) -> Iterator[str]:
    """What the kept model may have after an iteration, beside other values, that a new one has not."""
    yield from changes(
        part.place, part.loop.node, part.case.interpreter, part.nodes, TRAINS | LOADS | SAVES, partial(_are_plain, part)
    )


def traced_again(part: Building) -> Iterator[str]:
    """``fit()`` is traced for any number of rows, ``train_on_batch()`` for the one that it meets, and again for another one."""
    for use in uses_of_model(part.place, part.case.examined):
        if use.name.endswith("_on_batch"):
            yield f"{use.name}() is traced again for another number of rows, and may give other last bits"
        size = keyword(use.at, "batch_size") if isinstance(use.at, ast.Call) else None
        if size is not None and not _is_one_size(size, part) and not _is_of_dense_layers(part):
            yield f"batch_size={ast.unparse(size)} may differ, and what is traced again may give other last bits"


def _is_of_dense_layers(part: Building) -> bool:
    """Whether all layers give the same bits for every batch size: tested, while ``BatchNormalization`` and others do not."""
    names = [dotted(value) for call, scope in part.calls() for value in part.case.interpreter.callees(call, scope, NO_ENV)]
    return all(plain.keeps_bits_in_batches(name) for name in names if name.startswith(("keras.layers.", "keras.applications.")))


def _is_one_size(size: ast.expr, part: Building) -> bool:
    """Whether all iterations have one batch size: ``BatchNormalization``, say, is traced for the first, then for any."""
    names = names_read(size)
    return not names & {*writes(part.loop).names, *targets(part.loop)} and not any(
        isinstance(n, ast.Call) for n in ast.walk(size)
    )


def _are_plain(part: Building, callbacks: ast.expr) -> bool:
    """Whether callbacks are all of Keras, or at least only look at the model."""
    interpreter, call = part.case.interpreter, part.place.call
    values = list(leaves(interpreter.eval(callbacks, part.place.scope)))
    own = [value.of if isinstance(value, Obj) and isinstance(value.of, Cls) else None for value in values]
    return bool(values) and all(
        plain.is_plain(dotted(value)) or (cls is not None and not is_changed_by_callback(cls, call, interpreter))
        for value, cls in zip(values, own)
    )


def surroundings(part: Building) -> Iterator[str]:
    """What decides from outside how a model is built: a ``with``, or a setting of Keras for all models."""
    above = takewhile(lambda node: node is not part.loop.node, part.case.syntax.above(part.place.built))
    for node in (*above, *walk(scope.node for scope in part.definitions)):
        for item in node.items if isinstance(node, (ast.With, ast.AsyncWith)) else ():
            if not (isinstance(item.context_expr, ast.Call) and effects.talks(callee_name(item.context_expr))):
                yield f"the model is built in {ast.unparse(item.context_expr)}"
    sites = list(callgraph.calls(part.repeated, part.case.interpreter))
    if part.loop.node is part.place.function:  # what is set between its calls
        calls = [site for view in part.case.views for site in view.module.calls]
        sites += [site for site in calls if site.loop is not None or site.scope.kind == "function"]
        yield from _calls_itself_late(part)
    for site in sites:
        names = [dotted(value) for value in part.case.interpreter.callees(site.node, site.scope, NO_ENV)]
        if any(map(modes.sets_for_all, [callee_name(site.node), *(name.rpartition(".")[2] for name in names)])):
            yield f"{ast.unparse(site.node.func)}() is called in the loop"


def _calls_itself_late(part: Building) -> Iterator[str]:
    """A callback that calls the function while it runs, and its model is in use."""
    name = getattr(part.place.function, "name", "")
    for site in (site for view in part.case.views for site in view.module.calls_named(name)):
        owner = site.scope.enclosing_class()
        if owner is not None and any("Callback" in ast.unparse(base) for base in owner.node.bases):  # type: ignore[attr-defined]
            yield f"a callback calls {name}(), whose model is in use"
