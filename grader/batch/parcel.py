"""A task as bytes, for a machine that shares no disk with this one; what was found as plain data, for the way back.

A parcel holds what grading one notebook needs and nothing else: its cells, the files that it finds beside it, the
seed of its probes, the jail's settings, the files that inherited variables name. Never the course's secret, the
gradebook, or anything of another student's. All of it is JSON and the bytes of files: nothing in it is run.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import os
import platform
import re
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

import grader
from grader.batch.grade import Graded, Task
from grader.jail import CellOutcome, Jail, JailError, RunReport, file_limit, isolation, plain_files
from grader.verdict import NotebookVerdicts

_LENGTH = 8
# Files up to this size travel with every notebook; larger ones once, to each process that has not seen them.
_SMALL = 20_000
_MORE = "more"
# Fields of a task that are not plain values: they are written out by name.
_BY_NAME = {"cells", "suite", "course_root", "seed", "files"}
# Libraries of another version may give other marks: student code imports them, or the judge computes with them.
_DECIDING = (
    "numpy", "scipy", "keras", "tensorflow", "tensorflow-cpu", "jax", "jaxlib", "matplotlib", "matplotlib-inline",
    "ipykernel", "ipython", "jupyter-client", "nbclient", "nbformat", "pydantic", "pytest", "pyzmq", "traitlets",
)  # fmt: skip
SAME = "Make the environments of all workers and of this machine from the same constraints.txt, in the same way."


class ParcelError(JailError):
    """A notebook cannot be graded elsewhere; the message says why and what to do."""


def frame(header: Mapping[str, Any], blobs: Iterable[bytes] = ()) -> bytes:
    """A JSON object and some bytes, as one piece."""
    pieces = list(blobs)
    text = json.dumps({**header, "sizes": [len(piece) for piece in pieces]}).encode()
    return b"".join([len(text).to_bytes(_LENGTH, "big"), text, *pieces])


def unframe(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """What `frame` made one piece of."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
    header: dict[str, Any] = json.loads(data[_LENGTH:end])
    blobs = []
    for size in header.pop("sizes"):
        blobs.append(data[end : end + size])
        end += size
    return header, blobs


@dataclass(frozen=True)
class Parcel:
    """What one notebook needs: a JSON object that names files by their digests, and their contents."""

    header: dict[str, Any]
    contents: dict[str, bytes]

    def request(self, *, everything: bool) -> bytes:
        """The bytes to send: with all files, or with the small ones only."""
        sent = {name: content for name, content in self.contents.items() if everything or len(content) <= _SMALL}
        return frame({**self.header, "digests": list(sent), "wanted": list(self.contents)}, sent.values())


def pack(task: Task, jail: Jail) -> Parcel:
    """A task and the settings of its jail as a parcel; ParcelError when it needs what cannot be sent."""
    contents: dict[str, bytes] = {}

    def add(path: Path) -> str:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        contents[digest] = content
        return digest

    plain = {field.name: getattr(task, field.name) for field in fields(task) if field.name not in _BY_NAME}
    environment: dict[str, Any] = {}
    for name, value in jail.inherited().items():
        path = Path(value)
        environment[name] = {"file": add(path), "name": path.name} if path.is_file() else value
    header = {
        "task": plain,
        "cells": task.cells,
        "seed": task.seed.hex(),
        "course_root": str(task.course_root.resolve()),
        "suite": _place(task.suite) if task.suite else None,
        "files": [
            [[path.relative_to(folder).as_posix(), add(path)] for path in plain_files(folder, file_limit(jail))]
            for folder in task.files
        ],
        "jail": _settings(jail),
        "environment": environment,
        "readable": {path: listing(path) for path in map(os.path.abspath, jail.readable)},
        "facts": facts(),
    }
    return Parcel(header, contents)


def _settings(jail: Jail) -> dict[str, Any]:
    values = dict(jail.trait_values(config=True))
    values["environment"] = {str(name): str(value) for name, value in jail.environment.items()}
    # The same walls as here, whatever else there is on the other machine.
    return {**values, "isolation": isolation(jail)}


def _place(suite: Path) -> list[Any]:
    """Where a suite is in this package: the number of the package's folder, and the path below it."""
    for number, folder in enumerate(grader.__path__):
        if suite.resolve().is_relative_to(Path(folder).resolve()):
            return [number, suite.resolve().relative_to(Path(folder).resolve()).as_posix()]
    raise ParcelError(f"{suite} is not in the package `grader`, which is what workers get. Grade it here, or move it.")


def unpack(header: dict[str, Any], contents: Mapping[str, bytes], folder: Path, keep: Path) -> tuple[Task, Jail]:
    """The task and the jail of a parcel, with its files written into `folder`.

    The variables that notebooks inherit are set in this process's own environment, as the jail will look for them
    there; the files that they name are written into `keep`, for all notebooks to come.
    """
    number, suite = header["suite"] or (0, "")
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in header["task"].items()
    }
    folders = []
    for place, listed in enumerate(header["files"]):
        folders.append(folder / str(place))
        folders[-1].mkdir()
        for name, digest in listed:
            path = folders[-1] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents[digest])
    jail = Jail(**header["jail"])
    for name in jail.inherit:
        os.environ.pop(name, None)
    for name, value in header["environment"].items():
        os.environ[name] = value if isinstance(value, str) else str(_kept(keep, value, contents))
    task = Task(
        cells=nbformat.from_dict(header["cells"]),
        suite=Path(grader.__path__[number]) / suite if suite else None,
        course_root=Path(header["course_root"]),
        seed=bytes.fromhex(header["seed"]),
        files=tuple(folders),
        **plain,
    )
    return task, jail


def _kept(keep: Path, file: dict[str, str], contents: Mapping[str, bytes]) -> Path:
    path = keep / file["file"] / file["name"]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[file["file"]])
    return path


def listing(name: str) -> str:
    """A digest of the names and sizes of a file, or of all files in a folder; empty when it is not there."""
    top = Path(name)
    if not top.exists():
        return ""
    paths = sorted(path for path in top.rglob("*") if path.is_file()) if top.is_dir() else [top]
    sizes = [[path.relative_to(top).as_posix(), path.stat().st_size] for path in paths]
    return hashlib.sha256(json.dumps(sizes).encode()).hexdigest()


@lru_cache(maxsize=1)
def facts() -> dict[str, Any]:
    """What of this machine, besides our own code, marks may hang on."""
    found: dict[str, str] = {}
    for one in importlib.metadata.distributions():
        # A folder that an interrupted installation left has no name.
        if name := one.metadata["Name"]:
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), one.version)
    return {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "system": platform.system(),
        "machine": platform.machine(),
        "libraries": found,
    }


def misfit(theirs: dict[str, Any], mine: dict[str, Any], host: str) -> str:
    """Why marks may differ between the machine that asks and `host`, which is this one; empty when they may not."""
    pairs = [(name, theirs[name], mine[name]) for name in ("python", "system", "machine")]
    pairs += [(name, theirs["libraries"].get(name), mine["libraries"].get(name)) for name in _DECIDING]
    found = [
        f"{name} is {one or 'missing'} here, {other or 'missing'} there" for name, one, other in pairs if one != other
    ]
    return f"The worker on {host} would mark otherwise than this machine: {'; '.join(found)}. {SAME}" if found else ""


def other_differences(theirs: dict[str, Any], mine: dict[str, Any]) -> list[str]:
    """Libraries that decide nothing by themselves, but that a notebook may import, which are not the same."""
    names = {*theirs["libraries"], *mine["libraries"]} - {*_DECIDING, _ourselves()}
    return sorted(name for name in names if theirs["libraries"].get(name) != mine["libraries"].get(name))


def _ourselves() -> str:
    """The name under which this package is installed; it is sent along, so that does not matter."""
    return "dsia-deep-learning-pset"


def to_plain(graded: Graded) -> dict[str, Any]:
    """What was found as plain data."""
    return {
        "notebook": graded.notebook,
        "verdicts": graded.verdicts.model_dump(mode="json"),
        "report": asdict(graded.report),
    }


def from_plain(data: dict[str, Any]) -> Graded:
    """What `to_plain` made plain data of."""
    report = dict(data["report"])
    return Graded(
        nbformat.from_dict(data["notebook"]),
        NotebookVerdicts.model_validate(data["verdicts"]),
        RunReport([CellOutcome(**cell) for cell in report.pop("cells")], **report),
    )


def package() -> bytes:
    """This package as a zip file that is the same wherever the package is: engine, suites, references."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, folder in enumerate(grader.__path__):
            for path in sorted(_sources(Path(folder))):
                name = path.relative_to(folder).as_posix()
                entry = zipfile.ZipInfo(f"{_MORE}/{number}/{name}" if number else f"{grader.__name__}/{name}")
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    return made.getvalue()


def _sources(folder: Path) -> Sequence[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]


def further_folders(unpacked: Path) -> list[str]:
    """What belongs to the package's path beside the package itself, where a zip file was unpacked."""
    folder = unpacked / _MORE
    return [str(path) for path in sorted(folder.iterdir(), key=lambda path: int(path.name))] if folder.is_dir() else []
