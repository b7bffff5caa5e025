"""Imports are followed inside the project, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flake8_keras_loops import Options, analyze
from flake8_keras_loops.examine import detect
from flake8_keras_loops.semantics.modules import Modules

BUILD = "import keras\n\n\ndef build():\n    return keras.Sequential()\n"
USE = "from models import build\n\nfor i in range(3):\n    build()\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def found(path: Path, options: Options | None = None) -> list[str]:
    return [finding.code for finding in analyze(path.read_bytes(), str(path), options)]


def test_beside_the_file(tmp_path: Path) -> None:
    write(tmp_path / "models.py", BUILD)
    assert found(write(tmp_path / "train.py", USE)) == ["KL102"]


@pytest.mark.parametrize("marker", [".git/HEAD", "pyproject.toml", "setup.py", ".flake8"])
def test_up_to_the_top_of_the_project(tmp_path: Path, marker: str) -> None:
    write(tmp_path / "top" / marker, "")
    write(tmp_path / "top" / "models.py", BUILD)
    write(tmp_path / "top" / "src" / "layout" / "nets.py", BUILD)
    deep = tmp_path / "top" / "scripts" / "more" / "train.py"
    assert found(write(deep, USE)) == ["KL102"]
    assert found(write(deep, USE.replace("models", "layout.nets"))) == ["KL102"]


def test_not_above_the_top(tmp_path: Path) -> None:
    write(tmp_path / "models.py", BUILD)
    write(tmp_path / "top" / "pyproject.toml", "")
    assert found(write(tmp_path / "top" / "scripts" / "train.py", USE)) == []


def test_not_through_a_link_out_of_the_project(tmp_path: Path) -> None:
    outside = write(tmp_path / "elsewhere" / "models.py", BUILD)
    write(tmp_path / "top" / "pyproject.toml", "")
    (tmp_path / "top" / "models.py").symlink_to(outside)
    assert found(write(tmp_path / "top" / "train.py", USE)) == []


def test_configured_roots(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "models.py", BUILD)
    write(tmp_path / "top" / "pyproject.toml", "")
    train = write(tmp_path / "top" / "train.py", USE)
    assert found(train) == []
    assert found(train, Options(src=(str(tmp_path / "elsewhere"),))) == ["KL102"]


def test_from_the_directory_being_linted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "here" / "models.py", BUILD)
    train = write(tmp_path / "here" / "scripts" / "train.py", USE)
    assert found(train) == []
    monkeypatch.chdir(tmp_path / "here")
    assert found(train) == ["KL102"]


def test_installed_packages_are_not_the_project(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "")
    write(tmp_path / ".venv" / "site-packages" / "models.py", BUILD)
    train = write(tmp_path / "train.py", USE)
    assert found(train, Options(src=(str(tmp_path / ".venv" / "site-packages"),))) == []


def test_a_script_named_after_the_library_it_imports(tmp_path: Path) -> None:
    script = "import optuna\n\nfor i in range(3):\n    optuna.build()\n\n\n" + BUILD
    assert found(write(tmp_path / "optuna.py", script)) == []


def test_files_that_do_not_parse_or_cannot_be_read_are_as_if_absent(tmp_path: Path) -> None:
    write(tmp_path / "models.py", BUILD + "def broken(:\n")
    train = write(tmp_path / "train.py", USE)
    assert found(train) == []
    (tmp_path / "models.py").write_bytes(b"# coding: nonsense\nimport keras\n")
    assert found(train) == []
    (tmp_path / "models.py").unlink()
    os.mkfifo(tmp_path / "models.py")
    assert found(train) == []


def test_every_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flake8_keras_loops.files import project

    write(tmp_path / "models.py", BUILD)
    parsed: list[str] = []
    parse = project.parse
    monkeypatch.setattr(project, "parse", lambda text: parsed.append(text) or parse(text))
    shared = Modules()
    for name in ("a.py", "b.py", "c.py"):
        path = write(tmp_path / name, USE)
        assert detect(path.read_text(), str(path), None, shared)
    assert parsed.count(BUILD) == 1


def test_a_file_of_a_project_without_keras_is_dismissed_unparsed(tmp_path: Path) -> None:
    write(tmp_path / "models.py", "import json\nfrom train import main\n")
    train = write(tmp_path / "train.py", USE)
    assert not Modules().can_matter(train.read_bytes(), str(train))
    write(tmp_path / "models.py", BUILD)
    assert Modules().can_matter(train.read_bytes(), str(train))
    assert not Modules().can_matter(b"import keras\nmodel = keras.Sequential()\n", str(train)), "nothing can repeat"
