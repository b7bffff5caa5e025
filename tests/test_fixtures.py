"""Each case of ``fixtures/`` is what its ``case.toml`` says, and its ``after.py`` is what the codemod writes, byte for byte.

``python tests/test_fixtures.py --update`` writes every ``after.py`` that is not written by hand anew.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flake8_keras_loops import analyze
from flake8_keras_loops.fixes.outcome import STRATEGIES, Settings
from flake8_keras_loops.fixes.rewrite import rewrite
from flake8_keras_loops.rules import RULES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*/before.py"))

FAMILIES = ("tensorflow", "jax", "torch", "tf-keras")
VERDICTS = ("faster", "same", "slower", "none")
TYPES: dict[str, Any] = {
    "title": str,
    "codes": list,
    "strategy": str,
    "unsafe": bool,
    "select": list,
    "by_hand": bool,
    "loop": int,
    "iterations": int,
    "kept": int,
    "needs": list,
    "expect": dict,
    "arms": dict,
}
REQUIRED = ("title", "codes", "strategy", "expect")

each_case = pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
each_fixed_case = pytest.mark.parametrize("case", [c for c in CASES if (c / "after.py").exists()], ids=lambda path: path.name)


def read(case: Path) -> dict[str, Any]:
    return tomllib.loads((case / "case.toml").read_text("utf-8"))


def fix(case: Path, name: str = "before.py") -> str:
    """What the codemod makes of a program of the case, as its ``case.toml`` asks for."""
    wanted = read(case)
    settings = Settings(
        strategy=wanted["strategy"] or "auto", unsafe=wanted.get("unsafe", False), select=tuple(wanted.get("select", ()))
    )
    path = case / name
    return rewrite(path.read_bytes().decode(), str(path), settings).text


def is_written_by_the_codemod(case: Path) -> bool:
    wanted = read(case)
    return bool(wanted["strategy"]) and not wanted.get("by_hand", False)


def loops(path: Path) -> list[int]:
    """Lines where something starts that may be run again and again."""
    kinds = (ast.For, ast.While, ast.AsyncFor, ast.FunctionDef, ast.AsyncFunctionDef)
    return [node.lineno for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, kinds)]


@each_case
def test_case_toml_is_valid(case: Path) -> None:
    wanted = read(case)
    assert set(REQUIRED) <= set(wanted)
    assert {key: type(value) for key, value in wanted.items()} == {key: TYPES.get(key) for key in wanted}
    assert wanted["title"] == wanted["title"].strip() != ""
    assert "\n" not in wanted["title"]
    assert set(wanted["codes"]) <= set(RULES)
    assert all(re.fullmatch(r"KL\d*", code) for code in wanted.get("select", ()))
    assert wanted["strategy"] in ("", "auto", *STRATEGIES)
    assert set(wanted["expect"]) <= set(FAMILIES)
    assert wanted["expect"]
    assert set(wanted["expect"].values()) <= set(VERDICTS)
    assert all((case / path).is_file() for path in wanted.get("arms", {}).values())
    assert not {"before", "after"} & set(wanted.get("arms", ()))


@each_case
def test_what_there_is_to_compare_is_said(case: Path) -> None:
    wanted = read(case)
    is_fixed = bool(wanted["strategy"])
    assert (case / "after.py").exists() == is_fixed
    assert ("none" not in wanted["expect"].values()) == is_fixed
    assert is_fixed or not ({"unsafe", "by_hand", "select"} & set(wanted))


@each_case
def test_codes_are_what_is_reported(case: Path) -> None:
    wanted, before = read(case), case / "before.py"
    found = analyze(before.read_bytes(), str(before))
    assert [finding.code for finding in found] == wanted["codes"]
    assert bool(found) != ("loop" in wanted)
    assert wanted.get("loop", found[0].loop.line if found else 0) in loops(before)


@each_case
def test_programs_stand_alone(case: Path) -> None:
    """They import what is to be had everywhere, what they say they need, and their neighbours; and say what they show."""
    usual = {"keras", "numpy", "tensorflow", *sys.stdlib_module_names, *read(case).get("needs", ())}
    programs = sorted(case.glob("*.py"))
    for program in programs:
        tree = ast.parse(program.read_bytes())
        assert ast.get_docstring(tree)
        names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {name.split(".")[0] for name in names} <= usual | {path.stem for path in programs}


@each_fixed_case
def test_after_is_what_the_codemod_writes(case: Path) -> None:
    if is_written_by_the_codemod(case):
        assert fix(case).encode() == (case / "after.py").read_bytes()


@each_fixed_case
def test_after_is_clean_and_final(case: Path) -> None:
    wanted, after = read(case), case / "after.py"
    text = after.read_bytes()
    ast.parse(text)
    left = {finding.code for finding in analyze(text, str(after))}
    remains = {"clear": {"KL107"}, "clone": set(wanted["codes"])}  # cleared and compiled again; clones are built in a loop too
    assert left <= remains.get(wanted["strategy"], set())
    assert fix(case, "after.py").encode() == text


def test_a_model_that_is_never_run_is_left_alone() -> None:
    for name in ("construct_in_loop", "clone_compiled"):
        path = FIXTURES / name / "before.py"
        before = path.read_text("utf-8")
        rewritten = rewrite(before, str(path), Settings())
        assert rewritten.text == before
        assert [outcome.reason for outcome in rewritten.outcomes] == [
            "the model is only built, never run: that is cheap, and there is nothing to keep"
        ]


KEEPING = [case for case in CASES if "kept" in read(case)]


@pytest.mark.sameness
@pytest.mark.parametrize("case", KEEPING, ids=lambda path: path.name)
def test_as_many_iterations_keep_the_model_as_the_case_says(case: Path, tmp_path: Path) -> None:
    for module in ("tensorflow", *read(case).get("needs", ())):
        pytest.importorskip(module)
    shutil.copytree(case, tmp_path / "case")
    path = tmp_path / "case" / "after.py"
    counting = r'\1print("KEPT" if kept else "NEW")\n\g<0>'
    text, helpers = re.subn(r"^( +)kept = kept or model$", counting, path.read_text("utf-8"), flags=re.MULTILINE)
    assert helpers == 1
    path.write_text(text, "utf-8")
    done = subprocess.run([sys.executable, "after.py"], cwd=path.parent, capture_output=True, text=True, check=True)
    assert done.stdout.count("KEPT\n") == read(case)["kept"]


def test_each_kept_model_is_counted() -> None:
    assert [case.name for case in CASES if read(case)["strategy"] == "reuse"] == [case.name for case in KEEPING]


def update() -> None:
    """Write anew what the codemod writes."""
    for case in CASES:
        if is_written_by_the_codemod(case):
            (case / "after.py").write_bytes(fix(case).encode())


if __name__ == "__main__" and "--update" in sys.argv:
    update()
