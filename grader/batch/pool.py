"""Workers: processes forked from a run, each of which takes one submission after another, so that all cores have work.

A worker walks the whole way of a submission, nbgrader's part included, so nothing but the gradebook's own lock is
common to all. One that is killed (by the system, short of memory, say) costs nothing: its submission is begun again.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from traitlets import Integer, Unicode
from traitlets.config import Configurable

from grader.jail import close_idle
from grader.jail.inside.walls import die_with_parent

_TRIES = 3
"""How often an item is given out when the process of its worker ends each time."""
_PATIENCE = 30.0
"""Seconds that workers have to leave everything in order when a run is stopped."""

_LAST_STEPS = 1.0
"""And those that a process has which ends by itself, once it has closed its pipe."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batch(Configurable):
    """Settings of a run over a whole class, as `c.Batch.<name>` in nbgrader_config.py."""

    jobs = Integer(
        0, min=0, help="How many submissions are handled at once; 0 is one per processor core, here or in the cluster"
    ).tag(config=True)

    scheduler = Unicode(
        help="Address of a Dask scheduler, such as tcp://10.0.0.5:8786, whose workers run and judge the notebooks "
        "(docs/cluster.md). Empty: this machine does"
    ).tag(config=True)

    def workers(self, items: int, slots: int = 0) -> int:
        """How many processes a run over so many submissions is given; 1 is this process itself.

        `slots` is how many notebooks a cluster grades at once: each process waits for one of them.

        A process with several threads (a Jupyter server, say) is not forked: a lock that one of them holds at that
        moment would stay locked for ever in the copy.
        """
        if not hasattr(os, "fork") or sys.platform == "darwin" or threading.active_count() > 1:
            return 1
        return max(1, min(self.jobs or max(cores(), slots), items))


def cores() -> int:
    """How many processor cores this process may use, by its affinity and by its container's share."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        # As containers limit it: microseconds of processor time in each period, or "max".
        with open("/sys/fs/cgroup/cpu.max", encoding="ascii") as stream:
            quota, period = stream.read().split()
        found = min(found, max(1, round(int(quota) / int(period))))
    return found


class _ToRun(QueueHandler):
    """Hands what a worker logs to the run, whose own handlers show it."""

    def __init__(self, pipe: Any) -> None:
        super().__init__(pipe)
        self._pipe = pipe

    def enqueue(self, record: logging.LogRecord) -> None:
        self._pipe.send(("log", record))


class _Worker(Generic[Item]):
    """One process, as the run sees it; on one processor core, where that is given."""

    def __init__(self, work: Callable[[Item], Any], loggers: Sequence[logging.Logger], core: int | None) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, theirs = context.Pipe()
        self.core = core
        self.item: Item | None = None
        args = theirs, self.pipe, os.getpid(), core, work, loggers
        self.process = context.Process(target=_serve, args=args, daemon=True)
        self.process.start()
        theirs.close()


def _serve(
    pipe: Connection,
    other: Connection,
    run: int,
    core: int | None,
    work: Callable[[Item], Any],
    loggers: Sequence[logging.Logger],
) -> None:
    """What a worker does until there is nothing left, or the run ends."""
    other.close()
    # Ctrl-C in a terminal reaches every process of the run: the run itself decides what becomes of its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.platform == "linux":
        die_with_parent()
    if os.getppid() != run:
        return
    if core is not None:
        with suppress(OSError):  # it was taken away from us meanwhile
            os.sched_setaffinity(0, {core})
    # What the run had made before it forked is no garbage: to look through it again and again costs time and copies it.
    gc.freeze()
    handler = _ToRun(pipe)
    for logger in loggers:
        logger.handlers, logger.propagate = [handler], False
    with suppress(EOFError, KeyboardInterrupt, BrokenPipeError):
        try:
            while (item := pipe.recv()) is not None:
                try:
                    found = "result", work(item)
                except Exception:
                    found = "error", traceback.format_exc()
                pipe.send(found)
        finally:
            close_idle()


class Workers(Generic[Item, Result]):
    """Some processes that all do the same work, on different items."""

    def __init__(self, work: Callable[[Item], Result], number: int, log: logging.Logger) -> None:
        self._work = work
        self._number = number
        self._log = log
        self._loggers = [log, logging.getLogger("grader")]
        self._workers: list[_Worker[Item]] = []
        # A worker and its kernel take turns, hundreds of times a notebook. Where there is a worker for each core, each
        # keeps to its own with all it starts: to wake the other side there costs less, and nobody else's work waits.
        ours = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
        self._cores = ours if len(ours) == number else set()

    def each(self, items: Sequence[Item]) -> Generator[tuple[Item, Result | None], None, None]:
        """Every item with what came of it, as they are done.

        None for one whose worker's process ended again and again, or for which the work raised an exception.
        """
        waiting, tries = deque(items), dict.fromkeys(items, 0)
        left = len(tries)
        try:
            while left:
                self._give_out(waiting)
                for worker in self._ready():
                    item = worker.item
                    assert item is not None
                    try:
                        kind, value = worker.pipe.recv()
                    except (EOFError, ConnectionError):
                        self._forget(worker)
                        tries[item] += 1
                        self._log.warning("The process that was at work on %s has ended.", item)
                        if tries[item] < _TRIES:
                            waiting.appendleft(item)
                            continue
                        kind, value = "result", None
                    if kind == "log":
                        self._say(value)
                        continue
                    if kind == "error":
                        # It would fail again, and must not be the only one who knows why.
                        self._log.error("%s: %s", item, value)
                        value = None
                    worker.item = None
                    left -= 1
                    yield item, value
        finally:
            self.stop()

    def _give_out(self, waiting: deque[Item]) -> None:
        """Give every worker something to do, and start those that are missing."""
        while waiting:
            worker = next((worker for worker in self._workers if worker.item is None), None)
            if worker is None:
                if len(self._workers) >= self._number:
                    return
                free = sorted(self._cores - {other.core for other in self._workers})
                worker = _Worker(self._work, self._loggers, free[0] if free else None)
                self._workers.append(worker)
            worker.item = waiting.popleft()
            # One that has just died is noticed when its answer is awaited.
            with suppress(BrokenPipeError, ConnectionError):
                worker.pipe.send(worker.item)

    def _ready(self) -> list[_Worker[Item]]:
        busy = {worker.pipe: worker for worker in self._workers if worker.item is not None}
        return [busy[pipe] for pipe in wait(list(busy)) if isinstance(pipe, Connection)]

    def _forget(self, worker: _Worker[Item]) -> None:
        """Have done with a worker that says no more: its item is given out again, so it may be at it no longer."""
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join(_LAST_STEPS)
        worker.process.kill()
        worker.process.join()

    def _say(self, record: logging.LogRecord) -> None:
        logger = self._log if record.name == self._log.name else logging.getLogger(record.name)
        logger.handle(record)

    def stop(self) -> None:
        """End all workers: those at work leave their submission as work to be done again."""
        for worker in self._workers:
            if worker.item is not None:
                worker.process.terminate()
                continue
            # Closing the pipe would tell it nothing: later workers have copies of our end.
            with suppress(BrokenPipeError, ConnectionError):
                worker.pipe.send(None)
        end = time.monotonic() + _PATIENCE
        busy = {worker.pipe for worker in self._workers if worker.item is not None}
        # What they still say must be read, or they would wait for it.
        while busy and (ready := wait(list(busy), max(0.0, end - time.monotonic()))):
            for pipe in ready:
                assert isinstance(pipe, Connection)
                try:
                    kind, value = pipe.recv()
                except (EOFError, ConnectionError):
                    busy.discard(pipe)
                    continue
                if kind == "log":
                    self._say(value)
        for worker in self._workers:
            worker.process.join(max(0.0, end - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.pipe.close()
        self._workers = []
