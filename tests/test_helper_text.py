"""The module that ``--helper-module`` writes, as a maintainer's tools see it: lint, format, types, and what importing it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_keras_loops import analyze
from flake8_keras_loops.cli.fix import main
from flake8_keras_loops.files.project import file_of
from flake8_keras_loops.fixes import helpers, snippets
from flake8_keras_loops.rules import RULES
from flake8_keras_loops.semantics.modules import Modules

STRICT = ("--select", "E,F,W,I,B,UP,C90,SIM", "--config", "lint.mccabe.max-complexity=14", "--line-length", "88")
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """The module in a project without settings of its own."""
    path = tmp_path / "keeping.py"
    path.write_text(helpers.module_text(), "utf-8")
    return path


def tool(module: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command, module.name], cwd=module.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_a_file_of_the_package_word_for_word(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(file_of(snippets.__path__[0])).parent / "keeper.py"
    assert helpers.module_text() == file.read_text("utf-8")
    assert main(["--print-helper"]) == 0
    assert capsys.readouterr().out == helpers.module_text()


@pytest.mark.parametrize("version", ["py39", "py310", "py313"])
@pytest.mark.parametrize("rules", [(), STRICT], ids=["default", "strict"])
def test_ruff_has_nothing_to_say(module: Path, rules: tuple[str, ...], version: str) -> None:
    tool(module, "ruff", "check", "--isolated", "--target-version", version, *rules)


def test_it_is_formatted(module: Path) -> None:
    tool(module, "ruff", "format", "--isolated", "--check", "--line-length", "88")


def test_its_types_are_right(module: Path) -> None:
    tool(module, "mypy", "--strict", "--no-incremental", "--config-file=")


def test_no_function_is_in_another() -> None:
    tree = ast.parse(helpers.module_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    assert len(functions) > 20
    assert [part for node in functions for part in ast.walk(node) if part is not node and isinstance(part, FUNCTIONS)] == []
    public = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_"]
    assert {"compiled_model_keeper", "model_restorer"} < {node.name for node in public}
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def test_it_reads_as_python_3_9(module: Path) -> None:
    """What trains may be older than what fixes."""
    ast.parse(helpers.module_text(), feature_version=(3, 9))


def test_importing_it_imports_no_keras(module: Path) -> None:
    program = (
        "import sys, keeping\n"
        "assert callable(keeping.compiled_model_keeper) and callable(keeping.model_restorer)\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'keras', 'tensorflow', 'jax', 'flake8_keras_loops'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=module.parent, capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr


def test_the_linter_has_nothing_to_say(module: Path) -> None:
    assert analyze(helpers.module_text(), str(module)) == []
    assert main(["-q", "--select", "KL", str(module)]) == 0
    assert set(RULES) == {code for code in RULES if code.startswith("KL")}


def test_what_it_returns_is_known_to_hand_a_model_on(module: Path) -> None:
    """The analysis takes the function for one that says so in two lines."""
    loaded = Modules().load(str(module))
    assert loaded is not None
    (binding,) = loaded.scope.bindings["compiled_model_keeper"]
    assert isinstance(binding.node, ast.FunctionDef)
    assert [ast.unparse(node) for node in binding.node.body[1:]] == ["return keep"]


@pytest.mark.parametrize("name", ["compiled_model_keeper", "model_restorer"])
def test_both_functions_are_in_it(name: str) -> None:
    assert f"\ndef {name}(" in helpers.module_text()
