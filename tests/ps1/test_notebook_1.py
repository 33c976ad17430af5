"""Notebooks 0 and 1 as students get them: cells, points, visible checks, and the solutions that pass them."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import io
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib
import nbformat
import numpy as np
import pytest
from nbgrader.preprocessors import ClearSolutions
from perceptron_answers import RIGHT, WRONG, Answer

from grader.ps1.reference import perceptron as reference

SOURCE = Path(__file__).resolve().parents[2] / "solutions" / "ps1"

# The contract: questions in order with their points; None is an exercise without a mark.
QUESTIONS: dict[str, dict[str, float | None]] = {
    "0-start-here": {"add": None},
    "1-perceptron": {
        "sigmoid": 4,
        "weighted_sum": 2,
        "perceptron_table": 4,
        "slide_errors": 2,
        "squared_error": 2,
        "binary_cross_entropy": 3,
        "chain_rule": 3,
        "perceptron_gradient": 4,
        "numerical_gradient": 3,
        "train_perceptron": 5,
        "written_xor": 4,
    },
}


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(SOURCE / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)


def of(notebook: nbformat.NotebookNode, grade_id: str) -> nbformat.NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Notebooks import their helper from their own folder and draw without a screen."""
    monkeypatch.syspath_prepend(str(SOURCE))
    monkeypatch.delitem(sys.modules, "ps1_helper", raising=False)
    matplotlib.use("Agg")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")
        warnings.filterwarnings("ignore", message="careful")
        yield
    importlib.import_module("matplotlib.pyplot").close("all")


@pytest.fixture
def helper() -> ModuleType:
    return importlib.import_module("ps1_helper")


@pytest.mark.parametrize("name", QUESTIONS)
def test_cells_are_plain_and_stable(name: str) -> None:
    raw = (SOURCE / f"{name}.ipynb").read_bytes()
    notebook = read(name)
    nbformat.validate(notebook)
    assert raw.isascii()
    assert b"\r" not in raw
    assert notebook.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)
        if "grade_id" in cell.metadata.get("nbgrader", {}):
            assert cell.id == cell.metadata.nbgrader.grade_id


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_and_points_are_the_contract(name: str) -> None:
    cells = read(name).cells
    found: dict[str, float | None] = {}
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        mark = cell.metadata.get("nbgrader")
        if mark is None or not mark.solution:
            continue
        assert mark.schema_version == 3
        if mark.grade:
            assert cell.cell_type == "markdown"
            found[mark.grade_id] = mark.points
        elif after is not None and "nbgrader" in after.metadata:
            test = after.metadata.nbgrader
            assert (test.grade_id, test.grade, test.locked, test.solution) == (
                f"test_{mark.grade_id}",
                True,
                True,
                False,
            )
            found[mark.grade_id] = test.points
        else:
            found[mark.grade_id] = None
    assert found == QUESTIONS[name]
    marked = sum(cell.metadata.nbgrader.get("points", 0) for cell in cells if "nbgrader" in cell.metadata)
    assert marked == sum(points or 0 for points in QUESTIONS[name].values())


def test_the_rubric_stands_above_the_written_question() -> None:
    cells = read("1-perceptron").cells
    index = next(i for i, cell in enumerate(cells) if cell.id == "written_xor")
    assert cells[index - 1].cell_type == "markdown"
    assert cells[index - 1].metadata.nbgrader.locked
    assert "One point for each" in cells[index - 1].source


@pytest.mark.parametrize("name", QUESTIONS)
def test_solutions_pass_their_checks(name: str, helper: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    # Starting Keras takes seconds and is looked at below.
    monkeypatch.setattr(helper, "_keras_report", lambda: "Keras: not asked")
    names: dict[str, Any] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said), warnings.catch_warnings():
        warnings.simplefilter("error")  # students should meet no warning that their code did not cause
        warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")
        for cell in read(name).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, cell.id, "exec"), names)
    for question, points in QUESTIONS[name].items():
        if question != "written_xor":
            assert f"{question}: all " in said.getvalue(), points
    assert "Nothing to show" not in said.getvalue()


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_released_stubs_run_and_pass_nothing(
    name: str, helper: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper, "_keras_report", lambda: "Keras: not asked")
    released, _ = ClearSolutions().preprocess(read(name), {})
    names: dict[str, Any] = {}
    failed: dict[str, type[BaseException]] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in released.cells:
            assert "SOLUTION" not in cell.source
            if cell.cell_type == "code":
                try:
                    exec(compile(cell.source, cell.id, "exec"), names)
                except Exception as error:
                    failed[cell.id] = type(error)
    asked = [q for q in QUESTIONS[name] if q != "written_xor"]
    if name == "0-start-here":
        assert failed == {"check-add": helper.CheckFailed}
    else:
        # slide_errors is the one answer that is data: its stub raises in the cell itself.
        assert failed == {
            **{f"test_{question}": helper.CheckFailed for question in asked},
            "slide_errors": NotImplementedError,
            "test_slide_errors": NameError,
        }
        assert of(released, "written_xor").source == "YOUR ANSWER HERE"


def check(answer: Answer) -> None:
    """Run a question's visible check on an answer; everything else is the reference's."""
    names = dict(vars(reference))
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        exec(answer.source, names)
        exec(of(read("1-perceptron"), f"test_{answer.question}").source, names)


@pytest.mark.parametrize("answer", RIGHT, ids=str)
def test_right_answers_pass_the_visible_check(answer: Answer) -> None:
    check(answer)


@pytest.mark.parametrize("answer", [answer for answer in WRONG if answer.seen], ids=str)
def test_wrong_answers_fail_the_visible_check(answer: Answer, helper: ModuleType) -> None:
    with pytest.raises(helper.CheckFailed) as failure:
        check(answer)
    assert str(failure.value).isascii()


# What the check says to a slip that has a name.
KIND_WORDS = {
    "sigmoid: E2, exp(+z)": "E2",
    "sigmoid: nan at 1000": "inf / inf is nan",
    "sigmoid: prints": "does it end with `return`",
    "sigmoid: changes its input": "work on a copy",
    "weighted_sum: no bias": "add b",
    "weighted_sum: two inputs only": "third input",
    "perceptron_table: E1 copied": "E1",
    "perceptron_table: E1, no row above 0.5": "E1",
    "perceptron_table: E1, |h| with a minus": "E1",
    "perceptron_table: E2": "E2",
    "perceptron_table: y_hat from h > 0.5": "misprint and all (E1)",
    "perceptron_table: p rounded": "keep every digit",
    "slide_errors: rows from 0": "that the slide has right",
    "squared_error: half": "exactly half",
    "squared_error: mean at once": "one number an observation",
    "squared_error: sum for mean": "that is the sum",
    "binary_cross_entropy: E21, no minus": "E21",
    "binary_cross_entropy: sum": "take the mean",
    "binary_cross_entropy: log2": "log2",
    "binary_cross_entropy: log10": "log10",
    "binary_cross_entropy: no clip": "a tiny distance",
    "chain_rule: E3, no 2": "E3",
    "chain_rule: sign": "the sign is not",
    "chain_rule: sigmoid twice": "do not apply the sigmoid again",
    "perceptron_gradient: E3, no 2": "E3",
    "perceptron_gradient: sign": "the sign is not",
    "perceptron_gradient: no p (1 - p)": "p (1 - p) is missing",
    "perceptron_gradient: E20, cross-entropy": "E20",
    "perceptron_gradient: no x": "dh/dw is x",
    "numerical_gradient: divides by eps": "2 * eps apart",
    "numerical_gradient: forward": "forward difference",
    "numerical_gradient: own eps": "use the eps",
    "numerical_gradient: integers cut": "cannot hold 1.00001",
    "numerical_gradient: steps add up": "put each entry back",
    "train_perceptron: E3, no 2": "E3",
    "train_perceptron: E19, no learning rate": "E19",
    "train_perceptron: mean gradient": "SUM",
    "train_perceptron: uphill": "subtract the gradient",
    "train_perceptron: after each observation": "then step once",
    "train_perceptron: b after w": "compute both gradients first",
    "train_perceptron: history of means": "SUM of squared errors",
    "train_perceptron: w0 changed": "work on a copy",
}


@pytest.mark.parametrize("slip", KIND_WORDS)
def test_named_slips_get_a_kind_word(slip: str, helper: ModuleType) -> None:
    answer = next(answer for answer in WRONG if str(answer) == slip)
    with pytest.raises(helper.CheckFailed) as failure:
        check(answer)
    assert KIND_WORDS[slip] in str(failure.value)


def test_the_practice_exercise_tells_a_product_from_a_sum(helper: ModuleType) -> None:
    with pytest.raises(helper.CheckFailed, match="product"):
        helper.check_add(lambda x, y: x * y)
    with pytest.raises(helper.CheckFailed, match="None"):
        helper.check_add(lambda x, y: None)


def test_a_check_says_whose_answer_is_missing(helper: ModuleType) -> None:
    """It may be that of an earlier question, which the answer calls."""

    def sigmoid(z: object) -> None:
        raise NotImplementedError

    with pytest.raises(
        helper.CheckFailed, match=r"no answer yet: replace `raise NotImplementedError\(\)` in `sigmoid`"
    ):
        helper.check_perceptron_table(lambda X, w, b: sigmoid(X))


def test_a_plot_waits_for_its_answer(helper: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with helper.when_solved():
        raise NotImplementedError
    assert "a question above" in capsys.readouterr().out
    with pytest.raises(ZeroDivisionError), helper.when_solved():
        raise ZeroDivisionError


class TestEnvironmentReport:
    """The report never crashes, whatever is missing."""

    def report(self, helper: ModuleType, capsys: pytest.CaptureFixture[str]) -> str:
        helper.environment_report()
        return capsys.readouterr().out

    def test_without_keras(self, helper: ModuleType, monkeypatch: Any, capsys: Any) -> None:
        def version(package: str) -> str:
            if package in ("keras", "nbgrader"):
                raise metadata.PackageNotFoundError(package)
            return "1.0"

        monkeypatch.setattr(helper.metadata, "version", version)
        said = self.report(helper, capsys)
        assert "Keras is not installed" in said
        assert "The digits are ready" in said

    def test_keras_that_does_not_start(self, helper: ModuleType, monkeypatch: Any, capsys: Any) -> None:
        plain = builtins.__import__

        def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
            if name == "keras":
                raise OSError("a library cannot be loaded")
            return plain(name, *args, **kwargs)

        monkeypatch.setattr(builtins, "__import__", refuse)
        said = self.report(helper, capsys)
        assert "does not start (OSError: a library cannot be loaded)" in said

    @pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
    def test_backend_that_cannot_be_asked(self, backend: str, helper: ModuleType, monkeypatch: Any) -> None:
        keras = ModuleType("keras")
        keras.backend = ModuleType("keras.backend")  # type: ignore[attr-defined]
        keras.backend.backend = lambda: backend  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "keras", keras)
        monkeypatch.setitem(sys.modules, backend, None)
        said = helper._keras_report()
        assert backend in said
        assert "unknown" in said

    def test_digits_that_are_not_there(self, helper: ModuleType, monkeypatch: Any, capsys: Any) -> None:
        monkeypatch.setattr(helper, "_keras_report", lambda: "")
        monkeypatch.setenv("MNIST_NPZ", "nowhere.npz")
        said = self.report(helper, capsys)
        assert "No digits found" in said
        monkeypatch.delattr(helper, "load_digits_data")
        assert "No digits found" in self.report(helper, capsys)

    @pytest.mark.slow
    def test_with_keras(self, helper: ModuleType, capsys: Any) -> None:
        said = self.report(helper, capsys)
        assert "Keras computes with the backend" in said
        assert "unknown" not in said


@pytest.mark.slow
def test_nbgrader_releases_both_notebooks(tmp_path: Path) -> None:
    folder = tmp_path / "source" / "ps1"
    folder.mkdir(parents=True)
    for name in ("0-start-here.ipynb", "1-perceptron.ipynb", "ps1_helper.py"):
        shutil.copy(SOURCE / name, folder)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "ps1", "--create"]
    # nbgrader calls alembic by name: it lies beside the interpreter, on the path or not.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    for name, questions in QUESTIONS.items():
        released = nbformat.read(tmp_path / "release" / "ps1" / f"{name}.ipynb", as_version=4)
        text = "\n".join(cell.source for cell in released.cells)
        assert "BEGIN SOLUTION" not in text
        assert text.count("raise NotImplementedError()\n") >= len(questions) - 1
        assert "2 * (p - y)\n" not in text
