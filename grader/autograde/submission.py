"""What must happen to a submission before nbgrader copies anything of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry


def odd_files(submitted: Path, source: Path) -> dict[Path, str]:
    """What nbgrader must not copy from a submission, by path, with the reason.

    It would copy what a link points to, wherever that is, and give up the whole submission over a pipe, a dangling
    link, or a folder that has the name of a released file. Notebooks are not copied but read, by us.
    """
    found: dict[Path, str] = {}
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
