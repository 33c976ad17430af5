"""Messages for the wire's decoder: real ones with something in them changed, and texts that never were one."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

import numpy as np

from grader.jail import wire
from grader.jail.wire import Handle, WireError
from grader.judge import WrongAnswer, describe, same
from grader.judge.compare import shorten
from tests.fuzz import trees
from tests.support.plain_data import equal

EXPECTED = (0.5, np.zeros((2, 3)), {"W": np.zeros(2), "b": 0.5}, (0.5, np.zeros(2)), {1, 2}, None, "relu")
"""What suites compare with, of every kind."""


def _real() -> list[Any]:
    """What the judge sends and what notebooks answer, as trees of JSON."""
    weights = {"W1": np.arange(6.0).reshape(2, 3), "b1": np.zeros(3, np.float32), "name": "relu"}
    values = [
        {"do": "call", "target": "f", "args": [np.array([1.0, 2.0]), 0.5, [1, 2]], "kwargs": {"rate": 0.1}},
        {"value": np.arange(6.0).reshape(2, 3), "digests": ["1 in order", "ab" * 32]},
        {"failed": "raised", "type": "ValueError", "message": "caf\u00e9", "frames": [[3, "f", "    return 1 / 0"]]},
        {"value": Handle(3, "Sequential"), "digests": []},
        {"value": (weights, [0.7, float("nan"), -0.0, None, True]), "digests": ["x"]},
        {"value": {1: "one", (2, "b"): [3], -1: {1, 2}}, "digests": []},
        {"value": [np.array(["ab", "c"]), np.array(True), np.array([b"x"]), np.array([1 + 2j]), np.zeros((0, 3))]},
        {"value": [[1.5, 2.5], [3.5, [4, {5, 6}]]], "digests": []},
        np.arange(24, dtype=np.int16).reshape(2, 3, 4),
        "text \u20ac \U0001f600",
        [frozenset({1, (2, 3)}), {"a": {"b": {"c": ()}}}],
    ]
    return [json.loads(wire.dumps(value)) for value in values]


REAL = _real()
ODD: list[Any] = [
    None, True, 0, 1, -1, 2, 1.0, 0.5, 2**31, 2**63, 2**64, -(2**63), 2**4095, 2**4096, 10**4200, 2**61 - 1, 1e308,
    float("nan"), float("inf"), "", "a", "\ud800", "\udfff", "\U0001f600", "\0", "l", "x" * 300, [], {}, [[]], [{}],
    "<f8", "<f4", "|b1", "<U1", "<U2", "<U0", "|S3", "<c8", ">f8", "|O", "<M8[s]", "|V8", "<U9999999", "<i8", "|i1",
    "AAAAAAAAAAA=", "AAAA", "AA==", "A", "=", "AA==AAAA", "AAAAAAAA AAA=", "////", "2AAA", "ANgAAA==", "_-_-",
    [0], [1], [2, 3], [0, 2**26], [2**26] * 3, [-1], [True], [1.0], [None], [1] * 17, [0, 0], [2**62, 2**62],
    {"l": []}, {"t": []}, {"s": []}, {"d": {}}, {"p": []}, {"h": [1, "x"]}, {"a": ["<f8", [1], "AAAAAAAAAAA="]},
    {"s": [{"s": []}]}, {"s": [{"a": ["<f8", [], "AAAAAAAAAAA="]}]}, {"p": [[{"l": [1]}, 2]]}, {"p": [[{"d": {}}, 2]]},
    {"p": [[1, 2], [True, 3], [1.0, 4]]}, {"a": ["|b1", [2], "Av8="]}, {"a": ["<U1", [1], "ANgAAA=="]},
    {"a": ["<U1", [1], "/////w=="]}, {"a": ["<f8", [0, 2**25], ""]}, {"a": ["<f8", [], ""]}, {"h": [True, "x"]},
    {"h": [2**5000, "x"]}, {"d": {"\ud800": 1}}, {"x": 1}, {"l": [], "t": []}, {"d": {"value": 1}},
    {"s": [k * (2**61 - 1) for k in range(30)]},
]  # fmt: skip
RAW = [
    "1e999", "-1e999", "1" * 5000, "0." + "1" * 500, "-0", "-0.0", "NaN", "-Infinity", '"\\ud800"', '"\\ud83d\\ude00"',
    '{"l":[],"l":[1]}', "[" * 50, "[" * 5000, '{"l":[' * 30, '{"d":{"a":' * 30, "]", "}", ",", ":", '"', "\\",
    "\ufeff", "\u00e9", "/*", "'", " ", "\n", "\0", "0x1", "01", "+1", ".5", "1.", "tru",
]  # fmt: skip

WRAPS = "ltsdpah"


def as_text(tree: Any) -> str:
    return json.dumps(tree, separators=(",", ":"))


def make(random: Random) -> str:
    """Mostly a real message with one to three changes in its tree or in its text."""
    kind = random.randint(0, 19)
    if kind == 0:
        return trees.text(random)
    if kind <= 3:
        return as_text(trees.tree(random, ODD, [*WRAPS, "value", ""]))
    if kind <= 6:
        sizes = [random.randint(0, 3) for _ in range(random.randint(0, 3))]
        shape = random.choice([sizes, random.choice(ODD)])
        return as_text({"a": [random.choice(ODD), shape, random.choice(ODD)]})
    found = random.choice(REAL)
    if kind <= 16:
        found = trees.changed_tree(random, found, ODD, WRAPS)
    text = as_text(found)
    return trees.changed_text(random, text, RAW) if kind >= 15 else text


def check(text: str) -> str:
    """Decode one message: plain data that stays itself and that the judge can handle, or a WireError.

    Returns "passed" or "refused".
    """
    check_unpack(text.encode("utf-8", "surrogatepass"))
    try:
        value = wire.loads(text)
    except WireError:
        return "refused"
    size = plain_size(value)
    assert size <= 4 * len(text) + 100, f"{size} bytes out of a message of {len(text)}"
    assert equal(value, wire.loads(wire.dumps(value))), "what came out changes on its way there and back"
    shorten(value).encode("utf-8")
    describe(value)
    for expected in EXPECTED:
        try:
            same(value, expected)
        except WrongAnswer as wrong:
            str(wrong).encode("utf-8")
    return "passed"


def check_unpack(raw: bytes) -> None:
    """Read a kernel's message: JSON that a notebook can hold, or a WireError."""
    try:
        found = wire.unpack(raw)
    except WireError:
        return
    json.dumps(copy.deepcopy(found), ensure_ascii=False).encode("utf-8")


def plain_size(value: Any, depth: int = 0) -> int:
    """How large a decoded value is, roughly; fails on what is not plain data."""
    assert depth < 100
    if isinstance(value, np.ndarray):
        assert type(value) is np.ndarray
        assert value.dtype.kind in "biufcUS"
        assert value.flags.writeable
        assert value.flags.c_contiguous
        value.tolist()
        return int(value.nbytes)
    if type(value) is dict:
        return sum(plain_size(k, depth + 1) + plain_size(v, depth + 1) for k, v in value.items())
    if type(value) in (list, tuple, set, frozenset):
        return sum(plain_size(item, depth + 1) for item in value)
    if type(value) is Handle:
        assert type(value.number) is int
        return plain_size(value.type_name)
    if type(value) is str:
        return len(value.encode("utf-8"))
    assert value is None or type(value) in (bool, int, float), f"{type(value).__name__} is not plain data"
    return value.bit_length() // 8 if type(value) is int else 8
