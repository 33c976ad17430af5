"""Helpers for Problem Set 1: the visible checks and the digits.

Every check function tries your answer on an example you can compute by hand, and says what it tried,
what it expected and what it got. Passing the visible checks is a good sign; your mark comes from further
checks that use other numbers.

This file is yours to read. It needs NumPy only.
"""

import numpy as np

__all__ = ["CheckFailed"]


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
