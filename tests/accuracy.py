"""The grader's error rates, measured on the bank of answers through `nbgrader autograde`.

    python -m tests.accuracy [--json FILE] [--publish FILE]        (or: make accuracy)

Student k hands in the k-th answer of every question in one notebook, wrong answers beside right ones, and the solution
where a question has no k-th answer; what only plots is left out. Two processes grade half of the students each, in
courses of their own. A wrong answer must earn exactly what the bank says, never everything; a right one everything,
whatever stands beside it. The exit status is 1 when a single answer did not.

A table at the end says, for each part of the hidden suites, how many wrong answers nothing else would have caught. The
last lines say how many wrong answers were given a misconception's name and how often it was the planted one; too few
of either give exit status 1 as well.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from grader.cli.common import search_path
from grader.course import Course, fill, with_solutions
from grader.verdict import NotebookVerdicts, State, Verdict
from tests.support import parts
from tests.support.bank import ROOT, Answer, defines_only, load
from tests.support.diagnosed import naming

ASSIGNMENTS = ("ps1", "ps1-extra")
HALVES = 2


@dataclass
class Row:
    """One line of the table: how one question's answers fared."""

    assignment: str
    question: str
    wrong: int = 0
    wrong_accepted: int = 0
    wrong_other_points: int = 0
    right: int = 0
    right_refused: int = 0
    given: int = 0
    complaints: list[str] = field(default_factory=list)


def made_up_class(answers: list[Answer]) -> dict[str, dict[str, Answer]]:
    """The students by name, each with an answer to every question, by question.

    Each question starts a few places further down its list than the question before, so that right answers also
    stand on wrong ones and wrong ones on right ones.
    """
    by_question: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_question[answer.question].append(answer)
    longest = max(len(found) for found in by_question.values())
    students: list[dict[str, Answer]] = [{} for _ in range(longest)]
    for shift, (question, found) in enumerate(by_question.items()):
        for place, answer in enumerate(found):
            students[(place + 5 * shift) % longest][question] = answer
    return {f"student{k:02}": work for k, work in enumerate(students, start=1)}


def nbgrader(course: Path, *arguments: str) -> None:
    """Run one nbgrader command in a course; its log is shown only when it fails."""
    environment = {**os.environ, "PATH": search_path()}
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if ran.returncode != 0:
        raise SystemExit(f"nbgrader {' '.join(arguments)} failed:\n{ran.stdout[-6000:]}")


def build(course: Path, students: dict[str, dict[str, dict[str, Answer]]], secret: str) -> None:
    """A course of its own: assignments released, and each student's notebooks handed in."""
    course.mkdir()
    # The probes follow from the secret: the same ones at every run, unless another secret is asked for.
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (course / "nbgrader_config.py").write_text(f"{config}\nc.Judge.secret = {secret!r}\n", encoding="utf-8")
    shutil.copytree(ROOT / "solutions", course / "solutions", ignore=shutil.ignore_patterns("__pycache__", ".ipynb_*"))
    for assignment in ASSIGNMENTS:
        nbgrader(course, "generate_assignment", assignment)
    released = Course(course)
    for student, work in students.items():
        for assignment, answers in work.items():
            folder = course / "submitted" / student / assignment
            shutil.copytree(released.release(assignment), folder)
            for path in released.notebooks(assignment):
                solved = with_solutions(nbformat.read(path, as_version=4))
                mine = {question: answer.source for question, answer in answers.items() if question in solved}
                blank = without_plots(nbformat.read(folder / path.name, as_version=4))
                nbformat.write(fill(blank, {**solved, **mine}), folder / path.name)


def without_plots(notebook: NotebookNode) -> NotebookNode:
    """The notebook of a student who deleted what only shows something: most of the time to run it, and no marks."""
    setup = next(cell for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell is setup or "nbgrader" in cell.metadata or (cell.cell_type == "code" and defines_only(cell.source))
    ]
    return notebook


def grade(course: Path) -> float:
    """Autograde everything that was handed in; the seconds it took."""
    started = time.monotonic()
    for assignment in ASSIGNMENTS:
        nbgrader(course, "autograde", assignment)
    return time.monotonic() - started


def read(course: Path, student: str, answer: Answer) -> tuple[float | None, NotebookVerdicts]:
    """What the gradebook holds for an answer, and the verdicts beside it."""
    path = course / "verdicts" / student / answer.assignment / f"{answer.notebook}.json"
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        row = gradebook.find_grade(f"test_{answer.question}", answer.notebook, answer.assignment, student)
        score = None if row.needs_manual_grade else row.auto_score
    return score, NotebookVerdicts.model_validate_json(path.read_text(encoding="utf-8"))


def judge(answer: Answer, score: float | None, row: Row, beside: str) -> None:
    """Count one answer, and complain when its mark is not the one it deserves."""
    fine = score is not None and abs(score - answer.points) < 1e-9
    if answer.right:
        row.right += 1
        row.right_refused += not fine
    else:
        row.wrong += 1
        accepted = score is not None and score >= answer.max_points
        row.wrong_accepted += accepted
        row.wrong_other_points += not fine and not accepted
    if not fine:
        row.complaints.append(f"{answer}: {score} of {answer.max_points:g} points, not {answer.points:g} ({beside})")


def collect(course: Path, student: str, answer: Answer, rows: dict[tuple[str, str], Row]) -> Verdict:
    """Add one graded answer to its question's row; returns its verdict."""
    where = answer.assignment, answer.question
    row = rows.setdefault(where, Row(*where))
    score, verdicts = read(course, student, answer)
    judge(answer, score, row, student)
    verdict = next(found for found in verdicts.verdicts if found.question == answer.question)
    row.given += any(part.given for part in verdict.parts)
    missed = [part for part in verdict.parts if part.state is not State.RIGHT]
    if answer.right and missed:
        row.complaints[-1] += "".join(f"\n    {part.test}: {part.message}" for part in missed)
    return verdict


def total_of(rows: list[Row], label: str) -> Row:
    """One row with the sums of all of them."""
    counts = ("wrong", "wrong_accepted", "wrong_other_points", "right", "right_refused", "given")
    return Row("", label, **{name: sum(getattr(row, name) for row in rows) for name in counts})


def table(rows: list[Row]) -> str:
    """The rows as text, with totals."""
    head = ("question", "wrong", "accepted", "other points", "right", "refused", "given")
    lines = [f"{head[0]:34}" + "".join(f"{name:>14}" for name in head[1:])]
    for row in [*rows, total_of(rows, "total")]:
        label = f"{row.assignment} {row.question}".strip()
        numbers = (row.wrong, row.wrong_accepted, row.wrong_other_points, row.right, row.right_refused, row.given)
        lines.append(f"{label:34}" + "".join(f"{number:14}" for number in numbers))
    return "\n".join(lines)


PUBLISHED = """# How often the grader errs

Made by `make accuracy`: every answer of the bank (`tests/bank/`), handed in by a made-up class and graded by
`nbgrader autograde`. A wrong answer is accepted when it earns all points; it has other points when it earns more or
less than the bank says it deserves. A right answer is refused when it loses a point.

| question | wrong answers | accepted | other points | right answers | refused |
| --- | ---: | ---: | ---: | ---: | ---: |
"""


def published(rows: list[Row]) -> str:
    """The error rates as a page for instructors."""
    lines = []
    for row in [*rows, total_of(rows, "all of them")]:
        numbers = (row.wrong, row.wrong_accepted, row.wrong_other_points, row.right, row.right_refused)
        label = f"{row.assignment} `{row.question}`" if row.assignment else row.question
        lines.append(f"| {label} | {' | '.join(map(str, numbers))} |")
    return PUBLISHED + "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Error rates of the grader on the bank of answers.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rates there as well")
    parser.add_argument("--publish", type=Path, metavar="FILE", help="write the table there as Markdown")
    parser.add_argument("--only", nargs="+", metavar="STUDENT", help="only these, such as student05, for a quick look")
    parser.add_argument("--secret", default="accuracy", help="another one gives other random probes")
    options = parser.parse_args()

    everything = {assignment: made_up_class(load(assignment)) for assignment in ASSIGNMENTS}
    names = sorted({name for by_student in everything.values() for name in by_student})
    if strangers := sorted(set(options.only or []) - set(names)):
        parser.error(f"there is no {strangers[0]}; the class is {names[0]} to {names[-1]}")
    names = options.only or names
    rows: dict[tuple[str, str], Row] = {}
    verdicts: list[tuple[Answer, Verdict]] = []
    with tempfile.TemporaryDirectory(prefix="accuracy-") as folder:
        halves = {
            Path(folder) / f"half{number + 1}": {
                name: {a: by[name] for a, by in everything.items() if name in by} for name in names[number::HALVES]
            }
            for number in range(min(HALVES, len(names)))
        }
        print(f"{len(names)} students in {len(halves)} courses; this takes many minutes", flush=True)
        for course, half in halves.items():
            build(course, half, options.secret)
        with ThreadPoolExecutor(len(halves)) as pool:
            seconds = max(pool.map(grade, halves))
        for course, half in halves.items():
            for student, work in half.items():
                for answer in (answer for answers in work.values() for answer in answers.values()):
                    verdicts.append((answer, collect(course, student, answer, rows)))
    ordered = [rows[assignment, question] for assignment in ASSIGNMENTS
               for question in dict.fromkeys(answer.question for answer in load(assignment))
               if (assignment, question) in rows]  # fmt: skip
    print(table(ordered))
    answers = sum(row.wrong + row.right for row in ordered)
    print(f"\n{answers} answers graded in {seconds:.0f} s. 'given': (partly) right on top of wrong earlier answers.\n")
    use = parts.uses((answer.assignment, verdict) for answer, verdict in verdicts if not answer.right)
    print(parts.report(use, parts.kept()))
    complaints = [complaint for row in ordered for complaint in row.complaints]
    print("\n".join(["", f"{len(complaints)} answers did not get the mark they deserve", *complaints]))
    # A few students show little of what a part is for.
    unexplained = [] if options.only else parts.problems(use, parts.kept())
    print("\n".join(["", f"{len(unexplained)} parts are not as parts_kept.toml says", *unexplained]))
    named = naming(verdicts)
    print(f"\n{named}")
    if options.json is not None:
        names_given = {"precision": named.precision, "share": named.share}
        counted = {part: asdict(counts) for part, counts in use.items()}
        report = {"rows": [asdict(row) for row in ordered], "parts": counted, "seconds": seconds, "names": names_given}
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if options.publish is not None:
        options.publish.write_text(published(ordered), encoding="utf-8")
    # A few students say little about how often a name is given.
    return 1 if complaints or unexplained or not (options.only or named.good) else 0


if __name__ == "__main__":
    sys.exit(main())
