"""Names that are bound once, to one element: such loops do not repeat."""
import keras


def build():
    return keras.Sequential()


ONE = ["a"]
COUNT = 1
PAIR = ["a", "b"]
GROWN = ["a"]
GROWN.append("b")
for name in ONE:
    build()
for i in range(COUNT):
    build()
for i, name in enumerate(ONE):
    build()
for name in PAIR:
    build()  # -> KL102
for name in GROWN:
    build()  # -> KL102
single = [build() for name in ONE]


def inside():
    seeds = (1,)
    for seed in seeds:
        build()
    runs = range(1)
    for run in runs:
        build()
    more = [1]
    more += [2]
    for each in more:
        build()  # -> KL102


def given(seeds=(1,)):
    for seed in seeds:
        build()  # -> KL102
