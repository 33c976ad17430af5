"""What one command costs: wall seconds, processor seconds and memory of it and of everything that it starts."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from grader.cli.common import search_path

_PR_SET_CHILD_SUBREAPER = 36
_GRACE = 10.0
# Reading the memory of many processes takes a while itself: at most this share of one core goes into it.
_SHARE_FOR_WATCHING = 0.02
_SHORTEST_PAUSE = 0.25
_TICK = 0.05
_PAUSE_OF_FINDING = 0.2


@dataclass(frozen=True)
class Cost:
    """One command's costs."""

    seconds: float
    cpu_seconds: float
    """User and system time of all its processes."""
    megabytes: float
    """The largest sum of the proportional set sizes (PSS) of all its processes at one moment."""
    kernel_megabytes: float
    """The largest unique set size (USS) of a process that ran a notebook: what one more of them takes."""
    status: int
    log: str


def adopt_orphans() -> None:
    """Have processes whose parents end handed to this one, so that it can count their time too."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(command: list[str], folder: Path) -> Cost:
    """Run a command to its end and watch it. This process must have no other children meanwhile."""
    log = folder / "bench.log"
    before, started = _cpu_of_children(), time.monotonic()
    with log.open("wb") as said:
        child = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PATH": search_path()}, stdin=subprocess.DEVNULL,
            stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        watch = _Watch(child.pid)
        try:
            status = child.wait()
        except BaseException:
            child.terminate()
            with suppress(subprocess.TimeoutExpired):
                child.wait(_GRACE)
            raise
        finally:
            seconds = time.monotonic() - started
            watch.end()
            _bury()
    return Cost(
        seconds, _cpu_of_children() - before + watch.uncounted_cpu, watch.most / 2**20,
        watch.most_of_a_kernel / 2**20, status, log.read_text(encoding="utf-8", errors="replace"),
    )  # fmt: skip


def nbgrader(folder: Path, *arguments: str) -> Cost:
    """Run one of nbgrader's commands in a course."""
    return run([sys.executable, "-m", "nbgrader", *arguments], folder)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _bury() -> None:
    """Wait for what the command left behind; what does not end by itself is ended."""
    deadline = time.monotonic() + _GRACE
    with suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                if time.monotonic() > deadline:
                    for left in psutil.Process().children(recursive=True):
                        with suppress(psutil.NoSuchProcess):
                            left.kill()
                time.sleep(0.01)


class _Watch(threading.Thread):
    """Looks at the memory of a process and of all below it, until it is told to end.

    Also at the processor time of those in process namespaces of their own: where such a namespace is ended as a whole,
    as a jail is, the system counts it for nobody.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.most = self.most_of_a_kernel = 0
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self._living: set[psutil.Process] = set()
        self._used: dict[psutil.Process, float] = {}
        self.start()

    @property
    def uncounted_cpu(self) -> float:
        """Processor seconds that no parent was told of, up to a few hundredths a process."""
        return sum(self._used.values())

    def end(self) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        due = find = 0.0
        while not self._over.wait(_TICK):
            if time.monotonic() > find:
                # A notebook may be over in a second, and the look at memory takes long.
                with suppress(psutil.NoSuchProcess):
                    self._find()
                find = time.monotonic() + _PAUSE_OF_FINDING
            for process in list(self._living):
                try:
                    times = process.cpu_times()
                    self._used[process] = times.user + times.system
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    self._living.discard(process)
            if time.monotonic() > due:
                started = time.thread_time()
                with suppress(psutil.NoSuchProcess):
                    self._look()
                pause = (time.thread_time() - started) / _SHARE_FOR_WATCHING
                due = time.monotonic() + max(_SHORTEST_PAUSE, pause)

    def _find(self) -> None:
        for process in self._process.children(recursive=True):
            if process not in self._used and process not in self._living and _in_namespace(process.pid):
                self._living.add(process)

    def _look(self) -> None:
        family = [self._process, *self._process.children(recursive=True)]
        total = 0
        lines: dict[int, list[str]] = {}
        for process in family:
            # It may have ended since it was listed, or be none of this user's.
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                lines[process.pid] = line = process.cmdline()
                try:
                    memory = process.memory_full_info()
                    share, own = memory.pss, memory.uss
                except psutil.AccessDenied:
                    share, own = process.memory_info().rss, 0
                total += share
                if _runs_a_notebook(line, lines.get(process.ppid())):
                    self.most_of_a_kernel = max(self.most_of_a_kernel, own)
        self.most = max(self.most, total)


def _in_namespace(pid: int) -> bool:
    """True for a process in a process namespace below ours: it has a number of its own there."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return any(line.startswith("NSpid:") and len(line.split()) > 2 for line in lines)


def _runs_a_notebook(line: list[str], parent: list[str] | None) -> bool:
    """True for Jupyter's own kernels, and for what a warm parent of ours forked: it still bears the parent's name."""
    forked = line == parent and any(argument.endswith("/parent.py") for argument in line)
    return forked or "ipykernel_launcher" in line
