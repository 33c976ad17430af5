"""`pset explain`: every probe of one question of one student, as it was judged, and once more now."""

from __future__ import annotations

from typing import Any

import nbformat
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.batch import Task, grade
from grader.cli.common import Refusal, configuration, console, find_course
from grader.course import Course, suite_path
from grader.jail import Jail, JailError
from grader.judge.run import Judge
from grader.verdict import NotebookVerdicts, Verdict


def run(student: str, question: str, assignment: str, live: bool) -> int:
    """Print what the judge saw; exit status 1 when judging again gives another verdict."""
    course = find_course()
    config = configuration(course.root)
    found, verdict = _stored(course, config, student, question, assignment)
    out = console()
    _print(out, verdict, f"{student}, {question}: as it was judged")
    if not live:
        return 0
    again = _again(course, config, found, student, question)
    _print(out, again, f"{student}, {question}: judged again now")
    same = (again.state, again.points) == (verdict.state, verdict.points)
    out.print("The same verdict." if same else "[bold]Another verdict than before.[/bold]")
    return 0 if same else 1


def _folder(config: Any, name: str, default: str) -> str:
    return str(config.get("CourseDirectory", {}).get(name, default))


def _stored(
    course: Course, config: Any, student: str, question: str, assignment: str
) -> tuple[NotebookVerdicts, Verdict]:
    """The verdicts kept by `nbgrader autograde`; Refusal that says what there is instead."""
    folder = course.root / str(config.get("SaveVerdicts", {}).get("verdict_directory", "verdicts"))
    files = sorted((folder / student / assignment).glob("*.json"))
    if not files:
        known = sorted(path.parent.name for path in folder.glob(f"*/{assignment}"))
        raise Refusal(
            f"there are no verdicts of {student!r} for {assignment} in {folder}. "
            f"Graded so far: {', '.join(known) or 'nobody'}. Run nbgrader autograde {assignment} first."
        )
    asked = []
    for path in files:
        found = NotebookVerdicts.model_validate_json(path.read_text(encoding="utf-8"))
        for verdict in found.verdicts:
            asked.append(verdict.question)
            if verdict.question == question.removeprefix("test_"):
                return found, verdict
    raise Refusal(f"{assignment} has no judged question {question!r}. It has: {', '.join(asked)}.")


def _again(course: Course, config: Any, found: NotebookVerdicts, student: str, question: str) -> Verdict:
    """Judge the sanitized notebook once more, with the course's settings and the same seeds."""
    graded = course.root / _folder(config, "autograded_directory", "autograded") / student / found.assignment
    submitted = course.root / _folder(config, "submitted_directory", "submitted") / student / found.assignment
    path = graded / f"{found.notebook}.ipynb"
    if not path.is_file():
        raise Refusal(f"{path} is not there; grade the submission again to judge it live.")
    notebook = nbformat.read(path, as_version=4)
    task = Task(
        assignment=found.assignment,
        name=found.notebook,
        cells=notebook,
        suite=suite_path(found.assignment, found.notebook),
        course_root=course.root,
        files=(submitted, course.source(found.assignment)),
    )
    try:
        verdicts = grade(task, Jail(config=config), Judge(config=config)).verdicts.verdicts
    except JailError as error:
        raise Refusal(str(error)) from error
    return next(verdict for verdict in verdicts if verdict.question == question.removeprefix("test_"))


def _print(out: Console, verdict: Verdict, title: str) -> None:
    """One table of probes for each part."""
    out.rule(escape(title))
    out.print(f"{verdict.state.value}, {verdict.points:g} of {verdict.max_points:g} points")
    if verdict.diagnosis is not None:
        out.print(f"looks like: {escape(verdict.diagnosis.name)} ({escape(verdict.diagnosis.concept)})")
    for part in verdict.parts:
        head = f"{part.test}: {part.state.value}, {part.points:g}/{part.max_points:g}, seed {part.seed}"
        table = Table(title=escape(head), title_justify="left", show_lines=True)
        for column in ("probe", "expected", "got", "tolerance", "seconds", "problem"):
            table.add_column(column, overflow="fold")
        for probe in part.evidence:
            row = (probe.call, probe.expected, probe.got, probe.tolerance, f"{probe.seconds:.3f}", probe.problem)
            table.add_row(*(escape(text) for text in row))
        out.print(table)
        if part.grader_error:
            out.print(escape(part.grader_error))
