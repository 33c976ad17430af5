"""What nbgrader makes anew for every look into the gradebook is kept, and nothing is missing for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbgrader.api
import pytest
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.nbgraderformat import common

from grader.autograde import reuse


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The gradebooks whose tables were looked at one by one, while nbgrader is as a run has it."""
    # nbgrader runs a program of its environment for each new gradebook.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    for holder, name in (
        (nbgrader.api, "create_engine"),
        (common, "jsonschema"),
        (nbgrader.api.Base.metadata, "create_all"),
    ):
        monkeypatch.setattr(holder, name, getattr(holder, name))
    create, found = reuse._create_all, []

    def counted(bind: object) -> None:
        found.append(bind)
        create(bind=bind)

    monkeypatch.setattr(reuse, "_create_all", counted)
    reuse.keep_engines()
    return found


def test_tables_are_looked_at_once_for_each_gradebook(made: list[object], tmp_path: Path) -> None:
    for name in ("a.db", "b.db", "a.db", "b.db", "a.db"):
        with Gradebook(f"sqlite:///{tmp_path / name}") as gradebook:
            gradebook.update_or_create_assignment(f"ps {name}")
    assert len(made) == 2
    with Gradebook(f"sqlite:///{tmp_path / 'a.db'}") as gradebook:
        assert [found.name for found in gradebook.assignments] == ["ps a.db"]


def test_a_gradebook_that_was_taken_away_is_made_anew(made: list[object], tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.update_or_create_assignment("ps1")
    path.unlink()
    with Gradebook(f"sqlite:///{path}") as gradebook, pytest.raises(MissingEntry):
        gradebook.find_assignment("ps1")
    assert len(made) == 2
