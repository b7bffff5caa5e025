"""Remembering answers of a recursive question, where the recursion may run in circles."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")

_FINAL = 1 << 60


class Memo(Generic[Key, Answer]):
    """Answers by key.

    A question that is asked again while it is being answered gets ``bottom``. Answers found on the way depend on that, so
    they only hold until the question that closes the circle is answered; they are remembered that long, since forgetting
    them at once takes exponential time, and are then found anew, from its answer.
    """

    def __init__(self, bottom: Answer) -> None:
        self._bottom = bottom
        self._answers: dict[Key, Answer] = {}
        self._provisional: dict[Key, tuple[Answer, int]] = {}
        self._order: list[Key] = []
        self._active: dict[Key, int] = {}
        self._lowest = _FINAL

    @property
    def depth(self) -> int:
        """How many questions are being answered."""
        return len(self._active)

    @property
    def is_circular(self) -> bool:
        """Whether the answer being worked out has met a circle so far."""
        return self._lowest != _FINAL

    def ask(self, key: Key, answer: Callable[[], Answer]) -> Answer:
        """The answer for a key, worked out by ``answer`` if it is not known."""
        if key in self._answers:
            return self._answers[key]
        if key in self._active:
            self._lowest = min(self._lowest, self._active[key])
            return self._bottom
        if key in self._provisional:
            found, lowest = self._provisional[key]
            self._lowest = min(self._lowest, lowest)
            return found
        depth = self._active[key] = len(self._active)
        outer, self._lowest = self._lowest, _FINAL
        first = len(self._order)
        try:
            found = answer()
        finally:
            del self._active[key]
            lowest, self._lowest = self._lowest, outer
        if lowest >= depth:
            self._answers[key] = found
            for dependent in self._order[first:]:
                del self._provisional[dependent]
            del self._order[first:]
        else:
            self._provisional[key] = (found, lowest)
            self._order.append(key)
            self._lowest = min(outer, lowest)
        return found
