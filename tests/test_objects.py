"""Models inside objects: where the kept model may stand in ``self.model``, and each way in which that would be wrong."""

from __future__ import annotations

import pytest
from rewriting import INLINE, MODULE
from short import HEAD, fixed

from flake8_keras_loops import analyze
from flake8_keras_loops.fixes.rewrite import rewrite

MADE = """\
{above}
x, y = np.zeros((60, 8)), np.zeros((60, 1))
folds, kept_ones = np.split(np.arange(60), 5), []


class Trainer{bases}:
    {first}

    def __init__(self, units=8):
        self.units = units
        self.model = keras.Sequential([keras.Input((8,)), keras.layers.Dense({read}), keras.layers.Dense(1)])
        self.model.compile(optimizer={optimizer}, loss="mse")
        {init}

    def train(self, fold):
        {train}

    def score(self, fold):
        return self.model.evaluate(x[fold], y[fold])

    {more}


{loop}
{after}
"""
LOOP = """\
for fold in folds:
    {before}
    trainer = {make}
    trainer.train(fold)
    {use}
    print(trainer.score(fold))
"""
FIT = "self.model.fit(x[fold], y[fold])"
FUNCTION = "def go(fold):\n    {}\n    trainer.train(fold)\n    {}\n\n\nfor fold in folds:\n    go(fold)\n"


def made(loop: str = LOOP, **parts: str) -> str:
    """A class that builds a model in its ``__init__``, and a loop that makes objects of it."""
    of_loop = {
        name: parts.pop(name, default) for name, default in {"before": "pass", "make": "Trainer(8)", "use": "pass"}.items()
    }
    if loop is LOOP:
        loop = LOOP.format(**of_loop)
    first = {"above": "", "bases": "", "first": "limit = 1", "read": "units", "optimizer": '"adam"', "init": "pass", "train": FIT}
    return MADE.format(**{**first, "more": "", "after": "", **parts}, loop=loop)


def form(text: str) -> str:
    """``short`` if all findings get it as safe, ``unsafe`` if none is safe, ``none`` if one would be wrong to fix."""
    outcomes = rewrite(HEAD + text, "loops.py", INLINE).outcomes
    assert outcomes
    if all(outcome.applied for outcome in outcomes):
        fixed(text)
        return "short"
    assert not any(outcome.applied for outcome in outcomes)
    return "unsafe" if all(outcome.strategy for outcome in outcomes) else "none"


KEPT = 'kept["model"] = self.model = renew(kept.get("model"), self.model)\n'


def test_where_the_class_builds_it() -> None:
    new = fixed(made(read="4"))
    assert "\n\n\nkept = {}\n\n\nclass Trainer:\n" in new
    assert f'loss="mse")\n        {KEPT}' in new


@pytest.mark.parametrize(("read", "key"), [("units", "units"), ("self.units", "self.units")])
def test_what_the_object_is_given_is_the_key(read: str, key: str) -> None:
    assert f"kept[{key}] = self.model = renew(kept.get({key}), self.model)\n" in fixed(made(read=read))


def test_in_a_loop_of_a_method() -> None:
    text = """\
    class Experiment:
        def __init__(self, units):
            self.units = units

        def build(self):
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(self.units), keras.layers.Dense(1)])
            model.compile(optimizer="adam", loss="mse")
            return model

        def run(self, folds):
            for fold in folds:
                self.model = self.build()
                self.model.fit(x[fold], y[fold])
                print(self.score(fold))

        def score(self, fold):
            return self.model.evaluate(x[fold], y[fold])


    experiment = Experiment(8)
    experiment.run(folds)
    experiment.model.save("last.keras")
    """
    new = fixed(text)
    assert "        kept = None\n        for fold in folds:\n" in new
    assert "            kept = self.model = renew(kept, self.model)\n" in new


def test_with_a_helper_module() -> None:
    new = rewrite(HEAD + made(), "loops.py", MODULE).text
    assert "\nkeep_compiled = compiled_model_keeper()\n\n\nclass Trainer:" in new
    assert "        self.model = keep_compiled(self.model)\n" in new
    assert analyze(new, "loops.py") == []


PROVED = {
    "self is asked": made(init="hasattr(self, 'name')"),
    "another rate": made(read="4", optimizer="keras.optimizers.Adam(self.units)", make="Trainer(fold[0] / 100)"),
    "copies of weights": made(use="kept_ones.append(trainer.model.get_weights())"),
    "numbers of a history": made(train=f"self.history = {FIT}", use="kept_ones.append(trainer.history.history['loss'])"),
    "on the spot": made("for fold in folds:\n    print(Trainer(8).score(fold))\n"),
    "in a function": made(FUNCTION.format("trainer = Trainer(8)", "return trainer.score(fold)")),
    "handed to a function": made(above="def rate(it, fold):\n    return it.score(fold)\n", use="print(rate(trainer, fold))"),
    "a name of the method": made(train=f"model = self.model\n        {FIT.replace('self.', '')}"),
    "slots": made(first="__slots__ = ('model', 'units')"),
    "none at first": made(first="model = None"),
    "tried": made("for fold in folds:\n    try:\n        trainer = Trainer(8)\n        trainer.train(fold)\n    except OSError:\n        pass\n"),
}  # fmt: skip


@pytest.mark.parametrize("text", PROVED.values(), ids=PROVED)
def test_proved(text: str) -> None:
    assert form(text) == "short"


UNPROVED = {
    "two live together": made(before="other = Trainer(4)", use="other.train(fold)"),
    "one more": made(after="final = Trainer(8)\nfinal.train(x)"),
    "the class has two names": made(after="Other = Trainer"),
    "made by its type": made(use="other = type(trainer)(8)"),
    "a name for the best": made(above="best = None", use="best = trainer"),
    "a name for the model": made(use="last = trainer.model"),
    "rebound in a method": made(more="def reset(self):\n        self.model = keras.Sequential()"),
    "deleted in a method": made(more="def drop(self):\n        del self.model"),
    "deleted from outside": made(use="del trainer.model"),
    "property": made(more="@property\n    def model(self):\n        return self.net"),
    "attribute of the class": made(first="model = keras.Sequential()"),
    "base class": made(above="class Base:\n    pass\n", bases="(Base)"),
    "derived class": made(more="pass\n\n\nclass Child(Trainer):\n    pass"),
    "finalizer": made(more="def __del__(self):\n        print(self.model.predict(x))"),
    "any attribute": made(more="def __getattr__(self, name):\n        return 1"),
    "dataclass": made(above="from dataclasses import dataclass\n").replace("class Trainer", "@dataclass\nclass Trainer"),
    "decorated method": made().replace("    def train", "    @profile\n    def train"),
    "threads": made(above="import threading\n", use="threading.Thread(target=trainer.train, args=(fold,)).start()"),
    "the model of a history": made(
        train=f"self.history = {FIT}", use="kept_ones.append(trainer.history)", after="print(kept_ones[0].model.predict(x))"
    ),
    "the model of a callback": made(
        train=f"self.stop = keras.callbacks.EarlyStopping()\n        {FIT[:-1]}, callbacks=[self.stop])",
        use="kept_ones.append(trainer.stop)",
        after="print(kept_ones[0].model.predict(x))",
    ),
    "the object is registered": made(init="kept_ones.append(self)"),
    "a method is kept": made(use="kept_ones.append(trainer.score)"),
    "a function reads it later": made(use="kept_ones.append(lambda: trainer.score(fold))"),
    "a generator reads it later": made(use="kept_ones.append(trainer.score(each) for each in folds)"),
    "global": made(FUNCTION.format("global trainer\n    trainer = Trainer(8)", "pass")),
    "another object has it": made("for fold in folds:\n    owner.trainer = Trainer(8)\n    owner.trainer.train(fold)\n"),
    "calls itself": made("def go(n):\n    for fold in folds:\n        trainer = Trainer(8)\n        if n:\n            go(n - 1)\n        trainer.train(fold)\n\n\ngo(2)\n"),
    "generator": made("def go():\n    for fold in folds:\n        trainer = Trainer(8)\n        yield trainer.score(fold)\n\n\nlist(go())\n"),
    "set from outside": made(read="self.units", use="trainer.units = 9"),
    "a list decides": made(read="self.units[0]", make="Trainer([8])"),
    "made once more": made(read="self.units", use="trainer.__init__(9)"),
    "setattr": made(use="setattr(trainer, 'units', 9)"),
    "changed layer": made(train=f"self.model.layers[0].activation = abs\n        {FIT}"),
    "made by a class method": made(more="@classmethod\n    def make(cls):\n        return cls(8)", after="it = Trainer.make()"),
}  # fmt: skip


@pytest.mark.parametrize("text", UNPROVED.values(), ids=UNPROVED)
def test_not_proved(text: str) -> None:
    assert form(text) in {"unsafe", "none"}


WRONG = {
    "appended": made(use="kept_ones.append(trainer)"),
    "put into a dictionary": made(use="found[1] = trainer", above="found = {}"),
    "a function keeps it": made(above="def rate(it):\n    kept_ones.append(it)\n", use="rate(trainer)"),
    "its model is appended": made(use="kept_ones.append(trainer.model)"),
    "a method appends its model": made(init="kept_ones.append(self.model)"),
    "a layer is kept": made(use="kept_ones.append(trainer.model.layers[0])"),
    "a method returns it": made(more="def get(self):\n        return self.model", use="kept_ones.append(trainer.get())"),
    "a function reads the attribute": made(above="def peek():\n    kept_ones.append(trainer.model)\n", use="peek()"),
    "another attribute has it": made(train=f"self.best = self.model\n        {FIT}"),
    "a global name has it": made(train=f"global last\n        last = self.model\n        {FIT}"),
    "the one before is read": made(before="print(trainer.score(fold) if fold[0] else 0)"),
    "it may be the one before": made("for fold in folds:\n    try:\n        trainer = Trainer(8)\n    except OSError:\n        pass\n    trainer.train(fold)\n"),
    "a model of its layers": made(init="self.encoder = keras.Model(self.model.inputs, self.model.layers[0].output)"),
    "its optimizer is in the object": made(first="pass", optimizer="self.optimizer").replace(
        "        self.units = units\n", "        self.units = units\n        self.optimizer = keras.optimizers.Adam()\n"
    ),
    "compiled again": made(more="def again(self):\n        self.model.compile('sgd', 'mse')"),
    "frozen": made(more="def freeze(self):\n        self.model.trainable = False"),
    "all made first": made("made = [Trainer(8) for fold in folds]\nfor each in made:\n    each.train(folds[0])\n"),
    "another width each time": made(read="self.units", make="Trainer(int(fold[0]))"),
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_no_fix(text: str) -> None:
    assert form(text) == "none"


ATTRIBUTE = """\
x, y = np.zeros((60, 8)), np.zeros((60, 1))
models = []


def peek():
    {peek}


class Experiment:
    def build(self):
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        return model

    def run(self):
        for fold in range(5):
            {before}
            self.model = self.build()
            self.model.fit(x, y)
            {use}

    {more}


experiment = Experiment()
{start}
{after}
"""


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, "short"),
        ({"after": "models.append(experiment.model)"}, "short"),
        ({"use": "peek()", "peek": "models.append(experiment.model)"}, "none"),
        ({"use": "yield fold", "start": "for fold in experiment.run():\n    models.append(experiment.model)"}, "none"),
        ({"use": "models.append(self.model)"}, "none"),
        ({"use": "models.append(self)"}, "unsafe"),
        ({"before": "last = self.model"}, "none"),
        ({"use": "self.keep()", "more": "def keep(self):\n        models.append(self.model)"}, "none"),
        ({"use": "self.keep()", "more": "def keep(self):\n        it = self.model\n        models.append(it)"}, "none"),
        ({"more": "def other(self):\n        self.model = self.build()"}, "unsafe"),
        ({"use": "peek()", "peek": "experiment.model = None or build()"}, "unsafe"),
    ],
)
def test_an_attribute_in_a_loop(parts: dict[str, str], expected: str) -> None:
    first = {"peek": "pass", "before": "pass", "use": "pass", "more": "", "start": "experiment.run()", "after": ""}
    assert form(ATTRIBUTE.format(**{**first, **parts})) == expected
