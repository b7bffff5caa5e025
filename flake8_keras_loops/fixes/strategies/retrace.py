"""Make a traced function once, before the loop that made it anew in every iteration (KL202).

What a traced function reads of Python is read when it is traced: then once, not in every iteration any more. So nothing that
it reads may change, and what its Python code does besides (``print``, ``append``, random numbers) is done once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...checks.detection import Detection
from ...dataflow.loops import body
from ...dataflow.variance import declared_elsewhere, reads, rebound, writes
from ...examine import Examined
from ...knowledge import effects, keras, tracing
from ...knowledge.effects import MAKES_VARIABLE, MUTATES, TALKS
from ...semantics.binding import arguments
from ...semantics.interpreter import Interpreter
from ...semantics.scopes import Loop, Scope, callee_name, start
from ...semantics.syntax import Syntax, base, scoped, within
from ...semantics.values import NO_ENV, Api, Cls, Const, Func, Mod, Obj
from ..edits import Edit, Lift, MoveBefore, RaiseBefore
from ..plans import Case, Draft, RefusedError, Taken, doubts, is_statement, require

_MAX_FUNCTIONS = 60
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Roots = list[tuple[ast.AST, Scope]]


def draft(case: Case, taken: Taken) -> Draft:
    """Plan the fix of a KL202. Raises ``RefusedError``."""
    require(case, (is_statement,))
    detection, loop, interpreter, syntax = case.detection, case.loop, case.interpreter, case.syntax
    if callee_name(detection.site.node) in tracing.MAKERS_OF_STEPS:
        raise RefusedError("without force=True the model keeps the function that it has")
    moved, lifted = _moved(detection, syntax, interpreter)
    if set(body(loop)) <= set(moved):
        raise RefusedError("nothing else is in the loop")
    roots: _Roots = [(node, loop.scope) for node in (*moved, *([lifted] if lifted else []))]
    _check(roots, moved, loop, syntax)
    functions = list(_functions(roots, interpreter))
    found = [*_trace_time(functions, interpreter), *_changes(roots, loop), *_noise(functions, case.examined)]
    if any(tracing.traces_once(name) for name in _tracers(detection, interpreter)):
        found += _baked(roots, interpreter)
    target = syntax.statement(loop.node)
    edits: list[Edit] = []
    if lifted is not None:
        name = taken.give_name("traced", loop, syntax)
        edits.append(Lift(lifted, target, name, name))
    elif all(isinstance(node, ast.Assign) for node in moved):
        edits.append(MoveBefore(tuple(moved), target))
    if any(not isinstance(node, ast.Assign) for node in moved):
        edits.append(RaiseBefore(tuple(moved), target))
    leaves = ("KL202",) if loop.parent is not None or _is_called_in_loop(loop, syntax) else ()
    return Draft(tuple(edits), tuple(doubts(found)), leaves)


# -- what moves


def _moved(detection: Detection, syntax: Syntax, interpreter: Interpreter) -> tuple[list[ast.stmt], ast.Call | None]:
    """The statements that go before the loop, in the order of the text; and a call that goes there from within its statement."""
    call, loop = detection.site.node, detection.loop
    decorated = next((node for node in (call, call.func) if isinstance(syntax.parents.get(node), ast.FunctionDef)), None)
    if decorated is not None and isinstance(syntax.parents[decorated], ast.FunctionDef):
        first: ast.stmt = syntax.parents[decorated]  # type: ignore[assignment]
        _check_decorators(first, detection, interpreter)
    else:
        first = syntax.statement(call)
        if not detection.effects.direct:
            _check_factory(detection, interpreter)
    if first not in body(loop):
        raise RefusedError("it is made in a block of its own, not directly in the loop's body")
    if isinstance(first, ast.FunctionDef):
        return _with_functions([first], first, loop, syntax), None
    if isinstance(first, ast.Assign) and first.value is call and [type(target) for target in first.targets] == [ast.Name]:
        return _with_functions([first], call, loop, syntax), None
    if isinstance(first, ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.With | ast.Try | ast.If | ast.Match):
        raise RefusedError("it is made in a block of its own, not directly in the loop's body")
    return _with_functions([], call, loop, syntax), call


def _with_functions(moved: list[ast.stmt], root: ast.AST, loop: Loop, syntax: Syntax) -> list[ast.stmt]:
    """With the functions of the loop's body that are named in what moves."""
    chosen = set(moved)
    todo = [root]
    while todo:
        for node in ast.walk(todo.pop()):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                for statement in body(loop):
                    if isinstance(statement, ast.FunctionDef) and statement.name == node.id and statement not in chosen:
                        chosen.add(statement)
                        todo.append(statement)
    return sorted(chosen, key=start)


def _check_decorators(function: ast.stmt, detection: Detection, interpreter: Interpreter) -> None:
    """Raises ``RefusedError`` where another decorator may have an effect of its own."""
    assert isinstance(function, ast.FunctionDef)
    for decorator in function.decorator_list:
        values = interpreter.eval(decorator.func if isinstance(decorator, ast.Call) else decorator, detection.site.scope)
        if not values or any(isinstance(value, (Func, Cls)) for value in values):
            raise RefusedError(f"@{ast.unparse(decorator)} may have an effect in every iteration")


def _check_factory(detection: Detection, interpreter: Interpreter) -> None:
    """Raises ``RefusedError`` unless all that a called function does is to make the traced function."""
    call, loop = detection.site.node, detection.loop
    name = f"{callee_name(call) or 'a function'}()"
    callees = interpreter.callees(call, detection.site.scope, NO_ENV)
    if len(callees) != 1 or not isinstance(callees[0], Func):
        raise RefusedError(f"it is not clear which function {name} is")
    node = callees[0].scope.node
    statements = node.body if isinstance(node, ast.FunctionDef) else []
    plain = (ast.FunctionDef, ast.Assign, ast.Return, ast.Import, ast.ImportFrom)
    is_docstring = [isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) for s in statements]
    if not statements or not all(isinstance(s, plain) or text for s, text in zip(statements, is_docstring)):
        raise RefusedError(f"{name} does more than make the function: make it once, and hand it over")
    if not isinstance(statements[-1], ast.Return) or not isinstance(statements[-1].value, (ast.Name, ast.Call)):
        raise RefusedError(f"{name} does more than make the function: make it once, and hand it over")
    for part in (s.value for s in statements if isinstance(s, (ast.Assign, ast.Return)) and s.value is not None):
        for inner in ast.walk(part):
            if isinstance(inner, ast.Call):
                values = interpreter.callees(inner, callees[0].scope, NO_ENV)
                if not values or not all(isinstance(v, Api) and tracing.is_public(v.name) for v in values):
                    raise RefusedError(f"{name} does more than make the function: make it once, and hand it over")
    for argument in arguments(call):
        for read in rebound(reads(argument, detection.site.scope), loop):
            raise RefusedError(f"it gets {read.node.id}, which every iteration binds")


# -- what the fix cannot do without


def _check(roots: _Roots, moved: list[ast.stmt], loop: Loop, syntax: Syntax) -> None:
    """Raises ``RefusedError`` where what moves would not be the same before the loop."""
    owner = loop.scope.function()
    if owner.kind == "class":
        raise RefusedError("the loop stands in a class")
    names = {name for node in moved for name in _bound(node)}
    for root, scope in roots:
        for read in rebound(reads(root, scope), loop, root):
            if read.node.id not in names:
                raise RefusedError(f"it reads {read.node.id}, which every iteration binds: make that an argument, as a tensor")
    for name in sorted(names):
        places = [binding for binding in owner.bindings.get(name, ()) if binding.kind != "item"]
        if len(places) > 1 or name in owner.outer_names:
            raise RefusedError(f"{name} is bound in another place too")
        first = min(map(start, moved))
        for node in ast.walk(loop.node):
            if isinstance(node, ast.Name) and node.id == name and not any(within(node, part) for part in moved):
                if isinstance(node.ctx, ast.Del):
                    raise RefusedError(f"{name} is deleted in line {node.lineno}")
                if start(node) < first:
                    raise RefusedError(f"{name} is used in line {node.lineno}, before it is made")
    for root, _ in roots:
        for node in ast.walk(root):
            if isinstance(node, ast.Call) and effects.does(callee_name(node), MAKES_VARIABLE):
                raise RefusedError(f"{ast.unparse(node.func)}() makes a variable, for each function that is traced")
            if isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)) and not isinstance(root, ast.FunctionDef):
                raise RefusedError("making it has an effect of its own")


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        yield from (target.id for target in statement.targets if isinstance(target, ast.Name))


# -- what has to be known for the fix to be safe


def _functions(roots: _Roots, interpreter: Interpreter) -> Iterator[tuple[_Function, Scope]]:
    """The functions that run while what moves is traced, each with the scope of its body."""
    todo = list(roots)
    seen: set[ast.AST] = set()
    while todo and len(seen) < _MAX_FUNCTIONS:
        root, scope = todo.pop()
        if root in seen:
            continue
        seen.add(root)
        for node, around in scoped(root, scope):
            inner = scope.module.scope_of.get(node)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and inner is not None:
                yield node, inner
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
                for value in interpreter.eval(node, around):
                    found = [value]
                    if isinstance(value, Obj) and isinstance(value.of, Cls):
                        found = [v for name in ("call", "__call__") for v in interpreter.member(value, name)]
                    todo += [
                        (f.scope.node, f.scope.parent or f.scope)
                        for f in found
                        if isinstance(f, Func) and f.scope.module is scope.module
                    ]


def _trace_time(functions: list[tuple[_Function, Scope]], interpreter: Interpreter) -> Iterator[str]:
    """What is done in Python while a function is traced."""
    for function, scope in functions:
        for node in ast.walk(function):
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                yield f"{', '.join(node.names)} is set when the function is traced, which then happens once"
            elif isinstance(node, ast.Call) and _has_effect(node, scope, interpreter):
                yield f"{ast.unparse(node.func)}() runs when the function is traced, which then happens once"
            elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
                if base(node) not in scope.bindings or base(node) == "self":
                    yield f"{ast.unparse(node)} is set when the function is traced, which then happens once"


def _has_effect(call: ast.Call, scope: Scope, interpreter: Interpreter) -> bool:
    func = call.func
    if isinstance(func, ast.Name):
        return effects.talks(func.id)
    if not isinstance(func, ast.Attribute):
        return False
    values = interpreter.callees(call, scope, NO_ENV)
    names = [value.name for value in values if isinstance(value, Api)] or [ast.unparse(func)]
    if any(map(effects.reaches_outside, names)):
        return True
    is_changing = effects.does(func.attr, MUTATES) or (not values and effects.does(func.attr, TALKS))
    return is_changing and isinstance(func.value, (ast.Name, ast.Attribute)) and base(func) not in scope.bindings


def _changes(roots: _Roots, loop: Loop) -> Iterator[str]:
    """What the loop changes of the objects that are read: a trace would not see it."""
    names = {read.node.id for root, scope in roots for read in reads(root, scope)}
    for name in sorted(names & declared_elsewhere(loop.scope)):
        yield f"a function sets {name}, which a trace does not see"
    for place in writes(loop).places:
        if isinstance(place, ast.Attribute) and not _moves(place, roots) and (base(place) in names or place.attr == "trainable"):
            yield f"the loop sets {ast.unparse(place)}, which a trace may not see"
    for call in writes(loop).calls:
        name = callee_name(call)
        if base(call.func) in names and effects.does(name, MUTATES) and not _moves(call, roots):
            yield f"{ast.unparse(call.func)}() in the loop may change what was traced"


def _moves(node: ast.AST, roots: _Roots) -> bool:
    return any(within(node, root) for root, _ in roots)


def _noise(functions: list[tuple[_Function, Scope]], examined: Examined) -> Iterator[str]:
    """Random operations of TensorFlow count from the function's making on, with a seed set; so does dropout in Keras 2."""
    for function, _ in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                text = ast.unparse(node.func)
                if (".random." in text or ".random_" in text or text.startswith("random_")) and "stateless" not in text:
                    if not text.startswith(("np.", "numpy.", "jax.")):
                        yield f"{text}() starts again in a function that is made again"
                if any(k.arg == "training" and not _is_false(k.value) for k in node.keywords) and _may_be_noisy(examined):
                    yield "in Keras 2 dropout starts again in a function that is made again"


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value


def _may_be_noisy(examined: Examined) -> bool:
    module = examined.module
    names = {callee_name(site.node) for site in module.calls} | {
        part for site in module.calls for part in ast.unparse(site.node.func).split(".")
    }
    return any(map(tracing.may_be_noisy, names)) or not names & keras.MODEL_CLASSES


def _tracers(detection: Detection, interpreter: Interpreter) -> Iterator[str]:
    """Public names in the call, or in what it calls."""
    call, scope = detection.site.node, detection.site.scope
    todo: list[tuple[ast.AST, Scope]] = [(call, scope)]
    todo += [(f.scope.node, f.scope) for f in interpreter.callees(call, scope, NO_ENV) if isinstance(f, Func)]
    for root, around in todo:
        for node, inner in scoped(root, around):
            if isinstance(node, (ast.Name, ast.Attribute)):
                yield from (value.name for value in interpreter.eval(node, inner) if isinstance(value, Api))


def _baked(roots: _Roots, interpreter: Interpreter) -> Iterator[str]:
    """What JAX takes for a constant when it traces, such as a model's weights."""
    for root, scope in roots:
        for read in reads(root, scope):
            if any(binding.kind == "import" for binding in read.bindings):
                continue
            values = interpreter.eval(read.node, scope)
            plain = [b.expr for b in read.bindings if isinstance(b.expr, ast.Constant)]
            if len(plain) != len(read.bindings) and not (values and all(isinstance(v, (Api, Mod, Const, Func)) for v in values)):
                yield f"JAX takes {read.node.id} for a constant when it traces"


def _is_called_in_loop(loop: Loop, syntax: Syntax) -> bool:
    function = syntax.function(loop.node)
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return any(site.loop is not None for site in syntax.module.calls_named(function.name))
