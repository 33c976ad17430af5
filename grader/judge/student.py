"""The student's notebook as the judge sees it: functions to call, values to read, all of it behind the wall."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import numpy as np
from nbformat import NotebookNode

from grader.jail import (
    CallTimeout,
    Handle,
    JailedNotebook,
    JailError,
    JailLost,
    KernelGone,
    NotOurs,
    WireError,
    limit_behind,
)
from grader.jail.wire import digests
from grader.judge.compare import ATOL, CHANGED_INPUT, RTOL, WrongAnswer, same, shorten
from grader.judge.diagnose import Call, twin
from grader.verdict import Evidence, State

Found = TypeVar("Found")

_TIMEOUTS_PER_QUESTION = 2
_FAILURES = ("undefined", "not callable", "raised")
_NO_ANSWER = "there is no answer yet: `raise NotImplementedError()` is still in the cell"


class StudentError(Exception):
    """The student's code gave no answer to compare; `state` says how it failed, the message is for the student."""

    state = State.CRASHED
    exception = ""
    """The name of the exception the student's code raised, if that is what happened."""


class NotAttempted(StudentError):
    """The released stub is still there."""

    state = State.NOT_ATTEMPTED


class NotDefined(StudentError):
    """The notebook defines no such name."""

    state = State.WRONG


class CallRaised(StudentError):
    """The student's function raised an exception."""


class CallKilled(CallRaised):
    """The student's function ended the process it ran in."""


class CallTimedOut(StudentError):
    """The student's function did not return in time."""

    state = State.TIMED_OUT


class OverLimit(StudentError):
    """The student's function used more than the jail allows, or an answer is too large for the wire."""

    state = State.OVER_LIMIT


class Tampered(StudentError):
    """What answers in the student's process is not what we put there."""

    state = State.TAMPERED


class Student:
    """Calls into one submission, on behalf of one part of one question at a time."""

    def __init__(self, notebook: JailedNotebook, seed: bytes) -> None:
        self._notebook = notebook
        self._seed = seed
        self._question = ""
        self._test = ""
        self._gone: dict[str, StudentError] = {}
        self._tampered: Tampered | None = None
        self._timeouts: dict[str, int] = {}
        self._spared: set[str] = set()
        self.evidence: list[Evidence] = []
        self.calls: list[Call] = []
        self.asked: set[str] = set()
        """The names that were called or read on behalf of this part."""
        self._probes: dict[int, tuple[str, str]] = {}
        self._defined: dict[tuple[str, str, int], Handle] = {}
        self._found: dict[tuple[str, int], tuple[Any, list[Evidence], list[Call], set[str]]] = {}

    def begin(self, question: str, test: str) -> None:
        """Start a part: evidence and limits belong to it from here on."""
        if question != self._question:
            self._found.clear()
        self._question, self._test = question, test
        self.evidence = []
        self.calls = []
        self.asked = set()

    @property
    def gone(self) -> bool:
        """True when a call on behalf of this question ended the kernel."""
        return self._question in self._gone

    def forgive(self) -> None:
        """Forget what calls on behalf of this question did to the kernel: they were not meant to count."""
        self._gone.pop(self._question, None)
        self._timeouts.pop(self._question, None)

    @property
    def spared(self) -> bool:
        """True when `spare` was called on behalf of this question."""
        return self._question in self._spared

    def spare(self) -> None:
        """Forget that a call on behalf of this question ended the kernel: its upstream may be what did."""
        self._spared.add(self._question)
        self.forgive()

    @property
    def source(self) -> str:
        """The student's cell for this question; empty when there is none."""
        cells = self._notebook.notebook.cells
        return "".join(c.source for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == self._question)

    @property
    def seed(self) -> int:
        """The seed of this part's random probes: the same for the same submission, unknown to students."""
        text = f"{self._question}:{self._test}".encode()
        return int.from_bytes(hashlib.sha256(self._seed + text).digest()[:8], "big")

    def call(
        self,
        function: str | Handle,
        *args: Any,
        timeout: float | None = None,
        mutation_allowed: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Call a function of the student's, by name or handle, and return its value as plain data or a Handle.

        Raises a StudentError when there is no value, and WrongAnswer when the call changed its array arguments.
        """
        if isinstance(function, str):
            self.asked.add(function)
        request: dict[str, Any] = {"do": "call", "target": function, "args": list(args), "kwargs": kwargs}
        if mutation_allowed:
            request["digests"] = False
        started = time.monotonic()
        entry = {"call": f"{_name(function)}({', '.join(shorten(arg, 300) for arg in args)})"}
        try:
            reply = self._ask(request, timeout)
            self._check_reply(reply, function)
        except StudentError as error:
            self._note(entry, problem=f"{type(error).__name__}: {error}", seconds=time.monotonic() - started)
            self._remember(function, args, kwargs, raised=error.exception or type(error).__name__)
            raise
        value = reply.get("value")
        self._remember(function, args, kwargs, value=value)
        if not isinstance(reply.get("digests"), list):
            raise Tampered(f"the answer could not be read: {NotOurs()}")
        if not mutation_allowed and not _equal_texts(reply.get("digests"), digests([list(args), kwargs])):
            message = f"`{_name(function)}` changed its input; work on a copy instead"
            self._note(entry, got=shorten(value), problem=message, seconds=time.monotonic() - started)
            raise WrongAnswer(message, CHANGED_INPUT)
        self._note(entry, got=shorten(value), seconds=time.monotonic() - started)
        return value

    def check(
        self,
        function: str | Handle,
        *args: Any,
        expected: Any,
        rtol: float = RTOL,
        atol: float = ATOL,
        what: str = "",
        timeout: float | None = None,
        **kwargs: Any,
    ) -> Any:
        """Call a function and compare its value with the expected one; returns the value."""
        value = self.call(function, *args, timeout=timeout, **kwargs)
        tolerance = f"rtol {rtol:g}, atol {atol:g}"
        try:
            same(value, expected, rtol, atol, f"`{_name(function)}`" + (f" {what}" if what else ""))
        except WrongAnswer as wrong:
            self._amend(expected=shorten(expected), tolerance=tolerance, problem=str(wrong))
            raise
        self._amend(expected=shorten(expected), tolerance=tolerance)
        return value

    def value(self, name: str) -> Any:
        """Read a variable of the notebook."""
        self.asked.add(name)
        entry = {"call": name}
        try:
            reply = self._ask({"do": "value", "target": name}, None)
            self._check_reply(reply, name)
        except StudentError as error:
            self._note(entry, problem=f"{type(error).__name__}: {error}")
            raise
        self._note(entry, got=shorten(reply.get("value")))
        if reply.get("value") is None:
            self._check_attempted()
        self.calls.append(Call(name, None, {}, value=reply.get("value")))
        return reply.get("value")

    def _check_attempted(self) -> None:
        """A variable still at None, set before the stub's `raise NotImplementedError()`, is no answer yet."""
        cell = self._notebook.report.of(self._question)
        if cell is not None and cell.error.startswith("NotImplementedError"):
            raise NotAttempted(_NO_ANSWER)

    def define(self, source: str, name: str, *, once: bool = False) -> Handle:
        """Run source text of ours in a fresh module inside the jail; returns a handle to `name` defined there.

        What is defined `once` stays for as long as the kernel lives, with its module and what that remembers.
        """
        known = self._defined.get((source, name, self._life)) if once else None
        if known is not None and self._question not in self._gone:
            return known
        reply = self._ask({"do": "define", "source": source, "name": name, "once": once}, None)
        value = reply.get("value") if isinstance(reply, dict) else None
        if isinstance(value, Handle):
            self._probes[value.number] = (source, name)
        if not isinstance(value, Handle):
            if isinstance(reply, dict) and isinstance(reply.get("failed"), str):
                raise RuntimeError(f"the probe {name!r} could not be defined in the jail: {shorten(reply)}")
            raise Tampered(f"the answer could not be read: {NotOurs()}")
        if once:
            self._defined[source, name, self._notebook.report.restarts] = value
        return value

    @property
    def _life(self) -> int:
        """Which kernel it is that handles belong to; -1 for none."""
        return self._notebook.report.restarts if self._notebook.alive else -1

    def once(self, name: str, ask: Callable[[], Found]) -> Found:
        """What `ask` found out, for all parts of this question that need it: the later ones get its evidence as well.

        It is asked anew where a name of the notebook has changed its meaning since, where it came to no end, and of a
        new kernel.
        """
        if (name, self._life) not in self._found:
            before = len(self.evidence), len(self.calls)
            value = ask()
            found = value, self.evidence[before[0] :], self.calls[before[1] :], set(self.asked)
            self._found[name, self._life] = found
            return value
        value, evidence, calls, asked = self._found[name, self._life]
        self.evidence += evidence
        self.calls += calls
        self.asked |= asked
        return value

    @contextmanager
    def replaced(self, values: Mapping[str, Handle]) -> Generator[None, None, None]:
        """Kept objects in the place of names of the notebook, whose own are back afterwards."""
        self._found.clear()
        reply = self._ask({"do": "replace", "values": dict(values)}, None)
        if not (isinstance(reply, dict) and "value" in reply):
            raise OverLimit(f"{', '.join(values)} could not be replaced in the notebook")
        try:
            yield
        finally:
            self._return()

    def _return(self) -> None:
        """Have names mean again what they meant, also where nothing more may be asked on behalf of this question.

        A kernel that died took the others with it, and the next one defines the student's own again.
        """
        self._found.clear()
        if self._notebook.alive:
            with suppress(CallTimeout, KernelGone, WireError):
                self._notebook.request({"do": "return"}, self._notebook.jail.call_timeout)

    def reaches(self, targets: Collection[str], names: Collection[str]) -> bool:
        """Whether functions of the notebook may call others of it; True where their code cannot tell."""
        reply = self._ask({"do": "reaches", "targets": sorted(targets), "names": sorted(names)}, None)
        return not (isinstance(reply, dict) and reply.get("value") is False)

    @contextmanager
    def as_it_stood(self) -> Generator[bool, None, None]:
        """The notebook's names as they stood after this question's own cells; yields False when none has changed.

        A later cell may use a name once more, for a helper say, on which this question's answer hangs.
        """
        changed = False
        for cell in (f"test_{self._question}", self._question):
            if not changed:
                with suppress(StudentError):
                    reply = self._ask({"do": "rewind", "target": cell}, None)
                    number = reply.get("value") if isinstance(reply, dict) else 0
                    changed = isinstance(number, int) and number > 0
        if not changed:
            yield False
            return
        self._found.clear()
        try:
            yield True
        finally:
            self._return()

    def _ask(self, request: dict[str, Any], timeout: float | None) -> Any:
        limit = timeout or self._notebook.jail.call_timeout
        if self._question in self._gone:
            raise self._gone[self._question]
        if self._notebook.lost:
            raise JailLost("the jail's own process ended while a notebook ran in it")
        if not self._notebook.alive and not self._revive():
            if self._tampered is not None:
                raise self._tampered
            raise CallRaised("the notebook's kernel died too often to try this question")
        try:
            return self._notebook.request(request, limit)
        except CallTimeout:
            count = self._timeouts[self._question] = self._timeouts.get(self._question, 0) + 1
            error = CallTimedOut(f"the call took longer than {limit:g} s and was stopped")
            if count >= _TIMEOUTS_PER_QUESTION:
                self._gone[self._question] = error
            raise error from None
        except KernelGone as gone:
            killed = not (gone.timed_out or gone.limit)
            if killed and not _holds_handle(request) and self._notebook.second_chance():
                return self._ask(request, timeout)
            found: StudentError = CallKilled("the call ended the Python process it ran in")
            if gone.limit:
                found = OverLimit(f"the call used more than {gone.limit}")
            elif gone.timed_out:
                found = CallTimedOut(f"the call took longer than {limit:g} s and could not be stopped")
            self._gone[self._question] = found
            raise found from None
        except NotOurs as error:
            tampered = Tampered(f"the answer could not be read: {error}")
            if not self._notebook.alive:
                # Only this question: for the next one the kernel is started again.
                self._gone[self._question] = self._tampered = tampered
            raise tampered from None
        except WireError as error:
            raise OverLimit(f"the answer could not be read: {error}") from None

    def _revive(self) -> bool:
        try:
            return self._notebook.revive()
        except JailError as error:
            raise RuntimeError(str(error)) from error

    def _check_reply(self, reply: Any, target: str | Handle) -> None:
        """Turn the agent's account of a failure into a StudentError."""
        failed = reply.get("failed") if isinstance(reply, dict) else None
        right = {"value", "digests"} if failed is None else {"failed", "type", "message", "frames"}
        if not isinstance(reply, dict) or not right.issuperset(reply):
            raise Tampered(f"the answer could not be read: {NotOurs()}")
        if failed is None:
            return
        if not isinstance(failed, str) or failed not in _FAILURES:
            raise Tampered(f"the answer could not be read: {NotOurs()}")
        if failed == "undefined":
            raise self._undefined(_name(target))
        if failed == "not callable":
            raise NotDefined(f"`{_name(target)}` is not a function")
        kind, message = (text if isinstance(text, str) else "" for text in (reply.get("type"), reply.get("message")))
        kind, message = kind[:60], message[:2000]
        if kind == "NotImplementedError":
            raise NotAttempted(_NO_ANSWER)
        if kind in ("WireError", "TooLarge"):
            raise OverLimit(f"the answer could not be read: {_safe(message)}")
        place = _place(reply, self._notebook.notebook.cells)
        if limit := limit_behind(self._notebook.jail, kind, message):
            raise OverLimit(f"`{_name(target)}` raised {kind}: a notebook may use {limit}{place}")
        raised = CallRaised(f"`{_name(target)}` raised {kind}{': ' if message else ''}{_safe(message)}{place}")
        raised.exception = kind
        raise raised

    def _undefined(self, name: str) -> StudentError:
        """A missing name, explained by what became of the cell that should define it."""
        cell = self._notebook.report.of(self._question)
        if cell is None:
            return NotDefined(f"`{name}` is not defined, and the cell `{self._question}` is not in the notebook")
        if cell.error.startswith("NotImplementedError"):
            return NotAttempted(_NO_ANSWER)
        if cell.status == "timed out":
            return CallTimedOut(f"`{name}` is not defined: {cell.error}")
        if cell.status == "over a limit":
            return OverLimit(f"`{name}` is not defined: {cell.error[:300]}")
        if cell.status != "ok":
            return CallRaised(f"`{name}` is not defined, because its cell failed: {_safe(cell.error)}")
        return NotDefined(f"`{name}` is not defined")

    def _remember(self, function: str | Handle, args: Sequence[Any], kwargs: dict[str, Any], **outcome: Any) -> None:
        """Keep a call to a function of the student's own for the diagnosis, with our probes as functions of ours."""
        if isinstance(function, Handle):
            return
        ours = tuple(twin(*self._probes[a.number]) if _is_probe(a, self._probes) else a for a in args)
        if not any(isinstance(argument, Handle) for argument in (*ours, *kwargs.values())):
            self.calls.append(Call(function, ours, kwargs, **outcome))

    def _note(self, entry: dict[str, Any], **more: Any) -> None:
        self.evidence.append(Evidence(**entry, **more))

    def _amend(self, **more: Any) -> None:
        self.evidence[-1] = self.evidence[-1].model_copy(update=more)


def _is_probe(argument: Any, probes: dict[int, tuple[str, str]]) -> bool:
    return isinstance(argument, Handle) and argument.number in probes


def _holds_handle(value: Any) -> bool:
    """True when something in a request stands for an object in the kernel, which ends with it."""
    if isinstance(value, dict):
        return any(_holds_handle(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(_holds_handle(item) for item in value)
    return isinstance(value, Handle)


def _equal_texts(got: Any, expected: list[str]) -> bool:
    """Equality of a list of texts with whatever came: `==` on arrays would be an array."""
    return isinstance(got, list) and all(isinstance(text, str) for text in got) and got == expected


def _name(target: str | Handle) -> str:
    return target.type_name if isinstance(target, Handle) else target


def _safe(message: str) -> str:
    """A student's exception text, shortened, with decimals masked: raising one's inputs must not reveal probes."""
    text = re.sub(r"-?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|-?\d+[eE][-+]?\d+|\d{6,}", "#", " ".join(message.split()))
    return text if len(text) <= 200 else text[:197] + "..."


def _place(reply: dict[str, Any], cells: Sequence[NotebookNode]) -> str:
    """Where it was raised. The line must be one of the submission: a made-up frame could spell out a probe."""
    frames = reply.get("frames")
    if not isinstance(frames, list) or not frames:
        return ""
    last = frames[-1]
    if not isinstance(last, list) or len(last) != 3:
        return ""
    line = str(last[2]).strip()
    own = {text.strip() for cell in cells for text in cell.source.splitlines()}
    if type(last[0]) is not int or not 0 < last[0] < 10_000 or line not in own:
        return ""
    return f" (line {last[0]} of your cell: `{line[:120]}`)"


def probe_generator(student: Student) -> np.random.Generator:
    """The random generator for the current part's probes."""
    return np.random.default_rng(student.seed)
