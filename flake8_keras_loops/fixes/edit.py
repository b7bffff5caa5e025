"""Edits made in a file's syntax tree by LibCST: every byte that no edit names is the one that was there.

Edits name ``ast`` nodes; what changes is the LibCST node at the same place. The comments directly above a statement, indented
like it, belong to it: they go where it goes, and what goes before it goes above them.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, takewhile
from typing import Any, cast

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

from ..files.project import parse
from .edits import (
    After,
    Argument,
    Before,
    Edit,
    Helper,
    Lift,
    Move,
    MoveBefore,
    Outline,
    RaiseBefore,
    Replace,
    Section,
    Top,
    Wrap,
)
from .spawning.outline import Continued, outlined

#: Why a file is refused.
LOSSY = "LibCST does not give this file back as it is"
_LINE_END = re.compile(rb"\r\n|\r|\n")  # as Python counts lines
_INDENT = re.compile(rb"[ \t]*")
_DEPTH = re.compile(r"^(?: {4})+", re.MULTILINE)
_HEADER = re.compile(r"#!|#.*coding[:=]")
_CELL = re.compile(r"# ?(?:%%|In\[)")  # starts a cell in a script that is a notebook
_BLANK = cst.EmptyLine(indent=False)
_NONE = cst.MaybeSentinel.DEFAULT
_PARTED = cst.Semicolon(whitespace_after=cst.SimpleWhitespace(" "))

_Line = cst.SimpleStatementLine | cst.BaseCompoundStatement  # of a block
_Part = cst.BaseSmallStatement | cst.BaseCompoundStatement  # what ast calls a statement: a line may have several
_New = str | _Part | Lift | Outline  # code, a statement from elsewhere, a call from elsewhere, a function of statements


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made.

    Raises ``ValueError`` for an edit that there is no place for, and for a text that LibCST would change by itself.
    """
    edits = list(dict.fromkeys(edits))
    try:
        return read(text)[0].visit(_Editor(text, edits)).code if edits else text
    except (SyntaxError, RecursionError, cst.ParserSyntaxError):
        raise ValueError("LibCST cannot change this file: it is nested too deeply, or the new text is no Python") from None


@lru_cache(maxsize=1)  # a file's fixes are tried together, then in groups
def read(text: str) -> tuple[cst.Module, Mapping[cst.CSTNode, CodeSpan]]:
    """A text's tree, and where each node stands, in bytes. Raises ``ValueError`` where LibCST does not give the text back."""
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError:
        raise ValueError("LibCST cannot read this file") from None
    if text.endswith("\r"):
        module = module.with_changes(has_trailing_newline=True)  # it does not see that
    if module.code != text:
        raise ValueError(LOSSY)
    return module, MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)


class _Editor(cst.CSTTransformer):
    """Makes all edits in one walk over the tree, from the inside out. Its dictionaries are by nodes of the tree as read."""

    def __init__(self, text: str, edits: Sequence[Edit]) -> None:
        super().__init__()
        self.module, self.spans = read(text)
        self.data = text.encode()
        self.rows = [0, *(end.end() for end in _LINE_END.finditer(self.data))]  # where the physical lines start
        self.expressions = {span: node for node, span in self.spans.items() if isinstance(node, cst.BaseExpression)}
        elifs = {node.orelse for node in self.spans if isinstance(node, cst.If)}
        self.parts = {span.start: node for node, span in self.spans.items() if isinstance(node, _Part) and node not in elifs}
        self.changes: dict[cst.CSTNode, list[Wrap | Replace | Lift | Argument]] = defaultdict(list)  # in an expression
        self.top: dict[_Part, list[_New]] = defaultdict(list)  # of a block, by its first statement
        self.above: dict[_Part, list[_New]] = defaultdict(list)
        self.below: dict[_Part, list[_New]] = defaultdict(list)
        self.leaving: dict[_Part, list[_New]] = {}  # and for where
        self.gone: dict[_New, _Line] = {}  # what has left, each as a line
        self.empty: set[cst.CSTNode] = set()  # lines that nothing stays of
        self.outlines: dict[_Part, Outline] = {}  # by the first statement that leaves
        for edit in sorted(edits, key=lambda edit: not isinstance(edit, RaiseBefore)):
            self._plan(edit)
        self.places = [
            self.spans[node].start for node in chain(self.changes, self.top, self.above, self.below, self.leaving, self.outlines)
        ]
        self._plan_helpers([edit for edit in edits if isinstance(edit, Helper)])

    def _place(self, line: int | None, column: int | None) -> int:
        """Where something stands, by ``ast``'s lines and columns."""
        return self.rows[(line or 1) - 1] + (column or 0)

    def _statement(self, node: ast.stmt) -> _Part:
        """Raises ``ValueError`` where there is none that others could go beside."""
        if found := self.parts.get(self._place(node.lineno, node.col_offset)):
            return found
        raise ValueError(f"there is no statement in line {node.lineno}")

    def _expression(self, node: ast.expr) -> cst.BaseExpression:
        """Raises ``ValueError`` where there is another one: in an f-string Python before 3.12 does not always know the place."""
        start, end = self._place(node.lineno, node.col_offset), self._place(node.end_lineno, node.end_col_offset)
        if found := self.expressions.get(CodeSpan(start, end - start)):
            if ast.dump(parse(f"({self.data[start:end].decode()}\n)").body[0]) == ast.dump(ast.Expr(node)):
                return found
        raise ValueError(f"the call in line {node.lineno} is not where it is said to be")

    def _row(self, node: cst.CSTNode) -> tuple[int, str]:
        """The physical line that a node starts in, counted from 1, and its indent."""
        row = bisect_right(self.rows, self.spans[node].start)
        indent = _INDENT.match(self.data, self.rows[row - 1])
        return row, indent[0].decode() if indent else ""

    def _plan(self, edit: Edit) -> None:
        if isinstance(edit, (Wrap, Replace, Lift, Argument)):
            self.changes[self._expression(edit.anchor)].append(edit)
        if isinstance(edit, Lift):
            self.above[self._statement(edit.target)].append(edit)
        elif isinstance(edit, (Before, Section)):
            code = edit.code + "\n" * isinstance(edit, Section)  # a blank line is to follow
            self.above[self._statement(edit.anchor)].append(code)
        elif isinstance(edit, After):
            self.below[self._statement(edit.anchor)].append(edit.code)
        elif isinstance(edit, Top):
            self.top[self._statement(_first(edit.anchor))].append(edit.code)
        elif isinstance(edit, Move):
            self._send([edit.anchor], self.top[self._statement(_first(edit.loop))])
        elif isinstance(edit, Outline):
            if self.outlines.setdefault(self._statement(edit.anchors[0]), edit) is not edit:
                raise ValueError("two fixes change the same text")
            self.above[self._statement(edit.target)] += [edit] if edit.head else []
        elif isinstance(edit, (MoveBefore, RaiseBefore)):
            self._send(edit.anchors, self.above[self._statement(edit.target)])

    def _send(self, anchors: Iterable[ast.stmt], place: list[_New]) -> None:
        for node in map(self._statement, anchors):
            if self.leaving.setdefault(node, place) is not place:
                raise ValueError("two fixes change the same text")
            if node not in place:
                place.append(node)

    def _plan_helpers(self, helpers: Iterable[Helper]) -> None:
        """They go behind the imports of the file's head, and before the first line that changes and runs as the file is run."""
        lines = self.module.body
        runs = (index for index, line in enumerate(lines) if self._is_touched(line) and not isinstance(line, cst.FunctionDef))
        first = next(runs, len(lines))
        new: list[_New] = []
        for helper in helpers:
            there = next((index for index, line in enumerate(lines) if helper.name in _bound(line)), None)
            if there is None:
                new.append(helper.code)
            elif first < there:
                row = self._row(_parts(lines[there])[0])[0]
                raise ValueError(f"{helper.name} is defined in line {row}, below a loop that would use it")
        if at := min(_after_imports(self.module), first):
            self.below[_parts(lines[at - 1])[-1]] += new
        elif new:
            self.above[_parts(lines[0])[0]][:0] = new

    def _is_touched(self, node: cst.CSTNode) -> bool:
        """Whether an edit names a node, or something in it."""
        span = self.spans[node]
        return any(span.start <= place < span.start + span.length for place in self.places)

    def on_visit(self, node: cst.CSTNode) -> bool:
        """A line that nothing changes in stays the node that it is."""
        return not isinstance(node, cst.SimpleStatementLine) or self._is_touched(node)

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        if original_node in self.changes:
            return self._changed(original_node, updated_node)
        if isinstance(original_node, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
            return self._line(original_node, updated_node) if self._is_touched(original_node) else updated_node
        if isinstance(original_node, (cst.Module, cst.IndentedBlock)):
            return self._block(original_node, updated_node)
        if isinstance(original_node, cst.BaseCompoundStatement) and original_node in self.leaving:
            self.gone[original_node] = updated_node.with_changes(leading_lines=_split(updated_node.leading_lines)[1])
            self.empty.add(original_node)
        return updated_node

    def _changed(self, old: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
        """Parentheses around an expression stay around what comes in its place."""
        lpar, rpar = new.lpar, new.rpar
        new = new.with_changes(lpar=(), rpar=())
        for edit in sorted(self.changes[old], key=lambda edit: isinstance(edit, (Replace, Lift))):
            if isinstance(edit, Argument):
                new = _with_argument(cst.ensure_type(new, cst.Call), edit)
            elif isinstance(edit, Wrap):
                first = [cst.Arg(cst.parse_expression(edit.first))] if edit.first else []
                new = cst.Call(cst.parse_expression(edit.function), [*first, cst.Arg(new)])
            else:
                if isinstance(edit, Lift):
                    self.gone[edit] = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(edit.name))], new)])
                new = cst.parse_expression(edit.code)
        return new.with_changes(lpar=[*lpar, *new.lpar], rpar=[*new.rpar, *rpar])

    def _block(self, old: Any, new: Any) -> Any:
        """A block with what goes between its statements, and without those that have left."""
        gap = 2 if isinstance(new, cst.Module) else 1  # blank lines around definitions
        lines = list(new.body)
        if gap == 2 and lines:
            new, lines[0] = new.with_changes(header=()), lines[0].with_changes(leading_lines=new.header)
        body: list[_Line] = []
        left: list[cst.EmptyLine] = []  # what stood above lines that have left
        blank, is_top = 0, True  # how many blank lines are to follow; until a line stays
        nodes = self._outline(list(old.body), lines) if self.outlines else old.body
        for index, (node, line) in enumerate(zip(nodes, lines)):
            parts, stays = _parts(node), node not in self.empty
            rest, own = _split(line.leading_lines, is_head=gap == 2 and not index)
            if is_top and index:
                rest = rest[_blank(rest) :]
            if not stays and (is_top or line is lines[-1] or _blank(lines[index + 1].leading_lines)):
                rest = rest[: len(rest) - _blank(rest[::-1])]
            rest, left = [*left, *[_BLANK] * (blank - _blank([*rest, *own])), *rest], []
            body += self._lines(self.top[parts[0]], node)
            blank = self._put(body, self.above[parts[0]], node, rest, 0, gap)
            if self.above[parts[0]]:
                rest = [_BLANK] * (gap if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else blank)
            if stays:
                body.append(line.with_changes(leading_lines=[*rest, *own]))
                is_top = False
            else:
                left = rest
            blank = self._put(body, self.below[parts[-1]], node, [], 0, gap)
        return new.with_changes(body=body, footer=[*left, *new.footer])

    def _outline(self, nodes: list[_Line], lines: list[_Line]) -> list[_Line]:
        """The lines of a block, changed: a block that calls a function where its statements stood. Gives the nodes that stay."""
        for index, node in reversed(list(enumerate(nodes))):
            if (edit := self.outlines.get(_parts(node)[0])) is not None:
                last = index + len(edit.anchors)
                if [self._statement(anchor) for anchor in edit.anchors] != [
                    part for n in nodes[index:last] for part in _parts(n)
                ]:
                    raise ValueError(f"several statements stand in line {edit.anchors[0].lineno}, or in that of the loop")
                rest, own = _split(lines[index].leading_lines) if edit.head else (lines[index].leading_lines, [])
                deeper = Continued(self._row(node)[1], self.module.default_indent)
                moved = [cast("_Line", line.visit(deeper)) for line in lines[index:last]]
                head, block, result = map(self._code, (edit.head, edit.block, edit.result))
                new = replace(edit, head=head, block=block, result=result)
                function, call = outlined([moved[0].with_changes(leading_lines=own), *moved[1:]], new)
                if function is not None:
                    self.gone[edit] = function
                lines[index:last] = [call.with_changes(leading_lines=rest)]
                del nodes[index + 1 : last]
        return nodes

    def _put(self, body: list[_Line], new: Iterable[_New], near: _Part, rest: list[cst.EmptyLine], blank: int, gap: int) -> int:
        """Add new lines to a body, the first behind ``rest``. Gives how many blank lines are to follow."""
        for each in new:
            for line in self._lines([each], near):
                margin = gap if isinstance(line, (cst.FunctionDef, cst.ClassDef)) else 0
                above = max(blank, margin) - _blank(rest[::-1]) if body or rest else 0
                body.append(line.with_changes(leading_lines=[*rest, *[_BLANK] * above, *line.leading_lines]))
                rest, blank = [], margin
            blank = max(blank, isinstance(each, str) and each.endswith("\n\n"))
        return blank

    def _line(self, old: Any, new: Any) -> Any:
        """The small statements of a line, or behind a colon. What goes around those of a block's line has lines of its own."""
        for node, part in zip(old.body, new.body):
            if node in self.leaving:
                self.gone[node] = cst.SimpleStatementLine([part.with_changes(semicolon=_NONE)])
        first, last, end = old.body[0], old.body[-1], new.body[-1]
        is_whole = isinstance(old, cst.SimpleStatementLine)
        line: list[cst.BaseSmallStatement] = []
        for node, part in zip(old.body, new.body):
            if not is_whole or node is not first:
                line += self._small([*self.top[node], *self.above[node]], node)
            if node not in self.leaving:
                line.append(part)
            if not is_whole or node is not last:
                line += self._small(self.below[node], node)
        if is_whole and not line:
            self.gone[first] = self.gone[first].with_changes(leading_lines=_split(new.leading_lines)[1])
            self.gone[last] = self.gone[last].with_changes(trailing_whitespace=new.trailing_whitespace)
            self.empty.add(old)
            return new
        parted = [part.with_changes(semicolon=_PARTED) if part.semicolon is _NONE or part is end else part for part in line[:-1]]
        return new.with_changes(body=[*parted, *(part.with_changes(semicolon=end.semicolon) for part in line[-1:])])

    def _small(self, new: Iterable[_New], near: _Part) -> Iterator[cst.BaseSmallStatement]:
        for line in self._lines(new, near):
            if not isinstance(line, cst.SimpleStatementLine) or line.leading_lines or line.trailing_whitespace.comment:
                raise ValueError("a comment, or a block, has no place in a line with other statements")
            yield from line.body

    def _lines(self, new: Iterable[_New], near: cst.CSTNode) -> Iterator[_Line]:
        """What goes beside a statement, with indents and line ends as the file has them."""
        for each in new:
            if isinstance(each, str):
                yield from cst.parse_module(self._code(each)).body
            elif isinstance(each, Outline):
                yield self.gone[each]
            elif each in self.gone:
                node = self._expression(each.anchor) if isinstance(each, Lift) else each
                yield cast("_Line", self.gone[each].visit(Continued(self._row(node)[1], self._row(near)[1])))
            else:
                raise ValueError("a statement moves to a place that does not hold it")

    def _code(self, text: str) -> str:
        """New code with the file's indents and line ends."""
        indent = self.module.default_indent
        code = _DEPTH.sub(lambda found: indent * (len(found[0]) // 4), text)
        return code.replace("\n", self.module.default_newline)


def _parts(line: Any) -> Sequence[_Part]:
    """The small statements of a line; a statement with a block is one by itself."""
    return line.body if isinstance(line, (cst.SimpleStatementLine, cst.SimpleStatementSuite)) else [line]


def _split(lines: Sequence[cst.EmptyLine], is_head: bool = False) -> tuple[list[cst.EmptyLine], list[cst.EmptyLine]]:
    """The lines above a statement, and of these the comments that belong to it. Those at the top of a file are about the file."""
    at = len(lines)
    while at and (comment := lines[at - 1].comment) and lines[at - 1].indent and not lines[at - 1].whitespace.value:
        if _CELL.match(comment.value) or (is_head and at <= 2 and _HEADER.match(comment.value)):
            break
        at -= 1
    at = at or (len(lines) if is_head else 0)
    return list(lines[:at]), list(lines[at:])


def _blank(lines: Iterable[cst.EmptyLine]) -> int:
    """How many lines are blank before the first comment."""
    return len(list(takewhile(lambda line: line.comment is None, lines)))


def _with_argument(call: cst.Call, edit: Argument) -> cst.Call:
    """A keyword argument behind those of a call; where each has its line, the new one gets a line too."""
    new = cst.ensure_type(cst.parse_expression(f"f({edit.name}={edit.value})"), cst.Call).args[0]
    if not call.args:
        new = new.with_changes(whitespace_after_arg=call.whitespace_before_args)
        return call.with_changes(args=[new], whitespace_before_args=cst.SimpleWhitespace(""))
    *others, last = call.args
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        raise ValueError("a call of a generator takes no more arguments as it is written")
    spaces = [call.whitespace_before_args, *(arg.comma.whitespace_after for arg in call.args if isinstance(arg.comma, cst.Comma))]
    between: cst.BaseParenthesizableWhitespace = cst.SimpleWhitespace(" ")
    end = spaces.pop()
    if isinstance(last.comma, cst.Comma) and isinstance(end, cst.ParenthesizedWhitespace):
        starts = [space for space in spaces if isinstance(space, cst.ParenthesizedWhitespace)] or [end]
        between = starts[-1].with_changes(first_line=end.first_line, empty_lines=())
        end = end.with_changes(first_line=cst.TrailingWhitespace(newline=end.first_line.newline))
        new = new.with_changes(comma=last.comma.with_changes(whitespace_after=end))
    else:
        new = new.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
    last = last.with_changes(comma=cst.Comma(whitespace_after=between), whitespace_after_arg=cst.SimpleWhitespace(""))
    return call.with_changes(args=[*others, last, new])


def _first(loop: Any) -> Any:
    """The first statement of a block, behind a docstring."""
    is_documented = isinstance(loop, (ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(loop, clean=False) is not None
    return loop.body[1] if is_documented and len(loop.body) > 1 else loop.body[0]


def _after_imports(module: cst.Module) -> int:
    """How many lines there are up to the last import of a file's head, which its first definition, loop or block ends."""
    at = 0
    for index, line in enumerate(module.body):
        if isinstance(line, cst.If) and "__name__" in module.code_for_node(line.test):
            break
        inner = line.body.body if isinstance(line, (cst.If, cst.Try)) else [line]
        parts = [part for each in inner for part in _parts(each)]
        value = parts[0].value if index == 0 and isinstance(parts[0], cst.Expr) else None
        is_docstring = isinstance(value, (cst.SimpleString, cst.ConcatenatedString))
        if is_docstring or any(isinstance(part, (cst.Import, cst.ImportFrom)) for part in parts):
            at = index + 1
        elif not isinstance(line, (cst.SimpleStatementLine, cst.If, cst.Try)):
            break
    return at


def _bound(line: _Line) -> set[str]:
    """The names that definitions and imports bind."""
    names = {part.name.value for part in _parts(line) if isinstance(part, (cst.FunctionDef, cst.ClassDef))}
    imports = [part.names for part in _parts(line) if isinstance(part, (cst.Import, cst.ImportFrom))]
    aliases = (alias for each in imports if not isinstance(each, cst.ImportStar) for alias in each)
    return names.union(alias.evaluated_alias or alias.evaluated_name for alias in aliases)
