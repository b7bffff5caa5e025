"""The text of the functions that fixes write into files."""

from __future__ import annotations

import ast
from importlib import resources

from ..dataflow.keepers import HELPER as KEEPER
from ..dataflow.keepers import RENEWER, RENEWER_OF_WEIGHTS
from ..semantics.syntax import Syntax
from .edits import Helper

#: Name of the function that ``hoist`` writes.
RESTORER = "model_restorer"
_FILES = {KEEPER: "keeper.py", RESTORER: "restorer.py", RENEWER: "renewer.py", RENEWER_OF_WEIGHTS: "weights.py"}
#: Names of all helper functions.
HELPERS = tuple(_FILES)


def helper_code(name: str) -> str:
    """The source of a helper function, word for word what its file says."""
    text = resources.files(__package__).joinpath("snippets").joinpath(_FILES[name]).read_text("utf-8")
    return text[text.index(f"def {name}") :]


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
    """A module with all helpers, for ``--helper-module`` to name."""
    code = "\n\n".join(helper_code(name) for name in (KEEPER, RESTORER))
    return f'"""Keep compiled Keras models from one iteration of a loop to the next (keras-loop-fix)."""\n\n\n{code}'
