"""The fix as a LibCST codemod: the command that the documentation gives, against ``keras-loop-fix``."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from libcst import parse_module
from libcst.codemod import CodemodContext, SkipFile

from flake8_keras_loops.cli.fix import main
from flake8_keras_loops.fixes.command import KerasLoopFixCommand
from flake8_keras_loops.fixes.helpers import module_text

COMMAND = (sys.executable, "-m", "libcst.tool", "codemod", "-x", "--no-format", "--hide-progress")
LOOP = (
    "for i in range(9):\n    model = keras.Sequential([keras.Input((4,))])\n    model.compile(loss='mse')\n    model.fit(x, y)\n"
)
FILES = {
    "train.py": f"import keras\n\n{LOOP}".encode(),
    "crlf.py": f"import keras\n\n{LOOP}".replace("\n", "\r\n").encode(),
    "latin.py": f"# coding: latin-1\nimport keras\n# é\n{LOOP}".encode("latin-1"),
    "quiet.py": f"import keras\n{LOOP}".replace("4,))])", "4,))])  # noqa: KL101").encode(),
    "kept.py": b"import keras\nmodels = []\nfor i in range(9):\n    models.append(keras.Sequential())\n",
    "clean.py": b"import keras\nmodel = keras.Sequential()\n",
    "pkg/__init__.py": b"",
    "pkg/models.py": b"import keras\n\n\ndef build():\n    return keras.Sequential([keras.Input((4,))])\n",
    "pkg/search.py": b"from pkg.models import build\n\nfor i in range(9):\n    model = build()\n    model.compile('adam', 'mse')\n    model.fit(x)\n",
}


def project(folder: Path) -> Path:
    for name, data in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def codemod(folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "flake8_keras_loops.fixes.command.KerasLoopFixCommand", *flags, "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("flags", [[], ["--helper-module", "pkg.keeping"], ["--strategy", "clear", "--unsafe-fixes"]])
def test_it_writes_what_keras_loop_fix_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str]) -> None:
    one, other = project(tmp_path / "one"), project(tmp_path / "other")
    for folder in (one, other):  # the codemod writes no module
        (folder / "pkg" / "keeping.py").write_text(module_text())
    done = codemod(one, *flags)
    assert done.returncode == 0, done.stderr
    monkeypatch.chdir(other)
    assert main(["--fix", "-q", *flags]) == 1
    assert content(one) == content(other)
    changed = {name for name, data in content(one).items() if data != FILES[name]}
    assert {"train.py", "crlf.py", "latin.py", *(["pkg/search.py"] if "clear" not in flags else [])} <= changed
    assert not {"quiet.py", "clean.py", "pkg/models.py"} & changed
    assert "- Failed to codemod 0 files." in done.stderr
    again = codemod(one, *flags)
    assert again.returncode == 0
    assert content(one) == content(other)


def test_what_is_not_fixed_is_a_warning(tmp_path: Path) -> None:
    done = codemod(project(tmp_path))
    assert "line 4: KL105" in done.stderr + done.stdout


def test_a_file_without_findings_comes_back_as_the_same_tree() -> None:
    tree = parse_module(FILES["clean.py"])
    assert KerasLoopFixCommand(CodemodContext()).transform_module_impl(tree) is tree


def test_files_that_libcst_would_change_by_itself_are_left_alone(tmp_path: Path) -> None:
    text = f"import keras\n\x0c{LOOP}"  # LibCST loses the form feed
    (tmp_path / "odd.py").write_text(text)
    done = codemod(tmp_path)
    assert done.returncode == 0
    assert "LibCST does not give this file back as it is" in done.stderr + done.stdout
    assert (tmp_path / "odd.py").read_text() == text
    with pytest.raises(SkipFile, match="does not give this file back"):
        KerasLoopFixCommand(CodemodContext(filename=str(tmp_path / "odd.py"))).transform_module(parse_module(text))


def test_what_python_cannot_parse_is_one_line(tmp_path: Path) -> None:
    text = f"import keras\n{LOOP}def f[T](x: T):\n    return f'{{x['a']}}'\ndef f[*T = int](): pass\n"  # PEP 646, 696 and 701
    (tmp_path / "new.py").write_text(text)
    done = codemod(tmp_path)
    if "Failed to codemod 1" not in done.stderr:
        found = re.search(r"(?m)^.*new\.py.*$(?s:.*?)line \d+: ", done.stderr + done.stdout)
        assert found or (tmp_path / "new.py").read_text() != text, done.stderr + done.stdout
