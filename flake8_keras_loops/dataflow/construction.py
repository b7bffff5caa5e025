"""A model on its way from its construction to the statement after which it is complete: built and compiled."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from ..knowledge import effects
from ..knowledge.effects import COMPLETES, RUNS
from ..semantics import callgraph
from ..semantics.binding import arguments, parameter
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Loop, Scope
from ..semantics.syntax import Syntax, is_same
from ..semantics.values import Func


@dataclass(frozen=True, eq=False)
class Construction:
    """``call`` gives the model in the statement ``built``; it is complete after ``ready``.

    ``holder``: how it is called there, ``""`` where the call's value is used on the spot. ``function``: the node of the function,
    or module, that this is in. ``loop``: the innermost loop of that function around it, ``None`` in a function that a loop calls.
    ``compiles``: its ``compile()`` calls. ``path``: the calls and functions that lead from the loop to here.
    ``is_all``: the function calls none of another file that builds models too.
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
    is_all: bool = True

    @property
    def owner(self) -> Scope:
        """The scope whose names the function's statements see."""
        return self.scope.module.scope_of.get(self.function, self.scope.module.scope)


def handed_over(call: ast.Call, func: Func, name: str) -> Construction:
    """The model that a called function gets as a parameter: built and complete before its first statement."""
    first = func.scope.node.body[0]  # type: ignore[attr-defined]
    return Construction(call, func.scope, first, first, name, func.scope.node, None)


def completed(place: Construction, syntax: Syntax, interpreter: Interpreter | None = None) -> Construction:
    """``place`` with the statement after which the model is complete, and its ``compile()`` calls, also those in a function."""
    holder = place.holder
    ready = place.built
    compiles: list[ast.Call] = []
    first = [] if isinstance(place.built, (ast.Assign, ast.AnnAssign)) and place.built.value is place.call else [place.built]
    for statement in [*first, *syntax.after(place.built)]:
        called = methods(holder, statement)
        helper = _completing_call(holder, statement, place.scope, interpreter) if interpreter is not None else None
        if helper is not None:
            ready = statement
            compiles.append(helper)
            continue
        if _rebinds(holder, statement):
            if not isinstance(statement, (ast.For, ast.While, ast.If, ast.With, ast.Try)):
                break
        if any(effects.does(name, RUNS) for name, _ in called):
            break
        if any(effects.does(name, COMPLETES) for name, _ in called) or sets(holder, statement):
            ready = statement
            compiles += [call for name, call in called if name == "compile"]
    return replace(place, ready=ready, compiles=tuple(compiles))


def completing(call: ast.Call, model: ast.expr, scope: Scope, interpreter: Interpreter) -> tuple[Func, str] | None:
    """The function of the project that compiles the model that a call hands it, or adds to it, and does not run it.

    With it comes the parameter that gets the model; ``None`` where there is no such function.
    """
    func = callgraph.callee(call, scope, interpreter)
    name = parameter(call, func, model) if func is not None else None
    if func is None or name is None:
        return None
    called = [method for method, _ in methods(name, func.scope.node)]
    is_run = any(effects.does(each, RUNS) for each in called)
    return (func, name) if any(effects.does(each, COMPLETES) for each in called) and not is_run else None


def methods(holder: str, statement: ast.AST) -> list[tuple[str, ast.Call]]:
    """The methods of the model that a statement calls."""
    return [
        (node.func.attr, node)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_same(node.func.value, holder)
    ]


def sets(holder: str, statement: ast.AST) -> bool:
    """``model.trainable = False``, ``for layer in model.layers: layer.trainable = False``."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if node.attr == "trainable":
                return any(is_same(inner, holder) for inner in ast.walk(statement))
            if is_same(node.value, holder):
                return True
    return False


def _completing_call(holder: str, statement: ast.stmt, scope: Scope, interpreter: Interpreter) -> ast.Call | None:
    """The call of ``compile_model(model)`` or ``model = compile_model(model)``: a function of the project that compiles it."""
    call = statement.value if isinstance(statement, (ast.Expr, ast.Assign)) else None
    if not isinstance(call, ast.Call):
        return None
    if isinstance(statement, ast.Assign) and not (len(statement.targets) == 1 and is_same(statement.targets[0], holder)):
        return None
    given = [value for value in arguments(call) if is_same(value, holder)]
    return call if len(given) == 1 and completing(call, given[0], scope, interpreter) is not None else None


def _rebinds(holder: str, statement: ast.AST) -> bool:
    return any(is_same(node, holder) and isinstance(node.ctx, (ast.Store, ast.Del)) for node in ast.walk(statement))  # type: ignore[attr-defined]
