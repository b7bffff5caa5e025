"""What functions outside the project return: those of Python that hand things on, and those that find them by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..knowledge import keras, lookups, searches
from . import collections_
from .scopes import Module
from .values import LAYER, MODEL, TENSOR, Api, Args, Const, Estimator, Mod, Names, Obj, Partial, Value, Values, leaves, union

if TYPE_CHECKING:
    from .interpreter import Interpreter

_MAX_TEXTS = 16


def result(interpreter: Interpreter, name: str, args: Args) -> Values:
    """What calling a public function may return."""
    first: Values = args.positional[0] if args.positional else ()
    if keras.builds(name):
        return (MODEL,)
    if keras.is_symbolic(name):
        return (TENSOR,)
    if keras.is_layer_class(name):
        return (LAYER,)
    if searches.is_wrapper(name):
        return (_estimator(args),)
    if searches.hands_estimators_on(name) and (found := _estimators(args)):
        return found
    if keras.last(name) == "partial":
        return tuple(Partial(f, Args(args.positional[1:], args.keywords, args.open)) for f in first)
    if name == "enumerate":
        return collections_.enumerated(first)
    if name == "zip":
        return collections_.zipped(args)
    if name == "itertools.product":
        return collections_.product(args)
    if lookups.makes_dict(name):
        return collections_.mapping(first, args)
    if keras.passes_through(name) or lookups.hands_over(name):
        return first
    if name == "next":
        return collections_.elements(first)
    if name == "filter":
        return args.get(1, "")
    if name == "type":
        return tuple(v.of for v in first if isinstance(v, Obj))
    if name == "vars":  # of a module: its names
        return tuple(Names(v) for v in first if isinstance(v, Mod))
    if name == "getattr":
        return union((named(interpreter, first, args.get(1, "")), args.get(2, "")))
    return (TENSOR,) if has_tensor(args) else (Obj(Api(name)),)


def result_here(interpreter: Interpreter, callee: Value, args: Args, module: Module) -> Values | None:
    """What calling a function may return that looks at where the call stands, ``None`` for any other function."""
    if not isinstance(callee, Api):
        return None
    if lookups.gives_names_here(callee.name) and not args.positional:
        return (Names(Mod(module.path)),)
    if lookups.evaluates(callee.name):
        return evaluated(interpreter, Mod(module.path), args.get(0, ""))
    return imported(interpreter, module, args) if lookups.imports_by_name(callee.name) else None


def has_tensor(args: Args) -> bool:
    """Whether a call is given a symbolic tensor."""
    return any(TENSOR in leaves(values) for values in args.positional)


def _estimator(args: Args) -> Estimator:
    """What a wrapper for scikit-learn makes: of a model that is there, an estimator that builds none."""
    given = union([args.get(0, ""), *(args.get(len(args.positional), name) for name in searches.BUILD_ARGUMENTS)])
    goes_on = Const(True) in args.get(len(args.positional), searches.WARM_START)
    return Estimator(tuple(v for v in given if v != MODEL), not goes_on and (not given or given != (MODEL,)))


def _estimators(args: Args) -> Values:
    given = [*args.positional, *(values for _, values in args.keywords)]
    return tuple(value for values in given for value in leaves(values, 4) if isinstance(value, Estimator))


def texts(values: Values) -> list[str]:
    """The strings among some values."""
    return [value.value for value in values if isinstance(value, Const) and isinstance(value.value, str)]


def joined(parts: list[Values]) -> Values:
    """The strings that come of joining one of each part's; none where nothing is known of a part."""
    whole = [""]
    for part in parts:
        whole = [before + text for before in whole for text in texts(part)][:_MAX_TEXTS]
    return tuple(Const(text) for text in dict.fromkeys(whole))


def named(interpreter: Interpreter, owners: Values, names: Values) -> Values:
    """What some values have under some names. Of a module that has models alone, such as ``keras.applications``, that is a model
    class also where the name is not known."""
    known = texts(names)
    owners = tuple(owner.of if isinstance(owner, Names) else owner for owner in owners)
    found = [interpreter.member(owner, name) for owner in owners for name in known]
    if not known:
        classes = (Api(f"{owner.name}.Model") for owner in owners if isinstance(owner, Api))
        found += [(cls,) for cls in classes if keras.has_models_alone(cls.name.rpartition(".")[0])]
    return union(found)


def evaluated(interpreter: Interpreter, here: Mod, expressions: Values) -> Values:
    """What ``eval()`` gives for names, plain or dotted."""
    found: list[Values] = []
    for text in texts(expressions):
        values: Values = (here,)
        for part in text.split("."):
            values = union(interpreter.member(value, part) for value in values)
        found.append(values)
    return union(found)


def imported(interpreter: Interpreter, importer: Module, args: Args) -> Values:
    """The modules that ``import_module(name, package)`` may give; a module's own name stands for it."""
    found = [value for value in args.get(0, "name") if isinstance(value, Mod)]
    values = [interpreter.module(name, importer) for name in texts(args.get(0, "name")) if name.strip(".")]
    packages = texts(args.get(1, "package"))
    for name in texts(args.get(0, "name")) if packages else ():
        if name.startswith("."):
            values += [interpreter.module(f"{package}{name}", importer) for package in packages]
    return union([tuple(found), *values])
