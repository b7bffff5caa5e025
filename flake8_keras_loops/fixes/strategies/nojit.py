"""``compile(..., jit_compile=False)``: on request, where models differ from iteration to iteration and nothing can be kept.

Keras 3 with TensorFlow compiles with XLA on a GPU unless told not to, and short trainings do not earn the compilation back. It
changes the last bits of results, so it is never safe; the model is still built and traced again in every iteration.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...dataflow.carried import Carried
from ...knowledge import modes
from ...semantics import callgraph
from ...semantics.scopes import CallSite, Scope, callee_name
from ...semantics.syntax import is_same
from ...semantics.values import NO_ENV, Func, Method
from ..edits import Argument
from ..plans import Case, Draft, Taken, Why, doubts, require
from ..spelling import imports


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``nojit`` for a finding. ``taken`` is not used. Raises ``RefusedError``."""
    require(case, (_is_new_enough, _takes_argument))
    edits = tuple(Argument(site.node, "jit_compile", "False") for site in _compiles(case))
    return Draft(edits, tuple(doubts([DOUBT])), leaves=(case.code,))


#: It is never safe.
DOUBT = "without XLA the last bits of results change; it pays on a GPU with TensorFlow, for short trainings"


# -- what the fix cannot do without


def _is_new_enough(case: Case) -> Iterator[str]:
    if case.is_graph_mode:
        yield "in graph mode nothing is compiled with XLA unless asked for"
    for _, target in imports(case.module):
        if old := modes.OLD_MODULE.match(target):
            yield f"{old[0]} is of a Keras version that has no jit_compile"
    for site in case.module.calls:
        for keyword in site.node.keywords:
            if keyword.arg in modes.OLD_ARGUMENTS and callee_name(site.node)[:1].isupper() | (keyword.arg == "nb_epoch"):
                yield f"the argument {keyword.arg} is of a Keras version that has no jit_compile"


def _takes_argument(case: Case) -> Iterator[str | Why]:
    """The ``compile()`` of the loop's model is found, in this file, and it is Keras's own and leaves the matter open."""
    found = _compiles(case)
    if not found:
        yield "the compile() of the model is not found in this file"
    for call, scope, _ in found:
        this = f"compile() in line {call.lineno}"
        if scope.module is not case.module:
            yield Why(f"compile() is in {scope.module.path}", "give it jit_compile=False there")
        if any(isinstance(value, Func) for value in case.interpreter.callees(call, scope, NO_ENV)):
            yield f"{this} is the project's own"
        given = [keyword.arg for keyword in call.keywords]
        if "jit_compile" in given:
            yield f"{this} has jit_compile already"
        if None in given:
            yield f"{this} has ** arguments, which may have jit_compile"
        if "run_eagerly" in given:
            yield f"{this} has run_eagerly, which decides what is compiled"
        if any(isinstance(argument, ast.Starred) for argument in call.args):
            yield f"{this} has * arguments, which may have jit_compile"


# -- looking around


def _compiles(case: Case) -> list[CallSite]:
    """The calls that compile the model of the finding: in the loop, or in a function that leads to or gets the model."""
    site, loop = case.detection.site, case.loop
    names = set(Carried(case.examined.factories, site.node, site.scope, loop, is_model=True).names)
    statement = case.syntax.statement(site.node)
    if isinstance(statement, ast.Assign) and statement.value is site.node:  # self.model = build()
        names |= set(map(ast.unparse, statement.targets))
    found: list[CallSite] = []
    leading: list[tuple[ast.AST, Scope]] = [(site.node, site.scope)]
    for each in case.module.calls_within(loop.node):
        func = each.node.func
        if isinstance(func, ast.Attribute) and any(is_same(func.value, name) for name in names):
            found.append(each)
        elif any(is_same(argument, name) for argument in each.node.args for name in names):
            leading.append((each.node, each.scope))
    for scope in callgraph.called(leading, case.interpreter):
        found += scope.module.calls_within(scope.node)
    return [each for each in dict.fromkeys(found) if _compiles_model(each, case)]


def _compiles_model(site: CallSite, case: Case) -> bool:
    """Whether a call is of a Keras model's ``compile()``, not of that of ``re``."""
    call = site.node
    if callee_name(call) != "compile" or not isinstance(call.func, ast.Attribute):
        return False
    values = case.interpreter.callees(call, site.scope, NO_ENV)
    if values:
        return any(isinstance(value, (Func, Method)) for value in values)
    return len(call.args) > 1 or bool(modes.OF_COMPILE & {keyword.arg for keyword in call.keywords}) or not call.args
