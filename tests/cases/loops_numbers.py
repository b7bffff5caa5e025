"""Loops that numbers leave in their first iteration: those do not repeat."""
import keras


def build():
    return keras.Sequential()


def step():
    global counted
    counted = 0


x = range(9)
limit = 1
number = 1
for fold in x:
    build()
    number += 1
    if number > limit:
        break

count = 0
while count < 1:
    build()
    count += 1

count = 0
while True:
    build()
    count = count + 1
    if not count < 1 or fold:
        break

two = 2
number = 1
for fold in x:
    build()  # -> KL102
    number += 1
    if number > two:
        break

number = 1
for fold in x:
    build()  # -> KL102
    if fold:
        number += 1
    if number > 1:
        break

number = 1
for fold in x:
    build()  # -> KL102
    number += 1
    if fold:
        number = 0
    if number > 1:
        break

number = 1
for fold in x:
    build()  # -> KL102
    if fold:
        continue
    number += 1
    if number > 1:
        break

counted = 1
for fold in x:
    build()  # -> KL102
    counted += 1
    step()
    if counted > 1:
        break

while count < 5:  # how often the loops before it ran is not asked
    build()  # -> KL102
    count += 1

for run in x:
    number = 1
    for fold in x:
        build()  # -> KL102 loop 81
        number += 1
        if number > 1:
            break

number = 1
for run in x:
    for fold in x:  # in the second run, the number is another one
        build()  # -> KL102
        number += 1
        if number == 2:
            break

for run in x:
    for fold in x:
        build()  # -> KL102 loop 97
        if limit == 1:
            break


def decided(limit, rounds=1):
    done = 0
    for fold in x:
        build()  # -> KL102
        done += 1
        if done >= limit:
            break
    for fold in x:
        build()  # -> KL102
        if rounds == 1:
            break


def unset(quick):
    if quick:
        done = 0
    for fold in x:
        build()  # -> KL102
        done += 1
        if done == 1:
            break


def returned():
    size = 4
    for fold in x:
        model = build()
        if size > 3:
            return model


def inner():
    size = 4

    def change():
        nonlocal size
        size = 1

    for fold in x:
        build()  # -> KL102
        change()
        if size > 3:
            break
