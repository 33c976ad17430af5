"""Every answer of the bank, judged by the real judge in this process: wrong ones earn what they should, right ones all.

Each answer stands alone in a notebook that is otherwise solved, and only its question is judged.
`make accuracy` does the same through `nbgrader autograde`, with many answers in one notebook.
"""

from __future__ import annotations

import ast
import functools
import sys
import warnings
from collections import Counter
from typing import Any

import nbformat
import numpy as np
import pytest
from bank import ROOT, Answer, BankError, Place, load, parse
from local_notebook import judge_locally, names_of

from grader.course import Course, suite_path, with_solutions

ASSIGNMENTS = ("ps1", "ps1-extra")
ANSWERS = [answer for assignment in ASSIGNMENTS for answer in load(assignment)]
# These need Keras, or train for seconds.
SLOW = {"build_model", "compile_model", "train_model", "numpy_train"}


def defines_only(source: str) -> bool:
    """True for a cell that defines names and draws or prints nothing."""
    return all(
        isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in ast.parse(source).body
    )


def defined_in(source: str) -> set[str]:
    """The functions and classes that a cell defines."""
    return {node.name for node in ast.parse(source).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


@functools.cache
def solution(assignment: str, notebook: str, question: str) -> str:
    """The source of a question's solved cell."""
    path = Course(ROOT).source(assignment) / f"{notebook}.ipynb"
    return with_solutions(nbformat.read(path, as_version=4))[question]


@functools.cache
def solved_names(assignment: str, notebook: str) -> dict[str, Any]:
    """What a solved notebook defines, without its plots and checks."""
    folder = Course(ROOT).source(assignment)
    cells = [
        cell for cell in nbformat.read(folder / f"{notebook}.ipynb", as_version=4).cells if cell.cell_type == "code"
    ]
    wanted = [
        cell.source
        for number, cell in enumerate(cells)
        if not cell.metadata.get("nbgrader", {}).get("grade") and (number == 0 or defines_only(cell.source))
    ]
    sys.path.insert(0, str(folder))
    try:
        return names_of(*wanted)
    finally:
        sys.path.remove(str(folder))


def earned(answer: Answer, seed: bytes = b"bank") -> float:
    """The points of one answer in a notebook that is otherwise right."""
    names = dict(solved_names(answer.assignment, answer.notebook))
    for name in defined_in(solution(answer.assignment, answer.notebook, answer.question)):
        del names[name]
    suite = suite_path(answer.assignment, answer.notebook)
    assert suite is not None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        exec(compile(answer.source, "<answer>", "exec"), names)
        verdict = judge_locally(suite, names, seed, {answer.question})[answer.question]
    assert not verdict.needs_attention, [part.grader_error for part in verdict.parts if part.grader_error]
    assert verdict.max_points == answer.max_points
    return verdict.points


def by_speed(*, slow: bool) -> list[Answer]:
    return [answer for answer in ANSWERS if (answer.question in SLOW) == slow]


@pytest.mark.parametrize("answer", by_speed(slow=False), ids=str)
def test_answer(answer: Answer) -> None:
    assert earned(answer) == answer.points


@pytest.mark.slow
@pytest.mark.parametrize("answer", by_speed(slow=True), ids=str)
def test_answer_that_trains(answer: Answer) -> None:
    assert earned(answer) == answer.points


def test_the_bank_is_large_enough() -> None:
    wrong = Counter(answer.question for answer in ANSWERS if not answer.right)
    right = Counter(answer.question for answer in ANSWERS if answer.right)
    assert min(wrong.values()) >= 12
    assert min(right.values()) >= 6
    assert len(wrong) == len(right) == 28
    assert wrong.total() >= 250
    assert right.total() >= 120


@pytest.mark.parametrize(
    "text, words",
    [
        ("x = 1\n# %% right: a\ny = 1\n", "before the first section"),
        ("# %% maybe: a\nx = 1\n", "write '# %% wrong"),
        ("# %% wrong: a\nx = 1\n", "says its points"),
        ("# %% right: a | points: 1\nx = 1\n", "says its points"),
        ("# %% wrong: a | points: 4\nx = 1\n", "less than 4"),
        ("# %% right: a\n\n# %% right: b\nx = 1\n", "empty"),
        ("# %% right: a\nx = 1\n# %% right: a\nx = 2\n", "two answers"),
        ("# %% right: a\nx = (\n", "not Python"),
        ("# %% right: caf\u00e9\nx = 1\n", "ASCII"),
    ],
)
def test_a_malformed_file_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(BankError, match=r"f\.py") as error:
        parse(text, "f.py", "ps1", "sigmoid", Place("1-perceptron", 4.0))
    assert words in str(error.value)
