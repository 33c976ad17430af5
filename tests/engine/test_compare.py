"""Comparison by value: which answers are right, which are wrong, and that a message gives no number away."""

from __future__ import annotations

import contextlib
import re
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.jail import Handle
from grader.judge import WrongAnswer, describe, same
from grader.judge.compare import ATOL, RTOL, shorten

VECTOR = np.array([0.25, -1.75, 31.5])
MATRIX = np.array([[1.5, 2.5], [3.5, 4.5]])


def object_array(*values: Any) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


RIGHT = {
    "the same": (VECTOR, VECTOR),
    "list": ([0.25, -1.75, 31.5], VECTOR),
    "tuple": ((0.25, -1.75, 31.5), VECTOR),
    "list of 0-d arrays": ([np.array(0.25), np.array(-1.75), np.array(31.5)], VECTOR),
    "list of rows": ([np.array([1.5, 2.5]), [3.5, 4.5]], MATRIX),
    "float32": (VECTOR.astype(np.float32), VECTOR),
    "float16": (VECTOR.astype(np.float16), VECTOR),
    "big-endian": (VECTOR.astype(">f8"), VECTOR),
    "integers for floats": (np.array([1, 0, 2], dtype=np.uint8), np.array([1.0, 0.0, 2.0])),
    "truth values for 0 and 1": (np.array([True, False]), np.array([1.0, 0.0])),
    "list of truth values": ([True, False], np.array([1, 0])),
    "complex without imaginary part": (VECTOR.astype(complex), VECTOR),
    "scalar": (2.5, 2.5),
    "0-d": (np.array(2.5), 2.5),
    "(1,) for a scalar": (np.array([2.5]), 2.5),
    "(1, 1) for a scalar": (np.array([[2.5]]), 2.5),
    "[2.5] for a scalar": ([2.5], 2.5),
    "scalar for (1,)": (2.5, np.array([2.5])),
    "scalar for (1, 1)": (2.5, np.array([[2.5]])),
    "true for one": (True, 1.0),
    "integer for a float": (3, 3.0),
    "expected list": (VECTOR, [0.25, -1.75, 31.5]),
    "infinity where it is expected": (np.array([np.inf, 1.0]), np.array([np.inf, 1.0])),
    "empty": (np.zeros((0, 3)), np.zeros((0, 3))),
    "dict": ({"dw": [0.25, -1.75, 31.5], "db": [2.5]}, {"dw": VECTOR, "db": 2.5}),
    "dict with more keys": ({"dw": VECTOR, "db": 2.5, "loss": "low"}, {"dw": VECTOR, "db": 2.5}),
    "nested dict": ({"a": {"b": [2.5]}}, {"a": {"b": 2.5}}),
    "tuple of results": ((VECTOR, 2.5), (VECTOR, 2.5)),
    "list of results": ([VECTOR, 2.5], (VECTOR, 2.5)),
    "results stacked in an array": (np.stack([VECTOR, VECTOR]), (VECTOR, VECTOR)),
    "set": ({(3, "p"), (3, "y_hat")}, {(3, "p"), (3, "y_hat")}),
    "list for a set": ([[3, "p"], (3, "y_hat"), (3, "p")], {(3, "p"), (3, "y_hat")}),
    "floats in a set": ({1.0, 2.0}, {1, 2}),
    "array for a set": (np.array([1, 2]), {1, 2}),
    "text": ("relu", "relu"),
    "text in a 0-d array": (np.array("relu"), "relu"),
    "None": (None, None),
}

WRONG = {
    "None": (None, VECTOR),
    "None for a scalar": (None, 2.5),
    "None for a dict": (None, {"dw": VECTOR}),
    "text": ("0.25", 0.25),
    "list of numeric text": (["0.25", "-1.75", "31.5"], VECTOR),
    "array of numeric text": (np.array(["0.25", "-1.75", "31.5"]), VECTOR),
    "numbers and text": ([0.25, "-1.75", 31.5], VECTOR),
    "bytes": (np.array([b"0.25", b"-1.75", b"31.5"]), VECTOR),
    "ragged": ([[0.25], [-1.75, 31.5]], VECTOR),
    "ragged arrays": ([np.zeros(2), np.zeros(3)], np.zeros((2, 3))),
    "None inside": ([0.25, None, 31.5], VECTOR),
    "object array": (object_array(0.25, None, 31.5), VECTOR),
    "dict for an array": ({0: 0.25, 1: -1.75, 2: 31.5}, VECTOR),
    "set for an array": ({0.25, -1.75, 31.5}, VECTOR),
    "handle": (Handle(1, "Sequential"), VECTOR),
    "handle inside": ([Handle(1, "function"), 1.0, 2.0], VECTOR),
    "handle for a set": (Handle(1, "generator"), {1, 2}),
    "huge integer": (10**400, 2.5),
    "NaN": (np.array([0.25, np.nan, 31.5]), VECTOR),
    "all NaN": (np.full(3, np.nan), VECTOR),
    "NaN for NaN": (np.array([np.nan]), np.array([np.nan])),
    "infinity": (np.inf, 2.5),
    "the other infinity": (np.array([-np.inf, 1.0]), np.array([np.inf, 1.0])),
    "complex": (VECTOR + 1e-9j, VECTOR),
    "a column": (VECTOR.reshape(3, 1), VECTOR),
    "a row": (VECTOR.reshape(1, 3), VECTOR),
    "a scalar for an array": (0.25, VECTOR),
    "transposed": (MATRIX.T, MATRIX),
    "flat": (MATRIX.ravel(), MATRIX),
    "too short": (VECTOR[:2], VECTOR),
    "empty for a scalar": (np.zeros(0), 2.5),
    "an array for a scalar": (np.full(3, 2.5), 2.5),
    "empty of another shape": (np.zeros((3, 0)), np.zeros((0, 3))),
    "missing key": ({"dw": VECTOR}, {"dw": VECTOR, "db": 2.5}),
    "wrong under a key": ({"dw": VECTOR, "db": 2.6}, {"dw": VECTOR, "db": 2.5}),
    "list for a dict": ([VECTOR, 2.5], {"dw": VECTOR, "db": 2.5}),
    "one result of two": (VECTOR, (VECTOR, 2.5)),
    "swapped results": ((2.5, VECTOR), (VECTOR, 2.5)),
    "three results of two": ((VECTOR, 2.5, 1.0), (VECTOR, 2.5)),
    "0-d for results": (np.array(2.5), (2.5, 2.5)),
    "another set": ({(3, "p")}, {(3, "p"), (3, "y_hat")}),
    "a larger set": ({(3, "p"), (3, "y_hat"), (2, "p")}, {(3, "p"), (3, "y_hat")}),
    "a number for a set": (3, {3}),
    "unhashable members": ([{"a": 1}], {1}),
    "arrays as members": ([np.eye(2)], {1}),
    "other text": ("tanh", "relu"),
    "an array for text": (np.array([1.0, 2.0]), "relu"),
    "an array of text for text": (np.array(["relu", "relu"]), "relu"),
    "an array for None": (np.array([1.0, 2.0]), None),
    "a number for None": (0, None),
}


@pytest.mark.parametrize(("got", "expected"), RIGHT.values(), ids=list(RIGHT))
def test_right(got: Any, expected: Any) -> None:
    same(got, expected)


@pytest.mark.parametrize(("got", "expected"), WRONG.values(), ids=list(WRONG))
def test_wrong(got: Any, expected: Any) -> None:
    with pytest.raises(WrongAnswer):
        same(got, expected)


@pytest.mark.parametrize("expected", [2.5, -31.5, 1e5, 0.02])
def test_tolerance_is_what_it_says(expected: float) -> None:
    edge = ATOL + RTOL * abs(expected)
    for sign in (1, -1):
        same(expected + sign * 0.99 * edge, expected)
        with pytest.raises(WrongAnswer):
            same(expected + sign * 1.01 * edge, expected)
    same(expected * 1.04, expected, rtol=0.05)
    with pytest.raises(WrongAnswer):
        same(expected * 1.04, expected, rtol=1e-3, atol=0)


def test_one_wrong_entry_of_many_is_wrong() -> None:
    expected = np.linspace(1, 2, 1000)
    got = expected.copy()
    got[617] += 0.01
    with pytest.raises(WrongAnswer, match="1 of 1000 values"):
        same(got, expected)


@pytest.mark.parametrize(("got", "expected"), WRONG.values(), ids=list(WRONG))
def test_messages_give_no_number_away(got: Any, expected: Any) -> None:
    with pytest.raises(WrongAnswer) as caught:
        same(got, expected, what="`answer` for a row")
    message = str(caught.value)
    assert message.startswith("`answer` for a row")
    # Shapes, counts and keys are for the student to see; values of either side are not.
    assert not re.search(r"\d\.\d|\d[eE][-+]?\d|\d{3,}", message)
    assert "tanh" not in message
    assert "relu" not in message
    assert "y_hat" not in message


def test_messages_tell_what_came() -> None:
    for got, words in (
        (None, "is a `return` missing?"),
        (np.zeros((2, 3)), r"expected shape \(3,\), got an array of shape \(2, 3\)"),
        (Handle(1, "function"), "a function"),
        ("text", "expected numbers, got text"),
        ([1.0, np.nan, 2.0], "NaN or infinity"),
    ):
        with pytest.raises(WrongAnswer, match=words):
            same(got, VECTOR)
    with pytest.raises(WrongAnswer, match="expected a single number"):
        same(VECTOR, 2.5)
    with pytest.raises(WrongAnswer, match="in 'db': the value is wrong"):
        same({"db": 1.0}, {"db": 2.0})
    with pytest.raises(WrongAnswer, match="no key 'db'"):
        same({}, {"db": 2.0})


def test_long_text_among_many_does_not_fill_the_memory() -> None:
    """NumPy would make every text of a list as wide as the widest."""
    with pytest.raises(WrongAnswer):
        same(["x" * 10_000_000, *["y"] * 100_000], VECTOR)


answers = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(max_size=5)
    | st.just(Handle(1, "function"))
    | st.sampled_from([np.zeros(2), np.array("relu"), np.array([b"a", b"b"]), np.zeros((0, 2)), np.array([True])]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from(["a", "b", 1, None]), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(answers, st.sampled_from([2.5, VECTOR, MATRIX, {"a": 1.5}, (1.5, VECTOR), {1, (2, "a")}, "relu", None]))
def test_any_answer_is_right_or_wrong(got: Any, expected: Any) -> None:
    """Whatever comes, nothing but WrongAnswer is raised, and evidence can be written of it."""
    with contextlib.suppress(WrongAnswer):
        same(got, expected)
    describe(got)
    assert len(shorten(got)) <= 600


def test_a_set_is_not_made_of_a_list_without_end() -> None:
    """Whole numbers that differ by a multiple of 2**61 - 1 have one hash, and each is compared with all others."""
    started = time.process_time()
    with pytest.raises(WrongAnswer, match="expected a set, got a list of 300000"):
        same([k * (2**61 - 1) for k in range(300_000)], {1, 2})
    with pytest.raises(WrongAnswer, match="expected a set, got an array"):
        same(np.arange(300_000) * 2**40, {1, 2})
    assert time.process_time() - started < 5
    assert len(shorten({str(n): 0 for n in range(100_000)})) < 600
    assert len(shorten("x" * 10**7)) == 600


def test_a_set_is_written_in_the_same_order_by_every_process() -> None:
    members = [(3, name) for name in "hgfedcba"]
    assert shorten(set(members)) == "{" + ", ".join(repr(member) for member in reversed(members)) + "}"
    assert shorten(frozenset("ba")) == "{'a', 'b'}"
    assert shorten(set()) == "set()"
