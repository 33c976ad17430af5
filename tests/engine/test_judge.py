"""The judge on a small suite of its own: states, points, seeds, evidence, and what a student gets to read."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from small_notebooks import graded_cell, notebook_of
from threadpoolctl import threadpool_info

from grader.batch import Graded, Task, grade
from grader.jail import Handle, Jail, JailedNotebook, RunReport
from grader.jail.wire import digests
from grader.judge import Student, StudentError, WrongAnswer
from grader.judge.follow import follow_through
from grader.judge.run import Judge, JudgeError, _suite, run_suite
from grader.judge.student import probe_generator
from grader.verdict import Part, State, Verdict

SUITE = '''
"""A hidden suite that asks for every kind of failure."""
import numpy as np
import pytest
from grader.judge import Student, WrongAnswer, points, question

SECRET_PROBE = 0.618034


@question("right")
class TestRight:
    @points(2)
    def test_double(self, student: Student, rng: np.random.Generator) -> None:
        """doubles what it is given"""
        for x in (np.array([SECRET_PROBE, -2.5]), rng.normal(size=3)):
            student.check("double", x, expected=2 * x)


@question("partly")
class TestPartly:
    @points(1)
    def test_positive(self, student: Student) -> None:
        """positive numbers"""
        student.check("absolute", SECRET_PROBE, expected=SECRET_PROBE)

    @points(3)
    def test_negative(self, student: Student) -> None:
        """negative numbers"""
        student.check("absolute", -SECRET_PROBE, expected=SECRET_PROBE, what="for a negative number")

    @pytest.mark.parametrize("size", [1, 2], ids=["one", "two"])
    @points(0.5)
    def test_sizes(self, student: Student, size: int) -> None:
        """arrays of any size"""
        student.check("absolute", np.full(size, 2.0), expected=np.full(size, 2.0))


@question("wrong")
class TestWrong:
    @points(2)
    def test_value(self, student: Student) -> None:
        """adds one"""
        student.check("wrong", SECRET_PROBE, expected=SECRET_PROBE + 1)


@question("blank")
class TestBlank:
    @points(2)
    def test_value(self, student: Student) -> None:
        """a function"""
        student.check("blank", SECRET_PROBE, expected=1)


@question("blank_value")
class TestBlankValue:
    @points(1)
    def test_value(self, student: Student) -> None:
        """a variable"""
        student.value("blank_value")


@question("crashed")
class TestCrashed:
    @points(2)
    def test_value(self, student: Student) -> None:
        """does not raise"""
        student.check("crashed", np.array([SECRET_PROBE, 12345678.0]), expected=1)


@question("no_cell")
class TestNoCell:
    @points(1)
    def test_value(self, student: Student) -> None:
        """is defined"""
        student.value("no_cell")


@question("bad_cell")
class TestBadCell:
    @points(1)
    def test_value(self, student: Student) -> None:
        """is defined"""
        student.call("bad_cell")


@question("slow")
class TestSlow:
    @points(1)
    def test_first(self, student: Student) -> None:
        """in time"""
        student.call("slow", timeout=0.5)

    @points(1)
    def test_second(self, student: Student) -> None:
        """in time, again"""
        student.call("slow", timeout=0.5)

    @points(1)
    def test_third(self, student: Student) -> None:
        """not even tried after two"""
        student.call("slow", timeout=100)


@question("huge")
class TestHuge:
    @points(1)
    def test_value(self, student: Student) -> None:
        """of a sensible size"""
        student.call("huge", timeout=30)


@question("changes")
class TestChanges:
    @points(1)
    def test_inputs(self, student: Student) -> None:
        """leaves its input alone"""
        student.check("changes", np.array([1.5, 2.5]), expected=4.0)

    @points(1)
    def test_value(self, student: Student) -> None:
        """the sum, whatever becomes of the input"""
        student.check("changes", np.array([1.5, 2.5]), expected=4.0, mutation_allowed=True)


@question("deadly")
class TestDeadly:
    @points(1)
    def test_value(self, student: Student) -> None:
        """lets the process live"""
        student.call("deadly")


@question("broken")
class TestBroken:
    @points(1)
    def test_reference(self, student: Student) -> None:
        """our own reference is wrong here"""
        assert student.call("double", 1) == 3

    @points(1)
    def test_own_bug(self, student: Student) -> None:
        """our own code raises here"""
        {}["nothing"]


@question("custom")
class TestCustom:
    @points(1)
    def test_custom(self, student: Student) -> None:
        """a judgement in words"""
        raise WrongAnswer("This is not how it is done.")


@question("after")
class TestAfter:
    @points(2)
    def test_double(self, student: Student) -> None:
        """is judged although the kernel died before"""
        student.check("double", 4, expected=8)
'''

ANSWERS = {
    "right": "def double(x):\n    return 2 * x",
    "partly": "def absolute(x):\n    return x",
    "wrong": "def wrong(x):\n    return x",
    "blank": "def blank(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    "blank_value": "blank_value = None\nraise NotImplementedError()",
    "crashed": "def crashed(x):\n    raise ValueError(f'got {x[0]!r} and {int(x[1])} in {list(x)}')",
    "bad_cell": "1 / 0\ndef bad_cell():\n    return 1",
    "slow": "def slow():\n    while True:\n        pass",
    "huge": "import numpy as np\ndef huge():\n    return np.ones(20_000_000)",
    "changes": "def changes(x):\n    total = x.sum()\n    x[:] = 0\n    return total",
    "deadly": "import os\ndef deadly():\n    os._exit(0)",
}

EXPECTED = {
    "right": (State.RIGHT, 2, 2),
    "partly": (State.PARTLY, 2, 5),
    "wrong": (State.WRONG, 0, 2),
    "blank": (State.NOT_ATTEMPTED, 0, 2),
    "blank_value": (State.NOT_ATTEMPTED, 0, 1),
    "crashed": (State.CRASHED, 0, 2),
    "no_cell": (State.WRONG, 0, 1),
    "bad_cell": (State.CRASHED, 0, 1),
    "slow": (State.TIMED_OUT, 0, 3),
    "huge": (State.OVER_LIMIT, 0, 1),
    "changes": (State.PARTLY, 1, 2),
    "deadly": (State.CRASHED, 0, 1),
    "broken": (State.GRADER_FAILED, 0, 2),
    "custom": (State.WRONG, 0, 1),
    "after": (State.RIGHT, 2, 2),
}


def with_test_cells(notebook: NotebookNode) -> NotebookNode:
    """The notebook with a test cell for every question of the suite."""
    notebook.cells += [graded_cell(name, worth) for name, (_, _, worth) in EXPECTED.items()]
    return notebook


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suites") / "tiny" / "hidden"
    folder.mkdir(parents=True)
    path = folder / "test_every_state.py"
    path.write_text(SUITE)
    return path


@pytest.fixture(scope="module")
def notebook() -> NotebookNode:
    return with_test_cells(notebook_of(**ANSWERS))


@pytest.fixture(scope="module")
def graded(suite: Path, notebook: NotebookNode, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    root = tmp_path_factory.mktemp("course")
    return grade(Task("tiny", "every_state", notebook, suite, root), Jail())


@pytest.fixture(scope="module")
def found(graded: Graded) -> dict[str, Verdict]:
    return {verdict.question: verdict for verdict in graded.verdicts.verdicts}


@pytest.mark.slow
class TestVerdicts:
    def test_every_question_has_one_in_order(self, found: dict[str, Verdict]) -> None:
        assert list(found) == list(EXPECTED)

    @pytest.mark.parametrize("name", EXPECTED)
    def test_state_and_points(self, found: dict[str, Verdict], name: str) -> None:
        verdict = found[name]
        assert (verdict.state, verdict.points, verdict.max_points) == EXPECTED[name]

    def test_only_a_failing_grader_needs_attention(self, found: dict[str, Verdict], graded: Graded) -> None:
        assert [name for name, verdict in found.items() if verdict.needs_attention] == ["broken"]
        assert graded.verdicts.needs_attention

    def test_parts_carry_the_points(self, found: dict[str, Verdict]) -> None:
        parts = [(part.title, part.points, part.max_points, part.state) for part in found["partly"].parts]
        assert parts == [
            ("positive numbers", 1, 1, State.RIGHT),
            ("negative numbers", 0, 3, State.WRONG),
            ("arrays of any size [one]", 0.5, 0.5, State.RIGHT),
            ("arrays of any size [two]", 0.5, 0.5, State.RIGHT),
        ]

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("right", "Right."),
            ("partly", "`absolute` for a negative number: the value is wrong"),
            ("blank", "there is no answer yet"),
            ("blank_value", "there is no answer yet"),
            ("crashed", "`crashed` raised ValueError: got # and # in [#, #]"),
            ("crashed", "line 2 of your cell: `raise ValueError("),
            ("no_cell", "`no_cell` is not defined, and the cell `no_cell` is not in the notebook"),
            ("bad_cell", "`bad_cell` is not defined, because its cell failed: ZeroDivisionError"),
            ("slow", "longer than 0.5 s and was stopped"),
            ("huge", "takes more than 64 MB"),
            ("changes", "`changes` changed its input; work on a copy instead"),
            ("deadly", "ended the Python process"),
            ("broken", "Your instructor has been told."),
            ("custom", "This is not how it is done."),
        ],
    )
    def test_messages(self, found: dict[str, Verdict], name: str, words: str) -> None:
        assert words in found[name].message

    def test_students_read_nothing_of_ours(self, graded: Graded, suite: Path) -> None:
        """No probe, no line of the suite, no path, no traceback: neither in words nor in what for_student keeps."""
        told = graded.verdicts.for_student().model_dump_json()
        for secret in ("0.618", "618034", "12345678", "SECRET_PROBE", "Traceback", str(suite.parent), "site-packages"):
            assert secret not in told
        assert "Traceback" in graded.verdicts.model_dump_json()  # the instructor gets ours

    def test_evidence(self, found: dict[str, Verdict]) -> None:
        failed = found["wrong"].parts[0].evidence[-1]
        assert failed.call == "wrong(0.618034)"
        assert failed.expected == "1.618034"
        assert failed.got == "0.618034"
        assert "rtol 0.0001" in failed.tolerance
        assert failed.problem == "`wrong`: the value is wrong"
        assert [one.problem for one in found["right"].parts[0].evidence] == ["", ""]
        assert "ValueError" in found["crashed"].parts[0].evidence[-1].problem
        errors = [part.grader_error for part in found["broken"].parts]
        assert "AssertionError" in errors[0]
        assert "KeyError" in errors[1]

    def test_it_can_be_read_back(self, graded: Graded) -> None:
        text = graded.verdicts.model_dump_json()
        assert type(graded.verdicts).model_validate_json(text) == graded.verdicts

    def test_the_submission_is_not_changed(self, notebook: NotebookNode, graded: Graded) -> None:
        assert all(not cell.outputs for cell in notebook.cells)


@pytest.mark.slow
class TestBrokenSuites:
    @pytest.mark.parametrize(
        ("source", "problem"),
        [
            ("import no_such_module_of_ours", "no_such_module_of_ours"),
            ("def f(:", "SyntaxError"),
            ("", "pytest ended with status"),
            (SUITE.replace('@question("wrong")\n', ""), "question"),
            (SUITE.replace("@points(2)", "", 1), "points"),
        ],
        ids=["import", "syntax", "empty", "no question", "no points"],
    )
    def test_are_nobodys_zero(self, tmp_path: Path, source: str, problem: str) -> None:
        path = tmp_path / f"test_broken_{abs(hash(source))}.py"
        path.write_text(source)
        cells = with_test_cells(notebook_of("double = lambda x: 2 * x"))
        with JailedNotebook(cells, Jail()) as opened:
            opened.run()
            with pytest.raises(JudgeError, match=problem):
                run_suite(path, Student(opened, b"seed"))
        graded = grade(Task("tiny", "broken", cells, path, tmp_path), Jail())
        assert graded.verdicts.needs_attention
        assert [verdict.question for verdict in graded.verdicts.verdicts] == list(EXPECTED)
        assert {verdict.state for verdict in graded.verdicts.verdicts} == {State.GRADER_FAILED}
        assert not any(str(path) in verdict.message for verdict in graded.verdicts.verdicts)


# ---- seeds


def test_seeds_belong_to_submission_question_and_test(tmp_path: Path) -> None:
    judge = Judge()

    def seeds(*sources: str, root: Path = tmp_path) -> list[int]:
        student = Student(FakeNotebook({}), judge.seed(root, notebook_of(*sources)))  # type: ignore[arg-type]
        found = []
        for question, test in (("a", "test_x"), ("a", "test_y"), ("b", "test_x")):
            student.begin(question, test)
            found.append(student.seed)
        return found

    first = seeds("x = 1", "y = 2")
    assert first == seeds("x = 1", "y = 2")
    others = [seeds("x = 1", "y = 3"), seeds("x = 1"), seeds("x = 1\x00y = 2"), seeds("y = 2", "x = 1")]
    elsewhere = tmp_path / "another course"
    elsewhere.mkdir()
    others.append(seeds("x = 1", "y = 2", root=elsewhere))
    every = [number for found in [first, *others] for number in found]
    assert len(set(every)) == len(every)


def test_the_secret_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    cells = notebook_of("x = 1")
    first = Judge().seed(tmp_path, cells)
    path = tmp_path / ".pset-secret"
    assert path.stat().st_mode & 0o077 == 0
    assert first == Judge().seed(tmp_path, cells)
    path.unlink()
    assert first != Judge().seed(tmp_path, cells)
    judge = Judge()
    judge.secret = "of the course"
    assert judge.seed(tmp_path, cells) == judge.seed(tmp_path / "anywhere", cells)


def test_outputs_and_metadata_do_not_change_the_seed(tmp_path: Path) -> None:
    judge, plain, ran = Judge(), notebook_of("x = 1"), notebook_of("x = 1")
    ran.cells[0].metadata["tags"] = ["x"]
    ran.cells[0].execution_count = 3
    assert judge.seed(tmp_path, plain) == judge.seed(tmp_path, ran)


# ---- replies that lie


def test_a_suite_judges_one_student_after_another(suite: Path) -> None:
    """It is collected once, and nothing of one student stays for the next."""
    suites = [_suite(suite) for _ in range(2)]
    assert suites[0] is suites[1]
    found = []
    for answer in (
        "def double(x):\n    return 2 * x",
        "def double(x):\n    return x",
        "def double(x):\n    return 2 * x",
    ):
        with JailedNotebook(notebook_of(right=answer), Jail()) as opened:
            opened.run()
            found.append(run_suite(suite, Student(opened, b"seed"), {"right"}))
            assert [verdict.question for verdict in found[-1]] == ["right"]
    assert [verdicts[0].points for verdicts in found] == [2, 0, 2]
    first, _, last = (
        [part.model_dump(exclude={"evidence": {"__all__": {"seconds"}}}) for part in verdicts[0].parts]
        for verdicts in found
    )
    assert first == last


def test_what_ends_at_a_first_failure_ends_for_one_student_only(suite: Path) -> None:
    found = []
    for answer, first_failure in (("return 2 * x", False), ("return x", True), ("return 2 * x", False)):
        with JailedNotebook(notebook_of(right=f"def double(x):\n    {answer}"), Jail()) as opened:
            opened.run()
            student = Student(opened, b"seed")
            found.append(run_suite(suite, student, first_failure=first_failure))
    first, stopped, last = ({verdict.question: verdict.points for verdict in verdicts} for verdicts in found)
    assert first == last
    assert first["right"] == 2
    assert stopped["right"] == 0
    assert len(stopped) < len(first)


COUNTS_THREADS = """
import numpy as np
from threadpoolctl import threadpool_info
from grader.judge import Student, WrongAnswer, points, question


@question("right")
class TestRight:
    @points(1)
    def test_threads(self, student: Student) -> None:
        np.ones((2, 2)) @ np.ones((2, 2))
        raise WrongAnswer(f"threads: { {one['num_threads'] for one in threadpool_info()} }")
"""


def test_jobs_do_not_fight_over_cores(tmp_path: Path) -> None:
    """The judge's own arithmetic takes one thread, and leaves the process as it was."""
    path = tmp_path / "test_threads.py"
    path.write_text(COUNTS_THREADS, encoding="utf-8")
    before = threadpool_info()
    with JailedNotebook(notebook_of(right="def double(x):\n    return 2 * x"), Jail()) as opened:
        opened.run()
        (verdict,) = run_suite(path, Student(opened, b"seed"))
    assert "threads: {1}" in verdict.parts[0].message
    assert threadpool_info() == before


def test_ctrl_c_while_judging_is_no_verdict(suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = FakeNotebook({"value": 4.0, "digests": []})
    student = Student(notebook, b"seed")  # type: ignore[arg-type]

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(notebook, "request", stop)
    with pytest.raises(KeyboardInterrupt):
        run_suite(suite, student, {"right"})
    monkeypatch.undo()
    assert run_suite(suite, student, {"right"})[0].points == 0


def test_a_suite_that_has_changed_judges_as_it_says_now(tmp_path: Path) -> None:
    path = tmp_path / "test_changed_since.py"
    for expected, points in ((4.0, 2.0), (5.0, 0.0)):
        path.write_text(
            "from grader.judge import points, question\n\n\n@question('right')\nclass TestRight:\n    @points(2)\n"
            f"    def test_it(self, student):\n        student.check('double', 2.0, expected={expected})\n"
        )
        os.utime(path, (points, points))
        student = Student(FakeNotebook({"value": 4.0, "digests": digests([[2.0], {}])}), b"seed")  # type: ignore[arg-type]
        assert [verdict.points for verdict in run_suite(path, student)] == [points]


def test_ctrl_c_while_a_suite_is_collected_is_no_verdict(tmp_path: Path) -> None:
    """pytest itself answers it by ending in good order, with a status like that of a suite that is no good."""
    path = tmp_path / "test_interrupted_once.py"
    (tmp_path / "come").touch()
    once = f"import pathlib\n\nif pathlib.Path({str(tmp_path / 'come')!r}).exists():\n    raise KeyboardInterrupt\n"
    path.write_text(once + SUITE)
    student = Student(FakeNotebook({"value": 4.0, "digests": []}), b"seed")  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        run_suite(path, student, {"right"})
    (tmp_path / "come").unlink()
    assert run_suite(path, student, {"right"})[0].question == "right"


class FakeNotebook:
    """A notebook whose kernel answers every request with the same thing."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply
        self.jail = Jail()
        self.notebook = notebook_of("def f(x):\n    return x.nothing")
        self.report = RunReport()
        self.alive, self.lost = True, False

    def request(self, message: dict[str, Any], timeout: float) -> Any:
        return self.reply


class CountingNotebook(FakeNotebook):
    """The same, which counts calls."""

    calls = 0

    def request(self, message: dict[str, Any], timeout: float) -> Any:
        self.calls += message["do"] == "call"
        return super().request(message, timeout)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=4)
    | st.sampled_from([np.zeros(2), np.array("raised"), np.zeros((0, 2)), Handle(1, "function"), {1, "a"}]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
words = st.sampled_from(["undefined", "not callable", "raised", "NotImplementedError", "WireError", "ValueError", ""])
replies = plain | st.fixed_dictionaries(
    {},
    optional={
        "value": plain,
        "failed": words | plain,
        "digests": plain | st.lists(plain, max_size=2),
        "type": words | plain,
        "message": plain,
        "frames": plain | st.lists(plain, max_size=2) | st.lists(st.tuples(plain, plain, plain).map(list), max_size=2),
    },
)


@settings(max_examples=400, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(replies)
def test_a_lying_reply_is_the_students_failure(reply: Any) -> None:
    """Whatever the jail says, it is an answer, a wrong answer or a StudentError: never a failure of ours."""
    student = Student(FakeNotebook(reply), b"seed")  # type: ignore[arg-type]
    student.begin("q", "test")
    for ask in (
        lambda: student.call("f", np.arange(3.0)),
        lambda: student.check("f", np.arange(3.0), expected=np.arange(3.0)),
        lambda: student.check("f", expected="text"),
        lambda: student.value("v"),
    ):
        with contextlib.suppress(StudentError, WrongAnswer):
            ask()
    Part(test="t", title="t", points=0, max_points=1, state=State.WRONG, evidence=tuple(student.evidence))


@settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(replies)
def test_what_changed_is_a_number_or_nothing(reply: Any) -> None:
    student = Student(FakeNotebook(reply), b"seed")  # type: ignore[arg-type]
    student.begin("q", "test")
    with student.as_it_stood() as changed:
        number = reply.get("value") if isinstance(reply, dict) else 0
        assert changed is (isinstance(number, int) and number > 0)


@settings(max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(replies | st.just({"value": Handle(1, "function")}), min_size=1, max_size=6))
def test_follow_through_believes_no_reply(answers: list[Any]) -> None:
    notebook = FakeNotebook(None)
    notebook.request = lambda message, timeout: answers.pop(0) if len(answers) > 1 else answers[0]  # type: ignore
    student = Student(notebook, b"seed")  # type: ignore[arg-type]
    student.begin("q", "test")
    # A probe of ours that does not arrive is a failure of ours: a person looks.
    with contextlib.suppress(StudentError, WrongAnswer, RuntimeError):
        follow_through(student, lambda: student.check("f", expected=1.0), {"upstream": (follow_through,)}, judged={})


@pytest.mark.parametrize(
    "text",
    ["0.123456", "-0.5", "1e-05", "3.", "[1.5 2.5]", "array([0.25, -1.75])", "1234567", "-12.5e+10", "nan or 0.1234"],
)
def test_numbers_in_a_students_exception_are_masked(text: str) -> None:
    """Raising one's input would show the probe."""
    reply = {"failed": "raised", "type": "ValueError", "message": f"got {text}!", "frames": []}
    student = Student(FakeNotebook(reply), b"seed")  # type: ignore[arg-type]
    student.begin("q", "test")
    with pytest.raises(StudentError) as caught:
        student.call("f", 1.0)
    assert not any(digits in str(caught.value) for digits in ("25", "75", "1234", "5e", "0.5", "1e", "3.", "2.5"))


def test_a_line_that_is_not_the_students_own_is_not_shown() -> None:
    """A forged frame could carry the probe in letters."""
    notebook = FakeNotebook({})
    student = Student(notebook, b"seed")  # type: ignore[arg-type]
    student.begin("q", "test")
    for line, shown in (("return x.nothing", True), ("the probe was zero point six", False)):
        notebook.reply = {"failed": "raised", "type": "E", "message": "", "frames": [[2, "f", line]]}
        with pytest.raises(StudentError) as caught:
            student.call("f", 1.0)
        assert (line in str(caught.value)) is shown


class TestOnce:
    """What several parts of a question need is asked once, and counts for each of them."""

    def part(self, student: Student, test: str, question: str = "q") -> int:
        """One part; how many calls it has evidence of."""
        student.begin(question, test)
        assert student.once("double", lambda: student.call("double", 2.0, mutation_allowed=True)) == 4.0
        assert [call.value for call in student.calls] == [4.0] * len(student.evidence)
        assert student.asked == {"double"}
        return len(student.evidence)

    @pytest.fixture
    def notebook(self) -> CountingNotebook:
        return CountingNotebook({"value": 4.0, "digests": []})

    @pytest.fixture
    def student(self, notebook: CountingNotebook) -> Student:
        return Student(notebook, b"seed")  # type: ignore[arg-type]

    def test_is_asked_once_and_is_evidence_for_all(self, student: Student, notebook: CountingNotebook) -> None:
        assert [self.part(student, test) for test in ("a", "b", "c")] == [1, 1, 1]
        assert notebook.calls == 1

    def test_another_question_asks_for_itself(self, student: Student, notebook: CountingNotebook) -> None:
        self.part(student, "a")
        self.part(student, "a", "another")
        self.part(student, "a")
        assert notebook.calls == 3

    def test_other_meanings_of_names_are_asked_for(self, student: Student, notebook: CountingNotebook) -> None:
        """Follow-through, and what stood after the question's cells, would else judge what was there before."""
        self.part(student, "a")
        with student.replaced({"helper": Handle(2, "function")}):
            self.part(student, "a")
        self.part(student, "a")
        assert notebook.calls == 3
        notebook.reply["value"] = 1
        with student.as_it_stood() as changed:
            assert changed
            notebook.reply["value"] = 4.0
            self.part(student, "a")
        self.part(student, "a")
        assert notebook.calls == 5
        notebook.reply["value"] = 0
        with student.as_it_stood() as changed:
            assert not changed
        notebook.reply["value"] = 4.0
        self.part(student, "a")
        assert notebook.calls == 5

    def test_a_new_kernel_is_asked_again(self, student: Student, notebook: CountingNotebook) -> None:
        """What was found may be a handle, which means nothing there."""
        self.part(student, "a")
        notebook.report.restarts += 1
        assert [self.part(student, "b"), self.part(student, "c")] == [1, 1]
        assert notebook.calls == 2

    def test_what_came_to_no_end_is_asked_again(self, student: Student, notebook: CountingNotebook) -> None:
        notebook.reply = {"failed": "raised", "type": "ValueError", "message": "", "frames": []}
        for test in ("a", "b"):
            with pytest.raises(StudentError):
                self.part(student, test)
        notebook.reply = {"value": 4.0, "digests": []}
        assert self.part(student, "c") == 1
        assert notebook.calls == 3


# ---- by hand, with plain pytest


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A submission without the questions that take time."""
    quick = {name: ANSWERS[name] for name in ("right", "partly", "wrong", "blank", "crashed", "changes")}
    path = tmp_path_factory.mktemp("hand in") / "every_state.ipynb"
    nbformat.write(notebook_of(**quick), path)
    return path


@pytest.mark.slow
class TestByHand:
    def by_hand(self, suite: Path, submission: Path | None, *options: str) -> subprocess.CompletedProcess[str]:
        environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
        arguments = [str(suite), *([] if submission is None else ["--submission", str(submission)]), *options]
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
            cwd=suite.parent, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def table(self, done: subprocess.CompletedProcess[str]) -> dict[str, str]:
        lines = done.stdout.split("verdicts", 1)[1].splitlines()[1:]
        rows = [line.split(None, 2) for line in lines if line and not line.startswith("=")]
        return {row[0]: " ".join(row[1:]) for row in rows if "/" in row[1]}

    @pytest.mark.thorough  # tests/test_by_hand.py does it with a real suite
    def test_the_same_verdicts(self, suite: Path, handed_in: Path) -> None:
        names = ("TestRight", "TestPartly", "TestWrong", "TestBlank", "TestCrashed", "TestChanges")
        done = self.by_hand(suite, handed_in, "-k", f"({' or '.join(names)}) and not TestBlankValue")
        assert done.returncode == 1, done.stdout
        table = self.table(done)
        assert table.pop("total") == "5/15"
        for name, line in table.items():
            state, got, worth = EXPECTED[name]
            assert line == f"{got}/{worth} {state.value}"
        assert len(table) == 6
        assert "grader/judge" not in done.stdout  # no traceback through our own code

    def test_one_question(self, suite: Path, handed_in: Path, tmp_path: Path) -> None:
        done = self.by_hand(suite, handed_in, "-k", "TestRight", f"--junitxml={tmp_path / 'report.xml'}")
        assert done.returncode == 0, done.stdout
        assert self.table(done) == {"right": "2/2 right", "total": "2/2"}
        cases = ElementTree.parse(tmp_path / "report.xml").findall(".//testcase")
        assert [case.get("name") for case in cases] == ["test_double"]

    @pytest.mark.thorough
    def test_stop_at_the_first_failure(self, suite: Path, handed_in: Path, tmp_path: Path) -> None:
        done = self.by_hand(suite, handed_in, "-x", f"--junitxml={tmp_path / 'report.xml'}")
        assert list(self.table(done)) == ["right", "partly", "total"]
        failures = ElementTree.parse(tmp_path / "report.xml").findall(".//failure")
        assert len(failures) == 1
        assert "for a negative number" in "".join(failures[0].itertext())

    def test_without_a_submission_it_says_what_to_give(self, suite: Path) -> None:
        done = self.by_hand(suite, None, "-k", "TestRight")
        assert done.returncode != 0
        assert "--submission NOTEBOOK" in done.stdout + done.stderr

    def test_a_file_that_is_no_notebook(self, suite: Path, tmp_path: Path) -> None:
        path = tmp_path / "x.ipynb"
        path.write_text("not JSON")
        done = self.by_hand(suite, path, "-k", "TestRight")
        assert done.returncode != 0
        assert "could not be read as a notebook" in done.stdout + done.stderr


@pytest.mark.slow
def test_what_is_defined_once_stays_as_long_as_the_kernel() -> None:
    """Also a name of the same source shares its module; what is defined without `once` is new each time."""
    source = "seen = []\ndef count():\n    seen.append(1)\n    return len(seen)\ndef total():\n    return len(seen)\n"
    with JailedNotebook(notebook_of(right=ANSWERS["right"], deadly=ANSWERS["deadly"]), Jail(restarts=5)) as opened:
        opened.run()
        student = Student(opened, b"seed")
        student.begin("right", "test")
        count = [student.call(student.define(source, "count", once=True)) for _ in range(3)]
        assert count == [1, 2, 3]
        assert student.call(student.define(source, "total", once=True)) == 3
        assert [student.call(student.define(source, "count")) for _ in range(2)] == [1, 1]
        student.begin("deadly", "test")
        with pytest.raises(StudentError):
            student.call("deadly")
        student.begin("right", "another test")
        assert student.call(student.define(source, "count", once=True)) == 1


@pytest.mark.slow
def test_random_probes_repeat_and_differ() -> None:
    """The numbers a part is probed with, seen in its evidence, by seed."""

    def calls(opened: JailedNotebook, seed: bytes) -> list[str]:
        student = Student(opened, seed)
        student.begin("right", "test_double")
        x = probe_generator(student).normal(size=3)
        student.check("double", x, expected=2 * x)
        return [one.call for one in student.evidence]

    with JailedNotebook(notebook_of(right=ANSWERS["right"]), Jail()) as opened:
        opened.run()
        assert calls(opened, b"one") == calls(opened, b"one") != calls(opened, b"two")
