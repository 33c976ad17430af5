"""The hidden suite of notebook 1 tells right from wrong: many answers, judged in this process without a jail.

Answers to different questions are judged together, each among functions of the reference of its own.
"""

from __future__ import annotations

import functools
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from local_notebook import judge_locally
from perceptron_answers import RIGHT, WRONG, Answer

from grader.ps1.hidden import test_1_perceptron as suite
from grader.ps1.reference import perceptron as reference
from grader.verdict import State

# The bank judges like answers with other seeds; more of them here found nothing in minutes.
SEEDS = range(1)

POINTS = {
    "sigmoid": 4,
    "weighted_sum": 2,
    "perceptron_table": 4,
    "slide_errors": 2,
    "squared_error": 2,
    "binary_cross_entropy": 3,
    "chain_rule": 3,
    "perceptron_gradient": 4,
    "numerical_gradient": 3,
    "train_perceptron": 5,
}


DEFINES = {
    "squared_error": ("squared_error", "mean_squared_error"),
    "chain_rule": ("dl_dp", "dp_dh", "dh_dw"),
}


def together(answers: list[Answer]) -> list[list[Answer]]:
    """The same answers, those to different questions side by side."""
    columns = [[answer for answer in answers if answer.question == question] for question in POINTS]
    return [[answer for answer in row if answer is not None] for row in zip_longest(*columns)]


def judged(answers: list[Answer], seed: int) -> dict[Answer, float]:
    """The points of answers to different questions; a failure of the grader's own is an error."""
    names: dict[str, Any] = dict(vars(reference))
    for answer in answers:
        own = dict(vars(reference))
        exec(answer.source, own)
        for name in DEFINES.get(answer.question, (answer.question,)):
            names.pop(name, None)
            if name in own:
                names[name] = own[name]
    verdicts = judge_locally(Path(str(suite.__file__)), names, b"seed %d" % seed, {one.question for one in answers})
    for verdict in verdicts.values():
        assert verdict.state is not State.GRADER_FAILED, [part.grader_error for part in verdict.parts]
    return {answer: verdicts[answer.question].points for answer in answers}


@functools.cache
def earned() -> dict[Answer, list[float]]:
    """The points of every answer of both tables, seed by seed."""
    points: dict[Answer, list[float]] = {}
    for answers in [*together(RIGHT), *together(WRONG)]:
        for seed in SEEDS:
            for answer, found in judged(answers, seed).items():
                points.setdefault(answer, []).append(found)
    return points


def test_points_are_those_of_the_problem_set() -> None:
    verdicts = judge_locally(Path(str(suite.__file__)), {})
    assert {question: verdict.max_points for question, verdict in verdicts.items()} == POINTS


def test_every_question_has_wrong_and_right_answers() -> None:
    assert {a.question for a in WRONG} == {a.question for a in RIGHT} == set(POINTS)


def test_the_reference_earns_everything() -> None:
    answers = [Answer(question, "reference", "") for question in POINTS]
    for seed in range(3):
        assert {one.question: points for one, points in judged(answers, seed).items()} == POINTS


def test_right_answers_earn_everything() -> None:
    assert {answer: earned()[answer] for answer in RIGHT} == {
        answer: [POINTS[answer.question]] * len(SEEDS) for answer in RIGHT
    }


def test_wrong_answers_earn_what_is_right_in_them() -> None:
    assert not [answer for answer in WRONG if answer.most >= POINTS[answer.question]]
    assert {answer: max(earned()[answer]) for answer in WRONG} == {answer: answer.most for answer in WRONG}


ODD_VALUES = """None|'text'|{}|[[1, 2], [3]]|[[], [1]]|float('nan')|1j|10 ** 400|np.array(None)|{1, 2}|(1, 2, 3)
lambda: 0|([1, [2]], 'x', {})|{'dw': 'x', 'db': None}|np.array(['a'])|[None]|np.array([])
(np.zeros(2), 0.0, [[1.0], [2.0, 3.0]])|({}, [], [None] * 8)|{(float('inf'), 'p')}|b'bytes'|[print]|[10 ** 400]"""


@pytest.mark.parametrize("value", ODD_VALUES.replace("\n", "|").split("|"))
def test_no_value_makes_the_suite_itself_fail(value: str) -> None:
    answers = []
    for question in POINTS:
        names = DEFINES.get(question, (question,))
        functions = "\n".join(f"def {name}(*args): return {value}" for name in names)
        source = f"slide_errors = {value}" if question == "slide_errors" else functions
        answers.append(Answer(question, "odd value", source))
    assert set(judged(answers, 0).values()) == {0}
