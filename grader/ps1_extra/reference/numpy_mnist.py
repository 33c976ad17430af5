"""The lecture's digit network without Keras, as its slides write it: the forward pass, and training by hand.

"Network Architecture" and "Softmax function" give the forward pass; "Gradient Descent with Backprop" the update.
Rows are observations here, as in Keras: X (n, d), H = relu(X W1 + b1) (n, h), P = softmax(H W2 + b2) (n, k).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def softmax(z: Array) -> Array:
    """softmax(z)_i = exp(z_i) / sum_j exp(z_j) over the last axis; taking the row's maximum off changes nothing."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def numpy_predict(weights: Sequence[Array], X: Array) -> Array:
    """From [W1 (d, h), b1 (h,), W2 (h, k), b2 (k,)] and X (n, d) to the probabilities (n, k).

    The four arrays are what `model.get_weights()` returns for the lecture's network; any d, h and k.
    """
    W1, b1, W2, b2 = weights
    H = np.maximum(X @ W1 + b1, 0.0)
    return softmax(H @ W2 + b2)


def gradients(weights: Sequence[Array], X: Array, Y: Array) -> list[Array]:
    """The gradient of the mean cross-entropy of a batch, one array for each of the four weights.

    Softmax and cross-entropy together leave P - Y at the output (erratum 21: the loss is -log P, with its
    minus). The hidden layer gets that error back through W2, the factor the lecture's hidden-layer slide
    drops (erratum 4).
    """
    W1, b1, W2, b2 = weights
    Z = X @ W1 + b1
    H = np.maximum(Z, 0.0)
    d_out = (softmax(H @ W2 + b2) - Y) / len(X)
    d_hidden = (d_out @ W2.T) * (Z > 0)
    return [X.T @ d_hidden, d_hidden.sum(axis=0), H.T @ d_out, d_out.sum(axis=0)]


def numpy_train(
    X: Array, Y: Array, hidden: int, epochs: int, batch_size: int, lr: float, seed: int
) -> Callable[[Array], Array]:
    """Train on X (n, d) and one-hot Y (n, k) by mini-batch gradient descent; return a function from X to P.

    Each epoch visits every observation once, in a new order (erratum 18: an epoch is many updates). The update is
    w - lr * gradient, with the learning rate (erratum 19).
    """
    rng = np.random.default_rng(seed)
    d, k = X.shape[1], Y.shape[1]
    weights = [
        rng.normal(0.0, np.sqrt(2.0 / d), (d, hidden)),
        np.zeros(hidden),
        rng.normal(0.0, np.sqrt(2.0 / hidden), (hidden, k)),
        np.zeros(k),
    ]
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            steps = gradients(weights, X[batch], Y[batch])
            weights = [w - lr * g for w, g in zip(weights, steps, strict=True)]
    return lambda X_new: numpy_predict(weights, X_new)
