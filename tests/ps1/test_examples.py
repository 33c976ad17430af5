"""The visible examples are public, right, and told of every question that can have one."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import itertools
import json
import sys
import types
import warnings
from collections.abc import Callable, Generator
from typing import Any

import nbformat
import numpy as np
import pytest
from bank import ROOT, Answer, defines_only, load, places
from local_notebook import LocalNotebook, judge_locally, names_of

from grader.course import Course, suite_path
from grader.judge import Code, Example
from grader.judge.example import show, try_examples
from grader.judge.student import Student
from grader.ps1.examples import EXAMPLES
from grader.ps1_extra.examples import EXAMPLES as EXTRA_EXAMPLES
from grader.verdict import NotebookVerdicts, Shown

ALL = {"ps1": EXAMPLES, "ps1-extra": EXTRA_EXAMPLES}
# A table, a model, or a function that returns one: there the messages say what was found.
WITHOUT = {"slide_errors", "activation_loss_table", "build_model", "compile_model", "numpy_train"}
QUESTIONS = [(assignment, name) for assignment, found in ALL.items() for name in found]


def test_every_question_has_examples_or_a_reason_for_none() -> None:
    asked = {name for assignment in ALL for name in places(assignment)}
    assert {name for _, name in QUESTIONS} == asked - WITHOUT


@pytest.fixture
def helper(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Generator[types.ModuleType, None, None]:
    """The helper file that students hold."""
    name = {"ps1": "ps1_helper", "ps1-extra": "ps1_extra_helper"}[request.param]
    monkeypatch.syspath_prepend(str(ROOT / "solutions" / request.param))
    yield importlib.import_module(name)
    sys.modules.pop(name, None)


def recorded(helper: types.ModuleType, assignment: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every call that the visible checks make of right answers, by function."""
    calls: dict[str, list[tuple[Any, ...]]] = {}

    def record(function: Callable[..., Any]) -> Callable[..., Any]:
        def recording(*args: Any) -> Any:
            calls.setdefault(function.__name__, []).append(args)
            return function(*args)

        return recording

    answers = {one.name: one.reference for found in ALL[assignment].values() for one in found}
    checks = {name: check for name, check in vars(helper).items() if name.startswith("check_")}
    for check in checks.values():
        wanted = list(inspect.signature(check).parameters)
        if set(wanted) <= set(answers):
            check(*(record(answers[name]) for name in wanted))
    # This check trains a Keras model as well; the other function is all that is wanted of it.
    if "check_train_model" in checks:
        with pytest.raises(helper.CheckFailed, match="ZeroDivisionError"):
            helper.check_train_model(lambda *a, **k: 1 / 0, record(answers["updates_per_epoch"]))
    return calls


def same_argument(ours: Any, theirs: Any) -> bool:
    """Equal by value; two functions are compared where the check differentiates them, by its own theta."""
    if isinstance(ours, dict):
        return list(ours) == list(theirs) and all(same_argument(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and any(isinstance(item, np.ndarray) for item in ours):
        return len(ours) == len(theirs) and all(map(same_argument, ours, theirs))
    return bool(np.shape(ours) == np.shape(theirs) and np.allclose(ours, theirs))


def same_call(one: Example, args: tuple[Any, ...]) -> bool:
    if len(one.args) != len(args):
        return False
    for ours, theirs in zip(one.args, args, strict=True):
        if isinstance(ours, Code):
            theta = one.args[1]
            try:
                values = [f(theta + shift) for f in (names_of(ours.source)[ours.name], theirs) for shift in (0, 0.25)]
            except ValueError:  # the checks' functions refuse a theta of another shape
                return False
            if not np.allclose(values[:2], values[2:]):
                return False
        elif not same_argument(ours, theirs):
            return False
    return True


@pytest.mark.parametrize(("helper", "assignment"), [(name, name) for name in ALL], indirect=["helper"])
def test_every_example_is_a_call_of_the_visible_checks(helper: types.ModuleType, assignment: str) -> None:
    calls = recorded(helper, assignment)
    for one in itertools.chain.from_iterable(ALL[assignment].values()):
        assert any(same_call(one, args) for args in calls[one.name]), one.call


@pytest.mark.parametrize(("assignment", "question"), QUESTIONS)
def test_calls_and_answers_are_short(assignment: str, question: str) -> None:
    for one in ALL[assignment][question]:
        assert one.call.isascii()
        assert len(one.call.splitlines()) <= 6
        assert max(map(len, one.call.splitlines())) <= 100
        assert "..." not in one.call
        assert "..." not in show(one.expected) or question == "train_mlp"  # one of its parts is shown when it differs


# --------------------------------------------------------------------------------------------------
# A wrong answer of the bank, judged: its example is told with the right numbers
# --------------------------------------------------------------------------------------------------


@functools.cache
def cells_of(assignment: str, notebook: str) -> dict[str, str]:
    """The cells of a solved notebook that import or define something, by question or by their number."""
    path = Course(ROOT).source(assignment) / f"{notebook}.ipynb"
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    found = {}
    for number, cell in enumerate(cells):
        data = cell.metadata.get("nbgrader", {})
        if number == 0 or data.get("solution") or (not data.get("grade") and defines_only(cell.source)):
            found[str(data.get("grade_id", number))] = cell.source
    return found


@pytest.fixture(autouse=True)
def _helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notebooks import the helper file beside them."""
    for assignment in ALL:
        monkeypatch.syspath_prepend(str(ROOT / "solutions" / assignment))


def names_with(answer: Answer) -> dict[str, Any]:
    """A notebook in which this answer stands among right ones."""
    return names_of(*{**cells_of(answer.assignment, answer.notebook), answer.question: answer.source}.values())


def value_of(text: str) -> Any:
    """The value that a text of an example shows; behind its label, where it has one."""
    label, equals, rest = text.partition(" = ")
    text = rest if equals and not label.startswith(("[", "(", "{")) else text
    return eval(text, {"inf": np.inf, "nan": np.nan})


def in_numbers(text: str) -> bool:
    """False for what is told in words, or too long to be shown whole."""
    try:
        np.asarray(value_of(text), dtype=float)
    except (SyntaxError, NameError, TypeError, ValueError):
        return False
    return "..." not in text


def part_of(value: Any, text: str, names: tuple[str, ...]) -> Any:
    """The part of a result that a text's label names."""
    label, equals, _ = text.partition(" = ")
    if not equals or label.startswith(("[", "(", "{")):
        return value
    name, _, key = label.partition("[") if not label.startswith("'") else ("", "", label)
    if name:
        value = value[names.index(name)]
    return value[key.strip("[]'")] if key else value


def assert_told_rightly(shown: Shown, one: Example, names: dict[str, Any]) -> None:
    """What is shown is what the reference and the student's own function give."""
    args = [names_of(arg.source)[arg.name] if isinstance(arg, Code) else arg for arg in one.args]
    expected, got = one.settle(one.expected, names[one.name](*args))
    ours, theirs = (np.asarray(part_of(value, shown.expected, one.results), dtype=float) for value in (expected, got))
    assert np.allclose(value_of(shown.expected), ours, rtol=1e-5, atol=1e-9)
    assert np.allclose(value_of(shown.got), theirs, rtol=1e-5, atol=1e-9, equal_nan=True)
    assert ours.shape != theirs.shape or not np.allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    if shown.differs_at.startswith("element"):
        index = tuple(ast.literal_eval(shown.differs_at.removeprefix("element ").partition(":")[0]))
        assert shown.differs_at.endswith(f"expected {show(ours[index])}, got {show(theirs[index])}")
        before = list(np.ndindex(ours.shape)).index(index)
        assert np.allclose(ours.ravel()[:before], theirs.ravel()[:before], rtol=1e-4, atol=1e-6)
    elif shown.differs_at:
        assert shown.differs_at == f"the shape: expected {ours.shape}, got {theirs.shape}"


@pytest.mark.parametrize(("assignment", "question"), QUESTIONS)
def test_a_wrong_answer_is_shown_its_own_numbers(assignment: str, question: str) -> None:
    told = []
    for answer in [one for one in load(assignment) if one.question == question and not one.right]:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            names = names_with(answer)
            student = Student(LocalNotebook(names), b"seed")  # type: ignore[arg-type]
            student.begin(question, "visible examples")
            shown = try_examples(student, ALL[assignment][question])
            if shown is None or shown.right or not in_numbers(shown.got):
                continue
            (one,) = (one for one in ALL[assignment][question] if one.call == shown.call)
            assert_told_rightly(shown, one, names)
        told.append((answer, shown))
    assert len(told) >= 3
    # One of them as the judge tells it.
    answer, shown = told[0]
    suite = suite_path(assignment, answer.notebook)
    assert suite is not None
    with np.errstate(all="ignore"):
        verdict = judge_locally(suite, names_with(answer), b"seed", {question})[question]
    assert verdict.example == shown
    text = NotebookVerdicts(assignment=assignment, notebook="n", verdicts=(verdict,)).student_json()
    hidden = [probe.call for part in verdict.parts for probe in part.evidence]
    assert hidden
    public = {one.call for one in ALL[assignment][question]}  # a suite may ask the lecture's own numbers too
    assert not [call for call in hidden if call not in public and call in text]
    assert json.dumps(shown.got)[1:-1] in text


@pytest.mark.parametrize(("assignment", "question"), QUESTIONS)
def test_a_right_answer_is_right_on_every_example(assignment: str, question: str) -> None:
    for answer in [one for one in load(assignment) if one.question == question and one.right]:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            student = Student(LocalNotebook(names_with(answer)), b"seed")  # type: ignore[arg-type]
            student.begin(question, "visible examples")
            shown = try_examples(student, ALL[assignment][question])
        assert shown is not None, answer
        assert shown.right, (answer, shown)
