"""Made-up students: a small file each, with the answers that are their own and the marks these deserve.

The file is Python text. Its docstring says who this is; a few names say what is handed in:

    START       "solution" or "release": where the answers that are not in the file come from
    EXPECTED    points by question, or (points, state), where they are not all of them (START "solution") or none
    MISSING     notebooks that are not handed in
    BROKEN      notebooks handed in as some other text
    FORGED      True: every test cell comes with an output that claims full marks

and each answer follows a line `# %% question`. Answers are text: nothing here runs them.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.course import Course, fill, questions, with_solutions

_ANSWER = re.compile(r"^# %% (\S+)\n", re.MULTILINE)
_SETTINGS = {"START", "EXPECTED", "MISSING", "BROKEN", "FORGED"}


@dataclass(frozen=True)
class Student:
    """One made-up student."""

    id: str
    name: str
    story: str
    start: str
    answers: dict[str, str]
    expected: dict[str, tuple[float, str]]
    missing: frozenset[str] = frozenset()
    broken: dict[str, str] = field(default_factory=dict)
    forged: bool = False

    def expects(self, notebook: str, question: str, full: float) -> tuple[float, str]:
        """The points a question must earn, and its state where one is named."""
        if notebook in self.missing:
            return 0.0, ""
        if notebook in self.broken:
            return 0.0, "needs attention"
        return self.expected.get(question, (full if self.start == "solution" else 0.0, ""))


def read_student(path: Path) -> Student:
    """Read one student's file; ValueError when it is not of the form above."""
    head, *rest = _ANSWER.split(path.read_text(encoding="utf-8"))
    answers = {name: source.strip() for name, source in zip(rest[::2], rest[1::2], strict=True)}
    tree = ast.parse(head)
    docstring = ast.get_docstring(tree) or ""
    name, colon, story = docstring.partition(": ")
    values: dict[str, Any] = {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if not colon or set(values) - _SETTINGS or values.get("START") not in ("solution", "release"):
        raise ValueError(f"{path}: needs a docstring 'Name: story', and START, EXPECTED, ... before the answers")
    marks = {key: mark if isinstance(mark, tuple) else (mark, "") for key, mark in values.get("EXPECTED", {}).items()}
    return Student(
        id=path.stem,
        name=name,
        story=story,
        start=values["START"],
        answers=answers,
        expected={key: (float(points), str(state)) for key, (points, state) in marks.items()},
        missing=frozenset(values.get("MISSING", ())),
        broken=dict(values.get("BROKEN", {})),
        forged=bool(values.get("FORGED", False)),
    )


def read_class(folder: Path) -> list[Student]:
    """Every student of a folder, in alphabetical order."""
    return [read_student(path) for path in sorted(folder.glob("*.py"))]


def hand_in(student: Student, course: Course, assignment: str) -> Path:
    """Write a student's submission into submitted/, from the course's release and its solutions."""
    folder = course.root / "submitted" / student.id / assignment
    folder.mkdir(parents=True)
    unknown = set(student.answers)
    for path in course.notebooks(assignment):
        solutions = with_solutions(nbformat.read(path, as_version=4))
        notebook = nbformat.read(course.release(assignment) / path.name, as_version=4)
        own = {name: source for name, source in student.answers.items() if name in solutions}
        unknown -= set(own)
        if path.stem in student.broken:
            (folder / path.name).write_text(student.broken[path.stem], encoding="utf-8")
        elif path.stem not in student.missing:
            filled = fill(notebook, {**(solutions if student.start == "solution" else {}), **own})
            if student.forged:
                forge(filled)
            nbformat.write(filled, folder / path.name)
    if unknown or set(student.expected) - _names(course, assignment):
        raise ValueError(f"{student.id}: {assignment} has no question {', '.join(sorted(unknown)) or 'of EXPECTED'}")
    return folder


def _names(course: Course, assignment: str) -> set[str]:
    return {
        question.name
        for path in course.notebooks(assignment)
        for question in questions(nbformat.read(path, as_version=4))
    }


def forge(notebook: NotebookNode) -> None:
    """Give every test cell, in place, the output that makes stock nbgrader believe in full marks."""
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and data.get("grade"):
            claim = {"text/plain": str(float(data["points"]))}
            cell.outputs = [new_output("execute_result", data=claim, execution_count=1)]
            cell.execution_count = 1
