"""A suite of its own beside the package's, and notebooks for it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell
from small_notebooks import graded_cell, notebook_of

import grader
from grader.batch import Task
from grader.jail import close_idle

_SUITE = '''
from grader.judge import Student, points, question


@question("double")
class TestDouble:
    @points(2)
    def test_double(self, student: Student, rng) -> None:
        """twice the number"""
        for number in rng.normal(size=5):
            student.check("double", number, expected=2 * number)
'''


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path, None, None]:
    """A suite that belongs to the package, as those of a course do that keeps its own."""
    folder = tmp_path_factory.mktemp("suites")
    path = folder / "away" / "hidden" / "test_graded_away.py"
    path.parent.mkdir(parents=True)
    path.write_text(_SUITE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grader, "__path__", [*grader.__path__, str(folder)])
        yield path
    close_idle()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course's folder with what must stay there."""
    root = tmp_path_factory.mktemp("course")
    (root / ".pset-secret").write_text("the secret of this course")
    (root / "gradebook.db").write_text("the gradebook of this course")
    for student in ("ann", "bob"):
        folder = root / "submitted" / student / "away"
        folder.mkdir(parents=True)
        (folder / "data.txt").write_text(f"data of {student}'s")
    return root


@pytest.fixture
def make(suite: Path, course: Path) -> Callable[..., Task]:
    """Makes tasks: notebooks with an answer to `double`, and more cells if wanted."""

    def made(body: str, *cells: str, name: str = "graded-away", **values: Any) -> Task:
        notebook = notebook_of(*cells, double=f"def double(x):\n    {body}")
        notebook.cells += [graded_cell("double", 2), new_code_cell("print(double(1))")]
        return Task("away", name, notebook, suite, course, seed=b"seed", **values)

    return made
