"""Programs whose loop stands in a ``main()`` that is called behind ``if __name__ == "__main__":``."""

from __future__ import annotations

from strategies import dedented

HEAD = """import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


"""
GUARD = '\n\nif __name__ == "__main__":\n    main()\n'


def in_main(body: str, before: str = "x, y = np.zeros((4, 8)), np.zeros(4)", head: str = HEAD) -> str:
    """A program whose ``main()`` has a loop over ``units`` with a body."""
    lines = [*before.splitlines(), "for units in (8, 16):", *(f"    {line}" for line in dedented(body).strip().splitlines())]
    return f"{head}def main():\n" + "".join(f"    {line}".rstrip() + "\n" for line in lines) + GUARD
