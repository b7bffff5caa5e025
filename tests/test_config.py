"""``[tool.keras-loop-fix]``: where it is found, what it may say, and that the command line wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_keras_loops.cli.arguments import parse
from flake8_keras_loops.config import Config, ConfigError, find, load
from flake8_keras_loops.files.discovery import Excludes
from flake8_keras_loops.fixes.outcome import Settings

FULL = """
[tool.keras-loop-fix]
strategy = "hoist"
unsafe-fixes = true
same-weights = true
helper-module = "lib.keeper"
select = ["KL1", "KL107"]
enable = ["KL203"]
ignore = ["KL105"]
exclude = ["gen/", "*_old.py"]
force-exclude = true
jobs = 3
output-format = "github"
factories = ["zoo.net"]
clearing = ["wipe"]
src = ["lib", "../shared"]
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(root: Path, text: str) -> str:
    (root / "pyproject.toml").write_text(text)
    return str(root / "pyproject.toml")


def test_every_key_is_read(root: Path) -> None:
    file = written(root, FULL)
    assert load(file) == Config(
        file=file,
        strategy="hoist",
        unsafe_fixes=True,
        same_weights=True,
        helper_module="lib.keeper",
        select=("KL1", "KL107"),
        enable=("KL203",),
        ignore=("KL105",),
        exclude=("gen/", "*_old.py"),
        force_exclude=True,
        jobs=3,
        output_format="github",
        factories=("zoo.net",),
        clearing=("wipe",),
        src=(str(root / "lib"), str(root / "../shared")),
    )
    assert load(file).options.builders == {"zoo.net"}
    assert load(file).options.clearers == {"wipe"}


def test_the_file_reaches_the_run(root: Path) -> None:
    file = written(root, FULL)
    run = parse(["a.py"])
    assert run.settings == Settings(
        "hoist", True, True, "lib.keeper", ("KL1", "KL107"), ("KL105",), ("KL107", "KL203"), load(file).options
    )
    assert run.excludes == Excludes(("gen/", "*_old.py"), str(root), True)
    assert (run.jobs, run.output_format, run.mode) == (3, "github", "report")


def test_the_command_line_wins(root: Path) -> None:
    written(root, FULL)
    run = parse(
        [
            "--strategy",
            "auto",
            "--no-unsafe-fixes",
            "--no-same-weights",
            "--helper-module",
            "x",
            "--select",
            "KL101",
            "--ignore",
            "KL102",
            "--exclude",
            "b",
            "--exclude",
            "c",
            "--no-force-exclude",
            "-j1",
            "--output-format",
            "text",
            "a.py",
        ]
    )
    assert (run.settings.strategy, run.settings.unsafe, run.settings.same_weights) == ("auto", False, False)
    assert run.settings.options.builders == {"zoo.net"}
    assert (run.settings.helper_module, run.settings.select, run.settings.ignore) == ("x", ("KL101",), ("KL102",))
    assert run.excludes == Excludes(("b", "c"), ".", False)
    assert (run.jobs, run.output_format) == (1, "text")


def test_the_nearest_file_with_our_table_counts(root: Path) -> None:
    top = written(root, "[tool.keras-loop-fix]\n")
    inner = root / "a" / "b"
    inner.mkdir(parents=True)
    (root / "a" / "pyproject.toml").write_text("[tool.ruff]\n")
    (inner / "x.py").write_text("")
    assert find((str(inner / "x.py"),)) == top
    (root / "a" / "pyproject.toml").write_text("[tool.keras-loop-fix]\n")
    assert find((str(inner / "x.py"),)) == str(root / "a" / "pyproject.toml")
    assert find((str(inner),)) == str(root / "a" / "pyproject.toml")
    assert find((str(inner / "x.py"), str(root / "y.py"))) == top
    assert find((".",)) == top
    assert parse([]).excludes.base == str(root)
    assert parse(["--stdin-filename", "a/b/x.py", "-"]).excludes.base == str(root / "a")


def test_no_file_means_the_defaults(root: Path) -> None:
    run = parse([])
    assert run.settings == Settings()
    assert run.paths == (".",)
    assert (run.jobs, run.output_format, run.excludes) == (0, "text", Excludes())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("jbos = 3", "unknown key 'jbos' in [tool.keras-loop-fix]; known are strategy, unsafe-fixes, "),
        ("unsafe_fixes = true", "unknown key 'unsafe_fixes'"),
        (
            "strategy = 'fast'",
            "strategy in [tool.keras-loop-fix] must be one of auto, reuse, hoist, clear, clone, nojit, process, not 'fast'",
        ),
        ("strategy = ['auto']", "strategy in [tool.keras-loop-fix] must be one of auto"),
        ("unsafe-fixes = 'yes'", "unsafe-fixes in [tool.keras-loop-fix] must be true or false, not 'yes'"),
        ("same-weights = 1", "same-weights in [tool.keras-loop-fix] must be true or false, not 1"),
        ("helper-module = 'a-b'", "must be the dotted name of a module, not 'a-b'"),
        ("helper-module = 3", "must be the dotted name of a module, not 3"),
        ("select = 'KL101'", "select in [tool.keras-loop-fix] must be a list of codes or their beginnings"),
        ("ignore = ['KL999']", "ignore in [tool.keras-loop-fix] must be a list of codes or their beginnings"),
        ("exclude = [1]", "exclude in [tool.keras-loop-fix] must be a list of patterns as in .gitignore, not [1]"),
        ("exclude = ['!']", "exclude in [tool.keras-loop-fix] must be a list of patterns as in .gitignore, not ['!']"),
        ("jobs = 0", "jobs in [tool.keras-loop-fix] must be a whole number above 0, not 0"),
        ("jobs = true", "jobs in [tool.keras-loop-fix] must be a whole number above 0, not True"),
        ("output-format = 'xml'", "output-format in [tool.keras-loop-fix] must be one of text, json, github, sarif"),
        ("output-format = {}", "output-format in [tool.keras-loop-fix] must be one of text, json, github, sarif"),
        ("factories = 'f'", "factories in [tool.keras-loop-fix] must be a list of strings"),
        ("src = ['a', 2]", "src in [tool.keras-loop-fix] must be a list of strings"),
    ],
)
def test_what_is_wrong_is_one_line(root: Path, capsys: pytest.CaptureFixture[str], line: str, message: str) -> None:
    file = written(root, f"[tool.keras-loop-fix]\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert message in str(caught.value)
    with pytest.raises(SystemExit) as left:
        parse(["a.py"])
    assert left.value.code == 2
    assert capsys.readouterr().err == f"{caught.value}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool", "not valid TOML: "),
        ("a = 1\na = 2", "not valid TOML: "),
        ("tool = 3", "tool must be a table"),
        ("tool.keras-loop-fix = []", "keras-loop-fix must be a table"),
    ],
)
def test_a_file_that_is_no_configuration(root: Path, text: str, message: str) -> None:
    file = written(root, text)
    with pytest.raises(ConfigError) as caught:
        find(("a.py",))
    assert str(caught.value).startswith(f"{file}: {message}")
    assert "\n" not in str(caught.value)


def test_bytes_that_are_not_utf_8(root: Path) -> None:
    (root / "pyproject.toml").write_bytes(b"a = '\xe9'\n")
    with pytest.raises(ConfigError, match="not valid TOML"):
        find(("a.py",))


def test_a_file_that_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "other.toml").write_text("[tool.keras-loop-fix]\njobs = 7\n")
    written(root, "[tool.keras-loop-fix]\njobs = 2\n")
    assert parse(["--config", "other.toml"]).jobs == 7
    for name, message in (("gone.toml", "gone.toml: cannot be read: No such file or directory"), ("empty.toml", "has no table")):
        (root / "empty.toml").write_text("")
        with pytest.raises(SystemExit) as left:
            parse(["--config", name])
        assert left.value.code == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1
