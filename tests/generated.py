"""How many generated examples a property is tried on.

``FUZZ_EXAMPLES=5000 pytest -m fuzz`` looks for longer, at other examples each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

_MORE = int(os.environ.get("FUZZ_EXAMPLES", "0"))


def examples(few: int, many: int, *strategies: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[[int], None]]:
    """Try a property on ``few`` examples that ``strategies`` make, under the marker ``fuzz`` on ``many``: always the same ones."""

    def decorate(test: Callable[..., None]) -> Callable[[int], None]:
        @pytest.mark.parametrize("count", [few, pytest.param(many, marks=pytest.mark.fuzz)])
        def test_examples(count: int) -> None:
            is_open = bool(_MORE) and count == many
            chosen = settings(
                max_examples=_MORE if is_open else count,
                derandomize=not is_open,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            chosen(given(*strategies)(test))()

        return test_examples

    return decorate
