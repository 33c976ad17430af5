"""The misconceptions of the extra notebook. Those about training show in its gradient check, which words them."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.judge import Misconception


def _softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _plain_softmax(z: Any) -> Any:
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def _relu(z: Any) -> Any:
    return np.maximum(z, 0)


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _predict(hidden: Any = _relu, output: Any = _softmax, biases: tuple[int, int] = (1, 1)) -> Any:
    """A numpy_predict; each piece is written by someone with one idea."""

    def numpy_predict(weights: Any, X: Any) -> Any:
        W1, b1, W2, b2 = weights
        return output(hidden(X @ W1 + biases[0] * b1) @ W2 + biases[1] * b2)

    return numpy_predict


MISCONCEPTIONS = (
    Misconception(
        "numpy_predict",
        "both biases forgotten",
        concept="model.get_weights() gives four arrays",
        hint="You were handed four arrays. How many of them does your code use? Look at the matrix slide: what is "
        "added after each multiplication?",
        answers={"numpy_predict": _predict(biases=(0, 0))},
    ),
    Misconception(
        "numpy_predict",
        "hidden biases forgotten",
        concept="model.get_weights() gives four arrays",
        hint="You were handed four arrays. Which of them does your code not use? Look at what each layer does "
        "after it has multiplied.",
        answers={"numpy_predict": _predict(biases=(0, 1))},
    ),
    Misconception(
        "numpy_predict",
        "output biases forgotten",
        concept="model.get_weights() gives four arrays",
        hint="You were handed four arrays. Which of them does your code not use? The last layer is a layer like "
        "the first.",
        answers={"numpy_predict": _predict(biases=(1, 0))},
    ),
    Misconception(
        "numpy_predict",
        "sigmoid in the hidden layer",
        concept="slide 'Network Architecture'",
        hint="Notebooks 1 and 2 used this curve everywhere. Which activation did the network of the digits have in "
        "its hidden layer?",
        answers={"numpy_predict": _predict(hidden=_sigmoid)},
    ),
    Misconception(
        "numpy_predict",
        "no activation in the hidden layer",
        concept="slide 'Network Architecture'",
        hint="Two layers that only multiply and add could be written as one. What did the hidden layer of the "
        "Keras model do besides?",
        answers={"numpy_predict": _predict(hidden=lambda z: z)},
    ),
    Misconception(
        "numpy_predict",
        "linear output (logits)",
        concept="slide 'Softmax function'",
        hint="Your numbers may be negative and do not add up to 1. What does the last layer of the Keras model do "
        "with them?",
        answers={"numpy_predict": _predict(output=lambda z: z)},
    ),
    Misconception(
        "numpy_predict",
        "sigmoid output",
        concept="slide 'Activation and Loss Function Choices'",
        hint="Add up the outputs for one image. What should their sum be when an image shows exactly one digit?",
        answers={"numpy_predict": _predict(output=_sigmoid)},
    ),
    Misconception(
        "numpy_predict",
        "the digit in place of its probabilities",
        concept="model.predict gives probabilities",
        hint="You return the network's decision. What does model.predict return for one image: a single number, or "
        "one for each digit?",
        answers={"numpy_predict": _predict(output=lambda z: z.argmax(axis=1))},
    ),
    Misconception(
        "numpy_predict",
        "overflow at large logits",
        concept="exp of a large number is infinite in floating point",
        hint="For ordinary logits you are right. What does exp give for a very large one? Your softmax of notebook "
        "2 has met this before.",
        answers={"numpy_predict": _predict(output=_plain_softmax)},
    ),
    Misconception(
        "numpy_predict",
        "one maximum for all rows",
        concept="each observation is normalised by itself",
        hint="You take off the largest logit, which is the right idea. When two images have logits that lie very "
        "far apart, what is left of the lower ones? Whose maximum does a row need?",
        answers={"numpy_predict": _predict(output=lambda z: _plain_softmax(z - z.max()))},
    ),
)
