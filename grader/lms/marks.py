"""Everybody's marks, as the gradebook has them: what is decided, and what still waits for a person."""

from __future__ import annotations

import glob
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import BaseCell, Grade, Gradebook, MissingEntry, Notebook, SubmittedAssignment, SubmittedNotebook
from pydantic import ValidationError
from sqlalchemy import select

from grader.lms.collect import Person
from grader.verdict import NotebookVerdicts, Verdict


class NotGraded(RuntimeError):
    """There are no marks to give out; the message says which command makes some."""


@dataclass(frozen=True)
class Question:
    """One question of one student: `points` is None where nobody, and nothing, has given any yet."""

    notebook: str
    cell: str
    max_points: float
    automatic_points: float | None
    manual_points: float | None
    extra_credit: float
    waits: bool

    @property
    def name(self) -> str:
        """The question's name, without the prefix of its test cell."""
        return self.cell.removeprefix("test_")

    @property
    def points(self) -> float | None:
        """What counts: a person's points before the judge's, and extra credit on top."""
        given = self.automatic_points if self.manual_points is None else self.manual_points
        return None if given is None else given + self.extra_credit


@dataclass(frozen=True)
class Work:
    """What one student earned with one assignment; `handed_in` is False for a student who handed nothing in."""

    student: Person
    assignment: str
    max_points: float
    handed_in: bool
    questions: tuple[Question, ...] = ()
    penalty: float = 0.0

    @property
    def waiting(self) -> list[Question]:
        """The questions that a person must look at before the mark can stand."""
        return [question for question in self.questions if question.waits]

    @property
    def points(self) -> float:
        """All points so far, less what being late costs; never below zero."""
        return max(0.0, sum(question.points or 0.0 for question in self.questions) - self.penalty)


@dataclass(frozen=True)
class Marks:
    """All students' work on an assignment, in the order of their ids.

    `ungraded` have handed in and wait for it; the marks of `anew` are those of what they had handed in before.
    """

    assignment: str
    max_points: float
    works: tuple[Work, ...]
    ungraded: tuple[str, ...] = field(default=())
    anew: tuple[str, ...] = field(default=())


def read_marks(gradebook: Gradebook, coursedir: Any, assignment: str, students: list[str]) -> Marks:
    """The marks of an assignment, of all students or of some. NotGraded where there are none; says what to type."""
    try:
        entry = gradebook.find_assignment(assignment)
    except MissingEntry:
        raise NotGraded(_unknown(gradebook, assignment)) from None
    places, limits = _cells(entry)
    rows = _rows(gradebook, entry.id)
    penalties = _penalties(gradebook, entry.id)
    unknown = sorted(set(students) - {one.id for one in gradebook.students})
    if unknown:
        raise NotGraded(f"no student {', '.join(map(repr, unknown))} in the gradebook; see: nbgrader db student list")
    handed_in = {path.parent.name for path in _folders(coursedir, coursedir.submitted_directory, assignment)}
    ungraded = sorted(handed_in - set(penalties)) if not students else []
    graded = {path.parent.name for path in _folders(coursedir, coursedir.autograded_directory, assignment)}
    anew = sorted((handed_in & set(penalties)) - graded)
    if not penalties:
        what = f"{len(handed_in)} students have handed in" if handed_in else "nobody has handed in, as far as is known,"
        raise NotGraded(
            f"nothing of {assignment} is graded yet: {what} and no mark is in the gradebook. "
            f"Type first: nbgrader autograde {assignment}"
        )
    works = []
    for one in sorted(gradebook.students, key=lambda one: str(one.id)):
        if students and one.id not in students:
            continue
        person = Person(one.id, one.first_name or "", one.last_name or "", one.email or "", one.lms_user_id or "")
        questions = [
            Question(notebook, cell, limits[key], auto, manual, extra or 0.0, bool(waits))
            for key, notebook, cell, auto, manual, extra, waits in sorted(
                rows.get(one.id, []), key=lambda row: places.get(row[0], (0, 0))
            )
            if key in limits
        ]
        works.append(
            Work(
                student=person,
                assignment=assignment,
                max_points=float(entry.max_score),
                handed_in=one.id in penalties,
                questions=tuple(questions),
                penalty=penalties.get(one.id, 0.0),
            )
        )
    return Marks(assignment, float(entry.max_score), tuple(works), tuple(ungraded), tuple(anew))


def _unknown(gradebook: Gradebook, assignment: str) -> str:
    known = ", ".join(sorted(one.name for one in gradebook.assignments))
    there = f"there is: {known}" if known else "there is none"
    return (
        f"the gradebook has no assignment {assignment!r} ({there}). Type first: "
        f"nbgrader generate_assignment {assignment}, and then: nbgrader autograde {assignment}"
    )


def _cells(entry: Any) -> tuple[dict[str, tuple[int, int]], dict[str, float]]:
    """Where each scored cell stands, and what it is worth, by the cell's id in the gradebook."""
    places, limits = {}, {}
    for number, notebook in enumerate(sorted(entry.notebooks, key=lambda one: str(one.name))):
        order = {cell.name: index for index, cell in enumerate(notebook.source_cells)}
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            places[cell.id] = (number, order.get(cell.name, len(order)))
            limits[cell.id] = float(cell.max_score or 0.0)
    return places, limits


def _rows(gradebook: Gradebook, assignment: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every student in one question to the gradebook: a class has tens of thousands of them."""
    wanted = (
        select(
            SubmittedAssignment.student_id, BaseCell.id, Notebook.name, BaseCell.name,
            Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .where(SubmittedAssignment.assignment_id == assignment)
    )  # fmt: skip
    found: dict[str, list[tuple[Any, ...]]] = {}
    for student, *row in gradebook.db.execute(wanted):
        found.setdefault(student, []).append(tuple(row))
    return found


def _penalties(gradebook: Gradebook, assignment: str) -> dict[str, float]:
    """What being late costs each student who handed in."""
    wanted = (
        select(SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty)
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(SubmittedAssignment.assignment_id == assignment)
    )
    found: dict[str, float] = {}
    for student, penalty in gradebook.db.execute(wanted):
        found[student] = found.get(student, 0.0) + (penalty or 0.0)
    return found


def _folders(coursedir: Any, step: str, assignment: str) -> list[Path]:
    """Everybody's folders of what was handed in, or graded: submitted/STUDENT/ASSIGNMENT."""
    pattern = coursedir.format_path(step, "*", assignment)
    return [Path(found) for found in glob.glob(pattern) if Path(found).is_dir()]


def read_verdicts(folder: Path, notebook: str) -> dict[str, Verdict]:
    """What the judge wrote about a notebook, by question; nothing where it wrote nothing that can be read."""
    try:
        text = (folder / f"{notebook}.json").read_text(encoding="utf-8")
        return {verdict.question: verdict for verdict in NotebookVerdicts.model_validate_json(text).verdicts}
    except (OSError, ValueError, ValidationError):
        return {}
