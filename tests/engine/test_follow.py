"""Follow-through: what a wrong answer upstream may and may not do to the answers built on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from local_notebook import LocalNotebook, judge_locally, names_of
from nbformat.v4 import new_code_cell, new_notebook

from grader.jail import CallTimeout, Jail, JailedNotebook
from grader.judge import WrongAnswer
from grader.judge.follow import follow_through, source_of
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
    suite = tmp_path / "test_small_suite_of_follow.py"
    suite.write_text(SUITE)
    notebook = new_notebook(cells=[new_code_cell(ANSWERS.replace("WRONG", upstream))])
    # Short, for the endless one; long enough for a busy machine.
    with JailedNotebook(notebook, Jail(call_timeout=3)) as jailed:
        jailed.run()
        return {verdict.question: verdict for verdict in run_suite(suite, Student(jailed, b"seed"))}


@pytest.mark.parametrize(
    "upstream",
    [
        "x * x * x",
        "None",
        "1 / 0",
        "undefined",
        "(_ for _ in ()).throw(SystemExit)",
        "x.fill(0)",
        # These two cost every call that meets them: the first its time, the second the kernel.
        "[0 for _ in iter(int, 1)]",
        "__import__('os')._exit(1)",
        # This one is merely wrong, until something is built on it.
        "x ** 3 if __import__('sys')._getframe(1).f_code.co_name == 'do_call' else __import__('os')._exit(1)",
    ],
)
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


# --------------------------------------------------------------------------------------------------
# Without a jail: what decides, one rule at a time
# --------------------------------------------------------------------------------------------------

LOCAL = """
import numpy as np
from grader.judge import points, question, same

def square(x):
    return np.asarray(x * x)

def twice(x):
    return 2 * x

def sums(x):
    return {"squares": np.asarray(x * x), "sum": float(np.sum(x * x))}

def asked_later(x):
    return 2 * x

UP = {"square": (square,), "twice": (twice,), "sums": (sums,), "asked_later": (asked_later,)}

@question("square")
class TestSquare:
    @points(1)
    def test_it(self, student, rng):
        x = rng.uniform(2, 3, size=3)
        student.check("square", x, expected=x * x)

@question("twice")
class TestTwice:
    @points(1)
    def test_it(self, student, rng):
        x = rng.uniform(2, 3, size=3)
        student.check("twice", x, expected=2 * x)

@question("sums")
class TestSums:
    @points(1)
    def test_it(self, student, rng):
        x = rng.uniform(2, 3, size=3)
        student.check("sums", x, expected=sums(x))

@question("uses", upstream=UP)
class TestUses:
    @points(2)
    def test_it(self, student, rng):
        x = rng.uniform(2, 3, size=3)
        student.check("uses", x, expected=4 * x * x)

    @points(1)
    def test_number(self, student, rng):
        x = float(rng.uniform(2, 3))
        student.check("uses", x, expected=4 * x * x)

@question("asked_later")
class TestAskedLater:
    @points(1)
    def test_it(self, student, rng):
        student.check("asked_later", 2.0, expected=4.0)
"""
RIGHT = """
import numpy as np
def square(x):
    return x * x
def twice(x):
    return 2 * x
def sums(x):
    return {"squares": x * x, "sum": np.sum(x * x)}
def uses(x):
    return 4 * square(x)
"""
WRONG_SQUARE = "def square(x):\n    return x"


@pytest.fixture
def local(tmp_path: Path) -> Any:
    """Judge some cells with the suite above, after the right answers, which they replace."""
    suite = tmp_path / "test_local.py"
    suite.write_text(LOCAL)

    def judged(*cells: str, **options: Any) -> dict[str, Verdict]:
        return judge_locally(suite, names_of(RIGHT, *cells), **options)

    return judged


def test_only_what_was_called_is_named(local: Any) -> None:
    verdicts = local(WRONG_SQUARE, "def twice(x):\n    return x")
    assert [part.given for part in verdicts["uses"].parts] == [("square",), ("square",)]
    verdicts = local(WRONG_SQUARE, "def uses(x):\n    return twice(twice(square(x)))")
    assert [part.given for part in verdicts["uses"].parts] == [("square",), ("square",)]  # `twice` is right as it is
    verdicts = local(WRONG_SQUARE, "def twice(x):\n    return x", "def uses(x):\n    return twice(twice(square(x)))")
    assert verdicts["uses"].message == "right, given a correct `square` and `twice`"


def test_evidence_shows_both_judgements_of_what_was_given_and_no_machinery(local: Any) -> None:
    part = local(WRONG_SQUARE)["uses"].parts[0]
    calls = [probe.call.split("(")[0] for probe in part.evidence]
    assert calls == ["uses", "again, with the reference for square", "uses"]
    assert [bool(probe.problem) for probe in part.evidence] == [True, False, False]
    own_mistake = local(WRONG_SQUARE, "def uses(x):\n    return 5 * square(x)")["uses"].parts[0]
    assert [probe.call.split("(")[0] for probe in own_mistake.evidence] == ["uses"]


@pytest.mark.parametrize("form", ["(x * x).tolist() if np.ndim(x) else x * x", "list(x * x) if np.ndim(x) else x * x"])
def test_a_right_upstream_in_an_awkward_form_costs_nothing(local: Any, form: str) -> None:
    """4 * [1.0, 2.0] is a list of eight: the upstream is right, and so is what is built on it."""
    verdicts = local(f"def square(x):\n    return {form}")
    assert verdicts["square"].points == 1
    assert verdicts["uses"].points == 3
    assert verdicts["uses"].message.startswith("right, given the usual form of `square`: NumPy arrays")
    wrong = local(f"def square(x):\n    return {form}", "def uses(x):\n    return 3 * square(x)")
    assert wrong["uses"].points == 0


def test_numbers_as_one_by_one_arrays_are_numbers(local: Any) -> None:
    """In matrix notation a number is a (1, 1) array: `@` wants one, and `.item()` wants no plain float."""
    wrong = "def sums(x):\n    return {'squares': x, 'sum': np.sum(x).reshape(1, 1)}"
    for answer in (
        "(np.reshape(4 * s['squares'], (-1, 1)) @ (s['sum'] / s['sum'])).ravel()",
        "4 * s['squares'] * s['sum'].item() / np.sum(x * x)",
    ):
        verdicts = local(wrong, f"def uses(x):\n    s = sums(x)\n    return {answer}")
        assert verdicts["uses"].points == 3, answer
        assert verdicts["uses"].parts[0].given == ("sums",)


def test_single_numbers_are_numpys_own(local: Any) -> None:
    """`round`, which a textbook answer may well call on a number, fails on an array without dimensions."""
    uses = "def uses(x):\n    return 4 * (round(square(x), 12) if np.ndim(x) == 0 else square(x))"
    assert local(WRONG_SQUARE, uses)["uses"].points == 3


def test_what_cannot_depend_on_its_upstream_is_judged_as_it_is(local: Any) -> None:
    for uses in (
        "square(x)\n    return 4 * x",  # called in vain
        "square(x)\n    return np.full(np.shape(x), 25.0)",  # written down beforehand
        "def square(x):\n        return x\n    return 4 * square(x)",  # redefined inside
        "global square\n    square = lambda x: x\n    return 4 * square(x)",  # and for good
        "return 4 * x if square(2.0) == 4.0 else 4 * square(x)",  # turns wrong where the upstream is right
    ):
        assert local(WRONG_SQUARE, f"def uses(x):\n    {uses}")["uses"].points == 0, uses


def test_a_missing_upstream_is_missing_again(local: Any) -> None:
    verdicts = local("del square", "def asked_later(x):\n    return 4.0 if 'square' not in globals() else 0.0")
    assert verdicts["square"].points == 0
    assert verdicts["uses"].message == "right, given a correct `square`"
    assert verdicts["asked_later"].points == 1


def test_left_out_questions_make_no_difference_to_the_rest(local: Any) -> None:
    for cells in ((), (WRONG_SQUARE,), (WRONG_SQUARE, "def uses(x):\n    return 5 * square(x)")):
        everything, alone = local(*cells)["uses"], local(*cells, questions={"uses"})["uses"]
        assert (alone.state, alone.points, alone.message) == (everything.state, everything.points, everything.message)


def test_no_reference_is_there_before_its_question_is_judged(local: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    define = Student.define

    def spy(student: Student, source: str, name: str) -> Any:
        sent.append(source)
        return define(student, source, name)

    monkeypatch.setattr(Student, "define", spy)
    cells = (
        WRONG_SQUARE,
        "def asked_later(x):\n    return x",
        "def uses(x):\n    return 2 * x * asked_later(x) - square(x)",
    )
    assert local(*cells)["uses"].points == 0
    assert sent
    assert not any("asked_later" in source for source in sent)


class _Slow(LocalNotebook):
    """A notebook in which calls of one function take too long."""

    def request(self, message: dict[str, Any], timeout: float) -> Any:
        if message["do"] == "call" and message["target"] == "slow":
            raise CallTimeout("no answer in time")
        return super().request(message, timeout)


def square(x: Any) -> Any:
    """A reference for the next test."""
    return x * x


def test_own_functions_are_back_though_nothing_more_may_be_asked() -> None:
    """After two timeouts a question's calls are not even tried; what stood in must not stay for the questions after."""
    names = names_of("def square(x):\n    return x\ndef slow(x):\n    return square(x)")
    own = names["square"]
    student = Student(_Slow(names), b"seed")  # type: ignore[arg-type]
    student.begin("slow", "test")
    for _ in range(2):
        with pytest.raises(Exception, match="longer than"):
            follow_through(
                student,
                lambda: student.check("slow", 2.0, expected=4.0),
                {"square": (square,)},
                judged={"square": False},
            )
        assert names["square"] is own


def test_a_right_answer_is_judged_once() -> None:
    asked: list[str] = []
    names = names_of("def square(x):\n    return x")
    student = Student(LocalNotebook(names), b"seed")  # type: ignore[arg-type]
    student.begin("right", "test")
    assert follow_through(student, lambda: asked.append("once"), {"square": (square,)}, judged={"square": False}) == ()
    assert asked == ["once"]


def test_an_answer_that_does_not_call_its_upstream_keeps_its_own_account() -> None:
    student = Student(LocalNotebook(names_of("def f(x):\n    return x")), b"seed")  # type: ignore[arg-type]
    student.begin("f", "test")
    with pytest.raises(WrongAnswer, match="`f`: the value is wrong"):
        follow_through(
            student, lambda: student.check("f", 2.0, expected=4.0), {"square": (square,)}, judged={"square": False}
        )
    assert [probe.call for probe in student.evidence] == ["f(2.0)"]
    assert [call.target for call in student.calls] == ["f"]


def test_only_the_function_and_what_it_calls_is_sent() -> None:
    source = source_of(mlp.mlp_forward)
    assert "def sigmoid(" in source
    assert "def mlp_backward(" not in source
    assert "def softmax(" not in source


@pytest.mark.parametrize(
    "source, reaches",
    [
        ("def uses(x):\n    return x * x", False),
        ("def uses(x):\n    return square(x)", True),
        ("def helper(x):\n    return square(x)\ndef uses(x):\n    return helper(x)", True),
        ("def helper(x):\n    return x\ndef uses(x):\n    return helper(x)", False),
        ("def uses(x):\n    return [square(one) for one in x]", True),
        ("def uses(x):\n    def inner():\n        return square(x)\n    return inner()", True),
        ("uses = lambda x, f=lambda x: square(x): f(x)", True),
        ("def made():\n    f = lambda x: square(x)\n    return lambda x: f(x)\nuses = made()", True),
        ("def uses(x):\n    return globals()['square'](x)", True),
        ("import functools\nuses = functools.partial(lambda x: x)", True),
        ("class Net:\n    def __call__(self, x):\n        return square(x)\nuses = Net()", True),
        (
            "class Net:\n    def f(self, x):\n        return square(x)\nnet = Net()\ndef uses(x):\n    return net.f(x)",
            True,
        ),
        ("steps = [lambda x: square(x)]\ndef uses(x):\n    return steps[0](x)", True),
        ("import numpy as np\nf = np.vectorize(lambda x: square(x))\ndef uses(x):\n    return f(x)", True),
        ("import numpy as np\nf = np.frompyfunc(lambda x: square(x), 1, 1)\ndef uses(x):\n    return f(x)", True),
        ("import numpy as np\nw = np.ones(3)\ndef uses(x):\n    return np.sum(w) * x", False),
        ("def uses(x):\n    return uses(x - 1) if x else 0", False),
        ("uses = 3", False),
    ],
)
def test_whether_an_answer_may_use_its_upstream(source: str, reaches: bool) -> None:
    names = names_of("def square(x):\n    return x * x", source)
    student = Student(LocalNotebook(names), b"seed")  # type: ignore[arg-type]
    student.begin("uses", "test")
    assert student.reaches(["uses"], ["square"]) is reaches


def test_an_answer_that_cannot_use_its_upstream_is_judged_once(local: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    define = Student.define
    monkeypatch.setattr(Student, "define", lambda *of: (sent.append(of[1]), define(*of))[1])
    assert local(WRONG_SQUARE, "def uses(x):\n    return 6 * x * x")["uses"].points == 0
    assert not sent


def test_stand_ins_and_names_as_they_stood_leave_in_turn() -> None:
    """A question may be judged once more with earlier meanings of names, and with references on top of those."""
    names = names_of("def square(x):\n    return x")
    notebook = LocalNotebook(names)
    student = Student(notebook, b"seed")  # type: ignore[arg-type]
    student.begin("q", "test")
    notebook.request({"do": "remember", "target": "q"}, 1.0)
    first = names["square"]
    later = names["square"] = abs
    with student.as_it_stood() as changed:
        assert changed
        assert names["square"] is first
        kept = student.define("def twice(x):\n    return 2 * x", "twice")
        with student.replaced({"square": kept, "new": kept}):
            assert names["square"](3) == names["new"](3) == 6
        assert names["square"] is first
        assert "new" not in names
    assert names["square"] is later
    student._return()  # there is nothing to undo, as in a kernel that was started meanwhile
    assert names["square"] is later
