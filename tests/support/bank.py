"""The bank of answers: what students would really hand in, right and wrong, one text file for each question.

`tests/bank/<assignment>/<question>.py` holds sections, each the whole source of the question's solution cell:

    # %% wrong: the factor 2 is missing | points: 2
    ...
    # %% right: a loop over the rows
    ...

A wrong answer says what it should earn (a partly right one earns part); a right one earns everything. Where the idea
behind a wrong answer is beyond doubt, its header ends with the misconception's name, ` | idea: factor 2 missing`, or
with ` | idea: none` where it is none of the library's and no name must be given.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grader.course import Course, questions, with_solutions

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "bank"
_HEADER = re.compile(
    r"# %% (?P<kind>wrong|right): (?P<name>[^|]*[^|\s])(?: \| points: (?P<points>\d+(?:\.\d+)?))?"
    r"(?: \| idea: (?P<idea>[^|]*[^|\s]))?"
)


class BankError(ValueError):
    """A file of the bank is malformed; the message names the file, the line and what to do."""


@dataclass(frozen=True)
class Answer:
    """One answer to one question, the points it should earn, and the misconception planted in it, if that is known."""

    assignment: str
    notebook: str
    question: str
    name: str
    right: bool
    points: float
    max_points: float
    source: str
    idea: str = ""

    def __str__(self) -> str:
        return f"{self.question}: {'right' if self.right else 'wrong'}: {self.name}"


@dataclass(frozen=True)
class Place:
    """Where a question stands: its notebook, and what it is worth."""

    notebook: str
    max_points: float


def places(assignment: str) -> dict[str, Place]:
    """The automatically graded questions of an assignment, in order."""
    found = {}
    for path in Course(ROOT).notebooks(assignment):
        notebook = nbformat.read(path, as_version=4)
        solved = with_solutions(notebook)
        for question in questions(notebook):
            if question.automatic and question.name in solved:
                found[question.name] = Place(path.stem, question.points)
    return found


def parse(text: str, where: str, assignment: str, question: str, place: Place) -> list[Answer]:
    """The answers in a file's text; BankError where it is malformed."""
    if not text.isascii():
        raise BankError(f"{where}: answers are ASCII, as all cells are")
    answers: list[Answer] = []
    starts: list[tuple[int, re.Match[str]]] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("# %%"):
            header = _HEADER.fullmatch(line.rstrip())
            if header is None:
                raise BankError(f"{where}:{number + 1}: write '# %% wrong: name | points: 2' or '# %% right: name'")
            starts.append((number, header))
        elif not starts and line.strip():
            raise BankError(f"{where}:{number + 1}: there is text before the first section")
    ends = [number for number, _ in starts[1:]] + [len(lines)]
    for (number, header), end in zip(starts, ends, strict=True):
        at = f"{where}:{number + 1}"
        right, points, name = header["kind"] == "right", header["points"], header["name"]
        source = "\n".join(lines[number + 1 : end]).strip("\n") + "\n"
        if right and header["idea"]:
            raise BankError(f"{at}: a right answer has no misconception")
        if right == (points is not None):
            raise BankError(f"{at}: a wrong answer says its points, a right one does not")
        if not right and float(points) >= place.max_points:
            raise BankError(f"{at}: a wrong answer earns less than {place.max_points:g} points")
        if not source.strip():
            raise BankError(f"{at}: the answer is empty")
        if any(answer.name == name and answer.right == right for answer in answers):
            raise BankError(f"{at}: there are two answers called {name!r}")
        try:
            ast.parse(source)
        except SyntaxError as error:
            raise BankError(f"{at}: the answer is not Python: {error.msg} (its line {error.lineno})") from error
        earned = place.max_points if right else float(points)
        idea = header["idea"] or ""
        answers.append(
            Answer(assignment, place.notebook, question, name, right, earned, place.max_points, source, idea)
        )
    return answers


def load(assignment: str) -> list[Answer]:
    """All answers to an assignment, question by question in the notebooks' order."""
    known = places(assignment)
    files = {path.stem: path for path in sorted((FOLDER / assignment).glob("*.py"))}
    strangers = sorted(set(files) - set(known))
    if strangers:
        raise BankError(f"{files[strangers[0]]}: {assignment} has no question {strangers[0]!r}; is the file misnamed?")
    missing = [name for name in known if name not in files]
    if missing:
        raise BankError(f"{FOLDER / assignment} has no answers to {', '.join(missing)}")
    found = []
    for question, place in known.items():
        text = files[question].read_text(encoding="utf-8")
        where = files[question].relative_to(ROOT).as_posix()
        found += parse(text, where, assignment, question, place)
    return found


def defines_only(source: str) -> bool:
    """True for a cell that defines names and draws or prints nothing."""
    return all(
        isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in ast.parse(source).body
    )
