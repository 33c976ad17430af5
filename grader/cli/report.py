"""`pset report`: what a class did, as one page and as data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import nbformat
from rich.markup import escape

from grader.autograde.submission import GradebookTrouble
from grader.cli.common import Places, Refusal, console, find_course
from grader.course import Course, CourseError, questions
from grader.report import NothingToReport, OldReportError, Report, compare, gather, read_report, summarise, write


def make_report(course: Course, assignment: str) -> Report:
    """The report of an assignment as the gradebook and the verdicts are now; Refusal when there is nothing yet."""
    places = Places(course)
    try:
        order = [
            (path.stem, question.name)
            for path in course.notebooks(assignment)
            for question in questions(nbformat.read(path, as_version=4))
        ]
        work = gather(
            places.gradebook,
            assignment,
            verdicts=lambda student: places.verdicts(student, assignment),
            graded_copy=lambda student: places.autograded(student, assignment),
            order=order,
        )
    except (CourseError, NothingToReport, GradebookTrouble) as error:
        raise Refusal(str(error)) from error
    return summarise(work, datetime.now().astimezone().isoformat(timespec="seconds"))


def run(assignment: str, folder: Path, old: Path | None) -> int:
    """The command: write the files, say where they are and what was left out."""
    course, out = find_course(), console()
    try:
        # Before anything is written: the old report may be the one in this folder.
        before = read_report(old, assignment) if old is not None else None
    except OldReportError as error:
        raise Refusal(str(error)) from error
    report = make_report(course, assignment)
    if before is not None:
        report = report.model_copy(update={"comparison": compare(before, report)})
    try:
        paths = write(report, folder)
    except OSError as error:
        raise Refusal(f"The report could not be written to {folder}: {error.strerror}.") from error
    for note in report.notes:
        out.print(f"[yellow]left out:[/] {escape(note)}")
    found = report.distribution
    out.print(
        f"{assignment}: {found.students} handed in, mean {found.mean:.1f}, median {found.median:.1f} "
        f"of {report.max_points:g} points; {sum(bool(one.look) for one in report.students)} to decide, "
        f"{report.waiting_answers} answers to mark by hand"
    )
    for path in paths:
        out.print(escape(str(path)), soft_wrap=True)
    return 0
