"""Where a model gets ready: the statement after which it is built and compiled, in the function that goes on to use it.

A loop may build its model itself, call a factory for it, or call a function that builds, trains and scores one. The fixes
stand where the model first has a holder (``model``, ``self.model``) and is complete.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from ..checks import messages
from ..checks.detection import Detection
from ..dataflow import blocks
from ..dataflow.construction import Construction, completed, methods, only_completes
from ..dataflow.loops import MAPPERS, body
from ..examine import Examined
from ..knowledge import effects
from ..knowledge.effects import RUNS
from ..semantics import callgraph, classes
from ..semantics.binding import parameter
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite, Loop, callee_name, start
from ..semantics.syntax import Syntax, is_same
from ..semantics.values import NO_ENV, Cls, Func, Obj, leaves
from .plans import RefusedError

_MAX_DEPTH = 4
_Path = tuple[tuple[ast.Call, Func], ...]


def find_constructions(detection: Detection, examined: Examined, syntax: Syntax) -> list[Construction]:
    """Where the models that one finding is about are made, usually one place. Raises :class:`RefusedError`."""
    if callee_name(detection.site.node) in MAPPERS:
        raise RefusedError("map() makes the calls, there is no loop body to write into")
    return _constructions(detection.site, _loop_of(detection), examined, syntax, ())


def _loop_of(detection: Detection) -> Loop | None:
    """The loop around the construction in its function. Raises ``RefusedError`` where a search calls none to write into."""
    search = detection.search
    if search is None:
        return detection.loop
    if not search.is_here:
        raise RefusedError(f"{search.function_name} stands in another file ({search.function.scope.module.path}): fix it there")
    if isinstance(search.function.scope.node, (ast.Lambda, ast.AsyncFunctionDef)):
        raise RefusedError("a lambda or coroutine builds the model")
    if detection.site.loop is not search.loop:
        raise RefusedError("the model is built in a loop of its own, which ends after the first")
    return None


def _constructions(site: CallSite, loop: Loop | None, examined: Examined, syntax: Syntax, path: _Path) -> list[Construction]:
    factories = examined.factories
    interpreter = factories.interpreter
    effect = factories.of_call(site.node, site.scope)
    values = interpreter.eval(site.node, site.scope)
    if effect.direct or any(classes.is_keras_model(interpreter, value) for value in values) or not effect.builds:
        _check_factory(site, interpreter)
        return [replace(_construction(site, loop, interpreter, syntax), path=path)]
    if values and all(isinstance(value, Obj) and isinstance(value.of, Cls) for value in values):
        raise RefusedError(f"the model is inside the object that {callee_name(site.node)}() makes")
    callees = interpreter.callees(site.node, site.scope, NO_ENV)
    if len(callees) != 1 or not isinstance(callees[0], Func) or len(path) > _MAX_DEPTH:
        raise RefusedError(f"it is not clear which function {ast.unparse(site.node.func)}() calls")
    return _in_function(callees[0], examined, syntax, (*path, (site.node, callees[0])))


def _in_function(func: Func, examined: Examined, syntax: Syntax, path: _Path) -> list[Construction]:
    """The constructions inside a function that a loop calls and that does not give the model back."""
    node = func.scope.node
    if func.scope.module is not examined.module:
        where = messages.place((func.scope.module.path, start(node)[0]), examined.module.path)
        raise RefusedError(f"{getattr(node, 'name', 'a function')}() ({where}) builds and uses the model: fix it there")
    if isinstance(node, (ast.Lambda, ast.AsyncFunctionDef)) or func.scope.is_generator:
        raise RefusedError("a lambda, generator or coroutine builds the model")
    if callgraph.calls_itself(func.scope, examined.factories.interpreter):
        raise RefusedError(f"{getattr(node, 'name', 'the function')}() calls itself, with a model of its own each time")
    found: list[Construction] = []
    for site in examined.module.calls:
        if site.scope.function() is not func.scope or site.loop is not None:
            continue
        effect = examined.factories.of_call(site.node, site.scope)
        if effect.builds and not (effect.direct and blocks.only_called(site.node, node)):
            found += _constructions(site, None, examined, syntax, path)
    if not found:
        raise RefusedError(f"{getattr(node, 'name', 'the function')}() builds the model in a place that is not followed")
    return found


def _check_factory(site: CallSite, interpreter: Interpreter) -> None:
    """A factory must hand out what it built as it is, and alone."""
    name = callee_name(site.node)
    for callee in leaves(interpreter.callees(site.node, site.scope, NO_ENV)):
        if not isinstance(callee, Func) or isinstance(callee.scope.node, ast.Lambda):
            continue
        if any(isinstance(returned, ast.Tuple) for returned in callee.scope.returns):
            raise RefusedError(f"{name}() returns more than the model")
        for node in ast.walk(callee.scope.node):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and effects.does(node.func.attr, RUNS):
                raise RefusedError(f"{name}() runs the model before it returns it")


def _construction(site: CallSite, loop: Loop | None, interpreter: Interpreter, syntax: Syntax) -> Construction:
    call = _completed_call(site, interpreter, syntax)
    function = syntax.function(call)
    built = syntax.statement(call)
    holder = _holder(call, built, syntax)
    if not holder:
        if isinstance(syntax.parents[call], ast.Expr):
            raise RefusedError("what it builds is not used")
        return Construction(call, site.scope, built, built, "", function, loop)
    place = completed(Construction(call, site.scope, built, built, holder, function, loop), syntax, interpreter)
    _check_compiled_once(place, body(loop) if loop else [built, *syntax.after(built)])
    return place


def _completed_call(site: CallSite, interpreter: Interpreter, syntax: Syntax) -> ast.Call:
    """``compiled(build())`` of ``build()``, where that function hands on the model that it completes."""
    call = site.node
    for parent in syntax.above(call):
        if not isinstance(parent, ast.Call) or call not in parent.args:
            break
        callees = interpreter.callees(parent, site.scope, NO_ENV)
        if len(callees) != 1 or not isinstance(callees[0], Func):
            break
        name = parameter(parent, callees[0], call)
        scope = callees[0].scope
        if name is None or not scope.returns or not all(is_same(returned, name) for returned in scope.returns):
            break
        if not only_completes(name, scope.node):
            break
        call = parent
    return call


def _holder(call: ast.Call, built: ast.stmt, syntax: Syntax) -> str:
    """``model`` of ``model = call``, ``""`` where the value goes elsewhere."""
    if not isinstance(built, (ast.Assign, ast.AnnAssign)) or built.value is not call:
        if isinstance(syntax.parents[call], ast.NamedExpr):
            raise RefusedError("it is assigned inside an expression")
        if isinstance(built, ast.Assign) and isinstance(syntax.parents[call], (ast.Tuple, ast.List)):
            raise RefusedError("it is assigned together with other values")
        return ""
    targets = built.targets if isinstance(built, ast.Assign) else [built.target]
    if len(targets) != 1:
        raise RefusedError("it is assigned to several names at once")
    target = targets[0]
    if isinstance(target, ast.Name) or (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)):
        return ast.unparse(target)
    if isinstance(target, ast.Subscript):
        raise RefusedError("it is put into a collection")
    raise RefusedError(f"it is assigned to {ast.unparse(target)}")


def _check_compiled_once(place: Construction, region: list[ast.stmt]) -> None:
    for call in (call for statement in region for name, call in methods(place.holder, statement) if name == "compile"):
        if call not in place.compiles and start(call) > start(place.built):
            raise RefusedError("compile() is called again, or in a block of its own")
