"""Comparison by value, in our own NumPy, of plain data that came out of the jail.

Never by type, dtype or `==`: a list, a float32 array, a 0-d array, or `(1, 1)` where a scalar is asked are right when
their numbers are.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np

from grader.jail import Handle
from grader.jail.wire import MAX_MEMBERS

RTOL = 1e-4
ATOL = 1e-6
_SMALL = 100

# What the judge sees for itself, in any question; a question's library says whether and how it is told.
CHANGED_INPUT = "input changed in place"
KEY_MISSING = "a key missing from the dict"


class WrongAnswer(AssertionError):
    """A judged answer is wrong; the message is for the student and gives no hidden number away.

    A suite that sees for itself which idea is behind it, as in a Keras model's behaviour, gives the name of one of
    its misconceptions.
    """

    def __init__(self, message: str, misconception: str = "") -> None:
        super().__init__(message)
        self.misconception = misconception


def describe(value: Any) -> str:
    """A kind of value in words a student knows, without its contents."""
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, Handle):
        return f"a {value.type_name}"
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "US":
            return f"text in an array of shape {value.shape}"
        return f"an array of shape {value.shape}"
    if isinstance(value, (bool, int, float)):
        return "a single number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (list, tuple, set, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"


def shorten(value: Any, limit: int = 600) -> str:
    """A value with its contents, for the instructor's evidence."""
    if isinstance(value, np.ndarray):
        text = _array_text(value)
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{key!r}: {shorten(item, limit)}" for key, item in islice(value.items(), 20)) + "}"
    elif isinstance(value, (list, tuple)):
        text = type(value).__name__ + "(" + ", ".join(shorten(item, limit) for item in value[:20]) + ")"
    elif isinstance(value, (set, frozenset)) and value:
        # In an order of its own: Python's is another one in every process.
        text = "{" + ", ".join(sorted(map(repr, value))) + "}"
    else:
        text = repr(value[: limit + 1] if isinstance(value, str) else value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _array_text(array: np.ndarray[Any, Any]) -> str:
    if array.size > _SMALL or array.dtype.kind not in "biuf":
        return _printed(array)
    return _printed_before(array.dtype.str, array.shape, array.tobytes())


def _printed(array: np.ndarray[Any, Any]) -> str:
    return np.array2string(array, precision=8, threshold=40, separator=", ") + f" {array.dtype}{array.shape}"


@lru_cache(maxsize=2000)
def _printed_before(dtype: str, shape: tuple[int, ...], content: bytes) -> str:
    """An array as text. That takes longer than most calls, and fixed probes are the same for every student."""
    return _printed(np.frombuffer(content, dtype).reshape(shape))


def _only_numbers(value: Any) -> bool:
    """False when a list holds anything else: NumPy would make every text in it as wide as the widest."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, (list, tuple)):
            stack.extend(item)
        elif isinstance(item, np.ndarray):
            if item.dtype.kind not in "biufc":
                return False
        elif not isinstance(item, (bool, int, float, complex, np.number, np.bool_)):
            return False
    return True


def _numbers(got: Any, where: str) -> np.ndarray[Any, Any]:
    try:
        array = np.asarray(got if _only_numbers(got) else None)
    except (ValueError, TypeError):
        array = np.asarray(None)
    if array.dtype.kind not in "biufc":
        raise WrongAnswer(f"{where}expected numbers, got {describe(got)}")
    if array.dtype.kind == "c":
        if np.any(array.imag != 0):
            raise WrongAnswer(f"{where}expected real numbers, got complex ones")
        array = array.real
    return array.astype(np.float64)


def _same_numbers(got: Any, expected: np.ndarray[Any, Any], rtol: float, atol: float, where: str) -> None:
    array = _numbers(got, where)
    if array.shape != expected.shape:
        if array.size != 1 or expected.size != 1:
            asked = "a single number" if expected.ndim == 0 else f"shape {expected.shape}"
            raise WrongAnswer(f"{where}expected {asked}, got {describe(array if array.ndim else got)}")
        array = array.reshape(expected.shape)
    finite = np.isfinite(array)
    if not finite.all() and np.isfinite(expected).all():
        raise WrongAnswer(f"{where}the answer holds NaN or infinity")
    wrong = ~np.isclose(array, expected, rtol=rtol, atol=atol)
    if wrong.any():
        if expected.size == 1:
            raise WrongAnswer(f"{where}the value is wrong")
        raise WrongAnswer(f"{where}{int(wrong.sum())} of {expected.size} values are wrong")


def _members(value: Any) -> set[Any] | None:
    """The members of a set, or of a sequence that stands for one; None when it is neither, or too long for a set."""
    if isinstance(value, np.ndarray):
        value = value.tolist() if value.size <= MAX_MEMBERS else None
    # Numbers can be chosen so that a set of them takes hours to build.
    if not isinstance(value, (set, list, tuple)) or len(value) > MAX_MEMBERS:
        return None
    members = set()
    for item in value:
        if isinstance(item, np.ndarray):
            item = item.tolist()
        try:
            members.add(tuple(item) if isinstance(item, (list, tuple)) else item)
        except TypeError:
            return None
    return members


def same(got: Any, expected: Any, rtol: float = RTOL, atol: float = ATOL, what: str = "") -> None:
    """Raise WrongAnswer unless `got` equals `expected` by value.

    Arrays need equal shapes, except that anything of size one stands for a scalar. A dict needs at least the
    expected keys; a tuple may come as a list or as an array with as many rows. NaN, text and objects are wrong
    where numbers are asked. `what` names the situation, for the message.
    """
    where = f"{what}: " if what else ""
    if isinstance(got, Handle):
        raise WrongAnswer(f"{where}expected plain data, got {describe(got)}")
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            raise WrongAnswer(
                f"{where}expected a dict with the keys {', '.join(map(repr, expected))}, got {describe(got)}"
            )
        missing = [key for key in expected if key not in got]
        if missing:
            raise WrongAnswer(f"{where}the dict has no key {', '.join(map(repr, missing))}", KEY_MISSING)
        for key, value in expected.items():
            same(got[key], value, rtol, atol, f"{where}in {key!r}")
    elif isinstance(expected, tuple):
        several = isinstance(got, (list, tuple)) or (isinstance(got, np.ndarray) and got.ndim)
        if not several or len(got) != len(expected):
            raise WrongAnswer(f"{where}expected {len(expected)} results, got {describe(got)}")
        for number, (part, value) in enumerate(zip(got, expected, strict=True), start=1):
            same(part, value, rtol, atol, f"{where}in result {number}")
    elif isinstance(expected, set):
        members = _members(got)
        if members is None:
            raise WrongAnswer(f"{where}expected a set, got {describe(got)}")
        if members != expected:
            raise WrongAnswer(f"{where}the set is not the right one")
    elif expected is None or isinstance(expected, str):
        plain = got.item() if isinstance(got, np.ndarray) and got.size == 1 else got
        if type(plain) is not type(expected) or plain != expected:
            raise WrongAnswer(f"{where}the answer is not the right one")
    else:
        _same_numbers(got, np.asarray(expected, dtype=np.float64), rtol, atol, where)
