"""Gradescope's autograder zip, and what it gives in the tree of folders that Gradescope's harness makes.

The documented harness unpacks the zip to /autograder/source, runs setup.sh once, copies run_autograder to /autograder,
puts a submission to /autograder/submission, and reads /autograder/results/results.json. Here /autograder is another
folder, and the Python of this test run takes the place of the one that setup.sh would install.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from clean_environment import clean_environment
from small_course import ANSWERS, SmallCourse

from grader.cli.made_up import hand_in, read_student
from grader.course import Course, use_own_problem_sets
from grader.lms.collect import Person
from grader.lms.gradescope import GradescopeError, make
from grader.lms.harness import choose
from grader.lms.marks import Question, Work
from grader.lms.results import results
from grader.verdict import Diagnosis, Part, State, Verdict

ROOT = Path(__file__).resolve().parents[2]
# Of "Autograder Specifications": what may stand at the top and in a test, and of which kind.
TOP = {
    "score": (int, float), "execution_time": (int, float), "output": str, "output_format": str, "tests": list,
    "test_output_format": str, "test_name_format": str, "visibility": str, "stdout_visibility": str,
    "extra_data": dict, "leaderboard": list,
}  # fmt: skip
TEST = {
    "score": (int, float), "max_score": (int, float), "status": str, "name": str, "name_format": str, "number": str,
    "output": str, "output_format": str, "tags": list, "visibility": str, "extra_data": dict,
}  # fmt: skip


def check_format(found: dict[str, Any]) -> None:
    """Hold a results.json to the specification."""
    for entry, allowed in [(found, TOP), *((test, TEST) for test in found["tests"])]:
        for name, value in entry.items():
            assert isinstance(value, allowed[name]), (name, value)
            assert not isinstance(value, bool)
        assert entry.get("visibility", "visible") in ("hidden", "after_due_date", "after_published", "visible")
        assert entry.get("stdout_visibility", "hidden") == "hidden", "the log of grading is the instructor's"
        assert entry.get("status", "passed") in ("passed", "failed")
        for name in ("output_format", "test_output_format"):
            assert entry.get(name, "text") in ("text", "html", "simple_format", "md", "ansi")
    assert "score" in found


def packed(tmp_path: Path, isolation: str = "auto") -> zipfile.ZipFile:
    course = Course(ROOT)
    make(course, "ps1", tmp_path / "ag.zip", isolation=isolation)
    return zipfile.ZipFile(tmp_path / "ag.zip")


def test_what_is_in_the_zip(tmp_path: Path) -> None:
    with packed(tmp_path) as archive:
        names = archive.namelist()
        # "The file must contain at least two files in the root of the archive."
        assert {"setup.sh", "run_autograder", "requirements.txt", "constraints.txt"} <= set(names)
        for name in ("setup.sh", "run_autograder"):
            assert archive.getinfo(name).external_attr >> 16 & 0o111
            assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")
        assert {"package/grader/ps1/hidden/test_1_perceptron.py", "course/solutions/ps1/1-perceptron.ipynb"} <= set(
            names
        )
        assert "package/grader/ps1/heldout_digits.npz" in names
        strange = re.compile(r"\.pset-|gradebook|submitted|__pycache__|\.pyc$|\.git/|\.venv|ps1-extra")
        assert [name for name in names if strange.search(name)] == []
        texts = b"".join(archive.read(name) for name in names if not name.endswith((".npz", ".png")))
        assert str(ROOT).encode() not in texts
        assert os.fsencode(Path.home() / ".") not in texts
        assert b"numpy" in archive.read("requirements.txt")
        assert b"extra ==" not in archive.read("requirements.txt")


def test_the_same_course_gives_the_same_zip_and_scripts_are_bash(tmp_path: Path) -> None:
    with packed(tmp_path) as archive:
        first = (tmp_path / "ag.zip").read_bytes()
        archive.extractall(tmp_path, ["setup.sh", "run_autograder"])
    packed(tmp_path).close()
    assert (tmp_path / "ag.zip").read_bytes() == first
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", tmp_path / name], check=True)


def test_without_walls_only_when_asked(tmp_path: Path) -> None:
    said = b'c.Jail.isolation = "none"'
    with packed(tmp_path) as archive:
        assert said not in archive.read("course/nbgrader_config.py")
    with packed(tmp_path, "none") as archive:
        assert said in archive.read("course/nbgrader_config.py")


def test_what_cannot_be_packed(tmp_path: Path) -> None:
    with pytest.raises(GradescopeError, match="no hidden suites"):
        make(Course(ROOT), "ps9", tmp_path / "ag.zip")
    for path in (Path("../outside"), Path("nothing"), Path()):
        with pytest.raises(GradescopeError, match="no file or folder of the course"):
            make(Course(ROOT), "ps1", tmp_path / "ag.zip", (path,))
    assert not (tmp_path / "ag.zip").exists()


def test_choosing_among_what_was_handed_in(tmp_path: Path) -> None:
    source, submission = tmp_path / "source", tmp_path / "submission"
    for path in (source / "one.ipynb", source / "two.ipynb"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"cells": [{"metadata": {"nbgrader": {"grade_id": f"of_{path.stem}"}}}]}))
    names = ["mine.ipynb", "One (1).IPYNB", "one.ipynb", "my 2nd.ipynb", "poem.ipynb", "one.ipynb.txt"]
    for number, name in enumerate([*names, "__MACOSX/._one.ipynb", "notes.txt"]):
        path = submission / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
        if name in ("mine.ipynb", "my 2nd.ipynb"):
            shutil.copy(source / ("one.ipynb" if name == "mine.ipynb" else "two.ipynb"), path)
        os.utime(path, (1000 - number, 1000 - number))
    (submission / "two (1).ipynb").symlink_to("/etc/passwd")
    chosen, others = choose(submission, source)
    assert chosen == {"one": submission / "work/One (1).IPYNB", "two": submission / "work/my 2nd.ipynb"}
    assert others == ["one.ipynb.txt", "poem.ipynb"]


def question(
    name: str, auto: float | None, manual: float | None = None, *, waits: bool = False, extra: float = 0
) -> Question:
    return Question("one", f"test_{name}", 3.0, auto, manual, extra, waits)


def test_results() -> None:
    parts = (
        Part(title="positive", points=2, max_points=2, state=State.RIGHT),
        Part(
            title="negative", points=0, max_points=1, state=State.WRONG, message="a sign", grader_error="secret trace"
        ),
    )
    hint = Diagnosis(name="a sign too much", concept="slide 3", hint="Look at the sign.")
    verdict = Verdict(
        question="double", state=State.PARTLY, points=2, max_points=3, message="", parts=parts, diagnosis=hint
    )
    asked = (
        question("double", 2.0),
        question("words", None, waits=True),
        question("gone", 0.0),
        question("hand", 1.0, 2.5),
    )
    work = Work(Person("ann"), "tiny", 12.0, True, asked, penalty=1.5)
    found = results(work, lambda _: {"double": verdict, "hand": verdict.model_copy(update={"question": "hand"})})
    check_format(found)
    assert found["score"] == 3.0
    assert [(test["number"], test.get("score"), test["output"]) for test in found["tests"]] == [
        ("1.1", 2.0, "Right."),
        ("1.2", 0.0, "This looks like: a sign too much. Look at the sign.\nwrong: a sign"),
        ("1.3", None, "A person will look at this: no points are decided yet."),
        ("1.4", 0.0, "Nothing was handed in for this."),
        ("1.5", 2.5, "Marked by hand."),
    ]
    assert "Not decided yet" in found["output"]
    assert "1.5 points are taken off" in found["output"]
    assert "secret" not in json.dumps(found)


def test_penalties_take_nothing_below_zero() -> None:
    work = Work(Person("ann"), "tiny", 3.0, True, (question("double", 1.0),), penalty=2.0)
    assert results(work, lambda _: {})["score"] == 0.0


class Harness:
    """Gradescope's, with its folders below a folder of ours."""

    def __init__(self, root: Path, archive: Path) -> None:
        self.root = root
        for name in ("source", "results", "submission"):
            (root / name).mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "zipfile", "-e", archive, root / "source"], check=True)
        shutil.copy(root / "source" / "run_autograder", root)
        self.run("bash", "source/setup.sh")

    def run(self, *command: str) -> str:
        environment = clean_environment(PSET_AUTOGRADER=str(self.root), PSET_PYTHON=sys.executable)
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def grade(self, folder: Path) -> dict[str, Any]:
        """What results.json says of a folder of files."""
        shutil.rmtree(self.root / "submission")
        shutil.copytree(folder, self.root / "submission")
        self.run("bash", "run_autograder")
        found: dict[str, Any] = json.loads((self.root / "results/results.json").read_text(encoding="utf-8"))
        check_format(found)
        return found


@pytest.mark.thorough
def test_the_same_verdicts_as_nbgrader_in_the_harness(tmp_path: Path) -> None:
    course = SmallCourse(tmp_path / "course")
    for answers in ANSWERS:
        course.hand_in(answers, answers, "Because.")
    assert course.autograde().returncode == 0
    rows = course.gradebook()
    pset = Path(sys.executable).with_name("pset")
    command = [pset, "gradescope", "tiny", "--include", "suites", "--to", tmp_path / "a.zip"]
    subprocess.run(command, cwd=course.root, env=clean_environment(), check=True)
    harness = Harness(tmp_path / "autograder", tmp_path / "a.zip")
    for answers in ANSWERS:
        found = harness.grade(course.submitted(answers))
        wanted = sum(score or 0.0 for (student, _, _), (score, _) in rows.items() if student == answers)
        assert found["score"] == wanted
        for notebook in ("one", "two"):
            for name in ("double", "square"):
                tests = [test for test in found["tests"] if test["name"].startswith(f"{notebook}: {name}")]
                assert sum(test["score"] for test in tests) == rows[answers, notebook, f"test_{name}"][0]
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "poem.ipynb").write_text("{}")
    found = harness.grade(empty)
    assert found["score"] == 0
    assert "Hand in: one.ipynb, two.ipynb. You handed in: poem.ipynb." in found["output"]


@pytest.mark.thorough
def test_grading_that_fails_writes_no_results(tmp_path: Path) -> None:
    """A suite that is broken is the instructor's to mend, and no student's zero."""
    course = SmallCourse(tmp_path / "course")
    course.hand_in("right", "right")
    (course.root / "suites").rename(course.root / "grader")
    use_own_problem_sets(course.root)
    make(Course(course.root), "tiny", tmp_path / "a.zip")
    harness = Harness(tmp_path / "autograder", tmp_path / "a.zip")
    config = harness.root / "source/course/nbgrader_config.py"
    config.write_text(config.read_text().replace("configure(c, root)", "raise SystemExit('broken')"))
    shutil.copytree(course.submitted("right"), harness.root / "submission", dirs_exist_ok=True)
    with pytest.raises(AssertionError, match="No results were written"):
        harness.run("bash", "run_autograder")
    assert not (harness.root / "results/results.json").exists()


@pytest.mark.thorough
@pytest.mark.slow
def test_problem_set_1_in_the_harness(tmp_path: Path) -> None:
    """A made-up student's notebooks earn there what is written beside the answers."""
    make(Course(ROOT), "ps1", tmp_path / "a.zip")
    harness = Harness(tmp_path / "autograder", tmp_path / "a.zip")
    course = Course(tmp_path / "course")
    for name in ("solutions", "assignments"):
        shutil.copytree(ROOT / name, course.root / name)
    student = read_student(ROOT / "examples/ps1/amina_diallo.py")
    found = harness.grade(hand_in(student, course, "ps1"))
    assert found["score"] == 88
    assert sum(test["max_score"] for test in found["tests"]) == 100
    assert [test["name"] for test in found["tests"] if test.get("status") == "failed"] == []
    assert sum(test["max_score"] for test in found["tests"] if "score" not in test) == 12
