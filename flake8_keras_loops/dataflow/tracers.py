"""Which calls and decorators make a traced function: ``tf.function(f)``, ``@jax.jit``, a factory that returns one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..knowledge import keras, tracing
from ..semantics.binding import argument, is_literal, keyword
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Module, Scope, callee_name, remembered
from ..semantics.syntax import spelling
from ..semantics.values import NO_ENV, Api, Args, Cls, Env, Func, Method, Obj, Partial, Value, Values
from .paths import BUILT
from .summaries import Effects, Factories, Site

_NONE = Effects()
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Making:
    """A call that makes a traced function; for ``@tf.function`` one that stands for the decorator.

    ``traced``: what it is made of. ``caches``: the same function is traced only once. ``name``: how it is spelled.
    """

    call: ast.Call
    scope: Scope
    traced: ast.expr | _Function
    caches: bool
    name: str


class Tracers(Factories):
    """Sums up calls by whether they make a traced function."""

    def __init__(self, interpreter: Interpreter) -> None:
        super().__init__(interpreter, frozenset(), frozenset())
        self.makings: dict[Site, Making] = {}
        self._applications: dict[ast.expr, ast.Call] = {}

    def matters(self, name: str) -> bool:
        """Whether calling a public function can have an effect."""
        return keras.is_mapper(name)

    def applied(self, decorator: ast.expr) -> ast.Call:
        """What a decorator does to its function: ``@f`` is a call of ``f``; ``@f(x)`` stays the call that it is."""
        if isinstance(decorator, ast.Call):
            return decorator
        return self._applications.setdefault(decorator, ast.copy_location(ast.Call(decorator, [], []), decorator))

    def making(self, call: ast.Call, scope: Scope, env: Env = NO_ENV) -> Making | None:
        """What a call makes, if it makes a traced function."""
        decorated = _decorated(scope.module)
        function = decorated.get(call) or decorated.get(call.func)
        maker = call.func if isinstance(call.func, ast.Call) and not call.func.args else call  # tf.function(jit_compile=True)(f)
        values = [value for value in self.interpreter.callees(maker, scope, env) if not isinstance(value, Obj)]
        if function is not None and not any(names_of_tracers(values)):  # @partial(jax.jit, static_argnums=0)
            values = [value for value in self.interpreter.eval(call, scope, env) if isinstance(value, Partial)]
        names = list(names_of_tracers(values))
        if not names:
            return _step(call, scope)
        traced = function or argument(call, 0, "") or keyword(call, *tracing.FUNCTION_ARGUMENTS)
        if traced is None:
            return None
        spelled = spelling(_named(call))
        name = spelled if function is None else f"@{spelled[:-2]}"
        return Making(call, scope, traced, all(map(tracing.traces_once, names)), name)

    def _of_callees(self, call: ast.Call, scope: Scope, env: Env, callees: Values | None) -> Effects:
        making = self.making(call, scope, env)
        if making is None:
            return super()._of_callees(call, scope, env, callees)
        if making.caches and not self._may_be_new(making, env):
            return _NONE
        site = Site(scope.module.path, call.lineno, making.name)
        self.makings[site] = making
        return Effects(BUILT, (site,), direct=True)

    def _may_be_new(self, making: Making, env: Env) -> bool:
        """Whether what is traced may be another object each time."""
        traced, scope = making.traced, making.scope
        if isinstance(traced, ast.Name):
            owner = scope.owner(traced.id)
            if owner is None or owner not in (scope, scope.function()):
                return False
            return any(b.kind == "def" or isinstance(b.expr, (ast.Lambda, ast.Call)) for b in owner.bindings[traced.id])
        if isinstance(traced, ast.Attribute):
            values = self.interpreter.eval(traced, scope, env)
            return any(isinstance(value, Func) and value.receiver is not None for value in values)
        if isinstance(traced, ast.Call):
            return any(isinstance(value, (Api, Func)) for value in self.interpreter.callees(traced, scope, env))
        return True

    def _of_method(self, method: Method, here: Site | None) -> Effects:
        return _NONE

    def _of_class(self, cls: Cls, args: Args, here: Site | None) -> Effects:
        return _NONE  # a new object has traced functions of its own


@remembered
def _decorated(module: Module) -> dict[ast.expr, _Function]:
    """The functions of a module by their decorators."""
    return {decorator: node for decorator, _, node, _ in module.decorated if not isinstance(node, ast.ClassDef)}


def names_of_tracers(values: Iterable[Value]) -> Iterator[str]:
    """The public names among some values that make a traced function."""
    for value in values:
        called = value.func if isinstance(value, Partial) else value.of if isinstance(value, Obj) else value
        if isinstance(called, Api) and tracing.traces(called.name):
            yield called.name


def _named(call: ast.Call) -> ast.Call:
    """``partial(jax.jit, static_argnums=0)`` goes by the name of ``jax.jit``."""
    inner = call.func if isinstance(call.func, ast.Call) else call
    if callee_name(inner) == "partial" and inner.args:
        return ast.copy_location(ast.Call(inner.args[0], [], []), call)
    return call


def _step(call: ast.Call, scope: Scope) -> Making | None:
    """``model.make_train_function(force=True)``"""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in tracing.MAKERS_OF_STEPS:
        return None
    return Making(call, scope, call.func.value, False, spelling(call)) if is_literal(argument(call, 0, "force"), True) else None
