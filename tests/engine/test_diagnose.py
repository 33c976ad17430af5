"""Diagnosis: a misconception is named when it explains every answer, and only then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from local_notebook import judge_locally
from nbformat.v4 import new_code_cell, new_notebook

import grader.judge.student
from grader.jail import Handle, Jail, JailedNotebook
from grader.judge.diagnose import OURS, AnyError, Call, Misconception, alike, diagnose, named
from grader.judge.run import run_suite
from grader.judge.student import Student, StudentError
from grader.verdict import State, Verdict

X = np.array([0.3, -1.2, 2.0])


def idea(name: str, answers: dict[str, object], question: str = "slope") -> Misconception:
    return Misconception(question, name, "slide 1", "Look at the sign.", answers)


SIGN = idea("sign lost", {"slope": lambda x: -2 * x})
HALF = idea("factor 2 missing", {"slope": lambda x: x})
ALSO_SIGN = idea("minus twice", {"slope": lambda x: -(x + x)})
RAISES = idea("transposed", {"slope": lambda x: x @ np.ones((2, 2))})


def calls(function: object) -> list[Call]:
    return [Call("slope", (x,), {}, value=function(x)) for x in (X, X[:2], 3 * X)]  # type: ignore[operator]


def name_of(found: object) -> str:
    return getattr(found, "name", "")


def test_the_one_misconception_that_fits_everywhere_is_named() -> None:
    made = calls(lambda x: -2 * x)
    found = diagnose("slope", made, made[:1], [SIGN, HALF, RAISES])
    assert found is not None
    assert (found.name, found.concept, found.hint) == ("sign lost", "slide 1", "Look at the sign.")


def test_nothing_is_named_when_two_explain_or_none_or_only_some_calls() -> None:
    made = calls(lambda x: -2 * x)
    assert diagnose("slope", made, made[:1], [SIGN, ALSO_SIGN]) is None
    assert diagnose("slope", made, made[:1], [HALF]) is None
    mixed = [*made, Call("slope", (X,), {}, value=X)]
    assert diagnose("slope", mixed, made[:1], [SIGN, HALF]) is None


def test_an_idea_about_another_question_or_another_function_is_never_named() -> None:
    made = calls(lambda x: -2 * x)
    assert diagnose("other", made, made[:1], [SIGN]) is None
    elsewhere = [Call("intercept", (X,), {}, value=1.0)]
    assert diagnose("slope", [*made, *elsewhere], elsewhere, [SIGN]) is None


def test_an_exception_is_explained_by_an_idea_that_raises_the_same() -> None:
    made = [Call("slope", (X,), {}, raised="ValueError")]
    assert name_of(diagnose("slope", made, made, [SIGN, RAISES])) == "transposed"
    assert diagnose("slope", [Call("slope", (X,), {}, raised="KeyError")], made, [RAISES]) is None
    assert diagnose("slope", [Call("slope", (X,), {}, value=X)], made, [RAISES]) is None


def test_an_idea_may_raise_any_error_but_not_the_judges_own() -> None:
    def refuses(x: object) -> object:
        raise AnyError

    tables_only = idea("tables only", {"slope": refuses})
    for kind in ("ValueError", "AxisError", "IndexError"):
        made = [Call("slope", (X,), {}, raised=kind)]
        assert name_of(diagnose("slope", made, made, [SIGN, tables_only])) == "tables only"
    for kind in ("CallTimedOut", "NotDefined", "NotAttempted"):
        made = [Call("slope", (X,), {}, raised=kind)]
        assert diagnose("slope", made, made, [tables_only]) is None
    made = [Call("slope", (X,), {}, value=X)]
    assert diagnose("slope", made, made, [tables_only]) is None


def test_the_judges_own_failures_are_all_known() -> None:
    def kinds(kind: type) -> set[str]:
        return {kind.__name__}.union(*map(kinds, kind.__subclasses__()))

    # Other tests make kinds of their own.
    ours = {name for name in kinds(StudentError) if hasattr(grader.judge.student, name)}
    assert ours == set(OURS)


def test_a_variable_is_compared_as_it_is() -> None:
    slides = idea("the slide's own", {"errors": {(1, "p")}})
    made = [Call("errors", None, {}, value={(1, "p")})]
    assert name_of(diagnose("slope", made, made, [slides])) == "the slide's own"
    assert diagnose("slope", [Call("errors", None, {}, value={(2, "p")})], made, [slides]) is None


def test_of_slips_in_two_functions_the_first_that_one_idea_explains_is_told() -> None:
    intercept = idea("one too many", {"intercept": lambda x: 1.0})
    made, elsewhere = calls(lambda x: -2 * x), [Call("intercept", (X,), {}, value=1.0)]
    everything = [*made, *elsewhere]
    assert name_of(diagnose("slope", everything, [made[0], elsewhere[0]], [intercept, SIGN])) == "sign lost"
    assert name_of(diagnose("slope", everything, [elsewhere[0], made[0]], [intercept, SIGN])) == "one too many"
    # Two ideas explain the first function, one alone the second.
    assert (
        name_of(diagnose("slope", everything, [made[0], elsewhere[0]], [SIGN, ALSO_SIGN, intercept])) == "one too many"
    )


def test_an_idea_may_leave_open_a_result_in_which_it_does_not_show() -> None:
    mean = idea("mean for sum", {"train": lambda x: (np.mean(x), ...)})
    for record in ([1.0], None, [1.0, 2.0]):
        made = [Call("train", (X,), {}, value=(np.mean(X), record))]
        assert name_of(diagnose("slope", made, made, [mean])) == "mean for sum"
    made = [Call("train", (X,), {}, value=(np.sum(X), [1.0]))]
    assert diagnose("slope", made, made, [mean]) is None


def test_what_the_suite_names_is_looked_up_among_the_ideas_about_the_question() -> None:
    seen = Misconception("slope", "logits", "slide 4", "What do the numbers sum to?")
    assert name_of(named("slope", ["no such idea", "logits"], [SIGN, seen])) == "logits"
    assert named("other", ["logits"], [seen]) is None
    assert named("slope", [], [seen]) is None
    assert diagnose("slope", calls(lambda x: x), calls(lambda x: x), [seen]) is None


def test_a_misconception_must_answer_something_and_hint_briefly() -> None:
    with pytest.raises(ValueError, match="more than 100 words"):
        Misconception("q", "talkative", "c", "word " * 101, {"f": abs})
    with pytest.raises(ValueError, match="answers nothing"):
        Misconception("q", "silent", "c", "h", {})


@pytest.mark.parametrize(
    "one, other, equal",
    [
        ([1.0, np.nan], np.array([1.0, np.nan]), True),
        (np.array([np.inf]), np.inf, True),
        (np.array([[2.0]]), 2, True),
        (np.array([1.0, 2.0]), np.array([[1.0, 2.0]]), False),
        ({"a": 1, "b": 2}, {"a": 1.0}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1, [2, 3]], (1, np.array([2, 3])), True),
        (1, (1, 2), False),
        (None, None, True),
        (None, 0.0, False),
        ("softmax", "softmax", True),
        ({1}, {1}, True),
        ({1}, [1], False),
        (Handle(1, "Model"), 1.0, False),
        ([[1, 2], [3]], 1.0, False),
    ],
)
def test_alike(one: object, other: object, equal: bool) -> None:
    assert alike(one, other) is equal


HABITS_SUITE = """
import numpy as np
from grader.judge import Misconception, points, question
from grader.judge.habits import changed_input, missing_key, nothing_returned, rounded

def half(x):
    return {"half": x / 2, "third": x / 3}

MISCONCEPTIONS = [
    changed_input("half"),
    missing_key("half"),
    nothing_returned("half", "half"),
    rounded("half", 2, half=half),
    rounded("half", 3, half=half),
]

@question("half")
class TestHalf:
    @points(1)
    def test_it(self, student):
        x = np.array([0.12345, 3.0])
        student.check("half", x, expected=half(x))
"""


@pytest.mark.parametrize(
    "body, name",
    [
        ("return {'half': x / 2, 'third': x / 3}", ""),
        ("x /= 2; return {'half': x, 'third': x / 1.5}", "input changed in place"),
        ("return {'half': x / 2, 'Third': x / 3}", "a key missing from the dict"),
        ("print(x / 2)", "nothing returned"),
        ("return {'half': np.round(x / 2, 2), 'third': np.round(x / 3, 2)}", "rounded to two decimals"),
        ("return {'half': np.round(x / 2, 3), 'third': np.round(x / 3, 3)}", "rounded to three decimals"),
        ("return {'half': np.round(x / 2, 2), 'third': x / 3}", ""),
        ("return {'half': x, 'third': x}", ""),
    ],
)
def test_slips_that_belong_to_no_question_have_names(tmp_path: Path, body: str, name: str) -> None:
    path = tmp_path / "test_half.py"
    path.write_text(HABITS_SUITE)
    names: dict[str, object] = {"np": np}
    exec(f"def half(x):\n    {body}\n", names)
    assert name_of(judge_locally(path, names)["half"].diagnosis) == name


SUITE = '''
import numpy as np
from grader.judge import Misconception, WrongAnswer, points, question

def up(x):
    return x * x

MISCONCEPTIONS = [
    Misconception("down", "sum for mean", "slide 2", "How many are there?", {"down": lambda x: np.sum(x * x)}),
    Misconception("probed", "forward only", "slide 3", "Both sides!", {"probed": lambda f, x: f(x + 1) - f(x)}),
    Misconception("seen", "negative", "slide 4", "Which way?"),
    Misconception("seen", "too large", "slide 4", "How far?"),
]

@question("up")
class TestUp:
    @points(1)
    def test_up(self, student):
        """up"""
        student.check("up", np.array([1.0, 2.0, 3.5]), expected=np.array([1.0, 4.0, 12.25]))

@question("down", upstream={"up": (up,)})
class TestDown:
    @points(1)
    def test_down(self, student, rng):
        """down"""
        for n in (3, 5):
            x = rng.uniform(1, 2, n)
            student.check("down", x, expected=np.mean(x * x))

@question("probed")
class TestProbed:
    @points(1)
    def test_probed(self, student):
        """probed"""
        f = student.define("def f(x):\\n    return x ** 3", "f")
        for x in (0.5, 2.0):
            student.check("probed", f, x, expected=((x + 1) ** 3 - (x - 1) ** 3) / 2)

@question("seen")
class TestSeen:
    @points(1)
    def test_sign(self, student):
        """sign"""
        if student.value("seen") < 0:
            raise WrongAnswer("that is negative", misconception="negative")

    @points(1)
    def test_size(self, student):
        """size"""
        if abs(student.value("seen")) > 1:
            raise WrongAnswer("that is too large", misconception="too large")
'''


@pytest.fixture(scope="module")
def suite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("suite") / "test_diagnosis.py"
    path.write_text(SUITE)
    return path


def judge(tmp_path: Path, source: str) -> dict[str, Verdict]:
    suite = tmp_path / "test_diagnosis.py"
    suite.write_text(SUITE)
    notebook = new_notebook(cells=[new_code_cell("import numpy as np\n" + source)])
    with JailedNotebook(notebook, Jail()) as jailed:
        jailed.run()
        return {verdict.question: verdict for verdict in run_suite(suite, Student(jailed, b"seed"))}


def test_through_the_jail_with_a_probe_function_and_on_top_of_a_wrong_upstream(tmp_path: Path) -> None:
    verdicts = judge(
        tmp_path,
        "def up(x):\n    return x + x\n"
        "def down(x):\n    return np.sum(up(x))\n"
        "def probed(f, x):\n    return f(x + 1) - f(x)\n",
    )
    assert verdicts["up"].diagnosis is None
    assert verdicts["down"].state is State.WRONG
    assert name_of(verdicts["down"].diagnosis) == "sum for mean"
    assert name_of(verdicts["probed"].diagnosis) == "forward only"


@pytest.mark.parametrize("value, name", [(0.5, ""), (-0.5, "negative"), (2, "too large"), (-2, "negative")])
def test_a_suite_may_name_what_it_sees_and_the_first_is_told(suite_file: Path, value: float, name: str) -> None:
    verdict = judge_locally(suite_file, {"seen": value})["seen"]
    assert name_of(verdict.diagnosis) == name


def test_a_right_answer_is_never_diagnosed(tmp_path: Path) -> None:
    verdicts = judge(
        tmp_path,
        "def up(x):\n    return x + x\n"
        "def down(x):\n    return np.mean(up(x))\n"
        "def probed(f, x):\n    return (f(x + 1) - f(x - 1)) / 2\n",
    )
    assert verdicts["down"].state is State.RIGHT
    assert verdicts["down"].diagnosis is None
    assert verdicts["probed"].diagnosis is None
