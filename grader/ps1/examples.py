"""Visible examples, question by question: what a student whose answer is not right gets to see of it.

Every call is one that the visible checks in ps1_helper.py make (a test holds them to it), never a hidden probe. The
first example of a question is the plainest one; later ones are for what only a part of the question asks. Questions
that are answered by a table, and those about Keras models, have none: there the messages say what was found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from grader.judge import Code, Example, example
from grader.ps1.reference import keras_mnist as digits
from grader.ps1.reference import mlp
from grader.ps1.reference import perceptron as unit

Array = npt.NDArray[Any]

# The lecture's table: two inputs, four observations, the answers of OR, and the weights of the slide.
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
OR = np.array([0.0, 1.0, 1.0, 1.0])
W, B = np.array([1.0, -1.0]), -0.5

# Two networks: (X, W, B, w_o, b_o).
THREE_UNITS = (
    np.array([[1.5], [-2.0]]),
    np.array([[0.5, -0.3, 0.8], [0.2, 0.7, -0.6]]),
    np.array([[0.1], [-0.2], [0.3]]),
    np.array([[0.4], [-0.9], [0.6]]),
    0.15,
)
TWO_UNITS = (
    np.array([[1.0], [-2.0], [0.5]]),
    np.array([[0.6, -0.4], [0.3, 0.8], [-1.0, 0.2]]),
    np.array([[0.2], [0.9]]),
    np.array([[-0.7], [1.2]]),
    -0.3,
)
NAMED = {"w11": 11.0, "w12": 12.0, "w13": 13.0, "w21": 21.0, "w22": 22.0, "w23": 23.0, "b1": 1.0, "b2": 2.0, "b3": 3.0}

CUBES = Code(
    "f", "import numpy as np\n\ndef f(theta):\n    return np.sum(np.asarray(theta) ** 3)\n", "the sum of theta ** 3"
)
HALF_CUBES = Code(
    "f",
    "import numpy as np\n\ndef f(theta):\n    return 0.5 * np.sum(np.asarray(theta) ** 3)\n",
    "half the sum of theta ** 3",
)
SQUARED_SUM = Code(
    "f",
    "import numpy as np\n\ndef f(theta):\n    return np.sum([[1, 2, 3], [4, 5, 6]] * np.asarray(theta)) ** 2\n",
    "the sum of [[1, 2, 3], [4, 5, 6]] * theta, squared",
)


def perceptron_gradient(x: list[float], y: float, w: list[float], b: float) -> Example:
    return example(unit.perceptron_gradient, np.array(x), y, np.array(w), b)


def slide_and_truth(output: float, hidden: Array) -> tuple[dict[str, Any], dict[str, Any]]:
    """(numeric, slide): two gradients that differ by known factors."""
    units = np.arange(1, hidden.size + 1)
    slide: dict[str, Any] = {
        "dw_o": 0.1 * units[:, None],
        "db_o": 0.4,
        "dW": np.outer([1.5, -0.5], 0.2 * units),
        "dB": 0.2 * units[:, None],
    }
    numeric = {
        "dw_o": output * slide["dw_o"],
        "db_o": output * slide["db_o"],
        "dW": hidden * slide["dW"],
        "dB": hidden[:, None] * slide["dB"],
    }
    return numeric, slide


def either_history(expected: Any, got: Any) -> tuple[Any, Any]:
    """The history that is meant, of those that are right: the loss before each step, after it, or both ends."""
    *parameters, history = expected
    if not isinstance(got, (list, tuple)) or len(got) != len(expected):
        return expected, got
    try:
        losses = np.concatenate([np.asarray(loss, dtype=float).ravel() for loss in got[-1]])
    except (TypeError, ValueError):
        return expected, got
    meant = np.array(history)
    if losses.size != meant.size:
        after = losses.size == meant.size - 1 and np.allclose(losses, meant[1:], rtol=1e-4)
        meant = meant[1:] if after else meant[:-1]
    return (*parameters, meant), (*got[:-1], losses)


def train_mlp(
    X: Array, y: Array, params: dict[str, Any], lr: float, n_iters: int
) -> tuple[dict[str, Any], list[float]]:
    """The reference, with the loss at the end as well."""
    more = mlp.train_mlp(X, y, params, lr, n_iters + 1)[1]
    return mlp.train_mlp(X, y, params, lr, n_iters)[0], more


def confident(columns: list[int]) -> Array:
    """A row of probabilities for each column, largest in it."""
    P = np.full((len(columns), 10), 0.05)
    P[np.arange(len(columns)), columns] = 0.55
    return P


TABLE = ("h", "p", "y_hat")

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "sigmoid": (
        example(unit.sigmoid, np.log(np.array([[1.0, 3.0], [1.0 / 3.0, 9.0]]))),
        example(unit.sigmoid, -0.5),
        example(unit.sigmoid, np.array([-1000.0, 1000.0])),
    ),
    "weighted_sum": (
        example(unit.weighted_sum, X, W, B),
        example(unit.weighted_sum, np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([2.0, 0.0, -1.0]), 10.0),
    ),
    "perceptron_table": (
        example(unit.perceptron_table, X, W, B, results=TABLE),
        example(
            unit.perceptron_table,
            np.array([[1.0, 1.0, 2.0], [0.0, 1.0, 2.0]]),
            np.array([1.0, -1.0, 0.5]),
            -0.75,
            results=TABLE,
        ),
    ),
    "squared_error": (
        example(unit.squared_error, np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.5, 0.5, 0.9, 0.2])),
        example(unit.mean_squared_error, np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.5, 0.5, 0.9, 0.2])),
    ),
    "binary_cross_entropy": (
        example(unit.binary_cross_entropy, np.array([1.0, 0.0, 1.0]), np.array([0.5, 0.25, 0.8])),
        example(
            unit.binary_cross_entropy,
            np.array([1.0, 0.0]),
            np.array([1.0, 0.0]),
            atol=2e-4,  # any small distance from 0 and 1 will do
        ),
    ),
    "chain_rule": (
        example(unit.dl_dp, 1.0, 0.75),
        example(unit.dl_dp, 0.0, 0.25),
        example(unit.dp_dh, 0.25),
        example(unit.dh_dw, np.array([2.0, -3.0, 0.5])),
    ),
    "perceptron_gradient": (
        perceptron_gradient([0.5, -2.0], 1.0, [0.7, -0.4], 0.25),
        perceptron_gradient([1.0, 2.0, -3.0], 0.0, [0.5, -0.25, 0.1], 0.2),
    ),
    "numerical_gradient": (
        example(unit.numerical_gradient, CUBES, np.array([1.0, 2.0, -1.0])),
        example(unit.numerical_gradient, CUBES, np.array([1.0, 2.0, -1.0]), 0.5),
        example(unit.numerical_gradient, SQUARED_SUM, np.array([[1.0, -1.0, 2.0], [0.5, 1.0, -1.0]]), 0.5),
        example(unit.numerical_gradient, HALF_CUBES, np.array([1, 2, -1])),
    ),
    "train_perceptron": (
        example(unit.train_perceptron, X, OR, W, B, 1.0, 1, results=("w", "b", "history"), settle=either_history),
        example(unit.train_perceptron, X, OR, W, B, 0.5, 3, results=("w", "b", "history"), settle=either_history),
    ),
    "hidden_unit": (
        example(mlp.hidden_unit, 1.5, -2.0, 0.5, 0.2, 0.1),
        example(mlp.hidden_unit, 0.0, 1.0, 3.0, -1.0, 0.0),
    ),
    "to_matrices": (
        example(mlp.to_matrices, NAMED, results=("W", "B")),
        example(mlp.to_matrices, dict(reversed(list(NAMED.items()))), results=("W", "B")),
    ),
    "mlp_forward": (example(mlp.mlp_forward, *THREE_UNITS), example(mlp.mlp_forward, *TWO_UNITS)),
    "mlp_backward": (
        example(mlp.mlp_backward, THREE_UNITS[0], 1.0, *THREE_UNITS[1:]),
        example(mlp.mlp_backward, TWO_UNITS[0], 0.0, *TWO_UNITS[1:]),
    ),
    "diagnose_slide": (
        example(mlp.diagnose_slide, *slide_and_truth(2.0, np.array([3.0, -1.0, 0.5]))),
        example(mlp.diagnose_slide, *slide_and_truth(5.0, np.array([-4.0, 0.25]))),
    ),
    "train_mlp": tuple(
        example(
            train_mlp,
            mlp.XOR_X,
            mlp.XOR_Y,
            mlp.XOR_START,
            mlp.XOR_LR,
            steps,
            results=("params", "history"),
            settle=either_history,
        )
        for steps in (1, 3)
    ),
    "softmax": (
        example(mlp.softmax, np.array([1.0, 2.0, 3.0])),
        example(mlp.softmax, np.array([[1.0, 2.0, 3.0], [3.0, 3.0, 3.0]])),
        example(mlp.softmax, np.array([1000.0, 999.0, -1000.0])),
        example(mlp.softmax, np.array([[1000.0, 1000.0], [-1000.0, -1000.0]])),
    ),
    "categorical_crossentropy": (
        example(
            mlp.categorical_crossentropy,
            np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
            np.array([[0.7, 0.2, 0.1], [0.05, 0.35, 0.6]]),
        ),
        example(mlp.categorical_crossentropy, np.array([[0.0, 1.0, 0.0]]), np.array([[0.5, 0.5, 0.0]])),
    ),
    "preprocess_images": (
        example(
            digits.preprocess_images,
            np.array([[[0, 51, 102], [153, 204, 255]], [[255, 0, 0], [0, 0, 51]]], dtype=np.uint8),
        ),
        example(digits.preprocess_images, np.full((1, 2, 2), 51, dtype=np.uint8)),
    ),
    "one_hot": (
        example(digits.one_hot, np.array([3]), 10),
        example(digits.one_hot, np.array([1, 0, 2, 1]), 4),
        example(digits.one_hot, np.array([3])),
    ),
    "count_parameters": tuple(example(digits.n_params, sizes) for sizes in ([2, 3, 1], [784, 512, 10], [4, 3, 2, 1])),
    "train_model": (
        example(digits.updates_per_epoch, 60000, 128),
        example(digits.updates_per_epoch, 64, 32),
    ),
    "read_predictions": (
        example(digits.predict_digit, confident([7, 0, 9])),
        example(digits.confusion_matrix, np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 0, 0, 2]), 4),
    ),
}
