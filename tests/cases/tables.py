"""Functions and classes picked from collections of the module, and what is not picked from them."""
import collections
from dataclasses import dataclass
from typing import Callable, NamedTuple

import keras
from keras import layers
import torch
from keras.applications import VGG16, ResNet50
from sklearn.svm import SVC


def cnn(width=8):
    return keras.Sequential([layers.Dense(width)])


def mlp(width=8):
    return keras.Sequential([layers.Dense(width)])




class Net(keras.Model):
    pass


LIST = [cnn, mlp]
TUPLE = (Net, cnn)
DICT = {"cnn": cnn, "mlp": mlp}
MADE = dict(cnn=cnn, mlp=mlp)
FILLED = {}
FILLED["cnn"] = cnn
FILLED["mlp"] = mlp
LATER = dict()
LATER.update({"cnn": cnn})
LATER2 = {}
LATER2.update(cnn=cnn)
archs = [[VGG16, "vgg"], [ResNet50, "resnet"]]
CONFIGS = [{"name": "a", "build": cnn}, {"name": "b", "build": mlp}]
ORD = collections.OrderedDict([("cnn", cnn), ("mlp", mlp)])
PAIRS = dict([("cnn", cnn), ("mlp", mlp)])
ZIPPED = dict(zip(["cnn", "mlp"], [cnn, mlp]))
COMP = {f.__name__: f for f in (cnn, mlp)}
DD = collections.defaultdict(lambda: cnn)
NESTED = {"image": {"cnn": cnn}, "table": {"mlp": mlp}}
MERGED = {**DICT, "extra": mlp}
OR = DICT | MADE

for i in range(2):
    LIST[i]().fit(1)  # -> KL102
    TUPLE[i]().fit(1)  # -> KL101
for f in LIST:
    f().fit(1)  # -> KL102
for name in ["cnn", "mlp"]:
    DICT[name]().fit(1)  # -> KL102
    DICT.get(name)().fit(1)  # -> KL102
    DICT.get(name, mlp)().fit(1)  # -> KL102
    MADE[name]().fit(1)  # -> KL102
    FILLED[name]().fit(1)  # -> KL102
    LATER[name]().fit(1)  # -> KL102
    LATER2[name]().fit(1)  # -> KL102
    ORD[name]().fit(1)  # -> KL102
    PAIRS[name]().fit(1)  # -> KL102
    ZIPPED[name]().fit(1)  # -> KL102
    COMP[name]().fit(1)  # -> KL102
    DD[name]().fit(1)  # -> KL102
    NESTED["image"][name]().fit(1)  # -> KL102
    MERGED[name]().fit(1)  # -> KL102
    OR[name]().fit(1)  # -> KL102
for name, f in DICT.items():
    f().fit(1)  # -> KL102
for f in DICT.values():
    f().fit(1)  # -> KL102
for name in DICT:
    DICT[name]().fit(1)  # -> KL102
for name, f in zip(["a", "b"], LIST):
    f().fit(1)  # -> KL102
for name, f in zip(["a", "b"], [cnn, mlp]):
    f().fit(1)  # -> KL102
for i, f in enumerate(LIST):
    f().fit(1)  # -> KL102
for i, (name, f) in enumerate(DICT.items()):
    f().fit(1)  # -> KL102
for cls, name in archs:
    m = cls(weights=None)  # -> KL101
    m.fit(1)
for row in archs:
    m = row[0](weights=None)  # -> KL101
    m.fit(1)
for i in range(2):
    m = archs[i][0](weights=None)  # -> KL101
    m.fit(1)
for config in CONFIGS:
    config["build"]().fit(1)  # -> KL102
for f in sorted(DICT.values(), key=str):
    f().fit(1)  # -> KL102
for k, f in sorted(DICT.items()):
    f().fit(1)  # -> KL102
for f in [DICT[n] for n in ("cnn", "mlp")]:
    f().fit(1)  # -> KL102
for f in list(map(DICT.get, ["cnn", "mlp"])):
    f().fit(1)  # -> KL102
for f in [cnn] + [mlp]:
    f().fit(1)  # -> KL102
for f in LIST * 3:
    f().fit(1)  # -> KL102
for f in reversed(LIST[1:]):
    f().fit(1)  # -> KL102


# registries
class Registry:
    _items = {}

    @classmethod
    def register(cls, name):
        def deco(f):
            cls._items[name] = f
            return f
        return deco

    @classmethod
    def create(cls, name):
        return cls._items[name]()


@Registry.register("cnn")
class Net(keras.Model):
    pass


class Reg2:
    def __init__(self):
        self.items = {}

    def register(self, f):
        self.items[f.__name__] = f
        return f

    def __getitem__(self, name):
        return self.items[name]

    def get(self, name):
        return self.items[name]


reg = Reg2()


@reg.register
def mine():
    return keras.Sequential()


def added():
    return keras.Sequential()


reg3 = Reg2()
reg3.register(added)


@dataclass
class Spec:
    name: str
    build: Callable


class Row(NamedTuple):
    name: str
    build: Callable = cnn


specs = [Spec("a", cnn), Spec(name="b", build=cnn)]
rows = [Row("a"), Row("b", cnn)]
svm = Spec("svm", SVC)

for name in ["a", "b"]:
    Registry.create(name).fit(1)  # -> KL102
    reg.get(name)().fit(1)  # -> KL102
    reg[name]().fit(1)  # -> KL102
    reg3.get(name)().fit(1)  # -> KL102
for s in specs:
    s.build().fit(1)  # -> KL102
for s in rows:
    s.build().fit(1)  # -> KL102
for i in range(3):
    svm.build().fit(1)


# what is picked decides, where it is known
MIXED = {"svm": SVC, "cnn": cnn, "torch": torch.nn.Linear}
PICK = "svm"
for i in range(3):
    MIXED["svm"]().fit(1)
    MIXED[PICK]().fit(1)
    MIXED["cnn"]().fit(1)  # -> KL102
for name in ("svm", "torch"):
    MIXED[name]().fit(1)
for name in ("svm", "cnn"):
    MIXED[name]().fit(1)  # -> KL102
for name, build in MIXED.items():
    build().fit(1)  # -> KL102


def run(name):
    for i in range(3):
        MIXED[name]().fit(1)  # which one it is, and so whether it builds, is not known


def one(name):
    return MIXED[name]()


for i in range(3):
    one("svm")
    one("cnn")  # -> KL102
for n in ["svm", "torch"]:
    one(n)
