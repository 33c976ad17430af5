"""What this run has graded already: identical notebooks are judged once.

Untouched releases, and the same work handed in twice, are many in a large class. A result follows from its task and
the settings alone (see `grade`), so it may stand for every submission with the same content.
"""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import os
from collections import OrderedDict
from pathlib import Path

from grader.batch.grade import Graded, Task, grade
from grader.jail import Jail, file_limit, plain_files
from grader.judge.run import Judge
from grader.verdict import State

_CALM = {State.RIGHT, State.PARTLY, State.WRONG, State.NOT_ATTEMPTED}


class Known:
    """The latest results of one process, by content; at most `size` of them, since they hold whole notebooks."""

    def __init__(self, size: int = 64) -> None:
        self.size = size
        self._graded: OrderedDict[str, Graded] = OrderedDict()

    def grade(self, task: Task, jail: Jail, judge: Judge, log: logging.Logger | None = None) -> Graded:
        """`grade`, or what it gave for the same content before.

        Only calm results are used again. A timeout or a crash may have come of a busy machine: the next submission
        gets a run of its own.
        """
        key = content_key(task, jail, judge)
        found = self._graded.pop(key, None)
        if found is None:
            found = grade(task, jail, judge, log)
        elif log is not None:
            log.info("%s: the same notebook was judged before in this run", task.name)
        if _calm(found):
            self._graded[key] = found
            while len(self._graded) > self.size:
                self._graded.popitem(last=False)
        return copy.deepcopy(found)


def _calm(graded: Graded) -> bool:
    return (
        not graded.verdicts.needs_attention
        and all(cell.status in ("ok", "error") for cell in graded.report.cells)
        and all(part.state in _CALM for verdict in graded.verdicts.verdicts for part in verdict.parts)
    )


def content_key(task: Task, jail: Jail, judge: Judge) -> str:
    """A digest of everything that decides the result within one process."""
    parts = {
        "notebook": task.cells,
        "task": [task.assignment, task.name, str(task.suite), task.notes, task.unreadable],
        "suite": hashlib.sha256(task.suite.read_bytes()).hexdigest() if task.suite else "",
        "files": [_digests(folder, file_limit(jail)) for folder in task.files],
        "jail": {name: repr(value) for name, value in jail.trait_values(config=True).items()},
        "environment": {name: os.environ.get(name) for name in jail.inherit},
        "seed": judge.seed(task.course_root, task.cells).hex() if task.suite else "",
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _digests(folder: Path, limit: int) -> list[tuple[str, str]]:
    """Name and digest of each file that the notebook finds beside it."""
    return [
        (path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in plain_files(folder, limit)
    ]
