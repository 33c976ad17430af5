"""Small notebooks for the engine's tests."""

from __future__ import annotations

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook


def notebook_of(*sources: str, **named: str) -> NotebookNode:
    """A notebook of code cells; those given by name are the solution cells of that question."""
    cells = [new_code_cell(source) for source in sources]
    for name, source in named.items():
        data = {"grade": False, "solution": True, "locked": False, "task": False, "schema_version": 3}
        cells.append(new_code_cell(source, metadata={"nbgrader": {**data, "grade_id": name}}))
    return new_notebook(cells=cells)


def graded_cell(name: str, points: float) -> NotebookNode:
    """The test cell of a question, as a released notebook has it."""
    data = {"grade": True, "solution": False, "locked": True, "task": False, "schema_version": 3}
    return new_code_cell("pass", metadata={"nbgrader": {**data, "grade_id": f"test_{name}", "points": points}})
