"""The order in which files are reported: as soon as nothing that is still to come can change what is said of them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from elsewhere import FOLDS, MAIN, write
from elsewhere import root as root  # the fixture

from flake8_keras_loops.files.discovery import Excludes, collect
from flake8_keras_loops.fixes.outcome import Settings
from flake8_keras_loops.report import text
from flake8_keras_loops.report.order import Imports, Order, examine_all
from flake8_keras_loops.report.work import examine
from flake8_keras_loops.semantics.modules import Modules

OWN = "import keras\n\nfor i in range(3):\n    keras.Sequential([keras.layers.Dense(1)])\n"
#: Its own loop, too, is fixed in the function that others call.
BOTH = FOLDS + "\n\ndef go():\n    for n in range(5):\n        run_fold(slice(n))\n"
#: In a file that is not of the run.
STEP = "import folds\n\n\ndef step(n):\n    return folds.run_fold(slice(n))\n"
BY_STEP = "from steps import step\n\nfor n in range(8):\n    step(n)\n"
BY_NAME = "import importlib\n\nfolds = importlib.import_module('folds')\nfor n in range(8):\n    folds.run_fold(slice(n))\n"


def order_of(paths: Sequence[str]) -> Order:
    return Order(paths, Settings(), Modules())


def said(order: Order, paths: Sequence[str], *numbers: int) -> list[str]:
    """Which files have their turn once those of some numbers have been looked at."""
    for number in numbers:
        order.add(number, examine(paths[number], Settings(), Modules()))
    return [report.path for report in order.ready()]


def found() -> tuple[str, ...]:
    return collect((".",), Excludes()).files


def test_a_file_that_no_other_one_imports_waits_for_none_behind_it(root: Path) -> None:
    write(root, a=OWN, b="x = 1\n", c=OWN, d=OWN)
    paths = found()
    order = order_of(paths)
    assert said(order, paths, 0) == ["a.py"]
    assert said(order, paths, 2) == []
    assert said(order, paths, 1) == ["c.py"]
    assert order.missing == 1
    assert said(order, paths, 3) == ["d.py"]


def test_a_file_waits_for_those_whose_imports_lead_to_it(root: Path) -> None:
    write(
        root, folds=BOTH, other=OWN, reach="import folds\n", z="import reach\n\nfor n in range(9):\n    reach.folds.run_fold(n)\n"
    )
    paths = found()
    order = order_of(paths)
    assert said(order, paths, 0, 1, 2) == []
    assert said(order, paths, 3) == ["folds.py", "other.py", "z.py"]


def test_a_loop_waits_for_the_file_that_is_fixed_for_it_and_for_the_loops_of_others(root: Path) -> None:
    write(root, a=MAIN, b=OWN, folds=FOLDS, late=MAIN, other=OWN)
    paths = found()
    order = order_of(paths)
    assert said(order, paths, 0, 1) == []
    assert said(order, paths, 2, 4) == []
    assert said(order, paths, 3) == ["folds.py", "a.py", "b.py", "late.py", "other.py"]


def test_projects_do_not_wait_for_each_other(root: Path) -> None:
    for name in "one", "two":
        (root / name).mkdir()
        (root / name / "pyproject.toml").touch()
        write(root / name, a=MAIN, folds=FOLDS)
    paths = found()
    order = order_of(paths)
    assert said(order, paths, 0, 1) == ["one/folds.py", "one/a.py"]


def test_imports_that_lead_through_a_file_outside_of_the_run(root: Path) -> None:
    write(root, folds=BOTH, steps=STEP, main=BY_STEP)
    paths = ("folds.py", "main.py")
    assert Imports(Modules(), paths).leading_to(0) == {1}
    order = order_of(paths)
    assert said(order, paths, 0) == []
    assert said(order, paths, 1) == ["folds.py", "main.py"]


@pytest.mark.parametrize("late", [BY_STEP, BY_NAME, "import folds\nfor n in range(9):\n    folds.run_fold(slice(n), n)\n"])
def test_what_is_said_does_not_depend_on_who_was_faster(root: Path, late: str) -> None:
    write(root, a=MAIN, folds=BOTH, steps=STEP, z=late, broken="for\n", y=OWN)
    paths = found()
    reports = [examine(path, Settings(), Modules()) for path in paths]
    texts = set()
    for numbers in random.Random(0).sample(list(itertools.permutations(range(len(paths)))), 40):
        order = order_of(paths)
        printed = ""
        for number in numbers:
            order.add(number, reports[number])
            printed += text.render(order.ready())
        assert list(order.rest()) == []
        texts.add(printed)
    assert len(texts) == 1
    if late != BY_NAME:  # what a name leads to is no import
        assert texts == {text.render(examine_all(paths, Settings(), 1))}


def test_only_what_says_something_is_kept(root: Path) -> None:
    write(root, **{f"f{number}": "x = 1\n" for number in range(40)}, g=OWN)
    paths = found()
    for jobs in 1, 2:
        assert [report.path for report in examine_all(paths, Settings(), jobs)] == ["g.py"]


def test_an_early_end_gives_what_there_is(root: Path) -> None:
    write(root, a=OWN, b=OWN, c=OWN)
    paths = found()
    order = order_of(paths)
    assert said(order, paths, 0, 2) == ["a.py"]
    assert [report.path for report in order.rest()] == ["c.py"]
    assert order.missing == 1
