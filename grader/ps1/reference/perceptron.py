"""Notebook 1 solved: one sigmoid unit, its losses, its gradient and gradient descent.

Plain NumPy with the names and signatures the students use, written to be read beside the slides.
Shapes: `X (n, d)` holds one observation a row, `w (d,)` one weight an input, `b` is a number; `h`, `p`, `y`
and `y_hat` are `(n,)`. Labels are 0 or 1.
E1, E2, ... are the numbered misprints of the lecture; each is mentioned where its formula is put right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

PROBABILITY_FLOOR = 1e-12
"""Distance kept from 0 and 1 before a logarithm; a sure mistake then costs 27.6 instead of infinity."""

slide_errors = {(3, "p"), (3, "y_hat")}
"""Wrong entries of the lecture's completed table (E1): 0.38 is sigmoid(-0.5), but row 3 has h = +0.5."""


def sigmoid(z: npt.ArrayLike) -> Array:
    """1 / (1 + exp(-z)), any shape to the same shape (slide "Predictions").

    E2: the slide prints exp(-0.5) where -h is +0.5. The exponential here never sees a positive number, so
    nothing overflows at z = -1000.
    """
    z = np.asarray(z, dtype=float)
    small = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1.0, small) / (1.0 + small))


def weighted_sum(X: Array, w: Array, b: float) -> Array:
    """h = w_1 X_1 + ... + w_d X_d + b for every row: X (n, d), w (d,), b a number, to h (n,)."""
    return np.asarray(X @ w + b)


def perceptron_table(X: Array, w: Array, b: float) -> tuple[Array, Array, Array]:
    """The columns h, p, y_hat of "Complete the table" (E1), each (n,); y_hat is 1 where p > 0.5 (E8)."""
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    return h, p, (p > 0.5).astype(float)


def squared_error(y: Array, p: Array) -> Array:
    """(y - p)^2 for each observation, (n,) and (n,) to (n,) (slide "Performance")."""
    return np.asarray((y - p) ** 2)


def mean_squared_error(y: Array, p: Array) -> float:
    """The mean of the squared errors over the batch."""
    return float(np.mean(squared_error(y, p)))


def binary_cross_entropy(y: Array, p: Array) -> float:
    """Mean of -y log(p) - (1 - y) log(1 - p) (recap slide); the minus makes it a loss (E21)."""
    p = np.clip(p, PROBABILITY_FLOOR, 1.0 - PROBABILITY_FLOOR)
    return float(np.mean(-y * np.log(p) - (1.0 - y) * np.log(1.0 - p)))


def dl_dp(y: float, p: float) -> float:
    """First factor of the chain rule for l = (y - p)^2: 2 (p - y). Later slides lose the 2 (E3)."""
    return 2.0 * (p - y)


def dp_dh(p: float) -> float:
    """Second factor: the sigmoid's slope written with its own value, p (1 - p)."""
    return p * (1.0 - p)


def dh_dw(x: Array) -> Array:
    """Third factor: h grows by x_i for each unit of w_i, so the derivative is x itself, (d,)."""
    return np.array(x, dtype=float)


def perceptron_gradient(x: Array, y: float, w: Array, b: float) -> dict[str, Any]:
    """Gradient of (y - p)^2 for one observation x (d,): {'dw': (d,), 'db': float}.

    Slide "Putting it all together". The bias is a weight whose input is always 1: its third factor is 1.
    """
    p = float(sigmoid(x @ w + b))
    dl_dh = dl_dp(y, p) * dp_dh(p)
    return {"dw": dl_dh * dh_dw(x), "db": dl_dh}


def numerical_gradient(f: Callable[[Array], float], theta: npt.ArrayLike, eps: float = 1e-5) -> Array:
    """Central difference (f(theta + eps) - f(theta - eps)) / (2 eps), one entry of theta at a time.

    theta has any shape and may hold integers; the gradient has its shape and is float64.
    """
    theta = np.array(theta, dtype=float)
    gradient = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[index] = eps
        gradient[index] = (f(theta + step) - f(theta - step)) / (2.0 * eps)
    return gradient


def train_perceptron(
    X: Array, y: Array, w0: Array, b0: float, lr: float, n_iters: int
) -> tuple[Array, float, list[float]]:
    """Full-batch gradient descent on the SUM of squared errors: X (n, d), y (n,), w0 (d,).

    Returns (w, b, history); `history` holds n_iters + 1 losses, at the start and after each update. The
    strategy slide subtracts the bare derivative; the step is lr times it (E19). w and b move together.
    """
    w, b = np.array(w0, dtype=float), float(b0)
    history = [float(np.sum(squared_error(y, perceptron_table(X, w, b)[1])))]
    for _ in range(n_iters):
        p = perceptron_table(X, w, b)[1]
        dl_dh = 2.0 * (p - y) * p * (1.0 - p)
        w, b = w - lr * (X.T @ dl_dh), b - lr * float(np.sum(dl_dh))
        history.append(float(np.sum(squared_error(y, perceptron_table(X, w, b)[1]))))
    return w, b, history
