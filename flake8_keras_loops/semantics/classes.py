"""Classes of the project: what they derive from, and what their attributes hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..knowledge import keras, searches
from .scopes import Binding, Module, Scope, callee_name, method_kind, receiver, remembered
from .values import MODEL, NO_ENV, Api, Args, Cls, Env, Estimator, Func, Method, Obj, Value, Values, union

if TYPE_CHECKING:
    from .interpreter import Interpreter

_MAX_BASES = 50
_MAX_CLASSES = 200
_MAX_SUPER = 5


def lineage(interpreter: Interpreter, cls: Cls) -> list[Cls | Api]:
    """A class and all that it derives from, nearest first."""
    known = interpreter.lineages.get(cls)
    if known is not None:
        return known
    interpreter.lineages[cls] = [cls]  # for a class that derives from itself
    seen: dict[Cls | Api, None] = {}
    queue: list[Value] = [cls]
    while queue and len(seen) < _MAX_BASES:
        value = queue.pop(0)
        if isinstance(value, (Cls, Api)) and value not in seen:
            seen[value] = None
            if isinstance(value, Cls):
                queue.extend(_bases(interpreter, value))
    interpreter.lineages[cls] = list(seen)
    return interpreter.lineages[cls]


def _bases(interpreter: Interpreter, cls: Cls) -> Values:
    node = cls.scope.node
    assert isinstance(node, ast.ClassDef)
    outer = cls.scope.parent or cls.scope
    return union(interpreter.eval(base, outer, cls.env) for base in node.bases)


def is_model(interpreter: Interpreter, cls: Cls | Api) -> bool:
    """Whether a class is a subclass of ``keras.Model``."""
    family = lineage(interpreter, cls) if isinstance(cls, Cls) else [cls]
    return any(isinstance(base, Api) and keras.is_model_class(base.name) for base in family)


def is_keras_model(interpreter: Interpreter, value: Value) -> bool:
    """Whether a value is a Keras model: one of Keras' own, or of a subclass in the project."""
    return value == MODEL or (isinstance(value, Obj) and isinstance(value.of, Cls) and is_model(interpreter, value.of))


def is_layer(interpreter: Interpreter, cls: Cls) -> bool:
    """Whether a class is a subclass of ``keras.layers.Layer`` and not a model."""
    family = lineage(interpreter, cls)
    return any(isinstance(b, Api) and keras.is_layer_class(b.name) for b in family) and not is_model(interpreter, cls)


def is_traced_class(interpreter: Interpreter, cls: Cls) -> bool:
    """Whether the methods of a class may be traced: it derives from something of Keras that is no callback."""
    names = [base.name for base in lineage(interpreter, cls) if isinstance(base, Api)]
    return any(name.startswith(("keras.", "tensorflow.")) and "callbacks" not in name for name in names)


def inherited(interpreter: Interpreter, cls: Cls, name: str) -> Values:
    """What a class has from a public one that builds models: a wrapper for scikit-learn, or a tuner."""
    bases = [base for base in lineage(interpreter, cls) if isinstance(base, Api)]
    if any(searches.is_wrapper(base.name) for base in bases):
        build = union(member(interpreter, cls, method, Obj(cls)) for method in searches.BUILD_METHODS)
        return (Method(Estimator(build), name),)
    return tuple(Method(Obj(base), name) for base in bases if keras.builds_by(base.name, name))


def remote(interpreter: Interpreter, value: Func | Cls) -> Values:
    """What ``value.remote`` calls, in a worker process: the function, the method of an actor, or what makes an actor."""
    owner = value.receiver.of if isinstance(value, Func) and isinstance(value.receiver, Obj) else value
    if not isinstance(owner, (Func, Cls)):
        return ()
    outer = owner.scope.parent or owner.scope
    for decorator in getattr(owner.scope.node, "decorator_list", ()):
        options = {keyword.arg for keyword in decorator.keywords} if isinstance(decorator, ast.Call) else set()
        made = interpreter.eval(decorator.func if isinstance(decorator, ast.Call) else decorator, outer)
        if any(isinstance(each, Api) and searches.runs_remotely(each.name) for each in made):
            if isinstance(value, Cls):
                return (Method(Obj(value), searches.REMOTE_CALL),)
            return () if owner is value and options.intersection(searches.USES_PROCESS_ONCE) else (value,)
    return ()


def is_metric(interpreter: Interpreter, cls: Cls) -> bool:
    """Whether a class is a subclass of one of Keras' metrics."""
    return any(isinstance(base, Api) and keras.is_metric_class(base.name) for base in lineage(interpreter, cls))


def member(interpreter: Interpreter, cls: Cls, name: str, instance: Obj | None, skip: int = 0) -> Values:
    """Values of an attribute of a class, or of ``instance``. ``skip``: how many classes ``super()`` passes over."""
    for base in lineage(interpreter, cls)[skip:]:
        if isinstance(base, Api):
            continue
        given = instance.init.lookup(base.scope, name) if instance is not None and instance.init is not None else None
        if given:
            return given
        defined = [
            (_bound(value, binding, instance or base),)
            for binding in base.scope.bindings.get(name, ())
            for value in interpreter.binding(binding, base.env)
        ]
        stored = [_stored(interpreter, binding, instance or Obj(base)) for binding in base.scope.attributes.get(name, ())]
        if values := union([*defined, *stored]):
            return values
    return ()


def stores(interpreter: Interpreter, cls: Cls, name: str) -> list[Binding]:
    """All that the methods of a class, and of those that it derives from, store in an attribute."""
    family = (base for base in lineage(interpreter, cls) if isinstance(base, Cls))
    return [binding for base in family for binding in base.scope.attributes.get(name, ())]


def is_set_outside(module: Module, name: str) -> bool:
    """Whether a file sets an attribute of that name of something else than ``self``."""
    return name in _set_outside(module)


@remembered
def _set_outside(module: Module) -> frozenset[str]:
    nodes = (node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return frozenset(node.attr for node in nodes if not (isinstance(node.value, ast.Name) and node.value.id == "self"))


def of_super(interpreter: Interpreter, name: str, scope: Scope, env: Env) -> Values:
    """What ``super().name`` is in a method."""
    class_scope = scope.enclosing_class()
    if class_scope is None:
        return ()
    cls = Cls(class_scope)
    method = scope.function()
    me = env.lookup(method, next(iter(method.bindings), "")) or ()
    return member(interpreter, cls, name, next((value for value in me if isinstance(value, Obj)), Obj(cls)), skip=1)


def of_fields(interpreter: Interpreter, cls: Cls, args: Args) -> Env | None:
    """What a constructor that nobody wrote, as that of a dataclass, makes of its arguments: the annotated names of the class."""
    for base in lineage(interpreter, cls):
        body: list[ast.stmt] = base.scope.node.body if isinstance(base, Cls) else []  # type: ignore[attr-defined]
        names = [each.target.id for each in body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
        if names and isinstance(base, Cls):
            return NO_ENV.with_frame(base.scope, {**dict(zip(names, args.positional)), **dict(args.keywords)}.items())
    return None


def overrides(interpreter: Interpreter, cls: Cls, name: str) -> Values:
    """What subclasses in the linted file fill in for a method that a class leaves to them."""
    children = (
        child for child in _of_module(interpreter.root) if child.scope is not cls.scope and cls in lineage(interpreter, child)
    )
    return union(member(interpreter, child, name, Obj(child)) for child in children)


def family(interpreter: Interpreter, cls: Cls) -> list[Cls]:
    """A class and those of its module that derive from it."""
    return [cls, *(each for each in _of_module(cls.scope.module) if each != cls and cls in lineage(interpreter, each))]


@remembered
def is_registry(module: Module) -> bool:
    """Whether a module puts arguments of its functions into collections of its own, or of its classes."""
    places = [
        names for scope in module.scope_of.values() if scope.kind != "function" for names in (scope.bindings, scope.attributes)
    ]
    items = (each for names in places for found in names.values() for each in found if each.kind == "item")
    return any(
        isinstance(each.expr, ast.Name) and any(b.kind == "param" for b in each.scope.bindings.get(each.expr.id, ()))
        for each in items
    )


@remembered
def _of_module(module: Module) -> list[Cls]:
    return [Cls(scope) for scope in module.scope_of.values() if scope.kind == "class"][:_MAX_CLASSES]


def _bound(value: Value, binding: Binding, owner: Obj | Cls) -> Value:
    if not isinstance(value, Func) or binding.kind != "def":
        return value
    kind = method_kind(binding.node)
    if kind == "staticmethod" or (isinstance(owner, Cls) and not kind):
        return value
    return Func(value.scope, value.env, owner.of if isinstance(owner, Obj) and kind else owner)


def _stored(interpreter: Interpreter, binding: Binding, instance: Obj) -> Values:
    """What a method stored in an attribute, with the constructor's arguments where they are known."""
    method = binding.scope.function()
    init = instance.init if getattr(method.node, "name", "") == "__init__" else None
    env = init or NO_ENV
    bound = dict(next((values for frame, values in env.frames if frame is method), ()))
    first = receiver(method.node)
    if first and init is not None:
        if not bound:
            env = _handed_up(interpreter, init, method) or env
            bound = dict(next((values for frame, values in env.frames if frame is method), ()))
        env = env.with_frame(method, {**bound, first: (instance,)}.items())
    return interpreter.binding(binding, env)


def _handed_up(interpreter: Interpreter, init: Env, method: Scope, depth: int = 0) -> Env | None:
    """How the parameters of a base class's ``__init__`` were bound by that of a class derived from it."""
    scope = init.frames[-1][0] if init.frames else None
    if scope is None or scope.kind != "function" or depth > _MAX_SUPER:
        return None
    for call, where, _ in scope.module.calls_within(scope.node):
        if callee_name(call) != method.node.name or where.function() is not scope:  # type: ignore[attr-defined]
            continue
        for callee in interpreter.callees(call, where, init):
            if isinstance(callee, Func):
                env = interpreter.bind(callee, interpreter.arguments(call, where, init))
                found = env if callee.scope is method else _handed_up(interpreter, env, method, depth + 1)
                if found is not None:
                    return found
    return None
