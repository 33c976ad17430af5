"""The library of misconceptions: each is recognised when planted, and nothing else is taken for it.

Planted answers of many questions share one notebook, so that a round through the real judge costs a second or two;
a wrong answer upstream then shows as well that it does not disturb the diagnosis downstream.
"""

from __future__ import annotations

import copy
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
from local_notebook import judge_locally
from misconception_tables import FITS
from perceptron_answers import RIGHT as RIGHT_1
from perceptron_answers import WRONG as WRONG_1
from test_notebook_2 import RIGHT as RIGHT_2
from test_notebook_2 import WRONG as WRONG_2
from test_suite_3_keras_mnist import (
    NUMPY_ANSWERS,
    POINTS,
    TABLE,
    WRONG_COMPILES,
    WRONG_MODELS,
    WRONG_TRAININGS,
)

from grader.judge import AnyError, Misconception
from grader.judge.compare import CHANGED_INPUT, KEY_MISSING
from grader.ps1.hidden import test_1_perceptron as suite_1
from grader.ps1.hidden import test_2_mlp_backprop as suite_2
from grader.ps1.hidden import test_3_keras_mnist as suite_3
from grader.ps1.reference import keras_mnist, mlp, perceptron
from grader.ps1_extra.hidden import test_numpy_mnist as suite_extra
from grader.ps1_extra.reference import numpy_mnist
from grader.verdict import State, Verdict

SEEDS = [b"one", *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (b"two", b"three"))]
EVERYTHING = [*suite_1.MISCONCEPTIONS, *suite_2.MISCONCEPTIONS, *suite_3.MISCONCEPTIONS, *suite_extra.MISCONCEPTIONS]
BY_VALUE = {1: (suite_1, perceptron), 2: (suite_2, mlp)}

DEFINES = {
    "squared_error": ("squared_error", "mean_squared_error"),
    "chain_rule": ("dl_dp", "dp_dh", "dh_dw"),
    "count_parameters": ("n_params",),
    "read_predictions": ("predict_digit", "confusion_matrix"),
    "train_model": ("updates_per_epoch",),
}


class Planted(NamedTuple):
    """An answer to one question: what to call it, the names it defines, and the misconception to be named."""

    question: str
    label: str
    names: dict[str, Any]
    expected: str = ""


def path_of(suite: ModuleType) -> Path:
    return Path(str(suite.__file__))


def name_of(verdict: Verdict) -> str:
    return verdict.diagnosis.name if verdict.diagnosis else ""


def completed(answer: Callable[..., Any], right: Callable[..., Any]) -> Callable[..., Any]:
    """The wrong answer as a student would give it: what it leaves open (`...`) is right."""

    def student(*args: Any, **kwargs: Any) -> Any:
        try:
            value = answer(*args, **kwargs)
        except AnyError:
            raise IndexError from None
        if isinstance(value, tuple) and any(part is ... for part in value):
            return tuple(r if v is ... else v for v, r in zip(value, right(*args, **kwargs), strict=True))
        return value

    return student


def spoiling(right: Callable[..., Any]) -> Callable[..., Any]:
    """The right answer, with every array, list and dict that was handed over changed afterwards."""

    def student(*args: Any) -> Any:
        value = copy.deepcopy(right(*args))
        for given in args:
            if isinstance(given, np.ndarray):
                given += 1
            elif isinstance(given, list):
                given.reverse()
            elif isinstance(given, dict):
                given["more"] = 1.0
        return value

    return student


def losing_a_key(right: Callable[..., Any]) -> Callable[..., Any]:
    """The right answer, without the last key of its dict."""

    def without(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(without(part) for part in value)
        return dict(list(value.items())[:-1]) if isinstance(value, dict) else value

    return lambda *args: without(right(*args))


# What the judge sees for itself in any question, as a student would do it.
SEEN = {CHANGED_INPUT: spoiling, KEY_MISSING: losing_a_key}


def planted(idea: Misconception, reference: ModuleType) -> Planted:
    if idea.name in SEEN:
        functions = DEFINES.get(idea.question, (idea.question,))
        names = {name: SEEN[idea.name](getattr(reference, name)) for name in functions}
        return Planted(idea.question, idea.name, names, idea.name)
    names = {
        target: completed(answer, getattr(reference, target)) if callable(answer) else answer
        for target, answer in (idea.answers or {}).items()
    }
    return Planted(idea.question, idea.name, names, idea.name)


def written(question: str, slip: str, source: str, reference: ModuleType) -> Planted:
    """A row of a table of answers; it sees the reference's functions and its own."""
    space = {**vars(reference), "np": np, "xor_start": mlp.XOR_START}
    exec(textwrap.dedent(source), space)
    return Planted(question, slip, {name: space[name] for name in DEFINES.get(question, (question,))})


def rounds(answers: list[Planted]) -> Iterator[list[Planted]]:
    """Notebooks with at most one of the answers to each question."""
    by_question: dict[str, list[Planted]] = {}
    for answer in answers:
        by_question.setdefault(answer.question, []).append(answer)
    for row in zip_longest(*by_question.values()):
        yield [answer for answer in row if answer is not None]


def judged(
    suite: ModuleType, reference: ModuleType, answers: list[Planted], seed: bytes
) -> Iterator[tuple[Planted, Verdict]]:
    """The verdict on every answer."""
    for together in rounds(answers):
        names = dict(vars(reference))
        for answer in together:
            names |= answer.names
        verdicts = judge_locally(path_of(suite), names, seed, {answer.question for answer in together})
        yield from ((answer, verdicts[answer.question]) for answer in together)


# --------------------------------------------------------------------------------------------------
# the library as text
# --------------------------------------------------------------------------------------------------


def test_there_are_many_and_each_question_has_some() -> None:
    count: dict[str, int] = {}
    for idea in EVERYTHING:
        count[idea.question] = count.get(idea.question, 0) + 1
    print(f"\n{len(EVERYTHING)} misconceptions: {count}")
    assert len(EVERYTHING) >= 65
    questions = [
        mark.args[0]
        for suite in (suite_1, suite_2, suite_3)
        for judge in vars(suite).values()
        for mark in (getattr(judge, "pytestmark", []) if inspect.isclass(judge) else [])
        if mark.name == "question"
    ]
    assert len(questions) == 26
    assert {question: count.get(question, 0) for question in questions if count.get(question, 0) < 3} == {}


def test_the_lectures_misprints_are_among_them() -> None:
    assert {"E1", "E2", "E3", "E4", "E6", "E7", "E11", "E19", "E20", "E21"} <= {idea.erratum for idea in EVERYTHING}


def test_names_are_unique_within_a_question() -> None:
    names = [(idea.question, idea.name) for idea in EVERYTHING]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("idea", EVERYTHING, ids=lambda idea: f"{idea.question}: {idea.name}")
def test_hints_lead_on_and_give_nothing_away(idea: Misconception) -> None:
    assert 10 <= len(idea.hint.split()) <= 100
    assert idea.concept
    assert (idea.hint + idea.concept + idea.name).isascii()
    assert "\n" not in idea.hint
    # Small whole numbers name rows, labels and classes; a decimal could only be a probe or a result.
    assert not re.search(r"\d\.\d", idea.hint)
    assert not [piece for piece in ("np.", "exp(", "log(", "**", " * ", "(1 -", "lambda") if piece in idea.hint]


# --------------------------------------------------------------------------------------------------
# notebooks 1 and 2, by their answers
# --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("notebook", BY_VALUE)
def test_each_is_named_when_planted(notebook: int, seed: bytes) -> None:
    suite, reference = BY_VALUE[notebook]
    answers = [planted(idea, reference) for idea in suite.MISCONCEPTIONS]
    missed = []
    for answer, verdict in judged(suite, reference, answers, seed):
        assert verdict.state is not State.GRADER_FAILED
        assert verdict.points < verdict.max_points, answer.label
        if name_of(verdict) != answer.expected:
            missed.append((answer.question, answer.label, name_of(verdict)))
    assert missed == []


@pytest.mark.slow
@pytest.mark.parametrize("notebook", BY_VALUE)
def test_right_answers_are_never_diagnosed(notebook: int) -> None:
    suite, reference = BY_VALUE[notebook]
    rows = [tuple(row)[:3] for row in (RIGHT_1 if notebook == 1 else RIGHT_2)]
    answers = [written(question, slip, source, reference) for question, slip, source in rows]
    for answer, verdict in judged(suite, reference, answers, b"right"):
        assert (verdict.state, name_of(verdict)) == (State.RIGHT, ""), answer.label


# The slip of this row is in another question; where that is judged too, this one is right on top of it.
ELSEWHERE = {("train_mlp", "E3 and E4 inside")}


def measure(results: list[tuple[Planted, Verdict]], what: str) -> None:
    """Print precision and the share named, and hold both to the bar."""
    named = [(answer, name_of(verdict)) for answer, verdict in results if name_of(verdict)]
    misnamed = [(a.question, a.label, name) for a, name in named if FITS.get(a.question, {}).get(a.label) != name]
    precision, share = 1 - len(misnamed) / len(named), len(named) / len(results)
    print(f"\n{what}: {len(results)} wrong answers, {share:.0%} named, precision {precision:.1%} {misnamed}")
    assert precision >= 0.95
    assert share >= 0.70


@pytest.mark.slow
@pytest.mark.parametrize("notebook", BY_VALUE)
def test_wrong_answers_of_the_tables_are_named_for_what_they_are(notebook: int) -> None:
    suite, reference = BY_VALUE[notebook]
    rows = [tuple(row)[:3] for row in (WRONG_1 if notebook == 1 else WRONG_2)]
    answers = [written(*row, reference) for row in rows if row[:2] not in ELSEWHERE]
    measure(list(judged(suite, reference, answers, b"table")), f"notebook {notebook}")


# --------------------------------------------------------------------------------------------------
# notebook 3: plain functions by value, the table and Keras by what the suite sees
# --------------------------------------------------------------------------------------------------

BCE, CCE, MSE = "binary cross-entropy", "categorical cross-entropy", "mean squared error"
TABLES: dict[str, dict[str, Any]] = {
    "loss and activation swapped": {"binary": (BCE, "sigmoid"), "multiclass": (CCE, "softmax")},
    "softmax for two classes and one output": {"binary": ("softmax", BCE)},
    "softmax where several labels may be true": {"multilabel": ("softmax", CCE)},
    "sigmoid where one class excludes the others": {"multiclass": ("sigmoid", BCE)},
    "a squashed output for arbitrary values": {"regression": ("sigmoid", MSE)},
    "relu cuts off negative values": {"regression": ("relu", MSE)},
    "an output free to leave 0 to 1": {"unit_regression": (None, MSE)},
    "categorical cross-entropy where several labels may be true": {"multilabel": ("sigmoid", CCE)},
    "binary cross-entropy where one class excludes the others": {"multiclass": ("softmax", "bce")},
    "squared error for classes": {"binary": ("sigmoid", "mse")},
    "cross-entropy for arbitrary values": {"regression": ("linear", BCE)},
    "a loss on logits behind an activation": {
        "multiclass": ("softmax", "CategoricalCrossentropy(from_logits=True)"),
    },
    "one word where a pair is asked": {"binary": "sigmoid", "multiclass": "softmax"},
    "a row left open": {"unit_regression": None},
    "two answers in one place": {"multiclass": ("softmax or sigmoid", CCE)},
    "an output that is no probability": {"binary": ("tanh", "hinge")},
    "an activation of a similar name": {"multiclass": ("log_softmax", CCE)},
    "a loss that is not on the slide": {"regression": (None, "mean absolute error")},
}


OTHER_KEYS = "rows not under the task's keys"


KERAS = {"build_model": WRONG_MODELS, "compile_model": WRONG_COMPILES, "train_model": WRONG_TRAININGS}


def everything_in_notebook_3() -> list[Planted]:
    """One answer for each misconception of notebook 3 that shows without Keras."""
    answers = [
        Planted("activation_loss_table", name, {"activation_loss": TABLE | change}, name)
        for name, change in TABLES.items()
    ]
    elsewhere = {row.replace("_", " "): pair for row, pair in TABLE.items()}
    answers.append(Planted("activation_loss_table", "other keys", {"activation_loss": elsewhere}, OTHER_KEYS))
    answers += [
        planted(idea, keras_mnist)
        for idea in suite_3.MISCONCEPTIONS
        if (idea.answers or idea.name in SEEN) and idea.question not in KERAS
    ]
    return answers


def judged_3(answers: list[Planted], seed: bytes, suite: Path) -> Iterator[tuple[Planted, Verdict]]:
    for together in rounds(answers):
        names = {**vars(keras_mnist), "activation_loss": TABLE}
        for answer in together:
            names |= answer.names
        verdicts = judge_locally(suite, names, seed)
        yield from ((answer, verdicts[answer.question]) for answer in together)


@pytest.fixture(scope="module")
def without_keras(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The questions of notebook 3 that need no Keras, as a suite."""
    path = tmp_path_factory.mktemp("suite") / "test_without_keras.py"
    judges = "TestActivationLossTable, TestPreprocessImages, TestOneHot, TestCountParameters, TestReadPredictions"
    path.write_text(f"from {suite_3.__name__} import MISCONCEPTIONS, {judges}\n")
    return path


def test_every_misconception_of_notebook_3_is_planted() -> None:
    """Below, or among the Keras answers of test_suite_3_keras_mnist.py, which are judged there against FITS."""
    planted_below = [(answer.question, answer.expected) for answer in everything_in_notebook_3()]
    assert len(set(planted_below)) == len(planted_below)
    planted_there = {(question, name) for question in KERAS for name in FITS[question].values()}
    assert {*planted_below, *planted_there} == {(idea.question, idea.name) for idea in suite_3.MISCONCEPTIONS}


def test_most_wrong_keras_answers_are_named() -> None:
    rows = [(question, row[0] if isinstance(row, tuple) else row) for question in KERAS for row in KERAS[question]]
    named = sum(row in FITS[question] for question, row in rows)
    print(f"\nnotebook 3, Keras: {len(rows)} wrong answers, {named / len(rows):.0%} named")
    assert named >= 0.70 * len(rows)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_each_of_notebook_3_without_keras_is_named_when_planted(without_keras: Path, seed: bytes) -> None:
    for answer, verdict in judged_3(everything_in_notebook_3(), seed, without_keras):
        assert verdict.points < verdict.max_points, answer.label
        assert name_of(verdict) == answer.expected


def numpy_rows(right: bool) -> list[Planted]:
    return [
        written(question, source, source, keras_mnist)
        for question, rows in NUMPY_ANSWERS.items()
        for source, points in rows
        if (points == POINTS[question]) is right
    ]


@pytest.mark.slow
def test_right_answers_of_notebook_3_are_never_diagnosed(without_keras: Path) -> None:
    for answer, verdict in judged_3(numpy_rows(right=True), b"right", without_keras):
        assert (verdict.state, name_of(verdict)) == (State.RIGHT, ""), answer.label


@pytest.mark.slow
def test_wrong_answers_of_notebook_3_are_named_for_what_they_are(without_keras: Path) -> None:
    # Nonsense (None, text, ragged lists, NaN) is in that table for the judge's sake; it is no idea of anybody's.
    nonsense = ("return None", "'x'", "[1, 2]", "'nan'", "* 0.0")
    rows = [row for row in numpy_rows(right=False) if not any(piece in row.label for piece in nonsense)]
    measure(list(judged_3(rows, b"table", without_keras)), "notebook 3, plain functions")


# --------------------------------------------------------------------------------------------------
# the extra notebook
# --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_each_of_the_extra_notebook_is_named_when_planted(tmp_path: Path, seed: bytes) -> None:
    suite = tmp_path / "test_predict.py"
    suite.write_text(f"from {suite_extra.__name__} import MISCONCEPTIONS, TestNumpyPredict\n")
    # Those about numpy_train are planted in tests/ps1_extra.
    for idea in [idea for idea in suite_extra.MISCONCEPTIONS if idea.question == "numpy_predict"]:
        verdict = judge_locally(suite, planted(idea, numpy_mnist).names, seed)["numpy_predict"]
        assert verdict.points < verdict.max_points, idea.name
        assert name_of(verdict) == idea.name
