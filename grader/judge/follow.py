"""Follow-through: a wrong answer upstream must not cost a right answer downstream.

A part that fails is judged again, on the same probes, with reference functions in the place of the student's upstream
answers. Right then, it earns its marks: its answer is right given right inputs. What this must not be is a way to marks
that a solution with a right upstream would not earn:

- The answer must call a reference. Nothing else differs between the two judgements, so an answer that was wrong before
  and is right now hangs on its upstream: one that throws its result away, or returns numbers written down beforehand,
  is as wrong as before. (Where a call in vain was all that failed, the answer around it is right, and earns its marks.)
  One that does not call it (it rewrites it inline, or is a variable computed when its cell ran) stays as it was judged.
- Whatever the student's upstream is (missing, constant, endless, deadly), it takes no part: neither its values nor its
  form are compared with anything.
- References cross into the jail as source text, and code there can read and keep them. So none crosses whose question
  is still to be judged: what can be read is the answer to a question whose mark is settled. A call that kills the
  kernel changes nothing about that: the new kernel starts without them.

References are tried first for what was judged wrong, then also for what was not judged (left out with -k, or supplied
by the notebook itself), then for everything: a right upstream may come in a form that its own question accepts and a
textbook answer built on it cannot use, such as a list.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from grader.jail import Handle
from grader.judge.compare import WrongAnswer
from grader.judge.diagnose import Call
from grader.judge.student import CallTimedOut, Student, StudentError
from grader.verdict import Evidence

Upstream = Mapping[str, Sequence[Callable[..., Any]]]
"""The reference functions of earlier questions, by question; they carry the same names as the student's."""

_BEFORE = """
from __future__ import annotations

import numpy as np
"""
_AFTER = '''
_calls = {}
_numbers = []


def _single(value):
    return isinstance(value, (float, np.ndarray)) and np.ndim(value) == 0


def _in_form(value, boxed):
    """A single number as NumPy's own kind; beside arrays in a dict as a (1, 1) array, where that is tried."""
    if isinstance(value, dict):
        _numbers.extend(key for key, item in value.items() if _single(item))
        return {key: np.full((1, 1), item) if boxed and _single(item) else _in_form(item, boxed)
                for key, item in value.items()}
    return np.float64(value) if _single(value) else value


def _counted(name, boxed):
    function = globals()[name]

    def stand_in(*args, **kwargs):
        _calls[name] = _calls.get(name, 0) + 1
        return _in_form(function(*args, **kwargs), boxed)

    stand_in.__name__ = name
    return stand_in


def _account():
    return [list(_calls), len(_numbers)]


def _stand_ins(names, boxed):
    return [*(_counted(name, boxed) for name in names), _account]
'''


@lru_cache(maxsize=256)
def source_of(*functions: Callable[..., Any]) -> str:
    """The source of reference functions, after that of the functions of their own modules that they call."""
    found: dict[str, str] = {}

    def collect(one: Callable[..., Any]) -> None:
        for name in one.__code__.co_names:
            other = one.__globals__.get(name)
            if inspect.isfunction(other) and other.__module__ == one.__module__ and name not in found:
                collect(other)
        found[one.__name__] = textwrap.dedent(inspect.getsource(one))

    for function in functions:
        collect(function)
    return "\n".join(found.values())


@dataclass
class _Trial:
    """One judgement of a part: how it failed, if it did, what was asked, and which references were called."""

    error: WrongAnswer | StudentError | None
    evidence: list[Evidence]
    calls: list[Call]
    used: tuple[str, ...] = ()
    numbers: bool = False
    """A reference handed a single number over that might as well have come as a (1, 1) array."""


def follow_through(
    student: Student,
    part: Callable[[], object],
    upstream: Upstream,
    *,
    judged: Mapping[str, bool],
    deadly: bool = False,
) -> tuple[str, ...]:
    """Judge a part; returns the upstream questions whose references it took, () when it is right as it stands.

    Raises what makes it wrong. Where it is wrong on top of references too, the mistake is its own, and what was asked
    then is what counts as evidence and for the diagnosis: not what a wrong upstream made of it. `judged` tells of the
    upstream questions judged so far whether they are right; `deadly` says that an answer to one of them hangs or ends
    the kernel, so that references come first.
    """
    right = {name for name in upstream if judged.get(name, False)}
    wrong = tuple(name for name in upstream if not judged.get(name, True))
    doubtful = tuple(name for name in upstream if name not in right)
    own = None if deadly or student.spared else _trial(student, part)
    if own is not None and own.error is None:
        return ()
    told = own
    if own is not None and doubtful and student.gone:
        # What ended the kernel may be what the upstream gave. In the next parts references come first.
        student.spare()
    if own is not None and not _may_use(student, upstream):
        upstream, wrong, doubtful = {}, (), ()
    for names in dict.fromkeys((wrong, doubtful, tuple(upstream))):
        if not names or (right.issuperset(names) and own is not None and isinstance(own.error, CallTimedOut)):
            continue  # a right upstream is not what takes so long
        for boxed in (False, True):
            trial = _on_references(student, part, {name: upstream[name] for name in names}, boxed)
            if trial.used and trial.error is None:
                again = Evidence(call=f"again, with the reference for {', '.join(trial.used)}")
                student.evidence = [*(own.evidence if own else []), again, *trial.evidence]
                return trial.used
            if trial.used and told is own and not right.issuperset(names):
                told = trial
            if not trial.numbers:
                break
    told = told or _trial(student, part)
    student.evidence, student.calls = told.evidence, told.calls
    if told.error is not None:
        raise told.error
    return ()


def _may_use(student: Student, upstream: Upstream) -> bool:
    """False when nothing that the part asked for mentions an upstream function: references would change nothing."""
    functions = [function.__name__ for functions in upstream.values() for function in functions]
    try:
        return bool(functions) and student.reaches(student.asked, functions)
    except StudentError:
        return True


def _trial(student: Student, part: Callable[[], object]) -> _Trial:
    """Judge a part once, as things are."""
    student.evidence, student.calls, student.asked = [], [], set()
    error = None
    try:
        part()
    except (WrongAnswer, StudentError) as raised:
        error = raised
    return _Trial(error, list(student.evidence), list(student.calls))


def _on_references(student: Student, part: Callable[[], object], upstream: Upstream, boxed: bool) -> _Trial:
    """Judge a part with references in the student's namespace; the student's own are back afterwards."""
    questions = {function.__name__: name for name, functions in upstream.items() for function in functions}
    source = _BEFORE + source_of(*(function for functions in upstream.values() for function in functions)) + _AFTER
    nothing = _Trial(None, [], [])
    try:
        made = student.call(student.define(source, "_stand_ins"), list(questions), boxed)
        if not isinstance(made, list) or not all(isinstance(one, Handle) for one in made):
            return nothing
        if len(made) != len(questions) + 1:
            return nothing
        with student.replaced(dict(zip(questions, made, strict=False))):
            trial = _trial(student, part)
            account = student.call(made[-1])
    except (WrongAnswer, StudentError):
        return nothing
    # What comes back is plain data, but whatever the student's process says.
    if isinstance(account, list) and len(account) == 2 and isinstance(account[0], list):
        called = {name for name in account[0] if isinstance(name, str)}
        trial.used = tuple(dict.fromkeys(question for name, question in questions.items() if name in called))
        trial.numbers = isinstance(account[1], int) and account[1] > 0
    return trial
