"""Functions, classes and modules found by their names."""
import importlib
import sys
import keras
from keras import layers
import tensorflow as tf
from dataclasses import dataclass

NAME = "build_a"
CFG = {"model": "build_b", "arch": "VGG16"}
NAMES = ["VGG16", "ResNet50"]


def build_a():
    return keras.Sequential([layers.Dense(1)])


def build_b():
    return keras.Sequential([layers.Dense(1)])


class Config:
    model = "build_a"
    arch = "VGG16"


@dataclass
class Args:
    model: str = "build_a"
    arch: str = "ResNet50"


args = Args()
for i in range(3):
    globals()["build_a"]().fit(1)  # -> KL102
    globals()[NAME]().fit(1)  # -> KL102
    globals()[CFG["model"]]().fit(1)  # -> KL102
    globals().get("build_a")().fit(1)  # -> KL102
    locals()["build_a"]().fit(1)  # -> KL102
    vars()["build_a"]().fit(1)  # -> KL102
    getattr(sys.modules[__name__], "build_a")().fit(1)  # -> KL102
    getattr(sys.modules[__name__], Config.model)().fit(1)  # -> KL102
    getattr(sys.modules[__name__], args.model)().fit(1)  # -> KL102
    getattr(keras.applications, "VGG16")(weights=None).fit(1)  # -> KL101
    getattr(tf.keras.applications, CFG["arch"])(weights=None).fit(1)  # -> KL101
    getattr(tf.keras.applications, args.arch)(weights=None).fit(1)  # -> KL101
    getattr(keras.applications, Config.arch)(weights=None).fit(1)  # -> KL101
    importlib.import_module("keras.applications").VGG16(weights=None).fit(1)  # -> KL101
    getattr(importlib.import_module("keras.applications"), "VGG16")(weights=None).fit(1)  # -> KL101
    eval("build_a")().fit(1)  # -> KL102
for n in NAMES:
    getattr(keras.applications, n)(weights=None).fit(1)  # -> KL101
for n in ["VGG16", "ResNet50"]:
    m = getattr(keras.applications, n)(weights=None)  # -> KL101
    m.fit(1)
for n in ("build_a", "build_b"):
    globals()[n]().fit(1)  # -> KL102
    globals()[f"build_{n}"]()
    eval(n)().fit(1)  # -> KL102


def get(name):
    return getattr(keras.applications, name)(weights=None)


for i in range(3):
    get("VGG16").fit(1)  # -> KL102
    get(args.arch).fit(1)  # -> KL102

for n in ("a", "b"):
    globals()[f"build_{n}"]().fit(1)  # -> KL102
    globals()["build_" + n]().fit(1)  # -> KL102
    getattr(keras.applications, unknown)(weights=None).fit(1)  # -> KL101
    getattr(keras.applications, "vgg16").preprocess_input(1)
    getattr(keras.layers, unknown)(8)
    getattr(keras, unknown)(8)
    globals()[unknown]()
    getattr(sys.modules[__name__], "nothing_of_the_sort")()
