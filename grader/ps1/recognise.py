"""Recognise what a two-layer network computes, from its own weights and its predictions.

The judge gives a student's network random weights, reads its predictions, and does the same arithmetic here
in NumPy with every pair of activations it knows. The pair that fits tells what the layers are, however they
were written. Nothing in this module sees student code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FITS = 2e-3
"""Largest difference, relative to the largest prediction, that still counts as the same: float32 with room
for reduced-precision products on accelerators. Wrong activations differ by five times this at least."""

SURE = FITS / 100
"""Below that no other pair need be tried: two that differ by five times `FITS` are not both so near."""

N_IMAGES = 20
"""Images to compare on: one saturated row hides a wrong activation, twenty do not."""


def _erf(z: Array) -> Array:
    return np.asarray(np.vectorize(math.erf, otypes=[float])(z))


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _sigmoid(z: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))  # never overflows


def _softplus(z: Array) -> Array:
    return np.logaddexp(0, z)


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda z: np.maximum(z, 0),
    "softmax": _softmax,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "linear": lambda z: z,
    "gelu": lambda z: z * 0.5 * (1 + _erf(z / math.sqrt(2))),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: 1.05070098735 * np.where(z > 0, z, 1.67326324235 * np.expm1(np.minimum(z, 0))),
    "leaky relu": lambda z: np.where(z > 0, z, 0.2 * z),
    "leaky relu (0.3)": lambda z: np.where(z > 0, z, 0.3 * z),
    "relu6": lambda z: np.clip(z, 0, 6),
    "softplus": _softplus,
    "softsign": lambda z: z / (1 + np.abs(z)),
    "silu": lambda z: z * _sigmoid(z),
    "mish": lambda z: z * np.tanh(_softplus(z)),
    "hard sigmoid": lambda z: np.clip(z / 6 + 0.5, 0, 1),
    "exponential": lambda z: np.exp(np.minimum(z, 50)),
    "log softmax": lambda z: z - np.logaddexp.reduce(z, axis=-1, keepdims=True),
}


@dataclass(frozen=True)
class Layout:
    """Where the parameters of a 784 -> hidden -> outputs network stand in a model's list of weights.

    Each place is (index, whether it lies transposed); a bias that is missing is None.
    """

    hidden: int
    outputs: int
    kernels: tuple[tuple[int, bool], tuple[int, bool]]
    biases: tuple[int | None, int | None]

    def arrange(self, values: Sequence[Array]) -> tuple[Array, Array, Array, Array]:
        """(784, hidden), (hidden,), (hidden, outputs), (outputs,) from a model's list of weights."""
        sizes = ((784, self.hidden), (self.hidden, self.outputs))
        kernels = []
        for (index, flipped), (n_in, n_out) in zip(self.kernels, sizes, strict=True):
            flat = values[index].reshape((n_out, n_in) if flipped else (n_in, n_out))
            kernels.append(flat.T if flipped else flat)
        first, second = (
            np.zeros(n) if index is None else values[index].reshape(n)
            for index, n in zip(self.biases, (self.hidden, self.outputs), strict=True)
        )
        return kernels[0], first, kernels[1], second


def find_layout(shapes: Sequence[Sequence[int]], n_in: int = 784) -> Layout | None:
    """Tell which weight is which by shape alone, as layers may make theirs in any order.

    None if they are not those of a network with one hidden layer. A kernel may lie transposed, or keep
    its image axes, as in (28, 28, 512).
    """
    shapes = [tuple(shape) for shape in shapes]
    matrices = [i for i, shape in enumerate(shapes) if sum(n > 1 for n in shape) >= 2]
    if len(matrices) != 2:  # a single output has a kernel such as (512, 1)
        matrices = [i for i, shape in enumerate(shapes) if len(shape) >= 2]
    vectors = [i for i, shape in enumerate(shapes) if i not in matrices]
    if len(matrices) != 2 or len(vectors) > 2:
        return None
    for first, second in (matrices, matrices[::-1]):
        for flip_first in (False, True):
            hidden = shapes[first][0] if flip_first else shapes[first][-1]
            if math.prod(shapes[first]) != n_in * hidden:
                continue
            for flip_second in (False, True):
                outputs = shapes[second][0] if flip_second else shapes[second][-1]
                if math.prod(shapes[second]) != hidden * outputs:
                    continue
                biases = _find_biases([shapes[i] for i in vectors], vectors, hidden, outputs)
                if biases is not None:
                    return Layout(hidden, outputs, ((first, flip_first), (second, flip_second)), biases)
    return None


def _find_biases(
    shapes: Sequence[Sequence[int]], places: Sequence[int], hidden: int, outputs: int
) -> tuple[int | None, int | None] | None:
    """Which of at most two vectors is the bias of which layer; None if one belongs to neither."""
    found: list[int | None] = [None, None]
    for shape, place in zip(shapes, places, strict=True):
        size = math.prod(shape)
        if size == hidden and found[0] is None:
            found[0] = place
        elif size == outputs and found[1] is None:
            found[1] = place
        else:
            return None
    return found[0], found[1]


def random_weights(shapes: Sequence[Sequence[int]], rng: np.random.Generator) -> list[NDArray[np.float32]]:
    """Weights and biases that keep activations apart.

    With inputs in [0, 1] hidden units then receive about -9 to 9, enough to see where relu6 bends, and the
    logits spread by about 2, so that few softmax or sigmoid outputs are saturated.
    """
    values = []
    for shape in shapes:
        size = math.prod(shape)
        if size % 784 == 0:  # the kernel of the hidden layer
            value = rng.normal(0, 0.18, size=shape)
        elif sum(n > 1 for n in shape) >= 2:
            value = rng.normal(0, 0.04, size=shape)
        else:
            value = rng.normal(0, 1 if size > 10 else 0.5, size=shape)
        values.append(value.astype(np.float32))
    return values


@dataclass(frozen=True)
class Network:
    """What a network was recognised as: the names of its two activations."""

    hidden: str
    output: str


def compute(x: Array, weights: tuple[Array, Array, Array, Array], hidden: str, output: str) -> Array:
    """output(hidden(x W1 + b1) W2 + b2) for rows x (n, 784)."""
    kernel_1, bias_1, kernel_2, bias_2 = weights
    return ACTIVATIONS[output](ACTIVATIONS[hidden](x @ kernel_1 + bias_1) @ kernel_2 + bias_2)


def difference(got: Array, expected: Array) -> float:
    """The largest difference, relative to the largest expected number (or to 1 if all are smaller)."""
    if got.shape != expected.shape or not np.all(np.isfinite(got)):
        return math.inf
    return float(np.max(np.abs(got - expected)) / max(1.0, float(np.max(np.abs(expected)))))


def recognise(x: Array, predictions: Array, weights: tuple[Array, Array, Array, Array]) -> Network | None:
    """The pair of activations that reproduces the predictions best; None if none reproduces them."""
    kernel_1, bias_1, kernel_2, bias_2 = weights
    received = x @ kernel_1 + bias_1
    best, network = FITS, None
    with np.errstate(all="ignore"):
        for hidden, activate in ACTIVATIONS.items():  # the lecture's pair comes first
            logits = activate(received) @ kernel_2 + bias_2
            for output, finish in ACTIVATIONS.items():
                gap = difference(predictions, finish(logits))
                if gap < best:
                    best, network = gap, Network(hidden, output)
                if gap < SURE:
                    return network
    return network
