"""Collections of values: what indexing, unpacking and their methods give."""

from __future__ import annotations

import ast

from .values import Args, Items, Values, union


def elements(values: Values) -> Values:
    """What iterating over any of the values may give."""
    return union(value.elements() for value in values if isinstance(value, Items) and value.keys is None)


def at(values: Values, index: int) -> Values:
    """What unpacking position ``index`` may give."""
    return union(value.at(index) for value in values if isinstance(value, Items))


def subscript(values: Values, index: ast.expr) -> Values:
    """What ``values[index]`` may give: one element for a literal index, any element for others, the same for a slice."""
    if isinstance(index, ast.Slice):
        return values
    literal = index.value if isinstance(index, ast.Constant) else None
    return union(value.at(literal) for value in values if isinstance(value, Items))


def enumerated(values: Values) -> Values:
    """What ``enumerate(values)`` gives: pairs with an element."""
    return tuple(Items(tuple((Items(((), each)),) for each in v.each), v.exact) for v in values if isinstance(v, Items))


def zipped(args: Args) -> Values:
    """What ``zip(*args)`` gives: literals pair up by position, others by any element."""
    columns = [next((v for v in values if isinstance(v, Items)), Items(())) for values in args.positional]
    if columns and all(column.exact for column in columns):
        length = min(len(column.each) for column in columns)
        return (Items(tuple((Items(tuple(c.each[i] for c in columns)),) for i in range(length))),)
    return (Items(((Items(tuple(c.elements() for c in columns)),),), exact=False),)


def product(args: Args) -> Values:
    """What ``itertools.product(*args)`` gives."""
    return (Items(((Items(tuple(elements(values) for values in args.positional)),),), exact=False),)


def call_method(owner: Items, name: str, args: Args) -> Values:
    """What a method of a list or dict returns."""
    if name == "items":
        return enumerated((owner,))
    if name == "values":
        return (Items(owner.each, owner.exact),)
    if name in {"get", "setdefault"}:
        return union((owner.elements(), args.get(1, "default")))
    if name in {"pop", "popitem", "__getitem__"}:
        return owner.elements()
    return (owner,) if name == "copy" else ()
