"""The measure of the diagnosis, and the misconceptions that the bank's headers name."""

from __future__ import annotations

import importlib

import pytest
from bank import Answer, load
from diagnosed import naming

from grader.course import suite_path
from grader.verdict import Diagnosis, State, Verdict

ANSWERS = [answer for assignment in ("ps1", "ps1-extra") for answer in load(assignment)]


def answer(idea: str, *, right: bool = False) -> Answer:
    return Answer("ps1", "1-perceptron", "sigmoid", f"with {idea}", right, 4.0 if right else 1.0, 4.0, "pass\n", idea)


def verdict(name: str) -> Verdict:
    told = Diagnosis(name=name, concept="a slide", hint="a hint") if name else None
    return Verdict(question="sigmoid", state=State.WRONG, points=1, max_points=4, message="wrong", diagnosis=told)


@pytest.mark.parametrize(
    "pairs, precision, share, good",
    [
        ([("a", "a")] * 7 + [("a", "")] * 3, 1.0, 0.7, True),
        ([("a", "a")] * 6 + [("a", "")] * 4, 1.0, 0.6, False),
        ([("a", "a")] * 19 + [("a", "b")], 0.95, 1.0, True),
        ([("a", "a")] * 18 + [("a", "b")], 18 / 19, 1.0, False),
        ([("a", "a"), ("none", "b"), ("", "b")], 0.5, 1.0, False),
        ([("none", ""), ("", "")], 0.0, 0.0, False),
    ],
)
def test_precision_and_share(pairs: list[tuple[str, str]], precision: float, share: float, good: bool) -> None:
    found = naming([(answer(idea), verdict(name)) for idea, name in pairs])
    assert (found.precision, found.share) == (pytest.approx(precision), pytest.approx(share))
    assert found.good is good
    assert f"{found.precision:.1%}" in str(found)
    assert f"{found.share:.1%}" in str(found)


def test_a_name_for_a_right_answer_is_wrong() -> None:
    found = naming([(answer("", right=True), verdict("a")), (answer("", right=True), verdict(""))])
    assert (found.wrong, found.named, found.judged) == (0, 0, 1)
    assert found.misnamed == ["sigmoid: right: with : named 'a', planted 'none'"]


def known(assignment: str, notebook: str) -> set[tuple[str, str]]:
    """The misconceptions of a notebook, by question."""
    suite = suite_path(assignment, notebook)
    assert suite is not None
    module = importlib.import_module(f"grader.{assignment.replace('-', '_')}.hidden.{suite.stem}")
    return {(idea.question, idea.name) for idea in module.MISCONCEPTIONS}


def test_the_bank_plants_what_the_library_knows() -> None:
    library = {pair for place in {(one.assignment, one.notebook) for one in ANSWERS} for pair in known(*place)}
    planted = {(one.question, one.idea) for one in ANSWERS if one.idea not in ("", "none")}
    assert planted - library == set()
    assert sum(one.idea not in ("", "none") for one in ANSWERS) >= 190
    assert {question for question, _ in planted} >= {one.question for one in ANSWERS} - {"numpy_train"}
