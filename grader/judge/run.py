"""Run a hidden suite against a submission, in this trusted process, and return its verdicts."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import nbformat
import pytest
from threadpoolctl import threadpool_limits
from traitlets import Bool, Unicode
from traitlets.config import Configurable

from grader.judge import plugin
from grader.judge.plugin import COLLECTOR, STUDENT, VerdictCollector, forget, points_of, question_of, title_of
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


class _Suite:
    """A suite that pytest has collected: its tests are run for one student after another."""

    def __init__(self, path: Path) -> None:
        """Have pytest collect it, with nothing of the surroundings' settings; JudgeError where that fails."""
        self.errors: list[str] = []
        self.session: pytest.Session | None = None
        self.interrupted: BaseException | None = None
        arguments = [
            str(path), "-p", "no:terminal", "-p", "no:cacheprovider", "--assert", "plain",
            "-c", os.devnull, "--rootdir", str(path.parent), "--noconftest", "--import-mode", "importlib",
        ]  # fmt: skip
        # Of no use here and not free: the first one collects garbage twice a run. What is printed is not captured.
        for name in (
            "unraisableexception", "threadexception", "faulthandler", "logging", "junitxml", "pastebin", "doctest",
            "capture", "debugging", "legacypath", "setuponly", "setupplan", "stepwise", "unittest",
        ):  # fmt: skip
            arguments += ["-p", f"no:{name}"]
        # One that has changed since, or was interrupted half way, would be taken as it was.
        for name, module in list(sys.modules.items()):
            if getattr(module, "__file__", None) == str(path):
                del sys.modules[name]
        with _clean_environment():
            status = pytest.main(arguments, plugins=[plugin, self])
        if isinstance(self.interrupted, KeyboardInterrupt):
            # pytest ends for it in good order, as if it had been told to: the run itself is meant, and no suite failed.
            raise self.interrupted
        if self.errors or self.session is None or status != pytest.ExitCode.OK:
            problem = "\n".join(self.errors) or f"pytest ended with status {status}"
            raise JudgeError(f"the hidden suite {path.name} could not be run: {problem}")
        self.items: Sequence[pytest.Item] = tuple(self.session.items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.tbstyle = "native"

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.interrupted = excinfo.value

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for marker in ("question", "points"):
                if item.get_closest_marker(marker) is None:
                    self.errors.append(f"{item.nodeid} needs @{marker}(...)")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(str(report.longrepr))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Nobody is judged yet: the tests wait for students."""
        # From here on nobody reads pytest's own account of a failure, which took half of the judging time.
        session.config.option.tbstyle = "value"
        self.session = session
        return True

    def judge(self, student: Student, questions: Collection[str] | None, *, first_failure: bool) -> VerdictCollector:
        """Run the tests, or those of some questions, as pytest's own loop does."""
        session, collector = self.session, VerdictCollector()
        assert session is not None
        session.items = [item for item in self.items if questions is None or question_of(item) in questions]
        session.config.stash[STUDENT], session.config.stash[COLLECTOR] = student, collector
        with _clean_environment():
            for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                forget(item)
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                # pytest's own --maxfail ends a session for good, and the next student's with it.
                if first_failure and any(map(collector.not_right, collector.parts)):
                    session._setupstate.teardown_exact(None)
                    break
        del session.config.stash[STUDENT]
        return collector


@lru_cache(maxsize=16)
def _collected(path: Path, _changed: int) -> _Suite:
    """A suite, collected once a process."""
    return _Suite(path)


def _suite(path: Path) -> _Suite:
    return _collected(path.resolve(), path.stat().st_mtime_ns)


def rubric(suite: Path) -> dict[str, list[tuple[float, str]]]:
    """A suite's questions with the points and the title of each of their parts, in order; nobody is judged."""
    parts: dict[str, list[tuple[float, str]]] = {}
    for item in _suite(suite).items:
        parts.setdefault(question_of(item), []).append((points_of(item), title_of(item)))
    return parts


def run_suite(
    suite: Path, student: Student, questions: Collection[str] | None = None, *, first_failure: bool = False
) -> tuple[Verdict, ...]:
    """Judge a student with one suite file; raises JudgeError when the suite cannot be run at all.

    `questions` narrows it to some of the suite's questions; follow-through then knows nothing of the others. With
    `first_failure` nothing is judged after the first part that is not right.
    """
    collected = _suite(suite)
    try:
        # One thread: these matrices are small, and a second one waits for work on a core that another job needs.
        with threadpool_limits(limits=1):
            verdicts = collected.judge(student, questions, first_failure=first_failure).verdicts()
    except BaseException as error:
        # Wherever it was interrupted, what pytest had set up is still there: the next student gets a new one.
        _collected.cache_clear()
        if not isinstance(error, Exception):
            raise
        raise JudgeError(f"the hidden suite {suite.name} could not be run: {type(error).__name__}: {error}") from error
    if not verdicts:
        raise JudgeError(f"the hidden suite {suite.name} could not be run: it judged nothing")
    return verdicts
