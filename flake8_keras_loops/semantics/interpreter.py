"""What an expression may stand for: a small, lazy, flow-aware points-to evaluation.

Names are looked up through scopes, imports through the project, calls by what they return, attributes by what methods store
on ``self``. Where several bindings may reach, all of them count; where none is known, the answer is empty, never a guess.
Every answer is remembered; a budget bounds the work for one file, so that no input can make it hang.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..knowledge import attributes, effects, keras, lookups, searches
from ..semantics.modules import Modules
from . import branches, calls, classes, collections_, public
from .memo import Memo
from .scopes import END, Binding, Extent, Module, Position, Scope, inside, reaching, start
from .values import (
    MODEL,
    NO_ENV,
    TENSOR,
    Api,
    Args,
    Cls,
    Const,
    Env,
    Estimator,
    Func,
    Items,
    Method,
    Mod,
    Names,
    Obj,
    Value,
    Values,
    constant,
    dotted,
    leaves,
    union,
)

_MAX_DEPTH = 60
_MAX_ITEMS = 200
_BUDGET_OF_A_FILE = 80_000
_BUDGET_OF_A_SITE = 60_000


class BudgetError(Exception):
    """What a call may do takes more work to find out than is allowed for one call, or for what is left of the file."""


class Interpreter:
    """Evaluates expressions of one linted module and of the project's modules that it leads to.

    ``callers``: further modules whose calls say what parameters may be.
    """

    def __init__(self, project: Modules, root: Module, callers: tuple[Module, ...] = ()) -> None:
        self.project = project
        self.root = root
        self.callers = callers
        self._memo: Memo[tuple[ast.AST, Env], Values] = Memo(())
        self._names: dict[tuple[Scope, str], Values] = {}
        self._active: set[tuple[str, str]] = set()
        self.budget = _BUDGET_OF_A_FILE + 10 * len(root.calls)
        self._given = self._budget = self._left = self.budget
        self._imported: dict[tuple[Scope, str], Values] = {}
        self.contexts: dict[Scope, set[Env]] = {}
        self.lineages: dict[Cls, list[Cls | Api]] = {}
        self.dead: dict[tuple[Scope, Env], tuple[Extent, ...]] = {}

    @property
    def spent(self) -> int:
        """How many expressions have been evaluated so far, at most ``budget``."""
        return self.budget - self._left + self._given - self._budget

    def next_site(self) -> suppress:
        """Begin with another call of the linted file: no single one may use up what is there for all.

        As a context, it goes on behind a block that took more work than that.
        """
        self._left -= self._given - self._budget
        self._given = self._budget = max(0, min(_BUDGET_OF_A_SITE, self._left))
        return suppress(BudgetError)

    # -- expressions

    def eval(self, node: ast.expr, scope: Scope, env: Env = NO_ENV) -> Values:
        """Values that an expression in a scope may have; empty where nothing is known."""
        if isinstance(node, ast.Constant):
            return constant(node)
        if isinstance(node, ast.Name) and (scope, node.id) in self._imported:
            return self._imported[scope, node.id]
        handler = _EVALUATORS.get(node.__class__)
        if handler is None or self._memo.depth > _MAX_DEPTH:
            return ()
        return self._memo.ask((node, env), lambda: self._evaluate(handler, node, scope, env))

    def _evaluate(self, handler: _Evaluator, node: ast.expr, scope: Scope, env: Env) -> Values:
        if not self._budget:  # an answer that is cut short must not be remembered
            raise BudgetError
        self._budget -= 1
        return handler(self, node, scope, env)

    def _name(self, node: ast.Name, scope: Scope, env: Env) -> Values:
        return self.lookup(node.id, scope, env, start(node))

    def lookup(self, name: str, scope: Scope, env: Env, at: Position) -> Values:
        """Values of a name as seen at a position of a scope."""
        here = scope.function()
        current: Scope | None = scope
        while current is not None:
            if name in current.bindings and (current.kind != "class" or current is here):
                near = _in_force(current, name, at, current.function() is here)
                ruled_out = branches.dead(self, current, env) if env.frames and len(near) > 1 else ()
                live = [b for b in near if not any(inside(b.position, part) for part in ruled_out)]
                values = union(self.binding(binding, env) for binding in live)
                if len(current.bindings[name]) == 1 and near[0].kind == "import":
                    self._imported[scope, name] = values
                return values
            current = current.parent
        starred = [values for star in scope.module.scope.stars + here.stars if (values := self._star(star, name, scope.module))]
        if starred:  # any capitalised name may be a layer: a name that builds is the better guess
            return next((v for v in starred if any(isinstance(a, Api) and keras.builds(a.name) for a in v)), starred[0])
        if name == lookups.OWN_NAME:
            return (Mod(scope.module.path),)
        return (Api(name),) if effects.is_followed(name) else ()

    def _star(self, source: str, name: str, module: Module) -> Values:
        places = self.project.places(module.path, source)
        if places:
            return self.member(Mod(places[0], places[1:]), name) if not name.startswith("_") else ()
        value = Api(keras.canonical(f"{source}.{name}"))
        return (value,) if keras.may_export(value.name) else ()

    def binding(self, binding: Binding, env: Env) -> Values:
        """Values that one binding gives to its name."""
        scope, kind = binding.scope, binding.kind
        if kind == "import":
            return self._import(binding.target, scope.module)
        if kind == "def" or kind == "class":
            return self._definition(binding, env)
        if kind == "param":
            return self._parameter(binding, env)
        if binding.expr is None:
            return ()
        values = self.eval(binding.expr, scope, env)
        if kind == "element":
            values = collections_.elements(values)
        for index in binding.path:
            values = collections_.at(values, index)
        return (Items((values,), exact=False),) if kind == "item" and values else values

    def _import(self, target: str, module: Module) -> Values:
        source, _, name = target.partition(":")
        if not name:
            return self.module(source, module)
        place = self.project.find(module.path, source)
        if place is None:
            return (Api(keras.canonical(f"{source}.{name}")),)
        found = self.member(Mod(place), name) or union(self.member(each, name) for each in self.module(source, module))
        return found or (Api(f"{source.lstrip('.')}.{name}"),)

    def module(self, dotted: str, importer: Module) -> Values:
        """What importing a module gives."""
        places = self.project.places(importer.path, dotted)
        return (Mod(places[0], places[1:]),) if places else (Api(keras.canonical(dotted)),)

    def _definition(self, binding: Binding, env: Env) -> Values:
        assert binding.node is not None
        inner = binding.scope.module.scope_of[binding.node]
        closure = env if binding.scope.kind == "function" else NO_ENV
        value: Value = Cls(inner, closure) if binding.kind == "class" else Func(inner, closure)
        decorators = binding.node.decorator_list  # type: ignore[attr-defined]
        if binding.scope.kind == "class" or not decorators:
            return (value,)
        return self._decorated(value, decorators, binding.scope, env)

    def _decorated(self, value: Value, decorators: list[ast.expr], scope: Scope, env: Env) -> Values:
        """A decorated function is what the decorators of the project return for it, if that is known, or the function."""
        wrappers = (wrapper for decorator in decorators for wrapper in self.eval(decorator, scope, env))
        wrapped = [calls.result(self, wrapper, Args(((value,),))) for wrapper in wrappers if isinstance(wrapper, Func)]
        functions = tuple(v for v in union(wrapped) if isinstance(v, (Func, Cls)))
        return functions or (value,)

    def _parameter(self, binding: Binding, env: Env) -> Values:
        assert isinstance(binding.node, ast.arg)
        name = binding.node.arg
        bound = env.lookup(binding.scope, name)
        if bound is not None:
            return bound
        key = (binding.scope, name)
        if key in self._names:
            return self._names[key]
        self._names[key] = ()
        self._names[key] = calls.values_at_call_sites(self, binding.scope, name)
        return self._names[key]

    def importers(self, module: Module) -> list[Module]:
        """The modules that the linted one leads to, and that import a module."""
        places = self.project.importers(module.path, self.root.path)
        return [found for place in places if (found := self.project.load(place)) is not None and found is not module]

    # -- attributes

    def _attribute(self, node: ast.Attribute, scope: Scope, env: Env) -> Values:
        return union(self.member(base, node.attr) for base in self.eval(node.value, scope, env))

    def member(self, base: Value, name: str) -> Values:
        """Values of an attribute of a value."""
        if name == searches.REMOTE_CALL and isinstance(base, (Func, Cls)) and (values := classes.remote(self, base)):
            return values
        if isinstance(base, Api):
            return (Api(keras.canonical(f"{base.name}.{name}")),)
        if isinstance(base, Mod):
            return self._module_member(base, name)
        if isinstance(base, Cls):
            return classes.member(self, base, name, None) or ((Method(MODEL, name),) if classes.is_model(self, base) else ())
        if isinstance(base, Obj):
            if name == "__class__":
                return (base.of,)
            if isinstance(base.of, Api):
                return (TENSOR,) if base == MODEL and name in attributes.TENSORS else (Method(base, name),)
            found = classes.member(self, base.of, name, base) or classes.inherited(self, base.of, name)
            return found or ((Method(MODEL, name),) if classes.is_model(self, base.of) else ())
        if isinstance(base, (Items, Names, Estimator)):
            return (Method(base, name),)
        if isinstance(base, Method) and keras.builds(built := f"{dotted(base)}.{name}"):  # tuner.hypermodel.build
            return (Api(built),)
        if isinstance(base, Func) and name in {"python_function", "__wrapped__"}:
            return (base,)
        return ()

    def _module_member(self, base: Mod, name: str) -> Values:
        if values := self._of_module(base, name) or (self._module_member(base.farther, name) if base.farther else ()):
            return values
        return (Names(base),) if name == lookups.NAMES else ()

    def _of_module(self, base: Mod, name: str) -> Values:
        key = (base.path, name)
        inner = self.project.child(base.path, name)
        submodule: Values = (Mod(inner),) if inner else ()
        if key in self._active:  # ``from . import name`` in the package itself
            return submodule
        self._active.add(key)
        try:
            module = self.root if base.path == self.root.path else self.project.load(base.path)
            if module is not None:
                if name in module.scope.bindings:
                    near = reaching(module.scope.bindings[name], END)
                    if values := union(self.binding(binding, NO_ENV) for binding in near):
                        return values
                for star in module.scope.stars:
                    if values := self._star(star, name, module):
                        return values
            return submodule
        finally:
            self._active.discard(key)

    # -- calls

    def _call(self, node: ast.Call, scope: Scope, env: Env) -> Values:
        callees = self.callees(node, scope, env)
        if not callees:
            return ()
        args = self.arguments(node, scope, env)
        here = (public.result_here(self, callee, args, scope.module) for callee in callees)
        return union(calls.result(self, callee, args) if given is None else given for callee, given in zip(callees, here))

    def callees(self, node: ast.Call, scope: Scope, env: Env) -> Values:
        """What a call may call."""
        func = node.func
        if isinstance(func, ast.Name) and func.id == "super":
            return ()
        if isinstance(func, ast.Attribute) and _is_super(func.value):
            return classes.of_super(self, func.attr, scope, env)
        return self.eval(func, scope, env)

    def bind(self, func: Func, args: Args) -> Env:
        """The environment in which a function runs when it is called with these arguments."""
        return calls.bind(self, func, args)

    def arguments(self, node: ast.Call, scope: Scope, env: Env) -> Args:
        """Evaluate the arguments of a call."""
        positional: list[Values] = []
        keywords: dict[str, Values] = {}
        is_open = False
        for arg in node.args:
            if not isinstance(arg, ast.Starred):
                positional.append(self.eval(arg, scope, env))
                continue
            more = self.eval(arg.value, scope, env)
            if len(more) != 1 or not isinstance(more[0], Items) or not more[0].exact or more[0].keys is not None:
                is_open = True
                break
            positional.extend(more[0].each)
        for keyword in node.keywords:
            values = self.eval(keyword.value, scope, env)
            if keyword.arg:
                keywords[keyword.arg] = values
            elif len(values) == 1 and isinstance(values[0], Items) and values[0].exact and values[0].keys is not None:
                keywords.update((str(key), each) for key, each in zip(values[0].keys, values[0].each))
            else:
                is_open = True
        return Args(tuple(positional), tuple(keywords.items()), is_open)

    # -- the other expressions

    def _items(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope, env: Env) -> Values:
        if any(isinstance(item, ast.Starred) for item in node.elts):
            inner = [self.eval(i.value if isinstance(i, ast.Starred) else i, scope, env) for i in node.elts]
            return (Items((union(inner),), exact=False),)
        return (Items(tuple(self.eval(item, scope, env) for item in node.elts[:_MAX_ITEMS])),)

    def _dict(self, node: ast.Dict, scope: Scope, env: Env) -> Values:
        keys: list[object] = []
        each: list[Values] = []
        exact = True
        for key, value in list(zip(node.keys, node.values))[:_MAX_ITEMS]:
            values = self.eval(value, scope, env)
            exact = exact and key is not None
            keys.append(key.value if isinstance(key, ast.Constant) else None)
            each.append(values if key is not None else union(v.elements() for v in values if isinstance(v, Items)))
        return (Items(tuple(each), exact, tuple(keys)),)

    def _subscript(self, node: ast.Subscript, scope: Scope, env: Env) -> Values:
        return calls.subscript(self, node, scope, env)

    def _comprehension(self, node: ast.ListComp, scope: Scope, env: Env) -> Values:
        inner = scope.module.scope_of[node]
        part = node.value if isinstance(node, ast.DictComp) else node.elt
        values = self.eval(part, inner, env)
        return (Items((values,), exact=False, keys=() if isinstance(node, ast.DictComp) else None),) if values else ()

    def _lambda(self, node: ast.Lambda, scope: Scope, env: Env) -> Values:
        return (Func(scope.module.scope_of[node], env),)

    def _either(self, node: ast.IfExp, scope: Scope, env: Env) -> Values:
        truth = branches.truth(self, node.test, scope, env)
        first = self.eval(node.body, scope, env) if truth is not False else ()
        return first if truth else union((first, branches.apart(self, node, self.eval(node.orelse, scope, env), scope)))

    def _any_of(self, node: ast.BoolOp, scope: Scope, env: Env) -> Values:
        values = union(self.eval(value, scope, env) for value in node.values)
        return tuple(v for v in values if not isinstance(v, Const) or v is values[-1])

    def _text(self, node: ast.JoinedStr, scope: Scope, env: Env) -> Values:
        parts = [each.value if isinstance(each, ast.FormattedValue) else each for each in node.values]
        return public.joined([self.eval(part, scope, env) for part in parts])

    def _inner(self, node: ast.NamedExpr, scope: Scope, env: Env) -> Values:
        return self.eval(node.value, scope, env)

    def _sum(self, node: ast.BinOp, scope: Scope, env: Env) -> Values:
        values = union((self.eval(node.left, scope, env), self.eval(node.right, scope, env)))
        kept = tuple(leaves(tuple(v for v in values if isinstance(v, Items))))
        if kept:
            return (Items((kept,), exact=False),)
        if isinstance(node.op, ast.Add) and public.texts(values):
            return public.joined([self.eval(node.left, scope, env), self.eval(node.right, scope, env)])
        return (TENSOR,) if TENSOR in values else ()


def _in_force(scope: Scope, name: str, at: Position, is_here: bool) -> list[Binding]:
    """The bindings of a name that may hold; seen from an inner function all do, those that stand before it first."""
    bindings = scope.bindings[name]
    if is_here:
        return reaching(bindings, at)
    before = [binding for binding in bindings if binding.position <= at]
    return before[::-1] + bindings[len(before) :] if len(bindings) > 1 else bindings


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


_Evaluator = Callable[[Interpreter, Any, Scope, Env], Values]
_EVALUATORS: dict[type[ast.AST], _Evaluator] = {
    ast.Name: Interpreter._name,
    ast.Attribute: Interpreter._attribute,
    ast.Call: Interpreter._call,
    ast.List: Interpreter._items,
    ast.Tuple: Interpreter._items,
    ast.Set: Interpreter._items,
    ast.Dict: Interpreter._dict,
    ast.Subscript: Interpreter._subscript,
    ast.ListComp: Interpreter._comprehension,
    ast.SetComp: Interpreter._comprehension,
    ast.DictComp: Interpreter._comprehension,
    ast.GeneratorExp: Interpreter._comprehension,
    ast.JoinedStr: Interpreter._text,
    ast.Lambda: Interpreter._lambda,
    ast.IfExp: Interpreter._either,
    ast.BoolOp: Interpreter._any_of,
    ast.NamedExpr: Interpreter._inner,
    ast.Await: Interpreter._inner,
    ast.BinOp: Interpreter._sum,
}
