"""The parts of the benchmark: each runs nbgrader's own commands on copies of the same class and returns plain data."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil
from nbgrader.api import Gradebook

from benchmarks.classes import Class
from benchmarks.measure import Cost, nbgrader
from grader.batch.pool import cores
from grader.verdict import NotebookVerdicts

Data = dict[str, Any]
Say = Callable[[str], None]
_LIBRARIES = (
    "nbgrader", "nbconvert", "nbclient", "jupyter-client", "ipykernel", "numpy", "keras", "tensorflow-cpu",
    "tensorflow", "jax", "SQLAlchemy", "pytest",
)  # fmt: skip


class BenchError(RuntimeError):
    """A command that is measured failed, so that its time says nothing; the message has the end of its log."""


def machine() -> Data:
    """What the numbers belong to."""
    versions = {}
    for name in _LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_megabytes": psutil.virtual_memory().total / 2**20,
        "system": platform.platform(),
        "python": platform.python_version(),
        "libraries": versions,
        "load_before": os.getloadavg()[0],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


class Bench:
    """One class, measured."""

    def __init__(self, made: Class, submissions: int, jobs: Sequence[int], say: Say) -> None:
        self.made = made
        self.submissions = submissions
        self.jobs = sorted(set(jobs))
        self.say = say

    @contextmanager
    def _course(self, course: Path, students: int, jobs: int = 0) -> Generator[Path, None, None]:
        """A fresh copy with the first so many students, gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="bench-run-", dir=course.parent) as name:
            yield self.made.copy(course, Path(name) / "course", students, jobs)

    def _grade(self, course: Path, students: int, *options: str) -> Cost:
        """Grade everything, or fail: a run that left somebody out has done less than it was to."""
        cost = nbgrader(course, "autograde", self.made.assignment, *options)
        graded = self._graded(course)
        if cost.status != 0 or graded != students:
            raise BenchError(
                f"nbgrader graded {graded} of {students} submissions, with exit status {cost.status}:\n"
                f"{cost.log[-3000:]}"
            )
        return cost

    def _graded(self, course: Path) -> int:
        return len(list((course / "autograded").glob(f"*/{self.made.assignment}")))

    def _nothing(self, course: Path, command: str) -> Cost:
        """What nbgrader takes to find that there is nothing to do: its start."""
        return nbgrader(course, command, self.made.assignment, "--student", self.made.students[0])

    def _feedback(self, course: Path) -> Cost:
        cost = nbgrader(course, "generate_feedback", self.made.assignment)
        pages = len(list((course / "feedback").glob(f"*/{self.made.assignment}/*.html")))
        if cost.status != 0 or not pages:
            raise BenchError(
                f"nbgrader wrote {pages} pages of feedback, exit status {cost.status}:\n{cost.log[-3000:]}"
            )
        return cost

    def stock(self, feedback: bool) -> Data:
        """Stock nbgrader, kernels without walls, on the same files."""
        self.say(f"stock nbgrader grades {self.submissions} submissions")
        with self._course(self.made.stock, self.submissions) as course:
            cost = nbgrader(course, "autograde", self.made.assignment)
            # Stock gives up over some submissions: a number that a test cell shows, say, is taken for points.
            graded = self._graded(course)
            if not graded:
                raise BenchError(f"stock nbgrader graded nothing:\n{cost.log[-3000:]}")
            found: Data = {"who": "stock", "jobs": 1, "graded": graded, **self._numbers(cost)}
            if feedback:
                self.say("stock nbgrader writes feedback")
                found["feedback"] = self._numbers(self._feedback(course))
        return found

    def ours(self, jobs: int, feedback: bool, regrade: bool) -> tuple[Data, Data]:
        """Ours, with so many jobs; also every mark in the gradebook."""
        n = self.submissions
        self.say(f"ours grades {n} submissions with {jobs} job{'s' if jobs > 1 else ''}")
        with self._course(self.made.ours, n, jobs) as course:
            first = self._grade(course, n)
            stages = self._stages(course)
            start = self._nothing(course, "autograde")
            found: Data = {"who": "ours", "jobs": jobs, "graded": n, **self._numbers(first)}
            found["start_up_seconds"] = start.seconds
            # What is neither jail nor judge is nbgrader's way: files, gradebook, checks, cleaning.
            own = jobs * (first.seconds - start.seconds) / n - sum(stages.values())
            found["stages"] = {"start_up": start.seconds / n, **stages, "nbgrader": own}
            marks = self._marks(course)
            if feedback:
                self.say(f"ours writes feedback with {jobs} job{'s' if jobs > 1 else ''}")
                found["feedback"] = self._numbers(self._feedback(course))
            if regrade:
                self.say("ours grades the unchanged class again")
                found["regrade"] = {}
                for name, options in (("same_command", ()), ("forced", ("--force",))):
                    again = self._grade(course, n, *options)
                    beyond = max(0.0, again.seconds - start.seconds)
                    found["regrade"][name] = {
                        "seconds": again.seconds,
                        "cpu_seconds": again.cpu_seconds,
                        "seconds_beyond_start_up": beyond,
                        "share_of_first_run": beyond / first.seconds,
                    }
                if self._marks(course) != marks:
                    raise BenchError("Grading the unchanged class again changed marks.")
        return found, marks

    def growth(self, sizes: Sequence[int], known: Data | None) -> list[Data]:
        """Classes of several sizes, with all jobs; one that was measured already is not graded again."""
        found = []
        for size in sizes:
            if known is not None and size == self.submissions:
                found.append({"submissions": size, **{name: known[name] for name in _NUMBERS}})
                continue
            self.say(f"growth: ours grades {size} submissions with {self.jobs[-1]} jobs")
            with self._course(self.made.ours, size, self.jobs[-1]) as course:
                found.append({"submissions": size, **self._numbers(self._grade(course, size), size)})
        return found

    def noise(self, submissions: int, repeats: int) -> Data:
        """The same small run again and again."""
        costs = []
        for number in range(1, repeats + 1):
            self.say(f"noise: the same {submissions} submissions, {number} of {repeats}")
            with self._course(self.made.ours, submissions, self.jobs[-1]) as course:
                costs.append(self._grade(course, submissions))
        return {
            "submissions": submissions,
            "jobs": self.jobs[-1],
            "repeats": repeats,
            "seconds": [cost.seconds for cost in costs],
            "spread": _spread([cost.seconds for cost in costs]),
            "spread_of_cpu_seconds": _spread([cost.cpu_seconds for cost in costs]),
        }

    def _numbers(self, cost: Cost, submissions: int = 0) -> Data:
        submissions = submissions or self.submissions
        return {
            "seconds": cost.seconds,
            "cpu_seconds": cost.cpu_seconds,
            "seconds_per_submission": cost.seconds / submissions,
            "cpu_seconds_per_submission": cost.cpu_seconds / submissions,
            "submissions_per_minute": 60 * submissions / cost.seconds,
            "peak_megabytes": cost.megabytes,
            "kernel_unique_megabytes": cost.kernel_megabytes,
        }

    def _stages(self, course: Path) -> dict[str, float]:
        """Seconds a submission, as the verdict files have them."""
        files = sorted((course / "verdicts").glob(f"*/{self.made.assignment}/*.json"))
        found = [NotebookVerdicts.model_validate_json(path.read_bytes()) for path in files]
        if not any(verdicts.verdicts for verdicts in found):
            raise BenchError("Nothing was judged: there are no verdicts.")
        sums = {
            "kernel_start": sum(verdicts.start_seconds for verdicts in found),
            "cells": sum(verdicts.run_seconds - verdicts.start_seconds for verdicts in found),
            "judge": sum(verdicts.judge_seconds for verdicts in found),
        }
        return {name: seconds / self.submissions for name, seconds in sums.items()}

    def _marks(self, course: Path) -> Data:
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            return {
                f"{submission.student.id} {notebook.name} {row.name}": row.auto_score
                for submission in gradebook.assignment_submissions(self.made.assignment)
                for notebook in submission.notebooks
                for row in notebook.grades
            }


_NUMBERS = (
    "seconds", "cpu_seconds", "seconds_per_submission", "cpu_seconds_per_submission", "submissions_per_minute",
    "peak_megabytes", "kernel_unique_megabytes",
)  # fmt: skip


def _spread(values: Sequence[float]) -> float:
    """How far apart the largest and the smallest are, as a share of the median."""
    return (max(values) - min(values)) / statistics.median(values)


def room_for(folder: Path, made: Class, largest: int) -> None:
    """Refuse to begin a run for which there is no room on the disk."""
    # Executed notebooks, pages, the cache and the gradebook: several times what was handed in.
    wanted = largest * 4 * 2**20 * made.notebooks
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise BenchError(
            f"{folder} has {free / 1e9:.1f} GB free; a class of {largest} may take {wanted / 1e9:.1f} GB. "
            "Make room, or set TMPDIR to a folder on another disk."
        )
