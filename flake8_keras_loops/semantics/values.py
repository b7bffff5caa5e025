"""Abstract values: what an expression may stand for, as far as this analysis needs to know.

A set of possible values is a tuple without duplicates, in the order in which they were found, so that every run gives the
same answer. The empty tuple means "unknown".
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from .scopes import Scope

MAX_VALUES = 32
MAX_SIZE = 400


def _hash_once(self: object) -> int:
    """Hash of a value, worked out once: values nest, and are keys of every table."""
    known: int | None = self.__dict__.get("_hash")
    if known is None:
        known = hash((type(self), *self.__dict__.values()))
        self.__dict__["_hash"] = known
    return known


@dataclass(frozen=True)
class Env:
    """What the parameters of the functions being evaluated are bound to."""

    frames: tuple[tuple[Scope, tuple[tuple[str, Values], ...]], ...] = ()
    __hash__ = _hash_once

    def with_frame(self, scope: Scope, bound: Iterable[tuple[str, Values]]) -> Env:
        """This environment with the parameters of ``scope`` bound anew. Unknown ones are left out."""
        kept = tuple(frame for frame in self.frames if frame[0] is not scope)
        return Env((*kept, (scope, tuple((name, values) for name, values in bound if values))))

    def lookup(self, scope: Scope, name: str) -> Values | None:
        """Values of a parameter; ``None`` where the scope is not being evaluated for one call."""
        return next((dict(bound).get(name, ()) for frame, bound in self.frames if frame is scope), None)


NO_ENV = Env()


@dataclass(frozen=True)
class Api:
    """Something outside the project, by its canonical dotted name."""

    name: str
    __hash__ = _hash_once


@dataclass(frozen=True)
class Mod:
    """A module or package of the project, by the file or folder that holds it.

    ``others``: the files and folders that the same import may find elsewhere, which have what this one lacks.
    """

    path: str
    others: tuple[str, ...] = ()
    __hash__ = _hash_once

    @property
    def farther(self) -> Mod | None:
        """The next module that the import may find."""
        return Mod(self.others[0], self.others[1:]) if self.others else None


@dataclass(frozen=True)
class Names:
    """The names of a module as a dictionary, as ``globals()`` gives them."""

    of: Mod
    __hash__ = _hash_once


@dataclass(frozen=True)
class Func:
    """A function of the project. ``receiver``: what its first parameter is bound to, for methods."""

    scope: Scope
    env: Env = NO_ENV
    receiver: Value | None = None
    __hash__ = _hash_once


@dataclass(frozen=True)
class Cls:
    """A class of the project."""

    scope: Scope
    env: Env = NO_ENV
    __hash__ = _hash_once


@dataclass(frozen=True)
class Obj:
    """An instance. ``init``: how its constructor's parameters were bound, ``None`` where that is not known.

    ``fresh``: it is made in the loop being looked at, so nothing that it caches survives the iteration.
    """

    of: Api | Cls
    init: Env | None = None
    fresh: bool = False
    __hash__ = _hash_once


@dataclass(frozen=True)
class Estimator:
    """An estimator for scikit-learn whose ``fit`` builds a Keras model. ``build``: with what, empty where that is not known.

    ``fits``: each ``fit`` builds one, and does not go on with the last.
    """

    build: Values = ()
    fits: bool = True
    __hash__ = _hash_once


@dataclass(frozen=True)
class Method:
    """A method of an object outside the project, a collection, the names of a module, an estimator; or what makes an actor."""

    owner: Obj | Items | Names | Estimator
    name: str
    __hash__ = _hash_once


@dataclass(frozen=True)
class Items:
    """A collection. ``each``: the values at each position; with ``exact`` false every element may be any of them.

    ``keys``: the literal keys of a dict (``None`` for others), ``None`` for a sequence.
    """

    each: tuple[Values, ...]
    exact: bool = True
    keys: tuple[object, ...] | None = None
    size: int = field(default=0, init=False, compare=False, repr=False)
    __hash__ = _hash_once

    def __post_init__(self) -> None:
        # what a loop nests deeper and deeper ends here: its elements are no longer told apart
        size = sum(1 + (value.size if isinstance(value, Items) else 0) for values in self.each for value in values)
        if size > MAX_SIZE:
            object.__setattr__(self, "each", (tuple(dict.fromkeys(leaves(self.each[0], 1)))[:4],) if self.each else ())
            object.__setattr__(self, "exact", False)
            object.__setattr__(self, "keys", None if self.keys is None else ())
            size = MAX_SIZE // 4
        object.__setattr__(self, "size", size)

    def elements(self) -> Values:
        """Values of any element."""
        return union(self.each)

    def at(self, index: object) -> Values:
        """Values at a position or under a literal key; those of any element where it is not known which."""
        if self.exact and self.keys is None and isinstance(index, int):
            return self.each[index] if -len(self.each) <= index < len(self.each) else ()
        if self.exact and self.keys is not None and index is not None and index in self.keys:
            return self.each[self.keys.index(index)]
        return self.elements()


@dataclass(frozen=True)
class Partial:
    """``functools.partial``: a callable and the arguments it was given."""

    func: Value
    args: Args
    __hash__ = _hash_once


@dataclass(frozen=True)
class Const:
    """``None``, a bool or a short string."""

    value: object
    __hash__ = _hash_once


@dataclass(frozen=True)
class Args:
    """Evaluated arguments. ``open``: there may be more, through ``*args`` or ``**kwargs``."""

    positional: tuple[Values, ...] = ()
    keywords: tuple[tuple[str, Values], ...] = ()
    open: bool = False
    __hash__ = _hash_once

    def before(self, later: Args) -> Args:
        """These arguments followed by ``later`` ones, whose keywords win."""
        keywords = dict(self.keywords) | dict(later.keywords)
        return Args(self.positional + later.positional, tuple(keywords.items()), self.open or later.open)

    def get(self, position: int, name: str) -> Values:
        """The argument at a position or with a name."""
        if position < len(self.positional):
            return self.positional[position]
        return dict(self.keywords).get(name, ())


Value = Union[Api, Mod, Names, Estimator, Func, Cls, Obj, Method, Items, Partial, Const]
Values = tuple[Value, ...]

MODEL = Obj(Api("keras.Model"))
LAYER = Obj(Api("keras.Layer"))
HISTORY = Obj(Api("keras.callbacks.History"))
TENSOR = Obj(Api("keras.KerasTensor"))


def union(sets: Iterable[Values]) -> Values:
    """All values of several sets, each once, at most ``MAX_VALUES``."""
    merged: dict[Value, None] = {}
    for values in sets:
        merged.update(dict.fromkeys(values))
    return tuple(merged)[:MAX_VALUES]


def leaves(values: Values, depth: int = 3) -> Iterator[Value]:
    """Values, with collections replaced by what they hold."""
    for value in values:
        if isinstance(value, Items) and depth:
            for inner in value.each:
                yield from leaves(inner, depth - 1)
        elif not isinstance(value, Items):
            yield value


def dotted(value: Value) -> str:
    """How something outside the project is reached, ``optuna.create_study.optimize``; ``""`` for what is inside."""
    if isinstance(value, Method) and isinstance(value.owner, Obj):
        return f"{dotted(value.owner)}.{value.name}"
    of = value.of if isinstance(value, Obj) else value
    return of.name if isinstance(of, Api) else ""


def fresh(value: Value) -> Value:
    """The same value, with an instance (or a method's receiver) marked as made in this iteration."""
    if isinstance(value, Obj):
        return replace(value, fresh=True)
    if isinstance(value, Func) and isinstance(value.receiver, Obj):
        return replace(value, receiver=fresh(value.receiver))
    return value


def constant(node: ast.Constant) -> Values:
    """The value of a literal, if it may steer a branch."""
    value = node.value
    if value is None or isinstance(value, bool) or (isinstance(value, str) and len(value) <= 40):
        return (Const(value),)
    return ()
