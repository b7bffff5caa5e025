"""What a loop does again that is not building a model: the rules of KL2xx, one record for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..dataflow.summaries import Effects, Factories
from ..knowledge import keras
from ..semantics.modules import Modules
from ..semantics.scopes import CallSite, Loop, Module
from ..semantics.syntax import spelling
from . import messages, predicted, recompiled, retraced
from .retraced import Remade


@dataclass(frozen=True, eq=False)
class Repeated:
    """A finding to be. ``name``: how the call is spelled; ``made_at``: file and line that it leads to; ``says``: the message,
    with ``{loop}`` for the line of the loop. ``effects``: of the call."""

    code: str
    site: CallSite
    loop: Loop
    name: str
    says: str
    made_at: tuple[str, int] | None = None
    effects: Effects = Effects()  # noqa: RUF009


def repeated(module: Module, factories: Factories, source: bytes, project: Modules) -> Iterator[Repeated]:
    """What the loops of a file repeat, judged first by words in it."""
    interpreter = factories.interpreter
    if keras.compiles(source):
        for again in recompiled.recompiled(factories):
            name = spelling(again.site.node)
            yield Repeated("KL201", again.site, again.loop, name, f"{name} {_LOOP} {_COMPILE[again.rate]}")
    if keras.names_tracer(source) or (module.path and project.imports_tracer(source, module.path)):
        if keras.imports_keras(source) or project.leads_to_keras(module.path):
            for found in retraced.remade(module, factories):
                says = _remade(found, module.path)
                yield Repeated("KL202", found.site, found.loop, found.name, says, found.made_at, found.effects)
    if keras.predicts(source):
        backend = ""
        for few in predicted.few_rows(module, interpreter):
            backend = backend or predicted.backend(module) or "unknown"
            name = spelling(few.site.node)
            yield Repeated("KL203", few.site, few.loop, name, f"{name} runs on a few rows {_LOOP}; {_PREDICT[backend]}")


_LOOP = "on every iteration of the loop on line {loop}"
_COMPILE = {
    False: "throws away what the model has traced: compile once, before the loop, and put the optimizer's state back in it "
    "where training has to start anew",
    True: "throws away what the model has traced, for another learning rate: compile once, before the loop, "
    "and set the rate with optimizer.learning_rate.assign()",
}
_PREDICT = {
    "tensorflow": "predict all rows at once, or call model(x, training=False) or predict_on_batch(), which skip what each "
    "predict() sets up",
    "jax": "predict all rows at once, or use predict_on_batch(); calling the model is slower still on JAX",
    "torch": "predict all rows at once, or call the model or predict_on_batch()",
    "unknown": "predict all rows at once, or use predict_on_batch(), which skips what each predict() sets up",
}


def _remade(found: Remade, path: str) -> str:
    what = f"{found.name} makes a traced function"
    if found.made_at is not None:
        what += f" ({messages.place(found.made_at, path)})"
    what += f" {_LOOP}, which is traced and compiled again each time"
    if not found.changing:
        return f"{what}: make it once, before the loop"
    names = ", ".join(found.changing)
    return f"{what}: make it once, before the loop, and hand {names} over as an argument, as a tensor"
