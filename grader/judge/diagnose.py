"""Diagnosis: which misconception, if any, explains a wrong answer.

A misconception is an executable wrong answer beside the reference. When a student's answers equal one misconception's
on every probe that was made, and no other's, the student is told its hint. Precision comes before recall: where two
explain the same answers, or none does, nothing is named.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.jail import Handle
from grader.verdict import Diagnosis

MAX_HINT_WORDS = 100


@dataclass(frozen=True)
class Misconception:
    """One wrong idea about one question, as code.

    `answers` maps the names a student defines (functions, or a variable) to what someone with this idea defines
    there. A function may be left out where the idea does not show in it; calls to it then say nothing.
    """

    question: str
    name: str
    concept: str
    hint: str
    answers: Mapping[str, Any]
    erratum: str = ""

    def __post_init__(self) -> None:
        if len(self.hint.split()) > MAX_HINT_WORDS:
            raise ValueError(f"the hint of {self.name!r} has more than {MAX_HINT_WORDS} words")
        if not self.answers:
            raise ValueError(f"the misconception {self.name!r} answers nothing")


@dataclass(frozen=True)
class Call:
    """One thing asked of the student and what came back: a value, or the name of the exception it raised."""

    target: str
    args: tuple[Any, ...] | None
    kwargs: Mapping[str, Any]
    value: Any = None
    raised: str = ""


def alike(one: Any, other: Any) -> bool:
    """Equal by value like `same`, except that NaN equals NaN and infinity itself: wrong answers often hold them."""
    if isinstance(one, Handle) or isinstance(other, Handle):
        return False
    if isinstance(one, dict) or isinstance(other, dict):
        if not isinstance(one, dict) or not isinstance(other, dict):
            return False
        return all(key in one and alike(one[key], value) for key, value in other.items())
    if isinstance(one, (set, str)) or isinstance(other, (set, str)) or one is None or other is None:
        return type(one) is type(other) and bool(one == other)
    if isinstance(other, tuple):
        if not isinstance(one, (list, tuple, np.ndarray)) or len(one) != len(other):
            return False
        return all(alike(a, b) for a, b in zip(one, other, strict=True))
    try:
        first, second = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    if first.shape != second.shape and not first.size == second.size == 1:
        return False
    return bool(np.allclose(first.reshape(-1), second.reshape(-1), rtol=1e-4, atol=1e-6, equal_nan=True))


def _explains(idea: Misconception, call: Call) -> bool:
    """True when someone with this idea would have given the answer that came back."""
    answer = idea.answers[call.target]
    if call.args is None:
        return not call.raised and alike(call.value, answer)
    try:
        with np.errstate(all="ignore"):
            wrong = answer(*copy.deepcopy(call.args), **copy.deepcopy(dict(call.kwargs)))
    except Exception as error:  # a wrong answer may raise whatever a student's would
        return call.raised == type(error).__name__
    return not call.raised and alike(call.value, wrong)


def diagnose(
    question: str,
    calls: Sequence[Call],
    failed: Sequence[Call],
    misconceptions: Sequence[Misconception],
) -> Diagnosis | None:
    """The one misconception that explains every call of a question; None when none or several do.

    `failed` are the calls at which parts went wrong: an idea that says nothing about any of them explains nothing.
    """
    found: dict[str, Misconception] = {}
    for idea in misconceptions:
        if idea.question != question:
            continue
        about = [call for call in calls if call.target in idea.answers]
        if any(call.target in idea.answers for call in failed) and all(_explains(idea, call) for call in about):
            found[idea.name] = idea
    if len(found) != 1:
        return None
    ((name, idea),) = found.items()
    return Diagnosis(name=name, concept=idea.concept, hint=idea.hint, erratum=idea.erratum)


def twin(source: str, name: str) -> Callable[..., Any]:
    """A probe of ours that was sent into the jail, on this side: misconceptions are tried with it."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "<probe>", "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function
