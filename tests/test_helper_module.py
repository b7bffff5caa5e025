"""``--helper-module``: the module that a fix imports is there when the fix is done."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from helper_project import (
    DOTTED,
    NOTEBOOK,
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
from libcst import parse_module
from libcst.codemod import CodemodContext

from flake8_keras_loops.cli.fix import main
from flake8_keras_loops.fixes.command import KerasLoopFixCommand
from flake8_keras_loops.fixes.helpers import module_text

# -- what is written


def test_beside_a_script(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, train=TRAIN)
    assert main(["--fix", *PLAIN, "train.py"]) == 1
    assert capsys.readouterr() == ("Fixed 1 finding in 1 file; 0 left. New: keeping.py.\n", "")
    assert imports(root / "train.py", "keeping")
    assert is_module(root / "keeping.py")
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((root / "keeping.py").stat().st_mode) == 0o666 & ~umask
    after = files(root)
    assert set(after) == {"keeping.py", "pyproject.toml", "train.py"}
    assert main(["--fix", *PLAIN]) == 0
    assert capsys.readouterr().out == "No findings in 2 files.\n"
    assert main(["--select", "KL", "-q"]) == 0
    assert files(root) == after


def test_the_import_finds_it(root: Path) -> None:
    write(root, sub__train=TRAIN)
    assert main(["--fix", "-q", *PLAIN, "sub"]) == 1
    program = "import sys, types\nsys.modules['keras'] = types.ModuleType('keras')\nimport runpy\n"
    program += "try:\n    runpy.run_path('sub/train.py')\nexcept AttributeError as error:\n    print(error)\n"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.path[0] = 'sub'\n{program}"], capture_output=True, text=True, check=False
    )
    assert done.stdout == "module 'keras' has no attribute 'Sequential'\n", done.stderr


@pytest.mark.endtoend
@pytest.mark.parametrize("flags", [PLAIN, DOTTED], ids=["plain", "dotted"])
def test_the_fixed_program_runs(root: Path, flags: tuple[str, str]) -> None:
    package(root, "our")
    write(root, train=f"{TRAIN}    print(seed, model.count_params())\n")
    assert main(["--fix", "-q", *flags, "train.py"]) == 1
    with open("train.py", "a") as file:
        file.write("print(keep_compiled.reused)\n")
    done = subprocess.run([sys.executable, "train.py"], capture_output=True, text=True, check=False)
    assert done.stdout == "0 5\n1 5\n2 5\n2\n", done.stderr


def test_in_a_package(root: Path) -> None:
    package(root, "our", "our/models")
    write(root, our__search=TRAIN, train=TRAIN, our__models__zoo=TRAIN)
    assert main(["--fix", "-q", *DOTTED]) == 1
    for name in ("our/search.py", "train.py", "our/models/zoo.py"):
        assert imports(root / name, "our.keeping")
    assert [name for name in files(root) if name.endswith("keeping.py")] == ["our/keeping.py"]
    assert is_module(root / "our/keeping.py")


def test_in_a_folder_of_modules_that_is_no_package(root: Path) -> None:
    write(root, train=TRAIN, our__data="x = 1\n")
    assert main(["--fix", "-q", *DOTTED, "train.py"]) == 1
    assert is_module(root / "our/keeping.py")


@pytest.mark.parametrize("where", ["src", "libs/common"])
def test_where_the_settings_let_imports_start(root: Path, where: str) -> None:
    package(root, f"{where}/our", "own")
    (root / "pyproject.toml").write_text('[tool.keras-loop-fix]\nsrc = ["libs/common"]\nhelper-module = "our.keeping"\n')
    write(root, train=TRAIN)
    assert main(["--fix", "-q"]) == 1
    assert imports(root / "train.py", "our.keeping")
    assert is_module(root / where / "our/keeping.py")


def test_a_plain_name_for_a_package_needs_src(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package(root, "our", "our/models")
    (root / "libs").mkdir()
    write(root, our__models__zoo=TRAIN)
    assert main(["--fix", *PLAIN]) == 1
    assert reason(capsys).endswith("its imports start elsewhere: name the module our.models.keeping")
    (root / "pyproject.toml").write_text('[tool.keras-loop-fix]\nsrc = ["libs"]\n')
    assert main(["--fix", "-q", *PLAIN]) == 1
    assert imports(root / "our/models/zoo.py", "keeping")
    assert is_module(root / "libs/keeping.py")


def test_folders_of_scripts_have_one_each(root: Path) -> None:
    write(root, a__one=TRAIN, a__two=TRAIN, b__three=TRAIN, four=TRAIN)
    before = files(root)
    assert main(["--diff", "-q", *PLAIN]) == 1
    assert main(["--fix", "-q", *PLAIN]) == 1
    new = set(files(root)) - set(before)
    assert new == {"a/keeping.py", "b/keeping.py", "keeping.py"}
    assert all(is_module(root / name) for name in new)


def test_a_script_does_not_rely_on_a_folder_further_out(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run after the other does what one run does."""
    write(root, a__train=TRAIN, train=TRAIN)
    for name in ("train.py", "a/train.py"):
        assert main(["--fix", "-q", *PLAIN, name]) == 1
    assert is_module(root / "a/keeping.py")
    write(root, b__train=TRAIN, keeping="x = 1\n")
    assert main(["--fix", *PLAIN, "b"]) == 1
    assert reason(capsys) == "keeping.py does not define compiled_model_keeper"
    assert not (root / "b/keeping.py").exists()


def test_a_link_to_a_script(root: Path) -> None:
    write(root, real__train=TRAIN)
    (root / "bin").mkdir()
    (root / "bin/train.py").symlink_to("../real/train.py")
    assert main(["--fix", "-q", *PLAIN, "bin/train.py"]) == 1
    assert is_module(root / "real/keeping.py")
    assert not (root / "bin/keeping.py").exists()


def test_a_notebook(root: Path) -> None:
    package(root, "notes")
    (root / "notes/explore.ipynb").write_text(NOTEBOOK)
    assert main(["--fix", "-q", *PLAIN]) == 1
    source = "".join(json.loads((root / "notes/explore.ipynb").read_text())["cells"][0]["source"])
    assert "from keeping import compiled_model_keeper\n" in source
    assert "class " not in source
    assert is_module(root / "notes/keeping.py")
    assert main(["--fix", "-q", *PLAIN]) == 0


def test_several_processes(root: Path) -> None:
    write(root, a__one=TRAIN, a__two=TRAIN, b__three=TRAIN)
    command = [sys.executable, "-m", "flake8_keras_loops.cli.fix", *PLAIN]
    one, two = (subprocess.run([*command, "--diff", f"-j{n}"], capture_output=True, check=False).stdout for n in (1, 2))
    assert one == two
    assert one.count(b"--- /dev/null\n") == 2
    subprocess.run([*command, "--fix", "-j2"], capture_output=True, check=False)
    assert is_module(root / "a/keeping.py")
    assert is_module(root / "b/keeping.py")
    assert imports(root / "a/two.py", "keeping")


def test_settings_in_the_file(root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.keras-loop-fix]\nhelper-module = "keeping"\n')
    write(root, train=TRAIN)
    assert main(["--fix", "-q"]) == 1
    assert imports(root / "train.py", "keeping")
    assert is_module(root / "keeping.py")


def test_the_report_names_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, train=TRAIN)
    for mode, written in (([], []), (["--fix"], ["keeping.py"])):
        assert main([*mode, *PLAIN, "--output-format", "json"]) == 1
        assert json.loads(capsys.readouterr().out)["new_files"] == written


# -- as a patch, on standard input, as a codemod


def test_the_patch_has_it_as_a_new_file(root: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    package(root, "a b")
    write(root, train=TRAIN)
    (root / "a b/__init__.py").unlink()
    (root / "a b/train.py").write_text(TRAIN)
    before = files(root)
    assert main(["--diff", "-q", *PLAIN]) == 1
    patch = capfdbinary.readouterr().out
    assert b"--- /dev/null\n+++ b/keeping.py\n@@ -0,0 +1," in patch
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "apply", "--whitespace=nowarn"], input=patch, check=True)
    by_patch = {name: data for name, data in files(root).items() if not name.startswith(".git/")}
    for name in by_patch:
        (root / name).unlink()
    for name, data in before.items():
        (root / name).write_bytes(data)
    assert main(["--fix", "-q", *PLAIN]) == 1
    assert {name: data for name, data in files(root).items() if not name.startswith(".git/")} == by_patch
    assert set(by_patch) - set(before) == {"keeping.py", "a b/keeping.py"}


def given(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


@pytest.mark.parametrize("name", [[], ["--stdin-filename", "sub/train.py"]], ids=["no name", "name"])
def test_standard_input_needs_it_to_be_there(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], name: list[str]
) -> None:
    (root / "sub").mkdir()
    place = "sub/keeping.py" if name else "keeping.py"
    before = files(root)
    given(monkeypatch, TRAIN)
    assert main(["--fix", *PLAIN, *name, "-"]) == 1
    out, err = capfdbinary.readouterr()
    assert out.decode() == TRAIN
    assert f"no fix: {place} is not there: keras-loop-fix --print-helper prints it" in err.decode()
    assert files(root) == before
    (root / place).write_text(module_text())
    given(monkeypatch, TRAIN)
    assert main(["--fix", "-q", *PLAIN, *name, "-"]) == 1
    assert b"from keeping import compiled_model_keeper\n" in capfdbinary.readouterr().out


def test_the_codemod_needs_it_to_be_there(root: Path) -> None:
    write(root, train=TRAIN)
    path = str(root / "train.py")
    command = KerasLoopFixCommand(CodemodContext(filename=path), helper_module="keeping")
    tree = parse_module(TRAIN)
    assert command.transform_module_impl(tree) is tree
    (warning,) = command.context.warnings
    assert warning.endswith("[keeping.py is not there: keras-loop-fix --print-helper prints it]")
    assert not (root / "keeping.py").exists()
    (root / "keeping.py").write_text(module_text())
    new = KerasLoopFixCommand(CodemodContext(filename=path), helper_module="keeping").transform_module_impl(tree)
    assert "from keeping import compiled_model_keeper\n" in new.code
    refused = KerasLoopFixCommand(CodemodContext(filename=path), helper_module="no-name")
    assert refused.transform_module_impl(tree) is tree
    assert refused.context.warnings[0].endswith("[no-name is not the name of a module]")
