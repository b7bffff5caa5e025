"""Collections of values: what indexing, unpacking and their methods give."""

from __future__ import annotations

from collections.abc import Iterable

from .values import Args, Items, Values, union


def elements(values: Values) -> Values:
    """What iterating over any of the values may give."""
    return union(value.elements() for value in values if isinstance(value, Items) and value.keys is None)


def at(values: Values, index: int) -> Values:
    """What unpacking position ``index`` may give."""
    return union(value.at(index) for value in values if isinstance(value, Items))


def subscript(values: Values, keys: Iterable[object]) -> Values:
    """What ``values[key]`` may give for one of some keys, any element where none is known."""
    return union(value.at(key) for value in values if isinstance(value, Items) for key in keys or (None,))


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


def mapping(pairs: Values, args: Args) -> Values:
    """What ``dict(pairs, **args)`` gives: the values of the pairs, or of a dictionary, and those of the keywords."""
    found = [v.elements() if v.keys is not None else at(v.elements(), 1) for v in pairs if isinstance(v, Items)]
    if len(pairs) == 1 and not args.keywords and isinstance(pairs[0], Items) and pairs[0].keys is not None:
        return pairs
    if not args.positional and not args.open:
        return (Items(tuple(values for _, values in args.keywords), keys=tuple(name for name, _ in args.keywords)),)
    each = union([*found, *(values for _, values in args.keywords)])
    return (Items((each,), exact=False, keys=()),) if each else ()


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
