"""What the parts of the suites are counted for, and the list of those that catch nothing alone."""

from __future__ import annotations

import ast

from bank import load
from parts import Use, kept, problems, report, uses

from grader.course import suite_path
from grader.verdict import Part, State, Verdict, combine


def verdict(**states: State) -> Verdict:
    parts = [Part(test=test, title="", points=float(state is State.RIGHT), max_points=1.0, state=state)
             for test, state in states.items()]  # fmt: skip
    return combine("q", tuple(parts))


def parts_of_the_suites() -> set[str]:
    """Every part, as in the list; of a test with several items only its name."""
    found = set()
    for answer in {(one.assignment, one.notebook): one for one in (*load("ps1"), *load("ps1-extra"))}.values():
        path = suite_path(answer.assignment, answer.notebook)
        assert path is not None
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                marks = [one for one in node.decorator_list if isinstance(one, ast.Call)]
                names = [one.args[0].value for one in marks if getattr(one.func, "id", "") == "question"]
                tests = [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
                found |= {f"{answer.assignment} {name} {test}" for name in names for test in tests}
    return found


def test_a_part_catches_alone_or_earns() -> None:
    right, wrong, crashed = State.RIGHT, State.WRONG, State.CRASHED
    found = uses([("ps1", verdict(a=right, b=wrong)), ("ps1", verdict(a=crashed, b=wrong))])
    assert found == {"ps1 q a": Use(alone=0, earned=1), "ps1 q b": Use(alone=1, earned=0)}


def test_the_report_gives_the_reason_or_says_that_there_is_none() -> None:
    found = {"a": Use(0, 7), "b": Use(0, 1), "c": Use(3, 0)}
    text = report(found, {"a": "it earns"})
    assert "catches nothing alone: it earns" in text
    assert text.count("NO REASON") == 1


def test_missing_and_stale_reasons_are_problems() -> None:
    found = {"a": Use(0, 7), "b": Use(0, 1), "c": Use(3, 0)}
    assert problems(found, {"a": "because", "b": "because"}) == []
    assert problems(found, {"a": "because"}) == ["b catches nothing alone, and no reason is written"]
    (caught,) = problems(found, {"a": "because", "b": "because", "c": "because"})
    assert caught.endswith("does catch")
    (gone,) = problems(found, {"a": "because", "b": "because", "d": "because"})
    assert gone.endswith("does not exist")


def test_the_list_names_parts_that_exist_and_gives_each_a_reason() -> None:
    assert kept().keys() - parts_of_the_suites() == set()
    assert all(len(reason) > 20 for reason in kept().values())
