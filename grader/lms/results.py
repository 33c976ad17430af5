"""One student's verdicts in the format of Gradescope's `results.json`.

Relied on: "Autograder Specifications", gradescope-autograders.readthedocs.io/en/latest/specs/. The total is written at
the top, where it overrides the sum of the tests, so that points by hand and penalties count. A test that waits for a
person has no score. Nothing is in it that the student's feedback page would not show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.lms.marks import Question, Work
from grader.verdict import State, Verdict

Verdicts = Callable[[str], dict[str, Verdict]]


def results(work: Work, verdicts: Verdicts) -> dict[str, Any]:
    """The content of results.json; `verdicts` gives the judge's verdicts on a notebook by question."""
    notebooks = list(dict.fromkeys(question.notebook for question in work.questions))
    found = {notebook: verdicts(notebook) for notebook in notebooks}
    tests = []
    for place, notebook in enumerate(notebooks, 1):
        asked = [question for question in work.questions if question.notebook == notebook]
        its = [test for question in asked for test in _tests(question, found[notebook].get(question.name))]
        tests += [{"number": f"{place}.{number}", **test} for number, test in enumerate(its, 1)]
    notes = []
    if work.waiting:
        names = ", ".join(question.name for question in work.waiting)
        notes.append(f"Not decided yet, so the total is only what you have so far: {names}.")
    if work.penalty:
        notes.append(f"{work.penalty:g} points are taken off because this was handed in late.")
    return {
        "score": round(work.points, 6),
        "output": "\n".join(notes),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def _tests(question: Question, verdict: Verdict | None) -> list[dict[str, Any]]:
    """The parts of a question, or the question as a whole where a person has decided, or must."""
    name = f"{question.notebook}: {question.name}"
    if question.waits or question.points is None:
        waits = "A person will look at this: no points are decided yet."
        return [{"name": name, "max_score": question.max_points, "output": waits}]
    whole = question.manual_points is not None or question.extra_credit
    if verdict is None or whole or not verdict.parts or abs(verdict.points - question.points) > 1e-6:
        said = verdict.message if verdict else ("" if question.points else "Nothing was handed in for this.")
        said = "Marked by hand." if question.manual_points is not None else said
        return [_test(name, question.points, question.max_points, said)]
    tests = []
    for part in verdict.parts:
        said = part.message if part.state is State.RIGHT else f"{part.state.value}: {part.message}"
        tests.append(_test(f"{name}: {part.title}", part.points, part.max_points, said))
    if verdict.diagnosis is not None:
        hint = f"This looks like: {verdict.diagnosis.name}. {verdict.diagnosis.hint}"
        wrong = next((test for test in tests if test["status"] == "failed"), tests[0])
        wrong["output"] = f"{hint}\n{wrong['output']}"
    return tests


def _test(name: str, points: float, limit: float, said: str) -> dict[str, Any]:
    return {
        "name": name,
        "score": round(points, 6),
        "max_score": limit,
        "status": "passed" if points >= limit else "failed",
        "output": said or "Right.",
    }
