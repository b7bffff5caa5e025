"""Where a model gets ready: the statement after which it is built and compiled, in the function that goes on to use it.

A loop may build its model itself, call a factory for it, or call a function that builds, trains and scores one. The fixes
stand where the model first has a holder (``model``, ``self.model``) and is complete.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..checks import messages
from ..checks.detect import Detection, Examined
from ..dataflow import blocks
from ..dataflow.loops import MAPPERS, body
from ..semantics import classes
from ..semantics.interpreter import Resolver
from ..semantics.scopes import CallSite, Loop, Scope, callee_name, start
from ..semantics.syntax import Syntax, is_same, within
from ..semantics.values import MODEL, NO_ENV, Cls, Func, Obj, Values, leaves

#: Methods that run the model: what is compiled for it is used from here on.
RUNNING = frozenset(
    {"fit", "fit_generator", "evaluate", "evaluate_generator", "predict", "predict_generator", "predict_classes"}
    | {"predict_proba", "train_on_batch", "test_on_batch", "predict_on_batch"}
)
_MAX_DEPTH = 4
_MAX_CALLED = 50
_COMPLETING = frozenset({"compile", "add", "build", "pop"})


class NoFixError(Exception):
    """There is no fix; the message says why, to follow "no fix: "."""


@dataclass(frozen=True, eq=False)
class Home:
    """``call`` gives the model in the statement ``built``; it is complete after ``ready``.

    ``holder``: how it is called there, ``""`` where the call's value is used on the spot. ``function``: the node of the function,
    or module, that this is in. ``loop``: the innermost loop of that function around it, ``None`` in a function that a loop calls.
    ``compiles``: its ``compile()`` calls. ``path``: the calls and functions that lead from the loop to here.
    """

    call: ast.Call
    scope: Scope
    built: ast.stmt
    ready: ast.stmt
    holder: str
    function: ast.AST
    loop: Loop | None
    compiles: tuple[ast.Call, ...] = ()
    path: tuple[tuple[ast.Call, Func], ...] = ()


def find_homes(detection: Detection, examined: Examined, syntax: Syntax) -> list[Home]:
    """The homes of the models that one finding is about, usually one. Raises :class:`NoFixError`."""
    if callee_name(detection.site.node) in MAPPERS:
        raise NoFixError("map() makes the calls, there is no loop body to write into")
    return _homes(detection.site, _loop_of_home(detection), examined, syntax, ())


def _loop_of_home(detection: Detection) -> Loop | None:
    """The loop around the construction in its function. Raises ``NoFixError`` where a search calls no function to write into."""
    search = detection.search
    if search is None:
        return detection.loop
    if not search.is_here:
        raise NoFixError(f"{search.function_name} stands in another file ({search.function.scope.module.path}): fix it there")
    if isinstance(search.function.scope.node, (ast.Lambda, ast.AsyncFunctionDef)):
        raise NoFixError("a lambda or coroutine builds the model")
    if detection.site.loop is not search.loop:
        raise NoFixError("the model is built in a loop of its own, which ends after the first")
    return None


def _homes(
    site: CallSite, loop: Loop | None, examined: Examined, syntax: Syntax, path: tuple[tuple[ast.Call, Func], ...]
) -> list[Home]:
    factories = examined.factories
    effects = factories.of_call(site.node, site.scope)
    values = factories.resolver.eval(site.node, site.scope)
    if effects.direct or _is_model(values, examined) or not effects.builds:
        _check_factory(site, examined)
        return [replace(_home(site, loop, examined.factories.resolver, syntax), path=path)]
    if values and all(isinstance(value, Obj) and isinstance(value.of, Cls) for value in values):
        raise NoFixError(f"the model is inside the object that {callee_name(site.node)}() makes")
    callees = factories.resolver.callees(site.node, site.scope, NO_ENV)
    if len(callees) != 1 or not isinstance(callees[0], Func) or len(path) > _MAX_DEPTH:
        raise NoFixError(f"it is not clear which function {ast.unparse(site.node.func)}() calls")
    return _in_function(callees[0], examined, syntax, (*path, (site.node, callees[0])))


def _in_function(func: Func, examined: Examined, syntax: Syntax, path: tuple[tuple[ast.Call, Func], ...]) -> list[Home]:
    """The homes inside a function that a loop calls and that does not give the model back."""
    node = func.scope.node
    if func.scope.module is not examined.module:
        where = messages.place((func.scope.module.path, start(node)[0]), examined.module.path)
        raise NoFixError(f"{getattr(node, 'name', 'a function')}() ({where}) builds and uses the model: fix it there")
    if isinstance(node, (ast.Lambda, ast.AsyncFunctionDef)) or func.scope.is_generator:
        raise NoFixError("a lambda, generator or coroutine builds the model")
    if _calls_itself(func, examined.factories.resolver):
        raise NoFixError(f"{getattr(node, 'name', 'the function')}() calls itself, with a model of its own each time")
    homes: list[Home] = []
    for site in examined.module.calls:
        if site.scope.function() is not func.scope or site.loop is not None:
            continue
        effects = examined.factories.of_call(site.node, site.scope)
        if effects.builds and not (effects.direct and blocks.only_called(site.node, node)):
            homes += _homes(site, None, examined, syntax, path)
    if not homes:
        raise NoFixError(f"{getattr(node, 'name', 'the function')}() builds the model in a place that is not followed")
    return homes


def reached(funcs: Iterable[Func], resolver: Resolver) -> set[Scope]:
    """The functions of the project that calls of ``funcs`` come upon."""
    seen: set[Scope] = set()
    todo = [func.scope for func in funcs]
    while todo and len(seen) < _MAX_CALLED:
        scope = todo.pop()
        if scope not in seen:
            seen.add(scope)
            for site in scope.module.calls:
                if within(site.node, scope.node):
                    todo += [f.scope for f in resolver.callees(site.node, site.scope, NO_ENV) if isinstance(f, Func)]
    return seen


def _calls_itself(func: Func, resolver: Resolver) -> bool:
    """Whether a call of a function may come upon the same function before it ends."""
    calls = [site for site in func.scope.module.calls if within(site.node, func.scope.node)]
    called = [f for site in calls for f in resolver.callees(site.node, site.scope, NO_ENV) if isinstance(f, Func)]
    return func.scope in reached(called, resolver)


def _is_model(values: Values, examined: Examined) -> bool:
    """Whether a value is a Keras model itself, not something that holds one."""
    return any(
        value is MODEL
        or (isinstance(value, Obj) and isinstance(value.of, Cls) and classes.is_model(examined.factories.resolver, value.of))
        for value in values
    )


def _check_factory(site: CallSite, examined: Examined) -> None:
    """A factory must hand out what it built as it is, and alone."""
    name = callee_name(site.node)
    for callee in leaves(examined.factories.resolver.callees(site.node, site.scope, NO_ENV)):
        if not isinstance(callee, Func) or isinstance(callee.scope.node, ast.Lambda):
            continue
        if any(isinstance(returned, ast.Tuple) for returned in callee.scope.returns):
            raise NoFixError(f"{name}() returns more than the model")
        for node in ast.walk(callee.scope.node):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNNING:
                raise NoFixError(f"{name}() runs the model before it returns it")


def _home(site: CallSite, loop: Loop | None, resolver: Resolver, syntax: Syntax) -> Home:
    call = _completed_call(site, resolver, syntax)
    function = syntax.function(call)
    built = syntax.statement(call)
    holder = _holder(call, built, syntax)
    if not holder:
        if isinstance(syntax.parents[call], ast.Expr):
            raise NoFixError("what it builds is not used")
        return Home(call, site.scope, built, built, "", function, loop)
    home = Home(call, site.scope, built, built, holder, function, loop)
    home = completed(home, syntax, resolver)
    _check_compiled_once(home, body(loop) if loop else [built, *syntax.after(built)])
    return home


def _completed_call(site: CallSite, resolver: Resolver, syntax: Syntax) -> ast.Call:
    """``compiled(build())`` of ``build()``, where that function hands on the model that it completes."""
    call = site.node
    for parent in syntax.above(call):
        if not isinstance(parent, ast.Call) or call not in parent.args:
            break
        callees = resolver.callees(parent, site.scope, NO_ENV)
        if len(callees) != 1 or not isinstance(callees[0], Func):
            break
        name = parameter(callees[0], parent, call)
        scope = callees[0].scope
        if name is None or not scope.returns or not all(is_same(returned, name) for returned in scope.returns):
            break
        if not _only_completes(name, scope.node):
            break
        call = parent
    return call


def _only_completes(name: str, function: ast.AST) -> bool:
    """Whether a function compiles a model or adds to it, and does not run it."""
    methods = [method for method, _ in _methods(name, function)]
    return any(method in _COMPLETING for method in methods) and not any(method in RUNNING for method in methods)


def _holder(call: ast.Call, built: ast.stmt, syntax: Syntax) -> str:
    """``model`` of ``model = call``, ``""`` where the value goes elsewhere."""
    if not isinstance(built, (ast.Assign, ast.AnnAssign)) or built.value is not call:
        if isinstance(syntax.parents[call], ast.NamedExpr):
            raise NoFixError("it is assigned inside an expression")
        if isinstance(built, ast.Assign) and isinstance(syntax.parents[call], (ast.Tuple, ast.List)):
            raise NoFixError("it is assigned together with other values")
        return ""
    targets = built.targets if isinstance(built, ast.Assign) else [built.target]
    if len(targets) != 1:
        raise NoFixError("it is assigned to several names at once")
    target = targets[0]
    if isinstance(target, ast.Name) or (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)):
        return ast.unparse(target)
    if isinstance(target, ast.Subscript):
        raise NoFixError("it is put into a collection")
    raise NoFixError(f"it is assigned to {ast.unparse(target)}")


def completed(home: Home, syntax: Syntax, resolver: Resolver | None = None) -> Home:
    """``home`` with the statement after which the model is complete, and its ``compile()`` calls, also those in a function."""
    holder = home.holder
    ready = home.built
    compiles: list[ast.Call] = []
    first = [] if isinstance(home.built, (ast.Assign, ast.AnnAssign)) and home.built.value is home.call else [home.built]
    for statement in [*first, *syntax.after(home.built)]:
        methods = _methods(holder, statement)
        helper = _completing_call(holder, statement, home.scope, resolver) if resolver is not None else None
        if helper is not None:
            ready = statement
            compiles.append(helper)
            continue
        if _rebinds(holder, statement):
            if not isinstance(statement, (ast.For, ast.While, ast.If, ast.With, ast.Try)):
                break
        if any(name in RUNNING for name, _ in methods):
            break
        if any(name in _COMPLETING for name, _ in methods) or _sets(holder, statement):
            ready = statement
            compiles += [call for name, call in methods if name == "compile"]
    return replace(home, ready=ready, compiles=tuple(compiles))


def _completing_call(holder: str, statement: ast.stmt, scope: Scope, resolver: Resolver) -> ast.Call | None:
    """The call of ``compile_model(model)`` or ``model = compile_model(model)``: a function of the project that compiles it."""
    call = statement.value if isinstance(statement, (ast.Expr, ast.Assign)) else None
    if not isinstance(call, ast.Call):
        return None
    if isinstance(statement, ast.Assign) and not (len(statement.targets) == 1 and is_same(statement.targets[0], holder)):
        return None
    given = [value for value in [*call.args, *(keyword.value for keyword in call.keywords)] if is_same(value, holder)]
    callees = resolver.callees(call, scope, NO_ENV) if given else ()
    if len(given) != 1 or len(callees) != 1 or not isinstance(callees[0], Func):
        return None
    name = parameter(callees[0], call, given[0])
    return call if name is not None and _only_completes(name, callees[0].scope.node) else None


def _check_compiled_once(home: Home, region: list[ast.stmt]) -> None:
    for call in (call for statement in region for name, call in _methods(home.holder, statement) if name == "compile"):
        if call not in home.compiles and start(call) > start(home.built):
            raise NoFixError("compile() is called again, or in a block of its own")


def parameter(func: Func, call: ast.Call, node: ast.expr) -> str | None:
    """The parameter that gets an argument of a call, ``None`` where that is not plain."""
    arguments = func.scope.node.args  # type: ignore[attr-defined]
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    declared = {parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    for keyword in call.keywords:
        if keyword.value is node:
            return keyword.arg if keyword.arg in declared else None
    if node not in call.args:
        return None
    names = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
    position = call.args.index(node) + (func.receiver is not None)
    return names[position] if position < len(names) else None


def _methods(holder: str, statement: ast.AST) -> list[tuple[str, ast.Call]]:
    """The methods of the model that a statement calls."""
    return [
        (node.func.attr, node)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_same(node.func.value, holder)
    ]


def _rebinds(holder: str, statement: ast.AST) -> bool:
    return any(is_same(node, holder) and isinstance(node.ctx, (ast.Store, ast.Del)) for node in ast.walk(statement))  # type: ignore[attr-defined]


def _sets(holder: str, statement: ast.stmt) -> bool:
    """``model.trainable = False``, ``for layer in model.layers: layer.trainable = False``."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if node.attr == "trainable":
                return any(is_same(inner, holder) for inner in ast.walk(statement))
            if is_same(node.value, holder):
                return True
    return False


def setup_calls(home: Home, syntax: Syntax) -> list[ast.Call]:
    """``model.add(...)`` and other calls of its methods between construction and completion."""
    if not home.holder:
        return []
    between = [s for s in syntax.suite(home.built) if start(home.built) < start(s) <= start(home.ready)]
    return [call for statement in between for _, call in _methods(home.holder, statement)]
