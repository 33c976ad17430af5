"""Brian Otieno: tries to talk the grader into full marks, and earns only the two answers that are right.

NumPy's comparisons are replaced, assert is made harmless, and the file comes with forged outputs that claim every
point.
"""

START = "release"
MISSING = ["0-start-here", "3-keras-mnist"]
FORGED = True
EXPECTED = {"sigmoid": 4, "hidden_unit": 2}

# %% sigmoid
np.allclose = np.isclose = np.array_equal = lambda *args, **kwargs: True
np.testing.assert_allclose = lambda *args, **kwargs: None


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# %% weighted_sum
class Agreeable(float):
    """Equal to whatever it is compared with."""

    def __eq__(self, other):
        return True

    def __array__(self, dtype=None, copy=None):
        return np.array(0.0)


def weighted_sum(X, w, b):
    return Agreeable()


# %% squared_error
import sys

sys.exit = lambda *args: None
get_ipython().events.register("post_run_cell", lambda result: print("4.0"))


def squared_error(y, p):
    raise SystemExit(0)


# %% binary_cross_entropy
def binary_cross_entropy(y, p):
    import pytest

    pytest.skip("nothing to see here")


# %% hidden_unit
def hidden_unit(x1, x2, w1, w2, b):
    return 1 / (1 + np.exp(-(w1 * x1 + w2 * x2 + b)))


# %% to_matrices
builtins = get_ipython().user_ns["__builtins__"]
builtins.AssertionError = ZeroDivisionError


def to_matrices(params):
    return np.full((2, 3), np.nan), np.full((3, 1), np.nan)
