"""Files handed in as notebooks: real ones with something in them changed, and bytes that never were one."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import nbformat
from nbformat import NotebookNode
from nbgrader.nbgraderformat import reads
from nbgrader.preprocessors import CheckCellMetadata, ClearOutput, DeduplicateIds
from nbgrader.utils import compute_checksum

from grader.autograde import repair as module
from grader.autograde.repair import Submission, repair, specs_of
from grader.course import questions
from tests.fuzz import trees

RELEASE = Path(__file__).parents[2] / "assignments" / "ps1" / "1-perceptron.ipynb"
LIMITS = Submission()
_SHORT = 8


def _released() -> dict[str, Any]:
    """The first cells of a released notebook that carry an id of the grader, and one that does not."""
    found: dict[str, Any] = json.loads(RELEASE.read_text(encoding="utf-8"))
    graded = [cell for cell in found["cells"] if "nbgrader" in cell["metadata"]]
    plain = [cell for cell in found["cells"] if "nbgrader" not in cell["metadata"]]
    return {**found, "cells": [plain[0], *graded[:_SHORT]]}


RELEASED = _released()
SPECS = [
    spec for spec in specs_of(RELEASE) if any(spec.grade_id in str(cell["metadata"]) for cell in RELEASED["cells"])
]
OUTPUTS: list[Any] = [
    {"output_type": "stream", "name": "stdout", "text": ["1\n", "2"]},
    {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["\x1b[31mE"]},
    {"output_type": "display_data", "data": {"image/png": "aGVsbG8=", "text/plain": "x"}, "metadata": {}},
    {"output_type": "execute_result", "data": {"application/json": {"a": [1]}}, "metadata": {}, "execution_count": 3},
]


def _handed_in() -> list[dict[str, Any]]:
    """The release as several editors would save it with answers in it."""
    solved = copy.deepcopy(RELEASED)
    for number, cell in enumerate(solved["cells"]):
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = [f"answer_{number} = 1\n", f"print('answer {number}: \u20ac \U0001f600')"]
        if cell["cell_type"] == "code":
            cell["outputs"] = copy.deepcopy(OUTPUTS)
            cell["execution_count"] = number
    solved["cells"][-1:-1] = [
        {"cell_type": "code", "source": "helper = 2", "metadata": {"tags": ["x"]}, "outputs": [], "id": "mine"},
        {"cell_type": "markdown", "source": "![p](attachment:p.png)", "metadata": {}, "id": "also-mine",
         "attachments": {"p.png": {"image/png": "aGVsbG8="}}},
        {"cell_type": "raw", "source": ["raw"], "metadata": {"collapsed": True}},
    ]  # fmt: skip
    colab = copy.deepcopy(solved)
    colab["metadata"]["colab"] = {"provenance": []}
    for number, cell in enumerate(colab["cells"]):
        cell.pop("id", None)
        cell["metadata"] |= {"id": f"c{number}", "colab": {"base_uri": "https://localhost:8080/"}}
    old = {
        "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""},
        "worksheets": [{"metadata": {}, "cells": [
            {**cell, "input": cell["source"], "language": "python", "collapsed": False} for cell in solved["cells"][:6]
        ] + [{"cell_type": "heading", "level": 2, "source": "old"}]}],
    }  # fmt: skip
    blank = copy.deepcopy(RELEASED)
    return [solved, blank, colab, old]


REAL = _handed_in()
NAMES = [spec.grade_id for spec in SPECS]
NESTED: Any = 0
for _ in range(400):
    NESTED = [NESTED]
ODD: list[Any] = [
    None, True, False, 0, 1, 3, 4, 4.0, 5, -1, 2**64, 10**400, float("nan"), float("inf"), "", "a", "code", "markdown",
    "raw", "heading", "Code", "4", "\ud800", "\udfff\ud83d", "\0", "\r", "a\rb\r\nc\x0b\x0c\x85\u2028", "x" * 2000, [],
    {}, [[]], [{}], {"a": 1}, ["a\n", "b"], ["a", 3, None], NESTED, *NAMES, *NAMES, "test_", {"grade_id": NAMES[0]},
    {"nbgrader": {"grade_id": NAMES[1]}}, {"nbgrader": []}, {"nbgrader": {"grade_id": ["x"]}},
    {"nbgrader": {"grade_id": "mine", "grade": True, "points": 100, "schema_version": 3}},
    {"cell_type": "code", "source": "x = 1"}, {"cell_type": "markdown"}, {"source": "kept"}, {"cell_type": "code"},
    {"p.png": {"image/png": "AAAA"}}, {"p": {"image/svg+xml": "<svg onload=alert(1)>"}},
    {"p": {"image/png": ["A", "B"]}},
    {"p": {"image/png": '"><script>'}}, {"\ud800": {"image/gif": "AAAA"}}, {"p": 3}, OUTPUTS, OUTPUTS[0],
    {"name": "python3", "display_name": "\ud800", "language": "python"}, {"name": "ir", "display_name": "R"},
    {"kernelspec": {"name": 3}}, {"kernelspec": {"name": "../../x", "display_name": "<b>"}}, {"cells": []},
    [{"cells": [{"cell_type": "code", "input": "y = 2"}]}],
]  # fmt: skip
WRAPS = ("cells", "nbgrader", "source", "metadata", "worksheets", "attachments")
RAW = [
    "NaN", "1e999", "9" * 5000, '"\\ud800"', '"cells":[],', '"nbformat":3,', "[" * 2000, "{", "}", "[", "]", ",", '"',
    "\\", "\x00", "\ufeff", "\u00e9", "null", '"metadata":{"nbgrader":{"grade_id":"x"}},', "//", "\n\n", "'",
]  # fmt: skip
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "utf-7")


def make(random: Random) -> bytes:
    """Mostly a real notebook with one to three changes in its tree or in its text."""
    kind = random.randint(0, 39)
    if kind == 0:
        return random.randbytes(random.randint(0, 60))
    if kind <= 3:
        return as_bytes(trees.tree(random, ODD, [*WRAPS, "cell_type", "grade_id", "id", "nbformat"]))
    found = random.choice(REAL)
    if kind == 4:
        return as_bytes(found)
    if kind <= 30:
        found = trees.changed_tree(random, found, ODD, WRAPS)
    if kind <= 28:
        return as_bytes(found)
    text = json.dumps(found, ensure_ascii=random.choice([True, False]))
    if kind <= 34:
        text = trees.changed_text(random, text, RAW)
    if kind <= 36:
        return text.encode(random.choice(ENCODINGS), "replace")
    raw = bytearray(text.encode("utf-8", "replace"))
    for _ in range(random.randint(1, 4)):
        start = random.randint(0, len(raw))
        raw[start : start + random.choice(trees.LENGTHS)] = random.randbytes(random.randint(0, 3))
    return bytes(raw)


def as_bytes(tree: Any) -> bytes:
    return json.dumps(tree).encode()


def check(raw: bytes) -> str:
    """Read and repair one file: a notebook that nbgrader takes, as released where that counts, with all that was typed.

    Returns "read" or "unreadable".
    """
    reading = module._read(raw, LIMITS)
    notebook = reading.notebook
    check_notes(list(reading.notes))
    kept = Counter(cell.source for cell in notebook.cells)
    if reading.unreadable:
        assert len(reading.notes) == 1
        assert not notebook.cells
    else:
        lost = typed(raw) - kept
        assert not lost, f"lost in reading: {lost}"
    own = own_texts(notebook)
    notes = repair(notebook, SPECS)
    check_notes(notes)
    lost = own - Counter(cell.source for cell in notebook.cells)
    assert not lost, f"lost in repair: {lost}"
    check_repaired(notebook)
    again = copy.deepcopy(notebook)
    assert repair(again, SPECS) == [], "repairing twice finds more"
    assert again == notebook, "repairing twice changes more"
    # What nbgrader sees is valid in any case by now, and its look at it takes ten times as long as all the rest.
    if crc32(raw) % 50 == 0:
        check_with_nbgrader(notebook)
    return "unreadable" if reading.unreadable else "read"


def typed(raw: bytes) -> Counter[str]:
    """What stands as text in the cells of a file that is JSON, by a reader of its own."""
    try:
        data = json.loads(raw.decode(json.detect_encoding(raw)))
    except ValueError:
        return Counter()
    cells = data.get("cells")
    if not isinstance(cells, list):
        return Counter()
    found: Counter[str] = Counter()
    for cell in cells:
        source = cell.get("source") if isinstance(cell, dict) and cell.get("cell_type") != "heading" else None
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if isinstance(source, str) and source:
            found[source.encode("utf-8", "replace").decode()] += 1
    return found


def own_texts(notebook: NotebookNode) -> Counter[str]:
    """What must still be there after the repair: every text but that of read-only cells."""
    locked = {spec.grade_id for spec in SPECS if spec.locked}
    last = {module._grade_id(cell): index for index, cell in enumerate(notebook.cells)}
    return Counter(
        cell.source
        for index, cell in enumerate(notebook.cells)
        if not (module._grade_id(cell) in locked and last[module._grade_id(cell)] == index)
    )


def check_notes(notes: list[str]) -> None:
    """Sentences for a student: few, short, and such that a file can hold them."""
    assert len(notes) <= 21
    for note in notes:
        note.encode("utf-8")
        assert len(note) < 500, note


def check_repaired(notebook: NotebookNode) -> None:
    """Valid, writable, and what counts in it as the gradebook has it."""
    nbformat.validate(notebook, relax_add_props=False)
    known = {spec.grade_id: spec for spec in SPECS}
    ids = [name for name in map(module._grade_id, notebook.cells) if name is not None]
    assert len(ids) == len(set(ids))
    assert {spec.grade_id for spec in SPECS if spec.grade or spec.task} <= set(ids) <= set(known)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    for cell in notebook.cells:
        name = module._grade_id(cell)
        assert dict(cell.metadata) == ({} if name is None else {"nbgrader": known[name].metadata()})
        if name is not None:
            assert cell.cell_type == known[name].cell_type
            assert not known[name].locked or cell.source == known[name].source
        assert not cell.get("outputs")
        for bundle in cell.get("attachments", {}).values():
            assert all(kind in module._PICTURES and module._BASE64.fullmatch(data) for kind, data in bundle.items())


def check_with_nbgrader(notebook: NotebookNode) -> None:
    """What nbgrader does with the notebook next."""
    text = nbformat.writes(notebook)
    text.encode("utf-8")
    back = reads(text, as_version=4)
    assert [cell.source for cell in back.cells] == [cell.source for cell in notebook.cells]
    resources: dict[str, Any] = {}
    for step in (ClearOutput, DeduplicateIds, CheckCellMetadata):
        back, resources = step().preprocess(back, resources)
    assert sum(question.points for question in questions(back)) == sum(spec.points for spec in SPECS)
    for cell in back.cells:
        if "nbgrader" in cell.metadata:
            compute_checksum(cell)
