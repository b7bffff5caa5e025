"""Commands that are measured: what a program costs, with everything that it starts, and flake8 with and without the plugin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

#: The environment variable that names the folder of the cache that runs share.
CACHE = "KERAS_LOOPS_CACHE_DIR"
ROOT = Path(__file__).resolve().parent.parent
_EVERY_S = 0.1  # between two looks at the memory of the processes

#: flake8 as its command runs it. Without the plugin: as if that were not installed. The time in the plugin is taken as well,
#: which tells small shares better than the difference of two runs does.
_FLAKE8 = """
import importlib.metadata, json, sys, time
mode, out = sys.argv[1], sys.argv[2]
spent = 0.0
if mode == "without":
    every = importlib.metadata.distributions
    importlib.metadata.distributions = lambda **k: [d for d in every(**k) if d.metadata["Name"] != "flake8-keras-loops"]
else:
    begun = time.process_time()
    from flake8_keras_loops import plugin
    run = plugin.Plugin.run
    spent += time.process_time() - begun
    def timed(self):
        global spent
        begun = time.process_time()
        found = list(run(self))
        spent += time.process_time() - begun
        return iter(found)
    plugin.Plugin.run = timed
from flake8.main import application
app = application.Application()
app.run(["--isolated", "-j1", "--exit-zero", "-q", *sys.argv[3:]])
json.dump({"plugin": spent, "all": time.process_time()}, open(out, "w"))
"""


@dataclass(frozen=True)
class Cost:
    """``seconds`` on the clock, ``cpu`` seconds of all processors, ``peaks``: the largest memory of each process, in bytes, the
    largest first. ``share``: the part of the processor time that is the plugin's."""

    seconds: float
    cpu: float
    peaks: tuple[int, ...] = ()
    share: float = 0.0


def run(command: Sequence[str | Path], folder: Path, cache: Path | None = None, is_watched: bool = False, most: int = 2) -> Cost:
    """Run a command in a folder. ``is_watched``: look at its memory, too. Raises ``RuntimeError`` for a status above ``most``,
    which it does not have where it could do its work."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    environment |= {CACHE: str(cache)} if cache else {}
    begun = perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with _memory(process.pid, is_watched) as peaks:
        _, status, used = os.wait4(process.pid, 0)
        seconds = perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if not 0 <= process.returncode <= most:
        raise RuntimeError(f"status {process.returncode}: {' '.join(map(str, command))[:300]}")
    return Cost(seconds, used.ru_utime + used.ru_stime, tuple(sorted(peaks.values(), reverse=True)))


@contextmanager
def _memory(pid: int, is_watched: bool) -> Iterator[dict[int, int]]:
    """The largest memory of a process and of each that it starts, by their ids, as seen from time to time."""
    peaks: dict[int, int] = {}
    if not is_watched:
        yield peaks
        return
    import psutil

    is_over = threading.Event()

    def watch() -> None:
        with suppress(psutil.Error):  # it has ended
            top = psutil.Process(pid)
            while not is_over.wait(_EVERY_S):
                for each in (top, *top.children(recursive=True)):
                    with suppress(psutil.NoSuchProcess):
                        peaks[each.pid] = max(peaks.get(each.pid, 0), each.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        is_over.set()
        thread.join()


def flake8(files: Sequence[str], folder: Path, cache: Path | None) -> Cost:
    """What flake8 costs on some files of a folder, with the plugin, or without where there is no ``cache``."""
    with TemporaryDirectory() as scratch:
        out = Path(scratch, "spent.json")
        mode = "with" if cache else "without"
        cost = run([sys.executable, "-c", _FLAKE8, mode, out, *files], folder, cache)
        spent: dict[str, float] = json.loads(out.read_text())
    return Cost(cost.seconds, cost.cpu, share=spent["plugin"] / spent["all"])


def fixer(*arguments: str | Path) -> list[str | Path]:
    """The command ``keras-loop-fix`` of this checkout."""
    return [sys.executable, "-m", "flake8_keras_loops.cli.fix", "--quiet", *arguments]
