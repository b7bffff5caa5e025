"""Lines that are too long, broken as ``ruff format`` would break them."""

from __future__ import annotations

from collections.abc import Sequence

#: Columns that a line may have.
WIDTH = 88


def listed(head: str, items: Sequence[str], tail: str, column: int, indent: int = 0) -> str:
    """Items in a line, in a line of their own, or in a line each. ``column``: where ``head`` starts; ``indent``: of its line."""
    together = ", ".join(items)
    if column + len(head) + len(together) + len(tail) <= WIDTH:
        return f"{head}{together}{tail}"
    if indent + 4 + len(together) <= WIDTH:
        return f"{head}\n    {together}\n{tail}"
    lines = "".join(f"    {item},\n" for item in items)
    return f"{head}\n{lines}{tail}"
