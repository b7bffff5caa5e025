"""Models that outlive their iteration."""
import keras


def build():
    return keras.Sequential()


def train(x):
    model = build()
    history = model.fit(x)
    return model, history


def fit_only(x):
    return build().fit(x)


class Client:
    model = None


models, by_name, clients, history, scores = [], {}, [Client(), Client()], [], []

for i in range(3):
    models.append(build())  # -> KL105
for i in range(3):
    model = build()  # -> KL105
    model.fit(i)
    models.append(model)
for i in range(3):
    model = build()  # -> KL105
    models.append((i, model))
for i in range(3):
    model = build()  # -> KL105
    models += [model]
for i in range(3):
    by_name[i] = build()  # -> KL105
for i in range(3):
    by_name["last"] = build()  # -> KL102
for client in clients:
    client.model = build()  # -> KL105
for i in range(3):
    model, _ = train(i)  # -> KL105
    models.append(model)
for i in range(3):
    model = build()  # -> KL105
    history.append(model.fit(i))
for i in range(3):
    model = keras.Sequential()  # -> KL105
    best = model
    models.insert(0, best)
for i in range(3):
    model = keras.Sequential()  # -> KL105
    keras.backend.clear_session()
    models.append(model)
for i in range(3):
    model = build()  # -> KL102
    history.append(model.fit(i).history)
    scores.append(model.evaluate(i))
for i in range(3):
    model = build()  # -> KL105
    models = models + [model]
for i in range(3):
    model = build()  # -> KL105
    models.append(dict(model=model, i=i))
for i in range(3):
    by_name[i] = {}
    by_name[i]["model"] = build()  # -> KL105
for i in range(3):
    local = []
    local.append(build())  # -> KL102
for i in range(3):
    history.append(fit_only(i))  # -> KL105
all_models = list(build() for _ in range(3))  # -> KL105
counts = list(build().count_params() for _ in range(3))  # -> KL102


def generate():
    for i in range(3):
        yield keras.Sequential()  # -> KL105


class Ensemble:
    def __init__(self):
        self.members = []
        for _ in range(3):
            self.members.append(keras.models.clone_model(models[0]))  # -> KL105
        for _ in range(3):
            self.last = build()  # -> KL102
