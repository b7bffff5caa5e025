"""What can be done with a value: the records that :mod:`.uses` gives."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What is done with a value, or with a part of it (``PART_...``)."""

    METHOD = auto()  # a method of it is called
    ATTRIBUTE = auto()  # an attribute of it is read
    HANDED_ATTRIBUTE = auto()  # an attribute of it is handed to a function that may keep it
    SET = auto()  # an attribute of it is set
    CALLED = auto()  # it is called
    CALLED_ON_TENSOR = auto()  # it is called on a symbolic tensor: it becomes a part of another model
    LOOKED_AT = auto()  # printed, compared, tested
    EARLY = auto()  # used before it is complete
    TAKEN_EARLY = auto()  # a part of it is taken before it is complete
    COLLECTED = auto()  # put into a list, tuple, dict or item
    STORED = auto()  # put into a collection by a method
    UNPACKED = auto()
    SHARED = auto()  # another model, or a collection of layers, takes it in
    HANDED = auto()  # handed to something that cannot be looked into
    UNFOLLOWED = auto()  # handed to a function of the project that is not followed
    LATER = auto()  # a generator or coroutine goes on with it later
    DEFAULT = auto()  # a default value holds it
    TRACED = auto()  # a function that is traced once reads it
    GLOBAL = auto()  # a global name holds it
    KEPT_NAME = auto()  # a name that not every iteration binds holds it
    BEST = auto()  # a name holds the one that compares best so far
    OLDER = auto()  # a name gets the earlier iteration's
    OLDER_READ = auto()  # a name is read that still holds the earlier iteration's
    HELD = auto()  # an attribute of another object holds it
    BEYOND = auto()  # an attribute holds it when the function ends
    RENAMED = auto()  # a name holds it that is not followed further
    OBJECT_OLDER = auto()  # an object around the earlier iteration's is used
    OBJECT_KEPT = auto()  # an object around it is kept
    OBJECT_USED = auto()  # an object around it goes where it is not followed
    OBJECT_LOST = auto()
    RETURNED = auto()
    RETURNED_WITH = auto()  # it is returned in a tuple or other display
    YIELDED = auto()
    LOST = auto()  # it goes where it is not followed
    PART_FROZEN = auto()  # trainable of a part of it is set
    PART_KEPT = auto()
    PART_READ = auto()  # a plain attribute of a part of it gets a name
    PART_NAMED = auto()  # the name of a part of it is read
    PART_SHARED = auto()
    PART_HANDED = auto()
    PART_LOST = auto()
    # what was made while the model was built, or is built from it
    LEFT_OVER = auto()  # a part is used after the model is complete, or in the next iteration
    PART_COLLECTED = auto()
    PART_STORED = auto()
    PART_GIVEN = auto()  # what makes the model gives a part of it to something that stays
    FROM_CALLER = auto()  # a part is handed in
    FROM_LOOP = auto()  # a part is made in a loop further out
    FROM_OUTER_LOOP = auto()  # a part is made anew for the models of an inner loop
    FROM_OBJECT = auto()  # a part is an attribute of the object
    IN_OBJECT = auto()  # a part is kept in the object


@dataclass(frozen=True, eq=False)
class Use:
    """``node``: where the value is read, in the function that was asked about. ``at``: what is done with it, which may be in a
    function that it is handed to: the attribute, call, target or statement. ``name``: how that is spelled. ``through``: the names
    of such functions, the innermost first."""

    kind: Kind
    node: ast.AST
    at: ast.AST
    name: str = ""
    through: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """The line of what is done, from 1."""
        return getattr(self.at, "lineno", 0) or getattr(self.node, "lineno", 0)
