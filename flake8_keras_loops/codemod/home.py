"""Where a model gets ready: the statement after which it is built and compiled, in the function that goes on to use it.

A loop may build its model itself, call a factory for it, or call a function that builds, trains and scores one. The fixes
stand where the model first has a holder (``model``, ``self.model``) and is complete.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from ..analysis import blocks, classes
from ..analysis.detect import Detection, Examined
from ..analysis.loops import MAPPERS, body
from ..analysis.scopes import CallSite, Loop, Scope, callee_name, start
from ..analysis.values import MODEL, NO_ENV, Cls, Func, Obj, Values, leaves
from .syntax import Syntax, is_same

#: Methods that run the model: what is compiled for it is used from here on.
RUNNING = frozenset(
    {"fit", "fit_generator", "evaluate", "evaluate_generator", "predict", "predict_generator", "predict_classes"}
    | {"predict_proba", "train_on_batch", "test_on_batch", "predict_on_batch"}
)
_MAX_DEPTH = 4


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
    return _homes(detection.site, detection.loop, examined, syntax, ())


def _homes(
    site: CallSite, loop: Loop | None, examined: Examined, syntax: Syntax, path: tuple[tuple[ast.Call, Func], ...]
) -> list[Home]:
    factories = examined.factories
    effects = factories.of_call(site.node, site.scope)
    values = factories.resolver.eval(site.node, site.scope)
    if effects.direct or _is_model(values, examined) or not effects.builds:
        _check_factory(site, examined)
        return [replace(_home(site, loop, syntax), path=path)]
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
        raise NoFixError(
            f"{getattr(node, 'name', 'a function')}() in {func.scope.module.path} builds and uses the model: fix it there"
        )
    if isinstance(node, ast.Lambda) or func.scope.is_generator:
        raise NoFixError("a lambda or generator builds the model")
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


def _home(site: CallSite, loop: Loop | None, syntax: Syntax) -> Home:
    call = site.node
    function = syntax.function(call)
    built = syntax.statement(call)
    holder = _holder(call, built, syntax)
    if not holder:
        if isinstance(syntax.parents[call], ast.Expr):
            raise NoFixError("what it builds is not used")
        return Home(call, site.scope, built, built, "", function, loop)
    ready, compiles = _ready(holder, built, syntax, body(loop) if loop else [built, *syntax.after(built)])
    return Home(call, site.scope, built, ready, holder, function, loop, compiles)


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


def _ready(holder: str, built: ast.stmt, syntax: Syntax, region: list[ast.stmt]) -> tuple[ast.stmt, tuple[ast.Call, ...]]:
    """The statement after which the model is complete, and its ``compile()`` calls."""
    following = syntax.after(built)
    ready = built
    compiles: list[ast.Call] = []
    for statement in following:
        methods = _methods(holder, statement)
        if _rebinds(holder, statement):
            if not isinstance(statement, (ast.For, ast.While, ast.If, ast.With, ast.Try)):
                break
        if any(name in RUNNING for name, _ in methods):
            break
        if any(name in {"compile", "add", "build", "pop"} for name, _ in methods) or _sets(holder, statement):
            ready = statement
            compiles += [call for name, call in methods if name == "compile"]
    everywhere = [call for statement in region for name, call in _methods(holder, statement) if name == "compile"]
    for call in everywhere:
        if call not in compiles and start(call) > start(built):
            raise NoFixError("compile() is called again, or in a block of its own")
    return ready, tuple(compiles)


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
