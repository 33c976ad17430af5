"""Plain data in tagged JSON: the only thing that crosses the wall of the jail, in either direction.

None, bool, int, float and str stand for themselves. Everything else is an object with one tag:

    {"l": [...]} list        {"t": [...]} tuple      {"s": [...]} set
    {"d": {...}} dict with string keys               {"p": [[key, value], ...]} any other dict
    {"a": [dtype, shape, base64]} array              {"h": [number, type name]} a handle

A handle stands for an object that stays inside the jail (a Keras model, a function). There is no pickle and no
evaluation anywhere. The decoder trusts nothing: types, sizes, depth and dtypes are checked, and everything that
does not fit raises WireError.

This file is also mounted into the jail and must import nothing but the standard library and NumPy.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 24
MAX_NODES = 2_000_000
_KINDS = "biufcUS"
# dtypes as `dumps` writes them. NumPy would read much more out of a text, by way of Python's parser too.
_DTYPE = re.compile(r"\|b1|[|<][iu][1248]|<f[248]|<c(?:8|16)|[|<][US][1-9][0-9]{0,6}")
_MAX_INT_BITS = 4096


class WireError(ValueError):
    """Something is not plain data, or is larger than the wire allows."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the jail: its number there, and the name of its type for messages."""

    number: int
    type_name: str


class _Encoder:
    def __init__(self, keep: Any) -> None:
        self.keep = keep
        self.nodes = 0
        self.bytes = 0

    def _grow(self, size: int) -> None:
        self.bytes += size
        if self.bytes > MAX_BYTES:
            raise WireError(f"the value is larger than {MAX_BYTES // 2**20} MB")

    def array(self, value: np.ndarray[Any, Any]) -> dict[str, Any]:
        # Integers and floats wider than the allow-list (long double) become what the judge computes with.
        if value.dtype.kind == "f" and value.dtype.itemsize > 8:
            value = value.astype(np.float64)
        if value.dtype.kind == "c" and value.dtype.itemsize > 16:
            value = value.astype(np.complex128)
        self._grow(value.nbytes * 4 // 3)
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        data = base64.b64encode(np.ascontiguousarray(little).tobytes()).decode("ascii")
        return {"a": [little.dtype.str, list(value.shape), data]}

    def encode(self, value: Any, depth: int = 0) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise WireError(f"the value is nested more than {MAX_DEPTH} deep")
        if self.nodes > MAX_NODES:
            raise WireError(f"the value has more than {MAX_NODES} parts")
        if value is None or value is True or value is False:
            return value
        if isinstance(value, Handle):
            return {"h": [value.number, value.type_name]}
        if isinstance(value, np.ndarray):
            return self._ndarray(value, depth)
        if isinstance(value, np.generic):
            return self._generic(value, depth)
        if isinstance(value, int):
            number = int.__int__(value)
            if number.bit_length() > _MAX_INT_BITS:
                raise WireError("the value is an integer of more than a thousand digits")
            return number
        if isinstance(value, float):
            return float.__float__(value)
        if isinstance(value, str):
            text = str.__str__(value)
            self._grow(len(text))
            return text
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
            return self.encode(base.tolist(), depth + 1)
        if base.dtype.kind not in _KINDS:
            return self.opaque(value)
        return self.array(base)

    def _container(self, value: Any, depth: int) -> Any:
        if isinstance(value, list):
            return {"l": [self.encode(item, depth + 1) for item in list.__iter__(value)]}
        if isinstance(value, tuple):
            return {"t": [self.encode(item, depth + 1) for item in tuple.__iter__(value)]}
        if isinstance(value, (set, frozenset)):
            members = set.__iter__(value) if isinstance(value, set) else frozenset.__iter__(value)
            return {"s": [self.encode(item, depth + 1) for item in members]}
        if isinstance(value, dict):
            items = list(dict.items(value))
            if all(isinstance(key, str) for key, _ in items):
                return {"d": {str.__str__(key): self.encode(item, depth + 1) for key, item in items}}
            return {"p": [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in items]}
        if hasattr(type(value), "__array__"):
            # Tensors of any backend, Series: judged by value after NumPy conversion.
            return self._ndarray(np.asarray(value), depth)
        return self.opaque(value)

    def opaque(self, value: Any) -> Any:
        if self.keep is None:
            raise WireError(f"a {type(value).__name__} is not plain data")
        return self.encode(self.keep(value))


def dumps(value: Any, keep: Any = None) -> str:
    """Encode a value as ASCII text.

    `keep` is called with whatever is not plain data and returns the Handle that stands for it; without it such a
    value raises WireError.
    """
    text = json.dumps(_Encoder(keep).encode(value), separators=(",", ":"))
    if len(text) > 2 * MAX_BYTES:
        raise WireError(f"the message is larger than {2 * MAX_BYTES // 2**20} MB")
    return text


class _Decoder:
    def __init__(self) -> None:
        self.nodes = 0

    def decode(self, node: Any, depth: int = 0) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH + 2:
            raise WireError("the message has too many parts or is nested too deep")
        if node is None or isinstance(node, (bool, int, float, str)):
            return node
        if not isinstance(node, dict) or len(node) != 1:
            raise WireError("a tagged value is one tag and its content")
        ((tag, content),) = node.items()
        reader = _READERS.get(tag)
        if reader is None:
            raise WireError(f"unknown tag {tag[:20]!r}")
        return reader(self, content, depth)

    def items(self, content: Any, depth: int) -> list[Any]:
        if not isinstance(content, list):
            raise WireError("a sequence must be a JSON list")
        return [self.decode(item, depth + 1) for item in content]

    def dictionary(self, content: Any, depth: int) -> dict[str, Any]:
        if not isinstance(content, dict):
            raise WireError("a dict must be a JSON object")
        return {key: self.decode(item, depth + 1) for key, item in content.items()}

    def pairs(self, content: Any, depth: int) -> dict[Any, Any]:
        if not isinstance(content, list) or not all(isinstance(p, list) and len(p) == 2 for p in content):
            raise WireError("pairs must be a list of two-element lists")
        return {_hashable(self.decode(k, depth + 1)): self.decode(v, depth + 1) for k, v in content}

    def members(self, content: Any, depth: int) -> set[Any]:
        return {_hashable(item) for item in self.items(content, depth)}

    def handle(self, content: Any, depth: int) -> Handle:
        if (
            not isinstance(content, list)
            or len(content) != 2
            or type(content[0]) is not int
            or not isinstance(content[1], str)
        ):
            raise WireError("a handle is a number and a type name")
        return Handle(content[0], content[1][:100])

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
            or len(shape) > 16
            or not all(type(n) is int and 0 <= n <= MAX_BYTES for n in shape)
        ):
            raise WireError("an array's shape must be a list of sizes")
        try:
            raw = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise WireError("an array's data is not base64") from error
        if math.prod(shape) * dtype.itemsize != len(raw):
            raise WireError("an array's data does not fit its shape")
        # NumPy refuses sizes whose product overflows, even beside a zero.
        if math.prod(n for n in shape if n) * dtype.itemsize > 2**62:
            raise WireError("an array's shape is too large")
        return np.frombuffer(raw, dtype=dtype).reshape(shape).copy()


def _hashable(value: Any) -> Any:
    """A set member or dict key: lists inside become tuples; an array cannot be one."""
    if isinstance(value, (list, tuple)):
        return tuple(_hashable(item) for item in value)
    try:
        hash(value)
    except TypeError as error:
        raise WireError(f"a {type(value).__name__} cannot be in a set") from error
    return value


_READERS: dict[str, Any] = {
    "l": _Decoder.items,
    "t": lambda decoder, content, depth: tuple(decoder.items(content, depth)),
    "s": _Decoder.members,
    "d": _Decoder.dictionary,
    "p": _Decoder.pairs,
    "a": _Decoder.array,
    "h": _Decoder.handle,
}


def loads(text: str) -> Any:
    """Decode a message; raises WireError for anything that is not exactly what `dumps` writes."""
    if not isinstance(text, str) or len(text) > 2 * MAX_BYTES:
        raise WireError(f"the message is larger than {2 * MAX_BYTES // 2**20} MB")
    # Three bytes of JSON can take a hundred in memory: count the parts before they are made.
    if sum(text.count(sign) for sign in ",[{") > 4 * MAX_NODES:
        raise WireError("the message has too many parts")
    try:
        node = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("the message is not JSON") from error
    try:
        return _Decoder().decode(node)
    except RecursionError as error:
        raise WireError("the message is nested too deep") from error


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
