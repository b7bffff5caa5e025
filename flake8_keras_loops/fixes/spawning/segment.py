"""Which statements of a loop's body go to a child process: from the first that touches Keras or sets a seed to the last.

What they read goes there, what is read of them later comes back. What stands before and after stays in the loop.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ...dataflow.loops import body
from ...dataflow.paths import CLEARS
from ...knowledge import effects
from ...knowledge.effects import SEEDS, STORES
from ...semantics import callgraph
from ...semantics.scopes import Binding, Extent, Scope, callee_name, end, inside, reaching, start
from ...semantics.syntax import scoped, walk
from ...semantics.values import HISTORY, LAYER, MODEL, NO_ENV, Func, dotted
from ..plans import Case
from .data import Data
from .imported import lacks_global


@dataclass(frozen=True, eq=False)
class Segment:
    """``statements``: those that go to the child, in a row in the loop's body. ``value``: of the last one only this goes."""

    case: Case
    statements: tuple[ast.stmt, ...]
    value: ast.expr | None = None

    @property
    def scope(self) -> Scope:
        """The function or module that the loop stands in."""
        return self.case.loop.scope.function()

    @property
    def region(self) -> Extent:
        """From where to where they stand."""
        return start(self.statements[0]), end(self.statements[-1])

    @property
    def roots(self) -> list[tuple[ast.AST, Scope]]:
        """What goes, each with its scope."""
        nodes: tuple[ast.AST, ...] = self.statements if self.value is None else (*self.statements[:-1], self.value)
        return [(node, self.case.loop.scope) for node in nodes]

    @cached_property
    def bound(self) -> dict[str, list[Binding]]:
        """The names that they bind in the loop's function, each with how."""
        found = {}
        for name, bindings in self.scope.bindings.items():
            if own := [binding for binding in bindings if inside(binding.position, self.region) and binding.kind != "item"]:
                found[name] = own
        return found

    @cached_property
    def reads(self) -> list[tuple[ast.Name, Scope]]:
        """What they read of names from around them, each once: the first read, and the scope whose variable it is."""
        found: dict[str, tuple[ast.Name, Scope]] = {}
        for root in self.roots:
            nodes = [pair for pair in scoped(*root) if isinstance(pair[0], ast.Name)]
            for node, scope in sorted(nodes, key=lambda pair: start(pair[0])):
                assert isinstance(node, ast.Name)
                owner = scope.owner(node.id)
                is_read = isinstance(node.ctx, ast.Load) or isinstance(self.case.syntax.parents[node], ast.AugAssign)
                if is_read and owner is not None and node.id not in found and not self._is_own(node, scope, owner):
                    found[node.id] = (node, owner)
        return list(found.values())

    def _is_own(self, node: ast.Name, scope: Scope, owner: Scope) -> bool:
        """Whether a read sees what the statements themselves have bound."""
        if owner is not self.scope:
            return owner.node is not owner.module.tree and inside(start(owner.node), self.region)
        own = self.bound.get(node.id, [])
        if scope.function() is not owner:  # in a function that is defined here
            return bool(own)
        found = reaching(owner.bindings[node.id], start(node))
        is_bound = any(binding in own and binding.position <= start(node) for binding in found)
        return is_bound and all(inside(binding.position, self.region) for binding in found)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names whose values have to be handed over: the child has not got them by importing the file."""
        return tuple(node.id for node, owner in self.reads if not self._is_there(node.id, owner))

    def _is_there(self, name: str, owner: Scope) -> bool:
        return owner is self.case.module.scope and not lacks_global(name, owner, self.case.interpreter)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The names that are bound here and read elsewhere: later, in the next iteration, after the loop."""
        return tuple(sorted((name for name in self.bound if self._is_read_later(name)), key=lambda n: self.bound[n][0].position))

    def _is_read_later(self, name: str) -> bool:
        own, syntax = self.bound[name], self.case.syntax
        if any(node.id == name and owner is self.scope for node, owner in self.reads):
            return True  # what the iteration before has left
        for node in syntax.reads(name, self.scope.node):
            if inside(start(node), self.region):
                continue
            is_beside = syntax.function(node) is self.case.function
            if not is_beside or any(b in own for b in reaching(self.scope.bindings[name], start(node))):
                return True
        changed = (node.target for node in syntax.every(ast.AugAssign) if isinstance(node.target, ast.Name))
        return any(target.id == name and not inside(start(target), self.region) for target in changed)


def find_segment(case: Case) -> Segment | None:
    """The statements that go to a child, ``None`` where none of the loop's own statements touches Keras."""
    statements, data = body(case.loop), Data(case.interpreter)
    touching = [number for number, statement in enumerate(statements) if touches_keras(statement, case)]
    if not touching:
        return None
    first, last = touching[0], touching[-1]
    while True:
        found = Segment(case, tuple(statements[first : last + 1]))
        unfit = {name for name in found.bound if lacks_after(found, name, data)}
        later = [n for n in range(last + 1, len(statements)) if _uses(statements[n], unfit, found)]
        needed = {node.id for node, owner in found.reads if owner is found.scope and data.lacks_name(node.id, owner, start(node))}
        earlier = [n for n in range(first) if needed & _binds(statements[n], case)]
        if not later and not earlier:
            return found
        first, last = min([first, *earlier]), max([last, *later])


def lacks_after(segment: Segment, name: str, data: Data) -> str:
    """Why what a name holds after the segment cannot be handed over."""
    own = segment.bound[name]
    return data.lacks_bound(name, [b for b in reaching(segment.scope.bindings[name], segment.region[1]) if b in own] or own)


def touches_keras(statement: ast.stmt, case: Case) -> bool:
    """Whether a statement builds, runs or clears with Keras or TensorFlow, or sets a seed, itself or in what it calls."""
    for site in case.module.calls_within(statement):
        values = case.interpreter.callees(site.node, site.scope, NO_ENV)
        effect = case.examined.factories.of_call(site.node, site.scope)
        if effect.builds or effect.mask & CLEARS or effects.does(callee_name(site.node), SEEDS):
            return True
        if any(dotted(value).startswith(("keras.", "tensorflow.")) for value in values):
            return True
        if any(isinstance(value, Func) for value in values) and _calls_keras(site.node, site.scope, case):
            return True
    return any(value in (MODEL, LAYER, HISTORY) for value in _values(statement, case))


def _calls_keras(call: ast.Call, scope: Scope, case: Case) -> bool:
    for site in callgraph.calls([(call, scope)], case.interpreter):
        values = case.interpreter.callees(site.node, site.scope, NO_ENV)
        if any(dotted(value).startswith(("keras.", "tensorflow.")) for value in values):
            return True
    return False


def _values(statement: ast.stmt, case: Case) -> Iterator[object]:
    for node, scope in scoped(statement, case.loop.scope):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield from case.interpreter.eval(node, scope)


def _uses(statement: ast.stmt, names: set[str], segment: Segment) -> bool:
    """Whether a statement reads, or deletes, one of some names as the segment leaves it."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id in names and not isinstance(node.ctx, ast.Store):
            own = segment.bound[node.id]
            if any(binding in own for binding in reaching(segment.scope.bindings[node.id], start(node))):
                return True
    return False


def _binds(statement: ast.stmt, case: Case) -> set[str]:
    """The names that a statement binds, or puts something into."""
    found = {node.id for node in walk([statement]) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    found |= {node.name for node in walk([statement]) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    for site in case.module.calls_within(statement):
        if isinstance(site.node.func, ast.Attribute) and effects.does(site.node.func.attr, STORES):
            if isinstance(site.node.func.value, ast.Name):
                found.add(site.node.func.value.id)
    return found
