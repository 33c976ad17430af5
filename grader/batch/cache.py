"""What was graded before, on disk: the same notebook is judged once, until anything changes that decides its marks.

A result follows from its task, the settings, the code and the libraries alone (see `grade`), and is kept under a digest
of all these. So grading again costs nothing, a run that was killed goes on where it stopped, and identical
notebooks (untouched releases, the same work handed in twice) are judged once.

The folder holds hidden probes and what students wrote: it is for its owner only, and lies in the course folder,
which no jail can see. An entry is plain JSON below a line with its digest; one that is not exactly what was written is
thrown away and the notebook graded again. Whatever goes wrong here costs time, never a grading.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from traitlets import Bool, Integer, Unicode
from traitlets.config import Configurable

import grader
from grader.batch.files import UNFINISHED, write_whole
from grader.batch.grade import Graded, Task, grade
from grader.batch.parcel import from_plain, to_plain
from grader.jail import Jail, file_limit, isolation, plain_files
from grader.verdict import State

_CALM = {State.RIGHT, State.PARTLY, State.WRONG, State.NOT_ATTEMPTED, State.CRASHED}
_SUFFIX = ".json"
Stamp = tuple[str, int, int]
# One flood of outputs must not push out what many others earned.
_LARGEST_SHARE = 10


class Cache(Configurable):
    """Settings of the cache of graded notebooks, as `c.Cache.<name>` in nbgrader_config.py."""

    enabled = Bool(True, help="Keep graded notebooks, so that the same one is not judged twice").tag(config=True)
    folder = Unicode(
        ".pset-cache",
        help="Where they are kept, below the course folder. It may be deleted at any time. Never let students read it.",
    ).tag(config=True)
    megabytes = Integer(1000, min=1, help="How large the folder may become; what was used longest ago goes first").tag(
        config=True
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._code = _code()
        self._working = True
        self._asked = self._known = 0
        self._written: float = math.inf
        """Bytes since the folder was last looked through; that takes long where there are thousands of entries."""
        self.elsewhere: Callable[[Task, Jail, logging.Logger], Graded] | None = None
        """What grades in the place of `grade`: `Cluster.grade`, say."""

    def all_known(self) -> bool:
        """True when all that was asked for since the last such question was graded before."""
        asked, known = self._asked, self._known
        self._asked = self._known = 0
        return 0 < asked == known

    def grade(self, task: Task, jail: Jail, log: logging.Logger) -> Graded:
        """`grade`, or what it gave for the same content before."""
        self._asked += 1
        run = self.elsewhere or grade
        # Code that changed while this process runs is neither the code that it has imported nor that on the disk.
        if not (self.enabled and self._working) or _code() != self._code:
            return run(task, jail, log)
        key = content_key(task, jail)
        path = task.course_root / self.folder / f"{key}{_SUFFIX}"
        found = _read(path, key, task.cells, log)
        if found is not None:
            log.info("%s: the same notebook was judged before", task.name)
            self._known += 1
            return found
        found = run(task, jail, log)
        if _calm(found) and _code() == self._code:
            self._keep(path, key, found, log)
        return found

    def _keep(self, path: Path, key: str, graded: Graded, log: logging.Logger) -> None:
        limit = self.megabytes * 1_000_000
        try:
            entry = _entry(key, graded)
        except (ValueError, RecursionError) as error:
            log.info("what was found cannot be kept as JSON: %s", error)
            return
        if len(entry) > limit // _LARGEST_SHARE:
            return
        try:
            _make_folder(path.parent)
            write_whole(path, entry, 0o600)
            self._written += len(entry)
            if self._written > limit // 100:
                _make_room(path.parent, limit)
                self._written = 0
        except OSError as error:
            self._working = False
            log.warning(
                "Graded notebooks cannot be kept in %s (%s), so grading them again will take its time. Make room there "
                "or set c.Cache.folder; c.Cache.enabled = False keeps none.",
                path.parent,
                error.strerror or error,
            )


def _calm(graded: Graded) -> bool:
    """True for a result that would come again: a timeout or a kernel's end may have come of a busy machine."""
    return (
        bool(graded.report.cells)
        and not graded.report.restarts
        and not graded.verdicts.needs_attention
        and all(cell.status in ("ok", "error", "left out") for cell in graded.report.cells)
        and all(part.state in _CALM for verdict in graded.verdicts.verdicts for part in verdict.parts)
    )


def _entry(key: str, graded: Graded) -> bytes:
    body = json.dumps(to_plain(graded)).encode()
    return _digest(key, body) + b"\n" + body


def _digest(key: str, body: bytes) -> bytes:
    """Of the content and of the name it belongs to."""
    return hashlib.sha256(key.encode() + b"\n" + body).hexdigest().encode()


def _read(path: Path, key: str, cells: NotebookNode, log: logging.Logger) -> Graded | None:
    """What is kept under a key; None when nothing is, or nothing that can be trusted."""
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
        if digest != _digest(key, body):
            raise ValueError("its content is not what was written")
        found = from_plain(json.loads(body))
        # The digest stands for all of the cells but their ids, which decide nothing.
        for kept, asked in zip(found.notebook.cells, cells.cells, strict=True):
            if "id" in asked:
                kept.id = asked.id
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.warning("%s is damaged or cannot be read (%s); the notebook is judged anew.", path, error)
        _remove(path)
        return None
    # What is used stays longest; where that cannot be noted, it only goes earlier.
    with suppress(OSError):
        os.utime(path)
    return found


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        write_whole(ignored, b"*\n")


def _make_room(folder: Path, limit: int) -> None:
    """Take away what was used longest ago until the rest fits; what a killed run left unfinished is old one day too."""
    found = []
    for path in folder.iterdir():
        if path.suffix in (_SUFFIX, UNFINISHED):
            try:
                status = path.stat()
            except FileNotFoundError:  # Another run made room as well.
                continue
            found.append((status.st_mtime_ns, status.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= limit:
            return
        total -= size
        _remove(path)


def _remove(path: Path) -> None:
    """Remove an entry if that can be done: one in the way is written over, one in vain only takes room."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        logging.getLogger(__name__).info("%s could not be removed: %s", path, error)


def content_key(task: Task, jail: Jail) -> str:
    """A digest of everything that decides the result."""
    cells = [{name: value for name, value in cell.items() if name != "id"} for cell in task.cells.cells]
    inherited = jail.inherited()
    files = [value for value in inherited.values() if os.path.isfile(value)]
    parts = {
        "notebook": {**task.cells, "cells": cells},
        "task": [task.assignment, task.name, task.notes, task.unreadable, task.leave_out],
        "suite": hashlib.sha256(task.suite.read_bytes()).hexdigest() if task.suite else "",
        "files": [_digests(folder, file_limit(jail)) for folder in task.files],
        "jail": jail.settings(),
        "isolation": isolation(jail),
        "environment": inherited,
        "readable": [_readable(name) for name in (*jail.readable, *files)],
        "seed": task.seed.hex(),
        "code": _code(),
        "libraries": _libraries(),
        "python": [sys.version, platform.system(), platform.machine()],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _digests(folder: Path, limit: int) -> list[tuple[str, str]]:
    """Name and digest of each file that the notebook finds beside it."""
    return [
        (path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in plain_files(folder, limit)
    ]


def _code() -> str:
    """A digest of this package: the engine, the hidden suites, the references and all that they use."""
    return "".join(_code_in(folder, _stamps(folder, _sources(folder))) for folder in grader.__path__)


def _sources(folder: str) -> list[str]:
    return [path for path in _files(folder) if not path.endswith(".pyc")]


@lru_cache(maxsize=8)
def _code_in(folder: str, stamps: tuple[Stamp, ...]) -> str:
    digest = hashlib.sha256()
    for name, _, _ in stamps:
        digest.update(name.encode() + b"\0" + hashlib.sha256((Path(folder) / name).read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (os.path.join(parent, name) for name in sorted(names))


def _stamps(root: str, paths: Iterable[str]) -> tuple[Stamp, ...]:
    """Name, size and time of change of files: enough to see that one was changed."""
    found = []
    for path in paths:
        # A dangling link, a file that has just gone: there is no content to depend on.
        with suppress(OSError):
            status = os.stat(path)
            found.append((path.removeprefix(root).lstrip(os.sep), status.st_size, status.st_mtime_ns))
    return tuple(found)


def _readable(name: str) -> tuple[Stamp, ...]:
    """The stamps of a file or folder that notebooks may read; it may be a large data set, so its content is not."""
    return _stamps(name, _files(name)) if os.path.isdir(name) else _stamps(os.path.dirname(name), [name])


def _libraries() -> list[str]:
    """What is installed, with versions, as the names of its metadata folders say."""
    found: set[str] = set()
    for folder in filter(os.path.isdir, sys.path):
        found.update(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info")))
    return sorted(found)
