"""What the commands share: the course, its configuration, the terminal."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from grader.course import Course, CourseError, use_own_problem_sets


class Refusal(click.ClickException):
    """The command cannot begin; the message says why and what to do."""

    exit_code = 2


def find_course() -> Course:
    """The course in the current folder; Refusal when there is none."""
    try:
        course = Course.find(Path.cwd())
    except CourseError as error:
        raise Refusal(str(error)) from error
    use_own_problem_sets(course.root)
    return course


def console(width: int | None = None) -> Console:
    """The terminal; text that goes to a file or a pipe is not folded at 80 columns."""
    if width is None and not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        width = 120
    return Console(width=width, highlight=False)


def draw_svg(paper: Console, path: Path, title: str) -> None:
    """What was printed on a recording console, as an SVG file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A fixed id keeps the file the same for the same text.
    drawing = paper.export_svg(title=title, unique_id=title.replace(" ", "-"))
    # The reader's own monospace font will do: nothing is to be fetched from elsewhere.
    path.write_text(re.sub(r"\s*@font-face \{.*?\}", "", drawing, flags=re.DOTALL), encoding="utf-8")


def configuration(root: Path) -> Any:
    """The settings in a course's nbgrader_config.py, as traitlets reads them."""
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    # nbgrader takes the current folder, which need not be the course's.
    config.CourseDirectory.setdefault("root", str(root))
    return config


class Places:
    """Where nbgrader keeps a course's things, by its settings: ask nbgrader itself, which knows every one of them."""

    def __init__(self, course: Course) -> None:
        from nbgrader.coursedir import CourseDirectory

        from grader.autograde import SaveVerdicts

        self.config = configuration(course.root)
        self._directory = CourseDirectory(config=self.config)
        self._verdicts = course.root / SaveVerdicts(config=self.config).verdict_directory

    @property
    def gradebook(self) -> str:
        """The gradebook's address, as `Gradebook` takes it."""
        return str(self._directory.db_url)

    def verdicts(self, student: str = "", assignment: str = "") -> Path:
        """What the judge wrote about a student's assignment, or all of it."""
        return self._verdicts / student / assignment

    def submitted(self, student: str, assignment: str) -> Path:
        """What the student handed in."""
        return Path(self._directory.format_path(self._directory.submitted_directory, student, assignment))

    def autograded(self, student: str, assignment: str) -> Path:
        """The repaired and executed copy of it."""
        return Path(self._directory.format_path(self._directory.autograded_directory, student, assignment))

    def feedback(self, student: str, assignment: str) -> Path:
        """What the student gets back."""
        return Path(self._directory.format_path(self._directory.feedback_directory, student, assignment))


def search_path() -> str:
    """PATH with this interpreter's folder first: nbgrader calls `alembic` by its bare name."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def copy_course(course: Course, target: Path) -> Course:
    """The configuration, the instructor's notebooks and the own suites of a course, in another folder."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(course.root / "nbgrader_config.py", target)
    own = course.root / "grader"
    for folder in ("solutions", *(["grader"] if own.is_dir() and not (own / "__init__.py").exists() else [])):
        shutil.copytree(
            course.root / folder,
            target / folder,
            ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"),
            dirs_exist_ok=True,
        )
    return Course(target.resolve())
