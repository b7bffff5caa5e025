"""When the ``reuse`` fix is not made, or not safe, though nothing holds the model: one program for each kind, with its reason."""

from __future__ import annotations

import textwrap

import pytest
from strategies import verdict

from flake8_keras_loops.knowledge import keras as names

LOSS = """
from settings import cfg

def loss(a, b):
    return cfg.alpha * keras.ops.mean((a - b) ** 2)

"""
BUILD = """
def build(loss="mse", optimizer="adam", metrics=None):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, loss, metrics=metrics)
    return model

"""
COUNTED = BUILD.replace("metrics=metrics", "metrics=[keras.metrics.AUC()]")


def loop(*statements: str, head: str = BUILD, made: str = "build()", of: str = "range(3)", after: str = "") -> str:
    """A program whose loop builds a model, fits it and does some more."""
    body = [f"model = {made}", "history = model.fit(x, y)", *statements]
    return head + f"for i in {of}:\n" + textwrap.indent("\n".join(body), "    ") + "\n" + after


def changing(statement: str, made: str = "build(loss)", head: str = LOSS) -> str:
    """A program whose loop does something before it builds a model with a loss of the file."""
    return f"{head}{BUILD}for i in range(3):\n    {statement}\n    model = {made}\n    model.fit(x, y)\n"


SAFE = {
    "what is changed is not read in the trace": changing("results.append(i)"),
    "a method that only reads": changing("print(cfg.keys())"),
    "a library's functions": changing("np.random.shuffle(order)"),
    "a metric that nobody reads": loop("print(model.evaluate(x, y))", head=COUNTED),
    "another key": loop("print(history.history['loss'])", head=COUNTED),
    "a metric with a name": loop("print(history.history['auc'])", head=COUNTED.replace("AUC()", "AUC(name='auc')")),
    "a metric by its name": loop("print(history.history['AUC'])", head=COUNTED.replace("keras.metrics.AUC()", "'AUC'")),
    "a metric with one name for all": loop(
        "print(history.history['binary_accuracy'])", head=COUNTED.replace("AUC", "BinaryAccuracy")
    ),
    "the session is cleared first": f"{COUNTED}for i in range(3):\n    keras.backend.clear_session()\n    model = build()\n"
    "    model.fit(x, y, callbacks=[keras.callbacks.EarlyStopping(monitor='val_auc')])\n    model.summary()\n",
    "everything has a name": loop(
        "model.summary()",
        head=BUILD.replace("(4,))", "(4,), name='a')").replace("Dense(1)])", "Dense(1, name='b')], name='c')"),
    ),
    "models are saved": loop("model.save(f'{i}.keras')"),
    "one is loaded again": loop("model.save(f'{i}.keras')", after="best = keras.models.load_model('0.keras')\n"),
    "they are loaded one after the other": loop(
        "model.save(f'{i}.keras')",
        after="for i in range(3):\n    scores.append(keras.models.load_model(f'{i}.keras').evaluate(x, y))\n",
    ),
    "the same device": f"{BUILD}for i in range(3):\n    with keras.device('gpu:0'):\n        model = build()\n    model.fit(x, y)\n",
    "a file for each": f"{BUILD}for i in range(3):\n    with open(f'{{i}}.txt') as file:\n        model = build()\n        model.fit(x, y)\n",
    "an optimizer of its own": loop(made="build(optimizer=keras.optimizers.Adam())"),
    "metrics by name for all": loop(made="build(metrics=METRICS)", head=BUILD + "METRICS = ['mae']\n"),
    "a loss for all": loop(made="build(mse)", head=BUILD + "mse = keras.losses.MeanSquaredError()\n"),
    "used only where it is built": f"{BUILD}for i in range(3):\n    if i % 2:\n        model = build()\n        model.fit(x, y)\n",
    "another branch has another": f"{BUILD}for i in range(3):\n    if i % 2:\n        model = build()\n    else:\n"
    "        model = build('mae')\n    model.fit(x, y)\n",
    "it is called": f"{BUILD}for i in range(3):\n    model = build()\n    model(x)\n",
    "a class around the loop": """
        def main():
            class Same(keras.layers.Layer):
                def call(self, inputs):
                    return inputs

            for i in range(3):
                model = keras.Sequential([keras.Input((4,)), Same(), keras.layers.Dense(1)])
                model.compile("adam", "mse")
                model.fit(x, y)
        """,
    "a counter that decides nothing": f"{BUILD}n = 0\nwhile n < 5:\n    n += 1\n    model = build()\n    model.fit(x, y, epochs=n)\n",
}
CHANGES = "which changes in the loop"
COUNTS = "a name that Keras counts up"
UNSAFE = {
    "an attribute": (changing("cfg.alpha += 1"), f"loss() reads cfg, {CHANGES}"),
    "a method": (changing("cfg.step()"), f"loss() reads cfg, {CHANGES}"),
    "setattr": (changing("setattr(cfg, 'alpha', i)"), f"loss() reads cfg, {CHANGES}"),
    "a function of another file": (changing("advance(cfg)"), f"loss() reads cfg, {CHANGES}"),
    "a function of the file": (
        changing("advance(cfg)", head=LOSS + "def advance(settings):\n    settings.step()\n\n"),
        f"loss() reads cfg, {CHANGES}",
    ),
    "a function that reaches for it": (
        changing("advance()", head=LOSS + "def advance():\n    cfg.alpha += 1\n\n"),
        f"loss() reads cfg, {CHANGES}",
    ),
    "a helper of the loss": (
        changing("cfg.step()", head=LOSS.replace("cfg.alpha *", "weight() *") + "def weight():\n    return cfg.alpha\n\n"),
        f"weight() reads cfg, {CHANGES}",
    ),
    "a property": (
        changing(
            "cfg.alpha = i",
            head=LOSS.replace(
                "from settings import cfg",
                "class Cfg:\n    @property\n    def alpha(self):\n        return self._a\n\n"
                "    @alpha.setter\n    def alpha(self, value):\n        self._a = value\n\ncfg = Cfg()",
            ),
        ),
        f"loss() reads cfg, {CHANGES}",
    ),
    "a lambda": (changing("cfg.step()", "build(lambda a, b: cfg.alpha * (a - b))"), f"a lambda reads cfg, {CHANGES}"),
    "a layer": (
        "from settings import cfg\nclass Scale(keras.layers.Layer):\n    def call(self, inputs):\n        return cfg.alpha * inputs\n\n"
        "for i in range(3):\n    cfg.step()\n    model = keras.Sequential([keras.Input((4,)), Scale()])\n"
        "    model.compile('adam', 'mse')\n    model.fit(x, y)\n",
        f"call() reads cfg, {CHANGES}",
    ),
    "an object that is compiled in": (
        "class Loss(keras.losses.Loss):\n    def call(self, a, b):\n        return self.alpha * (a - b)\n\n"
        "loss = Loss()\nfor i in range(3):\n    loss.step()\n    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])\n"
        "    model.compile('adam', loss)\n    model.fit(x, y)\n",
        f"what is compiled reads loss, {CHANGES}",
    ),
    "an attribute of the object": (
        """
        class Run:
            def loss(self, a, b):
                return self.cfg.alpha * (a - b)

            def run(self):
                for i in range(3):
                    self.cfg.step()
                    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
                    model.compile("adam", self.loss)
                    model.fit(x, y)
        """,
        f"what is compiled reads self.cfg, {CHANGES}",
    ),
    "a name": (changing("cfg = load(i)"), "loss() reads cfg, which every iteration binds"),
    "loaded together": (
        loop("model.save(f'{i}.keras')", after="members = [keras.models.load_model(f'{i}.keras') for i in range(3)]\n"),
        "saved models are loaded together in line 14, and those of a kept model have one name",
    ),
    "loaded together by a function": (
        loop(
            "model.save(f'{i}.keras')",
            after="def load(i):\n    return keras.models.load_model(f'{i}.keras')\nmembers = [load(i) for i in range(3)]\n",
        ),
        "saved models are loaded together",
    ),
    "loaded and joined": (
        loop(
            "model.save(f'{i}.keras')",
            after="a = keras.models.load_model('0.keras')\nb = keras.models.load_model('1.keras')\n"
            "both = keras.Model(a.inputs, keras.layers.Average()([a.output, b.output]))\n",
        ),
        "saved models are loaded to be joined",
    ),
    "watched": (
        loop("model.fit(x, y, callbacks=[keras.callbacks.EarlyStopping('val_auc')])", head=COUNTED),
        f"'val_auc' is looked up, {COUNTS}",
    ),
    "in the name of a file": (
        loop("model.fit(x, y, callbacks=[keras.callbacks.ModelCheckpoint('{val_auc:.2f}.keras')])", head=COUNTED),
        f"'val_auc' is looked up, {COUNTS}",
    ),
    "asked of a history": (loop("print(history.history['auc'])", head=COUNTED), f"'auc' is looked up, {COUNTS}"),
    "all keys of a history": (
        loop("for key in history.history:", "    print(key)", head=COUNTED),
        "history.history in line 13 reads names",
    ),
    "all keys of a kept history": (
        loop("runs.append(history)", head=COUNTED, after="print([pd.DataFrame(run.history) for run in runs])\n"),
        "run.history in line 14 reads names",
    ),
    "logged": (
        loop("model.fit(x, y, callbacks=[keras.callbacks.CSVLogger('log.csv')])", head=COUNTED),
        "CSVLogger() reads names",
    ),
    "returned by name": (loop("print(model.evaluate(x, y, return_dict=True))", head=COUNTED), "evaluate() with return_dict"),
    "a callback's logs": (
        loop(
            head=COUNTED
            + "class Show(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        print(dict(logs))\n\n"
        ),
        "on_epoch_end() reads names that Keras counts up (auc)",
    ),
    "outputs": (
        loop(
            "print(history.history['dense_loss'])",
            head=BUILD.replace("keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])", "two()")
            + "def two():\n    a = keras.Input((4,))\n    return keras.Model(a, [keras.layers.Dense(1)(a), keras.layers.Dense(1)(a)])\n\n",
        ),
        f"'dense_loss' is looked up, {COUNTS}",
    ),
    "summary": (loop("model.summary()"), "summary() in line 13 tells names"),
    "summary of the last": (loop(after="model.summary()\n"), "summary() in line 13 tells names"),
    "to_json": (loop("print(model.to_json())"), "to_json() in line 13 tells names"),
    "the names of layers": (loop("print([layer.name for layer in model.layers])"), "layer.name in line 13 tells names"),
    "the names of weights": (loop("for w in model.weights:", "    print(w.path)"), "w.path in line 14 tells names"),
    "a picture": (loop("keras.utils.plot_model(model)"), "plot_model() in line 13 shows names"),
    "a layer by its name": (loop("print(model.get_layer('dense').get_weights())"), f"'dense' is looked up, {COUNTS}"),
    "weights by name": (
        loop("model.save_weights('w.h5')", after="build().load_weights('w.h5', by_name=True)\n"),
        "weights are loaded by names",
    ),
    "an optimizer for all": (
        loop(made="build(optimizer=shared)", head=BUILD + "shared = keras.optimizers.Adam()\n"),
        "shared is not made anew",
    ),
    "an optimizer in a default": (
        loop(head=BUILD.replace("optimizer='adam'", "").replace('"adam"', "keras.optimizers.Adam()")),
        "optimizer is not made anew",
    ),
    "a metric for all": (
        loop(made="build(metrics=METRICS)", head=BUILD + "METRICS = [keras.metrics.AUC(name='auc')]\n"),
        "METRICS is not made anew",
    ),
    "a metric in the factory": (
        loop(head=BUILD.replace("metrics=metrics", "metrics=[auc]") + "auc = keras.metrics.AUC(name='auc')\n"),
        "auc is not made anew",
    ),
    "now and then": (
        f"{BUILD}for i in range(9):\n    if i % 3 == 0:\n        model = build()\n    model.fit(x, y)\n",
        "not every iteration builds model",
    ),
    "a scope of names": (
        f"import tensorflow as tf\n{BUILD}for i in range(3):\n    with tf.name_scope(f'fold_{{i}}'):\n        model = build()\n    model.fit(x, y)\n",
        "the model is built in tf.name_scope(f'fold_{i}'), which differs",
    ),
}
ONLY_BUILT = "the model is only built, never run"
REFUSED = {
    "a device": (
        f"{BUILD}for i in range(2):\n    with keras.device(f'gpu:{{i}}'):\n        model = build()\n    model.fit(x, y)\n",
        "keras.device(f'gpu:{i}') differs from iteration to iteration",
    ),
    "a device of a list": (
        f"import tensorflow as tf\n{BUILD}for name in devices:\n    with tf.device(name):\n        model = build()\n        model.fit(x, y)\n",
        "tf.device(name) differs from iteration to iteration",
    ),
    "built and deleted": (
        f"{BUILD}for i in range(9):\n    model = build()\n    del model\n    keras.backend.clear_session()\n    gc.collect()\n",
        ONLY_BUILT,
    ),
    "built and timed": (
        f"{BUILD}for i in range(9):\n    t = time()\n    model = build()\n    print(time() - t, model.count_params())\n",
        ONLY_BUILT,
    ),
    "built and saved": (f"{BUILD}for i in range(9):\n    model = build()\n    model.save(f'{{i}}.keras')\n", ONLY_BUILT),
    "only the last is run": (f"{BUILD}for i in range(9):\n    model = build()\nmodel.fit(x, y)\n", ONLY_BUILT),
    "printed": (f"{BUILD}for i in range(9):\n    print(build())\n", ONLY_BUILT),
    "in the object": (
        f"{BUILD}class Run:\n    def run(self):\n        for i in range(9):\n            self.model = build()\n",
        ONLY_BUILT,
    ),
    "built until its file is there": (
        f"{BUILD}for i in range(9):\n    if os.path.exists('m.keras'):\n        model = keras.models.load_model('m.keras')\n"
        "    else:\n        model = build()\n        model.fit(x, y)\n        model.save('m.keras')\n    print(model.predict(x))\n",
        "the model is built only until its file is there",
    ),
    "a layer's class": (
        """
        for i in range(3):
            class Same(keras.layers.Layer):
                def call(self, inputs):
                    return inputs

            model = keras.Sequential([keras.Input((4,)), Same(), keras.layers.Dense(1)])
            model.compile("adam", "mse")
            model.fit(x, y)
        """,
        "the class Same is defined anew in every iteration",
    ),
    "a class in the factory": (
        """
        def build():
            class Same(keras.layers.Layer):
                def call(self, inputs):
                    return inputs

            model = keras.Sequential([keras.Input((4,)), Same(), keras.layers.Dense(1)])
            model.compile("adam", "mse")
            return model

        for i in range(3):
            model = build()
            model.fit(x, y)
        """,
        "the class Same is defined anew in every iteration",
    ),
    **{
        f"an architecture that grows: {statement}": (
            f"while n < 100:\n    {statement}\n    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(n)])\n"
            "    model.compile('adam', 'mse')\n    model.fit(x, y)\n",
            "the model differs from iteration to iteration",
        )
        for statement in ("n *= 2", "n = n + 1", "n = todo.pop()")
    },
}


@pytest.mark.parametrize("kind", SAFE)
def test_safe(kind: str) -> None:
    assert verdict(SAFE[kind], "reuse", helper_module="keeping") == ("safe", "")


@pytest.mark.parametrize("kind", UNSAFE)
def test_unsafe(kind: str) -> None:
    text, reason = UNSAFE[kind]
    found, why = verdict(text, "reuse", helper_module="keeping")
    assert (found, reason in why) == ("unsafe", True), why


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(kind: str) -> None:
    text, reason = REFUSED[kind]
    found, why = verdict(text, "reuse", helper_module="keeping")
    assert (found, reason in why) == ("none", True), why


def test_a_loop_over_several_elements_runs_more_than_once() -> None:
    for count in ("N = 2\n", "N = 1\nN = 2\n", "N = size()\n"):
        assert verdict(loop(head=BUILD + count, of="range(N)"), "reuse", helper_module="keeping") == ("safe", "")


def test_what_counts_its_names_is_what_keras_says() -> None:
    """Metrics whose ``name`` has no default (Keras 3.15)."""
    for name in ("AUC", "Precision", "MeanIoU"):
        assert names.counts_metric(f"keras.metrics.{name}")
    for name in ("keras.metrics.BinaryAccuracy", "keras.metrics.Mean", "other.AUC"):
        assert not names.counts_metric(name)
