"""The text of a call in another process, as ``ruff format`` would have it at 88 columns, and where its imports go."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence

from ...semantics.syntax import Syntax
from ..edits import After, Before, Edit, Helper, Section
from ..helpers import WIDTH, listed
from ..plans import Case, RefusedError

_DOCSTRING = '"""Run one iteration in a process of its own, to get all its memory back."""'
_EXECUTOR, _CONTEXT = ("concurrent.futures", "ProcessPoolExecutor"), ("multiprocessing", "get_context")


def function_head(name: str, parameters: Sequence[str]) -> str:
    """A function with a docstring and no more."""
    return f"def {listed(f'{name}(', parameters, '):', 4)}\n    {_DOCSTRING}\n"


def call(prefix: str, pool: str, arguments: Sequence[str], suffix: str, indent: int, before: int = 0) -> str:
    """``prefix`` + ``pool.submit(…).result()`` + ``suffix``, in a line with this indent, ``before`` columns further right."""
    head, tail = f"{pool}.submit(", ").result()"
    line = f"{prefix}{head}{', '.join(arguments)}{tail}{suffix}"
    if indent + before + len(line) <= WIDTH:
        return line
    if not suffix:
        return prefix + listed(head, arguments, tail, indent + before + len(prefix), indent)
    inner = listed(head, arguments, tail, indent + 4, indent + 4).replace("\n", "\n    ")
    return f"{prefix}\n    {inner}\n{suffix}"


def block(case: Case, pool: str, statement: str) -> str:
    """The ``with`` statement around a statement."""
    executor, context = (_spelled(case, *what) for what in (_EXECUTOR, _CONTEXT))
    inner = statement.replace("\n", "\n    ")
    return f'with {executor}(1, {context}("spawn")) as {pool}:\n    {inner}\n'


# -- imports


def imports(case: Case) -> Iterator[Edit]:
    """The imports that the file lacks, where isort would put them. Raises ``RefusedError`` where a name is something else."""
    new = [what for what in (_EXECUTOR, _CONTEXT) if not _found(case, *what)]
    for _, name in new:
        if case.syntax.free_name(name) != name:
            raise RefusedError(f"the file uses the name {name} for something else")
    head = list(_head(case.syntax))
    own = [node for node in head if _modules(node)[0].partition(".")[0] in sys.stdlib_module_names]
    lines = {what: f"from {what[0]} import {what[1]}\n" for what in new}
    others = [node for node in head if node not in own]
    if not own and others and lines:
        yield Section(others[0], "".join(lines.values()))
    elif not own:
        yield from (Helper(name, line) for (_, name), line in lines.items())
    else:
        for what, line in lines.items():
            before = [node for node in own if _order(node) < (True, what[0])]
            yield After(before[-1], line) if before else Before(own[0], line)


def _head(syntax: Syntax) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports at the top of a file, up to its first definition."""
    for node in syntax.module.tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While)):
            return
        if isinstance(node, (ast.Import, ast.ImportFrom)) and _modules(node) != ["__future__"]:
            yield node


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return ["." * node.level + (node.module or "")]
    return [alias.name for alias in node.names]


def _order(node: ast.Import | ast.ImportFrom) -> tuple[bool, str]:
    return isinstance(node, ast.ImportFrom), _modules(node)[0]


def _spelled(case: Case, module: str, name: str) -> str:
    return _found(case, module, name) or name


def _found(case: Case, module: str, name: str) -> str:
    """How the file spells a name of a module that its head imports, ``""`` where it does not import it."""
    head = set(_head(case.syntax))
    for local, bindings in case.module.scope.bindings.items():
        if len(bindings) == 1 and bindings[0].node in head:
            if bindings[0].target == f"{module}:{name}":
                return local
            if bindings[0].target == module:
                return f"{local}.{name}"
    return ""
