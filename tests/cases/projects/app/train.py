import models as m
import pkg
import pkg.sub as s
import pkg.factory
from helpers import tidy
from laid_out import build as laid_out
from models import Base, Wrapper, build, search
from proto import keras
from pkg import build as exported


class Net(Base):
    pass


for i in range(3):
    build()  # -> KL102 column 5 loop 16
    m.build()  # -> KL102
    pkg.build()  # -> KL102
    pkg.factory.build()  # -> KL102
    pkg.sub.own()  # -> KL102
    s.own()  # -> KL102
    exported()  # -> KL102
    laid_out()  # -> KL102
    keras.Sequential()  # -> KL101
    Net()  # -> KL101
    Base()  # -> KL101
    Wrapper()  # -> KL102
    search([1])  # -> KL102

for i in range(3):
    tidy()
    build()  # -> KL107

for i in range(3):
    wrapper = Wrapper()  # -> KL107
    wrapper.fit(i)
