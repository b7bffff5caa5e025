"""What a report calls fixable is what gets fixed, over every program that the tests and fixtures have."""

from __future__ import annotations

import ast
import json
import shutil
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from flake8_keras_loops import analyze
from flake8_keras_loops.cli.fix import main
from flake8_keras_loops.finding import Applicability
from flake8_keras_loops.fixes.outcome import STRATEGIES, Rewritten, Settings
from flake8_keras_loops.fixes.rewrite import rewrite

HERE = Path(__file__).parent
FOLDERS = (HERE / "cases", HERE / "fixes", HERE / "runnable", HERE.parent / "fixtures")
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*.py") if not path.is_symlink())
MIXED = HERE / "cases" / "searches.py"  # has fixes of every kind, and some that do not hold up

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")


@cache
def done(path: Path, unsafe: bool, strategy: str = "auto") -> Rewritten:
    return rewrite(
        path.read_text("utf-8"), str(path), Settings(strategy, unsafe, enable=("KL107", "KL203"), helper_module="our.keeping")
    )


def agrees(path: Path, strategy: str) -> None:
    """Both runs report the same, and each applies what it may."""
    safe, every = (done(path, unsafe, strategy) for unsafe in (False, True))
    reported = [(each.finding, each.strategy, each.objections) for each in every.outcomes]
    assert [(each.finding, each.strategy, each.objections) for each in safe.outcomes] == reported
    assert [each.applied for each in safe.outcomes] == [each.applicability is Applicability.SAFE for each in safe.outcomes]
    assert [each.applied for each in every.outcomes] == [
        each.applicability is not Applicability.DISPLAY for each in every.outcomes
    ]
    for each in every.outcomes:
        assert each.strategy or each.reason
    for result in (safe, every):
        assert (result.text != path.read_text("utf-8")) == any(each.applied for each in result.outcomes)


@each_file
def test_what_is_reported_as_fixable_is_what_is_applied(path: Path) -> None:
    agrees(path, "auto")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_it_is_so_with_every_strategy(strategy: str) -> None:
    agrees(MIXED, strategy)


@each_file
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_what_was_applied_is_not_found_again(path: Path, unsafe: bool) -> None:
    result = done(path, unsafe)
    ast.parse(result.text)
    left = Counter(finding.code for finding in analyze(result.text, str(path)))
    cleared = sum(each.applied and each.strategy == "clear" for each in result.outcomes)  # KL107 is what clearing leaves
    shown = left["KL203"]  # which nothing fixes, and which shows once the model comes from before the loop
    assert left - Counter(KL107=cleared, KL203=shown) <= Counter(
        each.finding.code for each in result.outcomes if not each.applied
    )
    again = rewrite(result.text, str(path), Settings("auto", unsafe, enable=("KL107", "KL203"), helper_module="our.keeping"))
    assert again.text == result.text
    assert not any(each.applied for each in again.outcomes)


@pytest.mark.parametrize("flags", [[], ["--unsafe-fixes"]], ids=["safe", "unsafe"])
def test_the_command_says_so_before_it_does_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    for folder in (HERE / "cases" / "projects", HERE / "fixes", HERE.parent / "fixtures"):
        shutil.copytree(folder, tmp_path / folder.name)
    monkeypatch.chdir(tmp_path)
    found = []
    for mode in ([], ["--fix"]):
        main([*mode, *flags, "--select", "KL", "--helper-module", "our.keeping", "--output-format", "json", "-j", "1"])
        found.append(json.loads(capsys.readouterr().out)["findings"])
    reported, fixed = found
    wanted = {"safe", "unsafe"} if flags else {"safe"}
    assert [each["applicability"] in wanted for each in reported] == [each["written"] for each in fixed]
    assert [{**each, "written": False} for each in fixed] == reported
