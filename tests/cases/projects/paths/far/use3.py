import models
from models import near, wide
for i in range(3):
    near().fit(1)  # -> KL102
    wide().fit(1)  # -> KL102
    models.wide().fit(1)  # -> KL102
