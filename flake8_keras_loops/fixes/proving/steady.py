"""Is what builds the model read from things that nobody changes meanwhile?

A number or a text that is bound once is the same for ever. A list, a dictionary or an object may be changed wherever somebody
has hold of it: by a function that it is handed to, under another name, by a method that runs unseen. In comes what builds a
model, out come the reasons why what it reads may be something else in the next iteration.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...dataflow.parts import is_part
from ...dataflow.variance import declared_elsewhere, writes
from ...knowledge import attributes, effects
from ...knowledge.effects import COMPUTES, LOOKS, MUTATES, PURE, RUNS, TRAINS
from ...semantics import callgraph
from ...semantics.scopes import Scope, callee_name, end, start
from ...semantics.syntax import within
from ...semantics.values import NO_ENV, Api, Cls, Const, Func, Mod, Obj, Value
from ..code_motion import Building
from .feeding import DISPLAYS
from .keys import count_values


def unsteady(part: Building) -> Iterator[str]:
    """Why what is read may change."""
    yield from _unseen_changes(part)
    yield from _stateful_functions(part)
    for node, scope in _read(part):
        yield from _through(node, scope, part)
    for name in sorted(_containers(part)):
        if reason := next(_let_go(name, part), ""):
            yield f"what builds the model reads {name}, which may change: {reason}"
    for name in sorted(part.names - {part.place.holder}):
        if reason := next(_own_let_go(name, part), ""):
            yield f"what builds the model reads {name}, which may change: {reason}"


def _unseen_changes(part: Building) -> Iterator[str]:
    """Ways to change a name or an attribute that do not name it."""
    others = (site for view in part.case.views[1:] for site in view.module.calls)
    for site in (*callgraph.calls(part.repeated, part.case.interpreter), *others):
        if effects.binds_unseen(callee_name(site.node)):
            yield f"{callee_name(site.node)}() is called in the loop"
    for node in (node for view in part.case.views for node in view.syntax.every(ast.Attribute)):
        if node.attr == "__dict__":
            yield f"{ast.unparse(node)} may set anything"


def _stateful_functions(part: Building) -> Iterator[str]:
    """Functions that remember something from call to call: a name of the function around, or a default argument."""
    for scope in part.definitions:
        for node in ast.walk(scope.node):
            if isinstance(node, (ast.Nonlocal, ast.Global)):
                yield f"{getattr(scope.node, 'name', 'a function')}() may give something else at its next call"
            if isinstance(node, (ast.FunctionDef, ast.Lambda)) and any(map(_is_mutable, node.args.defaults)):
                yield f"a default argument of {getattr(node, 'name', 'a lambda')}() may change"


def _is_mutable(value: ast.expr) -> bool:
    return isinstance(value, (ast.List, ast.Dict, ast.Set, ast.Call))


def _read(part: Building) -> Iterator[tuple[ast.Name, Scope]]:
    """The names that are read, in what builds and in the functions of this file that it names, each with its scope."""
    for root in part.nodes:
        for node in ast.walk(root):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in part.read:
                yield node, part.place.scope
    yield from ((node, scope) for scope, node, _ in part.read_around)


def _through(read: ast.Name, scope: Scope, part: Building) -> Iterator[str]:
    """What is asked of an object or module of the project that runs code, or is set there."""
    parent = part.case.syntax.parents.get(read)
    values = part.case.interpreter.eval(read, scope)
    name = parent.attr if isinstance(parent, ast.Attribute) else ""
    for value in values:
        module = part.case.interpreter.project.load(value.path) if isinstance(value, Mod) else None
        if module is not None and name in declared_elsewhere(module.scope):
            yield f"{ast.unparse(parent)} is a global that a function changes"  # type: ignore[arg-type]
        if isinstance(value, Obj) and isinstance(value.of, Cls):
            methods = {node.name for node in ast.walk(value.of.scope.node) if isinstance(node, ast.FunctionDef)}
            is_called = isinstance(parent, ast.Attribute) and part.case.syntax.is_called(parent)
            if (name in methods and not is_called) or any(each.startswith("__get") for each in methods):
                yield f"{ast.unparse(parent or read)} runs code, which may give something else the next time"
            if isinstance(parent, ast.Call) and read in parent.args and "__len__" in methods:
                yield f"{ast.unparse(parent)} runs code, which may give something else the next time"
        if isinstance(value, Api) and effects.is_of_process(name):
            yield f"{ast.unparse(parent or read)} may change"


# -- lists, dictionaries and other objects


def _containers(part: Building) -> set[str]:
    """The names that are read and may hold what can be changed: no numbers, texts, functions, classes or modules, nothing of
    which only attributes or the shape are asked for, and nothing that the loop binds, which has reasons of its own."""
    found = set()
    for node, scope in _read(part):
        values = part.case.interpreter.eval(node, scope)
        is_asked = isinstance(part.case.syntax.parents.get(node), ast.Attribute) or _is_asked_for_size(node, part)
        if node.id in writes(part.loop).names or is_asked or (values and all(map(_is_constant, values))):
            continue
        if count_values(node, scope, part) is None:
            found.add(node.id)
    return found


def _is_constant(value: Value) -> bool:
    return isinstance(value, (Const, Func, Cls, Api, Mod))


def _is_asked_for_size(read: ast.Name, part: Building) -> bool:
    """``len(x)`` of an array, not of a list, which may grow."""
    parent = part.case.syntax.parents.get(read)
    bindings = part.place.scope.bindings_of(read.id)
    is_list = any(isinstance(each.expr, (ast.List, ast.Dict, ast.Set, ast.ListComp)) for each in bindings)
    return isinstance(parent, ast.Call) and callee_name(parent) in attributes.ABOUT_SIZE and not is_list


def _own_let_go(name: str, part: Building) -> Iterator[str]:
    """The same for what the iteration makes itself: a new collection is its own once the model is complete."""
    scope = part.place.scope
    made = [each for each in scope.bindings_of(name) if each.expr is not None and part.contains(each.expr)]
    read = next((node for node in part.case.syntax.reads(name, part.place.function) if part.contains(node)), None)
    if read is None or not any(isinstance(each.expr, (ast.Call, *DISPLAYS)) and each.kind == "value" for each in made):
        return
    values = part.case.interpreter.eval(read, scope)
    if (values and all(_is_constant(value) or is_part((value,)) for value in values)) or count_values(
        read, scope, part
    ) is not None:
        return
    is_new = all(isinstance(each.expr, DISPLAYS) for each in made if each.kind != "item")
    yield from _given_or_changed(name, part, part.place.ready if is_new else None)


def _let_go(name: str, part: Building) -> Iterator[str]:
    """Where somebody else gets hold of what a name holds, or it is changed: beside building the model, and from the loop on."""
    for binding in part.place.scope.bindings_of(name):
        made = binding.expr
        if isinstance(made, ast.GeneratorExp) or (isinstance(made, ast.Call) and effects.is_used_up(callee_name(made))):
            yield "it is used up"
    yield from _given_or_changed(name, part, None)


def _given_or_changed(name: str, part: Building, until: ast.stmt | None) -> Iterator[str]:
    """``until``: the statement after which it does not matter any more."""
    syntax = part.case.syntax
    building = [*part.nodes, *(scope.node for scope in part.definitions)]
    for node in syntax.every(ast.Name):
        if node.id != name or not isinstance(node.ctx, ast.Load) or any(within(node, each) for each in building):
            continue
        if until is not None and start(node) > end(until):
            continue
        top: ast.AST = node
        while isinstance(syntax.parents.get(top), ast.Subscript) and syntax.parents[top].value is top:  # type: ignore[attr-defined]
            top = syntax.parents[top]
        parent = syntax.parents.get(top)
        runs = (
            within(node, part.loop.node)
            or not isinstance(syntax.function(node), ast.Module)
            or start(node) > start(part.loop.node)
        )
        if isinstance(parent, ast.Attribute) and runs:
            if syntax.is_called(parent) and effects.does(parent.attr, MUTATES):
                yield f"{ast.unparse(parent)}() in line {node.lineno}"
        elif isinstance(parent, (ast.Call, ast.keyword, ast.Starred)) and runs:
            call = next((each for each in (parent, *syntax.above(parent)) if isinstance(each, ast.Call)), None)
            if call is not None and call.func is not top and not _only_looks(call, parent) and not _builds(call, part):
                yield f"{ast.unparse(call.func)}() in line {node.lineno} gets it"
        elif isinstance(parent, (ast.Assign, ast.AnnAssign)) and parent.value is top and top is node:
            yield f"line {node.lineno} gives it another name"
        elif isinstance(parent, (ast.List, ast.Dict, ast.Set, ast.arguments, ast.Return, ast.Yield)) and top is node:
            yield f"line {node.lineno} hands it on"


def _builds(call: ast.Call, part: Building) -> bool:
    """Whether a call is of what builds the model, and looked at itself."""
    callees = part.case.interpreter.callees(call, part.case.module.scope, NO_ENV)
    return bool(callees) and all(isinstance(value, Func) and value.scope in part.definitions for value in callees)


def _only_looks(call: ast.Call, argument: ast.AST) -> bool:
    """Whether a function leaves what it is given alone; ``np.add(sizes, 1, out=sizes)`` does not."""
    if isinstance(argument, ast.keyword) and argument.arg == "out":
        return False
    name = callee_name(call)
    return any(effects.does(name, effect) for effect in (PURE, LOOKS, COMPUTES, TRAINS, RUNS))
