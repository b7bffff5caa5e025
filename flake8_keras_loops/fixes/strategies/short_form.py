"""The short form of ``reuse``: where and how the kept model stands, and what is not proved about it.

In comes the construction, out comes a :class:`Short`; :mod:`.short_edits` writes it. What is not proved makes the fix unsafe.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from ...checks import cures
from ...dataflow.construction import Construction
from ...dataflow.degrees import deciding, driven_names
from ...dataflow.loops import around
from ...knowledge import effects
from ...knowledge.effects import PREDICTS, TRAINS
from ...semantics.scopes import Loop, Scope, callee_name
from ...semantics.syntax import within
from ...semantics.values import NO_ENV, Api
from ..code_motion import Building, building, completing
from ..construction_site import has_input
from ..escape import uses_of_model
from ..plans import Case, RefusedError
from ..proving.keys import Keys, find_keys
from ..proving.proof import unproved
from ..proving.rows import Data, first_data


@dataclass(frozen=True)
class Short:
    """Where the kept model starts: before ``loop``; by which ``keys``.

    ``compiled``: the model has an optimizer, whose state is handed over too. ``data``: what it has to be built for first, if
    anything. ``doubts``: why it is not proved that this will do.
    """

    loop: Loop
    keys: Keys = field(default_factory=Keys)
    compiled: bool = True
    data: Data | None = None
    doubts: tuple[str, ...] = ()


def plan(case: Case, place: Construction, outermost: Loop | None, driven: frozenset[str]) -> Short:
    """Where and how the short form keeps the model of ``place``. Raises ``RefusedError`` where it would be wrong.

    ``outermost``: the loop that the model does not outlive. ``driven``: the names that hold what the finding's loop counts.
    """
    data = None if has_input(place, case) else first_data(place, case)
    loops = list(_loops(place, outermost))
    proved: Short | None = None
    for loop in loops:
        part = building(case, place, loop, with_compile=True)
        keys = find_keys(part)
        short = _short(part, keys, data) if keys is not None else None
        if short is None or (proved is not None and (short.doubts or short.keys.names)):
            break
        if not short.keys.names or _comes_again(short.keys, loop, place):
            if short.doubts:
                return short
            proved = short
    return proved or _without_keys(building(case, place, loops[0], with_compile=True), data, driven)


def _loops(place: Construction, outermost: Loop | None) -> Iterator[Loop]:
    """What repeats the construction, innermost first: loops, or the function that a loop calls."""
    if place.loop is None:
        yield Loop(place.function, place.owner, None)
    for loop in around(place.loop):
        yield loop
        if outermost is None or loop.node is outermost.node:
            return


def _short(part: Building, keys: Keys, data: Data | None) -> Short:
    """The short form before a loop, with the first reason why it is not proved."""
    reasons = chain(unproved(part, keys.names), data.doubts(part) if data is not None else ())
    return Short(part.loop, keys, _is_compiled(part), data, tuple(islice(reasons, 1)))


def _is_compiled(part: Building) -> bool:
    """Whether the model is compiled where it is built. Raises ``RefusedError`` where it is trained all the same."""
    compiling = ((call, scope) for call, scope in part.calls() if callee_name(call) == "compile")
    if not all(_is_of_library(call, scope, part) for call, scope in compiling):
        return True
    names = [use.name for use in uses_of_model(part.place, part.case.examined)]
    if any(effects.does(name, TRAINS) for name in names) or not any(effects.does(name, PREDICTS) for name in names):
        raise RefusedError("compile() is not found where the model is built", cures.HELPER_MODULE)
    return False


def _is_of_library(call: ast.Call, scope: Scope, part: Building) -> bool:
    """``re.compile()``"""
    values = part.case.interpreter.callees(call, scope, NO_ENV)
    return bool(values) and all(
        isinstance(value, Api) and not value.name.startswith(("keras.", "tensorflow.")) for value in values
    )


def _comes_again(keys: Keys, loop: Loop, place: Construction) -> bool:
    """Whether a loop, from ``loop`` inwards, goes on with the same values of the keys."""
    if loop.node is place.function:
        return True
    inner = (each for each in around(place.loop) if within(each.node, loop.node))
    return any(not driven_names(each).intersection(keys.names) for each in inner)


def _without_keys(part: Building, data: Data | None, driven: frozenset[str]) -> Short:
    """What is unsafe, if anything: no names tell the architectures apart, and perhaps there is but one."""
    case, scope = part.case, part.place.scope
    for node in completing(part):
        for read in deciding(node, driven, case.interpreter, scope):
            reason = f"what builds the model reads {read.id}, which differs from iteration to iteration"
            raise RefusedError(reason, cures.HELPER_MODULE)
    return _short(part, Keys(), data)
