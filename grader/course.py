"""The course: its folders, assignments, notebooks, questions and points.

Everything here is read from the notebooks' nbgrader metadata and from the packages that hold the hidden suites.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

import grader


class CourseError(RuntimeError):
    """A folder is not a course, or lacks what is asked of it; the message says what to do."""


@dataclass(frozen=True)
class Question:
    """One question of a notebook, as its cells declare it."""

    name: str
    points: float
    automatic: bool


@dataclass(frozen=True)
class Course:
    """A course folder: instructor notebooks in `solutions/`, what students get in `assignments/`."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> Course:
        """The course at `start`; CourseError when there is none."""
        root = start.resolve()
        if not (root / "solutions").is_dir() or not (root / "nbgrader_config.py").is_file():
            raise CourseError(
                f"{root} is not a course folder: it needs nbgrader_config.py and a folder solutions/. "
                "Change to the folder that holds them and try again."
            )
        return cls(root)

    @property
    def assignments(self) -> list[str]:
        """The assignments that have instructor notebooks, in alphabetical order."""
        folders = sorted(path for path in (self.root / "solutions").iterdir() if path.is_dir())
        return [folder.name for folder in folders if any(folder.glob("*.ipynb"))]

    def source(self, assignment: str) -> Path:
        """The folder with the instructor's notebooks."""
        folder = self.root / "solutions" / assignment
        if not folder.is_dir():
            known = ", ".join(self.assignments) or "none"
            raise CourseError(f"there is no assignment {assignment!r} in {folder.parent} (there is: {known})")
        return folder

    def release(self, assignment: str) -> Path:
        """The folder with what students get."""
        return self.root / "assignments" / assignment

    def notebooks(self, assignment: str) -> list[Path]:
        """The instructor's notebooks of an assignment, in order."""
        return sorted(self.source(assignment).glob("*.ipynb"))


def use_own_problem_sets(root: Path) -> None:
    """Count the packages in a course's own folder `grader/` as part of this package: `grader.ps2` may be there.

    A course made by `pset init` keeps the suites of its further problem sets in it. In a checkout the folder of that
    name is this package itself.
    """
    folder = root.resolve() / "grader"
    if folder.is_dir() and not (folder / "__init__.py").exists() and str(folder) not in grader.__path__:
        grader.__path__.append(str(folder))
        importlib.invalidate_caches()


def module_name(name: str) -> str:
    """An assignment or notebook as a part of a module's name: `ps1_extra` for `ps1-extra`."""
    return "".join(c if c.isalnum() else "_" for c in name)


def suite_folder(assignment: str) -> Path | None:
    """The folder of an assignment's hidden suites, or None when it has none.

    The suites of assignment `ps1-extra` are in the package `grader.ps1_extra.hidden`.
    """
    try:
        spec = importlib.util.find_spec(f"grader.{module_name(assignment)}.hidden")
    except (ModuleNotFoundError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def suite_name(notebook: str) -> str:
    """The file name of a notebook's hidden suite: `test_1_perceptron.py` for `1-perceptron`."""
    return f"test_{module_name(notebook)}.py"


def suite_path(assignment: str, notebook: str) -> Path | None:
    """The hidden suite of a notebook, or None when it has none.

    The suite of notebook `1-perceptron` of assignment `ps1` is `grader/ps1/hidden/test_1_perceptron.py`.
    """
    folder = suite_folder(assignment)
    path = folder / suite_name(notebook) if folder else None
    return path if path is not None and path.is_file() else None


def _metadata(cell: NotebookNode) -> dict[str, Any]:
    found = cell.metadata.get("nbgrader", {})
    return dict(found) if isinstance(found, dict) else {}


def questions(notebook: NotebookNode) -> list[Question]:
    """The questions of a notebook, in order: test cells carry the points of the solution cell before them."""
    found = []
    for cell in notebook.cells:
        data = _metadata(cell)
        if not data.get("grade"):
            continue
        name = str(data["grade_id"])
        automatic = not data.get("solution")
        found.append(Question(name.removeprefix("test_") if automatic else name, float(data["points"]), automatic))
    return found


def fill(notebook: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """A released notebook with some answers written into its solution cells, as a student would hand it in.

    `answers` maps grade_ids of solution cells to their new source. KeyError for a grade_id that is not there.
    """
    filled = nbformat.from_dict(notebook)
    cells = {_metadata(cell).get("grade_id"): cell for cell in filled.cells if _metadata(cell).get("solution")}
    for name, source in answers.items():
        if name not in cells:
            raise KeyError(f"the notebook has no solution cell {name!r}")
        cells[name].source = source
    return filled


def with_solutions(notebook: NotebookNode) -> dict[str, str]:
    """The source of every solution cell of an instructor's notebook."""
    return {
        str(_metadata(cell)["grade_id"]): str(cell.source) for cell in notebook.cells if _metadata(cell).get("solution")
    }
