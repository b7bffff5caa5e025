"""The two shapes of what is asked of a name: is it one of some, or spelled like them?"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

Predicate = Callable[[str], bool]


def named(names: str, root: str = "") -> Predicate:
    """Whether the last part of a dotted name is one of some. ``root``: what the name must begin with."""
    known = frozenset(names.split())
    return lambda name: name.rpartition(".")[2] in known and name.startswith(root)


def spelled(pattern: str) -> Predicate:
    """Whether a whole name matches a regular expression."""
    match = re.compile(pattern, re.DOTALL).fullmatch
    return lru_cache(maxsize=65536)(lambda name: match(name) is not None)
