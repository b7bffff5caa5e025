"""A session of TensorFlow 1."""
import keras
import tensorflow as tf

with tf.Session() as session:
    for i in range(3):
        keras.backend.clear_session()
        model = keras.Sequential()
for i in range(3):
    with tf.Graph().as_default(), tf.compat.v1.Session():
        model = keras.Sequential()
