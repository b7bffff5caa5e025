"""Make a traced function once, before the loop that made it anew in every iteration (KL202).

What a traced function reads of Python is read when it is traced: then once, not in every iteration any more. So nothing that
it reads may change, and what its Python code does besides (``print``, ``append``, random numbers) is done once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...dataflow.construction import Construction
from ...dataflow.loops import body
from ...dataflow.tracers import Making
from ...dataflow.variance import declared_elsewhere, names_bound, names_read, reads, rebound, writes
from ...knowledge import effects, keras, tracing
from ...knowledge.effects import MAKES_VARIABLE, MUTATES, TALKS
from ...semantics import callgraph
from ...semantics.binding import arguments, keyword
from ...semantics.interpreter import Interpreter
from ...semantics.scopes import Scope, callee_name, start
from ...semantics.syntax import base, scoped, walk
from ...semantics.values import NO_ENV, Api, Cls, Const, Func, Mod, Obj, Value
from ..code_motion import Building
from ..edits import Edit, Lift, MoveBefore, RaiseBefore
from ..plans import Case, Draft, RefusedError, Taken, Why, doubts, is_statement, require

_BLOCKS = (ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.With, ast.Try, ast.If, ast.Match)
_PLAIN = (ast.FunctionDef, ast.Assign, ast.Return, ast.Import, ast.ImportFrom)
_Roots = list[tuple[ast.AST, Scope]]


def draft(case: Case, taken: Taken) -> Draft:
    """Plan the fix of a KL202. Raises ``RefusedError``."""
    require(case, (is_statement, _only_makes_it))
    part = _moved(case)
    require(part, (_may_stand_before,))
    traced = _traced(part)
    found = [*_trace_time(traced, case.interpreter), *_changes(part), *_noise(traced, case)]
    if _making(case).caches:
        found += _baked(part)
    target = case.syntax.statement(case.loop.node)
    edits: list[Edit] = []
    if part.lifted is not None:
        name = taken.give_name("traced", case.loop, case.syntax)
        edits.append(Lift(part.lifted, target, name, name))
    if any(isinstance(statement, ast.FunctionDef) for statement in part.statements):
        edits.append(RaiseBefore(part.statements, target))
    elif part.statements:
        edits.append(MoveBefore(part.statements, target))
    is_repeated = case.loop.parent is not None or any(site.loop is not None for site in case.callers())
    return Draft(tuple(edits), tuple(doubts(found)), ("KL202",) if is_repeated else ())


# -- what moves


def _making(case: Case) -> Making:
    making = case.detection.effects.sites[0]
    assert isinstance(making, Making)
    return making


def _decorated(case: Case) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The function that a decorator in the loop traces."""
    traced = _making(case).traced
    return traced if case.detection.effects.direct and not isinstance(traced, ast.expr) else None


def _moved(case: Case) -> Building:
    """The function, assignment or call that goes before the loop, with the functions of the loop's body that are named in it."""
    (call, scope, _), loop = case.detection.site, case.loop
    first: ast.stmt = _decorated(case) or case.syntax.statement(call)
    if first not in body(loop) or isinstance(first, _BLOCKS):
        raise RefusedError("it is made in a block of its own, not directly in the loop's body")
    is_plain = isinstance(first, ast.Assign) and first.value is call and [type(target) for target in first.targets] == [ast.Name]
    lifted = None if is_plain or isinstance(first, ast.FunctionDef) else call
    moved: list[ast.AST] = [lifted or first]
    for node in moved:
        names = names_read(node)
        moved += [s for s in body(loop) if isinstance(s, ast.FunctionDef) and s.name in names and s not in moved]
    statements = sorted((node for node in moved if isinstance(node, ast.stmt)), key=start)
    place = Construction(call, scope, first, first, "", case.function, loop)
    return Building(case, place, loop, tuple(statements), lifted, "")


def _names(part: Building) -> set[str]:
    """The names that what moves binds."""
    bound = ({s.name} if isinstance(s, ast.FunctionDef) else names_bound(s) for s in part.statements)
    return set[str]().union(*bound)


# -- what the fix cannot do without


def _only_makes_it(case: Case) -> Iterator[str]:
    """Neither another decorator nor a function that is called may do more than make the traced function."""
    (call, scope, _), decorated = case.detection.site, _decorated(case)
    if callee_name(call) in tracing.MAKERS_OF_STEPS:
        yield "without force=True the model keeps the function that it has"
    if decorated is not None:
        for decorator in decorated.decorator_list:
            values = case.interpreter.eval(decorator.func if isinstance(decorator, ast.Call) else decorator, scope)
            if not values or any(isinstance(value, (Func, Cls)) for value in values):
                yield f"@{ast.unparse(decorator)} may have an effect in every iteration"
    elif not case.detection.effects.direct:
        name = f"{ast.unparse(call.func)}()"
        func = callgraph.callee(call, scope, case.interpreter)
        if func is None:
            yield f"it is not clear which function {name} is"
        elif not _is_factory(func, case.interpreter):
            yield f"{name} does more than make the function"
        for read in (read for argument in arguments(call) for read in rebound(reads(argument, scope), case.loop)):
            yield f"it gets {read.node.id}, which every iteration binds"


def _is_factory(func: Func, interpreter: Interpreter) -> bool:
    """Whether a function defines, assigns and returns, and calls public functions alone."""
    node = func.scope.node
    statements = node.body if isinstance(node, ast.FunctionDef) else []
    last = statements[-1] if statements else None
    if not isinstance(last, ast.Return) or not isinstance(last.value, (ast.Name, ast.Call)):
        return False
    if not all(isinstance(s, _PLAIN) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in statements):
        return False
    values = [s.value for s in statements if isinstance(s, (ast.Assign, ast.Return)) and s.value is not None]
    calls = [inner for inner in walk(values) if isinstance(inner, ast.Call)]
    called = [interpreter.callees(call, func.scope, NO_ENV) for call in calls]
    return all(each and all(isinstance(v, Api) and tracing.is_public(v.name) for v in each) for each in called)


def _may_stand_before(part: Building) -> Iterator[str | Why]:
    """It reads nothing that an iteration binds, and has no effect of its own."""
    if set(body(part.loop)) <= set(part.statements):
        yield "nothing else is in the loop"
    if part.loop.scope.function().kind == "class":
        yield "the loop stands in a class"
    for root, scope in part.roots:
        for read in rebound(reads(root, scope), part.loop, root):
            if read.node.id not in _names(part):
                yield Why(f"it reads {read.node.id}, which every iteration binds", f"make {read.node.id} an argument, a tensor")
    yield from _seen_elsewhere(part)
    for root in part.nodes:
        for node in ast.walk(root):
            if isinstance(node, ast.Call) and effects.does(callee_name(node), MAKES_VARIABLE):
                yield f"{ast.unparse(node.func)}() makes a variable, for each function that is traced"
            if isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)) and not isinstance(root, ast.FunctionDef):
                yield "making it has an effect of its own"


def _seen_elsewhere(part: Building) -> Iterator[str]:
    """Statements that see what moves before it is made, or bind its names anew."""
    owner = part.loop.scope.function()
    for name in sorted(_names(part)):
        if len([b for b in owner.bindings.get(name, ()) if b.kind != "item"]) > 1 or name in owner.outer_names:
            yield f"{name} is bound in another place too"
        for node in ast.walk(part.loop.node):
            if isinstance(node, ast.Name) and node.id == name and not part.contains(node):
                if isinstance(node.ctx, ast.Del):
                    yield f"{name} is deleted in line {node.lineno}"
                if start(node) < start(part.statements[0]):
                    yield f"{name} is used in line {node.lineno}, before it is made"


# -- what has to be known for the fix to be safe


def _traced(part: Building) -> _Roots:
    """What moves, and the functions of the file that run while it is traced."""
    interpreter = part.case.interpreter

    def run(root: ast.AST, scope: Scope) -> Iterator[Value]:
        for node, inner in scoped(root, scope):
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
                for value in interpreter.eval(node, inner):
                    called = [value]
                    if isinstance(value, Obj) and isinstance(value.of, Cls):
                        called = [method for name in ("call", "__call__") for method in interpreter.member(value, name)]
                    yield from (each for each in called if isinstance(each, Func) and each.scope.module is part.case.module)

    return [*part.roots, *((scope.node, scope) for scope in callgraph.reached(part.roots, run))]


def _trace_time(traced: _Roots, interpreter: Interpreter) -> Iterator[str]:
    """What is done in Python while a function is traced."""
    for node, scope in (pair for root, around in traced for pair in scoped(root, around)):
        own = scope.function().bindings
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            yield f"{', '.join(node.names)} is set when the function is traced, which then happens once"
        elif isinstance(node, ast.Call) and _has_effect(node, scope, interpreter):
            yield f"{ast.unparse(node.func)}() runs when the function is traced, which then happens once"
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            if base(node) not in own or base(node) == "self":
                yield f"{ast.unparse(node)} is set when the function is traced, which then happens once"


def _has_effect(call: ast.Call, scope: Scope, interpreter: Interpreter) -> bool:
    func = call.func
    if not isinstance(func, ast.Attribute):
        return isinstance(func, ast.Name) and effects.talks(func.id)
    values = interpreter.callees(call, scope, NO_ENV)
    names = [value.name for value in values if isinstance(value, Api)] or [ast.unparse(func)]
    if any(map(effects.reaches_outside, names)):
        return True
    is_changing = effects.does(func.attr, MUTATES) or (not values and effects.does(func.attr, TALKS))
    return is_changing and isinstance(func.value, (ast.Name, ast.Attribute)) and base(func) not in scope.function().bindings


def _changes(part: Building) -> Iterator[str]:
    """What the loop changes of the objects that are read: a trace would not see it."""
    names = {read.node.id for root, scope in part.roots for read in reads(root, scope)}
    for name in sorted(names & declared_elsewhere(part.loop.scope)):
        yield f"a function sets {name}, which a trace does not see"
    for place in writes(part.loop).places:
        is_read = base(place) in names or (isinstance(place, ast.Attribute) and place.attr == "trainable")
        if is_read and not part.contains(place):
            yield f"the loop sets {ast.unparse(place)}, which a trace may not see"
    for call in writes(part.loop).calls:
        if base(call.func) in names and effects.does(callee_name(call), MUTATES) and not part.contains(call):
            yield f"{ast.unparse(call.func)}() in the loop may change what was traced"


def _noise(traced: _Roots, case: Case) -> Iterator[str]:
    """Random operations of TensorFlow count from the function's making on, with a seed set; so does dropout in Keras 2."""
    for node in walk(root for root, _ in traced):
        if isinstance(node, ast.Call):
            text = ast.unparse(node.func)
            is_drawn = ".random." in text or ".random_" in text or text.startswith("random_") or text.endswith("nn.dropout")
            if is_drawn and "stateless" not in text:
                if not text.startswith(("np.", "numpy.", "jax.")):
                    yield f"{text}() starts again in a function that is made again"
            training = keyword(node, "training")
            if training is not None and not (isinstance(training, ast.Constant) and not training.value) and _may_be_noisy(case):
                yield "in Keras 2 dropout starts again in a function that is made again"


def _may_be_noisy(case: Case) -> bool:
    names = {part for site in case.module.calls for part in ast.unparse(site.node.func).split(".")}
    return any(map(tracing.may_be_noisy, names)) or not names & keras.MODEL_CLASSES


def _baked(part: Building) -> Iterator[str]:
    """What JAX takes for a constant when it traces, such as a model's weights."""
    for root, scope in part.roots:
        for read in reads(root, scope):
            is_known = all(isinstance(binding.expr, ast.Constant) for binding in read.bindings)
            values = part.case.interpreter.eval(read.node, scope)
            is_code = values and all(isinstance(value, (Api, Mod, Const, Func)) for value in values)
            if not is_known and not is_code and all(binding.kind != "import" for binding in read.bindings):
                yield f"JAX takes {read.node.id} for a constant when it traces"
