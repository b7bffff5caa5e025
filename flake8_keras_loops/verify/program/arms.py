"""Further arms beside ``before`` and ``after``: every strategy of the codemod, and what a user can do without editing the
loop."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace

from ...examine import AnalysisError
from ...fixes.outcome import STRATEGIES, Settings
from ...fixes.rewrite import rewrite
from .cases import Case, Program

#: Environment variables that make a backend keep compiled programs on disk (XLA: ``xla/debug_options_flags.cc``, TensorFlow 2.21;
#: JAX: ``jax/_src/config.py``, 0.10). ``{scratch}``: an empty folder.
_CACHES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "XLA cache": ("tensorflow", {"TF_XLA_FLAGS": "--tf_xla_persistent_cache_directory={scratch}"}),
    "JAX cache": (
        "jax",
        {
            "JAX_COMPILATION_CACHE_DIR": "{scratch}",
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        },
    ),
}

#: What an arm of a strategy is called.
_CALLED = {"nojit": "jit_compile=False"}

#: What further arms can be asked for: strategies, and compilation caches.
NAMES = (*STRATEGIES, "cache")


def with_strategies(case: Case, wanted: Collection[str]) -> Case:
    """The case with an arm for each strategy of ``wanted`` that applies to its loop, and for compilation caches.

    Strategies are applied even if they are unsafe; ``hoist`` lets every iteration start from the same weights. What does not
    apply is in ``left_out``.
    """
    before = case.programs[0]
    programs, left_out = list(case.programs), dict(case.left_out)
    for strategy in STRATEGIES:
        if strategy == case.strategy or strategy not in wanted:
            continue
        arm = _CALLED.get(strategy, strategy)
        settings = Settings(strategy=strategy, unsafe=True, same_weights=strategy == "hoist", select=case.select)
        text, reason = _fixed(before, settings)
        if reason:
            left_out[arm] = reason
        elif all(program.arm != arm for program in programs):
            families = ("tensorflow", "tf-keras") if strategy == "nojit" else ()
            programs.append(replace(before, arm=arm, text=text, families=families))
    for arm, (family, variables) in _CACHES.items() if "cache" in wanted else ():
        programs.append(replace(before, arm=arm, variables=variables, families=(family,)))
    return replace(case, programs=tuple(programs), left_out=left_out)


def _fixed(before: Program, settings: Settings) -> tuple[str, str]:
    """The program with a strategy's fix in its loop, or why there is none."""
    try:
        rewritten = rewrite(before.text, os.path.abspath(before.file), settings)
    except AnalysisError as error:
        return "", str(error)
    here = [outcome for outcome in rewritten.outcomes if outcome.finding.loop.line == before.place.line]
    if any(outcome.applied for outcome in here):
        return rewritten.text, ""
    return "", next((outcome.reason for outcome in here if outcome.reason), "does not apply to this loop")
