"""A rewrite that finds words instead of models, so that what is around the real one can be tested by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from flake8_keras_loops import AnalysisError, Finding, Span
from flake8_keras_loops.files.encoding import SourceError
from flake8_keras_loops.files.noqa import suppressed
from flake8_keras_loops.fixes.outcome import Objection, Outcome, Rewritten, Settings, Severity
from flake8_keras_loops.rules import selected
from flake8_keras_loops.semantics.modules import Modules

_KINDS = {
    "SAFE": ("reuse", ()),
    "UNSAFE": ("hoist", (Objection("weights differ", Severity.UNSAFE),)),
    "NONE": ("", (Objection("it escapes", Severity.REFUSED),)),
}


def rewrite(
    text: str,
    path: str,
    settings: Settings,
    project: Modules | None = None,
    check: Callable[[str], object] = str,
    why_not_imported: Callable[..., str] = str,
) -> Rewritten:
    """``BAD_SAFE``, ``BAD_UNSAFE`` and ``BAD_NONE`` are findings, whose fix is ``GOOD`` with a new line before it.

    ``CRASH``, ``SYNTAX`` and ``INTERRUPT`` do what they say, ``BAD_NEW`` is fixed with a character beyond latin-1.
    """
    lines = re.split("(\r\n|\r|\n)", text)
    if "CRASH" in text:
        raise KeyError("oops\nand more")
    if "INTERRUPT" in text:
        raise KeyboardInterrupt
    outcomes = []
    is_suppressed = suppressed(text)
    for number, line in enumerate(lines[::2], start=1):
        if "SYNTAX" in line:
            raise AnalysisError("invalid syntax", number)
        found = re.search(r"BAD_(SAFE|UNSAFE|NONE|NEW)", line)
        if not found or is_suppressed(number, "KL101") or not selected("KL101", settings.select, settings.ignore):
            continue
        strategy, objections = _KINDS.get(found[1], _KINDS["SAFE"])
        applied = bool(strategy) and (not objections or settings.unsafe)
        span = Span(number, found.start(), number, found.end())
        finding = Finding("KL101", path, span, span, found[0], f"{found[0]} in the loop on line {number}", (path, number))
        outcomes.append(Outcome(finding, strategy, objections, applied))
        if applied:
            end = next((end for end in lines[1::2] if end), "\n")
            indent = re.match(r"\s*", line)[0]
            good = "GOOD" if found[1] != "NEW" else "GO\u2192D"
            lines[2 * number - 2] = f"{indent}keep = 1{end}{line.replace(found[0], good)}"
    new = "".join(lines)
    if "DROP" in text:
        new = re.sub(r"(?m)^.*keras-loop-fix:.*\n", "", new)
    try:
        check(new)
    except SourceError as error:
        refused = (Objection(str(error), Severity.REFUSED),)
        return Rewritten(text, tuple(replace(each, strategy="", objections=refused, applied=False) for each in outcomes))
    return Rewritten(new, tuple(outcomes))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the fake in the place of the real one."""
    monkeypatch.setattr("flake8_keras_loops.fixes.rewrite.rewrite", rewrite)
