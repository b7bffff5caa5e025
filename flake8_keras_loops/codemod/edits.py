"""Edits as data, and their application with LibCST: every byte outside the edited statements stays what it was.

Nodes are named by where ``ast`` says they start. LibCST is imported here only, and only once there is an edit to make.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

Place = tuple[int, int]
_BLANK = cst.EmptyLine(indent=False, whitespace=cst.SimpleWhitespace(""))


@dataclass(frozen=True)
class Before:
    """A statement before a statement."""

    anchor: ast.stmt
    code: str


@dataclass(frozen=True)
class After:
    """A statement after a statement."""

    anchor: ast.stmt
    code: str


@dataclass(frozen=True)
class Top:
    """A statement as the first of a loop's body."""

    anchor: ast.stmt
    code: str


@dataclass(frozen=True)
class Move:
    """A simple statement goes to the top of a loop's body, with its comments."""

    anchor: ast.stmt
    loop: ast.stmt


@dataclass(frozen=True)
class MoveBefore:
    """Simple statements go before a statement, with their comments."""

    anchors: tuple[ast.stmt, ...]
    target: ast.stmt


@dataclass(frozen=True)
class Wrap:
    """``call`` becomes ``function(call)``."""

    anchor: ast.Call
    function: str


@dataclass(frozen=True)
class Replace:
    """An expression becomes another one."""

    anchor: ast.expr
    code: str


@dataclass(frozen=True)
class Argument:
    """A call gets one more keyword argument."""

    anchor: ast.Call
    name: str
    value: str


@dataclass(frozen=True)
class Helper:
    """A definition or an import for the whole file, once, after its imports. ``name``: what it binds."""

    name: str
    code: str


Edit = Before | After | Top | Move | MoveBefore | Wrap | Replace | Argument | Helper


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made. Raises ``ValueError`` where LibCST sees the text differently from ``ast``."""
    edits = list(dict.fromkeys(edits))
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    if wrapper.module.code != text:
        raise ValueError("LibCST does not give the file back as it is")
    nodes = _Nodes(wrapper, text)
    changes = _Changes(wrapper.module)
    for edit in edits:
        changes.take(edit, nodes)
    return wrapper.module.visit(changes).code


class _Nodes:
    """LibCST nodes by where they start."""

    def __init__(self, wrapper: MetadataWrapper, text: str) -> None:
        self.lines = re.split("\r\n|\r|\n", text) if not text.isascii() else None  # as ast counts lines
        self.statements: dict[Place, cst.CSTNode] = {}
        self.expressions: dict[tuple[Place, Place], cst.CSTNode] = {}
        self.line_of: dict[cst.CSTNode, cst.SimpleStatementLine] = {}
        for node, span in wrapper.resolve(PositionProvider).items():
            at = (span.start.line, span.start.column)
            if isinstance(node, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
                self.statements[at] = node
            elif isinstance(node, cst.SimpleStatementLine):
                self.line_of.update(dict.fromkeys(node.body, node))
            elif isinstance(node, cst.BaseExpression):
                self.expressions[at, (span.end.line, span.end.column)] = node

    def _place(self, line: int, offset: int) -> Place:
        if self.lines is None:
            return line, offset
        return line, len(self.lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))

    def statement(self, node: ast.stmt) -> cst.CSTNode:
        decorators = getattr(node, "decorator_list", [])
        line, offset = node.lineno, node.col_offset
        if decorators:
            line, offset = decorators[0].lineno, decorators[0].col_offset
            found = [at for at in self.statements if at[0] == line and at[1] <= offset]
            return self.statements[max(found)]
        try:
            return self.statements[self._place(line, offset)]
        except KeyError:
            raise ValueError(f"no statement in line {line} for LibCST") from None

    def expression(self, node: ast.expr) -> cst.CSTNode:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        try:
            return self.expressions[self._place(node.lineno, node.col_offset), self._place(node.end_lineno, node.end_col_offset)]
        except KeyError:
            raise ValueError(f"no expression in line {node.lineno} for LibCST") from None


class _Changes(cst.CSTTransformer):
    def __init__(self, module: cst.Module) -> None:
        super().__init__()
        self.module = module
        self.before: dict[cst.CSTNode, list[cst.CSTNode | str]] = {}
        self.after: dict[cst.CSTNode, list[str]] = {}
        self.top: dict[cst.CSTNode, list[cst.CSTNode | str]] = {}
        self.moved: set[cst.CSTNode] = set()
        self.wrapped: dict[cst.CSTNode, str] = {}
        self.replaced: dict[cst.CSTNode, str] = {}
        self.arguments: dict[cst.CSTNode, list[tuple[str, str]]] = {}
        self.helpers: dict[str, str] = {}

    def take(self, edit: Edit, nodes: _Nodes) -> None:
        """Note an edit."""
        if isinstance(edit, Before):
            self.before.setdefault(nodes.statement(edit.anchor), []).append(edit.code)
        elif isinstance(edit, After):
            self.after.setdefault(nodes.statement(edit.anchor), []).append(edit.code)
        elif isinstance(edit, Top):
            self.top.setdefault(nodes.statement(edit.anchor), []).append(edit.code)
        elif isinstance(edit, Move):
            self.top.setdefault(nodes.statement(edit.loop), []).append(self._take_out(edit.anchor, nodes))
        elif isinstance(edit, MoveBefore):
            for anchor in edit.anchors:
                self.before.setdefault(nodes.statement(edit.target), []).append(self._take_out(anchor, nodes))
        elif isinstance(edit, Wrap):
            self.wrapped[nodes.expression(edit.anchor)] = edit.function
        elif isinstance(edit, Replace):
            self.replaced[nodes.expression(edit.anchor)] = edit.code
        elif isinstance(edit, Argument):
            self.arguments.setdefault(nodes.expression(edit.anchor), []).append((edit.name, edit.value))
        else:
            self.helpers[edit.name] = edit.code

    def _take_out(self, anchor: ast.stmt, nodes: _Nodes) -> cst.CSTNode:
        """A statement that goes elsewhere: with its line and comments if it stands there alone."""
        moved = nodes.statement(anchor)
        self.moved.add(moved)
        line = nodes.line_of.get(moved)
        return line if line is not None and len(line.body) == 1 else moved

    # -- expressions

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        for name, value in self.arguments.get(original_node, ()):
            updated_node = updated_node.with_changes(args=_with_argument(updated_node.args, name, value))
        if original_node in self.replaced:
            return cst.parse_expression(self.replaced[original_node], self.module.config_for_parsing)
        if original_node in self.wrapped:
            return cst.Call(cst.parse_expression(self.wrapped[original_node]), [cst.Arg(updated_node)])
        return updated_node

    # -- statements

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel:
        first, last = original_node.body[0], original_node.body[-1]
        before = [self._line(code) for code in self.before.get(first, ())]
        after = [self._line(code) for code in self.after.get(last, ())]
        small = self._small(original_node.body, updated_node.body, skip_before=first, skip_after=last)
        if not small:
            return cst.RemovalSentinel.REMOVE if len(original_node.body) == 1 else updated_node
        return self._around(before, updated_node.with_changes(body=small), after)

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.BaseSuite:
        small = self._small(original_node.body, updated_node.body)
        return updated_node.with_changes(body=small or [cst.Pass()])

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        if updated_node.body:
            return updated_node
        return updated_node.with_changes(body=[cst.SimpleStatementLine([cst.Pass()])])

    def _small(
        self,
        original: Sequence[cst.BaseSmallStatement],
        updated: Sequence[cst.BaseSmallStatement],
        skip_before: cst.CSTNode | None = None,
        skip_after: cst.CSTNode | None = None,
    ) -> list[cst.BaseSmallStatement]:
        """The small statements of one line, with what is to stand between them."""
        result: list[cst.BaseSmallStatement] = []
        changed = False
        for old, new in zip(original, updated):
            if old is not skip_before:
                result += [self._small_statement(code) for code in self.before.get(old, ())]
                changed = changed or old in self.before
            if old in self.moved:
                changed = True
            else:
                result.append(new)
            if old is not skip_after:
                result += [self._small_statement(code) for code in self.after.get(old, ())]
                changed = changed or old in self.after
        if not changed:
            return list(updated)
        separator = cst.Semicolon(whitespace_after=cst.SimpleWhitespace(" "))
        final = updated[-1].semicolon if result and result[-1] is updated[-1] else cst.MaybeSentinel.DEFAULT
        kept = [s if isinstance(s.semicolon, cst.Semicolon) else s.with_changes(semicolon=separator) for s in result[:-1]]
        return [*kept, *(s.with_changes(semicolon=final) for s in result[-1:])]

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> object:  # type: ignore[override]
        updated = super().on_leave(original_node, updated_node)  # type: ignore[type-var]
        if isinstance(original_node, cst.BaseCompoundStatement) and isinstance(updated, cst.BaseCompoundStatement):
            if original_node in self.top:
                updated = updated.with_changes(body=self._with_top(updated.body, self.top[original_node]))
            before = [self._line(code) for code in self.before.get(original_node, ())]
            after = [self._line(code) for code in self.after.get(original_node, ())]
            return self._around(before, updated, after)
        return updated

    def _with_top(self, body: cst.BaseSuite, new: list[cst.CSTNode | str]) -> cst.BaseSuite:
        if isinstance(body, cst.SimpleStatementSuite):
            separator = cst.Semicolon(whitespace_after=cst.SimpleWhitespace(" "))
            first = [self._small_statement(item).with_changes(semicolon=separator) for item in new]
            return body.with_changes(body=[*first, *body.body])
        lines = [self._line(item) for item in new]
        return body.with_changes(body=[*lines, *body.body])

    def _around(
        self, before: list[cst.BaseStatement], node: cst.BaseStatement, after: list[cst.BaseStatement]
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        """New lines around a statement; the blank lines above it stay above the new lines, its comments stay with it."""
        if not before and not after:
            return node
        if before:
            leading = list(node.leading_lines)  # type: ignore[attr-defined]
            own = 0
            while own < len(leading) and leading[len(leading) - 1 - own].comment is not None:
                own += 1
            split = len(leading) - own
            before[0] = before[0].with_changes(leading_lines=[*leading[:split], *before[0].leading_lines])  # type: ignore[attr-defined]
            if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
                own_lines = [_BLANK, _BLANK, *leading[split:]]
            else:
                own_lines = leading[split:]
            node = node.with_changes(leading_lines=own_lines)
        return cst.FlattenSentinel([*before, node, *after])

    def _line(self, code: cst.CSTNode | str) -> cst.BaseStatement:
        if isinstance(code, str):
            return cst.parse_statement(code, self.module.config_for_parsing)
        if isinstance(code, cst.SimpleStatementLine):
            return code
        assert isinstance(code, cst.BaseSmallStatement)
        return cst.SimpleStatementLine([code.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])

    def _small_statement(self, code: cst.CSTNode | str) -> cst.BaseSmallStatement:
        line = self._line(code)
        assert isinstance(line, cst.SimpleStatementLine)
        return line.body[0]

    # -- the helper

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        for code in self.helpers.values():
            updated_node = _with_helper(updated_node, code)
        return updated_node


def _with_argument(args: Sequence[cst.Arg], name: str, value: str) -> list[cst.Arg]:
    """Arguments and one keyword more, before a closing ``**kwargs``."""
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    new = cst.Arg(cst.parse_expression(value), keyword=cst.Name(name), equal=equal)
    if not args:
        return [new]
    last = args[-1]
    if isinstance(last.comma, cst.Comma):  # a trailing comma stays one
        return (
            [*args, new.with_changes(comma=last.comma)]
            if "\n" not in cst.Module([]).code_for_node(last.comma)
            else _above(args, new)
        )
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return [*args[:-1], last.with_changes(comma=comma), new]


def _above(args: Sequence[cst.Arg], new: cst.Arg) -> list[cst.Arg]:
    """One argument a line: the new one gets a line of its own, like the one before it."""
    if len(args) < 2:
        return [*args, new]
    return [*args[:-1], args[-1].with_changes(comma=args[-2].comma), new.with_changes(comma=args[-1].comma)]


def _with_helper(module: cst.Module, code: str) -> cst.Module:
    """A module with a definition, or an import, after its imports."""
    at = _after_imports(module.body)
    parsed = cst.parse_module(code.replace("\n", module.default_newline), module.config_for_parsing)
    new = parsed.body[0]
    if isinstance(new, cst.FunctionDef):
        above = list(module.header) + [_BLANK] * 2 if at == 0 else [_BLANK] * 2
        body = [*module.body[:at], new.with_changes(leading_lines=[] if at == 0 else above)]
        rest = list(module.body[at:])
        if rest:
            lines = list(rest[0].leading_lines)
            empty = next((i for i, line in enumerate(lines) if line.comment is not None), len(lines))
            rest[0] = rest[0].with_changes(leading_lines=[_BLANK] * max(0, 2 - empty) + lines)
        return module.with_changes(body=[*body, *rest])
    return module.with_changes(body=[*module.body[:at], new, *module.body[at:]])


def _after_imports(body: Sequence[cst.BaseStatement]) -> int:
    """Index after the last import of the head of a module: what stands before its first definition, loop or block."""
    at = 0
    for index, statement in enumerate(body):
        if isinstance(statement, cst.SimpleStatementLine):
            if any(isinstance(small, (cst.Import, cst.ImportFrom)) for small in statement.body):
                at = index + 1
            elif index == 0 and _is_docstring(statement):
                at = 1
        elif isinstance(statement, (cst.Try, cst.If)) and _only_imports(statement):
            at = index + 1
        elif not isinstance(statement, (cst.Try, cst.If)) or (
            isinstance(statement, cst.If) and "__name__" in cst.Module([]).code_for_node(statement.test)
        ):
            break
    return at


def _is_docstring(statement: cst.SimpleStatementLine) -> bool:
    first = statement.body[0]
    return isinstance(first, cst.Expr) and isinstance(first.value, (cst.SimpleString, cst.ConcatenatedString))


def _only_imports(statement: cst.Try | cst.If) -> bool:
    """``try: import a except ImportError: import b``"""
    lines = [line for line in statement.body.body if isinstance(line, cst.SimpleStatementLine)]
    return bool(lines) and any(isinstance(small, (cst.Import, cst.ImportFrom)) for line in lines for small in line.body)
