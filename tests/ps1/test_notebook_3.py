"""Notebook 3 as students get it: cells, points, solutions that pass, and visible checks that know wrong answers."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import test_suite_3_keras_mnist as answers
from nbgrader.preprocessors import ClearSolutions
from sampling import sampled
from test_digits import load_helper

FOLDER = Path(__file__).resolve().parents[2] / "solutions" / "ps1"
NOTEBOOK = FOLDER / "3-keras-mnist.ipynb"
CONTRACT = answers.POINTS | {"written_curves": 2, "written_deployment": 2}


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT)


@pytest.fixture(scope="module")
def released(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return ClearSolutions().preprocess(copy.deepcopy(notebook), {})[0]


@pytest.fixture(scope="module")
def helper() -> Any:
    return load_helper()


def marks(cell: nbformat.NotebookNode) -> dict[str, Any]:
    return dict(cell.metadata.get("nbgrader", {}))


def test_questions_points_and_order(notebook: nbformat.NotebookNode) -> None:
    found, before = {}, {}
    for cell in notebook.cells:
        kind = marks(cell)
        if kind.get("grade"):
            name = kind["grade_id"]
            if kind["solution"]:
                assert cell.cell_type == "markdown"
                rubric = marks(notebook.cells[notebook.cells.index(cell) - 1])
                assert rubric["locked"]
                assert not rubric["grade"]
            else:
                name = name.removeprefix("test_")
                assert kind["locked"]
                assert before["grade_id"] == name  # directly after its solution cell
                assert before["solution"]
            found[name] = kind["points"]
        before = kind
    assert found == CONTRACT
    assert list(found) == [name for name in found if name in CONTRACT]
    assert sum(found.values()) == 30


def test_file_is_clean(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    text = NOTEBOOK.read_bytes()
    assert b"\r" not in text
    assert text.endswith(b"}\n")
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    for cell in notebook.cells:
        assert cell.source.isascii(), cell.id
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        if marks(cell).get("solution"):
            assert cell.id == marks(cell)["grade_id"]


def test_every_question_has_a_hint_and_every_slip_is_named(notebook: nbformat.NotebookNode) -> None:
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert sum("<details>" in text for text in texts) == len(answers.POINTS)
    errata = next(cell.source for cell in notebook.cells if cell.id == "errata")
    for number in (9, 10, 11, 12, 13, 14, 16, 18, 21, 22, 23, 24):
        assert f"E{number}" in errata


def test_release_shows_no_solution_and_earns_nothing(released: nbformat.NotebookNode) -> None:
    everything = "\n".join(cell.source for cell in released.cells)
    for secret in ('"softmax", "categorical', "np.eye(n_classes)[labels]", "metrics=[", "np.argmax(P, axis=1)", "16"):
        solution = [cell.source for cell in released.cells if marks(cell).get("solution")]
        assert secret not in "\n".join(solution)
    assert "SOLUTION" not in everything
    for cell in released.cells:
        kind = marks(cell)
        if kind.get("solution") and cell.cell_type == "markdown":
            assert cell.source == "YOUR ANSWER HERE"
        elif kind.get("solution"):
            names: dict[str, Any] = {"np": np}
            try:
                exec(cell.source, names)
            except NotImplementedError:
                assert kind["grade_id"] == "activation_loss_table"
            defined = {name: value for name, value in names.items() if not name.startswith("__")}
            with np.errstate(all="ignore"):
                assert answers.judge(kind["grade_id"], **defined)[0] == 0


def run(notebook: nbformat.NotebookNode, folder: Path, allow_errors: bool) -> None:
    """Execute a copy with the released files beside it."""
    import shutil

    from nbclient import NotebookClient

    for name in ("ps1_helper.py", "digits.npz"):
        shutil.copy(FOLDER / name, folder)
    NotebookClient(
        notebook, timeout=300, allow_errors=allow_errors, resources={"metadata": {"path": str(folder)}}
    ).execute()


def outputs(cell: nbformat.NotebookNode, kind: str) -> list[Any]:
    return [output for output in cell.get("outputs", []) if output.output_type == kind]


@pytest.mark.thorough  # `pset verify` runs every cell too, in every run of the tests
def test_solutions_run_and_pass(
    notebook: nbformat.NotebookNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # no MNIST of this machine's
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    executed = copy.deepcopy(notebook)
    run(executed, tmp_path, allow_errors=False)
    pictures = {cell.id for cell in executed.cells if any("image/png" in o.data for o in outputs(cell, "display_data"))}
    assert {"data", "curves", "confusion-plot", "worst-mistakes"} <= pictures
    for cell in executed.cells:
        text = "".join(output.text for output in outputs(cell, "stream") if output.name == "stdout")
        if marks(cell).get("grade") and cell.cell_type == "code":
            assert "visible checks passed" in text
        if cell.id == "train":
            assert text.count("epoch ") >= 10  # progress can be seen
        if cell.id == "confusion-plot":
            assert float(text.split("test images are right: ")[1].split()[0]) > 0.92


@pytest.mark.slow
def test_unsolved_notebook_fails_only_where_it_should(
    released: nbformat.NotebookNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    executed = copy.deepcopy(released)
    run(executed, tmp_path, allow_errors=True)
    for cell in executed.cells:
        for error in outputs(cell, "error"):
            kind = marks(cell)
            assert kind.get("grade") or kind.get("grade_id") == "activation_loss_table", cell.id
            if kind.get("grade"):
                assert error.ename in ("CheckFailed", "NameError"), cell.id


# --------------------------------------------------------------------------------------------------
# The visible checks
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table, words",
    [
        (None, "a dict"),
        ({"binary": ("sigmoid", "bce")}, "keys"),
        (answers.TABLE | {"regression": "mse"}, "pair"),
        (answers.TABLE | {"regression": (None, None)}, "two strings"),
        (answers.TABLE | {"binary": ("softmax", "categorical cross-entropy")}, "first row"),
        (answers.TABLE | {"binary": ("binary cross-entropy", "sigmoid")}, "order"),
    ],
)
def test_table_check(helper: Any, table: Any, words: str) -> None:
    helper.check_activation_loss(answers.TABLE)
    with pytest.raises(helper.CheckFailed, match=words):
        helper.check_activation_loss(table)


CHECKS = {
    "preprocess_images": ("check_preprocess_images", ["preprocess_images"]),
    "one_hot": ("check_one_hot", ["one_hot"]),
    "count_parameters": ("check_n_params", ["n_params"]),
    "read_predictions": ("check_read_predictions", ["predict_digit", "confusion_matrix"]),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "question, source, points",
    [(name, source, points) for name, rows in answers.NUMPY_ANSWERS.items() for source, points in rows],
)
def test_numpy_checks(helper: Any, question: str, source: str, points: float) -> None:
    names: dict[str, Any] = {"np": np}
    exec(source, names)
    check, functions = CHECKS[question]
    arguments = [names[name] for name in functions]
    if points == CONTRACT[question]:
        getattr(helper, check)(*arguments)
    else:
        with pytest.raises(helper.CheckFailed), np.errstate(all="ignore"):
            getattr(helper, check)(*arguments)


@pytest.mark.slow
@pytest.mark.parametrize("name", sampled(answers.RIGHT_MODELS, 3))
def test_build_model_check_passes(helper: Any, name: str) -> None:
    source = f"def build_model(): return {answers.dense(answers.RIGHT_MODELS[name])}"
    helper.check_build_model(answers.keras_names(answer=source)["build_model"])


# relu6 differs from relu only where a unit receives more than 6, and the others only in training.
HARD_TO_SEE = {"relu6 hidden", "dropout", "frozen", "zeros"}


@pytest.mark.slow
@pytest.mark.parametrize("name", sampled(sorted(set(answers.WRONG_MODELS) - HARD_TO_SEE), 3))
def test_build_model_check_fails(helper: Any, name: str) -> None:
    source = f"def build_model(): return {answers.dense(answers.WRONG_MODELS[name][0])}"
    with pytest.raises(helper.CheckFailed):
        helper.check_build_model(answers.keras_names(answer=source)["build_model"])


def compiler(arguments: str) -> Any:
    source = f"def compile_model(model):\n    model.compile({arguments})"
    return answers.keras_names(answer=source)["compile_model"]


@pytest.mark.slow
@pytest.mark.parametrize("arguments", sampled(answers.RIGHT_COMPILES, 3))
def test_compile_model_check_passes(helper: Any, arguments: str) -> None:
    helper.check_compile_model(compiler(arguments))


@pytest.mark.slow
@pytest.mark.parametrize("arguments", sampled((row[0] for row in answers.WRONG_COMPILES), 3))
def test_compile_model_check_fails(helper: Any, arguments: str) -> None:
    # On one-hot labels the Kullback-Leibler divergence is cross-entropy, and RMSprop is RMSprop at any rate.
    if "kl_divergence" in arguments or "RMSprop(0.0)" in arguments:
        helper.check_compile_model(compiler(arguments))
    else:
        with pytest.raises(helper.CheckFailed):
            helper.check_compile_model(compiler(arguments))


def trainer(body: str) -> Any:
    return answers.keras_names(answer=answers.training(body))["train_model"]


# What the example's own few pairs cannot tell.
UNSEEN = {"shuffled labels", "labels of the next image"}


@pytest.mark.slow
@pytest.mark.parametrize("name", sampled(answers.RIGHT_TRAININGS, 3))
def test_train_model_check_passes(helper: Any, name: str) -> None:
    helper.check_train_model(trainer(answers.RIGHT_TRAININGS[name]), lambda n, batch_size: -(-n // batch_size))


@pytest.mark.slow
@pytest.mark.parametrize("name", sampled(sorted(set(answers.WRONG_TRAININGS) - UNSEEN), 3))
def test_train_model_check_fails(helper: Any, name: str) -> None:
    with pytest.raises(helper.CheckFailed):
        helper.check_train_model(trainer(answers.WRONG_TRAININGS[name][0]), lambda n, b: -(-n // b))


@pytest.mark.slow
@pytest.mark.parametrize("updates", [lambda n, b: n // b, lambda n, b: n // b + 1, lambda n, b: n / b])
def test_updates_check_fails(helper: Any, updates: Any) -> None:
    with pytest.raises(helper.CheckFailed):
        helper.check_train_model(trainer(answers.RIGHT_TRAININGS["history"]), updates)


@pytest.mark.slow
def test_stubs_are_told_that_there_is_no_answer(helper: Any) -> None:
    def stub(*_: Any) -> None:
        raise NotImplementedError

    for name in ("preprocess_images", "one_hot", "build_model", "n_params", "compile_model"):
        with pytest.raises(helper.CheckFailed, match="no answer yet"):
            getattr(helper, f"check_{name}")(stub)
    for name in ("train_model", "read_predictions"):
        with pytest.raises(helper.CheckFailed, match="no answer yet"):
            getattr(helper, f"check_{name}")(stub, stub)
