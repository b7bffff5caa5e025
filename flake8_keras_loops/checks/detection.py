"""What a check is given, the file under examination, and what it gives: findings, each with what it was made of."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property

from ..dataflow.summaries import Effects, Factories
from ..finding import Finding, Span
from ..knowledge import modes
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite, Loop, Module, extent
from ..semantics.syntax import spelling
from ..semantics.values import NO_ENV, dotted
from . import messages
from .searched import Search

_NO_EFFECTS = Effects()


@dataclass(frozen=True, eq=False)
class Detection:
    """A finding with what it was made of: the construction, or the call that leads to it, and the loop that repeats it.

    ``search``: what calls the function that ``loop`` then is.
    """

    finding: Finding
    site: CallSite
    loop: Loop
    effects: Effects
    search: Search | None = None


def in_graph_mode(module: Module, interpreter: Interpreter) -> bool:
    """Whether a file runs Keras without eager execution, as TensorFlow 1 did: not by the sessions of other libraries."""
    for name in modes.GRAPH_MODE:
        for site in module.calls_named(name):
            values = interpreter.callees(site.node, site.scope, NO_ENV)
            if any(modes.is_of_keras(dotted(value)) for value in values) or (not values and modes.turns_eager_off(name)):
                return True
    return False


@dataclass(frozen=True, eq=False)
class Subject:
    """A file under examination: indexed, with what sums up its calls, its bytes and its text."""

    module: Module
    factories: Factories
    source: bytes
    text: str

    def detection(
        self,
        code: str,
        site: CallSite,
        loop: Loop,
        cure: str,
        effects: Effects = _NO_EFFECTS,
        name: str = "",
        search: Search | None = None,
    ) -> Detection:
        """A finding of rule ``code`` at a call that ``loop`` repeats, and what helps.

        ``name``: how the construction is spelled, if not as the call.
        """
        span, around = self._span(site.node), self._span(loop.node)
        name, path, leads_to = name or spelling(site.node), self.module.path, effects.leads_to
        line = search.site.node.lineno if search is not None else around.line
        text = messages.message(code, name, leads_to, path, line, search.name if search is not None else "")
        return Detection(Finding(code, path, span, around, name, text, leads_to, cure), site, loop, effects, search)

    @cached_property
    def is_graph_mode(self) -> bool:
        """Whether the file runs Keras without eager execution."""
        return in_graph_mode(self.module, self.factories.interpreter)

    def _span(self, node: ast.AST) -> Span:
        (line, column), (end_line, end_column) = extent(node)
        return Span(line, self._column(line, column), end_line, self._column(end_line, end_column))

    def _column(self, line: int, offset: int) -> int:
        """A column in characters, from the offset in UTF-8 bytes that ``ast`` gives."""
        if self.text.isascii() or line > len(self._lines):
            return offset
        return len(self._lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))

    @cached_property
    def _lines(self) -> list[str]:
        return re.split("\r\n|\r|\n", self.text)  # as ast counts lines
