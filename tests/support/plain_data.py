"""Equality of plain data, as exact as it should be after a way over the wire."""

from __future__ import annotations

from typing import Any

import numpy as np


def equal(a: Any, b: Any) -> bool:
    """Equality of type and value, NaN equal to itself; arrays by dtype (byte order aside), shape and bytes."""
    if isinstance(a, np.ndarray):
        return (
            isinstance(b, np.ndarray)
            and a.dtype.newbyteorder("<") == b.dtype
            and a.shape == b.shape
            and a.astype(b.dtype).tobytes() == b.tobytes()
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return str(a) == str(b)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return equal(list(a), list(b)) and equal(list(a.values()), list(b.values()))
    if isinstance(a, (set, frozenset)):
        return _face(a) == _face(b)
    return bool(a == b)


def _face(member: Any) -> str:
    """A text for a member of a set: members have no order, and some (NaN in a tuple) do not equal themselves."""
    if isinstance(member, (tuple, set, frozenset)):
        faces = [_face(one) for one in member]
        return f"{type(member).__name__}{faces if isinstance(member, tuple) else sorted(faces)}"
    return repr(member)
