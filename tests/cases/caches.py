"""Models that are built once although the code around the construction runs again."""
import keras

CACHE = {}
_model = None


def by_key(key):
    if key in CACHE:
        return CACHE[key]
    CACHE[key] = keras.Sequential()
    return CACHE[key]


def by_none():
    global _model
    if _model is not None:
        return _model
    _model = keras.Sequential()
    return _model


def by_get(key):
    model = CACHE.get(key)
    if model is None:
        model = keras.Sequential()
        CACHE[key] = model
    return model


def by_exception(key):
    try:
        return CACHE[key]
    except KeyError:
        CACHE[key] = keras.Sequential()
        return CACHE[key]


class Holder:
    instance = None

    def __init__(self):
        self.model = None

    def make(self):
        self.model = keras.Sequential()

    def get(self):
        if self.model is not None:
            return self.model
        self.model = keras.Sequential()
        return self.model

    def partial_fit(self, x):
        if self.model is None:
            self.make()
        self.model.fit(x)

    def run(self, xs):
        for x in xs:
            if self.model is None:
                self.make()
            self.model.fit(x)

    def rebuild(self, xs):
        for x in xs:
            self.make()  # -> KL102
            self.model.fit(x)

    @classmethod
    def shared(cls):
        if cls.instance is None:
            cls.instance = keras.Sequential()
        return cls.instance


holder = Holder()
for k in "ab":
    by_key(k).predict(1)
    by_none().predict(1)
    by_get(k).predict(1)
    by_exception(k).predict(1)
    holder.get().predict(1)
    holder.partial_fit(1)
    Holder.shared().predict(1)

model = None
for x in range(3):
    if model is not None:
        model.fit(x)
        continue
    model = keras.Sequential()

model = None
for x in range(3):
    model = keras.Sequential() if model is None else model
for x in range(3):
    model = model or keras.Sequential()
for i in range(3):
    model = keras.Sequential() if i == 0 else model
for i in range(3):
    if i == 0:
        model = keras.Sequential()
    elif i > 0:
        model.fit(i)
for i in range(3):
    if not i:
        model = keras.Sequential()
for i in range(3):
    if i < 1:
        model = keras.Sequential()
for i in range(3):
    if i > 0:
        continue
    model = keras.Sequential()
for fold in range(5):
    if fold != 3:
        continue
    model = keras.Sequential()

# the same value may come again
for kind in [0, 1, 0, 1]:
    if kind == 0:
        model = keras.Sequential()  # -> KL101
    if kind == 1:
        model = keras.Model()  # -> KL101
for units, normed in [(8, 0), (16, 1), (8, 1)]:
    if normed == 1:
        model = keras.Sequential([units])  # -> KL101
    else:
        model = keras.Sequential()  # -> KL101
for epoch in range(100):
    if epoch % 10 == 0:
        model = keras.Sequential()  # -> KL101

# another try is no iteration
for attempt in range(3):
    try:
        model = keras.Sequential()
        model.fit(1)
        break
    except OSError as error:
        print(error)


def retry():
    while True:
        try:
            return keras.Sequential().fit(1)
        except OSError as error:
            print(error)


def fails():
    for attempt in range(3):
        model = keras.Sequential()
        model.fit(attempt)
        exit(1)


first = next(keras.Sequential() for _ in range(3))
for i in range(0, 1):
    model = keras.Sequential()
for key, value in {"a": 1}.items():
    model = keras.Sequential()
