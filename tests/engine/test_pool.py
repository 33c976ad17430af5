"""Workers: every item is done once, whatever ends the processes that do them."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from small_notebooks import notebook_of

from grader.batch import Batch, Workers, pool
from grader.jail import Jail, JailedNotebook, close_idle

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a run is only forked under Linux")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> logging.Logger:
    caplog.set_level(logging.INFO)
    return logging.getLogger("tests.pool")


def test_every_item_is_done_once_by_several_processes(log: logging.Logger) -> None:
    def work(item: int) -> tuple[int, int]:
        time.sleep(0.02)
        return item * item, os.getpid()

    found = dict(Workers(work, 3, log).each(range(20)))
    assert {item: result[0] for item, result in found.items() if result} == {item: item**2 for item in range(20)}
    pids = {result[1] for result in found.values() if result}
    assert len(pids) == 3
    assert os.getpid() not in pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_each_keeps_to_a_core_of_its_own_where_every_core_has_one(log: logging.Logger) -> None:
    """Also the one that comes for another that was killed; where there are cores to spare, each goes where it likes."""
    ours = os.sched_getaffinity(0)
    children = multiprocessing.get_context("fork")

    def work(item: int) -> tuple[int, frozenset[int]]:
        at_work = frozenset(os.sched_getaffinity(0))
        if item % 5 == 0 and killed.value < 2:
            killed.value += 1
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.02)
        return os.getpid(), at_work

    killed = children.Value("i", 0)
    found = {
        pid: cores for _, result in Workers(work, len(ours), log).each(range(20)) if result for pid, cores in [result]
    }
    assert killed.value == 2
    assert all(len(cores) == 1 for cores in found.values())
    assert frozenset.union(*found.values()) == ours
    killed.value = 2
    free = [result[1] for _, result in Workers(work, len(ours) + 1, log).each(range(20)) if result]
    assert set(free) == {frozenset(ours)}
    assert os.sched_getaffinity(0) == ours


def test_nothing_to_do() -> None:
    assert list(Workers(abs, 2, logging.getLogger()).each([])) == []


def test_a_worker_that_is_killed_costs_nothing(log: logging.Logger, tmp_path: Path) -> None:
    def work(item: int) -> int:
        once = tmp_path / str(item)
        if item % 3 == 0 and not once.exists():
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return -item

    assert sorted(Workers(work, 2, log).each(range(9))) == [(item, -item) for item in range(9)]


def test_an_item_that_kills_every_worker_is_given_up(log: logging.Logger, caplog: pytest.LogCaptureFixture) -> None:
    def work(item: str) -> str:
        if item == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        return item.upper()

    assert dict(Workers(work, 2, log).each(["a", "deadly", "b", "c"])) == {
        "a": "A", "b": "B", "c": "C", "deadly": None
    }  # fmt: skip
    assert caplog.text.count("at work on deadly has ended") == 3


def test_an_item_whose_work_raises_an_exception_costs_itself_and_says_why(
    log: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    def work(item: int) -> int:
        if item == 1:
            raise ZeroDivisionError("of no use")
        return os.getpid()

    found = dict(Workers(work, 1, log).each([0, 1, 2]))
    assert found[1] is None
    assert found[0] == found[2], "the worker goes on"
    assert caplog.text.count("ZeroDivisionError: of no use") == 1


def test_what_workers_log_is_shown_by_the_run(log: logging.Logger, caplog: pytest.LogCaptureFixture) -> None:
    def work(item: int) -> int:
        log.info("began %s", item)
        logging.getLogger("grader.jail").warning("in the jail of %s", item)
        log.debug("of no interest")
        return item

    assert len(list(Workers(work, 2, log).each(range(4)))) == 4
    said = [(record.name, record.getMessage()) for record in caplog.records]
    for item in range(4):
        assert said.index(("tests.pool", f"began {item}")) < said.index(("grader.jail", f"in the jail of {item}"))
    assert len(said) == 8


def test_a_stopped_run_ends_its_workers_and_lets_them_tidy_up(log: logging.Logger, tmp_path: Path) -> None:
    def work(item: int) -> int:
        try:
            (tmp_path / f"{item}.begun").write_text(str(os.getpid()))
            if item:
                time.sleep(60)
        except KeyboardInterrupt:
            log.info("%s", "x" * 300_000)  # more than a pipe holds
            (tmp_path / f"{item}.tidied").touch()
            raise
        return item

    workers = Workers(work, 3, log)
    for item, _ in workers.each([0, 1, 2]):
        assert item == 0
        while len([path for path in tmp_path.glob("*.begun") if path.read_text()]) < 3:
            time.sleep(0.01)
        break
    workers.stop()
    assert sorted(path.name for path in tmp_path.glob("*.tidied")) == ["1.tidied", "2.tidied"]
    assert not any(psutil.pid_exists(int(path.read_text())) for path in tmp_path.glob("*.begun"))


def test_workers_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    program = """
import logging, os, sys, time
from pathlib import Path
from grader.batch import Workers
def work(item):
    (Path(sys.argv[1]) / item).write_text(str(os.getpid()))
    time.sleep(60)
list(Workers(work, 2, logging.getLogger()).each(["a", "b"]))
"""
    run = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    while len([path for path in tmp_path.iterdir() if path.read_text()]) < 2:
        assert run.poll() is None
        time.sleep(0.01)
    pids = [int(path.read_text()) for path in tmp_path.iterdir()]
    run.kill()
    run.wait()
    for pid in pids:
        try:
            psutil.Process(pid).wait(10)
        except psutil.NoSuchProcess:
            continue


@pytest.mark.slow
def test_workers_leave_the_jails_of_their_run_alone(log: logging.Logger) -> None:
    def kernels() -> list[int]:
        with JailedNotebook(notebook_of("import os\nx = os.getpid()"), Jail()) as opened:
            assert [cell.status for cell in opened.run().cells] == ["ok"]
            assert opened._parent is not None
            return [opened._parent.process.pid]

    ours = kernels()
    assert len(list(Workers(lambda item: item, 2, log).each([1, 2, 3]))) == 3
    assert kernels() == ours
    found = dict(Workers(lambda item: kernels(), 2, log).each([1, 2]))
    assert ours not in found.values()
    assert kernels() == ours
    close_idle()


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that are spread over processes have threads beside them."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.mark.usefixtures("one_thread")
class TestJobs:
    def test_one_per_core_at_most_one_per_submission(self) -> None:
        batch = Batch()
        assert batch.workers(1000) == pool.cores()
        assert batch.workers(1) == batch.workers(0) == 1
        batch.jobs = 7
        assert batch.workers(1000) == 7
        assert batch.workers(3) == 3

    def test_cores_are_those_that_the_process_may_use(self) -> None:
        before = os.sched_getaffinity(0)
        try:
            os.sched_setaffinity(0, {min(before)})
            assert pool.cores() == 1
        finally:
            os.sched_setaffinity(0, before)

    def test_a_process_with_threads_is_not_forked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        batch = Batch()
        batch.jobs = 4
        assert batch.workers(10) == 4
        monkeypatch.undo()
        end = threading.Event()
        thread = threading.Thread(target=end.wait)
        thread.start()
        try:
            assert batch.workers(10) == 1
        finally:
            end.set()
            thread.join()
