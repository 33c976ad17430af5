"""A name that a later cell uses once more does not cost the answer that was right where it stood."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_notebooks import graded_cell, notebook_of

from grader.batch import Graded, Task, grade
from grader.jail import Jail
from grader.verdict import State

pytestmark = pytest.mark.slow

SUITE = '''
from grader.judge import Student, points, question


def double(x):
    return 2 * x


@question("double")
class TestDouble:
    @points(1)
    def test_double(self, student: Student) -> None:
        """twice the number"""
        student.check("double", 3, expected=6)


@question("quadruple", upstream={"double": (double,)})
class TestQuadruple:
    @points(2)
    def test_quadruple(self, student: Student) -> None:
        """twice the double"""
        student.check("quadruple", 3, expected=12)


@question("table")
class TestTable:
    @points(1)
    def test_table(self, student: Student) -> None:
        """a variable"""
        if student.value("table") != [1, 2]:
            student.check("no_such_function", expected=1)


@question("triple")
class TestTriple:
    @points(1)
    def test_triple(self, student: Student) -> None:
        """three times the number"""
        student.check("triple", 3, expected=9)
'''
WORDS = "right, with the names as they stood here: a later cell gives one of them another meaning"


def judged(tmp_path: Path, *cells: tuple[str, str]) -> Graded:
    """Cells of (question or '', source), each answer followed by its test cell."""
    suite = tmp_path / "tiny" / "hidden" / "test_n.py"
    suite.parent.mkdir(parents=True)
    suite.write_text(SUITE)
    notebook = notebook_of()
    for name, source in cells:
        notebook.cells += notebook_of(**{name: source}).cells if name else notebook_of(source).cells
        if name:
            notebook.cells.append(graded_cell(name, 1))
    return grade(Task("tiny", "n", notebook, suite, tmp_path), Jail())


def test_helpers_and_variables_whose_names_come_again(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        ("double", "def helper(x):\n    return x\n\ndef double(x):\n    return helper(x) + helper(x)"),
        ("quadruple", "def quadruple(x):\n    return double(double(x))"),
        ("table", "table = [1, 2]"),
        ("triple", "def helper(x, times):\n    return times * x\n\ndef triple(x):\n    return helper(x, 3)"),
        ("", "table = 'for a plot'"),
    )
    verdicts = {verdict.question: verdict for verdict in found.verdicts.verdicts}
    assert {name: verdict.state for name, verdict in verdicts.items()} == dict.fromkeys(verdicts, State.RIGHT)
    assert verdicts["double"].parts[0].message == verdicts["table"].parts[0].message == WORDS
    assert verdicts["triple"].parts[0].message == ""
    calls = [probe.call for probe in verdicts["double"].parts[0].evidence]
    assert "again, with the names as they stood after the question's own cells" in calls


def test_what_was_wrong_then_and_now_stays_wrong(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        ("double", "def helper(x):\n    return x\n\ndef double(x):\n    return helper(x) + 1"),
        ("quadruple", "def quadruple(x):\n    return 3 * x"),
        ("table", "table = [2, 1]"),
        ("triple", "def helper(x, times):\n    return times * x\n\ndef triple(x):\n    return helper(x, 3)"),
    )
    verdicts = {verdict.question: verdict for verdict in found.verdicts.verdicts}
    assert [verdicts[name].points for name in ("double", "quadruple", "table", "triple")] == [0, 0, 0, 1]
    assert "helper() missing 1 required" in verdicts["double"].message, "told of the notebook as it is"


def test_a_later_correction_counts_and_later_answers_keep_their_names(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        ("double", "def double(x):\n    return x"),
        ("quadruple", "def quadruple(x):\n    return 4 * x"),
        ("table", "table = [1, 2]"),
        ("triple", "def triple(x):\n    return double(x) + x"),
        ("", "def double(x):\n    return 2 * x"),
    )
    assert [verdict.points for verdict in found.verdicts.verdicts] == [1, 2, 1, 1]
    assert not [verdict.message for verdict in found.verdicts.verdicts if "stood" in verdict.message]
