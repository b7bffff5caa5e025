"""What assignments do beyond one line.

Above all definite assignment: does every way to a read bind the name on it, so that it sees nothing that was left from before?
"""

from __future__ import annotations

import ast

from .scopes import Comprehension, FunctionNode
from .syntax import Syntax

_LEAVING = (ast.Continue, ast.Break, ast.Return, ast.Raise)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FOR = (ast.For, ast.AsyncFor)
_WITH = (ast.With, ast.AsyncWith)


def is_assigned(read: ast.AST, name: str, region: ast.AST, syntax: Syntax) -> bool:
    """Whether the statements of ``region``, a loop or function around a read, bind a name on every way to that read.

    What the head of ``region`` binds, such as the target of the loop, does not count.
    """
    current: ast.AST = read
    for parent in syntax.above(read):
        if isinstance(current, ast.stmt) and _binds_before(current, name, syntax):
            return True
        if parent is region or isinstance(parent, FunctionNode):
            return False
        if _binds_in_head(parent, current, name):
            return True
        current = parent
    return False


def unpacked_to(statement: ast.AST, node: ast.expr) -> list[ast.expr] | None:
    """The target that ``node`` meets in ``best, loss = model, value``; ``None`` elsewhere."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    value, target = statement.value, statement.targets[0]
    if not isinstance(value, (ast.Tuple, ast.List)) or not isinstance(target, (ast.Tuple, ast.List)):
        return None
    if len(target.elts) != len(value.elts) or any(isinstance(each, ast.Starred) for each in (*target.elts, *value.elts)):
        return None
    return [target.elts[value.elts.index(node)]] if node in value.elts else None


def keeps_best(statement: ast.stmt, syntax: Syntax) -> bool:
    """Whether a statement stands under ``if loss < best_loss:``, whose body goes on with another ``best_loss``."""
    branch = syntax.parents[statement]
    if not isinstance(branch, ast.If) or statement not in branch.body:
        return False
    tests = [node for node in ast.walk(branch.test) if isinstance(node, ast.Compare)]
    compared = {ast.unparse(side) for test in tests for side in (test.left, *test.comparators)}
    stored = (node for each in branch.body for node in ast.walk(each) if isinstance(node, (ast.Name, ast.Attribute)))
    return any(isinstance(node.ctx, ast.Store) and ast.unparse(node) in compared for node in stored)


def _binds_before(statement: ast.stmt, name: str, syntax: Syntax) -> bool:
    suite = syntax.suite(statement)
    return any(_binds(each, name) for each in suite[: suite.index(statement)])


def _binds_in_head(parent: ast.AST, current: ast.AST, name: str) -> bool:
    """Whether a statement, or a comprehension, binds a name before it comes to the part of it that ``current`` is."""
    if isinstance(parent, Comprehension):
        return any(_stores(generator.target, name) for generator in parent.generators)
    if isinstance(parent, (*_FOR, *_WITH)) and current in parent.body:
        heads = [parent.target] if isinstance(parent, _FOR) else [item.optional_vars for item in parent.items]
        return any(head is not None and _stores(head, name) for head in heads)
    return isinstance(parent, ast.Try) and current in parent.orelse and _all_of(parent.body, name)


def _binds(statement: ast.stmt, name: str) -> bool:
    """Whether what follows a statement finds the name bound by it, on whatever way."""
    if isinstance(statement, ast.Assign):
        return any(_stores(target, name) for target in statement.targets)
    if isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        return statement.value is not None and _stores(statement.target, name)
    if isinstance(statement, _DEFINITIONS):
        return statement.name == name
    if isinstance(statement, ast.If):
        return _all_of(statement.body, name) and _all_of(statement.orelse, name)
    if isinstance(statement, ast.Try):  # a ``with`` may suppress what its body raises
        ways = [[*statement.body, *statement.orelse], *(handler.body for handler in statement.handlers)]
        return _binds_any(statement.finalbody, name) or all(_all_of(way, name) for way in ways)
    return False


def _all_of(suite: list[ast.stmt], name: str) -> bool:
    """Whether a suite binds a name, or does not come to its end."""
    return _binds_any(suite, name) or (bool(suite) and isinstance(suite[-1], _LEAVING))


def _binds_any(suite: list[ast.stmt], name: str) -> bool:
    return any(_binds(statement, name) for statement in suite)


def _stores(target: ast.AST, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) for node in ast.walk(target))
