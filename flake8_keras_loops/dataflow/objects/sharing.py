"""Is there only one object of a class at a time? One kept model can stand in its attribute then.

Two objects that live together would share it; one that follows the other, which
nobody asks any more, does not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...knowledge import effects
from ...knowledge.effects import LOOKS, STORES
from ...semantics import callgraph
from ...semantics.binding import parameter
from ...semantics.interpreter import Interpreter
from ...semantics.scopes import CallSite, Module, Scope, callee_name, end, inside, method_kind, start
from ...semantics.syntax import is_same, syntax_of, within
from ...semantics.values import NO_ENV, Cls, Func
from ..construction import Construction
from ..kinds import Kind, Use
from ..loops import around
from .holders import SELF, class_of, is_of_class

_MAX_DEPTH = 4
_LOOKED = (ast.Compare, ast.FormattedValue, ast.If, ast.While, ast.Assert, ast.UnaryOp, ast.Expr)
_KEEPING = (
    *(ast.Return, ast.Yield, ast.YieldFrom, ast.List, ast.Tuple, ast.Dict, ast.Set),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def shared(place: Construction, interpreter: Interpreter) -> Iterator[str]:
    """Why two objects of the class may live together, as far as that does not depend on where one of them goes."""
    cls = class_of(place)
    if cls is None:
        return
    site = only_maker(cls, interpreter)
    if site is None or cls.parent is not cls.module.scope or site.scope.enclosing_class() is cls:
        yield f"objects of the class would share one {place.holder}"
        return
    maker = site.scope.function()
    named = callgraph.named([(maker.node, maker)], interpreter) if maker.kind != "module" else ()
    if maker in named or (maker.kind != "module" and callgraph.calls_itself(maker, interpreter)):
        yield f"{getattr(maker.node, 'name', 'a function')}() calls itself, and its objects would share one {place.holder}"
    elif maker.is_generator or not isinstance(maker.node, (ast.FunctionDef, ast.Module)):
        yield f"objects of the class would share one {place.holder}"


def only_maker(cls: Scope, interpreter: Interpreter) -> CallSite | None:
    """The one call in the file that makes objects of a class, ``None`` where there is not certainly one."""
    module, name = cls.module, getattr(cls.node, "name", "")
    sites = [site for site in module.calls_named(name) if interpreter.callees(site.node, site.scope, NO_ENV) == (Cls(cls),)]
    if len(sites) != 1 or len(module.scope.bindings.get(name, ())) != 1:
        return None
    called, syntax = sites[0].node.func, syntax_of(module)
    named = (node for node in syntax.every(ast.Name) if node.id == name and isinstance(node.ctx, ast.Load))
    is_else_read = any(node is not called and not _is_asked(node, syntax.parents[node]) for node in named)
    return None if is_else_read or any(_gives_class(node, cls) for node in ast.walk(module.tree)) else sites[0]


def _is_asked(name: ast.Name, parent: ast.AST) -> bool:
    """``isinstance(it, Trainer)``, ``def f(trainer: Trainer)``"""
    return isinstance(parent, (ast.arg, ast.AnnAssign)) or (
        isinstance(parent, ast.Call) and name in parent.args[1:] and is_same(parent.func, "isinstance")
    )


def _gives_class(node: ast.AST, cls: Scope) -> bool:
    """``type(it)``, ``it.__class__``, or a class method, which can make objects."""
    if isinstance(node, ast.FunctionDef):
        return method_kind(node) == "classmethod" and node in cls.node.body  # type: ignore[attr-defined]
    if isinstance(node, ast.Call):
        return is_same(node.func, "type") and len(node.args) == 1
    return isinstance(node, ast.Attribute) and node.attr == "__class__"


def uses_of_object(place: Construction, interpreter: Interpreter) -> Iterator[Use]:
    """What is done with the object, but for calling its methods and reading what it holds."""
    cls = class_of(place)
    site = only_maker(cls, interpreter) if cls is not None and place.loop is None else None
    if cls is None or site is None:
        return
    yield from _bound_methods(cls)
    syntax = syntax_of(site.scope.module)
    parent = syntax.parents[site.node]
    target = parent.targets[0] if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None
    target = parent.target if isinstance(parent, ast.AnnAssign) else target
    function = site.scope.function()
    if isinstance(target, ast.Name) and target.id not in function.outer_names:
        for read in syntax.reads(target.id, function.node):
            if _may_be_older(read, site):
                yield Use(Kind.OBJECT_OLDER, read, read, target.id)
            else:
                yield from _use(read, target.id, function, cls, interpreter, 0)
    elif not isinstance(parent, ast.Expr):
        yield from _use(site.node, callee_name(site.node) + "()", function, cls, interpreter, 0)


def _may_be_older(read: ast.expr, site: CallSite) -> bool:
    """Whether a name is read in a loop before it gets this iteration's object, or where that may have failed."""
    if start(read) < start(site.node):
        return any(within(read, loop.node) for loop in around(site.loop))
    tried = [above for above in syntax_of(site.scope.module).above(site.node) if isinstance(above, ast.Try)]
    bodies = ((start(each.body[0]), end(each.body[-1])) for each in tried)
    return any(inside(start(site.node), body) and not inside(start(read), body) for body in bodies)


def _bound_methods(cls: Scope) -> Iterator[Use]:
    """Methods that are read and not called, and functions inside methods: they hold the object."""
    syntax = syntax_of(cls.module)
    for node in syntax.every(ast.Name):
        scope = cls.module.scope_of.get(syntax.function(node), cls.module.scope)
        if node.id != SELF or scope.enclosing_class() is not cls:
            continue
        parent = syntax.parents[node]
        if scope.parent is not cls or _is_lazy(node, scope) or scope.is_generator or isinstance(scope.node, ast.AsyncFunctionDef):
            yield Use(Kind.OBJECT_USED, node, node, SELF)
        elif isinstance(parent, ast.Attribute) and _is_method(parent, cls) and not syntax.is_called(parent):
            yield Use(Kind.OBJECT_USED, node, node, SELF)


def _is_method(attribute: ast.Attribute, cls: Scope) -> bool:
    found = [binding.node for binding in cls.bindings.get(attribute.attr, ()) if binding.kind == "def"]
    return any("property" not in map(ast.unparse, getattr(node, "decorator_list", ())) for node in found)


def _use(node: ast.expr, name: str, function: Scope, cls: Scope, interpreter: Interpreter, depth: int) -> Iterator[Use]:
    """What is done with an expression that is the object, in a function."""
    syntax = syntax_of(function.module)
    parent = syntax.parents[node]
    if syntax.function(node) is not function.node or _is_lazy(node, function):
        yield Use(Kind.OBJECT_USED, node, node, name)
    elif isinstance(parent, ast.Attribute):  # what is read of the object is followed where it is known to be one
        is_known = is_of_class(interpreter.eval(node, function), cls, interpreter)
        if not is_known or (_is_method(parent, cls) and not syntax.is_called(parent)):
            yield Use(Kind.OBJECT_USED, node, node, name)
    elif isinstance(parent, (ast.Call, ast.keyword)) and node is not getattr(parent, "func", None):
        call = parent if isinstance(parent, ast.Call) else syntax.parents[parent]
        if isinstance(call, ast.Call):
            yield from _handed(call, node, name, function, cls, interpreter, depth)
    elif isinstance(parent, _KEEPING) or (isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript)):
        yield Use(Kind.OBJECT_KEPT, node, node, name)
    elif not isinstance(parent, _LOOKED) and not (isinstance(parent, ast.Call) and parent.func is node):
        yield Use(Kind.OBJECT_USED, node, node, name)


def _is_lazy(node: ast.AST, function: Scope) -> bool:
    """Whether a generator expression reads it, and holds it until it has run."""
    return any(isinstance(above, ast.GeneratorExp) for above in syntax_of(function.module).above(node))


def _handed(
    call: ast.Call, node: ast.expr, name: str, function: Scope, cls: Scope, interpreter: Interpreter, depth: int
) -> Iterator[Use]:
    """What a function of the file does with the object that it is given."""
    func = callgraph.callee(call, function, interpreter)
    given = parameter(call, func, node) if func is not None else None
    if func is not None and given is not None and depth < _MAX_DEPTH and _is_followed(func, function.module):
        for read in syntax_of(function.module).reads(given, func.scope.node):
            yield from _use(read, given, func.scope, cls, interpreter, depth + 1)
    elif effects.does(callee_name(call), STORES):
        yield Use(Kind.OBJECT_KEPT, node, node, name)
    elif not effects.does(callee_name(call), LOOKS) or effects.does(callee_name(call), effects.COPIES | effects.PASSES):
        yield Use(Kind.OBJECT_USED, node, node, name)


def _is_followed(func: Func, module: Module) -> bool:
    scope = func.scope
    return scope.module is module and isinstance(scope.node, ast.FunctionDef) and not scope.is_generator
