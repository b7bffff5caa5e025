try:
    from tensorflow.keras import Model, layers
    from tensorflow.keras.models import Sequential
except ImportError:
    from keras import Model, layers
    from keras.models import Sequential
