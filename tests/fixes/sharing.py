"""Models that share layers: autoencoders, adversarial networks, feature extractors, backbones."""
import keras
import numpy as np
from keras import layers
from keras.applications import MobileNetV2

x, y = np.load("x.npy"), np.load("y.npy")


def build():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def build_head(base):
    model = keras.Sequential([base, layers.Dense(1)])
    model.compile("adam", "mse")
    return model


# an autoencoder whose encoder is used
for i in range(5):
    inputs = keras.Input((4,))
    code = layers.Dense(2)(inputs)
    encoder = keras.Model(inputs, code)  # -> none: inputs was made for the new model
    autoencoder = keras.Model(inputs, layers.Dense(4)(code))  # -> none: encoder was made for the new model
    autoencoder.compile("adam", "mse")
    autoencoder.fit(x, x)
    print(encoder.predict(x))

# an adversarial network
for i in range(5):
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(4)])  # -> none: takes the model in
    discriminator = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> none: takes the model in
    discriminator.compile("adam", "mse")
    discriminator.trainable = False
    gan = keras.Sequential([generator, discriminator])  # -> none: was made for the new model
    gan.compile("adam", "mse")
    for step in range(100):
        discriminator.train_on_batch(x, y)
        gan.train_on_batch(x, y)

# features from a trained model
for i in range(5):
    model = build()  # -> none: another model is built from its layers
    model.fit(x, y)
    extractor = keras.Model(model.inputs, model.layers[-2].output)  # -> reuse
    print(extractor.predict(x))

# a frozen backbone from outside the loop: every head sits on the same one
backbone = MobileNetV2(include_top=False, pooling="avg")
backbone.trainable = False
for fold in range(5):
    model = keras.Sequential([backbone, layers.Dense(1)])  # -> reuse
    model.compile("adam", "mse")
    model.fit(x, y)

# a backbone made in each iteration, used for nothing else
for fold in range(5):
    own = MobileNetV2(include_top=False, pooling="avg", input_shape=(32, 32, 3))  # -> none: takes the model in
    own.trainable = False
    model = keras.Sequential([own, layers.Dense(1)])  # -> reuse
    model.compile("adam", "mse")
    model.fit(x, y)

# and one that is thawed later
for fold in range(5):
    backbone = MobileNetV2(include_top=False, pooling="avg", input_shape=(32, 32, 3))  # -> none: before it is complete
    backbone.trainable = False
    model = keras.Sequential([backbone, layers.Dense(1)])  # -> none: backbone was made for the new model
    model.compile("adam", "mse")
    model.fit(x, y)
    backbone.trainable = True
    model.fit(x, y)

# heads on a base that the outer loop makes anew: only within one base they share it
for seed in range(3):
    base = keras.Sequential([keras.Input((4,)), layers.Dense(8)])  # -> none: takes the model in
    for task in range(4):
        model = keras.Sequential([base, layers.Dense(1)])  # -> reuse
        model.compile("adam", "mse")
        model.fit(x, y)


# the same through a factory
for seed in range(3):
    base = keras.Sequential([keras.Input((4,)), layers.Dense(8)])  # -> none: takes the model in
    for task in range(4):
        model = build_head(base)  # -> reuse
        model.fit(x, y)


# and in a function that is given its base
def train_head(base):
    model = keras.Sequential([base, layers.Dense(1)])
    model.compile("adam", "mse")
    return model.fit(x, y).history["loss"]


for seed in range(3):
    print(train_head(backbone))  # -> reuse unsafe: base


# siamese: two branches through one
for i in range(5):
    branch = keras.Sequential([keras.Input((4,)), layers.Dense(2)])  # -> none: another model is built on it
    left, right = keras.Input((4,)), keras.Input((4,))
    joined = layers.Subtract()([branch(left), branch(right)])
    model = keras.Model([left, right], layers.Dense(1)(joined))  # -> reuse
    model.compile("adam", "mse")
    model.fit([x, x], y)
