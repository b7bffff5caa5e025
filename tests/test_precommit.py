"""Both hooks, as ``pre-commit`` installs them from a repository and runs them in another one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_keras_loops.fixes.helpers import module_text

pytestmark = pytest.mark.endtoend
ROOT = Path(__file__).parent.parent
SHIPPED = ("flake8_keras_loops", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
LOOP = """\
import keras
import numpy as np

x, y = np.zeros((8, 4)), np.zeros(8)
for i in range(9):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.fit(x, y, verbose=0)
"""
CLEAN = "import keras\n\nmodel = keras.Sequential()\n"


def run(*command: str | Path, cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    environment |= {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment |= {"PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def repository(folder: Path, home: Path) -> str:
    """Make a repository of what is in a folder; returns its commit."""
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "--no-verify", "-m", "first")):
        done = run("git", *command, cwd=folder, home=home)
        assert done.returncode == 0, done.stderr
    return run("git", "rev-parse", "HEAD", cwd=folder, home=home).stdout.strip()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose hooks come from a commit of this checkout as it is now."""
    top = tmp_path_factory.mktemp("precommit")
    hooks = top / "hooks"
    hooks.mkdir()
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, hooks / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, hooks / name)
    commit = repository(hooks, top / "home")
    folder = top / "project"
    folder.mkdir()
    (folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hooks}\n    rev: {commit}\n    hooks:\n      - id: keras-loop-check\n      - id: keras-loop-fix\n"
    )
    (folder / "pyproject.toml").write_text('[tool.keras-loop-fix]\nexclude = ["generated.py"]\n')
    for name, text in (("train.py", LOOP), ("clean.py", CLEAN), ("generated.py", LOOP), ("notes.txt", LOOP)):
        (folder / name).write_text(text)
    repository(folder, top / "home")
    return folder


def hook(project: Path, name: str, *files: str) -> subprocess.CompletedProcess[str]:
    which = ("--files", *files) if files else ("--all-files",)
    return run(sys.executable, "-m", "pre_commit", "run", name, *which, cwd=project, home=project.parent / "home")


def test_check_passes_clean_files_and_those_that_are_excluded(project: Path) -> None:
    done = hook(project, "keras-loop-check", "clean.py", "generated.py", "notes.txt")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_check_reports_and_changes_nothing(project: Path) -> None:
    done = hook(project, "keras-loop-check")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "train.py:6:13: KL101 " in done.stdout
    assert "generated.py" not in done.stdout
    assert "files were modified" not in done.stdout
    assert (project / "train.py").read_text() == LOOP


def test_fix_rewrites_and_passes_the_second_time(project: Path) -> None:
    done = hook(project, "keras-loop-fix")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "files were modified by this hook" in done.stdout
    assert (project / "train.py").read_text() != LOOP
    assert (project / "generated.py").read_text() == LOOP
    again = hook(project, "keras-loop-fix")
    assert again.returncode == 0, again.stdout + again.stderr


def test_fix_writes_the_helper_module_and_passes_the_second_time(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.keras-loop-fix]\nhelper-module = "keeping"\n')
    (project / "guarded.py").write_text(LOOP.replace("keras.layers.Dense(1)", "keras.layers.Lambda(abs), keras.layers.Dense(1)"))
    done = hook(project, "keras-loop-fix", "guarded.py")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "New: keeping.py." in done.stdout
    assert "\nfrom keeping import compiled_model_keeper\n" in (project / "guarded.py").read_text()
    assert (project / "keeping.py").read_text("utf-8") == module_text()
    done = hook(project, "keras-loop-fix", "guarded.py", "keeping.py")
    assert done.returncode == 0, done.stdout + done.stderr
