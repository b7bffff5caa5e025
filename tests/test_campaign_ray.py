"""Whole campaigns, with Ray: the same findings and patches as ``keras-loop-fix``, and nothing left behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest
from campaigns import CAMPAIGN, LOOP, Repositories, checkouts, expected, generated, parquet, plain, write

pytestmark = pytest.mark.endtoend
pytest.importorskip("ray")
REPOSITORIES = generated()


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """With a folder for temporary files of its own, which also tells which processes belong to the run."""
    folder = tempfile.mkdtemp(prefix="kt-", dir="/tmp")
    yield {**os.environ, "TMPDIR": folder}
    for process in processes(folder):
        process.kill()
    shutil.rmtree(folder)


def processes(folder: str) -> list[psutil.Process]:
    """The processes that have a folder for their temporary files."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TMPDIR") == folder and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def left(environment: dict[str, str]) -> tuple[list[str], list[str]]:
    """Processes and files that are left of a run; processes that are about to end have some seconds for it."""
    for _ in range(100):
        if not processes(environment["TMPDIR"]):
            break
        time.sleep(0.1)
    return [" ".join(process.cmdline()) for process in processes(environment["TMPDIR"])], os.listdir(environment["TMPDIR"])


def ran(environment: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*CAMPAIGN, "--workers", "2", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500)
    assert left(environment) == ([], [])
    assert done.stdout == ""
    return done


def tables(folder: Path) -> tuple[dict[str, list[dict[str, Any]]], dict[str, dict[str, Any]]]:
    """The findings of each repository, and its row of patches."""
    rows = pq.read_table(folder / "patches").to_pylist()
    found: dict[str, list[dict[str, Any]]] = {row["repository"]: [] for row in rows}
    assert len(found) == len(rows)
    for row in pq.read_table(folder / "findings").to_pylist():
        found[row["repository"]].append(plain(row))
    return found, {row["repository"]: row for row in rows}


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    top = checkouts(REPOSITORIES, tmp_path_factory.mktemp("checkouts"))
    return {name: expected(top / name) for name in REPOSITORIES}


@pytest.mark.parametrize("kind", ["folders", "grouped", "mixed"])
def test_findings_and_patches_are_those_of_the_fixer(
    kind: str, tmp_path: Path, environment: dict[str, str], fixed: dict[str, Any]
) -> None:
    assert len(REPOSITORIES) >= 20
    if kind == "folders":
        given: tuple[str | Path, ...] = ("--repositories", checkouts(REPOSITORIES, tmp_path / "all"))
    else:
        given = (parquet(REPOSITORIES, tmp_path / "all.parquet", kind == "mixed"),)
    done = ran(environment, "-o", tmp_path / "out", *given)
    assert done.returncode == 2  # two repositories have errors
    findings, patches = tables(tmp_path / "out")
    assert {name: (findings[name], row["patch"], row["errors"]) for name, row in patches.items()} == fixed
    total = sum(len(found) for found, _, _ in fixed.values())
    fixes = sum(found["applied"] for each, _, _ in fixed.values() for found in each)
    summary = f"22 repositories: {total} findings, {fixes} fixes, errors in 2 repositories -> {tmp_path}/out\n"
    assert done.stderr == summary
    again = ran(environment, "-o", tmp_path / "out", *given)
    # The settings that are wrong may be right the next time; nothing else is looked at again.
    assert again.stderr == summary.replace(":", " (21 of them done before):", 1)
    assert tables(tmp_path / "out") == (findings, patches)


def test_a_second_run_looks_at_what_has_changed(tmp_path: Path, environment: dict[str, str]) -> None:
    repositories: Repositories = {name: {"a.py": LOOP.encode()} for name in ("a", "b", "c")}
    top = checkouts(repositories, tmp_path / "all")
    done = ran(environment, "-o", tmp_path / "out", top / "a", top / "b", "-q")
    assert (done.returncode, done.stderr) == (1, "")
    (top / "b" / "a.py").write_text("import keras\n")
    done = ran(environment, "-o", tmp_path / "out", "--repositories", top)
    assert done.stderr.startswith("3 repositories (1 of them done before): 2 findings, ")
    assert {name: len(found) for name, found in tables(tmp_path / "out")[0].items()} == {"a": 1, "b": 0, "c": 1}
    done = ran(environment, "-o", tmp_path / "out", "--repositories", top, "--ignore", "KL")
    assert (done.returncode, done.stderr.split(":")[0]) == (0, "3 repositories")


@pytest.mark.parametrize("mixed", [False, True])
def test_input_may_be_larger_than_the_object_store(mixed: bool, tmp_path: Path, environment: dict[str, str]) -> None:
    """Four times as large, compressed by nobody."""
    rng = random.Random(2)
    rows = [
        (f"r{number:02}", f"f{part}.py", LOOP.encode() + b"# " + rng.randbytes(5_000_000).hex().encode())
        for number in range(8)
        for part in range(4)
    ]
    if mixed:
        rng.shuffle(rows)
    write(rows, tmp_path / "large.parquet", 3)
    del rows
    done = ran(environment, "-o", tmp_path / "out", "--object-store", "80", tmp_path / "large.parquet")
    assert (done.returncode, done.stderr.split(",")[0]) == (1, "8 repositories: 32 findings")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_leaves_nothing_and_keeps_what_it_has(
    number: int, status: int, tmp_path: Path, environment: dict[str, str]
) -> None:
    repositories: Repositories = {f"r{number:03}": {"a.py": LOOP.encode()} for number in range(1500)}
    slow = {"zz-slow": {f"{index}.py": content for index in range(400) for content in REPOSITORIES["of-00"].values()}}
    write(
        [(name, path, content) for name, files in (repositories | slow).items() for path, content in files.items()],
        tmp_path / "all.parquet",
    )
    command = [*CAMPAIGN, "--workers", "1", "-o", str(tmp_path / "out"), str(tmp_path / "all.parquet")]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        while not list((tmp_path / "out").rglob("patches/part-*.parquet")) and running.poll() is None:
            time.sleep(0.1)
        os.killpg(running.pid, number) if number == signal.SIGINT else running.send_signal(number)
        said = running.communicate(timeout=100)[1]
    assert running.returncode == status
    assert said == ("keras-loop-campaign: interrupted\n" if number == signal.SIGINT else "")
    assert left(environment) == ([], [])
    known = len(tables(tmp_path / "out")[1])
    assert 500 <= known < 1501


def test_a_cluster_that_is_not_there_is_one_line(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "a").mkdir()
    done = ran({**environment, "RAY_ADDRESS": "127.0.0.1:1"}, "-o", tmp_path / "out", tmp_path / "a")
    assert done.returncode == 2
    assert done.stderr == "keras-loop-campaign: error: Ray: 127.0.0.1:1: Connection refused\n"
