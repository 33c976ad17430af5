"""Repair what happens to notebooks between the release and the hand-in, before nbgrader trips over it.

Nothing here judges. A cell is what the gradebook says it is, by its grade_id; everything a student's editor, LMS or
intent did to metadata is put right or put aside, and said in a note.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.nbgraderformat import SCHEMA_VERSION
from traitlets import Integer
from traitlets.config import Configurable

from grader.jail.wire import TooLarge, WireError, parse

_CELL_TYPES = ("code", "markdown", "raw")
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*", re.ASCII)
# Colab puts pasted pictures into the text itself.
_PICTURE_IN_TEXT = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*")
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_NOTES = 20
_SMALLER = "Clear its outputs and hand it in again"


class Submission(Configurable):
    """Limits on a notebook that is handed in, as `c.Submission.<name>` in nbgrader_config.py; beyond, it is not run."""

    notebook_bytes = Integer(100_000_000, help="Size of a notebook's file; a larger one is not read").tag(config=True)
    files_bytes = Integer(100_000_000, help="Size of all other files of a submission; those beyond are left out").tag(
        config=True
    )
    notebook_cells = Integer(1_000, help="Cells of a notebook; one with more is not run").tag(config=True)
    notebook_characters = Integer(
        2_000_000, help="Characters in all cells of a notebook, pictures aside; one with more is not run"
    ).tag(config=True)
    cell_characters = Integer(
        500_000, help="Characters in one cell, pictures aside; a notebook where one has more is not run"
    ).tag(config=True)


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


def read_notebook(path: Path, limits: Submission | None = None) -> Reading:
    """Read any file as a notebook of format 4, with outputs dropped and odd cells put right.

    Never raises for what is in the file: what cannot be read comes back empty, marked unreadable, with one note
    that says why.
    """
    limits = limits or Submission()
    try:
        if path.is_symlink() or not path.is_file():
            return _unreadable("it is a link or not a plain file")
        size = path.stat().st_size
        if size > limits.notebook_bytes:
            return _unreadable(_beyond(limits, "notebook_bytes", "it has", size, "bytes"), _SMALLER)
        raw = path.read_bytes()
    except OSError as error:
        return _unreadable(error.strerror or type(error).__name__)
    return _read(raw, limits)


def _read(raw: bytes, limits: Submission) -> Reading:
    if not raw:
        return _unreadable("it is empty")
    notes = []
    try:
        # Programs on Windows save text as UTF-16, or with a mark of its byte order.
        text = raw.decode(json.detect_encoding(raw))
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
        notes.append("Some bytes of the file were not text in UTF-8; they were replaced by \ufffd.")
    try:
        data = parse(text, len(text))
    except TooLarge as error:
        return _unreadable(str(error), _SMALLER)
    except WireError as error:
        return _unreadable("it is not text; was another kind of file renamed to .ipynb?" if notes else str(error))
    return _normalise(data, limits, notes)


def _unreadable(reason: str, wanted: str = "Hand it in again") -> Reading:
    note = f"The file could not be read as a notebook: {reason}. Nothing in it was run. {wanted}."
    return Reading(new_notebook(), (note,), unreadable=True)


def _beyond(limits: Submission, name: str, what: str, found: int, unit: str) -> str:
    return f"{what} {found} {unit}; the limit is {getattr(limits, name)} (c.Submission.{name})"


def _normalise(data: Any, limits: Submission, notes: list[str]) -> Reading:
    raw_cells = _raw_cells(data, notes)
    if raw_cells is None:
        return _unreadable("it is JSON, but not a notebook of format 3 or 4")
    if len(raw_cells) > limits.notebook_cells:
        return _unreadable(_beyond(limits, "notebook_cells", "it has", len(raw_cells), "cells"))
    notebook = new_notebook()
    kernelspec = _kernelspec(data.get("metadata"))
    if kernelspec:
        notebook.metadata["kernelspec"] = kernelspec
    notebook.cells = [cell for cell in (_cell(raw, notes) for raw in raw_cells) if cell is not None]
    if len(notebook.cells) < len(raw_cells):
        notes.append(f"{len(raw_cells) - len(notebook.cells)} cells were not cells and were left out.")
    lengths = [len(_PICTURE_IN_TEXT.sub("", cell.source)) for cell in notebook.cells]
    for number, length in enumerate(lengths, start=1):
        if length > limits.cell_characters:
            return _unreadable(_beyond(limits, "cell_characters", f"cell {number} has", length, "characters"))
    if sum(lengths) > limits.notebook_characters:
        return _unreadable(_beyond(limits, "notebook_characters", "its cells have", sum(lengths), "characters"))
    _give_ids(notebook)
    return Reading(notebook, tuple(_few(notes)))


def _raw_cells(data: Any, notes: list[str]) -> list[Any] | None:
    """The cells of what may be a notebook of any format; None when it has none."""
    if not isinstance(data, dict):
        return None
    if isinstance(data.get("cells"), list):
        version = data.get("nbformat")
        if version not in (4, None):
            said = repr(version)[:20] if isinstance(version, (str, int, float)) else "something else"
            notes.append(f"The notebook says that its format is {said}; it was read as format 4.")
        return list(data["cells"])
    sheets = data.get("worksheets")
    if not isinstance(sheets, list):
        return None
    notes.append("The notebook was in the old format 3 and has been converted.")
    found = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    return [cell for cells in found if isinstance(cells, list) for cell in cells]


def _few(notes: list[str]) -> list[str]:
    """Each note once, and not hundreds of them."""
    told = list(dict.fromkeys(notes))
    more = len(told) - _MOST_NOTES
    return told if more <= 0 else [*told[:_MOST_NOTES], f"There were {more} more notes like these."]


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


def _joined(text: Any) -> str | None:
    """A text that may come as a list of its lines; None when it is neither."""
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    return _text(text) if isinstance(text, str) else None


def _pictures(raw: dict[str, Any], notes: list[str]) -> dict[str, dict[str, str]]:
    """The pictures pasted into a Markdown cell: a photographed derivation may be the whole answer."""
    attachments = raw.get("attachments")
    found = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        data = {kind: _joined(bundle[kind]) for kind in _PICTURES if kind in bundle} if isinstance(bundle, dict) else {}
        pictures = {kind: text for kind, text in data.items() if text is not None and _BASE64.fullmatch(text)}
        if pictures:
            found[_text(name)] = pictures
        else:
            notes.append(f"The attachment {name[:60]!r} was left out: it is not a PNG, JPEG, GIF or WebP picture.")
    return found


def _cell(raw: Any, notes: list[str]) -> NotebookNode | None:
    """One cell with what matters (type, source, nbgrader metadata, pictures); None when it is not a cell."""
    source = _joined(raw.get("source", raw.get("input", ""))) if isinstance(raw, dict) else None
    if source is None:
        return None
    kind = raw.get("cell_type")
    if kind == "heading":
        level = raw.get("level")
        source = f"{'#' * (level if level in range(1, 7) else 1)} {source}"
    if not isinstance(kind, str) or kind not in _CELL_TYPES:
        # Somebody may have written into it; what it was meant for is not known, so it is not run.
        kind = "markdown"
        if not source:
            return None
    cell = _fresh(kind, source, raw.get("id"))
    pictures = _pictures(raw, notes) if kind == "markdown" else {}
    if pictures:
        cell.attachments = nbformat.from_dict(pictures)
    metadata = raw.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(found, dict) and isinstance(found.get("grade_id"), str):
        plain = {key: value for key, value in found.items() if isinstance(value, (str, int, float))}
        cell.metadata["nbgrader"] = NotebookNode({**plain, "grade_id": _text(found["grade_id"])})
    return cell


def _fresh(kind: str, source: str, name: Any = None) -> NotebookNode:
    """A cell without outputs. Not nbformat's own maker: that validates each by itself, and the whole comes later."""
    cell = NotebookNode(cell_type=kind, id=name, metadata=NotebookNode(), source=source)
    if kind == "code":
        cell.outputs, cell.execution_count = [], None
    return cell


def _give_ids(notebook: NotebookNode) -> None:
    """Every cell an id of its own (not grade_id): its own if that is valid and new, else one by its place."""
    seen: set[str | None] = set()
    for cell in notebook.cells:
        if not isinstance(cell.id, str) or not _CELL_ID.fullmatch(cell.id) or cell.id in seen:
            cell.id = None
        seen.add(cell.id)
    for number, cell in enumerate(notebook.cells):
        extra = 0
        while cell.id is None:
            wish = f"cell-{number}" + (f"-{extra}" if extra else "")
            cell.id, extra = None if wish in seen else wish, extra + 1
        seen.add(cell.id)


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
    _give_ids(notebook)
    return _few(notes)


def _grade_id(cell: NotebookNode) -> str | None:
    data = cell.metadata.get("nbgrader")
    found = data.get("grade_id") if isinstance(data, dict) else None
    return found if isinstance(found, str) else None


def _new(spec: CellSpec, source: str) -> NotebookNode:
    cell = _fresh(spec.cell_type, source)
    cell.metadata["nbgrader"] = NotebookNode(spec.metadata())
    return cell


def _conform(cell: NotebookNode, spec: CellSpec, notes: list[str]) -> NotebookNode:
    """The student's cell as the gradebook knows it: its type and flags, and its source where that is locked."""
    if cell.cell_type != spec.cell_type:
        notes.append(f"The cell {spec.grade_id} had been changed to another type; it was changed back.")
    if spec.locked and cell.source != spec.source:
        notes.append(f"The read-only cell {spec.grade_id} had been edited; its original text was used.")
    fresh = _new(spec, spec.source if spec.locked else cell.source)
    fresh.id = cell.id
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
