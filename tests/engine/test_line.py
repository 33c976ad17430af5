"""The judge's own line to a kernel: what student code may send on it comes out as a reply, or as an error of ours."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Generator
from pathlib import Path
from random import Random

import pytest

from grader.jail.line import Line, LineClosed, NotOurs, Reply
from grader.jail.wire import FAILED, FRAME, REPLY, REQUEST

LIMIT = 1000


@pytest.fixture
def ends(tmp_path: Path) -> Generator[tuple[Line, socket.socket], None, None]:
    """Our end of a line, and the kernel's."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(tmp_path / "a"))
    listener.listen(1)
    line = Line(tmp_path / "a", LIMIT, 5.0)
    kernel = listener.accept()[0]
    kernel.settimeout(10.0)
    yield line, kernel
    for one in (line, kernel, listener):
        one.close()


def frame(number: int, content: bytes, kind: bytes = REPLY) -> bytes:
    return FRAME.pack(kind, number, len(content)) + content


def reply(line: Line, seconds: float = 5.0) -> Reply | None:
    """What comes within some seconds."""
    end = time.monotonic() + seconds
    while (found := line.wait(0.05)) is None and time.monotonic() < end:
        pass
    return found


def asked(line: Line, kernel: socket.socket, text: str = "[1]") -> int:
    """Ask, and take the question in on the other side; returns its number."""
    line.ask(text)
    assert line.wait(0.0) is None
    kind, number, length = FRAME.unpack(kernel.recv(FRAME.size, socket.MSG_WAITALL))
    assert (kind, kernel.recv(length, socket.MSG_WAITALL).decode()) == (REQUEST, text)
    return int(number)


def test_a_reply_in_pieces(ends: tuple[Line, socket.socket]) -> None:
    line, kernel = ends
    for text in ("{}", "", "x" * LIMIT):
        number = asked(line, kernel)
        sent = frame(number, text.encode())
        for start in range(0, len(sent) - 1, 100):
            kernel.sendall(sent[start : min(start + 100, len(sent) - 1)])
            assert line.wait(0.05) is None
        kernel.sendall(sent[-1:])
        assert reply(line) == Reply(text, failed=False)


def test_only_what_answers_the_question_counts(ends: tuple[Line, socket.socket]) -> None:
    line, kernel = ends
    for _ in range(3):
        number = asked(line, kernel)
        kernel.sendall(b"".join(frame(k, b"other") for k in range(number)) + frame(number, b"this", FAILED))
        assert reply(line) == Reply("this", failed=True)
        kernel.sendall(frame(number, b"once more"))


@pytest.mark.parametrize("content", [frame(1, b"x", b"?"), frame(1, b"\xff")])
def test_what_no_agent_sends(ends: tuple[Line, socket.socket], content: bytes) -> None:
    line, kernel = ends
    assert asked(line, kernel) == 1
    kernel.sendall(content)
    with pytest.raises(NotOurs):
        reply(line)
    kernel.sendall(frame(asked(line, kernel), b"{}"))
    assert reply(line) == Reply("{}", failed=False)


def test_an_answer_to_what_nobody_has_asked_ends_the_talk(ends: tuple[Line, socket.socket]) -> None:
    line, kernel = ends
    kernel.sendall(frame(asked(line, kernel) + 1, b"{}"))
    for _ in range(2):
        with pytest.raises(NotOurs):
            reply(line)


def test_who_writes_and_reads_nothing_keeps_nobody_busy(ends: tuple[Line, socket.socket]) -> None:
    """What it wrote is read once, though the question cannot be sent: then there is nothing to wake up for."""
    line, kernel = ends
    kernel.sendall(b"x")
    line.ask("x" * 3_000_000)
    while select.select([], [line._socket], [], 0)[1]:
        assert line.wait(0.0) is None
    began = time.monotonic()
    assert line.wait(0.2) is None
    assert time.monotonic() - began > 0.19


def test_a_reply_beyond_the_limit_ends_the_talk(ends: tuple[Line, socket.socket]) -> None:
    line, kernel = ends
    kernel.sendall(FRAME.pack(REPLY, asked(line, kernel), LIMIT + 1))
    with pytest.raises(NotOurs):
        reply(line)
    line.ask("[]")
    with pytest.raises(NotOurs):
        line.wait(0.1)


def test_a_long_question_to_a_slow_reader(ends: tuple[Line, socket.socket]) -> None:
    line, kernel = ends
    text = "x" * 3_000_000
    line.ask(text)

    def read() -> None:
        left = FRAME.size + len(text)
        while left:
            left -= len(kernel.recv(min(left, 50_000)))
        kernel.sendall(frame(1, b"{}"))

    reader = threading.Thread(target=read)
    reader.start()
    assert reply(line) == Reply("{}", failed=False)
    reader.join()


def test_nobody_on_the_line(ends: tuple[Line, socket.socket]) -> None:
    line, kernel = ends
    started = time.monotonic()
    line.ask("[]")
    while time.monotonic() < started + 0.2:
        assert line.wait(0.1) is None
    kernel.close()
    for _ in range(2):
        with pytest.raises(LineClosed):
            reply(line)


def test_noise(ends: tuple[Line, socket.socket]) -> None:
    """Whatever comes, a look takes no longer than it may, and finds a reply or one of two errors."""
    line, kernel = ends
    outcomes = set()
    for seed in range(300):
        random = Random(seed)
        number = asked(line, kernel)
        noise = random.randbytes(random.randint(0, 9))
        numbers = [max(0, number - random.randint(0, 2)) for _ in range(random.randint(1, 4))]
        pieces = [frame(one, noise, random.choice([b"=", b"!", b"x"])) for one in numbers]
        kernel.sendall(b"".join(pieces))
        try:
            outcomes.add(type(line.wait(0.01)))
        except NotOurs:
            outcomes.add(NotOurs)
    assert outcomes == {Reply, type(None), NotOurs}
