"""`pset explain`: every probe of one question of one student, as it was judged, and once more now."""

from __future__ import annotations

from itertools import zip_longest

import nbformat
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.batch import Task, grade, left_out
from grader.cli.common import Places, Refusal, console, find_course
from grader.course import Course, suite_path
from grader.jail import Jail, JailError
from grader.judge.run import Judge
from grader.verdict import Evidence, NotebookVerdicts, Part, Verdict


def run(student: str, question: str, assignment: str, live: bool) -> int:
    """Print what the judge saw; exit status 1 when judging again gives another verdict."""
    course = find_course()
    places = Places(course)
    question = question.removeprefix("test_")
    found, verdict = _stored(places, student, question, assignment)
    out = console()
    _print(out, verdict, f"{student}, {question}: as it was judged")
    if not live:
        return 0
    if not verdict.parts:
        out.print("Nothing was run then, so there is nothing to compare with.")
        return 0
    again = _again(course, places, found, student, question)
    _print(out, again, f"{student}, {question}: judged again now")
    for difference in differences(verdict, again):
        out.print(f"[bold]differs:[/bold] {escape(difference)}")
    if (again.state, again.points) != (verdict.state, verdict.points):
        out.print(f"[bold]Another verdict than before:[/bold] {_marks(again)}, before {_marks(verdict)}.")
        return 1
    out.print("The same verdict." if differences(verdict, again) else "The same verdict, number for number.")
    return 0


def _marks(verdict: Verdict) -> str:
    return f"{verdict.state.value}, {verdict.points:g} of {verdict.max_points:g} points"


def _stored(places: Places, student: str, question: str, assignment: str) -> tuple[NotebookVerdicts, Verdict]:
    """The verdicts kept by `nbgrader autograde`; Refusal that says what there is instead."""
    files = sorted(places.verdicts(student, assignment).glob("*.json"))
    if not files:
        folder = places.verdicts()
        known = sorted(path.parent.name for path in folder.glob(f"*/{assignment}"))
        raise Refusal(
            f"there are no verdicts of {student!r} for {assignment} in {folder}. "
            f"Graded so far: {', '.join(known) or 'nobody'}. Run nbgrader autograde {assignment} first."
        )
    asked = []
    for path in files:
        try:
            found = NotebookVerdicts.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Refusal(
                f"{path} cannot be read ({str(error).splitlines()[0]}). Grade anew: "
                f"nbgrader autograde {assignment} --student {student} --force"
            ) from error
        for verdict in found.verdicts:
            asked.append(verdict.question)
            if verdict.question == question:
                return found, verdict
    raise Refusal(f"{assignment} has no judged question {question!r}. It has: {', '.join(asked)}.")


def _again(course: Course, places: Places, found: NotebookVerdicts, student: str, question: str) -> Verdict:
    """Judge the repaired notebook once more, with the course's settings and the same seeds."""
    path = places.autograded(student, found.assignment) / f"{found.notebook}.ipynb"
    if not path.is_file():
        raise Refusal(f"{path} is not there; grade the submission again to judge it live.")
    notebook = nbformat.read(path, as_version=4)
    submitted, source = places.submitted(student, found.assignment), course.source(found.assignment)
    task = Task(
        assignment=found.assignment,
        name=found.notebook,
        cells=notebook,
        suite=suite_path(found.assignment, found.notebook),
        course_root=course.root,
        seed=Judge(config=places.config).seed(course.root, notebook),
        files=(submitted, source),
        leave_out=left_out(notebook, source / path.name, submitted),
    )
    try:
        verdicts = grade(task, Jail(config=places.config)).verdicts.verdicts
    except JailError as error:
        raise Refusal(str(error)) from error
    for verdict in verdicts:
        if verdict.question == question:
            return verdict
    raise Refusal(f"the hidden suite does not ask for {question!r} any more; grade the submission again.")


def differences(before: Verdict, now: Verdict) -> list[str]:
    """Where two judgements of the same answer differ, in words; times aside."""
    found = []
    parts = {part.test: part for part in now.parts}
    for part in before.parts:
        again = parts.pop(part.test, None)
        found += [f"{part.test}: not judged now"] if again is None else _between(part, again)
    return found + [f"{name}: not judged before" for name in parts]


def _between(before: Part, now: Part) -> list[str]:
    if before.seed != now.seed:
        # Other code or another secret: that the numbers differ too goes without saying.
        return [f"{before.test}: seed {now.seed}, before {before.seed}: the code or the course's secret has changed"]
    found = []
    for name in ("state", "points", "message"):
        old, new = getattr(before, name), getattr(now, name)
        if old != new:
            found.append(f"{before.test}: {name} {getattr(new, 'value', new)}, before {getattr(old, 'value', old)}")
    nothing = Evidence(call="")
    for number, (old, new) in enumerate(zip_longest(before.evidence, now.evidence, fillvalue=nothing), start=1):
        for name in ("call", "expected", "got", "tolerance", "problem"):
            was, is_ = getattr(old, name), getattr(new, name)
            if was != is_:
                found.append(f"{before.test}, probe {number}: {name} {is_ or '-'}, before {was or '-'}")
    return found


def _print(out: Console, verdict: Verdict, title: str) -> None:
    """One table of probes for each part."""
    out.rule(escape(title))
    out.print(_marks(verdict))
    if verdict.diagnosis is not None:
        out.print(f"looks like: {escape(verdict.diagnosis.name)} ({escape(verdict.diagnosis.concept)})")
    if not verdict.parts:
        out.print(escape(verdict.message))
    for part in verdict.parts:
        head = f"{part.test}: {part.state.value}, {part.points:g}/{part.max_points:g}, seed {part.seed}"
        table = Table(title=escape(head), title_justify="left", show_lines=True)
        for column in ("probe", "expected", "got", "tolerance", "seconds", "problem"):
            table.add_column(column, overflow="fold")
        for probe in part.evidence:
            row = (probe.call, probe.expected, probe.got, probe.tolerance, f"{probe.seconds:.3f}", probe.problem)
            table.add_row(*(escape(text) for text in row))
        out.print(table)
        if part.message:
            out.print(escape(part.message))
        if part.grader_error:
            out.print(escape(part.grader_error))
