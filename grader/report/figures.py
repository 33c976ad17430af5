"""The numbers of the class report: pure functions from what was gathered to data that can be shown or kept.

How each number is defined stands beside its field; the page repeats it for its readers.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from grader.report.gather import NOT_HANDED_IN, STATES, TO_MARK, Answer, Asked, ClassWork, Work
from grader.verdict import Shown, State

SCHEMA_VERSION = 1
# Under this share of the points that are marked so far somebody should talk with the student.
LOW_SHARE = 0.5
# Ebel's rule of thumb: a question whose discrimination is lower should be looked at.
LOW_DISCRIMINATION = 0.2
# Fewer students than this, and a correlation says next to nothing.
FEW = 30
# Tried, and not right.
_TRIED = tuple(
    state.value for state in (State.PARTLY, State.WRONG, State.CRASHED, State.TIMED_OUT, State.OVER_LIMIT)
)  # fmt: skip

Floats = NDArray[np.float64]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bin(_Data):
    """One bar of the histogram: `lowest` <= points < `highest`; the last one holds its upper end and what is above."""

    lowest: float
    highest: float
    students: int


class Distribution(_Data):
    """Total points, in the gradebook's terms: manual marks, extra credit and late penalties count."""

    students: int
    mean: float
    median: float
    standard_deviation: float = Field(description="Of this class, not an estimate for others: divided by n")
    lowest: float
    lower_quartile: float
    upper_quartile: float
    highest: float
    bins: tuple[Bin, ...]


class QuestionFigures(_Data):
    """One question, over everybody who handed in its notebook and whose answer has its mark."""

    notebook: str
    question: str
    automatic: bool
    max_points: float
    answers: int = Field(description="Answers with a mark; an empty answer has one: 0")
    waiting: int = Field(description="Answers that wait for a mark; they are in none of the other numbers")
    missing: int = Field(description="Students who did not hand the notebook in; they are in none of the other numbers")
    mean_points: float | None = Field(
        description="Null, as the shares are, while written answers wait: the empty ones have their mark first"
    )
    success: float | None = Field(description="Mean points as a share of the question's points")
    full_marks: float | None = Field(description="Share of the answers that earned every point")
    discrimination: float | None = Field(
        description="Corrected item-total correlation: Pearson's between the points of this question and those of all "
        "the others together. Questions with written answers that wait are in no total, and students with an "
        "automatic mark to be decided in no correlation. Null where either does not vary, or from fewer than three"
    )
    median_seconds: float | None = Field(description="Of the judge's calls into the student's code")
    slowest_seconds: float | None
    states: dict[str, int]
    saved_points: float = Field(description="Earned by follow-through, as the judge found")
    saved_students: int


class MisconceptionFigures(_Data):
    """A wrong idea that the judge named, with one student's visible example; nothing tells whose."""

    notebook: str
    question: str
    name: str
    concept: str
    hint: str
    erratum: str
    students: int
    example: Shown | None


class FollowThrough(_Data):
    """Marks that an answer earned once the reference stood in for earlier answers that were not right."""

    notebook: str
    question: str
    given: tuple[str, ...]
    students: int
    points: float


class NotebookTimes(_Data):
    """Seconds it took to run and to judge one student's notebook: the middle one, and the longest."""

    notebook: str
    median_run: float
    longest_run: float
    median_judge: float
    longest_judge: float


class Mark(_Data):
    """One cell of the class's table."""

    points: float
    state: str


class StudentFigures(_Data):
    """One student's line."""

    student: str
    first_name: str
    last_name: str
    handed_in: bool
    points: float = Field(description="What the gradebook says: all marks, less the penalty, never below 0")
    marked_points: float = Field(description="Points that have been decided, of which `points` are a part")
    penalty: float
    saved_points: float
    marks: tuple[Mark, ...] = Field(description="In the order of the report's questions; empty for nothing handed in")
    look: tuple[str, ...] = Field(description="What a person must decide before the marks can stand")
    tampered: tuple[str, ...]
    missing: tuple[str, ...] = Field(description="Notebooks that are not handed in")
    low: bool = Field(description="Less than half of the points that are marked so far")

    @property
    def name(self) -> str:
        """First and last name, as far as the gradebook knows them."""
        return f"{self.first_name} {self.last_name}".strip()


class QuestionChange(_Data):
    """A question in two runs."""

    notebook: str
    question: str
    success_before: float | None
    success_now: float | None


class MisconceptionChange(_Data):
    """How many had a misconception in two runs."""

    notebook: str
    question: str
    name: str
    before: int
    now: int


class StudentChange(_Data):
    """A student whose points are not what they were; None where the student was not in that run."""

    student: str
    before: float | None
    now: float | None


class Comparison(_Data):
    """What changed since an earlier report of the same assignment."""

    made_before: str
    before: Distribution
    same: int = Field(description="Students whose points are what they were")
    questions: tuple[QuestionChange, ...]
    misconceptions: tuple[MisconceptionChange, ...]
    students: tuple[StudentChange, ...]


class Report(_Data):
    """All numbers of a class report. The page shows these and no others."""

    schema_version: int = SCHEMA_VERSION
    assignment: str
    made: str = Field(description="When, in ISO 8601")
    max_points: float
    waiting_points: float = Field(description="Points of the written questions of which answers wait for a mark")
    waiting_answers: int = Field(description="Written answers that wait for a mark")
    distribution: Distribution
    questions: tuple[QuestionFigures, ...]
    misconceptions: tuple[MisconceptionFigures, ...]
    all_wrong: int = Field(description="Answers that were tried and are not right")
    named_wrong: int = Field(description="Those of them whose misconception the judge could name")
    follow_through: tuple[FollowThrough, ...]
    times: tuple[NotebookTimes, ...]
    students: tuple[StudentFigures, ...]
    notes: tuple[str, ...]
    comparison: Comparison | None = None


def corrected_item_total(item: Sequence[float] | Floats, rest: Sequence[float] | Floats) -> float | None:
    """Pearson's correlation of one question's points with the points of all the others; None where undefined.

    For a question that is only right or wrong this is the point-biserial correlation. The question itself is left out
    of the total, which else correlates with it by holding it (Henrysson, Psychometrika 28, 1963, 211-218).
    """
    # Sums of tenths that are equal on paper differ in their last digits, and noise correlates with anything.
    one, other = np.round(np.asarray(item, dtype=np.float64), 9), np.round(np.asarray(rest, dtype=np.float64), 9)
    if one.size < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    one, other = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((one @ one) * (other @ other)))
    return float(np.clip(one @ other / spread, -1.0, 1.0)) if spread > 0 else None


def distribution(points: Sequence[float], max_points: float) -> Distribution:
    """Where the class lies between 0 and `max_points`; ten bars, twenty for a hundred students or more."""
    values = np.asarray(points, dtype=np.float64)
    edges = np.linspace(0.0, max_points or 1.0, (20 if values.size >= 100 else 10) + 1)
    # Extra credit may pass the maximum: it belongs to the last bar.
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=edges)
    lower, median, upper = (float(value) for value in np.percentile(values, [25, 50, 75]))
    return Distribution(
        students=values.size,
        mean=float(values.mean()),
        median=median,
        standard_deviation=float(values.std()),
        lowest=float(values.min()),
        lower_quartile=lower,
        upper_quartile=upper,
        highest=float(values.max()),
        bins=tuple(
            Bin(lowest=float(low), highest=float(high), students=int(count))
            for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
        ),
    )


def summarise(work: ClassWork, made: str) -> Report:
    """Everything there is to say about a class; the order of its students decides nothing."""
    works = sorted(work.works, key=lambda one: one.student)
    students = [_student(one, work.asked) for one in works]
    questions = _questions(work.asked, works)
    wrong = [answer for one in works for answer in one.answers if answer.state in _TRIED]
    max_points = sum(asked.max_points for asked in work.asked)
    return Report(
        assignment=work.assignment,
        made=made,
        max_points=max_points,
        waiting_points=sum(question.max_points for question in questions if TO_MARK in question.states),
        waiting_answers=sum(question.states.get(TO_MARK, 0) for question in questions),
        distribution=distribution([student.points for student in students], max_points),
        questions=questions,
        misconceptions=_misconceptions(work.asked, works),
        named_wrong=sum(answer.diagnosis is not None for answer in wrong),
        all_wrong=len(wrong),
        follow_through=_follow_through(work.asked, works),
        times=_times(works),
        students=tuple(sorted([*students, *map(_nothing, work.absent)], key=lambda student: student.student)),
        notes=work.notes,
    )


def _student(work: Work, asked: Sequence[Asked]) -> StudentFigures:
    points = max(0.0, sum(answer.points for answer in work.answers) - work.penalty)
    marked = sum(one.max_points for one, answer in zip(asked, work.answers, strict=True) if answer.counts)
    return StudentFigures(
        student=work.student,
        first_name=work.first_name,
        last_name=work.last_name,
        handed_in=True,
        points=points,
        marked_points=marked,
        penalty=work.penalty,
        saved_points=sum(answer.saved for answer in work.answers),
        marks=tuple(Mark(points=answer.points, state=answer.state) for answer in work.answers),
        look=work.look,
        tampered=work.tampered,
        missing=work.missing,
        low=marked > 0 and points < LOW_SHARE * marked,
    )


def _nothing(who: tuple[str, str, str]) -> StudentFigures:
    student, first, last = who
    return StudentFigures(
        student=student, first_name=first, last_name=last, handed_in=False, points=0.0, marked_points=0.0,
        penalty=0.0, saved_points=0.0, marks=(), look=(), tampered=(), missing=(), low=False,
    )  # fmt: skip


def _questions(asked: Sequence[Asked], works: Sequence[Work]) -> tuple[QuestionFigures, ...]:
    shape = (len(works), len(asked))
    points = np.array([[answer.points for answer in one.answers] for one in works], dtype=np.float64).reshape(shape)
    counts = np.array([[answer.counts for answer in one.answers] for one in works], dtype=bool).reshape(shape)
    automatic = np.array([one.automatic for one in asked], dtype=bool)
    # What some have been given a mark for and others not yet would tell the two groups apart, not the able.
    whole = automatic | counts.all(axis=0)
    decided = counts[:, automatic].all(axis=1)
    total = points[:, whole].sum(axis=1)
    return tuple(
        _question(one, [work.answers[column] for work in works], total - points[:, column] * whole[column], decided)
        for column, one in enumerate(asked)
    )


def _question(asked: Asked, answers: Sequence[Answer], rest: Floats, decided: NDArray[np.bool_]) -> QuestionFigures:
    """One question; for each student, the points in all the others, and whether all automatic marks are decided."""
    marked = np.array([answer.counts and answer.state != NOT_HANDED_IN for answer in answers], dtype=bool)
    points = np.array([answer.points for answer in answers], dtype=np.float64)
    fit, points = marked & decided, points[marked]
    seconds = [answer.seconds for answer in answers if answer.seconds is not None]
    states = Counter(answer.state for answer in answers)
    some = points.size > 0 and not states[TO_MARK]
    return QuestionFigures(
        notebook=asked.notebook,
        question=asked.name,
        automatic=asked.automatic,
        max_points=asked.max_points,
        answers=points.size,
        waiting=sum(not answer.counts for answer in answers),
        missing=states[NOT_HANDED_IN],
        mean_points=float(points.mean()) if some else None,
        success=float(points.mean()) / asked.max_points if some and asked.max_points > 0 else None,
        full_marks=float(np.mean(points >= asked.max_points - 1e-9)) if some else None,
        discrimination=corrected_item_total(points[decided[marked]], rest[fit]) if some else None,
        median_seconds=float(np.median(seconds)) if seconds else None,
        slowest_seconds=max(seconds, default=None),
        states={state: states[state] for state in STATES if states[state]},
        saved_points=sum(answer.saved for answer in answers),
        saved_students=sum(answer.saved > 0 for answer in answers),
    )


def _misconceptions(asked: Sequence[Asked], works: Sequence[Work]) -> tuple[MisconceptionFigures, ...]:
    """The named ones, the most frequent first."""
    found: dict[tuple[int, str], list[tuple[Work, Answer]]] = defaultdict(list)
    for work in works:
        for column, answer in enumerate(work.answers):
            if answer.diagnosis is not None:
                found[column, answer.diagnosis.name].append((work, answer))
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    told = []
    for (column, _), group in ranked:
        diagnosis = group[0][1].diagnosis
        assert diagnosis is not None
        told.append(
            MisconceptionFigures(
                notebook=asked[column].notebook,
                question=asked[column].name,
                name=diagnosis.name,
                concept=diagnosis.concept,
                hint=diagnosis.hint,
                erratum=diagnosis.erratum,
                students=len(group),
                example=_example(group),
            )
        )
    return tuple(told)


def _example(group: Iterable[tuple[Work, Answer]]) -> Shown | None:
    """The example that most of these students share; none that holds the id or a name of the one it comes from."""
    shown: Counter[Shown] = Counter()
    for work, answer in group:
        example = answer.example
        if example is None or example.right:
            continue
        text = _folded(" ".join([example.call, example.expected, example.got, example.differs_at]))
        told = " ".join([work.student, work.first_name, work.last_name])
        # An id is often made of the names, and often all that the gradebook knows.
        names = {*_folded(told).split(), *re.findall(r"[^\W\d_]+", _folded(told))}
        if not any(name in text for name in names if len(name) > 2):
            shown[example] += 1
    return min(shown, key=lambda one: (-shown[one], len(one.got), one.call, one.got), default=None)


def _folded(text: str) -> str:
    """Text in which spelling does not matter: no capitals, no accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c))


def _follow_through(asked: Sequence[Asked], works: Sequence[Work]) -> tuple[FollowThrough, ...]:
    points: defaultdict[tuple[int, tuple[str, ...]], float] = defaultdict(float)
    students: defaultdict[tuple[int, tuple[str, ...]], set[str]] = defaultdict(set)
    for work in works:
        for column, answer in enumerate(work.answers):
            for given, saved in answer.given:
                points[column, given] += saved
                students[column, given].add(work.student)
    ranked = sorted(points, key=lambda key: (-points[key], key))
    return tuple(
        FollowThrough(
            notebook=asked[column].notebook,
            question=asked[column].name,
            given=given,
            students=len(students[column, given]),
            points=points[column, given],
        )
        for column, given in ranked
    )


def _times(works: Sequence[Work]) -> tuple[NotebookTimes, ...]:
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for work in works:
        for notebook, run, judge in work.seconds:
            found[notebook].append((run, judge))
    times = []
    for notebook in sorted(found):
        run, judge = np.array(found[notebook], dtype=np.float64).T
        times.append(
            NotebookTimes(
                notebook=notebook,
                median_run=float(np.median(run)),
                longest_run=float(run.max()),
                median_judge=float(np.median(judge)),
                longest_judge=float(judge.max()),
            )
        )
    return tuple(times)


def compare(before: Report, now: Report) -> Comparison:
    """What changed between two reports of one assignment: questions, misconceptions, students' points."""
    success = [
        {(question.notebook, question.question): question.success for question in report.questions}
        for report in (before, now)
    ]
    ideas = [
        {(one.notebook, one.question, one.name): one.students for one in report.misconceptions}
        for report in (before, now)
    ]
    points = [
        {student.student: student.points for student in report.students if student.handed_in}
        for report in (before, now)
    ]
    changed = [
        StudentChange(student=name, before=points[0].get(name), now=points[1].get(name))
        for name in sorted(points[0].keys() | points[1].keys())
        if points[0].get(name) != points[1].get(name)
    ]
    changed.sort(key=lambda one: -abs((one.now or 0.0) - (one.before or 0.0)))
    return Comparison(
        made_before=before.made,
        before=before.distribution,
        same=sum(points[0].get(name) == value for name, value in points[1].items()),
        questions=tuple(
            QuestionChange(
                notebook=key[0], question=key[1], success_before=success[0].get(key), success_now=success[1].get(key)
            )
            for key in dict.fromkeys([*success[1], *success[0]])
        ),
        misconceptions=tuple(
            MisconceptionChange(
                notebook=key[0], question=key[1], name=key[2], before=ideas[0].get(key, 0), now=ideas[1].get(key, 0)
            )
            for key in dict.fromkeys([*ideas[1], *ideas[0]])
            if ideas[0].get(key, 0) != ideas[1].get(key, 0)
        ),
        students=tuple(changed),
    )
