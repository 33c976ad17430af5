"""Every answer of the bank, judged by the real judge in this process: wrong ones earn what they should, right ones all.

Each answer stands alone in a notebook that is otherwise solved.
`make accuracy` does the same through `nbgrader autograde`, with many answers in one notebook.
"""

from __future__ import annotations

import ast
import functools
import itertools
import sys
import warnings
from collections import Counter
from typing import Any

import nbformat
import numpy as np
import pytest
from bank import ROOT, Answer, BankError, Place, defines_only, load, parse
from local_notebook import judge_locally, names_of

from grader.course import Course, suite_path, with_solutions

ASSIGNMENTS = ("ps1", "ps1-extra")
ANSWERS = [answer for assignment in ASSIGNMENTS for answer in load(assignment)]
# These need Keras, or train for seconds.
SLOW = {"build_model", "compile_model", "train_model", "numpy_train"}
SAMPLE = 10


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


def answered(answer: Answer) -> dict[str, Any]:
    """What an answer defines, in a notebook that is otherwise solved."""
    solved = solved_names(answer.assignment, answer.notebook)
    names = dict(solved)
    for name in defined_in(solution(answer.assignment, answer.notebook, answer.question)):
        del names[name]
    before = dict(names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(answer.source, "<answer>", "exec"), names)
    return {name: value for name, value in names.items() if name not in before or value is not before[name]}


def judged(answers: list[Answer]) -> dict[str, float]:
    """The points of answers to different questions of one notebook.

    Each ran among solved names of its own, so that none meets another; judging them at once saves starting pytest.
    """
    first = answers[0]
    suite = suite_path(first.assignment, first.notebook)
    assert suite is not None
    # Functions the solved notebook defines in a question are not there unless the answer defines them too.
    names = dict(solved_names(first.assignment, first.notebook))
    for answer in answers:
        for name in defined_in(solution(answer.assignment, answer.notebook, answer.question)):
            del names[name]
    for answer in answers:
        names.update(answered(answer))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        verdicts = judge_locally(suite, names, b"bank", {answer.question for answer in answers})
    for answer in answers:
        verdict = verdicts[answer.question]
        assert not verdict.needs_attention, [part.grader_error for part in verdict.parts if part.grader_error]
        assert verdict.max_points == answer.max_points
    return {str(answer): verdicts[answer.question].points for answer in answers}


def groups(*, slow: bool) -> list[list[Answer]]:
    """The k-th answer of every question of a notebook, for each notebook and k; what trains stands alone."""
    found: dict[tuple[str, ...], list[Answer]] = {}
    for question, answers in itertools.groupby(ANSWERS, lambda answer: answer.question):
        if (question in SLOW) == slow:
            for k, answer in enumerate(answers, start=1):
                key = (answer.notebook, question if slow else "answers", str(k))
                found.setdefault(key, []).append(answer)
    return list(found.values())


def label(group: list[Answer]) -> str:
    return str(group[0]) if group[0].question in SLOW else f"{group[0].notebook}: {len(group)} from {group[0]}"


@pytest.mark.parametrize("group", groups(slow=False), ids=label)
def test_answers(group: list[Answer]) -> None:
    assert judged(group) == {str(answer): answer.points for answer in group}


@pytest.mark.slow
@pytest.mark.parametrize("group", groups(slow=True)[::SAMPLE], ids=label)
def test_answer_that_trains(group: list[Answer]) -> None:
    assert judged(group) == {str(answer): answer.points for answer in group}


@pytest.mark.thorough
@pytest.mark.parametrize("group", [g for i, g in enumerate(groups(slow=True)) if i % SAMPLE], ids=label)
def test_every_answer_that_trains(group: list[Answer]) -> None:
    assert judged(group) == {str(answer): answer.points for answer in group}


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
        ("# %% right: a | idea: b\nx = 1\n", "no misconception"),
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
