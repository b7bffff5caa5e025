"""Source in, findings out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..dataflow.carried import Carried, holds_model
from ..dataflow.keepers import kept_calls
from ..dataflow.loops import MAPPERS, Iteration, is_mapping, repeating
from ..dataflow.paths import BUILT, CLEARS
from ..dataflow.summaries import Effects, Factories, TooLargeError
from ..dataflow.unknown import is_abstract, is_unknown, looks_like_keras
from ..files.project import decode, parse
from ..finding import Finding, Span
from ..knowledge import keras
from ..semantics import classes
from ..semantics.indexer import index
from ..semantics.interpreter import BudgetError, Interpreter
from ..semantics.modules import Modules
from ..semantics.scopes import CallSite, Loop, Module, callee_name, extent, inside
from ..semantics.syntax import spelling
from ..semantics.values import NO_ENV, Cls, Func, Obj, Values, fresh, union
from . import messages
from .reloaded import loads_the_same
from .repeated import Repeated, repeated
from .searched import Search, Searches, effects_in
from .submodels import is_part


@dataclass(frozen=True)
class Options:
    """``builders``/``clearers``: further names (bare or dotted) that build a model or clear the session. ``src``: roots."""

    builders: frozenset[str] = frozenset()
    clearers: frozenset[str] = frozenset()
    src: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Detection:
    """A finding with what it was made of: the construction, or the call that leads to it, and the loop that repeats it.

    ``returns_model``: the value of the call is, or holds, the model. ``search``: what calls the function that ``loop`` then is.
    """

    finding: Finding
    site: CallSite
    loop: Loop
    effects: Effects
    returns_model: bool
    search: Search | None = None


@dataclass(frozen=True, eq=False)
class Examined:
    """An indexed file, what sums up its calls, and its detections in the order of the text."""

    module: Module
    factories: Factories
    detections: tuple[Detection, ...]


class AnalysisError(Exception):
    """A file that cannot be analysed: too deeply nested, or with a syntax error. The message is one line."""


def detect(
    source: str | bytes,
    path: str = "",
    options: Options | None = None,
    project: Modules | None = None,
    tree: ast.Module | None = None,
) -> list[Finding]:
    """Find the loops of one file that build a Keras model in every iteration.

    ``source``: text, or bytes in any encoding that Python reads. ``path``: where the file is, to follow its imports; ``""``
    follows none. ``tree``: its syntax tree, if the caller has it. Returns findings of all rules, in the order of the text.
    Raises :class:`AnalysisError`.
    """
    examined = examine(source, path, options, project, tree)
    return [detection.finding for detection in examined.detections] if examined else []


def examine(
    source: str | bytes,
    path: str = "",
    options: Options | None = None,
    project: Modules | None = None,
    tree: ast.Module | None = None,
) -> Examined | None:
    """The same as :func:`detect`, with what the findings were made of; ``None`` for a file that cannot have any."""
    options = options or Options()
    project = project or Modules(options.src)
    raw = source if isinstance(source, bytes) else source.encode("utf-8", "replace")
    declared = any(name.rpartition(".")[2].encode() in raw for name in options.builders)
    if not declared and not project.can_matter(raw, path):
        return None
    try:
        text = source.removeprefix("\ufeff") if isinstance(source, str) else decode(source)
        module = index(parse(text) if tree is None else tree, path)
        factories = Factories(Interpreter(project, module), options.builders, options.clearers)
        further = repeated(module, factories, raw, project)
        return Examined(module, factories, _Detector(module, factories, text, keras.trains(raw)).detections(further))
    except SyntaxError as error:
        raise AnalysisError(f"line {error.lineno or 1}: {error.msg}") from None
    except ValueError as error:  # null bytes, before Python 3.12
        raise AnalysisError(str(error)) from None
    except RecursionError:
        raise AnalysisError("too deeply nested") from None
    except (MemoryError, TooLargeError):
        raise AnalysisError("too large") from None


class _Detector:
    def __init__(self, module: Module, factories: Factories, text: str, trains: bool) -> None:
        self.trains = trains
        self.module = module
        self.factories = factories
        self.searches = Searches(module, factories)
        self.lines = re.split("\r\n|\r|\n", text) if not text.isascii() else None  # as ast counts lines

    def detections(self, further: Iterable[Repeated] = ()) -> tuple[Detection, ...]:
        found: dict[tuple[Span, str], Detection] = {}
        searched = self.searches.inside
        for site in self.module.calls:
            search = searched.get(site.scope.function()) if searched else None
            if site.loop is None and search is None and callee_name(site.node) not in MAPPERS:
                continue
            detection = self._looked_at(site, search)
            if detection is not None:
                found[detection.finding.span, detection.finding.code] = detection
        for detection in filter(None, map(self._elsewhere, self.searches.elsewhere)):
            found[detection.finding.span, detection.finding.code] = detection
        for detection in map(self._repeated, further):
            found[detection.finding.span, detection.finding.code] = detection
        return tuple(found[key] for key in sorted(found) if not self._is_told_twice(found[key], found.values()))

    def _is_told_twice(self, detection: Detection, others: Iterable[Detection]) -> bool:
        """Whether a search goes over an estimator that is reported itself, where it is made."""
        wrapper = detection.search.wrapper if detection.search is not None else None
        return wrapper is not None and any(other.site.node is wrapper for other in others)

    def _looked_at(self, site: CallSite, search: Search | None) -> Detection | None:
        self.factories.interpreter.next_site()
        try:
            if is_mapping(site, self.factories):
                return self._mapped(site)
            return self._site(site, search) if site.loop is not None or search is not None else None
        except BudgetError:
            return None

    def _site(self, site: CallSite, search: Search | None) -> Detection | None:
        if search is not None and site.loop is None:
            if site.node in self.searches.wrappers:
                return None  # what it builds is reported with the search over it
            site = site._replace(loop=search.loop)
        callees = self._callees(site)
        effects = self.factories.of_call(site.node, site.scope, NO_ENV, callees)
        if search is not None and not effects.builds:
            effects = effects_in(self.factories, site, search)
        guessed = False
        if not effects.builds:
            assert site.loop is not None
            if site.node in kept_calls(self.module):
                return None
            if not self.trains or not is_unknown(callees) or not looks_like_keras(self.factories.interpreter, site, site.loop):
                return None
            effects = Effects(BUILT)
            guessed = True
        iteration = repeating(self.factories, site, effects, search.loop if search is not None else None)
        if iteration is None:
            return None
        carried = Carried(self.factories, site.node, site.scope, iteration.loop, effects.direct or guessed)
        if not guessed and is_part(self.factories, site, iteration.loop, carried):
            return None
        if search is None or iteration.loop is not search.loop:
            return self._detection(site, effects, iteration, carried.is_kept(), carried.returns_model)
        kept = carried.is_kept() or (search.keeps_returned and any(map(carried.in_value, site.scope.function().returns)))
        return self._detection(site, effects, iteration, kept, carried.returns_model, search)

    def _elsewhere(self, search: Search) -> Detection | None:
        """The search of a function that stands in another file."""
        self.factories.interpreter.next_site()
        try:
            effects = replace(self.factories.of_value(search.function, search.args), direct=False)
            if not effects.builds:
                return None
            return self._detection(search.site, effects, Iteration(search.loop, effects.mask), False, False, search)
        except BudgetError:
            return None

    def _callees(self, site: CallSite) -> Values:
        """What a call may call; a receiver that the loop makes anew has nothing cached."""
        interpreter = self.factories.interpreter
        callees = interpreter.callees(site.node, site.scope, NO_ENV)
        func = site.node.func
        if isinstance(func, ast.Attribute) and all(isinstance(value, Func) and is_abstract(value) for value in callees):
            receivers = interpreter.eval(func.value, site.scope)
            hooks = [
                classes.overrides(interpreter, v.of, func.attr) for v in receivers if isinstance(v, Obj) and isinstance(v.of, Cls)
            ]
            callees = union(hooks) or callees
        if isinstance(func, ast.Attribute) and any(isinstance(v, Func) and isinstance(v.receiver, Obj) for v in callees):
            if isinstance(func.value, ast.Call) or self._is_made_in_loop(func.value, site):
                return tuple(fresh(value) for value in callees)
        return callees

    def _is_made_in_loop(self, receiver: ast.expr, site: CallSite) -> bool:
        """Whether the loop around a call constructs the receiver."""
        if not isinstance(receiver, ast.Name) or site.loop is None:
            return False
        where = extent(site.loop.node)
        for binding in site.scope.function().bindings.get(receiver.id, ()):
            if binding.kind == "value" and isinstance(binding.expr, ast.Call) and inside(binding.position, where):
                made = self.factories.interpreter.callees(binding.expr, site.scope, NO_ENV)
                if any(isinstance(value, Cls) or (isinstance(value, Func) and value.receiver is None) for value in made):
                    return True
        return False

    def _mapped(self, site: CallSite) -> Detection | None:
        effects = self.factories.of_call(site.node, site.scope)
        if not effects.builds:
            return None
        loop = Loop(site.node, site.scope, site.loop)
        kept = any(self._is_list(other.node, site.node) for other in self.module.calls)
        return self._detection(site, replace(effects, direct=False), Iteration(loop, effects.mask), kept, False)

    def _is_list(self, call: ast.Call, argument: ast.Call) -> bool:
        """``list(map(build, xs))``: the models are kept if ``build`` returns one."""
        if callee_name(call) not in {"list", "tuple"} or argument not in call.args:
            return False
        values = self.factories.interpreter.eval(argument, self.module.scope)
        return holds_model(self.factories, values)

    def _detection(
        self,
        site: CallSite,
        effects: Effects,
        iteration: Iteration,
        kept: bool,
        returns_model: bool,
        search: Search | None = None,
    ) -> Detection:
        cleared, missed = iteration.mask & CLEARS, iteration.mask & BUILT
        if kept:
            code = "KL105"
        elif cleared and missed:
            code = "KL104"
        elif cleared:
            code = "KL107"
        elif search is not None:
            code = "KL103"
        else:
            code = "KL101" if effects.direct else "KL102"
        if code == "KL101" and loads_the_same(self.factories.interpreter, site, iteration.loop):
            code = "KL106"
        is_search = search is not None and site.node is search.site.node
        name = search.function_name if search is not None and is_search else spelling(site.node)
        built_at = effects.sites[0] if effects.sites and not effects.direct else None
        where = (built_at.path, built_at.line) if built_at else None
        loop = self._span(iteration.loop.node)
        called_by = (search.name, search.site.node.lineno) if search is not None else None
        message = messages.message(code, name, loop.line, where, self.module.path, called_by)
        finding = Finding(code, self.module.path, self._span(site.node), loop, name, message, where)
        return Detection(finding, site, iteration.loop, effects, returns_model, search)

    def _repeated(self, found: Repeated) -> Detection:
        loop = self._span(found.loop.node)
        message = found.says.format(loop=loop.line)
        finding = Finding(found.code, self.module.path, self._span(found.site.node), loop, found.name, message, found.made_at)
        return Detection(finding, found.site, found.loop, found.effects, False)

    def _span(self, node: ast.AST) -> Span:
        (line, column), (end_line, end_column) = extent(node)
        return Span(line, self._column(line, column), end_line, self._column(end_line, end_column))

    def _column(self, line: int, offset: int) -> int:
        """A column in characters, from the offset in UTF-8 bytes that ``ast`` gives."""
        if self.lines is None or line > len(self.lines):
            return offset
        return len(self.lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))
