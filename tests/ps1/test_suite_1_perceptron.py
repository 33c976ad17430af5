"""The hidden suite of notebook 1 tells right from wrong: many answers, judged in this process without a jail.

`LocalStudent` stands in for the jailed notebook: the same calls, the same trip over the wire, no kernel.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from perceptron_answers import RIGHT, WRONG, Answer

from grader.jail.wire import Handle, digests, dumps, loads
from grader.judge import StudentError, WrongAnswer, same
from grader.ps1.hidden import test_1_perceptron as suite
from grader.ps1.reference import perceptron as reference

# A few seeds of probes each: an answer must not be lucky, nor unlucky, with its random numbers.
SEEDS = range(4)

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


class LocalStudent:
    """What the suite uses of grader.judge.Student, on a plain dictionary of names."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.kept: list[Any] = []

    def keep(self, value: Any) -> Handle:
        self.kept.append(value)
        return Handle(len(self.kept) - 1, type(value).__name__)

    def plain(self, value: Any) -> Any:
        return loads(dumps(value, self.keep))

    def call(self, function: str, *args: Any) -> Any:
        sent = copy.deepcopy(list(args))
        before = digests(sent)
        given = [self.kept[arg.number] if isinstance(arg, Handle) else arg for arg in sent]
        try:
            with np.errstate(all="ignore"):
                value = self.names[function](*given)
        except Exception as error:
            raise StudentError(f"{type(error).__name__}: {error}") from error
        if digests(sent) != before:
            raise WrongAnswer("changed its input")
        return self.plain(value)

    def check(self, function: str, *args: Any, expected: Any, **how: Any) -> Any:
        value = self.call(function, *args)
        same(value, expected, **how)
        return value

    def value(self, name: str) -> Any:
        return self.plain(self.names[name])

    def define(self, source: str, name: str) -> Handle:
        namespace: dict[str, Any] = {}
        exec(source, namespace)
        return self.keep(namespace[name])


def parts(question: str) -> Iterator[tuple[float, Any]]:
    """The tests of a question: what each is worth, and the bound method."""
    for cls in vars(suite).values():
        marks = getattr(cls, "pytestmark", [])
        if any(mark.name == "question" and mark.args[0] == question for mark in marks):
            for name, method in vars(cls).items():
                if name.startswith("test_"):
                    yield next(m.args[0] for m in method.pytestmark if m.name == "points"), getattr(cls(), name)


def earned(answer: Answer, seed: int) -> float:
    """Points of an answer; an exception that is neither of the suite's own is a fault of the suite and gets through."""
    names = dict(vars(reference))
    exec(answer.source, names)
    total = 0.0
    for number, (worth, test) in enumerate(parts(answer.question)):
        given: dict[str, Any] = {"student": LocalStudent(names), "rng": np.random.default_rng([seed, number])}
        try:
            test(**{name: given[name] for name in inspect.signature(test).parameters})
            total += worth
        except (WrongAnswer, StudentError):
            pass
    return total


def test_points_are_those_of_the_problem_set() -> None:
    assert {question: sum(worth for worth, _ in parts(question)) for question in POINTS} == POINTS


def test_every_question_has_wrong_and_right_answers() -> None:
    assert {a.question for a in WRONG} == {a.question for a in RIGHT} == set(POINTS)


@pytest.mark.parametrize("question", POINTS)
def test_the_reference_earns_everything(question: str) -> None:
    answer = Answer(question, "reference", "")
    assert all(earned(answer, seed) == POINTS[question] for seed in range(25))


@pytest.mark.parametrize("answer", RIGHT, ids=str)
def test_right_answers_earn_everything(answer: Answer) -> None:
    assert [earned(answer, seed) for seed in SEEDS] == [POINTS[answer.question]] * len(SEEDS)


@pytest.mark.parametrize("answer", WRONG, ids=str)
def test_wrong_answers_earn_what_is_right_in_them(answer: Answer) -> None:
    assert answer.most < POINTS[answer.question]
    assert max(earned(answer, seed) for seed in SEEDS) == answer.most


ODD_VALUES = """None|'text'|{}|[[1, 2], [3]]|[[], [1]]|float('nan')|1j|10 ** 400|np.array(None)|{1, 2}|(1, 2, 3)
lambda: 0|([1, [2]], 'x', {})|{'dw': 'x', 'db': None}|np.array(['a'])|[None]|np.array([])
(np.zeros(2), 0.0, [[1.0], [2.0, 3.0]])|({}, [], [None] * 8)|{(float('inf'), 'p')}|b'bytes'|[print]|[10 ** 400]"""


@pytest.mark.parametrize("value", ODD_VALUES.replace("\n", "|").split("|"))
@pytest.mark.parametrize("question", POINTS)
def test_no_value_makes_the_suite_itself_fail(question: str, value: str) -> None:
    functions = {"squared_error": "squared_error mean_squared_error", "chain_rule": "dl_dp dp_dh dh_dw"}
    source = f"slide_errors = {value}\n"
    for name in functions.get(question, question).split():
        if question != "slide_errors":
            source += f"def {name}(*args): return {value}\n"
    assert earned(Answer(question, "odd value", source), 0) == 0
