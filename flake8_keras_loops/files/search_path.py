"""The folders that a file adds to those in which its imports start: ``sys.path.append("../lib")``.

The argument may be a literal, or be made of literals and ``__file__`` with ``os.path`` and ``pathlib``. Anything else is as if it
were not there.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..knowledge import lookups
from .encoding import SourceError, decode

_MAX_DEPTH = 12
_MAX_FOLDERS = 20


class Added(NamedTuple):
    """Folders that come before all others, and those that come after the file's own."""

    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()


def added_folders(source: bytes, path: str, top: str) -> Added:
    """The folders that the file ``path`` adds, those that exist. ``top``: of its project, where programs may be run."""
    if lookups.SEARCH_PATH.encode() not in source:
        return Added()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(decode(source).text)
    except (SourceError, SyntaxError, ValueError, RecursionError, MemoryError):
        return Added()
    paths = _Paths(os.path.abspath(path), top, _assigned(tree))
    found: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for node, is_first in _added(tree):
        for folder in paths.folders(node):
            found[is_first].setdefault(folder)
    return Added(tuple(found[True])[:_MAX_FOLDERS], tuple(found[False])[:_MAX_FOLDERS])


def _added(tree: ast.Module) -> Iterator[tuple[ast.expr, bool]]:
    """The expressions that are added, each with whether it comes first."""
    for node in ast.walk(tree):
        given: list[ast.expr] = []
        is_first = False
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_search_path(node.func.value):
            is_first = lookups.SEARCH_PATH_METHODS.get(node.func.attr, False)
            given = node.args[-1:] if node.func.attr in lookups.SEARCH_PATH_METHODS else []
        elif isinstance(node, ast.AugAssign) and _is_search_path(node.target):
            given = [node.value]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and _is_search_path(node.targets[0]):
            given = [node.value.left, node.value.right]  # sys.path = ["lib"] + sys.path
            is_first = _is_search_path(node.value.right)
        for each in given:
            yield from ((item, is_first) for item in (each.elts if isinstance(each, (ast.List, ast.Tuple)) else [each]))


def _is_search_path(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node) == lookups.SEARCH_PATH


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    """The values of names that are assigned once."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


@dataclass(frozen=True)
class _Paths:
    """Works out paths that are written in a file."""

    path: str
    top: str
    assigned: dict[str, ast.expr]

    def folders(self, node: ast.expr) -> list[str]:
        """The folders that an expression may mean: a relative one lies where the program is run, which is not known."""
        text = self.text(node, 0)
        if not text:
            return []
        starts = dict.fromkeys((os.path.dirname(self.path), self.top))
        return [folder for start in starts if os.path.isdir(folder := os.path.normpath(os.path.join(start, text)))]

    def text(self, node: ast.expr, depth: int) -> str | None:
        """The path that an expression stands for, ``None`` where that is not known."""
        if depth > _MAX_DEPTH:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            if node.id == "__file__":
                return self.path
            return self.text(self.assigned[node.id], depth + 1) if node.id in self.assigned else None
        if isinstance(node, ast.Attribute):
            return self._attribute(node, depth)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == lookups.PARENTS:
            return self._parent(node, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Add)):
            left, right = self.text(node.left, depth + 1), self.text(node.right, depth + 1)
            if left is None or right is None:
                return None
            return os.path.join(left, right) if isinstance(node.op, ast.Div) else left + right
        if isinstance(node, ast.JoinedStr):
            parts = [self.text(part.value if isinstance(part, ast.FormattedValue) else part, depth + 1) for part in node.values]
            return None if None in parts else "".join(filter(None, parts))
        return self._call(node, depth) if isinstance(node, ast.Call) else None

    def _attribute(self, node: ast.Attribute, depth: int) -> str | None:
        if node.attr == lookups.PARENT:
            inner = self.text(node.value, depth + 1)
            return os.path.dirname(os.path.normpath(inner)) if inner else None
        return {"pardir": os.pardir, "curdir": os.curdir, "sep": os.sep}.get(node.attr)

    def _parent(self, node: ast.Subscript, depth: int) -> str | None:
        assert isinstance(node.value, ast.Attribute)
        inner = self.text(node.value.value, depth + 1)
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if not inner or not isinstance(index, int) or not 0 <= index <= _MAX_DEPTH:
            return None
        for _ in range(index + 1):
            inner = os.path.dirname(os.path.normpath(inner))
        return inner

    def _call(self, node: ast.Call, depth: int) -> str | None:
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        if lookups.working_folder(name):
            return os.curdir
        given = [self.text(each, depth + 1) for each in node.args]
        if isinstance(func, ast.Attribute) and (receiver := self.text(func.value, depth + 1)) is not None:
            given = [receiver, *given]  # Path(__file__).joinpath("lib")
        parts = [part for part in given if part is not None]
        if not parts or len(parts) < len(given):
            return None
        if lookups.joins_path(name) or (lookups.same_path(name) and len(parts) > 1):
            return os.path.join(*parts)
        if lookups.same_path(name):
            return parts[0]
        return os.path.dirname(parts[0]) if lookups.folder_of(name) else None
