from pkg.nets import build, build_shim, Net, Net2, Net3, Net4
from pkg.lazy import keras, K2, import_keras, K3, K4, K5, K6, M7, M8

for i in range(3):
    build().fit(1)  # -> KL102
    build_shim().fit(1)  # -> KL102
    Net().fit(1)  # -> KL101
    Net2().fit(1)  # -> KL101
    Net3().fit(1)  # -> KL101
    Net4().fit(1)  # -> KL101
    keras.Sequential().fit(1)  # -> KL101
    K2.Sequential().fit(1)  # -> KL101
    import_keras.Sequential().fit(1)  # -> KL101
    K3.Sequential().fit(1)  # -> KL101
    K4.Sequential().fit(1)  # -> KL101
    K5.Sequential().fit(1)  # -> KL101
    K6.Sequential().fit(1)  # -> KL101
    M7.build().fit(1)  # -> KL102
    M8.build().fit(1)  # -> KL102
