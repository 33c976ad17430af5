"""One notebook in its jail: run its cells through nbclient, then carry the judge's calls into the same kernel.

A cell or a call that kills the kernel, or cannot be interrupted, costs itself only: the kernel is started again
and the notebook run once more without it.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.jail import wire
from grader.jail.confine import Confinement, Jail, JailError

_TIMEOUT_NAME = "CellTimeoutError"
_GRACE = 4.0
_LATE_CELL_TIMEOUT = 5
# nbclient reports every timeout as an error of the whole program; here it is the student's, and in the report.
_QUIET = logging.getLogger("grader.jail.nbclient")
_QUIET.setLevel(logging.CRITICAL + 1)


class KernelGone(RuntimeError):
    """The kernel died or had to be killed during a call; `timed_out` says which."""

    def __init__(self, message: str, *, timed_out: bool) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class CallTimeout(RuntimeError):
    """A call took longer than its limit and was interrupted; the kernel lives on."""


@dataclass
class CellOutcome:
    """What became of one code cell when the notebook ran."""

    index: int
    grade_id: str
    status: str = "ok"  # ok, error, timed out, killed the kernel, not run
    error: str = ""
    seconds: float = 0.0


@dataclass
class RunReport:
    """What became of all code cells."""

    cells: list[CellOutcome] = field(default_factory=list)
    seconds: float = 0.0

    def of(self, grade_id: str) -> CellOutcome | None:
        """The outcome of the last cell with this grade_id, if the notebook has one."""
        return next((cell for cell in reversed(self.cells) if cell.grade_id == grade_id), None)


class JailKernelManager(AsyncKernelManager):  # type: ignore[misc]
    """A kernel manager whose kernels start behind the walls of a Confinement, over ipc sockets."""

    def __init__(self, *, confinement: Confinement, **kwargs: Any) -> None:
        sockets = confinement.sockets
        super().__init__(
            transport="ipc",
            ip=str(sockets / "k"),
            connection_file=str(confinement.connection_file),
            **{name: value for name, value in kwargs.items() if name in {"config", "parent"}},
        )
        # Interrupts go as messages: a signal would reach bubblewrap and end the jail.
        self._kernel_spec = KernelSpec(
            argv=confinement.command(), display_name="Jailed Python", language="python", interrupt_mode="message"
        )

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """The confinement's command as it is: arguments for the kernel would reach bubblewrap's command line."""
        assert self.kernel_spec is not None
        return list(self.kernel_spec.argv)


class _Client(NotebookClient):
    """nbclient with a limit on what one cell may print, applied while it streams."""

    output_bytes = 1_000_000

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        if msg["msg_type"] in {"stream", "display_data", "execute_result", "error", "update_display_data"}:
            size = len(str(msg["content"]))
            used = self._used.get(cell_index, 0)
            self._used[cell_index] = used + size
            if used + size > self.output_bytes:
                if used <= self.output_bytes:
                    text = f"\n[output cut at {self.output_bytes} bytes: c.Jail.output_bytes]\n"
                    cell.outputs.append(new_output("stream", name="stdout", text=text))
                return None
        return super().process_message(msg, cell, cell_index)

    def reset_execution_trackers(self) -> None:
        super().reset_execution_trackers()
        self._used: dict[int, int] = {}


class JailedNotebook:
    """A notebook, its jail and its kernel. Use as a context manager; the jail is gone at the end.

    `notebook` is executed in place: its code cells get their outputs.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        jail: Jail,
        *,
        files: tuple[Path, ...] = (),
        private: tuple[Path, ...] = (),
        log: logging.Logger | None = None,
    ) -> None:
        self.notebook = notebook
        self.jail = jail
        self.log = log or logging.getLogger("grader.jail")
        self.report = RunReport()
        self._files = files
        self._private = private
        self._skip: dict[int, CellOutcome] = {}
        self._restarts_left = jail.restarts
        self._cell_seconds = 0.0
        self._confinement: Confinement | None = None
        self._client: _Client | None = None

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
        try:
            if client is not None and client.km is not None:
                client.shutdown_kernel = "immediate"
                client._cleanup_kernel()
        finally:
            if self._confinement is not None:
                self._confinement.close()
                self._confinement = None

    def _start(self) -> _Client:
        self._confinement = Confinement(self.jail, private=self._private)
        for folder in self._files:
            copy_plain_files(folder, self._confinement.files, file_limit(self.jail))
        manager = JailKernelManager(confinement=self._confinement)
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
            coalesce_streams=True,
            log=_QUIET,
        )
        client.output_bytes = self.jail.output_bytes
        client.reset_execution_trackers()
        # What the interpreter itself says goes to a file (as large as the jail's limit on one file at most).
        said = self._confinement.folder / "kernel.log"
        try:
            with said.open("wb") as stream:
                client.start_new_kernel(stdout=stream, stderr=stream)
            client.start_new_kernel_client()
        except Exception as error:
            last_words = said.read_bytes()[-2000:].decode("utf-8", "replace").strip()
            self.close()
            raise JailError(f"the jailed kernel did not start: {error}\n{last_words}") from error
        return client

    def run(self) -> RunReport:
        """Run every code cell, starting again without a cell that kills the kernel."""
        started = time.monotonic()
        while not self._run_once():
            if self._restarts_left <= 0:
                break
            self._restarts_left -= 1
        self.report.seconds += time.monotonic() - started
        return self.report

    def revive(self) -> bool:
        """Start the kernel again and run the notebook after a call killed it; False when the limit is reached."""
        if self._restarts_left <= 0:
            return False
        self._restarts_left -= 1
        self.run()
        return self.alive

    def _run_once(self) -> bool:
        """One pass over the notebook; False when a cell killed the kernel."""
        self.close()
        client = self._client = self._start()
        self.report.cells = outcomes = []
        for index, cell in enumerate(self.notebook.cells):
            if cell.cell_type != "code":
                continue
            if index in self._skip:
                outcomes.append(self._skip[index])
                continue
            outcome = CellOutcome(index, cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            outcomes.append(outcome)
            if self._cell_seconds > self.jail.notebook_timeout:
                # Definitions still take no time; another wait for an endless loop would.
                client.timeout = min(self.jail.cell_timeout, _LATE_CELL_TIMEOUT)
            if not (self._run_cell(client, cell, outcome) and self._remember(outcome)):
                self._skip[index] = outcome
                cell.outputs = [new_output("error", ename=outcome.status, evalue=outcome.error, traceback=[])]
                self.close()
                return False
        return True

    def _run_cell(self, client: _Client, cell: NotebookNode, outcome: CellOutcome) -> bool:
        started = time.monotonic()
        replies: list[dict[str, Any]] = []
        client.on_cell_executed = lambda **event: replies.append(event["execute_reply"])
        try:
            client.execute_cell(cell, outcome.index, store_history=True)
        except DeadKernelError:
            outcome.status, outcome.error = "killed the kernel", "the cell ended the Python process it ran in"
            return False
        except CellTimeoutError:
            outcome.status = "timed out"
            outcome.error = f"the cell ran longer than {client.timeout} s and could not be interrupted"
            return False
        finally:
            outcome.seconds = time.monotonic() - started
            self._cell_seconds += outcome.seconds
        content = replies[-1]["content"] if replies else {"status": "ok"}
        if content["status"] == "error":
            outcome.status = "error"
            outcome.error = f"{content.get('ename', '')}: {content.get('evalue', '')}"[:500]
            if content.get("ename") == _TIMEOUT_NAME:
                outcome.status = "timed out"
                outcome.error = f"the cell ran longer than {client.timeout} s and was stopped"
        return True

    def _remember(self, outcome: CellOutcome) -> bool:
        """Have the kernel keep its names as they stand after a cell with a grade_id; False when it is dead."""
        try:
            if outcome.grade_id:
                self.request({"do": "remember", "target": outcome.grade_id}, self.jail.call_timeout)
        except KernelGone:
            outcome.status, outcome.error = "killed the kernel", "what the cell started ended the Python process"
            return False
        except (CallTimeout, wire.WireError) as error:
            # A notebook that tampers with its own process loses this memory, and nothing else.
            self.log.info("nothing remembered of %s: %s", outcome.grade_id, error)
        return True

    def request(self, message: dict[str, Any], timeout: float) -> Any:
        """Send one request to the agent in the kernel and return its decoded reply.

        Raises CallTimeout (kernel alive), KernelGone (kernel dead: call `revive`), wire.WireError.
        """
        if self._client is None:
            raise KernelGone("the kernel is not running", timed_out=False)
        text = wire.dumps(message)
        expression = f"__import__('sys').modules['_pset_agent'].serve({text!r})"
        try:
            reply = run_sync(self._ask)(self._client, expression, timeout)
        except KernelGone:
            self.close()
            raise
        result = reply["content"].get("user_expressions", {}).get("reply", {})
        if result.get("status") != "ok":
            if result.get("ename") == "KeyboardInterrupt":
                raise CallTimeout(f"no answer within {timeout:g} s")
            raise wire.WireError("the kernel's answer is not a reply of ours")
        return wire.loads(result.get("data", {}).get("application/x-pset", ""))

    async def _ask(self, client: _Client, expression: str, timeout: float) -> dict[str, Any]:
        channel, manager = client.kc, client.km
        assert channel is not None
        assert manager is not None
        request_id = channel.execute(
            "", silent=True, store_history=False, user_expressions={"reply": expression}, allow_stdin=False
        )
        deadline = time.monotonic() + timeout
        interrupted = False
        while True:
            try:
                reply: dict[str, Any] = await channel.shell_channel.get_msg(timeout=0.25)
            except Empty:
                if not await manager.is_alive():
                    raise KernelGone("the call ended the Python process", timed_out=interrupted) from None
                if time.monotonic() > deadline:
                    if interrupted:
                        raise KernelGone("the call could not be interrupted", timed_out=True) from None
                    await manager.interrupt_kernel()
                    interrupted, deadline = True, time.monotonic() + _GRACE
                continue
            if reply["parent_header"].get("msg_id") == request_id:
                if interrupted:
                    raise CallTimeout(f"no answer within {timeout:g} s")
                return reply


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
