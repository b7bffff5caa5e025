"""``keras-loop-fix``: modes, exit statuses, streams, processes, and that nothing ends in a traceback."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from fake_rewrite import fake as fake  # the fixture

from flake8_keras_loops import __version__
from flake8_keras_loops.cli.fix import main

TESTS = Path(__file__).parent
SAFE, UNSAFE, NONE = "x = BAD_SAFE\n", "y = BAD_UNSAFE\n", "z = BAD_NONE\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(root: Path, **files: str) -> None:
    for name, content in files.items():
        (root / f"{name}.py").write_text(content)


# -- modes


@pytest.mark.usefixtures("fake")
def test_reports_by_default_and_changes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, a=SAFE + UNSAFE, b=NONE, c="x = 1\n")
    assert main([]) == 1
    out, err = capsys.readouterr()
    assert out == (
        "a.py:1:5: KL101 BAD_SAFE in the loop on line 1\n    fix: reuse\n"
        "a.py:2:5: KL101 BAD_UNSAFE in the loop on line 2\n    unsafe fix: hoist; weights differ\n"
        "b.py:1:5: KL101 BAD_NONE in the loop on line 1\n    no fix: it escapes\n"
        "3 findings in 2 files, 1 fixable with --fix, 1 more with --unsafe-fixes.\n"
    )
    assert err == ""
    assert (root / "a.py").read_text() == SAFE + UNSAFE
    assert main(["-q", "c.py"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["c.py"]) == 0
    assert capsys.readouterr() == ("No findings in 1 file.\n", "")


@pytest.mark.usefixtures("fake")
def test_fix_writes_and_says_what_is_left(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, a=SAFE + UNSAFE, b=NONE, c="x = 1\n")
    before = (root / "c.py").stat()
    assert main(["--fix"]) == 1
    assert capsys.readouterr().out == (
        "a.py:2:5: KL101 BAD_UNSAFE in the loop on line 2\n    unsafe fix: hoist; weights differ\n"
        "b.py:1:5: KL101 BAD_NONE in the loop on line 1\n    no fix: it escapes\n"
        "Fixed 1 finding in 1 file; 2 left, 1 fixable with --unsafe-fixes.\n"
    )
    assert (root / "a.py").read_text() == "keep = 1\nx = GOOD\n" + UNSAFE
    assert (root / "c.py").stat() == before
    assert main(["--fix", "--unsafe-fixes", "a.py"]) == 1  # rewritten, so not 0
    assert main(["--fix", "a.py"]) == 0


@pytest.mark.usefixtures("fake")
def test_a_file_without_a_fix_is_not_opened_for_writing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, a=NONE, b="x = 1\n")
    for name in ("a.py", "b.py"):
        (root / name).chmod(0o444)
    monkeypatch.setattr("tempfile.mkstemp", None)
    assert main(["--fix", "-q"]) == 1


@pytest.mark.usefixtures("fake")
def test_diff(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "a.py").write_bytes(b"u\r\nx = BAD_SAFE")
    write(root, b=NONE)
    assert main(["--diff"]) == 1
    out, err = capsys.readouterr()
    assert out == (
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,3 @@\n u\r\n-x = BAD_SAFE\n\\ No newline at end of file\n"
        "+keep = 1\r\n+x = GOOD\n\\ No newline at end of file\n"
    )
    assert err == "2 findings in 2 files, 1 fixable with --fix.\n"
    assert (root / "a.py").read_bytes() == b"u\r\nx = BAD_SAFE"
    assert main(["--diff", "-q", "b.py"]) == 1
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("fake")
def test_check_prints_nothing_on_standard_output(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, a=SAFE, b="x = 1\n")
    assert main(["--check"]) == 1
    assert capsys.readouterr() == ("", "1 finding in 1 file, 1 fixable with --fix.\n")
    assert main(["--check", "-q", "b.py"]) == 0
    assert capsys.readouterr() == ("", "")
    assert (root / "a.py").read_text() == SAFE


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
@pytest.mark.usefixtures("fake")
def test_output_formats(root: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    write(root, a=SAFE + NONE)
    assert main(["--output-format", form]) == 1
    out = capsys.readouterr().out
    assert out.count("BAD_NONE in") == out.count("BAD_SAFE in") == 1
    if form == "github":
        assert out.startswith("::warning file=a.py,line=1,col=5,endLine=1,endColumn=13,title=KL101::BAD_SAFE")
    else:
        json.loads(out)
    assert main(["--fix", "--output-format", form]) == 1
    out = capsys.readouterr().out
    assert ("BAD_SAFE in" in out) is (form == "json")
    assert "Fixed" not in out


@pytest.mark.usefixtures("fake")
def test_selection_and_noqa(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, a=SAFE)
    assert main(["--ignore", "KL101", "a.py"]) == 0
    assert main(["--select", "KL102,KL105", "a.py"]) == 0
    assert main(["--select", "KL101", "--ignore", "KL", "a.py"]) == 1
    write(root, a="x = BAD_SAFE  # noqa: KL101\n")
    assert main(["a.py"]) == 0


@pytest.mark.usefixtures("fake")
def test_a_notebook_beside_a_module(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, a=SAFE)
    cell = {"cell_type": "code", "source": ["!ls\n", "BAD_SAFE"], "metadata": {}, "outputs": [], "execution_count": None}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1)
    (root / "n.ipynb").write_text(text)
    assert main(["-q"]) == 1
    assert capsys.readouterr().out.splitlines()[2] == "n.ipynb:cell 1:2:1: KL101 BAD_SAFE in the loop on line 2 of cell 1"
    assert main(["--fix", "-q"]) == 1
    assert (root / "n.ipynb").read_text() == text.replace('"BAD_SAFE"', '"keep = 1\\n",\n    "GOOD"')


# -- errors


@pytest.mark.usefixtures("fake")
def test_each_error_is_one_line_and_the_others_are_done(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, a="x\nSYNTAX\n", b="CRASH\n", e=SAFE, f="# coding: latin-1\nBAD_NEW\n", g=SAFE)
    (root / "d.py").write_bytes(b"import keras\nfor i in x:\n    y = keras.Sequential('\xe9')\n")
    (root / "g.py").chmod(0o444)
    (root / "h.ipynb").write_text("{")
    assert main(["--fix", "-q", ".", "gone.py"]) == 2
    out, err = capsys.readouterr()
    assert err.splitlines() == [
        "gone.py: error: no such file or directory",
        "a.py:2: error: invalid syntax",
        "b.py: internal error, please report: KeyError: 'oops\\nand more'",
        "d.py:3: error: cannot be decoded as utf-8",
        "g.py: error: not rewritten: the file is read-only",
        "h.ipynb:1: error: not a notebook: invalid JSON: Expecting property name enclosed in double quotes",
    ]
    assert [line.split(":")[0] for line in out.splitlines() if line[0] != " "] == ["f.py", "g.py"]
    assert out.splitlines()[1] == "    no fix: line 3 of the fix has '\\u2192', which iso-8859-1 cannot hold"
    assert (root / "e.py").read_text() == "keep = 1\nx = GOOD\n"
    assert (root / "f.py").read_bytes() == b"# coding: latin-1\nBAD_NEW\n"


@pytest.mark.usefixtures("fake")
def test_a_file_that_cannot_be_read_as_text_but_cannot_matter_is_passed_over(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "a.py").write_bytes(b"x = '\xe9'\n")
    assert main(["-q"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--fix", "--diff"], "argument --diff: not allowed with argument --fix"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["--strategy", "fast"], "argument --strategy: invalid choice: 'fast'"),
        (["--select", "E501"], "argument --select: no rule starts with E501"),
        (["--ignore", ","], "argument --ignore: no rule starts with ','"),
        (["-j", "0"], "argument -j/--jobs: '0' is not a whole number above 0"),
        (["-j", "auto"], "argument -j/--jobs: 'auto' is not a whole number above 0"),
        (["--helper-module", "a/b.py"], "argument --helper-module: 'a/b.py' is not the dotted name of a module"),
        (["--exclude", "!"], "argument --exclude: '!' is not a pattern as in .gitignore"),
        (["-", "a.py"], "- stands for standard input and takes no other path beside it"),
        (["--stdin-filename", "a.py"], "--stdin-filename needs - as the path"),
        (["--diff", "--output-format", "json"], "--output-format has no meaning with --diff"),
        (["--check", "--output-format", "text"], "--output-format has no meaning with --check"),
    ],
)
def test_a_wrong_command_line_is_one_line(root: Path, capsys: pytest.CaptureFixture[str], args: list[str], message: str) -> None:
    assert main(args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"keras-loop-fix: error: {message}")
    assert err.count("\n") == 1


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"keras-loop-fix {__version__}\n"
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for words in ("--fix ", "examples:", "\n  reuse ", "\n  nojit ", "\n  process ", "Exit status", "[tool.keras-loop-fix]"):
        assert words in out


# -- files by name, exclusion


@pytest.mark.usefixtures("fake")
def test_exclude(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, a=SAFE, b=SAFE)
    assert main(["-q", "--exclude", "a.py"]) == 1
    assert capsys.readouterr().out.startswith("b.py")
    assert main(["-q", "--exclude", "a.py", "a.py"]) == 1
    assert main(["-q", "--exclude", "a.py", "--force-exclude", "a.py"]) == 0
    (root / "pyproject.toml").write_text('[tool.keras-loop-fix]\nexclude = ["a.py"]\nforce-exclude = true\n')
    assert main(["-q", "a.py"]) == 0
    assert main(["-q", "--no-force-exclude", "a.py"]) == 1


# -- standard input


def given(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.usefixtures("fake")
def test_standard_input(root: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    source = b"\xef\xbb\xbfx = BAD_SAFE\r\nz = BAD_NONE"
    cases = {
        (): (1, b"a/b.py:1:5: KL101", b""),
        ("--check",): (1, b"", b"2 findings"),
        ("--diff", "-q"): (1, b"--- a/a/b.py\n+++ b/a/b.py\n@@ -1,2 +1,3 @@\n-\xef\xbb\xbfx = BAD_SAFE\r\n", b""),
        ("--fix",): (1, b"\xef\xbb\xbfkeep = 1\r\nx = GOOD\r\nz = BAD_NONE", b"a/b.py:2:5: KL101"),
        ("--output-format", "json"): (1, b"{", b""),
    }
    for flags, (status, out, err) in cases.items():
        given(monkeypatch, source)
        assert main([*flags, "--stdin-filename", "a/b.py", "-"]) == status
        got = capfdbinary.readouterr()
        assert got.out.startswith(out)
        assert got.err.startswith(err)
    given(monkeypatch, source)
    assert main(["--fix", "-q", "-"]) == 1
    assert capfdbinary.readouterr().out == b"\xef\xbb\xbfkeep = 1\r\nx = GOOD\r\nz = BAD_NONE"


@pytest.mark.usefixtures("fake")
def test_standard_input_that_stays_as_it_is(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for source, flags, status in (
        (b"x = 1\r", [], 0),
        (b"", [], 0),
        (b"y = BAD_NONE", [], 1),
        (b"x = BAD_SAFE\n", ["--force-exclude", "--exclude", "/gen", "--stdin-filename", "gen/a.py"], 0),
    ):
        given(monkeypatch, source)
        assert main(["--fix", *flags, "-"]) == status
        assert capfdbinary.readouterr().out == source


@pytest.mark.usefixtures("fake")
def test_standard_input_that_cannot_be_read_gives_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    given(monkeypatch, b"SYNTAX")
    assert main(["--fix", "-q", "-"]) == 2
    assert capfdbinary.readouterr() == (b"", b"stdin.py:1: error: invalid syntax\n")
    given(monkeypatch, b"{}")
    assert main(["--fix", "-q", "--stdin-filename", "a.ipynb", "-"]) == 2
    assert capfdbinary.readouterr() == (b"", b"a.ipynb: error: not a notebook: it has no cells\n")


# -- what is imported


@pytest.mark.parametrize("text", ["x = 1\n", "import keras\nfor i in range(3):\n    print(keras.__version__)\n"])
def test_a_run_without_findings_imports_neither_libcst_nor_keras(root: Path, text: str) -> None:
    write(root, a=text)
    (root / "n.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": text, "metadata": {}}], "metadata": {}}))
    program = (
        "import sys\nfrom flake8_keras_loops.cli.fix import main\n"
        "assert main(['--fix', '-j1', 'a.py', 'n.ipynb']) == 0\n"
        "heavy = {'libcst', 'tensorflow', 'keras', 'jax', 'torch', 'numpy', 'flake8'}\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["No findings in 2 files.", "[]"], done.stderr


def test_a_run_over_named_files_imports_only_what_it_needs(root: Path) -> None:
    write(root, a="x = 1\n")
    program = (
        "import sys\nfrom flake8_keras_loops.cli.fix import main\nassert main(['-q', 'a.py']) == 0\n"
        "print(sorted({'pathspec', 'multiprocessing', 'json.decoder', 'flake8_keras_loops.files.notebook'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert done.stdout in {"[]\n", "['json.decoder']\n"}, done.stderr


def test_the_command_is_installed(root: Path) -> None:
    command = Path(sys.executable).parent / "keras-loop-fix"
    done = subprocess.run([command, "--version"], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == f"keras-loop-fix {__version__}\n"
