"""The text of the functions that fixes write into files, and of the module that they import others from."""

from __future__ import annotations

import ast
from functools import cache
from importlib import resources

from ..dataflow.keepers import HELPER as KEEPER
from ..dataflow.keepers import RENEWER
from ..semantics.syntax import Syntax
from .edits import Helper

#: Name of the function that ``hoist`` writes.
RESTORER = "model_restorer"
_MODULE = "keeper.py"
_FILES = {KEEPER: _MODULE, RESTORER: "restorer.py", RENEWER: "renewer.py"}
#: Names of all helper functions.
HELPERS = tuple(_FILES)


def helper_code(name: str) -> str:
    """The source of a helper function, word for word what its file says; of the keeper with all that it needs."""
    text = _text(_FILES[name])
    start = "\nimport " if name == KEEPER else f"\ndef {name}("
    return text[text.index(start) + 1 :]


def helper_edit(name: str, module: str) -> Helper:
    """Write a helper function into the file, or import it from ``module`` if that is not ``""``."""
    return Helper(name, f"from {module} import {name}\n" if module else helper_code(name))


def clash(name: str, syntax: Syntax) -> str:
    """Why a helper cannot have its name in a file, ``""`` where it can."""
    is_bound = any(node.id == name and isinstance(node.ctx, ast.Store) for node in syntax.every(ast.Name))
    if is_bound or any(argument.arg == name for argument in syntax.every(ast.arg)):
        return f"the file uses the name {name} for something else"
    return ""


def module_text() -> str:
    """The module that ``--helper-module`` names, with the helper functions that fixes import, word for word."""
    return _text(_MODULE)


@cache
def _text(file: str) -> str:
    return resources.files(__package__).joinpath("snippets").joinpath(file).read_text("utf-8")
