"""`pytest grader/ps1/hidden --submission NOTEBOOK`: one notebook judged by hand, as `nbgrader autograde` judges it.

A pytest plugin around the judge's own. The notebook is read and repaired as the autograder does, and runs with the
settings in nbgrader_config.py, so that it meets the same probes and limits. Where `-k` leaves a question out on which
a chosen one builds, that one is judged too, without a word: follow-through has to know of it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course, CourseError, suite_name, use_own_problem_sets
from grader.judge.plugin import COLLECTOR, STUDENT
from grader.judge.student import Student

_NOTES = pytest.StashKey[list[str]]()
_SILENT = pytest.StashKey[set[pytest.Item]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option."""
    group = parser.getgroup("pset", "judging a submission with a hidden suite")
    group.addoption("--submission", type=Path, default=None, metavar="NOTEBOOK", help="judge this notebook")


def pytest_configure(config: pytest.Config) -> None:
    """Find the reference solutions of a course's own suites, which import them."""
    if config.getoption("--submission") is not None:
        use_own_problem_sets(Path.cwd())


def _asked(item: pytest.Item) -> str:
    """The question a test belongs to; '' for a test of no hidden suite."""
    marker = item.get_closest_marker("question")
    return str(marker.args[0]) if marker is not None else ""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, None, None]:
    """Keep the suite of the notebook, and bring back what `-k` left out upstream of what it chose."""
    path = config.getoption("--submission")
    if path is not None:
        _keep_its_suite(config, items, path)
    everything = list(items)
    yield
    config.stash[_SILENT] = set()
    if path is None or config.option.collectonly or len(items) == len(everything):
        return
    wanted = {name for item in items for name in _builds_on(item, everything)}
    chosen = set(items)
    config.stash[_SILENT] = {item for item in everything if item not in chosen and _asked(item) in wanted}
    if config.stash[_SILENT]:
        items[:] = [item for item in everything if item in chosen or item in config.stash[_SILENT]]


def _keep_its_suite(config: pytest.Config, items: list[pytest.Item], path: Path) -> None:
    """Of a folder of suites, the one that judges this notebook."""
    # A suite given by itself is meant, whatever the notebook's file is called.
    judging = {item.path for item in items if _asked(item)}
    if len(judging) > 1:
        judging = {suite for suite in judging if suite.name == suite_name(path.stem)}
        if not judging:
            raise pytest.UsageError(f"none of the suites judges a notebook called {path.stem}; give one suite's file")
    dropped = [item for item in items if _asked(item) and item.path not in judging]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]


def _builds_on(item: pytest.Item, everything: list[pytest.Item]) -> set[str]:
    """The questions on which a test's question builds, and those on which these build in turn."""
    upstream: dict[str, set[str]] = {}
    for one in everything:
        marker = one.get_closest_marker("question")
        if marker is not None:
            upstream[_asked(one)] = set(marker.kwargs.get("upstream", ()))
    found: set[str] = set()
    new = upstream.get(_asked(item), set())
    while new:
        found |= new
        new = {name for one in new for name in upstream.get(one, ())} - found
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, Any, Any]:
    """Open the submission for as long as its tests run."""
    path = session.config.getoption("--submission")
    suites = {item.path for item in session.items if _asked(item)}
    if path is None or not suites or session.config.option.collectonly or session.testsfailed:
        return (yield)
    with _opened(path, suites.pop(), session.config) as student:
        session.config.stash[STUDENT] = student
        return (yield)


@contextmanager
def _opened(path: Path, suite: Path, config: pytest.Config) -> Generator[Student, None, None]:
    """Read, repair and run a notebook file in a jail, as the autograder would; the suite tells the assignment."""
    from grader.autograde.repair import read_notebook, repair, specs_of
    from grader.batch import left_out
    from grader.jail import Jail, JailedNotebook, JailError
    from grader.judge.run import Judge

    reading = read_notebook(path)
    if reading.unreadable:
        raise pytest.UsageError(f"{path} cannot be judged. {reading.notes[0]}")
    notebook, notes = reading.notebook, list(reading.notes)
    settings, source, root = None, path.resolve().parent, Path.cwd()
    leave_out: tuple[int, ...] = ()
    try:
        course = Course.find(Path.cwd())
        assignment = suite.parent.parent.name.replace("_", "-")
        source, root, settings = course.source(assignment), course.root, _settings(course.root)
        released = course.release(assignment)
        names = [one.name for one in course.notebooks(assignment) if suite_name(one.stem) == suite.name]
        if names and (released / names[0]).is_file():
            notes += repair(notebook, specs_of(released / names[0]))
            leave_out = left_out(notebook, source / names[0], path.resolve().parent)
        else:
            notes.append(f"{released} has not this notebook's release, so nothing was repaired as autograde would.")
    except CourseError as error:
        notes.append(f"Nothing was repaired, and settings and probes are not those of your course. {error}")
    config.stash[_NOTES] = notes
    try:
        files = (path.resolve().parent, source)
        jail = Jail(config=settings)
        with JailedNotebook(notebook, jail, files=files, private=(root,), leave_out=leave_out) as jailed:
            jailed.run()
            yield Student(jailed, Judge(config=settings).seed(root, notebook))
    except JailError as error:
        raise pytest.UsageError(str(error)) from error


def _settings(root: Path) -> Any:
    from grader.cli.common import configuration

    try:
        return configuration(root)
    except Exception as error:  # the file is the instructor's, and may fail in any way
        raise pytest.UsageError(f"{root / 'nbgrader_config.py'} fails: {type(error).__name__}: {error}") from error


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Judge what was brought back without reporting it."""
    if item not in item.config.stash.get(_SILENT, set()):
        return None
    from _pytest.runner import runtestprotocol

    runtestprotocol(item, log=False, nextitem=nextitem)
    return True


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Hand marks and message on to `--junitxml`, which writes them with the test's last report."""
    report = yield
    name = _asked(item)
    parts = item.config.stash[COLLECTOR].parts.get(name, []) if name else []
    if parts and parts[-1].test == item.name and not item.user_properties:
        part = parts[-1]
        item.user_properties += [
            ("question", name),
            ("state", part.state.value),
            ("points", f"{part.points:g}"),
            ("max_points", f"{part.max_points:g}"),
            ("message", part.message),
        ]
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table of verdicts, and what was repaired."""
    silent = config.stash.get(_SILENT, set())
    left_out = {_asked(item) for item in silent}
    verdicts = [verdict for verdict in config.stash[COLLECTOR].verdicts() if verdict.question not in left_out]
    if not verdicts:
        return
    terminalreporter.section("verdicts")
    for verdict in verdicts:
        terminalreporter.write_line(
            f"{verdict.question:28} {verdict.points:g}/{verdict.max_points:g}  {verdict.state.value}"
        )
    total = sum(verdict.points for verdict in verdicts)
    terminalreporter.write_line(f"{'total':28} {total:g}/{sum(v.max_points for v in verdicts):g}")
    if left_out:
        terminalreporter.write_line(f"judged as well, to know what these build on: {', '.join(sorted(left_out))}")
    for note in config.stash.get(_NOTES, []):
        terminalreporter.write_line(f"note: {note}")
