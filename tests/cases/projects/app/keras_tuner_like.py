import os

for i in range(3):
    os.getcwd()
