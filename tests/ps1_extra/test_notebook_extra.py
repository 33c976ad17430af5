"""The extra notebook keeps PS1.md's contract; its solutions pass the visible checks, typical mistakes do not."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from numpy_mnist_answers import WRONG_PREDICT, trainer

from grader.ps1_extra.reference import numpy_mnist as reference

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"
FOLDER = SOLUTIONS / "ps1-extra"
NOTEBOOK = FOLDER / "numpy-mnist.ipynb"
PACKAGE = Path(reference.__file__).resolve().parents[1]
POINTS = {"numpy_predict": 4, "numpy_train": 6}

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.stem}_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def helper():
    return load(FOLDER / "ps1_extra_helper.py")


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(NOTEBOOK, as_version=4)


def label(cell):
    return cell.metadata.get("nbgrader", {})


def solution(notebook, name):
    return next(cell.source for cell in notebook.cells if label(cell).get("grade_id") == name)


def test_cells_and_points_are_the_contracts(notebook):
    nbformat.validate(notebook)
    graded = [(i, label(cell)) for i, cell in enumerate(notebook.cells) if label(cell)]
    assert [meta["grade_id"] for _, meta in graded] == [f"{p}{q}" for q in POINTS for p in ("", "test_")]
    for (i, answer), (j, test) in zip(graded[::2], graded[1::2], strict=True):
        assert j == i + 1
        assert answer == {
            "grade": False,
            "grade_id": answer["grade_id"],
            "locked": False,
            "schema_version": 3,
            "solution": True,
            "task": False,
        }
        assert test == {
            "grade": True,
            "grade_id": f"test_{answer['grade_id']}",
            "locked": True,
            "points": POINTS[answer["grade_id"]],
            "schema_version": 3,
            "solution": False,
            "task": False,
        }


def test_points_of_the_suite_are_the_notebooks():
    from grader.ps1_extra.hidden import test_numpy_mnist as suite

    for test_class in (suite.TestNumpyPredict, suite.TestNumpyTrain):
        marks = [
            mark for test in vars(test_class).values() for mark in getattr(test, "pytestmark", []) if callable(test)
        ]
        name = next(mark.args[0] for mark in test_class.pytestmark if mark.name == "question")
        assert sum(mark.args[0] for mark in marks if mark.name == "points") == POINTS[name]


def test_ascii_and_clean(notebook):
    NOTEBOOK.read_bytes().decode("ascii")
    (FOLDER / "ps1_extra_helper.py").read_bytes().decode("ascii")
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


def test_solutions_pass_the_visible_checks(notebook, helper, capsys):
    names = {"np": np}
    for name in POINTS:
        exec(solution(notebook, name), names)
    helper.check_numpy_predict(names["numpy_predict"])
    helper.check_numpy_train(names["numpy_train"])
    helper.check_gradients(names["gradients"])
    assert capsys.readouterr().out.count("visible checks passed") == 3


def test_stubs_fail_kindly(helper):
    def stub(*args, **kwargs):
        raise NotImplementedError

    for check in (helper.check_numpy_predict, helper.check_numpy_train, helper.check_gradients):
        with pytest.raises(helper.CheckFailed, match=r"no answer yet: .* in `stub`"):
            check(stub)


def test_without_keras_the_notebook_goes_on(monkeypatch, capsys):
    """Only one cell wants Keras, to compare with; it must not stop who runs all cells."""
    (cell,) = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.id == "against-keras"]
    monkeypatch.setitem(sys.modules, "keras", None)
    exec(cell.source, {})
    assert "No Keras on this machine" in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(set(WRONG_PREDICT) - {"maximum of the whole table"}))
def test_the_visible_check_finds_wrong_predictions(helper, name):
    hints = {
        "no first bias": "first layer's bias",
        "no second bias": "second layer's bias",
        "sigmoid": "not sigmoid",
        "logits": "apply the softmax",
        "wrong axis": "sum to 1",
        "classes": "not the most probable class",
        "overflows": "overflows",
    }
    with pytest.raises(helper.CheckFailed, match=hints.get(name, "expected|raised")):
        helper.check_numpy_predict(WRONG_PREDICT[name][0])


@pytest.mark.parametrize(
    "change",
    [
        "sign",
        "hidden sign",
        "all start at zero",
        "W2 starts at zero",
        "seed ignored",
        "seed fixed",
        "epochs ignored",
        "batch_size ignored",
        "lr ignored",
        "sum over the batch",
        "db2 not averaged",
        "averaged twice",
        "label forgotten",
    ],
)
def test_the_visible_check_finds_wrong_training(helper, change):
    with pytest.raises(helper.CheckFailed):
        helper.check_numpy_train(trainer(change=change))


@pytest.mark.parametrize("start", ["he", "glorot", "normal 0.01", "normal 0.1"])
def test_the_visible_check_lets_honest_training_pass(helper, start):
    helper.check_numpy_train(trainer(start=start))
    helper.check_numpy_train(trainer(start=start, shuffle="never", dtype=np.float32))


def test_the_gradient_tool_names_the_wrong_one(helper):
    for i, name in enumerate(("dW1", "db1", "dW2", "db2")):

        def wrong(weights, X, Y, i=i):
            answer = reference.gradients(weights, X, Y)
            answer[i] = 2 * answer[i]
            return answer

        with pytest.raises(helper.CheckFailed, match=name):
            helper.check_gradients(wrong)


def test_each_assignment_stands_alone_with_the_same_loader_and_digits():
    sources = []
    for path in (SOLUTIONS / "ps1" / "ps1_helper.py", FOLDER / "ps1_extra_helper.py"):
        tree = ast.parse(path.read_text(encoding="ascii"))
        sources.append({n.name: ast.unparse(n) for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))})
    shared = [
        "CheckFailed",
        "_show",
        "_fail",
        "_call",
        "_expect_close",
        "_passed",
        "load_digits_data",
        "_read_digits",
        "_say_digits",
    ]
    for name in shared:
        assert sources[0][name] == sources[1][name], f"{name} differs between the two helper files"
    bundle = (SOLUTIONS / "ps1" / "digits.npz").read_bytes()
    assert (FOLDER / "digits.npz").read_bytes() == bundle
    assert (PACKAGE / "digits.npz").read_bytes() == bundle  # what the judge trains a student's network on


def test_the_helper_needs_nothing_beyond_numpy():
    tree = ast.parse((FOLDER / "ps1_extra_helper.py").read_text(encoding="ascii"))
    imported = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"numpy"}
