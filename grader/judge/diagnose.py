"""Diagnosis: which misconception, if any, explains a wrong answer.

A misconception is an executable wrong answer beside the reference. When a student's answers equal one misconception's
on every probe that was made, and no other's, the student is told its hint. Precision comes before recall: where two
explain the same answers, or none does, nothing is named.

What cannot be compared, such as a Keras model, the suite judges by its behaviour, and there it names the misconception
itself: `raise WrongAnswer(message, misconception="its name")`.
The judge does the same for what it sees in any question, such as an input that changed (`grader.judge.habits`).
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


# A call may also have failed in the judge's own terms: that is no exception of the student's code.
OURS = (
    "StudentError", "NotAttempted", "NotDefined", "CallRaised", "CallKilled", "CallTimedOut", "OverLimit", "Tampered",
)  # fmt: skip


class AnyError(Exception):
    """Raised by a misconception's answer where a student's would raise one exception or another."""


@dataclass(frozen=True)
class Misconception:
    """One wrong idea about one question, as code.

    `answers` maps the names a student defines (functions, or a variable) to what someone with this idea defines
    there. A function may be left out where the idea does not show in it; calls to it then say nothing. Likewise `...`
    stands for a result in which the idea does not show. None instead of answers: only the suite itself names this one.
    """

    question: str
    name: str
    concept: str
    hint: str
    answers: Mapping[str, Any] | None = None
    erratum: str = ""

    def __post_init__(self) -> None:
        if len(self.hint.split()) > MAX_HINT_WORDS:
            raise ValueError(f"the hint of {self.name!r} has more than {MAX_HINT_WORDS} words")
        if self.answers is not None and not self.answers:
            raise ValueError(f"the misconception {self.name!r} answers nothing")

    @property
    def told(self) -> Diagnosis:
        """What the student is told of it."""
        return Diagnosis(name=self.name, concept=self.concept, hint=self.hint, erratum=self.erratum)


@dataclass(frozen=True)
class Call:
    """One thing asked of the student and what came back: a value, or the name of the exception it raised."""

    target: str
    args: tuple[Any, ...] | None
    kwargs: Mapping[str, Any]
    value: Any = None
    raised: str = ""


def alike(one: Any, other: Any) -> bool:
    """Equal by value like `same`, except that NaN equals NaN and infinity itself: wrong answers often hold them.

    `...` in the other, a misconception's answer, is equal to anything.
    """
    if other is ...:
        return True
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
    except (TypeError, ValueError, OverflowError):  # whole numbers of a student may be of any size
        return False
    if first.shape != second.shape and not first.size == second.size == 1:
        return False
    return bool(np.allclose(first.reshape(-1), second.reshape(-1), rtol=1e-4, atol=1e-6, equal_nan=True))


def _explains(idea: Misconception, calls: Sequence[Call]) -> bool:
    """True when someone with this idea would have given every answer that came back."""
    answers = idea.answers or {}
    return all(_gives(answers[call.target], call) for call in calls if call.target in answers)


def _gives(answer: Any, call: Call) -> bool:
    """True when this wrong answer gives what came back from one call."""
    if call.args is None:
        return not call.raised and alike(call.value, answer)
    try:
        with np.errstate(all="ignore"):
            wrong = answer(*copy.deepcopy(call.args), **copy.deepcopy(dict(call.kwargs)))
    except AnyError:
        return call.raised not in ("", *OURS)
    except Exception as error:  # a wrong answer may raise whatever a student's would
        return call.raised == type(error).__name__
    return not call.raised and alike(call.value, wrong)


def diagnose(
    question: str,
    calls: Sequence[Call],
    failed: Sequence[Call],
    misconceptions: Sequence[Misconception],
) -> Diagnosis | None:
    """The misconception that alone explains all calls to the functions it is about; None when there is no such.

    `failed` are the calls at which parts went wrong, in order. Where they went wrong in several functions, each for
    its own reason, the first that can be explained is told.
    """
    ideas = [idea for idea in misconceptions if idea.question == question and idea.answers]
    for target in dict.fromkeys(call.target for call in failed):
        found = [idea for idea in ideas if target in (idea.answers or {}) and _explains(idea, calls)]
        if len(found) == 1:
            return found[0].told
    return None


def named(question: str, names: Sequence[str], misconceptions: Sequence[Misconception]) -> Diagnosis | None:
    """The first misconception that the suite itself named for this question."""
    known = {idea.name: idea for idea in misconceptions if idea.question == question}
    return next((known[name].told for name in names if name in known), None)


def twin(source: str, name: str) -> Callable[..., Any]:
    """A probe of ours that was sent into the jail, on this side: misconceptions are tried with it."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "<probe>", "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function
