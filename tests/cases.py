"""Case files: Python sources that carry their expectations beside the code.

A comment ``# -> KL101`` stands on the line of the finding; ``column N`` (from 1, as flake8 prints it) and ``loop N`` (the
line of the loop) may follow. A line without a comment has no finding.
"""

from __future__ import annotations

import re
from pathlib import Path

CASES = Path(__file__).parent / "cases"
_EXPECTED = re.compile(r"# -> (KL\d{3})(?: column (\d+))?(?: loop (\d+))?\s*$")


def case_files() -> list[Path]:
    """All case files, those of the small projects included."""
    return sorted(path for path in CASES.rglob("*.py") if not path.is_symlink())


def expectations(path: Path) -> dict[int, tuple[str, int | None, int | None]]:
    """What the comments of a file announce, as :func:`announced` returns it."""
    return announced(path.read_text("utf-8"))


def announced(text: str) -> dict[int, tuple[str, int | None, int | None]]:
    """``{line: (code, column, loop line)}``; columns and loop lines only where the text names them."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _EXPECTED.search(line)
        if match:
            code, column, loop = match.groups()
            found[number] = (code, int(column) if column else None, int(loop) if loop else None)
    return found
