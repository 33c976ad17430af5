"""`pset explain`: all that the judge saw, and what has changed since."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from bank import ROOT, load
from click.testing import CliRunner, Result

from grader.batch import Task, grade
from grader.cli import main
from grader.cli.common import Places
from grader.cli.explain import differences
from grader.course import Course, fill, suite_path
from grader.jail import Jail
from grader.judge.run import Judge
from grader.verdict import Evidence, NotebookVerdicts, Part, State, Verdict

NAME = "1-perceptron"
OTHER_FOLDERS = """
c.CourseDirectory.submitted_directory = "handed-in"
c.CourseDirectory.autograded_directory = "marked"
c.CourseDirectory.directory_structure = "{nbgrader_step}/{assignment_id}/{student_id}"
c.SaveVerdicts.verdict_directory = "judged"
c.Judge.secret = "of this course"
"""


def verdict(*parts: Part, state: State = State.PARTLY) -> Verdict:
    return Verdict(question="sigmoid", state=state, points=2, max_points=4, message="wrong", parts=parts)


def part(**more: object) -> Part:
    probe = Evidence(call="sigmoid(0.5)", expected="0.62", got="0.5", tolerance="rtol 1e-4", problem="wrong", seconds=1)
    told = {"test": "test_values", "title": "values", "points": 0, "max_points": 2, "state": State.WRONG, "seed": 7}
    return Part.model_validate({**told, "message": "wrong", "evidence": (probe,), **more})


class TestDifferences:
    def test_time_alone_is_none(self) -> None:
        later = part().evidence[0].model_copy(update={"seconds": 2.0})
        assert differences(verdict(part()), verdict(part(evidence=(later,)))) == []

    @pytest.mark.parametrize("name", ["call", "expected", "got", "tolerance", "problem"])
    def test_every_number_of_a_probe(self, name: str) -> None:
        other = part().evidence[0].model_copy(update={name: "something else"})
        (told,) = differences(verdict(part()), verdict(part(evidence=(other,))))
        assert told.startswith(f"test_values, probe 1: {name} something else, before ")

    def test_another_seed_explains_the_rest(self) -> None:
        (told,) = differences(verdict(part()), verdict(part(seed=8, evidence=(), message="")))
        assert "seed 8, before 7" in told

    def test_states_marks_messages_and_parts(self) -> None:
        now = [part(state=State.RIGHT, points=2, message=""), part(test="test_new")]
        told = differences(verdict(part(), part(test="test_old")), verdict(*now))
        assert told == [
            "test_values: state right, before wrong",
            "test_values: points 2.0, before 0.0",
            "test_values: message , before wrong",
            "test_old: not judged now",
            "test_new: not judged before",
        ]

    def test_a_probe_more(self) -> None:
        told = differences(verdict(part()), verdict(part(evidence=part().evidence * 2)))
        assert "test_values, probe 2: got 0.5, before -" in told


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course whose folders have names of their own; the current folder."""
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8") + OTHER_FOLDERS
    (tmp_path / "nbgrader_config.py").write_text(config, encoding="utf-8")
    shutil.copytree(ROOT / "solutions" / "ps1", tmp_path / "solutions" / "ps1")
    monkeypatch.chdir(tmp_path)
    return Course(tmp_path)


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments], env={"COLUMNS": "200"})


def test_who_was_not_graded_is_told_so(course: Course) -> None:
    folder = course.root / "judged" / "ada" / "ps1"
    folder.mkdir(parents=True)
    result = explain("nobody", "sigmoid")
    assert result.exit_code == 2
    assert "Graded so far: ada." in result.output


def test_a_file_that_was_never_run_is_not_judged_now(course: Course) -> None:
    unread = Verdict(question="sigmoid", state=State.CRASHED, points=0, max_points=4, message="It is not JSON.")
    folder = course.root / "judged" / "ada" / "ps1"
    folder.mkdir(parents=True)
    found = NotebookVerdicts(assignment="ps1", notebook=NAME, verdicts=(unread,))
    (folder / f"{NAME}.json").write_text(found.model_dump_json(), encoding="utf-8")
    result = explain("ada", "sigmoid")
    assert result.exit_code == 0, result.output
    assert "It is not JSON." in result.output
    assert "Nothing was run then" in result.output
    result = explain("ada", "tanh")
    assert result.exit_code == 2
    assert "It has: sigmoid." in result.output


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_all_that_was_seen_and_what_has_changed(course: Course) -> None:
    wrong = next(answer for answer in load("ps1") if answer.question == "sigmoid" and 0 < answer.points < 4)
    notebook = fill(nbformat.read(course.source("ps1") / f"{NAME}.ipynb", as_version=4), {"sigmoid": wrong.source})
    notebook.cells = [
        cell
        for number, cell in enumerate(notebook.cells)
        if number == 0 or "sigmoid" in str(cell.metadata.get("nbgrader")) or "import numpy" in cell.source
    ]
    places = Places(course)
    seed, files = Judge(config=places.config).seed(course.root, notebook), (course.source("ps1"),)
    task = Task("ps1", NAME, notebook, suite_path("ps1", NAME), course.root, seed, files)
    found = grade(task, Jail(config=places.config)).verdicts
    path = course.root / "judged" / "ada" / "ps1" / f"{NAME}.json"
    for folder in (path.parent, course.root / "marked" / "ps1" / "ada", course.root / "handed-in" / "ps1" / "ada"):
        folder.mkdir(parents=True)
    path.write_text(found.model_dump_json(), encoding="utf-8")
    nbformat.write(notebook, course.root / "marked" / "ps1" / "ada" / f"{NAME}.ipynb")

    stored = next(one for one in found.verdicts if one.question == "sigmoid")
    result = explain("ada", "sigmoid", "--stored")
    assert result.exit_code == 0, result.output
    flat = "".join(result.output.split()).replace("\N{BOX DRAWINGS LIGHT VERTICAL}", "")
    for seen in stored.parts:
        assert f"seed{seen.seed}" in flat
        for probe in seen.evidence:
            for text in (probe.tolerance, f"{probe.seconds:.3f}"):
                assert "".join(text.split()) in flat
            for text in (probe.call, probe.expected, probe.got):
                assert "".join(text.split())[:12] in flat

    result = explain("ada", "sigmoid")
    assert result.exit_code == 0, result.output
    assert "The same verdict, number for number." in result.output

    last = stored.parts[-1]
    probe = last.evidence[0].model_copy(update={"got": "42.5"})
    other = last.model_copy(update={"evidence": (probe, *last.evidence[1:])})
    changed = stored.model_copy(update={"parts": (*stored.parts[:-1], other), "points": 4.0, "state": State.RIGHT})
    verdicts = tuple(changed if one.question == "sigmoid" else one for one in found.verdicts)
    path.write_text(found.model_copy(update={"verdicts": verdicts}).model_dump_json(), encoding="utf-8")
    result = explain("ada", "sigmoid")
    assert result.exit_code == 1, result.output
    assert f"differs: {last.test}, probe 1: got " in result.output
    assert "before 42.5" in result.output
    assert "before right, 4 of 4 points." in result.output
