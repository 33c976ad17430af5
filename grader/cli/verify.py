"""`pset verify`: solutions, release and hidden suites belong together.

Everything happens in a temporary copy of the course, with the same jails and the same judge as real grading.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from rich.markup import escape
from rich.table import Table

from grader.cli.common import Refusal, configuration, console, copy_course, find_course, search_path
from grader.cli.rubric import out_of_step
from grader.course import Course, CourseError, questions, suite_path

_NOT_RELEASED = {"__pycache__", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Outcome:
    """What came of grading one notebook: points by question, the suite's maximum, and what went wrong."""

    points: dict[str, float]
    maximum: dict[str, float]
    complaints: dict[str, str]
    crashed_cells: list[str]
    seconds: float


@dataclass
class Row:
    """One notebook's line of the table; a problem is told in full below the table."""

    release: str = ""
    solution: str = ""
    blank: str = ""
    suite: str = ""
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def generate(root: Path, assignments: list[str]) -> dict[str, str]:
    """Run nbgrader's generate_assignment; returns what it complained of, by assignment."""
    from nbgrader.apps import NbGraderAPI

    os.environ["PATH"] = search_path()
    api = NbGraderAPI(config=configuration(root))
    failed = {}
    for name in assignments:
        done = api.generate_assignment(name)
        if not done["success"]:
            failed[name] = str(done.get("log") or done.get("error"))
    return failed


def grade_file(root: Path, assignment: str, path: Path) -> Outcome:
    """Run and judge one notebook file as the autograder does; an instructor's own also runs with every cell."""
    from grader.batch import Task, grade, left_out
    from grader.jail import Jail
    from grader.judge.run import Judge

    config = configuration(root)
    started = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    source, suite = Course(root).source(assignment) / path.name, suite_path(assignment, path.stem)
    task = Task(
        assignment=assignment,
        name=path.stem,
        cells=notebook,
        suite=suite,
        course_root=root,
        seed=Judge(config=config).seed(root, notebook),
        files=(path.parent,),
        leave_out=left_out(notebook, source) if suite else (),
    )
    jail = Jail(config=config)
    graded = grade(task, jail)
    ran = grade(replace(task, suite=None, leave_out=()), jail) if task.leave_out and path == source else graded
    verdicts = graded.verdicts.verdicts
    return Outcome(
        points={verdict.question: verdict.points for verdict in verdicts},
        maximum={verdict.question: verdict.max_points for verdict in verdicts},
        complaints={
            verdict.question: f"{verdict.state.value}: {verdict.message}"
            for verdict in verdicts
            if verdict.points < verdict.max_points
        },
        crashed_cells=[
            f"{cell.grade_id or f'code cell {cell.index}'}: {cell.error}"
            for cell in ran.report.cells
            if cell.status != "ok"
        ],
        seconds=time.monotonic() - started,
    )


def differences(made: Path, committed: Path) -> dict[str, str]:
    """How a committed release differs from the one just made, by file; empty when they are the same."""
    files = {path.relative_to(folder) for folder in (made, committed) for path in _files(folder)}
    found = {}
    for name in sorted(files):
        ours, theirs = made / name, committed / name
        if not theirs.is_file():
            found[str(name)] = "is missing"
        elif not ours.is_file():
            found[str(name)] = "is no part of the release"
        elif name.suffix == ".ipynb":
            told = _cell_difference(ours, theirs)
            if told:
                found[str(name)] = told
        elif ours.read_bytes() != theirs.read_bytes():
            found[str(name)] = "differs"
    return found


def _files(folder: Path) -> Iterable[Path]:
    return (
        path for path in folder.rglob("*") if path.is_file() and not _NOT_RELEASED & set(path.relative_to(folder).parts)
    )


def _cell_difference(made: Path, committed: Path) -> str:
    """The first cell in which two notebooks differ; compared as data, so that layout does not matter."""
    try:
        one, other = (json.loads(path.read_text(encoding="utf-8")) for path in (made, committed))
    except ValueError as error:
        return f"is not JSON ({error})"
    if one == other:
        return ""
    if len(one["cells"]) != len(other.get("cells", [])):
        return f"has {len(other.get('cells', []))} cells instead of {len(one['cells'])}"
    for number, (cell, copy) in enumerate(zip(one["cells"], other["cells"], strict=True)):
        if cell != copy:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id") or f"number {number}"
            parts = sorted(key for key in {*cell, *copy} if cell.get(key) != copy.get(key))
            return f"differs in cell {name} ({', '.join(parts)})"
    return "differs in the notebook's own metadata"


def _points(notebook: NotebookNode) -> dict[str, float]:
    return {question.name: question.points for question in questions(notebook) if question.automatic}


def _judge_solution(row: Row, where: str, declared: dict[str, float], found: Outcome) -> None:
    """Full marks, no failing cell, and the same points in the notebook and in its suite."""
    row.seconds += found.seconds
    row.solution = f"{sum(found.points.values()):g}/{sum(declared.values()):g}" if declared else "runs"
    row.suite = "yes" if declared else "-"
    if found.crashed_cells:
        # Later cells usually fail for the first one's reason.
        row.solution = row.solution if declared else "fails"
        more = f" (and {len(found.crashed_cells) - 1} more cells)" if len(found.crashed_cells) > 1 else ""
        row.problems.append(f"{where}: the instructor's notebook fails in {found.crashed_cells[0]}{more}")
    for name in sorted({*declared, *found.maximum}):
        if declared.get(name) != found.maximum.get(name):
            row.suite = "no"
            suite, notebook = found.maximum.get(name, "no"), declared.get(name, "no")
            row.problems.append(f"{where}: {name} has {notebook} points in the notebook, {suite} in the hidden suite")
        elif found.points[name] != declared[name]:
            row.problems.append(
                f"{where}: the instructor's {name} earns {found.points[name]:g} of {declared[name]:g} points "
                f"({found.complaints.get(name, '')})"
            )


def _judge_blank(row: Row, where: str, declared: dict[str, float], found: Outcome) -> None:
    row.seconds += found.seconds
    row.blank = f"{sum(found.points.values()):g}/{sum(declared.values()):g}" if declared else "-"
    for name, points in found.points.items():
        if points:
            row.problems.append(f"{where}: {name} earns {points:g} points although nothing is answered")


def _outcome(future: Future[Outcome], row: Row, where: str) -> Outcome | None:
    """A grading's result; None, with a problem noted, when it could not be done at all."""
    try:
        return future.result()
    except Exception as error:  # whatever failed, it is this notebook's problem and the others go on
        row.problems.append(f"{where}: could not be graded: {error}")
        return None


def verify(course: Course, assignments: list[str]) -> dict[str, Row]:
    """Check some assignments; a row of findings for each notebook, and one for each assignment's other files."""
    with tempfile.TemporaryDirectory(prefix="pset-verify-") as folder:
        copy = copy_course(course, Path(folder) / "course")
        # Keras notebooks come last and take longest, so they begin first.
        notebooks = [(name, path) for name in assignments for path in reversed(copy.notebooks(name))]
        rows = {f"{name}/{path.stem}": Row() for name in assignments for path in copy.notebooks(name)}
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            generated = pool.submit(generate, copy.root, assignments)
            solved = [pool.submit(grade_file, copy.root, *notebook) for notebook in notebooks]
            failed = generated.result()
            blank = [
                pool.submit(grade_file, copy.root, name, copy.release(name) / path.name)
                if (copy.release(name) / path.name).is_file()
                else None
                for name, path in notebooks
            ]
            for (name, path), solution, release in zip(notebooks, solved, blank, strict=True):
                where = f"{name}/{path.stem}"
                row, declared = rows[where], _points(nbformat.read(path, as_version=4))
                found = _outcome(solution, row, where)
                if found is not None:
                    _judge_solution(row, where, declared, found)
                row.problems += [
                    f"{where}: test_{question} tells another rubric than the hidden suite has. Write it: pset rubric"
                    for question in out_of_step(path, name)
                ]
                found = _outcome(release, row, where) if release is not None else None
                if found is not None:
                    _judge_blank(row, where, declared, found)
        for name in assignments:
            rows[f"{name}/ other files"] = Row()
            _judge_release(rows, name, failed.get(name, ""), copy.release(name), course.release(name))
    return rows


def _judge_release(rows: dict[str, Row], name: str, failed: str, made: Path, committed: Path) -> None:
    """Compare the release just made with the committed one."""
    for where, row in rows.items():
        if where.startswith(f"{name}/"):
            row.release = "?" if failed else "in step"
    if failed:
        said = "\n".join(failed.strip().splitlines()[-8:])
        rows[f"{name}/ other files"].problems.append(f"nbgrader generate_assignment {name} fails:\n{said}")
        return
    for file, told in differences(made, committed).items():
        where = f"{name}/{Path(file).stem}"
        if not file.endswith(".ipynb") or where not in rows:
            where = f"{name}/ other files"
        rows[where].release = "differs"
        rows[where].problems.append(
            f"assignments/{name}/{file} {told}. "
            f"Make the release again and commit it: nbgrader generate_assignment {name}"
        )


def _table(rows: dict[str, Row]) -> Table:
    table = Table(title="Solutions, release and hidden suites")
    for heading in ("notebook", "release", "solution earns", "blank earns", "points agree", "seconds"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left")
    table.add_column("")
    for where, row in sorted(rows.items()):
        verdict = "[red]x problem[/]" if row.problems else "[green]ok[/]"
        seconds = f"{row.seconds:.0f}" if row.seconds else ""
        table.add_row(where, row.release, row.solution, row.blank, row.suite, seconds, verdict)
    return table


def run(chosen: list[str]) -> int:
    """The command: a table, the problems in full, and the exit status."""
    from grader.jail import Jail, JailError, isolation

    course = find_course()
    try:
        assignments = sorted(set(chosen)) or course.assignments
        for name in assignments:
            course.source(name)
        settings: Any = configuration(course.root)
        isolation(Jail(config=settings))
    except (CourseError, JailError) as error:
        raise Refusal(str(error)) from error
    if not assignments:
        raise Refusal(f"{course.root / 'solutions'} has no assignments: a folder with notebooks is one.")
    out = console()
    started = time.monotonic()
    with out.status("Making the release and grading, about a minute ..."):
        rows = verify(course, assignments)
    out.print(_table(rows))
    problems = [problem for row in rows.values() for problem in row.problems]
    for problem in problems:
        out.print(f"[red]x[/] {escape(problem)}")
    if not problems:
        out.print(
            "Everything is in step. The hidden suites compare with the reference solutions, so full marks also say "
            "that notebooks and reference agree."
        )
    out.print(f"{time.monotonic() - started:.0f} s")
    return 1 if problems else 0
