from models import build

for i in range(3):
    build()  # -> KL102
