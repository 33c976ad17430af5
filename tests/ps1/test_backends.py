"""Notebook 3 earns the same under TensorFlow and JAX, and on real MNIST as on the bundled digits.

A solved notebook and two with a wrong answer to every question that Keras has a part in, in the real jail.
"""

from __future__ import annotations

import functools
import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from bank import ROOT, defines_only, load
from nbformat import NotebookNode

from grader.batch import Task, grade
from grader.course import fill, suite_path
from grader.jail import Jail
from grader.verdict import NotebookVerdicts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]

NAME = "3-keras-mnist"
FOLDER = ROOT / "solutions" / "ps1"
BANK = {(answer.question, answer.name): answer for answer in load("ps1")}
POINTS = {answer.question: answer.max_points for answer in BANK.values() if answer.notebook == NAME}

# Each row is one notebook: wrong answers whose messages quote what Keras said or computed are among them.
NOTEBOOKS: dict[str, dict[str, str]] = {
    "solved": {},
    "wrong": {
        "preprocess_images": "divided by 256",
        "one_hot": "always ten",
        "build_model": "sigmoid at the output",
        "compile_model": "sparse loss for one-hot labels",
        "train_model": "batch_size is not passed on",
    },
    "wrong again": {
        "preprocess_images": "784 written in",
        "one_hot": "the first class dropped, dummy coding",
        "build_model": "Flatten forgotten",
        "compile_model": "binary cross-entropy, with the accuracy that goes with it",
        "train_model": "labels shuffled apart from the images",
    },
}


def notebook_with(answers: dict[str, str]) -> NotebookNode:
    """The solved notebook with some answers from the bank, and without what only draws or checks."""
    notebook = nbformat.read(FOLDER / f"{NAME}.ipynb", as_version=4)
    filled = fill(notebook, {question: BANK[question, name].source for question, name in answers.items()})
    cells = [cell for cell in filled.cells if cell.cell_type == "code"]
    for cell in cells:
        if cell.id == "data":
            cell.source = cell.source.splitlines()[0]  # reads the digits, without drawing them
    filled.cells = [
        cell
        for number, cell in enumerate(cells)
        if number == 0 or cell.id == "data" or cell.metadata.get("nbgrader", {}).get("solution")
        or ("nbgrader" not in cell.metadata and defines_only(cell.source))
    ]  # fmt: skip
    return filled


def judged(answers: dict[str, str], root: Path) -> tuple[NotebookVerdicts, NotebookNode]:
    """The verdicts as the autograder finds them, in a kernel that gets this environment's backend and digits."""
    suite = suite_path("ps1", NAME)
    graded = grade(Task("ps1", NAME, notebook_with(answers), suite, root, b"the same for all", (FOLDER,)), Jail())
    return graded.verdicts, graded.notebook


def told(verdicts: NotebookVerdicts) -> dict[str, Any]:
    """All that a student is told, and the marks, by question."""
    return {verdict.question: verdict.model_dump(mode="json") for verdict in verdicts.for_student().verdicts}


def printed(notebook: NotebookNode) -> str:
    return "".join(output.text for cell in notebook.cells for output in cell.outputs if output.output_type == "stream")


Bundled = Callable[[str], tuple[dict[str, Any], str]]
# What is right or wrong in the answers is shown by one notebook on each backend and data set; the others are for long.
SOME = [pytest.param(name, marks=[] if name == "wrong" else [pytest.mark.thorough]) for name in NOTEBOOKS]


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Bundled:
    """What is told of a notebook under TensorFlow on the bundled digits, and what the notebook printed."""

    @functools.cache
    def found(name: str) -> tuple[dict[str, Any], str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("MNIST_NPZ", raising=False)
            patch.setenv("KERAS_BACKEND", "tensorflow")
            verdicts, notebook = judged(NOTEBOOKS[name], tmp_path_factory.mktemp("course"))
        return told(verdicts), printed(notebook)

    return found


@pytest.mark.parametrize("name", SOME)
def test_marks_are_those_of_the_bank(name: str, bundled: Bundled) -> None:
    verdicts, said = bundled(name)
    deserved = POINTS | {question: BANK[question, answer].points for question, answer in NOTEBOOKS[name].items()}
    assert {question: verdict["points"] for question, verdict in verdicts.items()} == deserved
    assert "with tensorflow" in said


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
@pytest.mark.parametrize("name", SOME)
def test_jax_gives_the_same_verdicts(
    name: str, bundled: Bundled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    verdicts, notebook = judged(NOTEBOOKS[name], tmp_path)
    assert "with jax" in printed(notebook)
    assert told(verdicts) == bundled(name)[0]


@pytest.mark.parametrize("name", [pytest.param("solved", marks=pytest.mark.thorough), "wrong"])
def test_mnist_gives_the_same_verdicts(
    name: str, bundled: Bundled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in MNIST's layout, of other size and order than the bundle."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, size=(600, 28, 28), dtype=np.uint8), np.arange(600) % 10
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=images[:500], y_train=labels[:500], x_test=images[500:], y_test=labels[500:])
    monkeypatch.setenv("MNIST_NPZ", str(path))
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    verdicts, notebook = judged(NOTEBOOKS[name], tmp_path)
    assert "500" in printed(notebook)
    assert "MNIST_NPZ" in printed(notebook)
    assert "MNIST_NPZ" not in bundled(name)[1]
    assert told(verdicts) == bundled(name)[0]
