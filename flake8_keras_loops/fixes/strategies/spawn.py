"""``process``: what an iteration builds and trains runs in a child process, which gives all memory back when it ends.

On request, for models that differ, of which none can be kept: on TensorFlow every fitted model leaves memory behind that nothing
else gives back. Each child imports the script and Keras again, so it is no faster. Only numbers, text, arrays and tables cross
over (:mod:`..spawning.data`); what the child needs else, it has by importing the script (:mod:`..spawning.imported`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...dataflow.variance import names_bound, names_read
from ...knowledge import effects, pickled
from ...knowledge.effects import RUNS, SEEDS, STORES
from ...semantics import callgraph
from ...semantics.scopes import callee_name, start
from ...semantics.syntax import base, walk, within
from ...semantics.values import MODEL, NO_ENV, Func, dotted
from ..edits import Edit, Outline
from ..plans import Case, Draft, RefusedError, Taken, Why, doubts, is_statement, require
from ..spawning import layout
from ..spawning.data import Data
from ..spawning.imported import (
    changes,
    is_guarded,
    leading_to,
    reads_what_is_there,
    runs_again,
    sets_up_elsewhere,
    stands_behind_guard,
)
from ..spawning.segment import Segment, find_segment, lacks_after


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``process`` for a finding. ``taken``: names that were given away already. Raises ``RefusedError``."""
    require(case, (is_statement, _is_loop, _keeps_no_model, stands_behind_guard, runs_again))
    segment = find_segment(case)
    if segment is None:
        raise RefusedError("no statement of the loop itself builds or runs the model")
    part = _Part(segment, _lifted(segment))
    require(part, REQUIRED)
    edits = (*layout.imports(case), *taken.once(case.loop.node, lambda: _edits(part, taken)))
    return Draft(edits, tuple(doubts((DOUBT, *_seeds(case, segment), *_device(case, segment)))))


_SEED = "set a seed in the loop, another one in every iteration"
#: It is never safe.
DOUBT = "each child process has random streams and global state of its own, and prints by itself"


@dataclass(frozen=True, eq=False)
class _Part:
    """``lifted``: what the last statement assigns or appends, where that is all that comes back."""

    segment: Segment
    lifted: ast.expr | None

    @property
    def case(self) -> Case:
        """The finding."""
        return self.segment.case

    @property
    def data(self) -> Data:
        """What can be handed over."""
        return Data(self.case.interpreter)

    @cached_property
    def moved(self) -> Segment:
        """What really goes to the child: of the last statement only the value, where that is lifted."""
        if self.lifted is None:
            return self.segment
        return Segment(self.case, self.segment.statements, self.lifted)

    @cached_property
    def function(self) -> ast.Call | None:
        """The call of a function of the file's own level that is all that goes to the child, so that no new one is needed."""
        call = self.lifted
        if len(self.segment.statements) > 1 or not isinstance(call, ast.Call) or not _is_short(call):
            return None
        values = self.case.interpreter.callees(call, self.case.loop.scope, NO_ENV)
        nodes = [value.scope for value in values if isinstance(value, Func)]
        is_one = len(nodes) == len(values) == 1 and isinstance(nodes[0].node, ast.FunctionDef)
        return call if is_one and nodes[0].parent is nodes[0].module.scope and not nodes[0].node.decorator_list else None  # type: ignore[attr-defined]


def _is_short(call: ast.Call) -> bool:
    """Whether a call hands over names, numbers and parts of these, whose text needs no care."""
    plain = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.keyword, ast.Tuple, ast.Load, ast.Call)
    parts = list(walk([*call.args, *call.keywords]))
    is_named = isinstance(call.func, (ast.Name, ast.Attribute)) and all(keyword.arg for keyword in call.keywords)
    has_text = any(isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) for node in parts)
    return is_named and not has_text and all(isinstance(node, plain) and node is not call for node in parts)


def _lifted(segment: Segment) -> ast.expr | None:
    """The value of the last statement, where nothing else of the statements is read later."""
    last = segment.statements[-1]
    found: ast.expr | None = None
    around: Sequence[ast.expr] = ()
    if isinstance(last, ast.Assign):
        found, around = last.value, last.targets
    elif isinstance(last, (ast.AnnAssign, ast.AugAssign)):
        found, around = last.value, [last.target]
    elif isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        call = last.value
        if (
            isinstance(call.func, ast.Attribute)
            and effects.does(call.func.attr, STORES)
            and isinstance(call.func.value, ast.Name)
        ):
            found, around = (call.args[0], [call.func.value]) if len(call.args) == 1 and not call.keywords else (None, [])
        elif len(segment.statements) == 1:
            found = call
    own = {name for node in around for name in names_bound(node)}
    before = set().union(*map(names_bound, segment.statements[:-1]))
    read = {name for node in around for name in names_read(node)}
    if isinstance(last, ast.AugAssign):
        read |= own
    if found is None or not set(segment.outputs) <= own or read & before or isinstance(found, ast.Starred):
        return None
    return found


# -- what the fix cannot do without


def _is_loop(case: Case) -> Iterator[str | Why]:
    if case.detection.search is not None:
        cure = "start a process of its own in each call, or use what the search has for that"
        yield Why(f"{case.detection.search.name} makes the calls, no loop of the file", cure)
    elif not isinstance(case.loop.node, (ast.For, ast.While)):
        yield "the loop is asynchronous"
    elif case.loop.node.body[0].lineno == case.loop.node.lineno:
        yield "the loop's body stands in the line of the loop"
    if not isinstance(case.function, (ast.FunctionDef, ast.Module)):
        yield "the loop stands in a class, a lambda or a coroutine"


def _keeps_no_model(case: Case) -> Iterator[str]:
    if case.code == "KL105":
        yield "every iteration's model is kept, and a child process does not hand it back"


def _stays_in_iteration(part: _Part) -> Iterator[str]:
    """The statements end where they end, and set no names of others."""
    for statement in part.segment.statements:
        for node in ast.walk(statement):
            if isinstance(node, (ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal)):
                yield f"{ast.unparse(node)} in line {node.lineno} cannot stand in another function"
            is_leaving = isinstance(node, (ast.Break, ast.Continue)) and _loop_of(node, part.case) is part.case.loop.node
            if is_leaving or (isinstance(node, ast.Return) and part.case.syntax.function(node) is part.case.function):
                yield f"line {node.lineno} leaves the iteration from where a child process would run"  # type: ignore[attr-defined]
    moved = part.segment.statements if part.lifted is None else part.segment.statements[:-1]
    for name in sorted(set().union(*map(names_bound, moved)) & set(part.segment.scope.outer_names)):
        yield f"{name} is set for others, and the child process would set its own"


def _loop_of(node: ast.AST, case: Case) -> ast.AST | None:
    return next((each for each in case.syntax.above(node) if isinstance(each, (ast.For, ast.While, ast.AsyncFor))), None)


def _hands_over_data(part: _Part) -> Iterator[str | Why]:
    """What goes to the child is seen to be data."""
    call, case = part.function, part.case
    if call is not None:
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            if reason := part.data.lacks(argument, case.loop.scope):
                yield _said(reason)
        return
    for node, owner in part.moved.reads:
        if node.id in part.moved.inputs:
            bindings = owner.bindings[node.id]
            local = next((each for each in bindings if each.kind in {"import", "def", "class"}), None)
            if local is not None:
                does, do = ("imported", "import") if local.kind == "import" else ("defined", "define")
                yield Why(f"{node.id} is {does} where a child process has not got it", f"{do} {node.id} at the top of the file")
            if reason := part.data.lacks_name(node.id, part.segment.scope, start(node)):
                yield _said(reason)


def _said(reason: str) -> str:
    return f"{reason}, to go to a child process"


def _gets_data_back(part: _Part) -> Iterator[str]:
    """What comes back is seen to be data, and there on every path."""
    if part.lifted is not None:
        is_used = not isinstance(part.case.syntax.parents[part.lifted], ast.Expr)
        if (is_used or part.function is not None) and (reason := part.data.lacks(part.lifted, part.case.loop.scope)):
            yield f"{reason}, to come back from a child process"
        return
    for name in part.segment.outputs:
        if reason := lacks_after(part.segment, name, part.data):
            yield f"{reason}, to come back from a child process"
        binding = [each for each in part.segment.statements if name in names_bound(each)]
        if any(isinstance(each, (ast.Assign, ast.AnnAssign)) for each in binding):
            continue
        if isinstance(binding[0], ast.AugAssign):
            yield f"{name} goes on in line {binding[0].lineno} from what it was in the parent"
        else:
            yield f"{name} is bound on some paths only, and read later"


def _changes_nothing(part: _Part) -> Iterator[str]:
    """What the child does to what it is given would be lost."""
    for node, scope in part.moved.roots:
        yield from changes(set(part.moved.inputs), node, scope, part.case.interpreter)
    there = {node.id for node, _ in part.moved.reads} - set(part.moved.inputs)
    for node, scope in part.moved.roots:
        yield from changes(_no_modules(there, part), node, scope, part.case.interpreter)
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Attribute, ast.Subscript)) and not isinstance(inner.ctx, ast.Load) and base(inner) in there:
                yield f"{ast.unparse(inner)} in line {inner.lineno} would be set in the child process alone"


def _gathers_nothing(part: _Part) -> Iterator[str]:
    """No figure, log or tracker goes on in the child."""
    for site in callgraph.calls(part.moved.roots, part.case.interpreter):
        for value in part.case.interpreter.callees(site.node, site.scope, NO_ENV):
            if pickled.gathers(dotted(value)):
                yield f"{ast.unparse(site.node.func)}() in line {site.node.lineno} would draw or log in the child process alone"


def _no_modules(names: set[str], part: _Part) -> set[str]:
    scope = part.case.module.scope
    return {name for name in names if any(binding.kind == "value" for binding in scope.bindings.get(name, ()))}


def _has_what_it_reads(part: _Part) -> Iterator[str]:
    yield from reads_what_is_there(part.case, part.moved.roots)


def _is_set_up(part: _Part) -> Iterator[str | Why]:
    yield from sets_up_elsewhere(part.case, [node for node, _ in part.moved.roots])


#: Without these there is no fix.
REQUIRED = (
    _stays_in_iteration,
    _hands_over_data,
    _gets_data_back,
    _changes_nothing,
    _gathers_nothing,
    _has_what_it_reads,
    _is_set_up,
)


# -- what it changes


def _seeds(case: Case, segment: Segment) -> Iterator[str | Why]:
    """A seed that is set before the loop, and none in it."""
    seeds = [site for name in effects.names_with(SEEDS) for site in case.module.calls_named(name)]
    inside = _inside(segment)
    if any(within(site.node, part) for site in seeds for part in inside):
        return
    for site in seeds:
        if isinstance(case.syntax.function(site.node), ast.Module) and not is_guarded(site.node, case.module):
            yield Why(f"every child process starts from the seed of line {site.node.lineno}", _SEED)
        else:
            yield Why(f"the seed of line {site.node.lineno} does not reach the child processes", _SEED)


def _device(case: Case, segment: Segment) -> Iterator[str]:
    """A model that runs in the parent, outside of the loops that have findings of their own."""
    loops = [detection.loop.node for detection in case.examined.detections]
    inside = [*_inside(segment), *loops]
    for site in case.module.calls:
        is_run = isinstance(site.node.func, ast.Attribute) and effects.does(callee_name(site.node), RUNS)
        if is_run and not any(within(site.node, part) for part in inside) and _is_come_to(site.node, case):
            if MODEL in case.interpreter.eval(site.node.func.value, site.scope):  # type: ignore[attr-defined]
                yield f"line {site.node.lineno} runs a model in the parent, which on a GPU leaves a child no memory"
                return


def _is_come_to(node: ast.AST, case: Case) -> bool:
    """Whether the file runs a node: nothing does if no part of it names the function. What calls a method is not seen."""
    top = case.syntax.top(node)
    return not isinstance(top, ast.FunctionDef) or any(leading_to(top.body[0], case))


def _inside(segment: Segment) -> list[ast.AST]:
    """What runs in the child, of this file."""
    called = callgraph.called(segment.roots, segment.case.interpreter)
    return [*segment.statements, *(scope.node for scope in called if scope.module is segment.case.module)]


# -- what is written


def _edits(part: _Part, taken: Taken) -> Iterator[Edit]:
    case, statements = part.case, part.segment.statements
    syntax, column = case.syntax, statements[0].col_offset + 4
    pool = taken.give_name("pool", case.loop, syntax)
    last = statements[-1]
    prefix = suffix = ""
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and last.value is not part.lifted and part.lifted:
        prefix, suffix = f"{ast.unparse(last.value.func)}(", ")"
    if part.function is not None:
        call = part.function
        words = [ast.unparse(each) for each in (call.func, *call.args)]
        words += [f"{keyword.arg}={ast.unparse(keyword.value)}" for keyword in call.keywords]
        head = ""
    else:
        name = taken.give_name("run", None, syntax)
        words = [name, *part.moved.inputs]
        head = layout.function_head(name, part.moved.inputs)
    outputs = ", ".join(part.segment.outputs) if part.lifted is None else ""
    shown = f"{outputs} = " if outputs else prefix
    space = len(_assigned(last)) if part.lifted is not None and not prefix else 0
    text = layout.call(shown, pool, words, suffix, column, space)
    block = layout.block(case, pool, text)
    result = f"return {outputs}\n" if outputs else ""
    yield Outline(statements, syntax.top(case.loop.node), head, block, result, part.lifted is not None)


def _assigned(statement: ast.stmt) -> str:
    """What stands before the value of an assignment."""
    if isinstance(statement, ast.Assign):
        return "".join(f"{ast.unparse(target)} = " for target in statement.targets)
    if isinstance(statement, ast.AugAssign):
        return f"{ast.unparse(statement.target)} += "
    if isinstance(statement, ast.AnnAssign):
        return f"{ast.unparse(statement.target)}: {ast.unparse(statement.annotation)} = "
    return ""
