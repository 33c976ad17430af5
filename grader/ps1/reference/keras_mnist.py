"""Notebook 3 worked out: the lecture's network on the digits (slides "MNIST Data Example").

All that NumPy can do is NumPy. Keras is imported inside the one function that needs it, so that the judge,
which must not load Keras, can import this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.ps1.spelling import NONE

Array = NDArray[Any]

MSE = "mean squared error"
BCE = "binary cross-entropy"
CCE = "categorical cross-entropy"

ACTIVATION_LOSS: dict[str, tuple[str, set[str]]] = {
    "binary": ("sigmoid", {BCE}),
    "multiclass": ("softmax", {CCE, "sparse " + CCE}),
    "multilabel": ("sigmoid", {BCE}),
    "regression": (NONE, {MSE}),
    "unit_regression": ("sigmoid", {MSE, BCE}),
}
"""Slide "Activation and Loss Function Choices": the activation, and every loss that is right, in the words of
`grader.ps1.spelling`. The sparse form is the same loss for labels that were not one-hot encoded."""


def preprocess_images(images: Array) -> Array:
    """(n, r, c) uint8 from 0 to 255 become rows (n, r * c) of floats from 0 to 1 (slide "Data wrangling")."""
    return np.asarray(images).reshape(len(images), -1) / 255.0


def one_hot(labels: Array, n_classes: int = 10) -> Array:
    """(n,) labels become (n, n_classes): a 1 in the label's own column.

    Encoded, not reshaped (E10), and with a column for every class, not one fewer (E11).
    """
    return np.eye(n_classes)[labels]


def n_params(sizes: Sequence[int]) -> int:
    """Weights and biases of a dense network: n_in * n_out + n_out for each pair of neighbouring layers."""
    return sum(n_in * n_out + n_out for n_in, n_out in pairwise(sizes))


def updates_per_epoch(n: int, batch_size: int) -> int:
    """Batches in one pass over n examples; the last may be smaller (E18: 469 for 60000 and 128)."""
    return -(-n // batch_size)


def predict_digit(P: Array) -> Array:
    """(n, 10) probabilities to (n,): the column with the highest one."""
    return np.asarray(np.argmax(P, axis=1))


def confusion_matrix(y: Array, y_hat: Array, n_classes: int) -> Array:
    """(n_classes, n_classes) counts: row = true digit, column = predicted digit."""
    counts = np.zeros((n_classes, n_classes), dtype=int)
    np.add.at(counts, (y, y_hat), 1)
    return counts


def categorical_crossentropy(Y: Array, P: Array) -> float:
    """Mean over the rows of -sum Y log P (E21: with the minus), for P > 0."""
    return float(-np.mean(np.sum(Y * np.log(P), axis=1)))


def build_model() -> Any:
    """784 -> 512 relu -> 10 softmax (E16: with an Input, so that it is built at once)."""
    import keras

    return keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def compile_model(model: Any) -> Any:
    """rmsprop, categorical cross-entropy, accuracy."""
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def train_model(model: Any, X: Array, Y: Array, epochs: int = 5, batch_size: int = 32) -> Any:
    """Fit, and return the History."""
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)
