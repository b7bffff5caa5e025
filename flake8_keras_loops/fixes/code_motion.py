"""Which nodes of a loop's body build the model, and may they stand before the loop?

They are the construction, what prepares the model (``add()``, ``compile()``), and the assignments that these read from
(``inputs = keras.Input(...)``). They may move if nothing that they read, directly or through the functions they name, changes
from one iteration to the next, and if running them once is the same as running them again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ..dataflow.construction import Construction, methods, sets
from ..dataflow.loops import around, body
from ..dataflow.objects.holders import settled
from ..dataflow.variance import declared_elsewhere, names_bound, names_read, writes
from ..knowledge import effects
from ..knowledge.effects import COMPLETES, MUTATES, PURE, READS, SEEDS
from ..semantics import callgraph
from ..semantics.scopes import Loop, Scope, callee_name, end, reaching, start
from ..semantics.syntax import base, is_same, scoped, variable, walk, within
from ..semantics.values import NO_ENV, Api, Cls, Func, Mod, dotted, leaves
from .construction_site import find_constructions
from .context import check_scopes
from .escape import Escape, escapes
from .plans import Case, Condition, failing, require
from .proving.feeding import able_to_feed, added_to, feeding_of, is_fed


class SettledRead(NamedTuple):
    """Where an attribute is read, and what ``__init__`` sets it to, each with its scope."""

    node: ast.Attribute
    scope: Scope
    value: ast.expr
    init: Scope


@dataclass(frozen=True, eq=False)
class Building:
    """What builds the model of ``place``, to stand before ``loop``.

    ``statements``: those that move, in the order of the text. ``lifted``: the construction, where it alone moves and its
    statement stays. ``missing``: why not all of what they read can move with them, ``""`` if it can.
    """

    case: Case
    place: Construction
    loop: Loop
    statements: tuple[ast.stmt, ...]
    lifted: ast.Call | None
    missing: str

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All that moves."""
        return (*self.statements, self.lifted) if self.lifted is not None else self.statements

    @property
    def following(self) -> list[ast.stmt]:
        """The statements after the construction that stay."""
        return [statement for statement in self.case.syntax.after(self.place.built) if statement not in self.statements]

    @property
    def roots(self) -> list[tuple[ast.AST, Scope]]:
        """All that moves, with the scope that it stands in."""
        return [(node, self.place.scope) for node in self.nodes]

    @property
    def repeated(self) -> list[tuple[ast.AST, Scope]]:
        """The loop, with its scope; of a function that a loop calls, also that loop."""
        loops = [self.loop, self.case.loop] if self.loop.node is self.place.function else [self.loop]
        return [(loop.node, loop.scope) for loop in loops]

    @cached_property
    def names(self) -> frozenset[str]:
        """Names that the statements bind, the model's own among them."""
        own = {self.place.holder} if self.place.built in self.statements else set[str]()
        return frozenset(own.union(*map(names_bound, self.statements)))

    @cached_property
    def definitions(self) -> tuple[Scope, ...]:
        """The functions and classes of the project that are named, and those that these name."""
        return tuple(callgraph.named(self.roots, self.case.interpreter))

    @cached_property
    def read_around(self) -> list[tuple[Scope, ast.Name, Scope | None]]:
        """What those of this file read of the loop's function and of the module: the definition, the name, and whose it is."""
        module, found = self.case.module, []
        for definition in self.definitions:
            for node, scope in scoped(definition.node, definition) if definition.module is module else ():
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    owner = scope.owner(node.id)
                    if owner in (self.loop.scope.function(), module.scope, None):
                        found.append((definition, node, owner))
        return found

    @cached_property
    def read(self) -> frozenset[str]:
        """Names that are read from elsewhere, also by the functions and classes of this file that are named."""
        return frozenset({name.id for _, name, _ in self.read_around}.union(*map(names_read, self.nodes)) - self.names)

    @cached_property
    def settled(self) -> dict[str, list[SettledRead]]:
        """The attributes of the object that are read, and that its ``__init__`` alone sets."""
        found: dict[str, list[SettledRead]] = {}
        for root in self.everything:
            for node, scope in scoped(*root):
                value = settled(self.place, node, self.case.interpreter)
                if value is not None and isinstance(node, ast.Attribute) and not is_same(node, self.place.holder):
                    found.setdefault(node.attr, []).append(SettledRead(node, scope, *value))
        return found

    @property
    def everything(self) -> list[tuple[ast.AST, Scope]]:
        """All that moves, and the functions and classes of the project that it names, each with its scope."""
        return [*self.roots, *((scope.node, scope) for scope in self.definitions)]

    def calls(self) -> Iterator[tuple[ast.Call, Scope]]:
        """All calls in that."""
        for root in self.everything:
            yield from ((node, scope) for node, scope in scoped(*root) if isinstance(node, ast.Call))

    @cached_property
    def escapes(self) -> tuple[Escape, ...]:
        """What speaks against using one model in the place of every iteration's, within the loop."""
        syntax, function = self.case.syntax, self.place.function
        found = escapes(self.place, self.case.examined)
        return tuple(e for e in found if within(e[0].node, self.loop.node) or syntax.function(e[0].node) is not function)

    def contains(self, node: ast.AST) -> bool:
        """Whether a node moves."""
        return any(within(node, moved) for moved in self.nodes)


def buildings(case: Case, required: Sequence[Condition[Building]], with_compile: bool) -> list[Building]:
    """What moves for each model that a finding is about. Raises ``RefusedError`` where one of them may not."""
    places = find_constructions(case)
    for place in places:
        check_scopes(place, case)
    return [outermost(case, place, required, with_compile) for place in places]


def outermost(case: Case, place: Construction, required: Sequence[Condition[Building]], with_compile: bool) -> Building:
    """What moves before the outermost loop that allows it. Raises ``RefusedError`` where even the innermost does not.

    ``with_compile``: ``compile()`` moves too; without it the construction may move alone, and its statement stays.
    """
    found, *further = (building(case, place, loop, with_compile) for loop in around(place.loop or case.loop))
    require(found, required)
    for part in further:
        if any(failing(part, required)):
            break
        found = part
    return found


def building(case: Case, place: Construction, loop: Loop, with_compile: bool) -> Building:
    """What builds the model of ``place``, to stand before ``loop``. ``with_compile``: ``compile()`` is part of that."""
    suite = case.syntax.suite(place.built)
    following = (s for s in suite if start(place.built) < start(s) <= end(place.ready))
    preparing = [s for s in following if _prepares(s, place.holder, with_compile)]
    is_within = not place.holder and getattr(place.built, "value", None) is not place.call  # print(build().predict(x))
    lifted = place.call if not preparing and (is_within or not with_compile) else None
    able = list(able_to_feed(place, loop, case))
    bound = {*writes(loop).names, *writes(loop).imports} - {place.holder}
    moved: list[ast.AST] = [lifted] if lifted else [place.built, *preparing]
    missing = ""
    for node in moved:  # it grows
        for name in sorted((names_read(node) | added_to(node)) & bound):
            feeding = feeding_of(node, name, able)
            if not is_fed(node, name, loop, [*feeding, node], case):
                missing = missing or f"what builds the model reads {name}, which every iteration binds"
            moved += [s for s in feeding if s not in moved]
    statements = sorted((node for node in moved if isinstance(node, ast.stmt)), key=start)
    return Building(case, place, loop, tuple(statements), lifted, missing)


def completing(part: Building) -> Iterator[ast.AST]:
    """The construction and the statements that go on with it, without those that prepare what they read."""
    yield part.place.call
    for statement in part.statements:
        if start(statement) > start(part.place.built):
            yield statement


def _prepares(statement: ast.stmt, holder: str, with_compile: bool = True) -> bool:
    """``model.compile(...)``, ``model.add(...)``, ``model.trainable = False``"""
    called = [name for name, _ in methods(holder, statement) if with_compile or name != "compile"]
    return any(effects.does(name, COMPLETES) for name in called) or sets(holder, statement)


def _is_plain(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr))


def still_built(part: Building) -> Iterator[str]:
    """The codes of what goes on building the model: the loops further out, and those that call the function."""
    case = part.case
    if part.loop.parent is not None:
        yield from {case.code, "KL101" if case.detection.effects.direct else "KL102", "KL105"}
    for site in case.callers():
        if site.loop is not None:
            yield from {case.code, "KL102"}


# -- conditions


def stands_in_this_function(part: Building) -> Iterator[str]:
    """What is around the construction is the loop itself."""
    place = part.place
    if place.loop is None:
        yield f"{getattr(place.function, 'name', 'a function')}(), which the loop calls, builds and uses the model"
    elif place.loop is not part.loop:
        for parent in part.case.syntax.above(place.loop.node):
            if parent is part.loop.node:
                break
            if not isinstance(parent, (ast.For, ast.AsyncFor, ast.While, ast.If)):
                yield "a with or try stands between the loops"


def is_plain(part: Building) -> Iterator[str]:
    """What moves are simple statements of the loop's own body."""
    for statement in part.statements:
        if not _is_plain(statement):
            yield f"the block in line {statement.lineno} prepares the model"
        elif part.place.loop is None or statement not in body(part.place.loop):
            yield "the model is built in a block of its own, not directly in the loop's body"


def reads_invariants(part: Building) -> Iterator[str]:
    """Nothing that is read changes from one iteration to the next."""
    if part.missing:
        yield part.missing
    yield from changes_what_is_read(part)


def changes_what_is_read(part: Building) -> Iterator[str]:
    """What the loop sets, or changes by a method, of what is read; or binds, of what the functions read that are named."""
    texts = {ast.unparse(node) for node in walk(part.nodes) if isinstance(node, ast.Attribute)}
    attributes = {node.attr for node in walk(scope.node for scope in part.definitions) if isinstance(node, ast.Attribute)}
    for place in writes(part.loop).places:
        text, name = ast.unparse(place), base(place)
        is_read = name in part.read and (name != "self" or text in texts or getattr(place, "attr", "") in attributes)
        values = part.case.interpreter.eval(place.value, part.loop.scope) if isinstance(place, ast.Attribute) else ()
        is_fixed = isinstance(place, ast.Attribute) and place.attr in part.settled
        if (is_read or any(isinstance(value, Mod) for value in values)) and not is_fixed and not part.contains(place):
            yield f"what builds the model may read {text}, which the loop sets"
    yield from (f"what builds the model reads {reason} changes" for reason, is_certain in _mutations(part) if is_certain)
    yield from _changes_in_definitions(part)


def calls_nothing_unknown(part: Building) -> Iterator[str]:
    """No method of which nothing is known is called on what is read: it might change it."""
    yield from (f"what builds the model reads {reason} may change" for reason, _ in _mutations(part))


def _mutations(part: Building) -> Iterator[tuple[str, bool]]:
    """The methods that may change what is read, and whether they do: those that the loop calls, itself or in a function."""
    for call, scope in _method_calls(part):
        assert isinstance(call.func, ast.Attribute)
        name = variable(call.func.value)
        if name in part.read - {"self"} and effects.may_mutate(call.func.attr) and not part.contains(call):
            owners = part.case.interpreter.eval(call.func.value, scope)
            is_certain = effects.does(call.func.attr, MUTATES) and not any(isinstance(value, (Api, Mod)) for value in owners)
            if is_certain or not owners or not all(isinstance(value, (Api, Mod, Func, Cls)) for value in owners):
                yield f"{name}, which {ast.unparse(call.func)}()", is_certain


def _method_calls(part: Building) -> Iterator[tuple[ast.Call, Scope]]:
    """Calls of methods in the loop, and those of global objects in the functions that the loop calls."""
    yield from ((call, part.loop.scope) for call in writes(part.loop).calls)
    for function in callgraph.called([(part.loop.node, part.loop.scope)], part.case.interpreter):
        for call, scope, _ in function.module.calls_within(function.node):
            if isinstance(call.func, ast.Attribute) and scope.owner(variable(call.func)) in (part.case.module.scope, None):
                yield call, scope


def _changes_in_definitions(part: Building) -> Iterator[str]:
    """What the functions that are named read of what the loop binds, or of what any function declares ``global``."""
    for definition, read, owner in part.read_around:
        name = getattr(definition.node, "name", "a lambda")
        above = part.case.syntax.above
        if definition.node in above(part.place.function) and part.place.function in above(read):
            continue  # the function itself, in the class that it names by its object
        if owner is part.loop.scope.function() and read.id in writes(part.loop).names:
            yield f"{name} reads {read.id}, which every iteration binds"
        if owner is part.case.module.scope and read.id in declared_elsewhere(owner):
            yield f"{name} reads {read.id}, a global that a function changes"


def repeats_nothing(part: Building) -> Iterator[str]:
    """Nothing that is called draws random numbers, sets a seed, or reads a clock, file or iterator."""
    for call, scope in part.calls():
        if _is_unrepeatable(call, scope, part):
            yield f"{ast.unparse(call.func)}() has to be called in every iteration"
    if any(isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)) for node in walk(part.nodes)):
        yield "what builds the model has an effect of its own"
    for statement in part.statements:
        if statement is not part.place.built and not _prepares(statement, part.place.holder):
            for node in ast.walk(statement):
                if isinstance(node, ast.Call) and not _is_of_keras(node, part):
                    yield f"{ast.unparse(node.func)}() in line {statement.lineno} may do more than build the model"


def _is_unrepeatable(call: ast.Call, scope: Scope, part: Building) -> bool:
    name = callee_name(call)
    if effects.does(name, SEEDS) or (isinstance(call.func, ast.Name) and effects.talks(name) and not effects.does(name, READS)):
        return True
    values = part.case.interpreter.callees(call, scope, NO_ENV)
    return any(map(effects.is_stateful, [dotted(value) for value in values] or [ast.unparse(call.func)]))


def _is_of_keras(call: ast.Call, part: Building) -> bool:
    """Whether a call makes a part of a model, or only reckons."""
    if effects.does(callee_name(call), PURE):
        return True
    interpreter, scope, roots = part.case.interpreter, part.loop.scope, ("keras.", "tensorflow.")
    callees = [dotted(value) for value in interpreter.callees(call, scope, NO_ENV)]
    if callees and all(name.startswith(roots) or effects.makes_path(name) for name in callees):
        return True
    return any(dotted(value).startswith(roots) for value in leaves(interpreter.eval(call, scope)))


def is_used_from_here_on(part: Building) -> Iterator[str]:
    """No statement sees what is built before it is built, binds it anew or deletes it."""
    for name in sorted(part.names):
        first: ast.AST = part.place.built if name == part.place.holder else part.statements[-1]
        for node in ast.walk(part.loop.node):
            if not isinstance(node, (ast.Name, ast.Attribute)) or not is_same(node, name) or part.contains(node):
                continue
            if not isinstance(node.ctx, ast.Load):
                how = "deleted" if isinstance(node.ctx, ast.Del) else "bound again"
                yield f"{name} is {how} in line {node.lineno}"
            if start(node) < start(first):
                yield f"{name} is used in line {node.lineno}, before the new model is complete"


def is_followed(part: Building) -> Iterator[str]:
    """Something is left in the loop that uses the model."""
    if part.lifted is None and not part.following:
        yield "the loop does not use the model"


def is_changed_nowhere(part: Building) -> Iterator[str]:
    """What is made along with the model, and then serves all iterations, stays as it was made."""
    changed: list[tuple[ast.expr, str]] = [(place, variable(place)) for place in writes(part.loop).places]
    changed += [(call, variable(call.func)) for call in writes(part.loop).calls if effects.may_mutate(callee_name(call))]
    for node, name in changed:
        if name in part.names - {part.place.holder} and not part.contains(node):
            yield f"{name} is changed in line {node.lineno}, and every iteration would go on with that"


def takes_no_value_away(part: Building) -> Iterator[str]:
    """The names hold nothing that is still wanted, should the loop not run at all."""
    scope, loop = part.loop.scope.function(), part.loop.node
    for name in sorted(part.names):
        bindings = scope.bindings.get(name, [])
        if any(binding.position < start(loop) for binding in bindings):
            for read in part.case.syntax.reads(name, scope.node):
                if start(read) > end(loop):
                    if any(start(loop) < binding.position < end(loop) for binding in reaching(bindings, start(read))):
                        yield f"{name} has a value before the loop, and would lose it even if the loop does not run"
