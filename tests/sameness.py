"""Do fixed loops give the same numbers? ``python tests/sameness.py`` runs every program of ``tests/runnable`` as written and fixed.

With TensorFlow on Keras 3 all they record must be equal bit for bit, seeded once before the loop (``outer``) or in every
iteration (``inner``), and as many iterations must have kept the compiled model as the program's first line says: a fix that
never keeps one would pass the comparison and save nothing. Programs that get the short form are run in the guarded one too. JAX and torch draw from the random streams in the first ``fit`` of a
new model, so there every ``fit`` is seeded as it begins. Keras 2 has the dropout stream in no variable: ``inner`` only, and the
short form keeps no model there.
"""

from __future__ import annotations

import argparse
import gc
import linecache
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from flake8_keras_loops.fixes.helpers import helper_code
from flake8_keras_loops.fixes.outcome import Settings
from flake8_keras_loops.fixes.rewrite import rewrite

PROGRAMS = {path.stem: path for path in sorted((Path(__file__).parent / "runnable").glob("*.py"))}
#: Lines of the two helpers that are reached with a model that is kept already; in the second, or with none.
_REUSED = re.compile(r"^( +)((?:keep|self)\.reused \+= 1|(kept) = kept or model)$", re.MULTILINE)
_IMPORTED = re.compile(r"^from keeping import (\w+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    """What the comments at the top of a program say."""

    kept: int
    kept_on_keras_2: int
    backends: tuple[str, ...]
    unsafe: bool
    guarded: bool

    @staticmethod
    def of(text: str) -> Expected:
        head = re.match(r"(#.*\n)+", text).group()
        kept = int(re.search(r"^# kept: (\d+)", head, re.MULTILINE).group(1))
        on_keras_2 = re.search(r"^# kept on Keras 2: (\d+)", head, re.MULTILINE)
        backends = re.search(r"^# backends: (.+)", head, re.MULTILINE)
        return Expected(
            kept,
            int(on_keras_2.group(1)) if on_keras_2 else kept,
            tuple(backends.group(1).split(", ")) if backends else (),
            "# unsafe" in head,
            "# guarded" in head,
        )

    def here(self, form: str) -> int:
        """How many iterations keep the model with the Keras at hand."""
        if backend() == "torch" or (form == "short" and not is_keras_3()):
            return 0
        return self.kept if is_keras_3() else self.kept_on_keras_2


@dataclass(frozen=True)
class Comparison:
    same: bool
    kept: int
    expected: int
    seconds: tuple[float, float]

    def is_right(self) -> bool:
        return self.same and self.kept == self.expected


def is_keras_3() -> bool:
    import keras

    return not keras.__version__.startswith("2.")


def backend() -> str:
    import keras

    return keras.backend.backend()


def seedings() -> tuple[str, ...]:
    return ("outer", "inner") if is_keras_3() else ("inner",)


@cache
def fixed(path: Path, form: str = "short") -> str:
    """A program as the fix writes it. ``form``: ``short``, what is done without being asked for, or ``guarded``."""
    text = path.read_text("utf-8")
    expected, is_guarded = Expected.of(text), form == "guarded"
    settings = Settings(
        unsafe=expected.unsafe and not (expected.guarded and not is_guarded),
        select=("KL1", "KL201", "KL202"),
        helper_module="keeping" * is_guarded,
    )
    new = rewrite(text, str(path), settings).text
    return _IMPORTED.sub(lambda found: helper_code(found[1]), new)


def forms(path: Path) -> tuple[str, ...]:
    """The forms in which there is a fix for a program."""
    return ("short", "guarded") if re.search("^def renew", fixed(path), re.MULTILINE) else ("guarded",)


def compare(path: Path, seeding: str, form: str) -> Comparison:
    """Run a program as written and fixed, one after the other in this process."""
    text = path.read_text("utf-8")
    before, _, seconds_before = execute(text, path, seeding)
    after, kept, seconds_after = execute(fixed(path, form), path, seeding)
    if not before:
        raise AssertionError(f"{path.name} recorded nothing")
    return Comparison(before == after, kept, Expected.of(text).here(form), (seconds_before, seconds_after))


def execute(text: str, path: Path, seeding: str) -> tuple[list[Any], int, float]:
    """Run a program's text: what it recorded, how many models were kept, how long it took."""
    import keras

    kept: list[int] = []
    counted, helpers = _REUSED.subn(lambda found: f"{found[1]}{found[3] or True} and __kept__.append(1); {found[2]}", text)
    if helpers != len(re.findall(r"^def (?:compiled_model_keeper|renew|renew_weights)\(", text, re.MULTILINE)):
        raise AssertionError("the helper does not count as it did; teach this runner")
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": str(path), "__kept__": kept}
    keras.backend.clear_session()
    gc.collect()
    os.environ["SEEDING"] = seeding
    start = time.perf_counter()
    try:
        with seeded_fits() if backend() != "tensorflow" else unchanged():
            name = f"{path} ({len(counted)} characters)"
            linecache.cache[name] = (
                len(counted),
                None,
                counted.splitlines(keepends=True),
                name,
            )  # Keras 2 reads functions' source
            exec(compile(counted, name, "exec"), namespace)
    finally:
        del os.environ["SEEDING"]
    return normal(namespace["results"]), len(kept), time.perf_counter() - start


def normal(value: Any) -> Any:
    """Without the numbers that Keras puts after the names of metrics."""
    if isinstance(value, dict):
        return {re.sub(r"_\d+$", "", key): normal(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [normal(item) for item in value]
    return value


@contextmanager
def unchanged() -> Iterator[None]:
    yield


@contextmanager
def seeded_fits() -> Iterator[None]:
    """Seed every ``fit`` as it begins, each with a number of its own."""
    import keras

    fit: Callable[..., Any] = keras.Model.fit
    seeds = iter(range(100, 10_000))

    def seeded(self: Any, *arguments: Any, **settings: Any) -> Any:
        seeder = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: keras.utils.set_random_seed(next(seeds)))
        return fit(self, *arguments, **{**settings, "callbacks": [*(settings.get("callbacks") or ()), seeder]})

    keras.Model.fit = seeded
    try:
        yield
    finally:
        del keras.Model.fit


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="*", choices=[[], *PROGRAMS], metavar="PROGRAM", help=", ".join(PROGRAMS))
    programs = parser.parse_args().program or list(PROGRAMS)
    import keras

    print(f"Keras {keras.__version__}, {backend()}, Python {sys.version.split()[0]}")
    print(f"{'program':26}{'form':9}{'seeding':9}{'numbers':9}{'kept':>9}{'before':>9}{'after':>9}")
    wrong = 0
    for name in programs:
        expected = Expected.of(PROGRAMS[name].read_text("utf-8"))
        if expected.backends and backend() not in expected.backends:
            continue
        for form, seeding in product(forms(PROGRAMS[name]), seedings()):
            found = compare(PROGRAMS[name], seeding, form)
            wrong += not found.is_right()
            kept = f"{found.kept} of {found.expected}"
            numbers = "equal" if found.same else "DIFFER"
            before, after = found.seconds
            times = f"{before:8.2f}s{after:8.2f}s"
            print(f"{name:26}{form:9}{seeding:9}{numbers:9}{kept:>9}{times}{'' if found.is_right() else '  WRONG'}")
    print(f"{wrong} wrong" if wrong else "all as they should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
