"""What a child process has by importing the script again, as ``spawn`` makes it do (``multiprocessing.spawn.prepare``).

It runs every statement of the file that no ``if __name__ == "__main__":`` guards. So the loop must stand behind one, what runs
again must do no harm, and what the child reads of the file must be there and be the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ...dataflow.variance import declared_elsewhere
from ...knowledge import effects, keras, modes, pickled
from ...knowledge.effects import FORKS, MUTATES, PURE, RUNS, SAVES, SEEDS, STORES, TRAINS
from ...semantics import callgraph
from ...semantics.binding import arguments, given, is_literal, keyword
from ...semantics.interpreter import Interpreter
from ...semantics.scopes import Binding, CallSite, Module, Scope, callee_name, start
from ...semantics.syntax import base, scoped, syntax_of, variable, walk, within
from ...semantics.values import NO_ENV, Api, Func, dotted
from ..plans import Case, Why

_GUARD = 'put what the script runs under if __name__ == "__main__":'
_MAX_DEPTH = 8


# -- where the loop stands


def stands_behind_guard(case: Case) -> Iterator[str | Why]:
    """A child that imports the file must not come to the loop, and somebody must."""
    if case.module.path.endswith(".ipynb"):
        yield Why("a child process cannot import what a notebook defines", "put the loop's functions into a module")
    leading = list(leading_to(case.loop.node, case))
    for node in leading:
        if not is_guarded(node, case.module):
            what = "the loop runs" if node is case.loop.node else f"line {start(node)[0]} comes to the loop"
            yield Why(f"{what} as the file is imported, and a child process imports it again", _GUARD)
    if not leading:
        name = getattr(case.function, "name", "")
        yield f'{name}() is not called in this file, so it is not seen that it runs under if __name__ == "__main__":'


def leading_to(target: ast.AST, case: Case) -> Iterator[ast.AST]:
    """What the module's own level comes to a node by: the node itself, or where a function is named that does."""
    seen: set[ast.AST] = set()
    todo: list[ast.AST] = [target]
    while todo:
        node = todo.pop()
        function = case.syntax.function(node)
        if isinstance(function, ast.Module):
            yield node
        elif isinstance(function, ast.Lambda):
            todo.append(function)
        elif function not in seen:
            seen.add(function)
            todo += _mentions(getattr(function, "name", ""), function, case)


def _mentions(name: str, function: ast.AST, case: Case) -> Iterator[ast.AST]:
    """Where a function is named, but for its own body."""
    names = [node for node in case.syntax.every(ast.Name) if node.id == name and isinstance(node.ctx, ast.Load)]
    methods = [node for node in case.syntax.every(ast.Attribute) if node.attr == name]
    yield from (node for node in (*names, *methods) if not within(node, function))


def is_guarded(node: ast.AST, module: Module) -> bool:
    """Whether a node stands under the ``if __name__ == "__main__":`` of its module."""
    syntax = syntax_of(module)
    top = node if node in module.tree.body else syntax.top(node)
    return isinstance(top, ast.If) and _is_main(top.test) and any(within(node, part) for part in top.body)


def _is_main(test: ast.expr) -> bool:
    return ast.unparse(test) in {"__name__ == '__main__'", "'__main__' == __name__"}


# -- what runs again


def runs_again(case: Case) -> Iterator[str | Why]:
    """What the file runs as it is imported must only set up: neither train nor print, write, or do what is not seen."""
    module = case.module
    for site in module.calls:
        if isinstance(case.syntax.function(site.node), (ast.Module, ast.ClassDef)) and not is_guarded(site.node, module):
            if does := _does(site, case.interpreter, is_alone=isinstance(case.syntax.parents[site.node], ast.Expr)):
                yield Why(
                    f"{ast.unparse(site.node.func)}() in line {site.node.lineno} {does} again in every child process", _GUARD
                )


def _does(site: CallSite, interpreter: Interpreter, is_alone: bool, depth: int = 0) -> str:
    """What a call does that is not to happen again, ``""`` for nothing. ``is_alone``: what it gives is not used."""
    name, values = callee_name(site.node), interpreter.callees(site.node, site.scope, NO_ENV)
    functions = [value for value in values if isinstance(value, Func)]
    for function in functions if depth < _MAX_DEPTH else ():
        for inner in function.scope.module.calls_within(function.scope.node):
            if does := _does(inner, interpreter, False, depth + 1):
                return does
    if functions or effects.does(name, SEEDS):
        return ""
    if effects.does(name, TRAINS | RUNS) and isinstance(site.node.func, ast.Attribute):
        return "runs a model"
    names = [dotted(value) for value in values] or [ast.unparse(site.node.func)]
    if effects.does(name, SAVES | FORKS) or any(map(effects.changes_files, names)):
        return "would run"
    if effects.talks(name) and isinstance(site.node.func, ast.Name):
        return "would run"
    if any(map(pickled.makes_folder, names)) and not is_literal(keyword(site.node, "exist_ok"), True):
        return "makes a folder"
    is_known = any(map(pickled.sets_up, names)) or effects.effects(name) or name[:1].isupper()
    is_elsewhere = any(modes.is_unknown_module(dotted(value)) for value in values if dotted(value))
    return "would run" if not is_known and (is_alone or is_elsewhere) else ""


def sets_up_elsewhere(case: Case, moved: Iterable[ast.AST]) -> Iterator[str | Why]:
    """Keras's settings, and TensorFlow's, are made where a child makes them too."""
    roots = [(node, case.loop.scope) for node in moved]
    inside = [*moved, *(scope.node for scope in callgraph.called(roots, case.interpreter) if scope.module is case.module)]
    for site in case.module.calls:
        names = [value.name for value in case.interpreter.callees(site.node, site.scope, NO_ENV) if isinstance(value, Api)]
        is_config = any(name.startswith("tensorflow.config.") for name in names)
        if not is_config and not (modes.sets_for_all(callee_name(site.node)) and (names or site.node.args)):
            continue
        is_at_import = isinstance(case.syntax.function(site.node), ast.Module) and not is_guarded(site.node, case.module)
        if not is_at_import and not any(within(site.node, part) for part in inside):
            called = ast.unparse(site.node.func)
            at_top = f"call {called}() at the top of the file"
            yield Why(f"{called}() in line {site.node.lineno} sets what a child process does not have", at_top)


# -- what is there


def lacks_global(name: str, scope: Scope, interpreter: Interpreter) -> str:
    """Why a child has not got the variable of a module as it is here, ``""`` where it has."""
    module = scope.module
    if name in declared_elsewhere(module.scope):
        return "a function changes it"
    bindings = module.scope.bindings[name]
    if any(_is_behind_guard(binding, module) for binding in bindings):
        return 'a child process does not run if __name__ == "__main__":'
    if not all(is_steady(binding, interpreter) for binding in bindings):
        return "every child process would make it anew"
    return ""


def _is_behind_guard(binding: Binding, module: Module) -> bool:
    return binding.node is not None and is_guarded(binding.node, module)


def is_steady(binding: Binding, interpreter: Interpreter, depth: int = 0) -> bool:
    """Whether running a module again binds a name to the same: an import, a definition, a constant, or what is made of those."""
    if binding.kind in {"import", "def", "class"}:
        return True
    if binding.kind != "value" or binding.expr is None or depth > _MAX_DEPTH:
        return False
    return _is_steady(binding.expr, binding.scope, interpreter, depth + 1)


def _is_steady(root: ast.expr, scope: Scope, interpreter: Interpreter, depth: int) -> bool:
    for node, inner in scoped(root, scope):
        if isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)):
            return False
        if isinstance(node, ast.Call) and not _gives_the_same(node, inner, interpreter):
            return False
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            owner = inner.owner(node.id)
            if owner is scope.module.scope and not all(is_steady(b, interpreter, depth) for b in owner.bindings[node.id]):
                return False
    return True


def _gives_the_same(call: ast.Call, scope: Scope, interpreter: Interpreter) -> bool:
    name, values = callee_name(call), interpreter.callees(call, scope, NO_ENV)
    names = [dotted(value) for value in values if dotted(value)]
    if any(map(effects.is_stateful, names)):
        return False
    if any(map(pickled.gives_the_same, names)) or any(map(effects.makes_path, names)):
        return True
    is_class = any(each.startswith(("keras.", "tensorflow.")) and keras.last(each)[:1].isupper() for each in names)
    return is_class or (effects.does(name, PURE) and not any(isinstance(value, Func) for value in values))


def reads_what_is_there(case: Case, roots: list[tuple[ast.AST, Scope]]) -> Iterator[str]:
    """The functions and classes that run in the child read no more of their modules than it has, and change nothing there."""
    for scope in callgraph.named(roots, case.interpreter):
        if any(within(scope.node, root) for root, _ in roots) and scope.module is case.module:
            continue  # it moves
        name = f"{getattr(scope.node, 'name', 'a lambda')}()"
        module = scope.module.scope
        if "global" in scope.outer_names.values():
            yield f"{name} sets a global name, which would be that of the child process alone"
        for node, inner in scoped(scope.node, scope):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and inner.owner(node.id) is module:
                if reason := lacks_global(node.id, scope, case.interpreter):
                    yield f"{name} reads {node.id}, but {reason}"
        for changed, inner in _changed(scope.node, scope):
            if inner.owner(changed) is module and not _only_imports(module.bindings[changed]):
                yield f"{name} changes {changed}, which would be that of the child process alone"


def _only_imports(bindings: list[Binding]) -> bool:
    return all(binding.kind == "import" for binding in bindings)


def _changed(root: ast.AST, scope: Scope) -> Iterator[tuple[str, Scope]]:
    for node, inner in scoped(root, scope):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield base(node), inner
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and effects.does(node.func.attr, MUTATES | STORES)
        ):
            yield variable(node.func.value), inner


# -- what is handed over must not be changed there


def changes(names: set[str], root: ast.AST, scope: Scope, interpreter: Interpreter, depth: int = 0) -> Iterator[str]:
    """Why what some names hold may be another thing after a part of a module ran: in a child, that would be lost."""
    names = _with_aliases(names, root)
    for node in ast.walk(root):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            if (name := base(node)) in names:
                yield f"{name} is stored into in line {node.lineno}, which would be lost in a child process"
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in names:
            yield f"{node.target.id} is changed in line {node.lineno}, which would be lost in a child process"
        elif isinstance(node, ast.Call):
            yield from _changed_by(node, names, scope, interpreter, depth)


def _changed_by(call: ast.Call, names: set[str], scope: Scope, interpreter: Interpreter, depth: int) -> Iterator[str]:
    name, func = callee_name(call), call.func
    values = interpreter.callees(call, scope, NO_ENV)
    lost = f"{ast.unparse(func)}() in line {call.lineno} may change {{}}, which would be lost in a child process"
    if isinstance(func, ast.Attribute) and variable(func.value) in names and effects.may_mutate(name):
        if not any(isinstance(value, Func) for value in values):
            yield lost.format(variable(func.value))
    if any(isinstance(value, Api) for value in values) and effects.does(name, MUTATES):  # np.random.shuffle(x)
        yield from (lost.format(base(value)) for value in call.args if base(value) in names)
    for value in values if depth < _MAX_DEPTH else ():
        if isinstance(value, Func) and not isinstance(value.scope.node, ast.Lambda):
            handed = {inner for inner, argument in given(call, value).items() if variable(argument) in names}
            if handed and any(changes(handed, value.scope.node, value.scope, interpreter, depth + 1)):
                yield lost.format(", ".join(sorted({variable(a) for a in arguments(call)} & names)))


def _with_aliases(names: set[str], root: ast.AST) -> set[str]:
    """``part = xs[0]``: what is changed in ``part`` is changed in ``xs``."""
    found = set(names)
    for node in walk([root]):
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute, ast.Subscript)):
            if variable(node.value) in found:
                found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found
