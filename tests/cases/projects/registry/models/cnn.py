import keras
from .registry import register, Registry


@register("cnn")
def cnn():
    return keras.Sequential()


@Registry.register("cnn")
class Net(keras.Model):
    pass
