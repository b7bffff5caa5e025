"""``# noqa``, as flake8 reads it."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from functools import cache


def suppressed(text: str) -> Callable[[int, str], bool]:
    """Whether a comment in ``text`` silences a code on a line (from 1): ``suppressed(text)(12, "KL101")``.

    ``# noqa``, ``# noqa: KL101,E501`` anywhere on the lines of a string or continued line that holds the place, and
    ``# flake8: noqa`` on a line of its own. flake8 itself is asked, so that plugin and codemod agree whichever version is there.
    """
    if "noqa" not in text.lower():
        return lambda line, code: False
    from flake8.processor import FileProcessor
    from flake8.violation import Violation

    options = argparse.Namespace(
        disable_noqa=False, hang_closing=False, indent_size=4, max_line_length=79, max_doc_length=None, verbose=0
    )
    lines = io.StringIO(text, newline=None).readlines()  # flake8 sees every line end as \n
    processor = FileProcessor("-", options, lines)
    if processor.should_ignore_file():
        return lambda line, code: True

    @cache
    def is_suppressed(line: int, code: str) -> bool:
        # A line that flake8 has no tokens for stands for itself; None would make it read a file.
        own = lines[line - 1] if 0 < line <= len(lines) else ""
        physical = processor.noqa_line_for(line) or own
        return bool(Violation(code, "-", line, 1, "", physical).is_inline_ignored(False))

    return is_suppressed
