"""Other libraries with the same words."""
import numpy as np
import sqlalchemy
import torch
import torch.nn as nn
from django.db import models
from git import Repo
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from torch.nn import Sequential


class Person(models.Model):
    name = models.CharField()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Sequential(nn.Linear(1, 1)) for _ in range(3)])


class Model:
    def compile(self):
        return self


def build_model():
    return Sequential(nn.Linear(1, 1))


def load_model(path):
    return torch.load(path)


def clear(repo):
    for path in ("a", "b"):
        Repo(path).git.add(path)
        repo.index.add([path])
        np.add(1, 2)
        Sequential(nn.Linear(1, 1))
        nn.Sequential(nn.Linear(1, 1))
        Net().train()
        Person(name=path).save()
        Model().compile()
        build_model()
        load_model(path)
        Pipeline([]).fit(1, 2)
        RandomForestClassifier().fit(1, 2)
        clone(RandomForestClassifier()).fit(1, 2)
        sqlalchemy.Table(path)
        undefined_name.Sequential()
        Functional()
