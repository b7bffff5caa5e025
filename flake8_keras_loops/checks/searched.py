"""Functions that a search calls over and over, and the searches that do: ``study.optimize(objective)``.

The body of such a function is a loop like any other. Lambdas and partials around it are taken off; of a scikit-learn search
over a wrapper of Keras models it is the function that builds them, or the ``fit`` of an estimator of the project.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from ..dataflow.summaries import Effects, Factories
from ..knowledge import searches
from ..knowledge.searches import SearchApi
from ..semantics import calls, classes
from ..semantics.interpreter import BudgetError
from ..semantics.scopes import CallSite, Loop, Module, Scope, callee_name
from ..semantics.syntax import spelling
from ..semantics.values import NO_ENV, Api, Args, Cls, Env, Func, Obj, Partial, Value, Values, dotted

_MAX_DEPTH = 6
_ANY = Args(open=True)


@dataclass(frozen=True, eq=False)
class Search:
    """A search and one function that it calls over and over.

    ``site``: the call that makes the search. ``function`` is called with ``args`` and what the search adds. ``wrapper``: the call
    that makes an estimator of the function. ``loop``: the function's body, or the search itself if the function is not in this
    file. ``env``: what the function's parameters are known to be.
    """

    site: CallSite
    api: SearchApi
    function: Func
    args: Args
    wrapper: ast.Call | None
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
        return self.api.keeps or any(k.arg == "return_estimator" and _is(k.value, True) for k in self.site.node.keywords)

    @property
    def is_parallel(self) -> bool:
        """Whether calls may run side by side, in threads or processes."""
        given = {k.arg: k.value for k in self.site.node.keywords}
        return any(name in given and not (_is(given[name], None) or _is(given[name], 1)) for name in self.api.parallel)


class Searches:
    """The searches of a module. ``inside``: by the scope of the function; ``elsewhere``: of functions in other files."""

    def __init__(self, module: Module, factories: Factories) -> None:
        self.module = module
        self.factories = factories
        self.interpreter = factories.interpreter
        self._seen: set[ast.expr] = set()

    @cached_property
    def inside(self) -> dict[Scope, Search]:
        """Of several searches that call the same function, the first, but rather one that makes calls side by side."""
        found: dict[Scope, Search] = {}
        for search in self._all:
            if search.is_here and not found.setdefault(search.function.scope, search).is_parallel and search.is_parallel:
                found[search.function.scope] = search
        return found

    @cached_property
    def elsewhere(self) -> tuple[Search, ...]:
        """Searches of functions that are not in the linted file."""
        return tuple(search for search in self._all if not search.is_here)

    @cached_property
    def wrappers(self) -> frozenset[ast.Call]:
        """The calls that make estimators of functions that are found here."""
        return frozenset(search.wrapper for search in self._all if search.wrapper is not None)

    @cached_property
    def _all(self) -> tuple[Search, ...]:
        return tuple(sorted(self._find(), key=lambda search: search.site.node.lineno))

    def _find(self) -> Iterator[Search]:
        for name in searches.SEARCHES:
            for site in self.module.calls_named(name):
                self.interpreter.next_site()
                self._seen.clear()
                with suppress(BudgetError):
                    yield from self._at(site)

    def _at(self, site: CallSite) -> Iterator[Search]:
        api = self._api(site)
        if api is not None and not self._is_none(site, api):
            for function, args, wrapper in self._functions(site, api):
                yield self._search(site, api, function, args, wrapper)

    def _search(self, site: CallSite, api: SearchApi, function: Func, args: Args, wrapper: ast.Call | None) -> Search:
        is_here = function.scope.module is self.module
        loop = Loop(function.scope.node, function.scope, None) if is_here else Loop(site.node, site.scope, site.loop)
        loop.cache["fresh"] = isinstance(function.receiver, Obj) and function.receiver.fresh
        raised = [node for node in ast.walk(function.scope.node) if isinstance(node, ast.Raise)] if api.catches else []
        loop.cache["goes on"] = any(api.catches in ast.unparse(node) for node in raised)
        return Search(site, api, function, args, wrapper, loop, calls.bind(self.interpreter, function, args))

    # -- is it one?

    def _api(self, site: CallSite) -> SearchApi | None:
        func = site.node.func
        callees = self.interpreter.callees(site.node, site.scope, NO_ENV)
        roots = {dotted(value).partition(".")[0] for value in callees}
        words = {keyword.arg for keyword in site.node.keywords}
        if isinstance(func, ast.Attribute):
            words.add(ast.unparse(func.value).rpartition(".")[2].lower().strip("_"))
        for api in searches.SEARCHES[callee_name(site.node)]:
            if api.root in roots or (not callees and api.telltale & words):
                return api
        return None

    def _is_none(self, site: CallSite, api: SearchApi) -> bool:
        """Whether the function is called at most once, or in processes that are not the file's business."""
        call = site.node
        if api.count is not None:
            count = self._literal(_argument(call, *api.count), site.scope)
            if isinstance(count, int) and count <= 1:
                return True
        if api.first:
            others = [c.node for c in self.module.calls_named(callee_name(call)) if c.node.args and _is(c.node.args[0], "map")]
            if others or not (call.args and _is(call.args[0], api.first)):
                return True
        if api.required is not None:
            name, value = api.required
            arguments = [k.value for k in call.keywords if isinstance(k.value, ast.Call)]
            given = [k.value for node in (call, *arguments) for k in node.keywords if k.arg == name]
            if not any(_is(node, value) for node in given):
                return True
        if callee_name(call) in searches.SPLITTING and self._is_one_split(_argument(call, None, "cv")):
            return True
        values = [v for k in call.keywords for v in self.interpreter.eval(k.value, site.scope)] if api.elsewhere else []
        return any(dotted(value).rpartition(".")[2] in api.elsewhere for value in values)

    def _is_one_split(self, cv: ast.expr | None) -> bool:
        """``cv=[(train, test)]``, ``cv=ShuffleSplit(n_splits=1)``"""
        if isinstance(cv, ast.Call):
            return any(k.arg == "n_splits" and _is(k.value, 1) for k in cv.keywords)
        return isinstance(cv, (ast.List, ast.Tuple)) and len(cv.elts) == 1 and not isinstance(cv.elts[0], ast.Starred)

    def _literal(self, node: ast.expr | None, scope: Scope) -> object:
        """The value of a literal, or of a name that is bound to nothing else."""
        if isinstance(node, ast.Name):
            owner = scope.owner(node.id)
            bindings = owner.bindings[node.id] if owner is not None else []
            node = bindings[0].expr if len(bindings) == 1 and bindings[0].kind == "value" and not bindings[0].path else None
        return node.value if isinstance(node, ast.Constant) else None

    # -- what it calls

    def _functions(self, site: CallSite, api: SearchApi) -> Iterator[tuple[Func, Args, ast.Call | None]]:
        arguments = [_argument(site.node, api.position, ""), *(_argument(site.node, None, name) for name in api.names)]
        for node in filter(None, arguments):
            if api.is_estimator:
                yield from self._of_estimator(node, site.scope, 0)
                continue
            if isinstance(node, ast.Call) and callee_name(node).startswith("with_") and node.args:
                node = node.args[0]  # tune.with_resources(train, {"cpu": 2})
            for value in self.interpreter.eval(node, site.scope):
                yield from ((function, args, None) for function, args in self._called(value, _ANY, 0))

    def _called(self, value: Value, args: Args, depth: int) -> Iterator[tuple[Func, Args]]:
        """The function behind a value that is called, without lambdas and partials around it."""
        if depth > _MAX_DEPTH:
            return
        if isinstance(value, Partial):
            yield from self._called(value.func, value.args.before(args), depth + 1)
        elif isinstance(value, Obj) and isinstance(value.of, Cls) and not classes.is_model(self.interpreter, value.of):
            for method in self.interpreter.member(value, "__call__"):
                yield from self._called(method, args, depth + 1)
        elif isinstance(value, Func):
            inner = self._handed_to(value, args) if isinstance(value.scope.node, ast.Lambda) else ()
            if inner:
                body = value.scope.node.body  # type: ignore[attr-defined]
                env = calls.bind(self.interpreter, value, args)
                for each in inner:
                    yield from self._called(each, self.interpreter.arguments(body, value.scope, env).before(_ANY), depth + 1)
            elif not value.scope.is_generator:
                yield value, args

    def _handed_to(self, value: Func, args: Args) -> Values:
        """``lambda trial: objective(trial, x)``: the function that the lambda only calls."""
        assert isinstance(value.scope.node, ast.Lambda)
        body = value.scope.node.body
        if not isinstance(body, ast.Call):
            return ()
        arguments = [*body.args, *(keyword.value for keyword in body.keywords)]
        inner = [node for argument in arguments for node in ast.walk(argument) if isinstance(node, ast.Call)]
        if any(self.factories.of_call(call, value.scope).builds for call in inner):
            return ()
        callees = self.interpreter.callees(body, value.scope, calls.bind(self.interpreter, value, args))
        plain = all(isinstance(v, (Func, Partial)) or (isinstance(v, Obj) and isinstance(v.of, Cls)) for v in callees)
        return callees if plain else ()

    def _of_estimator(self, node: ast.expr, scope: Scope, depth: int) -> Iterator[tuple[Func, Args, ast.Call | None]]:
        """The functions that estimators in an expression build models with: ``Pipeline([("net", KerasClassifier(build))])``."""
        if depth > _MAX_DEPTH or node in self._seen:
            return
        self._seen.add(node)
        if isinstance(node, ast.Name):
            owner = scope.owner(node.id)
            for binding in owner.bindings[node.id] if owner is not None else ():
                if binding.kind in {"value", "element", "item"} and binding.expr is not None:
                    yield from self._of_estimator(binding.expr, binding.scope, depth + 1)
        elif isinstance(node, (ast.List, ast.Tuple)):
            for item in node.elts:
                yield from self._of_estimator(item, scope, depth + 1)
        elif isinstance(node, ast.IfExp):
            yield from self._of_estimator(node.body, scope, depth + 1)
            yield from self._of_estimator(node.orelse, scope, depth + 1)
        elif isinstance(node, ast.Attribute):
            for value in self.interpreter.eval(node, scope):
                yield from self._fits(value)
        elif isinstance(node, ast.Call):
            yield from self._of_made(node, scope, depth)

    def _of_made(self, call: ast.Call, scope: Scope, depth: int) -> Iterator[tuple[Func, Args, ast.Call | None]]:
        for callee in self.interpreter.callees(call, scope, NO_ENV):
            if isinstance(callee, Api) and searches.is_wrapper(callee.name):
                arguments = [_argument(call, 0, ""), *(_argument(call, None, name) for name in searches.BUILD_ARGUMENTS)]
                for node in filter(None, arguments):
                    for value in self.interpreter.eval(node, scope):
                        yield from ((func, args, call) for func, args in self._called(value, _ANY, depth + 1))
            elif isinstance(callee, Api):  # a pipeline, or another estimator around it
                for node in (*call.args, *(keyword.value for keyword in call.keywords)):
                    yield from self._of_estimator(node, scope, depth + 1)
            elif isinstance(callee, Func):
                for returned in callee.scope.returns:
                    yield from self._of_estimator(returned, callee.scope, depth + 1)
            elif isinstance(callee, Cls):
                values = [Obj(callee)] if self._is_wrapper(callee) else []
                methods = [m for v in values for name in searches.BUILD_METHODS for m in self.interpreter.member(v, name)]
                yield from ((method, _ANY, call) for method in methods if isinstance(method, Func))
                if not values:
                    yield from ((func, args, call) for func, args, _ in self._fits(Obj(callee)))

    def _fits(self, value: Value) -> Iterator[tuple[Func, Args, ast.Call | None]]:
        """The ``fit`` of an estimator of the project: each of a search's estimators is new."""
        if isinstance(value, Obj) and isinstance(value.of, Cls) and not classes.is_model(self.interpreter, value.of):
            made = Obj(value.of, value.init, fresh=True)
            yield from ((fit, _ANY, None) for fit in self.interpreter.member(made, "fit") if isinstance(fit, Func))

    def _is_wrapper(self, cls: Cls) -> bool:
        return any(isinstance(base, Api) and searches.is_wrapper(base.name) for base in classes.lineage(self.interpreter, cls))


def effects_in(factories: Factories, site: CallSite, search: Search) -> Effects:
    """What a call in the function does, given what is known of the function's arguments."""
    return factories.of_call(site.node, site.scope, search.env)


def _argument(call: ast.Call, position: int | None, name: str) -> ast.expr | None:
    """The argument at a position or with a name."""
    if position is not None and position < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args):
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if name and keyword.arg == name), None)


def _is(node: ast.expr, value: object) -> bool:
    """Whether an expression is a literal of this value; ``1`` is not ``True``."""
    return isinstance(node, ast.Constant) and type(node.value) is type(value) and node.value == value
