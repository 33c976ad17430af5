"""What must happen to a submission before nbgrader copies anything of it."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import OperationalError

from grader.course import suite_path


class GradebookTrouble(RuntimeError):
    """The gradebook could not be read or written for now; the message says why and what to do."""


def judged(coursedir: Any) -> bool:
    """True when the assignment that a command is about has hidden suites; others are left to nbgrader."""
    source = coursedir.format_path(coursedir.source_directory, ".", coursedir.assignment_id)
    return any(suite_path(coursedir.assignment_id, path.stem) for path in Path(source).glob("*.ipynb"))


def odd_files(submitted: Path, source: Path, limit: int) -> dict[Path, str]:
    """What nbgrader must not copy from a submission of at most `limit` bytes, by path, with the reason.

    It would copy what a link points to, wherever that is, and give up the whole submission over a pipe, a dangling
    link, or a folder that has the name of a released file. Notebooks are not copied but read, by us.
    """
    found: dict[Path, str] = {}
    left = limit
    for parent, folders, names in os.walk(submitted):
        for path in (Path(parent) / name for name in names):
            if path.suffix == ".ipynb" and path.parent == submitted:
                continue
            if path.is_symlink():
                found[path] = "it is a link"
            elif not path.is_file():
                found[path] = "it is not a plain file"
            elif not os.access(path, os.R_OK):
                found[path] = "it may not be read"
            elif path.stat().st_size > left:
                found[path] = (
                    f"it is beyond the {limit / 1e6:g} MB that a submission may have (c.Submission.files_bytes)"
                )
            else:
                left -= path.stat().st_size
        for path in (Path(parent) / name for name in [*folders, *names]):
            released = source / path.relative_to(submitted)
            if path not in found and released.exists() and released.is_dir() != path.is_dir():
                found[path] = "it is in the place of a released file or folder"
    return found


def withdraw(gradebook: Gradebook, notebooks: Iterable[str], assignment: str, student: str) -> None:
    """Take back the automatic marks of some notebooks: should this grading fail, no old one must stand."""
    for notebook in notebooks:
        try:
            entry = gradebook.find_submission_notebook(notebook, assignment, student)
        except MissingEntry:
            continue
        for row in entry.grades:
            row.auto_score, row.needs_manual_grade = None, True
    gradebook.db.commit()


def settled(
    gradebook: Gradebook, graded: Path, notebooks: Iterable[str], assignment: str, student: str
) -> dict[tuple[str, str], str]:
    """The answers, by notebook and cell, that a person has marked, as they stand in the graded copy."""
    found: dict[tuple[str, str], str] = {}
    for notebook in notebooks:
        try:
            entry = gradebook.find_submission_notebook(notebook, assignment, student)
            names = {row.name for row in entry.grades if row.manual_score is not None and not row.needs_manual_grade}
            cells = json.loads((graded / f"{notebook}.ipynb").read_bytes())["cells"] if names else []
            answers = {cell["metadata"].get("nbgrader", {}).get("grade_id"): "".join(cell["source"]) for cell in cells}
        except (MissingEntry, OSError, ValueError, LookupError, TypeError, AttributeError):
            continue  # no copy of ours: the answers wait for a person once more
        found |= {(notebook, name): answer for name, answer in answers.items() if name in names}
    return found


def is_outdated(page: Path, graded: Path) -> bool:
    """True for feedback of an earlier grading than that which the graded copy is of."""
    return page.is_file() and graded.is_file() and page.stat().st_mtime < graded.stat().st_mtime


_TROUBLE = {
    "database is locked": "another program kept the gradebook locked; close what has it open",
    "database or disk is full": "the disk that holds the gradebook is full; make room",
    "disk i/o error": "the gradebook could not be read or written (disk I/O error); is its disk full or broken?",
    "readonly database": "the gradebook may not be written; check its permissions",
    "unable to open database file": "the gradebook could not be opened; check its folder and permissions",
}


@contextmanager
def plain_trouble(what: str) -> Generator[None, None, None]:
    """Say what is wrong with the gradebook: nbgrader would advise an upgrade, and stop the run for everybody."""
    try:
        yield
    except OperationalError as error:
        found = [said for sign, said in _TROUBLE.items() if sign in str(error.orig).lower()]
        if not found:
            raise
        message = f"{what}: {found[0]}, and run the same command again. Nothing that was finished is lost."
        raise GradebookTrouble(message) from None
