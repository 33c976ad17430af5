"""One notebook in its jail: run its cells through nbclient, then carry the judge's calls into the same kernel.

A cell or a call that kills the kernel, or cannot be interrupted, costs itself only: the kernel is started again
and the notebook run once more without it.
"""

from __future__ import annotations

import logging
import math
import os
import re
import shutil
import time
from collections.abc import Callable, Collection, Generator, Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from grader.jail import warm, wire
from grader.jail.confine import Jail, JailError, remove
from grader.jail.line import Line, LineClosed, NotOurs, Reply
from grader.jail.messages import CheckedSession, output_of, size_of
from grader.jail.warm import Kernel, WarmParent

_TIMEOUT_NAME = "CellTimeoutError"
_CELL_TIMEOUT = "c.Jail.cell_timeout"
_GRACE = 4.0
# So many processes that a cell leaves running are no accident.
_LEFT_RUNNING = 8
# What a call by the judge starts is put down to no cell.
_NO_CELL = -1
_SEND_MILLISECONDS = 3000
_RECONNECT_MILLISECONDS = 10
_LOOK = 0.25
"""Seconds between two looks at a kernel that works on a call; a shorter one costs its parent nothing."""
# How Python tells that the machine gave no more.
_TELLTALE = {
    "memory": r"MemoryError|Unable to allocate|Errno 12\]",
    "disk": r"Errno 28\]|Errno 27\]|Errno 122\]",
    "open_files": r"Errno 24\]",
    "processes": r"can't start new thread|BlockingIOError: \[Errno 11\]",
}
_LATE_CELL_TIMEOUT = 5
_LEFT_OUT = "Not run when grading: what this cell shows decides no mark.\n"
# nbclient reports every timeout as an error of the whole program; here it is the student's, and in the report.
_QUIET = logging.getLogger("grader.jail.nbclient")
_QUIET.setLevel(logging.CRITICAL + 1)


class KernelGone(RuntimeError):
    """The kernel died or had to be killed during a call; `timed_out` says which, `limit` what it used too much of."""

    def __init__(self, message: str, *, timed_out: bool, limit: str = "") -> None:
        super().__init__(message)
        self.timed_out = timed_out
        self.limit = limit


class JailLost(JailError):
    """The jail's own process ended in the middle of a notebook: nothing is known about the notebook."""


class CallTimeout(RuntimeError):
    """A call took longer than its limit and was interrupted; the kernel lives on."""


@dataclass
class CellOutcome:
    """What became of one code cell when the notebook ran."""

    index: int
    grade_id: str
    status: str = "ok"  # ok, error, timed out, over a limit, killed the kernel, left out
    error: str = ""
    seconds: float = 0.0
    processes: int = 0
    """How many there were when the cell had run: it may have left some behind."""
    memory: float = 0.0
    """Bytes that the kernel used when the cell had run, without the processes it had started."""

    @property
    def name(self) -> str:
        """The cell in a message."""
        return f"the cell `{self.grade_id}`" if self.grade_id else f"cell {self.index + 1}"


@dataclass
class RunReport:
    """What became of all code cells."""

    cells: list[CellOutcome] = field(default_factory=list)
    seconds: float = 0.0
    start_seconds: float = 0.0
    """How much of them passed before a kernel was ready."""
    restarts: int = 0
    """How often the kernel had to be started again, for a cell or for a call."""

    def of(self, grade_id: str) -> CellOutcome | None:
        """The outcome of the last cell with this grade_id, if the notebook has one."""
        return next((cell for cell in reversed(self.cells) if cell.grade_id == grade_id), None)


class _Provisioner(LocalProvisioner):  # type: ignore[misc]
    """Jupyter's own, but that the process it starts is a kernel of a warm parent's."""

    start: Callable[[], Kernel]

    async def launch_kernel(self, cmd: list[str], **_: Any) -> Any:
        self.process = self.start()
        self.pid = self.process.pid
        return self.connection_info


class JailKernelManager(AsyncKernelManager):  # type: ignore[misc]
    """A kernel manager whose kernels a warm parent forks behind its walls, over ipc sockets."""

    def __init__(self, *, parent_process: WarmParent, folder: Path, modules: Set[str] = frozenset()) -> None:
        sockets = folder / "s"
        jail = parent_process.confinement.jail
        super().__init__(
            transport="ipc",
            ip=str(sockets / "k"),
            connection_file=str(sockets / "connection.json"),
            session=CheckedSession(unpack=partial(wire.unpack, max_bytes=2 * jail.message_bytes + 2**20)),
            client_factory=_KernelClient,
        )
        # A reply tells of an exception, whose text may be long. Outputs are cut where they are made (see agent.py).
        self.sizes = {
            "shell": (2 * jail.message_bytes + 2**20, 4),
            "iopub": (8 * jail.output_bytes + 2**20, 200),
        }
        # A kernel that has spoilt its sockets takes no messages: nobody may wait for it.
        self.context.setsockopt(zmq.SNDTIMEO, _SEND_MILLISECONDS)
        # Interrupts go as messages: the process that a signal would reach is not ours to signal.
        self._kernel_spec = KernelSpec(
            argv=["python"], display_name="Jailed Python", language="python", interrupt_mode="message"
        )
        self.provisioner = _Provisioner(kernel_id="jailed", kernel_spec=self._kernel_spec, parent=self)
        self.provisioner.start = lambda: parent_process.start(folder, modules, jail.startup_timeout)

    async def _async_interrupt_kernel(self) -> None:
        if self.kernel is None or self.kernel.returncode is not None:
            return
        try:
            await super()._async_interrupt_kernel()
        except zmq.Again:
            _QUIET.info("an interrupt could not be sent")

    interrupt_kernel = _async_interrupt_kernel

    @property
    def kernel(self) -> Kernel | None:
        """The process, while there is one."""
        return self.provisioner.process if self.provisioner is not None else None


class _KernelClient(AsyncKernelClient):  # type: ignore[misc]
    """Jupyter's own, with a limit on the size of a message, and on how many wait to be read, by channel.

    A kernel that passes the first is cut off before the message is in memory.
    """

    def start_channels(self, shell: bool = True, iopub: bool = True, stdin: bool = True, **_: bool) -> None:
        """Without the heartbeat: the parent process tells whether a kernel lives, and its thread may wait for ever."""
        super().start_channels(shell=shell, iopub=iopub, stdin=stdin, hb=False, control=True)

    def _create_connected_socket(self, channel: str, identity: bytes | None = None) -> Any:
        size, waiting = self.parent.sizes["iopub" if channel == "iopub" else "shell"]
        self.context.setsockopt(zmq.MAXMSGSIZE, size)
        self.context.setsockopt(zmq.RCVHWM, waiting)
        # Nobody listens yet. As usual, the next attempt would come a tenth of a second after the first.
        self.context.setsockopt(zmq.RECONNECT_IVL, _RECONNECT_MILLISECONDS)
        return super()._create_connected_socket(channel, identity)

    async def wait_for_ready(self, timeout: float = math.inf) -> None:
        """As Jupyter's own, but that this ends with the kernel's last word on the question whether it is there.

        Jupyter's listens on until a fifth of a second has passed in silence: half of the time that a kernel takes.
        """
        end = time.monotonic() + timeout
        while True:
            self.kernel_info()
            with suppress(Empty):
                self._handle_kernel_info_reply(await self.shell_channel.get_msg(timeout=1))
                # On a busy machine it may be the answer to an earlier try. Either way the kernel is there.
                while (await self.iopub_channel.get_msg(timeout=0.2))["content"] != {"execution_state": "idle"}:
                    pass
                return
            if not await self.parent.is_alive():
                raise RuntimeError("the kernel ended before it said that it is there")
            if time.monotonic() > end:
                raise RuntimeError(f"the kernel did not say within {timeout:g} s that it is there")


class _Client(NotebookClient):
    """nbclient with a limit on what one cell may print, applied while it streams."""

    output_bytes = 1_000_000

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        if not msg["msg_type"]:
            return None
        if msg["msg_type"] in {"stream", "display_data", "execute_result", "error", "update_display_data"}:
            size = size_of(msg["content"])
            used = self._used.get(cell_index, 0)
            self._used[cell_index] = used + size
            if used + size > self.output_bytes:
                if used <= self.output_bytes:
                    text = f"\n[output cut at {self.output_bytes} bytes: c.Jail.output_bytes]\n"
                    cell.outputs.append(output_of("stream", name="stdout", text=text))
                return None
        return super().process_message(msg, cell, cell_index)

    def reset_execution_trackers(self) -> None:
        super().reset_execution_trackers()
        self._used: dict[int, int] = {}


class JailedNotebook:
    """A notebook, its jail and its kernel. Use as a context manager; the jail is gone at the end.

    `notebook` is executed in place: its code cells get their outputs. Those in `leave_out`, by index, are not run,
    unless `c.Jail.demonstrations` says so.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        jail: Jail,
        *,
        files: tuple[Path, ...] = (),
        private: tuple[Path, ...] = (),
        leave_out: Collection[int] = (),
        log: logging.Logger | None = None,
    ) -> None:
        self.notebook = notebook
        self.jail = jail
        self.log = log or logging.getLogger("grader.jail")
        self.report = RunReport()
        self._files = files
        self._private = private
        self._leave_out = frozenset() if jail.demonstrations else frozenset(leave_out)
        self._skip: dict[int, CellOutcome] = {}
        self._spared: dict[int, int] = {}
        self._memory_at_start = 0.0
        self._died = False
        self._restarts_left = jail.restarts
        self._cell_seconds = 0.0
        self._parent: WarmParent | None = None
        self._folder: Path | None = None
        self._kernel: Kernel | None = None
        self._client: _Client | None = None
        self._line: Line | None = None
        self._clock_set = 0.0
        self._cpu = 0.0
        self.forged = 0
        """How many messages came from its kernels that no kernel of Jupyter's sends."""
        self.lost = False
        """The jail ended under the notebook, by no doing of its own: what was found since then says nothing."""

    def __enter__(self) -> JailedNotebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        return self._client is not None

    def close(self) -> None:
        """Kill the kernel and remove everything it left."""
        client, self._client = self._client, None
        line, self._line = self._line, None
        kernel, self._kernel = self._kernel, None
        parent, self._parent = self._parent, None
        folder, self._folder = self._folder, None
        try:
            if line is not None:
                line.close()
            if kernel is not None:
                kernel.kill()
                self._cpu += kernel.cpu
                self.lost = self.lost or kernel.lost
            if client is not None and client.km is not None:
                self.forged += client.kc.session.forged if client.kc is not None else 0
                client.shutdown_kernel = "immediate"
                client._cleanup_kernel()
        finally:
            if folder is not None:
                remove(folder)
            if parent is not None:
                warm.give_back(parent)

    def _start(self) -> _Client:
        parent = self._parent = warm.borrow(self.jail, self._private)
        folder = self._folder = parent.confinement.kernel_folder()
        for source in self._files:
            copy_plain_files(source, folder / "files", file_limit(self.jail))
        manager = JailKernelManager(parent_process=parent, folder=folder, modules=self._modules())
        client = _Client(
            self.notebook,
            km=manager,
            timeout=self.jail.cell_timeout,
            startup_timeout=self.jail.startup_timeout,
            allow_errors=True,
            interrupt_on_timeout=True,
            raise_on_iopub_timeout=True,
            iopub_timeout=int(_GRACE),
            error_on_timeout={"ename": _TIMEOUT_NAME, "evalue": "", "traceback": []},
            skip_cells_with_tag="",
            store_widget_state=False,
            coalesce_streams=True,
            log=_QUIET,
        )
        client.output_bytes = self.jail.output_bytes
        client.reset_execution_trackers()
        try:
            client.start_new_kernel()
            self._kernel = manager.kernel
            client.start_new_kernel_client()
            self._line = Line(folder / "s" / "a", self.jail.message_bytes, self.jail.startup_timeout)
        except Exception as error:
            said = warm.last_words(folder / "kernel.log") or parent.last_words()
            # No cell has run yet: a process that ended was ended by something else.
            ended = not parent.alive or (self._kernel is not None and self._kernel.poll() is not None)
            self._client = client
            self.close()
            kind = JailLost if ended else JailError
            raise kind(f"the jailed kernel did not start: {error}\n{said}") from error
        return client

    def _modules(self) -> set[str]:
        """Slow modules that the cells mention: imported once, in the parent."""
        text = "\n".join(cell.source for cell in self.notebook.cells if cell.cell_type == "code")
        return {name for name in self.jail.warm_on_demand if re.search(rf"\b{re.escape(name)}\b", text)}

    def run(self) -> RunReport:
        """Run every code cell, starting again without a cell that kills the kernel."""
        started = time.monotonic()
        while not self._run_once():
            if self._restarts_left <= 0:
                break
            self._restarts_left -= 1
            self.report.restarts += 1
        self.report.seconds += time.monotonic() - started
        return self.report

    def revive(self) -> bool:
        """Start the kernel again and run the notebook after a call killed it; False when the limit is reached."""
        if self._restarts_left <= 0:
            return False
        self._restarts_left -= 1
        self.report.restarts += 1
        self.run()
        return self.alive

    def _culprit(self, last: CellOutcome, kernel: Kernel) -> CellOutcome:
        """The cell to blame for a kernel's end: where a limit was passed, it may be an earlier one than the last.

        A cell is given the benefit of this once. When it passes the limit also without what was blamed, it is to blame
        itself, and that is run again.
        """
        if kernel.over not in ("processes", "memory"):
            return last
        if last.index in self._spared:
            self._skip.pop(self._spared.pop(last.index), None)
            return last
        if kernel.over == "processes":
            found, what = self._left_running(), "left running"
        else:
            found, held = self._holds_most(kernel)
            what = f"left in use, {held / 2**30:.1f} GB of memory, with what came later"
        if found is None or found is last:
            return last
        self._spared[last.index] = found.index
        found.status, found.error = last.status, last.error.replace(last.name, f"what {found.name} {what}")
        return found

    def _left_running(self) -> CellOutcome | None:
        """The cell before the last one that left most processes running, if those are many."""
        cells = self.report.cells[:-1]
        grown = [after.processes - before.processes for before, after in pairwise([CellOutcome(-1, ""), *cells])]
        most = max(grown, default=0)
        return cells[grown.index(most)] if most >= _LEFT_RUNNING else None

    def _holds_most(self, kernel: Kernel) -> tuple[CellOutcome | None, float]:
        """The cell that most of the memory is put down to at a kernel's end, and how many bytes.

        To a cell belongs what its processes use, also what they took later, and by how much the kernel itself had grown
        when it had run, less what was given back since. What the kernel grew by after the last cell is none's.
        """
        cells = self.report.cells
        after = [cell.memory for cell in cells]
        before = [self._memory_at_start, *after]
        found, most = None, kernel.held.get(_NO_CELL, 0.0) + max(0.0, kernel.memory - before[-1])
        for place, cell in enumerate(cells):
            stayed = min(*after[place:], kernel.memory) - before[place]
            held = max(0.0, stayed) + kernel.held.get(cell.index, 0.0)
            if held >= most:
                found, most = cell, held
        return found, most

    def second_chance(self) -> bool:
        """True the first time that a kernel dies: something else on the machine may have ended it, so try again."""
        first, self._died = not self._died, True
        return first

    def _run_once(self) -> bool:
        """One pass over the notebook; False when a cell killed the kernel. JailLost when the jail itself ended."""
        self.close()
        started = time.monotonic()
        client = self._client = self._start()
        self.report.start_seconds += time.monotonic() - started
        outcomes: list[CellOutcome] = []
        self.report.cells = outcomes
        kernel = self._kernel
        assert kernel is not None
        kernel.poll()
        self._memory_at_start = kernel.memory
        for index, cell in enumerate(self.notebook.cells):
            if cell.cell_type != "code":
                continue
            outcome = self._skip.get(index) or CellOutcome(index, cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            if index in self._skip or index in self._leave_out:
                outcome.processes = outcomes[-1].processes if outcomes else 0
                outcome.memory = outcomes[-1].memory if outcomes else self._memory_at_start
            outcomes.append(outcome)
            if index in self._skip:
                continue
            if index in self._leave_out:
                outcome.status = "left out"
                cell.outputs = [output_of("stream", name="stdout", text=_LEFT_OUT)]
            if self._late():
                # Definitions still take no time; another wait for an endless loop would.
                client.timeout = min(self.jail.cell_timeout, _LATE_CELL_TIMEOUT)
            ran = outcome.status == "left out" or self._run_cell(client, cell, outcome)
            if not ran:
                outcome.memory = kernel.memory
            if not (ran and self._remember(outcome)):
                if outcome.status == "killed the kernel" and self.second_chance():
                    self._restarts_left += 1
                    self.close()
                    return False
                outcome = self._culprit(outcome, kernel)
                cell = self.notebook.cells[outcome.index]
                self._skip[outcome.index] = outcome
                cell.outputs = [output_of("error", ename=outcome.status, evalue=outcome.error, traceback=[])]
                self.close()
                return False
        return True

    def _late(self) -> bool:
        """True when the notebook has used up its time, of either kind."""
        used = self._cpu + (self._kernel.cpu if self._kernel else 0.0)
        return self._cell_seconds > self.jail.notebook_timeout or used > self.jail.notebook_cpu

    def _run_cell(self, client: _Client, cell: NotebookNode, outcome: CellOutcome) -> bool:
        """Run one cell; False when its kernel is dead, or of no use any more."""
        started = time.monotonic()
        replies: list[dict[str, Any]] = []
        client.on_cell_executed = lambda **event: replies.append(event["execute_reply"])
        name = outcome.name
        try:
            with self._within(float(client.timeout or 0), outcome.index):
                client.execute_cell(cell, outcome.index, store_history=True)
            status, text = _status_of(replies)
        except DeadKernelError:
            outcome.status, outcome.error = self._why_dead(name)
            return False
        except CellTimeoutError:
            outcome.status = "timed out"
            outcome.error = f"{name} ran longer than {client.timeout} s ({_CELL_TIMEOUT}) and could not be interrupted"
            return False
        except zmq.Again:
            outcome.status, outcome.error = (
                "killed the kernel",
                f"{name}: its process takes no messages any more",
            )
            return False
        except Exception as error:
            # nbclient trusts what kernels send; a process that writes on the kernel's sockets need not keep to it.
            self.log.warning("%s: %s: %s", name, type(error).__name__, error)
            outcome.status, outcome.error = "killed the kernel", f"{name} sent what no kernel of Jupyter's sends"
            return False
        finally:
            outcome.seconds = time.monotonic() - started
            self._cell_seconds += outcome.seconds
        if self._kernel is not None:
            outcome.processes, outcome.memory = self._kernel.processes, self._kernel.memory
            if self._kernel.over:
                # A look at its end found what those in between were too seldom for.
                outcome.status, outcome.error = self._why_dead(name)
                return False
        if status == _TIMEOUT_NAME:
            outcome.status = "timed out"
            outcome.error = f"{name} ran longer than {client.timeout} s ({_CELL_TIMEOUT}) and was stopped"
        elif status:
            limit = limit_behind(self.jail, status, text)
            outcome.status = "over a limit" if limit else "error"
            outcome.error = f"{status}: {text}"[:500] + (f" ({name} may use {limit})" if limit else "")
        return True

    @contextmanager
    def _within(self, seconds: float, cell: int) -> Generator[None, None, None]:
        """Have the jail's own process end the kernel, should we be kept from looking at the clock by what it sends."""
        kernel = self._kernel
        if kernel is not None:
            kernel.new_cell(seconds + 3 * _GRACE, cell)
        try:
            yield
        finally:
            if kernel is not None:
                kernel.end_cell()

    def _why_dead(self, what: str) -> tuple[str, str]:
        """What to say of the end of the kernel; JailLost when the jail ended with it."""
        kernel = self._kernel
        if kernel is not None:
            kernel.poll()
            if kernel.lost:
                self.lost = True
                raise JailLost("the jail's own process ended while a notebook ran in it")
            if kernel.over == "wall":
                return "timed out", f"{what} ran too long ({_CELL_TIMEOUT}) and could not be interrupted"
            if kernel.over:
                return "over a limit", f"{what} used more than {limit_text(self.jail, kernel.over)}"
        return "killed the kernel", f"{what} ended the Python process it ran in"

    def _remember(self, outcome: CellOutcome) -> bool:
        """Have the kernel keep its names as they stand after a cell with a grade_id; False when it is dead."""
        try:
            if outcome.grade_id:
                self.request({"do": "remember", "target": outcome.grade_id}, self.jail.call_timeout)
        except KernelGone as gone:
            outcome.status, outcome.error = "killed the kernel", f"what {outcome.name} started ended the Python process"
            if gone.limit:
                outcome.status, outcome.error = "over a limit", f"{outcome.name} used more than {gone.limit}"
            return False
        except (CallTimeout, wire.WireError) as error:
            # A notebook that tampers with its own process loses this memory, and nothing else.
            self.log.info("nothing remembered of %s: %s", outcome.grade_id, error)
            if not self.alive:
                outcome.status, outcome.error = "killed the kernel", f"{outcome.name}: {error}"
                return False
        return True

    def request(self, message: dict[str, Any], timeout: float) -> Any:
        """Send one request to the agent in the kernel and return its decoded reply.

        Raises CallTimeout (kernel alive), KernelGone (kernel dead: call `revive`), wire.WireError, and NotOurs, after
        which the kernel may be dead as well: where something wrote on its line, nothing can be read any more.
        """
        if self._line is None:
            raise KernelGone("the kernel is not running", timed_out=False)
        self._line.ask(wire.dumps(message, max_bytes=self.jail.message_bytes))
        try:
            reply = self._reply(self._line, timeout)
        except (KernelGone, JailLost, NotOurs):
            self.close()
            raise
        if reply.failed:
            if reply.text == "KeyboardInterrupt":
                raise CallTimeout(f"no answer within {timeout:g} s")
            if reply.text == "MemoryError":
                raise wire.WireError(f"there was no memory for it, of {limit_text(self.jail, 'memory')}")
            if reply.text == "RecursionError":
                raise wire.WireError("Python was too deep in calls for it")
            raise NotOurs
        try:
            return wire.loads(reply.text, max_bytes=self.jail.message_bytes)
        except wire.TooLarge:
            raise
        except wire.WireError as error:
            # What the agent sends can be read, whatever an answer was.
            raise NotOurs(str(error)) from error

    def _reply(self, line: Line, timeout: float) -> Reply:
        """Wait for the reply to a request; interrupt it when its time is up."""
        started = time.monotonic()
        deadline, look = started + timeout, started + _LOOK
        watched = interrupted = False
        if self._kernel is not None and started - self._clock_set > _LOOK:
            # Each call has processor time of its own: what short ones used since the last look is next to nothing.
            self._set_clock(0.0)
        try:
            while True:
                reply = self._step(line, min(look, deadline) - time.monotonic(), interrupted=interrupted)
                if reply is not None:
                    if interrupted:
                        raise CallTimeout(f"no answer within {timeout:g} s")
                    return reply
                now = time.monotonic()
                if now >= look:
                    look = now + _LOOK
                    if not watched:
                        # Should we be kept from looking at the clock by what comes, the jail's own process ends it.
                        self._set_clock(deadline - now + 3 * _GRACE)
                        watched = True
                    if self._ended():
                        raise self._gone(interrupted=interrupted)
                if now >= deadline:
                    if interrupted:
                        raise KernelGone("the call could not be interrupted", timed_out=True)
                    self._interrupt()
                    interrupted, deadline = True, now + _GRACE
        finally:
            if watched:
                self._set_clock(0.0)

    def _step(self, line: Line, seconds: float, *, interrupted: bool) -> Reply | None:
        """Send and read for a while; KernelGone when there is nobody on the line any more."""
        try:
            return line.wait(seconds)
        except LineClosed:
            end = time.monotonic() + _GRACE
            while not self._ended():
                if time.monotonic() > end:
                    raise KernelGone("the Python process takes no messages any more", timed_out=False) from None
                time.sleep(0.01)
            raise self._gone(interrupted=interrupted) from None

    def _ended(self) -> bool:
        return self._kernel is None or self._kernel.poll() is not None

    def _gone(self, *, interrupted: bool) -> KernelGone:
        """What to say of a kernel that ended in a call; JailLost when the jail ended with it."""
        status, text = self._why_dead("the call")
        limit, kernel = "", self._kernel
        if kernel is not None and status == "over a limit":
            limit = limit_text(self.jail, kernel.over)
            found, held = self._holds_most(kernel)
            if kernel.over == "memory" and found is not None:
                limit += f", of which {found.name} had left {held / 2**30:.1f} GB in use"
        return KernelGone(text, timed_out=interrupted or status == "timed out", limit=limit)

    def _interrupt(self) -> None:
        if self._client is not None and self._client.km is not None:
            run_sync(self._client.km.interrupt_kernel)()

    def _set_clock(self, seconds: float) -> None:
        """Tell the jail's own process that a call begins, and how long it may take (0: as long as it likes)."""
        if self._kernel is not None:
            self._kernel.new_cell(seconds, _NO_CELL)
        self._clock_set = time.monotonic()


def _status_of(replies: list[dict[str, Any]]) -> tuple[str, str]:
    """The name and the text of the exception that a cell's reply tells of; both empty when there was none."""
    content = replies[-1]["content"] if replies else {"status": "ok"}
    if content["status"] != "error":
        return "", ""
    return str(content.get("ename", "")) or "Error", str(content.get("evalue", ""))


def limit_text(jail: Jail, name: str) -> str:
    """A limit of the jail in words, with the setting that changes it."""
    return {
        "memory": f"{jail.memory_bytes / 2**30:g} GB of memory (c.Jail.memory_bytes)",
        "processes": f"{jail.processes} processes and threads (c.Jail.processes)",
        "cell_cpu": f"{jail.cell_cpu:g} s of processor time (c.Jail.cell_cpu)",
        "cpu": f"{jail.notebook_cpu:g} s of processor time for the notebook (c.Jail.notebook_cpu)",
        "disk": f"{jail.scratch_bytes / 2**20:g} MB of disk (c.Jail.scratch_bytes)",
        "open_files": f"{jail.open_files} open files (c.Jail.open_files)",
    }[name]


def limit_behind(jail: Jail, exception: str, text: str) -> str:
    """The limit that an exception tells of, as `limit_text`; empty when it tells of none."""
    for name, pattern in _TELLTALE.items():
        if re.search(pattern, f"{exception}: {text}"):
            return limit_text(jail, name)
    return ""


def file_limit(jail: Jail) -> int:
    """How many bytes of files a notebook gets from one folder: half of its scratch disk."""
    return int(jail.scratch_bytes) // 2


def plain_files(folder: Path, limit: int) -> Iterator[Path]:
    """The regular files below a folder, in a fixed order, to at most `limit` bytes in all.

    Notebooks, links and special files are left out, and so is a file that would pass the limit.
    """
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not (Path(parent) / name).is_symlink())
        for name in sorted(names):
            path = Path(parent) / name
            if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb":
                continue
            size = path.stat().st_size
            if size <= limit:
                limit -= size
                yield path


def copy_plain_files(source: Path, target: Path, limit: int) -> None:
    """Copy the plain files below a folder to at most `limit` bytes in all."""
    for path in plain_files(source, limit):
        place = target / path.relative_to(source)
        _make_room(place, target)
        shutil.copyfile(path, place)


def _make_room(place: Path, root: Path) -> None:
    """Remove what an earlier copy left where a file or one of its folders belongs."""
    for folder in reversed([parent for parent in place.parents if root in parent.parents]):
        if folder.is_file():
            folder.unlink()
    if place.is_dir():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
