"""Plain data in tagged JSON: the only thing that crosses the wall of the jail, in either direction.

None, bool, int, float and str stand for themselves. Everything else is an object with one tag:

    {"l": [...]} list        {"t": [...]} tuple      {"s": [...]} set
    {"d": {...}} dict with string keys               {"p": [[key, value], ...]} any other dict
    {"a": [dtype, shape, base64]} array              {"h": [number, type name]} a handle

A handle stands for an object that stays inside the jail (a Keras model, a function). There is no pickle and no
evaluation anywhere. The decoder trusts nothing: types, sizes, depth and dtypes are checked, and everything that
does not fit raises WireError. A text is Unicode: half a character (a lone surrogate) leaves as a question mark, and
is refused on arrival, since no file can hold one.

This file is also mounted into the jail and must import nothing but the standard library and NumPy.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import math
import re
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# What may cross, the same on both sides. Only the first is a setting.
MAX_BYTES = 64 * 2**20
"""Length of a message, and the default of c.Jail.message_bytes; base64 makes three bytes of an array into four."""
MAX_PARTS = 2_000_000
"""Commas, brackets and braces in a message: what each stands for may take two hundred bytes of memory."""
MAX_DEPTH = 24
"""Lists in lists, and so on."""
MAX_MEMBERS = 10_000
"""Members of all sets, and keys that are no texts: numbers can be chosen so that each meets all others in the table."""
MAX_INT_BITS = 4096
MAX_DIMENSIONS = 16

FRAME = struct.Struct(">cIQ")
"""What stands before each message on the judge's own line: its kind, the number of the question, its length."""
REQUEST, REPLY, FAILED = b"?", b"=", b"!"
"""Kinds. A failure brings the name of the exception for which the agent could make no reply."""

_MAX_JSON_DEPTH = 100
_KINDS = "biufcUS"
# dtypes as `dumps` writes them. NumPy would read much more out of a text, by way of Python's parser too.
_DTYPE = re.compile(r"\|b1|[|<][iu][1248]|<f[248]|<c(?:8|16)|[|<][US][1-9][0-9]{0,7}")
_SURROGATES = 0xD800, 0xDFFF
_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)


class WireError(ValueError):
    """Something is not plain data, or is larger than the wire allows."""


class TooLarge(WireError):
    """Something is larger, or has more parts, than the wire allows."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the jail: its number there, and the name of its type for messages."""

    number: int
    type_name: str


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"it takes more than {limit / 2**20:g} MB on the wire; the limit is c.Jail.message_bytes")


def _too_many(limit: int, what: str) -> TooLarge:
    return TooLarge(f"it has more than {limit} {what}")


def _check_size(text: str, max_bytes: int) -> None:
    """Refuse a message by its length and the number of its parts, before any of them is made."""
    if len(text) > max_bytes:
        raise _too_large(max_bytes)
    if len(text) <= MAX_PARTS or _parts(text) <= MAX_PARTS:
        return
    # A long list that was printed is one string: where strings are few, look between them.
    if text.count('"') > MAX_PARTS or _parts(_STRING.sub("", text)) > MAX_PARTS:
        raise _too_many(MAX_PARTS, "parts")


def _parts(text: str) -> int:
    return sum(text.count(sign) for sign in ",[{")


class _Encoder:
    def __init__(self, keep: Any, max_bytes: int) -> None:
        self.keep = keep
        self.max_bytes = max_bytes
        self.parts = 0
        self.members = 0
        self.bytes = 0
        self.in_sets = 0

    def _grow(self, size: int) -> None:
        self.bytes += size
        if self.bytes > self.max_bytes:
            raise _too_large(self.max_bytes)

    def _divide(self, parts: int) -> None:
        self.parts += parts
        if self.parts > MAX_PARTS:
            raise _too_many(MAX_PARTS, "parts")

    def text(self, value: str) -> str:
        text = str.__str__(value)
        self._grow(len(text))
        return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")

    def array(self, value: np.ndarray[Any, Any]) -> dict[str, Any]:
        self._grow(value.nbytes * 4 // 3)
        if self.in_sets:
            raise WireError("it has an array in a set, or as a key")
        if value.ndim > MAX_DIMENSIONS or _extent(value.shape, value.itemsize) > self.max_bytes:
            raise TooLarge(f"it has an array of the shape {value.shape}")
        if value.itemsize == 0:
            value = value.astype(f"{value.dtype.kind}1")
        # Integers and floats wider than the allow-list (long double) become what the judge computes with.
        if value.dtype.kind == "f" and value.dtype.itemsize > 8:
            value = value.astype(np.float64)
        if value.dtype.kind == "c" and value.dtype.itemsize > 16:
            value = value.astype(np.complex128)
        little = np.ascontiguousarray(value.astype(value.dtype.newbyteorder("<"), copy=False))
        if little.dtype.kind == "U":
            codes = little.reshape(-1).view("<u4")
            if (odd := _no_characters(codes)).any():
                little = np.where(odd, ord("?"), codes).astype("<u4").view(little.dtype)
        data = binascii.b2a_base64(little.tobytes(), newline=False).decode("ascii")
        return {"a": [little.dtype.str, list(value.shape), data]}

    def encode(self, value: Any, depth: int = 0) -> Any:
        if value is None or value is True or value is False:
            return value
        if depth > MAX_DEPTH:
            raise WireError(f"it is nested more than {MAX_DEPTH} deep")
        if isinstance(value, Handle):
            return {"h": [value.number, value.type_name]}
        if isinstance(value, np.ndarray):
            return self._ndarray(value, depth)
        if isinstance(value, np.generic):
            return self._generic(value, depth)
        if isinstance(value, int):
            number = int.__int__(value)
            if number.bit_length() > MAX_INT_BITS:
                raise WireError("it holds a whole number of more than a thousand digits")
            return number
        if isinstance(value, float):
            return float.__float__(value)
        if isinstance(value, str):
            return self.text(value)
        return self._container(value, depth)

    def _generic(self, value: np.generic, depth: int) -> Any:
        plain = value.item()
        if isinstance(plain, (bool, int, float, str)):
            return self.encode(plain, depth)
        return self._ndarray(np.asarray(value), depth)

    def _ndarray(self, value: np.ndarray[Any, Any], depth: int) -> Any:
        base = np.asarray(value)
        if base.dtype.kind == "O":
            # An object array is judged by what is in it, like a list of the same things.
            self._divide(base.size)
            return self.encode(base.tolist(), depth + 1)
        if base.dtype.kind not in _KINDS:
            return self.opaque(value)
        return self.array(base)

    def _items(self, items: list[Any], depth: int) -> list[Any]:
        self._divide(len(items))
        # Most lists hold floats: those need no look.
        return [item if type(item) is float else self.encode(item, depth + 1) for item in items]

    def _container(self, value: Any, depth: int) -> Any:
        if isinstance(value, list):
            return {"l": self._items(value if type(value) is list else list(list.__iter__(value)), depth)}
        if isinstance(value, tuple):
            return {"t": self._items(list(tuple.__iter__(value)), depth)}
        if isinstance(value, (set, frozenset)):
            members = list(set.__iter__(value) if isinstance(value, set) else frozenset.__iter__(value))
            self._count_members(len(members))
            return {"s": self._hashed(lambda: self._items(members, depth))}
        if isinstance(value, dict):
            if self.in_sets:
                raise WireError("it has a dict in a set, or as a key")
            items = list(dict.items(value))
            self._divide(len(items))
            if all(isinstance(key, str) for key, _ in items):
                return {"d": {self.text(key): self.encode(item, depth + 1) for key, item in items}}
            self._count_members(len(items))
            keys = self._hashed(lambda: [self.encode(key, depth + 1) for key, _ in items])
            return {"p": [[key, self.encode(item, depth + 1)] for key, (_, item) in zip(keys, items, strict=True)]}
        if hasattr(type(value), "__array__"):
            # Tensors of any backend, Series: judged by value after NumPy conversion.
            return self._ndarray(np.asarray(value), depth)
        return self.opaque(value)

    def _hashed(self, encoded: Callable[[], list[Any]]) -> list[Any]:
        """What goes into a set or stands as a key: never an array or a dict, whatever a class of the student's says."""
        self.in_sets += 1
        nodes = encoded()
        self.in_sets -= 1
        return nodes

    def _count_members(self, number: int) -> None:
        self.members += number
        if self.members > MAX_MEMBERS:
            raise _too_many(MAX_MEMBERS, "members of sets")

    def opaque(self, value: Any) -> Any:
        if self.keep is None:
            raise WireError(f"a {type(value).__name__} is not plain data")
        return self.encode(self.keep(value))


def dumps(value: Any, keep: Any = None, max_bytes: int = MAX_BYTES) -> str:
    """Encode a value as ASCII text of at most `max_bytes`.

    `keep` is called with whatever is not plain data and returns the Handle that stands for it; without it such a
    value raises WireError.
    """
    text = json.dumps(_Encoder(keep, max_bytes).encode(value), separators=(",", ":"))
    _check_size(text, max_bytes)
    return text


def _no_characters(codes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Which numbers stand for no character of Unicode, or for half of one."""
    return (codes > sys.maxunicode) | ((codes >= _SURROGATES[0]) & (codes <= _SURROGATES[1]))


def _extent(shape: Sequence[int], itemsize: int) -> int:
    """The bytes of an array, an empty axis counted as one: a sum over it is as large as that."""
    return math.prod(size or 1 for size in shape) * itemsize


def _checked_text(text: str) -> str:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise WireError("a text holds half a character") from error
    return text


class _Decoder:
    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.members = 0

    def decode(self, node: Any, depth: int = 0) -> Any:
        kind = type(node)
        if kind is float or kind is bool or node is None:
            return node
        if kind is str:
            return _checked_text(node)
        if kind is int:
            if node.bit_length() > MAX_INT_BITS:
                raise WireError("a whole number has more than a thousand digits")
            return node
        if kind is not dict or len(node) != 1:
            raise WireError("a tagged value is one tag and its content")
        if depth > MAX_DEPTH + 2:
            raise WireError(f"the message is nested more than {MAX_DEPTH} deep")
        ((tag, content),) = node.items()
        reader = _READERS.get(tag)
        if reader is None:
            raise WireError(f"unknown tag {tag[:20]!r}")
        return reader(self, content, depth)

    def items(self, content: Any, depth: int) -> list[Any]:
        if not isinstance(content, list):
            raise WireError("a sequence must be a JSON list")
        return [item if type(item) is float else self.decode(item, depth + 1) for item in content]

    def dictionary(self, content: Any, depth: int) -> dict[str, Any]:
        if not isinstance(content, dict):
            raise WireError("a dict must be a JSON object")
        return {_checked_text(key): self.decode(item, depth + 1) for key, item in content.items()}

    def pairs(self, content: Any, depth: int) -> dict[Any, Any]:
        if not isinstance(content, list) or not all(isinstance(p, list) and len(p) == 2 for p in content):
            raise WireError("pairs must be a list of two-element lists")
        self._count_members(len(content))
        return {_hashable(self.decode(k, depth + 1)): self.decode(v, depth + 1) for k, v in content}

    def unique(self, content: Any, depth: int) -> set[Any]:
        items = self.items(content, depth)
        self._count_members(len(items))
        return {_hashable(item) for item in items}

    def _count_members(self, number: int) -> None:
        self.members += number
        if self.members > MAX_MEMBERS:
            raise _too_many(MAX_MEMBERS, "members of sets")

    def handle(self, content: Any, depth: int) -> Handle:
        if not isinstance(content, list) or len(content) != 2 or type(content[0]) is not int:
            raise WireError("a handle is a number and a type name")
        number, name = self.decode(content[0]), content[1]
        if not isinstance(name, str):
            raise WireError("a handle is a number and a type name")
        return Handle(number, _checked_text(name[:100]))

    def array(self, content: Any, depth: int) -> np.ndarray[Any, Any]:
        if not isinstance(content, list) or len(content) != 3:
            raise WireError("an array is dtype, shape and data")
        name, shape, data = content
        if not isinstance(name, str) or not isinstance(data, str):
            raise WireError("an array's dtype and data must be text")
        if not _DTYPE.fullmatch(name):
            raise WireError(f"dtype {name[:20]!r} may not cross")
        dtype = np.dtype(name)
        if (
            not isinstance(shape, list)
            or len(shape) > MAX_DIMENSIONS
            or not all(type(n) is int and 0 <= n <= self.max_bytes for n in shape)
        ):
            raise WireError("an array's shape must be a list of sizes")
        if _extent(shape, dtype.itemsize) > self.max_bytes:
            raise WireError("an array's shape is too large")
        size = math.prod(shape) * dtype.itemsize
        if len(data) != -(-size // 3) * 4:
            raise WireError("an array's data does not fit its shape")
        try:
            raw = binascii.a2b_base64(data)
        except ValueError as error:
            raise WireError("an array's data is not base64") from error
        # The decoder passes over characters that are not base64, and then there is too little.
        if len(raw) != size:
            raise WireError("an array's data is not base64")
        if dtype.kind == "b":
            # A truth value of a byte other than 0 and 1 would be neither true nor false.
            return np.not_equal(np.frombuffer(raw, np.uint8), 0).reshape(shape)
        if dtype.kind == "U" and _no_characters(np.frombuffer(raw, "<u4")).any():
            raise WireError("an array's text holds what is no character")
        return np.frombuffer(raw, dtype=dtype).reshape(shape).copy()


def _hashable(value: Any) -> Any:
    """A set member or dict key: lists inside become tuples, and sets frozen; an array cannot be one."""
    if isinstance(value, (list, tuple)):
        return tuple(_hashable(item) for item in value)
    if isinstance(value, set):
        return frozenset(value)
    try:
        hash(value)
    except TypeError as error:
        raise WireError(f"a {type(value).__name__} cannot be in a set") from error
    return value


_READERS: dict[str, Any] = {
    "l": _Decoder.items,
    "t": lambda decoder, content, depth: tuple(decoder.items(content, depth)),
    "s": _Decoder.unique,
    "d": _Decoder.dictionary,
    "p": _Decoder.pairs,
    "a": _Decoder.array,
    "h": _Decoder.handle,
}


def loads(text: str, max_bytes: int = MAX_BYTES) -> Any:
    """Decode a message; raises WireError for anything that `dumps` would not write."""
    if not isinstance(text, str) or not text.isascii():
        raise WireError("the message is not ASCII text")
    return _Decoder(max_bytes).decode(parse(text, max_bytes))


def unpack(raw: bytes, max_bytes: int = 2 * MAX_BYTES) -> Any:
    """A kernel's message, which may be any JSON; WireError when it is none, or beyond the limits of the wire.

    For jupyter_client's Session, whose own reader takes whatever comes: students have the key that signs messages.
    """
    found = parse(raw.decode("utf-8", "replace"), max_bytes)
    layer = [found]
    for _ in range(_MAX_JSON_DEPTH):
        layer = [item for node in layer if type(node) in (dict, list) for item in _inside(node)]
    if layer:
        raise WireError(f"the message is nested more than {_MAX_JSON_DEPTH} deep")
    if _HALF_CHARACTER.search(raw):
        found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    return found


def _inside(node: Any) -> Any:
    return node.values() if type(node) is dict else node


def parse(text: str, max_bytes: int) -> Any:
    """JSON from hands that are not trusted: its value, or WireError, in a time and memory that its length bounds."""
    _check_size(text, max_bytes)
    try:
        return json.loads(text, parse_int=_INT)
    except RecursionError as error:
        raise WireError("it is nested too deep") from error
    except ValueError as error:
        raise WireError(f"it is not JSON ({error})") from error


def _whole_number(digits: str) -> int:
    if len(digits) > MAX_INT_BITS:
        raise WireError("a whole number has too many digits")
    return int(digits)


# Python limits the digits of a whole number itself since 3.10.7, unless it is told not to: many take for ever.
_INT = int if 0 < getattr(sys, "get_int_max_str_digits", int)() <= 10_000 else _whole_number


def digests(values: Any) -> list[str]:
    """What some arguments hold, piece by piece: equal lists mean that a call left its inputs unchanged."""
    found: list[str] = []
    stack = [values]
    while stack:
        value = stack.pop()
        if isinstance(value, np.generic):
            value = value.item()  # it crosses as a plain number
        if isinstance(value, np.ndarray):
            head = f"{value.dtype.str}{value.shape}".encode()
            found.append(hashlib.sha256(head + np.ascontiguousarray(value).tobytes()).hexdigest())
        elif isinstance(value, (list, tuple)):
            found.append(f"{len(value)} in order")
            stack.extend(value)
        elif isinstance(value, dict):
            # By repr: a student may have put in keys that have no order beside texts.
            keys = sorted(value, key=repr)
            found.append(f"keys {keys!r}")
            stack.extend(value[key] for key in keys)
        elif value is None or isinstance(value, (bool, int, float, str)):
            found.append(repr(value))
    return found
