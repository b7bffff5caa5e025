"""Factories stored in an attribute by a constructor, and called in a method."""
import keras
from keras import layers


def build():
    return keras.Sequential([layers.Dense(1)])


def other(x):
    return 1


class Run:
    def __init__(self, build_fn, n=3):
        self.build = build_fn
        self.n = n

    def once(self):
        model = self.build()
        model.fit(1)

    def many(self):
        for i in range(self.n):
            model = self.build()  # -> KL102
            model.fit(1)


class Default:
    def __init__(self, build_fn=build):
        self.build = build_fn

    def many(self):
        for i in range(3):
            self.build().fit(1)  # -> KL102


class Base:
    def __init__(self, fn):
        self.fn = fn

    def step(self):
        return self.fn().fit(1)

    def many(self):
        for i in range(3):
            self.fn().fit(1)  # -> KL102


class Derived(Base):
    def __init__(self):
        super().__init__(build)

    def more(self):
        for i in range(3):
            self.fn().fit(1)  # -> KL102


class Derived2(Base):
    def __init__(self):
        super(Derived2, self).__init__(fn=build)


class Derived3(Base):
    def __init__(self, f=build):
        Base.__init__(self, f)


class Fixed:
    builder = staticmethod(build)

    def many(self):
        for i in range(3):
            self.builder().fit(1)  # -> KL102


class Setter:
    def __init__(self):
        self.fn = None

    def set(self, fn):
        self.fn = fn

    def many(self):
        for i in range(3):
            self.fn().fit(1)  # -> KL102


class Table:
    def __init__(self):
        self.builders = {"a": build, "b": build}
        self.list = []
        self.list.append(build)
        self.map = {}
        self.map["a"] = build

    def many(self):
        for name in ("a", "b"):
            self.builders[name]().fit(1)  # -> KL102
            self.map[name]().fit(1)  # -> KL102
        for f in self.list:
            f().fit(1)  # -> KL102


run = Run(build_fn=build)
run.many()
for i in range(3):
    run.once()  # -> KL102
r2 = Run(other)
for i in range(3):
    r2.once()
d = Default()
d.many()
x = Derived()
y = Derived2()
z = Derived3()
for i in range(3):
    x.step()  # -> KL102
    y.step()  # -> KL102
    z.step()  # -> KL102
s = Setter()
s.set(build)
s.many()
kw = {"build_fn": build}
for i in range(3):
    Run(**kw).once()  # -> KL102
    Run(build).once()  # -> KL102


class Plain(Base):
    def __init__(self):
        super().__init__(other)


plain = Plain()
for i in range(3):
    plain.step()
