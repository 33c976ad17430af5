"""Reading and repairing submissions: any file becomes a notebook that nbgrader can work with."""

from __future__ import annotations

import copy
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.nbgraderformat import SCHEMA_VERSION
from nbgrader.utils import compute_checksum
from traitlets.config import Config

from grader.autograde import repair as module
from grader.autograde.repair import CellSpec, Submission, read_notebook, repair

COMMON = settings(
    max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def spec(grade_id: str, kind: str, cell_type: str = "code", points: float = 0.0) -> CellSpec:
    source = f"# released {grade_id}"
    return CellSpec(
        grade_id=grade_id,
        cell_type=cell_type,
        source=source,
        checksum="",
        locked=kind in ("test", "read-only"),
        grade=kind in ("test", "written"),
        solution=kind in ("solution", "written"),
        task=False,
        points=points,
    )


SPECS = [
    spec("intro", "read-only", "markdown"),
    spec("sigmoid", "solution"),
    spec("test_sigmoid", "test", points=4),
    spec("loss", "solution"),
    spec("test_loss", "test", points=2),
    spec("written_xor", "written", "markdown", points=3),
]


def released() -> NotebookNode:
    """The notebook as students got it, with a few cells around the graded ones."""
    cells = [new_markdown_cell("# Title")]
    for one in SPECS:
        make = new_code_cell if one.cell_type == "code" else new_markdown_cell
        cells.append(make(one.source, metadata={"nbgrader": one.metadata()}))
    cells.append(new_code_cell("print('mine')"))
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def solved() -> NotebookNode:
    notebook = released()
    for cell in notebook.cells:
        name = module._grade_id(cell)
        if name in ("sigmoid", "loss", "written_xor"):
            cell.source = f"my {name}"
    return notebook


def index_of(notebook: NotebookNode, grade_id: str) -> int:
    return next(i for i, cell in enumerate(notebook.cells) if module._grade_id(cell) == grade_id)


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return notebook.cells[index_of(notebook, grade_id)]


def check(notebook: NotebookNode) -> None:
    """What must hold for every repaired notebook, whatever was handed in."""
    plain = copy.deepcopy(notebook)
    nbformat.validate(plain)
    nbformat.writes(plain).encode("utf-8")
    known = {one.grade_id: one for one in SPECS}
    ids = [name for name in map(module._grade_id, notebook.cells) if name is not None]
    assert len(ids) == len(set(ids))
    assert set(ids) <= set(known)
    assert {one.grade_id for one in SPECS if one.grade} <= set(ids)
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"nbgrader"}
        name = module._grade_id(cell)
        if name is None:
            assert not cell.metadata
            continue
        assert cell.metadata["nbgrader"] == known[name].metadata()
        assert cell.cell_type == known[name].cell_type
        if known[name].locked:
            assert cell.source == known[name].source


def handed_in(tmp_path: Path, data: Any) -> tuple[NotebookNode, list[str], bool]:
    """The notebook after reading and repairing a file with this content, the notes, and whether it was unreadable."""
    path = tmp_path / "hand in.ipynb"
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    reading = read_notebook(path)
    notebook = reading.notebook
    notes = [*reading.notes, *repair(notebook, SPECS)]
    check(notebook)
    return notebook, notes, reading.unreadable


# ---- anything at all


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
sources = anything | st.text(st.characters(), max_size=20) | st.lists(st.text(max_size=8), max_size=3)
grader_data = anything | st.fixed_dictionaries(
    {"grade_id": st.sampled_from([*(one.grade_id for one in SPECS), "other", "", "test_\ud800", 3, None])},
    optional={
        name: st.booleans() | anything
        for name in ("grade", "solution", "locked", "task", "points", "schema_version", "cell_type", "checksum")
    },
)
cells = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading", None]) | anything,
        "source": sources,
        "id": anything,
        "outputs": anything,
        "execution_count": anything,
        "attachments": anything,
        "metadata": anything
        | st.fixed_dictionaries({}, optional={"nbgrader": grader_data, "tags": anything, "collapsed": anything}),
    },
)
notebooks = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": st.sampled_from([4, 3, 2, 99, None, True, 4.0, "4"]),
        "nbformat_minor": anything,
        "metadata": anything | st.fixed_dictionaries({"kernelspec": anything}),
        "cells": anything | st.lists(cells | anything, max_size=5),
        "worksheets": anything | st.lists(st.fixed_dictionaries({"cells": st.lists(cells, max_size=3)}), max_size=2),
    },
)


@COMMON
@given(data=notebooks | anything | st.binary(max_size=50))
def test_any_file(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    handed_in(tmp_path_factory.getbasetemp(), data)


@COMMON
@given(st.data())
def test_mutated_notebooks(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    notebook = json.loads(nbformat.writes(solved()))
    held = notebook["cells"]
    kinds = st.sampled_from(["delete", "copy", "move", "retype", "replace", "metadata", "key"])
    for kind in data.draw(st.lists(kinds, min_size=1, max_size=4)):
        place = data.draw(st.integers(0, len(held) - 1))
        match kind:
            case "delete":
                del held[place]
            case "copy":
                held.insert(data.draw(st.integers(0, len(held))), copy.deepcopy(held[place]))
            case "move":
                held.insert(data.draw(st.integers(0, len(held) - 1)), held.pop(place))
            case "retype":
                held[place]["cell_type"] = data.draw(st.sampled_from(["code", "markdown", "raw", "heading"]))
            case "replace":
                held[place] = data.draw(cells | anything)
            case "metadata" if isinstance(held[place], dict):
                held[place]["metadata"] = data.draw(st.fixed_dictionaries({"nbgrader": grader_data}) | anything)
            case "key" if isinstance(held[place], dict) and held[place]:
                held[place][data.draw(st.sampled_from(sorted(held[place])))] = data.draw(anything)
    handed_in(tmp_path_factory.getbasetemp(), notebook)


@COMMON
@given(st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=20))
def test_torn_files(tmp_path_factory: pytest.TempPathFactory, start: int, length: int, put: bytes) -> None:
    text = nbformat.writes(solved()).encode()
    start = min(start, len(text))
    handed_in(tmp_path_factory.getbasetemp(), text[:start] + put + text[start + length :])


# ---- files that cannot be read


UNREADABLE = {
    "empty": (b"", "it is empty"),
    "spaces": (b"  \n", "it is not JSON"),
    "text": (b"My answers are in the mail.", "it is not JSON"),
    "cut short": (b'{"cells": [', "it is not JSON"),
    "PDF": (b"%PDF-1.7 \xe2\xe3\xcf\xd3", "it is not text"),
    "half of UTF-16": (nbformat.writes(new_notebook()).encode("utf-16")[:-1], "it is not text"),
    "NUL": (b"\0" * 50, "it is not"),
    "a list": (b"[1, 2]", "JSON, but not a notebook"),
    "a number": (b"3", "JSON, but not a notebook"),
    "another object": (b'{"a": 1}', "not a notebook of format 3 or 4"),
    "cells that are no list": (b'{"nbformat": 4, "cells": {}}', "not a notebook of format 3 or 4"),
    "worksheets that are no list": (b'{"nbformat": 3, "worksheets": {}}', "not a notebook of format 3 or 4"),
    "deep": (b"[" * 200_000, "nested too deep"),
    "deep objects": (b'{"cells":' * 200_000, "nested too deep"),
    "countless objects": (b'{"nbformat": 4, "cells": [' + b"{}," * 6_000_000 + b"{}]}", "more than 2000000 parts"),
    "countless numbers": (b'{"cells": [], "x": [' + b"0.1," * 6_000_000 + b"0]}", "more than 2000000 parts"),
    "digits": (b"9" * 1_000_000, "it is not JSON"),
    "a long cell": (
        json.dumps({"cells": [{"cell_type": "raw"}, {"cell_type": "code", "source": "x" * 600_000}]}).encode(),
        "cell 2 has 600000 characters; the limit is 500000 (c.Submission.cell_characters)",
    ),
    "long cells": (
        json.dumps({"cells": [{"cell_type": "code", "source": "x" * 400_000}] * 6}).encode(),
        "its cells have 2400000 characters; the limit is 2000000 (c.Submission.notebook_characters)",
    ),
    "many cells": (
        json.dumps({"cells": [{"cell_type": "code", "source": ""}] * 1001}).encode(),
        "it has 1001 cells; the limit is 1000 (c.Submission.notebook_cells)",
    ),
}


@pytest.mark.parametrize(("data", "reason"), UNREADABLE.values(), ids=list(UNREADABLE))
def test_unreadable(tmp_path: Path, data: bytes, reason: str) -> None:
    _, notes, unreadable = handed_in(tmp_path, data)
    assert unreadable
    assert reason in notes[0]
    assert "and it in again." in notes[0]
    assert str(tmp_path) not in notes[0]


def test_what_is_not_a_plain_file(tmp_path: Path) -> None:
    (tmp_path / "secret.ipynb").write_text(nbformat.writes(solved()))
    link, dangling, folder, pipe = (tmp_path / f"{name}.ipynb" for name in ("link", "dangling", "folder", "pipe"))
    link.symlink_to(tmp_path / "secret.ipynb")
    dangling.symlink_to(tmp_path / "nowhere")
    folder.mkdir()
    os.mkfifo(pipe)
    for path in (link, dangling, folder, pipe, tmp_path / "missing.ipynb"):
        reading = read_notebook(path)
        assert reading.unreadable
        assert str(tmp_path) not in reading.notes[0]
        assert not reading.notebook.cells


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.ipynb"
    with path.open("wb") as stream:
        stream.truncate(100_000_001)
    reading = read_notebook(path)
    assert reading.unreadable
    assert "it has 100000001 bytes; the limit is 100000000 (c.Submission.notebook_bytes)" in reading.notes[0]
    assert "Clear its outputs and hand it in again." in reading.notes[0]


@pytest.mark.parametrize("name", ["notebook_bytes", "notebook_cells", "notebook_characters", "cell_characters"])
def test_every_limit_is_a_setting(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hand in.ipynb"
    path.write_text(nbformat.writes(solved()), encoding="utf-8")
    assert not read_notebook(path).unreadable
    reading = read_notebook(path, Submission(config=Config({"Submission": {name: 5}})))
    assert reading.unreadable
    assert f"the limit is 5 (c.Submission.{name})" in reading.notes[0]


def test_reading_takes_memory_in_proportion() -> None:
    """Whatever a file is made of: a few times its size, or the limits'."""
    for raw in (
        b'{"cells": [' + b'{"a":0},' * 90_000 + b"0]}",
        b'{"cells": ["' + b"\\ud83d\\ude00" * 100_000 + b'"]}',
        b'{"cells": [], "x": "' + b"1, " * 1_000_000 + b'"}',
        b'{"cells": [' + b'{"cell_type":"code"},' * 40_000 + b"0]}",
    ):
        tracemalloc.start()
        try:
            module._read(raw, Submission())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 30 * len(raw)


# ---- what is put right


def as_json(notebook: NotebookNode) -> Any:
    return json.loads(nbformat.writes(notebook))


def test_an_honest_notebook_is_left_as_it_is(tmp_path: Path) -> None:
    notebook, notes, unreadable = handed_in(tmp_path, as_json(solved()))
    assert notes == []
    assert not unreadable
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in solved().cells]
    assert notebook.metadata["kernelspec"]["name"] == "python3"


def test_a_byte_order_mark_and_line_lists(tmp_path: Path) -> None:
    data = as_json(solved())
    for cell in data["cells"]:
        cell["source"] = ["first\n", "second"]
    notebook, _, _ = handed_in(tmp_path, b"\xef\xbb\xbf" + json.dumps(data).encode())
    assert cell_of(notebook, "sigmoid").source == "first\nsecond"


def test_utf_16(tmp_path: Path) -> None:
    """What `>` writes in Windows PowerShell."""
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        notebook, notes, _ = handed_in(tmp_path, nbformat.writes(solved()).encode(encoding))
        assert notes == []
        assert cell_of(notebook, "sigmoid").source == "my sigmoid"


def test_a_few_bytes_that_are_not_text(tmp_path: Path) -> None:
    data = nbformat.writes(solved()).encode().replace(b"my sigmoid", b"# caf\xe9\\nmy sigmoid")
    notebook, notes, _ = handed_in(tmp_path, data)
    assert notes == ["Some bytes of the file were not text in UTF-8; they were replaced by \ufffd."]
    assert cell_of(notebook, "sigmoid").source == "# caf\ufffd\nmy sigmoid"


@pytest.mark.parametrize("version", [5, 99, "4", True, [4], {"a": 1}, 10**400, float("nan")], ids=lambda v: repr(v)[:9])
def test_a_version_that_does_not_exist(tmp_path: Path, version: Any) -> None:
    data = as_json(solved())
    data["nbformat"] = version
    notebook, notes, _ = handed_in(tmp_path, data)
    assert len(notes) == 1
    assert "it was read as format 4" in notes[0]
    assert len(notes[0]) < 100
    assert cell_of(notebook, "sigmoid").source == "my sigmoid"


def test_a_cell_of_unknown_type_keeps_its_text(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"][2]["cell_type"] = "Code"
    data["cells"] += [{"cell_type": None, "source": ["a", "b"]}, {"source": "c"}, {"cell_type": "sql", "source": "d"}]
    notebook, notes, _ = handed_in(tmp_path, data)
    assert cell_of(notebook, "sigmoid").source == "my sigmoid"
    assert "The cell sigmoid had been changed to another type; it was changed back." in notes
    assert [(cell.cell_type, cell.source) for cell in notebook.cells[-3:]] == [
        ("markdown", text) for text in ("ab", "c", "d")
    ]


def test_metadata_nested_without_end(tmp_path: Path) -> None:
    """Python reads it, but must not walk through it."""
    nested: Any = 0
    for _ in range(300):
        nested = {"a": [nested]}
    data = as_json(solved())
    data["cells"][2]["metadata"]["nbgrader"]["extra"] = nested
    data["cells"][3]["metadata"]["extra"] = data["metadata"]["extra"] = nested
    data["cells"][4]["outputs"] = [nested]
    notebook, notes, _ = handed_in(tmp_path, data)
    assert notes == []
    assert cell_of(notebook, "sigmoid").source == "my sigmoid"


def test_cells_keep_ids_that_are_valid(tmp_path: Path) -> None:
    data = as_json(solved())
    wanted = ["a", "a", "cell-1", "", "x" * 65, None, "b c", 3]
    for cell, name in zip(data["cells"], wanted, strict=True):
        cell["id"] = name
    data["cells"].append({"cell_type": "code", "source": "", "id": "cell-3"})
    del data["cells"][3]["id"]
    notebook, _, _ = handed_in(tmp_path, data)
    assert [cell.id for cell in notebook.cells] == [
        "a", "cell-1-1", "cell-1", "cell-3-1", "cell-4", "cell-5", "cell-6", "cell-7", "cell-3"
    ]  # fmt: skip


def test_notes_are_few(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"] += [copy.deepcopy(data["cells"][2]) for _ in range(50)]
    for number in range(100):
        cell = {"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": f"mine {number}"}}}
        data["cells"].append(cell)
    _, notes, _ = handed_in(tmp_path, data)
    assert len(notes) == 21
    assert notes[0] == "The cell sigmoid is there more than once; the last one counts."
    assert notes[-1] == "There were 81 more notes like these."


def test_pictures_that_colab_puts_into_the_text(tmp_path: Path) -> None:
    data = as_json(solved())
    answer = f"![photo](data:image/png;base64,{'A' * 4_000_000})"
    data["cells"][6]["source"] = answer
    notebook, notes, unreadable = handed_in(tmp_path, data)
    assert not unreadable
    assert notes == []
    assert cell_of(notebook, "written_xor").source == answer


def test_a_raw_cell_of_the_release() -> None:
    raw = spec("licence", "read-only", "raw")
    notebook = new_notebook(cells=[new_raw_cell(raw.source, metadata={"nbgrader": raw.metadata()})])
    assert repair(notebook, [raw]) == []
    assert notebook.cells[0].cell_type == "raw"


def test_format_3(tmp_path: Path) -> None:
    data = {
        "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""},
        "worksheets": [{"metadata": {}, "cells": [
            {"cell_type": "code", "language": "python", "input": ["x = 1\n", "y = 2"], "outputs": [],
             "collapsed": False, "metadata": {"nbgrader": SPECS[1].metadata()}, "prompt_number": 1},
            {"cell_type": "heading", "level": 2, "source": ["Heading"], "metadata": {}},
            {"cell_type": "heading", "level": "x" * 9, "source": "Another"},
            3,
        ]}, 3, {"cells": 3}],
    }  # fmt: skip
    notebook, notes, unreadable = handed_in(tmp_path, data)
    assert not unreadable
    assert "old format 3" in notes[0]
    assert "1 cells were not cells and were left out." in notes
    assert [cell.source for cell in notebook.cells if "eading" in cell.source or "other" in cell.source] == [
        "## Heading",
        "# Another",
    ]
    assert cell_of(notebook, "sigmoid").source == "x = 1\ny = 2"


@pytest.mark.parametrize("missing", ["metadata", "nbformat", "nbformat_minor"])
def test_missing_top_level_keys(tmp_path: Path, missing: str) -> None:
    data = as_json(solved())
    del data[missing]
    notebook, _, unreadable = handed_in(tmp_path, data)
    assert not unreadable
    assert cell_of(notebook, "sigmoid").source == "my sigmoid"


def test_cells_without_id_metadata_or_outputs(tmp_path: Path) -> None:
    data = as_json(solved())
    for cell in data["cells"]:
        for key in ("id", "outputs", "execution_count"):
            cell.pop(key, None)
    data["cells"].append({"cell_type": "code", "source": "z = 3"})
    notebook, notes, _ = handed_in(tmp_path, data)
    assert notes == []
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_ids_that_are_there_twice(tmp_path: Path) -> None:
    data = as_json(solved())
    for cell in data["cells"]:
        cell["id"] = "same"
    notebook, _, _ = handed_in(tmp_path, data)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_lone_surrogates(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"][-1]["source"] = "x = '\ud800'"
    data["metadata"]["kernelspec"]["display_name"] = "\ud800"
    data["cells"][2]["metadata"]["nbgrader"]["grade_id"] = "\ud800"
    _, notes, _ = handed_in(tmp_path, data)
    "".join(notes).encode("utf-8")


def test_of_duplicates_the_last_counts(tmp_path: Path) -> None:
    data = as_json(solved())
    extra = copy.deepcopy(data["cells"][2])
    extra["source"] = "my second sigmoid"
    data["cells"].insert(5, extra)
    data["cells"].append(copy.deepcopy(data["cells"][3]))
    notebook, notes, _ = handed_in(tmp_path, data)
    assert cell_of(notebook, "sigmoid").source == "my second sigmoid"
    assert [note for note in notes if "more than once" in note] == [
        "The cell sigmoid is there more than once; the last one counts.",
        "The cell test_sigmoid is there more than once; the last one counts.",
    ]
    assert "my sigmoid" in [cell.source for cell in notebook.cells]  # still run, as an ordinary cell


def test_deleted_cells_come_back_in_their_places(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"] = [
        cell
        for cell in data["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") not in ("test_sigmoid", "written_xor")
    ]
    notebook, notes, _ = handed_in(tmp_path, data)
    assert index_of(notebook, "test_sigmoid") == index_of(notebook, "sigmoid") + 1
    assert index_of(notebook, "written_xor") == index_of(notebook, "test_loss") + 1
    assert cell_of(notebook, "written_xor").source == "# released written_xor"
    assert len([note for note in notes if "has been put back" in note]) == 2


def test_reordered_cells_stay_where_they_are(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"].reverse()
    notebook, notes, _ = handed_in(tmp_path, data)
    assert notes == []
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in reversed(solved().cells)]


def test_a_test_cell_changed_to_markdown(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"][3]["cell_type"] = "markdown"
    _, notes, _ = handed_in(tmp_path, data)
    assert "The cell test_sigmoid had been changed to another type; it was changed back." in notes


def test_an_edited_test_cell(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"][3]["source"] = "pass"
    _, notes, _ = handed_in(tmp_path, data)
    assert "The read-only cell test_sigmoid had been edited; its original text was used." in notes


def test_a_renamed_cell_is_ordinary_and_its_place_is_filled(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"][3]["metadata"]["nbgrader"]["grade_id"] = "renamed"
    notebook, notes, _ = handed_in(tmp_path, data)
    assert any("unknown id 'renamed'" in note for note in notes)
    assert index_of(notebook, "test_sigmoid") == index_of(notebook, "sigmoid") + 1


@pytest.mark.parametrize(
    "change",
    [
        {"points": 1000}, {"points": -1}, {"points": "many"}, {"points": None}, {"grade": False}, {"solution": True},
        {"locked": False}, {"task": True}, {"schema_version": 99}, {"schema_version": 0}, {"schema_version": "x"},
        {"checksum": "forged"}, {"cell_type": "markdown"}, {"extra": {"deep": [1]}}, "no schema_version",
    ],
    ids=str,
)  # fmt: skip
def test_flags_are_the_gradebooks(tmp_path: Path, change: Any) -> None:
    data = as_json(solved())
    found = data["cells"][3]["metadata"]["nbgrader"]
    if isinstance(change, dict):
        found.update(change)
    else:
        del found["schema_version"]
    notebook, _, _ = handed_in(tmp_path, data)
    assert cell_of(notebook, "test_sigmoid").metadata["nbgrader"]["schema_version"] == SCHEMA_VERSION
    assert cell_of(notebook, "sigmoid").source == "my sigmoid"


def test_tags_that_steer_the_execution_are_dropped(tmp_path: Path) -> None:
    data = as_json(solved())
    for cell in data["cells"]:
        cell["metadata"] |= {"tags": ["skip-execution", "raises-exception"], "deletable": False, "editable": False}
    handed_in(tmp_path, data)  # `check` allows no metadata but nbgrader's


def test_all_metadata_stripped(tmp_path: Path) -> None:
    data = as_json(solved())
    for cell in data["cells"]:
        cell["metadata"] = {}
    notebook, notes, _ = handed_in(tmp_path, data)
    assert any("None of the assignment's cells" in note for note in notes)
    # What the student wrote still runs before the test cells that came back.
    assert max(i for i, cell in enumerate(notebook.cells) if cell.source.startswith("my")) < index_of(
        notebook, "test_sigmoid"
    )


def test_pictures_in_a_written_answer_stay(tmp_path: Path) -> None:
    """A photographed derivation pasted into the answer is the answer."""
    data = as_json(solved())
    data["cells"][6]["attachments"] = {
        "photo.png": {"image/png": "aGVsbG8="},
        "lines.gif": {"image/gif": ["aGVs\n", "bG8="], "text/html": "<b>"},
        "page.html": {"text/html": "<script>alert(1)</script>"},
        "markup.png": {"image/png": 'x" onerror="alert(1)'},
        "odd": 3,
    }
    data["cells"][2]["attachments"] = {"photo.png": {"image/png": "aGVsbG8="}}  # a code cell cannot have one
    notebook, notes, _ = handed_in(tmp_path, data)
    assert cell_of(notebook, "written_xor").attachments == {
        "photo.png": {"image/png": "aGVsbG8="},
        "lines.gif": {"image/gif": "aGVs\nbG8="},
    }
    left_out = "was left out: it is not a PNG, JPEG, GIF or WebP picture."
    assert notes == [f"The attachment {name!r} {left_out}" for name in ("page.html", "markup.png", "odd")]
    assert "attachments" not in cell_of(notebook, "sigmoid")


def test_another_assignments_notebook_is_named_as_such(tmp_path: Path) -> None:
    other = new_notebook(
        cells=[
            new_code_cell("a = 1", metadata={"nbgrader": {**SPECS[1].metadata(), "grade_id": "another"}}),
            new_markdown_cell("text"),
        ]
    )
    _, notes, unreadable = handed_in(tmp_path, as_json(other))
    assert not unreadable
    assert any("Was the right file handed in?" in note for note in notes)


def test_cells_that_are_no_cells_are_counted(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"] += [3, None, {"cell_type": "heading", "source": {}}, {"cell_type": "code", "source": 3}]
    _, notes, _ = handed_in(tmp_path, data)
    assert "4 cells were not cells and were left out." in notes


def test_outputs_are_dropped_however_large(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 5_000_000}]
    notebook, notes, _ = handed_in(tmp_path, data)
    assert notes == []
    assert cell_of(notebook, "sigmoid").outputs == []


def test_repairing_twice_changes_nothing(tmp_path: Path) -> None:
    data = as_json(solved())
    data["cells"][3:5] = []
    notebook, _, _ = handed_in(tmp_path, data)
    again = copy.deepcopy(notebook)
    assert repair(again, SPECS) == []
    assert again == notebook


def test_an_unanswered_written_question_keeps_its_checksum() -> None:
    """nbgrader gives a written answer 0 when its checksum says that nothing was written."""
    notebook = released()
    before = compute_checksum(cell_of(notebook, "written_xor"))
    repair(notebook, SPECS)
    assert compute_checksum(cell_of(notebook, "written_xor")) == before
