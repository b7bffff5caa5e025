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

from ..dataflow.invariance import changing_names
from ..dataflow.loops import around, body, targets
from ..dataflow.steady import puts_path_together
from ..semantics.scopes import Loop, Scope, callee_name, end, reaching, start
from ..semantics.syntax import base, is_same, within
from ..semantics.values import NO_ENV, Cls, Func, Mod, Obj, Value, dotted, leaves
from .conditions import Case, failing, require
from .construction_site import Home
from .leftovers import leftovers
from .lifetime import Lifetime, Problem

_PREPARING = frozenset({"compile", "add", "build", "pop"})
_MUTATING = frozenset({"append", "add", "extend", "insert", "update", "pop", "remove", "clear", "setdefault", "sort", "reverse"})
_PURE = frozenset(
    {"len", "int", "float", "str", "bool", "tuple", "list", "dict", "set", "range", "min", "max", "sum", "abs", "round", "zip"}
    | {"enumerate", "reversed", "sorted", "isinstance", "partial", "getattr", "hasattr", "type", "super", "format", "join"}
)
_UNREPEATABLE = frozenset({"random", "secrets", "uuid", "time", "datetime"})
_MAX_DEFINITIONS = 100


@dataclass(frozen=True, eq=False)
class Building:
    """What builds the model of ``home``, to stand before ``loop``.

    ``statements``: those that move, in the order of the text. ``lifted``: the construction, where it alone moves and its
    statement stays. ``missing``: why not all of what they read can move with them, ``""`` if it can.
    """

    case: Case
    home: Home
    loop: Loop
    statements: tuple[ast.stmt, ...]
    lifted: ast.Call | None
    missing: str

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All that moves."""
        return (*self.statements, self.lifted) if self.lifted is not None else self.statements

    @cached_property
    def names(self) -> frozenset[str]:
        """Names that the statements bind, the model's own among them."""
        own = {self.home.holder} if self.home.built in self.statements else set[str]()
        return frozenset(own | {name for statement in self.statements for name in _stored(statement)})

    @cached_property
    def definitions(self) -> tuple[Scope, ...]:
        """The functions and classes of the project that are named, and those that these name."""
        return tuple(_named_definitions(self))

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What speaks against using one model in the place of every iteration's, within the loop."""
        syntax = self.case.syntax
        found = [*Lifetime(self.case.resolver, syntax).problems(self.home), *leftovers(self.home, self.case.examined, syntax)]
        function = self.home.function
        return tuple(p for p in found if within(p.node, self.loop.node) or syntax.function(p.node) is not function)

    def contains(self, node: ast.AST) -> bool:
        """Whether a node moves."""
        return any(within(node, moved) for moved in self.nodes)


def outermost(case: Case, home: Home, required: Sequence[Callable[[Building], str]], with_compile: bool) -> Building:
    """What moves before the outermost loop that allows it. Raises ``NoFixError`` where even the innermost does not.

    ``with_compile``: ``compile()`` moves too; without it the construction may move alone, and its statement stays.
    """
    found: Building | None = None
    for loop in around(home.loop or case.loop):
        part = _building(case, home, loop, with_compile)
        if found is None:
            require(part, required)
        elif any(failing(part, required)):
            break
        found = part
    assert found is not None
    return found


def _building(case: Case, home: Home, loop: Loop, with_compile: bool) -> Building:
    suite = case.syntax.suite(home.built)
    preparing = {s for s in suite if start(home.built) < start(s) <= end(home.ready) and _prepares(s, home.holder, with_compile)}
    lifted = home.call if not with_compile and not preparing else None
    chosen: set[ast.stmt] = set() if lifted else {home.built, *preparing}
    changing = changing_names(loop) | set(_defined(loop))
    missing = ""
    todo: list[ast.AST] = [lifted] if lifted else list(chosen)
    while todo and not missing:
        node = todo.pop()
        for name in sorted(_read(node) & changing - {home.holder}):
            feeding = [s for s in suite if start(s) < start(node) and name in _stored(s)]
            stores = sum(_stores(s, name) for s in suite if _is_plain(s))
            if not feeding or stores != _stores(loop.node, name):
                missing = f"what builds the model reads {name}, which every iteration binds"
                break
            todo += [s for s in feeding if s not in chosen]
            chosen.update(feeding)
    return Building(case, home, loop, tuple(sorted(chosen, key=start)), lifted, missing)


def _prepares(statement: ast.stmt, holder: str, with_compile: bool) -> bool:
    """``model.compile(...)``, ``model.add(...)``, ``model.trainable = False``"""
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_same(node.func.value, holder):
            if node.func.attr in _PREPARING and (with_compile or node.func.attr != "compile"):
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
    home = part.home
    if home.loop is None:
        return f"{getattr(home.function, 'name', 'a function')}(), which the loop calls, builds and uses the model"
    for parent in part.case.syntax.above(home.loop.node):
        if parent is part.loop.node or home.loop is part.loop:
            break
        if not isinstance(parent, (ast.For, ast.AsyncFor, ast.While, ast.If)):
            return "a with or try stands between the loops"
    return ""


def is_plain(part: Building) -> str:
    """What moves are simple statements of the loop's own body."""
    for statement in part.statements:
        if not _is_plain(statement):
            return f"the block in line {statement.lineno} prepares the model"
        if part.home.loop is None or statement not in body(part.home.loop):
            return "the model is built in a block of its own, not directly in the loop's body"
    return ""


def reads_invariants(part: Building) -> str:
    """Nothing that is read changes from one iteration to the next."""
    return part.missing or _is_stored_into(part) or _changes_in_definitions(part)


def _is_stored_into(part: Building) -> str:
    """Stores into attributes and items of what is read, and methods that change it."""
    read = {name for node in part.nodes for name in _read(node)} - part.names
    texts = {ast.unparse(n) for moved in part.nodes for n in ast.walk(moved) if isinstance(n, ast.Attribute)}
    attributes = {n.attr for scope in part.definitions for n in ast.walk(scope.node) if isinstance(n, ast.Attribute)}
    for node in ast.walk(part.loop.node):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load) and not part.contains(node):
            text, name = ast.unparse(node), base(node)
            is_read = name in read and (name != "self" or text in texts or getattr(node, "attr", "") in attributes)
            values = part.case.resolver.eval(node.value, part.loop.scope)
            if is_read or (isinstance(node, ast.Attribute) and any(isinstance(value, Mod) for value in values)):
                return f"what builds the model may read {text}, which the loop sets"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATING:
            if base(node.func.value) in read - {"self"} and not part.contains(node):
                return f"what builds the model reads {base(node.func.value)}, which {ast.unparse(node.func)}() changes"
    return ""


def _changes_in_definitions(part: Building) -> str:
    """Functions that are named must not read what the loop binds, or what any function declares ``global``."""
    changing = changing_names(part.loop)
    module = part.case.examined.module
    declared = {name for scope in module.scope_of.values() for name in scope.outer_names}
    for definition in part.definitions:
        if definition.module is not module:
            continue
        for node, scope in part.case.syntax.scoped(definition.node, definition):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in changing | declared:
                owner = _owner(node.id, scope)
                name = getattr(definition.node, "name", "a lambda")
                if owner is part.loop.scope.function() and node.id in changing:
                    return f"{name} reads {node.id}, which every iteration binds"
                if owner is module.scope and node.id in declared:
                    return f"{name} reads {node.id}, a global that a function changes"
    return ""


def repeats_nothing(part: Building) -> str:
    """Nothing that is called draws random numbers, sets a seed, or reads a clock, file or iterator."""
    for root, scope in _roots(part):
        for node, inner in part.case.syntax.scoped(root, scope):
            if isinstance(node, ast.Call) and _is_unrepeatable(node, inner, part):
                return f"{ast.unparse(node.func)}() has to be called in every iteration"
    for node in (inner for moved in part.nodes for inner in ast.walk(moved)):
        if isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)):
            return "what builds the model has an effect of its own"
    for statement in part.statements:
        if statement is part.home.built or _prepares(statement, part.home.holder, True):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and not _is_of_keras(node, part):
                return f"{ast.unparse(node.func)}() in line {statement.lineno} may do more than build the model"
    return ""


def _is_unrepeatable(call: ast.Call, scope: Scope, part: Building) -> bool:
    if isinstance(call.func, ast.Name) and call.func.id in {"open", "next", "input"}:
        return True
    if callee_name(call) in {"set_random_seed", "set_seed"}:
        return True
    values = part.case.resolver.callees(call, scope, NO_ENV)
    for name in [dotted(value) for value in values] or [ast.unparse(call.func)]:
        *owners, last = name.split(".")
        if _UNREPEATABLE & set(owners) and last != "SeedGenerator":
            return True
    return False


def _is_of_keras(call: ast.Call, part: Building) -> bool:
    """Whether a call makes a part of a model, or only reckons."""
    if callee_name(call) in _PURE:
        return True
    scope = part.loop.scope
    callees = part.case.resolver.callees(call, scope, NO_ENV)
    if callees and all(_is_keras(value) or puts_path_together(dotted(value)) for value in callees):
        return True
    return any(_is_keras(value) for value in leaves(part.case.resolver.eval(call, scope)))


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
            first = part.home.built if name == part.home.holder else part.statements[-1]
            if start(node) < start(first):
                return f"{name} is used in line {node.lineno}, before the new model is complete"
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


# -- a free name


# -- small questions about nodes


def _is_plain(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr))


def _stores(root: ast.AST, name: str) -> int:
    return sum(isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load) for n in ast.walk(root))


def _stored(root: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(root) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}


def _read(root: ast.AST) -> set[str]:
    """Names that are read from around a node: not the variables of its own comprehensions and lambdas."""
    names = {n.id for n in ast.walk(root) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    own: set[str] = set()
    for node in ast.walk(root):
        if isinstance(node, ast.comprehension):
            own |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.Lambda):
            own |= {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    return names - own


def _defined(loop: Loop) -> Iterator[str]:
    """Names that an iteration binds otherwise than by assignment."""
    yield from targets(loop)
    for statement in body(loop):
        for node in ast.walk(statement):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield node.name
            elif isinstance(node, ast.alias):
                yield (node.asname or node.name).partition(".")[0]
            elif isinstance(node, ast.ExceptHandler) and node.name:
                yield node.name


def _roots(part: Building) -> Iterator[tuple[ast.AST, Scope]]:
    for node in part.nodes:
        yield node, part.home.scope
    for scope in part.definitions:
        yield scope.node, scope


def _named_definitions(part: Building) -> Iterator[Scope]:
    seen: set[Scope] = set()
    todo: list[tuple[ast.AST, Scope]] = [(node, part.home.scope) for node in part.nodes]
    while todo and len(seen) < _MAX_DEFINITIONS:
        root, scope = todo.pop()
        for node, inner in part.case.syntax.scoped(root, scope):
            if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load) or is_same(node, "self"):
                continue
            for value in part.case.resolver.eval(node, inner):
                found = value.of if isinstance(value, Obj) else value
                if isinstance(found, (Func, Cls)) and found.scope not in seen:
                    seen.add(found.scope)
                    todo.append((found.scope.node, found.scope))
                    yield found.scope


def _owner(name: str, scope: Scope) -> Scope | None:
    """The scope whose variable a name is, seen from ``scope``."""
    current: Scope | None = scope
    while current is not None:
        if name in current.bindings and (current is scope or current.kind != "class"):
            return current
        current = current.parent
    return None
