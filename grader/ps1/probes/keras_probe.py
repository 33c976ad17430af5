"""What the judge needs done to a Keras model, inside the jail, where the model is.

This text is sent with `student.define(source, name)` and runs beside the student's code, so nothing it
returns is trusted: it hands back plain data, and the judge compares. It must stand alone (Keras and NumPy only),
work on every backend, and answer a failure with {"error": "..."} so that the judge can word it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np


def _answer_errors(function: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def guarded(*args: Any) -> dict[str, Any]:
        try:
            return function(*args)
        except Exception as error:
            return {"error": f"{type(error).__name__}: {str(error).strip()[:300]}"}

    return guarded


def _tensor(x: Any) -> Any:
    return keras.ops.convert_to_tensor(np.asarray(x), dtype="float32")


def _numbers(x: Any) -> Any:
    return np.asarray(keras.ops.convert_to_numpy(x))


def _must_be_model(value: Any) -> None:
    if not isinstance(value, keras.Model):
        raise TypeError(f"that is a {type(value).__name__}, not a Keras model")


@_answer_errors
def open_model(model: Any, x: Any) -> dict[str, Any]:
    """Call the model once, so that layers which wait for data make their weights, and describe those."""
    _must_be_model(model)
    output = _numbers(model(_tensor(x)))
    trainable = {id(variable) for variable in model.trainable_weights}
    return {
        "output_shape": list(output.shape),
        "shapes": [[int(n) for n in variable.shape] for variable in model.weights],
        "trainable": [id(variable) in trainable for variable in model.weights],
        "constant": [bool(np.ptp(_numbers(variable)) == 0) for variable in model.weights],
    }


@_answer_errors
def run_model(model: Any, values: Any, x: Any, fully: bool) -> dict[str, Any]:
    """Give the model the judge's weights and read what it computes; fully: also as in training, and with `predict`.

    Where the model is all Keras's own ("of_keras") `predict` gives what the call gave, and is not asked.
    """
    for variable, value in zip(model.weights, values):  # noqa: B905 (open_model has counted them)
        variable.assign(value)
    answer = {"call": _numbers(model(_tensor(x), training=False))}
    if fully:
        answer["training"] = _numbers(model(_tensor(x), training=True))
        answer["of_keras"] = _is_of_keras(model)
    if fully and not answer["of_keras"]:
        answer["predict"] = np.asarray(model.predict(np.asarray(x, dtype="float32"), verbose=0))
    return answer


_WAYS = {"predict", "predict_step", "make_predict_function", "call", "__call__"}


def _is_of_keras(layer: Any) -> bool:
    """Whether a model, or layer, and all within it are Keras's own, so that `predict` gives just what a call gives.

    Most of the time of a small prediction goes into making its graph.
    """
    if not type(layer).__module__.startswith("keras.") or _WAYS & set(vars(layer)):
        return False
    return not isinstance(layer, (keras.layers.Lambda, keras.layers.Wrapper)) and all(
        _is_of_keras(inner) for inner in getattr(layer, "layers", [])
    )


@_answer_errors
def are_apart(one: Any, other: Any) -> dict[str, Any]:
    """Whether two models are two, and share no weights."""
    _must_be_model(one)
    shared = {id(variable) for variable in one.weights} & {id(variable) for variable in other.weights}
    return {"apart": one is not other and not shared}


def fresh_model(sizes: Any) -> Any:
    """A network of the lecture's kind: relu in hidden layers, softmax at the end, not compiled."""
    layers = [keras.layers.Dense(size, activation="relu") for size in sizes[1:-1]]
    layers.append(keras.layers.Dense(sizes[-1], activation="softmax"))
    return keras.Sequential([keras.Input((sizes[0],)), *layers])


_ready: dict[str, Any] = {}


def ready_model(sizes: Any, values: Any, learning_rate: float) -> Any:
    """The same with the judge's weights, compiled for plain gradient descent.

    Most of the time that a small training takes goes into making its graph, which stays with the model. So the model
    of the call before comes again, with everything in it as at first, unless somebody changed its make.
    """
    if _ready.get("sizes") != list(sizes) or not _as_made(_ready["model"]):
        model = fresh_model(sizes)
        model.compile(keras.optimizers.SGD(learning_rate), "categorical_crossentropy", metrics=["accuracy"])
        _ready.update(sizes=list(sizes), model=model, make=_make_of(model))
    model = _ready["model"]
    model.set_weights(values)
    model.optimizer.iterations.assign(0)
    model.optimizer.learning_rate = learning_rate
    model.stop_training = False
    model.history = None
    for metric in model.metrics:
        metric.reset_state()
    return model


def _make_of(model: Any) -> dict[str, Any]:
    """What `compile`, and whoever takes a model apart, puts another object in the place of."""
    kept = ("optimizer", "_compile_loss", "_compile_metrics", "run_eagerly", "steps_per_execution", "trainable")
    found = {name: getattr(model, name, None) for name in kept}
    found["rate"] = getattr(model.optimizer, "_learning_rate", None)
    return {**found, "layers": list(model.layers), "variables": list(model.trainable_variables)}


def _as_made(model: Any) -> bool:
    own = {"train_step", "fit", "call", "train_on_batch"} & set(vars(model))
    before, now = _ready["make"], _make_of(model)
    return not own and all(_are_same(before[name], now[name]) for name in before)


def _are_same(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return len(one) == len(other) and all(a is b for a, b in zip(one, other))  # noqa: B905 (lengths are equal)
    return one is other


@_answer_errors
def read_optimizer(model: Any) -> dict[str, Any]:
    """Whether the model is compiled, the class of its optimizer and the learning rate."""
    _must_be_model(model)
    optimizer = getattr(model, "optimizer", None)
    if not getattr(model, "compiled", False) or optimizer is None:
        return {"compiled": False}
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # mixed precision wraps it
    return {
        "compiled": True,
        "name": type(optimizer).__name__,
        # By name as well: the notebook may have put another class under Keras's name.
        "rmsprop": isinstance(optimizer, keras.optimizers.RMSprop)
        and "RMSprop" in [base.__name__ for base in type(optimizer).__mro__],
        "learning_rate": float(_numbers(optimizer.learning_rate)),
    }


@_answer_errors
def read_loss(model: Any, labels: Any, probabilities: Any) -> dict[str, Any]:
    """The compiled loss of given probabilities: plain tensors, with no softmax behind them to undo."""
    _must_be_model(model)
    loss = model.compute_loss(x=None, y=_tensor(labels), y_pred=_tensor(probabilities))
    return {"loss": float(_numbers(loss))}


@_answer_errors
def read_metrics(model: Any, labels: Any, probabilities: Any) -> dict[str, Any]:
    """The compiled metrics of given probabilities, by name, without the loss."""
    _must_be_model(model)
    for metric in model.metrics:
        metric.reset_state()
    found = model.compute_metrics(None, _tensor(labels), _tensor(probabilities))
    plain = {str(name): _numbers(value) for name, value in found.items() if name != "loss"}
    return {"metrics": {name: float(value) for name, value in plain.items() if value.size == 1}}


@_answer_errors
def read_history(returned: Any) -> dict[str, Any]:
    """The record of a History or of the dict inside it: {'history': {name: one number an epoch}}."""
    record = getattr(returned, "history", returned)
    if not isinstance(record, dict):
        raise TypeError(f"that is a {type(returned).__name__}, not a History or its dict")
    return {"history": {str(name): [float(v) for v in values] for name, values in record.items()}}


@_answer_errors
def read_training(model: Any, x: Any) -> dict[str, Any]:
    """How often the weights were updated, the weights, and the predictions."""
    return {
        "updates": int(_numbers(model.optimizer.iterations)),
        "weights": [np.asarray(value) for value in model.get_weights()],
        "predictions": _numbers(model(_tensor(x), training=False)),
    }
