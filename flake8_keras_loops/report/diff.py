"""Unified diffs as ``git apply`` and ``patch -p1`` take them: of bytes, so that encodings and line ends are those of the file."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from typing import TextIO

from .record import FileReport

_NO_NEWLINE = b"\n\\ No newline at end of file\n"
_BOLD = b"\x1b[1m"
_COLOURS = {b"@": b"\x1b[36m", b"-": b"\x1b[31m", b"+": b"\x1b[32m"}


def render(report: FileReport, colour: bool = False) -> bytes:
    """The diff from a file's old bytes to its new ones, ``b""`` if they are equal."""
    if not report.is_changed:
        return b""
    lines = _diff(report)
    return b"".join((_coloured(line, number < 2) for number, line in enumerate(lines)) if colour else lines)


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether colours are welcome: on a terminal that knows them, unless ``NO_COLOR`` is set."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def _diff(report: FileReport) -> Iterator[bytes]:
    # git and patch end a line at \n alone, whatever Python takes for a line end.
    old, new = (re.findall(b"[^\n]*\n|[^\n]+", data) for data in (report.old, report.new))
    before, after = (_name(side + b"/" + _relative(report.path)) for side in (b"a", b"b"))
    before = b"/dev/null" if report.is_new else before
    for line in difflib.diff_bytes(difflib.unified_diff, old, new, before, after):
        yield line if line.endswith(b"\n") else line + _NO_NEWLINE


def _relative(path: str) -> bytes:
    """The path from the working directory; of a file outside it, the whole path without its root."""
    relative = os.path.relpath(path) if path else path
    if relative.split(os.sep)[0] == os.pardir:
        relative = os.path.splitdrive(os.path.abspath(path))[1].lstrip(os.sep)
    return os.fsencode(relative.replace(os.sep, "/"))


def _name(name: bytes) -> bytes:
    """A name as git writes it: quoted if it holds what would end it, with a tab behind it if it holds a blank."""
    if re.search(rb'[\x00-\x1f"\\\x7f]', name):
        return b'"' + re.sub(rb'[\x00-\x1f"\\\x7f]', lambda found: b"\\%03o" % found[0][0], name) + b'"'
    return name + b"\t" if b" " in name else name


def _coloured(line: bytes, is_header: bool) -> bytes:
    """A line in the colour of its kind, which ends before the line end and what may follow it."""
    colour = _BOLD if is_header else _COLOURS.get(line[:1])
    if colour is None:
        return line
    first, end, rest = line.partition(b"\n")
    return colour + first + b"\x1b[0m" + end + rest
