"""Does anything hold the model, or a part of it, beyond its iteration? And may a model be another one after it?

Two queries on where the model goes (:mod:`..dataflow.uses`): each use is harmless, not followed (a fix is *unsafe*), or wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ..dataflow.construction import Construction, handed_over
from ..dataflow.kinds import Kind, Use
from ..dataflow.leftovers import leftovers
from ..dataflow.objects.holders import class_of, doubts_of_holder, reads_outside
from ..dataflow.objects.sharing import uses_of_object
from ..dataflow.parts import is_part
from ..dataflow.uses import Uses
from ..examine import Examined
from ..knowledge import attributes, effects
from ..knowledge.effects import COMPLETES, COPIES, LOADS, NOTHING_KNOWN, PREDICTS, SAVES, STARTS, STORES, TRAINS, Effect
from ..semantics.binding import is_literal
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Scope, callee_name, reaching, receiver, start
from ..semantics.syntax import base, within
from ..semantics.values import NO_ENV, Cls, Func
from .outcome import Objection, Severity

Escape = tuple[Use, Objection]
_MAX_DEPTH = 4
_FROZEN = "trainable changes after compile()"

#: Uses that hold the model: one cannot stand for all.
_HOLDING = {
    Kind.CALLED_ON_TENSOR: "another model is built on it",
    Kind.DEFAULT: "a default argument holds the model",
    Kind.UNPACKED: "the model is unpacked",
    Kind.COLLECTED: "the model is put into a collection",
    Kind.STORED: "every iteration's model is collected",
    Kind.SHARED: "another model or collection takes the model in",
    Kind.RETURNED: "the function returns the model",
    Kind.RETURNED_WITH: "the function returns the model, with other values",
    Kind.YIELDED: "the model is yielded",
    Kind.EARLY: "the model is used in line {line} before it is complete",
    Kind.TAKEN_EARLY: "{name} is taken from the model before it is complete",
    Kind.GLOBAL: "{name}, a global name, holds the model",
    Kind.KEPT_NAME: "{name} may keep an earlier iteration's model",
    Kind.BEST: "the best model so far is kept in {name}",
    Kind.OLDER: "{name} is the earlier iteration's model",
    Kind.OLDER_READ: "{name} is the earlier iteration's model in line {line}",
    Kind.HELD: "{name} holds the model",
    Kind.BEYOND: "{name} holds the model beyond the function",
    Kind.OBJECT_OLDER: "{name} holds the earlier iteration's model in line {line}",
    Kind.OBJECT_KEPT: "{name} holds the model and is kept",
    Kind.PART_FROZEN: _FROZEN,
    Kind.PART_KEPT: "a part of the model is kept",
    Kind.PART_SHARED: "another model is built from its layers",
    Kind.LEFT_OVER: "{name} was made for the new model and is used in line {line}",
    Kind.PART_COLLECTED: "{name}, a part of the model, is collected",
    Kind.PART_STORED: "{name}, a part of the model, is stored",
    Kind.PART_GIVEN: "{name} gets a part of the new model",
    Kind.FROM_OUTER_LOOP: "{name} is made anew for the models of the inner loop",
    Kind.IN_OBJECT: "{name}, a part of the model, is kept in the object",
}
#: Uses of which it is not known.
_DOUBTFUL = {
    Kind.LOST: "the model goes where it is not followed",
    Kind.TRACED: "a traced function reads the model",
    Kind.HANDED_ATTRIBUTE: "{name}, which may keep it",
    Kind.HANDED: "the model is handed to {name}(), which may keep it",
    Kind.UNFOLLOWED: "the model is handed to {name}(), which is not followed",
    Kind.LATER: "{name}() goes on with the model later",
    Kind.RENAMED: "{name} holds the model",
    Kind.OBJECT_USED: "{name} holds the model and is used in line {line}",
    Kind.OBJECT_LOST: "{name}() holds the model, and goes where it is not followed",
    Kind.PART_READ: "{name} is kept",
    Kind.PART_HANDED: "a part of the model is handed to {name}()",
    Kind.PART_LOST: "a part of the model is kept",
    Kind.FROM_CALLER: "{name}, a part of the model, comes from the caller",
    Kind.FROM_LOOP: "{name}, a part of the model, is made in a loop",
    Kind.FROM_OBJECT: "{name}, a part of the model, comes from the object",
}
#: Uses that hold nothing, but may change the model.
_CHANGING = frozenset({Kind.SET, Kind.METHOD, Kind.ATTRIBUTE, Kind.PART_FROZEN})


def escapes(place: Construction, examined: Examined) -> list[Escape]:
    """What speaks against using one model in the place of every iteration's: of the model, and of what was made with it."""
    interpreter = examined.factories.interpreter
    made = (*leftovers(place, interpreter), *uses_of_object(place, interpreter))
    return [*escapes_of_model(place, examined), *_objections(made)]


def escapes_of_model(place: Construction, examined: Examined) -> list[Escape]:
    """The same of the model alone."""
    return list(_objections(uses_of_model(place, examined)))


def uses_of_model(place: Construction, examined: Examined) -> tuple[Use, ...]:
    """What is done with the model, worked out once."""
    known = examined.module.cache
    if (Uses, place) not in known:
        known[Uses, place] = tuple(Uses(examined.factories.interpreter, examined.module).of_model(place))
    uses: tuple[Use, ...] = known[Uses, place]
    return uses


def escapes_while_made(place: Construction, examined: Examined) -> list[Escape]:
    """What the functions that make the model keep of it, or of its parts."""
    made = _made_by(place.call, place.scope, examined.factories.interpreter, 0)
    return list(_objections(Use(u.kind, place.call, u.at, u.name, (*u.through, callee_name(place.call))) for u in made))


def _objections(uses: Iterable[Use]) -> Iterator[Escape]:
    for use in uses:
        reason, severity = _judged(use)
        if reason:
            yield use, Objection(_said(reason, use), severity, start(use.node) if hasattr(use.node, "lineno") else None)


def _said(reason: str, use: Use) -> str:
    return reason.format(name=use.name, line=use.line) + "".join(f" (in {name}())" for name in use.through)


def _judged(use: Use) -> tuple[str, Severity]:
    """What is said of a use, ``""`` for a harmless one."""
    if use.kind in _HOLDING:
        return _HOLDING[use.kind], Severity.REFUSED
    if use.kind is Kind.SET and use.name == "trainable":
        return _FROZEN, Severity.REFUSED
    if use.kind is Kind.SET and use.name != "stop_training":
        return "the model's attribute {name} is set", Severity.UNSAFE
    if use.kind in {Kind.METHOD, Kind.ATTRIBUTE}:
        if use.name == "name":
            return "the model's name is read, and a kept model keeps its name", Severity.UNSAFE
        if effects.does(use.name, COMPLETES):
            return "{name}() changes the model after it was used", Severity.REFUSED
        if use.name == "adapt":
            return "adapt() changes the model", Severity.REFUSED
    return _DOUBTFUL.get(use.kind, ""), Severity.UNSAFE


# -- what makes the model


def _made_by(call: ast.Call, scope: Scope, interpreter: Interpreter, depth: int) -> Iterator[Use]:
    for func in interpreter.callees(call, scope, NO_ENV) if depth < _MAX_DEPTH else ():
        if not isinstance(func, Func) or isinstance(func.scope.node, ast.Lambda):
            continue
        yield from _given_away(func.scope, interpreter)
        for returned in func.scope.returns:
            made: list[ast.expr | None] = [returned]
            if isinstance(returned, ast.Name):
                place = handed_over(call, func, returned.id)
                made = [binding.expr for binding in reaching(func.scope.bindings.get(returned.id, []), start(returned))]
                if len(made) == 1 and isinstance(made[0], ast.Call):  # other models, or tensors, may have had the name before
                    place = replace(place, call=made[0])
                for use in Uses(interpreter, func.scope.module).held(place, 1, False):
                    if use.kind is not Kind.RETURNED and use.kind not in _CHANGING:
                        yield use
            for inner in made:
                if isinstance(inner, ast.Call):
                    yield from _made_by(inner, func.scope, interpreter, depth + 1)


def _given_away(scope: Scope, interpreter: Interpreter) -> Iterator[Use]:
    """What a function that makes a model keeps of it outside, or in its object."""
    for node in ast.walk(scope.node):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign) and is_part(interpreter.eval(node.value, scope)):
            targets = [target for target in node.targets if not isinstance(target, ast.Name) or target.id in scope.outer_names]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and effects.does(node.func.attr, STORES):
            targets = [node.func.value for argument in node.args if is_part(interpreter.eval(argument, scope))]
        for target in targets:
            if base(target) == "self" or base(target) not in scope.bindings:
                yield Use(Kind.PART_GIVEN, node, node, ast.unparse(target))


# -- may it be another one after an iteration?


def changes(
    place: Construction,
    region: ast.AST,
    interpreter: Interpreter,
    but: tuple[ast.AST, ...],
    allowed: Effect = NOTHING_KNOWN,
    knows: Callable[[ast.expr], bool] = lambda callbacks: False,
) -> Iterator[str]:
    """Why a model may be another one after an iteration.

    ``region``: the loop; ``but``: nodes that build the model; ``allowed``: what methods may do beside running and showing it.
    ``knows``: whether it is known that callbacks only train, and stop or save.
    """
    holder, uses = place.holder, Uses(interpreter, place.scope.module)
    if "." in holder:
        yield from doubts_of_holder(place, interpreter)
    elif holder in place.owner.outer_names:
        yield f"{holder} is a global name, which others may change"
    if not holder:
        for use in uses.of(place.call, place, 0):
            if reason := _changed(use, allowed, knows):
                yield _said(reason, use)
    cls = class_of(place)
    for node in (*uses.syntax.reads(holder, cls.node if cls else place.function), *reads_outside(place, interpreter)):
        if within(node, region) or uses.syntax.function(node) is not place.function:
            if not any(within(node, part) for part in but):
                for use in uses.of(node, place, 0):
                    if reason := _changed(use, allowed, knows):
                        yield _said(reason, use)


def is_changed_by_callback(callback: Cls, made: ast.Call, interpreter: Interpreter) -> bool:
    """Whether a callback of the project may change the model that it is given as ``self.model``. ``made``: any call."""
    module = callback.scope.module
    uses = Uses(interpreter, module)
    for node in ast.walk(callback.scope.node):  # ways to the model that are not followed
        is_self = isinstance(node, ast.Name) and node.id == "self" and isinstance(node.ctx, ast.Load)
        if is_self and not isinstance(uses.syntax.parents[node], ast.Attribute):
            return True
        if isinstance(node, ast.Attribute) and node.attr == "_model":
            return True
        if isinstance(node, ast.FunctionDef) and any(each.arg == "model" for each in node.args.args):
            return True
    for method in (each for each in callback.scope.node.body if isinstance(each, ast.FunctionDef)):  # type: ignore[attr-defined]
        holder = f"{receiver(method)}.model"
        place = handed_over(made, Func(module.scope_of[method]), holder)
        for node in uses.syntax.reads(holder, method):
            if any(_changed(use, SAVES, lambda callbacks: False) for use in uses.of(node, place, 0)):
                return True
    return False


def _changed(use: Use, allowed: Effect, knows: Callable[[ast.expr], bool]) -> str:
    """How a use may change the model, ``""`` if it does not."""
    if use.kind in {Kind.LOOKED_AT, Kind.PART_NAMED}:
        return ""
    if use.kind is Kind.SET:
        return "" if use.name == "stop_training" else "the model's attribute {name} is set in line {line}"
    if use.kind in {Kind.METHOD, Kind.ATTRIBUTE}:
        return _changed_by(use, allowed, knows)
    if use.kind is Kind.CALLED:
        return "" if _is_inference(use.at) else "the model is called in line {line}, and may be training"
    if use.kind is Kind.HANDED:
        return "the model is handed to {name}() in line {line}, which may change it"
    if use.kind is Kind.UNFOLLOWED:
        return _DOUBTFUL[use.kind]
    return "line {line} hands the model on"


def _changed_by(use: Use, allowed: Effect, knows: Callable[[ast.expr], bool]) -> str:
    known = effects.effects(use.name)
    is_harmless = known & allowed or (known & (COPIES | PREDICTS | STARTS) and not known & (TRAINS | LOADS))
    if not is_harmless and use.name not in attributes.DESCRIBING:
        return f"{{name}}{'()' if use.kind is Kind.METHOD else ''} in line {{line}} may change the model"
    if isinstance(use.at, ast.Call) and any(
        each.arg in {"callbacks", None} and not knows(each.value) for each in use.at.keywords
    ):
        return "callbacks in line {line} may change the model"
    return ""


def _is_inference(call: ast.AST) -> bool:
    """``model(x)``, ``model(x, training=False)``: at most one argument by position, and not in training."""
    assert isinstance(call, ast.Call)
    return len(call.args) <= 1 and all(
        keyword.arg is not None and (keyword.arg != "training" or is_literal(keyword.value, False)) for keyword in call.keywords
    )
