"""Helpers for Problem Set 1: the visible checks and the digits.

Every check function tries your answer on an example you can compute by hand, and says what it tried,
what it expected and what it got. Passing the visible checks is a good sign; your mark comes from further
checks that use other numbers.

This file is yours to read. It needs NumPy only; the checks of notebook 3 use Keras as well.
"""

import os
import platform
import sys
from contextlib import contextmanager
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from traceback import extract_tb

import numpy as np

__all__ = [
    "CheckFailed",
    "check_activation_loss",
    "check_add",
    "check_binary_cross_entropy",
    "check_build_model",
    "check_categorical_crossentropy",
    "check_chain_rule",
    "check_compile_model",
    "check_diagnose_slide",
    "check_hidden_unit",
    "check_mlp_backward",
    "check_mlp_forward",
    "check_n_params",
    "check_numerical_gradient",
    "check_one_hot",
    "check_perceptron_gradient",
    "check_perceptron_table",
    "check_preprocess_images",
    "check_read_predictions",
    "check_sigmoid",
    "check_slide_errors",
    "check_softmax",
    "check_squared_error",
    "check_to_matrices",
    "check_train_mlp",
    "check_train_model",
    "check_train_perceptron",
    "check_weighted_sum",
    "environment_report",
    "load_digits_data",
    "when_solved",
]

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
# Notebook 0: start here
# ---------------------------------------------------------------------------------------------------


def environment_report():
    """Print what this computer offers: versions, Keras's backend, CPU or GPU, and the digits it found."""
    print(f"Python     {platform.python_version()} on {platform.system()} {platform.machine()}")
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        print("           This course is tested on Python 3.10 to 3.13; others may work, but nobody tried.")
    for name in ("numpy", "matplotlib", "nbgrader", "keras"):
        print(f"{name:<10} {_version_of(name) or 'not installed'}")
    print()
    print(_keras_report())
    print()
    _report_digits()


def _version_of(package):
    """The installed version of a package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _keras_report():
    """Keras's backend and the device it computes on; every failure becomes a sentence."""
    later = "Notebooks 1 and 2 do not need it; notebook 3 does."
    if _version_of("keras") is None:
        return f"Keras is not installed. {later} README.html, which came with this file, says how to install it."
    try:
        import keras

        backend = keras.backend.backend()
    except Exception as error:
        return f"Keras is installed but does not start ({type(error).__name__}: {error}). {later}"
    try:
        device = "GPU" if _has_gpu(backend) else "CPU (enough for everything here)"
    except Exception as error:
        device = f"unknown ({type(error).__name__}: {error})"
    return f"Keras computes with the backend {backend} on: {device}"


def _has_gpu(backend):
    """Ask the backend itself whether it sees a GPU."""
    if backend == "tensorflow":
        import tensorflow

        return bool(tensorflow.config.list_physical_devices("GPU"))
    if backend == "jax":
        import jax

        return jax.default_backend() == "gpu"
    if backend == "torch":
        import torch

        return torch.cuda.is_available()
    return False


def _report_digits():
    """Say which digits load_digits_data found, or that notebook 3 will need some."""
    try:
        (images, labels), _ = load_digits_data()
    except Exception as error:
        print(f"No digits found ({type(error).__name__}: {error}).")
        print("Only notebook 3 needs them. Is digits.npz in this folder, beside ps1_helper.py?")
    else:
        print(f"The digits are ready: images {images.shape}, labels {labels.shape}.")


def check_add(add):
    """Visible check of the practice exercise `add(x, y)`."""
    product = "that is the product of the two; add them."
    for x, y in ((2, 3), (-1.5, 0.25)):
        tried = f"add({x}, {y})"
        got = _call_kept(tried, add, x, y)
        _expect_close(tried, got, x + y, _recognise(got, [(x * y, product)]))
    _passed("add", 2)


# ---------------------------------------------------------------------------------------------------
# Notebook 1: the perceptron
# ---------------------------------------------------------------------------------------------------


@contextmanager
def when_solved():
    """Run a plot or table only once its questions are answered; until then say what is missing."""
    try:
        yield
    except NotImplementedError:
        print("Nothing to show yet: a question above still says `raise NotImplementedError()`.")
    except NameError as error:
        print(f"Nothing to show yet: {error}. Run the cells above first, from the top.")


def _call_kept(tried, function, *args):
    """_call, and see to it that something came back and that the arrays handed over stayed as they were."""
    before = [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args]
    got = _call(tried, function, *args)
    for was, arg in zip(before, args, strict=True):
        if isinstance(arg, np.ndarray) and not np.array_equal(was, arg):
            raise CheckFailed(f"{tried}\n  your code changed the array it was given: work on a copy of it, a.copy()")
    if got is None:
        raise CheckFailed(f"{tried}\n  your function gave back None: does it end with `return`?")
    return got


def _numbers(tried, got):
    """An answer as an array of floats; anything that is not numbers becomes a CheckFailed."""
    try:
        return np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        _fail(tried, "numbers", f"{_show(got)} (type {type(got).__name__})")


def _recognise(got, known):
    """The hint that belongs to a well-known wrong answer, when `got` is one; else nothing."""
    try:
        got = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return ""
    for wrong, hint in known:
        wrong = np.asarray(wrong, dtype=float)
        if got.size == wrong.size == 1:
            got = got.reshape(wrong.shape)
        if got.shape == wrong.shape and np.allclose(got, wrong, rtol=1e-4, atol=1e-6):
            return hint
    return ""


def _expect(tried, got, expected, known=()):
    """_expect_close, with the hint of the wrong answer that `got` is known to be."""
    _expect_close(tried, got, expected, _recognise(got, known))


def _parts(tried, got, names):
    """The parts of an answer that has several, such as (h, p, y_hat)."""
    if not isinstance(got, (tuple, list, np.ndarray)) or getattr(got, "ndim", 1) == 0 or len(got) != len(names):
        _fail(tried, f"{len(names)} things: ({', '.join(names)})", f"{_show(got)} (type {type(got).__name__})")
    return got


# The lecture's table: two inputs, four observations, the answers of OR, and the weights of the slide.
_X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
_OR = np.array([0.0, 1.0, 1.0, 1.0])
_W, _B = np.array([1.0, -1.0]), -0.5


def check_sigmoid(sigmoid):
    """Visible check of question `sigmoid`."""
    flipped = "you have 1 / (1 + exp(+z)). One slide prints exp(-0.5) where -h is +0.5 (misprint E2)."
    for z, right, wrong in ((0.5, 0.6224593, 0.3775407), (-0.5, 0.3775407, 0.6224593)):
        tried = f"sigmoid({z})"
        _expect(tried, _call_kept(tried, sigmoid, z), right, [(wrong, flipped)])
    tried = "sigmoid of the array [[0, log 3], [-log 3, log 9]]"
    z = np.log(np.array([[1.0, 3.0], [1.0 / 3.0, 9.0]]))
    got = _call_kept(tried, sigmoid, z)
    _expect(tried, got, [[0.5, 0.75], [0.25, 0.9]], [([[0.5, 0.25], [0.75, 0.1]], flipped)])
    tried = "sigmoid of the array [-1000, 1000]"
    got = _numbers(tried, _call_kept(tried, sigmoid, np.array([-1000.0, 1000.0])))
    if np.isnan(got).any():
        _fail(
            tried, "[0., 1.]", _show(got), "exp(1000) is infinite, and inf / inf is nan. See the hint of this question."
        )
    _expect(tried, got, [0.0, 1.0])
    _passed("sigmoid", 4)


def check_weighted_sum(weighted_sum):
    """Visible check of question `weighted_sum`."""
    no_bias = "that is right up to the bias: add b."
    tried = "weighted_sum(X, w, b) with the lecture's table, w = (1, -1), b = -0.5"
    got = _call_kept(tried, weighted_sum, _X, _W, _B)
    _expect(tried, got, [-0.5, -1.5, 0.5, -0.5], [([0.0, -1.0, 1.0, 0.0], no_bias)])
    tried = "weighted_sum([[1, 2, 3], [4, 5, 6]], [2, 0, -1], 10)"
    X, w = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([2.0, 0.0, -1.0])
    got = _call_kept(tried, weighted_sum, X, w, 10.0)
    two_only = "the third input is missing: do not fix the number of inputs at two."
    _expect(tried, got, [9.0, 12.0], [([-1.0, 2.0], no_bias), ([12.0, 18.0], two_only)])
    _passed("weighted_sum", 2)


def check_perceptron_table(perceptron_table):
    """Visible check of question `perceptron_table`."""
    tried = "perceptron_table(X, w, b) with the lecture's table, w = (1, -1), b = -0.5"
    names = ("h", "p", "y_hat")
    h, p, y_hat = _parts(tried, _call_kept(tried, perceptron_table, _X, _W, _B), names)
    slide = "that is the slide's column, misprint and all (E1). Work row 3 out: h = +0.5."
    flipped = "you have 1 / (1 + exp(+h)): the minus of exp(-h) got lost (misprint E2)."
    _expect(f"h of {tried}", h, [-0.5, -1.5, 0.5, -0.5])
    right = [0.3775407, 0.1824255, 0.6224593, 0.3775407]
    known = [
        ([0.38, 0.18, 0.38, 0.38], slide),
        ([0.3775407, 0.1824255, 0.3775407, 0.3775407], slide),
        ([0.6224593, 0.8175745, 0.3775407, 0.6224593], flipped),
        ([0.38, 0.18, 0.62, 0.38], "keep every digit: round for people to read, not in the function."),
    ]
    _expect(f"p of {tried}", p, right, known)
    _expect(f"y_hat of {tried}", y_hat, [0, 0, 1, 0], [([0, 0, 0, 0], slide), ([1, 1, 0, 1], flipped)])

    tried = "perceptron_table([[1, 1, 2], [0, 1, 2]], [1, -1, 0.5], -0.75)"
    X, w = np.array([[1.0, 1.0, 2.0], [0.0, 1.0, 2.0]]), np.array([1.0, -1.0, 0.5])
    h, p, y_hat = _parts(tried, _call_kept(tried, perceptron_table, X, w, -0.75), names)
    _expect(f"h of {tried}", h, [0.25, -0.75])
    _expect(f"p of {tried}", p, [0.5621765, 0.3208213])
    on_h = "y_hat asks whether p is above 0.5. You seem to ask it of h: row 1 has h = 0.25, but p = 0.56."
    _expect(f"y_hat of {tried}", y_hat, [1, 0], [([0, 0], on_h)])
    _passed("perceptron_table", 6)


# The completed table as the slide prints it, a row an observation.
_PRINTED = {"h": (-0.5, -1.5, 0.5, -0.5), "p": (0.38, 0.18, 0.38, 0.38), "y_hat": (0, 0, 0, 0)}


def check_slide_errors(slide_errors):
    """Visible check of question `slide_errors`: form first, then each entry against the arithmetic."""
    tried = "slide_errors"
    form = "a set of (row, column) pairs: rows 1 to 4, columns 'h', 'p', 'y_hat', such as {(4, 'h')}"
    try:
        pairs = {(int(row), column) for row, column in slide_errors}
    except (TypeError, ValueError):
        _fail(tried, form, f"{_show(slide_errors)} (type {type(slide_errors).__name__})")
    for row, column in pairs:
        if row not in (1, 2, 3, 4) or column not in _PRINTED:
            _fail(
                tried,
                form,
                f"the pair {(row, column)!r}",
                "rows count from 1, the way people count." if row == 0 else "",
            )
    h = _X @ _W + _B
    p = 1 / (1 + np.exp(-h))
    computed = {"h": h, "p": p, "y_hat": p > 0.5}
    # Printed with two decimals, so an honest entry is at most 0.005 off.
    wrong = {
        (i + 1, name) for name in _PRINTED for i in range(4) if abs(_PRINTED[name][i] - computed[name][i]) > 0.0051
    }
    if pairs - wrong:
        _fail(tried, "only entries that the arithmetic contradicts", f"{len(pairs - wrong)} that the slide has right")
    if wrong - pairs:
        _fail(
            tried,
            "every wrong entry of the table",
            f"{len(pairs)} of them: there is more",
            "one error drags others along.",
        )
    _passed("slide_errors", 2)


def check_squared_error(squared_error, mean_squared_error):
    """Visible check of question `squared_error`."""
    y, p = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.5, 0.5, 0.9, 0.2])
    half = "exactly half: in this problem set the loss is (y - p)**2, without the 1/2."
    tried = "squared_error(y, p) with y = [1, 0, 1, 0] and p = [0.5, 0.5, 0.9, 0.2]"
    got = _call_kept(tried, squared_error, y, p)
    single = "squared_error gives one number an observation; the mean is the second function's work."
    signed = "square the differences: an error of -0.5 is as bad as one of 0.5."
    known = [
        (0.1375, single),
        (0.55, single),
        ([0.125, 0.125, 0.005, 0.02], half),
        ([0.5, -0.5, 0.1, -0.2], signed),
        ([0.5, 0.5, 0.1, 0.2], signed),
    ]
    if np.size(got) == 1:
        _fail(tried, "4 numbers, one for each observation", _show(got), _recognise(got, known))
    _expect(tried, got, [0.25, 0.25, 0.01, 0.04], known)
    tried = "mean_squared_error(y, p) with the same y and p"
    got = _call_kept(tried, mean_squared_error, y, p)
    _expect(tried, got, 0.1375, [(0.55, "that is the sum; divide by the number of observations."), (0.06875, half)])
    _passed("squared_error", 2)


def check_binary_cross_entropy(binary_cross_entropy):
    """Visible check of question `binary_cross_entropy`."""
    y, p = np.array([1.0, 0.0, 1.0]), np.array([0.5, 0.25, 0.8])
    tried = "binary_cross_entropy(y, p) with y = [1, 0, 1] and p = [0.5, 0.25, 0.8]"
    known = [
        (-0.4013243, "the minus is missing: log p is negative, a loss is positive (see E21)."),
        (1.2039728, "that is the sum; take the mean over the observations."),
        (0.5789885, "that is with log2; use the natural logarithm, np.log."),
        (0.1742929, "that is with log10; use the natural logarithm, np.log."),
        (0.3054302, "the part for y = 0 is missing: (1 - y) * log(1 - p)."),
    ]
    got = _call_kept(tried, binary_cross_entropy, y, p)
    if np.size(got) != 1:
        _fail(tried, "one number, the mean", _show(got))
    _expect(tried, got, 0.4013243, known)

    tried = "binary_cross_entropy(y, p) with y = [1, 0] and p = [1, 0], sure and right"
    clip = "0 * log(0) is nan in floating point: keep p a tiny distance, such as 1e-12, from 0 and 1 first."
    got = _numbers(tried, _call_kept(tried, binary_cross_entropy, np.array([1.0, 0.0]), np.array([1.0, 0.0])))
    if not np.isfinite(got).all():
        _fail(tried, "about 0", _show(got), clip)
    _expect_close(tried, got, 0.0, "keep p only a tiny distance from 0 and 1, such as 1e-12.", atol=2e-4)
    tried = "binary_cross_entropy(y, p) with y = [1, 1] and p = [0, 0], sure and wrong"
    got = _numbers(tried, _call_kept(tried, binary_cross_entropy, np.ones(2), np.zeros(2)))
    if not np.isfinite(got).all() or got.size != 1 or float(got.reshape(())) < 9:
        _fail(tried, "a large finite number, 16 to 40 with the usual distances", _show(got), clip)
    _passed("binary_cross_entropy", 3)


def check_chain_rule(dl_dp, dp_dh, dh_dw):
    """Visible check of question `chain_rule`."""
    half = "exactly half: the derivative of (y - p)**2 carries a factor 2, which later slides lose (misprint E3)."
    sign = "the size is right, the sign is not: the derivative is taken for p, which stands behind a minus."
    for y, p, right in ((1.0, 0.75, -0.5), (0.0, 0.25, 0.5)):
        tried = f"dl_dp({y:g}, {p})"
        got = _call_kept(tried, dl_dp, y, p)
        _expect(tried, got, right, [(right / 2, half), (-right, sign), (-right / 2, half)])
    tried = "dp_dh(0.25)"
    twice = "dp_dh receives p, the sigmoid's value, not h: do not apply the sigmoid again."
    slope = "the slope is not p alone: it needs the factor 1 - p too."
    _expect(tried, _call_kept(tried, dp_dh, 0.25), 0.1875, [(0.2461341, twice), (0.25, slope)])
    tried = "dh_dw([2, -3, 0.5])"
    got = _call_kept(tried, dh_dw, np.array([2.0, -3.0, 0.5]))
    _expect(tried, got, [2.0, -3.0, 0.5], [([4.0, 9.0, 0.25], "one factor x is enough: h is linear in w.")])
    _passed("chain_rule", 4)


def check_perceptron_gradient(perceptron_gradient):
    """Visible check of question `perceptron_gradient`."""
    cases = (
        ([1.0, 2.0, -3.0], 0.0, [0.5, -0.25, 0.1], 0.2, 0.2369176, 0.4750208),
        ([0.5, -2.0], 1.0, [0.7, -0.4], 0.25, -0.0627809, -0.1824255),
    )
    for x, y, w, b, dh, error in cases:
        tried = f"perceptron_gradient(x={x}, y={y:g}, w={w}, b={b})"
        got = _call_kept(tried, perceptron_gradient, np.array(x), y, np.array(w), b)
        if not isinstance(got, dict) or not {"dw", "db"} <= set(got):
            _fail(tried, "a dict with the keys 'dw' and 'db'", _show(got))
        # One number times x: so each slip shows the same way in dw and in db.
        slips = (
            (dh / 2, "exactly half: the factor 2 of dl_dp is missing (misprint E3)."),
            (-dh, "the size is right, the sign is not: dl_dp is 2 (p - y)."),
            (2 * error, "the factor p (1 - p) is missing."),
            (
                error,
                "(p - y) x belongs to the cross-entropy of the recap slide; here the loss is (y - p)**2 (see E20).",
            ),
        )
        no_x = [(np.full(len(x), dh), "the last factor is missing: dh/dw is x.")]
        _expect(f"'dw' of {tried}", got["dw"], dh * np.array(x), [(s * np.array(x), hint) for s, hint in slips] + no_x)
        bias = [(dh * x[0], "the bias has no input: its last factor is 1.")]
        _expect(f"'db' of {tried}", got["db"], dh, list(slips) + bias)
    _passed("perceptron_gradient", 4)


def check_numerical_gradient(numerical_gradient):
    """Visible check of question `numerical_gradient`."""

    def cubes(theta):
        if np.shape(theta) != (3,):
            raise ValueError(f"f was called with an array of shape {np.shape(theta)}; theta has shape (3,)")
        return np.sum(np.asarray(theta) ** 3)

    theta = np.array([1.0, 2.0, -1.0])
    tried = "numerical_gradient(f, theta) with f = the sum of theta**3 and theta = [1, 2, -1]"
    doubled = "twice too large: the two points lie 2 * eps apart."
    got = _call_kept(tried, numerical_gradient, cubes, theta)
    _expect(tried, got, [3.0, 12.0, 3.0], [([6.0, 24.0, 6.0], doubled), ([0.0, 0.0, 0.0], "theta never moved.")])

    tried = "numerical_gradient(f, theta, 0.5) with the same f and theta"
    known = [
        ([4.75, 15.25, 1.75], "that is the forward difference; step eps to both sides."),
        ([1.75, 9.25, 4.75], "that is the backward difference; step eps to both sides."),
        (
            [3.0, 12.0, 3.0],
            "use the eps that was handed over: with eps = 0.5 the answer is a little off, as it should be.",
        ),
    ]
    _expect(tried, _call_kept(tried, numerical_gradient, cubes, theta, 0.5), [3.25, 12.25, 3.25], known)

    weights = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])

    def squared_sum(theta):
        if np.shape(theta) != (2, 3):
            raise ValueError(f"f was called with an array of shape {np.shape(theta)}; theta has shape (2, 3)")
        return np.sum(weights * np.asarray(theta)) ** 2

    tried = "numerical_gradient(f, theta, 0.5) with a theta of shape (2, 3)"
    got = _call_kept(tried, numerical_gradient, squared_sum, np.array([[1.0, -1.0, 2.0], [0.5, 1.0, -1.0]]), 0.5)
    put_back = "put each entry back before you move the next one."
    _expect(tried, got, 12 * weights, [([[12.0, 22.0, 27.0], [24.0, 10.0, -18.0]], put_back)])

    tried = "numerical_gradient(f, theta) with f = half the sum of theta**3 and an INTEGER theta = [1, 2, -1]"
    whole = "an integer array cannot hold 1.00001: make a float copy of theta, and a float array for the gradient."
    got = _call_kept(tried, numerical_gradient, lambda t: 0.5 * cubes(t), np.array([1, 2, -1]))
    _expect_close(tried, got, [1.5, 6.0, 1.5], whole)
    _passed("numerical_gradient", 4)


def check_train_perceptron(train_perceptron):
    """Visible check of question `train_perceptron`."""
    names = ("w", "b", "history")
    tried = "train_perceptron on OR from w0 = (1, -1), b0 = -0.5, lr = 1, one iteration"
    w, b, _ = _parts(tried, _call_kept(tried, train_perceptron, _X, _OR, _W, _B, 1.0, 1), names)
    known = [
        ([1.2350037, -0.7317814], "half a step: is the factor 2 of the derivative there (misprint E3)?"),
        ([1.1175019, -0.8658907], "a quarter of a step: the loss is the SUM over the observations, not their mean."),
        ([0.5299926, -1.5364372], "that goes uphill: subtract the gradient."),
        ([1.4058702, -0.5409672], "you update after each observation; sum the gradients of all four, then step once."),
        ([2.0, 0.4400338], "that is the gradient of the cross-entropy; here the loss is (y - p)**2."),
        ([3.0, 1.8800676], "the factor p (1 - p) is missing."),
        ([1.0, -1.0], "nothing moved in one iteration."),
    ]
    _expect(f"w of {tried}", w, [1.4700074, -0.4635628], known)
    late = "b used predictions made with the new w: compute both gradients first, then update both."
    _expect(f"b of {tried}", b, 0.0364372, [(-0.1020274, late)])

    tried = "train_perceptron on OR, same start, lr = 0.5, three iterations"
    w, b, history = _parts(tried, _call_kept(tried, train_perceptron, _X, _OR, _W, _B, 0.5, 3), names)
    ignored = "that is lr = 1. One slide forgets the learning rate (misprint E19): the step is lr times the gradient."
    _expect(f"w of {tried}", w, [1.4882591, -0.2732449], [([1.6921210, 0.1916980], ignored)])
    _expect(f"b of {tried}", b, 0.0810556)
    losses = [1.3409576, 0.9786688, 0.7619956, 0.6467003]
    history = np.ravel(_numbers(f"history of {tried}", history))
    if history.size not in (3, 4):
        _fail(f"history of {tried}", "3 or 4 losses: one an iteration, with or without the start", f"{history.size}")
    accepted = [losses[:3], losses[1:]] if history.size == 3 else [losses]
    if not any(np.allclose(history, each, rtol=1e-4) for each in accepted):
        means = any(np.allclose(4 * history, each, rtol=1e-4) for each in accepted)
        hint = "those are means; history records the SUM of squared errors." if means else ""
        _fail(f"history of {tried}", _show(np.array(accepted[0])), _show(history), hint)
    _passed("train_perceptron", 5)


# ---------------------------------------------------------------------------------------------------
# Notebook 2: the multilayer perceptron and backpropagation
# ---------------------------------------------------------------------------------------------------


def _matches(got, expected):
    """Whether `got` holds these numbers, at any shape: used to recognise a usual mistake and name it."""
    try:
        got_array, expected_array = np.asarray(got, dtype=float).ravel(), np.asarray(expected, dtype=float).ravel()
    except (TypeError, ValueError):
        return False
    return got_array.size == expected_array.size and np.allclose(got_array, expected_array, rtol=1e-3, atol=1e-6)


def _hint_for(got, mistakes, otherwise=""):
    """The hint of the first mistake whose numbers came back."""
    return next((hint for numbers, hint in mistakes if _matches(got, numbers)), otherwise)


def _answer(tried, function, *args):
    """Call, and insist on an answer and on inputs that are still what they were."""
    before = [_copy(arg) for arg in args]
    answer = _call(tried, function, *args)
    if answer is None:
        _fail(tried, "an answer", "None", "does your function end with `return ...`?")
    if not all(_unchanged(old, new) for old, new in zip(before, args, strict=True)):
        hint = "`a -= b` and `a[...] = b` write into the caller's array; `a = a - b` makes a new one"
        _fail(tried, "inputs that are unchanged afterwards", "an input that your function changed", hint)
    return answer


def _copy(value):
    """A copy of an input: an array, a number, or a dict of them."""
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else np.array(value)


def _unchanged(before, after):
    """Whether an input still holds what it held."""
    if isinstance(after, dict):
        return before.keys() == after.keys() and all(_unchanged(before[key], after[key]) for key in before)
    return np.array_equal(before, after)


def _entries(tried, answer, keys):
    """The entries of a returned dict, in the order of `keys`."""
    if not isinstance(answer, dict):
        _fail(tried, f"a dict with the keys {list(keys)}", _show(answer))
    missing = [key for key in keys if key not in answer]
    if missing:
        _fail(tried, f"a dict with the keys {list(keys)}", f"the keys {list(answer)}", f"missing: {missing}")
    return [answer[key] for key in keys]


def _two(tried, answer, names):
    """The two things of a `return a, b`."""
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        _fail(tried, f"two things, as in `return {names}`", _show(answer))
    return answer


def check_hidden_unit(hidden_unit):
    """Notebook 2, question hidden_unit."""
    tried = "hidden_unit(x1=1.5, x2=-2, w1=0.5, w2=0.2, b=0.1)"
    got = _answer(tried, hidden_unit, 1.5, -2.0, 0.5, 0.2, 0.1)
    mistakes = [
        (0.45, "this is the weighted sum z; the unit's output is h = sigmoid(z) (erratum E6)"),
        (0.648086, "this is the sigmoid of the sigmoid; it is needed once (erratum E6)"),
        (0.389361, "this is sigmoid(-z): mind the sign inside exp"),
        (0.586618, "did you forget b?"),
    ]
    _expect_close(tried, got, 0.6106392339, _hint_for(got, mistakes))
    tried = "hidden_unit(x1=0, x2=1, w1=3, w2=-1, b=0)"
    _expect_close(tried, _answer(tried, hidden_unit, 0.0, 1.0, 3.0, -1.0, 0.0), 0.2689414214)
    _passed("hidden_unit", 2)


def check_to_matrices(to_matrices):
    """Notebook 2, question to_matrices."""
    tried = "to_matrices with 'w11' = 11, 'w12' = 12, ..., 'w23' = 23 and 'b1' = 1, 'b2' = 2, 'b3' = 3"
    named = {"w11": 11.0, "w12": 12.0, "w13": 13.0, "w21": 21.0, "w22": 22.0, "w23": 23.0}
    named.update({"b1": 1.0, "b2": 2.0, "b3": 3.0})
    try:
        answer = _answer(tried, to_matrices, named)
    except CheckFailed as failure:
        if isinstance(failure.__cause__, KeyError):
            hint = "the matrix slide swaps the two indices (erratum E7); here 'w12' is input 1 to unit 2"
            raise CheckFailed(f"{failure}\n  hint:     {hint}") from None
        raise
    W, B = _two(tried, answer, "W, B")
    if np.shape(W) == (3, 2):
        _fail(tried, "W of shape (2, 3)", "W of shape (3, 2)", "one row for each input, one column for each unit")
    mistakes = [
        ([11, 21, 12, 22, 13, 23], "reshape keeps the order of reading; to swap rows and columns use .T (erratum E7)"),
        ([11, 13, 22, 12, 21, 23], "reshape keeps the order of reading; to swap rows and columns use .T (erratum E7)"),
    ]
    _expect_close(tried + ": W", W, [[11, 12, 13], [21, 22, 23]], _hint_for(W, mistakes))
    _expect_close(tried + ": B", B, [[1], [2], [3]], "B is a column: one row for each unit")
    tried = "to_matrices with the same entries in another order"
    W, B = _two(tried, _answer(tried, to_matrices, dict(reversed(list(named.items())))), "W, B")
    _expect_close(tried + ": W", W, [[11, 12, 13], [21, 22, 23]], "look the entries up by name, not by place")
    _expect_close(tried + ": B", B, [[1], [2], [3]], "look the entries up by name, not by place")
    _passed("to_matrices", 4)


def _three_units():
    """Two inputs, three hidden units: X, W, B, w_o, b_o."""
    X = np.array([[1.5], [-2.0]])
    W = np.array([[0.5, -0.3, 0.8], [0.2, 0.7, -0.6]])
    return X, W, np.array([[0.1], [-0.2], [0.3]]), np.array([[0.4], [-0.9], [0.6]]), 0.15


def _two_units():
    """Three inputs, two hidden units: X, W, B, w_o, b_o."""
    X = np.array([[1.0], [-2.0], [0.5]])
    W = np.array([[0.6, -0.4], [0.3, 0.8], [-1.0, 0.2]])
    return X, W, np.array([[0.2], [0.9]]), np.array([[-0.7], [1.2]]), -0.3


def check_mlp_forward(mlp_forward):
    """Notebook 2, question mlp_forward."""
    tried = "mlp_forward with 2 inputs and 3 hidden units"
    Z, H, o, p = _entries(tried, _answer(tried, mlp_forward, *_three_units()), ("Z", "H", "o", "p"))
    right_Z, right_H = [[0.45], [-2.05], [2.7]], [[0.6106392339], [0.1140523765], [0.9370266439]]
    mistakes = [
        ([1.45, 0.6, 2.55], "W.reshape(3, 2) only looks like a transpose; use W.T (erratum E7)"),
        (right_H, "these are the values after the sigmoid; Z comes before it (erratum E6)"),
        ([0.35, -1.85, 2.4], "did you forget B?"),
    ]
    _expect_close(tried + ": Z", Z, right_Z, _hint_for(Z, mistakes, "Z = W^T X + B is a column, one row for each unit"))
    mistakes = [
        (right_Z, "this is Z again; H = sigmoid(Z) (erratum E6)"),
        ([0.648086, 0.528482, 0.718502], "the sigmoid was used twice; H = sigmoid(Z) (erratum E6)"),
    ]
    _expect_close(tried + ": H", H, right_H, _hint_for(H, mistakes, "H = sigmoid(Z), with the shape of Z"))
    mistakes = [
        (0.7038245368, "did you forget b_o?"),
        (3.795, "the output unit sums w_o times H, not w_o times Z (erratum E6)"),
        (3.645, "the output unit sums w_o times H, not w_o times Z (erratum E6)"),
    ]
    _expect_close(tried + ": o", o, 0.8538245368, _hint_for(o, mistakes, "o = b_o + sum of w_oj h_j is one number"))
    mistakes = [
        (0.8538245368, "this is o again; p = sigmoid(o)"),
        (right_H, "p = sigmoid(o) is one number, the output of the last unit"),
        (0.668496, "the sigmoid was used twice; p = sigmoid(o)"),
    ]
    _expect_close(tried + ": p", p, 0.7013688104, _hint_for(p, mistakes, "p = sigmoid(o)"))
    tried = "mlp_forward with 3 inputs and 2 hidden units"
    answer = _entries(tried, _answer(tried, mlp_forward, *_two_units()), ("Z", "H", "o", "p"))
    right = [[-0.3], [-1.0]], [[0.4255574832], [0.2689414214]], -0.2751605326, 0.4316406331
    for name, got, expected in zip(("Z", "H", "o", "p"), answer, right, strict=True):
        _expect_close(f"{tried}: {name}", got, expected, "the code must work for any number of inputs and units")
    _passed("mlp_forward", 8)


def check_mlp_backward(mlp_backward):
    """Notebook 2, question mlp_backward."""
    names = ("dw_o", "db_o", "dW", "dB")
    tried = "mlp_backward with 2 inputs, 3 hidden units and y = 1"
    X, W, B, w_o, b_o = _three_units()
    entries = _entries(tried, _answer(tried, mlp_backward, X, 1.0, W, B, w_o, b_o), names)
    answer = dict(zip(names, entries, strict=True))
    right = {
        "dw_o": np.array([[-0.0763891141], [-0.0142676062], [-0.1172191892]]),
        "db_o": -0.125096965,
        "dW": np.array([[-0.0178457535, 0.0170644754, -0.0066435197], [0.023794338, -0.0227526339, 0.0088580263]]),
        "dB": np.array([[-0.011897169], [0.011376317], [-0.0044290131]]),
    }
    sign = "the sign is turned round: the derivative of (y - p)^2 in p is 2 (p - y)"
    half = "exactly half of it: the square gives a factor 2 that the slide leaves out (erratum E3)"
    for name in ("dw_o", "db_o"):
        mistakes = [
            (right[name] / 2, half),
            (-right[name], sign),
            (-right[name] / 2, sign),
            (right[name] / 0.2094506027, "did you forget the factor p (1 - p)?"),
        ]
        got = answer[name]
        _expect_close(f"{tried}: {name}", got, right[name], _hint_for(got, mistakes))
    Z = np.array([[0.45], [-2.05], [2.7]])
    H = np.array([[0.6106392339], [0.1140523765], [0.9370266439]])
    path = "the path to w_1j runs through do/dh_j = w_oj, which the slide leaves out (erratum E4)"
    z_for_h = "the sigmoid's slope is h (1 - h), with h after the activation; you used Z (1 - Z) (erratum E6)"
    for name, as_row in (("dB", False), ("dW", True)):
        w, h, z = (column.T if as_row else column for column in (w_o, H, Z))
        mistakes = [
            (right[name] / (2 * w), "numeric / yours = 2 w_oj: " + path + ", and the square's 2 is missing (E3)"),
            (right[name] / w, path),
            (right[name] / 2, half),
            (-right[name], sign),
            (right[name] * z * (1 - z) / (h * (1 - h)), z_for_h),
            (right[name] / (h * (1 - h)), "did you forget the hidden unit's own slope h (1 - h)?"),
        ]
        hint = f"{name} has the shape of {name[1:]}"
        if as_row:
            mistakes.append((right[name].T, "the right numbers in the wrong places: dW[i, j] belongs to W[i, j]"))
        got = answer[name]
        _expect_close(f"{tried}: {name}", got, right[name], _hint_for(got, mistakes, hint))
    tried = "mlp_backward with 3 inputs, 2 hidden units and y = 0"
    X, W, B, w_o, b_o = _two_units()
    second = _entries(tried, _answer(tried, mlp_backward, X, 0.0, W, B, w_o, b_o), names)
    right_second = (
        [[0.0901272025], [0.0569580818]],
        0.2117862006,
        [[-0.0362410279, 0.0499676332], [0.0724820558, -0.0999352664], [-0.018120514, 0.0249838166]],
        [[-0.0362410279], [0.0499676332]],
    )
    for name, got, expected in zip(names, second, right_second, strict=True):
        _expect_close(f"{tried}: {name}", got, expected, "the code must work for any number of inputs and units")
    _passed("mlp_backward", 8)


def check_diagnose_slide(diagnose_slide):
    """Notebook 2, question diagnose_slide."""
    for output, hidden in ((2.0, [3.0, -1.0, 0.5]), (5.0, [-4.0, 0.25])):
        hidden = np.array(hidden)
        slide = {
            "dw_o": 0.1 * np.arange(1, hidden.size + 1)[:, None],
            "db_o": 0.4,
            "dW": np.outer([1.5, -0.5], 0.2 * np.arange(1, hidden.size + 1)),
            "dB": 0.2 * np.arange(1, hidden.size + 1)[:, None],
        }
        numeric = {
            "dw_o": output * slide["dw_o"],
            "db_o": output * slide["db_o"],
            "dW": hidden * slide["dW"],
            "dB": hidden[:, None] * slide["dB"],
        }
        tried = f"diagnose_slide, where numeric is {output:g} times slide in the output layer"
        tried += f" and {_show(hidden)} times in the {hidden.size} hidden units"
        answer = _answer(tried, diagnose_slide, numeric, slide)
        got_output, got_hidden = _entries(tried, answer, ("output", "hidden"))
        turned = "that is slide / numeric; it is asked the other way round"
        hint = _hint_for(got_output, [(1 / output, turned)], "one number, from the two gradients you are given")
        _expect_close(f"{tried}: 'output'", got_output, output, hint)
        mistakes = [
            (1 / hidden, turned),
            (np.abs(hidden), "keep the sign: a negative factor means that the slide walks the wrong way"),
            (hidden, f"the right numbers; the shape asked for is ({hidden.size},), try np.ravel"),
        ]
        _expect_close(f"{tried}: 'hidden'", got_hidden, hidden, _hint_for(got_hidden, mistakes))
    _passed("diagnose_slide", 4)


def check_train_mlp(train_mlp):
    """Notebook 2, question train_mlp."""
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])
    start = {
        "W": np.array([[0.7, -1.1, 0.3], [1.2, -0.7, -1.0]]),
        "B": np.array([[0.5], [0.1], [-0.7]]),
        "w_o": np.array([[-1.2], [0.7], [1.1]]),
        "b_o": 0.4,
    }
    after_one = {
        "w_o": np.array([[-1.1581996375], [0.6830523996], [1.1020591768]]),
        "b_o": 0.4193609677,
        "W": np.array([[0.6741170393, -1.0884174167, 0.3224005505], [1.1803158264, -0.6795586383, -0.9962282512]]),
        "B": np.array([[0.5047356434], [0.1063606787], [-0.7023119585]]),
    }
    tried = "train_mlp on XOR from the notebook's start, lr=0.8, n_iters=1"
    params, history = _two(tried, _answer(tried, train_mlp, X, y, start, 0.8, 1), "params, history")
    got_params = dict(zip(after_one, _entries(tried, params, after_one), strict=True))
    for name, expected in after_one.items():
        got = got_params[name]
        step = expected - start[name]
        mistakes = [
            (start[name], "nothing has moved yet"),
            (start[name] - step, "a step uphill: subtract lr times the gradient"),
            (start[name] + step / 4, "a step on the mean of the four errors; the question asks for their sum"),
            (start[name] + step / 0.8, "a step with lr = 1: multiply the gradient by lr"),
            (start[name] + step / 2, "half a step: is the factor 2 in mlp_backward (erratum E3)?"),
        ]
        hint = "add up the gradients of all four rows at the old parameters, then take one step"
        _expect_close(f"{tried}: {name}", got, expected, _hint_for(got, mistakes, hint))
    _losses(tried, history, 1, [1.0455895718])

    tried = "train_mlp on XOR from the notebook's start, lr=0.8, n_iters=3"
    params, history = _two(tried, _answer(tried, train_mlp, X, y, start, 0.8, 3), "params, history")
    (w_o,) = _entries(tried, params, ("w_o",))
    _expect_close(
        tried + ": w_o", w_o, [[-1.1169722478], [0.6388444902], [1.0947265507]], "repeat the step n_iters times"
    )
    _losses(tried, history, 3, [1.0455895718, 1.0406851505, 1.037350304])

    # By then XOR is learned. The notebook trains on; a check has to answer at once.
    tried = "train_mlp on XOR from the notebook's start, lr=0.8, n_iters=200"
    params, history = _two(tried, _answer(tried, train_mlp, X, y, start, 0.8, 200), "params, history")
    last = np.ravel(np.asarray(history, dtype=float))[-1]
    if not last < 0.3:
        _fail(tried, "a loss that falls to about 0.20", f"{last:.4f} at the end")
    _passed("train_mlp", 8)


def _losses(tried, history, n_iters, first):
    """One loss an iteration, taken before or after the step; one more, for the end, is welcome."""
    try:
        losses = np.asarray(history, dtype=float).ravel()
    except (TypeError, ValueError):
        _fail(tried, "history: a list of numbers", _show(history))
    if losses.size not in (n_iters, n_iters + 1):
        _fail(tried, f"{n_iters} losses in history ({n_iters + 1} are fine)", f"{losses.size}")
    after = [1.0406851505, 1.037350304, 1.0343436358][:n_iters]
    if losses.size == n_iters and np.allclose(losses, after, rtol=1e-4):
        return
    hint = "the mean came back; the loss here is the sum" if _matches(losses[:n_iters], np.array(first) / 4) else ""
    _expect_close(f"{tried}: history", losses[:n_iters], first, hint)


def check_softmax(softmax):
    """Notebook 2, question softmax."""
    right = np.array([0.0900305732, 0.2447284711, 0.6652409558])
    tried = "softmax([1, 2, 3])"
    got = _answer(tried, softmax, np.array([1.0, 2.0, 3.0]))
    mistakes = [
        ([1 / 6, 2 / 6, 3 / 6], "take exp of every logit before you divide by the sum"),
        ([0.731059, 0.880797, 0.952574], "these are sigmoids, one at a time; softmax shares one sum"),
    ]
    _expect_close(tried, got, right, _hint_for(got, mistakes))
    tried = "softmax([[1, 2, 3], [3, 3, 3]])"
    rows = np.array([[1.0, 2.0, 3.0], [3.0, 3.0, 3.0]])
    got = _answer(tried, softmax, rows)
    exp = np.exp(rows)
    mistakes = [
        (exp / exp.sum(axis=0), "each column sums to 1; each row should: axis=-1, with keepdims=True"),
        (exp / exp.sum(), "everything together sums to 1; each row should: axis=-1, with keepdims=True"),
    ]
    _expect_close(tried, got, [right, [1 / 3] * 3], _hint_for(got, mistakes, "each row sums to 1 by itself"))
    stable = "exp(1000) is too large for a float: take each row's largest logit off that row first"
    tried = "softmax([1000, 999, -1000])"
    with np.errstate(all="ignore"):
        got = _answer(tried, softmax, np.array([1000.0, 999.0, -1000.0]))
    _expect_close(tried, got, [0.7310585786, 0.2689414214, 0.0], stable)
    tried = "softmax([[1000, 1000], [-1000, -1000]])"
    with np.errstate(all="ignore"):
        got = _answer(tried, softmax, np.array([[1000.0, 1000.0], [-1000.0, -1000.0]]))
    _expect_close(tried, got, [[0.5, 0.5], [0.5, 0.5]], stable)
    _passed("softmax", 4)


def check_categorical_crossentropy(categorical_crossentropy):
    """Notebook 2, question categorical_crossentropy."""
    tried = "categorical_crossentropy for two observations whose true classes have P = 0.7 and 0.35"
    Y = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    P = np.array([[0.7, 0.2, 0.1], [0.05, 0.35, 0.6]])
    right = 0.7032485342
    got = _answer(tried, categorical_crossentropy, Y, P)
    mistakes = [
        (-right, "the minus is missing: -log P is made small, log P large (erratum E21)"),
        (2 * right, "this is the sum over the observations; take their mean"),
        (right / 3, "this is the mean over all entries of the matrix; divide by the number of rows only"),
        (right / np.log(2), "this is in base 2; np.log is the natural logarithm"),
        (right / np.log(10), "this is in base 10; np.log is the natural logarithm"),
        (1.3512925806, "this is the binary loss; here only log P of the true class enters"),
        (0.4337502839, "this is the most likely class of each row; take the true one, where Y is 1"),
    ]
    _expect_close(tried, got, right, _hint_for(got, mistakes))
    tried = "categorical_crossentropy([[0, 1, 0]], [[0.5, 0.5, 0]]), with probability 0 in a wrong class"
    with np.errstate(all="ignore"):
        got = _answer(tried, categorical_crossentropy, np.array([[0.0, 1.0, 0.0]]), np.array([[0.5, 0.5, 0.0]]))
    hint = "0 * log(0) is nan: clip P away from 0 first, or pick the true class before you take the log"
    _expect_close(tried, got, 0.6931471806, hint)
    _passed("categorical_crossentropy", 2)


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


def check_activation_loss(activation_loss):
    """Five rows, each a pair; only the first row is looked at closely."""
    rows = ("binary", "multiclass", "multilabel", "regression", "unit_regression")
    if not isinstance(activation_loss, dict):
        _fail("activation_loss", "a dict", f"{_show(activation_loss)} (type {type(activation_loss).__name__})")
    for row in rows:
        if row not in activation_loss:
            _fail("the keys of activation_loss", ", ".join(rows), ", ".join(map(str, activation_loss)))
        pair = activation_loss[row]
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            _fail(f"activation_loss[{row!r}]", "a pair (activation, loss)", _show(pair))
        if not isinstance(pair[1], str) or not (pair[0] is None or isinstance(pair[0], str)):
            _fail(f"activation_loss[{row!r}]", "two strings (or None, for no activation)", _show(pair))
    activation, loss = (str(part).lower() for part in activation_loss["binary"])
    if not ("sig" in activation or "logistic" in activation) or not ("b" in loss or "log" in loss):
        _fail(
            "activation_loss['binary']",
            "the first row of the slide: one probability, and the loss for one probability",
            _show(activation_loss["binary"]),
            "the order is (activation, loss)",
        )
    _passed("activation_loss", 3)


def check_preprocess_images(preprocess_images):
    """Two images of 2 x 3 pixels."""
    images = np.array([[[0, 51, 102], [153, 204, 255]], [[255, 0, 0], [0, 0, 51]]], dtype=np.uint8)
    tried = "preprocess_images(two uint8 images of 2 x 3 pixels)"
    got = _call(tried, preprocess_images, images.copy())
    expected = np.array([[0, 0.2, 0.4, 0.6, 0.8, 1], [1, 0, 0, 0, 0, 0.2]])
    _expect_close(tried, got, expected, "each image becomes one row; 255 becomes 1")
    tried = "preprocess_images(one image whose brightest pixel is 51)"
    got = _call(tried, preprocess_images, np.full((1, 2, 2), 51, dtype=np.uint8))
    _expect_close(tried, got, np.full((1, 4), 0.2), "divide by 255, not by the largest value that happens to be there")
    _passed("preprocess_images", 2)


def check_one_hot(one_hot):
    """The slide's 3, a few labels, and four classes."""
    for labels, n_classes in (([3], 10), ([1, 0, 2, 1], 10), ([1, 0, 2, 1], 4)):
        tried = f"one_hot(np.array({labels}), {n_classes})"
        expected = np.array([[float(column == label) for column in range(n_classes)] for label in labels])
        hint = "" if n_classes == 10 else "the number of columns is n_classes, whatever the labels are"
        got = _call(tried, one_hot, np.array(labels), n_classes)
        if np.shape(got) == (len(labels), n_classes - 1):
            hint = "'dummy coding' drops a column; the network needs one column for every class"
        _expect_close(tried, got, expected, hint)
    _expect_close("one_hot(np.array([3]))", _call("one_hot(np.array([3]))", one_hot, np.array([3])), np.eye(10)[[3]])
    _passed("one_hot", 4)


def _predict(model, rows):
    """Predict from rows of 784 numbers, as rows or as 28 x 28 images, whichever the model takes."""
    try:
        return np.asarray(model.predict(rows, verbose=0))
    except Exception as error:
        try:
            return np.asarray(model.predict(rows.reshape(-1, 28, 28), verbose=0))
        except Exception:
            raise CheckFailed(
                f"model.predict(4 rows of 784 numbers)\n  your model raised {type(error).__name__}: {str(error)[:300]}"
            ) from error


def check_build_model(build_model):
    """Sizes, rows that sum to 1, and the same numbers as relu and softmax in NumPy."""
    model = _call("build_model()", build_model)
    if not (hasattr(model, "predict") and hasattr(model, "get_weights")):
        _fail("build_model()", "a Keras model", f"{_show(model)} (is a `return` missing?)")
    rows = np.random.RandomState(0).uniform(size=(4, 784)).astype("float32")
    P = _predict(model, rows)
    if P.shape != (4, 10):
        _fail("the model's predictions for 4 images", "shape (4, 10)", f"shape {P.shape}")
    weights = model.get_weights()
    hint = "784 * 512 + 512 for the hidden layer, 512 * 10 + 10 for the output layer"
    count = sum(weight.size for weight in weights)
    if count != 407050:
        _fail("the number of weights and biases", 407050, count, hint)
    hint = "which activation turns 10 numbers into probabilities?"
    _expect_close("the sums of the 4 rows of predictions", P.sum(axis=1), np.ones(4), hint, rtol=1e-3)
    by_shape = {weight.shape: weight.astype(float) for weight in weights}
    if set(by_shape) == {(784, 512), (512,), (512, 10), (10,)}:
        differences = []
        for x in (rows, rows / 255):  # the second is for a model that scales its input itself
            H = np.maximum(x @ by_shape[784, 512] + by_shape[512,], 0)
            e = np.exp(H @ by_shape[512, 10] + by_shape[10,])
            expected = e / e.sum(axis=1, keepdims=True)
            differences.append(np.max(np.abs(P - expected)))
        if min(differences) > 1e-3:
            _fail(
                "the model's predictions, against NumPy with the model's own weights (relu, then softmax)",
                "the same probabilities to 0.001",
                f"a difference of {min(differences):.4f}",
                "look at the activation of the hidden layer",
            )
    if build_model() is model:
        _fail("build_model(), called once more", "another model", "the same one", "make the model inside the function")
    _passed("build_model", 5)


def check_n_params(n_params):
    """The lecture's network, a tiny one and a deeper one."""
    for sizes, expected in (([784, 512, 10], 407050), ([2, 3, 1], 13), ([4, 3, 2, 1], 26)):
        tried = f"n_params({sizes})"
        got = _call(tried, n_params, list(sizes))
        _expect_close(tried, got, expected, "a layer has n_in * n_out weights and n_out biases")
    _passed("n_params", 3)


def _small_model(n_hidden=8):
    """A small network of the lecture's kind, not compiled yet."""
    import keras

    hidden = [keras.layers.Dense(n_hidden, activation="relu")] if n_hidden else []
    return keras.Sequential([keras.Input((784,)), *hidden, keras.layers.Dense(10, activation="softmax")])


def check_compile_model(compile_model):
    """Compile a small network and look at its optimizer, loss and metric."""
    import keras

    model = _small_model()
    returned = _call("compile_model(model)", compile_model, model)
    model = returned if hasattr(returned, "compute_loss") else model
    if getattr(model, "optimizer", None) is None:
        _fail("compile_model(model)", "a compiled model", "a model that is not compiled", "call model.compile(...)")
    names = [kind.__name__ for kind in type(model.optimizer).__mro__]
    if "RMSprop" not in names:
        _fail("the optimizer", "RMSprop", names[0])
    Y = np.eye(10, dtype="float32")[[3, 7]]
    P = np.full((2, 10), 0.05, dtype="float32")
    P[0, 3], P[1, 7], P[1, 0] = 0.55, 0.3, 0.3
    y, p = keras.ops.convert_to_tensor(Y), keras.ops.convert_to_tensor(P)
    tried = "the loss of two rows that give 0.55 and 0.30 to the right digit"
    hint = "the labels are one-hot and softmax has already made probabilities of the outputs"
    loss = _call(tried, lambda: float(keras.ops.convert_to_numpy(model.compute_loss(y=y, y_pred=p))))
    _expect_close(tried, loss, -(np.log(0.55) + np.log(0.30)) / 2, hint)
    random = np.random.RandomState(0)
    x = random.uniform(size=(4, 784)).astype("float32")
    # Chance could make a network whose hidden units are all 0 on an image: then every digit has the same probability.
    model.set_weights([random.normal(0.0, 0.1, np.shape(weights)) for weights in model.get_weights()])
    ranked = np.argsort(model.predict(x, verbose=0), axis=1)
    digits = np.append(ranked[:3, -1], ranked[3, -2])  # the last image is really its second guess
    tried = "model.evaluate on 4 images of which 3 are recognised"
    found = _call(tried, lambda: model.evaluate(x, np.eye(10)[digits], verbose=0, return_dict=True))
    metrics = {name: float(value) for name, value in found.items() if name != "loss"}
    if not any(abs(value - 0.75) < 1e-4 for value in metrics.values()):
        _fail(tried, "an accuracy of 0.75", metrics or "no metric", "metrics is a list")
    _passed("compile_model", 3)


def check_train_model(train_model, updates_per_epoch):
    """Fit 20 examples for 2 epochs in batches of 8, and count updates."""
    import keras

    tried = "updates_per_epoch(60000, 128)"
    hint = "60000 / 128 is 468.75: the last batch is smaller, but it is a batch"
    _expect_close(tried, _call(tried, updates_per_epoch, 60000, 128), 469, hint)
    tried = "updates_per_epoch(64, 32)"
    _expect_close(tried, _call(tried, updates_per_epoch, 64, 32), 2)

    model = _small_model(n_hidden=0)
    model.compile(keras.optimizers.SGD(0.01), "categorical_crossentropy", metrics=["accuracy"])
    before = model.get_weights()[0]
    random = np.random.RandomState(0)
    X, Y = random.uniform(size=(20, 784)), np.eye(10)[random.randint(10, size=20)]
    tried = "train_model(model, X, Y, epochs=2, batch_size=8) with 20 examples"
    returned = _call(tried, lambda: train_model(model, X, Y, epochs=2, batch_size=8))
    if np.array_equal(before, model.get_weights()[0]):
        _fail(tried, "new weights in the model", "the weights it had before", "call model.fit(...)")
    history = getattr(returned, "history", returned)
    if not isinstance(history, dict) or "loss" not in history:
        _fail(tried, "the History that model.fit returns", f"{_show(returned)} (is a `return` missing?)")
    if len(history["loss"]) != 2:
        _fail(tried, "one loss for each of the 2 epochs", f"{len(history['loss'])} losses", "pass `epochs` on to fit")
    if not any(name.startswith("val_") for name in history):  # a validation split makes fewer updates
        updates = int(model.optimizer.iterations)
        if updates != 6:
            _fail(tried, "6 updates (3 batches an epoch)", f"{updates} updates", "pass `batch_size` on to fit")
    _passed("train_model", 5)


def check_read_predictions(predict_digit, confusion_matrix):
    """Three rows of probabilities, and a table of four classes of which one never occurs."""
    P = np.full((3, 10), 0.05)
    P[0, 7], P[1, 0], P[2, 9] = 0.55, 0.55, 0.55
    tried = "predict_digit(3 rows that are largest in columns 7, 0 and 9)"
    _expect_close(tried, _call(tried, predict_digit, P), [7, 0, 9], "argmax, along which axis?")
    y, y_hat = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 0, 0, 2])
    tried = "confusion_matrix(y=[0 0 1 2 2 2], y_hat=[0 1 1 0 0 2], n_classes=4)"
    expected = np.array([[1, 1, 0, 0], [0, 1, 0, 0], [2, 0, 1, 0], [0, 0, 0, 0]])
    got = _call(tried, confusion_matrix, y, y_hat, 4)
    hint = "one row and one column for each of n_classes classes"
    if np.shape(got) == (4, 4):
        hint = "counts, not fractions"
        if np.allclose(np.asarray(got, dtype=float), expected.T):
            hint = "that is the transpose: rows are the true digits"
    _expect_close(tried, got, expected, hint)
    _passed("read_predictions", 2)
