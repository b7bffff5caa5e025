"""Parts of one model: what becomes a layer of a model that is built outside the loop, or later in the same scope."""
import keras
import tensorflow as tf
from keras import Input, Model, Sequential, layers


def head(units):
    return Sequential([layers.Dense(units), layers.Dense(1)])


def functional_head(shape, units):
    inputs = Input(shape)
    return Model(inputs, layers.Dense(units)(inputs), name=f"head_{units}")


def retinanet(features, levels):
    submodels = []
    for name in ("regression", "classification"):
        submodels.append(functional_head((8,), len(name)))
    outputs = [model(feature) for model in submodels for feature in features]
    return Model(features, outputs)


def heads_by_constructor(features):
    heads = []
    for units in (1, 2):
        heads.append(functional_head((8,), units))
    return Detector(features, heads)


class Detector(Model):
    def __init__(self, backbone, heads):
        super().__init__()
        self.backbone = backbone
        self.heads = heads

    def call(self, x):
        return [head(self.backbone(x)) for head in self.heads]


def encoders(names):
    encoders, inputs, outputs = {}, [], []
    for name in names:
        encoders[name] = functional_head((3,), 4)
    for name in names:
        tensor = Input((3,))
        inputs.append(tensor)
        outputs.append(encoders[name](tensor))
    return Model(inputs, layers.concatenate(outputs))


class GraphNetwork(tf.Module):
    """No Keras model, and yet one whole."""

    def __init__(self, names):
        super().__init__()
        self.node_models = {}
        for name in names:
            self.node_models[name] = head(len(name))

    def __call__(self, graph):
        return {name: model(graph[name]) for name, model in self.node_models.items()}


class Agent:
    """Plain Python, with the models of one whole."""

    def __init__(self, names):
        self.parts = []
        for name in names:
            self.parts.append(head(len(name)))
        self.build_whole()

    def build_whole(self):
        inputs = Input((4,))
        x = inputs
        for part in self.parts:
            x = part(x)
        self.whole = Model(inputs, x)


class Members:
    """An ensemble: each is trained by itself."""

    def __init__(self, names):
        self.members = []
        for name in names:
            self.members.append(head(len(name)))  # -> KL105

    def fit(self, x, y):
        for member in self.members:
            member.compile(loss="mse")
            member.fit(x, y)


def stages(widths):
    inputs = Input((8, 8, 3))
    x, previous, outs = inputs, inputs, []
    for width in widths:
        x = layers.Conv2D(width, 3)(x)
        stage = Model(previous, x, name=f"stage_{width}")
        previous = x
        outs.append(stage.output)
    return Model(inputs, outs)


def backbone_stages(widths):
    stages = []
    for width in widths:
        inputs = Input((8, 8, width))
        stages.append(Model(inputs, layers.Conv2D(width, 3)(inputs)))
    image = Input((8, 8, 3))
    x = image
    for stage in stages:
        x = stage(x)
    return Model(image, x)


def gathered(widths):
    parts = []
    for width in widths:
        part = head(width)
        parts.append(part)
    return keras.Sequential(parts)


def gathered_at_once(widths):
    return keras.Sequential([head(width) for width in widths])


def ensemble_and_average(widths, x, y):
    models = [head(width) for width in widths]  # -> KL105
    for model in models:
        model.compile(loss="mse")
        model.fit(x, y)
    inputs = Input((4,))
    return Model(inputs, layers.average([model(inputs) for model in models]))


# an unrelated model behind the loop says nothing


def trained(folds, x, y):
    members = []
    for fold in folds:
        model = head(3)  # -> KL105
        model.fit(x, y)
        members.append(model)
    other = functional_head((3,), 2)
    feature = Model(inputs=other.input, outputs=[other.layers[1].output])
    return members, feature.predict(x)


def untrained(folds):
    members = []
    for fold in folds:
        members.append(head(3))  # -> KL105
    other = functional_head((3,), 2)
    feature = Model(inputs=other.input, outputs=[other.layers[1].output])
    return members, feature


def other_list(folds, x):
    members, parts = [], []
    for fold in folds:
        members.append(head(3))  # -> KL105
        parts.append(head(4))
    inputs = Input((4,))
    whole = Model(inputs, [part(inputs) for part in parts])
    for member in members:
        member.predict(x)
    return whole
