"""What helps where models differ and memory grows: each way in fresh processes, for the table of ``docs/memory.md``.

    python benchmarks/memory.py --out docs/evidence/memory-cpu.json
    python benchmarks/memory.py --show docs/evidence/memory-cpu.json

Each iteration builds another small network, an MLP or a CNN, and fits it. All ways build the same ones from the same
seeds, so their results are to be equal. The second command prints what the page shows. Needs psutil, Optuna and Linux.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path
from typing import Any

#: Iterations that memory is not judged by: the backend itself still grows.
WARMUP = 4
#: Trials that one child of the last way runs.
BATCH = 5
PACKAGES = {"tensorflow": "tensorflow-cpu", "jax": "jax"}
TITLES = {"tensorflow": "TensorFlow", "jax": "JAX"}


def main() -> int:
    """Measure all ways in turn, or print what the page shows of a report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backends", default="tensorflow", help="tensorflow, jax")
    parser.add_argument("--iterations", type=int, default=16, help="where trials have no processes; the first is a warm-up")
    parser.add_argument("--runs", type=int, default=2, help="fresh processes for each way")
    parser.add_argument("--out", type=Path, help="where the report goes")
    parser.add_argument("--show", type=Path, help="print what the page shows of this report")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(run(way := WAYS[options.way], IN_PROCESSES.get(way, options.iterations))))
        return 0
    report = json.loads(options.show.read_text("utf-8")) if options.show else measure(options)
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(table(report), conditions(report), sep="\n\n")
    return 0


# -- the trial


def train(number: int, x: Any, y: Any) -> float:
    """Build and fit the network of one number, for its loss; no two numbers below 100 give the same one."""
    import keras

    keras.utils.set_random_seed(1)
    layers = keras.layers
    width = 32 + 2 * number
    if number % 2:
        hidden = [layers.Flatten(), layers.Dense(4 * width, activation="relu"), layers.Dense(width, activation="relu")]
    else:
        hidden = [layers.Conv2D(width // 4, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(width)]
    model = keras.Sequential([keras.Input((16, 16, 1)), *hidden, layers.Dense(10, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, epochs=2, batch_size=64, verbose=0)
    return float(history.history["loss"][-1])


# -- the ways: each yields the score of every trial, as soon as it has it


def as_written(iterations: int, x: Any, y: Any) -> Iterator[float]:
    for number in range(iterations):
        yield train(number, x, y)


def clear(iterations: int, x: Any, y: Any) -> Iterator[float]:
    import keras

    for number in range(iterations):
        keras.utils.clear_session()
        yield train(number, x, y)


def clear_and_collect(iterations: int, x: Any, y: Any) -> Iterator[float]:
    import keras

    for number in range(iterations):
        keras.utils.clear_session()
        score = train(number, x, y)
        gc.collect()
        yield score


def gc_after_trial(iterations: int, x: Any, y: Any) -> Iterator[float]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study()
    for _ in range(iterations):  # one trial at a time, to look at each; numbers and storage go on
        study.optimize(lambda trial: train(trial.number, x, y), n_trials=1, gc_after_trial=True)
        yield study.trials[-1].values[0]


def process(iterations: int, x: Any, y: Any, trials: int = 1) -> Iterator[float]:
    with get_context("spawn").Pool(1, maxtasksperchild=trials) as pool:
        for number in range(iterations):
            # with a limit: a pool waits for ever for what a killed child had
            yield pool.apply_async(train, (number, x, y)).get(timeout=120)


def process_for_several(iterations: int, x: Any, y: Any) -> Iterator[float]:
    return process(iterations, x, y, BATCH)


Way = Callable[[int, Any, Any], Iterator[float]]
WAYS: dict[str, Way] = {
    "as written": as_written,
    "`clear_session()`": clear,
    "`clear_session()` and `gc.collect()`": clear_and_collect,
    "Optuna, `gc_after_trial=True`": gc_after_trial,
    "a process for each trial": process,
    f"a process for {BATCH} trials": process_for_several,
}
#: How many iterations those have that cost more. The first is a warm-up, the others are full batches.
IN_PROCESSES: dict[Way, int] = {process: 8, process_for_several: 1 + 2 * BATCH}


# -- measuring


def run(way: Way, iterations: int) -> dict[str, Any]:
    """One way in this process: seconds an iteration, memory that it keeps of each, the largest child, the scores."""
    import numpy as np
    import psutil

    random = np.random.default_rng(0)
    x, y = random.random((256, 16, 16, 1), dtype="float32"), random.integers(0, 10, 256)
    if way not in IN_PROCESSES:
        import keras

        keras.config.backend()
    own = psutil.Process()
    seconds, memory, scores = [], [], []
    start = time.perf_counter()
    for score in way(iterations, x, y):
        seconds.append(time.perf_counter() - start)
        memory.append(own.memory_info().rss / 1e6)
        scores.append(score)
        start = time.perf_counter()
    growth = np.polyfit(np.arange(iterations - WARMUP), memory[WARMUP:], 1)[0]
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6 if way in IN_PROCESSES else None
    return {
        "iterations": iterations,
        "seconds": round(statistics.mean(seconds[1:]), 4),
        "growth_mb": round(float(growth), 4),
        "parent_mb": round(memory[-1], 1),
        "child_mb": child and round(child, 1),
        "scores": scores,
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All ways on all backends, in turn, so that what else the machine does falls on all of them."""
    report: dict[str, Any] = {
        "iterations": options.iterations,
        "runs": options.runs,
        "machine": machine(),
        "versions": versions(["keras", "optuna"]),
    }
    report["backends"] = {backend: measured(backend, options) for backend in options.backends.split(",")}
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    report["cpu_seconds"] = round(sum(each.ru_utime + each.ru_stime for each in used))
    return report


def measured(backend: str, options: argparse.Namespace) -> dict[str, Any]:
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in WAYS}
    for _ in range(options.runs):
        for name in WAYS:
            runs[name].append(fresh(backend, name, options.iterations))
            print(backend, name, {**runs[name][-1], "scores": ...}, file=sys.stderr, flush=True)
    scores = [each.pop("scores") for several in runs.values() for each in several]
    base = median(runs["as written"], "seconds")
    return {
        "version": versions([PACKAGES[backend]])[PACKAGES[backend]],
        "same_scores": all(each == scores[0][: len(each)] for each in scores),
        "ways": {name: summary(several, base) for name, several in runs.items()},
    }


def summary(runs: list[dict[str, Any]], base: float) -> dict[str, Any]:
    seconds = median(runs, "seconds")
    middle = {"seconds": seconds, "ratio": round(seconds / base, 3), "growth_mb": median(runs, "growth_mb")}
    return {**middle, "runs": runs}


def median(runs: list[dict[str, Any]], key: str) -> float:
    return round(statistics.median(each[key] for each in runs), 4)


def fresh(backend: str, name: str, iterations: int) -> dict[str, Any]:
    """One way in a process of its own."""
    environment = {**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONHASHSEED": "0"}
    command = [sys.executable, __file__, "--way", name, "--iterations", str(iterations)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    cpu = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version(), "date": time.strftime("%Y-%m-%d")}


def versions(packages: list[str]) -> dict[str, str]:
    return {name: metadata.version(name) for name in packages}


# -- what the page shows


def table(report: dict[str, Any]) -> str:
    """The table of the page."""
    backends = report["backends"]
    columns = [f"{TITLES[each]}: {what}" for each in backends for what in ("MB an iteration", "seconds, each run", "time")]
    rows = [["", *columns], ["---"] * (1 + len(columns))]
    rows += [[way, *(text for backend in backends.values() for text in cells(backend["ways"][way]))] for way in WAYS]
    return "\n".join("| " + " | ".join(row).strip() + " |" for row in rows)


def cells(way: dict[str, Any]) -> tuple[str, str, str]:
    return f"{way['growth_mb']:.2f}", ", ".join(f"{each['seconds']:.1f}" for each in way["runs"]), f"{way['ratio']:.1f}"


def conditions(report: dict[str, Any]) -> str:
    """Where and how the figures were measured, and those that are in no column: one sentence a line."""
    place, named = report["machine"], report["versions"]
    backends = report["backends"].items()
    used = ", ".join(f"{TITLES[name]} {found['version']}" for name, found in backends)
    lines = [
        f"{place['cores']} CPU cores ({place['cpu']}), Python {place['python']}, Keras {named['keras']}, {used}, Optuna "
        f"{named['optuna']}.",
        f"Each way ran in {report['runs']} fresh processes, {report['iterations']} iterations in each "
        f"({IN_PROCESSES[process]} with a process for each, {IN_PROCESSES[process_for_several]} with one for {BATCH}); the table "
        "has the medians of memory, and the ratios of those of time.",
    ]
    for name, found in backends:
        runs = found["ways"]["a process for each trial"]["runs"]
        child, parent = (max(each[key] for each in runs) for key in ("child_mb", "parent_mb"))
        lines.append(f"{TITLES[name]}: a child takes up to {child:.0f} MB while it runs, beside {parent:.0f} MB of the parent.")
    if all(found["same_scores"] for _, found in backends):
        lines.append("All ways gave the same scores, bit for bit.")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
