"""The report's numbers as CSV, for spreadsheets and statistics programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.report.figures import Report
from grader.report.gather import STATES

Value = str | int | float | bool | None
# A spreadsheet takes a text that begins with one of these for a formula, and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:.6g}"
    return f"'{value}" if value.startswith(_FORMULA) else value


def _table(head: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(name) for name in head])
    writer.writerows([_cell(value) for value in row] for row in rows)
    # With the mark in front Excel knows that it is UTF-8.
    return text.getvalue().encode("utf-8-sig")


def question_names(report: Report) -> list[str]:
    """The questions' names, with their notebook's where two notebooks use the same one."""
    names = [question.question for question in report.questions]
    return [
        name if names.count(name) == 1 else f"{question.notebook}: {name}"
        for name, question in zip(names, report.questions, strict=True)
    ]


def questions_csv(report: Report) -> bytes:
    """A line for each question."""
    states = [state for state in STATES if any(state in question.states for question in report.questions)]
    changes = report.comparison
    before = {(one.notebook, one.question): one.success_before for one in changes.questions} if changes else {}
    head = [
        "notebook", "question", "marked", "max_points", "answers", "waiting", "missing", "mean_points", "success",
        "full_marks", "discrimination", "median_seconds", "slowest_seconds", "saved_points", "saved_students",
        *states, *(["success_before"] if changes else []),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for one in report.questions:
        row: list[Value] = [
            one.notebook, one.question, "automatically" if one.automatic else "by hand", one.max_points,
            one.answers, one.waiting, one.missing, one.mean_points, one.success, one.full_marks, one.discrimination,
            one.median_seconds, one.slowest_seconds, one.saved_points, one.saved_students,
        ]  # fmt: skip
        row += [one.states.get(state, 0) for state in states]
        rows.append([*row, *([before.get((one.notebook, one.question))] if changes else [])])
    return _table(head, rows)


def students_csv(report: Report) -> bytes:
    """A line for each student: points, what to look at, and the points and state of every question."""
    names = question_names(report)
    changes = report.comparison
    before = {one.student: one.before for one in changes.students} if changes else {}
    head = [
        "student", "first_name", "last_name", "handed_in", "points", "max_points", "marked_points", "late_penalty",
        "saved_points", "low", "look", "tampered", "missing", *names, *(f"{name} (state)" for name in names),
        *(["points_before"] if changes else []),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for one in report.students:
        row: list[Value] = [
            one.student, one.first_name, one.last_name, one.handed_in, one.points, report.max_points,
            one.marked_points, one.penalty, one.saved_points, one.low, "; ".join(one.look),
            "; ".join(one.tampered), "; ".join(one.missing),
        ]  # fmt: skip
        row += [mark.points for mark in one.marks] or [None] * len(names)
        row += [mark.state for mark in one.marks] or [None] * len(names)
        same = one.points if one.handed_in else None
        rows.append([*row, *([before.get(one.student, same)] if changes else [])])
    return _table(head, rows)


def misconceptions_csv(report: Report) -> bytes:
    """A line for each misconception that was named, the most frequent first."""
    changes = report.comparison
    before = {(one.notebook, one.question, one.name): one.before for one in changes.misconceptions} if changes else {}
    head = ["notebook", "question", "misconception", "concept", "erratum", "students", "example", "expected", "got"]
    rows: list[list[Value]] = []
    for one in report.misconceptions:
        shown, key = one.example, (one.notebook, one.question, one.name)
        row: list[Value] = [*key, one.concept, one.erratum, one.students]
        row += [shown.call, shown.expected, shown.got] if shown else [None, None, None]
        rows.append([*row, *([before.get(key, one.students)] if changes else [])])
    return _table([*head, *(["students_before"] if changes else [])], rows)
