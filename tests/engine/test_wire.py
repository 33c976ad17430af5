"""The wire: what goes in comes out, and nothing but a WireError comes out of nonsense."""

from __future__ import annotations

import base64
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.jail import wire
from grader.jail.wire import Handle, WireError, dumps, loads
from tests.support.plain_data import equal

COMMON = settings(
    max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.builds(Handle, st.integers(0, 99), texts)
arrays = hnp.arrays(
    dtype=st.one_of(
        hnp.boolean_dtypes(),
        hnp.integer_dtypes(endianness="?"),
        hnp.unsigned_integer_dtypes(endianness="?"),
        hnp.floating_dtypes(endianness="?"),
        hnp.complex_number_dtypes(endianness="?"),
        hnp.unicode_string_dtypes(endianness="?", min_len=1, max_len=5),
        hnp.byte_string_dtypes(min_len=1, max_len=5),
    ),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
numpy_scalars = st.one_of(
    st.sampled_from([np.float16, np.longdouble, np.complex64, np.clongdouble, np.bool_]).flatmap(
        lambda kind: st.sampled_from([0, 1]).map(kind)
    ),
    st.binary(max_size=3).map(np.bytes_),
    st.text(max_size=3).map(np.str_),
    st.integers(0, 9).map(lambda day: np.datetime64(day, "D")),
    st.integers(0, 9).map(lambda number: np.timedelta64(number, "ns")),
)
hashables = st.booleans() | st.integers() | texts | st.tuples(st.integers(), texts)
values = st.recursive(
    scalars | arrays | st.sets(hashables, max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(texts, inner, max_size=4)
        | st.dictionaries(hashables, inner, max_size=4)
    ),
    max_leaves=12,
)


@COMMON
@given(values)
def test_plain_data_comes_back_as_it_was(value: Any) -> None:
    text = dumps(value)
    assert text.isascii()
    assert equal(value, loads(text))


strange_hashables = st.recursive(
    hashables | numpy_scalars | st.floats() | st.none() | st.builds(object) | st.builds(complex, st.floats()),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)
strange = st.recursive(
    values | numpy_scalars | st.text(max_size=5) | st.builds(object),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.sets(strange_hashables, max_size=3)
        | st.dictionaries(strange_hashables, inner, max_size=3)
        | st.lists(inner, max_size=3).map(lambda items: object_array(*items))
    ),
    max_leaves=8,
)


def object_array(*items: Any) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    for number, item in enumerate(items):
        array[number] = item
    return array


class HashableDict(dict):
    def __hash__(self) -> int:  # type: ignore[override]
        return 1


class HashableArray:
    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.zeros(2)


def check_that_it_can_be_read(value: Any) -> None:
    """What the encoder lets pass, the decoder takes: another message can only be a forged one."""
    try:
        text = dumps(value, keep=lambda thing: Handle(1, type(thing).__name__))
    except WireError:
        return
    loads(text)


@COMMON
@given(strange)
def test_whatever_is_written_can_be_read(value: Any) -> None:
    check_that_it_can_be_read(value)


STRANGE = {
    "complex number in a set": {np.complex64(1j)},
    "bytes as a key": {np.bytes_(b"x"): 1},
    "dict in a set": {HashableDict(a=1)},
    "dict as a key": {HashableDict(): 1},
    "tensor in a tuple in a set": {(HashableArray(), 1)},
    "many axes": np.zeros((1,) * 20),
    "an empty array with a large side": np.zeros((0, 2**27)),
    "text without width": np.zeros(2, dtype=[("a", "U0")])["a"],
    "bytes without width": np.zeros((2, 2), dtype=[("a", "S0")])["a"],
    "no characters": np.frombuffer(b"\xff" * 8, dtype="<U1"),
    "wide text": np.zeros(2, dtype="U9999999"),
    "wider text": np.zeros(1, dtype="S20000000"),
}


@pytest.mark.parametrize("value", STRANGE.values(), ids=list(STRANGE))
def test_strange_values_can_be_read_or_not_written(value: Any) -> None:
    check_that_it_can_be_read(value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(24).reshape(2, 3, 4)[::-1, ::2, 1:],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.broadcast_to(1.5, (3, 2)),
        np.zeros((0, 3)),
        np.array(2.5),
        np.arange(3, dtype=">i4"),
        np.array([np.nan, np.inf, -0.0]),
        np.frombuffer(b"\x01\x00\x02\x00\x03\x00", dtype="<u2")[1:],
    ],
    ids=["transposed", "strided", "fortran", "broadcast", "empty", "0-d", "big-endian", "special", "read-only"],
)
def test_layouts_of_arrays(array: np.ndarray) -> None:
    back = loads(dumps(array))
    assert equal(array, back)
    assert back.flags.writeable
    assert back.flags.c_contiguous


class LyingFloat(float):
    def __float__(self) -> float:
        return 99.0

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__

    def __repr__(self) -> str:
        return "99.0"


class LyingInt(int):
    def __int__(self) -> int:
        return 99

    def __index__(self) -> int:
        return 99

    def __repr__(self) -> str:
        return "99"


class LyingText(str):
    def __str__(self) -> str:
        return "another"

    def encode(self, *_: Any) -> bytes:
        return b"another"


class LyingList(list):
    def __iter__(self) -> Any:
        return iter([99])

    def __len__(self) -> int:
        return 1


class LyingTuple(tuple):
    def __iter__(self) -> Any:
        return iter([99])


class LyingSet(set):
    def __iter__(self) -> Any:
        return iter([99])


class LyingDict(dict):
    def items(self) -> Any:
        return {"right": 99}.items()

    def __iter__(self) -> Any:
        return iter(["right"])

    def __getitem__(self, key: str) -> int:
        return 99


class LyingArray(np.ndarray):
    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        return np.full(3, 99.0)

    def __array_finalize__(self, _: Any) -> None:
        pass

    def tobytes(self, *_: Any) -> bytes:
        return np.full(3, 99.0).tobytes()

    def astype(self, *_: Any, **__: Any) -> np.ndarray:
        return np.full(3, 99.0)

    def __array_function__(self, *_: Any) -> Any:
        return np.full(3, 99.0)


@pytest.mark.parametrize(
    ("liar", "truth"),
    [
        (LyingFloat(0.5), 0.5),
        (LyingInt(7), 7),
        (LyingText("mine"), "mine"),
        (LyingList([1, 2]), [1, 2]),
        (LyingTuple((1, 2)), (1, 2)),
        (LyingSet({1, 2}), {1, 2}),
        (LyingDict(wrong=1), {"wrong": 1}),
        (np.zeros(3).view(LyingArray), np.zeros(3)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_subclass_crosses_as_what_it_holds(liar: Any, truth: Any) -> None:
    """Not as what its methods say."""
    assert equal(truth, loads(dumps(liar)))
    assert equal([truth], loads(dumps([liar])))


def test_numpy_scalars_become_plain_ones() -> None:
    assert equal([0.5, 3, True, "a"], loads(dumps([np.float32(0.5), np.int8(3), np.bool_(True), np.str_("a")])))
    assert loads(dumps(np.longdouble(0.25))) == 0.25
    assert loads(dumps(np.clongdouble(1 + 2j))) == 1 + 2j


def test_object_arrays_cross_as_lists() -> None:
    ragged = np.empty(2, dtype=object)
    ragged[:] = [[1, 2], [3]]
    assert loads(dumps(ragged)) == [[1, 2], [3]]
    assert loads(dumps(np.array(None, dtype=object))) is None


def test_tensors_cross_by_value() -> None:
    class Tensor:
        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            return np.arange(3.0)

    assert equal(np.arange(3.0), loads(dumps(Tensor())))


def test_what_is_not_plain_data_needs_a_handle() -> None:
    dates, records = np.array(["2026-01-01"], dtype="M8[D]"), np.zeros(2, dtype="i4,f8")
    for thing in (object(), print, b"bytes", dates, records):
        with pytest.raises(WireError):
            dumps(thing)
        kept: list[Any] = []

        def keep(value: Any, kept: list[Any] = kept) -> Handle:
            kept.append(value)
            return Handle(len(kept), type(value).__name__)

        assert loads(dumps([thing], keep=keep)) == [Handle(1, type(thing).__name__)]
        assert len(kept) == 1


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def test_limits_of_the_encoder() -> None:
    endless: list[Any] = []
    endless.append(endless)
    endless_array = np.empty(1, dtype=object)
    endless_array[0] = endless_array
    too_large: list[Any] = [
        endless,
        endless_array,
        nested(wire.MAX_DEPTH + 2),
        10**2000,
        # Terabytes that take no memory as long as nobody copies them.
        np.broadcast_to(1.0, (10**6, 10**6)),
        [None] * (wire.MAX_PARTS + 1),
        "x" * (wire.MAX_BYTES + 1),
    ]
    for value in too_large:
        with pytest.raises(WireError):
            dumps(value)
    # Just inside the limits.
    assert loads(dumps(nested(wire.MAX_DEPTH - 1))) == nested(wire.MAX_DEPTH - 1)
    assert loads(dumps(2**4095)) == 2**4095


# ---- the decoder: only values or WireError, whatever comes


def decode(text: Any) -> Any:
    """Decode, letting nothing pass but a value or a WireError."""
    try:
        return loads(text)
    except WireError:
        return WireError


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from("ltsdpah") | st.text(max_size=2), inner, max_size=2)
        | st.tuples(st.sampled_from("ltsdpah"), inner).map(lambda pair: dict([pair]))
        | st.tuples(st.sampled_from("lts"), st.lists(inner, max_size=3)).map(lambda pair: dict([pair]))
        | st.lists(st.tuples(inner, inner).map(list), max_size=3).map(lambda pairs: {"p": pairs})
    ),
    max_leaves=15,
)
array_nodes = st.tuples(
    st.sampled_from(["<f8", "|b1", "<U3", "<U0", "|S0", "O", "|O", "V8", "f8,i4", "3f8", "<M8[s]", "", "(", "(1 2)f8"])
    | st.text("<>|=fiubcUSOVM0123456789,() {}'[]", max_size=12)
    | json_values,
    st.lists(st.sampled_from([0, 1, 2, 3, -1, 2**26, 2**63, 2**70, True, 1.0, None]), max_size=20) | json_values,
    st.binary(max_size=32).map(lambda raw: base64.b64encode(raw).decode()) | st.text(max_size=8) | json_values,
).map(lambda parts: json.dumps({"a": list(parts)}))


@settings(COMMON, max_examples=300)
@given(json_values.map(json.dumps) | array_nodes | st.text(max_size=30))
def test_random_messages(text: str) -> None:
    decode(text)


@settings(COMMON, max_examples=150)
@given(values, st.data())
def test_mutated_messages(value: Any, data: st.DataObject) -> None:
    text = dumps(value)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 5)))
        text = text[:start] + data.draw(st.text('{}[]":,lsdpath0123456789.eE-<', max_size=4)) + text[end:]
    decode(text)


def array_message(dtype: Any, shape: Any, data: Any = "") -> str:
    return json.dumps({"a": [dtype, shape, data]})


REFUSED = {
    "not a text": None,
    "empty": "",
    "two tags": '{"l":[],"t":[]}',
    "no tag": "{}",
    "bare list": "[1]",
    "unknown tag": '{"pickle":"gASVAAAA"}',
    "list in a set is fine, an array not": '{"s":[{"a":["<f8",[],"AAAAAAAAAAA="]}]}',
    "dict as key": '{"p":[[{"d":{}},1]]}',
    "set with an array": '{"p":[[{"t":[{"a":["<f8",[],"AAAAAAAAAAA="]}]},1]]}',
    "pair of three": '{"p":[[1,2,3]]}',
    "handle of a truth value": '{"h":[true,"x"]}',
    "handle of text": '{"h":["1","x"]}',
    "object dtype": array_message("|O", [1], "AAAAAAAAAAA="),
    "structured dtype": array_message("i4,i4", [1], "AAAAAAAAAAA="),
    "subarray dtype": array_message("2i4", [1], "AAAAAAAAAAA="),
    "void dtype": array_message("|V8", [1], "AAAAAAAAAAA="),
    "date dtype": array_message("<M8[s]", [1], "AAAAAAAAAAA="),
    "dtype by alias": array_message("double", [1], "AAAAAAAAAAA="),
    "huge text dtype": array_message("<U99999999", [0], ""),
    "dtype that is code": array_message("(1 2)f8", [1], "AAAAAAAAAAA="),
    "negative size": array_message("<f8", [-1], "AAAAAAAAAAA="),
    "true as a size": array_message("<f8", [True], "AAAAAAAAAAA="),
    "size that overflows": array_message("<f8", [2**62, 2**62], ""),
    "sizes that overflow beside a zero": array_message("<f8", [0, 2**26, 2**26, 2**26], ""),
    "too many dimensions": array_message("<f8", [1] * 70, "AAAAAAAAAAA="),
    "too short": array_message("<f8", [2], "AAAAAAAAAAA="),
    "too long": array_message("<f8", [], "AAAAAAAAAAAAAAAAAAAAAA=="),
    "not base64": array_message("<f8", [1], "AAAA!!!!AAA="),
    "data not ASCII": array_message("<f8", [1], "\u0430AAAAAAAAAA="),
    "base64 with spaces": array_message("<f8", [1], "AAAA AAAA AA="),
    "base64 that ends in its middle": array_message("<f8", [1], "AA==AAAAAAA="),
    "bytes for base64": array_message("<f8", [1], list(b"AAAAAAAAAAA=")),
    "a size that is a float": array_message("<f8", [1.0], "AAAAAAAAAAA="),
    "sizes as text": array_message("<f8", "1", "AAAAAAAAAAA="),
    "an empty array whose other sizes are large": array_message("<f8", [0, 2**25], ""),
    "a character beyond Unicode": array_message("<U1", [1], base64.b64encode(b"\xff" * 4).decode()),
    "half a character in an array": array_message("<U1", [1], base64.b64encode(b"\x00\xd8\0\0").decode()),
    "half a character": '"\\ud800"',
    "half a character in a key": '{"d":{"\\udfff":1}}',
    "half a character in a handle": '{"h":[1,"\\ud800"]}',
    "not ASCII": '"\u00e9"',
    "a mark of byte order": "\ufeff1",
    "bytes": b"1",
    "bytes in an array": bytearray(b"1"),
    "a list": ["1"],
    "a whole number beyond the limit": str(2**4096),
    "a handle's number beyond the limit": json.dumps({"h": [2**4096, "x"]}),
    "NUL": "\0",
    "no end": '{"l":[1,',
    "deep JSON": "[" * 100_000,
    "deep JSON objects": '{"d":' * 100_000,
    "deep tags": '{"l":[' * 5000 + "]}" * 5000,
    "a number of many digits": "9" * 10_000,
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=list(REFUSED))
def test_refused(text: Any) -> None:
    assert decode(text) is WireError


# Messages made to take much more than they give. Each must be refused within bounds that hold for a message of any
# length: a few seconds, and memory in proportion to it or to the limits.
BOMBS = {
    "empty objects": lambda: '{"l":[' + "{}," * (8 * wire.MAX_PARTS) + "{}]}",
    "objects of one": lambda: "[" + '{"":0},' * wire.MAX_PARTS + "0]",
    "commas": lambda: "[" + "0," * wire.MAX_PARTS + "0]",
    "numbers": lambda: "[" + "0.1," * wire.MAX_PARTS + "0]",
    "just too long": lambda: "x" * (wire.MAX_BYTES + 1),
    "strings without end": lambda: '"\\"' * (wire.MAX_BYTES // 3),
    "quotation marks": lambda: '"' * wire.MAX_BYTES,
    "digits": lambda: "1" * wire.MAX_BYTES,
    "brackets": lambda: "[" * wire.MAX_BYTES,
    "objects in objects": lambda: '{"l":[' * (wire.MAX_BYTES // 6),
    "numbers that all meet": lambda: colliding("s", 11_000),
    "keys that all meet": lambda: colliding("p", 11_000),
    "small sets of numbers that all meet": lambda: '{"l":[' + ",".join([colliding("s", 1000)] * 20) + "]}",
    "handles that all meet": lambda: '{"s":[' + ",".join(f'{{"h":[{k * PRIME},""]}}' for k in range(11_000)) + "]}",
    "base64 of another length": lambda: array_message("<f8", [1], "A" * 40_000_000),
    "an array beside others of its kind": lambda: array_message("<f8", [2**23, 2], ""),
}
PRIME = 2**61 - 1


def colliding(tag: str, number: int) -> str:
    """A set or dict of whole numbers with one and the same hash: each is compared with all others."""
    numbers = (str(k * PRIME) for k in range(number))
    content = ",".join(f"[{n},0]" if tag == "p" else n for n in numbers)
    return f'{{"{tag}":[{content}]}}'


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=list(BOMBS))
def test_bombs(bomb: Callable[[], str]) -> None:
    text = bomb()
    tracemalloc.start()
    try:
        started = time.process_time()
        assert decode(text) is WireError
        seconds = time.process_time() - started
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(text) + 100 * 2**20
    assert seconds < 10


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> int:
    """Limits that are reached in no time; returns the length of the longest message."""
    monkeypatch.setattr(wire, "MAX_PARTS", 30_000)
    monkeypatch.setattr(wire, "MAX_MEMBERS", 300)
    return 200_000


def test_what_passes_takes_memory_in_proportion(small_limits: int) -> None:
    """Within every limit, but made of what grows most."""
    for text, factor in (
        ('{"l":[' + ",".join(['{"l":[]}'] * (wire.MAX_PARTS // 3 - 9)) + "]}", 80),
        ('{"l":[' + ",".join(["0.1"] * (wire.MAX_PARTS - 9)) + "]}", 20),
        ('{"l":[' + ",".join(['"ab"'] * (wire.MAX_PARTS - 9)) + "]}", 20),
        (dumps(np.zeros(100_000), max_bytes=2_000_000), 4),
        (dumps(np.full(50_000, "ab"), max_bytes=2_000_000), 4),
        (dumps("x" * 1_000_000, max_bytes=2_000_000), 4),
    ):
        tracemalloc.start()
        try:
            loads(text, max_bytes=2_000_000)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < factor * len(text)


def test_the_limits_are_the_same_on_both_sides(small_limits: int) -> None:
    """What the encoder writes, the decoder reads."""
    largest: list[Any] = [
        [None] * (wire.MAX_PARTS - 2),
        "," * (small_limits - 2),
        np.zeros(small_limits // 4 * 3 - 40, np.uint8),
        set(range(wire.MAX_MEMBERS)),
        dict.fromkeys(range(wire.MAX_MEMBERS), 0),
        np.zeros((1,) * wire.MAX_DIMENSIONS),
        2**wire.MAX_INT_BITS - 1,
    ]
    for value in largest:
        assert equal(value, loads(dumps(value, max_bytes=small_limits), max_bytes=small_limits))
    too_large: list[tuple[Any, str]] = [
        ([None] * wire.MAX_PARTS, f"more than {wire.MAX_PARTS} parts"),
        ("," * small_limits, r"MB on the wire; the limit is c\.Jail\.message_bytes"),
        (np.zeros(small_limits // 4 * 3, np.uint8), "message_bytes"),
        ("\u00e9" * (small_limits // 4), "message_bytes"),
        ({"\u00e9" * (small_limits // 4): 1}, "message_bytes"),
        (set(range(wire.MAX_MEMBERS + 1)), f"more than {wire.MAX_MEMBERS} members"),
        ([dict.fromkeys(range(wire.MAX_MEMBERS), 0), {1}], f"more than {wire.MAX_MEMBERS} members"),
        (2**wire.MAX_INT_BITS, "more than a thousand digits"),
        (np.broadcast_to(np.array(None, dtype=object), (10**6, 10**6)), "parts"),
        (np.broadcast_to(np.longdouble(1), (10**6, 10**6)), "message_bytes"),
    ]
    for value, reason in too_large:
        with pytest.raises(WireError, match=reason):
            dumps(value, max_bytes=small_limits)


def test_the_size_of_a_message_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_BYTES", 5_000)
    text = dumps(np.zeros(1000), max_bytes=20_000)
    assert loads(text, max_bytes=20_000).shape == (1000,)
    for refuse in (lambda: dumps(np.zeros(1000), max_bytes=10_000), lambda: loads(text, max_bytes=10_000)):
        with pytest.raises(
            WireError, match=r"more than 0\.0095\d* MB on the wire; the limit is c\.Jail\.message_bytes"
        ):
            refuse()
    with pytest.raises(WireError, match="shape is too large"):
        loads(array_message("<f8", [0, 2000]), max_bytes=10_000)


def test_half_characters_leave_as_question_marks() -> None:
    """No file can hold one, so the judge must not get one."""
    assert loads(dumps("a\ud800b")) == "a?b"
    assert loads(dumps({"\udfff": ["\U0001f600", "\ud83d\ude00"]})) == {"?": ["\U0001f600", "??"]}
    for halves in (np.array(["a\ud800", "b"]), np.array("\udc00"), np.array([["\ud800"]])):
        before = halves.copy()
        back = loads(dumps(halves))
        assert back.tolist() == json.loads(json.dumps(halves.tolist()).replace("\\ud800", "?").replace("\\udc00", "?"))
        assert halves.tobytes() == before.tobytes()


def test_truth_values_are_one_or_zero() -> None:
    """A byte of 2 as a truth value would equal neither."""
    back = loads(dumps(np.frombuffer(b"\x00\x01\x02\xff", dtype=bool)))
    assert back.tobytes() == b"\x00\x01\x01\x01"
    assert back.flags.writeable


def test_sets_in_sets() -> None:
    value = {frozenset({1, 2}), (frozenset(), 3)}
    assert loads(dumps(value)) == value
    assert loads(dumps({frozenset({1}): 2})) == {frozenset({1}): 2}


def test_a_kernels_message_is_read_within_the_limits() -> None:
    content = {"data": {"text/plain": "caf\u00e9"}, "execution_count": 1, "metadata": [1.5, None, True]}
    assert wire.unpack(json.dumps(content).encode()) == content
    assert wire.unpack(json.dumps(content, ensure_ascii=False).encode()) == content
    assert wire.unpack(b'{"evalue": "a\\ud800", "\\udfff": "\\\\ud800"}') == {"evalue": "a?", "?": "\\ud800"}
    assert wire.unpack(b'"\\ud83d\\ude00"') == "\U0001f600"
    assert wire.unpack(b'"\xff"') == "\ufffd"
    # The numbers that a student prints are one text, however many.
    assert len(wire.unpack(json.dumps({"text": "1, " * wire.MAX_PARTS}).encode())["text"]) == 3 * wire.MAX_PARTS
    bad = (b"", b"{", b"[" * 100_000, b"[" * 101 + b"]" * 101, b"[" + b"{}," * wire.MAX_PARTS + b"0]", b"9" * 5000)
    for raw in bad:
        with pytest.raises(WireError):
            wire.unpack(raw)
    assert wire.unpack(b"[" * 100 + b"]" * 100)
    with pytest.raises(WireError, match=r"c\.Jail\.message_bytes"):
        wire.unpack(b" " * 20 + b"1", max_bytes=10)


def change_array(arguments: list[Any]) -> None:
    arguments[0][1]["W"][1, 1] += 1e-9


def change_number(arguments: list[Any]) -> None:
    arguments[0][1]["b"] = 2.0


def take_a_key(arguments: list[Any]) -> None:
    arguments[0][1].pop("b")


def add_a_key_that_is_no_text(arguments: list[Any]) -> None:
    arguments[0][1][0] = 1.0


def empty_a_list(arguments: list[Any]) -> None:
    arguments[1]["sizes"].clear()


def sort_a_list(arguments: list[Any]) -> None:
    arguments[1]["sizes"].sort()


def trade_a_text(arguments: list[Any]) -> None:
    arguments[1]["name"] = "other"


@pytest.mark.parametrize(
    "change",
    [change_array, change_number, take_a_key, add_a_key_that_is_no_text, empty_a_list, sort_a_list, trade_a_text],
)
def test_digests_see_every_change(change: Callable[[list[Any]], None]) -> None:
    def made() -> list[Any]:
        inner = {"W": np.ones((2, 2)), "b": 1.0}
        return [[np.arange(3.0), inner], {"x": (np.zeros(1),), "sizes": [3, 2, np.int64(1)], "name": "one"}]

    arguments = made()
    before = wire.digests(arguments)
    assert before == wire.digests(made()) == wire.digests(loads(dumps(arguments)))
    change(arguments)
    assert before != wire.digests(arguments)
