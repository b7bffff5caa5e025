"""Saved models that a loop loads: the same one each time (KL106), another one each time or a file that changes (KL101)."""
import os
import shutil
import subprocess
import time
from pathlib import Path

import keras
import keras_hub
import tensorflow as tf
from keras.models import load_model
from keras.saving import load_model as load_saved

PATH = "model.keras"
FOLDER = "models"

for x in xs:
    model = load_model(PATH)  # -> KL106 column 13 loop 17
    model.predict(x)

for x in xs:
    a = load_saved("model.keras", compile=False)  # -> KL106
    b = keras.models.load_model(os.path.join(FOLDER, "model.keras"))  # -> KL106
    c = tf.keras.models.load_model(Path(FOLDER) / "model.keras")  # -> KL106
    d = tf.saved_model.load(export_dir=FOLDER)  # -> KL106
    e = keras_hub.models.GemmaCausalLM.from_preset("gemma_2b_en")  # -> KL106
    f = keras.applications.ResNet50(weights="imagenet", include_top=False)  # -> KL106
    g = keras.applications.VGG16()  # -> KL106
    h = load_model(PATH, custom_objects={"loss": make_loss(x)})  # -> KL101

for x in xs:
    name = f"{FOLDER}/best.keras"
    path = os.path.abspath(name)
    model = load_model(path)  # -> KL106

while True:
    scores = load_model(PATH).predict(read())  # -> KL106

means = [load_model(PATH).predict(x).mean() for x in xs]  # -> KL106

# fine-tuned from the same weights each time: the file is the same
for fold in folds:
    model = load_model(PATH)  # -> KL106
    model.fit(x[fold], y[fold], epochs=3)

# only the inner loop loads the same one again
for fold in range(5):
    for x in xs:
        model = load_model(f"fold_{fold}.keras")  # -> KL106 loop 48

# another path, or one that is not known to be the same
for fold in range(5):
    for x in xs:
        model = load_model(f"{fold}_{x}.keras")  # -> KL101
for fold in range(5):
    a = load_model(f"fold_{fold}.keras")  # -> KL101
    path = f"fold_{fold}.keras"
    b = load_model(path)  # -> KL101
    c = load_model(latest(FOLDER))  # -> KL101
    d = load_model(tf.train.latest_checkpoint(FOLDER))  # -> KL101
    e = load_model(sorted(os.listdir(FOLDER))[-1])  # -> KL101
    f = load_model(next(paths))  # -> KL101
    g = load_model(config["path"])  # -> KL101
    config["path"] = fold

for load in (keras.models.load_model, tf.keras.models.load_model):
    model = load(PATH)  # -> KL101

# no weights are loaded
for x in xs:
    a = keras.applications.VGG16(weights=None)  # -> KL101
    b = keras.models.model_from_json(text)  # -> KL101
    c = keras.models.clone_model(model)  # -> KL101

# the file is written in the loop
for fold in folds:
    model = load_model(PATH)  # -> KL101
    model.fit(x[fold], y[fold], epochs=3)
    model.save(PATH)
for fold in folds:
    other.fit(x[fold], y[fold], epochs=3, callbacks=[keras.callbacks.ModelCheckpoint(PATH)])
    model = load_model(PATH)  # -> KL101


def train_one(fold):
    trained.fit(x[fold], y[fold])
    trained.save("model.keras")


for fold in folds:
    train_one(fold)
    model = load_model(PATH)  # -> KL101
for fold in folds:
    subprocess.run(["train", str(fold)])
    model = load_model(PATH)  # -> KL101
while True:
    model = load_model(PATH)  # -> KL106
    serve(model)
    time.sleep(60)
for fold in folds:
    shutil.copy(f"{fold}.keras", PATH)
    model = load_model(PATH)  # -> KL101

# another file is written
for x in xs:
    model = load_model(PATH)  # -> KL106
    model.save("copy.keras")


class Scorer:
    def __init__(self, path):
        self.path = path
        self.current = path

    def choose(self, path):
        self.current = path

    def score(self, xs):
        for x in xs:
            model = load_model(self.path)  # -> KL106
            model.predict(x)
        for x in xs:
            model = load_model(self.current)  # -> KL101
            self.choose(x)


def load():
    return load_model(PATH)


for x in xs:
    model = load()  # -> KL102
for x in xs:
    load_model(PATH).predict(x)  # -> KL107
    keras.backend.clear_session()
models = [load_model(PATH) for _ in xs]  # -> KL105

# loaded once
model = None
for x in xs:
    if model is None:
        model = load_model(PATH)
    model.predict(x)
