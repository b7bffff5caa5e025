"""Functions that a search calls over and over, and the searches that do: ``study.optimize(objective)``.

So does a server with its handlers, and Flower with what makes its clients.

The body of such a function is a loop like any other. Lambdas and partials around it are taken off; of a scikit-learn search
over a wrapper of Keras models it is the function that builds them, or the ``fit`` of an estimator of the project.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..dataflow.loops import is_single
from ..dataflow.summaries import Factories
from ..files.project import top_package
from ..knowledge import searches
from ..knowledge.searches import SearchApi
from ..semantics import calls, classes
from ..semantics.binding import argument, arguments, is_literal, keyword
from ..semantics.scopes import CallSite, Loop, Module, Scope, callee_name
from ..semantics.syntax import spelling, walk
from ..semantics.values import NO_ENV, Api, Args, Cls, Env, Func, Obj, Partial, Value, dotted, fresh

_MAX_DEPTH = 6
_ANY = Args(open=True)
_Found = tuple[Func, Args]


@dataclass(frozen=True, eq=False)
class Search:
    """A search and one function that it calls over and over.

    ``site``: the call that makes the search. ``function`` is called with ``args`` and what the search adds. ``loop``: the body of
    the function, or the search itself if the function is not in this file. ``env``: what its parameters are known to be.
    """

    site: CallSite
    api: SearchApi
    function: Func
    args: Args
    loop: Loop
    env: Env

    @property
    def is_here(self) -> bool:
        """Whether the function stands in the linted file."""
        return self.function.scope.module is self.site.scope.module

    @property
    def name(self) -> str:
        """How the search is spelled: ``study.optimize()``."""
        return spelling(self.site.node)

    @property
    def function_name(self) -> str:
        """``objective()``"""
        return f"{getattr(self.function.scope.node, 'name', '<lambda>')}()"

    @property
    def keeps_returned(self) -> bool:
        """Whether what the function returns lives on."""
        return self.api.keeps or is_literal(keyword(self.site.node, "return_estimator"), True)

    @property
    def is_parallel(self) -> bool:
        """Whether calls may run side by side, in threads or processes."""
        if self.api.kind:
            return True
        given = [each.value for each in self.site.node.keywords if each.arg in self.api.parallel]
        return not all(is_literal(value, None) or is_literal(value, 1) for value in given)


class Searches:
    """The searches of a module. ``inside``: by the scope of the function; ``elsewhere``: of functions in other files."""

    def __init__(self, module: Module, factories: Factories) -> None:
        self.module = module
        self.factories = factories
        self.interpreter = factories.interpreter
        found = sorted(self._find(), key=lambda search: search.site.node.lineno)
        self.elsewhere = [search for search in found if not search.is_here]
        self.inside: dict[Scope, Search] = {}
        for search in found:  # the first of several that call the same function, but rather one that makes calls side by side
            scope = search.function.scope
            if search.is_here and not self.inside.setdefault(scope, search).is_parallel and search.is_parallel:
                self.inside[scope] = search

    def _find(self) -> Iterator[Search]:
        for name, apis in searches.SEARCHES.items():
            for site in self.module.calls_named(name):
                with self.interpreter.next_site():
                    api = self._api(site, apis)
                    if api is not None and not self._is_none(site, api):
                        yield from (self._search(site, api, *found) for found in self._functions(site, api))
        for decorator, scope, node, loop in self.module.decorated:
            if isinstance(decorator, ast.Call) and callee_name(decorator) in searches.DECORATORS:
                with self.interpreter.next_site():
                    site = CallSite(decorator, scope, loop)
                    api = self._api(site, searches.DECORATORS[callee_name(decorator)])
                    if api is not None:
                        inner = scope.module.scope_of[node]
                        value = Cls(inner) if isinstance(node, ast.ClassDef) else Func(inner)
                        yield from (self._search(site, api, *found) for found in self._called(value, api, _ANY, 0))

    def _search(self, site: CallSite, api: SearchApi, function: Func, args: Args) -> Search:
        node, scope = function.scope.node, function.scope
        loop = Loop(site.node, site.scope, site.loop)
        if scope.module is self.module:
            raised = (each for each in ast.walk(node) if isinstance(each, ast.Raise))
            goes_on = bool(api.catches) and any(api.catches in ast.unparse(each) for each in raised)
            loop = Loop(node, scope, None, isinstance(function.receiver, Obj) and function.receiver.fresh, goes_on)
        return Search(site, api, function, args, loop, calls.bind(self.interpreter, function, args))

    # -- is it one?

    def _api(self, site: CallSite, apis: tuple[SearchApi, ...]) -> SearchApi | None:
        func = site.node.func
        callees = self.interpreter.callees(site.node, site.scope, NO_ENV)
        roots = {_root(value) for value in callees}
        words = {keyword.arg for keyword in site.node.keywords}
        if isinstance(func, ast.Attribute):
            words.add(ast.unparse(func.value).rpartition(".")[2].lower().strip("_"))
        return next((api for api in apis if api.root in roots or (not callees and api.telltale & words)), None)

    def _is_none(self, site: CallSite, api: SearchApi) -> bool:
        """Whether the function is called at most once, or in processes that are not the file's business."""
        call, name = site.node, callee_name(site.node)
        if api.count is not None:
            count = _literal(argument(call, *api.count), site.scope)
            if isinstance(count, int) and count <= 1:
                return True
        if api.first:
            firsts = [each.node.args[0] for each in self.module.calls_named(name) if each.node.args]
            if not (call.args and is_literal(call.args[0], api.first)) or any(is_literal(first, "map") for first in firsts):
                return True
        if api.required is not None:
            inner = [each.value for each in call.keywords if isinstance(each.value, ast.Call)]
            if not any(is_literal(keyword(each, api.required[0]), api.required[1]) for each in (call, *inner)):
                return True
        splits = keyword(call, "cv") if name in searches.SPLITTING else None
        if isinstance(splits, ast.Call) and is_literal(keyword(splits, "n_splits"), 1):  # ShuffleSplit(n_splits=1)
            return True
        if splits is not None and is_single(splits, site.scope):
            return True
        values = [v for k in call.keywords for v in self.interpreter.eval(k.value, site.scope)] if api.elsewhere else []
        return any(dotted(value).rpartition(".")[2] in api.elsewhere for value in values)

    # -- what it calls

    def _functions(self, site: CallSite, api: SearchApi) -> Iterator[_Found]:
        for node in _each_argument(site.node, api.position, api.names):
            if api.is_estimator:
                yield from self._of_estimator(node, site.scope, api)
                continue
            if isinstance(node, ast.Call) and callee_name(node).startswith("with_") and node.args:
                node = node.args[0]  # tune.with_resources(train, {"cpu": 2})
            if isinstance(node, ast.Call) and callee_name(node) == searches.AS_HANDLER and isinstance(node.func, ast.Attribute):
                node = node.func.value  # add_url_rule("/", view_func=Predict.as_view("predict"))
            yield from self._behind(node, site.scope, api)

    def _behind(self, node: ast.expr, scope: Scope, api: SearchApi) -> Iterator[_Found]:
        for value in self.interpreter.eval(node, scope):
            yield from self._called(value, api, _ANY, 0)

    def _called(self, value: Value, api: SearchApi, args: Args, depth: int) -> Iterator[_Found]:
        """The function behind a value that is called, without lambdas and partials around it; of a class, its methods."""
        if depth > _MAX_DEPTH:
            return
        if isinstance(value, Partial):
            yield from self._called(value.func, api, value.args.before(args), depth + 1)
        elif isinstance(value, Cls):
            for method in (found for name in api.methods for found in self.interpreter.member(Obj(value), name)):
                if isinstance(method, Func):
                    yield method, args
        elif isinstance(value, Obj) and isinstance(value.of, Cls) and not classes.is_model(self.interpreter, value.of):
            for method in self.interpreter.member(value, "__call__"):
                yield from self._called(method, api, args, depth + 1)
        elif isinstance(value, Func):
            inner = self._in_lambda(value, args)
            for callee, handed in inner:
                yield from self._called(callee, api, handed, depth + 1)
            if not inner and not value.scope.is_generator and not self.factories.runs_once(value.scope):
                yield value, args

    def _in_lambda(self, value: Func, args: Args) -> list[tuple[Value, Args]]:
        """``lambda trial: objective(trial, x)``: the function that the lambda only calls."""
        call, scope = getattr(value.scope.node, "body", None), value.scope
        if not isinstance(call, ast.Call):
            return []
        inner = (node for node in walk(arguments(call)) if isinstance(node, ast.Call))
        if any(self.factories.of_call(each, scope).builds for each in inner):
            return []
        env = calls.bind(self.interpreter, value, args)
        callees = self.interpreter.callees(call, scope, env)
        plain = all(isinstance(v, (Func, Partial)) or (isinstance(v, Obj) and isinstance(v.of, Cls)) for v in callees)
        handed = self.interpreter.arguments(call, scope, env).before(_ANY)
        return [(callee, handed) for callee in callees] if plain else []

    def _of_estimator(self, node: ast.expr, scope: Scope, api: SearchApi) -> Iterator[_Found]:
        """The functions that estimators in an expression build models with: ``Pipeline([("net", KerasClassifier(build))])``."""
        todo = [(node, scope)]
        seen: set[ast.expr] = set()
        while todo:
            node, scope = todo.pop()
            if node not in seen:
                seen.add(node)
                todo += reversed(self._leads_to(node, scope))  # they are taken in the order of the text
                yield from self._of_made(node, scope, api)

    def _leads_to(self, node: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]]:
        """The expressions whose values are, or go into, that of an expression: a name's, those of a pipeline's steps."""
        if isinstance(node, ast.Name):
            bindings = [b for b in scope.bindings_of(node.id) if b.kind in {"value", "element", "item"}]
            return [(b.expr, b.scope) for b in bindings if b.expr is not None]
        if isinstance(node, (ast.List, ast.Tuple)):
            return [(item, scope) for item in node.elts]
        if isinstance(node, ast.IfExp):
            return [(node.body, scope), (node.orelse, scope)]
        if not isinstance(node, ast.Call):
            return []
        callees = self.interpreter.callees(node, scope, NO_ENV)
        found = [(returned, callee.scope) for callee in callees if isinstance(callee, Func) for returned in callee.scope.returns]
        if any(isinstance(callee, Api) and not searches.is_wrapper(callee.name) for callee in callees):
            found += [(handed, scope) for handed in arguments(node)]
        return found

    def _of_made(self, node: ast.expr, scope: Scope, api: SearchApi) -> Iterator[_Found]:
        if isinstance(node, ast.Attribute):
            for value in self.interpreter.eval(node, scope):
                yield from self._fits(value)
        if not isinstance(node, ast.Call):
            return
        for callee in self.interpreter.callees(node, scope, NO_ENV):
            family = classes.lineage(self.interpreter, callee) if isinstance(callee, Cls) else [callee]
            is_wrapper = any(isinstance(base, Api) and searches.is_wrapper(base.name) for base in family)
            if isinstance(callee, Cls) and is_wrapper:
                methods = [m for name in searches.BUILD_METHODS for m in self.interpreter.member(Obj(callee), name)]
                yield from ((method, _ANY) for method in methods if isinstance(method, Func))
            elif isinstance(callee, Cls):
                yield from self._fits(Obj(callee))
            elif is_wrapper:
                for handed in _each_argument(node, 0, searches.BUILD_ARGUMENTS):
                    yield from self._behind(handed, scope, api)

    def _fits(self, value: Value) -> Iterator[_Found]:
        """The ``fit`` of an estimator of the project: each of a search's estimators is new."""
        if isinstance(value, Obj) and isinstance(value.of, Cls) and not classes.is_model(self.interpreter, value.of):
            fits = self.interpreter.member(fresh(value), "fit")
            yield from ((fit, _ANY) for fit in fits if isinstance(fit, Func))


def _root(value: Value) -> str:
    """The package that a value comes from, also where that is part of the project, as in the package's own examples."""
    of = value.of if isinstance(value, Obj) else value
    if isinstance(of, (Func, Cls)):
        return top_package(of.scope.module.path)
    return dotted(value).partition(".")[0]


def _each_argument(call: ast.Call, position: int | None, names: tuple[str, ...]) -> Iterator[ast.expr]:
    """The arguments at a position and with some names."""
    yield from filter(None, [argument(call, position, ""), *(keyword(call, name) for name in names)])


def _literal(node: ast.expr | None, scope: Scope) -> object:
    """The value of a literal, or of a name that is bound to nothing else."""
    if isinstance(node, ast.Name):
        bindings = scope.bindings_of(node.id)
        node = bindings[0].expr if len(bindings) == 1 and bindings[0].kind == "value" and not bindings[0].path else None
    return node.value if isinstance(node, ast.Constant) else None
