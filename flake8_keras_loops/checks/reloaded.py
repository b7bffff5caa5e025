"""Is the same saved model loaded in every iteration, from a file that stays as it is?

The arguments must be steady (:mod:`.steady`), and nothing in the loop may write the file: neither ``model.save(path)`` or a
``ModelCheckpoint``, also in a function that the loop calls, nor another program that the loop starts or waits for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..dataflow.steady import Steadiness
from ..knowledge import keras
from ..semantics.interpreter import BudgetError, Resolver
from ..semantics.scopes import CallSite, Loop, Scope, callee_name, extent, inside, start
from ..semantics.values import NO_ENV, Api, Const, Func, Values

#: Methods, functions and callbacks that write a model or its weights to a file.
SAVING = frozenset({"save", "save_weights", "save_model", "export", "ModelCheckpoint", "BackupAndRestore"})
_OTHER_PROGRAMS = ("subprocess.", "os.system", "os.popen", "os.replace", "os.rename", "shutil.", "time.sleep", "asyncio.sleep")
_DOWNLOADS = frozenset({"urlretrieve", "download_file", "download_blob_to_file", "get_file", "hf_hub_download"})
_PATH_ARGUMENTS = frozenset({"filepath", "path", "export_dir", "preset", "pretrained_model_name_or_path", "handle"})
_MAX_FUNCTIONS = 30


def loads_the_same(resolver: Resolver, site: CallSite, loop: Loop) -> bool:
    """Whether a call in a loop loads one and the same saved model, weights included, every time."""
    try:
        callees = resolver.callees(site.node, site.scope, NO_ENV)
        if not loads_weights(callees, site.node):
            return False
        steadiness = Steadiness(resolver, loop)
        if not steadiness.is_steady(site.node.func, site.scope, calls=True):
            return False  # for load in (load_model, tf.saved_model.load): load(path)
        if not all(_is_steady(argument, site.scope, steadiness) for argument in _arguments(site.node)):
            return False
        return not any(writers(resolver, site, loop))
    except BudgetError:
        return False


def loads_weights(callees: Values, call: ast.Call) -> bool:
    """Whether all that a call may call loads a model with its weights."""
    return bool(callees) and all(isinstance(value, Api) and _loads(value.name, call) for value in callees)


def _loads(name: str, call: ast.Call) -> bool:
    if keras.is_application(name):
        given = [k.value for k in call.keywords if k.arg == "weights"] or call.args[1:2]
        return not given or (isinstance(given[0], ast.Constant) and isinstance(given[0].value, str))
    return keras.loads_weights(name)


def _arguments(call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
    """The arguments, and whether each one says which file is loaded."""
    for position, argument in enumerate(call.args):
        yield argument, position == 0
    for keyword in call.keywords:
        yield keyword.value, keyword.arg in _PATH_ARGUMENTS or keyword.arg is None


def _is_steady(argument: tuple[ast.expr, bool], scope: Scope, steadiness: Steadiness) -> bool:
    return steadiness.is_steady(argument[0], scope, calls=not argument[1])


def writers(resolver: Resolver, site: CallSite, loop: Loop) -> Iterator[ast.Call]:
    """The calls in a loop, and in what it calls, that may write the file that ``site`` loads."""
    path = site.node.args[0] if site.node.args else next((k.value for k in site.node.keywords if k.arg in _PATH_ARGUMENTS), None)
    steadiness = Steadiness(resolver, loop)
    here = _texts(path, site.scope, steadiness)
    for call, scope in _calls(resolver, loop):
        if call is site.node:
            continue
        callees = resolver.callees(call, scope, NO_ENV)
        names = [value.name for value in callees if isinstance(value, Api)]
        if any(name.startswith(_OTHER_PROGRAMS) for name in names) or callee_name(call) in _DOWNLOADS:
            yield call
        elif callee_name(call) in SAVING and not (names and all(map(keras.is_other_library, names))):
            if not _is_elsewhere(call, scope, here, steadiness):
                yield call


def _is_elsewhere(call: ast.Call, scope: Scope, here: set[str], steadiness: Steadiness) -> bool:
    """Whether a call saves to a path that is known to be another one."""
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in _PATH_ARGUMENTS)]
    there = set[str]().union(*(_texts(argument, scope, steadiness) for argument in given))
    return bool(here and there) and not here & there


def _texts(node: ast.expr | None, scope: Scope, steadiness: Steadiness) -> set[str]:
    """The strings that an expression may be, empty where that is not known."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.Name):
        values = steadiness.resolver.eval(node, scope)
        texts = {value.value for value in values if isinstance(value, Const) and isinstance(value.value, str)}
        return texts if len(texts) == len(values) else set()
    return set()


def _calls(resolver: Resolver, loop: Loop) -> Iterator[tuple[ast.Call, Scope]]:
    """The calls in a loop, and those in the functions of the project that it comes upon."""
    seen: set[Scope] = set()
    todo: list[tuple[Scope, ast.AST]] = [(loop.scope, loop.node)]
    while todo:
        owner, node = todo.pop()
        where = extent(node)
        for site in owner.module.calls:
            if not inside(start(site.node), where):
                continue
            yield site.node, site.scope
            for value in resolver.callees(site.node, site.scope, NO_ENV):
                if isinstance(value, Func) and value.scope not in seen and len(seen) < _MAX_FUNCTIONS:
                    seen.add(value.scope)
                    todo.append((value.scope, value.scope.node))
