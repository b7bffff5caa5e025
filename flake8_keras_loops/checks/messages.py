"""What a finding says: one thing, in at most :data:`LENGTH` characters with the code. What to do is in :mod:`.cures`."""

from __future__ import annotations

import os
from itertools import product

#: Of a message, the code in front included.
LENGTH = 120
_MAX_PLACE = 30
#: How much of a construction's name is enough, and the lengths to which the name of a search is cut for that, one by one.
_ENOUGH = 20
_LONGEST = (30, 20, 12, 6)
#: What it adds to say a line by its cell: `` of cell 7``, of which the shorter number makes up for some.
_OF_CELLS = 8

#: By code. ``name``: how the construction is spelled; ``place``: where it leads, in parentheses; ``repeated``: by what, where.
_TEXTS = {
    "KL101": "{name} builds a Keras model{place} {repeated}",
    "KL102": "{name} builds a Keras model{place} {repeated}",
    "KL103": "{name} builds a Keras model{place} {repeated}",
    "KL104": "{name} builds a Keras model{place}; a path through {around} misses clear_session()",
    "KL105": "{name} builds a Keras model{place} {repeated}, and all are kept",
    "KL106": "{name} loads the same saved model {repeated}",
    "KL107": "{name} builds a Keras model{place} in {around}; cleared, yet slow, and TensorFlow leaks",
    "KL201": "{name} {repeated} throws away what the model has traced",
    "KL202": "{name} makes a traced function{place} {repeated}",
    "KL203": "{name} runs on a few rows {repeated}",
}


def message(code: str, name: str, leads_to: tuple[str, int] | None, path: str, line: int, search: str = "") -> str:
    """The message of rule ``code``, without the code.

    ``leads_to``: file and line of what the call leads to. ``path``: the linted file. ``line``: of the loop, or of the ``search``
    that calls the function.
    """
    room = LENGTH - len(code) - 1 - (_OF_CELLS if path.endswith(".ipynb") else 0)
    for longest, place in product(_LONGEST, (leads_to, None)):
        said = _said(code, "", place, path, line, _end(search, longest))
        if len(said) + min(len(name), _ENOUGH) <= room:
            break
    return _said(code, _end(name, room - len(said)), place, path, line, _end(search, longest))


def _said(code: str, name: str, leads_to: tuple[str, int] | None, path: str, line: int, search: str) -> str:
    around = f"the calls by {search} on line {line}" if search else f"the loop on line {line}"
    repeated = f"on every call by {search} on line {line}" if search else f"in every iteration of the loop on line {line}"
    place = f" ({where(leads_to, path)})" if leads_to is not None else ""
    return _TEXTS[code].format(name=name, place=place, repeated=repeated, around=around)


def where(place: tuple[str, int], path: str) -> str:
    """``line 4`` in the same file, ``models.py:4`` in another, ``models/__init__.py:4`` in a package."""
    file, line = place
    if file == path:
        return f"line {line}"
    parts = file.split(os.sep)
    name = "/".join(parts[-2:]) if parts[-1] == "__init__.py" else parts[-1]
    return f"{_end(name, _MAX_PLACE)}:{line}"


def _end(name: str, room: int) -> str:
    """The end of a name that is too long, which says most."""
    return name if len(name) <= room else f"…{name[len(name) - room + 1 :]}" if room > 1 else ""
