"""Loops that keep the compiled model already: what ``keras-loop-fix`` writes, known again.

``keep = compiled_model_keeper()`` makes a keeper, ``model = keep(model)`` has it take a newly built model over. What was built
only hands its fresh values over; it is never trained, so it costs no compilation and does not leak.
"""

from __future__ import annotations

import ast

from ..semantics.scopes import Module, Scope, end, reaching, remembered, start
from ..semantics.syntax import is_same

#: The helper's name, in the file or imported into it.
HELPER = "compiled_model_keeper"


@remembered
def kept_calls(module: Module) -> frozenset[ast.Call]:
    """Calls whose model a keeper takes over, and the keepers' own, which hand a model on and build none."""
    makers = {site.node for site in module.calls_named(HELPER)}
    if not makers:
        return frozenset()
    assigns = [node for node in ast.walk(module.tree) if isinstance(node, ast.Assign)]
    found: set[ast.expr] = set()
    for name in {ast.unparse(target) for node in assigns if node.value in makers for target in node.targets}:
        for site in module.calls_named(name.rpartition(".")[2]):
            if site.node.args and is_same(site.node.func, name):
                found.add(site.node)
                _add_making(found, site.node.args[0], "", site.scope, assigns)
    return frozenset(call for call in found if isinstance(call, ast.Call))


def _add_making(found: set[ast.expr], value: ast.expr, name: str, scope: Scope, assigns: list[ast.Assign]) -> None:
    """Find the calls that a model may come from; of ``compiled(build())`` and ``model = compiled(model)`` the inner one too.

    ``name``: that the value gets.
    """
    if value in found:
        return
    found.add(value)
    if isinstance(value, ast.Call):
        for argument in value.args:
            if isinstance(argument, ast.Call) or is_same(argument, name):
                _add_making(found, argument, name, scope, assigns)
    elif isinstance(value, ast.Name):
        for binding in reaching(scope.function().bindings.get(value.id, []), start(value)):
            if isinstance(binding.expr, ast.Call):
                _add_making(found, binding.expr, value.id, scope, assigns)
    else:
        text = ast.unparse(value)
        made = [each for each in assigns if end(each) < start(value) and any(is_same(target, text) for target in each.targets)]
        found.update(each.value for each in made[-1:])
