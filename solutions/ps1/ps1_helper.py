"""Helpers for Problem Set 1: the visible checks and the digits.

Every check function tries your answer on an example you can compute by hand, and says what it tried,
what it expected and what it got. Passing the visible checks is a good sign; your mark comes from further
checks that use other numbers.

This file is yours to read. It needs NumPy only.
"""

import os
from pathlib import Path

import numpy as np

__all__ = ["CheckFailed", "load_digits_data"]


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
    """Call the student's function; a stub and an exception become a CheckFailed that says so."""
    try:
        return function(*args)
    except NotImplementedError:
        raise CheckFailed(f"{tried}\n  there is no answer yet: replace `raise NotImplementedError()`") from None
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
# Notebook 0: start here
# ---------------------------------------------------------------------------------------------------


# ---------------------------------------------------------------------------------------------------
# Notebook 1: the perceptron
# ---------------------------------------------------------------------------------------------------


# ---------------------------------------------------------------------------------------------------
# Notebook 2: the multilayer perceptron and backpropagation
# ---------------------------------------------------------------------------------------------------


# ---------------------------------------------------------------------------------------------------
# Notebook 3: Keras and the digits
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
