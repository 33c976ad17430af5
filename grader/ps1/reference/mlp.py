"""Notebook 2: one hidden layer, sigmoid everywhere, squared error, all by hand; then softmax and its loss.

Columns, as on the lecture's matrix slide: X (n_in, 1), W (n_in, n_hidden) with W[i, j] the weight from
input i to hidden unit j, B (n_hidden, 1), w_o (n_hidden, 1), b_o a number. Z is the value before the
activation and H the value after it (the slides call both h: erratum E6).

This module imports NumPy alone, so that its source can be sent into the jail as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

XOR_X: Array = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR_Y: Array = np.array([0.0, 1.0, 1.0, 0.0])
XOR_LR = 0.8
XOR_ITERS = 1000
# The start that notebook 2 hands out. It sits well inside its basin: 60 of 60 random shifts of it by about
# 0.1 solve XOR too, so that rounding or another order of summation cannot change the outcome.
XOR_START: dict[str, Any] = {
    "W": np.array([[0.7, -1.1, 0.3], [1.2, -0.7, -1.0]]),
    "B": np.array([[0.5], [0.1], [-0.7]]),
    "w_o": np.array([[-1.2], [0.7], [1.1]]),
    "b_o": 0.4,
}


def sigmoid(z: npt.ArrayLike) -> Array:
    """1 / (1 + exp(-z)) at any shape, without overflow for large negative z."""
    e = np.exp(-np.abs(z))
    return np.asarray(np.where(np.asarray(z) >= 0, 1.0, e) / (1.0 + e), dtype=float)


def hidden_unit(x1: float, x2: float, w1: float, w2: float, b: float) -> float:
    """One unit of the hidden layer: h_j = phi(w_1j X_1 + w_2j X_2 + b_j), slide "Multilayer Perceptrons"."""
    return float(sigmoid(w1 * x1 + w2 * x2 + b))


def to_matrices(params: Mapping[str, float]) -> tuple[Array, Array]:
    """The weights of three units as W (2, 3) and B (3, 1); 'wij' runs from input i to unit j (erratum E7)."""
    W = np.array([[params[f"w{i}{j}"] for j in (1, 2, 3)] for i in (1, 2)], dtype=float)
    B = np.array([[params[f"b{j}"]] for j in (1, 2, 3)], dtype=float)
    return W, B


def mlp_forward(X: Array, W: Array, B: Array, w_o: Array, b_o: float) -> dict[str, Any]:
    """Z = W^T X + B, H = phi(Z), o = b_o + sum_j w_oj h_j, p = phi(o); Z and H are (n_hidden, 1)."""
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = float(b_o + np.sum(w_o * H))
    return {"Z": Z, "H": H, "o": o, "p": float(sigmoid(o))}


def mlp_backward(X: Array, y: float, W: Array, B: Array, w_o: Array, b_o: float) -> dict[str, Any]:
    """The gradient of l = (y - p)^2, each entry in the shape of its parameter.

    The slides leave out the 2 of the square (E3) and, in the hidden layer, do/dh_j = w_oj (E4).
    """
    forward = mlp_forward(X, W, B, w_o, b_o)
    H, p = forward["H"], forward["p"]
    dl_do = 2 * (p - y) * p * (1 - p)
    dl_dZ = dl_do * w_o * H * (1 - H)
    return {"dw_o": dl_do * H, "db_o": dl_do, "dW": X @ dl_dZ.T, "dB": dl_dZ}


def diagnose_slide(numeric: Mapping[str, Any], slide: Mapping[str, Any]) -> dict[str, Any]:
    """numeric / slide for the output layer and for each hidden unit; the slides give 2 and 2 w_o."""
    return {
        "output": float(numeric["db_o"] / slide["db_o"]),
        "hidden": np.ravel(numeric["dB"] / slide["dB"]),
    }


def train_mlp(
    X: Array, y: Array, params: Mapping[str, Any], lr: float, n_iters: int
) -> tuple[dict[str, Any], list[float]]:
    """Full-batch gradient descent on the sum of squared errors; X (n, n_in) holds one observation a row.

    Returns the new parameters and the loss before each step.
    """
    theta: dict[str, Any] = {name: np.array(value, dtype=float) for name, value in params.items()}
    history: list[float] = []
    for _ in range(n_iters):
        total = {name: np.zeros_like(value) for name, value in theta.items()}
        loss = 0.0
        for row, target in zip(X, y, strict=True):
            column = row.reshape(-1, 1)
            gradient = mlp_backward(column, target, **theta)
            total = {name: total[name] + gradient["d" + name] for name in total}
            loss += (target - mlp_forward(column, **theta)["p"]) ** 2
        theta = {name: theta[name] - lr * total[name] for name in theta}
        history.append(float(loss))
    return {**theta, "b_o": float(theta["b_o"])}, history


def softmax(z: Array) -> Array:
    """exp(z_i) / sum_j exp(z_j) along the last axis; the largest logit of each row is taken off first."""
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return np.asarray(e / np.sum(e, axis=-1, keepdims=True), dtype=float)


def categorical_crossentropy(Y: Array, P: Array) -> float:
    """Mean over the rows of -log P[row, true class]; Y is one-hot (n, K).

    A loss is made small, so it carries a minus; the slide maximizes log P beside the word loss (E21).
    """
    return float(-np.mean(np.log(np.sum(Y * P, axis=-1))))
