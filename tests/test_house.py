"""The house: which file may import which, what stands where, and how large it may be."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from importing import PACKAGE, imports

from flake8_keras_loops.knowledge import effects

FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
#: From left to right as data flows: nothing imports what stands right of it.
ORDER = (
    "finding", "knowledge", "files", "semantics", "dataflow", "checks", "rules", "examine", "fixes", "config", "report", "campaign", "verify",
    "cli", "plugin",
)  # fmt: skip
THIRD_PARTY = {
    "libcst": {"fixes/edit.py", "fixes/command.py", "fixes/spawning/outline.py"},
    "flake8": {"files/noqa.py", "plugin.py"},
    "pathspec": {"files/discovery.py", "campaign/forking.py"},
    "pyarrow": {"campaign/tables.py", "campaign/results.py"},
    "ray": {"campaign/cluster.py"},
    "rich": {"cli/progress.py", "verify/session.py", "verify/show/render.py"},
}
#: What these calls give is worked out by code of their own, one function each.
MODELS = {"semantics/branches.py", "semantics/collections_.py"}
MAX_LINES = 400
MAX_FILES = 16


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_data_flows_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for module in imports(path):
        if module[0] == "flake8_keras_loops" and module[1] in ORDER:
            assert ORDER.index(module[1]) <= ORDER.index(own), ".".join(module)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_library_is_known_where_it_belongs(path: Path) -> None:
    for module in imports(path):
        if module[0] in THIRD_PARTY:
            assert name(path) in THIRD_PARTY[module[0]]
        assert module[0] not in {"tensorflow", "tf_keras"} or path.is_relative_to(PACKAGE / "verify")


def test_files_of_one_package_do_not_import_in_circles() -> None:
    modules = {path.relative_to(PACKAGE).with_suffix("").parts: path for path in FILES}
    needs = {
        own: {module[1 : 1 + size] for module in at_run_time(path) for size in (1, 2, 3) if module[1 : 1 + size] in modules}
        - {own}
        for own, path in modules.items()
    }
    while needs:
        free = {own for own, needed in needs.items() if not needed & set(needs)}
        assert free, f"circle among {sorted(needs)}"
        needs = {own: needed for own, needed in needs.items() if own not in free}


def at_run_time(path: Path) -> Iterator[tuple[str, ...]]:
    """The imports of a file but for those that only its annotations need."""
    tree = ast.parse(path.read_text("utf-8"))
    typing = {id(node) for test in ast.walk(tree) if is_for_types(test) for node in ast.walk(test)}
    kept = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)) and id(node) not in typing]
    own = ("flake8_keras_loops", *path.relative_to(PACKAGE).parts[:-1])
    for node in kept:
        if isinstance(node, ast.ImportFrom) and node.level:
            module = (*own[: len(own) - node.level + 1], *(node.module.split(".") if node.module else ()))
            yield from ((*module, alias.name) for alias in node.names)


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_sizes() -> None:
    beside = [path for folder in ("tests", "benchmarks") for path in (PACKAGE.parent / folder).glob("*.py")]
    assert {path.name: n for path in (*FILES, *beside) if (n := len(path.read_text("utf-8").splitlines())) > MAX_LINES} == {}
    assert {str(folder): n for folder, n in Counter(path.parent for path in FILES).items() if n > MAX_FILES} == {}
    assert [stem for stem, n in Counter(path.name for path in FILES).items() if n > 1] == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_names_of_calls_stand_in_the_table_alone(path: Path) -> None:
    if name(path) in MODELS or path.is_relative_to(PACKAGE / "knowledge") or path.is_relative_to(PACKAGE / "verify"):
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.Set, ast.List, ast.Tuple, ast.Dict)):
            items = node.keys if isinstance(node, ast.Dict) else node.elts
            listed = {item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)}
            assert len(listed & set(effects.CALLS)) < 3, f"line {node.lineno}: {sorted(listed)}"


def test_the_map_shows_what_is_there() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"`([\w./-]+/[\w.-]*)`", text))
    assert len(named) > 20
    roots = (PACKAGE.parent, PACKAGE, PACKAGE / "verify")
    assert [
        path for path in named if "NAME" not in path and "xxx" not in path and not any((root / path).exists() for root in roots)
    ] == []
    markers = set(re.findall(r"^    \"(\w+):", (PACKAGE.parent / "pyproject.toml").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == markers


def test_names_that_the_instructions_use() -> None:
    """The row that a function is to be added to, in the example."""
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    assert "READS | PURE | COMPUTES | COPIES" in text
    assert effects.effects("argmax") == effects.READS | effects.PURE | effects.COMPUTES | effects.COPIES
