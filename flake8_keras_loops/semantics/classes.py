"""Classes of the project: what they derive from, and what their attributes hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..knowledge import keras
from .scopes import Binding
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


def member(interpreter: Interpreter, cls: Cls, name: str, receiver: Obj | None, skip: int = 0) -> Values:
    """Values of an attribute of a class, or of ``receiver``, an instance. ``skip``: how many classes ``super()`` passes over."""
    for base in lineage(interpreter, cls)[skip:]:
        if isinstance(base, Api):
            continue
        defined = [
            (_bound(value, binding, receiver or base),)
            for binding in base.scope.bindings.get(name, ())
            for value in interpreter.binding(binding, base.env)
        ]
        stored = [_stored(interpreter, binding, receiver or Obj(base)) for binding in base.scope.attributes.get(name, ())]
        if values := union([*defined, *stored]):
            return values
    return ()


def overrides(interpreter: Interpreter, cls: Cls, name: str) -> Values:
    """What subclasses in the linted file fill in for a method that a class leaves to them."""
    scopes = [scope for scope in interpreter.root.scope_of.values() if scope.kind == "class" and scope is not cls.scope]
    children = [child for child in map(Cls, scopes[:_MAX_CLASSES]) if cls in lineage(interpreter, child)]
    return union(member(interpreter, child, name, Obj(child)) for child in children)


def _bound(value: Value, binding: Binding, receiver: Obj | Cls) -> Value:
    if not isinstance(value, Func) or binding.kind != "def":
        return value
    names = {name.id for name in binding.node.decorator_list if isinstance(name, ast.Name)}  # type: ignore[union-attr]
    if "staticmethod" in names:
        return value
    if "classmethod" in names and isinstance(receiver, Obj):
        assert isinstance(receiver.of, Cls)
        return Func(value.scope, value.env, receiver.of)
    if isinstance(receiver, Cls) and "classmethod" not in names:
        return value
    return Func(value.scope, value.env, receiver)


def _stored(interpreter: Interpreter, binding: Binding, receiver: Obj) -> Values:
    """What a method stored in an attribute, with the constructor's arguments where they are known."""
    method = binding.scope
    node = method.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    env = NO_ENV
    if isinstance(node, ast.FunctionDef) and node.name == "__init__" and receiver.init is not None:
        env = receiver.init
    first = next(iter((*node.args.posonlyargs, *node.args.args)), None)
    if first is not None:
        bound = dict(next((f[1] for f in env.frames if f[0] is method), ()))
        if bound or env is receiver.init:
            env = env.with_frame(method, {**bound, first.arg: (receiver,)}.items())
    return interpreter.binding(binding, env)
