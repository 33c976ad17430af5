"""Hidden suites as plain pytest: the `question` and `points` marks, the fixtures, and verdicts from test reports.

`grader.judge.run` uses it inside the autograder; `pytest grader/ps1/hidden --submission NOTEBOOK` uses it by hand
(`grader.cli.by_hand`). Either puts the student there first.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pytest

from grader.judge.compare import WrongAnswer
from grader.judge.diagnose import Call, Misconception, diagnose, named
from grader.judge.example import try_examples
from grader.judge.follow import Upstream, follow_through
from grader.judge.student import CallKilled, CallTimedOut, OverLimit, Student, StudentError, probe_generator
from grader.verdict import Diagnosis, Evidence, Part, Shown, State, Verdict, combine

STUDENT = pytest.StashKey[Student]()
COLLECTOR = pytest.StashKey["VerdictCollector"]()
GIVEN = pytest.StashKey[tuple[str, ...]]()
EARLIER = pytest.StashKey[bool]()


def question(grade_id: str, *, upstream: Upstream | None = None) -> Callable[[type], type]:
    """Class decorator: this class judges the question whose solution cell has this grade_id.

    `upstream` names earlier questions whose answers this one may build on, with their reference functions (which
    carry the same names as the student's), or helpers that the notebook supplies. A part that fails is judged once more
    with the references in their place: `grader.judge.follow` says when that earns its marks.
    """
    return pytest.mark.question(grade_id, upstream=upstream or {})


def points(value: float) -> pytest.MarkDecorator:
    """Decorator: what this test, or each of its parametrized items, is worth."""
    return pytest.mark.points(value)


class VerdictCollector:
    """Collects one Part per test and combines them into verdicts, in the order of the suite."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Part]] = {}
        self.calls: dict[str, list[Call]] = {}
        self.failed: dict[str, list[Call]] = {}
        self.named: dict[str, list[str]] = {}
        self.misconceptions: dict[str, Sequence[Misconception]] = {}
        self.mentioned: dict[str, Sequence[str]] = {}
        self.shown: dict[str, Shown | None] = {}
        self.deadly: set[str] = set()
        """Questions whose answers hang or end the kernel."""
        self.errors: list[str] = []

    def add(self, item: pytest.Item, error: BaseException | None, student: Student | None) -> None:
        """Record the outcome of one test."""
        state, message, ours = _outcome(error)
        worth, given = points_of(item), item.stash.get(GIVEN, ())
        if given and state is State.RIGHT:
            message = f"right, given {self.given(given)}"
        elif state is State.RIGHT and item.stash.get(EARLIER, False):
            message = "right, with the names as they stood here: a later cell gives one of them another meaning"
        part = Part(
            test=item.name,
            title=title_of(item),
            points=worth if state is State.RIGHT else 0.0,
            max_points=worth,
            state=state,
            message=message,
            given=given,
            seed=student.seed if student else 0,
            evidence=tuple(student.evidence) if student else (),
            grader_error=ours,
        )
        name = question_of(item)
        self.parts.setdefault(name, []).append(part)
        self.misconceptions[name] = getattr(getattr(item, "module", None), "MISCONCEPTIONS", ())
        if isinstance(error, (CallTimedOut, CallKilled, OverLimit)):
            self.deadly.add(name)
        if isinstance(error, WrongAnswer) and error.misconception:
            self.named.setdefault(name, []).append(error.misconception)
        if student is not None and not given:
            self.calls.setdefault(name, []).extend(student.calls)
            if state is not State.RIGHT:
                self.failed.setdefault(name, []).extend(student.calls[-1:])

    def given(self, names: Sequence[str]) -> str:
        """What a part was right on top of, in words: answers that are not right, or right ones in another form."""
        wrong = [f"`{name}`" for name in names if not self.right(name)]
        if wrong:
            return f"a correct {' and '.join(wrong)}"
        right = " and ".join(f"`{name}`" for name in names)
        return f"the usual form of {right}: NumPy arrays and numbers (yours is right, in a form that does not fit here)"

    def not_right(self, grade_id: str) -> bool:
        """True when the question has been judged and something in it is not right."""
        return any(part.state is not State.RIGHT for part in self.parts.get(grade_id, ()))

    def right(self, grade_id: str) -> bool:
        """True when the question has been judged and all of it is right."""
        return grade_id in self.parts and not self.not_right(grade_id)

    def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(
            combine(name, tuple(parts), self.diagnosis(name), self.example(name)) for name, parts in self.parts.items()
        )

    def example(self, name: str) -> Shown | None:
        """What a visible example of a question showed, with the earlier answers that may have a part in it.

        That all are right is worth telling only where they try the function that failed.
        """
        shown = self.shown.get(name)
        if shown is None:
            return None
        if shown.right:
            targets = {call.target for call in self.failed.get(name, ())}
            return shown if shown.call.partition("(")[0] in targets else None
        return shown.model_copy(update={"besides": tuple(one for one in self.mentioned[name] if self.not_right(one))})

    def diagnosis(self, name: str) -> Diagnosis | None:
        """The misconception behind a question's wrong answers: as the suite named it, or else the one that fits."""
        ideas, failed = self.misconceptions[name], self.failed.get(name, [])
        found = named(name, self.named.get(name, []), ideas)
        return found or (diagnose(name, self.calls[name], failed, ideas) if failed else None)


def forget(item: pytest.Item) -> None:
    """Remove from a test what is noted about the student that it judged before."""
    if GIVEN in item.stash:
        del item.stash[GIVEN]
    if EARLIER in item.stash:
        del item.stash[EARLIER]


def _outcome(error: BaseException | None) -> tuple[State, str, str]:
    """State, message for the student, and our own traceback when the fault is ours."""
    if error is None:
        return State.RIGHT, "", ""
    if isinstance(error, WrongAnswer):
        return State.WRONG, str(error), ""
    if isinstance(error, StudentError):
        return error.state, str(error), ""
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return State.GRADER_FAILED, "The grader could not judge this part. Your instructor has been told.", trace


def _marker(item: pytest.Item) -> pytest.Mark:
    marker = item.get_closest_marker("question")
    if marker is None:
        raise pytest.UsageError(f"{item.nodeid}: the class of a hidden test needs @question('grade_id')")
    return marker


def question_of(item: pytest.Item) -> str:
    """The grade_id of the question that a test judges."""
    return str(_marker(item).args[0])


def points_of(item: pytest.Item) -> float:
    """What a test is worth."""
    marker = item.get_closest_marker("points")
    if marker is None:
        raise pytest.UsageError(f"{item.nodeid}: a hidden test needs @points(...)")
    return float(marker.args[0])


def title_of(item: pytest.Item) -> str:
    """The docstring's first line, with a parametrized item's id."""
    doc = (getattr(getattr(item, "obj", None), "__doc__", None) or item.name).strip().splitlines()[0]
    parameters = getattr(getattr(item, "callspec", None), "id", "")
    return f"{doc} [{parameters}]" if parameters else doc


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "question(grade_id): the question a hidden test class judges")
    config.addinivalue_line("markers", "points(value): what a hidden test is worth")
    config.stash.setdefault(COLLECTOR, VerdictCollector())


@pytest.fixture(scope="session")
def _submission(request: pytest.FixtureRequest) -> Student:
    """The student under judgement: whoever runs the suite has put it there."""
    given = request.config.stash.get(STUDENT, None)
    if given is None:
        raise pytest.UsageError("hidden suites judge a submission: give --submission NOTEBOOK")
    _try_examples(request.session, given)
    return given


def _try_examples(session: pytest.Session, student: Student) -> None:
    """Try the visible examples of every question, before any hidden probe; a suite's EXAMPLES has them by question.

    The second answer that ends the kernel ends this too: starting it again takes time, and counts elsewhere.
    """
    collector, ended = session.config.stash[COLLECTOR], 0
    for item in session.items:
        if item.get_closest_marker("question") is None or question_of(item) in collector.shown:
            continue
        name, examples = question_of(item), getattr(getattr(item, "module", None), "EXAMPLES", {})
        student.begin(name, "visible examples")
        collector.shown[name] = try_examples(student, examples.get(name, ()))
        collector.mentioned[name] = [
            one
            for one, functions in _marker(item).kwargs.get("upstream", {}).items()
            if any(re.search(rf"\b{function.__name__}\b", student.source) for function in functions)
        ]
        ended += student.gone
        student.forgive()
        if ended > 1:
            return


@pytest.fixture
def student(request: pytest.FixtureRequest, _submission: Student) -> Student:
    """The student's notebook, ready for the calls of this test."""
    _submission.begin(question_of(request.node), request.node.name)
    return _submission


@pytest.fixture
def rng(student: Student) -> np.random.Generator:
    """Random probes, seeded by the submission, the question and the test."""
    return probe_generator(student)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Judge one part of a student's answer, with follow-through."""
    student = pyfuncitem.funcargs.get("student")
    if pyfuncitem.get_closest_marker("question") is None or not isinstance(student, Student):
        return None
    collector = pyfuncitem.config.stash[COLLECTOR]
    # No reference may be in the jail before its question is judged.
    to_come = {question_of(item) for item in pyfuncitem.session.items} - set(collector.parts)
    declared: Upstream = _marker(pyfuncitem).kwargs["upstream"]
    upstream = {name: functions for name, functions in declared.items() if name not in to_come}
    judge = partial(
        follow_through,
        student,
        partial(_run, pyfuncitem, student),
        upstream,
        judged={name: collector.right(name) for name in upstream if name in collector.parts},
        deadly=any(name in collector.deadly for name in upstream),
    )
    try:
        pyfuncitem.stash[GIVEN] = judge()
    except (WrongAnswer, StudentError):
        if not _right_as_it_stood(pyfuncitem, student, judge):
            raise
    return True


def _right_as_it_stood(item: pytest.Item, student: Student, judge: Callable[[], tuple[str, ...]]) -> bool:
    """True when a part that fails is right with the names as they stood after the question's own cells."""
    evidence, calls = student.evidence, student.calls
    with student.as_it_stood() as changed, suppress(WrongAnswer, StudentError):
        if changed:
            item.stash[GIVEN] = judge()
            item.stash[EARLIER] = True
            again = Evidence(call="again, with the names as they stood after the question's own cells")
            student.evidence = [*evidence, again, *student.evidence]
            return True
    student.evidence, student.calls = evidence, calls
    return False


def _run(item: pytest.Function, student: Student) -> None:
    """The test as pytest calls it, with the same random probes each time."""
    if "rng" in item.funcargs:
        item.funcargs["rng"] = probe_generator(student)
    item.obj(**{name: item.funcargs[name] for name in item._fixtureinfo.argnames})


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, None]:
    outcome = yield
    if item.get_closest_marker("question") is None:
        return
    error = call.excinfo.value if call.excinfo else None
    if call.when == "call" or (call.when == "setup" and error is not None):
        item.config.stash[COLLECTOR].add(item, error, item.config.stash.get(STUDENT, None))
        report = outcome.get_result()
        if isinstance(error, (WrongAnswer, StudentError)):
            # By hand as in the autograder: what went wrong for the student, not our own traceback.
            report.longrepr = f"{item.name}: {_outcome(error)[0].value}: {error}"
