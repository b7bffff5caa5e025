"""The function of the helper module that the ``reuse`` fix has files import, known again word for word.

What it returns hands on the model that it is given. To find that out from the module's text takes longer than all the rest of a
training script.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import resources

_NAME = "compiled_model_keeper"
_IN_SHORT = f"def {_NAME}(limit=8):\n    def keep(model, x=None):\n        return model\n    return keep\n"


def in_short(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef | None:
    """For the helper as this version writes it a function that returns the same, ``None`` for any other function."""
    if node.name != _NAME or not isinstance(node, ast.FunctionDef) or _meaning(node) != _shipped():
        return None
    (short,) = ast.parse(_IN_SHORT).body
    assert isinstance(short, ast.FunctionDef)
    ast.increment_lineno(short, node.lineno - 1)
    return short


def _meaning(node: ast.FunctionDef) -> list[str]:
    """What a function does: all but its docstring, whose lines are indented as the file is."""
    return [ast.dump(part) for part in (node.args, *node.body[1:], *node.decorator_list)]


@cache
def _shipped() -> list[str]:
    text = resources.files("flake8_keras_loops.fixes").joinpath("snippets").joinpath("keeper.py").read_text("utf-8")
    (node,) = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == _NAME)
    return _meaning(node)
