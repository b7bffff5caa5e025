"""One walk over a module that fills its index. Nothing is evaluated here."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from ..knowledge import effects
from ..knowledge.effects import PASSES
from ..knowledge.written import in_short
from .scopes import (
    END,
    START,
    Binding,
    CallSite,
    Comprehension,
    Extent,
    Loop,
    Module,
    Path,
    Position,
    Scope,
    end,
    extent,
    parameters,
    receiver,
    start,
)


def index(tree: ast.Module, path: str = "") -> Module:
    """Index a parsed module. ``path``: where it was read, ``""`` for text without a file."""
    module = Module(tree, path)
    _Indexer(module).statements(tree.body, (START, END))
    return module


class _Indexer:
    """Fills a module's index. Statements by recursion (Python allows 100 levels), expressions with a stack."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.scope = module.scope
        self.suite: Extent = (START, END)
        self.loop: Loop | None = None

    # -- statements

    def statements(self, body: list[ast.stmt], suite: Extent | None = None) -> None:
        if not body:
            return
        before = self.suite
        self.suite = suite or (start(body[0]), end(body[-1]))
        for statement in body:
            handler = _HANDLERS.get(statement.__class__)
            if handler is None:
                self.expressions(statement)
            else:
                handler(self, statement)
        self.suite = before

    def bind(self, name: str, binding: Binding) -> None:
        scope = self.owner(name, binding)
        if scope is not binding.scope:  # assigned from elsewhere: it replaces no other binding
            binding.suite = (END, END)
        scope.bindings.setdefault(name, []).append(binding)

    def owner(self, name: str, binding: Binding) -> Scope:
        """The scope whose name is bound: another one for ``global``, ``nonlocal`` and what is put into a collection."""
        scope = binding.scope
        where = scope.outer_names.get(name)
        if where == "global":
            return scope.module.scope
        if where is None and (binding.kind != "item" or name in scope.bindings):
            return scope
        around = (outer for outer in scope.outward() if outer is not scope and outer.kind != "class" and name in outer.bindings)
        return next(around, scope)

    def new(
        self,
        kind: str,
        position: Position,
        node: ast.AST | None = None,
        expr: ast.expr | None = None,
        path: Path = (),
        target: str = "",
    ) -> Binding:
        scope = self.scope if kind == "element" else self.scope.function()
        loop = extent(self.loop.node) if self.loop else None
        return Binding(kind, position, self.suite, scope, node, expr, path, target, loop)

    def imports(self, node: ast.Import | ast.ImportFrom) -> None:
        source = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            name = alias.asname or (alias.name if source else alias.name.partition(".")[0])
            target = f"{source}:{alias.name}" if source else alias.name if alias.asname else name
            if alias.name == "*":
                self.scope.function().stars.append(source)
            else:
                self.bind(name, self.new("import", start(node), node=node, target=target))

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.expressions(part)
        self.module.decorated.extend((decorator, self.scope, node, self.loop) for decorator in node.decorator_list)
        short, calls = in_short(node), len(self.module.calls)
        self.bind(node.name, self.new("def", start(node), node=short or node))
        self.function_body(node)
        if short is not None:  # its own text has scopes, for those who come to its names, but nothing in it is followed
            del self.module.calls[calls:]
            self.function_body(short)

    def function_body(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        outer = self.scope, self.loop
        self.scope, self.loop = self.child("function", node), None
        for parameter in parameters(node.args):
            self.parameter(parameter)
        self.statements(node.body, (START, END))
        self.scope, self.loop = outer

    def class_(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.expressions(part)
        self.module.decorated.extend((decorator, self.scope, node, self.loop) for decorator in node.decorator_list)
        self.bind(node.name, self.new("class", start(node), node=node))
        outer = self.scope, self.loop
        self.scope = self.child("class", node)
        self.statements(node.body)
        self.scope, self.loop = outer

    def parameter(self, node: ast.arg) -> None:
        binding = self.new("param", start(node), node=node)
        binding.suite = (START, END)
        self.bind(node.arg, binding)

    def child(self, kind: str, node: ast.AST) -> Scope:
        scope = Scope(kind, node, self.scope, self.module)
        self.module.scope_of[node] = scope
        return scope

    def assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self.target(target, "value", node.value, end(node))
            self.expressions(target)
        self.expressions(node.value)

    def annotated(self, node: ast.AnnAssign) -> None:
        self.expressions(node.target)
        self.expressions(node.annotation)
        if node.value is not None:
            self.target(node.target, "value", node.value, end(node))
            self.expressions(node.value)

    def augmented(self, node: ast.AugAssign) -> None:
        if isinstance(node.op, ast.Add) and isinstance(node.value, (ast.List, ast.Tuple)):
            self.items(node.target, node.value.elts, end(node))
        else:
            self.target(node.target, "opaque", None, end(node))
        self.expressions(node.target)
        self.expressions(node.value)

    def expression(self, node: ast.Expr) -> None:
        """``xs.append(value)``: ``value`` becomes an element of what ``xs`` names."""
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            index = effects.stored_at(call.func.attr)
            given = call.args[index:] if index is not None and len(call.args) == index + 1 else []
            if index is not None and effects.does(call.func.attr, PASSES):
                given = [item for each in given for item in _held(each)] + [each.value for each in call.keywords if each.arg]
            self.items(call.func.value, given, end(call))
        self.expressions(call)

    def items(self, collection: ast.expr, items: list[ast.expr], position: Position) -> None:
        for item in items:
            self.target(collection, "item", item, position)

    def target(self, target: ast.expr, kind: str, expr: ast.expr | None, position: Position, path: Path = ()) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, self.new(kind, position, node=target, expr=expr, path=path))
        elif isinstance(target, (ast.Tuple, ast.List)):
            for index, element in enumerate(target.elts):
                self.target(element, kind, expr, position, (*path, index))
        elif isinstance(target, ast.Starred):
            self.target(target.value, "opaque", None, position)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            self.attribute(target.value.id, target.attr, self.new(kind, position, node=target, expr=expr, path=path))
        elif isinstance(target, ast.Subscript) and kind == "value":
            self.target(target.value, "item", expr, position, path)

    def attribute(self, base: str, name: str, binding: Binding) -> None:
        for scope in self.scope.function().outward():
            if scope.kind != "function":
                return
            if scope.parent is not None and scope.parent.kind == "class":
                if receiver(scope.node) == base:
                    binding.suite = (END, END)
                    scope.parent.attributes.setdefault(name, []).append(binding)
                return

    def loops(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        if not isinstance(node, ast.While):
            self.expressions(node.iter)
        outer = self.enter_loop(node)
        self.expressions(node.test if isinstance(node, ast.While) else node.target)
        if not isinstance(node, ast.While):
            self.target(node.target, "element", node.iter, start(node.target))
        self.statements(node.body)
        self.loop = outer
        self.statements(node.orelse)

    def enter_loop(self, node: ast.AST) -> Loop | None:
        outer = self.loop
        self.loop = Loop(node, self.scope, outer)
        self.module.loops.append(self.loop)
        return outer

    def if_(self, node: ast.If) -> None:
        while True:  # an elif chain may be thousands long
            self.expressions(node.test)
            self.statements(node.body)
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node = node.orelse[0]
                continue
            self.statements(node.orelse)
            return

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.expressions(item.context_expr)
            if item.optional_vars is not None:
                self.expressions(item.optional_vars)
                self.target(item.optional_vars, "value", item.context_expr, end(item.optional_vars))
        self.statements(node.body, self.suite)

    def try_(self, node: ast.Try) -> None:
        self.statements(node.body)
        for handler in node.handlers:
            if handler.name:
                self.bind(handler.name, self.new("opaque", start(handler)))
            self.statements(handler.body)
        self.statements(node.orelse)
        self.statements(node.finalbody)

    def match(self, node: ast.Match) -> None:
        self.expressions(node.subject)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(name, str):
                    self.bind(name, self.new("opaque", start(case.pattern)))
            if case.guard is not None:
                self.expressions(case.guard)
            self.statements(case.body)

    def outer(self, node: ast.Global | ast.Nonlocal) -> None:
        where = "global" if isinstance(node, ast.Global) else "nonlocal"
        self.scope.outer_names.update(dict.fromkeys(node.names, where))

    def return_(self, node: ast.Return) -> None:
        if node.value is not None:
            self.scope.function().returns.append(node.value)
            self.expressions(node.value)

    # -- expressions

    def expressions(self, root: ast.AST) -> None:
        if root.__class__ is ast.Name or root.__class__ is ast.Constant:
            return
        stack = [root]
        scoped: list[ast.AST] = []
        while stack:
            node = stack.pop()
            kind = node.__class__
            if kind is ast.Name or kind is ast.Constant:
                continue
            if isinstance(node, ast.Call):
                self.module.calls.append(CallSite(node, self.scope, self.loop))
            elif kind in _SCOPED:
                scoped.append(node)
                continue
            for field in _CHILDREN[kind]:
                value = getattr(node, field, None)
                if value.__class__ is list:
                    stack.extend(item for item in value if isinstance(item, ast.AST))
                elif isinstance(value, ast.AST):  # the name of a type parameter is a string
                    stack.append(value)
        for node in scoped:
            outer = self.scope, self.loop
            for part, scope, loop in self.scoped(node):
                self.scope, self.loop = scope, loop
                self.expressions(part)
            self.scope, self.loop = outer

    def scoped(self, node: ast.AST) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        """Handle an expression that binds names; yield the parts still to be walked."""
        scope, loop = self.scope, self.loop
        if isinstance(node, ast.NamedExpr):
            self.target(node.target, "value", node.value, end(node))
            yield node.value, scope, loop
        elif isinstance(node, (ast.Yield, ast.YieldFrom)):
            scope.function().is_generator = True
            if node.value is not None:
                yield node.value, scope, loop
        elif isinstance(node, ast.Lambda):
            self.scope, self.loop = self.child("function", node), None
            for parameter in parameters(node.args):
                self.parameter(parameter)
            self.scope.returns.append(node.body)
            yield node.body, self.scope, None
            for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
                yield default, scope, loop
        elif isinstance(node, Comprehension):
            yield node.generators[0].iter, scope, loop
            self.scope = self.child("comprehension", node)
            self.enter_loop(node)
            inner = self.scope, self.loop
            for index, generator in enumerate(node.generators):
                self.target(generator.target, "element", generator.iter, start(generator.target))
                for part in (*([generator.iter] if index else []), *generator.ifs):
                    yield part, *inner
            for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
                yield part, *inner


def _held(node: ast.expr) -> list[ast.expr]:
    """What a literal of a collection holds."""
    return node.values if isinstance(node, ast.Dict) else node.elts if isinstance(node, (ast.List, ast.Tuple)) else []


_NO_CHILDREN = frozenset({"arg", "attr", "conversion", "ctx", "is_async", "op", "ops", "simple", "type_comment"})
#: Fields of each kind of node that can hold expressions.
_CHILDREN = {
    kind: tuple(field for field in kind._fields if field not in _NO_CHILDREN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
_SCOPED = frozenset({ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Lambda, *Comprehension})
_HANDLERS: dict[type[ast.AST], Callable[[_Indexer, Any], None]] = {
    ast.Import: _Indexer.imports,
    ast.ImportFrom: _Indexer.imports,
    ast.FunctionDef: _Indexer.function,
    ast.AsyncFunctionDef: _Indexer.function,
    ast.ClassDef: _Indexer.class_,
    ast.Assign: _Indexer.assign,
    ast.AnnAssign: _Indexer.annotated,
    ast.AugAssign: _Indexer.augmented,
    ast.For: _Indexer.loops,
    ast.AsyncFor: _Indexer.loops,
    ast.While: _Indexer.loops,
    ast.If: _Indexer.if_,
    ast.With: _Indexer.with_,
    ast.AsyncWith: _Indexer.with_,
    ast.Try: _Indexer.try_,
    ast.Match: _Indexer.match,
    ast.Global: _Indexer.outer,
    ast.Nonlocal: _Indexer.outer,
    ast.Return: _Indexer.return_,
    ast.Expr: _Indexer.expression,
}
if hasattr(ast, "TryStar"):
    _HANDLERS[ast.TryStar] = _Indexer.try_
