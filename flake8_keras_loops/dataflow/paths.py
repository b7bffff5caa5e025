"""What happens on the paths through a body: is a model built, is the session cleared?

A path is summed up in two bits, *built* and *cleared*; a set of paths is a mask over the four combinations. Neither bit is
ever taken back, so the order of events on a path does not matter: clearing before or after the construction, in the same
iteration, is the same. A ``for`` loop inside the body is taken to run at least once, a ``while`` loop may not run at all.
Any statement of a ``try`` may fail, before it did anything itself; outside of one, only an explicit ``raise`` is followed.
``if x: return ...`` makes what follows it the ``else`` part.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..knowledge import effects
from ..semantics.scopes import Comprehension, Module, Scope, callee_name, remembered
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

    def join(self, other: Exits) -> Exits:
        """The paths of both."""
        return Exits(*(a | b for a, b in zip(self, other)))

    def then(self, after: Exits) -> Exits:
        """These paths, of which those that go on have come to the end of ``after``."""
        return self._replace(fall=0).join(after)


class _Call(NamedTuple):
    """A call on a path. ``sometimes``: only on some ways through its expression. ``looped``: a loop repeats it."""

    node: ast.Call
    scope: Scope
    sometimes: bool
    looped: bool


@remembered
def _known_calls(module: Module) -> dict[tuple[ast.AST, bool], list[_Call]]:
    """The calls of expressions and simple statements, in loops or not, unless a test decides which of them are made."""
    return {}


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
                if (
                    rest
                    and not self.branches(ast.copy_location(ast.If(statement.test, statement.body, rest), statement), scope)[1]
                ):
                    return exits.then(self._if(statement, scope, exits.fall)._replace(fall=0))
            exits = exits.then(self._statement(_as_if(statement), scope, exits.fall))
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
        for part in _repeated(node):
            paths = self.expression(part, scope, paths)
        return paths

    def _calls(self, root: ast.AST, scope: Scope) -> list[_Call]:
        known, key = _known_calls(scope.module), (root, self._loops > 0)
        found = known.get(key)
        if found is None:
            found = list(self._find_calls(root, scope))
            if not any(isinstance(node, ast.IfExp) for node in ast.walk(root)):
                known[key] = found
        return found

    def _find_calls(self, root: ast.AST, scope: Scope) -> Iterator[_Call]:
        stack = [(root, scope, False, self._loops > 0)]
        while stack:
            node, scope, sometimes, looped = stack.pop()
            if isinstance(node, Comprehension):
                stack.append((node.generators[0].iter, scope, sometimes, looped))
                stack.extend((part, scope.module.scope_of[node], sometimes, True) for part in _repeated(node))
            elif isinstance(node, ast.IfExp):
                stack.append((node.test, scope, sometimes, looped))
                live = self.branches(node, scope)
                parts = [part for part, is_live in zip((node.body, node.orelse), live) if is_live]
                stack.extend((part, scope, sometimes or all(live), looped) for part in parts)
            elif isinstance(node, ast.BoolOp):
                stack.append((node.values[0], scope, sometimes, looped))
                stack.extend((value, scope, True, looped) for value in node.values[1:])
            elif not isinstance(node, (ast.Name, ast.Constant, ast.Lambda)):
                if isinstance(node, ast.Call):
                    yield _Call(node, scope, sometimes, looped)
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
            contexts = [item.context_expr for item in node.items]
            for context in contexts:
                paths = self.expression(context, scope, paths)
            fails = any(isinstance(context, ast.Call) and effects.expects_failure(callee_name(context)) for context in contexts)
            return Exits(paths) if fails else self.body(node.body, scope, paths)
        if isinstance(node, (ast.Try, _TRY_STAR)):
            return self._try(node, scope, paths)
        if isinstance(node, ast.Match):
            return self._match(node, scope, paths)
        if isinstance(node, ast.Break):
            return Exits(broken=paths)
        if isinstance(node, ast.Continue):
            return Exits(continued=paths)
        paths = self.expression(node, scope, paths)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and effects.ends_process(ast.unparse(node.value.func)):
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
                exits = exits.join(self.body(node.body, scope, paths))
            if not follow_else:
                return exits
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                return exits.join(self.body(node.orelse, scope, paths))
            node = node.orelse[0]

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope, paths: int) -> Exits:
        test = node.test if isinstance(node, ast.While) else None
        paths = self.expression(test if isinstance(node, ast.While) else node.iter, scope, paths)
        self._loops += 1
        inner = self.body(node.body, scope, paths)
        self._loops -= 1
        is_endless = isinstance(test, ast.Constant) and bool(test.value)
        ended = inner.fall | inner.continued | (paths if test is not None else 0)
        after = self.body(node.orelse, scope, 0 if is_endless else ended)
        return after.join(Exits(inner.broken, returned=inner.returned, raised=inner.raised))

    def _try(self, node: ast.Try, scope: Scope, paths: int) -> Exits:
        tried = Exits(paths)
        failed = paths
        for statement in node.body:
            if self.failures and not isinstance(statement, _CANNOT_FAIL):
                failed |= tried.fall
            tried = tried.then(self.body([statement], scope, tried.fall))
        failed |= tried.raised
        left = tried._replace(raised=0) if node.handlers else tried
        exits = left.then(self.body(node.orelse, scope, tried.fall))
        for handler in node.handlers:
            if not fills_cache(node, handler):
                exits = exits.join(self.body(handler.body, scope, failed))
        if not node.finalbody:
            return exits
        always = self.body(node.finalbody, scope, self.nothing).fall or self.nothing
        return Exits(*(then(part, always, self.nothing) for part in exits))

    def _match(self, node: ast.Match, scope: Scope, paths: int) -> Exits:
        paths = self.expression(node.subject, scope, paths)
        exits = Exits()
        for case in node.cases:
            exits = exits.join(self.body(case.body, scope, self.expression(case.guard, scope, paths)))
            if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None:
                return exits
        return exits.join(Exits(paths))


def _repeated(node: ast.expr) -> list[ast.expr]:
    """What a comprehension evaluates for each element."""
    generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
    parts = [part for each in generators for part in (each.iter, *each.ifs)][1:]
    return [*parts, node.key, node.value] if isinstance(node, ast.DictComp) else [*parts, node.elt]  # type: ignore[attr-defined]


def _as_if(node: ast.stmt) -> ast.stmt:
    """``x = a if test else b`` and ``x = x or b`` as an ``if`` statement, so that guards are seen in them."""
    value = node.value if isinstance(node, ast.Assign) else None
    if isinstance(value, ast.IfExp):
        return _assigning(node, value.test, [value.body], [value.orelse])
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or) and len(value.values) == 2:
        if isinstance(value.values[0], (ast.Name, ast.Attribute)):
            return _assigning(node, ast.UnaryOp(ast.Not(), value.values[0]), value.values[1:], [])
    return node


def _assigning(node: ast.stmt, test: ast.expr, *branches: list[ast.expr]) -> ast.If:
    """An ``if`` whose branches assign what an assignment does, but each a value of its own."""
    targets: list[ast.expr] = node.targets  # type: ignore[attr-defined]
    body, orelse = ([ast.copy_location(ast.Assign(targets, value), node) for value in branch] for branch in branches)
    return ast.copy_location(ast.If(test, list[ast.stmt](body), list[ast.stmt](orelse)), node)


_JUMPS = (ast.Return, ast.Continue, ast.Break, ast.Raise)
_CANNOT_FAIL = (ast.Break, ast.Continue, ast.Pass)
_TRY_STAR = getattr(ast, "TryStar", ast.Try)
