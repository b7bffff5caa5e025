"""When the ``hoist`` fix is not made, or not safe: one case for each condition, with its reason."""

from __future__ import annotations

import pytest
from strategies import HEAD, dedented, fix, verdict

BUILD = """
def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])


"""
SAME_WEIGHTS = "every iteration would start from the same weights"

NONE = {
    "a comprehension or map() has no body": "scores = [build().evaluate(x, y) for _ in range(3)]\n",
    "every iteration's model is kept": "for fold in folds:\n    models.append(build())\n",
    "is not assigned to a name by itself": "for fold in folds:\n    print(build().evaluate(x, y))\n",
    "score(), which the loop calls, builds and uses the model": """
        def score(fold):
            model = build()
            model.fit(x[fold])
            return model.evaluate(x)

        for fold in folds:
            print(score(fold))
        """,
    "in a block of its own": """
        for fold in folds:
            if fold:
                model = build()
                model.fit(x[fold])
        """,
    "the block in line 16 prepares the model": """
        for fold in folds:
            model = build()
            for layer in model.layers[:-1]:
                layer.trainable = False
            model.compile("adam", "mse")
            model.fit(x[fold])
        """,
    "reads units, which every iteration binds": """
        for units in (1, 2):
            model = build(units)
            model.fit(x)
        """,
    "reads fold, which every iteration binds": """
        for fold in folds:
            shape = x[fold].shape[1:]
            model = keras.Sequential([keras.Input(shape), keras.layers.Dense(1)])
            model.fit(x)
        """,
    "reads data, which every iteration binds": """
        for data, labels in folds:
            print(labels)
            model = keras.Sequential([keras.Input(data.shape[1:]), keras.layers.Dense(1)])
            model.fit(data, labels)
        """,
    "reads loss, which every iteration binds": """
        for fold in folds:
            def loss(a, b):
                return a - b + fold

            model = build()
            model.compile("adam", loss)
            model.fit(x)
        """,
    "wide reads width, which every iteration binds": """
        def wide():
            return keras.Sequential([keras.Input((8,)), keras.layers.Dense(width)])

        for width in (1, 2):
            model = wide()
            model.fit(x)
        """,
    "wide reads WIDTH, a global that a function changes": """
        WIDTH = 3

        def widen():
            global WIDTH
            WIDTH += 1

        def wide():
            return keras.Sequential([keras.Input((8,)), keras.layers.Dense(WIDTH)])

        def run():
            for fold in folds:
                widen()
                model = wide()
                model.fit(x)
        """,
    "may read config.units, which the loop sets": """
        for fold in folds:
            config.units = 3
            model = build(config)
            model.fit(x)
        """,
    "may read config['units'], which the loop sets": """
        for fold in folds:
            config["units"] += 3
            model = build(config["units"])
            model.fit(x)
        """,
    "reads sizes, which sizes.append() changes": """
        for fold in folds:
            sizes.append(3)
            model = build(sizes[-1])
            model.fit(x)
        """,
    "np.random.randint() has to be called in every iteration": """
        for fold in folds:
            model = build(np.random.randint(8))
            model.fit(x)
        """,
    "next() has to be called in every iteration": """
        for fold in folds:
            model = build(next(sizes))
            model.fit(x)
        """,
    "open() has to be called in every iteration": """
        for fold in folds:
            model = build(int(open("size").read()))
            model.fit(x)
        """,
    "time.time() has to be called in every iteration": """
        import time

        for fold in folds:
            model = keras.Sequential([keras.Input((8,))], name=f"model{time.time()}")
            model.fit(x)
        """,
    "random.choice() has to be called in every iteration": """
        import random

        def lucky():
            return keras.Sequential([keras.Input((8,)), keras.layers.Dense(random.choice([1, 2]))])

        for fold in folds:
            model = lucky()
            model.fit(x)
        """,
    "keras.utils.set_random_seed() has to be called in every iteration": """
        def seeded():
            keras.utils.set_random_seed(1)
            return keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])

        for fold in folds:
            model = seeded()
            model.fit(x)
        """,
    "read_size() in line 15 may do more than build the model": """
        for fold in folds:
            size = read_size()
            model = build(size)
            model.fit(x)
        """,
    "has an effect of its own": """
        for fold in folds:
            model = build(size := 3)
            model.fit(x)
        """,
    "model is deleted in line 17": """
        for fold in folds:
            model = build()
            model.fit(x)
            del model
        """,
    "model is bound again in line 17": """
        for fold in folds:
            model = build()
            model.fit(x)
            model = None
        """,
    "model is used in line 16, before the new model is complete": """
        model = None
        for fold in folds:
            if model is not None:
                print("again")
            model = build()
            model.fit(x)
        """,
    "h is used in line 17, before": """
        for fold in folds:
            inputs = keras.Input((8,))
            h = keras.layers.Dense(3)(inputs)
            print(h)
            model = keras.Model(inputs, h)
            model.fit(x)
        """,
    "best may keep an earlier iteration's model": """
        for fold in folds:
            model = build()
            if model.evaluate(x) > 1:
                best = model
        """,
    "inputs was made for the new model": """
        for fold in folds:
            inputs = keras.Input((8,))
            encoder = keras.layers.Dense(3)
            model = keras.Model(inputs, encoder(inputs))
            model.fit(x)
            keras.Model(inputs, encoder.output).predict(x)
        """,
    "the model has no weights before it first sees data": """
        for fold in folds:
            model = keras.Sequential([keras.layers.Dense(3)])
            model.compile("adam", "mse")
            model.fit(x)
        """,
    "the loop does not use the model": """
        for fold in folds:
            model = build()
        """,
    "the model is built in a distribution scope": """
        with strategy.scope():
            for fold in folds:
                model = build()
                model.fit(x)
        """,
    "in graph mode the model's state cannot be put back": """
        import tensorflow as tf
        tf.compat.v1.disable_eager_execution()
        for fold in folds:
            model = build()
            model.fit(x)
        """,
    "uses the name model_restorer for something else": """
        model_restorer = None
        for fold in folds:
            model = build()
            model.fit(x)
        """,
}


@pytest.mark.parametrize("reason", NONE)
def test_no_fix(reason: str) -> None:
    kind, found = verdict(BUILD.lstrip("\n") + "\n" * 5 + dedented(NONE[reason]), "hoist")
    assert (kind, found) == ("none", found)
    assert reason in found


# -- unsafe


LOADS = "    model.load_weights(fold)\n    print(model.predict(x))\n"
UNSAFE = {
    SAME_WEIGHTS: "for fold in folds:\n    model = build()\n    model.fit(x)\n",
    SAME_WEIGHTS
    + "; the model is handed to train(), which may keep it": "for fold in folds:\n    model = build()\n    train(model)\n",
    "start from the same random state": """
        for fold in folds:
            model = build()
            model.set_weights(weights)
            model.fit(x)
        """,
    "by_name leaves some: " + SAME_WEIGHTS: """
        for fold in folds:
            model = build()
            model.load_weights(fold, skip_mismatch=True)
            model.predict(x)
        """,
    "later is too late: " + SAME_WEIGHTS: """
        for fold in folds:
            model = build()
            model.predict(x)
            model.load_weights(fold)
            model.predict(x)
        """,
    "model.save() may write the file": """
        for fold in folds:
            model = keras.models.load_model("m.keras")
            model.fit(x)
            model.save("m.keras")
        """,
    "and so does random.random()": """
        import random
        keras.utils.set_random_seed(1)
        for fold in folds:
            model = build()
            model.load_weights(fold)
            model.predict(random.random() * x)
        """,
    "Nadam optimizer of Keras 2": """
        for fold in folds:
            model = build()
            model.compile("nadam", "mse")
            model.fit(x)
        """,
    "model has a value before the loop": """
        model = build()
        model.fit(x)
        for fold in folds:
            model = build()
            model.load_weights(fold)
            model.predict(x)
        model.predict(x)
        """,
    "a stateful layer keeps its state": """
        for fold in folds:
            model = keras.Sequential([keras.Input((8, 1)), keras.layers.LSTM(3, stateful=True)])
            model.load_weights(fold)
            model.predict(x)
        """,
    "test_on_batch() in line 13 may change the model, which loading weights may not undo": """
        for fold in folds:
            model = build()
            model.load_weights(fold)
            model.test_on_batch(x, y)
        """,
    "the model is called in line 13, and may be training, which loading weights may not undo": """
        for fold in folds:
            model = build()
            model.load_weights(fold)
            model(x, training=True)
        """,
    "a layer in line 12 runs as in training": """
        for fold in folds:
            inputs = keras.Input((8,))
            outputs = keras.layers.Dropout(0.5)(inputs, training=True)
            model = keras.Model(inputs, outputs)
            model.load_weights(fold)
            model.predict(x)
        """,
    "Counting() is not one of the library's layers": """
        class Counting(keras.layers.Layer):
            def call(self, x):
                self.calls = getattr(self, "calls", 0) + 1
                return x * self.calls
        for fold in folds:
            model = keras.Sequential([keras.Input((8,)), Counting()])
            model.load_weights(fold)
            model.predict(x)
        """,
    "keras.layers.Lambda() is not one of the library's layers": """
        for fold in folds:
            model = keras.Sequential([keras.Input((8,)), keras.layers.Lambda(noise)])
            model.load_weights(fold)
            model.predict(x)
        """,
    "building draws random numbers, and so does keras.Sequential()": """
        keras.utils.set_random_seed(1)
        for fold in folds:
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            model.load_weights(fold)
            model.predict(x)
        last = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        """,
    "building draws random numbers, and so does other.fit()": """
        def learn(other):
            other.fit(x)
        def score(folds):
            for fold in folds:
                model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
                model.load_weights(fold)
                model.predict(x)
        keras.utils.set_random_seed(1)
        score(folds)
        learn(others)
        """,
}


@pytest.mark.parametrize("reason", UNSAFE)
def test_unsafe(reason: str) -> None:
    kind, found = verdict(BUILD + dedented(UNSAFE[reason]), "hoist")
    assert kind == "unsafe"
    assert reason.rpartition(": ")[2] in found


def test_what_is_not_trained_has_no_state_to_put_back() -> None:
    text = HEAD + BUILD + "for fold in folds:\n    model = build()\n" + LOADS
    assert "restore" not in fix(text, "hoist", unsafe=False).text


def test_what_was_drawn_before_was_drawn_before() -> None:
    text = """
        def learn(other):
            other.fit(x)
        def score(folds):
            for fold in folds:
                model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
                model.load_weights(fold)
                model.predict(x)
        keras.utils.set_random_seed(1)
        learn(others)
        score(folds)
        """
    assert verdict(BUILD + dedented(text), "hoist") == ("safe", "")
