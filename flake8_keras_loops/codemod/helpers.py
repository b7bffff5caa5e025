"""The text of the functions that fixes write into files."""

from __future__ import annotations

from importlib import resources

from ..analysis.keepers import HELPER as KEEPER

#: Name of the function that ``hoist`` writes.
RESTORER = "model_restorer"
_FILES = {KEEPER: "keeper.py", RESTORER: "restorer.py"}


def helper_code(name: str) -> str:
    """The source of a helper function, word for word what its file says."""
    text = resources.files(__package__).joinpath(_FILES[name]).read_text("utf-8")
    return text[text.index(f"def {name}") :]


def module_text() -> str:
    """A module with all helpers, for ``--helper-module`` to name."""
    code = "\n\n".join(helper_code(name) for name in _FILES)
    return f'"""Keep compiled Keras models from one iteration of a loop to the next (keras-loop-fix)."""\n\n\n{code}'
