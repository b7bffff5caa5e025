"""Handlers of requests that build or load a model each time, and those that share one."""
from functools import lru_cache

import keras
from fastapi import APIRouter, Depends, FastAPI
from flask import Blueprint, Flask
from flask.views import MethodView
from flask_restful import Api, Resource
from keras.models import load_model
from starlette.routing import Route

app = FastAPI()
router = APIRouter()
site = Flask(__name__)
pages = Blueprint("pages", __name__)
rest = Api(site)
shared = load_model("net.keras")
lazy = None


def detect(image):
    model = load_model("net.keras")
    return model.predict(image)


@site.route("/detect", methods=["POST"])
def index():
    return str(detect(1))  # -> KL103


@pages.route("/")
def page():
    model = keras.Sequential([keras.layers.Dense(1)])  # -> KL103
    model.load_weights("net.weights.h5")
    return str(model.predict([[1.0]]))


@app.get("/predict")
async def predict(rows: list):
    return load_model("net.keras").predict(rows).tolist()  # -> KL103


@router.post("/predict")
def predict_posted(rows: list):
    model = load_model("net.keras")  # -> KL103
    return model.predict(rows).tolist()


def added():
    return load_model("net.keras")  # -> KL103


site.add_url_rule("/added", "added", added)


def routed(request):
    return load_model("net.keras")  # -> KL103


routes = [Route("/", routed)]


class Predict(Resource):
    def __init__(self):
        self.model = load_model("net.keras")  # -> KL103

    def post(self):
        return self.model.predict([[1.0]]).tolist()

    def helper(self):
        return load_model("net.keras")


rest.add_resource(Predict, "/rest")


class View(MethodView):
    def get(self):
        return str(load_model("net.keras").predict([[1.0]]))  # -> KL103


site.add_url_rule("/view", view_func=View.as_view("view"))


def dependency():
    return load_model("net.keras")  # -> KL103


def create_app():
    made = Flask(__name__)
    model = load_model("net.keras")

    @made.route("/")
    def home():
        return str(model.predict([[1.0]]))

    @made.route("/new")
    def new():
        return str(load_model("net.keras").predict([[1.0]]))  # -> KL103

    return made


# one for all
@lru_cache
def cached():
    return load_model("net.keras")


@app.get("/cached")
def with_cached(model=Depends(cached), other=Depends(dependency)):
    return cached().predict([[1.0]])


@app.get("/shared")
def with_shared():
    return shared.predict([[1.0]])


@site.route("/lazy")
def with_lazy():
    global lazy
    if lazy is None:
        lazy = load_model("net.keras")
    return str(lazy.predict([[1.0]]))


@app.on_event("startup")
def start():
    app.model = load_model("net.keras")


class Client:
    def get(self, path):
        return load_model(path)


@unknown.register("/")
def other():
    return load_model("net.keras")


cached_values = {}
cached_values.get("/", load_model("net.keras"))
