"""The one registry of rules: what checks a rule, which fixes it has, and which rules a run reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .checks.detection import Detection, Subject
from .checks.predicted import predicted
from .checks.rebuilt import rebuilt
from .checks.recompiled import recompiled
from .checks.retraced import retraced

_OF_MODELS = ("reuse", "hoist", "clear", "clone", "nojit", "process")


@dataclass(frozen=True)
class Rule:
    """``code`` and ``name``; ``summary``, one line; ``check``: finds what the rule reports in a file, maybe for several rules.

    ``fixes``: those that there are, by the names of :mod:`.fixes.planner`, or ``why_no_fix``. ``default``: reported
    without being enabled; the others are opt-in.
    """

    code: str
    name: str
    summary: str
    check: Callable[[Subject], Iterable[Detection]] = rebuilt
    fixes: tuple[str, ...] = _OF_MODELS
    default: bool = True
    why_no_fix: str = ""

    @property
    def page(self) -> str:
        """Where the rule is explained, from the top of the repository."""
        return f"docs/rules/{self.code}.md"


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
            check=recompiled,
            fixes=("recompile",),
        ),
        Rule(
            "KL202",
            "traced-function-in-loop",
            "a `tf.function` or `jax.jit` is made again in a loop",
            check=retraced,
            fixes=("retrace",),
        ),
        Rule(
            "KL203",
            "predict-in-loop",
            "`predict()` on a small input in a loop",
            check=predicted,
            fixes=(),
            default=False,
            why_no_fix="what the rows are for decides how to predict them at once",
        ),
    )
}


#: The opt-in rules that ``keras-loop-fix`` reports without being asked for, since it has a fix for them.
OF_FIXER = ("KL107",)


def selected(code: str, select: tuple[str, ...], ignore: tuple[str, ...], enable: tuple[str, ...] = ()) -> bool:
    """Whether a rule is on. An opt-in rule is off unless ``enable`` has its code.

    Else the longest prefix in ``select`` or ``ignore`` that matches the code decides, ``ignore`` where both are equally long. A
    code that no prefix matches is on if nothing was selected.
    """
    if not (code in RULES and (RULES[code].default or code in enable)):
        return False
    found = ([len(prefix) for prefix in prefixes if code.startswith(prefix)] for prefixes in (select, ignore))
    chosen, ignored = (max(lengths, default=-1) for lengths in found)
    if chosen < 0 and ignored < 0:
        return not select
    return chosen > ignored


def unknown(prefixes: tuple[str, ...]) -> list[str]:
    """Those prefixes that stand for no rule at all."""
    return [prefix for prefix in prefixes if not prefix or not any(code.startswith(prefix) for code in RULES)]


def no_rules(codes: tuple[str, ...]) -> list[str]:
    """Those codes that are of no rule."""
    return [code for code in codes if code not in RULES]
