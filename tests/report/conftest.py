"""An empty gradebook, made once: that takes longer than the tests that fill a copy of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made_up_class import ASSIGNMENT, Build, MadeUpCourse, Person, empty_gradebook

from grader.cli.common import search_path
from grader.cli.report import make_report
from grader.course import Course
from grader.report import Report


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", search_path())
        return empty_gradebook(tmp_path_factory.mktemp("gradebook") / "empty.db")


@pytest.fixture
def build(tmp_path: Path, empty: Path) -> Build:
    """A course folder with these people in it."""

    def made(*people: Person, absent: tuple[str, ...] = ()) -> MadeUpCourse:
        return MadeUpCourse(tmp_path / "course", people, empty, absent)

    return made


@pytest.fixture
def report() -> Callable[[MadeUpCourse], Report]:
    return lambda made: make_report(Course(made.root), ASSIGNMENT)
