"""Helpers for the extra problem: the visible checks and the digits.

Every check function tries your answer on an example you can compute by hand, and says what it tried,
what it expected and what it got. Passing the visible checks is a good sign; your mark comes from further
checks that use other numbers.

This file is yours to read. It needs NumPy only.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from traceback import extract_tb

import numpy as np

__all__ = ["CheckFailed", "check_gradients", "check_numpy_predict", "check_numpy_train", "load_digits_data"]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow greets with log lines that look like errors
if find_spec("jax") and not find_spec("tensorflow"):
    os.environ.setdefault("KERAS_BACKEND", "jax")  # Keras itself would look for TensorFlow only


# ---------------------------------------------------------------------------------------------------
# How a check talks to you
# ---------------------------------------------------------------------------------------------------


class CheckFailed(AssertionError):
    """A visible check did not pass; the message says what was tried, expected and found."""

    def _render_traceback_(self):
        """Show the message alone in Jupyter: the lines of this file would not help you."""
        return ["Not yet: " + line if i == 0 else line for i, line in enumerate(str(self).splitlines())]


def _show(value):
    """One short, readable picture of a value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_show(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)) and any(isinstance(item, np.ndarray) for item in value):
        return "(" + ", ".join(_show(item) for item in value) + ")"
    if isinstance(value, (np.ndarray, np.generic)):
        return np.array2string(np.asarray(value), precision=6, threshold=20, separator=", ")
    text = repr(value)
    return text if len(text) <= 200 else text[:197] + "..."


def _fail(tried, expected, got, hint=""):
    """Raise CheckFailed with the three things a student needs, and a hint when there is one."""
    message = f"{tried}\n  expected: {expected}\n  got:      {got}"
    raise CheckFailed(message + (f"\n  hint:     {hint}" if hint else ""))


def _call(tried, function, *args):
    """Call the student's function; a stub and an exception become a CheckFailed that says so.

    NumPy's warnings are kept back: they cost nothing, but nbgrader's Validate would take one for a failed check.
    """
    try:
        with np.errstate(all="ignore"):
            return function(*args)
    except NotImplementedError as error:
        # It may be the stub of an earlier question, which this answer calls.
        stub = f"`raise NotImplementedError()` in `{extract_tb(error.__traceback__)[-1].name}`"
        raise CheckFailed(f"{tried}\n  there is no answer yet: replace {stub}") from None
    except Exception as error:
        raise CheckFailed(f"{tried}\n  your code raised {type(error).__name__}: {error}") from error


def _expect_close(tried, got, expected, hint="", rtol=1e-4, atol=1e-6):
    """Compare by value after NumPy conversion: shape first, then numbers."""
    expected_array = np.asarray(expected, dtype=float)
    try:
        got_array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        _fail(tried, _show(expected_array), f"{_show(got)} (type {type(got).__name__}), not numbers", hint)
    if expected_array.size == 1 and got_array.size == 1:
        got_array = got_array.reshape(expected_array.shape)
    if got_array.shape != expected_array.shape:
        _fail(tried, f"shape {expected_array.shape}", f"shape {got_array.shape}", hint)
    if not np.allclose(got_array, expected_array, rtol=rtol, atol=atol, equal_nan=True):
        _fail(tried, _show(expected_array), _show(got_array), hint)


def _passed(question, count):
    """Say that every visible check of a question passed."""
    print(f"{question}: all {count} visible checks passed.")


# ---------------------------------------------------------------------------------------------------
# The two questions
# ---------------------------------------------------------------------------------------------------


def check_numpy_predict(numpy_predict):
    """A network of 2 inputs, 3 hidden units and 2 classes that you can follow with a pencil."""
    weights = [
        np.array([[1.0, -1.0, 2.0], [0.5, 1.0, -1.0]]),
        np.array([0.5, 0.0, -1.0]),
        np.array([[1.0, 0.0], [-1.0, 2.0], [0.5, 1.0]]),
        np.array([0.2, -0.3]),
    ]
    X = np.array([[1.0, 2.0], [-1.0, 0.0], [2.0, 0.0]])
    # hidden layer after relu: (2.5, 1, 0), (0, 1, 0), (2.5, 0, 3); logits: (1.7, 1.7), (-0.8, 1.7), (4.2, 2.7)
    expected = np.array([[0.5, 0.5], [0.07585818, 0.92414182], [0.81757448, 0.18242552]])
    before = [w.copy() for w in weights]
    tried = "numpy_predict(weights, X) with 2 inputs, 3 hidden units, 2 classes and 3 observations"
    got = _call(tried, numpy_predict, weights, X.copy())
    _expect_close(tried, got, expected, _predict_hint(got, weights, X))
    if any((w != b).any() for w, b in zip(weights, before, strict=True)):
        _fail(tried, "weights left as they were", "weights changed", "write b + ..., not b += ...")
    tried = "numpy_predict(weights, X[1:2]): one observation is still a table, of one row"
    _expect_close(tried, _call(tried, numpy_predict, weights, X[1:2].copy()), expected[1:2])
    tried = "numpy_predict with logits of about 1700"
    large = [*weights[:2], 1000 * weights[2], 1000 * weights[3]]
    hint = "exp(1700) overflows: subtract each row's largest logit first, the softmax stays the same"
    _expect_close(tried, _call(tried, numpy_predict, large, X[1:2].copy()), np.array([[0.0, 1.0]]), hint)
    _passed("numpy_predict", 4)


def _predict_hint(got, weights, X):
    """The usual slips, recognised by their numbers."""
    W1, b1, W2, b2 = weights

    def softmax(z, axis=-1):
        e = np.exp(z)
        return e / e.sum(axis=axis, keepdims=True)

    z = X @ W1 + b1
    slips = {
        "the first layer's bias seems to be missing": softmax(np.maximum(X @ W1, 0) @ W2 + b2),
        "the second layer's bias seems to be missing": softmax(np.maximum(z, 0) @ W2),
        "both biases seem to be missing": softmax(np.maximum(X @ W1, 0) @ W2),
        "the hidden layer seems to have no activation: it is relu, max(z, 0)": softmax(z @ W2 + b2),
        "the hidden layer is relu, not sigmoid": softmax(1 / (1 + np.exp(-z)) @ W2 + b2),
        "these are the logits: apply the softmax": np.maximum(z, 0) @ W2 + b2,
        "each row must sum to 1: take the softmax over the classes (axis 1)": softmax(np.maximum(z, 0) @ W2 + b2, 0),
    }
    try:
        array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return ""
    if array.shape == (len(X),):
        return "return the probabilities, not the most probable class"
    for hint, slip in slips.items():
        if array.shape == slip.shape and np.allclose(array, slip, rtol=1e-4, atol=1e-6):
            return hint
    return ""


def check_numpy_train(numpy_train):
    """Three clouds of points in the plane: what comes back, what the arguments do, and what is learned."""
    rng = np.random.default_rng(7)
    centres = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]])
    labels = np.arange(90) % 3
    X, Y = centres[labels] + 0.4 * rng.normal(size=(90, 2)), np.eye(3)[labels]

    def train(hidden=8, epochs=20, batch_size=10, lr=0.1, seed=1):
        tried = f"numpy_train(X, Y, hidden={hidden}, epochs={epochs}, batch_size={batch_size}, lr={lr}, seed={seed})"
        settings = {"hidden": hidden, "epochs": epochs, "batch_size": batch_size, "lr": lr, "seed": seed}
        predict = _call(tried, lambda: numpy_train(X.copy(), Y.copy(), **settings))
        if not callable(predict):
            _fail(tried, "a function from X to probabilities", f"{_show(predict)}, a {type(predict).__name__}")
        tried = f"predict = {tried}; predict(X)"
        P = _call(tried, predict, X.copy())
        try:
            P = np.asarray(P, dtype=float)
        except (TypeError, ValueError):
            _fail(tried, "an array of probabilities", _show(P))
        if P.shape != (90, 3):
            _fail(tried, "shape (90, 3)", f"shape {P.shape}")
        _expect_close(tried + ".sum(axis=1)", P.sum(axis=1), np.ones(90), "each row must sum to 1", rtol=1e-3)
        return P

    def loss(P):
        return -np.mean(np.log(np.maximum(P[np.arange(90), labels], 1e-300)))

    start, trained = train(lr=0.0), train()
    tried = "the mean cross-entropy on X after 20 epochs"
    if not loss(trained) < loss(start):
        _fail(tried, f"less than at the start, {loss(start):.4f}", f"{loss(trained):.4f}", "mind the sign: w - lr * g")
    accuracy = np.mean(trained.argmax(axis=1) == labels)
    if accuracy < 0.95:
        hint = "check the shapes of all four gradients, and divide by the size of the batch once"
        _fail("accuracy on three clouds that lie well apart", "at least 0.95", f"{accuracy:.2f}", hint)
    _expect_close("numpy_train twice with seed=1", train(), trained, "take every random number from seed")
    if np.allclose(train(lr=0.0, seed=2), start, rtol=1e-3):
        _fail("seed=2 instead of seed=1, before any training", "other starting weights", "the same predictions")
    for name, other in (("epochs", {"epochs": 2}), ("batch_size", {"batch_size": 90}), ("lr", {"lr": 0.01})):
        if np.allclose(train(**other), trained, rtol=1e-3):
            _fail(f"numpy_train with another {name}: {other}", "another network", "the same predictions")

    # Four copies of one observation in one batch: the mean of four equal gradients is that gradient.
    four = [np.repeat(array[:1], 4, axis=0) for array in (X, Y)]
    one_step, mean_step = (
        np.asarray(numpy_train(x, y, 8, 1, len(x), 0.1, 1)(X[:5].copy()), dtype=float)
        for x, y in ((X[:1].copy(), Y[:1].copy()), four)
    )
    hint = "all four gradients are means over the batch: divide by the number of rows, once"
    _expect_close("a batch of four copies of one observation, against that one alone", mean_step, one_step, hint)

    # A short step lowers the loss by lr times the squared gradient, of which the output biases alone give this much.
    before, after = (np.asarray(numpy_train(X[:1], Y[:1], 8, 1, 1, lr, 5)(X[:1]))[0] for lr in (0.0, 1e-3))
    fall = (np.log(after[0]) - np.log(before[0])) / 1e-3
    least = np.sum((before - Y[0]) ** 2)
    if fall < 0.9 * least:
        hint = "the error at the output is P - Y; a step is w - lr * gradient; W2 and b2 need theirs too"
        _fail("the fall of the loss in one short step, over lr", f"at least {least:.4f}", f"{fall:.4f}", hint)
    _passed("numpy_train", 10)


def check_gradients(gradients):
    """For your own use: compare gradients(weights, X, Y), a list [dW1, db1, dW2, db2], with central differences."""
    rng = np.random.default_rng(3)
    weights = [rng.normal(size=shape) for shape in ((4, 5), (5,), (5, 3), (3,))]
    X, Y = rng.normal(size=(6, 4)), np.eye(3)[[0, 1, 2, 2, 1, 0]]

    def loss():
        W1, b1, W2, b2 = weights
        z = np.maximum(X @ W1 + b1, 0) @ W2 + b2
        z = z - z.max(axis=1, keepdims=True)
        return -np.mean(np.sum(Y * (z - np.log(np.exp(z).sum(axis=1, keepdims=True))), axis=1))

    tried = "gradients(weights, X, Y) with 4 inputs, 5 hidden units, 3 classes and 6 observations"
    answer = _call(tried, gradients, [w.copy() for w in weights], X.copy(), Y.copy())
    if not isinstance(answer, (list, tuple)) or len(answer) != 4:
        _fail(tried, "a list [dW1, db1, dW2, db2]", _show(answer))
    for name, weight, got in zip(("dW1", "db1", "dW2", "db2"), weights, answer, strict=True):
        expected = np.zeros(weight.shape)
        for at in np.ndindex(weight.shape):
            kept, losses = weight[at], []
            for eps in (1e-5, -1e-5):
                weight[at] = kept + eps
                losses.append(loss())
            weight[at] = kept
            expected[at] = (losses[0] - losses[1]) / 2e-5
        _expect_close(f"{tried}: {name} against central differences", got, expected, rtol=1e-3)
    _passed("gradients", 4)


# ---------------------------------------------------------------------------------------------------
# The digits
# ---------------------------------------------------------------------------------------------------


def load_digits_data(download=False):
    """Return (x_train, y_train), (x_test, y_test): images uint8 (n, 28, 28), labels uint8 (n,), as MNIST has them.

    It takes the first of these that is there, and says which one it took:

    1. the file named in the environment variable MNIST_NPZ (Keras's own layout: x_train, y_train, x_test, y_test);
    2. ~/.keras/datasets/mnist.npz, where Keras keeps MNIST once it has been downloaded;
    3. with download=True only: MNIST (11 MB) through keras.datasets.mnist, with a progress bar;
    4. digits.npz beside this file: 1200 + 300 smaller scans, nothing to download.

    digits.npz is made from the UCI "Optical Recognition of Handwritten Digits" set (E. Alpaydin and C. Kaynak, 1998,
    https://doi.org/10.24432/C50P49) as bundled with scikit-learn, licence CC BY 4.0. Changes: enlarged from 8 x 8 to
    28 x 28, values from 0..16 to 0..255, shuffled and split.
    """
    named = os.environ.get("MNIST_NPZ")
    if named:
        return _read_digits(Path(named), "MNIST_NPZ")
    cached = Path.home() / ".keras" / "datasets" / "mnist.npz"
    if cached.is_file():
        try:
            return _read_digits(cached, "MNIST kept by Keras")
        except ValueError as error:
            print(f"{error}\nIgnored. Delete that file to have it downloaded again.")
    if download:
        try:
            from keras.datasets import mnist

            data = mnist.load_data()
        except Exception as error:
            print(f"The download of MNIST failed ({error}). The bundled digits will do.")
        else:
            _say_digits(data, "MNIST, downloaded by Keras")
            return data
    return _read_digits(Path(__file__).with_name("digits.npz"), "the bundled UCI digits")


def _read_digits(path, source):
    """Read one npz file in MNIST's layout; ValueError says what is wrong with it."""
    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with np.load(path, allow_pickle=False) as file:
            x_train, y_train, x_test, y_test = (file[name] for name in names)
    except Exception as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else f"{type(error).__name__}: {error}"
        raise ValueError(
            f"Cannot read digits from {path} (from {source}): {why}.\n"
            f"It must be an .npz file with the arrays {', '.join(names)}. "
            "Set MNIST_NPZ to such a file, or unset it to use the bundled digits."
        ) from None
    for part, x, y in (("train", x_train, y_train), ("test", x_test, y_test)):
        if x.dtype != np.uint8 or x.ndim != 3 or x.shape[1:] != (28, 28) or y.shape != (len(x),) or len(x) == 0:
            raise ValueError(
                f"{path} (from {source}) is not in MNIST's layout: x_{part} must be uint8 of shape (n, 28, 28) and "
                f"y_{part} of shape (n,), but they are {x.dtype} {x.shape} and {y.dtype} {y.shape}."
            )
        if y.dtype.kind not in "iu" or y.min() < 0 or y.max() > 9:
            raise ValueError(f"{path} (from {source}): the labels y_{part} must be whole numbers from 0 to 9.")
    data = (x_train, y_train), (x_test, y_test)
    _say_digits(data, f"{source} ({path})" if source != "the bundled UCI digits" else source)
    return data


def _say_digits(data, source):
    """Print one line: how many digits, and from where."""
    (x_train, _), (x_test, _) = data
    print(f"Digits: {len(x_train)} to train, {len(x_test)} to test, from {source}.")
