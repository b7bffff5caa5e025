"""Loops that keep the compiled model already: what ``keras-loop-fix`` writes, known again, and what people write like it.

``keep = compiled_model_keeper()`` makes a keeper, ``model = keep(model)`` has it take a newly built model over. What was built
only hands its fresh values over; it is never trained, so it costs no compilation and does not leak. The same holds of
``kept = model = renew(kept, model)``, whatever the function is called that assigns the second model's values to the first one's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..semantics.scopes import Module, Scope, end, reaching, remembered, start
from ..semantics.syntax import is_same, method_calls

#: The helper's name, in the file or imported into it.
HELPER = "compiled_model_keeper"
#: The names of the helpers of the short form: for a compiled model, and for one that only predicts.
RENEWER = "renew"
RENEWER_OF_WEIGHTS = "renew_weights"


@remembered
def kept_calls(module: Module) -> frozenset[ast.Call]:
    """Calls whose model a keeper takes over, and the keepers' own, which hand a model on and build none."""
    makers = {site.node for site in module.calls_named(HELPER)}
    renewing = [site for name in _renewers(module) for site in module.calls_named(name) if len(site.node.args) == 2]
    if not makers and not renewing:
        return frozenset()
    assigns = [node for node in ast.walk(module.tree) if isinstance(node, ast.Assign)]
    found: set[ast.expr] = set()
    for site in renewing:
        found.add(site.node)
        _add_making(found, site.node.args[1], ast.unparse(site.node.args[1]), site.scope, assigns)
    for name in {ast.unparse(target) for node in assigns if node.value in makers for target in node.targets}:
        for site in module.calls_named(name.rpartition(".")[2]):
            if site.node.args and is_same(site.node.func, name):
                found.add(site.node)
                _add_making(found, site.node.args[0], "", site.scope, assigns)
    return frozenset(call for call in found if isinstance(call, ast.Call))


def _renewers(module: Module) -> Iterator[str]:
    """Functions of two models that assign the second one's values to the first one's, and give one of the two back."""
    for scope in module.scope_of.values():
        node = scope.node
        if isinstance(node, ast.FunctionDef) and len(node.args.args) == 2 and len(scope.returns) > 1:
            names = {parameter.arg for parameter in node.args.args}
            if all(isinstance(value, ast.Name) and value.id in names for value in scope.returns):
                if any(name == "assign" for _, _, name in method_calls(ast.walk(node))):
                    yield node.name


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
