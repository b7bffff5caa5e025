"""Notebooks: the Python cells as one text, and that text's new version back into the cells.

Between two cells stands a ``pass`` with a comment that occurs nowhere else. It is a statement, not a mere comment, so that what
a fix puts before the first statement of a cell stays in that cell.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from .magics import Line, mask, split_lines, unmask, without_end
from .notebook_json import Cell, Document, NotebookError, check, scan, splice

_LINE_NUMBER = re.compile(r"\bline (\d+)\b(?! of (?:cell|the fix)\b)")
_LINE_ENDS = ("\n", "\r")


@dataclass(frozen=True)
class CodeCell:
    """A Python cell: its lines as they stand in the joined text, from line ``start`` on, though the last may have no end."""

    cell: Cell
    start: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Place:
    """A place in a notebook. ``cell`` and ``line`` count from 1, ``column`` from 0. ``file_line``: the line of the JSON."""

    cell: int
    line: int
    column: int
    file_line: int


@dataclass(frozen=True)
class Notebook:
    """``python``: all Python cells as one text. ``label``: what the markers in it share."""

    document: Document
    python: str
    cells: tuple[CodeCell, ...]
    label: str

    def place(self, line: int, column: int = 0) -> Place:
        """Where a place of the joined text is in the notebook."""
        code = next((code for code in reversed(self.cells) if code.start <= line), None)
        if code is None:
            return Place(1, 1, 0, 1)
        found = code.lines[min(line - code.start, len(code.lines) - 1)]
        number = code.cell.number
        return Place(number, found.number, column + found.shift, self.document.file_line(number, found.number))

    def relocate(self, message: str) -> str:
        """A message about the joined text, ``... on line 12``, with the cell and the line in it instead."""

        def in_cell(found: re.Match[str]) -> str:
            where = self.place(int(found[1]))
            return f"line {where.line} of cell {where.cell}"

        return _LINE_NUMBER.sub(in_cell, message)


def read(text: str) -> Notebook:
    """Take a notebook's JSON apart. Raises :class:`NotebookError`."""
    document = scan(text)
    label = _label(text)
    cells: list[CodeCell] = []
    pieces: list[str] = []
    line = 1
    for cell in document.cells:
        lines = mask(cell.source, f"{label}:{cell.number}") if _is_python(document, cell) else None
        if not lines:
            continue
        if cells:
            pieces.append(_marker(label, cell.number) + "\n")
            line += 1
        pieces += [*(each.text for each in lines), "" if cell.source.endswith(_LINE_ENDS) else "\n"]
        cells.append(CodeCell(cell, line, lines))
        line += len(lines)
    return Notebook(document, "".join(pieces), tuple(cells), label)


def write(notebook: Notebook, python: str) -> str:
    """The notebook's JSON with the new Python in its cells.

    Raises :class:`NotebookError` where that cannot be told apart into the old cells, or anything but sources would change.
    """
    if python == notebook.python:
        return notebook.document.text
    sources: dict[int, str] = {}
    for code, text in zip(notebook.cells, _split(notebook, python)):
        try:
            source = unmask(code.lines, text if code.cell.source.endswith(_LINE_ENDS) else without_end(text))
        except NotebookError as error:
            raise NotebookError(f"{error} of cell {code.cell.number}") from None
        if source != code.cell.source:
            sources[code.cell.number] = source
    new = splice(notebook.document, sources)
    check(notebook.document, new, sources)
    return new


def _is_python(document: Document, cell: Cell) -> bool:
    """Nothing said of the language means Python, which is what most notebooks without metadata are."""
    named = cell.language or document.language
    return cell.kind == "code" and named in {"", "python", "python3", "ipython"}


def _label(text: str) -> str:
    """A word that the notebook does not contain, and the same in every run."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    label = f"keras-loop-fix:{digest[:8]}"
    while label in text:  # possible only for a text made for it
        label += "x"
    return label


def _marker(label: str, number: int) -> str:
    return f"pass  # {label}:{number}:start"


def _split(notebook: Notebook, python: str) -> list[str]:
    """The text of each cell; the markers must be there, each once and in order."""
    expected = [_marker(notebook.label, code.cell.number) for code in notebook.cells[1:]]
    parts = [""]
    seen: list[str] = []
    for line in split_lines(python):
        if line.rstrip("\r\n") in expected:
            seen.append(line.rstrip("\r\n"))
            parts.append("")
        else:
            parts[-1] += line
    # An indented or appended marker counts as a second one.
    if seen != expected or any(python.count(marker.removeprefix("pass  ")) != 1 for marker in expected):
        raise NotebookError("the fix does not keep the cells apart")
    return parts
