"""Classes of the project: what they derive from, and what their attributes hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..knowledge import keras
from .scopes import Binding, Module, method_kind, receiver, remembered
from .values import MODEL, NO_ENV, Api, Cls, Func, Obj, Value, Values, union

if TYPE_CHECKING:
    from .interpreter import Interpreter

_MAX_BASES = 50
_MAX_CLASSES = 200


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


def is_metric(interpreter: Interpreter, cls: Cls) -> bool:
    """Whether a class is a subclass of one of Keras' metrics."""
    return any(isinstance(base, Api) and keras.is_metric_class(base.name) for base in lineage(interpreter, cls))


def member(interpreter: Interpreter, cls: Cls, name: str, instance: Obj | None, skip: int = 0) -> Values:
    """Values of an attribute of a class, or of ``instance``. ``skip``: how many classes ``super()`` passes over."""
    for base in lineage(interpreter, cls)[skip:]:
        if isinstance(base, Api):
            continue
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


def overrides(interpreter: Interpreter, cls: Cls, name: str) -> Values:
    """What subclasses in the linted file fill in for a method that a class leaves to them."""
    children = (
        child for child in _of_module(interpreter.root) if child.scope is not cls.scope and cls in lineage(interpreter, child)
    )
    return union(member(interpreter, child, name, Obj(child)) for child in children)


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
        env = env.with_frame(method, {**bound, first: (instance,)}.items())
    return interpreter.binding(binding, env)
