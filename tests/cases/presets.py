"""Models of the hubs, from a preset."""
import keras_hub
import keras_nlp
import keras_cv
import keras_hub.models as km
from keras_hub.models import BertClassifier
from transformers import TFAutoModel, AutoModel, AutoTokenizer

for i in range(3):
    keras_hub.models.BertClassifier.from_preset("x").fit(1)  # -> KL106
    keras_nlp.models.GemmaCausalLM.from_preset("x").fit(1)  # -> KL106
    keras_cv.models.YOLOV8Detector.from_preset("x").fit(1)  # -> KL106
    keras_cv.models.ResNet50V2Backbone().fit(1)  # -> KL101
    km.ImageClassifier.from_preset("x").fit(1)  # -> KL106
    BertClassifier.from_preset("x").fit(1)  # -> KL106
    TFAutoModel.from_pretrained("x").fit(1)  # -> KL106
    AutoModel.from_pretrained("x")
    AutoTokenizer.from_pretrained("x")
    keras_hub.models.BertTokenizer.from_preset("x")
    keras_hub.tokenizers.BertTokenizer.from_preset("x")
    keras_hub.layers.BertTokenizer.from_preset("x")
for n in ["a", "b"]:
    m = keras_hub.models.BertClassifier.from_preset(n)  # -> KL101
    m.fit(1)
class Mine(keras_hub.models.BertClassifier):
    pass
for n in ["a", "b"]:
    Mine.from_preset(n).fit(1)  # -> KL101
