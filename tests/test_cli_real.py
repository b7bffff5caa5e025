"""``keras-loop-fix`` over a small repository, with nothing replaced: what it prints, writes and exits with."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_keras_loops.cli.fix import main
from flake8_keras_loops.fixes.helpers import module_text

COMMAND = (sys.executable, "-m", "flake8_keras_loops.cli.fix")
LOOP = """\
for i in range(9):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.fit(x, y)
"""
TRAIN = f"import keras\nfrom data import x, y\n\n{LOOP}"
FACTORY = """\
import keras


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    return model
"""
SEARCH = """\
from data import x, y

from .models import build

for i in range(9):
    print(build().evaluate(x, y))
"""
KEPT = "import keras\n\nmodels = []\nfor i in range(9):\n    models.append(keras.Sequential())\n"
CELLS = ["!pip install keras\n", "import keras\n", "from data import x, y"], LOOP.splitlines(keepends=True)
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [{"name": "stdout", "output_type": "stream", "text": ["é\n"]}], "source": cell}
        for cell in CELLS
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 4,
}  # fmt: skip
FILES = {
    "train.py": TRAIN,
    "windows.py": TRAIN.replace("\n", "\r\n"),
    "no_end.py": TRAIN.removesuffix("\n"),
    "kept.py": KEPT,
    "quiet.py": TRAIN.replace("(1)])", "(1)])  # noqa: KL101"),
    "plain.py": "print('no network here')\n",
    "our/__init__.py": "",
    "our/models.py": FACTORY,
    "our/search.py": SEARCH,
    "explore.ipynb": json.dumps(NOTEBOOK, indent=1, ensure_ascii=False) + "\n",
    "build/copy.py": TRAIN,
    "vendored/old.py": TRAIN,
    ".gitignore": "build/\n",
    "pyproject.toml": '[tool.keras-loop-fix]\nexclude = ["vendored"]\n',
}
FIXABLE = {"train.py", "windows.py", "no_end.py", "our/search.py", "explore.ipynb"}
HEADS = {
    "explore.ipynb:cell 2:2:13: KL101 ",
    "kept.py:5:19: KL105 ",
    "no_end.py:5:13: KL101 ",
    "our/search.py:6:11: KL102 ",
    "train.py:5:13: KL101 ",
    "windows.py:5:13: KL101 ",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.autocrlf", "false")
    git(tmp_path, "add", "-A")
    return tmp_path


def git(root: Path, *command: str, data: bytes = b"") -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", *command], cwd=root, input=data, capture_output=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def run(root: Path, *flags: str, data: bytes = b"") -> tuple[int, bytes, str]:
    """What the command does in ``root``, without a process of its own."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        status = main(flags)
    return status, out.buffer.getvalue(), err.buffer.getvalue().decode()  # type: ignore[attr-defined]


def changed(root: Path) -> set[str]:
    return {name for name, text in FILES.items() if (root / name).read_bytes() != text.encode()}


def test_report(root: Path) -> None:
    status, out, err = run(root)
    process = subprocess.run(COMMAND, cwd=root, capture_output=True, check=False)
    assert (process.returncode, process.stdout, process.stderr.decode()) == (status, out, err)
    lines = out.decode().splitlines()
    assert (status, err) == (1, "")
    found = [line for line in lines[:-1] if not line.startswith("    ")]
    assert {line[: line.index(": KL") + 8] for line in found} == HEADS
    assert "models.py:5" in out.decode()
    assert lines[-1] == "6 findings in 6 files, 5 fixable with --fix."
    assert sum(line.startswith("    fix: reuse") for line in lines) == 5
    assert changed(root) == set()
    assert run(root, "plain.py", "quiet.py", "our/models.py")[0] == 0


def test_check(root: Path) -> None:
    assert run(root, "--check") == (1, b"", "6 findings in 6 files, 5 fixable with --fix.\n")
    assert run(root, "--check", "-q", "plain.py") == (0, b"", "")
    assert changed(root) == set()


def test_the_patch_is_what_fix_does(root: Path) -> None:
    status, patch, err = run(root, "--diff")
    assert status == 1
    assert err == "6 findings in 6 files, 5 fixable with --fix.\n"
    assert changed(root) == set()
    git(root, "apply", "--whitespace=nowarn", data=patch)
    by_patch = {name: (root / name).read_bytes() for name in FILES}
    assert changed(root) == FIXABLE
    git(root, "checkout", "--", ".")
    assert changed(root) == set()
    assert run(root, "--fix", "-q")[0] == 1
    assert {name: (root / name).read_bytes() for name in FILES} == by_patch


def test_fix_and_a_second_run(root: Path) -> None:
    status, out, err = run(root, "--fix")
    assert (status, err) == (1, "")
    assert out.decode().splitlines()[-1] == "Fixed 5 findings in 5 files; 1 left."
    assert changed(root) == FIXABLE
    after = {name: (root / name).read_bytes() for name in FILES}
    status, out, err = run(root, "--fix")
    assert (status, err) == (1, "")  # what is kept is still found
    lines = [line for line in out.decode().splitlines() if not line.startswith("    ")]
    assert [line[:8] for line in lines] == ["kept.py:", "1 findin"]
    assert {name: (root / name).read_bytes() for name in FILES} == after
    assert run(root, "--fix", *sorted(FIXABLE)) == (0, b"No findings in 5 files.\n", "")
    for name in FIXABLE - {"explore.ipynb"}:
        compile(after[name], name, "exec")
    assert b"\n" not in after["windows.py"].replace(b"\r\n", b"")
    assert not after["no_end.py"].endswith(b"\n")


def test_the_notebook_keeps_everything_but_its_code(root: Path) -> None:
    assert_notebook(root, "def renew(", "kept = None\nfor i in range(9):\n")


def test_a_notebook_that_needs_the_guard(root: Path) -> None:
    """Never in a cell: it is imported from a module beside the notebook."""
    text = (root / "explore.ipynb").read_text("utf-8").replace("layers.Dense(1)", "layers.Lambda(abs)")
    (root / "explore.ipynb").write_text(text, "utf-8")
    run(root, "--fix", "-q", "explore.ipynb")
    assert (root / "explore.ipynb").read_text("utf-8") == text
    line = "from keeping import compiled_model_keeper\n"
    assert_notebook(root, line, "keep_compiled = compiled_model_keeper()\nfor i in range(9):\n", "--helper-module", "keeping")
    assert (root / "keeping.py").read_text("utf-8") == module_text()


def assert_notebook(root: Path, helper: str, before: str, *flags: str) -> None:
    run(root, "--fix", "-q", *flags, "explore.ipynb")
    new = json.loads((root / "explore.ipynb").read_text("utf-8"))
    first, second = ("".join(cell.pop("source")) for cell in new["cells"])
    old = json.loads(FILES["explore.ipynb"])
    assert [cell.pop("source") for cell in old["cells"]]
    assert new == old
    gap = "" if helper.startswith("from ") else "\n\n"
    assert f"{first}\n".startswith(f"!pip install keras\nimport keras\nfrom data import x, y\n{gap}{helper}")
    assert second.startswith(before)


def test_helper_module(root: Path) -> None:
    assert run(root, "--fix", "-q", "--helper-module", "our.keeping")[0] == 1
    assert "\nfrom our.keeping import compiled_model_keeper\n" in (root / "train.py").read_text()
    assert "print(keep_compiled(build()).evaluate(x, y))" in (root / "our/search.py").read_text()


def test_formats(root: Path) -> None:
    status, out, _ = run(root, "--output-format", "json")
    assert status == 1
    text = json.dumps(json.loads(out))
    assert all(text.count(f'"{name}"') >= 1 for name in FIXABLE)
    status, out, _ = run(root, "--output-format", "sarif")
    results = json.loads(out)["runs"][0]["results"]
    assert (status, len(results)) == (1, 6)
    status, out, _ = run(root, "--output-format", "github")
    assert (status, out.decode().count("::warning file=")) == (1, 6)


def test_standard_input(root: Path) -> None:
    status, out, err = run(root, "--fix", "-q", "--stdin-filename", "our/search.py", "-", data=SEARCH.encode())
    assert (status, err) == (1, "")
    assert run(root, "--fix", "-q", "our/search.py")[0] == 1
    assert out == (root / "our/search.py").read_bytes()
    status, out, err = run(root, "--fix", "-", data=TRAIN.replace("\n", "\r").encode())
    assert (status, out.count(b"\n")) == (1, 0)
    assert b"\rkept = None\rfor i" in out
    assert "Fixed 1 finding" in err


def test_a_read_only_file_and_a_broken_one(root: Path) -> None:
    (root / "train.py").chmod(0o444)
    (root / "kept.py").write_text(KEPT + "print 'x'\n")
    status, _, err = run(root, "--fix", "-q", "train.py", "kept.py", "no_end.py")
    assert status == 2
    assert err.splitlines()[0].startswith("kept.py:6: error: ")
    assert err.splitlines()[1] == "train.py: error: not rewritten: the file is read-only"
    assert changed(root) == {"kept.py", "no_end.py"}


def test_a_symbolic_link_stays_one(root: Path) -> None:
    (root / "link.py").symlink_to("train.py")
    assert run(root, "--fix", "-q", "link.py")[0] == 1
    assert (root / "link.py").is_symlink()
    assert changed(root) == {"train.py"}


def test_several_processes_do_the_same(root: Path) -> None:
    one = run(root, "-j1", "--diff")
    command = [*COMMAND, "-j2", "--diff"]
    process = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert (process.returncode, process.stdout, process.stderr.decode()) == one


def test_the_helper_module_may_lie_in_the_project(tmp_path: Path) -> None:
    """What ``--print-helper`` printed is read like any module, and the loops that use it are clean."""
    (tmp_path / "keeping.py").write_text(module_text(), "utf-8")
    script = tmp_path / "train.py"
    script.write_text(
        "import keras\n\n\ndef build():\n    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])\n"
        "    model.compile('adam', 'mse')\n    return model\n\n\nfor seed in range(5):\n    model = build()\n"
        "    model.fit(x, y, epochs=2, batch_size=8)\n",
        "utf-8",
    )
    assert main(["--fix", "--helper-module", "keeping", str(script)]) == 1
    assert "model = keep_compiled(model)" in script.read_text("utf-8")
    assert main([str(script)]) == 0
