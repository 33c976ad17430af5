"""Adds up what student code uses while it runs: memory, processor time, processes, disk.

The kernel limits one process at a time (rlimits, and not those of root); a notebook is a tree of them. So the parent
process, outside of what students can reach, looks several times a second. Runs inside the jail and imports the
standard library only.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from typing import NamedTuple

INTERVAL = 0.1
"""Seconds between two looks."""
_NEAR = 0.25
"""From this share of the limit on memory on it is looked four times as often, and exactly after each cell."""
_DISK_EVERY = 1.0
_ASKED = 16
_TICKS = float(os.sysconf("SC_CLK_TCK"))
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    """One line of /proc."""

    pid: int
    parent: int
    own_cpu: float
    waited_cpu: float
    threads: int
    resident: int


def _read(pid: str) -> Process | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The program's name, in brackets, may hold anything.
            words = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    own, waited = int(words[11]) + int(words[12]), int(words[13]) + int(words[14])
    return Process(int(pid), int(words[1]), own / _TICKS, waited / _TICKS, int(words[17]), int(words[21]) * _PAGE)


def below(root: int) -> list[Process]:
    """All processes that descend from one, without itself; each comes after its parent."""
    known = {process.pid: process for name in os.listdir("/proc") if name.isdigit() and (process := _read(name))}
    children: dict[int, list[Process]] = {}
    for process in known.values():
        if process.parent not in known and process.parent:
            # Its parent has ended since; by now it has another one, without whom it would be nobody's.
            process = _read(str(process.pid)) or process
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [root]
    while waiting:
        for process in children.get(waiting.pop(), ()):
            found.append(process)
            waiting.append(process.pid)
    return found


def _share(process: Process) -> int:
    """A process's memory in bytes, with what it shares with others divided among them."""
    try:
        with open(f"/proc/{process.pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass  # it has ended, or has closed its entries: then all that it maps counts
    return process.resident


def shares(processes: list[Process], inherited: int, enough: float) -> list[float]:
    """About how much memory each process uses, in bytes; exactly, where they are few and all use more than `enough`.

    Each process begins with what it shares with the parent (`inherited`): that is not its own. To tell what else is
    shared takes milliseconds a process, so of many only the largest are asked, and of the others a random few.
    """
    first = [float(max(0, one.resident - inherited)) for one in processes]
    if sum(first) <= enough:
        return first
    ordered = sorted(range(len(processes)), key=lambda place: -processes[place].resident)
    largest, rest = ordered[:_ASKED], ordered[_ASKED:]
    asked = random.sample(rest, min(_ASKED, len(rest)))
    known = {place: min(first[place], _share(processes[place])) for place in [*largest, *asked]}
    mean = sum(known[place] for place in asked) / len(asked) if asked else 0.0
    return [known.get(place, mean) for place in range(len(processes))]


def _sizes(folder: str) -> Iterator[int]:
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                yield os.lstat(os.path.join(parent, name)).st_blocks * 512
            except OSError:
                continue  # gone meanwhile


class Watch:
    """One kernel and whatever it starts. `limits` has memory (bytes), processes (with threads), cell_cpu and cpu (s).

    `alone` says that /proc shows no other processes than these. Without /proc (macOS) nothing is seen, and no limit but
    time on the wall holds.
    """

    def __init__(self, limits: dict[str, float], *, alone: bool, folder: str = "", disk: float = 0) -> None:
        self.limits = limits
        self.alone = alone
        self.folder, self.disk = folder, disk
        self.over = ""
        """The limit that was passed, if one was."""
        self.processes = 0
        self.memory = 0.0
        """Bytes of memory of the kernel itself, as it was before the first cell and whatever that grew by."""
        self.held: dict[int, float] = {}
        """Bytes of memory of the processes that each cell started, and those started in turn, by the cell's number."""
        self.seconds = 0.0
        """Processor time of all processes, those that have ended included."""
        self.blind = not os.path.exists("/proc/self/stat")
        self._disk_due = self._took = 0.0
        self._cell: int | None = None
        self._origin: dict[int, int | None] = {}
        self._cell_start = 0.0
        self._deadline = 0.0
        own = None if self.blind else _read(str(os.getpid()))
        self._before = own.waited_cpu if own else 0.0
        self.inherited = own.resident if own else 0

    @property
    def interval(self) -> float:
        """Seconds until the next look: near the limit on memory a moment may be enough to pass it by far."""
        if self.memory + sum(self.held.values()) < _NEAR * self.limits["memory"]:
            return INTERVAL
        return min(INTERVAL, max(INTERVAL / 4, 10 * self._took))

    def new_cell(self, seconds: float, cell: int | None = None) -> None:
        """A cell, or call, begins, with a time of its own; on the wall it may take `seconds`, where that is not 0.

        What it starts is put down to the cell with the number `cell`, or, where there is none, to the one before.
        """
        if cell is not None:
            self._cell = cell
        self._cell_start = self.seconds
        self._deadline = time.monotonic() + seconds if seconds else 0.0

    def _weigh(self, processes: list[Process], enough: float) -> float:
        """Note who uses how much memory; returns the sum, in bytes."""
        started_at = time.monotonic()
        origin: dict[int, int | None] = {}
        self.memory, self.held = 0.0, {}
        for process, share in zip(processes, shares(processes, self.inherited, enough), strict=True):
            # What a process starts is put down to the cell that started that one; the kernel itself to none.
            started = origin.get(process.parent)
            cell = self._origin.get(process.pid, self._cell if started is None else started)
            origin[process.pid] = cell
            if cell is None:
                self.memory += share
            else:
                self.held[cell] = self.held.get(cell, 0.0) + share
        self._origin = origin
        self._took = time.monotonic() - started_at
        return self.memory + sum(self.held.values())

    def look(self, *, exactly: bool = False) -> str:
        """Look once; returns the name of the first limit that is passed, or nothing.

        `exactly` weighs memory as if each process came near the limit, from a quarter of it on.
        """
        if not self.over and self._deadline and time.monotonic() > self._deadline:
            self.over = "wall"
        if self.blind or self.over:
            return self.over
        # Counting is quick; reading what hundreds of processes use is not, while they keep all processors busy.
        if self.alone and (count := sum(map(str.isdigit, os.listdir("/proc")))) > self.limits["processes"]:
            self.over, self.processes = "processes", count
            return self.over
        processes = below(os.getpid())
        self.processes = len(processes)
        own = _read(str(os.getpid()))
        waited = own.waited_cpu - self._before if own else 0.0
        # What is counted twice while a process ends, or not at all, must not let the clock run backwards.
        self.seconds = max(self.seconds, waited + sum(one.own_cpu + one.waited_cpu for one in processes))
        memory = self._weigh(processes, self.limits["memory"] * (_NEAR if exactly else 1.0))
        if sum(one.threads for one in processes) > self.limits["processes"]:
            self.over = "processes"
        elif memory > self.limits["memory"]:
            self.over = "memory"
        elif self.seconds - self._cell_start > self.limits["cell_cpu"]:
            self.over = "cell_cpu"
        elif self.seconds > self.limits["cpu"]:
            self.over = "cpu"
        elif self.disk and time.monotonic() > self._disk_due:
            self._disk_due = time.monotonic() + _DISK_EVERY
            self.over = "disk" if sum(_sizes(self.folder)) > self.disk else ""
        return self.over


def threads_of_user() -> int:
    """The threads of all processes of this user, anywhere on the machine."""
    total = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            own = os.stat(f"/proc/{name}").st_uid == os.getuid()
        except OSError:
            continue
        process = _read(name) if own else None
        total += process.threads if process is not None else 0
    return total


def kill_all(timeout: float = 10.0) -> int:
    """Kill everything below this process, and what that starts meanwhile; returns how many are left after `timeout`."""
    end = time.monotonic() + timeout
    if not os.path.exists("/proc/self/stat"):
        return 0
    while processes := below(os.getpid()):
        for process in processes:
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        reap()
        if time.monotonic() > end:
            return len(processes)
        time.sleep(0.002)
    return 0


def reap(wanted: int = 0) -> int | None:
    """Collect the children that have ended; returns the status of the one that is wanted, if it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == wanted:
            found = os.waitstatus_to_exitcode(status)
