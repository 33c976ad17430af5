"""The class that both graders get: a made-up one, or a copy of a course's own.

Nothing is ever written into the folder that a class comes from.
"""

from __future__ import annotations

import random
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import nbformat

from benchmarks import measure
from grader.cli.common import Places
from grader.course import Course, CourseError, fill, suite_path, with_solutions
from tests.support.bank import ROOT, Answer, load

# Ten students in a row are a small class: (share of the questions answered, share of the answers that are right).
_STUDENTS = (
    (1.0, 0.9), (1.0, 0.7), (0.6, 0.6), (1.0, 1.0), (0.9, 0.8), (0.5, 0.4), (1.0, 0.8), (0.0, 0.0), (0.7, 0.9),
    (1.0, 0.6),
)  # fmt: skip
_STOCK = """
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
c.Execute.timeout = 120
"""
# Whatever a course has set: the copy writes into itself only.
_OURS = """

# Added by the benchmark.
from pathlib import Path as _Path
_here = _Path(__file__).resolve().parent
c.CourseDirectory.root = str(_here)
c.CourseDirectory.db_url = f"sqlite:///{_here / 'gradebook.db'}?timeout=60"
c.CourseDirectory.directory_structure = str(_Path("{nbgrader_step}", "{student_id}", "{assignment_id}"))
for _step in ("submitted", "autograded", "feedback"):
    setattr(c.CourseDirectory, f"{_step}_directory", _step)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
c.GenerateAssignment.force = True
c.SaveVerdicts.verdict_directory = "verdicts"
c.Cache.folder = ".pset-cache"
"""
_CONFIG = "nbgrader_config.py"
# What is made anew in every copy.
_LEFT_OUT = {"autograded", "feedback", "verdicts", "submitted", "assignments", "__pycache__"}


@dataclass(frozen=True)
class Class:
    """Two courses with the same submissions: one for stock nbgrader, one for ours. They are copied for every run."""

    assignment: str
    students: tuple[str, ...]
    stock: Path
    ours: Path
    notebooks: int

    def copy(self, course: Path, target: Path, students: int, jobs: int = 0) -> Path:
        """One of the two courses with the first so many students, as it is before anything is graded."""
        shutil.copytree(course, target, ignore=shutil.ignore_patterns("submitted"), symlinks=True)
        for student in self.students[:students]:
            shutil.copytree(course / "submitted" / student, target / "submitted" / student, symlinks=True)
        if course == self.ours:
            with (target / _CONFIG).open("a", encoding="utf-8") as config:
                config.write(f"c.Batch.jobs = {jobs}\n")
        return target


def made_up(folder: Path, assignment: str, submissions: int, seed: int) -> Class:
    """A class that nobody ever was: answers of the bank, right and wrong, each student's a little different."""
    if not (ROOT / "tests" / "bank" / assignment).is_dir():
        raise CourseError(f"there is no bank of answers for {assignment!r} to make up a class from; see --course")
    course = Course.find(ROOT)
    stock, ours = _courses(folder, course, (_CONFIG, "solutions"), assignment)
    students = hand_in(ours / "submitted", ours / "assignments" / assignment, submissions, seed)
    shutil.copytree(ours / "submitted", stock / "submitted")
    return Class(assignment, students, stock, ours, len(course.notebooks(assignment)))


def hand_in(submitted: Path, release: Path, submissions: int, seed: int) -> tuple[str, ...]:
    """Fill a folder with what the made-up students hand in; their names. A larger class begins like a smaller one."""
    assignment = release.name
    notebooks = [(nbformat.read(path, as_version=4), path) for path in Course(ROOT).notebooks(assignment)]
    answers: dict[str, list[Answer]] = defaultdict(list)
    for answer in load(assignment):
        answers[answer.question].append(answer)
    students = tuple(f"student{number:04}" for number in range(1, submissions + 1))
    for number, student in enumerate(students):
        place = submitted / student / assignment
        shutil.copytree(release, place)
        chance = random.Random(f"{seed} {number}")
        work = _work(chance, *_STUDENTS[number % len(_STUDENTS)], answers)
        for solved, path in notebooks:
            _answer(place / path.name, with_solutions(solved), work, student)
    return students


def _work(
    chance: random.Random, answered: float, right: float, answers: dict[str, list[Answer]]
) -> dict[str, str | None]:
    """A student's answer to each question that has some; None stands for the worked solution."""
    found: dict[str, str | None] = {}
    for question, known in answers.items():
        if chance.random() >= answered:
            continue
        good = chance.random() < right
        sources: list[str | None] = [answer.source for answer in known if answer.right == good]
        found[question] = chance.choice([*sources, None] if good else sources)
    return found


def _answer(target: Path, solved: dict[str, str], work: dict[str, str | None], student: str) -> None:
    """Write a student's answers, and a comment that nobody else has, into a released notebook."""
    notebook = nbformat.read(target, as_version=4)
    mine = {name: solved[name] if answer is None else answer for name, answer in work.items() if name in solved}
    filled = fill(notebook, mine)
    cell = next(cell for cell in filled.cells if cell.cell_type == "code" and "nbgrader" in cell.metadata)
    cell.source += f"\n# by {student}"
    nbformat.write(filled, target)


def copied(folder: Path, root: Path, assignment: str) -> Class:
    """A copy of a course with everything that was handed in for an assignment."""
    course = Course.find(root)
    course.source(assignment)
    if not any(suite_path(assignment, path.stem) for path in _after_reading(course).notebooks(assignment)):
        raise CourseError(f"{assignment!r} has no hidden suites: stock nbgrader is all that would grade it")
    places = Places(course)
    found = _handed_in(places, assignment)
    if not found:
        wanted = places.submitted("STUDENT", assignment) / "NOTEBOOK.ipynb"
        raise CourseError(f"nobody has handed in {assignment!r}: there is no {wanted}")
    names = [
        path.name
        for path in course.root.iterdir()
        if path.name not in _LEFT_OUT and not path.name.startswith((".", "gradebook.db"))
    ]
    stock, ours = _courses(folder, course, tuple(names), assignment)
    for student, handed_in in found.items():
        for copy in (stock, ours):
            shutil.copytree(handed_in, copy / "submitted" / student / assignment, symlinks=True)
    return Class(assignment, tuple(found), stock, ours, len(course.notebooks(assignment)))


def _handed_in(places: Places, assignment: str) -> dict[str, Path]:
    """The folder of each student with a notebook in it, wherever the course keeps them."""
    anybody = re.escape(str(places.submitted("STUDENT", assignment))).replace("STUDENT", "([^/]+)")
    found = {}
    for name in sorted(glob(str(places.submitted("*", assignment)))):
        matched = re.fullmatch(anybody, name)
        if matched and any(Path(name).glob("*.ipynb")):
            found[matched[1]] = Path(name)
    return found


def _after_reading(course: Course) -> Course:
    """The course, once its configuration has been read: it may say where its hidden suites are."""
    try:
        Places(course)
    except Exception as error:
        raise CourseError(f"{course.root / _CONFIG} cannot be read: {type(error).__name__}: {error}") from error
    return course


def _courses(folder: Path, course: Course, names: tuple[str, ...], assignment: str) -> tuple[Path, Path]:
    """A course for stock nbgrader and one for ours, with their releases and gradebooks made."""
    stock, ours = folder / "stock", folder / "ours"
    for copy, kept in ((stock, ("solutions",)), (ours, names)):
        copy.mkdir()
        for name in kept:
            path = course.root / name
            if path.is_dir():
                shutil.copytree(
                    path, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
                )
            elif path.is_file():
                shutil.copy(path, copy)
    (stock / _CONFIG).write_text(_STOCK, encoding="utf-8")
    with (ours / _CONFIG).open("a", encoding="utf-8") as config:
        config.write(_OURS)
    for copy in (stock, ours):
        made = measure.nbgrader(copy, "generate_assignment", assignment)
        if made.status != 0:
            raise CourseError(f"nbgrader could not release {assignment!r}:\n{made.log[-2000:]}")
    return stock, ours
