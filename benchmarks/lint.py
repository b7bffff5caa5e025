"""What linting costs: `python benchmarks/lint.py DIR` prints ratios from one run, never times.

DIR holds installed packages (a ``site-packages`` with keras, scikit-learn and scipy in it). Three questions:

1. How much of flake8's time is the plugin's? Measured inside one flake8 process a tree, as the time spent in the plugin
   over the time of the whole run, and beside it as the ratio of the processor time of two runs, with and without the plugin.
2. How much does ``analyze()`` cost against ``ast.parse()`` on the same Keras files?
3. How much is a file dismissed by its bytes?
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import flake8_keras_loops
from flake8_keras_loops.files.encoding import decode
from flake8_keras_loops.semantics.modules import Modules

INNER = """
import importlib.metadata, json, sys, time
mode, out = sys.argv[1], sys.argv[2]
if mode == "without":
    every = importlib.metadata.distributions
    importlib.metadata.distributions = lambda **k: [d for d in every(**k) if d.metadata["Name"] != "flake8-keras-loops"]
spent = 0.0
if mode == "with":
    from flake8_keras_loops import plugin
    run = plugin.Plugin.run
    def timed(self):
        global spent
        start = time.process_time()
        found = list(run(self))
        spent += time.process_time() - start
        return iter(found)
    plugin.Plugin.run = timed
from flake8.main import application
begun = time.process_time()
app = application.Application()
app.run(["--isolated", "-j1", "--exit-zero", "-q", *sys.argv[3:]])
json.dump({"total": time.process_time() - begun, "plugin": spent}, open(out, "w"))
"""


def flake8(mode: str, files: list[Path], scratch: Path) -> dict[str, float]:
    """Run flake8 once in a process of its own; seconds of processor time in all and in the plugin."""
    command = [sys.executable, "-c", INNER, mode, str(scratch), *map(str, files)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    result: dict[str, float] = json.loads(scratch.read_text())
    return result


def share(name: str, files: list[Path], scratch: Path, repeats: int) -> None:
    """Print the plugin's share of flake8's time on some files."""
    shares, ratios = [], []
    for _ in range(repeats):
        with_plugin = flake8("with", files, scratch)
        without = flake8("without", files, scratch)
        shares.append(with_plugin["plugin"] / with_plugin["total"])
        ratios.append(with_plugin["total"] / without["total"])
    print(
        f"{name:14} {len(files):4} files   plugin's share of flake8 {statistics.median(shares):7.2%}"
        f"   (with / without: {statistics.median(ratios):.3f}, from {min(ratios):.3f} to {max(ratios):.3f})"
    )


def against_parse(files: list[Path], repeats: int) -> None:
    """Print ``analyze()`` against ``ast.parse()``, summed over files, best of several."""
    analyze_total = parse_total = 0.0
    for path in files:
        source = path.read_bytes()
        text = decode(source).text
        best_parse = best_analyze = float("inf")
        for _ in range(repeats):
            gc.collect(0)
            start = time.perf_counter()
            ast.parse(text)
            middle = time.perf_counter()
            flake8_keras_loops.analyze(text, str(path))
            best_parse = min(best_parse, middle - start)
            best_analyze = min(best_analyze, time.perf_counter() - middle)
        parse_total += best_parse
        analyze_total += best_analyze
    print(f"analyze() / ast.parse() on {len(files)} files of keras: {analyze_total / parse_total:.2f}")


def dismissed(root: Path, files: list[Path]) -> None:
    """Print how many files need no more than a look at their bytes."""
    project = Modules()
    looked = sum(not project.can_matter(path.read_bytes(), str(path)) for path in files)
    print(f"dismissed by their bytes: {looked} of {len(files)} files below {root.name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("--files", type=int, default=10_000, help="files a tree, picked at random if it has more")
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    os.chdir(args.root)
    scratch = Path(os.environ.get("TMPDIR", "/tmp")) / f"lint-benchmark-{os.getpid()}.json"
    pick = random.Random(0)
    for name in ("sklearn", "scipy", "flake8", "keras"):
        files = sorted(path for path in Path(name).rglob("*.py") if path.stat().st_size)
        if files:
            share(name, sorted(pick.sample(files, min(args.files, len(files)))), scratch, args.repeats)
    keras = sorted(path for path in Path("keras").rglob("*.py") if path.stat().st_size)
    against_parse(keras, args.repeats)
    for name in ("sklearn", "scipy", "keras"):
        dismissed(Path(name), sorted(Path(name).rglob("*.py")))
    scratch.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
