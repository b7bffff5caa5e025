"""``--helper-module``: there is no fix that would import what cannot be there, and no module that no fix imports."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from helper_project import (
    DEFINES,
    DOTTED,
    LOADED,
    PLAIN,
    TRAIN,
    files,
    imports,
    is_module,
    package,
    reason,
    write,
)
from helper_project import root as root  # the fixture

from flake8_keras_loops.cli.fix import main
from flake8_keras_loops.files import encoding

# -- what is not written


@pytest.mark.parametrize("mode", [[], ["--check"], ["--diff"]], ids=["report", "check", "diff"])
def test_nothing_without_fix(root: Path, mode: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    write(root, train=TRAIN)
    before = files(root)
    assert main([*mode, *PLAIN]) == 1
    out, err = capsys.readouterr()
    assert (out + err).endswith("1 finding in 1 file, 1 fixable with --fix, which writes keeping.py too.\n")
    assert files(root) == before


def test_nothing_where_no_fix_needs_it(root: Path) -> None:
    write(
        root,
        loaded=LOADED,
        kept=TRAIN.replace("    model.fit", "    models.append(model)\n    model.fit"),
        clean="import keras\n",
    )
    assert main(["--fix", "-q", "--unsafe-fixes", *PLAIN]) == 1
    assert (root / "loaded.py").read_text() != LOADED
    assert not (root / "keeping.py").exists()


def test_nothing_for_an_unsafe_fix_that_is_not_asked_for(root: Path) -> None:
    write(root, train=TRAIN.replace("    model.fit", "    unknown(model)\n    model.fit"))
    assert main(["--fix", "-q", *PLAIN]) == 1
    assert not (root / "keeping.py").exists()
    assert main(["--fix", "-q", "--unsafe-fixes", *PLAIN]) == 1
    assert is_module(root / "keeping.py")


def test_nothing_where_the_file_has_its_own(root: Path) -> None:
    write(root, train=TRAIN.replace("\n\n", f"\n\n\n{DEFINES}\n\n", 1), sys=DEFINES)
    assert main(["--fix", "-q", "--helper-module", "sys", "train.py"]) == 1
    assert "\nkeep_compiled = compiled_model_keeper()\n" in (root / "train.py").read_text()
    assert "import compiled_model_keeper" not in (root / "train.py").read_text()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("keeping", DEFINES),
        ("keeping", "from helpers import compiled_model_keeper\n"),
        ("keeping", "from helpers import *\n"),
        ("keeping/__init__", DEFINES),
        ("src/keeping", DEFINES),
    ],
)
def test_a_module_that_is_there_is_used(root: Path, name: str, text: str) -> None:
    write(root, train=TRAIN, helpers=DEFINES)
    (root / f"{name}.py").parent.mkdir(exist_ok=True)
    (root / f"{name}.py").write_text(text)
    before = files(root)
    assert main(["--fix", "-q", *PLAIN, "train.py"]) == 1
    after = files(root)
    assert imports(root / "train.py", "keeping")
    assert {**after, "train.py": before["train.py"]} == before


def test_a_folder_that_cannot_be_written_to(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package(root, "our")
    write(root, train=TRAIN)
    (root / "our").chmod(0o555)
    try:
        assert main(["--fix", *DOTTED]) == 1
    finally:
        (root / "our").chmod(0o755)
    assert reason(capsys) == "our.keeping cannot be written: no permission to write into our"
    assert (root / "train.py").read_text() == TRAIN


IN_THE_WAY = "is in the way, where keeping would be written"
REFUSED = {
    "no package": ("our.keeping", {}, "there is no package our to write into"),
    "no inner package": ("our.inner.keeping", {"our/__init__.py": ""}, "there is no package our.inner to write into"),
    "a module for a package": ("our.keeping", {"our.py": ""}, "our is a module, not a package"),
    "a folder of data": ("our.keeping", {"our/x.csv": ""}, "our is a folder without Python files, not a package"),
    "other names": ("keeping", {"keeping.py": "x = 1\n"}, "keeping.py does not define compiled_model_keeper"),
    "no Python": ("keeping", {"keeping.py": "def ("}, "keeping.py does not define compiled_model_keeper"),
    "an empty package": ("keeping", {"keeping/__init__.py": ""}, "keeping/__init__.py does not define compiled_model_keeper"),
    "a folder": ("keeping", {"keeping/a.txt": ""}, "keeping/__init__.py is missing, and without it keeping is a folder"),
    "an extension": ("keeping", {"keeping.so": ""}, f"keeping.so {IN_THE_WAY}"),
    "itself": ("train", {}, "train is the file itself"),
    "standard library": ("random", {}, "random is a module of the standard library"),
    "package of the standard library": ("email.keeping", {}, "email is a module of the standard library"),
    "Keras": ("keras.keeping", {}, "keras is an installed package"),
    "NumPy": ("numpy", {}, "numpy is an installed package"),
    "installed": ("libcst.keeping", {}, "libcst is an installed package"),
    "installed module": ("pytest", {}, "pytest is an installed package"),
    "dunder": ("our.__init__", {"our/__init__.py": ""}, "our.__init__ is not the name of a module"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(root: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    module, others, expected = REFUSED[name]
    write(root, train=TRAIN)
    for other, text in others.items():
        (root / other).parent.mkdir(exist_ok=True)
        (root / other).write_text(text)
    before = files(root)
    for mode in ([], ["--fix"], ["--fix", "--unsafe-fixes"]):
        assert main([*mode, "--helper-module", module, "train.py"]) == 1
        assert reason(capsys) == expected
    assert files(root) == before


@pytest.mark.parametrize("name", ["class", "our.import", "a-b", "", ".keeping", "a..b", "1a"])
def test_what_is_no_name(root: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["--helper-module", name, "."]) == 2
    assert "is not the dotted name of a module" in capsys.readouterr().err
    (root / "pyproject.toml").write_text(f'[tool.keras-loop-fix]\nhelper-module = "{name}"\n')
    assert main(["."]) == 2
    assert "must be the dotted name of a module" in capsys.readouterr().err


def test_what_the_file_imports_from_elsewhere_is_not_hidden(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in ("import keeping", "import keeping.models as models", "from keeping import load"):
        write(root, train=f"{line}\n{TRAIN}")
        assert main(["--fix", *PLAIN]) == 1
        assert reason(capsys) == "the file imports another keeping, which a new module would hide"
    write(root, train=f"from keeping import compiled_model_keeper\n{TRAIN}")  # as older versions left it
    assert main(["--fix", "-q", *PLAIN]) == 1
    assert is_module(root / "keeping.py")


def test_a_module_that_lacks_the_function_at_hand(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, train=TRAIN, keeping=DEFINES)
    assert main(["--strategy", "hoist", "--same-weights", *PLAIN, "train.py"]) == 1
    assert reason(capsys) == "keeping.py does not define model_restorer"
    (root / "keeping.py").unlink()
    assert main(["--fix", "-q", "--strategy", "hoist", "--same-weights", *PLAIN]) == 1
    assert "from keeping import model_restorer\n" in (root / "train.py").read_text()
    assert is_module(root / "keeping.py")


# -- what goes wrong


def no_writing(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_module_that_cannot_be_written(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, a__train=TRAIN, a__other=LOADED, b__train=TRAIN)
    before = files(root)
    real = os.link
    monkeypatch.setattr(os, "link", lambda old, new: no_writing() if "b" in Path(new).parts else real(old, new))
    monkeypatch.setattr(os, "rename", no_writing)
    assert main(["--fix", "-q", *PLAIN]) == 2
    out, err = capsys.readouterr()
    assert err == "b/keeping.py: error: not written: Permission denied\n"
    assert out.startswith("b/train.py:6:13: KL101 ")
    after = files(root)
    assert after["b/train.py"] == before["b/train.py"]
    assert set(after) == {*before, "a/keeping.py"}
    assert imports(root / "a/train.py", "keeping")


def test_no_module_is_left_that_no_file_imports(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, train=TRAIN)
    (root / "train.py").chmod(0o444)
    before = files(root)
    assert main(["--fix", "-q", *PLAIN]) == 2
    assert capsys.readouterr().err == "train.py: error: not rewritten: the file is read-only\n"
    assert files(root) == before
    write(root, other=TRAIN)
    assert main(["--fix", "-q", *PLAIN]) == 2
    assert is_module(root / "keeping.py")


def test_nothing_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keeping.py"
    path.write_text("mine")
    with pytest.raises(encoding.SourceError, match="not written: File exists"):
        encoding.create(str(path), b"x")
    path.unlink()
    path.symlink_to("nowhere")
    with pytest.raises(encoding.SourceError, match="not written: File exists"):
        encoding.create(str(path), b"x")
    path.unlink()
    with pytest.raises(encoding.SourceError, match="not written: No such file or directory"):
        encoding.create(str(tmp_path / "gone" / "keeping.py"), b"x")
    monkeypatch.setattr(os, "link", no_writing)  # as on file systems without hard links
    encoding.create(str(path), b"x")
    assert files(tmp_path) == {"keeping.py": b"x"}
