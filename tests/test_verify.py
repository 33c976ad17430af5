"""`pset verify` is green for this course, and red when a part of it falls out of step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result

from grader.cli import main

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of this course with its committed release, which is also the current folder."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    for name in ("solutions", "assignments"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def one_notebook(course: Path) -> Path:
    """The course cut down to one NumPy notebook, so that a red run is short."""
    for folder in ("solutions", "assignments"):
        shutil.rmtree(course / folder / "ps1-extra")
        for path in (course / folder / "ps1").glob("*.ipynb"):
            if path.stem != "2-mlp-backprop":
                path.unlink()
    return course


def pset_verify() -> Result:
    return CliRunner().invoke(main, ["verify"], env={"COLUMNS": "200"})


def said(result: Result) -> str:
    """The output without the folding of the terminal."""
    return " ".join(result.output.split())


def edit_cell(path: Path, grade_id: str, old: str, new: str) -> None:
    notebook = nbformat.read(path, as_version=4)
    (cell,) = (cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, path)


def test_this_course_is_in_step(course: Path) -> None:
    result = pset_verify()
    assert result.exit_code == 0, result.output
    for notebook, points in (
        ("ps1/1-perceptron", 32),
        ("ps1/2-mlp-backprop", 30),
        ("ps1/3-keras-mnist", 26),
        ("ps1-extra/numpy-mnist", 10),
    ):
        line = next(line for line in result.output.splitlines() if notebook in line)
        assert f" {points}/{points} " in line
        assert f" 0/{points} " in line
    assert "Everything is in step" in result.output


def test_an_edited_release_is_named_with_its_remedy(one_notebook: Path) -> None:
    edit_cell(one_notebook / "assignments/ps1/2-mlp-backprop.ipynb", "test_softmax", "check_softmax", "check_nothing")
    result = pset_verify()
    assert result.exit_code == 1, result.output
    assert "assignments/ps1/2-mlp-backprop.ipynb differs in cell test_softmax (source)" in said(result)
    assert "nbgrader generate_assignment ps1" in said(result)


def test_a_broken_solution_is_named(one_notebook: Path) -> None:
    edit_cell(one_notebook / "solutions/ps1/2-mlp-backprop.ipynb", "mlp_backward", "delta_o * w_o * H", "delta_o * H")
    result = pset_verify()
    assert result.exit_code == 1, result.output
    assert "the instructor's mlp_backward earns 3 of 8 points" in said(result)


@pytest.mark.thorough
def test_points_that_suite_and_notebook_disagree_about(one_notebook: Path) -> None:
    path = one_notebook / "solutions/ps1/2-mlp-backprop.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "test_softmax":
            cell["metadata"]["nbgrader"]["points"] = 5
    path.write_text(json.dumps(notebook), encoding="utf-8")
    result = pset_verify()
    assert result.exit_code == 1, result.output
    assert "softmax has 5.0 points in the notebook, 3.0 in the hidden suite" in said(result)
    assert "test_softmax tells another rubric than the hidden suite has. Write it: pset rubric" in said(result)
