"""A loop of one file calls a function of another one, which builds, trains and scores a model: the fix is an edit of that file."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from elsewhere import BOTH, FOLDS, KEPT, MAIN, advice, clean, fix, texts, write
from elsewhere import root as root  # the fixture

from flake8_keras_loops.cli.fix import main
from flake8_keras_loops.fixes.outcome import Settings
from flake8_keras_loops.fixes.rewrite import rewrite
from flake8_keras_loops.fixes.strategies import elsewhere

# -- what is written


def test_the_model_is_kept_where_the_function_is(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, folds=FOLDS, main=MAIN)
    assert advice(capsys) == ["main.py:5 fix: reuse, in folds.py"]
    assert fix(root) == {"folds.py"}
    text = (root / "folds.py").read_text()
    assert KEPT in text
    assert text.count("def renew(") == 1
    clean(root, "main.py", "folds.py")
    capsys.readouterr()
    assert main([]) == 0
    assert capsys.readouterr().out == "No findings in 2 files.\n"


def test_what_is_said_of_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, folds=FOLDS, main=MAIN)
    assert main(["--check"]) == 1
    assert capsys.readouterr() == ("", "1 finding in 1 file, 1 fixable with --fix.\n")
    assert main(["--diff"]) == 1
    out, _ = capsys.readouterr()
    assert re.findall(r"(?m)^\+\+\+ (.*)$", out) == ["b/folds.py"]
    assert f"+{KEPT}" in out
    main(["--output-format", "json"])
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert (found["path"], found["fixed_in"], found["applied"], found["written"]) == ("main.py", "folds.py", True, False)
    main(["--output-format", "sarif"])
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["properties"]["fixed_in"] == "folds.py"
    main(["--output-format", "github"])
    assert "%0Afix: reuse, in folds.py" in capsys.readouterr().out
    assert texts(root) == {"folds.py": FOLDS, "main.py": MAIN}
    assert main(["--fix"]) == 1
    assert capsys.readouterr().out == "Fixed 1 finding in 1 file; 0 left.\n"


def test_the_patch_is_one_for_git(root: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write(root, folds=FOLDS, main=MAIN)
    main(["--diff", "-q"])
    patch = capfdbinary.readouterr().out
    subprocess.run(["git", "apply", "-"], input=patch, check=True, cwd=root, env={**os.environ, "GIT_CEILING_DIRECTORIES": "/"})
    applied = texts(root)
    write(root, folds=FOLDS)
    fix(root)
    assert texts(root) == applied


def test_packages_with_relative_imports(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, lab____init__="", lab__tools____init__="", lab__tools__folds=FOLDS)
    write(root, lab__main="from .tools.folds import run_fold as run\n\nscores = [run(slice(n)) for n in (8, 16)]\n")
    assert advice(capsys) == ["lab/main.py:3 fix: reuse, in lab/tools/folds.py"]
    assert fix(root) == {"lab/tools/folds.py"}
    clean(root, "lab/main.py")


def test_the_src_setting(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "pyproject.toml").write_text('[tool.keras-loop-fix]\nsrc = ["lib"]\n')
    write(root, lib__folds=FOLDS, scripts__main=MAIN)
    assert advice(capsys) == ["scripts/main.py:5 fix: reuse, in lib/folds.py"]
    assert fix(root) == {"lib/folds.py"}


def test_loops_of_two_files_lead_to_one_function(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, folds=FOLDS, a=MAIN, b=MAIN.replace("4", "9"))
    assert advice(capsys) == ["a.py:5 fix: reuse, in folds.py", "b.py:5 fix: reuse, in folds.py"]
    assert fix(root) == {"folds.py"}
    assert (root / "folds.py").read_text().count(KEPT) == 1
    clean(root, "a.py", "b.py")


def test_the_order_of_the_paths_and_the_jobs_make_no_difference(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, folds=FOLDS, z=MAIN, **{f"a{number}": MAIN for number in range(4)})
    said, written = [], []
    for args in ([], ["-j1"], ["-j3"], ["z.py", "folds.py", "."]):
        said.append(advice(capsys, *args))
        fix(root, *args)
        written.append(texts(root))
        write(root, folds=FOLDS)
        capsys.readouterr()
    assert len(said[0]) == 5
    assert all(each == said[0] for each in said)
    assert all(each == written[0] for each in written)


def test_a_function_that_is_used_outside_of_loops_too(root: Path) -> None:
    write(root, folds=FOLDS + '\n\nif __name__ == "__main__":\n    run_fold(slice(4), units=3)\n')
    write(root, main=MAIN + "print(folds.run_fold(slice(64), 16))\n")
    assert fix(root) == {"folds.py"}
    assert KEPT in (root / "folds.py").read_text()


def test_own_findings_of_the_other_file_are_fixed_with_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = """

        def ensemble():
            for _ in range(3):
                model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
                model.compile(loss="mse")
                model.fit(x[:, :4], y)

        def repeated():
            for n in range(5):
                run_fold(slice(n))
        """
    write(root, folds=FOLDS + textwrap.dedent(own), main=MAIN)
    assert advice(capsys) == ["folds.py:16 fix: reuse", "folds.py:22 fix: reuse", "main.py:5 fix: reuse, in folds.py"]
    assert fix(root) == {"folds.py"}
    text = (root / "folds.py").read_text()
    assert text.count("def renew(") == 1
    assert len(re.findall(r"model = renew\(", text)) == 2
    clean(root, "main.py", "folds.py")


def test_files_are_written_for_their_own_loops_and_for_those_of_others(root: Path) -> None:
    """Each of two files has a loop that calls the other one's function."""
    write(
        root,
        one=FOLDS.replace("run_fold", "first") + "\n\ndef go():\n    import two\n    for n in (4, 8):\n        two.second(n)\n",
    )
    write(
        root,
        two=FOLDS.replace("run_fold", "second") + "\n\ndef go():\n    import one\n    for n in (4, 8):\n        one.first(n)\n",
    )
    assert fix(root) == {"one.py", "two.py"}
    clean(root, "one.py", "two.py")


def test_through_a_function_of_a_third_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, folds=FOLDS, steps="import folds\n\ndef step(n):\n    print(n)\n    return folds.run_fold(slice(n))\n")
    write(root, main="from steps import step\n\nfor n in range(8):\n    step(n)\n")
    assert advice(capsys) == ["main.py:4 fix: reuse, in folds.py"]
    assert fix(root) == {"folds.py"}


def test_a_search_over_a_function_of_another_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    objective = FOLDS.replace("rows, units=8, lr=0.01", "trial").replace("x[rows], y[rows]", "x, y")
    objective = objective.replace(
        "    model = keras", '    units = 8\n    lr = trial.suggest_float("lr", 0.1, 0.2)\n    model = keras', 1
    )
    write(root, folds=objective)
    write(root, main="import optuna\nimport folds\n\nstudy = optuna.create_study()\nstudy.optimize(folds.run_fold, n_trials=9)\n")
    assert advice(capsys) == ["main.py:5 fix: reuse, in folds.py"]
    assert fix(root) == {"folds.py"}
    clean(root, "main.py")
    write(root, folds=objective)
    write(root, main=(root / "main.py").read_text().replace("n_trials=9", "n_trials=9, n_jobs=2"))
    (said,) = advice(capsys)
    assert said.endswith("no fix: study.optimize() makes calls side by side, and one kept model cannot serve two at a time")


def test_the_helper_of_a_module(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, folds=FOLDS, main=MAIN)
    assert advice(capsys, "--helper-module", "our.keeping") == [
        "main.py:5 no fix: in folds.py: there is no package our to write into"
    ]
    assert advice(capsys, "--helper-module", "keeping") == ["main.py:5 fix: reuse, in folds.py"]
    assert fix(root, "--helper-module", "keeping") == {"folds.py", "keeping.py"}
    assert (root / "keeping.py").exists()
    text = (root / "folds.py").read_text()
    assert text.startswith("import keras\nimport numpy as np\nfrom keeping import compiled_model_keeper\n")
    assert "\nkeep_compiled = compiled_model_keeper()\n" in text
    assert "    model = keep_compiled(model)\n" in text


def test_the_helper_module_is_written_beside_the_file_that_imports_it(root: Path) -> None:
    write(root, lib__folds=FOLDS, main=MAIN.replace("import folds", "from lib import folds"))
    (root / "lib" / "__init__.py").touch()
    assert fix(root, "--helper-module", "lib.keeping") == {"lib/folds.py", "lib/keeping.py"}


def test_models_inside_objects_are_left_alone(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = "keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])"
    folds = f"""\
        import keras


        class Trainer:
            def __init__(self):
                self.model = {model}
                self.model.compile(loss="mse")


        def run_fold(x, y):
            trainer = Trainer()
            trainer.model.fit(x, y)
            return trainer.model.evaluate(x, y)
        """
    write(root, folds=folds, main="import folds\n\nfor number in range(4):\n    print(folds.run_fold(x, y))\n")
    (said,) = advice(capsys)
    assert said.startswith("main.py:4 no fix: run_fold() (folds.py:10) builds and uses the model")
    assert fix(root) == set()


def test_each_file_reaches_keras_in_its_own_way(root: Path) -> None:
    write(root, folds=FOLDS.replace("import keras", "import tensorflow as tf").replace("keras.", "tf.keras."))
    write(root, main="import keras\n" + MAIN)
    assert fix(root) == {"folds.py"}
    assert 'if tf.keras.__version__ < "3":' in (root / "folds.py").read_text()


# -- where it is not done


def test_only_what_the_run_is_asked_to_rewrite_is_written(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, folds=FOLDS, main=MAIN)
    (said,) = advice(capsys, "main.py")
    assert said == f"main.py:5 no fix: run_fold() (folds.py:7) {BOTH}"
    assert fix(root, "main.py") == set()
    assert fix(root, "--exclude", "folds.py") == set()
    assert fix(root, "folds.py") == set()
    assert fix(root, "main.py", "folds.py") == {"folds.py"}


def test_a_file_outside_the_tree_and_an_installed_one(root: Path) -> None:
    write(root, scripts__main=MAIN, folds=FOLDS)
    assert fix(root, "scripts") == set()
    write(root, site_packages__folds=FOLDS, main=MAIN)
    (root / "folds.py").unlink()
    (root / "site_packages").rename(root / "site-packages")
    assert fix(root, "--config", "pyproject.toml") == set()


def test_one_file_by_itself_names_the_other(root: Path) -> None:
    write(root, folds=FOLDS)
    done = rewrite(MAIN, str(root / "main.py"), Settings())
    assert done.text == MAIN
    assert [outcome.reason for outcome in done.outcomes] == [f"run_fold() (folds.py:7) {BOTH}"]
    assert done.outcomes[0].elsewhere == str(root / "folds.py")


def test_standard_input(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, folds=FOLDS)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(MAIN.encode())))
    assert main(["--stdin-filename", "main.py", "-"]) == 1
    assert f"    no fix: run_fold() (folds.py:7) {BOTH}\n    help: {elsewhere.FIX_BOTH}" in capsys.readouterr().out
    assert texts(root) == {"folds.py": FOLDS}


def test_a_notebook_that_calls_a_module(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its loops do not have files fixed: that stays for their owner to decide."""
    write(root, folds=FOLDS)
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": MAIN.splitlines(True)}]
    book = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1)
    (root / "book.ipynb").write_text(book)
    main(["-q"])
    assert "    no fix: run_fold() (folds.py:7) builds and uses the model\n    help: fix it there" in capsys.readouterr().out
    assert fix(root) == set()
    assert (root / "book.ipynb").read_text() == book


def test_a_broken_file_is_an_error_of_its_own(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, folds=FOLDS, main=MAIN, broken="import keras\nfor i in x:\n    keras.Sequential(\n")
    assert main(["--fix"]) == 2
    assert capsys.readouterr().err.startswith("broken.py:3: error: ")
    assert KEPT in (root / "folds.py").read_text()
    write(root, folds="import keras\nfor i in x:\n    keras.Sequential(\n")
    assert main(["--fix"]) == 2  # nothing is known of the function then
    assert "main.py" not in capsys.readouterr().out


def test_a_file_that_cannot_be_written(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, folds=FOLDS, main=MAIN)

    def refuse(*args: object, **named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert main(["--fix"]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("folds.py: error: ")
    assert "main.py:5:11: KL102" in out  # it is still there
    main(["--fix", "--output-format", "json"])
    assert json.loads(capsys.readouterr().out)["findings"][0]["written"] is False
    assert texts(root) == {"folds.py": FOLDS, "main.py": MAIN}


def test_noqa(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, folds=FOLDS, main=MAIN.replace("20)))", "20)))  # noqa: KL102"))
    assert advice(capsys) == []
    assert fix(root) == set()
    write(root, folds=FOLDS.replace("Dense(1)])", "Dense(1)])  # noqa: KL101"), main=MAIN)
    assert advice(capsys) == ["main.py:5 no fix: in folds.py: line 8 has # noqa"]
    assert fix(root) == set()


@pytest.mark.parametrize("strategy", ["clear", "hoist", "clone", "nojit"])
def test_other_strategies_write_into_the_loop_or_nothing(root: Path, strategy: str) -> None:
    write(root, folds=FOLDS, main="import keras\n" + MAIN)
    assert fix(root, "--strategy", strategy, "--unsafe-fixes") <= {"main.py"}


# -- for real


PROGRAM = """\
import json, keras, folds

keras.utils.set_random_seed(3)
scores = [folds.run_fold(slice(number, number + 40), lr=0.01 * (number + 1)) for number in range(3)]
for number in range(6):
    scores.append(folds.run_fold(slice(number, number + 30), 4 * (number // 3 + 1)))
print(json.dumps(scores))
"""


@pytest.mark.endtoend
def test_the_numbers_are_the_same(root: Path) -> None:
    pytest.importorskip("tensorflow")
    folds = FOLDS.replace("x, y = ", "np.random.seed(1)\nx, y = ")
    write(root, folds=folds.replace("keras.layers.Dense(1)]", "keras.layers.Dropout(0.5), keras.layers.Dense(1)]"), main=PROGRAM)

    def run() -> list[str]:
        done = subprocess.run([sys.executable, "main.py"], cwd=root, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    before = run()
    assert fix(root) == {"folds.py"}
    fixed = (root / "folds.py").read_text()
    counting = r'\1print("KEPT" if kept else "NEW")\n\g<0>'
    (root / "folds.py").write_text(re.sub(r"^( +)kept = kept or model$", counting, fixed, flags=re.MULTILINE))
    after = run()
    assert after[-1] == before[-1]
    assert (after.count("NEW"), after.count("KEPT")) == (2, 7)


def test_a_function_that_also_calls_one_of_a_third_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each keeps its own model, though the finding of the one is there until the other is fixed too."""
    pretrain = FOLDS.replace("run_fold", "pretrain").replace("units=8", "units=4")
    folds = FOLDS.replace("import numpy as np", "import numpy as np\nfrom pretraining import pretrain")
    folds = folds.replace("    return", "    pretrain(rows)\n    return").replace("units=8, ", "").replace("(units)", "(8)")
    write(root, pretraining=pretrain, folds=folds, main=MAIN.replace("    print", "    folds.pretrain(3)\n    print"))
    assert advice(capsys) == ["main.py:5 fix: reuse, in pretraining.py", "main.py:6 fix: reuse, in folds.py"]
    assert fix(root) == {"pretraining.py", "folds.py"}
