"""A loop calls a function of another file that builds and uses the model: the fix is an edit of that file.

The construction, and all that is asked about it, is looked at in the file that the function stands in; the loop's file says what
varies, and is looked through with it for what could tell a kept model from a new one.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ...dataflow.construction import Construction
from ...dataflow.objects.holders import class_of
from ...dataflow.summaries import Factories
from ...examine import Examined
from ...semantics import callgraph
from ...semantics.interpreter import Interpreter
from ...semantics.scopes import CallSite, Loop, Module, Scope, callee_name
from ...semantics.syntax import is_same, scoped, syntax_of
from ...semantics.values import Mod
from ..construction_site import constructions_in
from ..edits import Before, Edit, Helper
from ..outcome import Objection, Severity
from ..plans import Case, ElsewhereError, Plan, RefusedError, Taken

#: What is said where the other file is not fixed in the same run.
FIX_BOTH = "fix it there, or run keras-loop-fix on both files"
_CHANGING = re.compile(r"\b(?:setattr|delattr|patch|monkeypatch|exec)\b")


@dataclass(frozen=True)
class Into:
    """The file that the edits are for: its path, what its fixes agree on, and whether a code is silenced in a line of it."""

    path: str
    taken: Taken
    is_silenced: Callable[[int, str], bool]


def follow(case: Case, error: ElsewhereError) -> tuple[Case, list[Construction]]:
    """The case as seen from the file that the function stands in, and where that builds. Raises :class:`RefusedError`.

    The function is one of the module's own: a method would be shared by objects that the loop's file may make of a subclass.
    """
    while True:
        scope, module = error.func.scope, error.func.scope.module
        bindings = module.scope.bindings.get(getattr(scope.node, "name", ""), [])
        is_whole = module.path not in case.interpreter.project.broken  # of others, no line can be changed
        if [binding.node for binding in bindings] != [scope.node] or not is_whole:
            raise RefusedError(error.objection)
        case = _seen_from(case, module, error)
        if case.is_graph_mode:
            raise RefusedError(error.objection)
        try:
            places = constructions_in(error.func, case, error.path)
        except ElsewhereError as further:
            error = further
        else:
            if any(class_of(place) is not None for place in places):  # what the other files do with the object is not seen
                raise RefusedError(error.objection)
            return case, places


def _seen_from(case: Case, module: Module, error: ElsewhereError) -> Case:
    options, detection = case.settings.options, case.detection
    others = tuple(other for other in dict.fromkeys((case.module, *case.others)) if other is not module)
    interpreter = Interpreter(case.interpreter.project, module, others)
    factories = Factories(interpreter, options.builders, options.clearers)
    if not error.path and detection.search is not None:  # what the search calls is the loop
        loop = Loop(error.func.scope.node, error.func.scope, None)
        site = CallSite(detection.site.node, error.func.scope, loop)
        detection = replace(detection, site=site, loop=loop, search=replace(detection.search, loop=loop))
    examined = Examined(module, factories, ())
    return Case(detection, examined, syntax_of(module), case.settings, case.why_not_imported, others)


# -- what the other files may do


def reasons(case: Case) -> Iterator[str]:
    """What the files that lead to the function do that the function's own file does not show."""
    roots: list[tuple[ast.AST, Scope]] = [(view.module.tree, view.module.scope) for view in case.views[1:]]
    called = callgraph.called([(case.loop.node, case.loop.scope)], case.interpreter)
    roots += [(scope.node, scope) for scope in called if scope.module is not case.module]
    for root, scope in roots:
        for node, inner in scoped(root, scope):
            if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
                if any(_is_module(owner, inner, case) for owner in _owners(node)) or _may_set_name(node, inner, case):
                    yield f"{file_name(inner.module)} sets {ast.unparse(node)}"
            elif isinstance(node, ast.Call) and _CHANGING.search(ast.unparse(node.func)):
                yield f"{file_name(inner.module)} calls {ast.unparse(node.func)}(), which may change what the function reads"


def _owners(node: ast.expr) -> Iterator[ast.expr]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
        yield node


def _is_module(node: ast.expr, scope: Scope, case: Case) -> bool:
    """Whether something is a module of the project, or the dictionary of its names."""
    if isinstance(node, ast.Call) and callee_name(node) == "vars":
        return True
    return any(isinstance(value, Mod) for value in case.interpreter.eval(node, scope))


def _may_set_name(node: ast.expr, scope: Scope, case: Case) -> bool:
    """``sys.modules["folds"].build = own``: something unknown, which may be the module, gets an attribute of that name."""
    if not isinstance(node, ast.Attribute) or node.attr not in case.module.scope.bindings or is_same(node.value, "self"):
        return False
    return not case.interpreter.eval(node.value, scope)


def file_name(module: Module) -> str:
    """How a file is called in what is said of it."""
    return os.path.basename(module.path)


# -- what the edits may clash with


def check_edits(edits: Iterable[Edit], places: Iterable[Construction], case: Case, into: Into) -> None:
    """Raises :class:`RefusedError` where a line is silenced, or where another file may have use for a name that is written."""
    for place in places:
        for code in (case.code, "KL101", "KL102"):
            if into.is_silenced(place.call.lineno, code):
                raise RefusedError(f"line {place.call.lineno} has # noqa")
    written = {name for edit in edits for name in _names(edit)}
    for view in case.views[1:]:
        attributes = {node.attr for node in view.syntax.every(ast.Attribute)}
        is_starred = bool(view.module.scope.stars)
        for name in sorted(written):
            if name in attributes or (is_starred and view.syntax.free_name(name) != name):
                raise RefusedError(f"{file_name(view.module)} uses the name {name}")


def _names(edit: Edit) -> Iterator[str]:
    if isinstance(edit, Helper):
        yield edit.name
    elif isinstance(edit, Before):
        tree = ast.parse(edit.code)
        yield from (n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


# -- several findings may lead to one construction


def agreed(plans: list[Plan], taken: Taken) -> list[Plan]:
    """The plans, each with what speaks against the others that lead to the same construction: the edit is one for all of them."""
    led = [_calls(plan, taken) for plan in plans]
    found = []
    for plan, calls in zip(plans, led):
        reasons = {
            each.reason: Objection(each.reason, Severity.UNSAFE)
            for other, others in zip(plans, led)
            if plan.edits and calls & others
            for each in other.objections
        }
        own = {each.reason for each in plan.objections}
        also = (objection for reason, objection in reasons.items() if reason not in own)
        found.append(replace(plan, objections=(*plan.objections, *also)))
    return found


def _calls(plan: Plan, taken: Taken) -> set[ast.AST]:
    """The constructions that a plan is about, as far as that is known."""
    return {*plan.calls, *(call for call, made in taken.edits.items() if made and set(made) <= set(plan.edits))}
