"""Where things stand in a file's text: logical lines with their indent and line end, comments, and the places of nodes.

Read from the tokens, because neither ``ast`` nor LibCST tells all of it: the one knows no comments and semicolons, the other does
not give every file back as it was (it loses form feeds, misindented comments at the end of a block, a last lone CR).
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ..files.project import parse

LINE_END = re.compile("\r\n|\r|\n")  # as Python counts lines
_SPACE = re.compile(r"[ \t\f]*")
_JOINED = re.compile(r"[ \t\f]*\\(?:\r\n|\r|\n)")
_HEADER = re.compile(r"#!|#.*coding[:=]")
_CELL = re.compile(r"# ?(?:%%|In\[)")  # starts a cell in a script that is a notebook
_SUITES = ("body", "orelse", "finalbody")
_STRINGS = {getattr(tokenize, name) for name in ("STRING", "FSTRING_START", "TSTRING_START") if hasattr(tokenize, name)}
_STRING_ENDS = {getattr(tokenize, name) for name in ("FSTRING_END", "TSTRING_END") if hasattr(tokenize, name)}
_TRIVIA = {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


@dataclass(frozen=True)
class Line:
    """A logical line. ``begin``: its first character, ``start``: its first token, ``end``: behind its line end."""

    begin: int
    start: int
    end: int
    indent: str
    newline: str


@dataclass(frozen=True)
class Token:
    """A token that is neither comment nor blank; ``text`` is ``"\\n"`` for the end of a logical line."""

    start: int
    end: int
    text: str


class Layout:
    """The layout of a text that Python parses. Raises ``ValueError`` where the tokens cannot be told."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = found[0] if (found := LINE_END.search(text)) else "\n"
        self.indent = "    "
        self._rows = [0, *(found.end() for found in LINE_END.finditer(text))]
        self._is_ascii = text.isascii()
        self.lines: list[Line] = []
        self.tokens: list[Token] = []
        self._comments: set[int] = set()
        self._in_string: set[int] = set()
        self._read()
        self._line_starts = [line.start for line in self.lines]
        self._token_starts = [token.start for token in self.tokens]
        self._suites: dict[int, list[ast.stmt]] | None = None

    def _read(self) -> None:
        first: int | None = None
        strings: list[int] = []
        has_indent = False
        for token in _tokens(self.text):
            if token.type in _STRINGS:
                strings.append(token.start[0])
            if token.type == tokenize.STRING or token.type in _STRING_ENDS:
                self._in_string.update(range(strings.pop(), token.end[0]))
            if token.type == tokenize.INDENT and not has_indent:
                self.indent, has_indent = token.string.rpartition("\f")[2] or self.indent, True
            if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip(" \t\f"):
                self._comments.add(token.start[0] - 1)
            if token.type in _TRIVIA:
                continue
            start = self._rows[token.start[0] - 1] + token.start[1]
            if token.type == tokenize.NEWLINE:
                self.tokens.append(Token(start, start, "\n"))
                self.lines.append(self._line(first if first is not None else start, start))
                first = None
            else:
                self.tokens.append(Token(start, self._rows[token.end[0] - 1] + token.end[1], token.string))
                first = start if first is None else first

    def _line(self, start: int, end: int) -> Line:
        row = self._row(start)
        while row and _JOINED.fullmatch(self.text, self._rows[row - 1], self._rows[row]):
            row -= 1  # a line of nothing but a backslash
        found = LINE_END.match(self.text, end)
        return Line(
            self._rows[row], start, found.end() if found else len(self.text), self._indent(row), found[0] if found else ""
        )

    def _row(self, offset: int) -> int:
        return bisect_right(self._rows, offset) - 1

    def _indent(self, row: int) -> str:
        found = _SPACE.match(self.text, self._rows[row])
        assert found is not None
        return found[0].rpartition("\f")[2]

    # -- nodes

    def offset(self, line: int, column: int) -> int:
        """A place as ``ast`` names it: its column counts bytes."""
        row = self._rows[line - 1]
        if self._is_ascii:
            return row + column
        end = self._rows[line] if line < len(self._rows) else len(self.text)
        return row + len(self.text[row:end].encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node starts, with its decorators, and where it ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.offset(node.lineno, node.col_offset)
        for decorator in getattr(node, "decorator_list", [])[:1]:
            at = bisect_left(self._token_starts, self.offset(decorator.lineno, decorator.col_offset))
            start = next(token.start for token in reversed(self.tokens[:at]) if token.text == "@")
        return start, self.offset(node.end_lineno, node.end_col_offset)

    def suite(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which one stands, itself included."""
        if self._suites is None:
            self._suites = {}
            for node in ast.walk(parse(self.text)):
                for name in _SUITES:
                    statements = getattr(node, name, None)
                    if isinstance(statements, list):
                        self._suites.update((self.span(each)[0], statements) for each in statements)
        try:
            return self._suites[self.span(statement)[0]]
        except (KeyError, StopIteration, IndexError):
            raise ValueError(f"there is no statement in line {statement.lineno}") from None

    # -- lines and tokens

    def line(self, offset: int) -> int:
        """The index of the logical line that a place of the code is in."""
        return bisect_right(self._line_starts, offset) - 1

    def is_first(self, offset: int) -> bool:
        """Whether a logical line starts here."""
        return self.lines[self.line(offset)].start == offset

    def following(self, offset: int) -> Iterator[Token]:
        """The tokens from a place on."""
        for at in range(bisect_left(self._token_starts, offset), len(self.tokens)):
            yield self.tokens[at]

    def preceding(self, offset: int) -> Iterator[Token]:
        """The tokens that end before a place, the nearest first."""
        for at in range(bisect_left(self._token_starts, offset) - 1, -1, -1):
            yield self.tokens[at]

    def rows(self, start: int, end: int) -> Iterator[int]:
        """Where the physical lines between two places start, but for those that start inside a string."""
        for row in range(self._row(start), self._row(end - 1) + 1):
            if row not in self._in_string and self._rows[row] >= start:
                yield self._rows[row]

    # -- comments and blank lines

    def with_comments(self, line: Line) -> int:
        """Where the comments start that stand directly above a line and belong to it."""
        row = self._row(line.begin)
        while row and row - 1 in self._comments and self._indent(row - 1) == line.indent:
            comment = self.text[self._rows[row - 1] : self._rows[row]].lstrip(" \t\f")
            if _CELL.match(comment) or (row <= 2 and _HEADER.match(comment)):
                break
            row -= 1
        return self._rows[row] if row else line.begin  # those at the top are about the file

    def behind(self, line: Line) -> int:
        """Where a statement's suite ends whose last line this is: its comments may go on below the code, indented like it."""
        width = len(line.indent.expandtabs())
        end, row = line.end, self._row(line.end)
        while row < len(self._rows) and self._rows[row] < len(self.text):
            if row in self._comments and len(self._indent(row).expandtabs()) >= width:
                end = self._rows[row + 1] if row + 1 < len(self._rows) else len(self.text)
            elif not self.is_blank(row):
                break
            row += 1
        return end

    def is_blank(self, row: int) -> bool:
        """Whether a physical line, counted from 0, has nothing on it."""
        start = self._rows[row]
        end = self._rows[row + 1] if row + 1 < len(self._rows) else len(self.text)
        return not self.text[start:end].strip(" \t\f\r\n")

    def blank_below(self, offset: int) -> int:
        """How many blank lines follow the start of a physical line; those at the end of the file count as enough."""
        row = self._row(offset)
        count = 0
        while row + count < len(self._rows) and self.is_blank(row + count):
            count += 1
        return count

    def blank_above(self, offset: int) -> int:
        """How many blank lines stand above the start of a physical line."""
        row = self._row(offset)
        count = 0
        while row - count > 0 and self.is_blank(row - count - 1):
            count += 1
        return count

    def row_start(self, offset: int, shift: int = 0) -> int:
        """The start of the physical line that a place is in, or of one ``shift`` lines below it."""
        return self._rows[self._row(offset) + shift]

    def indent_at(self, offset: int) -> str:
        """The indent of the physical line that a place is in."""
        return self._indent(self._row(offset))

    # -- new lines

    def indented(self, code: str, indent: str, newline: str) -> str:
        """Code that is indented by fours, as lines with an indent before each, indented as the file is."""
        lines = []
        for line in code.rstrip("\n").split("\n"):
            bare = line.lstrip(" ")
            depth, rest = divmod(len(line) - len(bare), 4)
            lines.append(indent + self.indent * depth + " " * rest + bare if bare else "")
        return "".join(line + newline for line in lines)

    def put(self, place: int, lines: str, newline: str) -> str:
        """New lines as they go in at a place: behind a last line without line end, the new last one has none."""
        if place == len(self.text) and self.text and not self.text.endswith(("\n", "\r")):
            return newline + lines.removesuffix(newline)
        return lines


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    # Columns stay what they are: only a CR that ends a line by itself becomes another character, which tokenize knows.
    lines = io.StringIO(re.sub("\r(?!\n)", "\n", text), newline="\n")
    try:
        yield from tokenize.generate_tokens(lines.readline)
    except (tokenize.TokenError, SyntaxError) as error:
        raise ValueError(f"its tokens cannot be told: {error.args[0]}") from None
