"""Where a model gets ready: the statement after which it is built and compiled, in the function that goes on to use it.

A loop may build its model itself, call a factory for it, or call a function that builds, trains and scores one. The fixes
stand where the model first has a holder (``model``, ``self.model``) and is complete.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from ..checks import messages
from ..dataflow.construction import Construction, completed, completing, methods
from ..dataflow.loops import body
from ..dataflow.unknown import is_unknown
from ..knowledge import attributes, effects, keras
from ..knowledge.effects import RUNS
from ..semantics import blocks, callgraph, classes
from ..semantics.binding import arguments, as_method
from ..semantics.scopes import CallSite, Loop, callee_name, start
from ..semantics.syntax import is_same, method_calls, syntax_of, walk
from ..semantics.values import NO_ENV, Api, Cls, Func, Obj, Values, leaves
from .plans import Case, ElsewhereError, RefusedError

_MAX_DEPTH = 4
_Path = tuple[tuple[ast.Call, Func], ...]


def find_constructions(case: Case) -> list[Construction]:
    """Where the models that one finding is about are made, usually one place. Raises :class:`RefusedError`."""
    site, search, loop = case.detection.site, case.detection.search, case.loop
    if effects.is_mapper(callee_name(site.node)):
        raise RefusedError("map() makes the calls, there is no loop body to write into")
    if search is None:
        return _constructions(site, loop, case, ())
    if not search.is_here:
        return constructions_in(search.function, case, ())
    if isinstance(search.function.scope.node, (ast.Lambda, ast.AsyncFunctionDef)):
        raise RefusedError("a lambda or coroutine builds the model")
    if site.loop is not search.loop:
        raise RefusedError("the model is built in a loop of its own, which ends after the first")
    return _constructions(site, None, case, ())


def _constructions(site: CallSite, loop: Loop | None, case: Case, path: _Path) -> list[Construction]:
    """``loop``: the one around the construction in its function. ``path``: leads to that function."""
    effect = case.examined.factories.of_call(site.node, site.scope)
    values = case.interpreter.eval(site.node, site.scope)
    is_guess = effect.is_guess and is_unknown(case.interpreter.callees(site.node, site.scope, NO_ENV))
    if effect.direct or is_guess or any(classes.is_keras_model(case.interpreter, value) for value in values) or not effect.builds:
        _check_factory(site, case)
        return [replace(_construction(site, loop, case), path=path)]
    if values and all(isinstance(value, Obj) and isinstance(value.of, Cls) for value in values):
        return _in_object(site, values, case, path)
    func = callgraph.callee(site.node, site.scope, case.interpreter)
    if func is None or len(path) > _MAX_DEPTH:
        raise RefusedError(f"it is not clear which function {ast.unparse(site.node.func)}() calls")
    return constructions_in(func, case, (*path, (site.node, func)))


def _in_object(site: CallSite, values: Values, case: Case, path: _Path) -> list[Construction]:
    """The constructions in the ``__init__`` of the class whose object a call makes, or in a method that this calls."""
    made = [value.of.scope for value in values if isinstance(value, Obj) and isinstance(value.of, Cls)]
    callees = case.interpreter.callees(site.node, site.scope, NO_ENV)
    is_known = callees == (Cls(made[0]),) and made[0].module is case.module and len(path) <= _MAX_DEPTH
    bound = [binding.node for binding in made[0].bindings.get("__init__", ())] if is_known else []
    if len(bound) != 1 or not isinstance(bound[0], ast.FunctionDef):
        raise RefusedError(f"the model is inside the object that {callee_name(site.node)}() makes")
    func = as_method(case.module.scope_of[bound[0]])
    return constructions_in(func, case, (*path, (site.node, func)))


def constructions_in(func: Func, case: Case, path: _Path) -> list[Construction]:
    """The constructions inside a function that a loop calls and that does not give the model back."""
    node, module = func.scope.node, case.module
    name = f"{getattr(node, 'name', 'a function')}()"
    if func.scope.module is not module:
        where = messages.where((func.scope.module.path, start(node)[0]), module.path)
        raise ElsewhereError(f"{name} ({where}) builds and uses the model", func, path)
    if isinstance(node, (ast.Lambda, ast.AsyncFunctionDef)) or func.scope.is_generator:
        raise RefusedError("a lambda, generator or coroutine builds the model")
    if callgraph.calls_itself(func.scope, case.interpreter):
        raise RefusedError(f"{name} calls itself, with a model of its own each time")
    sites: list[CallSite] = []
    for site in module.calls:
        if site.scope.function() is func.scope and site.loop is None:
            effect = case.examined.factories.of_call(site.node, site.scope)
            if effect.builds and not (effect.direct and blocks.only_called(site.node, node)):
                sites.append(site)
    if not sites:
        raise RefusedError(f"{name} builds the model in a place that is not followed")
    found: list[Construction] = []
    elsewhere: list[ElsewhereError] = []
    for site in sites:
        try:
            found += _constructions(site, None, case, path)
        except ElsewhereError as error:
            elsewhere.append(error)
    if elsewhere and not found:
        raise elsewhere[0] if len(elsewhere) == 1 else RefusedError(elsewhere[0].objection)
    return [replace(place, is_all=not elsewhere) for place in found]


def _check_factory(site: CallSite, case: Case) -> None:
    """A factory must hand out what it built as it is, and alone."""
    name = callee_name(site.node)
    for callee in leaves(case.interpreter.callees(site.node, site.scope, NO_ENV)):
        if isinstance(callee, Func) and not isinstance(callee.scope.node, ast.Lambda):
            if any(isinstance(returned, ast.Tuple) for returned in callee.scope.returns):
                raise RefusedError(f"{name}() returns more than the model")
            if any(effects.does(method, RUNS) for _, _, method in method_calls(ast.walk(callee.scope.node))):
                raise RefusedError(f"{name}() runs the model before it returns it")


def _construction(site: CallSite, loop: Loop | None, case: Case) -> Construction:
    syntax, call = case.syntax, _completed_call(site, case)
    built = syntax.statement(call)
    place = Construction(call, site.scope, built, built, _holder(call, built, case), syntax.function(call), loop)
    if not place.holder:
        if isinstance(syntax.parents[call], ast.Expr):
            raise RefusedError("what it builds is not used")
        return place
    place = completed(place, syntax, case.interpreter)
    for statement in body(loop) if loop else [built, *syntax.after(built)]:
        for name, method in methods(place.holder, statement):
            if name == "compile" and method not in place.compiles and start(method) > start(built):
                raise RefusedError("compile() is called again, or in a block of its own")
    return place


def _completed_call(site: CallSite, case: Case) -> ast.Call:
    """``compiled(build())`` of ``build()``, where that function hands on the model that it completes."""
    call = site.node
    for parent in case.syntax.above(call):
        if not isinstance(parent, ast.Call) or call not in parent.args:
            break
        func, name = completing(parent, call, site.scope, case.interpreter) or (None, "")
        if func is None or not func.scope.returns or not all(is_same(returned, name) for returned in func.scope.returns):
            break
        call = parent
    return call


def _holder(call: ast.Call, built: ast.stmt, case: Case) -> str:
    """``model`` of ``model = call``, ``""`` where the value goes elsewhere."""
    if not isinstance(built, (ast.Assign, ast.AnnAssign)) or built.value is not call:
        parent = case.syntax.parents[call]
        if isinstance(parent, ast.NamedExpr):
            raise RefusedError("it is assigned inside an expression")
        if isinstance(built, ast.Assign) and isinstance(parent, (ast.Tuple, ast.List)):
            raise RefusedError("it is assigned together with other values")
        return ""
    target, *others = built.targets if isinstance(built, ast.Assign) else [built.target]
    if others:
        raise RefusedError("it is assigned to several names at once")
    if isinstance(target, ast.Subscript):
        raise RefusedError("it is put into a collection")
    if isinstance(target, ast.Name) or (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)):
        return ast.unparse(target)
    raise RefusedError(f"it is assigned to {ast.unparse(target)}")


def has_input(place: Construction, case: Case, alone: bool = False) -> bool:
    """Whether the model is built when it is made: it has an input layer, or is told the shape of its input.

    ``alone``: whatever stands above the construction is about other models.
    """
    nodes: list[ast.AST] = [statement for statement in case.syntax.suite(place.built) if start(statement) <= start(place.ready)]
    if alone:
        nodes = [node for node in nodes if node is place.built or any(is_same(inner, place.holder) for inner in ast.walk(node))]
    factories, module = case.examined.factories, case.module
    callees = case.interpreter.callees(place.call, place.scope, NO_ENV)
    is_public = callees and all(isinstance(v, Api) and keras.last(v.name) not in keras.MODEL_CLASSES for v in callees)
    if is_public and factories.of_call(place.call, place.scope).direct:
        return True  # a ready-made architecture, a clone, a loaded model
    made = [call for call in ast.walk(place.call) if isinstance(call, ast.Call)]  # compiled(build())
    effects_ = [factories.of_call(call, place.scope) for call in made]
    for site in {site for effect in effects_ if not effect.is_guess for site in effect.sites}:
        other = module if site.path == module.path else case.interpreter.project.load(site.path)
        if other is None:
            return False
        definitions = [*syntax_of(other).every(ast.FunctionDef), *syntax_of(other).every(ast.ClassDef)]
        nodes += sorted((n for n in definitions if n.lineno <= site.line <= (n.end_lineno or 0)), key=start)[-1:]
    return any(isinstance(node, ast.Call) and _gives_input(node, node in made) for node in walk(nodes))


def _gives_input(call: ast.Call, is_construction: bool) -> bool:
    """``Input((4,))``, ``Dense(8, input_dim=4)``, ``Model(inputs, outputs)``, ``model.build((None, 4))``"""
    name = callee_name(call)
    if keras.has_input(name) or attributes.OF_INPUT & {keyword.arg for keyword in call.keywords}:
        return True
    if name == "build" and isinstance(call.func, ast.Attribute):
        return bool(arguments(call)) and not is_construction
    return name in {"Model", "Functional"} and len(call.args) >= 2
