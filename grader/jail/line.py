"""The judge's line to the agent in a kernel: a socket of its own, beside Jupyter's.

A question over Jupyter's channels takes a dozen messages between the threads of a kernel. Here it is one frame there
and one back. What comes is from student code's hands: it is read to a limit, within a time, and nothing in it is
trusted.
"""

from __future__ import annotations

import select
import socket
from dataclasses import dataclass
from pathlib import Path

from grader.jail.wire import FAILED, FRAME, REPLY, REQUEST, WireError

_CHUNK = 2**18


class NotOurs(WireError):
    """What answered in the kernel is not the agent that we put there: only a notebook that tampers gets here."""

    def __init__(self, message: str = "something in the notebook changed the part of Python that answers us") -> None:
        super().__init__(message)


class LineClosed(ConnectionError):
    """The other end is gone, and the kernel's process most likely with it."""


@dataclass(frozen=True)
class Reply:
    """What came back: wire text, or the name of the exception for which the agent could make none."""

    text: str
    failed: bool


class Line:
    """One connection; one question at a time."""

    def __init__(self, path: Path, max_bytes: int, seconds: float) -> None:
        """Connect to the kernel that listens there. No student code may have run in it: it could lay a link there."""
        self._max_bytes = max_bytes
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(seconds)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._number = 0
        self._to_send = memoryview(b"")
        self._read = bytearray()
        self._spoilt = False

    def close(self) -> None:
        self._socket.close()

    def ask(self, text: str) -> None:
        """Begin a question; `wait` sends it and brings the reply."""
        self._number += 1
        content = text.encode("ascii")
        self._to_send = memoryview(FRAME.pack(REQUEST, self._number, len(content)) + content)

    def wait(self, seconds: float) -> Reply | None:
        """Send and read for at most so long; the reply, or None while there is none.

        Raises NotOurs for what no agent of ours sends, and ever after: where a frame ends is not known any more.
        """
        if self._spoilt:
            raise NotOurs
        poll = select.poll()
        poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._to_send else 0))
        for _, ready in poll.poll(max(0.0, seconds) * 1000):
            try:
                if ready & select.POLLOUT:
                    self._to_send = self._to_send[self._socket.send(self._to_send) :]
                # Anything but room to send: something to read, or the end, of which reading tells.
                received = self._socket.recv(_CHUNK) if ready & ~select.POLLOUT else None
            except BlockingIOError:
                return None
            except OSError as error:
                raise LineClosed(str(error)) from error
            if received is not None:
                if not received:
                    raise LineClosed("the other end is closed")
                self._read += received
        return self._frame()

    def _frame(self) -> Reply | None:
        """The reply to this question, if all of it is there; what answers an earlier one is dropped."""
        while len(self._read) >= FRAME.size:
            kind, number, length = FRAME.unpack_from(self._read)
            if length > self._max_bytes:
                self._spoilt = True
                raise NotOurs
            if len(self._read) < FRAME.size + length:
                return None
            content = bytes(self._read[FRAME.size : FRAME.size + length])
            del self._read[: FRAME.size + length]
            if number > self._number:
                self._spoilt = True
                raise NotOurs
            if number == self._number:
                if kind not in (REPLY, FAILED) or not content.isascii():
                    raise NotOurs
                return Reply(content.decode("ascii"), failed=kind == FAILED)
        return None
