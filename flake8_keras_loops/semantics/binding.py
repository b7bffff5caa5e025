"""Which argument of a call meets which parameter of a function: by their expressions, nothing is evaluated."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .scopes import Scope, parameters
from .values import Cls, Func, Obj


def arguments(call: ast.Call) -> list[ast.expr]:
    """The expressions that a call hands over, in the order of the text; ``*xs`` as it is."""
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def positional(func: Func) -> list[str]:
    """The parameters that positional arguments meet; not that of the receiver, if the function has one."""
    spec: ast.arguments = func.scope.node.args  # type: ignore[attr-defined]
    return [parameter.arg for parameter in (*spec.posonlyargs, *spec.args)][func.receiver is not None :]


def given(call: ast.Call, func: Func) -> dict[str, ast.expr]:
    """The arguments of a call by the parameters that they meet. What stands behind a ``*`` or in ``**`` is not in it."""
    found: dict[str, ast.expr] = {}
    for name, value in zip(positional(func), call.args):
        if isinstance(value, ast.Starred):
            break
        found[name] = value
    declared = {parameter.arg for parameter in parameters(func.scope.node.args)}  # type: ignore[attr-defined]
    found.update((keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg in declared)
    return found


def default(function: Scope, name: str) -> ast.expr | None:
    """The default value of a parameter, ``None`` where it has none."""
    spec: ast.arguments = function.node.args  # type: ignore[attr-defined]
    positional = [*spec.posonlyargs, *spec.args]
    pairs = [*zip(positional[len(positional) - len(spec.defaults) :], spec.defaults), *zip(spec.kwonlyargs, spec.kw_defaults)]
    return next((value for parameter, value in pairs if parameter.arg == name), None)


def as_method(function: Scope) -> Func:
    """A function as calls see it: through an object, if it is a method."""
    is_method = function.parent is not None and function.parent.kind == "class"
    return Func(function, receiver=Obj(Cls(function.parent)) if is_method and function.parent is not None else None)


def is_plain(call: ast.Call) -> bool:
    """Whether a call hands its arguments over one by one, without ``*`` and ``**``."""
    return not any(isinstance(value, ast.Starred) for value in call.args) and all(keyword.arg for keyword in call.keywords)


def parameter(call: ast.Call, func: Func, node: ast.AST) -> str | None:
    """The parameter that an argument of a call meets, ``None`` where that is not plain."""
    return next((name for name, value in given(call, func).items() if value is node), None)


def argument(call: ast.Call, position: int | None, name: str) -> ast.expr | None:
    """The argument at a position or with a name, of a function that is not known."""
    if position is not None and position < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args):
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if name and keyword.arg == name), None)


def keyword(call: ast.Call, *names: str) -> ast.expr | None:
    """The first keyword argument with one of some names."""
    return next((each.value for each in call.keywords if each.arg in names), None)


def is_literal(node: ast.expr | None, value: object) -> bool:
    """Whether an expression is a literal of this value; ``1`` is not ``True``."""
    return isinstance(node, ast.Constant) and type(node.value) is type(value) and node.value == value


def unpacked(value: ast.expr, path: Iterable[int]) -> ast.expr | None:
    """What unpacking takes out of literals of lists and tuples, ``None`` where it is no literal."""
    for index in path:
        if not isinstance(value, (ast.List, ast.Tuple)) or index >= len(value.elts):
            return None
        if any(isinstance(each, ast.Starred) for each in value.elts[: index + 1]):
            return None
        value = value.elts[index]
    return value
