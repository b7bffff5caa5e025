import models
from models import get_model, MODELS, build_from, TABLE, get
from models.registry import Registry
from models.table import dyn, dyn2

for name in ["cnn", "rnn"]:
    get_model(name)().fit(1)  # -> KL102
    MODELS[name]().fit(1)  # -> KL102
    build_from(name, x=1).fit(1)  # -> KL102
    Registry.create(name).fit(1)  # -> KL102
    TABLE[name]().fit(1)  # -> KL102
    get(name).fit(1)  # -> KL102
    models.TABLE[name]().fit(1)  # -> KL102
    dyn("cnn").fit(1)  # -> KL102
    dyn(name).fit(1)  # -> KL102
    dyn2("cnn").fit(1)  # -> KL102
    getattr(models.cnn, name)().fit(1)  # -> KL102
