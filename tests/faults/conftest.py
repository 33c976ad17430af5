"""What the tests of faults share: a small course, released once; each test gets a copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_course import SmallCourse


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    """A course nobody has handed in anything to; its copies share a cache, and so a notebook is run only once."""
    root = tmp_path_factory.mktemp("released")
    course = SmallCourse(root, f"c.Cache.folder = {str(root.with_name('cache'))!r}\n")
    (root / ".pset-secret").write_text("the same in every copy")
    return course


@pytest.fixture
def make(released: SmallCourse, tmp_path: Path) -> Callable[..., SmallCourse]:
    """Makes copies of the course with settings of their own."""

    def make(name: str = "course", settings: str = "") -> SmallCourse:
        shutil.copytree(released.root, tmp_path / name)
        with (tmp_path / name / "nbgrader_config.py").open("a") as stream:
            stream.write(settings)
        return SmallCourse.at(tmp_path / name)

    return make
