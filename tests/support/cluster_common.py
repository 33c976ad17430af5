"""What two gradings of a notebook must have in common, and what must be gone after them."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import psutil

from grader.batch import Graded


def without_times(value: Any) -> Any:
    """JSON of a grading without what a clock put into it."""
    if isinstance(value, dict):
        times = ("seconds", "start_seconds", "run_seconds", "judge_seconds", "execution")
        return {name: without_times(item) for name, item in value.items() if name not in times}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def common(graded: Graded) -> Any:
    """What must be equal wherever a notebook is graded: everything but the times."""
    report = {**vars(graded.report), "cells": [vars(cell) for cell in graded.report.cells]}
    return without_times(
        [json.loads(graded.verdicts.model_dump_json()), json.loads(json.dumps(graded.notebook)), report]
    )


def printed(graded: Graded, cell: int) -> str:
    """What a cell printed."""
    return "".join(output.get("text", "") for output in graded.notebook.cells[cell].outputs)


def has_jail(process: psutil.Process) -> bool:
    """True when a jail's parent runs somewhere below a process."""
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it ended between the listing and the look
            if "parent.py" in " ".join(child.cmdline()):
                return True
    return False


def gone(pid: int) -> bool:
    """True when a process ends soon."""
    with suppress(psutil.NoSuchProcess):
        watched = psutil.Process(pid)
        deadline = time.monotonic() + 20
        while watched.is_running() and watched.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
    return True
