"""A grader on a Dask worker: a process that takes parcels from its standard input and grades them, one by one.

It is started by `slot.py` from the package that was sent, in a private folder, and ends when the worker does, when it
is idle for long, or when it is told nothing more. Judging needs a process for itself: pytest, the environment and the
loops of nbclient belong to one notebook at a time.
"""

from __future__ import annotations

import logging
import os
import queue
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import grader
from grader.batch import parcel
from grader.batch.grade import grade
from grader.batch.slot import read, write
from grader.jail import JailError, close_idle, isolation

_IDLE = 600.0
"""Seconds without a request after which a grader, and the memory that its jail has warmed, goes."""
_GRACE = 10.0
# Contents of files that are kept for the next notebooks, in bytes.
_KEPT = 200_000_000
_MOST_RECORDS = 100


class _Records(logging.Handler):
    """Keeps what is logged, for the machine that asked."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.records) < _MOST_RECORDS:
            self.records.append((record.levelno, record.getMessage()))


class Grader:
    """Answers requests, and keeps the contents of files between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = socket.gethostname()
        self._contents: dict[str, bytes] = {}
        self._log = logging.getLogger("grader")
        self._log.setLevel(logging.INFO)

    def answer(self, request: bytes) -> bytes:
        """What became of one parcel."""
        records = _Records()
        self._log.addHandler(records)
        try:
            reply = self._grade(request)
        except JailError as error:
            reply = {"error": str(error)}
        except Exception:
            reply = {"error": traceback.format_exc()}
        finally:
            self._log.removeHandler(records)
        return parcel.frame({"said": [], **reply, "host": self.host, "log": records.records})

    def _grade(self, request: bytes) -> dict[str, Any]:
        header, blobs = parcel.unframe(request)
        theirs, mine = header["facts"], parcel.facts()
        if problem := parcel.misfit(theirs, mine, self.host):
            return {"unfit": problem}
        self._contents.update(zip(header["digests"], blobs, strict=True))
        if not set(header["wanted"]) <= set(self._contents):
            return {"need": "files"}
        differing = [path for path, found in header["readable"].items() if parcel.listing(path) != found]
        if differing:
            return {"unfit": f"{', '.join(differing)} (c.Jail.readable) must be on {self.host} as it is here: copy it."}
        with tempfile.TemporaryDirectory(dir=self.folder) as made:
            task, jail = parcel.unpack(header, self._contents, Path(made), self.folder / "inherited")
            if sum(map(len, self._contents.values())) > _KEPT:
                self._contents.clear()
            try:
                isolation(jail)
            except JailError as error:
                want = f"Student code is confined by {jail.isolation} here, which does not work on {self.host}"
                return {"unfit": f"{want}, so nothing was run there: {error}"}
            found = grade(task, jail, self._log)
        return {"graded": parcel.to_plain(found), "differences": parcel.other_differences(theirs, mine)}


def _listen(stream: IO[bytes], requests: queue.Queue[bytes | None], busy: threading.Event) -> None:
    """Take requests as they come; when the worker has ended, end this process too, and what it does."""
    while (request := read(stream)) is not None:
        requests.put(request)
    requests.put(None)
    if busy.is_set():
        os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_GRACE)
    os._exit(1)


def main() -> None:
    """Serve until there is nothing to do."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # What is printed, by a suite say, must not get between the answers.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Python's own stream for it may not be in use by a thread when Python ends.
    asked = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    folder = Path(sys.argv[1])
    if not Path(grader.__path__[0]).is_relative_to(folder):
        raise SystemExit(f"another package `grader`, in {grader.__path__[0]}, is in the way")
    grader.__path__.extend(parcel.further_folders(folder))
    requests: queue.Queue[bytes | None] = queue.Queue()
    busy = threading.Event()
    threading.Thread(target=_listen, args=(asked, requests, busy), daemon=True).start()
    server = Grader(folder)
    try:
        with suppress(queue.Empty, BrokenPipeError, KeyboardInterrupt):
            while (request := requests.get(timeout=_IDLE)) is not None:
                write(replies, b"")
                busy.set()
                answer = server.answer(request)
                busy.clear()
                write(replies, answer)
    finally:
        close_idle()
        shutil.rmtree(folder, ignore_errors=True)
