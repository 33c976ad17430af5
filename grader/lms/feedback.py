"""Feedback for everybody in one zip file, as Canvas and Moodle take it back.

Moodle ("Upload multiple feedback files in a zip") finds a student by the folder's name as in its own download, and
takes any file in it (mod/assign/feedback/file/importziplib.php): the web pages go there. Canvas ("Upload Submissions")
finds the submission by the two numbers in a file's name, and shows the new file under the name that the student had
given (`generate_comments_from_files` of the assignment), so what goes there is a notebook again: the graded one, with
the verdicts under the questions, and all marks and comments at its top.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from grader.autograde.submission import is_outdated
from grader.batch import written_whole
from grader.lms import collected
from grader.lms.marks import NotGraded, Question, Work, read_marks

Where = Callable[[str, str], Path]


class NoFeedback(RuntimeError):
    """There is nothing to give back; the message says what to do first."""


@dataclass
class Made:
    """What went into the zip file, and who is left out of it, with the reason."""

    files: int = 0
    students: list[str] = field(default_factory=list)
    without: dict[str, str] = field(default_factory=dict)


def make(
    target: Path,
    platform: str,
    assignment: str,
    record: Path,
    feedback: Where,
    autograded: Where,
    gradebook_url: str,
    coursedir: Any,
) -> Made:
    """Write the zip file for a platform. NoFeedback when there would be nothing in it."""
    entries = {student: one for student, one in collected.read(record).items() if one.platform == platform}
    if not entries:
        raise NoFeedback(
            f"nothing of {assignment} was collected from {platform.title()}, so nothing can find its way back. "
            f"Collect it first: nbgrader zip_collect {assignment}"
        )
    made = Made()
    target.parent.mkdir(parents=True, exist_ok=True)
    # Not in memory: the notebooks of thousands have pictures in them.
    with written_whole(target) as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            if platform == "moodle":
                _for_moodle(archive, assignment, entries, feedback, autograded, made)
            else:
                with Gradebook(gradebook_url) as gradebook:
                    _for_canvas(archive, assignment, entries, autograded, gradebook, coursedir, made)
        if not made.files:
            command = "generate_feedback" if platform == "moodle" else "autograde"
            raise NoFeedback(f"nobody has feedback on {assignment} yet. Type first: nbgrader {command} {assignment}")
    return made


def _for_moodle(
    archive: zipfile.ZipFile,
    assignment: str,
    entries: dict[str, collected.Collected],
    feedback: Where,
    autograded: Where,
    made: Made,
) -> None:
    for student, entry in entries.items():
        pages = sorted(feedback(student, assignment).glob("*.html"))
        if not pages:
            made.without[student] = f"no feedback yet: nbgrader generate_feedback {assignment}"
            continue
        graded = autograded(student, assignment)
        if any(is_outdated(page, graded / f"{page.stem}.ipynb") for page in pages):
            made.without[student] = f"graded again since: nbgrader generate_feedback {assignment}"
            continue
        made.students.append(student)
        for page in pages:
            archive.write(page, f"{entry.name}_{entry.number}_assignsubmission_file_/{page.name}")
            made.files += 1


def _for_canvas(
    archive: zipfile.ZipFile,
    assignment: str,
    entries: dict[str, collected.Collected],
    autograded: Where,
    gradebook: Gradebook,
    coursedir: Any,
    made: Made,
) -> None:
    try:
        works = {work.student.id: work for work in read_marks(gradebook, coursedir, assignment, []).works}
    except NotGraded as error:
        raise NoFeedback(str(error)) from error
    for student, entry in entries.items():
        work = works.get(student)
        if work is None or not work.handed_in:
            made.without[student] = f"not graded yet: nbgrader autograde {assignment}"
            continue
        notebooks = dict(_notebooks(work, entry, autograded(student, assignment), gradebook))
        if not notebooks:
            made.without[student] = f"no graded notebook: nbgrader autograde {assignment} --student={student} --force"
            continue
        made.students.append(student)
        made.files += _write_for_canvas(archive, entry, notebooks)


def _write_for_canvas(archive: zipfile.ZipFile, entry: collected.Collected, notebooks: dict[str, str]) -> int:
    """Each notebook under the name it came by; those that came in one archive go back in one."""
    packed: dict[str, dict[str, str]] = {}
    count = 0
    for notebook, text in notebooks.items():
        given = entry.files[notebook]
        if given.lower().endswith(".ipynb"):
            archive.writestr(given, text)
            count += 1
        else:
            packed.setdefault(given, {})[notebook] = text
    for given, inside in packed.items():
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as one:
            for notebook, text in inside.items():
                one.writestr(f"{notebook}.ipynb", text)
        archive.writestr(f"{given}.zip", inner.getvalue())
        count += 1
    return count


def _notebooks(work: Work, entry: collected.Collected, folder: Path, gradebook: Gradebook) -> Iterator[tuple[str, str]]:
    for notebook in entry.files:
        path = folder / f"{notebook}.ipynb"
        if not path.is_file():
            continue
        graded = nbformat.read(os.fspath(path), as_version=4)
        questions = [question for question in work.questions if question.notebook == notebook]
        text = summary(notebook, questions, *remarks(gradebook, work, notebook))
        graded.cells.insert(0, nbformat.v4.new_markdown_cell(text))
        if (graded.nbformat, graded.nbformat_minor) < (4, 5):
            graded.cells[0].pop("id", None)
        yield notebook, nbformat.writes(graded)


def remarks(gradebook: Gradebook, work: Work, notebook: str) -> tuple[dict[str, str], float]:
    """What somebody wrote about the answers of a notebook, by cell, and what being late costs it."""
    try:
        found = gradebook.find_submission_notebook(notebook, work.assignment, work.student.id)
    except MissingEntry:
        return {}, 0.0
    return {row.name: row.comment for row in found.comments if row.comment}, found.late_submission_penalty or 0.0


def summary(notebook: str, questions: list[Question], said: dict[str, str], penalty: float = 0.0) -> str:
    """The marks of a notebook as a Markdown text, with comments made by hand."""
    points = sum(question.points or 0.0 for question in questions)
    total = sum(question.max_points for question in questions)
    lines = [f"# {notebook}: {points:g} of {total:g} points", "", "| question | points | of |", "|---|---|---|"]
    for question in questions:
        given = "still to be marked" if question.waits or question.points is None else f"{question.points:g}"
        lines.append(f"| {question.name} | {given} | {question.max_points:g} |")
    if penalty:
        lines += ["", f"It was handed in late, which takes {penalty:g} off."]
    for question in questions:
        comment = said.get(question.cell) or said.get(question.name)
        if comment:
            lines += ["", f"**{question.name}**: {comment}"]
    return "\n".join(lines)
