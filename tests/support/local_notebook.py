"""A notebook without a jail or a kernel, for judging hundreds of answers of our own in a second each.

The real Student, suites, follow-through and diagnosis run; only the kernel is a dict of names, served by the very
agent that runs inside the jail, over the very wire. Never for code we did not write: there is no wall and no timeout.
"""

from __future__ import annotations

import signal
from collections.abc import Collection
from pathlib import Path
from typing import Any

from nbformat.v4 import new_notebook

from grader.jail import Jail, RunReport, wire
from grader.jail.inside.agent import Agent
from grader.judge.run import run_suite
from grader.judge.student import Student
from grader.verdict import Verdict


class _LocalAgent(Agent):
    def __init__(self, names: dict[str, Any]) -> None:
        super().__init__(wire, wire.MAX_BYTES)
        self.names = names

    def namespace(self) -> dict[str, Any]:
        return self.names


class LocalNotebook:
    """What Student needs of a JailedNotebook, on a dict of names."""

    def __init__(self, names: dict[str, Any], call_seconds: float = 0) -> None:
        self.call_seconds = call_seconds
        self.jail = Jail()
        self.notebook = new_notebook()
        self.report = RunReport()
        self.alive, self.lost = True, False
        self._agent = _LocalAgent(names)

    def request(self, message: dict[str, Any], timeout: float) -> Any:
        if not self.call_seconds:
            return self._served(message)
        before = signal.signal(signal.SIGPROF, self._too_long)
        signal.setitimer(signal.ITIMER_PROF, self.call_seconds)
        try:
            return self._served(message)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    def _served(self, message: dict[str, Any]) -> Any:
        return wire.loads(self._agent.serve(wire.dumps(message)).text)

    def _too_long(self, *_: object) -> None:
        raise TimeoutError(f"the call took more than {self.call_seconds:g} s of processor time")

    def second_chance(self) -> bool:
        return False

    def revive(self) -> bool:
        raise AssertionError("a local notebook does not die")


def names_of(*sources: str) -> dict[str, Any]:
    """Run cells one after the other, as a notebook would, and return the names they define."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for source in sources:
        exec(compile(source, "<cell>", "exec"), names)
    return names


def judge_locally(
    suite: Path,
    names: dict[str, Any],
    seed: bytes = b"local",
    questions: Collection[str] | None = None,
    call_seconds: float = 0,
    *,
    first_failure: bool = False,
) -> dict[str, Verdict]:
    """Verdicts by question, from the real judge on a local notebook; `questions` narrows it to some of them.

    A call that takes more than `call_seconds` of processor time raises TimeoutError in the student's function; 0 sets
    no limit. With `first_failure` nothing is judged after the first part that is not right.
    """
    student = Student(LocalNotebook(names, call_seconds), seed)  # type: ignore[arg-type]
    verdicts = run_suite(suite, student, questions, first_failure=first_failure)
    return {verdict.question: verdict for verdict in verdicts}
