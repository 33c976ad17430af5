"""Warm parents, seen from outside: processes behind the walls that fork a ready kernel within milliseconds.

`borrow` gives one that is idle, or starts one; `give_back` keeps it for the next notebook. A parent serves one
notebook at a time, so two notebooks never run behind the same walls at once.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Set
from pathlib import Path
from typing import IO, Any

from grader.jail.confine import Confinement, Jail

_LOG = logging.getLogger("grader.jail")
_LOG_FILE = "parent.log"
# What a parent does between two requests takes milliseconds; a machine may be busy with other things.
_PATIENCE = 30.0
# The kernel counts no processes of root's: there the parent must come to its turn among as many as a bomb may fork.
_FIRST = ["nice", "-n", "-15"] if os.geteuid() == 0 and shutil.which("nice") else []
_KERNELS_EACH = 200
"""After that many a parent is replaced, so that nothing it may have gathered grows for ever."""
_GROWTH = 200 * 2**20
"""And when it has grown by so many bytes: each of its kernels starts with them."""


def last_words(log: Path) -> str:
    """The end of a log, however large it became; nothing where there is none."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - 2000))
            return stream.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""


class ParentGone(RuntimeError):
    """The parent died, or does not answer: its kernel is gone as well."""


class Kernel:
    """A kernel that a parent forked, with the interface of a process as Jupyter wants it."""

    stdin = stdout = stderr = None

    def __init__(self, parent: WarmParent, pid: int) -> None:
        self.parent = parent
        self.pid = pid
        self.over = ""
        """The limit for which the kernel was killed, if it was."""
        self.lost = False
        """The parent ended, and the kernel with it: no doing of the notebook's."""
        self.processes = 0
        """How many it consisted of when it was last asked."""
        self.memory = 0.0
        """Bytes of memory that it used itself when it was last asked."""
        self.held: dict[int, float] = {}
        """Bytes of memory that processes used then which cells had started, by the cell's number."""
        self.cpu = 0.0
        """Processor seconds it used, with everything it started."""
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        if self.returncode is None:
            self._note({"do": "poll"})
        return self.returncode

    def wait(self) -> int:
        """Wait for its end."""
        while (status := self.poll()) is None:
            time.sleep(0.01)
        return status

    def send_signal(self, number: int) -> None:
        """Only a kill: interrupts go to kernels as messages."""
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.kill()

    def kill(self) -> None:
        """End it and all it started, at once."""
        if self.returncode is None:
            self._note({"do": "kill"})

    terminate = kill

    def end_cell(self) -> None:
        """A cell has ended. Its memory is asked for exactly, which `poll` does only near the limit.

        That takes a millisecond or two for each process.
        """
        if self.returncode is None:
            self._note({"do": "end_cell"})

    def new_cell(self, seconds: float, cell: int | None = None) -> None:
        """A cell, or call, begins, with processor time of its own; it is ended after `seconds` (0: nothing runs).

        Processes that are started from now on are put down to the cell with the number `cell`.
        """
        if self.returncode is None:
            self._note({"do": "new_cell", "seconds": seconds, "cell": cell})

    def _note(self, request: dict[str, Any]) -> None:
        try:
            reply = self.parent.ask(request)
        except ParentGone as error:
            _LOG.warning("%s", error)
            self.lost, self.returncode = True, -signal.SIGKILL
            return
        if reply.get("left"):
            _LOG.warning("%s processes of a notebook could not be killed; its parent is ended", reply["left"])
            self.parent.close()
        self.over = reply.get("over", self.over)
        self.cpu = reply.get("cpu", self.cpu)
        self.processes = reply.get("processes", self.processes)
        self.memory = reply.get("memory", self.memory)
        self.held = dict(reply["held"]) if "held" in reply else self.held
        self.returncode = reply.get("status", self.returncode)


class WarmParent:
    """One parent process. `key` tells which notebooks it can serve."""

    def __init__(self, confinement: Confinement, key: str = "") -> None:
        self.confinement = confinement
        self.key = key
        self.imported: set[str] = set()
        self.served = 0
        self.grown = 0
        """By how many bytes, since its first kernel or its last import."""
        self._first: int | None = None
        ours, theirs = socket.socketpair()
        self._said: IO[bytes] = (confinement.folder / _LOG_FILE).open("wb")
        try:
            # A session of its own: Ctrl-C in the terminal is for us to answer, not for it.
            self.process = subprocess.Popen(
                [*_FIRST, *confinement.command(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                env=confinement.environment(),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                cwd="/",
            )
        except BaseException:
            ours.close()
            self._said.close()
            confinement.close()
            raise
        finally:
            theirs.close()
        self._socket = ours
        self._stream = ours.makefile("rb")

    @property
    def alive(self) -> bool:
        return self.process.poll() is None and not self._stream.closed

    def ask(self, request: dict[str, Any], patience: float = _PATIENCE) -> dict[str, Any]:
        """One request, one reply; ParentGone when there is none."""
        try:
            self._socket.settimeout(patience)
            self._socket.sendall(json.dumps(request).encode() + b"\n")
            line = self._stream.readline()
            if line:
                reply: dict[str, Any] = json.loads(line)
                return reply
            problem = "it has ended"
        except (OSError, ValueError) as error:
            problem = str(error)
        said = self.last_words()
        self.close()
        raise ParentGone(f"the jail's parent process does not answer: {problem}{': ' if said else ''}{said}")

    def last_words(self) -> str:
        """The end of what the parent, or bubblewrap, said on its standard error."""
        return last_words(self.confinement.folder / _LOG_FILE)

    def start(self, folder: Path, modules: Set[str], patience: float) -> Kernel:
        """Fork a kernel that lives in `folder`, after importing modules that are not there yet."""
        if missing := sorted(modules - self.imported):
            self.ask({"do": "import", "modules": missing}, patience)
            self.imported.update(missing)
            self._first = None
        self.served += 1
        reply = self.ask({"do": "start", "folder": str(folder)}, patience)
        if self._first is None:
            self._first = reply["resident"]
        self.grown = reply["resident"] - self._first
        return Kernel(self, reply["pid"])

    def close(self) -> None:
        """End the parent and everything below it, and remove its folder."""
        if not self._stream.closed:
            # A parent without namespaces ends its kernel when we hang up; one behind bubblewrap dies with all at once.
            self._stream.close()
            self._socket.close()
            if self.confinement.mode == "bubblewrap":
                self.process.kill()
            try:
                self.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self._said.close()
            self.confinement.close()


_IDLE: dict[str, list[WarmParent]] = {}
if hasattr(os, "register_at_fork"):
    # Those of the process that was forked are its own: closing them would take their folders away.
    os.register_at_fork(after_in_child=_IDLE.clear)


def borrow(jail: Jail, private: tuple[Path, ...] = ()) -> WarmParent:
    """A parent of kernels for these settings, for one notebook; hand it to `give_back` afterwards."""
    key = json.dumps([os.getpid(), jail.settings(), [str(path) for path in private], jail.inherited()], sort_keys=True)
    idle = _IDLE.get(key, [])
    while idle:
        parent = idle.pop()
        if parent.alive:
            return parent
        parent.close()
    return WarmParent(Confinement(jail, private=private), key)


def give_back(parent: WarmParent) -> None:
    """Keep a parent for the next notebook, unless it has served its time or has grown."""
    if parent.alive and parent.served < _KERNELS_EACH and parent.grown < _GROWTH:
        _IDLE.setdefault(parent.key, []).append(parent)
    else:
        parent.close()


@atexit.register
def close_idle() -> None:
    """End all parents that wait for work."""
    while _IDLE:
        for parent in _IDLE.popitem()[1]:
            parent.close()
