"""`pset check`: the program that students get, on a notebook of this course."""

from __future__ import annotations

from pathlib import Path

from grader.cli.common import Refusal
from grader.course import Course, CourseError
from grader.students import check


def released(course: Course, assignment: str) -> dict[str, list[dict[str, str]]]:
    """What check.py knows of an assignment's notebooks: the questions as they are handed out.

    Refusal when a released notebook cannot be read.
    """
    try:
        return {
            path.stem: check.as_released(check.read_cells(path))
            for path in sorted(course.release(assignment).glob("*.ipynb"))
        }
    except check.Unusable as error:
        raise Refusal(str(error)) from error


def run(notebook: Path, seconds: float) -> int:
    """Check a notebook; in a course folder it is compared with what was handed out."""
    known = {}
    try:
        course = Course.find(Path.cwd())
    except CourseError:
        pass  # a notebook can be checked anywhere; it is then taken for what it is
    else:
        # Two assignments may have notebooks of one name: the one that this notebook lies in decides.
        for assignment in sorted(course.assignments, key=lambda name: name in notebook.resolve().parts):
            known.update(released(course, assignment))
    return check.check(notebook, seconds, known)
