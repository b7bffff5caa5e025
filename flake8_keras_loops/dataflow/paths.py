"""What happens on the paths through a body: is a model built, is the session cleared?

A path is summed up in two bits, *built* and *cleared*; a set of paths is a mask over the four combinations. Neither bit is
ever taken back, so the order of events on a path does not matter: clearing before or after the construction, in the same
iteration, is the same. A ``for`` loop inside the body is taken to run at least once, a ``while`` loop may not run at all.
Any statement of a ``try`` may fail, before it did anything itself; outside of one, only an explicit ``raise`` is followed.
``if x: return ...`` makes what follows it the ``else`` part.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..semantics.scopes import Comprehension, FlowCall, Scope
from .guards import fills_cache

NOTHING = 0b0001
BUILT = 0b0010
CLEARED = 0b0100
BUILT_AND_CLEARED = 0b1000
BUILDS = BUILT | BUILT_AND_CLEARED
CLEARS = CLEARED | BUILT_AND_CLEARED

Effect = Callable[[ast.Call, Scope, bool], int]
Branches = Callable[[ast.If | ast.IfExp, Scope], tuple[bool, bool]]
Applied = Callable[[ast.expr], ast.expr]


def then(first: int, second: int, nothing: int = NOTHING) -> int:
    """Paths of ``first`` followed by paths of ``second``. ``nothing``: :data:`NOTHING`, for each four bits that they have."""
    if second == nothing:
        return first
    joined = 0
    for before in range(4):
        taken = first >> before & nothing
        for after in range(4):
            joined |= (taken & second >> after) << (before | after)
    return joined


def clearing_only(mask: int) -> int:
    """The same paths, with what they build left out."""
    return (NOTHING if mask & (NOTHING | BUILT) else 0) | (CLEARED if mask & CLEARS else 0)


class Exits(NamedTuple):
    """The paths that leave a body, by how they leave it."""

    fall: int = 0
    broken: int = 0
    continued: int = 0
    returned: int = 0
    raised: int = 0


class Flow:
    """Follows the paths through statements.

    ``effect(call, scope, looped)``: the mask of a call; ``looped`` where a loop of the body repeats it.
    ``branches(if, scope)``: whether the body and the ``else`` part of a conditional are to be followed.
    ``failures``: whether to follow what happens after a statement of a ``try`` has failed. ``applied``: what a decorator does to
    the function that it stands at, as an expression.
    """

    def __init__(
        self,
        effect: Effect,
        branches: Branches,
        failures: bool = True,
        applied: Applied = lambda decorator: decorator,
        nothing: int = NOTHING,
    ) -> None:
        self.effect = effect
        self.branches = branches
        self.failures = failures
        self.applied = applied
        self.nothing = nothing
        self._loops = 0

    def body(self, statements: list[ast.stmt], scope: Scope, paths: int) -> Exits:
        """Follow ``paths`` through statements."""
        exits = Exits(paths)
        for position, statement in enumerate(statements):
            if not exits.fall:
                break
            if isinstance(statement, ast.If) and not statement.orelse and isinstance(statement.body[-1], _JUMPS):
                rest = statements[position + 1 :]
                if rest and not self.branches(_if_else(statement.test, statement.body, rest), scope)[1]:
                    return _join(exits._replace(fall=0), self._if(statement, scope, exits.fall)._replace(fall=0))
            exits = _join(exits._replace(fall=0), self._statement(_as_if(statement), scope, exits.fall))
        return exits

    def expression(self, node: ast.AST | None, scope: Scope, paths: int) -> int:
        """Follow ``paths`` through an expression, or through the expressions of a statement without a body."""
        if node is None:
            return paths
        for call in self._calls(node, scope):
            after = then(paths, self.effect(call.node, call.scope, call.looped), self.nothing)
            paths = paths | after if call.sometimes else after
        return paths

    def comprehension(self, node: ast.expr, scope: Scope) -> int:
        """The paths of one iteration of a comprehension whose scope is ``scope``."""
        paths = self.nothing
        for index, generator in enumerate(node.generators):  # type: ignore[attr-defined]
            if index:
                paths = self.expression(generator.iter, scope, paths)
            for test in generator.ifs:
                paths = self.expression(test, scope, paths)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):  # type: ignore[attr-defined]
            paths = self.expression(part, scope, paths)
        return paths

    def _calls(self, root: ast.AST, scope: Scope) -> Iterable[FlowCall]:
        """The calls of an expression or simple statement; remembered unless a test decides which of them are made."""
        looped = self._loops > 0
        known = scope.module.flow_calls.get((root, looped))
        if known is None:
            known = list(self._find_calls(root, scope, looped))
            if not any(isinstance(node, ast.IfExp) for node in ast.walk(root)):
                scope.module.flow_calls[root, looped] = known
        return known

    def _find_calls(self, root: ast.AST, scope: Scope, looped: bool) -> Iterator[FlowCall]:
        stack = [(root, scope, False, looped)]
        while stack:
            node, scope, sometimes, looped = stack.pop()
            if isinstance(node, (ast.Name, ast.Constant)):
                continue
            if isinstance(node, ast.Lambda):
                continue
            if isinstance(node, Comprehension):
                inner = scope.module.scope_of[node]
                stack.append((node.generators[0].iter, scope, sometimes, looped))
                parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
                for generator in node.generators:
                    parts += generator.ifs
                parts += [generator.iter for generator in node.generators[1:]]
                stack.extend((part, inner, sometimes, True) for part in parts)
                continue
            if isinstance(node, ast.IfExp):
                stack.append((node.test, scope, sometimes, looped))
                live = self.branches(node, scope)
                for part, is_live in zip((node.body, node.orelse), live):
                    if is_live:
                        stack.append((part, scope, sometimes or all(live), looped))
                continue
            if isinstance(node, ast.BoolOp):
                stack.append((node.values[0], scope, sometimes, looped))
                stack.extend((value, scope, True, looped) for value in node.values[1:])
                continue
            if isinstance(node, ast.Call):
                yield FlowCall(node, scope, sometimes, looped)
            stack.extend((child, scope, sometimes, looped) for child in ast.iter_child_nodes(node))

    def _statement(self, node: ast.stmt, scope: Scope, paths: int) -> Exits:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in (*map(self.applied, node.decorator_list), *node.args.defaults, *node.args.kw_defaults):
                paths = self.expression(part, scope, paths)
            return Exits(paths)
        if isinstance(node, ast.ClassDef):
            return self.body(node.body, scope.module.scope_of[node], paths)
        if isinstance(node, ast.If):
            return self._if(node, scope, paths)
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            return self._loop(node, scope, paths)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                paths = self.expression(item.context_expr, scope, paths)
            if any(_expects_failure(item.context_expr) for item in node.items):
                return Exits(paths)
            return self.body(node.body, scope, paths)
        if isinstance(node, (ast.Try, _TRY_STAR)):
            return self._try(node, scope, paths)
        if isinstance(node, ast.Match):
            return self._match(node, scope, paths)
        if isinstance(node, ast.Break):
            return Exits(broken=paths)
        if isinstance(node, ast.Continue):
            return Exits(continued=paths)
        paths = self.expression(node, scope, paths)
        if isinstance(node, ast.Expr) and _ends_process(node.value):
            return Exits()
        if isinstance(node, ast.Return):
            return Exits(returned=paths)
        if isinstance(node, ast.Raise):
            return Exits(raised=paths)
        return Exits(paths)

    def _if(self, node: ast.If, scope: Scope, paths: int) -> Exits:
        exits = Exits()
        while True:  # an elif chain may be thousands long
            paths = self.expression(node.test, scope, paths)
            follow_body, follow_else = self.branches(node, scope)
            if follow_body:
                exits = _join(exits, self.body(node.body, scope, paths))
            if not follow_else:
                return exits
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node = node.orelse[0]
                continue
            return _join(exits, self.body(node.orelse, scope, paths))

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope, paths: int) -> Exits:
        is_while = isinstance(node, ast.While)
        paths = self.expression(node.test if isinstance(node, ast.While) else node.iter, scope, paths)
        self._loops += 1
        inner = self.body(node.body, scope, paths)
        self._loops -= 1
        endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
        ended = 0 if endless else inner.fall | inner.continued | (paths if is_while else 0)
        after = self.body(node.orelse, scope, ended)
        return Exits(
            after.fall | inner.broken, after.broken, after.continued, after.returned | inner.returned, after.raised | inner.raised
        )

    def _try(self, node: ast.Try, scope: Scope, paths: int) -> Exits:
        tried = Exits(paths)
        failed = 0
        for statement in node.body:
            if self.failures and not isinstance(statement, _CANNOT_FAIL):
                failed |= tried.fall
            tried = _join(tried._replace(fall=0), self.body([statement], scope, tried.fall))
        failed |= tried.raised | paths
        completed = self.body(node.orelse, scope, tried.fall)
        exits = _join(tried._replace(fall=0, raised=0 if node.handlers else tried.raised), completed)
        for handler in node.handlers:
            if not fills_cache(node, handler):
                exits = _join(exits, self.body(handler.body, scope, failed))
        if not node.finalbody:
            return exits
        final = self.body(node.finalbody, scope, self.nothing)
        always = final.fall or self.nothing
        return Exits(*(then(part, always, self.nothing) for part in exits))

    def _match(self, node: ast.Match, scope: Scope, paths: int) -> Exits:
        paths = self.expression(node.subject, scope, paths)
        exits = Exits()
        complete = False
        for case in node.cases:
            exits = _join(exits, self.body(case.body, scope, self.expression(case.guard, scope, paths)))
            irrefutable = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            complete = complete or (irrefutable and case.guard is None)
        return exits if complete else _join(exits, Exits(paths))


def _if_else(test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> ast.If:
    return ast.copy_location(ast.If(test, body, orelse), test)


def _as_if(node: ast.stmt) -> ast.stmt:
    """``x = a if test else b`` and ``x = x or b`` as an ``if`` statement, so that guards are seen in them."""
    if not isinstance(node, ast.Assign):
        return node
    value = node.value
    if isinstance(value, ast.IfExp):
        parts = [[ast.copy_location(ast.Assign(node.targets, part), node)] for part in (value.body, value.orelse)]
        return ast.copy_location(ast.If(value.test, list[ast.stmt](parts[0]), list[ast.stmt](parts[1])), node)
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or) and len(value.values) == 2:
        first, second = value.values
        if isinstance(first, (ast.Name, ast.Attribute)):
            filled: list[ast.stmt] = [ast.copy_location(ast.Assign(node.targets, second), node)]
            return ast.copy_location(ast.If(ast.UnaryOp(ast.Not(), first), filled, []), node)
    return node


def _ends_process(value: ast.expr) -> bool:
    """``sys.exit()``: no path goes on."""
    return isinstance(value, ast.Call) and ast.unparse(value.func) in {"sys.exit", "exit", "quit", "os._exit"}


def _expects_failure(context: ast.expr) -> bool:
    """``with pytest.raises(...)``: what stands in the body is meant to fail."""
    func = context.func if isinstance(context, ast.Call) else context
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    return name == "raises" or name.startswith("assertRaises")


def _join(first: Exits, second: Exits) -> Exits:
    return Exits(*(a | b for a, b in zip(first, second)))


_JUMPS = (ast.Return, ast.Continue, ast.Break, ast.Raise)
_CANNOT_FAIL = (ast.Break, ast.Continue, ast.Pass)
_TRY_STAR = getattr(ast, "TryStar", ast.Try)
