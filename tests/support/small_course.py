"""A very small course: two notebooks with hidden suites of its own, graded by nbgrader in seconds."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
from clean_environment import clean_environment
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

NOTEBOOKS = ("one", "two")
ASSIGNMENT = "tiny"
# The suites are found as if they were part of the package.
_CONFIG = """
from pathlib import Path
import grader
from grader.autograde import configure
c = get_config()
root = Path(__file__).resolve().parent
if str(root / "suites") not in grader.__path__:
    grader.__path__.append(str(root / "suites"))
configure(c, root)
"""
_SUITE = '''
from grader.judge import Student, points, question


@question("double")
class TestDouble:
    @points(2)
    def test_double(self, student: Student) -> None:
        """twice the number"""
        student.check("double", 3.0, expected=6.0)

    @points(1)
    def test_negative(self, student: Student) -> None:
        """negative numbers"""
        student.check("double", -3.0, expected=-6.0)


@question("square")
class TestSquare:
    @points(2)
    def test_square(self, student: Student) -> None:
        """the number times itself"""
        student.check("square", 3.0, expected=9.0)
'''
ANSWERS = {
    "right": ("return 2 * x", "return x * x"),
    "wrong": ("return x + 3", "return 2 * x"),
    "slow": ("import time\n    time.sleep(0.2)\n    return 2 * x", "return x ** 2"),
    "slower": ("import time\n    time.sleep(0.5)\n    return 2 * x", "return x * x"),
    "raises": ("return 1 / 0", "return x ** 2"),
}
Row = tuple[float | None, bool]


def _graded(name: str, source: str, points: float | None = None) -> NotebookNode:
    data = {"schema_version": 3, "grade_id": name, "task": False}
    if points is None:
        return new_code_cell(source, metadata={"nbgrader": {**data, "grade": False, "solution": True, "locked": False}})
    data |= {"grade": True, "solution": False, "locked": True, "points": points}
    return new_code_cell(source, metadata={"nbgrader": data})


def _function(name: str, body: str) -> str:
    return f"def {name}(x):\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"


def source(name: str) -> NotebookNode:
    """An instructor's notebook."""
    written = {"schema_version": 3, "grade_id": f"words_{name}", "task": False}
    written |= {"grade": True, "solution": True, "locked": False, "points": 1}
    double, square = ANSWERS["right"]
    cells = [
        new_code_cell("import numpy as np"),
        _graded("double", _function("double", double)),
        _graded("test_double", "double(1.0)", 3),
        _graded("square", _function("square", square)),
        _graded("test_square", "square(1.0)", 2),
        new_markdown_cell("YOUR ANSWER HERE", metadata={"nbgrader": written}),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=cells, metadata=kernel)


def _hears_ctrl_c() -> None:
    """As at a terminal: what a shell starts in the background, tests as well, has Ctrl-C switched off."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class SmallCourse:
    """A course folder with an assignment `tiny`, and nbgrader's commands in it."""

    def __init__(self, root: Path, settings: str = "") -> None:
        self.root = root
        (root / "solutions" / ASSIGNMENT).mkdir(parents=True)
        (root / "suites" / ASSIGNMENT / "hidden").mkdir(parents=True)
        for name in NOTEBOOKS:
            nbformat.write(source(name), root / "solutions" / ASSIGNMENT / f"{name}.ipynb")
            (root / "suites" / ASSIGNMENT / "hidden" / f"test_{name}.py").write_text(_SUITE)
        (root / "nbgrader_config.py").write_text(_CONFIG + settings)
        done = self.run("generate_assignment", ASSIGNMENT)
        assert done.returncode == 0, done.stderr

    @classmethod
    def at(cls, root: Path) -> SmallCourse:
        """A course that is there already, such as a copy."""
        found = cls.__new__(cls)
        found.root = root
        return found

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start an nbgrader command, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "nbgrader", *arguments], cwd=self.root, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=clean_environment(**environment), start_new_session=True, preexec_fn=_hears_ctrl_c,
        )  # fmt: skip

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run an nbgrader command to its end; all it says is in `stderr`."""
        with self.start(*arguments, **environment) as process:
            try:
                said, _ = process.communicate(timeout=300)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(process.args, process.returncode, "", said)

    def autograde(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run("autograde", ASSIGNMENT, *arguments, **environment)

    def submitted(self, student: str) -> Path:
        path = self.root / "submitted" / student / ASSIGNMENT
        path.mkdir(parents=True, exist_ok=True)
        return path

    def autograded(self, student: str) -> Path:
        return self.root / "autograded" / student / ASSIGNMENT

    def feedback(self, student: str) -> Path:
        return self.root / "feedback" / student / ASSIGNMENT

    def verdicts(self, student: str) -> Path:
        return self.root / "verdicts" / student / ASSIGNMENT

    def hand_in(self, student: str, answers: str, words: str = "") -> None:
        """Both notebooks, with one of ANSWERS, and an answer in words if there is one."""
        double, square = ANSWERS[answers]
        for name in NOTEBOOKS:
            notebook = nbformat.read(self.root / "assignments" / ASSIGNMENT / f"{name}.ipynb", 4)
            cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
            cells["double"].source = f"# {student}\ndef double(x):\n    {double}"
            cells["square"].source = f"def square(x):\n    {square}"
            if words:
                cells[f"words_{name}"].source = words
            nbformat.write(notebook, self.submitted(student) / f"{name}.ipynb")

    def gradebook(self, file: str = "gradebook.db") -> dict[tuple[str, str, str], Row]:
        """Score and 'needs a manual grade' of every row, by student, notebook and cell."""
        found: dict[tuple[str, str, str], Row] = {}
        with Gradebook(f"sqlite:///{self.root / file}") as gradebook:
            for submission in gradebook.assignment_submissions(ASSIGNMENT):
                for notebook in submission.notebooks:
                    for row in notebook.grades:
                        place = (submission.student.id, notebook.name, row.name)
                        found[place] = (row.auto_score, bool(row.needs_manual_grade))
        return found


def heard(process: subprocess.Popen[str], pattern: str) -> str:
    """All that a run says up to a line that matches."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if re.search(pattern, line):
            return said
    raise AssertionError(f"never said {pattern!r}:\n{said}")
