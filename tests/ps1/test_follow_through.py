"""Follow-through in the problem set: what a wrong answer costs further down, which is nothing, and gives, likewise.

A notebook here is its solution, or the bank's answers, with some answers made wrong; it is judged in this process.
"""

from __future__ import annotations

import ast
import functools
import inspect
import random
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import numpy as np
import pytest
from bank import ROOT, Answer, defines_only, load, places
from local_notebook import judge_locally, names_of

import grader.ps1.hidden.test_1_perceptron as suite_1
import grader.ps1.hidden.test_2_mlp_backprop as suite_2
import grader.ps1.hidden.test_3_keras_mnist as suite_3
import grader.ps1_extra.hidden.test_numpy_mnist as suite_extra
from grader.course import Course, with_solutions
from grader.judge.follow import source_of
from grader.verdict import Verdict

SUITES: dict[str, tuple[ModuleType, str]] = {
    "1-perceptron": (suite_1, "ps1"),
    "2-mlp-backprop": (suite_2, "ps1"),
    "3-keras-mnist": (suite_3, "ps1"),
    "numpy-mnist": (suite_extra, "ps1-extra"),
}


@functools.cache
def solutions(notebook: str) -> dict[str, str]:
    """The solved cells of a notebook, by question and in order, after all else in it that defines names."""
    path = Course(ROOT).source(SUITES[notebook][1]) / f"{notebook}.ipynb"
    cells = nbformat.read(path, as_version=4)
    solved = {name: source for name, source in with_solutions(cells).items() if name in asked_in(notebook)}
    code = [cell for cell in cells.cells if cell.cell_type == "code"]
    other = [
        cell.source
        for place, cell in enumerate(code)
        if cell.source not in solved.values() and (place == 0 or defines_only(cell.source))
    ]
    return {"": "\n".join([f"import sys\nsys.path.insert(0, {str(path.parent)!r})", *other]), **solved}


def functions_in(source: str) -> list[str]:
    return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


def asked_in(notebook: str) -> dict[str, dict[str, tuple[Callable[..., Any], ...]]]:
    """The questions of a suite, in order, with their upstream."""
    classes = [one for one in vars(SUITES[notebook][0]).values() if inspect.isclass(one) and hasattr(one, "pytestmark")]
    marks = [mark for one in classes for mark in one.pytestmark if mark.name == "question"]
    return {mark.args[0]: mark.kwargs["upstream"] for mark in marks}


def judged(notebook: str, names: dict[str, Any], questions: set[str]) -> dict[str, Verdict]:
    path = Path(inspect.getfile(SUITES[notebook][0]))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        verdicts = judge_locally(path, names, b"bank", questions)
    assert not any(verdict.needs_attention for verdict in verdicts.values())
    return verdicts


# --------------------------------------------------------------------------------------------------
# What crosses into the jail
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notebook", SUITES)
def test_no_reference_crosses_whose_question_is_still_to_be_judged(notebook: str) -> None:
    """Student code can read a reference as soon as it is in the jail."""
    asked = asked_in(notebook)
    for place, (question, upstream) in enumerate(asked.items()):
        to_come = list(asked)[place:]
        assert not set(upstream) & set(to_come), question
        crossing = {name for functions in upstream.values() for name in functions_in(source_of(*functions))}
        wanted = {name for one in to_come for name in functions_in(solutions(notebook)[one])}
        # A solution's own helper is not asked for: the extra one's `gradients`.
        assert not crossing & wanted, question


@pytest.mark.parametrize("notebook", SUITES)
def test_references_carry_the_names_that_are_asked(notebook: str) -> None:
    """All functions of an upstream question are replaced, under the names that students give them."""
    for question, upstream in asked_in(notebook).items():
        for name, functions in upstream.items():
            references = [function.__name__ for function in functions]
            asked = functions_in(solutions(notebook)[name]) if name in asked_in(notebook) else [name]
            assert references == asked, (question, name)
            # Text alone must do: nothing of the module around it crosses.
            assert names_of("import numpy as np", source_of(*functions)).keys() >= set(asked)


# --------------------------------------------------------------------------------------------------
# A solution on top of wrong answers
# --------------------------------------------------------------------------------------------------


def turned(value: Any) -> Any:
    """The same with another sign and size, whatever it is: two turned signs would make a product right again."""
    if isinstance(value, dict):
        return {key: turned(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(turned(item) for item in value)
    return -3 * np.asarray(value, dtype=float)


def raises(*_args: Any, **_kwargs: Any) -> Any:
    raise ValueError("not like this")


def blank(*_args: Any, **_kwargs: Any) -> Any:
    raise NotImplementedError


def spoils_its_input(*args: Any, **_kwargs: Any) -> Any:
    for arg in args:
        if isinstance(arg, np.ndarray):
            arg[...] = 0
    return 0.0


WRONG: dict[str, Callable[[Callable[..., Any]], Callable[..., Any] | None]] = {
    "raises": lambda right: raises,
    "blank": lambda right: blank,
    "constant": lambda right: lambda *args, **kwargs: 0.5,
    "nothing": lambda right: lambda *args, **kwargs: None,
    "wrong shape": lambda right: lambda *args, **kwargs: np.zeros((2, 7)),
    "wrong sign": lambda right: lambda *args, **kwargs: turned(right(*args, **kwargs)),
    "spoils its input": lambda right: spoils_its_input,
    "undefined": lambda right: None,
}

# What must not cost what, in the words of the course; a pair may be more than these say.
MUST_NOT_COST = {
    ("1-perceptron", "sigmoid"): {"perceptron_table", "perceptron_gradient", "train_perceptron"},
    ("1-perceptron", "weighted_sum"): {"perceptron_table", "train_perceptron"},
    ("1-perceptron", "chain_rule"): {"perceptron_gradient", "train_perceptron"},
    ("1-perceptron", "perceptron_table"): {"train_perceptron"},
    ("1-perceptron", "squared_error"): {"train_perceptron"},
    ("2-mlp-backprop", "sigmoid"): {"hidden_unit", "mlp_forward", "mlp_backward", "train_mlp"},
    ("2-mlp-backprop", "mlp_forward"): {"mlp_backward", "train_mlp"},
    ("2-mlp-backprop", "mlp_backward"): {"train_mlp"},
}


def spoil(names: dict[str, Any], functions: list[str], how: str) -> None:
    """Make some functions of a notebook wrong."""
    for name in functions:
        wrong = WRONG[how](names[name])
        del names[name]
        if wrong is not None:
            names[name] = wrong


@pytest.mark.parametrize("how", WRONG)
@pytest.mark.parametrize(("notebook", "upstream"), MUST_NOT_COST)
def test_a_wrong_answer_costs_its_own_points_only(notebook: str, upstream: str, how: str) -> None:
    asked = asked_in(notebook)
    names = names_of(*solutions(notebook).values())
    supplied = upstream not in asked
    downstream = MUST_NOT_COST[notebook, upstream]
    spoil(names, [function.__name__ for function in asked[min(downstream)][upstream]], how)
    builds_on = {name for question in downstream for name in asked[question]}
    verdicts = judged(notebook, names, {upstream, *downstream, *builds_on})
    assert supplied or verdicts[upstream].points < verdicts[upstream].max_points
    for question in downstream:
        verdict = verdicts[question]
        assert verdict.points == verdict.max_points, (question, verdict.message)
        assert {name for part in verdict.parts for name in part.given} == {upstream}, question
        assert verdict.message == f"right, given a correct `{upstream}`"


FIT = "model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)"
TRAIN = "def train_model(model, X, Y, epochs=5, batch_size=32):\n    "


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("upstream", "wrong", "downstream", "answer"),
    [
        # The contract hands train_model rows and a compiled model; whoever compiles it again builds on compile_model.
        (
            "preprocess_images",
            "def preprocess_images(images):\n    return images",
            "train_model",
            f"{TRAIN}return {FIT}",
        ),
        (
            "compile_model",
            "def compile_model(model):\n    model.compile('adam', 'sparse_categorical_crossentropy')",
            "train_model",
            f"{TRAIN}compile_model(model)\n    return {FIT}",
        ),
        (
            "one_hot",
            "def one_hot(labels, n_classes=10):\n    return None",
            "read_predictions",
            "def confusion_matrix(y, y_hat, n):\n    return one_hot(y, n).T @ one_hot(y_hat, n)",
        ),
    ],
    ids=["preprocess_images", "compile_model", "one_hot"],
)
def test_wrong_answers_with_keras(upstream: str, wrong: str, downstream: str, answer: str) -> None:
    names = names_of(*solutions("3-keras-mnist").values(), wrong, answer)
    verdicts = judged("3-keras-mnist", names, {upstream, downstream})
    assert verdicts[upstream].points < verdicts[upstream].max_points
    assert verdicts[downstream].points == verdicts[downstream].max_points
    used = f"{upstream}(" in answer
    assert verdicts[downstream].message == (f"right, given a correct `{upstream}`" if used else "Right.")


# --------------------------------------------------------------------------------------------------
# The bank on top of wrong answers
# --------------------------------------------------------------------------------------------------

BANK = [answer for answer in load("ps1") if answer.notebook != "3-keras-mnist"]
DOWNSTREAM = [
    pytest.param(notebook, name, marks=[pytest.mark.thorough] if name == "train_mlp" else [])
    for notebook in ("1-perceptron", "2-mlp-backprop")
    for name, upstream in asked_in(notebook).items()
    if upstream
]
# Its answer is no function: what it was computed from, wrong or right, is over when the judge comes.
VARIABLE = "slide_errors"
KINDS = ("wrong sign", "blank", "constant")


def written(notebook: str, *answers: Answer) -> dict[str, Any]:
    """The names of a notebook that holds these answers, and the solution to all else."""
    first, *sources = {**solutions(notebook), **{answer.question: answer.source for answer in answers}}.values()
    names = names_of(first)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for source in sources:
            # A cell may well fail on top of a wrong answer; what it defines before that is there, as in a kernel.
            with suppress(Exception):
                exec(compile(source, "<cell>", "exec"), names)
    return names


@pytest.mark.parametrize(("notebook", "question"), DOWNSTREAM)
def test_nothing_earns_more_or_less_where_all_upstream_is_wrong(notebook: str, question: str) -> None:
    """Every answer of the bank, with everything wrong on which it may build: its points are what they always are."""
    asked, found, expected = asked_in(notebook), {}, {}
    for place, answer in enumerate(one for one in BANK if one.question == question):
        names = written(notebook, answer)
        own = set(functions_in(answer.source))
        upstream = [function.__name__ for functions in asked[question].values() for function in functions]
        spoil(names, [name for name in upstream if name not in own], KINDS[place % len(KINDS)])
        found[str(answer)] = judged(notebook, names, {question})[question].points
        expected[str(answer)] = answer.points
    assert found == expected


@pytest.mark.thorough
@pytest.mark.parametrize("notebook", ["1-perceptron", "2-mlp-backprop"])
def test_no_mixture_earns_more_than_its_answers(notebook: str) -> None:
    """Answers of the bank beside one another, at random: each earns what it earns alone, and nothing earns too much."""
    worth = {name: place.max_points for name, place in places("ps1").items() if place.notebook == notebook}
    clean = judged(notebook, written(notebook), set(worth))
    assert {name: verdict.points for name, verdict in clean.items()} == worth
    choose = random.Random(1)
    given = 0
    for _ in range(8):
        answers = {name: choose.choice([one for one in BANK if one.question == name]) for name in worth}
        verdicts = judged(notebook, written(notebook, *answers.values()), set(worth))
        found = {str(answers[name]): verdict.points for name, verdict in verdicts.items() if name != VARIABLE}
        assert found == {str(answer): answer.points for name, answer in answers.items() if name != VARIABLE}
        for name, verdict in verdicts.items():
            assert verdict.points <= answers[name].points
            assert verdict.max_points == worth[name]
            assert [part.max_points for part in verdict.parts] == [part.max_points for part in clean[name].parts]
            assert all(0 <= part.points <= part.max_points for part in verdict.parts)
            given += sum(bool(part.given) for part in verdict.parts)
    assert given > 5  # or this says nothing about follow-through
