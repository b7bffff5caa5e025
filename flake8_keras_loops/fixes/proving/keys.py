"""Which values tell the architectures of a loop apart, so that one model of each can be kept: ``kept[units]``.

In comes what builds a model, out come the names whose values decide it. They are numbers, texts or truths, as far as the text
shows; where it does not, there are no keys, since a list, say, cannot be one.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from ...dataflow.construction import Construction
from ...dataflow.degrees import Degree, decides_rate, deciding, degrees, driven_names, handed_on
from ...dataflow.loops import targets
from ...dataflow.objects.sharing import only_maker
from ...dataflow.variance import names_bound, own_names, writes
from ...knowledge import attributes, effects
from ...semantics import callgraph
from ...semantics.binding import as_method, default, given, is_plain, parameter, unpacked
from ...semantics.scopes import Binding, Loop, Scope, callee_name, end, reaching, start
from ...semantics.syntax import scoped, syntax_of
from ...semantics.values import NO_ENV, Const, dotted, leaves
from ..code_motion import Building, SettledRead, building, completing
from ..plans import Case
from .feeding import feeding_of, is_fed, read_by
from .trials import choices, is_suggestion

#: Of more kinds than this, hardly any comes again.
MANY = 32
_SCALAR = (bool, int, float, str)
_NAMES = [each.__name__ for each in _SCALAR]
_LITERAL = (ast.Constant, ast.Tuple, ast.BinOp, ast.UnaryOp)
_MAX_DEPTH = 3


@dataclass(frozen=True)
class Keys:
    """``names``: in the order of the text. ``count``: how many values they have together at most, ``inf`` where that is open."""

    names: tuple[str, ...] = ()
    count: float = 1

    @property
    def text(self) -> str:
        """What is written between the brackets."""
        return ", ".join(self.names)


def find_keys(part: Building) -> Keys | None:
    """What tells the architectures apart, no names where the loop decides nothing, ``None`` where no names can be the keys."""
    found: dict[str, float] = {}
    seen: set[ast.AST] = set()
    todo = list(completing(part))
    while todo:
        for read in _deciding(part, todo.pop(0)):
            count = None if _is_bound_again(part, read) else count_values(read, part.place.scope, part)
            feeding = feeding_of(read, read.id, part.statements)
            if count is not None and math.isnan(count):
                return None
            if count is not None:
                found[read.id] = count
            elif not feeding or not is_fed(read, read.id, part.loop, part.nodes, part.case):
                return None
            else:
                todo += [each for s in feeding if s not in seen for each in read_by(s)]
                seen.update(feeding)
    for held in _deciding_of_object(part):
        if is_told_apart(held, part, found):
            continue
        count, is_once = count_values(held.value, held.init, part), is_given_once(held, part)
        if count is not None or _is_number_where_used(held.node, held.scope, part):
            found[ast.unparse(held.node)] = 1 if is_once else count or math.inf
        elif not is_once:
            return None
    count = math.prod(found.values())
    return Keys(tuple(found), count) if math.isinf(count) or count <= MANY else None


def _is_bound_again(part: Building, read: ast.Name) -> bool:
    """Whether a name gets another value after it is read, and before the model is complete, where the key would be read."""
    suite = part.case.syntax.suite(part.place.built)
    later = (s for s in suite if end(s) >= end(read) and start(s) <= start(part.place.ready))
    return any(read.id in names_bound(statement) for statement in later)


# -- what the objects hold that a class makes models for


def is_told_apart(held: SettledRead, part: Building, keys: Collection[str]) -> bool:
    """Whether all objects for which ``keys`` have one value hold the same, or it is only handed over."""
    is_own = held.init is part.place.owner and isinstance(held.value, ast.Name) and held.value.id in keys  # self.units = units
    is_literal = all(isinstance(node, (*_LITERAL, ast.expr_context, ast.operator, ast.unaryop)) for node in ast.walk(held.value))
    return ast.unparse(held.node) in keys or is_own or is_literal or is_rate(held, part)


def _deciding_of_object(part: Building) -> Iterator[SettledRead]:
    """What the object of a method that the loop calls holds, and that decides the architecture."""
    if part.loop.node is part.place.function:
        yield from (read for reads in part.settled.values() for read in reads if not is_rate(read, part))


def is_given_once(read: SettledRead, part: Building) -> bool:
    """Whether the one call that makes objects hands a literal over."""
    maker = only_maker(read.init.parent, part.case.interpreter) if read.init.parent is not None else None
    if maker is None or not isinstance(read.value, ast.Name):
        return False
    name = read.value.id
    value = given(maker.node, as_method(read.init)).get(name, default(read.init, name))
    return isinstance(value, ast.Constant) and is_plain(maker.node) and len(read.init.bindings.get(name, ())) == 1


def decides_objects(case: Case, place: Construction, loop: Loop) -> bool:
    """Whether what a loop counts decides, by what each object is given, the architecture of the object's model."""
    part = building(case, place, Loop(place.function, place.owner, None), with_compile=True) if place.loop is None else None
    for read in _deciding_of_object(part) if part is not None else ():
        names, scope = driven_names(loop), case.detection.site.scope
        maker = only_maker(read.init.parent, case.interpreter) if read.init.parent is not None else None
        for call, func in place.path:
            if maker is not None and maker.scope.function() is scope.function():
                handed = handed_on(maker.node, names, as_method(read.init), case.interpreter, maker.scope)
                if any(deciding(read.value, handed)):
                    return True
                break
            names, scope = handed_on(call, names, func, case.interpreter, scope), func.scope
    return False


def is_rate(read: SettledRead, part: Building) -> bool:
    """Whether what an object holds only decides what a new model hands over."""
    return decides_rate(read.node, part.case.interpreter, read.scope)


def _deciding(part: Building, node: ast.AST) -> list[ast.Name]:
    names = {*writes(part.loop).names, *targets(part.loop)} - {part.place.holder} - own_names(node)
    found = degrees(node, names, part.case.interpreter, part.place.scope)
    return [read for read, degree in found if degree is Degree.ARCHITECTURE and isinstance(read.ctx, ast.Load)]


# -- numbers, texts and truths


def count_values(value: ast.expr, scope: Scope, part: Building, depth: int = 0) -> float | None:
    """How many values an expression may have, all of which can be keys; ``None`` where it is not known that they can, ``nan``
    where two of them are one key."""
    if isinstance(value, ast.Name) and depth < _MAX_DEPTH:
        bindings = scope.bindings_of(value.id)
        if scope.owner(value.id) is scope.function():
            bindings = reaching(bindings, start(value))
        counts = [_of_binding(binding, part, depth) for binding in bindings]
        if counts and (count := _all(counts, sum)) is not None:
            return count
    values = list(leaves(part.case.interpreter.eval(value, scope)))
    known = [each.value for each in values if isinstance(each, Const)]
    if values and len(known) == len(values) and all(isinstance(each, _SCALAR) for each in known):
        return len(known) if _are_apart(known) else math.nan
    if isinstance(value, ast.Name):
        return math.inf if _is_number_where_used(value, scope, part) else None
    return _of_expression(value, scope, part, depth)


def _of_expression(value: ast.expr, scope: Scope, part: Building, depth: int) -> float | None:
    if isinstance(value, ast.Constant):
        return 1 if isinstance(value.value, _SCALAR) else None
    if isinstance(value, ast.JoinedStr):
        return math.inf
    if isinstance(value, ast.BinOp):
        return _all([count_values(side, scope, part, depth + 1) for side in (value.left, value.right)], math.prod)
    if isinstance(value, ast.Subscript):
        is_shape = isinstance(value.value, ast.Attribute) and value.value.attr == "shape"
        return math.inf if is_shape and not isinstance(value.slice, ast.Slice) else None
    if isinstance(value, ast.Call):
        name = callee_name(value)
        if is_suggestion(name):
            return choices(value) or math.inf
        return math.inf if isinstance(value.func, ast.Name) and effects.makes_scalar(name) else None
    return None


def _all(counts: list[float | None], reckon: Callable[[list[float]], float]) -> float | None:
    """The sum or product of some counts, ``None`` where one of them is not known."""
    known = [count for count in counts if count is not None]
    return reckon(known) if len(known) == len(counts) else None


def _of_binding(binding: Binding, part: Building, depth: int) -> float | None:
    if binding.kind == "param":
        annotation = getattr(binding.node, "annotation", None)
        return math.inf if isinstance(annotation, ast.Name) and annotation.id in _NAMES else None
    value = binding.expr
    if binding.kind == "value" and value is not None:
        inner = unpacked(value, binding.path)
        return count_values(inner, binding.scope, part, depth + 1) if inner is not None else None
    if binding.kind != "element" or value is None:
        return None
    if isinstance(value, ast.Call) and callee_name(value) == "range" and not binding.path:
        ends = [_literal(argument) for argument in value.args]
        known = [each for each in ends if each is not None]
        return len(range(*known)) if len(known) == len(ends) else math.inf
    if isinstance(value, (ast.List, ast.Tuple)):
        elements = [unpacked(each, binding.path) for each in value.elts]
        counts = [None if each is None else count_values(each, binding.scope, part, depth + 1) for each in elements]
        literals = [each.value for each in elements if isinstance(each, ast.Constant)]
        return _all(counts, sum) if _are_apart(literals) else math.nan
    return None


def _are_apart(values: Iterable[object]) -> bool:
    """Whether different values are different keys: ``1``, ``1.0`` and ``True`` are one."""
    return len({type(value) for value in values} - {str}) <= 1


def _literal(node: ast.expr) -> int | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None


def _is_number_where_used(read: ast.expr, scope: Scope, part: Building, depth: int = 0) -> bool:
    """Whether a name is what only a number can be: ``Dense(units)``, also in a function that it is handed to."""
    parent = syntax_of(scope.module).parents.get(read)
    if isinstance(parent, ast.keyword):
        parent = syntax_of(scope.module).parents.get(parent)
    if not isinstance(parent, ast.Call):
        return False
    if read in parent.args[:1] and attributes.is_number_first(callee_name(parent)):
        names = [dotted(value) for value in part.case.interpreter.callees(parent, scope, NO_ENV)]
        return bool(names) and all(name.startswith("keras.layers.") for name in names)
    func = callgraph.callee(parent, scope, part.case.interpreter)
    name = parameter(parent, func, read) if func is not None and depth < _MAX_DEPTH else None
    if func is None or name is None:
        return False
    nodes = scoped(func.scope.node, func.scope)
    reads = [(node, inner) for node, inner in nodes if isinstance(node, ast.Name) and node.id == name]
    return any(_is_number_where_used(node, inner, part, depth + 1) for node, inner in reads)
