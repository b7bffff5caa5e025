"""Flower calls what makes a client anew for each client and round."""
import flwr as fl
import keras
from flwr.client import ClientApp


class Client(fl.client.NumPyClient):
    def __init__(self, model):
        self.model = model

    def fit(self, parameters, config):
        self.model.set_weights(parameters)
        return self.model.get_weights(), 1, {}


class Building(fl.client.NumPyClient):
    def __init__(self):
        self.model = keras.Sequential([keras.layers.Dense(1)])


def client_fn(cid):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])  # -> KL103
    model.compile("adam", "mse")
    return Client(model)


fl.simulation.start_simulation(client_fn=client_fn, num_clients=10)


def in_context(context):
    return Building().to_client()  # -> KL103


app = ClientApp(client_fn=in_context)


def positional(context):
    return Client(keras.Sequential()).to_client()  # -> KL103


app = ClientApp(positional)


def get_client_fn(parts):
    def inner(cid):
        return Client(keras.Sequential())  # -> KL103

    return inner


fl.simulation.start_simulation(client_fn=get_client_fn([]), num_clients=10)

# one for all
shared = keras.Sequential([keras.layers.Dense(1)])


def sharing(cid):
    return Client(shared)


fl.simulation.start_simulation(client_fn=sharing, num_clients=10)
