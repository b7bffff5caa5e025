"""Statements become a function, and a block that calls it stands in their place: what :mod:`..edit` does for one edit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import libcst as cst

from ..edits import Outline


def outlined(lines: Sequence[Any], edit: Outline) -> tuple[cst.FunctionDef | None, cst.BaseCompoundStatement]:
    """The new function, ``None`` where the edit has none, and the block, for the lines that leave a block.

    Raises ``ValueError`` where a comment has no place.
    """
    block: Any = _statement(edit.block)
    *others, last = lines
    returned = None
    if edit.returns:
        if not isinstance(last, cst.SimpleStatementLine) or len(last.body) != 1:
            raise ValueError("several statements stand in one line")
        small = last.body[0]
        returned, is_kept = _value(small)
        if is_kept:
            call = cst.ensure_type(cst.ensure_type(block, cst.With).body, cst.IndentedBlock).body[0]
            value = cst.ensure_type(cst.ensure_type(call, cst.SimpleStatementLine).body[0], cst.Expr).value
            kept = last.with_changes(
                body=[small.with_changes(value=value, semicolon=cst.MaybeSentinel.DEFAULT)], leading_lines=()
            )
            if edit.head:  # where the comments go
                kept = kept.with_changes(trailing_whitespace=cst.TrailingWhitespace(newline=last.trailing_whitespace.newline))
            block = block.with_deep_changes(block.body, body=[kept])
    if not edit.head:
        if returned is None or _has_comments(returned):
            raise ValueError("a comment in the call that goes to another process has no place")
        return None, block
    function = cst.ensure_type(_statement(edit.head), cst.FunctionDef)
    documented = cst.ensure_type(function.body, cst.IndentedBlock).body
    moved = [*others, last]
    if returned is not None:
        moved[-1] = moved[-1].with_changes(body=[cst.Return(returned)])
    elif edit.result:
        moved.append(_statement(edit.result))
    return function.with_deep_changes(function.body, body=[*documented, *moved]), block


class Continued(cst.CSTTransformer):
    """Another indent behind backslashes: that of all other lines is their block's."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self.old, self.new = re.compile(rf"(?<=[\r\n]){old}"), new

    def leave_SimpleWhitespace(self, original_node: Any, updated_node: Any) -> Any:
        return updated_node.with_changes(value=self.old.sub(self.new, updated_node.value))


def _statement(code: str) -> Any:
    return cst.parse_module(code).body[0]


def _value(statement: cst.BaseSmallStatement) -> tuple[cst.BaseExpression, bool]:
    """What a statement assigns or appends, and whether the statement stays, with another value."""
    if isinstance(statement, (cst.Assign, cst.AnnAssign, cst.AugAssign)) and statement.value is not None:
        return statement.value, True
    if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call):
        return (statement.value.args[0].value if len(statement.value.args) == 1 else statement.value), False
    raise ValueError("the statement has no value to return")


def _has_comments(node: cst.CSTNode) -> bool:
    return "#" in cst.Module([]).code_for_node(node)
