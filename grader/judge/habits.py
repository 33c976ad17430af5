"""Slips that belong to no question in particular, made into misconceptions of any question.

Where the judge itself sees the slip (an input that changed, a key that is missing) it names it, and the misconception
has no answers of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.judge.compare import CHANGED_INPUT, KEY_MISSING
from grader.judge.diagnose import Misconception


def changed_input(question: str) -> Misconception:
    """The function writes into what it was handed."""
    return Misconception(
        question,
        CHANGED_INPUT,
        concept="arrays and dicts are handed over as they are, not copied",
        hint="After your function has run, the caller's own data are different. Call it twice with the same arguments "
        "and compare. Which of your lines writes into an argument rather than making something new? An array may "
        "also change through a second name that you gave it.",
    )


def missing_key(question: str) -> Misconception:
    """A dict comes back without something that was asked for."""
    return Misconception(
        question,
        KEY_MISSING,
        concept="whoever uses the dict looks things up by the agreed keys",
        hint="A dict comes back, but not everything that the task lists is in it, or not under the names used there. "
        "Read off the keys in the task and lay them beside those of your dict, letter by letter.",
    )


def nothing_returned(question: str, *functions: str) -> Misconception:
    """The functions end without return."""
    return Misconception(
        question,
        "nothing returned",
        concept="a function hands its result back with return",
        hint="Your function computes something and keeps it to itself: whoever calls it gets None. Put the result of "
        "your own call into a variable and look at it. What is the difference between showing and returning?",
        answers=dict.fromkeys(functions, lambda *args, **kwargs: None),
    )


def rounded(question: str, decimals: int, **right: Callable[..., Any]) -> Misconception:
    """The functions, given here by their right answers, round what they return."""

    def rounding(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: _rounded(function(*args, **kwargs), decimals)

    number = {2: "two", 3: "three", 4: "four"}[decimals]
    return Misconception(
        question,
        f"rounded to {number} decimals",
        concept="numbers are rounded for reading only",
        hint="The slides round their numbers so that they fit. Yours have lost their other digits for good, and later "
        "steps compute with them. Where would be a better place to round, if at all?",
        answers={name: rounding(function) for name, function in right.items()},
    )


def _rounded(value: Any, decimals: int) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item, decimals) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_rounded(item, decimals) for item in value)
    return np.round(value, decimals)
