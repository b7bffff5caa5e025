"""Everything that builds, loads or clones a Keras model."""
import keras
import keras_hub
import keras_cv
import tensorflow as tf
from keras import Input, Model, applications, layers
from keras.applications import resnet50
from transformers import TFAutoModelForSequenceClassification, TFBertTokenizer


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.block = keras.Sequential([layers.Dense(1)])

    def call(self, x):
        return self.block(x)


class Deep(Net):
    pass


class Mixin:
    pass


class Mixed(Mixin, Deep):
    pass


class Block(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.inner = keras.Sequential([layers.Dense(1)])


def each(paths, base, config, text):
    for path in paths:
        inputs = Input((8,))
        Model(inputs, layers.Dense(1)(inputs)).fit(path)  # -> KL101
        Model(inputs=inputs, outputs=layers.Dense(1)(inputs)).fit(path)  # -> KL101
        keras.Sequential().fit(path)  # -> KL101
        keras.models.Sequential().fit(path)  # -> KL101
        keras.engine.training.Model().fit(path)  # -> KL101
        Net().fit(path)  # -> KL101
        Deep().fit(path)  # -> KL101
        Mixed().fit(path)  # -> KL101
        keras.applications.VGG16(weights=None).fit(path)  # -> KL101
        keras.applications.vgg16.VGG16(weights=None).fit(path)  # -> KL101
        applications.EfficientNetB0(weights=None).fit(path)  # -> KL101
        resnet50.ResNet50(weights=None).fit(path)  # -> KL101
        tf.keras.applications.MobileNetV3Small(weights=None).fit(path)  # -> KL101
        keras.models.load_model(path).predict(text)  # -> KL101
        keras.saving.load_model(path).predict(text)  # -> KL101
        keras.models.model_from_json(text).fit(path)  # -> KL101
        keras.models.model_from_yaml(text).fit(path)  # -> KL101
        keras.models.model_from_config(config).fit(path)  # -> KL101
        keras.models.clone_model(base).fit(path)  # -> KL101
        Model.from_config(config).fit(path)  # -> KL101
        keras.Sequential.from_config(config).fit(path)  # -> KL101
        Net.from_config(config).fit(path)  # -> KL101
        tf.saved_model.load(path)(text)  # -> KL101
        keras_hub.models.Backbone.from_preset("bert_base_en").fit(path)  # -> KL101
        keras_hub.models.BertTextClassifier(base).fit(path)  # -> KL101
        keras_cv.models.YOLOV8Detector.from_preset("yolo_v8_m_pascalvoc").fit(path)  # -> KL101
        TFAutoModelForSequenceClassification.from_pretrained(path).fit(text)  # -> KL101

        # not models
        keras_hub.models.BertTokenizer.from_preset("bert_base_en")
        keras_hub.models.BertTextClassifierPreprocessor.from_preset("bert_base_en")
        TFBertTokenizer.from_pretrained(path)
        keras.applications.vgg16.preprocess_input(text)
        keras.layers.Dense(8)
        keras.layers.Dense.from_config(config)
        keras.layers.deserialize(config)
        keras.optimizers.Adam()
        keras.utils.get_file(path, path)
        keras.callbacks.EarlyStopping()
        Block()
        base(text)


def instances(base):
    for _ in range(3):
        base = base.from_config(base.get_config())
        model = Net()  # -> KL101
        again = model.__class__.from_config(model.get_config())  # -> KL101
        print(again, type(model)())  # -> KL101


def varying():
    for build in (applications.VGG16, applications.ResNet50):
        build(weights=None).summary()  # -> KL101
    for name, cls in [("net", Net), ("deep", Deep)]:
        print(name)
        cls().summary()  # -> KL101
    for name, build in {"vgg": applications.VGG16, "net": Net}.items():
        build().summary()  # -> KL101
    for build in [lambda: keras.Sequential(), int]:
        build()  # -> KL102
    table = {"a": Net, "b": Deep}
    for key in table:
        table[key]().summary()  # -> KL101
    for i in range(2):
        getattr(keras.applications, "VGG16")(weights=None).summary()  # -> KL101


def discarded():
    for _ in range(3):
        keras.Sequential()  # -> KL101
        (keras.Sequential(), 1)  # -> KL101
