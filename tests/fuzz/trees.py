"""Changes to JSON that keep most of its structure, so that what comes out gets past a decoder's first look.

Every choice is taken from a `Random`: a seeded one makes a hundred thousand inputs quickly, and Hypothesis's own
(`st.randoms`) finds the smallest input that does the same.
"""

from __future__ import annotations

import copy
import struct
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

KINDS = ("put", "put", "put", "take", "twice", "swap", "wrap", "name")
NAMES = ("", "a", "l", "d", "value", "source", "cells", "metadata", "nbgrader", "grade_id", "id", "\ud800")
LENGTHS = (0, 1, 1, 2, 5, 1000)
CHARACTERS = "aZ09 \n\r\t\0\"\\/<>&{}[]:,.-+=_#%$`*|'\x7f\x85\u00e9\u2028\ufeff\uffff\ud800\udfff\U0001f600\U0010ffff"


def text(random: Random) -> str:
    return "".join(random.choice(CHARACTERS) for _ in range(random.randint(0, 8)))


def leaf(random: Random, odd: Sequence[Any]) -> Any:
    match random.randint(0, 7):
        case 0:
            return random.randint(-(2**70), 2**70)
        case 1:
            return struct.unpack("<d", random.getrandbits(64).to_bytes(8, "little"))[0]
        case 2:
            return text(random)
        case _:
            return copy.deepcopy(random.choice(odd))


def tree(random: Random, odd: Sequence[Any], names: Sequence[str], depth: int = 4) -> Any:
    """JSON that was never anything: lists, objects and leaves."""
    kind = random.randint(0, 5 if depth else 2)
    if kind <= 2:
        return leaf(random, odd)
    parts = [tree(random, odd, names, depth - 1) for _ in range(random.randint(0, 3))]
    if kind == 3:
        return parts
    return {random.choice(names): part for part in (parts if kind == 4 else [parts])}


def places(root: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a tree, as the container and the key or index in it."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (dict, list)):
            for key in list(node) if isinstance(node, dict) else range(len(node)):
                yield node, key
                waiting.append(node[key])


def changed_tree(random: Random, found: Any, odd: Sequence[Any], wraps: Sequence[str]) -> Any:
    """A copy with one to three places changed: another value, taken out, doubled, swapped, wrapped, renamed."""
    root = [copy.deepcopy(found)]
    for _ in range(random.randint(1, 3)):
        everywhere = list(places(root))
        node, key = random.choice(everywhere)
        kind = random.choice(KINDS)
        if kind == "put" or node is root:
            node[key] = leaf(random, odd)
        elif kind == "take":
            del node[key]
        elif kind == "twice" and isinstance(node, list):
            node.insert(key, copy.deepcopy(node[key]))
        elif kind == "swap":
            other, place = random.choice(everywhere)
            node[key] = copy.deepcopy(other[place])
        elif kind == "wrap":
            node[key] = {random.choice(wraps): random.choice([node[key], [node[key]]])}
        elif kind == "name" and isinstance(node, dict):
            node[random.choice(NAMES)] = node.pop(key)
    return root[0]


def changed_text(random: Random, found: str, odd: Sequence[str]) -> str:
    """One to three stretches of a text replaced."""
    for _ in range(random.randint(1, 3)):
        start = random.randint(0, len(found))
        put = random.choice(odd) if random.randint(0, 2) else text(random)
        found = found[:start] + put + found[start + random.choice(LENGTHS) :]
    return found
