"""What prepares the things that a model is built from: the statements of the same iteration that bind or change them.

A block counts as one statement. In comes an expression or statement that reads a name, out come the statements before it that
decide what the name holds there, and whether these are all: a name that an iteration may find as the one before left it is not
fed by them.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

from ...dataflow.construction import Construction
from ...dataflow.variance import names_bound, writes
from ...knowledge import effects
from ...knowledge.effects import COMPUTES, LOOKS, PURE, TAKES
from ...semantics.assigned import is_assigned
from ...semantics.binding import arguments, unpacked
from ...semantics.scopes import Loop, Scope, callee_name, end, start
from ...semantics.syntax import base, is_same, variable, within
from ..plans import Case

_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Pass)
_BLOCKS = (ast.For, ast.While, ast.If)
#: What makes a new collection.
DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def feeding_of(node: ast.AST, name: str, statements: Iterable[ast.stmt]) -> list[ast.stmt]:
    """Those of some statements that begin before a node, and bind a name or may change what it holds."""
    return [s for s in statements if start(s) < start(node) and (name in names_bound(s) or may_change(s, name))]


def is_fed(node: ast.AST, name: str, loop: Loop, feeding: Collection[ast.AST], case: Case) -> bool:
    """Whether all that a node reads by a name was bound by some statements before it, in the same iteration."""
    before = [bound for bound in writes(loop).names.get(name, ()) if start(bound) < end(node)]
    reads = [inner for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner.id == name]
    if isinstance(loop.node, ast.expr) or not all(any(within(bound, each) for each in feeding) for bound in before):
        return False
    read = (each for each in reads if isinstance(each.ctx, ast.Load) or isinstance(case.syntax.parents[each], ast.AugAssign))
    return all(is_assigned(each, name, loop.node, case.syntax) for each in read)


def able_to_feed(place: Construction, loop: Loop, case: Case) -> Iterator[ast.stmt]:
    """The statements before the construction, in its suite and those around it, that can prepare what it reads."""
    current: ast.AST = place.built
    while current is not loop.node and isinstance(current, ast.stmt):
        beside = (each for each in case.syntax.suite(current) if each is not current or each is place.built)
        yield from (each for each in beside if start(each) < start(place.ready) and is_simple(each))
        current = case.syntax.parents[current]


def is_simple(statement: ast.stmt, is_in_loop: bool = False) -> bool:
    """Whether a statement, or a block of such, has no other way out than its end, and defines nothing."""
    if isinstance(statement, _BLOCKS):
        is_in_loop = is_in_loop or not isinstance(statement, ast.If)
        return all(is_simple(inner, is_in_loop) for inner in (*statement.body, *statement.orelse))
    return isinstance(statement, _SIMPLE) or (is_in_loop and isinstance(statement, (ast.Break, ast.Continue)))


def is_own(receiver: ast.expr, scope: Scope, definitions: Collection[Scope], owner: Scope, names: Collection[str]) -> bool:
    """Whether something is a list, dictionary or set that what builds the model makes itself, so that nobody else sees it change.

    ``definitions``: the functions that build. ``names``: what is bound for it in ``owner``, the function of the construction.
    """
    function = scope.owner(receiver.id) if isinstance(receiver, ast.Name) else None
    if function is None or not isinstance(receiver, ast.Name):
        return False
    if function not in definitions and (function is not owner or receiver.id not in names):
        return False
    made = [binding for binding in function.bindings[receiver.id] if binding.kind != "item"]
    values = [unpacked(each.expr, each.path) if each.kind == "value" and each.expr is not None else None for each in made]
    return all(isinstance(value, DISPLAYS) for value in values)


def added_to(node: ast.AST) -> set[str]:
    """The names that ``+=`` in a node reads."""
    return {each.target.id for each in ast.walk(node) if isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name)}


def may_change(statement: ast.stmt, name: str) -> bool:
    """Whether a statement may change what a name holds: by a method, by storing into it, or by what it hands it to."""
    for node in ast.walk(statement):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load) and base(node) == name:
            return True
        if isinstance(node, ast.Call):
            called = callee_name(node)
            if isinstance(node.func, ast.Attribute) and variable(node.func.value) == name and effects.may_mutate(called):
                return True
            if not effects.effects(called) & (PURE | LOOKS | COMPUTES | TAKES) and called[:1].islower():
                if any(is_same(value, name) for value in arguments(node)):
                    return True
    return False


def read_by(statement: ast.stmt) -> Iterator[ast.AST]:
    """What a statement reads that decides what it prepares: not what it prints, or is told of in other ways."""
    if isinstance(statement, _BLOCKS):
        yield statement.iter if isinstance(statement, ast.For) else statement.test
        for inner in (*statement.body, *statement.orelse):
            yield from read_by(inner)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        if not (isinstance(statement.value.func, ast.Name) and effects.does(statement.value.func.id, LOOKS)):
            yield statement.value
    else:
        yield getattr(statement, "value", None) or statement
