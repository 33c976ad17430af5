"""Repair what happens to notebooks between the release and the hand-in, before nbgrader trips over it.

Nothing here judges. A cell is what the gradebook says it is, by its grade_id; everything a student's editor, LMS or
intent did to metadata is put right or put aside, and said in a note.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v3.nbjson import JSONReader
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.nbgraderformat import SCHEMA_VERSION

MAX_FILE_BYTES = 200 * 2**20
MAX_SOURCE_BYTES = 2 * 2**20
# A list or an object takes two bytes of JSON and some seventy in memory.
MAX_CONTAINERS = 4_000_000
_CELL_TYPES = {"code", "markdown", "raw"}
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True)
class CellSpec:
    """What the gradebook knows of one cell of the released notebook."""

    grade_id: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float

    def metadata(self) -> dict[str, Any]:
        """The nbgrader metadata this cell must have."""
        data: dict[str, Any] = {
            "grade": self.grade,
            "grade_id": self.grade_id,
            "locked": self.locked,
            "schema_version": SCHEMA_VERSION,
            "solution": self.solution,
            "task": self.task,
            "cell_type": self.cell_type,
        }
        if self.checksum:
            data["checksum"] = self.checksum
        if self.grade or self.task:
            data["points"] = self.points
        return data


def specs_of(release: Path) -> list[CellSpec]:
    """What a released notebook says of its cells; the gradebook, filled with the same release, says the same."""
    specs = []
    for cell in nbformat.read(release, as_version=4).cells:
        found = cell.metadata.get("nbgrader")
        if found is None:
            continue
        specs.append(
            CellSpec(
                grade_id=found["grade_id"],
                cell_type=cell.cell_type,
                source=cell.source,
                checksum=found.get("checksum", ""),
                locked=bool(found.get("locked")),
                grade=bool(found.get("grade")),
                solution=bool(found.get("solution")),
                task=bool(found.get("task")),
                points=float(found.get("points", 0.0)),
            )
        )
    return specs


@dataclass(frozen=True)
class Reading:
    """A submitted file as a notebook nbgrader can work with, and what had to be said about it."""

    notebook: NotebookNode
    notes: tuple[str, ...] = ()
    unreadable: bool = False


def read_notebook(path: Path) -> Reading:
    """Read any file as a notebook of format 4, with outputs dropped and odd cells put right.

    Never raises for what is in the file: what cannot be read comes back empty, marked unreadable, with one note
    that says why.
    """
    try:
        if path.is_symlink() or not path.is_file():
            return _unreadable("it is a link or not a plain file")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            return _unreadable(f"it has {size / 1e6:.0f} MB; clear the outputs and hand it in again")
        raw = path.read_bytes()
        if raw.count(b"[") + raw.count(b"{") > MAX_CONTAINERS:
            return _unreadable("it has too many parts; clear the outputs and hand it in again")
        data = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _unreadable("it is not text; was another kind of file renamed to .ipynb?")
    except RecursionError:
        return _unreadable("it is nested too deep")
    except ValueError as error:
        empty = path.stat().st_size == 0
        return _unreadable("it is empty" if empty else f"it is not JSON ({error})")
    except OSError as error:
        return _unreadable(error.strerror or type(error).__name__)
    return _normalise(data)


def _unreadable(reason: str) -> Reading:
    note = f"The file could not be read as a notebook: {reason}. Nothing in it was run. Hand it in again."
    return Reading(new_notebook(), (note,), unreadable=True)


def _normalise(data: Any) -> Reading:
    notes: list[str] = []
    if not isinstance(data, dict):
        return _unreadable("it is JSON, but not a notebook")
    version = data.get("nbformat")
    if version == 3 and isinstance(data.get("worksheets"), list):
        try:
            data = nbformat.convert(JSONReader().to_notebook(data), 4)
            notes.append("The notebook was in the old format 3 and has been converted.")
        except Exception as error:  # whatever a broken old notebook makes the converter raise
            return _unreadable(f"it is in the old format 3 and could not be converted ({type(error).__name__})")
    elif version not in (4, None) or not isinstance(data.get("cells"), list):
        return _unreadable("it is JSON, but not a notebook of format 3 or 4")
    notebook = new_notebook()
    kernelspec = _kernelspec(data.get("metadata"))
    if kernelspec:
        notebook.metadata["kernelspec"] = kernelspec
    notebook.cells = [cell for cell in (_cell(raw) for raw in data["cells"]) if cell is not None]
    if len(notebook.cells) < len(data["cells"]):
        notes.append(f"{len(data['cells']) - len(notebook.cells)} cells were not cells and were left out.")
    size = sum(len(cell.source) for cell in notebook.cells)
    if size > MAX_SOURCE_BYTES:
        return _unreadable(f"its cells hold {size / 1e6:.1f} MB of text; the limit is {MAX_SOURCE_BYTES / 1e6:.0f} MB")
    return Reading(notebook, tuple(notes))


def _kernelspec(metadata: Any) -> dict[str, str]:
    """The kernel a notebook was written for; empty when it does not say so as it should."""
    found = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    if not isinstance(found, dict):
        return {}
    names = ("name", "display_name", "language")
    spec = {name: _text(found[name]) for name in names if isinstance(found.get(name), str)}
    return spec if {"name", "display_name"} <= set(spec) else {}


def _text(text: str) -> str:
    """Without lone surrogates, which cannot be written to a file again."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _pictures(raw: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The pictures pasted into a Markdown cell: a photographed derivation may be the whole answer."""
    attachments = raw.get("attachments")
    found = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        data = {kind: bundle[kind] for kind in _PICTURES if isinstance(bundle, dict) and kind in bundle}
        if data and all(isinstance(text, str) and text.isascii() for text in data.values()):
            found[_text(name)] = data
    return found


def _cell(raw: Any) -> NotebookNode | None:
    """One cell with what matters (type, source, nbgrader metadata, pictures); None when it is not a cell."""
    kind = raw.get("cell_type") if isinstance(raw, dict) else None
    if not isinstance(kind, str) or kind not in _CELL_TYPES:
        return None
    source = raw.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    cell = new_code_cell(_text(source)) if kind == "code" else new_markdown_cell(_text(source))
    cell.cell_type = kind
    pictures = _pictures(raw) if kind == "markdown" else {}
    if pictures:
        cell.attachments = nbformat.from_dict(pictures)
    metadata = raw.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(found, dict) and isinstance(found.get("grade_id"), str):
        cell.metadata["nbgrader"] = nbformat.from_dict(found)
    return cell


def repair(notebook: NotebookNode, specs: list[CellSpec]) -> list[str]:
    """Make a submitted notebook fit the released one, in place; returns notes about what was done.

    Cells are known by grade_id only. Of duplicates the last counts, as it did in the student's own kernel; the
    others stay as ordinary cells. Unknown ids lose their metadata, test cells and written answers that are missing
    come back, and flags, points, types and locked sources are the gradebook's. Any other metadata, which could
    steer the execution (tags such as `skip-execution`), is dropped.
    """
    known = {spec.grade_id: spec for spec in specs}
    notes: list[str] = []
    place: dict[str, int] = {}
    for index, cell in enumerate(notebook.cells):
        grade_id = _grade_id(cell)
        if grade_id in place and grade_id in known:
            notes.append(f"The cell {grade_id} is there more than once; the last one counts.")
            notebook.cells[place[grade_id]].metadata = NotebookNode()
        if grade_id in known:
            place[grade_id] = index
    for index, cell in enumerate(notebook.cells):
        grade_id = _grade_id(cell)
        cell.metadata = NotebookNode()
        if grade_id in known and place[grade_id] == index:
            notebook.cells[index] = _conform(cell, known[grade_id], notes)
        elif grade_id is not None and grade_id not in known:
            notes.append(f"A cell carries the unknown id {grade_id[:60]!r}; it was run as an ordinary cell.")
    if specs and not place:
        notes.append("None of the assignment's cells are in this notebook. Was the right file handed in?")
    _restore(notebook, specs, notes)
    return notes


def _grade_id(cell: NotebookNode) -> str | None:
    data = cell.metadata.get("nbgrader")
    found = data.get("grade_id") if isinstance(data, dict) else None
    return found if isinstance(found, str) else None


def _new(spec: CellSpec, source: str) -> NotebookNode:
    cell = new_code_cell(source) if spec.cell_type == "code" else new_markdown_cell(source)
    cell.metadata["nbgrader"] = spec.metadata()
    return cell


def _conform(cell: NotebookNode, spec: CellSpec, notes: list[str]) -> NotebookNode:
    """The student's cell as the gradebook knows it: its type and flags, and its source where that is locked."""
    if cell.cell_type != spec.cell_type:
        notes.append(f"The cell {spec.grade_id} had been changed to another type; it was changed back.")
    if spec.locked and cell.source != spec.source:
        notes.append(f"The read-only cell {spec.grade_id} had been edited; its original text was used.")
    fresh = _new(spec, spec.source if spec.locked else cell.source)
    fresh.id = cell.get("id", fresh.id)
    if "attachments" in cell and spec.cell_type == "markdown" and not spec.locked:
        fresh.attachments = cell.attachments
    return fresh


def _restore(notebook: NotebookNode, specs: list[CellSpec], notes: list[str]) -> None:
    """Put back missing graded cells: after the nearest earlier cell that is there, else before the next, else last."""
    for number, spec in enumerate(specs):
        if not (spec.grade or spec.task):
            continue
        where = {_grade_id(cell): index for index, cell in enumerate(notebook.cells)}
        if spec.grade_id in where:
            continue
        earlier = [where[other.grade_id] for other in specs[:number] if other.grade_id in where]
        later = [where[other.grade_id] for other in specs[number + 1 :] if other.grade_id in where]
        place = max(earlier) + 1 if earlier else min(later, default=len(notebook.cells))
        notebook.cells.insert(place, _new(spec, spec.source))
        notes.append(f"The cell {spec.grade_id} was missing and has been put back.")
