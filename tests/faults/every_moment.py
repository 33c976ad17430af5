"""Kills nbgrader by SIGKILL at chosen steps of its work, runs the same command again, and reports what came of it.

A step is an operation on a file of the course, the start of a process, or a commit to the gradebook. Runs are forked
from one process that has imported everything, so that a kill and the run after it take a second.

    python every_moment.py TEMPLATE SCRATCH MOMENTS COMMAND...

MOMENTS is a number of moments spread over the run by chance (the seed is fixed), or `all`. Prints one JSON object.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy.event
from nbgrader.apps import NbGraderApp
from sqlalchemy.engine import Engine

import grader.autograde  # noqa: F401  (imported once, for all the runs)
from grader.verdict import NotebookVerdicts

_EVENTS = {
    "open", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "shutil.copyfile",
    "shutil.rmtree", "sqlite3.connect",
}  # fmt: skip
_ROWS = """
SELECT student_id, notebook.name, base_cell.name, auto_score, needs_manual_grade FROM grade
JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
JOIN notebook ON submitted_notebook.notebook_id = notebook.id
JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
JOIN base_cell ON grade.cell_id = base_cell.id ORDER BY 1, 2, 3
"""


class Steps:
    """Counts the steps of a run, and kills the process before the one that was asked for."""

    def __init__(self, root: Path, last: int) -> None:
        self.root = str(root)
        self.last = last
        self.count = 0
        sqlalchemy.event.listen(Engine, "commit", lambda connection: self.step())
        sys.addaudithook(self.hook)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" or (event in _EVENTS and str(arguments[0]).startswith(self.root)):
            self.step()

    def step(self) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def forked(work: Callable[[], None], log: Path) -> int:
    """Do something in a child process, with what it says in a file; its exit status, or minus the signal."""
    child = os.fork()
    if not child:
        status = 70
        try:
            stream = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(stream, 1)
            os.dup2(stream, 2)
            work()
            status = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def nbgrader(root: Path, command: list[str], last: int = 0) -> int:
    """Run an nbgrader command; `last` is the step before which it is killed."""
    counted = root.with_name(f"{root.name}.steps")

    def work() -> None:
        os.chdir(root)
        steps = Steps(root, last)
        try:
            NbGraderApp.launch_instance(command)
        finally:
            counted.write_text(str(steps.count))

    return forked(work, root.with_name(f"{root.name}.log"))


def state(root: Path) -> dict[str, Any]:
    """What a course holds after a run: marks, verdicts, and what students get, without what may differ."""
    with sqlite3.connect(root / "gradebook.db") as gradebook:
        rows = [list(row) for row in gradebook.execute(_ROWS)]
    files: dict[str, Any] = {}
    for name in ("autograded", "verdicts", "feedback"):
        for path in sorted((root / name).rglob("*")):
            if path.is_file():
                files[str(path.relative_to(root))] = _content(path)
    return {"rows": rows, "files": files}


def _content(path: Path) -> Any:
    mode = oct(path.stat().st_mode & 0o777)
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, 4).cells
        return [mode, [[cell.source, cell.get("outputs")] for cell in cells]]
    if path.suffix == ".json":
        found = NotebookVerdicts.model_validate_json(path.read_bytes())
        times = dict.fromkeys(("start_seconds", "run_seconds", "judge_seconds"), 0.0)
        return [mode, found.model_copy(update=times).student_json()]
    return [mode, path.suffix or path.read_text(encoding="utf-8")]


def try_moment(template: Path, scratch: Path, command: list[str], moment: int) -> dict[str, Any]:
    """One kill, and the run after it."""
    root = scratch / f"moment-{moment}"
    shutil.copytree(template, root)
    killed = nbgrader(root, command, moment)
    found: dict[str, Any] = {"moment": moment, "killed": killed, "between": state(root)}
    found["finished"] = nbgrader(root, command)
    found["after"] = state(root)
    found["log"] = root.with_name(f"{root.name}.log").read_text(encoding="utf-8", errors="replace")
    shutil.rmtree(root)
    return found


def main() -> None:
    template, scratch = Path(sys.argv[1]), Path(sys.argv[2])
    command = sys.argv[4:]
    # The first run fills the cache, and so the ones that are counted and killed take the same steps.
    for name in ("first", "undisturbed"):
        shutil.copytree(template, scratch / name)
        started = time.monotonic()
        status = nbgrader(scratch / name, command)
        seconds = time.monotonic() - started
    steps = int((scratch / "undisturbed.steps").read_text())
    moments = list(range(1, steps + 1))
    if sys.argv[3] != "all":
        # One from each stretch of the run, so that no part of it is left out.
        wanted, chance = int(sys.argv[3]), random.Random(1)
        edges = [round(number * steps / wanted) for number in range(wanted + 1)]
        moments = [chance.randint(low + 1, high) for low, high in itertools.pairwise(edges)]
    found = [try_moment(template, scratch, command, moment) for moment in moments] if status == 0 else []
    result = {
        "status": status,
        "log": (scratch / "undisturbed.log").read_text(encoding="utf-8", errors="replace"),
        "steps": steps,
        "seconds": seconds,
        "before": state(template),
        "undisturbed": state(scratch / "undisturbed"),
        "found": found,
    }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
