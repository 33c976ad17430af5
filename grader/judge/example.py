"""Visible examples: calls with numbers that students know, shown to a student whose answer is not right.

The numbers are those of the visible checks, never a hidden probe, and examples decide no mark. They are tried before
the first hidden probe reaches the submission: what a student's function remembers of its calls it could give back
here, for its author to read.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.jail import Handle
from grader.judge.compare import ATOL, RTOL, WrongAnswer, describe, same
from grader.judge.diagnose import twin
from grader.judge.student import CallRaised, OverLimit, Student, StudentError, Tampered
from grader.verdict import Shown

SECONDS = 5.0
"""For one example: they are small, and whoever hangs here will hang again where it counts."""
_LINES, _WIDTH = 6, 100


@dataclass(frozen=True)
class Code:
    """An argument that is a function: `source` defines `name`, and `shown` is how the student reads it."""

    name: str
    source: str
    shown: str


@dataclass(frozen=True)
class Example:
    """One call of the function that carries the reference's name; what the reference gives is expected.

    `results` names the things that a function returns several of. Where more than one answer is right, `settle`
    takes (expected, got) and returns the versions of both that are to be compared.
    """

    reference: Callable[..., Any]
    args: tuple[Any, ...]
    results: tuple[str, ...] = ()
    settle: Callable[[Any, Any], tuple[Any, Any]] = lambda expected, got: (expected, got)
    atol: float = ATOL

    @property
    def name(self) -> str:
        return self.reference.__name__

    @property
    def expected(self) -> Any:
        return self.reference(*(twin(arg.source, arg.name) if isinstance(arg, Code) else arg for arg in self.args))

    @property
    def call(self) -> str:
        """The call as a student would write it; with the arguments below it where they are long."""
        values = [arg.shown if isinstance(arg, Code) else _nested(arg) for arg in self.args]
        arrays = [isinstance(arg, np.ndarray) for arg in self.args]
        typed = [f"np.array({value})" if array else value for value, array in zip(values, arrays, strict=True)]
        inline = f"{self.name}({', '.join(typed)})"
        if len(inline) <= _WIDTH - 10 and not any(isinstance(arg, Code) for arg in self.args):
            return inline
        names = list(inspect.signature(self.reference).parameters)[: len(values)]
        lines = [f"{self.name}({', '.join(names)})  with"]
        for name, value in zip(names, values, strict=True):
            given = f"{name} = {value}"
            if len(lines) > 1 and len(lines[-1]) + len(given) < _WIDTH - 3:
                lines[-1] += f",  {given}"
            else:
                lines += textwrap.wrap(given, _WIDTH, initial_indent="  ", subsequent_indent="    ")
        return "\n".join(lines)


def example(reference: Callable[..., Any], *args: Any, **settings: Any) -> Example:
    """An example as one writes it down: the reference function, then the arguments."""
    return Example(reference, args, **settings)


def try_examples(student: Student, examples: Sequence[Example]) -> Shown | None:
    """The first example at which the student's answer differs, else the first one; None when there is no answer."""
    first: Shown | None = None
    for one in examples:
        try:
            found = _try(student, one)
        except Exception as error:  # whatever a student's process sends, it costs no more than the example
            return Shown(call=one.call, expected=show(one.expected), got=f"nothing to show ({type(error).__name__})")
        if found is None or not found.right:
            return found
        first = first or found
    return first


def _try(student: Student, one: Example) -> Shown | None:
    """One example; None when the function is missing, hangs, or ends the process: the question's parts say so."""
    expected = one.expected
    args = [student.define(arg.source, arg.name) if isinstance(arg, Code) else arg for arg in one.args]
    try:
        got = student.call(one.name, *args, timeout=SECONDS)
    except WrongAnswer as wrong:
        return Shown(call=one.call, expected=show(expected), got=str(wrong))
    except (CallRaised, OverLimit, Tampered) as error:
        return None if student.gone else Shown(call=one.call, expected=show(expected), got=str(error))
    except StudentError:
        return None
    expected, got = one.settle(expected, got)
    difference = _first_difference(expected, got, one.results, one.atol)
    if difference is None:
        return Shown(call=one.call, expected=show(expected), got=show(got), right=True)
    label, ours, theirs, place = difference
    return Shown(call=one.call, expected=_labelled(label, ours), got=_labelled(label, theirs), differs_at=place)


def _first_difference(
    expected: Any, got: Any, names: Sequence[str] = (), atol: float = ATOL
) -> tuple[str, Any, Any, str] | None:
    """Where an answer first differs: which of several results, both values of it, and the place in it."""
    parts: list[tuple[str, Any, Any]] = []
    if isinstance(expected, dict) and isinstance(got, dict):
        missing = [key for key in expected if key not in got]
        if missing:
            return "", expected, got, f"there is no key {missing[0]!r}"
        parts = [(repr(key), value, got[key]) for key, value in expected.items()]
    elif isinstance(expected, tuple) and isinstance(got, (list, tuple, np.ndarray)) and len(got) == len(expected):
        labels = names or [f"result {number}" for number in range(1, len(expected) + 1)]
        parts = list(zip(labels, expected, got, strict=True))
    else:
        try:
            same(got, expected, atol=atol)
        except WrongAnswer:
            return "", expected, got, _place(expected, got, atol)
    for label, ours, theirs in parts:
        found = _first_difference(ours, theirs, atol=atol)
        if found is not None:
            return (f"{label}[{found[0]}]" if found[0] else label, *found[1:])
    return None


def _place(expected: Any, got: Any, atol: float) -> str:
    """The shape, or the first element, in which two arrays differ; empty where there is nothing to point at."""
    try:
        ours, theirs = np.asarray(expected), np.asarray(got)
    except ValueError:
        return ""
    if ours.dtype.kind not in "biuf" or theirs.dtype.kind not in "biuf":
        return ""
    if ours.shape != theirs.shape:
        return f"the shape: expected {ours.shape}, got {theirs.shape}" if max(ours.size, theirs.size) > 1 else ""
    wrong = np.argwhere(~np.isclose(theirs, ours, rtol=RTOL, atol=atol))
    if ours.ndim == 0 or len(wrong) == 0:
        return ""
    index = tuple(int(i) for i in wrong[0])
    return f"element {list(index)}: expected {show(ours[index])}, got {show(theirs[index])}"


def _labelled(label: str, value: Any) -> str:
    text = show(value)
    return f"{label} = {textwrap.indent(text, ' ' * (len(label) + 3)).lstrip()}" if label else text


def show(value: Any) -> str:
    """A value as a student would print it, in six lines at most."""
    lines = [line if len(line) <= _WIDTH else line[: _WIDTH - 3] + "..." for line in _text(value).splitlines()]
    return "\n".join(lines if len(lines) <= _LINES else [*lines[: _LINES - 1], "..."])


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ",\n ".join(f"{key!r:.40}: {_nested(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "(" + ",\n ".join(map(_nested, value)) + (",)" if len(value) == 1 else ")")
    if isinstance(value, str):
        return repr(value)
    if value is None or isinstance(value, (Handle, set)):
        return describe(value)
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        if isinstance(value, list):
            return "[" + ", ".join([*map(_nested, value[:8]), *["..."][: len(value) > 8]]) + "]"
        return repr(value) if isinstance(value, complex) else describe(value)
    return np.array2string(
        array,
        separator=", ",
        max_line_width=_WIDTH - 10,
        threshold=40,
        edgeitems=3,
        # Six digits show whatever counts as a difference, and 1e-9 never does.
        formatter={"float_kind": lambda number: f"{0 if abs(number) < 1e-9 else number:.6g}", "int_kind": str},
    )


def _nested(value: Any) -> str:
    return " ".join(_text(value).split())
