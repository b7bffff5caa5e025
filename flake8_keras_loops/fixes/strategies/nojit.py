"""``compile(..., jit_compile=False)``: on request, where models differ from iteration to iteration and nothing can be kept.

Keras 3 with TensorFlow compiles with XLA on a GPU unless told not to, and short trainings do not earn the compilation back. It
changes the last bits of results, so it is never safe; the model is still built and traced again in every iteration.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...dataflow.carried import Carried
from ...knowledge import modes
from ...semantics.scopes import Scope, callee_name
from ...semantics.syntax import is_same, scoped, within
from ...semantics.values import NO_ENV, Api, Func, Method
from ..context import is_graph_mode
from ..edits import Argument
from ..plans import Case, Draft, Taken, doubts, require

_MAX_DEPTH = 4


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``nojit`` for a finding. ``taken`` is not used. Raises ``RefusedError``."""
    require(case, REQUIRED)
    edits = tuple(Argument(call, "jit_compile", "False") for call, _ in _compiles(case))
    return Draft(edits, tuple(doubts([DOUBT])), leaves=(case.detection.finding.code,))


#: It is never safe.
DOUBT = "without XLA the last bits of results change; it pays on a GPU with TensorFlow, for short trainings"


# -- what the fix cannot do without


def _is_new_enough(case: Case) -> str:
    module = case.examined.module
    if is_graph_mode(module):
        return "in graph mode nothing is compiled with XLA unless asked for"
    imports = [b.target for scope in module.scope_of.values() for bs in scope.bindings.values() for b in bs if b.kind == "import"]
    old = next(filter(None, map(modes.OLD_MODULE.match, (*imports, *module.scope.stars))), None)
    if old:
        return f"{old[0]} is of a Keras version that has no jit_compile"
    for site in module.calls:
        for keyword in site.node.keywords:
            if keyword.arg in modes.OLD_ARGUMENTS and callee_name(site.node)[:1].isupper() | (keyword.arg == "nb_epoch"):
                return f"the argument {keyword.arg} is of a Keras version that has no jit_compile"
    return ""


def _is_compiled_here(case: Case) -> str:
    """The ``compile()`` of the loop's model is found, in this file."""
    found = list(_compiles(case))
    elsewhere = next((scope.module.path for _, scope in found if scope.module is not case.examined.module), "")
    if elsewhere:
        return f"compile() is in {elsewhere}: change it there"
    return "" if found else "the compile() of the model is not found in this file"


def _is_not_decided_yet(case: Case) -> str:
    for call, _ in _compiles(case):
        for keyword in call.keywords:
            if keyword.arg == "jit_compile":
                return f"compile() in line {call.lineno} has jit_compile already"
            if keyword.arg is None:
                return f"compile() in line {call.lineno} has ** arguments, which may have jit_compile"
            if keyword.arg == "run_eagerly":
                return f"compile() in line {call.lineno} has run_eagerly, which decides what is compiled"
        if any(isinstance(argument, ast.Starred) for argument in call.args):
            return f"compile() in line {call.lineno} has * arguments, which may have jit_compile"
    return ""


def _is_kerass_own(case: Case) -> str:
    """A ``compile()`` of the user's own may not know the argument."""
    for call, scope in _compiles(case):
        if any(isinstance(value, Func) for value in case.interpreter.callees(call, scope, NO_ENV)):
            return f"compile() in line {call.lineno} is the project's own"
    return ""


#: Without these there is no fix.
REQUIRED = (_is_new_enough, _is_compiled_here, _is_kerass_own, _is_not_decided_yet)


# -- looking around


def _compiles(case: Case) -> Iterator[tuple[ast.Call, Scope]]:
    """The calls that compile the model of the finding: in the loop, or in a function that leads to or gets the model."""
    site, loop = case.detection.site, case.loop
    names = Carried(case.examined.factories, site.node, site.scope, loop, is_model=True).names | set(_targets(case))
    seen: set[Scope] = set()
    leading = [(site.node, site.scope)]
    for call, scope, _ in case.examined.module.calls:
        if not within(call, loop.node):
            continue
        if callee_name(call) == "compile" and isinstance(call.func, ast.Attribute):
            if any(is_same(call.func.value, name) for name in names) and _is_of_model(call, scope, case):
                yield call, scope
        elif any(is_same(argument, name) for argument in call.args for name in names):
            leading.append((call, scope))
    for call, scope in leading:
        yield from _inside(call, scope, case, 0, seen)


def _targets(case: Case) -> Iterator[str]:
    """``self.model`` of ``self.model = build()``."""
    statement = case.syntax.statement(case.detection.site.node)
    if isinstance(statement, ast.Assign) and statement.value is case.detection.site.node:
        yield from (ast.unparse(target) for target in statement.targets)


def _inside(call: ast.Call, scope: Scope, case: Case, depth: int, seen: set[Scope]) -> Iterator[tuple[ast.Call, Scope]]:
    """The ``compile()`` calls in the functions that a call leads to."""
    for value in case.interpreter.callees(call, scope, NO_ENV):
        if not isinstance(value, Func) or value.scope in seen:
            continue
        seen.add(value.scope)
        for node, inner in scoped(value.scope.node, value.scope):
            if not isinstance(node, ast.Call):
                continue
            if callee_name(node) == "compile" and isinstance(node.func, ast.Attribute) and _is_of_model(node, inner, case):
                yield node, inner
            elif depth < _MAX_DEPTH:
                yield from _inside(node, inner, case, depth + 1, seen)


def _is_of_model(call: ast.Call, scope: Scope, case: Case) -> bool:
    """Whether a ``compile()`` is that of a Keras model, not of ``re``."""
    values = case.interpreter.callees(call, scope, NO_ENV)
    if values:
        return any(isinstance(value, (Func, Method)) for value in values) and not all(isinstance(v, Api) for v in values)
    return len(call.args) > 1 or bool(modes.OF_COMPILE & {keyword.arg for keyword in call.keywords}) or not call.args
