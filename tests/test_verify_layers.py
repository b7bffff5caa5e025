"""Data flows one way through the verifier, and nothing outside it needs what only the ``verify`` extra installs."""

from __future__ import annotations

from pathlib import Path

import pytest
from importing import PACKAGE, imports

VERIFY = PACKAGE / "verify"
#: From left to right: a file imports from its own layer and from those before it.
LAYERS = ("measurement", "program", "run", "judge", "show", "session")
EXTRA = {"keras", "matplotlib", "numpy", "psutil", "pynvml", "scipy", "tensorflow", "tf_keras"}


def layer(parts: tuple[str, ...]) -> int:
    """Where something is in :data:`LAYERS`, -1 for what is no part of the verifier."""
    return LAYERS.index(parts[2]) if parts[:2] == ("flake8_keras_loops", "verify") else -1


@pytest.mark.parametrize("path", sorted(VERIFY.rglob("*.py")), ids=lambda path: str(path.relative_to(VERIFY)))
def test_what_is_left_imports_nothing_that_is_right_of_it(path: Path) -> None:
    if path == VERIFY / "__init__.py":
        assert list(imports(path)) == []
        return
    own = layer(("flake8_keras_loops", "verify", path.relative_to(VERIFY).parts[0].removesuffix(".py")))
    assert [parts for parts in imports(path) if layer(parts) > own] == []
    assert [parts for parts in imports(path) if parts[:2] == ("flake8_keras_loops", "cli")] == []


def test_only_the_verifier_imports_what_its_extra_installs() -> None:
    others = [path for path in PACKAGE.rglob("*.py") if VERIFY not in path.parents and "snippets" not in path.parts]
    assert {path.name: parts for path in others for parts in imports(path) if parts[0] in EXTRA} == {}
    commands = {path for path in others for parts in imports(path) if layer(parts) >= 0}
    assert {path.name for path in commands} == {"verify.py", "verify_arguments.py"}
