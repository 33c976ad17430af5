"""Visible examples of the extra notebook: the calls of its visible check, which one can follow with a pencil."""

from __future__ import annotations

import numpy as np

from grader.judge import Example, example
from grader.ps1_extra.reference.numpy_mnist import numpy_predict

WEIGHTS = [
    np.array([[1.0, -1.0, 2.0], [0.5, 1.0, -1.0]]),
    np.array([0.5, 0.0, -1.0]),
    np.array([[1.0, 0.0], [-1.0, 2.0], [0.5, 1.0]]),
    np.array([0.2, -0.3]),
]
X = np.array([[1.0, 2.0], [-1.0, 0.0], [2.0, 0.0]])

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "numpy_predict": (
        example(numpy_predict, WEIGHTS, X),
        example(numpy_predict, WEIGHTS, X[1:2]),
        example(numpy_predict, [*WEIGHTS[:2], 1000 * WEIGHTS[2], 1000 * WEIGHTS[3]], X[1:2]),
    ),
}
