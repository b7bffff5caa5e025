"""The plugin as flake8 runs it: a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flake8_keras_loops import AnalysisError

ROOT = Path(__file__).parent.parent
LOOP = "import keras\nfor i in range(9):\n    model = keras.Sequential()\n"


def flake8(*args: str, cwd: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flake8", *args],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def codes(output: str) -> list[tuple[int, int, str]]:
    rows = (line.split(":", 3) for line in output.splitlines())
    return [(int(row[1]), int(row[2]), row[3].split()[0]) for row in rows]


def test_reports_line_column_and_one_line_of_text(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(LOOP)
    done = flake8("--isolated", "--select=KL", "train.py", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout == (
        "train.py:3:13: KL101 keras.Sequential() builds a Keras model in every iteration of the loop on line 2\n"
    )


def test_message_of_a_factory_names_where_it_builds(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("import keras\n\n\ndef build():\n    return keras.Sequential()\n")
    (tmp_path / "train.py").write_text("from models import build\n\nfor i in range(9):\n    build()\n")
    done = flake8("--isolated", "--select=KL", "train.py", cwd=tmp_path)
    assert (
        done.stdout == "train.py:4:5: KL102 build() builds a Keras model (models.py:5) in every iteration of the loop on line 3\n"
    )


def test_reported_without_being_selected_and_next_to_other_plugins(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(LOOP + "import os\n")
    done = flake8("--isolated", "train.py", cwd=tmp_path)
    assert {code for _, _, code in codes(done.stdout)} >= {"KL101", "F401"}


@pytest.mark.parametrize(
    ("comment", "left"),
    [("# noqa", []), ("# noqa: KL101", []), ("# noqa: KL", []), ("# noqa: KL102", ["KL101"]), ("# noqa: E501,KL101", [])],
)
def test_noqa(tmp_path: Path, comment: str, left: list[str]) -> None:
    (tmp_path / "train.py").write_text(LOOP.rstrip() + f"  {comment}\n")
    done = flake8("--isolated", "--select=KL", "train.py", cwd=tmp_path)
    assert [code for _, _, code in codes(done.stdout)] == left


def test_noqa_on_the_first_line_of_a_construction_over_several_lines(tmp_path: Path) -> None:
    text = "import keras\nfor i in range(9):\n    model = keras.Sequential(  # noqa: KL101\n        []\n    )\n"
    (tmp_path / "train.py").write_text(text)
    assert flake8("--isolated", "--select=KL", "train.py", cwd=tmp_path).stdout == ""


def test_opt_in_rules_are_off_unless_enabled(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(LOOP + "    keras.backend.clear_session()\n")
    for flags in ((), ("--select=KL",), ("--select=KL107",), ("--extend-select=KL107",), ("--keras-loops-enable=KL203",)):
        assert flake8("--isolated", *flags, "train.py", cwd=tmp_path).stdout == ""
    enable = "--keras-loops-enable=KL203,KL107"
    assert codes(flake8("--isolated", enable, "train.py", cwd=tmp_path).stdout) == [(3, 13, "KL107")]
    assert codes(flake8("--isolated", "--select=KL", enable, "train.py", cwd=tmp_path).stdout) == [(3, 13, "KL107")]
    assert flake8("--isolated", "--extend-ignore=KL107", enable, "train.py", cwd=tmp_path).stdout == ""
    (tmp_path / "setup.cfg").write_text("[flake8]\nkeras-loops-enable = KL107\n")
    assert codes(flake8("train.py", cwd=tmp_path).stdout) == [(3, 13, "KL107")]


def test_a_rule_that_there_is_not_cannot_be_enabled(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(LOOP)
    done = flake8("--isolated", "--keras-loops-enable=KL999", "train.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "--keras-loops-enable: there is no rule 'KL999'" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_codes_are_selected_and_ignored_the_flake8_way(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(LOOP + "kept = [keras.Sequential() for _ in range(2)]\n")
    assert [c for _, _, c in codes(flake8("--isolated", "--select=KL105", "train.py", cwd=tmp_path).stdout)] == ["KL105"]
    done = flake8("--isolated", "--select=KL", "--extend-ignore=KL105", "train.py", cwd=tmp_path)
    assert [c for _, _, c in codes(done.stdout)] == ["KL101"]
    (tmp_path / ".flake8").write_text("[flake8]\nselect = KL\nper-file-ignores =\n    train.py: KL101\n")
    assert [c for _, _, c in codes(flake8("train.py", cwd=tmp_path).stdout)] == ["KL105"]


def test_options_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "from zoo import get_net, wipe\n\nfor i in range(3):\n    net = get_net(i)\n\nfor i in range(3):\n    wipe()\n    get_net(i)\n"
    )
    assert flake8("--isolated", "--select=KL", "train.py", cwd=tmp_path).stdout == ""
    done = flake8("--isolated", "--select=KL", "--keras-loops-factories=zoo.get_net", "train.py", cwd=tmp_path)
    assert codes(done.stdout) == [(4, 11, "KL102"), (8, 5, "KL102")]
    done = flake8(
        "--isolated", "--select=KL", "--keras-loops-factories=get_net", "--keras-loops-clearing=wipe", "train.py", cwd=tmp_path
    )
    assert codes(done.stdout) == [(4, 11, "KL102")]


def test_options_in_the_configuration(tmp_path: Path) -> None:
    library = tmp_path / "vendored" / "lib"
    library.mkdir(parents=True)
    (library / "nets.py").write_text("import keras\n\n\ndef make():\n    return keras.Sequential()\n")
    (tmp_path / "train.py").write_text(
        "from nets import make\nfrom zoo import get_net\n\nfor i in range(3):\n    make()\n    get_net()\n"
    )
    (tmp_path / "setup.cfg").write_text("[flake8]\nselect = KL\n")
    assert flake8("train.py", cwd=tmp_path).stdout == ""
    (tmp_path / "setup.cfg").write_text(
        "[flake8]\nselect = KL\nkeras-loops-src = vendored/lib\nkeras-loops-factories =\n    get_net,\n    other\n"
    )
    assert codes(flake8("train.py", cwd=tmp_path).stdout) == [(5, 5, "KL102"), (6, 5, "KL102")]


def test_standard_input(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("import keras\n\n\ndef build():\n    return keras.Sequential()\n")
    text = "from models import build\n\nfor i in range(9):\n    build()\n"
    done = flake8("--isolated", "--select=KL", "--stdin-display-name=train.py", "-", cwd=tmp_path, stdin=text)
    assert codes(done.stdout) == [(4, 5, "KL102")]
    assert codes(flake8("--isolated", "--select=KL", "-", cwd=tmp_path, stdin=text).stdout) == [(4, 5, "KL102")]


def test_several_processes_agree_with_one(tmp_path: Path) -> None:
    for i in range(12):
        (tmp_path / f"train{i}.py").write_text(LOOP)
    one = flake8("--isolated", "--select=KL", "-j1", ".", cwd=tmp_path).stdout
    assert len(one.splitlines()) == 12
    assert sorted(flake8("--isolated", "--select=KL", "-j4", ".", cwd=tmp_path).stdout.splitlines()) == sorted(one.splitlines())


@pytest.mark.parametrize(
    ("raised", "line"),
    [
        (AnalysisError("too deeply nested"), "train.py: not analysed by flake8-keras-loops: too deeply nested"),
        (KeyError("oops"), "train.py: not analysed by flake8-keras-loops, please report: KeyError('oops')"),
    ],
)
def test_what_cannot_be_analysed_gives_one_warning_and_does_not_end_the_run(
    raised: Exception, line: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import ast

    from flake8_keras_loops import plugin

    def broken(*args: object) -> None:
        raise raised

    monkeypatch.setattr(plugin, "detect", broken)
    assert list(plugin.Plugin(ast.parse(LOOP), "train.py", LOOP.splitlines(keepends=True)).run()) == []
    assert [record.getMessage() for record in caplog.records] == [line]


def test_a_run_imports_neither_libcst_nor_tensorflow(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(LOOP)
    program = (
        "import sys, flake8_keras_loops, flake8_keras_loops.plugin\n"
        "from flake8.main.cli import main\n"
        "assert main(['--isolated', '-j1', '--select=KL', 'train.py']) == 1\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'libcst', 'tensorflow', 'keras', 'jax', 'torch', 'numpy'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "KL101" in done.stdout


def test_nothing_is_executed(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("open('executed', 'w')\nimport keras\n\n\ndef build():\n    return keras.Sequential()\n")
    (tmp_path / "train.py").write_text("from models import build\nopen('executed', 'w')\nfor i in range(9):\n    build()\n")
    assert "KL102" in flake8("--isolated", "train.py", cwd=tmp_path).stdout
    assert not (tmp_path / "executed").exists()
