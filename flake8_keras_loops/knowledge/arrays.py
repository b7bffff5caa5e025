"""Functions and methods of NumPy, TensorFlow and JAX, by the last part of their names: what they make of rows and numbers.

Sources: the public API of NumPy 2, TensorFlow 2.21, JAX 0.11, Gymnasium 1 (``Env.step``, ``Env.reset``).
"""

from __future__ import annotations

from .predicates import named, spelled

#: Whether a function makes an array whose rows are the elements of the list that it is given.
makes_of_list = named("array asarray constant convert_to_tensor stack vstack atleast_2d")
#: Whether a function or method gives an array of as many rows as it is given.
keeps_rows = named("astype copy numpy float32 array asarray constant convert_to_tensor cast")
#: Whether a function makes a ``tf.data.Dataset`` of arrays or images, whose elements say their shape.
makes_dataset = named("from_tensor_slices from_tensors image_dataset_from_directory")
#: Whether a method of such gives one with elements of the same shape, but for the number of rows.
keeps_elements = named("batch cache prefetch repeat shard shuffle skip take")
#: Whether a name usually stands for a package of array functions.
is_package = spelled(r"np|numpy|tf|tensorflow|(?:keras\.)?ops|jnp|jax\.numpy|K|backend|torch")
#: Whether a method of an environment gives a state, which is one row.
steps = named("step reset")
#: Whether what a function gives are plainly numbers.
counts = named("range linspace arange logspace geomspace trange uniform")
#: Whether what a function gives is plainly a number or an array.
makes_number = named("float int bool constant array asarray convert_to_tensor cast sqrt exp pow")
