"""What a check is given, the file under examination, and what it gives: findings, each with what it was made of."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from ..dataflow.summaries import Effects, Factories
from ..finding import Finding, Span
from ..semantics.modules import Modules
from ..semantics.scopes import CallSite, Loop, Module, extent
from ..semantics.syntax import spelling
from .searched import Search

_NO_EFFECTS = Effects()


@dataclass(frozen=True, eq=False)
class Detection:
    """A finding with what it was made of: the construction, or the call that leads to it, and the loop that repeats it.

    ``returns_model``: the value of the call is, or holds, the model. ``search``: what calls the function that ``loop`` then is.
    """

    finding: Finding
    site: CallSite
    loop: Loop
    effects: Effects
    returns_model: bool
    search: Search | None = None


@dataclass(frozen=True, eq=False)
class Subject:
    """A file under examination: indexed, with what sums up its calls, its bytes and its text."""

    module: Module
    factories: Factories
    source: bytes
    text: str
    _lines: list[str] = field(default_factory=list)

    @property
    def project(self) -> Modules:
        """The modules that the file's imports lead to."""
        return self.factories.interpreter.project

    def detection(
        self,
        code: str,
        site: CallSite,
        loop: Loop,
        message: str,
        name: str = "",
        built_at: tuple[str, int] | None = None,
        effects: Effects = _NO_EFFECTS,
        returns_model: bool = False,
        search: Search | None = None,
    ) -> Detection:
        """A finding of rule ``code`` at a call that ``loop`` repeats. ``message``: its text, with ``{loop}`` for the loop's line.

        ``name``: how the construction is spelled, by default as the call; ``built_at``: file and line that a call leads to.
        """
        around = self._span(loop.node)
        name = name or spelling(site.node)
        finding = Finding(code, self.module.path, self._span(site.node), around, name, message.format(loop=around.line), built_at)
        return Detection(finding, site, loop, effects, returns_model, search)

    def _span(self, node: ast.AST) -> Span:
        (line, column), (end_line, end_column) = extent(node)
        return Span(line, self._column(line, column), end_line, self._column(end_line, end_column))

    def _column(self, line: int, offset: int) -> int:
        """A column in characters, from the offset in UTF-8 bytes that ``ast`` gives."""
        if self.text.isascii():
            return offset
        if not self._lines:
            self._lines.extend(re.split("\r\n|\r|\n", self.text))  # as ast counts lines
        if line > len(self._lines):
            return offset
        return len(self._lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))
