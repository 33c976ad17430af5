"""Run a hidden suite against a submission, in this trusted process, and return its verdicts."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Collection, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import pytest
from traitlets import Bool, Unicode
from traitlets.config import Configurable

from grader.judge.plugin import COLLECTOR, STUDENT, VerdictCollector, points_of, question_of, title_of
from grader.judge.student import Student
from grader.verdict import Verdict


class JudgeError(RuntimeError):
    """The suite itself could not be run: a fault of ours, never of the student."""


class Judge(Configurable):
    """Settings of the judge, as `c.Judge.<name>` in nbgrader_config.py."""

    secret = Unicode(
        help="The course secret that seeds the random probes. Empty: the file .pset-secret in the course folder, "
        "made at first use."
    ).tag(config=True)

    reveal = Bool(False, help="Show students the hidden probe at which a part failed: for after the deadline only").tag(
        config=True
    )

    def seed(self, course_root: Path, notebook: nbformat.NotebookNode) -> bytes:
        """The seed of a submission's code: the same at every re-grade, not to be foreseen without the secret."""
        key = self.secret.encode() or _course_secret(course_root)
        # As JSON: however cells are written, two notebooks that differ never give the same text.
        content = json.dumps([cell.source for cell in notebook.cells if cell.cell_type == "code"])
        return hashlib.sha256(key + b"\x00" + content.encode()).digest()


def _course_secret(course_root: Path) -> bytes:
    """The secret in the course folder; of two graders that start at once, one makes it for both."""
    path = course_root / ".pset-secret"
    if not path.exists():
        descriptor, name = tempfile.mkstemp(prefix=".pset-secret-", dir=course_root)
        try:
            with os.fdopen(descriptor, "w") as stream:
                stream.write(secrets.token_hex(32) + "\n")
            with suppress(FileExistsError):
                os.link(name, path)
        finally:
            os.unlink(name)
    return path.read_bytes().strip()


class _Given:
    """Hands a ready student to the plugin and keeps what it collects."""

    def __init__(self, student: Student, questions: Collection[str] | None) -> None:
        self.student = student
        self.questions = questions
        self.collector = VerdictCollector()

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[STUDENT] = self.student
        config.stash[COLLECTOR] = self.collector
        # pytest's own account of a failure, which nobody reads here, took half of the judging time.
        config.option.tbstyle = "native"

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for marker in ("question", "points"):
                if item.get_closest_marker(marker) is None:
                    self.collector.errors.append(f"{item.nodeid} needs @{marker}(...)")
        if self.questions is not None:
            items[:] = [item for item in items if _asks(item, self.questions)]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.collector.errors.append(str(report.longrepr))


def _asks(item: pytest.Item, questions: Collection[str]) -> bool:
    marker = item.get_closest_marker("question")
    return marker is not None and marker.args[0] in questions


@contextmanager
def _clean_environment() -> Generator[None, None, None]:
    """pytest as we mean it, whatever PYTEST_* variables the surroundings set (a test run of ours included)."""
    saved = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST_")}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("PYTEST_")]:
            del os.environ[name]
        os.environ.update(saved)


def _pytest(suite: Path, plugin: object, *more: str) -> int | pytest.ExitCode:
    """Run pytest on one suite file, with nothing of the surroundings' settings."""
    arguments = [
        str(suite), "-p", "grader.judge.plugin", "-p", "no:terminal", "-p", "no:cacheprovider", "-s",
        "-c", os.devnull, "--rootdir", str(suite.parent), "--noconftest", "--import-mode", "importlib", *more,
    ]  # fmt: skip
    # Of no use here and not free: the first one collects garbage twice a run, over half the time of a short one.
    for name in (
        "unraisableexception",
        "threadexception",
        "faulthandler",
        "logging",
        "junitxml",
        "pastebin",
        "doctest",
    ):
        arguments += ["-p", f"no:{name}"]
    with _clean_environment():
        return pytest.main(arguments, plugins=[plugin])


class _Reader:
    """Notes what a suite asks, without asking it."""

    def __init__(self) -> None:
        self.parts: dict[str, list[tuple[float, str]]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            self.parts.setdefault(question_of(item), []).append((points_of(item), title_of(item)))


def rubric(suite: Path) -> dict[str, list[tuple[float, str]]]:
    """A suite's questions with the points and the title of each of their parts, in order; nobody is judged."""
    reader = _Reader()
    status = _pytest(suite, reader, "--collect-only")
    if status != pytest.ExitCode.OK:
        raise JudgeError(f"the hidden suite {suite.name} could not be read: pytest ended with status {status}")
    return reader.parts


def run_suite(suite: Path, student: Student, questions: Collection[str] | None = None) -> tuple[Verdict, ...]:
    """Judge a student with one suite file; raises JudgeError when the suite cannot be run at all.

    `questions` narrows it to some of the suite's questions; follow-through then knows nothing of the others.
    """
    given = _Given(student, questions)
    status = _pytest(suite, given)
    verdicts = given.collector.verdicts()
    if given.collector.errors or not verdicts or status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        problem = "\n".join(given.collector.errors) or f"pytest ended with status {status}"
        raise JudgeError(f"the hidden suite {suite.name} could not be run: {problem}")
    return verdicts
