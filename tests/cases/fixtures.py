"""Factories that tests get from fixtures."""
import keras
import pytest


@pytest.fixture
def runner():
    def run(units):
        model = keras.Sequential([keras.layers.Dense(units)])
        return model.predict([[1.0]])

    return run


@pytest.fixture(scope="module")
def plain():
    return lambda units: units


def test_widths(runner, plain):
    for units in (8, 16):
        runner(units)  # -> KL102
        plain(units)


def helper(other):
    for units in (8, 16):
        other(units)
