"""Calls: how arguments meet parameters, and what comes back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..knowledge import keras, lookups, modes, searches
from . import branches, classes, collections_, public
from .scopes import Module, Scope, inside, method_kind, receiver, start
from .values import (
    HISTORY,
    LAYER,
    MODEL,
    NO_ENV,
    TENSOR,
    Api,
    Args,
    Cls,
    Const,
    Env,
    Estimator,
    Func,
    Items,
    Method,
    Mod,
    Names,
    Obj,
    Partial,
    Value,
    Values,
    leaves,
    union,
)

if TYPE_CHECKING:
    from .interpreter import Interpreter

_MAX_CALL_SITES = 60
_MAX_CONTEXTS = 10
_UNKNOWN: Values = ()


def bind(interpreter: Interpreter, func: Func, args: Args) -> Env:
    """The environment in which a function runs when it is called with these arguments."""
    spec: ast.arguments = func.scope.node.args  # type: ignore[attr-defined]
    positional = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args)]
    only_named = [parameter.arg for parameter in spec.kwonlyargs]
    named = {*positional, *only_named}
    given = ((func.receiver,), *args.positional) if func.receiver is not None else args.positional
    bound: dict[str, Values] = dict(zip(positional, given))
    more = given[len(positional) :]
    if spec.vararg and (not args.open or more):
        bound[spec.vararg.arg] = (Items(more, exact=not args.open),)
    bound.update((name, values) for name, values in args.keywords if name in named)
    extra = {name: values for name, values in args.keywords if name not in named}
    if spec.kwarg and (not args.open or extra):
        bound[spec.kwarg.arg] = (Items(tuple(extra.values()), not args.open, tuple(extra)),)
    if not args.open:
        defaults = [*zip(reversed(positional), reversed(spec.defaults)), *zip(only_named, spec.kw_defaults)]
        for name, default in defaults:
            if name not in bound and default is not None:
                bound[name] = interpreter.eval(default, func.scope.parent or func.scope, func.env)
    env = func.env.with_frame(func.scope, ((name, _of_interest(values)) for name, values in bound.items()))
    seen = interpreter.contexts.setdefault(func.scope, set())
    if env not in seen and len(seen) >= _MAX_CONTEXTS:
        # from here on calls are told apart by their literals alone, and then not at all
        receiver = Obj(func.receiver.of) if isinstance(func.receiver, Obj) else func.receiver
        own: dict[str, Values] = {positional[0]: (receiver,)} if receiver is not None and positional else {}
        literals = {name: tuple(value for value in values if isinstance(value, Const)) for name, values in bound.items()}
        env = func.env.with_frame(func.scope, {**literals, **own}.items())
        if env not in seen and len(seen) >= 2 * _MAX_CONTEXTS:
            return func.env.with_frame(func.scope, own.items())
    seen.add(env)
    return env


def _of_interest(values: Values) -> Values:
    """Arguments that can change what a function builds; the rest is dropped, to share answers between calls."""
    return tuple(
        value
        for value in values
        if not (isinstance(value, Obj) and isinstance(value.of, Api))
        or value.of.name.startswith("keras.")
        or modes.is_other_library(value.of.name)
    )


def cannot_matter(interpreter: Interpreter, func: Func, args: Args) -> bool:
    """Whether a function has nothing to do with Keras: its module does not lead to Keras, nor do the arguments."""
    module = func.scope.module
    if module is interpreter.root or interpreter.project.leads_to_keras(module.path):
        return False
    if classes.is_registry(module) and interpreter.importers(module):  # others put their functions into it
        return False
    given = [*args.positional, *(values for _, values in args.keywords)]
    if isinstance(func.receiver, Obj) and func.receiver.init is not None:
        given += [values for _, bound in func.receiver.init.frames for _, values in bound]
    return all(isinstance(value, (Const, Mod)) or _is_plain(value) for values in given for value in leaves(values))


def _is_plain(value: Value) -> bool:
    """An object that is not from Keras, or a name that builds nothing."""
    if isinstance(value, Api):
        return not keras.builds(value.name)
    return isinstance(value, Obj) and isinstance(value.of, Api) and not value.of.name.startswith("keras.")


def result(interpreter: Interpreter, callee: Value, args: Args) -> Values:
    """What calling a value may return."""
    if isinstance(callee, Api):
        return _api_result(interpreter, callee.name, args)
    if isinstance(callee, Func):
        return _returned(interpreter, callee, args)
    if isinstance(callee, Cls):
        init = constructor(interpreter, callee)
        return (Obj(callee, classes.of_fields(interpreter, callee, args) if init is None else bind(interpreter, init, args)),)
    if isinstance(callee, Partial):
        return result(interpreter, callee.func, callee.args.before(args))
    if isinstance(callee, Method):
        return _method_result(interpreter, callee, args)
    if isinstance(callee, Obj):
        return _instance_result(interpreter, callee, args)
    return _UNKNOWN


def constructor(interpreter: Interpreter, cls: Cls) -> Func | None:
    """The ``__init__`` that runs when a class is called, if the project has one; its receiver is left open."""
    for value in interpreter.member(cls, "__init__"):
        if isinstance(value, Func):
            return Func(value.scope, value.env, Obj(cls))
    return None


def _api_result(interpreter: Interpreter, name: str, args: Args) -> Values:
    if keras.is_mapper(name):
        each = Args((collections_.elements(args.get(1, "")),))
        return (Items((union(result(interpreter, f, each) for f in args.get(0, "")),), exact=False),)
    if lookups.makes_filled_dict(name):
        made = union(result(interpreter, factory, Args()) for factory in args.get(0, ""))
        return (Items((made,), exact=False, keys=()),)
    return public.result(interpreter, name, args)


def _returned(interpreter: Interpreter, func: Func, args: Args) -> Values:
    if func.scope.is_generator or cannot_matter(interpreter, func, args):
        return _UNKNOWN
    env = bind(interpreter, func, args)
    return union(interpreter.eval(value, func.scope, env) for value in live_returns(interpreter, func.scope, env))


def live_returns(interpreter: Interpreter, scope: Scope, env: Env) -> Iterator[ast.expr]:
    """The values that a function may return, without branches that the arguments rule out."""
    ruled_out = branches.dead(interpreter, scope, env)
    return (value for value in scope.returns if not any(inside(start(value), part) for part in ruled_out))


def _method_result(interpreter: Interpreter, method: Method, args: Args) -> Values:
    owner = method.owner
    if isinstance(owner, Items):
        return collections_.call_method(owner, method.name, args)
    if isinstance(owner, Estimator):
        return (owner,) if searches.gives_itself(method.name) else _UNKNOWN
    if isinstance(owner, Names):  # globals().get("build")
        return public.named(interpreter, (owner,), args.get(0, "")) if lookups.looks_up(method.name) else _UNKNOWN
    if owner == MODEL:
        if keras.makes_model(method.name) or method.name == "copy":
            return (MODEL,)
        if method.name in {"fit", "fit_generator"}:
            return (HISTORY,)
        return (LAYER,) if method.name in {"get_layer", "pop"} else _UNKNOWN
    if isinstance(owner.of, Cls):  # Actor.remote()
        return result(interpreter, owner.of, args)
    return (Obj(Api(f"{owner.of.name}.{method.name}")),) if modes.is_other_library(owner.of.name) else _UNKNOWN


def subscript(interpreter: Interpreter, node: ast.Subscript, scope: Scope, env: Env) -> Values:
    """What ``x[key]`` may give: of a collection, of the names of a module, or of an object with a method for it."""
    owners = interpreter.eval(node.value, scope, env)
    if isinstance(node.slice, ast.Slice) or not owners:
        return owners
    found = [collections_.subscript(owners, branches.settled(interpreter, node.slice, scope, env))]
    for owner in owners:
        if isinstance(owner, Obj) and isinstance(owner.of, Cls):
            args = Args((interpreter.eval(node.slice, scope, env),))
            found += (result(interpreter, method, args) for method in interpreter.member(owner, "__getitem__"))
        elif isinstance(owner, Names):
            found.append(public.named(interpreter, (owner,), interpreter.eval(node.slice, scope, env)))
        elif isinstance(owner, Api) and lookups.is_modules(owner.name):
            found.append(public.imported(interpreter, scope.module, Args((interpreter.eval(node.slice, scope, env),))))
    return union(found)


def _instance_result(interpreter: Interpreter, callee: Obj, args: Args) -> Values:
    is_keras = callee in (MODEL, LAYER)
    if isinstance(callee.of, Cls):
        called = interpreter.member(callee, "__call__")
        if called and not all(isinstance(value, Method) for value in called):
            return union(result(interpreter, value, args) for value in called)
        is_keras = classes.is_model(interpreter, callee.of) or classes.is_layer(interpreter, callee.of)
    return (TENSOR,) if is_keras and public.has_tensor(args) else _UNKNOWN


def values_at_call_sites(interpreter: Interpreter, scope: Scope, name: str) -> Values:
    """What a parameter may be, judged by the calls in the same module and in those that are known to call functions of it: for
    functions that are looked at by themselves.

    Literals are left out: that every call here passes ``False`` does not mean that nobody passes ``True``.
    """
    node = scope.node
    if isinstance(node, ast.Lambda):
        return _UNKNOWN
    called_as: list[str] = [node.name]  # type: ignore[attr-defined]
    cls = Cls(scope.parent) if scope.parent is not None and scope.parent.kind == "class" else None
    if cls is not None:
        kind = method_kind(node)
        if receiver(node) == name and kind != "staticmethod":
            return (cls,) if kind or called_as == ["__new__"] else (Obj(cls),)
        if called_as == ["__init__"]:  # through the class, one derived from it, or super()
            called_as += [each.scope.node.name for each in classes.family(interpreter, cls)]  # type: ignore[attr-defined]
    envs = [*_calls_of(interpreter, scope, called_as), *_decorations(interpreter, scope)]
    if not envs and (values := _fixture(interpreter, scope, name)):
        return values
    envs = envs or [bind(interpreter, Func(scope), Args())]
    return tuple(value for value in union(env.lookup(scope, name) or () for env in envs) if not isinstance(value, Const))


def _calls_of(interpreter: Interpreter, scope: Scope, called_as: list[str]) -> Iterator[Env]:
    """The environments in which a function runs in the calls of its module, and of those that are known to call it."""
    sites = [site for name in called_as for site in scope.module.calls_named(name)][:_MAX_CALL_SITES]
    for module in interpreter.callers:
        names = {local for name in called_as for local in _names_for(name, module)} if module is not scope.module else ()
        for name in sorted(names):
            sites = [*sites, *module.calls_named(name)[:_MAX_CALL_SITES]]
    for call, where, _ in sites:
        for callee in interpreter.callees(call, where, NO_ENV):
            func = constructor(interpreter, callee) if isinstance(callee, Cls) else callee
            if isinstance(func, Func) and func.scope is scope:
                yield bind(interpreter, func, interpreter.arguments(call, where, NO_ENV))


def _names_for(name: str, module: Module) -> list[str]:
    """What a module may call a function of another one: ``run`` after ``from folds import run_fold as run``."""
    names = {name}
    for scope in module.scope_of.values():
        for local, bindings in scope.bindings.items():
            if any(binding.kind == "import" and binding.target.rpartition(":")[2] == name for binding in bindings):
                names.add(local)
    return sorted(names)


def _fixture(interpreter: Interpreter, scope: Scope, name: str) -> Values:
    """What a test gets for a parameter that is named as a fixture of its module."""
    found: list[Values] = []
    for binding in scope.module.scope.bindings.get(name, ()):
        decorators = [d for d, _, node, _ in scope.module.decorated if node is binding.node]
        names = [v for d in decorators for v in interpreter.eval(d.func if isinstance(d, ast.Call) else d, scope.module.scope)]
        if any(isinstance(value, Api) and lookups.is_fixture(value.name) for value in names) and binding.node is not scope.node:
            found += (result(interpreter, value, Args()) for value in interpreter.binding(binding, NO_ENV))
    return union(found)


def _decorations(interpreter: Interpreter, scope: Scope) -> Iterator[Env]:
    """The environments in which a function runs as a decorator: ``@register`` is a call with what it decorates."""
    decorated = scope.module.decorated
    returned = (value.id for value in scope.returns if isinstance(value, ast.Name))
    handed_back = any(b.kind in {"param", "def"} for name in returned for b in scope.bindings.get(name, ()))
    if handed_back and classes.is_registry(scope.module):  # a decorator gives back what it is given, or a function
        decorated = [*decorated, *(each for module in interpreter.importers(scope.module) for each in module.decorated)]
    for decorator, where, binding, _ in decorated[:_MAX_CALL_SITES]:
        for callee in interpreter.eval(decorator, where):
            if isinstance(callee, Func) and callee.scope is scope:
                inner = where.module.scope_of[binding]
                value: Value = Cls(inner) if isinstance(binding, ast.ClassDef) else Func(inner)
                yield bind(interpreter, callee, Args(((value,),)))
