"""README's terminal recording: real commands, typed in a new course, and what they print, as an SVG picture.

    python docs/record.py docs/pictures/terminal.svg

The course is made by `pset init`, three of the made-up class hand in, and nothing is left behind.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.cli.common import draw_svg, search_path
from grader.cli.made_up import hand_in, read_student
from grader.course import Course

STUDENTS = ("amina_diallo", "kwame_mensah", "youssef_benali")
COMMANDS = ("nbgrader autograde ps1", "pset explain youssef_benali softmax --stored", "pset report ps1")
WIDTH, HEIGHT = 118, 50
_PIECE = re.compile(r"\x1b\[\??[\d;]*[A-Za-z]|\x1b\([A-Z0-9]|\r?\n|\r|[^\x1b\r\n]+|\x1b")


def screen(said: str) -> str:
    """What stands on a terminal in the end: a progress bar draws over itself, and moves up to do so."""
    lines, row, over = [""], 0, False
    for piece in _PIECE.findall(said):
        if piece in ("\n", "\r\n"):
            row, over = row + 1, False
            lines += [""] * (row + 1 - len(lines))
        elif piece == "\r":
            over = True
        elif piece.endswith("A") and piece.startswith("\x1b["):
            row = max(0, row - int(piece[2:-1] or 1))
        elif piece.endswith("K") and piece.startswith("\x1b["):
            lines[row] = ""
        elif re.fullmatch(r"\x1b\[[\d;]*m|[^\x1b].*", piece):
            lines[row] = piece if over else lines[row] + piece
            over = False
    return "\n".join(lines)


def typed(command: str, folder: Path) -> str:
    """What a command prints at a terminal; CalledProcessError when it fails."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    environment = {**os.environ, "PATH": search_path(), "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
    process = subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            said += (piece := os.read(ours, 2**16))
        except OSError:  # how Linux tells that nobody has the terminal open any more
            piece = b""
        if not piece:
            break
    os.close(ours)
    text = said.decode("utf-8", "replace")
    if process.wait() != 0:
        raise subprocess.CalledProcessError(process.returncode, command, text)
    return text


def record(target: Path) -> None:
    """Type everything, and draw it."""
    with tempfile.TemporaryDirectory() as made, open(os.devnull, "w", encoding="utf-8") as nowhere:
        folder = Path(made) / "course"
        typed(f"pset init {folder} && cd {folder} && nbgrader generate_assignment ps1", Path(made))
        course = Course(folder)
        for name in STUDENTS:
            hand_in(read_student(folder / "examples" / "ps1" / f"{name}.py"), course, "ps1")
        paper = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, highlight=False)
        for command in COMMANDS:
            said = screen(typed(command, folder)).replace(str(folder), "course").rstrip()
            paper.print(Text("$ ", style="bold green") + Text(command, style="bold"))
            paper.print(Text.from_ansi(said))
            paper.print()
    draw_svg(paper, target, "a course")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
