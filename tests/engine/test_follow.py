"""Follow-through: what a wrong answer upstream may and may not do to the answers built on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.jail import Jail, JailedNotebook
from grader.judge.follow import source_of
from grader.judge.run import run_suite
from grader.judge.student import Student
from grader.ps1.reference import mlp
from grader.verdict import State, Verdict

SUITE = '''
import numpy as np
from grader.judge import points, question

def square(x):
    return x * x

def cube(x):
    return x * square(x)

UP = {"square": (square,)}

def class_for(name, factor, upstream):
    @question(name, upstream=upstream)
    class TestIt:
        @points(2)
        def test_it(self, student, rng):
            """it"""
            x = rng.uniform(2, 3, size=3)
            student.check(name, x, expected=factor * x * x)
    return TestIt

TestSquare = class_for("square", 1, {})
TestUses = class_for("uses", 3, UP)
TestUsesWrongly = class_for("uses_wrongly", 3, UP)
TestInlineWrong = class_for("inline_wrong", 3, UP)
TestInlineRight = class_for("inline_right", 3, UP)
TestCallsInVain = class_for("calls_in_vain", 3, UP)
TestStubborn = class_for("stubborn", 3, UP)
TestNoUpstream = class_for("no_upstream", 3, {})
TestSquareAgain = class_for("square_again", 1, {})
'''

ANSWERS = """
def square(x):
    return WRONG
def uses(x):
    return 3 * square(x)
def uses_wrongly(x):
    return 4 * square(x)
def inline_wrong(x):
    return 3 * x * x + 1
def inline_right(x):
    return 3 * x * x
def calls_in_vain(x):
    square(x)
    return x
own = square
def stubborn(x):
    return 3 * own(x)
def no_upstream(x):
    return 3 * square(x)
def square_again(x):
    return square(x)
"""


def judge(tmp_path: Path, upstream: str) -> dict[str, Verdict]:
    suite = tmp_path / "test_follow_through.py"
    suite.write_text(SUITE)
    notebook = new_notebook(cells=[new_code_cell(ANSWERS.replace("WRONG", upstream))])
    with JailedNotebook(notebook, Jail()) as jailed:
        jailed.run()
        return {verdict.question: verdict for verdict in run_suite(suite, Student(jailed, b"seed"))}


@pytest.mark.parametrize("upstream", ["x * x * x", "None", "1 / 0", "undefined", "(_ for _ in ()).throw(SystemExit)"])
def test_a_wrong_upstream_costs_nothing_downstream(tmp_path: Path, upstream: str) -> None:
    verdicts = judge(tmp_path, upstream)
    assert verdicts["square"].state is not State.RIGHT
    assert verdicts["uses"].points == 2
    assert verdicts["uses"].parts[0].given == ("square",)
    assert verdicts["uses"].message == "right, given a correct `square`"
    # Nothing is forgiven that is wrong by itself.
    for name in ("uses_wrongly", "inline_wrong", "calls_in_vain"):
        assert verdicts[name].points == 0, name
    # What is said is about the part's own mistake, not about what the upstream did to it.
    assert verdicts["uses_wrongly"].message == "`uses_wrongly`: 3 of 3 values are wrong"
    # An answer that works on its own needs no help; one that cannot be helped stays as it was judged.
    assert verdicts["inline_right"].points == 2
    assert verdicts["inline_right"].parts[0].given == ()
    assert verdicts["stubborn"].points == 0
    # Only the declared upstream is ever replaced, and the student's own answer is back in its place.
    assert verdicts["no_upstream"].points == 0
    assert verdicts["square_again"].points == 0


def test_a_right_upstream_is_never_replaced(tmp_path: Path) -> None:
    verdicts = judge(tmp_path, "x * x")
    assert verdicts["uses"].points == 2
    assert all(part.given == () for verdict in verdicts.values() for part in verdict.parts)
    assert verdicts["calls_in_vain"].points == 0


def test_only_the_function_and_what_it_calls_is_sent() -> None:
    source = source_of(mlp.mlp_forward)
    assert "def sigmoid(" in source
    assert "def mlp_backward(" not in source
    assert "def softmax(" not in source
