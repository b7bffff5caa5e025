"""Builds means: on a path that this call takes."""
import os

import keras
from keras import layers
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.svm import SVC


def network(width=4):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(width)])
    model.compile(loss="mse")
    return model


# an attribute that the constructor sets decides


class Predictor:
    def __init__(self, type_of_estimator="DeepLearning", epochs=3):
        self.type_of_estimator = type_of_estimator
        self.kind = type_of_estimator.lower()
        self.epochs = epochs

    def fit(self, x, y):
        if self.type_of_estimator == "DeepLearning":
            self.model = network()
            self.model.fit(x, y, epochs=self.epochs)
        else:
            self.model = GradientBoostingClassifier()
            self.model.fit(x, y)

    def refit(self, x):
        if self.kind == "gradientboosting":
            return SVC()
        return network()


def literals(folds):
    for fold in folds:
        predictor = Predictor(type_of_estimator="GradientBoosting")
        predictor.fit(fold, fold)
        predictor.refit(fold).fit(fold)
    for fold in folds:
        predictor = Predictor("DeepLearning")
        predictor.fit(fold, fold)  # -> KL102
    for fold in folds:
        predictor = Predictor()
        predictor.fit(fold, fold)  # -> KL102


# a name that is bound to one literal decides


def make(kind):
    if kind == "net":
        return network()
    elif kind in ("svm", "svc"):
        return SVC()
    raise ValueError(kind)


KIND = "svm"
CONFIG = {"kind": "svm", "width": 3}
for i in range(3):
    model = make(KIND)
    model.fit(i, i)
for i in range(3):
    model = make(CONFIG["kind"])
    model.fit(i, i)
for kind in ("svm", "svc"):
    model = make(kind)
    model.fit(kind, kind)
for kind in ["svm", "net"]:
    model = make(kind)  # -> KL102
    model.fit(kind, kind)

# a dispatcher in a dict

MAKERS = {"net": network, "svm": SVC}
for i in range(3):
    model = MAKERS["svm"]()
    model.fit(i, i)
for i in range(3):
    model = MAKERS["net"]()  # -> KL102
    model.fit(i, i)

# nothing decides: what is returned has to be used as a Keras model


def undecided(kinds, x, y):
    for kind in kinds:
        model = make(kind)
        model.fit(x, y)
        model.predict(x)
    for kind in kinds:
        model = make(kind)  # -> KL102
        model.fit(x, y, epochs=3, batch_size=8)
    for kind in kinds:
        model = make(kind)  # -> KL102
        model.compile(loss="mse")


# by the type of an argument


class Explainer:
    def __init__(self, model, data=None):
        if isinstance(model, keras.Model):
            self.part = keras.Model(model.inputs, model.layers[-2].output)
        elif hasattr(model, "estimators_"):
            self.part = None
        self.model = model

    def explain(self, x):
        return self.model.predict(x)


def explain_trees(xs):
    forest = GradientBoostingClassifier()
    for x in xs:
        explainer = Explainer(forest)
        explainer.explain(x)


def explain_networks(xs):
    model = network()
    for x in xs:
        explainer = Explainer(model)  # -> KL102
        explainer.explain(x)


def explain_any(model, xs):
    for x in xs:
        explainer = Explainer(model)
        explainer.explain(x)


# recursion that ends elsewhere


def nodes(tree, depth):
    if depth == 0:
        return network()
    return tree


def walk(tree, depth=0):
    for child in tree.children:
        walk(child, depth + 1)
    if depth == 0:
        model = network()
        model.fit(tree.x, tree.y, epochs=2)
    return tree


# both branches build


def either(folds):
    for fold in folds:
        model = load_or_build(fold)  # -> KL102
        model.fit(fold)


def load_or_build(path):
    if os.path.exists(path):
        return keras.models.load_model(path)
    return network()


# what is built is trained in the function itself


def run(fold, use_network, x, y):
    if use_network:
        model = network()
        model.fit(x, y, epochs=3)
        return model.evaluate(x, y)
    return SVC().fit(x, y).score(x, y)


def runs(folds, use_network):
    for fold in folds:
        run(fold, use_network, fold, fold)  # -> KL102
    for fold in folds:
        run(fold, False, fold, fold)


# an object that only holds a factory


class Holder:
    def __init__(self, build=network, eager=False):
        self.build = build
        if eager:
            self.model = build()

    def fit(self, x):
        self.model = self.build()
        self.model.fit(x)


def holders(xs):
    found = []
    for x in xs:
        holder = Holder(network)
        found.append(holder)
    return found


def fitted(xs):
    for x in xs:
        holder = Holder(network)
        holder.fit(x)  # -> KL102
