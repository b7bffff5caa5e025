"""Where the cells stand in the text of a notebook, so that a changed cell's source can be replaced and nothing else moves.

Writing a notebook through a JSON library would bring back another indent, order or escaping than the file had.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .encoding import SourceError

_SPACE = re.compile(r"[ \t\r\n]*")
_ESCAPED = re.compile(r"\\u(?:00[89a-fA-F]|0[1-9a-fA-F]|[1-9a-fA-F])")
_DECODER = json.JSONDecoder()
_Span = tuple[int, int]


class NotebookError(SourceError):
    """A notebook that cannot be read, or whose fix cannot be written. The message is one line, without the path."""


@dataclass(frozen=True)
class Cell:
    """``number``: from 1, among all cells. ``kind``: its ``cell_type``. ``language``: what its metadata say, ``""`` for nothing.
    ``span``: the value of ``source`` in the JSON text. ``items``: the spans of its strings if that value is a list."""

    number: int
    kind: str
    language: str
    source: str
    span: _Span
    items: tuple[_Span, ...] | None


@dataclass(frozen=True)
class Document:
    """A notebook's JSON ``text``; ``language``: what the kernel runs, in lower case, ``""`` where that is not said."""

    text: str
    language: str
    cells: tuple[Cell, ...]

    def file_line(self, number: int, line: int) -> int:
        """The line of the JSON text, from 1, that holds a line of a cell."""
        cell = self.cells[number - 1]
        start, seen = cell.span[0], 1
        for item in cell.items or ():
            if seen > line:
                break
            start = item[0]
            seen += len(re.findall("\r\n|\r|\n", json.loads(self.text[slice(*item)])))
        return self.text.count("\n", 0, start) + 1


def scan(text: str) -> Document:
    """Find the cells of a notebook. Raises :class:`NotebookError`."""
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotebookError(f"not a notebook: invalid JSON: {error.msg}", error.lineno) from None
    except RecursionError:
        raise NotebookError("not a notebook: too deeply nested") from None
    if isinstance(parsed, dict) and "worksheets" in parsed and "cells" not in parsed:
        raise NotebookError("a notebook of format 3 or older: convert it first, with jupyter nbconvert --to notebook --inplace")
    if not isinstance(parsed, dict) or not isinstance(parsed.get("cells"), list):
        raise NotebookError("not a notebook: it has no cells")
    start, _ = _members(text, _skip(text, 0))["cells"]
    spans = list(_elements(text, start))
    cells = (_cell(text, number, span, value) for number, (span, value) in enumerate(zip(spans, parsed["cells"]), start=1))
    return Document(text, _language(parsed), tuple(cells))


def splice(document: Document, sources: Mapping[int, str]) -> str:
    """The JSON text with other sources for some cells, by number. Lines of source that stay keep their bytes."""
    pieces: list[str] = []
    done = 0
    for cell in document.cells:
        if cell.number in sources and sources[cell.number] != cell.source:
            pieces += [document.text[done : cell.span[0]], _value(document, cell, sources[cell.number])]
            done = cell.span[1]
    return "".join([*pieces, document.text[done:]])


def check(document: Document, new: str, sources: Mapping[int, str]) -> None:
    """See to it that a spliced text is the old notebook but for the sources.

    Raises :class:`NotebookError` if it is not, so that nothing is written.
    """
    expected = _values(document.text)
    for number, source in sources.items():
        cell = expected["cells"][number - 1]
        cell["source"] = source.splitlines(keepends=True) if isinstance(cell["source"], list) else source
    try:
        is_expected = _values(new) == expected
    except ValueError:
        is_expected = False
    if not is_expected:
        raise NotebookError("more than the source of its cells would change")


def _values(text: str) -> Any:
    """What a JSON text holds; numbers as they are spelled, because ``NaN`` is not equal to itself."""
    return json.loads(text, parse_constant=str, parse_float=str, parse_int=str)


def _language(notebook: dict[str, Any]) -> str:
    """The language of a notebook, by its metadata; the kernel's word counts before the editor's."""
    metadata = notebook.get("metadata")
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        entry = metadata.get(key) if isinstance(metadata, dict) else None
        if isinstance(entry, dict) and isinstance(entry.get(name), str):
            return str(entry[name]).lower()
    return ""


def _cell(text: str, number: int, span: _Span, value: Any) -> Cell:
    source = value.get("source") if isinstance(value, dict) else None
    parts: list[Any] = source if isinstance(source, list) else [source]
    if not all(isinstance(part, str) for part in parts):
        raise NotebookError(f"not a notebook: cell {number} has no source")
    metadata = value.get("metadata")
    editor = metadata.get("vscode") if isinstance(metadata, dict) else None
    language = editor.get("languageId") if isinstance(editor, dict) else None
    where = _members(text, span[0])["source"]
    items = tuple(_elements(text, where[0])) if isinstance(source, list) else None
    return Cell(number, str(value.get("cell_type")), str(language or "").lower(), "".join(parts), where, items)


# -- reading: the text is known to be valid JSON


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()


def _members(text: str, at: int) -> dict[str, _Span]:
    """The spans of the values of the object that starts at ``at``; of equal keys the last counts, as in ``json.loads``."""
    members: dict[str, _Span] = {}
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        members[key] = (start, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return members


def _elements(text: str, at: int) -> Iterator[_Span]:
    """The spans of the elements of the list that starts at ``at``."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        yield at, end
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


# -- writing


def _value(document: Document, cell: Cell, source: str) -> str:
    """The JSON of a new source, spelled as the old one was."""
    text = document.text
    escape = text.isascii() and _ESCAPED.search(text) is not None
    if cell.items is None:
        return json.dumps(source, ensure_ascii=escape)
    raw = {json.loads(text[slice(*item)]): text[slice(*item)] for item in cell.items}
    lines = [raw.get(line) or json.dumps(line, ensure_ascii=escape) for line in source.splitlines(keepends=True)]
    first, last = cell.items[0], cell.items[-1]  # a cell without any has no code to change
    opening = text[cell.span[0] : first[0]]
    return opening + _between(document, cell, opening).join(lines) + text[last[1] : cell.span[1]]


def _between(document: Document, cell: Cell, opening: str) -> str:
    """What stands between two strings of a cell's list, judged by other lists where it has but one."""
    lists = [other.items for other in (cell, *document.cells) if other.items is not None and len(other.items) > 1]
    if "\n" in opening and lists[:1] != [cell.items]:
        return "," + opening[1:]
    return document.text[lists[0][0][1] : lists[0][1][0]] if lists else ", "
