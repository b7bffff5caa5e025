"""Imports are followed inside the project, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from strategies import outcome

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


def test_the_next_module_of_a_name_has_what_the_nearest_lacks(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "")
    write(tmp_path / "models.py", BUILD)
    write(tmp_path / "scripts" / "models.py", "def build():\n    return None\n")
    assert found(write(tmp_path / "scripts" / "train.py", USE)) == []
    write(tmp_path / "scripts" / "models.py", "def other():\n    return None\n")
    assert found(write(tmp_path / "scripts" / "train.py", USE)) == ["KL102"]
    assert found(write(tmp_path / "scripts" / "run.py", USE.replace("build()", "unknown()"))) == []


@pytest.mark.parametrize(
    ("added", "codes"),
    [
        ('sys.path.append("../../elsewhere")', ["KL102"]),
        ('sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "..", "elsewhere"))', ["KL102"]),
        ('sys.path.append(str(Path(__file__).resolve().parents[2] / "elsewhere"))', ["KL102"]),
        ('sys.path = [f"{os.path.dirname(__file__)}/../../elsewhere"] + sys.path', ["KL102"]),
        ('sys.path += ["elsewhere", "../../elsewhere"]', ["KL102"]),
        ("sys.path.append(somewhere)", []),
        ("sys.path.append(sys.argv[1])", []),
        ('sys.path.append("missing")', []),
        ('sys.path.remove("../../elsewhere")', []),
        ('print(sys.path, "../../elsewhere")', []),
    ],
)
def test_folders_that_the_file_adds(tmp_path: Path, added: str, codes: list[str]) -> None:
    write(tmp_path / "elsewhere" / "models.py", BUILD)
    write(tmp_path / "top" / "pyproject.toml", "")
    text = f"import os, sys\nfrom pathlib import Path\n\n{added}\n{USE}"
    assert found(write(tmp_path / "top" / "scripts" / "train.py", text)) == codes


def test_a_folder_that_comes_first_hides_the_file_s_own(tmp_path: Path) -> None:
    write(tmp_path / "models.py", "def build():\n    return None\n")
    write(tmp_path / "lib" / "models.py", BUILD)
    assert found(write(tmp_path / "a.py", 'import sys\nsys.path.insert(0, "lib")\n' + USE)) == ["KL102"]
    assert found(write(tmp_path / "b.py", 'import sys\nsys.path.append("lib")\n' + USE)) == []


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


PYTHON_2 = """
import sys
import keras


def helper(x):
	print "helping", x
        print >>sys.stderr, "%s of %s" % (x,
            x)
        raise ValueError, "no %s" % x


def build():
    try:
        model = keras.Sequential()
        print "built %s" % model
    except (ImportError, IOError), error:
        print `error`
        exec "x = 1" in {}
    if model <> None and 0777 > 10L:
        print
    return model


class Net:
    def __init__(self, name=ur"x"):
        if name: print name
        self.model = keras.Sequential()


if __name__ == "__main__":
    print build()
"""
BROKEN = '''
"""Text
that looks like
def build(
"""
import keras

@decorator
def build():
    """At
the margin.
    """
    return keras.Sequential()

def broken(:
    pass

<<<<<<< ours
class Net(keras.Model):
    pass
=======
>>>>>>> theirs
'''


@pytest.mark.parametrize("text", [PYTHON_2, BROKEN])
def test_what_parses_in_a_file_that_does_not_is_followed(tmp_path: Path, text: str) -> None:
    write(tmp_path / "models.py", text)
    use = "from models import Net, build\n\nfor i in range(3):\n    build()\n    Net()\n"
    train = write(tmp_path / "train.py", use)
    findings = analyze(train.read_bytes(), str(train))
    assert [finding.line for finding in findings] == [4, 5]
    line = next(n for n, each in enumerate(text.split("\n"), 1) if "= keras.Sequential()" in each or "return keras" in each)
    assert findings[0].built_at == (str(tmp_path / "models.py"), line)


def test_no_fix_is_promised_in_a_file_that_does_not_parse(tmp_path: Path) -> None:
    fold = "\n\ndef fold(x, y):\n    model = build()\n    model.compile('adam', 'mse')\n    model.fit(x, y)\n"
    use = "from models import fold\n\nfor i in range(3):\n    fold(x, y)\n"
    write(tmp_path / "models.py", BUILD + fold)
    train = write(tmp_path / "train.py", use)
    assert outcome(use, "auto", "", path=str(train)).cure == "fix it there, or run keras-loop-fix on both files"
    write(tmp_path / "models.py", BUILD + fold + "    print 'fitted'\n")
    assert outcome(use, "auto", "", path=str(train)).cure == "fix it there"


def test_a_broken_function_hides_no_other(tmp_path: Path) -> None:
    write(tmp_path / "models.py", BUILD + "def broken(:\n")
    assert found(write(tmp_path / "train.py", USE)) == ["KL102"]
    assert found(write(tmp_path / "other.py", USE.replace("build", "broken"))) == []


def test_files_that_cannot_be_read_are_as_if_absent(tmp_path: Path) -> None:
    train = write(tmp_path / "train.py", USE)
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
