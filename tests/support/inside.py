"""nbgrader's commands in this process: as they are typed, without the second that each takes to import."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import grader


@contextmanager
def inside(folder: Path) -> Generator[None, None, None]:
    """In a course folder; what its configuration adds to this process is taken away again."""
    before, paths, packages = Path.cwd(), list(sys.path), list(grader.__path__)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = paths
        grader.__path__[:] = packages


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def command(app_class: Any, *arguments: str) -> tuple[int, str]:
    """Run a command of nbgrader's in the current folder: its exit status, and what it said."""
    heard = _Heard()
    app = app_class()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["nbgrader", *arguments])
            app.initialize(list(arguments))
            app.log.addHandler(heard)
            app.start()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    finally:
        app.log.removeHandler(heard)
    return status, "\n".join(heard.lines)
