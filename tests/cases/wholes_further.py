"""More parts of one model, and what looks like them."""
import keras
import tensorflow as tf
from keras import Input, Model, Sequential, layers


def mlp(width):
    return Sequential([layers.Dense(width), layers.Dense(1)])


class GraphNet:
    def __init__(self, n):
        self.node_models = [mlp(3) for _ in range(n)]
        self.edge_models = {}
        for i in range(n):
            self.edge_models[i] = mlp(i)

    def step(self, graph):
        nodes = [model(graph[i]) for i, model in enumerate(self.node_models)]
        return [self.edge_models[i](node) for i, node in enumerate(nodes)]


def compiled(width):
    model = mlp(width)
    model.compile(loss="mse")
    return model


def make_members(widths):
    return [compiled(width) for width in widths]  # -> KL105


def backbones(names):
    inputs = Input((32, 32, 3))
    outs = []
    for name in names:
        base = keras.applications.VGG16(input_tensor=inputs, weights=None)
        outs.append(base.output)
    return Model(inputs, layers.concatenate(outs))


def averaged(paths):
    members = []
    for path in paths:
        member = keras.models.load_model(path)
        members.append(member)
    inputs = Input((4,))
    outs = [member(inputs) for member in members]
    return Model(inputs, layers.average(outs))


def wrapped(inputs, outs, model):
    outputs = []
    for out in outs:
        outputs.append(layers.TimeDistributed(Model(model.input, out))(inputs))
    return outputs


class Fusion:
    def __init__(self, encoders):
        self.encoders = encoders

    def build(self, inputs):
        outs = [encoder(x) for encoder, x in zip(self.encoders.values(), inputs)]
        self.model = Model(inputs, layers.concatenate(outs))
        self.model.compile(loss="mse")


def fusion(names):
    encoders = {}
    for name in names:
        encoders[name] = mlp(len(name))
    return Fusion(encoders)


class Kernel(Model):
    def call(self, x, y):
        return x + y


class Distance:
    def __init__(self, kernel=Kernel, sigma=1):
        self.kernel = kernel() if kernel == Kernel else kernel

    def run(self, xs):
        for x in xs:
            self.kernel(x, x)


def masked(image, modality=None):
    mask = None
    if modality is not None:
        mask = modality
    if mask is None:
        return image
    model = mlp(3)
    return model.predict(image)


def masks(images):
    for image in images:
        masked(image, modality=None)
    for image in images:
        masked(image, modality="t1")  # -> KL102


def weights(paths):
    models = []
    for path in paths:
        model = compiled(4)  # -> KL105
        model.load_weights(path)
        models.append(model)
    return sum(model.predict(paths) for model in models)


def tape(members, x, y, optimizer):
    models = [mlp(3) for _ in members]  # -> KL105
    for model in models:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model(x) - y)
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return models


def fitted_later(n, x, y):
    members = [mlp(3) for _ in range(n)]  # -> KL105
    for member in members:
        train(member, x, y)
    return members


def train(model, x, y):
    model.compile(loss="mse")
    model.fit(x, y)


class Trainer:
    def __init__(self, n):
        self.nets = []
        for _ in range(n):
            self.nets.append(mlp(2))  # -> KL105

    def train(self, x, y):
        for net in self.nets:
            net.compile(loss="mse")
            net.fit(x, y)

    def vote(self, x):
        return [net(x) for net in self.nets]


def two_closures(folds, x, y):
    for fold in folds:
        net = mlp(3)  # -> KL102
        train_with(lambda inputs: net(inputs), x, y)
    for fold in folds:
        net = mlp(4)  # -> KL102
        train_with(lambda inputs: net(inputs), x, y)
