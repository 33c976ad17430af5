"""What a Dask worker itself runs: it hands each request to a grader, a process of its own, and returns the answer.

This file is sent to workers as text, so that neither they nor the scheduler need this package, and none of another
version is in the way: it uses the standard library only. One grader serves one request at a time, and stays for the
next one, warm. A worker with several threads has as many graders; each has a private folder with the package that was
sent, and ends by itself when the worker does, or when there was nothing to do for a while.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import types
import zipfile
from contextlib import suppress
from typing import IO, Any

_LENGTH = 8
_START = "import sys; sys.path.insert(0, sys.argv[1]); from grader.batch.remote import main; main()"
# The jail's run folders are named like this too: whoever starts a jail removes those that nobody holds locked.
_PREFIX, _LOCK = "pset-", "lock"
_STATE = "_pset_slots"


def write(stream: IO[bytes], data: bytes) -> None:
    """Send one piece of bytes."""
    stream.write(len(data).to_bytes(_LENGTH, "big") + data)
    stream.flush()


def read(stream: IO[bytes]) -> bytes | None:
    """Receive one piece of bytes; None when the other side has gone."""
    head = stream.read(_LENGTH)
    size = int.from_bytes(head, "big")
    data = stream.read(size) if len(head) == _LENGTH else b""
    return data if len(head) == _LENGTH and len(data) == size else None


def _private_folder() -> tuple[str, IO[bytes]]:
    """A folder of our own, and its lock."""
    parent = "/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir()
    while True:
        folder = tempfile.mkdtemp(prefix=_PREFIX, dir=parent)
        lock = open(os.path.join(folder, _LOCK), "wb")  # noqa: SIM115
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Whoever removes what is left may have come upon it before the lock was held.
        if os.path.exists(lock.name):
            return folder, lock
        lock.close()


class Grader:
    """A grading process, made from a package, with its private folder."""

    def __init__(self, package: bytes) -> None:
        self.folder, lock = _private_folder()
        try:
            with lock:
                with zipfile.ZipFile(io.BytesIO(package)) as archive:
                    archive.extractall(self.folder)
                self.said = tempfile.TemporaryFile()  # noqa: SIM115
                # The grader holds the lock as well: it is free when both have ended, however they did.
                self.process = subprocess.Popen(
                    [sys.executable, "-I", "-c", _START, self.folder],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self.said,
                    pass_fds=[lock.fileno()],
                    start_new_session=True,
                    cwd="/",
                )
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def ask(self, request: bytes) -> tuple[bool, bytes | None]:
        """Whether the grader took the request, and its answer; None when it ended instead."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            write(self.process.stdin, request)
        except OSError:
            return False, None
        begun = read(self.process.stdout) is not None
        return begun, read(self.process.stdout) if begun else None

    def last_words(self) -> str:
        """How it ended, and the end of what it said."""
        status = self.process.wait()
        self.said.seek(max(0, self.said.seek(0, os.SEEK_END) - 2000))
        said = self.said.read().decode("utf-8", "replace").strip()
        return f"exit status {status}{': ' if said else ''}{said}"

    def close(self) -> None:
        """End it, and remove what it leaves."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.said):
            with suppress(OSError):  # what was not sent is not to be sent any more
                if stream is not None:
                    stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _reply(**fields: Any) -> bytes:
    text = json.dumps({**fields, "host": socket.gethostname(), "sizes": []}).encode()
    return len(text).to_bytes(_LENGTH, "big") + text


def work(digest: str, package: bytes, request: bytes) -> bytes:
    """Answer one request by a grader made from the package with this digest.

    `package` may be empty: then, where no such grader waits, the reply says that it is needed.
    """
    # The functions here are made anew for each request: what stays is kept where modules are.
    state = sys.modules.setdefault(_STATE, types.ModuleType(_STATE)).__dict__
    idle: list[Grader] = state.setdefault(digest, [])
    try:
        while True:
            try:
                grader, fresh = idle.pop(), False
            except IndexError:
                if not package:
                    return _reply(need="package")
                grader, fresh = Grader(package), True
            begun, answer = grader.ask(request)
            if answer is not None:
                idle.append(grader)
                return answer
            last = grader.last_words()
            grader.close()
            # One that had waited for long may just have gone; that is no fault of the request's.
            if begun or fresh:
                return _reply(**{"ended" if begun else "unstarted": last})
    except Exception as error:
        # Raised, it could be taken for a trouble of Dask's.
        return _reply(ended=f"{type(error).__name__}: {error}")
