from keras.backend import clear_session as forget


def tidy():
    forget()
