"""Run one strategy of ``keras-loop-fix`` on a text, and check what holds for each of them."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

from flake8_keras_loops.fixes.outcome import Outcome, Rewritten, Settings
from flake8_keras_loops.fixes.rewrite import rewrite

HEAD = "import keras\nimport numpy as np\n\n"


def fix(text: str, strategy: str, unsafe: bool = True, path: str = "loops.py", **settings: Any) -> Rewritten:
    """The outcome of all rules; the result parses, and a second run changes nothing."""
    settings.setdefault("select", ("KL",))
    settings.setdefault("enable", ("KL107", "KL203"))
    asked = Settings(strategy=strategy, unsafe=unsafe, **settings)
    result = rewrite(text, path, asked)
    ast.parse(result.text)
    assert rewrite(result.text, path, asked).text == result.text
    return result


def fixed(text: str, strategy: str, head: str = HEAD, **settings: Any) -> str:
    """The new text of a program that has ``head`` before it, without that head."""
    new = fix(head + textwrap.dedent(text), strategy, **settings).text
    return new.removeprefix(head)


def outcome(text: str, strategy: str, head: str = HEAD, **settings: Any) -> Outcome:
    """What became of the first finding."""
    return fix(head + textwrap.dedent(text), strategy, **settings).outcomes[0]


def verdict(text: str, strategy: str, head: str = HEAD, **settings: Any) -> tuple[str, str]:
    """``none``, ``safe`` or ``unsafe`` for the first finding, and the reason."""
    found = outcome(text, strategy, head, **settings)
    if not found.strategy:
        assert not found.applied
        return "none", found.reason
    assert strategy in ("auto", found.strategy)
    return found.applicability.value, found.reason


def dedented(text: str) -> str:
    return textwrap.dedent(text)
