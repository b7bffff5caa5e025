"""Is it proved that every iteration builds the same model of plain parts? Then no guard has to check it as it runs.

In comes what builds a model (:class:`.code_motion.Building`), out come the reasons why it is not proved. Proved is:

- every call makes a plain part of Keras (:mod:`..knowledge.plain`), reckons, or is of a function of which the same holds;
- the loop does nothing with the model but train, run, show and save it, and sets nothing of Keras for all models;
- of what is read, the loop binds only what decides values that are handed over (a learning rate, a seed), or what is the same for
  all rows of one array (``x[train].shape[1]``).
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from ...dataflow.degrees import Degree, degrees
from ...dataflow.loops import targets
from ...dataflow.variance import declared_elsewhere, own_names, writes
from ...knowledge import attributes, effects, modes, plain
from ...knowledge.effects import COMPLETES, LOADS, MUTATES, PURE, READS, RUNS, TRAINS
from ...semantics import callgraph
from ...semantics.binding import argument, default, given, keyword
from ...semantics.scopes import Scope, callee_name, method_kind, receiver
from ...semantics.syntax import is_same, scoped, syntax_of, walk
from ...semantics.values import NO_ENV, Api, Const, Func, Items, Obj, Value, Values, dotted, leaves
from ..code_motion import Building, calls_nothing_unknown, changes_what_is_read, completing
from .beside import changes_of_model, surroundings, traced_again
from .feeding import feeding_of, is_fed, is_own, read_by
from .keys import is_given_once, is_rate, is_told_apart
from .rows import is_rows
from .steady import unsteady
from .trials import is_suggestion


def unproved(part: Building, keys: Collection[str] = ()) -> Iterator[str]:
    """Why the model is not proved to be of plain parts, and the same in every iteration for which ``keys`` have one value."""
    yield from _varies(part, keys)
    yield from _made_outside(part)
    yield from _unknown_calls(part)
    yield from changes_of_model(part)
    yield from traced_again(part)
    yield from surroundings(part)


# -- the same in every iteration


def _varies(part: Building, keys: Collection[str]) -> Iterator[str]:
    rates = False
    for node in completing(part):
        for read, degree in _reads(part, node, set(keys), set()):
            rates |= degree is Degree.RATE
            if degree is Degree.ARCHITECTURE:
                yield f"what builds the model reads {read}, which every iteration binds"
    rates |= part.loop.node is part.place.function and any(is_rate(r, part) for reads in part.settled.values() for r in reads)
    yield from changes_what_is_read(part)
    yield from _read_through(part)
    yield from _read_of_the_object(part, keys)
    yield from _read_of_the_file(part)
    yield from calls_nothing_unknown(part)
    yield from unsteady(part)
    called = (name for call, scope in part.calls() for name in _called(part, call, scope))
    if rates and any(effects.tells_settings(callee_name(call)) for call in writes(part.loop).calls):
        yield "what is saved or copied of the model has the first one's settings, and they differ"
    if rates and any(name.startswith("keras.optimizers.schedules.") for name in called):
        yield "the schedule of the learning rate may differ"


def _reads(part: Building, node: ast.AST, keys: set[str], seen: set[ast.AST]) -> Iterator[tuple[str, Degree]]:
    """The names of the loop that decide something of what ``node`` builds, through plain assignments of the loop's body."""
    names = (
        {*writes(part.loop).names, *writes(part.loop).imports, *targets(part.loop)} - {part.place.holder} - keys - own_names(node)
    )
    found = degrees(node, names, part.case.interpreter, part.place.scope)
    for read, degree in (each for each in found if isinstance(each[0].ctx, ast.Load)):
        if degree is Degree.SHAPE:
            if not _is_shape_of_rows(part, read):
                yield read.id, Degree.ARCHITECTURE
            continue
        feeding = feeding_of(read, read.id, part.statements)
        if degree is Degree.RATE or not feeding or not is_fed(read, read.id, part.loop, part.nodes, part.case):
            yield read.id, degree
            continue
        for statement in feeding:
            if statement not in seen:
                seen.add(statement)
                for each in read_by(statement):
                    yield from _reads(part, each, keys, seen)


def _is_shape_of_rows(part: Building, read: ast.Name) -> bool:
    """``x.shape[1]`` or ``x.shape[1:]`` where all iterations have rows of one array in ``x``."""
    syntax = part.case.syntax
    attribute = syntax.parents.get(read)
    if not isinstance(attribute, ast.Attribute) or attribute.attr != "shape":
        return False
    item = syntax.parents[attribute]
    return isinstance(item, ast.Subscript) and _leaves_rows_out(item.slice) and is_rows(part, read.id)


def _leaves_rows_out(index: ast.expr) -> bool:
    first = index.lower if isinstance(index, ast.Slice) else index
    return isinstance(first, ast.Constant) and isinstance(first.value, int) and first.value >= 1


def _read_through(part: Building) -> Iterator[str]:
    """What is read of an object that the loop, or a function that it calls, may change under another name: ``cfg.units``."""
    nodes, running = list(walk(root for root, _ in part.everything)), list(walk(_running(part)))
    settled = {read.node for reads in part.settled.values() for read in reads}
    stored = {_key(node) for node in running if _is_store(node) and not part.contains(node)} - {""}
    for node in nodes:
        if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Load) and _key(node) in stored:
            if node in settled or is_same(node, part.place.holder):
                continue
            yield f"what builds the model reads {ast.unparse(node)}, and the loop sets {_key(node)}"
    for name in sorted(part.read & declared_elsewhere(part.case.module.scope) | set(_globals_elsewhere(part))):
        yield f"what builds the model reads {name}, a global that a function changes"
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and _is_unknown_module(part, node.value):
            yield f"{ast.unparse(node)} may change"


def _read_of_the_object(part: Building, keys: Collection[str]) -> Iterator[str]:
    """What ``__init__`` sets may be something else in the next object, and what it sets it to may be changed."""
    if part.loop.node is not part.place.function:
        return
    settled = {held.node: held for reads in part.settled.values() for held in reads}
    for node, scope in (pair for root in part.everything for pair in scoped(*root)):
        if not isinstance(node, ast.Attribute) or not is_same(node.value, _receiver(scope)) or is_same(node, part.place.holder):
            continue
        is_method = syntax_of(scope.module).is_called(node)
        if node not in settled and isinstance(node.ctx, ast.Load) and not is_method:
            yield f"what builds the model reads {ast.unparse(node)}, which may be something else in another object"
        elif node in settled and not is_told_apart(settled[node], part, keys) and not is_given_once(settled[node], part):
            yield f"what builds the model reads {ast.unparse(node)}, which may be something else in another object"


def _receiver(scope: Scope) -> str:
    """The name of the object in a method, ``""`` in other functions."""
    function = scope.function()
    is_method = function.parent is not None and function.parent.kind == "class" and function.kind == "function"
    return receiver(function.node) if is_method and method_kind(function.node) != "staticmethod" else ""


def _globals_elsewhere(part: Building) -> Iterator[str]:
    """What the functions of other files that are named read of these, and some function there declares ``global``."""
    for definition in part.definitions:
        around = definition.module.scope
        if around is not part.case.module.scope and declared_elsewhere(around):
            for node, scope in scoped(definition.node, definition):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and scope.owner(node.id) is around:
                    yield from {node.id} & declared_elsewhere(around)


def _read_of_the_file(part: Building) -> Iterator[str]:
    """What a function that a loop calls reads of the file around it, and may find changed at the next call."""
    if part.loop.node is not part.place.function:
        return
    scope = part.case.module.scope
    for name in sorted(part.read):
        owner = part.place.owner.owner(name)
        if owner not in (None, scope, part.place.owner) and not _is_definition(owner, name):
            yield f"what builds the model reads {name} of the function around, which may be another one"
    around = {read.id for _, read, owner in part.read_around if owner is scope}
    for name in sorted(around.union(name for name in part.read if part.place.owner.owner(name) is scope)):
        bindings = scope.bindings.get(name, [])
        if all(binding.kind in {"import", "def", "class"} for binding in bindings):
            continue
        only = bindings[0] if len(bindings) == 1 and bindings[0].kind == "value" and not bindings[0].path else None
        reads = [node for node in part.case.syntax.every(ast.Name) if node.id == name and part.contains(node)]
        if only is None or only.loop is not None or only.expr is None:
            yield f"what builds the model reads {name}, which may be bound again"
        elif not _is_fixed(only.expr) and not (reads and all(_is_asked_for_shape(part, node) for node in reads)):
            yield f"what builds the model reads {name}, which may change"


def _is_definition(owner: Scope | None, name: str) -> bool:
    bindings = owner.bindings[name] if owner is not None else []
    return all(binding.kind in {"import", "def", "class"} for binding in bindings)


def _is_fixed(value: ast.expr) -> bool:
    """Whether an expression gives a number, a text or a tuple of such."""
    if isinstance(value, ast.Tuple):
        return all(map(_is_fixed, value.elts))
    if isinstance(value, (ast.BinOp, ast.UnaryOp)):
        return all(_is_fixed(part) for part in ast.iter_child_nodes(value) if isinstance(part, ast.expr))
    if isinstance(value, ast.Subscript):
        return isinstance(value.value, ast.Attribute) and value.value.attr == "shape"
    if isinstance(value, ast.Attribute):
        return value.attr == "shape"
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Call) and callee_name(value) == "len")


def _is_asked_for_shape(part: Building, read: ast.Name) -> bool:
    parent = part.case.syntax.parents.get(read)
    return isinstance(parent, ast.Attribute) and parent.attr == "shape"


def _running(part: Building) -> Iterator[ast.AST]:
    """The loop, and the functions of the project that run in it; of a function that a loop calls, the whole file, and the others
    that lead to it."""
    if part.loop.node is part.place.function:
        yield from (view.module.tree for view in part.case.views)
    else:
        yield part.loop.node
    yield from (scope.node for scope in callgraph.called(part.repeated, part.case.interpreter))


def _is_store(node: ast.AST) -> bool:
    return isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)


def _key(node: ast.AST) -> str:
    """``.units`` of ``cfg.units``, ``['units']`` of ``cfg['units']``, ``""`` for other nodes and other keys."""
    if isinstance(node, ast.Subscript):
        return f"[{node.slice.value!r}]" if isinstance(node.slice, ast.Constant) else ""
    return f".{node.attr}" if isinstance(node, ast.Attribute) else ""


def _is_unknown_module(part: Building, name: ast.Name) -> bool:
    values = part.case.interpreter.eval(name, part.place.scope)
    return any(isinstance(value, Api) and modes.is_unknown_module(value.name) for value in values)


# -- plain parts


def _unknown_calls(part: Building) -> Iterator[str]:
    for call, scope in part.calls():
        if not _is_plain(part, call, scope):
            yield f"what {ast.unparse(call.func)}() does is not known"
        for each in call.keywords:
            if each.arg is None:
                yield f"what {ast.unparse(each)} holds is not known"
            elif _spoils(part, call, scope, each.arg, each.value):
                yield f"a kept model with {ast.unparse(each)} is not tested to give the same bits"
        if len(call.args) > 1 and _spoils(part, call, scope, "activation", call.args[1]):
            yield f"a kept model with the activation {ast.unparse(call.args[1])} is not tested to give the same bits"
        if callee_name(call) == "compile" and _is_chosen_by_shape(call):
            yield "which accuracy it is depends on the shape of the first data"
        if _has_several_outputs(part, call, scope):
            yield f"{ast.unparse(call.func)}() may have several outputs, which count by their automatic names"
        for value in _functional(part, call, scope):
            if not _is_plain_value(part, value, scope):
                is_layer = isinstance(value, ast.Call) and any(map(plain.is_plain, _called(part, value, scope)))
                yield (
                    f"{ast.unparse(value)} may have variables of its own"
                    if is_layer
                    else f"what {ast.unparse(value)} does is not known"
                )


def _is_plain(part: Building, call: ast.Call, scope: Scope) -> bool:
    name, interpreter = callee_name(call), part.case.interpreter
    values = interpreter.callees(call, scope, NO_ENV)
    if values and all(isinstance(value, Func) or plain.is_plain(dotted(value)) for value in values):
        return True
    if isinstance(call.func, ast.Attribute) and effects.does(name, MUTATES):
        if is_own(call.func.value, scope, part.definitions, part.place.owner, part.names):
            return True
    if isinstance(call.func, ast.Attribute) and (effects.does(name, COMPLETES) or _only_shows(name)):
        return is_same(call.func.value, part.place.holder) or _is_made_here(interpreter.eval(call.func.value, scope))
    if not isinstance(call.func, ast.Attribute) and _is_made_here(values):
        return True
    is_of_keras = any(dotted(value).startswith(("keras.", "tensorflow.")) for value in values)
    return not is_of_keras and (
        is_suggestion(name) or effects.does(name, PURE) or (effects.talks(name) and effects.does(name, READS))
    )


def _only_shows(method: str) -> bool:
    """Whether a method of the new model tells something of it: it is the model that is told of before the fix."""
    known = effects.effects(method)
    return bool(known & READS) and not known & (RUNS | TRAINS | LOADS | MUTATES)


def _spoils(part: Building, call: ast.Call, scope: Scope, argument: str, value: ast.expr) -> bool:
    known = value.value if isinstance(value, ast.Constant) else None
    return any(plain.is_plain(name) and plain.spoils(name, argument, known) for name in _called(part, call, scope))


def _has_several_outputs(part: Building, call: ast.Call, scope: Scope) -> bool:
    """Their losses are added in the order of the outputs' names, and ``dense_10`` comes before ``dense_9`` (Keras 3.15)."""
    outputs = keyword(call, "outputs") or (call.args[1] if len(call.args) > 1 else None)
    if callee_name(call) not in {"Model", "Functional"} or outputs is None:
        return False
    if isinstance(outputs, (ast.List, ast.Tuple)):
        return len(outputs.elts) > 1
    return isinstance(outputs, ast.Dict) or any(isinstance(v, Items) for v in part.case.interpreter.eval(outputs, scope))


def _is_chosen_by_shape(call: ast.Call) -> bool:
    """``metrics=["accuracy"]`` is another function for another shape of the targets, unless the loss leaves no choice."""
    loss, metrics = argument(call, 1, "loss"), [argument(call, 3, "metrics"), argument(call, 2, "metrics")]
    texts = {node.value for node in walk(filter(None, metrics)) if isinstance(node, ast.Constant)}
    return bool(texts & set(plain.BY_SHAPE.split())) and not (loss and "crossentropy" in ast.unparse(loss).lower())


def _functional(part: Building, call: ast.Call, scope: Scope) -> Iterator[ast.expr]:
    """The arguments of a call that may be functions or objects, not mere numbers."""
    name = callee_name(call)
    if name == "compile" or any(map(plain.is_plain, _called(part, call, scope))):
        taken = [each.value for each in call.keywords if each.arg and attributes.may_be_function(each.arg)]
        yield from [*call.args[attributes.numbers_first(name) :], *taken] if not attributes.holds_layers(name) else ()


def _is_made_here(values: Values) -> bool:
    """Whether something is an object of Keras, or a collection of such: the call that makes it is looked at itself."""
    found = list(leaves(values))
    return bool(found) and all(isinstance(value, Obj) and dotted(value).startswith("keras.") for value in found)


def _made_outside(part: Building) -> Iterator[str]:
    """Objects of Keras with a state that are older than the loop: a layer, say, that all models share."""
    named = [(node, part.place.scope) for root in part.nodes for node in ast.walk(root)]
    for node, scope in (*named, *((read, definition) for definition, read, _ in part.read_around)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in part.read:
            values = leaves(part.case.interpreter.eval(node, scope))
            if any(isinstance(value, Obj) and plain.may_have_state(dotted(value)) for value in values):
                yield f"{node.id} is made outside the loop"


def _is_plain_value(part: Building, value: ast.expr, scope: Scope) -> bool:
    """Whether an argument is a number, a text, or made of plain parts."""
    if isinstance(value, (ast.Tuple, ast.List)):
        return all(_is_plain_value(part, each, scope) for each in value.elts)
    if isinstance(value, ast.Constant):
        return not isinstance(value.value, str) or plain.is_plain_string(value.value)
    if isinstance(value, (ast.Name, ast.Attribute)):
        if handed := _handed(part, value, scope) if isinstance(value, ast.Name) else []:
            return all(given is not None and _is_plain_value(part, given, outer) for given, outer in handed)
        values = part.case.interpreter.eval(value, scope)
        return bool(values) and all(map(_is_harmless, values))
    if isinstance(value, ast.Call):
        names = [name for name in _called(part, value, scope) if name.startswith("keras.layers.")]
        return all(map(plain.is_plain_activation, names))
    return not isinstance(value, ast.Lambda)


def _handed(part: Building, name: ast.Name, scope: Scope) -> list[tuple[ast.expr | None, Scope]]:
    """What the calls that build the model hand over as a parameter, or its default, each with its scope."""
    function = scope.function()
    bindings = function.bindings.get(name.id, [])
    if not bindings or any(binding.kind != "param" for binding in bindings):
        return []
    return [
        (given(call, callee).get(name.id, default(function, name.id)), outer)
        for call, outer in part.calls()
        for callee in part.case.interpreter.callees(call, outer, NO_ENV)
        if isinstance(callee, Func) and callee.scope is function
    ]


def _is_harmless(value: Value) -> bool:
    if isinstance(value, Obj):
        return dotted(value).startswith("keras.")
    if isinstance(value, Const):
        return not isinstance(value.value, str) or plain.is_plain_string(value.value)
    return (isinstance(value, Items) and all(map(_is_harmless, leaves((value,))))) or plain.is_plain(dotted(value))


def _called(part: Building, call: ast.Call, scope: Scope) -> list[str]:
    """The canonical names of what a call may call, ``""`` for what is of the project."""
    return [dotted(value) for value in part.case.interpreter.callees(call, scope, NO_ENV)]
