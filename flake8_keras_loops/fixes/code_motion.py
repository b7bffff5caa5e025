"""Which nodes of a loop's body build the model, and may they stand before the loop?

They are the construction, what prepares the model (``add()``, ``compile()``), and the assignments that these read from
(``inputs = keras.Input(...)``). They may move if nothing that they read, directly or through the functions they name, changes
from one iteration to the next, and if running them once is the same as running them again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..dataflow.construction import Construction
from ..dataflow.loops import around, body
from ..dataflow.variance import Writes, declared_elsewhere, names_bound, names_read, writes
from ..knowledge import effects
from ..knowledge.effects import COMPLETES, MUTATES, PURE, READS, SEEDS
from ..semantics import callgraph
from ..semantics.scopes import Loop, Scope, callee_name, end, reaching, start
from ..semantics.syntax import base, is_same, scoped, variable, within
from ..semantics.values import NO_ENV, Api, Cls, Func, Mod, Value, dotted, leaves
from .escape import Escape, escapes
from .plans import Case, failing, require


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
    def writes(self) -> Writes:
        """What an iteration writes."""
        return writes(self.loop)

    @cached_property
    def names(self) -> frozenset[str]:
        """Names that the statements bind, the model's own among them."""
        own = {self.place.holder} if self.place.built in self.statements else set[str]()
        return frozenset(own | {name for statement in self.statements for name in names_bound(statement)})

    @cached_property
    def read(self) -> frozenset[str]:
        """Names that are read from elsewhere."""
        return frozenset({name for node in self.nodes for name in names_read(node)} - self.names)

    @cached_property
    def definitions(self) -> tuple[Scope, ...]:
        """The functions and classes of the project that are named, and those that these name."""
        return tuple(callgraph.named([(node, self.place.scope) for node in self.nodes], self.case.interpreter))

    @cached_property
    def escapes(self) -> tuple[Escape, ...]:
        """What speaks against using one model in the place of every iteration's, within the loop."""
        syntax, function = self.case.syntax, self.place.function
        found = escapes(self.place, self.case.examined)
        return tuple(e for e in found if within(e[0].node, self.loop.node) or syntax.function(e[0].node) is not function)

    def contains(self, node: ast.AST) -> bool:
        """Whether a node moves."""
        return any(within(node, moved) for moved in self.nodes)


def outermost(case: Case, place: Construction, required: Sequence[Callable[[Building], str]], with_compile: bool) -> Building:
    """What moves before the outermost loop that allows it. Raises ``RefusedError`` where even the innermost does not.

    ``with_compile``: ``compile()`` moves too; without it the construction may move alone, and its statement stays.
    """
    found: Building | None = None
    for loop in around(place.loop or case.loop):
        part = _building(case, place, loop, with_compile)
        if found is None:
            require(part, required)
        elif any(failing(part, required)):
            break
        found = part
    assert found is not None
    return found


def _building(case: Case, place: Construction, loop: Loop, with_compile: bool) -> Building:
    suite = case.syntax.suite(place.built)
    following = (s for s in suite if start(place.built) < start(s) <= end(place.ready))
    preparing = [s for s in following if _prepares(s, place.holder, with_compile)]
    lifted = place.call if not with_compile and not preparing else None
    chosen: list[ast.stmt] = [] if lifted else [place.built, *preparing]
    changing = {*writes(loop).names, *writes(loop).imports}
    missing = ""
    todo: list[ast.AST] = [lifted] if lifted else list(chosen)
    while todo and not missing:
        node = todo.pop(0)
        for name in sorted(names_read(node) & changing - {place.holder}):
            feeding = [s for s in suite if start(s) < start(node) and name in names_bound(s)]
            stores = sum(_stores(s, name) for s in suite if _is_plain(s))
            if not feeding or stores != _stores(loop.node, name):
                missing = f"what builds the model reads {name}, which every iteration binds"
                break
            new = [s for s in feeding if s not in chosen]
            todo += new
            chosen += new
    return Building(case, place, loop, tuple(sorted(chosen, key=start)), lifted, missing)


def _prepares(statement: ast.stmt, holder: str, with_compile: bool) -> bool:
    """``model.compile(...)``, ``model.add(...)``, ``model.trainable = False``"""
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_same(node.func.value, holder):
            if effects.does(node.func.attr, COMPLETES) and (with_compile or node.func.attr != "compile"):
                return True
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if node.attr == "trainable" or is_same(node.value, holder):
                if any(is_same(inner, holder) for inner in ast.walk(statement)):
                    return True
    return False


def still_built(part: Building) -> Iterator[str]:
    """The codes of what goes on building the model: the loops further out, and those that call the function."""
    detection = part.case.detection
    if part.loop.parent is not None:
        yield from {detection.finding.code, "KL101" if detection.effects.direct else "KL102", "KL105"}
    todo = [part.case.syntax.function(part.loop.node)]
    seen: set[ast.AST] = set()
    while todo:
        function = todo.pop()
        if function in seen or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        seen.add(function)
        for site in part.case.examined.module.calls_named(function.name):
            if site.loop is not None:
                yield from {detection.finding.code, "KL102"}
            todo.append(part.case.syntax.function(site.node))


# -- conditions: "" where they hold, or why not


def stands_in_this_function(part: Building) -> str:
    """What is around the construction is the loop itself."""
    place = part.place
    if place.loop is None:
        return f"{getattr(place.function, 'name', 'a function')}(), which the loop calls, builds and uses the model"
    for parent in part.case.syntax.above(place.loop.node):
        if parent is part.loop.node or place.loop is part.loop:
            break
        if not isinstance(parent, (ast.For, ast.AsyncFor, ast.While, ast.If)):
            return "a with or try stands between the loops"
    return ""


def is_plain(part: Building) -> str:
    """What moves are simple statements of the loop's own body."""
    for statement in part.statements:
        if not _is_plain(statement):
            return f"the block in line {statement.lineno} prepares the model"
        if part.place.loop is None or statement not in body(part.place.loop):
            return "the model is built in a block of its own, not directly in the loop's body"
    return ""


def reads_invariants(part: Building) -> str:
    """Nothing that is read changes from one iteration to the next."""
    return part.missing or _is_stored_into(part) or _is_mutated(part) or _changes_in_definitions(part)


def _is_stored_into(part: Building) -> str:
    """Stores into attributes and items of what is read."""
    texts = {ast.unparse(n) for moved in part.nodes for n in ast.walk(moved) if isinstance(n, ast.Attribute)}
    attributes = {n.attr for scope in part.definitions for n in ast.walk(scope.node) if isinstance(n, ast.Attribute)}
    for node in part.writes.places:
        if part.contains(node):
            continue
        text, name = ast.unparse(node), base(node)
        is_read = name in part.read and (name != "self" or text in texts or getattr(node, "attr", "") in attributes)
        values = part.case.interpreter.eval(node.value, part.loop.scope)
        if is_read or (isinstance(node, ast.Attribute) and any(isinstance(value, Mod) for value in values)):
            return f"what builds the model may read {text}, which the loop sets"
    return ""


def _is_mutated(part: Building) -> str:
    """Methods that change what is read."""
    for call, name in _methods_of_what_is_read(part):
        if effects.does(callee_name(call), MUTATES):
            return f"what builds the model reads {name}, which {ast.unparse(call.func)}() changes"
    return ""


def _methods_of_what_is_read(part: Building) -> Iterator[tuple[ast.Call, str]]:
    """The methods that the loop calls on what is read, each with its name."""
    for call in part.writes.calls:
        assert isinstance(call.func, ast.Attribute)
        name = variable(call.func.value)
        if name in part.read - {"self"} and not part.contains(call):
            yield call, name


def calls_nothing_unknown(part: Building) -> str:
    """No method of which nothing is known is called on what is read: it might change it."""
    for call, name in _methods_of_what_is_read(part):
        assert isinstance(call.func, ast.Attribute)
        owners = part.case.interpreter.eval(call.func.value, part.loop.scope)
        if effects.may_mutate(call.func.attr) and not (owners and all(isinstance(v, (Api, Mod, Func, Cls)) for v in owners)):
            return f"what builds the model reads {name}, which {ast.unparse(call.func)}() may change"
    return ""


def _changes_in_definitions(part: Building) -> str:
    """Functions that are named must not read what the loop binds, or what any function declares ``global``."""
    changing = part.writes.names
    module = part.case.examined.module
    declared = declared_elsewhere(module.scope)
    for definition in part.definitions:
        if definition.module is not module:
            continue
        for node, scope in scoped(definition.node, definition):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and (node.id in changing or node.id in declared):
                owner = scope.owner(node.id)
                name = getattr(definition.node, "name", "a lambda")
                if owner is part.loop.scope.function() and node.id in changing:
                    return f"{name} reads {node.id}, which every iteration binds"
                if owner is module.scope and node.id in declared:
                    return f"{name} reads {node.id}, a global that a function changes"
    return ""


def repeats_nothing(part: Building) -> str:
    """Nothing that is called draws random numbers, sets a seed, or reads a clock, file or iterator."""
    roots: list[tuple[ast.AST, Scope]] = [(node, part.place.scope) for node in part.nodes]
    roots += [(scope.node, scope) for scope in part.definitions]
    for root, scope in roots:
        for node, inner in scoped(root, scope):
            if isinstance(node, ast.Call) and _is_unrepeatable(node, inner, part):
                return f"{ast.unparse(node.func)}() has to be called in every iteration"
    for node in (inner for moved in part.nodes for inner in ast.walk(moved)):
        if isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)):
            return "what builds the model has an effect of its own"
    for statement in part.statements:
        if statement is part.place.built or _prepares(statement, part.place.holder, True):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and not _is_of_keras(node, part):
                return f"{ast.unparse(node.func)}() in line {statement.lineno} may do more than build the model"
    return ""


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
    scope = part.loop.scope
    callees = part.case.interpreter.callees(call, scope, NO_ENV)
    if callees and all(_is_keras(value) or effects.makes_path(dotted(value)) for value in callees):
        return True
    return any(_is_keras(value) for value in leaves(part.case.interpreter.eval(call, scope)))


def _is_keras(value: Value) -> bool:
    return dotted(value).startswith(("keras.", "tensorflow."))


def is_used_from_here_on(part: Building) -> str:
    """No statement sees what is built before it is built, binds it anew or deletes it."""
    for name in sorted(part.names):
        for node in ast.walk(part.loop.node):
            if not isinstance(node, (ast.Name, ast.Attribute)) or not is_same(node, name) or part.contains(node):
                continue
            if not isinstance(node.ctx, ast.Load):
                how = "deleted" if isinstance(node.ctx, ast.Del) else "bound again"
                return f"{name} is {how} in line {node.lineno}"
            first: ast.AST = part.place.built if name == part.place.holder else part.statements[-1]
            if start(node) < start(first):
                return f"{name} is used in line {node.lineno}, before the new model is complete"
    return ""


def is_changed_nowhere(part: Building) -> str:
    """What is made along with the model, and then serves all iterations, stays as it was made."""
    names = part.names - {part.place.holder}
    changed: list[tuple[ast.expr, str]] = [(place, variable(place)) for place in part.writes.places]
    changed += [(call, variable(call.func)) for call in part.writes.calls if effects.may_mutate(callee_name(call))]
    for node, name in changed:
        if name in names and not part.contains(node):
            return f"{name} is changed in line {node.lineno}, and every iteration would go on with that"
    return ""


def takes_no_value_away(part: Building) -> str:
    """The names hold nothing that is still wanted, should the loop not run at all."""
    scope = part.loop.scope.function()
    for name in sorted(part.names):
        bindings = scope.bindings.get(name, [])
        if not any(binding.position < start(part.loop.node) for binding in bindings):
            continue
        for read in part.case.syntax.reads(name, scope.node):
            if start(read) > end(part.loop.node):
                seen = reaching(bindings, start(read))
                if any(start(part.loop.node) < binding.position < end(part.loop.node) for binding in seen):
                    return f"{name} has a value before the loop, and would lose it even if the loop does not run"
    return ""


# -- small questions about nodes


def _is_plain(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr))


def _stores(root: ast.AST, name: str) -> int:
    return sum(isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load) for n in ast.walk(root))
