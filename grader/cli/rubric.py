"""`pset rubric`: what each part of a question is worth, told to students in its test cell before they are graded.

The hidden suite is where the parts stand; the comment at the top of a question's test cell repeats their titles and
points, nothing else of them.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.markup import escape

from grader.cli.common import console, find_course
from grader.course import questions, suite_path
from grader.judge.run import rubric

_WIDTH = 112
_FURTHER = "Your mark comes from further checks"


def comment(points: float, parts: Sequence[tuple[float, str]]) -> list[str]:
    """The lines for one question; parts that differ in their parameter only are told together."""
    if len(parts) == 1:
        return [f"# {points:g} points."]
    lines = [f"# {points:g} points, in parts:"]
    for (worth, title), count in Counter((worth, re.sub(r" \[[^]]*\]$", "", title)) for worth, title in parts).items():
        head = f"#   {worth:g}  " if count == 1 else f"#   {count} x {worth:g}  "
        after = "#" + " " * (len(head) - 1)
        lines += textwrap.wrap(title, _WIDTH, initial_indent=head, subsequent_indent=after, break_on_hyphens=False)
    return lines


def with_comment(source: str, lines: Sequence[str]) -> str:
    """A test cell with these lines in place of the comment at its top; what it says of further checks is kept."""
    old = source.splitlines()
    code = next((number for number, line in enumerate(old) if not line.startswith("#")), len(old))
    further = re.search(rf"{_FURTHER}.*", "\n".join(old[:code]))
    head = list(lines)
    if further and len(head) == 1:
        head[0] += f" {further[0]}"
    elif further:
        head.append(f"# {further[0]}")
    return "\n".join([*head, *old[code:]])


def _told(notebook: NotebookNode, suite: Path) -> Iterator[tuple[str, NotebookNode, str]]:
    """The test cells of a notebook that its suite knows: the question, the cell, and what the cell should hold."""
    parts = rubric(suite)
    points = {question.name: question.points for question in questions(notebook) if question.automatic}
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        name = str(data.get("grade_id", "")).removeprefix("test_")
        if data.get("grade") and not data.get("solution") and name in parts:
            yield name, cell, with_comment(cell.source, comment(points[name], parts[name]))


def out_of_step(path: Path, assignment: str) -> dict[str, tuple[str, str]]:
    """The test cells that tell another rubric than the suite has: what they hold, and what they should."""
    suite = suite_path(assignment, path.stem)
    if suite is None:
        return {}
    told = _told(nbformat.read(path, as_version=4), suite)
    return {name: (cell.source, wanted) for name, cell, wanted in told if cell.source != wanted}


def write(path: Path, assignment: str) -> list[str]:
    """Bring the test cells of a notebook in step with its suite; the questions that were not."""
    suite = suite_path(assignment, path.stem)
    if suite is None:
        return []
    notebook, changed = nbformat.read(path, as_version=4), []
    for name, cell, wanted in _told(notebook, suite):
        if cell.source != wanted:
            cell.source = wanted
            changed.append(name)
    if changed:
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    return changed


def run() -> int:
    """The command: write every rubric of the course into its test cell, and say which were not there."""
    course, out, changed = find_course(), console(), set()
    for assignment in course.assignments:
        for path in course.notebooks(assignment):
            for name in write(path, assignment):
                changed.add(assignment)
                out.print(f"{assignment}/{path.stem}: {escape(name)}")
    if not changed:
        out.print("Every test cell tells the rubric of its suite.")
    for assignment in sorted(changed):
        out.print(f"Make the release again: nbgrader generate_assignment {assignment}")
    return 0
