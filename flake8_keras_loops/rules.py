"""The rules as data. A rule's page is ``docs/rules/<code>.md``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """``code``, one-line ``summary``, and whether it is reported without being asked for (``default``).

    ``fixes``: the fixes there are for it, by the names of :mod:`.fixes.planner`; ``why_no_fix``: the reason where there are none.
    """

    code: str
    name: str
    summary: str
    default: bool = True
    fixes: tuple[str, ...] = ("reuse", "hoist", "clear", "clone", "nojit")
    why_no_fix: str = ""


RULES = {
    rule.code: rule
    for rule in (
        Rule("KL101", "construction-in-loop", "a Keras model is constructed in a loop and the session is not cleared"),
        Rule("KL102", "factory-in-loop", "a function, method or class called in a loop builds a Keras model"),
        Rule("KL103", "objective-of-search", "a function that a search calls over and over builds a Keras model"),
        Rule("KL104", "clear-misses-path", "`clear_session()` is in the loop, but some path through an iteration misses it"),
        Rule("KL105", "models-kept", "every iteration's model is kept, so clearing can't free it"),
        Rule("KL106", "load-in-loop", "the same saved model is loaded in every iteration, from a path that does not change"),
        Rule("KL107", "cleared-but-compiled-again", "the session is cleared, but the model is compiled again", default=False),
        Rule(
            "KL201",
            "compile-in-loop",
            "`compile()` in a loop throws away what a model built outside it has traced",
            fixes=("recompile",),
        ),
        Rule("KL202", "traced-function-in-loop", "a `tf.function` or `jax.jit` is made again in a loop", fixes=("retrace",)),
        Rule(
            "KL203",
            "predict-in-loop",
            "`predict()` on a small input in a loop",
            default=False,
            fixes=(),
            why_no_fix="what the rows are for decides how to predict them at once",
        ),
    )
}
