"""`pset demo`: a small made-up class, graded by nbgrader's own commands, with every mark known beforehand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from grader.cli.common import Places, Refusal, configuration, console, copy_course, draw_svg, find_course, search_path
from grader.cli.made_up import Student, hand_in, read_class
from grader.cli.report import make_report
from grader.course import Course, Question, questions
from grader.report import write
from grader.verdict import NotebookVerdicts, State

ASSIGNMENT = "ps1"
_MARKER = ".made-by-pset-demo"
_MADE = (
    "assignments", "autograded", "feedback", "gradebook.db", "logs", "nbgrader_config.py", "report", "solutions",
    "submitted", "verdicts", ".pset-cache", ".pset-secret", _MARKER,
)  # fmt: skip
# A demo need not wait as long for endless loops as a course should.
_CONFIG = """
# Added by `pset demo`: shorter limits, so that the endless loops in the class do not hold it up.
c.Jail.cell_timeout = 30
c.Jail.call_timeout = 10.0
"""

ATTENTION, MISSING, WAITING = "needs attention", "not handed in", "to be graded by hand"
# A sign, its ASCII stand-in for terminals without Unicode, and a colour, which is never the only carrier.
_SIGNS = {
    State.RIGHT.value: ("\N{CHECK MARK}", "+", "green"),
    State.PARTLY.value: ("\N{CIRCLE WITH LEFT HALF BLACK}", "%", "yellow"),
    State.WRONG.value: ("\N{BALLOT X}", "x", "red"),
    State.NOT_ATTEMPTED.value: ("\N{MIDDLE DOT}", ".", "bright_black"),
    State.CRASHED.value: ("!", "!", "red"),
    State.TIMED_OUT.value: ("T", "T", "magenta"),
    State.OVER_LIMIT.value: ("L", "L", "magenta"),
    State.TAMPERED.value: ("#", "#", "red"),
    ATTENTION: ("?", "?", "bold cyan"),
    MISSING: ("-", "-", "bright_black"),
    WAITING: ("\N{HORIZONTAL ELLIPSIS}", "h", "cyan"),
}


@dataclass(frozen=True)
class Mark:
    """One cell of the table: what the gradebook says, and what it should."""

    points: float
    state: str
    expected: float
    expected_state: str = ""

    @property
    def right(self) -> bool:
        """True when the gradebook's mark is the one the answer deserves."""
        return self.points == self.expected and self.expected_state in ("", self.state)


def prepare(folder: Path, course: Course, force: bool) -> Path:
    """An empty place for the demo; Refusal for a folder that holds anything else."""
    folder = folder.resolve()
    if folder == course.root or folder in course.root.parents:
        raise Refusal(f"{folder} holds this course. Name a fresh folder: pset demo some/other/folder")
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is a file. Name a fresh folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _MARKER).is_file() and not force:
        raise Refusal(
            f"{folder} is not empty and was not made by `pset demo`. Name another folder, or use it all the same "
            f"with --force: what the demo writes ({', '.join(name for name in _MADE if name[0] != '.')}) is replaced."
        )
    for name in _MADE:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARKER).write_text("`pset demo` made this folder and makes it anew at every run.\n", encoding="utf-8")
    return folder


def run_nbgrader(course: Course, *arguments: str, heard: Callable[[str], None] = lambda line: None) -> None:
    """Run nbgrader in a course as an instructor does; its log goes to logs/. Refusal when it fails."""
    log = course.root / "logs" / f"{arguments[0]}.txt"
    log.parent.mkdir(exist_ok=True)
    environment = {**os.environ, "PATH": search_path()}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    with (
        log.open("w", encoding="utf-8") as stream,
        subprocess.Popen(
            command,
            cwd=course.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                stream.write(line)
                heard(line)
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        last = "\n".join(log.read_text(encoding="utf-8").splitlines()[-12:])
        raise Refusal(f"`nbgrader {' '.join(arguments)}` failed; its last words ({log}):\n{last}")


def grade(course: Course, students: list[Student], out: Console) -> None:
    """Release, hand in, autograde, write feedback."""
    with out.status("nbgrader generate_assignment ..."):
        run_nbgrader(course, "generate_assignment", ASSIGNMENT)
    for student in students:
        hand_in(student, course, ASSIGNMENT)
    _enrol(course, students)
    with out.status("nbgrader autograde ...") as status:
        seen: list[str] = []

        def heard(line: str) -> None:
            found = re.search(r"Sanitizing .*submitted[/\\]([^/\\]+)[/\\]", line)
            if found and found[1] not in seen:
                seen.append(found[1])
                status.update(f"nbgrader autograde: {found[1]} ({len(seen)} of {len(students)})")

        run_nbgrader(course, "autograde", ASSIGNMENT, heard=heard)
    with out.status("nbgrader generate_feedback ..."):
        run_nbgrader(course, "generate_feedback", ASSIGNMENT)


def _enrol(course: Course, students: list[Student]) -> None:
    """Give the gradebook the students' names, as an instructor would."""
    from nbgrader.api import Gradebook

    with Gradebook(Places(course).gradebook) as gradebook:
        for student in students:
            first, _, last = student.name.partition(" ")
            gradebook.update_or_create_student(student.id, first_name=first, last_name=last)


def read_marks(course: Course, students: list[Student]) -> dict[tuple[str, str], Mark]:
    """The gradebook's marks, with the states of the verdicts, by question and student's id."""
    from nbgrader.api import Gradebook

    marks, places = {}, Places(course)
    with Gradebook(places.gradebook) as gradebook:
        for student in students:
            submission = gradebook.find_submission(ASSIGNMENT, student.id)
            for notebook in submission.notebooks:
                found = _verdicts(places, student, notebook.name)
                for grade in notebook.grades:
                    name = grade.name.removeprefix("test_")
                    written = grade.cell.cell_type != "code"
                    full = 0.0 if written else float(grade.max_score)
                    if notebook.name in student.missing:
                        state = MISSING
                    elif found is None or found.needs_attention:
                        state = ATTENTION
                    elif written:
                        state = WAITING if grade.needs_manual_grade else State.NOT_ATTEMPTED.value
                    else:
                        states = {verdict.question: verdict.state.value for verdict in found.verdicts}
                        state = ATTENTION if grade.needs_manual_grade else states.get(name, ATTENTION)
                    points, expected = float(grade.auto_score or 0.0), student.expects(notebook.name, name, full)
                    marks[name, student.id] = Mark(points, state, *expected)
    return marks


def _verdicts(places: Places, student: Student, notebook: str) -> NotebookVerdicts | None:
    """What the judge wrote about a notebook; None when it wrote nothing."""
    path = places.verdicts(student.id, ASSIGNMENT) / f"{notebook}.json"
    return NotebookVerdicts.model_validate_json(path.read_bytes()) if path.is_file() else None


def _sign(state: str, out: Console) -> tuple[str, str]:
    """A state's sign and colour, in what this terminal can show."""
    sign, plain, colour = _SIGNS.get(state, ("?", "?", "red"))
    return (sign if "utf" in (out.encoding or "").lower() else plain), colour


def _cell(mark: Mark, out: Console) -> Text:
    sign, colour = _sign(mark.state, out)
    points = "" if mark.state in (MISSING, WAITING) else f"{mark.points:g} "
    text = Text(points + sign, style=colour)
    if not mark.right:
        text.append(f" not {mark.expected:g}", style="bold white on red")
    return text


def draw(course: Course, students: list[Student], marks: dict[tuple[str, str], Mark], out: Console) -> list[Table]:
    """The grade table: questions down, students across, in as many tables as the terminal's width asks for."""
    asked: dict[str, list[Question]] = {
        path.stem: found
        for path in course.notebooks(ASSIGNMENT)
        if (found := questions(nbformat.read(path, as_version=4)))
    }
    across = max(1, (out.width - 32) // 10)
    tables = []
    for first in range(0, len(students), across):
        group = students[first : first + across]
        table = Table(title="Marks of the made-up class" if not first else None, title_style="bold", pad_edge=False)
        table.add_column("question", no_wrap=True)
        table.add_column("of", justify="right")
        for student in group:
            table.add_column(student.name.split()[0], justify="right", no_wrap=True)
        for notebook, found in asked.items():
            table.add_row(Text(notebook, style="bold"))
            for question in found:
                cells = [_cell(marks[question.name, student.id], out) for student in group]
                table.add_row(f"  {question.name}", f"{question.points:g}", *cells)
            table.add_section()
        automatic = [question for found in asked.values() for question in found if question.automatic]
        totals = [sum(marks[question.name, student.id].points for question in automatic) for student in group]
        table.add_row(
            Text("automatic points", style="bold"),
            f"{sum(question.points for question in automatic):g}",
            *(Text(f"{total:g}", style="bold") for total in totals),
        )
        tables.append(table)
    return tables


def _legend(marks: dict[tuple[str, str], Mark], out: Console) -> Text:
    """The signs that occur, in words; two states may share a sign."""
    text = Text()
    for state in _SIGNS:
        if any(mark.state == state for mark in marks.values()):
            sign, colour = _sign(state, out)
            text.append(f"{sign} ", style=colour).append(f"{state}   ")
    return text


def show(course: Course, students: list[Student], marks: dict[tuple[str, str], Mark], out: Console) -> None:
    """Print the table and its legend."""
    for table in draw(course, students, marks, out):
        out.print(table)
    out.print(_legend(marks, out))


def _picture(path: Path, course: Course, students: list[Student], marks: dict[tuple[str, str], Mark]) -> None:
    """The same table as an SVG file."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        paper = Console(record=True, width=34 + 10 * len(students), file=nowhere, force_terminal=True)
        show(course, students, marks, paper)
    draw_svg(paper, path, "pset demo")


def run(folder: Path, force: bool, picture: Path | None) -> int:
    """The command: build, grade, show, and compare with the marks that the answers deserve."""
    from grader.jail import Jail, JailError, isolation

    course = find_course()
    examples = course.root / "examples" / ASSIGNMENT
    students = read_class(examples)
    if not students:
        raise Refusal(f"{examples} has no made-up students.")
    try:
        isolation(Jail(config=configuration(course.root)))
    except JailError as error:
        raise Refusal(str(error)) from error
    out = console()
    started = time.monotonic()
    made = copy_course(course, prepare(folder, course, force))
    with (made.root / "nbgrader_config.py").open("a", encoding="utf-8") as stream:
        stream.write(_CONFIG)
    grade(made, students, out)
    with out.status("pset report ..."):
        report = write(make_report(made, ASSIGNMENT), made.root / "report")[0]
    marks = read_marks(made, students)
    show(made, students, marks, out)
    if picture is not None:
        _picture(picture, made, students, marks)
    return _conclude(made, students, marks, out, report, time.monotonic() - started)


def _conclude(
    course: Course,
    students: list[Student],
    marks: dict[tuple[str, str], Mark],
    out: Console,
    report: Path,
    seconds: float,
) -> int:
    """Say whether every mark is the deserved one, and where to look next."""
    wrong = {key: mark for key, mark in marks.items() if not mark.right}
    for (question, student), mark in wrong.items():
        asked = f"{mark.expected:g} {mark.expected_state}".strip()
        out.print(f"[red]x[/] {student}, {question}: {mark.points:g} {mark.state}, should be {asked}")
    if not wrong:
        out.print(
            f"\nEvery mark of all {len(students)} students is the one their answers deserve (examples/{ASSIGNMENT}/)."
        )
    places = Places(course)
    out.print(
        f"Feedback to open in a browser: {escape(str(places.feedback(students[0].id, ASSIGNMENT)))}\n"
        f"Class report: {escape(str(report))}\n"
        f"Verdicts with evidence: {escape(str(places.verdicts()))}\n"
        f"nbgrader's logs: {escape(str(course.root / 'logs'))}\n"
        f"{seconds:.0f} s"
    )
    return 1 if wrong else 0
