"""``compile`` with torch about: what is not known to be a Keras model is not taken for one."""
import torch


def speed_up(nets, net):
    for each in nets:
        torch.compile(net)
        net.compile(optimizer="adam", loss="mse")
