"""How far a run is: one bar for people at a terminal, one line of JSON for each submission for programs."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections import Counter
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.file_proxy import FileProxy
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

# What is done needs no word: the bar shows it.
_SHOWN = ("known", "skipped", "failed", "refused")


class Progress:
    """Counts submissions, by what came of them: done, known (from an earlier run), skipped, failed or refused.

    At a terminal it is a bar, and of what is logged meanwhile only warnings are shown, above it. Elsewhere every
    submission is a line of the log: the word "progress" and a JSON object.
    """

    def __init__(self, what: str, total: int, log: logging.Logger) -> None:
        self.counts: Counter[str] = Counter()
        self._total = total
        self._log = log
        self._started = time.monotonic()
        self._bar: Bar | None = None
        self._before: list[tuple[logging.StreamHandler[Any], int, Any]] = []
        if sys.stderr.isatty() and total > 1:
            shown = ("{task.description}", BarColumn(), MofNCompleteColumn(), "{task.fields[counts]}")
            self._bar = Bar(*shown, TimeRemainingColumn(), console=Console(stderr=True))
            self._task = self._bar.add_task(what, total=total, counts="")

    def __enter__(self) -> Progress:
        if self._bar is not None:
            for handler in self._log.handlers:
                if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr:
                    self._before.append((handler, handler.level, handler.stream))
                    handler.setStream(FileProxy(self._bar.console, sys.stderr))
                    if handler.level > logging.DEBUG:
                        handler.setLevel(max(handler.level, logging.WARNING))
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
        for handler, level, stream in self._before:
            handler.setStream(stream)
            handler.setLevel(level)

    @property
    def done(self) -> int:
        return sum(self.counts.values())

    def add(self, name: str, state: str) -> None:
        """One more submission: whose it is, and what came of it."""
        self.counts[state] += 1
        done = self.done
        if self._bar is not None:
            counts = ", ".join(f"{self.counts[shown]} {shown}" for shown in _SHOWN if self.counts[shown])
            self._bar.update(self._task, completed=done, counts=counts)
            return
        elapsed = time.monotonic() - self._started
        line = {
            "submission": name, "state": state, "finished": done, "of": self._total, **dict(self.counts),
            "seconds": round(elapsed, 1), "seconds_left": round(elapsed / done * (self._total - done), 1),
        }  # fmt: skip
        self._log.info("progress %s", json.dumps(line))
