"""Layers and blocks of one larger model are no models of their own."""
import keras
from keras import Input, Model, Sequential, layers


def block(filters):
    result = Sequential()
    result.add(layers.Conv2D(filters, 3))
    return result


def tensor_block(x, filters):
    x = layers.Conv2D(filters, 3)(x)
    return layers.ReLU()(x)


def sequential_block(x, filters):
    shortcut = Sequential([layers.Conv2D(filters, 1)])
    return layers.add([layers.Conv2D(filters, 3)(x), shortcut(x)])


def unet(inputs):
    x = inputs = Input((8, 8, 3))
    for filters in (8, 16):
        x = layers.Conv2D(filters, 3)(x)
        x = block(filters)(x)
        x = tensor_block(x, filters)
        x = sequential_block(x, filters)
    up_stack = []
    for filters in (8, 16):
        up_stack.append(block(filters))
    for up in up_stack:
        x = up(x)
    up_stack = [block(filters) for filters in (8, 16)]
    for up in up_stack:
        x = up(x)
    for filters in (8, 16):
        up = block(filters)
        x = up(x)
    return Model(inputs, x)


def stacked():
    model = Sequential()
    for filters in (8, 16):
        model.add(layers.Conv2D(filters, 3))
        model.add(block(filters))
        model.add(Sequential([layers.Dense(1)]))
    return model


class ResNet(keras.Model):
    def __init__(self, widths):
        super().__init__()
        self.blocks = []
        for width in widths:
            self.blocks.append(Sequential([layers.Dense(width)]))
        self.heads = [block(width) for width in widths]

    def call(self, x):
        for inner in self.blocks:
            x = inner(x)
        return x


class Wide(keras.layers.Layer):
    def build(self, shape):
        self.parts = [Sequential([layers.Dense(1)]) for _ in range(3)]


def ensemble(n, x, y):
    models = []
    for _ in range(n):
        model = block(3)  # -> KL105
        model.compile("adam", "mse")
        model.fit(x, y)
        models.append(model)
    inputs = Input((8,))
    return Model(inputs, layers.average([model(inputs) for model in models]))


def transfer(paths):
    for path in paths:
        base = keras.applications.VGG16(weights=None)  # -> KL101
        x = layers.Dense(1)(base.output)
        model = Model(base.input, x)  # -> KL101
        model.fit(path)


def heads(names):
    inputs = layers.Input((3,))
    outputs, ins, outs = [], [], []
    for name in names:
        head = block(3)
        outputs.append(head(inputs))
    for name in names:
        branch = Model(inputs, layers.Dense(1)(inputs))
        ins.append(branch.input)
        outs.append(branch.output)
    return Model([inputs, *ins], [*outputs, *outs])


def test_every_layer():
    inputs = Input((8,))
    for units in (1, 2):
        model = Model(inputs, layers.Dense(units)(inputs))  # -> KL101
        assert model.output_shape == (None, units)
