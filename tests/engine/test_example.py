"""Visible examples: what is shown of an answer, where it first differs, and that it gives nothing hidden away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_notebook import LocalNotebook, judge_locally, names_of
from small_notebooks import notebook_of

from grader.batch import Task, grade
from grader.course import suite_path
from grader.jail import Jail
from grader.judge import Code, Example, example
from grader.judge.example import show, try_examples
from grader.judge.run import run_suite
from grader.judge.student import CallTimedOut, Student
from grader.verdict import Shown, State

SUITE = suite_path("ps1", "1-perceptron")
assert SUITE is not None


def twice(x: Any) -> Any:
    return 2 * x


def both(x: Any) -> Any:
    return 2 * x, {"sum": x + 1.0, "square": x**2}


X = np.array([[1.0, 2.0], [3.0, 4.0]])


def shown(source: str, *examples: Example) -> Shown | None:
    student = Student(LocalNotebook(names_of("import numpy as np", source)), b"seed")  # type: ignore[arg-type]
    student.begin("q", "visible examples")
    return try_examples(student, examples or (example(twice, X),))


@pytest.mark.parametrize(
    ("body", "got", "place"),
    [
        ("return x", "[[1, 2],\n [3, 4]]", "element [0, 0]: expected 2, got 1"),
        ("return np.where(x > 3, 0.0, 2 * x)", "[[2, 4],\n [6, 0]]", "element [1, 1]: expected 8, got 0"),
        ("return 2 * x / (x != 2)", "[[2, inf],\n [6, 8]]", "element [0, 1]: expected 4, got inf"),
        ("return x.sum()", "10", "the shape: expected (2, 2), got ()"),
        ("return (2 * x).ravel()", "[2, 4, 6, 8]", "the shape: expected (2, 2), got (4,)"),
        ("x = 2 * x", "None (is a `return` missing?)", ""),
        ("return 'four'", "'four'", ""),
        ("return object()", "a object", ""),
        ("return [1, [2, 3]]", "[1, [2, 3]]", ""),
        ("return {'twice': 2 * x}", "{'twice': [[2, 4], [6, 8]]}", ""),
        ("x *= 2; return x", "`twice` changed its input; work on a copy instead", ""),
        ("return 1 / 0", "`twice` raised ZeroDivisionError: division by zero", ""),
    ],
)
def test_what_came_and_where_it_differs(body: str, got: str, place: str) -> None:
    with np.errstate(divide="ignore"):
        found = shown(f"def twice(x):\n    {body}")
    assert found is not None
    assert not found.right
    assert (found.got, found.differs_at) == (got, place)
    assert found.call == "twice(np.array([[1, 2], [3, 4]]))"
    assert found.expected == "[[2, 4],\n [6, 8]]"


@pytest.mark.parametrize(
    ("value", "expected", "got", "place"),
    [
        ("x, {}", "first = [[2, 4],\n         [6, 8]]", "first = [[1, 2],\n         [3, 4]]", "element [0, 0]"),
        ("2 * x, {'sum': x + 1}", "second = {'sum'", "second = {'sum'", "there is no key 'square'"),
        ("2 * x, {'sum': x + 1, 'square': x}", "second['square'] = [[1, 4]", "second['square'] = [[1, 2]", "[0, 1]"),
        ("2 * x,", "([[2, 4], [6, 8]],", "([[2, 4], [6, 8]],)", ""),
    ],
)
def test_of_several_results_the_first_that_differs(value: str, expected: str, got: str, place: str) -> None:
    found = shown(f"def both(x):\n    return {value}", example(both, X, results=("first", "second")))
    assert found is not None
    assert not found.right
    assert found.expected.startswith(expected)
    assert found.got.startswith(got)
    assert place in found.differs_at


def test_the_first_example_that_differs_is_shown() -> None:
    examples = (example(twice, 3.0), example(twice, X), example(twice, 5.0))
    found = shown("def twice(x):\n    return 2 * x if np.ndim(x) == 0 else x", *examples)
    assert found is not None
    assert "np.array" in found.call


def test_when_all_are_right_it_says_so() -> None:
    found = shown("def twice(x):\n    return [[2, 4], [6, 8]]")
    assert found is not None
    assert (found.right, found.differs_at) == (True, "")


@pytest.mark.parametrize(
    "source",
    ["", "twice = 3", "def twice(x):\n    raise NotImplementedError()"],
    ids=["missing", "no function", "stub"],
)
def test_without_an_answer_there_is_no_example(source: str) -> None:
    assert shown(source) is None


def test_a_function_of_ours_goes_to_the_student_and_to_the_reference() -> None:
    def at_two(f: Callable[[float], float]) -> float:
        return f(2.0)

    f = Code("f", "def f(x):\n    return x ** 3\n", "the cube")
    found = shown("def at_two(f):\n    return f(3.0)", example(at_two, f))
    assert found is not None
    assert (found.expected, found.got) == ("8", "27")
    assert found.call == "at_two(f)  with\n  f = the cube"


def test_where_several_answers_are_right_the_meant_one_is_compared() -> None:
    def settle(expected: Any, got: Any) -> tuple[Any, Any]:
        return (-expected, got) if np.sum(got) < 0 else (expected, got)

    assert shown("def twice(x):\n    return -2 * x", example(twice, X, settle=settle)).right  # type: ignore[union-attr]
    found = shown("def twice(x):\n    return -3 * x", example(twice, X, settle=settle))
    assert found is not None
    assert found.differs_at == "element [0, 0]: expected -2, got -3"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(max_size=300)
    | st.sets(st.integers()),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=60), inner)
    | st.tuples(inner, inner) | st.lists(inner, max_size=3).map(lambda items: np.array(items, dtype=object)),
    max_leaves=30,
)  # fmt: skip


@given(VALUES)
def test_whatever_comes_is_shown_in_six_lines(value: Any) -> None:
    lines = show(value).splitlines()
    assert len(lines) <= 6
    assert all(len(line) <= 100 for line in lines)


def test_six_digits_tell_what_counts_as_different() -> None:
    assert show(np.array([1.0001, 1.0003])) == "[1.0001, 1.0003]"
    assert show(1e-300) == "0"
    assert show(np.array([1, 22])) == "[1, 22]"
    assert len(show(np.ones((50, 50))).splitlines()) <= 6


class TestInASuite:
    def test_only_what_is_not_right_has_one(self) -> None:
        names = names_of(
            "import numpy as np",
            "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))",  # overflows to the right value, with a warning
            "def weighted_sum(X, w, b):\n    return X @ w",
        )
        with np.errstate(all="ignore"):
            verdicts = judge_locally(SUITE, names, questions={"sigmoid", "weighted_sum", "squared_error"})
        assert verdicts["sigmoid"].example is None
        found = verdicts["weighted_sum"].example
        assert found is not None
        assert (found.expected, found.got) == ("[-0.5, -1.5, 0.5, -0.5]", "[0, -1, 1, 0]")
        assert verdicts["squared_error"].example is None

    @pytest.mark.parametrize(
        ("p", "besides"), [("sigmoid(h)", ("sigmoid",)), ("1 / (1 + np.exp(h))", ())], ids=["uses it", "does not"]
    )
    def test_answers_on_top_of_a_wrong_one_say_that_it_may_have_a_part(self, p: str, besides: tuple[str, ...]) -> None:
        cells = {
            "sigmoid": "def sigmoid(z):\n    return 1 / (1 + np.exp(z))",
            "weighted_sum": "def weighted_sum(X, w, b):\n    return X @ w + b",
            "perceptron_table": "def perceptron_table(X, w, b):\n    h = weighted_sum(X, w, b)\n"
            f"    return h, {p}, h > 9",
        }
        notebook = LocalNotebook(names_of("import numpy as np", *cells.values()))
        notebook.notebook = notebook_of(**cells)
        verdicts = run_suite(SUITE, Student(notebook, b"seed"), set(cells))  # type: ignore[arg-type]
        found = {verdict.question: verdict.example for verdict in verdicts}
        assert found["sigmoid"] is not None
        assert found["sigmoid"].besides == ()
        assert found["perceptron_table"] is not None
        assert found["perceptron_table"].besides == besides

    def test_what_is_right_below_a_wrong_one_has_none(self) -> None:
        names = names_of(
            "import numpy as np",
            "def sigmoid(z):\n    return 1 / (1 + np.exp(z))",
            "def weighted_sum(X, w, b):\n    return X @ w + b",
            "def perceptron_table(X, w, b):\n"
            "    h = weighted_sum(X, w, b)\n    p = sigmoid(h)\n    return h, p, (p > 0.5) * 1",
        )
        verdicts = judge_locally(SUITE, names, questions={"sigmoid", "weighted_sum", "perceptron_table"})
        assert verdicts["perceptron_table"].state is State.RIGHT
        assert verdicts["perceptron_table"].example is None

    def test_right_examples_are_told_of_the_function_that_failed_only(self) -> None:
        names = names_of(
            "import numpy as np",
            "def softmax(z):\n    return np.exp(z - z.max()) / np.sum(np.exp(z - z.max()), axis=-1, keepdims=True)",
        )
        suite = suite_path("ps1", "2-mlp-backprop")
        assert suite is not None
        with np.errstate(all="ignore"):
            found = judge_locally(suite, names, questions={"softmax"})["softmax"].example
        assert found is not None  # the visible rows far apart catch this one
        assert "nan" in found.got

    def test_no_probe_can_be_carried_into_it(self) -> None:
        """A function that remembers every argument of every function, and gives all of them back."""
        remember = """
import numpy as np
seen = []
def remember(*arguments):
    seen.extend(float(x) for one in arguments for x in np.ravel(one) if not callable(one))
    return list(seen)
sigmoid = weighted_sum = perceptron_table = squared_error = mean_squared_error = remember
binary_cross_entropy = dl_dp = dp_dh = dh_dw = perceptron_gradient = train_perceptron = remember
def numerical_gradient(f, theta, eps=1e-5):
    raise ValueError(seen)
"""
        verdicts = judge_locally(SUITE, names_of(remember))
        known = names_of("from grader.ps1.examples import EXAMPLES")["EXAMPLES"]
        public = {float(f"{x:.6g}") for ones in known.values() for one in ones for x in numbers_in(one.args)}
        told = [verdict.example for verdict in verdicts.values() if verdict.example is not None]
        assert len(told) >= 9
        for found in told:
            for line in found.got.splitlines():
                for word in line.replace("[", " ").replace("]", " ").replace(",", " ").split():
                    try:
                        number = float(word)
                    except ValueError:
                        continue
                    assert number in public, (found.call, number)

    def test_examples_leave_no_trace_in_the_evidence_or_the_seeds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        names = names_of("import numpy as np", "def sigmoid(z):\n    return z")
        with_them = judge_locally(SUITE, names, questions={"sigmoid"})["sigmoid"]
        monkeypatch.setattr("grader.judge.plugin.try_examples", lambda student, examples: None)
        without = judge_locally(SUITE, names, questions={"sigmoid"})["sigmoid"]
        assert with_them.example is not None
        assert timeless(with_them.model_copy(update={"example": None})) == timeless(without)


def timeless(verdict: Any) -> Any:
    """A verdict's data without how long the probes took."""
    data = json.loads(verdict.model_dump_json())
    for part in data["parts"]:
        for probe in part["evidence"]:
            del probe["seconds"]
    return data


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, (tuple, list)):
        return [number for item in value for number in numbers_in(item)]
    return [float(x) for x in np.ravel(value)] if isinstance(value, (float, int, np.ndarray)) else []


class Hangs(LocalNotebook):
    """A notebook in which every call hangs, or ends the process."""

    def __init__(self, names: dict[str, Any], ends: bool) -> None:
        super().__init__(names)
        self.ends, self.asked = ends, 0

    def request(self, message: dict[str, Any], timeout: float) -> Any:
        from grader.jail import CallTimeout, KernelGone

        self.asked += 1
        if self.ends:
            raise KernelGone("gone", timed_out=False)
        raise CallTimeout("slow")


@pytest.mark.parametrize("ends", [True, False])
def test_what_hangs_or_dies_has_no_example_and_pays_nothing_for_it(ends: bool) -> None:
    notebook = Hangs({}, ends)
    student = Student(notebook, b"seed")  # type: ignore[arg-type]
    student.begin("q", "visible examples")
    assert try_examples(student, (example(twice, X), example(twice, 1.0))) is None
    assert notebook.asked == 1
    assert student.gone is ends
    student.forgive()
    assert not student.gone
    # Two hanging calls are still to its credit, as if nothing had been tried.
    for _ in range(2):
        asked = notebook.asked
        with pytest.raises(CallTimedOut if not ends else Exception):
            student.call("twice", 1.0)
        if not ends:
            assert notebook.asked == asked + 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_in_the_jail_one_answer_that_ends_the_kernel_costs_no_other_its_example(tmp_path: Path) -> None:
    cells = {
        "sigmoid": "import os\ndef sigmoid(z):\n    os._exit(1)",
        "weighted_sum": "def weighted_sum(X, w, b):\n    return X @ w",
        "squared_error": "def squared_error(y, p):\n    total = 1\n    return total / missing",
    }
    task = Task("ps1", "1-perceptron", notebook_of("import numpy as np", **cells), SUITE, tmp_path)
    found = {verdict.question: verdict for verdict in grade(task, Jail()).verdicts.verdicts}
    assert found["sigmoid"].state is State.CRASHED
    assert found["sigmoid"].example is None
    assert found["weighted_sum"].example is not None
    assert found["weighted_sum"].example.got == "[0, -1, 1, 0]"
    assert found["squared_error"].example is not None
    assert found["squared_error"].example.got == (
        "`squared_error` raised NameError: name 'missing' is not defined "
        "(line 3 of your cell: `return total / missing`)"
    )
