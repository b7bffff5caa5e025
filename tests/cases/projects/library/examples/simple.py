"""An example in the repository of the search's own library."""
from hyperas import optim
from hyperas.distributions import choice
from keras import layers
from keras.models import Sequential


def data():
    return 1, 2


def create_model(x, y):
    model = Sequential()  # -> KL105
    model.add(layers.Dense({{choice([8, 16])}}))
    model.compile("adam", "mse")
    return {"loss": model.fit(x, y), "status": "ok", "model": model}


best_run, best_model = optim.minimize(model=create_model, data=data, algo=None, max_evals=5, trials=None)
