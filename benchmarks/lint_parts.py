"""What is measured on packages and single files, and against other linters. Each gives ratios, one a repeat."""

from __future__ import annotations

import ast
import gc
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from lint_packages import sources, that_matter, version
from lint_run import CACHE, Cost, fixer, flake8, run

from flake8_keras_loops.examine import AnalysisError, examine
from flake8_keras_loops.files.encoding import decode
from flake8_keras_loops.files.project import PARSE_ERRORS
from flake8_keras_loops.semantics.modules import Modules

Ratios = list[float]
_FEW = 2  # repeats that every package gets, whatever they take
_MANY = 9
_WARM_UP = 2  # in a young process parsing alone is slow, which would flatter us: memory is new, and often looked through


def again(seconds: float) -> Callable[[], bool]:
    """Whether to repeat once more: twice at least, then while there is time, and not for ever."""
    begun, number = perf_counter(), count(1)
    return lambda: (done := next(number)) <= _FEW or (done <= _MANY and perf_counter() - begun < seconds)


def package(folder: Path, limit: int, seconds: float) -> dict[str, Any]:
    """flake8 with the plugin against without, and ``examine`` against ``ast.parse``. ``seconds``: see :func:`again`."""
    folder = folder.resolve()
    files = sources(folder, limit)
    every = sum(1 for path in folder.rglob("*.py") if path.stat().st_size)
    matter = that_matter(files, folder)
    return {
        "version": version(folder),
        "files": len(files),
        "of": every,
        "matter": len(matter),
        "bytes": sum((folder / file).stat().st_size for file in files),
        "flake8": with_and_without(files, folder, seconds),
        "examine": against_parse(matter, folder, seconds / 4),
    }


def with_and_without(files: Sequence[str], folder: Path, seconds: float) -> dict[str, Ratios]:
    """flake8's processor time with the plugin over that without, in turn. ``by share``: the same ratio, from the time that a run
    with the plugin spends in it."""
    found: dict[str, Ratios] = {name: [] for name in ("cold", "warm", "cold by share", "warm by share")}
    is_more = again(seconds)
    while is_more():
        cold, warm, without = _turn(files, folder, is_last=bool(len(found["cold"]) % 2))
        for name, cost in (("cold", cold), ("warm", warm)):
            found[name].append(cost.cpu / without.cpu)
            found[f"{name} by share"].append(1 / (1 - cost.share))
    return found


def _turn(files: Sequence[str], folder: Path, is_last: bool) -> tuple[Cost, Cost, Cost]:
    """flake8 with an empty cache, with what that run has left in it, and without the plugin, which is last or first."""
    with TemporaryDirectory() as cache:
        first = None if is_last else flake8(files, folder, None)
        cold, warm = (flake8(files, folder, Path(cache)) for _ in range(2))
        return cold, warm, first or flake8(files, folder, None)


def against_parse(files: Sequence[str], folder: Path, seconds: float) -> dict[str, Ratios]:
    """``examine`` over ``ast.parse``, both over all files, one after the other in their order, as a run has them. What
    ``examine`` learns of one file it has for the next."""
    found: dict[str, Ratios] = {"cold": [], "warm": []}
    texts = [(str(folder / file), decode((folder / file).read_bytes()).text) for file in files]
    before = os.environ.get(CACHE)
    for _ in range(_WARM_UP if texts else 0):
        _over_parse(texts)
    is_more = again(seconds)
    try:
        while texts and is_more():
            with TemporaryDirectory() as cache:
                os.environ[CACHE] = cache
                for name in found:
                    found[name].append(_over_parse(texts))
    finally:
        os.environ.pop(CACHE)
        os.environ.update({CACHE: before} if before else {})
    return found


def _over_parse(texts: Sequence[tuple[str, str]]) -> float:
    gc.collect()
    project = Modules()
    parsed = examined = 0.0
    for path, text in texts:
        begun = process_time()
        try:
            ast.parse(text)
        except PARSE_ERRORS:
            continue
        middle = process_time()
        try:
            examine(text, path, project=project)
        except AnalysisError:
            continue
        parsed += middle - begun
        examined += process_time() - middle
    return examined / parsed


# -- one file of a large project


def single_files(folder: Path, number: int, repeats: int) -> dict[str, Any]:
    """flake8 on one file, as an editor runs it, with the plugin over without, by the clock; and how many seconds that is more."""
    folder = folder.resolve()
    files = that_matter(sources(folder, 1 << 40), folder)
    found = {}
    for file in random.Random(0).sample(files, min(number, len(files))):
        turns = [_turn([file], folder, bool(repeat % 2)) for repeat in range(repeats)]
        found[file] = {
            "cold": [cold.seconds / without.seconds for cold, _, without in turns],
            "warm": [warm.seconds / without.seconds for _, warm, without in turns],
            "cold seconds": [cold.seconds - without.seconds for cold, _, without in turns],
            "warm seconds": [warm.seconds - without.seconds for _, warm, without in turns],
        }
    return {"package": folder.name, "version": version(folder), "files": found}


# -- other linters

#: What the tables call each, the package, and how it is called by hand, with its own checks alone.
PEERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "TorchFix": ("torchfix", ("torchfix", "-j1", "--select", "ALL")),
    "flake8-async": ("flake8-async", ("flake8-async", "--enable=ASYNC")),
    "dslinter": ("dslinter", ("pylint", "--load-plugins=dslinter", "-j1", "--disable=all")),
}


def peers(folder: Path, venvs: Sequence[Path], limit: int, repeats: int) -> dict[str, Any]:
    """Other linters over ``keras-loop-fix -j1`` in processor time, each under its own front end, on the same files."""
    folder = folder.resolve()
    files = sources(folder, limit)
    commands = {name: _command(name, venvs) for name in PEERS}
    found: dict[str, Any] = {name: {"missing": each} for name, each in commands.items() if isinstance(each, str)}
    found |= {name: {"version": each[1], "cold": [], "warm": []} for name, each in commands.items() if not isinstance(each, str)}
    for _ in range(repeats):
        with TemporaryDirectory() as cache:
            ours = {name: run(fixer("-j1", *files), folder, Path(cache)).cpu for name in ("cold", "warm")}
        for name, each in commands.items():
            if not isinstance(each, str):
                theirs = run([*each[0], *files], folder, most=31).cpu  # pylint's bits
                for state, cpu in ours.items():
                    found[name][state].append(theirs / cpu)
    return {"package": folder.name, "files": len(files), "linters": found}


def _command(name: str, venvs: Sequence[Path]) -> tuple[list[str], str] | str:
    """How a linter is called, and its version with that of its Python; or why it cannot be."""
    distribution, (program, *arguments) = PEERS[name]
    for venv in venvs:
        python = venv / "bin" / "python"
        if not python.exists() or not (venv / "bin" / program).exists():
            continue
        code = f"import sys, importlib.metadata as m; print(m.version({distribution!r}), sys.version.split()[0])"
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            number, runs_on = done.stdout.split()
            more = _own_messages(venv) if name == "dslinter" else []
            return [str(venv.resolve() / "bin" / program), *arguments, *more], f"{number}, Python {runs_on}"
    return f"not installed in {'the environments given' if venvs else 'any environment: none was given'}" + (
        f"; it cannot be on Python {sys.version_info[0]}.{sys.version_info[1]}, for which astroid 2.9 has no wrapt"
        if name == "dslinter" and sys.version_info >= (3, 11)
        else ""
    )


def _own_messages(venv: Path) -> list[str]:
    """What turns on the messages of dslinter, which are those of pylint with a number from 5500 on."""
    command = [venv / "bin" / "pylint", "--load-plugins=dslinter", "--list-msgs"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return ["--enable=" + ",".join(re.findall(r"(?m)^:([a-z0-9-]+) \([CREW]55\d\d\)", listed))]
