"""Kill -9 at any moment: the same command finishes, and everything is as if nothing had happened."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clean_environment import clean_environment
from nbgrader.api import Gradebook
from small_course import SmallCourse

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]
DRIVER = Path(__file__).with_name("every_moment.py")
STUDENTS = ("ann", "bob")


def kill(template: SmallCourse, scratch: Path, moments: str, *command: str) -> dict[str, Any]:
    """Kill a command at some of its moments, or all of them; see every_moment.py."""
    scratch.mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(DRIVER), str(template.root), str(scratch), moments, *command],
        env=clean_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["status"] == 0, result["log"]
    assert result["steps"] > 30
    assert result["before"] != result["undisturbed"]
    for found in result["found"]:
        assert found["killed"] == -9, found["moment"]
        assert found["finished"] == 0, found["log"]
        assert found["after"] == result["undisturbed"], f"moment {found['moment']}\n{found['log']}"
    return result


def mark_by_hand(course: SmallCourse, student: str) -> None:
    """As formgrader saves marks for the written answers."""
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        for notebook in ("one", "two"):
            row = gradebook.find_grade(f"words_{notebook}", notebook, "tiny", student)
            row.manual_score, row.needs_manual_grade = 0.5, False
        gradebook.db.commit()


def of(student: str, state: dict[str, Any]) -> tuple[Any, Any]:
    """A student's rows and autograded files; verdicts are judged by the mark and by the end."""
    rows = [row for row in state["rows"] if row[0] == student]
    files = {name: content for name, content in state["files"].items() if name.startswith(f"autograded/{student}/")}
    return rows, files


def nothing_old_as_if_new(result: dict[str, Any]) -> None:
    """Right after each kill: a student's marks are all old and untouched, all new and finished, or say so."""
    old, new = result["before"], result["undisturbed"]
    for found in result["found"]:
        between = found["between"]
        for student in STUDENTS:
            _, mark = between["files"].get(f"verdicts/{student}/tiny/.grading", ["", ""])
            if of(student, between) == of(student, old):
                continue
            if not mark:
                assert of(student, between) == of(student, new), (found["moment"], student)
                continue
            final = {tuple(row[:3]): row[3:] for row in of(student, new)[0]}
            for *place, score, attention in of(student, between)[0]:
                assert [score, attention] in ([None, 1], final[tuple(place)]), (found["moment"], student, place)


def try_everything(make: Callable[..., SmallCourse], tmp_path: Path, moments: tuple[str, str, str]) -> None:
    # Its steps are counted in one process.
    course = make(settings="c.Batch.jobs = 1\n")
    course.hand_in("ann", "right", "words")
    course.hand_in("bob", "wrong")
    result = kill(course, tmp_path / "first", moments[0], "autograde", "tiny")
    nothing_old_as_if_new(result)
    assert [row[3:] for row in result["undisturbed"]["rows"]] == [
        [3.0, 0], [2.0, 0], [None, 1], [3.0, 0], [2.0, 0], [None, 1],
        [2.0, 0], [0.0, 0], [0.0, 0], [2.0, 0], [0.0, 0], [0.0, 0],
    ]  # fmt: skip

    kill(
        SmallCourse.at(tmp_path / "first" / "undisturbed"),
        tmp_path / "feedback",
        moments[1],
        "generate_feedback",
        "tiny",
    )

    # Ann's written answers stay as they were when a person marked them, so they wait for nobody.
    again = SmallCourse.at(tmp_path / "first" / "undisturbed")
    mark_by_hand(again, "ann")
    again.hand_in("ann", "wrong", "words")
    again.hand_in("bob", "right", "words")
    result = kill(again, tmp_path / "again", moments[2], "autograde", "tiny", "--force")
    nothing_old_as_if_new(result)
    written = [row[4] for row in result["undisturbed"]["rows"] if row[2].startswith("words_")]
    assert written == [0, 0, 1, 1]


def test_killed_at_some_moments(make: Callable[..., SmallCourse], tmp_path: Path) -> None:
    try_everything(make, tmp_path, ("2", "2", "2"))


@pytest.mark.thorough
def test_killed_at_many_moments(make: Callable[..., SmallCourse], tmp_path: Path) -> None:
    try_everything(make, tmp_path, ("40", "all", "40"))


@pytest.mark.thorough
def test_one_notebook_does_not_finish_what_a_run_on_all_has_left(make: Callable[..., SmallCourse]) -> None:
    # Its steps are counted in one process.
    course = make(settings="c.Batch.jobs = 1\n")
    course.hand_in("ann", "right")
    assert course.autograde().returncode == 0
    rows, mark = course.gradebook(), course.verdicts("ann") / ".grading"
    mark.write_text("unfinished\n")
    (course.autograded("ann") / "two.ipynb").unlink()
    one = course.autograde("--notebook", "one")
    assert one.returncode == 0
    assert "was left unfinished" in one.stderr
    assert "Autograding" in one.stderr
    assert mark.read_text()
    everything = course.autograde()
    assert everything.returncode == 0
    assert "was left unfinished" in everything.stderr
    assert not mark.read_text()
    assert sorted(path.name for path in course.autograded("ann").iterdir()) == ["one.ipynb", "two.ipynb"]
    assert course.gradebook() == rows
    assert "Autograding" not in course.autograde().stderr
