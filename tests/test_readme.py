"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from flake8_keras_loops import analyze
from flake8_keras_loops.config import load
from flake8_keras_loops.fixes.outcome import STRATEGIES
from flake8_keras_loops.rules import RULES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_example_is_the_fixture() -> None:
    fixture = (ROOT / "fixtures" / "construct_in_loop" / "before.py").read_text()
    assert fixture.endswith(blocks("python")[0])


def test_the_output_is_real() -> None:
    command = next(line for line in blocks("sh")[0].splitlines() if "flake8" in line).split("flake8", 1)[1].split()
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--isolated", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == blocks("text")[0]


def test_the_library_example_runs() -> None:
    done = subprocess.run([sys.executable, "-c", blocks("python")[1]], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("3 12 KL101 keras.Sequential() builds a Keras model")


def test_the_diff_is_real() -> None:
    command = blocks("sh")[1].split()[1:]
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from flake8_keras_loops.cli.fix import main; sys.exit(main())", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == (blocks("diff")[0], 1)


def test_the_settings_exist(tmp_path: Path) -> None:
    settings = next(block for block in blocks("toml") if "keras-loop-fix" in block)
    (tmp_path / "pyproject.toml").write_text(settings)
    assert load(str(tmp_path / "pyproject.toml")).helper_module == "training.keeping"


def test_the_strategies_are_listed() -> None:
    assert set(re.findall(r"^\| \[`(\w+)`\]\(docs/fixes/\1\.md\)", README, re.MULTILINE)) == set(STRATEGIES)


def test_the_options_exist(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text(blocks("ini")[0])
    (tmp_path / "train.py").write_text("from zoo import get_network\nfor i in range(3):\n    get_network()\n")
    done = subprocess.run([sys.executable, "-m", "flake8", "train.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "KL102" in done.stdout
    assert done.stderr == ""


def test_the_table_lists_the_rules() -> None:
    rows = dict(re.findall(r"^\| \[(KL\d+)\]\(docs/rules/\1\.md\) \| (.*?) \|$", README, re.MULTILINE))
    assert {code: text.removesuffix(" (off by default)") for code, text in rows.items()} == {
        code: rule.summary for code, rule in RULES.items()
    }


def test_analyze_agrees_with_its_docstring() -> None:
    assert [f.code for f in analyze("import keras\nfor i in range(9):\n    model = keras.Sequential()\n")] == ["KL101"]
