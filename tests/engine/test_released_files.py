"""In the jail as on the student's own machine: the files beside a notebook can be imported and read."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.jail import Jail, JailedNotebook

ROOT = Path(__file__).resolve().parents[2]


def test_a_helper_beside_the_notebook_is_imported_and_never_shadows_the_standard_library(tmp_path: Path) -> None:
    (tmp_path / "own_helper.py").write_text("ANSWER = 42\n")
    (tmp_path / "random.py").write_text("raise ImportError('a student file stands in for the standard library')\n")
    notebook = new_notebook(cells=[new_code_cell("import own_helper, random\nown_helper.ANSWER")])
    with JailedNotebook(notebook, Jail(), files=(tmp_path,)) as jailed:
        report = jailed.run()
    assert report.cells[0].error == ""
    assert notebook.cells[0].outputs[0].data["text/plain"] == "42"


@pytest.mark.slow
# The solved Keras notebook runs in the demo's and in `pset verify`'s tests too.
@pytest.mark.parametrize(
    "name", ["1-perceptron", "2-mlp-backprop", pytest.param("3-keras-mnist", marks=pytest.mark.thorough)]
)
def test_every_cell_of_a_solved_notebook_runs_in_the_jail_and_every_visible_check_passes(name: str) -> None:
    source = ROOT / "solutions" / "ps1"
    notebook = nbformat.read(source / f"{name}.ipynb", as_version=4)
    with JailedNotebook(notebook, Jail(), files=(source,)) as jailed:
        report = jailed.run()
    assert [cell for cell in report.cells if cell.status != "ok"] == []
    checks = [
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade") and "check_" in cell.source
    ]
    assert checks
    for cell in checks:
        assert "visible checks passed" in "".join(output.get("text", "") for output in cell.outputs)


def test_late_cells_get_little_time_and_definitions_still_count() -> None:
    notebook = new_notebook(
        cells=[new_code_cell("while True: pass"), new_code_cell("while True: pass"), new_code_cell("x = 1\nx")]
    )
    with JailedNotebook(notebook, Jail(cell_timeout=7, notebook_timeout=5)) as jailed:
        report = jailed.run()
    assert [cell.status for cell in report.cells] == ["timed out", "timed out", "ok"]
    assert "longer than 7 s" in report.cells[0].error
    assert "longer than 5 s" in report.cells[1].error
