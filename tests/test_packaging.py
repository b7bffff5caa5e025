"""What is shipped: the wheel, the sdist, the metadata, and that the README's commands are those that CI runs."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import distribution, entry_points
from pathlib import Path

import pytest

import flake8_keras_loops
from flake8_keras_loops.rules import RULES

ROOT = Path(__file__).parent.parent


def test_runtime_dependencies() -> None:
    requires = distribution("flake8-keras-loops").requires or []
    runtime = {re.split(r"[<>=!~ ;\[]", requirement)[0] for requirement in requires if "extra ==" not in requirement}
    assert runtime == {"flake8", "libcst", "pathspec", "rich", "tomli"}
    extras = set(distribution("flake8-keras-loops").metadata.get_all("Provides-Extra") or [])
    assert extras == {"ray", "verify", "test"}


def test_entry_point_is_valid_for_flake8() -> None:
    (entry,) = [entry for entry in entry_points(group="flake8.extension") if entry.value.startswith("flake8_keras_loops")]
    assert entry.name == "KL"
    assert all(code.startswith(entry.name) for code in RULES)


def test_version_is_in_the_changelog() -> None:
    assert f"## [{flake8_keras_loops.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.endtoend
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_builds(tmp_path: Path, kind: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = tmp_path.iterdir()
    if kind == "wheel":
        names = zipfile.ZipFile(built).namelist()
        assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"flake8_keras_loops"}
    else:
        names = [name.partition("/")[2] for name in tarfile.open(built).getnames()]
        assert {"README.md", "LICENSE", "CHANGELOG.md", "docs/rules/KL101.md", "tests/test_packaging.py"} <= set(names)
    assert "flake8_keras_loops/py.typed" in names
    assert "flake8_keras_loops/examine.py" in names


def _commands() -> list[str]:
    return re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text(), re.MULTILINE)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = next(command for command in _commands() if "pytest" in command)
    script = (ROOT / ".ci" / "run").read_text().replace('"$venv/bin/', ".venv/bin/").replace('"$venv"', ".venv").replace('"', "")
    for step in command.split(" && "):
        words = step.split()
        assert any(words == [w for w in line.split() if w != "--disable-pip-version-check"] for line in script.splitlines()), step


def test_ci_runs_every_marker_that_the_command_leaves_out() -> None:
    settings = (ROOT / "pyproject.toml").read_text()
    markers = re.findall(r'^    "(\w+): ', settings, re.MULTILINE)
    assert f"-m 'not ({' or '.join(markers)})'" in settings
    assert f"for marker in {' '.join(markers)}; do" in (ROOT / ".ci" / "run").read_text()
