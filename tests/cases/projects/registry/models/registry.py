MODELS = {}


def register(name):
    def wrap(f):
        MODELS[name] = f
        return f

    return wrap


def get_model(name):
    return MODELS[name]


def build_from(name, **kw):
    return MODELS[name](**kw)


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
