"""Follow-through: a wrong answer upstream must not cost a right answer downstream.

The reference function takes the place of the student's upstream answer inside the jail, counting its calls; then the
part is judged once more. Only the one function that was already judged wrong crosses into the jail, as source text.
An answer that does not use its upstream (it rewrites it inline) stays as it was judged: putting something else in an
unused place proves nothing.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from grader.jail import Handle
from grader.judge.compare import WrongAnswer
from grader.judge.student import Student, StudentError

_COUNTED = """
import numpy as np

{source}

_calls = [0]

def counted(*args, **kwargs):
    _calls[0] += 1
    return {name}(*args, **kwargs)

counted.__name__ = {name!r}

def calls():
    return _calls[0]

def stand_in():
    return [counted, calls]
"""


def source_of(function: Callable[..., Any]) -> str:
    """The source of a reference function, after that of the functions of its own module that it calls."""
    found: dict[str, str] = {}

    def collect(one: Callable[..., Any]) -> None:
        for name in one.__code__.co_names:
            other = one.__globals__.get(name)
            if inspect.isfunction(other) and other.__module__ == one.__module__ and name not in found:
                collect(other)
        found[one.__name__] = textwrap.dedent(inspect.getsource(one))

    collect(function)
    return "\n".join(found.values())


def follow_through(student: Student, upstream: Sequence[Callable[..., Any]], judge_again: Callable[[], None]) -> bool:
    """True when the part is right with the reference upstream, and calls it; False when that proves nothing.

    Raises what the part's second judgement raised when the answer did use the reference and is still wrong: the
    mistake is then its own. The student's functions are back in their places afterwards, whatever happens in between.
    """
    replaced: list[tuple[str, Handle]] = []
    counters: list[Handle] = []
    problem: WrongAnswer | StudentError | None = None
    try:
        for function in upstream:
            name, source = function.__name__, source_of(function)
            make = student.define(_COUNTED.format(source=source, name=name), "stand_in")
            made = student.call(make)
            if not isinstance(made, list) or len(made) != 2 or not all(isinstance(one, Handle) for one in made):
                return False
            counted, calls = made
            replaced.append((name, student.replace(name, counted)))
            counters.append(calls)
        try:
            judge_again()
        except (WrongAnswer, StudentError) as error:
            problem = error
        # What comes back is plain data, but whatever the student's process says.
        counts = [student.call(calls) for calls in counters]
        used = any(isinstance(count, int) and count > 0 for count in counts)
    except (WrongAnswer, StudentError):
        return False
    finally:
        # A kernel that died took the stand-ins with it: there is nothing left to put back.
        with suppress(StudentError):
            for name, own in reversed(replaced):
                student.replace(name, own)
    if problem is not None and used:
        raise problem
    return used and problem is None
