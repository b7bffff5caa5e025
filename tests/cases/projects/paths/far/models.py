import keras
def near():
    return keras.Sequential()
