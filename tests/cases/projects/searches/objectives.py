"""A search elsewhere calls these: nothing is reported here."""
import keras


def objective(trial):
    model = keras.Sequential([keras.layers.Dense(trial.suggest_int("units", 4, 64))])
    model.compile("adam", "mse")
    return model.fit(x, y).history["loss"][-1]


def cleared(trial):
    keras.backend.clear_session()
    return objective(trial)


def partly_cleared(trial):
    if trial.number % 10 == 0:
        keras.backend.clear_session()
    return objective(trial)


def folds(trial):
    losses = []
    for fold in range(5):
        losses.append(objective(trial))  # -> KL102
    return sum(losses)


def nothing(trial):
    return trial.suggest_float("x", 0, 1)
