"""Fixture folders and user's scripts as cases, and one clear line for what is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_keras_loops.fixes.outcome import Settings
from flake8_keras_loops.verify.program import cases
from flake8_keras_loops.verify.program.arms import NAMES, with_strategies
from flake8_keras_loops.verify.program.cases import CaseError

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
SCRIPT = """\
import keras

for seed in range(5):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit([[0.0] * 4], [0.0], verbose=0)
for i in range(3):
    print(i)
"""
SPEC = 'title = "t"\ncodes = ["KL101"]\nstrategy = "reuse"\n[expect]\ntensorflow = "faster"\n'


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    return path


@pytest.mark.parametrize("folder", cases.folders(FIXTURES), ids=lambda folder: folder.name)
def test_every_fixture_loads(folder: Path) -> None:
    case = cases.load(folder)
    assert case.programs[0].arm == "before"
    assert case.name == folder.name
    assert bool(case.strategy) == any(program.arm == "after" for program in case.programs)


def test_a_script_and_its_fixed_copy(script: Path) -> None:
    case = cases.of_script(script, 3, ["--epochs", "1"], Settings())
    before, after = case.programs
    assert before.text == SCRIPT
    assert "kept = model = renew(kept, model)" in after.text
    assert (before.place, before.file) == (after.place, after.file)
    assert (case.loop, case.strategy, case.arguments) == (f"{script}:3", "reuse", ("--epochs", "1"))
    assert case.expect is None
    assert script.read_text() == SCRIPT


@pytest.mark.parametrize("line", [None, 3, 4])
def test_the_loop_may_be_named_by_its_finding_or_not_at_all(script: Path, line: int | None) -> None:
    assert cases.of_script(script, line, [], Settings()).programs[0].place.line == 3


def test_a_loop_that_clears_is_taken_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(SCRIPT.replace("    model = ", "    keras.backend.clear_session()\n    model = "))
    assert cases.of_script(path, None, [], Settings()).strategy == "reuse"
    assert cases.of_script(path, 3, [], Settings()).strategy == "reuse"
    with pytest.raises(CaseError, match="no loop that builds a Keras model"):
        cases.of_script(path, None, [], Settings(ignore=("KL107",)))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (5, "no loop starts on line 5: loops start on 3, 7"),
        (7, ":7: nothing to fix: flake8 reports no model that is built again in this loop"),
    ],
)
def test_a_line_without_such_a_loop(script: Path, line: int, message: str) -> None:
    with pytest.raises(CaseError) as caught:
        cases.of_script(script, line, [], Settings())
    assert str(caught.value).endswith(message)
    assert str(caught.value).startswith(str(script))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("for i in range(3):\n    print(i)\n", "no loop that builds a Keras model; name one as "),
        ("for i in range(3)\n    print(i)\n", ":1: does not parse: expected ':'"),
        (SCRIPT.replace("    model.fit", "    models.append(model)\n    model.fit"), "no fix"),
        (
            SCRIPT.replace("[[0.0]", "seed or [[0.0]").replace("model.fit", "keep_for_later(model)\n    model.fit"),
            "--unsafe-fixes takes it",
        ),
        (SCRIPT + SCRIPT, "models are built in loops on lines 3, 11: name one as "),
        ("x = 1 # \udcff", "invalid or missing encoding"),
    ],
)
def test_scripts_that_cannot_be_verified(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "train.py"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CaseError) as caught:
        cases.of_script(path, None, [], Settings())
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there_or_no_scripts(tmp_path: Path) -> None:
    for path, message in [
        (tmp_path / "no.py", "No such file"),
        (tmp_path, "without case.toml"),
        (tmp_path / "a.ipynb", "notebooks"),
    ]:
        with pytest.raises(CaseError, match=message):
            cases.of_script(path, 1, [], Settings())
    with pytest.raises(CaseError, match=r"no case\.toml in it"):
        cases.folders(tmp_path)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (SPEC.replace('title = "t"', ""), "key 'title' is missing"),
        ("colour = 1\n" + SPEC, "unknown key 'colour'"),
        (SPEC.replace('"t"', "3"), "title is of the wrong type"),
        (SPEC.replace("faster", "fast"), "expect: tensorflow = 'fast' is not one of"),
        (SPEC.replace("tensorflow =", "theano ="), "expect: theano"),
        ("title = ", "Invalid value"),
        (SPEC.replace('codes = ["KL101"]', 'codes = ["KL101"]\nloop = 1'), "no loop starts on line 1"),
        (SPEC, "after.py: cannot be read"),
    ],
)
def test_case_files_that_are_wrong(tmp_path: Path, spec: str, message: str) -> None:
    (tmp_path / "case.toml").write_text(spec)
    (tmp_path / "before.py").write_text(SCRIPT)
    with pytest.raises(CaseError) as caught:
        cases.load(tmp_path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_targets() -> None:
    assert cases.split("a/train.py:42") == (Path("a/train.py"), 42)
    assert cases.split("train.py") == (Path("train.py"), None)
    assert cases.split("C:/train.py") == (Path("C:/train.py"), None)


def test_all_strategies_and_caches(script: Path) -> None:
    plain = cases.of_script(script, 3, [], Settings())
    assert with_strategies(plain, ()) == plain
    assert [program.arm for program in with_strategies(plain, ("hoist",)).programs] == ["before", "after", "hoist"]
    case = with_strategies(plain, NAMES)
    arms = {program.arm: program for program in case.programs}
    assert list(arms) == ["before", "after", "hoist", "clear", "clone", "jit_compile=False", "XLA cache", "JAX cache"]
    assert list(case.left_out) == ["process"]  # the loop is not behind a guard
    assert "jit_compile=False" in arms["jit_compile=False"].text
    assert "clear_session" in arms["clear"].text
    assert arms["XLA cache"].text == arms["before"].text
    assert arms["JAX cache"].families == ("jax",)
    assert len({program.text for program in case.programs}) == 6
