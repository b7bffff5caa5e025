"""What a factory does with the model, and with its parts, before it hands the model out: none of it may stay there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..semantics.interpreter import Resolver
from ..semantics.scopes import Scope, callee_name
from ..semantics.syntax import Syntax, base
from ..semantics.values import NO_ENV, Func
from .construction_site import Home
from .lifetime import RETURNED, Lifetime
from .parts import ADDERS, Problem, is_part

_MAX_DEPTH = 4


def made_by(call: ast.Call, scope: Scope, resolver: Resolver, syntax: Syntax) -> Iterator[Problem]:
    """A problem, at the call, for each thing that the called functions keep."""
    for problem in _made_by(call, scope, resolver, syntax, 0):
        yield Problem(f"{problem.reason} (in {callee_name(call)}())", problem.holds, call)


def _made_by(call: ast.Call, scope: Scope, resolver: Resolver, syntax: Syntax, depth: int) -> Iterator[Problem]:
    for func in resolver.callees(call, scope, NO_ENV):
        if not isinstance(func, Func) or isinstance(func.scope.node, ast.Lambda) or depth >= _MAX_DEPTH:
            continue
        inner = syntax if func.scope.module is syntax.module else Syntax(func.scope.module)
        yield from _stored(func.scope, resolver)
        for returned in func.scope.returns:
            if isinstance(returned, ast.Call):
                yield from _made_by(returned, func.scope, resolver, inner, depth + 1)
            elif isinstance(returned, ast.Name):
                yield from _handed_out(returned.id, call, func.scope, resolver, inner)
                for binding in func.scope.bindings.get(returned.id, ()):
                    if isinstance(binding.expr, ast.Call):
                        yield from _made_by(binding.expr, func.scope, resolver, inner, depth + 1)


def _handed_out(name: str, call: ast.Call, scope: Scope, resolver: Resolver, syntax: Syntax) -> Iterator[Problem]:
    """What else is done with the name that is returned."""
    first = scope.node.body[0]  # type: ignore[attr-defined]
    place = Home(call, scope, first, first, name, scope.node, None)
    for problem in Lifetime(resolver, syntax).follow(place, 1, False):
        if problem.reason != RETURNED and not problem.changes:
            yield problem


def _stored(scope: Scope, resolver: Resolver) -> Iterator[Problem]:
    """What a function that makes a model keeps of it outside, or in its object."""
    for node in ast.walk(scope.node):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign) and is_part(resolver.eval(node.value, scope)):
            targets = [target for target in node.targets if not isinstance(target, ast.Name) or target.id in scope.outer_names]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ADDERS:
            targets = [node.func.value for argument in node.args if is_part(resolver.eval(argument, scope))]
        for target in targets:
            if base(target) == "self" or base(target) not in scope.bindings:
                yield Problem(f"{ast.unparse(target)} gets a part of the new model", True, node)
