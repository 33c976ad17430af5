"""What the class report is made of: the gradebook's marks, and the verdicts that led to them.

The gradebook decides every mark, so that what an instructor entered by hand counts. The verdicts say why: states,
misconceptions, follow-through, times. Both are only read, and a verdict file that cannot be read costs itself only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import (
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from grader.autograde.submission import plain_trouble
from grader.verdict import Diagnosis, NotebookVerdicts, Shown, State, Verdict

# What a report must tell apart beside the judge's own states.
NOT_HANDED_IN = "not handed in"
TO_MARK = "to be marked by hand"
BY_HAND = "marked by hand"
NO_VERDICT = "no verdict"
STATES = (*(state.value for state in State), NOT_HANDED_IN, TO_MARK, BY_HAND, NO_VERDICT)


class NothingToReport(RuntimeError):
    """There is no graded work to report on; the message says which command makes some."""


@dataclass(frozen=True)
class Asked:
    """A question of the assignment, in the order of its notebooks and cells."""

    notebook: str
    name: str
    max_points: float
    automatic: bool


@dataclass(frozen=True)
class Answer:
    """What one student earned with one question, and how."""

    points: float
    state: str
    counts: bool = True  # False while it waits for a mark: it is neither right nor wrong yet
    seconds: float | None = None  # of calls into the jail
    saved: float = 0.0
    given: tuple[tuple[tuple[str, ...], float], ...] = ()  # follow-through: answers stood in for, points saved
    diagnosis: Diagnosis | None = None
    example: Shown | None = None


@dataclass(frozen=True)
class Work:
    """Everything one student handed in, with what somebody should look at; `answers` has every question."""

    student: str
    first_name: str
    last_name: str
    answers: tuple[Answer, ...]
    penalty: float = 0.0
    look: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    tampered: tuple[str, ...] = ()
    seconds: tuple[tuple[str, float, float], ...] = ()  # notebook, running and judging


@dataclass(frozen=True)
class ClassWork:
    """A whole class and an assignment. `works` leaves out who handed in nothing: those are in `absent`."""

    assignment: str
    asked: tuple[Asked, ...]
    works: tuple[Work, ...]
    absent: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Row:
    """A row of the gradebook."""

    score: float
    auto: float | None
    manual: float | None
    needs_manual: bool


@dataclass
class _Submission:
    """One student's part of the gradebook: by notebook, by cell."""

    first_name: str
    last_name: str
    penalty: float
    rows: dict[tuple[str, str], _Row] = field(default_factory=dict)


def gather(
    url: str,
    assignment: str,
    verdicts: Callable[[str], Path],
    graded_copy: Callable[[str], Path],
    order: Sequence[tuple[str, str]] = (),
) -> ClassWork:
    """Read a class from the gradebook at `url` and the folders of a student's verdicts and graded notebooks.

    `order` is how notebooks and their questions follow one another; what it does not name comes last. Raises
    NothingToReport, and GradebookTrouble while the gradebook cannot be read.
    """
    _must_be_there(url, assignment)
    with plain_trouble("No report was written"), Gradebook(url) as gradebook:
        try:
            entry = gradebook.find_assignment(assignment)
        except MissingEntry:
            raise NothingToReport(
                f"The gradebook has no assignment {assignment!r} yet. Make it with `nbgrader generate_assignment "
                f"{assignment}`, and grade what was handed in with `nbgrader autograde {assignment}`."
            ) from None
        cells = _cells(entry, order)
        found = _submissions(gradebook, entry)
        everybody = [(row.id, row.first_name or "", row.last_name or "") for row in gradebook.students]
    _must_be_graded(assignment, found)
    asked = tuple(cells.values())
    notes: list[str] = []
    works = [
        _work(student, found[student], cells, _Read.folder(verdicts(student), notes), graded_copy(student))
        for student in sorted(found)
    ]
    absent = tuple(sorted(who for who in everybody if who[0] not in found))
    return ClassWork(assignment, asked, tuple(works), absent, tuple(notes))


def _must_be_there(url: str, assignment: str) -> None:
    """Refuse a gradebook that does not exist: opening it would make an empty one."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database and not Path(address.database).is_file():
        raise NothingToReport(
            f"There is no gradebook at {address.database} yet. Make it with `nbgrader generate_assignment "
            f"{assignment}`, and grade what was handed in with `nbgrader autograde {assignment}`."
        )


def _must_be_graded(assignment: str, found: dict[str, _Submission]) -> None:
    if not found:
        raise NothingToReport(
            f"Nobody's {assignment} is in the gradebook yet. Put what students handed in at "
            f"submitted/STUDENT/{assignment}/ and run `nbgrader autograde {assignment}`."
        )
    rows = [row for submission in found.values() for row in submission.rows.values()]
    if not any(row.auto is not None or row.manual is not None for row in rows):
        raise NothingToReport(
            f"{len(found)} submissions of {assignment} are in the gradebook, and none of them is graded. "
            f"Run `nbgrader autograde {assignment}`; what it says tells why nothing was graded before."
        )


def _cells(entry: Any, order: Sequence[tuple[str, str]]) -> dict[str, Asked]:
    """The assignment's questions by the id of the cell that holds their points, in order."""
    place = {key: number for number, key in enumerate(order)}
    found = []
    for notebook in entry.notebooks:
        answers = {cell.name for cell in notebook.solution_cells}
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            automatic = cell.name not in answers and getattr(cell, "cell_type", "") == "code"
            name = cell.name.removeprefix("test_") if automatic else cell.name
            rank = place.get((notebook.name, name), len(place))
            asked = Asked(notebook.name, name, float(cell.max_score), automatic)
            found.append((rank, notebook.name, name, cell.id, asked))
    return {identity: asked for *_, identity, asked in sorted(found, key=lambda one: one[:3])}


def _submissions(gradebook: Gradebook, entry: Any) -> dict[str, _Submission]:
    """Every submission of the assignment, by student: two questions to the gradebook, however large the class."""
    found = {
        row[0]: _Submission(row[1] or "", row[2] or "", float(row[3] or 0.0))
        for row in gradebook.db.query(
            Student.id, Student.first_name, Student.last_name, SubmittedAssignment.late_submission_penalty
        )
        .select_from(SubmittedAssignment)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .filter(SubmittedAssignment.assignment_id == entry.id)
    }
    rows = (
        gradebook.db.query(
            SubmittedAssignment.student_id, Notebook.name, BaseCell.id,
            Grade.score, Grade.auto_score, Grade.manual_score, Grade.needs_manual_grade,
        )
        .select_from(Grade)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .filter(SubmittedAssignment.assignment_id == entry.id)
    )  # fmt: skip
    for student, notebook, cell, score, auto, manual, needs in rows:
        found[student].rows[notebook, cell] = _Row(float(score), auto, manual, bool(needs))
    return found


@dataclass(frozen=True)
class _Read:
    """The verdicts of one student that could be read, by notebook, and the notebooks whose file could not."""

    good: dict[str, NotebookVerdicts]
    bad: frozenset[str]

    @classmethod
    def folder(cls, folder: Path, notes: list[str]) -> _Read:
        """Read every file of a folder; what cannot be read is told in `notes`."""
        good, bad = {}, set()
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            try:
                good[path.stem] = NotebookVerdicts.model_validate_json(path.read_bytes())
            except (OSError, ValidationError) as error:
                bad.add(path.stem)
                reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
                notes.append(
                    f"{path} could not be read and is left out ({reason}). Its marks are in the gradebook and count; "
                    "grade this submission again, with --force, to have its verdicts back."
                )
        return cls(good, frozenset(bad))


def _work(student: str, found: _Submission, cells: dict[str, Asked], read: _Read, graded_copy: Path) -> Work:
    """One student: each question's mark with its verdict."""
    answers: list[Answer] = []
    look: list[str] = []
    missing: list[str] = []
    tampered: list[str] = []
    judged = {(name, verdict.question): verdict for name, one in read.good.items() for verdict in one.verdicts}
    for cell, asked in cells.items():
        row = found.rows.get((asked.notebook, cell), _Row(0.0, None, None, True))
        verdict = judged.get((asked.notebook, asked.name))
        here = asked.notebook in read.good or asked.notebook in read.bad
        absent = not here and row.auto is not None and not (graded_copy / f"{asked.notebook}.ipynb").is_file()
        if absent and asked.notebook not in missing:
            missing.append(asked.notebook)
        if row.manual is not None and row.needs_manual:
            look.append(f"{asked.name} was graded again after it was marked by hand: confirm the mark")
        elif asked.automatic and row.manual is None and row.needs_manual:
            look.append(_why(asked, verdict, read))
        if verdict is not None and verdict.state is State.TAMPERED:
            tampered.append(asked.name)
        answers.append(_answer(asked, row, verdict, asked.notebook in read.bad, absent))
    for name in sorted(read.bad):
        look.append(f"the verdicts of {name} could not be read")
    # A file that could not be judged took no time, which would make the others' times look short.
    times = tuple(
        (name, one.run_seconds, one.judge_seconds) for name, one in sorted(read.good.items()) if one.run_seconds > 0
    )
    return Work(
        student, found.first_name, found.last_name, tuple(answers), found.penalty,
        tuple(dict.fromkeys(look)), tuple(missing), tuple(tampered), times,
    )  # fmt: skip


def _why(asked: Asked, verdict: Verdict | None, read: _Read) -> str:
    """Why an automatic question has no mark that can stand."""
    notebook = read.good.get(asked.notebook)
    if verdict is not None and verdict.state is State.GRADER_FAILED:
        return f"{asked.name}: the grader itself failed"
    if notebook is not None and notebook.needs_attention:
        return f"{asked.notebook} could not be judged: {notebook.notes[0] if notebook.notes else 'look at the file'}"
    return f"{asked.notebook} is not graded yet"


def _answer(asked: Asked, row: _Row, verdict: Verdict | None, unreadable: bool, absent: bool) -> Answer:
    by_hand = row.manual is not None
    counts = by_hand or (row.auto is not None and not row.needs_manual)
    if absent:
        return Answer(row.score, BY_HAND if by_hand else NOT_HANDED_IN)
    if not asked.automatic:
        plain = BY_HAND if by_hand else State.NOT_ATTEMPTED.value
        return Answer(row.score, plain if counts else TO_MARK, counts)
    if verdict is None:
        if by_hand or unreadable or not counts:
            return Answer(row.score, BY_HAND if by_hand else NO_VERDICT, counts)
        # A notebook without a hidden suite, marked by nbgrader itself.
        full, none = row.score >= asked.max_points, row.score <= 0
        return Answer(row.score, (State.RIGHT if full else State.WRONG if none else State.PARTLY).value)
    given = tuple((part.given, part.points) for part in verdict.parts if part.given and part.points > 0)
    return Answer(
        points=row.score,
        state=verdict.state.value,
        counts=counts,
        # The stub that was handed out answers at once; that is no time of anybody's code.
        seconds=sum(probe.seconds for part in verdict.parts for probe in part.evidence)
        if verdict.parts and verdict.state is not State.NOT_ATTEMPTED
        else None,
        saved=sum(points for _, points in given),
        given=given,
        diagnosis=verdict.diagnosis,
        example=verdict.example,
    )
