"""KL202: a file that has nothing to do with Keras or TensorFlow is left alone."""

import jax

for _ in range(5):
    print(jax.jit(lambda a: a * 2)(1.0))
