"""Grade one notebook: run it in the jail, judge it with its hidden suite, return what was found.

The result depends on the task and on nothing else (no gradebook, no clock in the marks, no other submission), so
that it can be cached by content and computed anywhere.
"""

from __future__ import annotations

import copy
import logging
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbformat import NotebookNode

from grader.course import questions
from grader.jail import Jail, JailedNotebook, JailError, JailLost, RunReport
from grader.judge.run import JudgeError, run_suite
from grader.judge.student import Student
from grader.verdict import NotebookVerdicts, State, Verdict

_FORGED = "Something in this notebook sent messages to Jupyter that no kernel sends. They were left out."
_TRIES = 3
"""How often a notebook is judged from the start when the jail's own process is killed under it."""


@dataclass(frozen=True)
class Task:
    """One notebook to grade; without a suite it is only run, and without points not even that.

    `cells` is not changed: a graded copy comes back. `seed` is that of the random probes (`Judge.seed`), and
    `leave_out` has the indices of cells that need not run (`left_out`).
    """

    assignment: str
    name: str
    cells: NotebookNode
    suite: Path | None
    course_root: Path
    seed: bytes = b""
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    unreadable: bool = False
    leave_out: tuple[int, ...] = ()


@dataclass
class Graded:
    """The executed notebook and what the judge found in it."""

    notebook: NotebookNode
    verdicts: NotebookVerdicts
    report: RunReport = field(default_factory=RunReport)


def grade(task: Task, jail: Jail, log: logging.Logger | None = None) -> Graded:
    """Run and judge one notebook.

    Raises JailError when student code cannot be confined here. A suite that cannot be run gives "grader failed"
    for every question: a person must look, and no mark is made up.
    """
    notebook = copy.deepcopy(task.cells)
    if task.unreadable:
        # There is nothing to run, and a file that could not be read is not proof of a wrong answer.
        reason = task.notes[0] if task.notes else "The file could not be read."
        return Graded(notebook, _collect(task, tuple(_blank(task, State.CRASHED, reason)), needs_attention=True))
    if task.suite is None and not questions(notebook):
        # Nothing in it counts (a notebook to try one's set-up, say): running it would cost time and decide nothing.
        return Graded(notebook, _collect(task, (), needs_attention=False))
    reason = ""
    for _ in range(_TRIES):
        try:
            graded, lost = _judge(task, jail, log)
            if not lost:
                return graded
        except JailLost as error:
            reason = f" {error}"
        if log is not None:
            log.warning("%s: the jail ended under it, by no doing of its own; it is judged again", task.name)
    raise JailError(f"The jail's own processes ended {_TRIES} times. Is there enough memory? See: pset doctor.{reason}")


def _judge(task: Task, jail: Jail, log: logging.Logger | None) -> tuple[Graded, bool]:
    """Run and judge once; also tells whether the jail was lost meanwhile, so that what was found says nothing."""
    notebook = copy.deepcopy(task.cells)
    started = time.monotonic()
    with JailedNotebook(
        notebook, jail, files=task.files, private=(task.course_root,), leave_out=task.leave_out, log=log
    ) as jailed:
        report = jailed.run()
        ran, starting = time.monotonic(), report.start_seconds
        verdicts: tuple[Verdict, ...] = ()
        try:
            if task.suite is not None:
                verdicts = run_suite(task.suite, Student(jailed, task.seed))
        except JudgeError as error:
            if log is not None:
                log.error("%s", error)
            message = "The grader could not judge this question. Your instructor has been told."
            verdicts = tuple(_blank(task, State.GRADER_FAILED, message))
    if jailed.forged:
        task = replace(task, notes=(*task.notes, _FORGED))
    found = _collect(task, verdicts, needs_attention=any(verdict.needs_attention for verdict in verdicts))
    seconds = {"start_seconds": starting, "run_seconds": ran - started, "judge_seconds": time.monotonic() - ran}
    return Graded(notebook, found.model_copy(update=seconds), report), jailed.lost


def _blank(task: Task, state: State, message: str) -> list[Verdict]:
    """The same verdict, without points, for every automatic question of the notebook."""
    return [
        Verdict(question=question.name, state=state, points=0.0, max_points=question.points, message=message)
        for question in questions(task.cells)
        if question.automatic
    ]


def _collect(task: Task, verdicts: tuple[Verdict, ...], *, needs_attention: bool) -> NotebookVerdicts:
    return NotebookVerdicts(
        assignment=task.assignment,
        notebook=task.name,
        verdicts=verdicts,
        notes=task.notes,
        needs_attention=needs_attention,
    )
