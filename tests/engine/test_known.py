"""Identical notebooks are judged once in a run; anything that could change the result makes them different."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_notebooks import notebook_of

from grader.batch import Graded, Known, Task, known
from grader.jail import CellOutcome, Jail, RunReport
from grader.judge.run import Judge
from grader.verdict import NotebookVerdicts, Part, State, Verdict


def graded(task: Task, state: State = State.RIGHT, *, attention: bool = False, cell: str = "ok") -> Graded:
    part = Part(test="t", title="t", points=1.0, max_points=1.0, state=state)
    verdict = Verdict(question="q", state=state, points=1.0, max_points=1.0, message="", parts=(part,))
    found = NotebookVerdicts(
        assignment=task.assignment, notebook=task.name, verdicts=(verdict,), needs_attention=attention
    )
    return Graded(notebook_of("x = 1"), found, RunReport([CellOutcome(0, "q", cell)]))


class Runs:
    """Stands in for `grade`, and counts."""

    def __init__(self, result: Callable[[Task], Graded] = graded) -> None:
        self.result = result
        self.count = 0

    def __call__(self, task: Task, *_: Any) -> Graded:
        self.count += 1
        return self.result(task)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    suite = tmp_path / "test_n.py"
    suite.write_text("")
    files = tmp_path / "submitted"
    files.mkdir()
    (files / "data.txt").write_text("1 2 3")
    return Task("ps", "n", notebook_of("x = 1", q="y = 2"), suite, tmp_path, files=(files,))


def settings(**values: Any) -> tuple[Jail, Judge]:
    judge = Judge()
    judge.secret = values.pop("secret", "secret")
    jail = Jail()
    for name, value in values.items():
        setattr(jail, name, value)
    return jail, judge


def test_the_same_content_is_judged_once(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs()
    monkeypatch.setattr(known, "grade", runs)
    memory = Known()
    first = memory.grade(task, *settings())
    first.notebook.cells[0].source = "rendered"
    second = memory.grade(replace(task, cells=notebook_of("x = 1", q="y = 2")), *settings())
    assert runs.count == 2, "cell ids differ"
    third = memory.grade(task, *settings())
    assert runs.count == 2
    assert third.verdicts == second.verdicts
    assert third.notebook.cells[0].source == "x = 1", "a caller's changes stay with that caller"


def test_whatever_could_change_the_result_makes_it_another(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs()
    monkeypatch.setattr(known, "grade", runs)
    memory = Known()
    memory.grade(task, *settings())
    others: list[Callable[[], Any]] = [
        lambda: memory.grade(replace(task, cells=notebook_of("x = 2", q="y = 2")), *settings()),
        lambda: memory.grade(replace(task, notes=("repaired",)), *settings()),
        lambda: memory.grade(replace(task, assignment="other"), *settings()),
        lambda: memory.grade(replace(task, files=()), *settings()),
        lambda: memory.grade(task, *settings(cell_timeout=1)),
        lambda: memory.grade(task, *settings(secret="another")),
    ]
    for number, other in enumerate(others, start=2):
        other()
        assert runs.count == number
    (task.files[0] / "data.txt").write_text("1 2 4")
    memory.grade(task, *settings())
    assert task.suite is not None
    task.suite.write_text("# another suite")
    memory.grade(task, *settings())
    monkeypatch.setenv("KERAS_BACKEND", "another")
    memory.grade(task, *settings())
    assert runs.count == len(others) + 4


@pytest.mark.parametrize(
    "restless",
    [
        lambda task: graded(task, State.TIMED_OUT),
        lambda task: graded(task, State.CRASHED),
        lambda task: graded(task, State.GRADER_FAILED),
        lambda task: graded(task, attention=True),
        lambda task: graded(task, cell="timed out"),
        lambda task: graded(task, cell="killed the kernel"),
    ],
)
def test_only_calm_results_are_used_again(
    task: Task, restless: Callable[[Task], Graded], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = Runs(restless)
    monkeypatch.setattr(known, "grade", runs)
    memory = Known()
    memory.grade(task, *settings())
    memory.grade(task, *settings())
    assert runs.count == 2


def test_it_keeps_the_latest_only(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs()
    monkeypatch.setattr(known, "grade", runs)
    memory = Known(size=2)
    tasks = [replace(task, name=name) for name in "abc"]
    for one in tasks:
        memory.grade(one, *settings())
    memory.grade(tasks[2], *settings())
    memory.grade(tasks[1], *settings())
    assert runs.count == 3
    memory.grade(tasks[0], *settings())
    assert runs.count == 4


def test_a_file_that_is_not_copied_is_not_read(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs()
    monkeypatch.setattr(known, "grade", runs)
    memory = Known()
    memory.grade(task, *settings(scratch_bytes=100))
    with (task.files[0] / "huge.bin").open("wb") as stream:
        stream.truncate(2**40)
    memory.grade(task, *settings(scratch_bytes=100))
    assert runs.count == 1
