"""What a campaign is made of, without Ray: repositories, how they are laid out, looked at, and told from each other."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from campaigns import LOOP, checkouts, expected, generated

from flake8_keras_loops.campaign import forking
from flake8_keras_loops.campaign.analyst import Analyst
from flake8_keras_loops.campaign.checkout import lay_out
from flake8_keras_loops.campaign.digest import digest
from flake8_keras_loops.campaign.looking import Job
from flake8_keras_loops.campaign.repository import Asked, Repository, Result, gathered

REPOSITORIES = generated()
FILES = (("a.py", LOOP.encode()), ("b/c.py", b"x = 1\n"))


# -- rows to repositories


def test_rows_that_follow_each_other_are_a_repository() -> None:
    rows = [("a", b"2.py", b"2"), ("a", b"1.py", b"1"), ("b", b"data.csv", b"long"), ("a", b"3.py", b"3")]
    assert list(gathered(rows)) == [
        Repository("a", files=(("1.py", b"1"), ("2.py", b"2"))),
        Repository("b", files=(("data.csv", b""),)),  # that it is there is all that counts
        Repository("a", files=(("3.py", b"3"),)),
    ]
    assert list(gathered([])) == []


def test_rows_with_nothing_in_them_are_errors() -> None:
    (found,) = gathered([("a", b"1.py", None), ("a", None, b""), ("a", b"2.py", b"2")])
    assert (found.files, found.errors, found.failed) == (
        (("2.py", b"2"),),
        ("1.py: error: no content", "error: a row without a path"),
        False,
    )
    (nameless,) = gathered([(None, b"1.py", b"")])
    assert (nameless.name, nameless.errors, nameless.failed) == ("", ("error: rows without a repository",), True)


def test_a_repository_that_is_too_large_is_not_held() -> None:
    large, small = gathered([("a", b"1.py", b"1234"), ("a", b"2.py", b"1234"), ("b", b"1.py", b"1")], limit=6)
    assert (large.files, large.failed) == ((), True)
    assert small.files == (("1.py", b"1"),)


# -- laid out


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../out.py", "leads out"),
        ("a/../../out.py", "leads out"),
        ("a/../b.py", "leads out"),
        ("/tmp/out.py", "absolute"),
        ("a\0.py", "NUL"),
        ("", "without a name"),
        ("a/", "without a name"),
        (".git/hooks/x.py", "git's own"),
        ("x" * 300 + ".py", "name too long"),
        ("/".join(["x" * 200] * 40), "name too long"),
        ("is.py/file.py", "a file and a folder"),
        ("folder", "a file and a folder"),
    ],
)
def test_a_path_that_has_no_place_is_an_error(path: str, reason: str, tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    errors = lay_out([("is.py", b"1"), ("folder/a.py", b"2"), (path, b"3"), ("later.py", b"4")], str(top))
    assert len(errors) == 1
    assert reason.lower() in errors[0].lower()
    assert "\n" not in errors[0]
    assert list(tmp_path.iterdir()) == [top]
    assert [(top / name).read_bytes() for name in ("is.py", "folder/a.py", "later.py")] == [b"1", b"2", b"4"]


def test_the_same_file_twice(tmp_path: Path) -> None:
    errors = lay_out([("a.py", b"1"), ("a.py", b"1"), ("./a.py", b"2")], str(tmp_path))
    assert errors == ["./a.py: error: there twice, with different content"]
    assert (tmp_path / "a.py").read_bytes() == b"1"


# -- told from each other


def test_what_a_result_depends_on(tmp_path: Path) -> None:
    asked, base = Asked(), Repository("a", files=FILES)
    same = digest(base, asked)
    assert digest(replace(base, files=FILES[::-1]), asked) == same
    assert digest(base, replace(asked, timeout=1)) == same
    others = [
        (replace(base, name="b"), asked),
        (replace(base, files=FILES[:1]), asked),
        (replace(base, files=(*FILES, ("setup.cfg", b""))), asked),
        (replace(base, files=((FILES[0][0], b"x"), FILES[1])), asked),
        (replace(base, errors=("x",)), asked),
        (base, Asked(given=(("strategy", "clear"),))),
        (base, Asked(config="c.toml", config_text=b"x")),
    ]
    assert len({digest(*other) for other in others} | {same}) == len(others) + 1


def test_what_the_result_of_a_folder_depends_on(tmp_path: Path) -> None:
    folder = checkouts({"inner/a": dict(FILES)}, tmp_path) / "inner" / "a"
    seen = {digest(Repository("a", str(folder)), Asked())}
    for path, content in {
        "a.py": "x = 2\n",
        "new.py": "",
        "data/x.csv": "",
        ".git/info/exclude": "b/\n",
        "../../pyproject.toml": "[tool.keras-loop-fix]\nstrategy = 'clear'\n",
    }.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(content)
        found = digest(Repository("a", str(folder)), Asked())
        assert found not in seen, path
        seen.add(found)
    (folder / "data" / "x.csv").write_text("nobody reads it")
    assert digest(Repository("a", str(folder)), Asked()) in seen


# -- looked at


def test_results_are_those_of_the_fixer(tmp_path: Path) -> None:
    names = ("of-01", "imports", "settings", "notebook", "broken", "ignoring", "wrong-settings")
    top = checkouts({name: REPOSITORIES[name] for name in names}, tmp_path)
    analyst = Analyst(Asked())
    for name in names:
        laid_out = analyst.result(Repository(name, files=tuple(REPOSITORIES[name].items())))
        assert (list(laid_out.findings), laid_out.patch, list(laid_out.errors)) == expected(top / name)
        assert replace(analyst.result(Repository(name, str(top / name))), digest="") == replace(laid_out, digest="")
        assert laid_out.failed == (name == "wrong-settings")
    analyst.close()


def test_settings_of_the_command_line_come_first() -> None:
    analyst = Analyst(Asked(given=(("select", ("KL203",)),)))
    assert analyst.result(Repository("a", files=FILES)).findings == ()
    analyst.close()


def test_settings_above_a_folder_for_temporary_files_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.keras-loop-fix]\nignore = ['KL']\n")
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / "scratch").mkdir()
    analyst = Analyst(Asked(), str(tmp_path / "scratch"))
    assert len(analyst.result(Repository("a", files=FILES)).findings) == 1
    analyst.close()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_is_known_is_not_looked_at_again() -> None:
    found = digest(Repository("a", files=FILES), Asked())
    assert Analyst(Asked(), known=frozenset({found})).result(Repository("a", files=FILES)) == Result("a", found, known=True)


def test_bad_paths_and_rows_are_errors_of_a_repository_that_is_looked_at() -> None:
    analyst = Analyst(Asked())
    result = analyst.result(Repository("a", files=(*FILES, ("../x.py", b"")), errors=("b.py: error: no content",)))
    analyst.close()
    assert result.errors == ("b.py: error: no content", "../x.py: error: a path that leads out of the repository")
    assert (len(result.findings), result.failed) == (1, False)


def test_an_analyst_goes_on_after_its_process_has_ended() -> None:
    analyst = Analyst(Asked())
    assert len(analyst.result(Repository("a", files=FILES)).findings) == 1
    process: Any = analyst._process
    process.kill()
    process.wait()
    assert analyst.result(Repository("b", files=FILES)).errors == ("error: the process that looks at repositories has ended",)
    assert len(analyst.result(Repository("c", files=FILES)).findings) == 1
    analyst.close()


# -- whatever happens in the fork


def answered(monkeypatch: pytest.MonkeyPatch, look: Any, timeout: float = 60) -> Result:
    monkeypatch.setattr(forking, "look", look)
    reading, writing = os.pipe()
    with open(reading, "rb") as jobs, open(writing, "wb"):
        return forking._looked_at(Job("a", "d", "/", Asked(timeout=timeout), errors=("before",)), jobs)


def test_a_crash_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    why = "error: the process that looked at it ended with"
    for number, said in ((signal.SIGSEGV, "SIGSEGV"), (signal.SIGKILL, "SIGKILL, for want of memory maybe")):
        result = answered(monkeypatch, lambda job, number=number: (faulthandler.disable(), os.kill(os.getpid(), number)))
        assert result == Result("a", "d", errors=("before", f"{why} {said}"), failed=True)
    assert answered(monkeypatch, lambda job: os._exit(3)).errors[1] == f"{why} status 3"


def test_a_mistake_of_ours_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        answered(monkeypatch, lambda job: 1 / 0).errors[1] == "internal error, please report: ZeroDivisionError: division by zero"
    )


def test_what_takes_too_long_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    result = answered(monkeypatch, lambda job: time.sleep(600), timeout=0.2)
    assert (result.errors, result.failed) == (("before", "error: not done after 0.2 s"), True)


def test_a_fork_ends_with_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forking, "look", lambda job: time.sleep(600))
    reading, writing = os.pipe()
    os.close(writing)
    forks: list[int] = []
    fork = os.fork
    monkeypatch.setattr(forking.os, "fork", lambda: forks.append(fork()) or forks[-1])
    with open(reading, "rb") as jobs, pytest.raises(EOFError):
        forking._looked_at(Job("a", "", "/", Asked()), jobs)
    with pytest.raises(ProcessLookupError):
        os.kill(forks[0], 0)


def test_messages_that_are_cut_off_are_none() -> None:
    whole = BytesIO()
    forking.send(whole, Result("a"))
    assert forking.receive(BytesIO(whole.getvalue())) == Result("a")
    for size in (0, 3, 20):
        with pytest.raises(EOFError):
            forking.receive(BytesIO(whole.getvalue()[:size]))


# -- what is imported


@pytest.mark.parametrize("module", ["plugin", "cli.fix", "campaign.forking", "campaign.analyst", "cli.campaign_arguments"])
def test_linter_fixer_and_their_processes_know_nothing_of_ray(module: str) -> None:
    code = f"import sys, flake8_keras_loops.{module}; sys.exit(bool({{'ray', 'pyarrow', 'tensorflow'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
