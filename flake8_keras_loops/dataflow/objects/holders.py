"""Objects of the project that hold a model in an attribute, such as ``self.model``. Who else gets at it there, and which of what
an object holds stays as ``__init__`` set it?

An *object* is one of the class whose method builds the model. What is not seen here is what other files do with such objects.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...semantics import callgraph
from ...semantics.binding import unpacked
from ...semantics.classes import lineage
from ...semantics.interpreter import Interpreter
from ...semantics.scopes import Module, Scope, method_kind, receiver
from ...semantics.syntax import is_same, syntax_of, within
from ...semantics.values import Cls, Obj, Values
from ..construction import Construction

SELF = "self"
_METHODS = frozenset({"__init__", "__call__", "__repr__", "__str__"})
_KINDS = frozenset({"staticmethod", "classmethod", "property"})


def class_of(place: Construction) -> Scope | None:
    """The class whose method builds the model into an attribute of its object, ``None`` where the holder is something else."""
    scope = place.owner
    is_method = scope.kind == "function" and scope.parent is not None and scope.parent.kind == "class"
    owner, _, attribute = place.holder.partition(".")
    return scope.parent if is_method and attribute and owner == SELF == receiver(scope.node) else None


def attribute_of(place: Construction) -> str:
    """``model`` of ``self.model``."""
    return place.holder.rpartition(".")[2]


def is_of_class(values: Values, cls: Scope, interpreter: Interpreter) -> bool:
    """Whether something may be an object of a class or of one that derives from it."""
    found = [value.of for value in values if isinstance(value, Obj) and isinstance(value.of, Cls)]
    return any(base.scope is cls for value in found for base in lineage(interpreter, value) if isinstance(base, Cls))


def reads_outside(place: Construction, interpreter: Interpreter) -> Iterator[ast.Attribute]:
    """Where the attribute is read through an object, not through ``self`` in its class, while the loop may be running."""
    cls = class_of(place)
    if cls is None:
        return
    for node in syntax_of(cls.module).every(ast.Attribute):
        if node.attr != attribute_of(place) or not isinstance(node.ctx, ast.Load) or _is_of_self(node, cls):
            continue
        scope = _scope(node, cls.module)
        if is_of_class(interpreter.eval(node.value, scope), cls, interpreter):
            is_outside = scope.kind == "module" or place.owner in callgraph.called([(scope.node, scope)], interpreter)
            if place.loop is None or place.owner.is_generator or not is_outside:  # what calls the loop waits for its end
                yield node


def doubts_of_holder(place: Construction, interpreter: Interpreter) -> Iterator[str]:
    """Why the attribute may be another one, or be seen by others, than the methods of the class show."""
    cls, holder = class_of(place), place.holder
    if cls is None:
        yield f"{holder} can be changed from elsewhere"
        return
    yield from doubts_of_class(cls, attribute_of(place), interpreter)
    for node in _stores(cls.module, attribute_of(place)):
        statement = syntax_of(cls.module).statement(node)
        is_none = isinstance(statement, (ast.Assign, ast.AnnAssign)) and _is_none(statement.value)
        is_own = _is_of_self(node, cls) or not _is_of_another(node, cls, interpreter)
        if is_own and not is_none and not within(node, place.built):
            yield f"{ast.unparse(node)} is {'deleted' if isinstance(node.ctx, ast.Del) else 'set'} in line {node.lineno} too"


def doubts_of_class(cls: Scope, attribute: str, interpreter: Interpreter) -> Iterator[str]:
    """Why the methods of a class do not show all that is done with an attribute of its objects."""
    node, syntax = cls.node, syntax_of(cls.module)
    assert isinstance(node, ast.ClassDef)
    yield from doubts_of_objects(cls, interpreter)
    if any(binding.kind != "value" or not _is_none(binding.expr) for binding in cls.bindings.get(attribute, ())):
        yield f"{node.name} itself has {attribute}"
    for name in syntax.every(ast.Name):
        if name.id == SELF and _scope(name, cls.module).enclosing_class() is cls:
            parent = syntax.parents[name]
            if not isinstance(parent, ast.Attribute) and not _is_looked_at(name, parent):
                yield f"the object is handed on in line {name.lineno}, with its {attribute}"


def doubts_of_objects(cls: Scope, interpreter: Interpreter) -> Iterator[str]:
    """Why a class does not show all that its objects have and do."""
    node = cls.node
    assert isinstance(node, ast.ClassDef)
    if node.keywords or any(not is_same(base, "object") for base in node.bases):
        yield f"{node.name} derives from another class"
    others = (Cls(scope) for scope in cls.module.scope_of.values() if scope.kind == "class" and scope is not cls)
    if any(is_of_class((Obj(other),), cls, interpreter) for other in others):
        yield f"another class derives from {node.name}"
    if node.decorator_list:
        yield f"a decorator may change {node.name}"
    for method in (each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))):
        if method.name.startswith("__") and method.name.endswith("__") and method.name not in _METHODS:
            yield f"{node.name} has a {method.name}()"
        if not _KINDS.issuperset(map(ast.unparse, method.decorator_list)):
            yield f"a decorator may change {node.name}.{method.name}()"
        if not method_kind(method) and receiver(method) != SELF:
            yield f"{method.name}() calls its object {receiver(method)}"
    for name in ("setattr", "delattr", "vars"):
        for site in cls.module.calls_named(name):
            yield f"{name}() in line {site.node.lineno} may change an object"
    for read in syntax_of(cls.module).every(ast.Attribute):
        if read.attr in {"__dict__", "__init__"} and not (isinstance(read.value, ast.Call) and is_same(read.value.func, "super")):
            yield f"{read.attr} in line {read.lineno} may change an object"


def _is_looked_at(node: ast.expr, parent: ast.AST) -> bool:
    return isinstance(parent, ast.Call) and node in parent.args[:1] and any(is_same(parent.func, f) for f in ("hasattr", "type"))


def _is_of_self(node: ast.Attribute, cls: Scope) -> bool:
    return is_same(node.value, SELF) and _scope(node, cls.module).enclosing_class() is cls


def _is_of_another(node: ast.Attribute, cls: Scope, interpreter: Interpreter) -> bool:
    """Whether an attribute is certainly none of an object of the class."""
    values = interpreter.eval(node.value, _scope(node, cls.module))
    return all(isinstance(value, Obj) for value in values) and bool(values) and not is_of_class(values, cls, interpreter)


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _scope(node: ast.AST, module: Module) -> Scope:
    return module.scope_of.get(syntax_of(module).function(node), module.scope)


def _stores(module: Module, attribute: str) -> Iterator[ast.Attribute]:
    for node in syntax_of(module).every(ast.Attribute):
        if node.attr == attribute and not isinstance(node.ctx, ast.Load):
            yield node


# -- what else the object holds


def settled(place: Construction, node: ast.AST, interpreter: Interpreter) -> tuple[ast.expr, Scope] | None:
    """What ``__init__`` sets the attribute to that is read of the object, where nothing else in the file sets it.

    With it comes the scope of ``__init__``; ``None`` for other nodes.
    """
    cls = place.owner.parent
    if cls is None or cls.kind != "class" or not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return None
    if not _is_of_self(node, cls) or node.attr in cls.bindings:
        return None
    stores = list(_stores(cls.module, node.attr))
    if len(stores) != 1 or not _is_of_self(stores[0], cls):
        return None
    statement = syntax_of(cls.module).statement(stores[0])
    made = next((binding for binding in cls.attributes.get(node.attr, ()) if binding.node is stores[0]), None)
    value = unpacked(made.expr, made.path) if made is not None and made.kind == "value" and made.expr is not None else None
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or value is None:
        return None
    init = _scope(statement, cls.module)
    is_first = init.parent is cls and isinstance(init.node, ast.FunctionDef) and init.node.name == "__init__"
    if not is_first or statement not in init.node.body:  # type: ignore[attr-defined]
        return None
    aims = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    if len(aims) > 1 or any(isinstance(each, ast.Starred) for each in ast.walk(aims[0])):
        return None
    return None if any(doubts_of_objects(cls, interpreter)) else (value, init)
