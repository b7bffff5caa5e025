"""The reasons that a user can be given, as the source spells them: each template with where it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from importing import PACKAGE

_ERRORS = {"RefusedError", "NoGainError", "ElsewhereError", "Objection", "_AbandonError"}
#: Functions that give a reason back rather than yield or raise it.
_GIVING = {"clash", "_judged", "_changed", "_changed_by"}
#: Tables of reasons.
_TABLES = {"_HOLDING", "_DOUBTFUL", "_FROZEN", "_AFTER_OTHERS", "_CHANGED"}


@dataclass(frozen=True)
class Template:
    """``text``: with ``{}`` for what differs. ``place``: file and line."""

    text: str
    place: str

    @property
    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{\w*\}", self.text)
        return re.compile(".*".join(map(re.escape, parts)), re.DOTALL)


def templates() -> list[Template]:
    """All reasons of the fixes and of the analysis under them, each text once."""
    found: dict[str, Template] = {}
    for folder in ("fixes", "dataflow"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            if "snippets" not in path.parts:
                for node in _spoken(ast.parse(path.read_text("utf-8"))):
                    text = _text(node)
                    if " " in text.replace("{}", ""):
                        found.setdefault(text, Template(text, f"{path.relative_to(PACKAGE)}:{node.lineno}"))
    return list(found.values())


def _spoken(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Yield) and node.value is not None:
            yield from _texts(node.value)
        elif isinstance(node, ast.YieldFrom) and isinstance(node.value, ast.GeneratorExp):
            yield from _texts(node.value.elt)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ERRORS:
            for argument in node.args[:1]:
                yield from _texts(argument)
        elif isinstance(node, ast.FunctionDef) and node.name in _GIVING:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from _texts(inner.value)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id in _TABLES:
                yield from _texts(node.value)


def _texts(node: ast.expr) -> Iterator[ast.expr]:
    """The texts that an expression may be."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Why":
        yield from _texts(node.args[0])
    elif isinstance(node, ast.IfExp):
        yield from (text for branch in (node.body, node.orelse) for text in _texts(branch))
    elif isinstance(node, ast.Dict):
        yield from (text for value in node.values for text in _texts(value))
    elif isinstance(node, ast.Tuple):
        yield from (text for value in node.elts for text in _texts(value))


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return re.sub(r"\{\w*\}", "{}", str(node.value))
    assert isinstance(node, ast.JoinedStr)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def read(path: Path) -> str:
    return path.read_text("utf-8")
