"""Small repositories made of the files that the tests have, and what ``keras-loop-fix`` says of them."""

from __future__ import annotations

import io
import json
import os
import random
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from flake8_keras_loops.cli.fix import main

TESTS = Path(__file__).parent
CAMPAIGN = [sys.executable, "-m", "flake8_keras_loops.cli.campaign"]
_NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Folds"]},
        {
            "cell_type": "code",
            "metadata": {},
            "source": ["import keras\n", "for i in range(3):\n", "    model = keras.Sequential([keras.layers.Dense(1)])\n"],
            "outputs": [],
            "execution_count": 1,
        },
    ],
    "metadata": {"kernelspec": {"language": "python", "name": "python3", "display_name": "Python 3"}},
    "nbformat": 4,
    "nbformat_minor": 4,
}
LOOP = "import keras\nfor i in range(9):\n    model = keras.Sequential()\n"
Repositories = dict[str, dict[str, bytes]]


def generated() -> Repositories:
    """22 repositories: path and content of their files, by name."""
    found: Repositories = {}
    fixes, cases = (sorted((TESTS / name).glob("*.py")) for name in ("fixes", "cases"))
    for number, (fix, case) in enumerate(zip(fixes[:16], cases[:16])):
        files = {f"{fix.stem}.py": fix.read_bytes(), f"src/{case.stem}.py": case.read_bytes()}
        found[f"of-{number:02}"] = files
    factory, loops = (TESTS.parent / "fixtures" / "imported_factory" / name for name in ("models.py", "before.py"))
    models = {"models.py": factory.read_bytes(), "train.py": loops.read_bytes()}
    found["imports"] = models
    found["settings"] = {
        **models,
        "pyproject.toml": b"[tool.keras-loop-fix]\nstrategy = 'clear'\nexclude = ['old/']\n",
        "old/a.py": LOOP.encode(),
    }
    found["wrong-settings"] = {"a.py": LOOP.encode(), "pyproject.toml": b"[tool.keras-loop-fix]\nno-such = 1\n"}
    found["notebook"] = {"folds.ipynb": json.dumps(_NOTEBOOK, indent=1).encode(), "deep/er/a.py": LOOP.encode()}
    found["broken"] = {"a.py": LOOP.encode(), "b.py": LOOP.encode() + b"def (:\n", "c.py": b"# \xff\n" + LOOP.encode()}
    latin = "# -*- coding: latin-1 -*-\n# \xe9\n".encode("latin-1") + factory.read_bytes().replace(b"\n", b"\r\n")
    found["ignoring"] = {".gitignore": b"made/\n", "made/a.py": LOOP.encode(), "models.py": latin, "train.py": loops.read_bytes()}
    return found


def checkouts(repositories: Repositories, top: Path) -> Path:
    """The repositories as folders in one."""
    for name, files in repositories.items():
        (top / name / ".git").mkdir(parents=True)
        for path, content in files.items():
            (top / name / path).parent.mkdir(parents=True, exist_ok=True)
            (top / name / path).write_bytes(content)
    return top


def parquet(repositories: Repositories, file: Path, mixed: bool = False) -> Path:
    """The repositories as rows of a Parquet file. ``mixed``: not those of a repository one after the other."""
    rows = [(name, path, content) for name, files in repositories.items() for path, content in files.items()]
    if mixed:
        random.Random(1).shuffle(rows)
    write(rows, file)
    return file


def write(rows: Iterable[tuple[str | None, str | None, bytes | None]], file: Path, size: int = 7) -> None:
    """A Parquet file with row groups of a size."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("repository", "path", "content")
    table = pa.table(
        dict(zip(names, map(list, zip(*rows)))), schema=pa.schema(zip(names, (pa.string(), pa.string(), pa.binary())))
    )
    pq.write_table(table, file, row_group_size=size)


def expected(folder: Path) -> tuple[list[dict[str, Any]], bytes, list[str]]:
    """The findings, the patch, and the errors of ``keras-loop-fix`` in a folder."""
    with chdir(folder):
        report, errors = output("-q", "--output-format=json")
        if not report:
            return [], b"", errors.replace(f"{folder}{os.sep}", "").splitlines()
        document = json.loads(report)
        return document["findings"], output("-q", "--diff")[0], document["errors"]


def output(*arguments: str) -> tuple[bytes, str]:
    """What ``keras-loop-fix`` writes to standard output and standard error."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2)]
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        main(arguments)
    for stream in streams:
        stream.flush()
    written = [stream.buffer.getvalue() for stream in streams]  # type: ignore[attr-defined]
    return written[0], written[1].decode()


@contextmanager
def chdir(folder: Path) -> Iterator[None]:
    """A folder as the working directory."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the table of findings as the JSON report has it."""
    return {key: value for key, value in row.items() if key != "repository" and (key != "fixed_in" or value is not None)}
