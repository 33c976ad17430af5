"""Hidden suites as plain pytest: the `question` and `points` marks, the fixtures, and verdicts from test reports.

`pytest grader/ps1/hidden --submission NOTEBOOK` judges one notebook by hand; `grader.judge.run` uses the same
plugin inside the autograder, with a student it already has.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.course import suite_name
from grader.judge.compare import WrongAnswer
from grader.judge.diagnose import Call, Misconception, diagnose, named
from grader.judge.follow import follow_through
from grader.judge.student import Student, StudentError, probe_generator
from grader.verdict import Diagnosis, Part, State, Verdict, combine

Upstream = Mapping[str, Sequence[Callable[..., Any]]]

STUDENT = pytest.StashKey[Student]()
COLLECTOR = pytest.StashKey["VerdictCollector"]()
GIVEN = pytest.StashKey[tuple[str, ...]]()


def question(grade_id: str, *, upstream: Upstream | None = None) -> Callable[[type], type]:
    """Class decorator: this class judges the question whose solution cell has this grade_id.

    `upstream` names earlier questions whose answers this one may build on, with their reference functions (which
    carry the same names as the student's). Where the student's own upstream answer is wrong, a part that fails is
    judged once more with the reference in its place.
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
        self.errors: list[str] = []

    def add(self, item: pytest.Item, error: BaseException | None, student: Student | None) -> None:
        """Record the outcome of one test."""
        state, message, ours = _outcome(error)
        worth, given = _points(item), item.stash.get(GIVEN, ())
        if given and state is State.RIGHT:
            message = f"right, given a correct {' and '.join(f'`{name}`' for name in given)}"
        part = Part(
            test=item.name,
            title=_title(item),
            points=worth if state is State.RIGHT else 0.0,
            max_points=worth,
            state=state,
            message=message,
            given=given,
            seed=student.seed if student else 0,
            evidence=tuple(student.evidence) if student else (),
            grader_error=ours,
        )
        name = _question(item)
        self.parts.setdefault(name, []).append(part)
        self.misconceptions[name] = getattr(getattr(item, "module", None), "MISCONCEPTIONS", ())
        if isinstance(error, WrongAnswer) and error.misconception:
            self.named.setdefault(name, []).append(error.misconception)
        if student is not None and not given:
            self.calls.setdefault(name, []).extend(student.calls)
            if state is not State.RIGHT:
                self.failed.setdefault(name, []).extend(student.calls[-1:])

    def not_right(self, grade_id: str) -> bool:
        """True when the question has been judged and something in it is not right."""
        return any(part.state is not State.RIGHT for part in self.parts.get(grade_id, ()))

    def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(combine(name, tuple(parts), self.diagnosis(name)) for name, parts in self.parts.items())

    def diagnosis(self, name: str) -> Diagnosis | None:
        """The misconception behind a question's wrong answers: as the suite named it, or else the one that fits."""
        ideas, failed = self.misconceptions[name], self.failed.get(name, [])
        found = named(name, self.named.get(name, []), ideas)
        return found or (diagnose(name, self.calls[name], failed, ideas) if failed else None)


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


def _question(item: pytest.Item) -> str:
    marker = item.get_closest_marker("question")
    if marker is None:
        raise pytest.UsageError(f"{item.nodeid}: the class of a hidden test needs @question('grade_id')")
    return str(marker.args[0])


def _points(item: pytest.Item) -> float:
    marker = item.get_closest_marker("points")
    if marker is None:
        raise pytest.UsageError(f"{item.nodeid}: a hidden test needs @points(...)")
    return float(marker.args[0])


def _title(item: pytest.Item) -> str:
    """The docstring's first line, with a parametrized item's id."""
    doc = (getattr(getattr(item, "obj", None), "__doc__", None) or item.name).strip().splitlines()[0]
    parameters = getattr(getattr(item, "callspec", None), "id", "")
    return f"{doc} [{parameters}]" if parameters else doc


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("pset", "judging a submission with a hidden suite")
    group.addoption("--submission", type=Path, default=None, metavar="NOTEBOOK", help="judge this notebook")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "question(grade_id): the question a hidden test class judges")
    config.addinivalue_line("markers", "points(value): what a hidden test is worth")
    config.stash.setdefault(COLLECTOR, VerdictCollector())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --submission, keep the suite of that notebook: a folder of suites judges a whole assignment."""
    path = config.getoption("--submission", None)
    if path is None:
        return
    # A suite given by itself is meant, whatever the notebook's file is called.
    judging = {item.path for item in items if item.get_closest_marker("question")}
    if len(judging) > 1:
        judging = {suite for suite in judging if suite.name == suite_name(path.stem)}
        if not judging:
            raise pytest.UsageError(f"none of the suites judges a notebook called {path.stem}; give one suite's file")
    dropped = [item for item in items if item.get_closest_marker("question") and item.path not in judging]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]


@pytest.fixture(scope="session")
def _submission(request: pytest.FixtureRequest) -> Generator[Student, None, None]:
    """The student under judgement: given by the autograder, or opened from --submission."""
    given = request.config.stash.get(STUDENT, None)
    if given is not None:
        yield given
        return
    path = request.config.getoption("--submission")
    if path is None:
        raise pytest.UsageError("hidden suites judge a submission: give --submission NOTEBOOK")
    from grader.judge.run import open_submission

    suites = {item.path for item in request.session.items}
    with open_submission(path, suites) as student:
        request.config.stash[STUDENT] = student
        yield student


@pytest.fixture
def student(request: pytest.FixtureRequest, _submission: Student) -> Student:
    """The student's notebook, ready for the calls of this test."""
    _submission.begin(_question(request.node), request.node.name)
    return _submission


@pytest.fixture
def rng(student: Student) -> np.random.Generator:
    """Random probes, seeded by the submission, the question and the test."""
    return probe_generator(student)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Follow-through: a part that fails on top of a wrong upstream answer is judged again on top of a right one."""
    try:
        return (yield)
    except (WrongAnswer, StudentError):
        marker = pyfuncitem.get_closest_marker("question")
        student = pyfuncitem.funcargs.get("student")
        if marker is None or not isinstance(student, Student):
            raise
        collector = pyfuncitem.config.stash[COLLECTOR]
        wrong = {name: stand_in for name, stand_in in marker.kwargs["upstream"].items() if collector.not_right(name)}
        functions = [function for stand_ins in wrong.values() for function in stand_ins]
        first = len(student.calls)
        helped = functions and follow_through(student, functions, partial(_run_again, pyfuncitem, student, first))
        if not helped:
            raise
        pyfuncitem.stash[GIVEN] = tuple(wrong)
        return True


def _run_again(item: pytest.Function, student: Student, first: int) -> None:
    """The test once more, with the same probes.

    When it is wrong again, on top of right answers, the mistake is its own: the diagnosis is about these calls, not
    about the `first` ones.
    """
    if "rng" in item.funcargs:
        item.funcargs["rng"] = probe_generator(student)
    names = item._fixtureinfo.argnames
    try:
        item.obj(**{name: item.funcargs[name] for name in names})
    except (WrongAnswer, StudentError):
        if len(student.calls) > first:
            del student.calls[:first]
        raise


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


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    verdicts = config.stash[COLLECTOR].verdicts()
    if not verdicts:
        return
    terminalreporter.section("verdicts")
    for verdict in verdicts:
        terminalreporter.write_line(
            f"{verdict.question:28} {verdict.points:g}/{verdict.max_points:g}  {verdict.state.value}"
        )
    total = sum(verdict.points for verdict in verdicts)
    terminalreporter.write_line(f"{'total':28} {total:g}/{sum(v.max_points for v in verdicts):g}")
