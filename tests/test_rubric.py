"""What students read in the notebooks before they are graded: the points of every part, and no name in their way."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.cli.rubric import comment, out_of_step, with_comment
from grader.course import Course, questions, suite_path
from grader.judge.run import rubric

ROOT = Path(__file__).resolve().parents[1]
COURSE = Course(ROOT)
NOTEBOOKS = [(assignment, path) for assignment in COURSE.assignments for path in COURSE.notebooks(assignment)]
named = pytest.mark.parametrize(("assignment", "path"), NOTEBOOKS, ids=lambda value: getattr(value, "stem", value))


@named
def test_every_test_cell_tells_the_rubric_of_its_suite(assignment: str, path: Path) -> None:
    for folder in (path.parent, COURSE.release(assignment)):
        assert list(out_of_step(folder / path.name, assignment)) == [], "run pset rubric, then generate the release"


@named
def test_the_points_of_the_parts_are_those_of_the_cell(assignment: str, path: Path) -> None:
    suite = suite_path(assignment, path.stem)
    asked = {one.name: one.points for one in questions(nbformat.read(path, as_version=4)) if one.automatic}
    if suite is None:
        assert not asked
        return
    assert {name: sum(worth for worth, _ in parts) for name, parts in rubric(suite).items()} == asked


def test_the_judge_needs_no_framework() -> None:
    """References are NumPy's: a process that only judges never imports Keras, which takes longer than judging."""
    suites = [str(found) for assignment, path in NOTEBOOKS if (found := suite_path(assignment, path.stem))]
    code = (
        "import sys; from pathlib import Path; from grader.judge.run import rubric\n"
        f"found = [len(rubric(Path(name))) for name in {suites!r}]\n"
        "print(min(found), sorted({'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    least, _, frameworks = done.stdout.strip().partition(" ")
    assert done.returncode == 0, done.stderr
    assert int(least) >= 1
    assert frameworks == "[]"


def test_a_rubric_reads_well() -> None:
    assert comment(2, [(2, "the value")]) == ["# 2 points."]
    assert comment(8, [(3, "the output layer"), (5, "the hidden layer")]) == [
        "# 8 points, in parts:",
        "#   3  the output layer",
        "#   5  the hidden layer",
    ]
    assert comment(5, [(1, f"one row [{row}]") for row in "abcde"]) == ["# 5 points, in parts:", "#   5 x 1  one row"]
    long = comment(2, [(1, "word " * 30), (1, "short")])
    assert max(map(len, long)) <= 112
    assert long[2].startswith("#      word")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# 2 points.\nf()", "# 2 points, in parts:\n#   1  a\nf()"),
        (
            "# 9 points, in parts:\n#   9  old\n# Your mark comes from further checks with other numbers.\nf()  # x",
            "# 2 points, in parts:\n#   1  a\n# Your mark comes from further checks with other numbers.\nf()  # x",
        ),
        (
            "# 9 points. Your mark comes from further checks with other numbers.\nf()",
            "# 2 points, in parts:\n#   1  a\n# Your mark comes from further checks with other numbers.\nf()",
        ),
    ],
)
def test_the_rest_of_a_cell_is_kept(before: str, after: str) -> None:
    lines = ["# 2 points, in parts:", "#   1  a"]
    assert with_comment(before, lines) == after
    assert with_comment(after, lines) == after


def test_the_command_puts_a_rubric_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    folder = tmp_path / "solutions" / "ps1"
    folder.mkdir(parents=True)
    original = ROOT / "solutions" / "ps1" / "2-mlp-backprop.ipynb"
    notebook = nbformat.read(original, as_version=4)
    (cell,) = (c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "test_softmax")
    cell.source = cell.source.replace("#   1  ", "#   9  ", 1)
    nbformat.write(notebook, folder / original.name)
    monkeypatch.chdir(tmp_path)
    first = CliRunner().invoke(main, ["rubric"])
    assert first.exit_code == 0, first.output
    assert "2-mlp-backprop: softmax" in first.output
    assert "nbgrader generate_assignment ps1" in first.output
    assert (folder / original.name).read_bytes() == original.read_bytes()
    assert "Every test cell tells the rubric" in CliRunner().invoke(main, ["rubric"]).output


# Names that a student's own helper function may well have.
LIKELY = {
    "accuracy", "backward", "cost", "counts", "derivative", "difference", "error", "errors", "factor",
    "factors", "forward", "gradient", "gradients", "hidden", "history", "label", "labels", "logits", "loss",
    "losses", "mean", "mistakes", "numeric", "one", "out", "output", "predict", "predictions", "probabilities",
    "row", "rows", "scale", "sigma", "slope", "start", "step", "steps", "sum_of_squares", "total", "train",
    "trained", "update", "wrong",
}  # fmt: skip


def assigned(source: str) -> set[str]:
    """The names a cell leaves behind: what it assigns or defines outside of functions and comprehensions."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            waiting += ast.iter_child_nodes(node)
    return found


@named
def test_cells_between_questions_leave_the_names_of_helpers_alone(assignment: str, path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    ours = [cell for cell in cells if not cell.metadata.get("nbgrader", {}).get("solution")]
    assert ours
    for cell in ours:
        names = assigned(cell.source) - {"X"}  # the lecture's own table
        assert not {name for name in names if len(name) <= 2} | (names & LIKELY), cell.source
