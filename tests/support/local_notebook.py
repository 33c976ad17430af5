"""A notebook without a jail or a kernel, for judging hundreds of answers of our own in a second each.

The real Student, suites, follow-through and diagnosis run; only the kernel is a dict of names, served by the very
agent that runs inside the jail, over the very wire. Never for code we did not write: there is no wall and no timeout.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from nbformat.v4 import new_notebook

from grader.jail import Jail, RunReport, wire
from grader.jail.inside import Agent
from grader.judge.run import run_suite
from grader.judge.student import Student
from grader.verdict import Verdict


class _LocalAgent(Agent):
    def __init__(self, names: dict[str, Any]) -> None:
        super().__init__(wire)
        self.names = names

    def namespace(self) -> dict[str, Any]:
        return self.names


class LocalNotebook:
    """What Student needs of a JailedNotebook, on a dict of names."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.jail = Jail()
        self.notebook = new_notebook()
        self.report = RunReport()
        self.alive = True
        self._agent = _LocalAgent(names)

    def request(self, message: dict[str, Any], timeout: float) -> Any:
        return wire.loads(self._agent.serve(wire.dumps(message)).text)

    def revive(self) -> bool:
        raise AssertionError("a local notebook does not die")


def names_of(*sources: str) -> dict[str, Any]:
    """Run cells one after the other, as a notebook would, and return the names they define."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for source in sources:
        exec(compile(source, "<cell>", "exec"), names)
    return names


def judge_locally(
    suite: Path, names: dict[str, Any], seed: bytes = b"local", questions: Collection[str] | None = None
) -> dict[str, Verdict]:
    """Verdicts by question, from the real judge on a local notebook; `questions` narrows it to some of them."""
    student = Student(LocalNotebook(names), seed)  # type: ignore[arg-type]
    return {verdict.question: verdict for verdict in run_suite(suite, student, questions)}
