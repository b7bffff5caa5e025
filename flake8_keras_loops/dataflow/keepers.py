"""Loops that keep the compiled model already: what ``keras-loop-fix`` writes, known again.

``keep = compiled_model_keeper()`` makes a keeper, ``model = keep(model)`` has it take a newly built model over. What was built
only hands its fresh values over; it is never trained, so it costs no compilation and does not leak.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..semantics.scopes import CallSite, Module, reaching, start

#: The helper's name, in the file or imported into it.
HELPER = "compiled_model_keeper"


def kept_calls(module: Module) -> frozenset[ast.Call]:
    """Calls whose model a keeper takes over, and the keepers' own, which hand a model on and build none."""
    if module.kept_calls is None:
        module.kept_calls = frozenset(_find(module)) if module.calls_named(HELPER) else frozenset()
    return module.kept_calls


def _find(module: Module) -> Iterator[ast.Call]:
    makers = {site.node for site in module.calls_named(HELPER)}
    assigns = [node for node in ast.walk(module.tree) if isinstance(node, ast.Assign)]
    names = {ast.unparse(target) for node in assigns if node.value in makers for target in node.targets}
    for name in names:
        for site in module.calls_named(name.rpartition(".")[2]):
            if site.node.args and ast.unparse(site.node.func) == name:
                yield site.node
                yield from _built(site, site.node.args[0], assigns)


def _built(site: CallSite, model: ast.expr, assigns: list[ast.Assign]) -> Iterator[ast.Call]:
    """The calls that ``model``, handed to a keeper, may come from."""
    if isinstance(model, ast.Call):
        yield from _with_inner(model, site, "")
    elif isinstance(model, ast.Name):
        bindings = site.scope.function().bindings.get(model.id, [])
        for binding in reaching(bindings, start(site.node)) if bindings else ():
            if isinstance(binding.expr, ast.Call) and binding.expr is not site.node:
                yield from _with_inner(binding.expr, site, model.id)
    else:
        text = ast.unparse(model)
        before = [node for node in assigns if start(node) < start(site.node) and text in map(ast.unparse, node.targets)]
        calls = [node.value for node in before if isinstance(node.value, ast.Call) and node.value is not site.node]
        yield from calls[-1:]


def _with_inner(call: ast.Call, site: CallSite, name: str) -> Iterator[ast.Call]:
    """A call, and those that make the model it is given: ``compiled(build())``, ``model = compiled(model)``."""
    yield call
    for argument in call.args:
        if isinstance(argument, ast.Call):
            yield from _with_inner(argument, site, name)
        elif isinstance(argument, ast.Name) and argument.id == name:
            bindings = site.scope.function().bindings[name]
            for binding in reaching(bindings, start(call)):
                if isinstance(binding.expr, ast.Call) and start(binding.expr) < start(call):
                    yield from _with_inner(binding.expr, site, name)
