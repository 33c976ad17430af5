"""Classes that nobody taught: the gradebook and the verdict files that grading leaves, without grading anything.

What matters to a test it sets itself; for the rest students differ in ability.
"""

from __future__ import annotations

import random
import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import insert

from grader.verdict import Diagnosis, Evidence, NotebookVerdicts, Part, Shown, State, Verdict

ASSIGNMENT = "made-up"
# Notebook, question, points; the last one of each notebook is answered in words.
ASKED = (
    ("one", "sigmoid", 4.0), ("one", "loss", 2.0), ("one", "gradient", 4.0), ("one", "words_one", 3.0),
    ("two", "forward", 5.0), ("two", "backward", 8.0), ("two", "softmax", 3.0), ("two", "words_two", 2.0),
)  # fmt: skip
_CONFIG = """
from pathlib import Path
from grader.autograde import configure
c = get_config()
configure(c, Path(__file__).resolve().parent)
"""


def written(question: str) -> bool:
    return question.startswith("words")


@dataclass
class Row:
    """One line of the gradebook."""

    auto: float | None = 0.0
    manual: float | None = None
    needs_manual: bool = False
    extra: float | None = None


@dataclass
class Person:
    """One student: rows of the gradebook and verdicts by notebook. `notebooks` are those handed in."""

    id: str
    first: str = ""
    last: str = ""
    rows: dict[str, Row] = field(default_factory=dict)
    verdicts: dict[str, NotebookVerdicts] = field(default_factory=dict)
    notebooks: tuple[str, ...] = ("one", "two")
    penalty: float = 0.0


def verdict(question: str, share: float, **more: object) -> Verdict:
    """The verdict on an answer that earns a share of its question's points."""
    points = next(points for _, name, points in ASKED if name == question)
    state = State.RIGHT if share == 1 else State.WRONG if share == 0 else State.PARTLY
    probe = Evidence(call=f"{question}(1.5)", expected="0.8", got="0.2", problem="" if share == 1 else "not equal")
    part = Part(
        test="test_values",
        title="values",
        points=points * share,
        max_points=points,
        state=state,
        evidence=(probe.model_copy(update={"seconds": 0.25}), probe.model_copy(update={"seconds": 0.5})),
    )
    told = {"question": question, "state": state, "points": points * share, "max_points": points, "message": "told"}
    return Verdict.model_validate({**told, "parts": (part,), **more})


def idea(name: str, question: str = "sigmoid") -> Diagnosis:
    return Diagnosis(name=name, concept="slide 12", hint=f"Look at {question} again.", erratum="E2")


def shown(got: str = "0.25") -> Shown:
    return Shown(call="sigmoid(np.array([1.09861]))", expected="0.75", got=got, differs_at="element [0]")


def notebook(name: str, *verdicts: Verdict, **more: object) -> NotebookVerdicts:
    told = {"assignment": ASSIGNMENT, "notebook": name, "verdicts": verdicts, "run_seconds": 1.5, "judge_seconds": 0.5}
    return NotebookVerdicts.model_validate({**told, **more})


def person(student: str, shares: Sequence[float] = (1.0,) * 6, **more: object) -> Person:
    """A student with these shares of the automatic questions' points, whose written answers wait for a mark."""
    found = Person(student, **more)  # type: ignore[arg-type]
    automatic = iter(shares)
    judged: dict[str, list[Verdict]] = {}
    for name, question, points in ASKED:
        if name not in found.notebooks:
            found.rows[question] = Row(0.0)
        elif written(question):
            found.rows[question] = Row(None, needs_manual=True)
        else:
            share = next(automatic)
            judged.setdefault(name, []).append(verdict(question, share))
            found.rows[question] = Row(points * share)
    found.verdicts = {name: notebook(name, *verdicts) for name, verdicts in judged.items()}
    return found


def crowd(size: int, seed: int = 1) -> list[Person]:
    """Students who differ in ability, with misconceptions, follow-through and every now and then a misfortune."""
    random_ = random.Random(seed)
    people = []
    for number in range(size):
        ability = random_.gauss(0.6, 0.25)
        shares = [float(random_.choice((0, 0.5, 1)) if random_.random() > ability else 1) for _ in range(6)]
        one = person(f"s{number:05}", shares, first=f"First{number}", last=f"Last{number % 97}")
        for name, found in one.verdicts.items():
            told = []
            for verdict_ in found.verdicts:
                update: dict[str, object] = {}
                if verdict_.state in (State.WRONG, State.PARTLY):
                    update = {"diagnosis": idea(f"idea {random_.randrange(9)}"), "example": shown(str(number % 7))}
                    if random_.random() < 0.1:
                        update |= {"state": random_.choice((State.CRASHED, State.TIMED_OUT, State.OVER_LIMIT))}
                elif random_.random() < 0.1:
                    part = verdict_.parts[0].model_copy(update={"given": ("sigmoid",)})
                    update = {"parts": (part,)}
                told.append(verdict_.model_copy(update=update))
            one.verdicts[name] = found.model_copy(update={"verdicts": tuple(told)})
        people.append(one)
    return people


class MadeUpCourse:
    """A course folder with a gradebook that holds these people; an empty gradebook is made once and copied."""

    def __init__(self, root: Path, people: Sequence[Person], empty: Path, absent: Sequence[str] = ()) -> None:
        self.root = root
        (root / "solutions" / ASSIGNMENT).mkdir(parents=True)
        for name in ("one", "two"):
            nbformat.write(_source(name), root / "solutions" / ASSIGNMENT / f"{name}.ipynb")
        (root / "nbgrader_config.py").write_text(_CONFIG)
        shutil.copy(empty, root / "gradebook.db")
        _fill(self.url, people, absent)
        for one in people:
            for name in one.notebooks:
                copy = root / "autograded" / one.id / ASSIGNMENT / f"{name}.ipynb"
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text("{}")
            for name, found in one.verdicts.items():
                path = self.verdict(one.id, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(found.model_dump_json())

    @property
    def url(self) -> str:
        return f"sqlite:///{self.root / 'gradebook.db'}"

    def verdict(self, student: str, name: str) -> Path:
        return self.root / "verdicts" / student / ASSIGNMENT / f"{name}.json"


Build = Callable[..., MadeUpCourse]


def empty_gradebook(path: Path) -> Path:
    """A gradebook that knows the assignment and nobody yet."""
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.add_assignment(ASSIGNMENT)
        for name in ("one", "two"):
            gradebook.add_notebook(name, ASSIGNMENT)
            # In another order than they are asked in.
            for asked, question, points in sorted(ASKED):
                if asked == name:
                    cell, kind = (question, "markdown") if written(question) else (f"test_{question}", "code")
                    gradebook.add_grade_cell(cell, name, ASSIGNMENT, max_score=points, cell_type=kind)
                    gradebook.add_solution_cell(question, name, ASSIGNMENT)
    return path


def _source(name: str) -> nbformat.NotebookNode:
    cells = []
    for asked, question, points in ASKED:
        if asked == name:
            data = {
                "schema_version": 3,
                "task": False,
                "grade": True,
                "points": points,
                "locked": not written(question),
            }
            data |= {"solution": written(question)}
            data |= {"grade_id": question if written(question) else f"test_{question}"}
            cells.append(new_code_cell("", metadata={"nbgrader": data}))
    return new_notebook(cells=cells)


def _fill(url: str, people: Sequence[Person], absent: Sequence[str]) -> None:
    """All rows at once: one by one they take a minute for a large class."""
    with Gradebook(url) as gradebook:
        entry = gradebook.find_assignment(ASSIGNMENT)
        notebooks = {found.name: found.id for found in entry.notebooks}
        cells = {cell.name.removeprefix("test_"): cell.id for found in entry.notebooks for cell in found.grade_cells}
        students: list[dict[str, object]] = [{"id": name} for name in absent]
        students += [{"id": one.id, "first_name": one.first, "last_name": one.last} for one in people]
        rows: dict[type, list[dict[str, object]]] = {SubmittedAssignment: [], SubmittedNotebook: [], Grade: []}
        for one in people:
            submission = uuid.uuid4().hex
            rows[SubmittedAssignment].append({"id": submission, "student_id": one.id, "assignment_id": entry.id})
            for name, notebook_id in notebooks.items():
                handed_in = uuid.uuid4().hex
                penalty = one.penalty if name == "one" else 0.0
                rows[SubmittedNotebook].append(
                    {
                        "id": handed_in,
                        "notebook_id": notebook_id,
                        "assignment_id": submission,
                        "late_submission_penalty": penalty,
                    }
                )
                for asked, question, _ in ASKED:
                    if asked == name:
                        row = one.rows[question]
                        rows[Grade].append(
                            {
                                "id": uuid.uuid4().hex,
                                "cell_id": cells[question],
                                "notebook_id": handed_in,
                                "auto_score": row.auto,
                                "manual_score": row.manual,
                                "extra_credit": row.extra,
                                "needs_manual_grade": row.needs_manual,
                            }
                        )
        for table, values in [(Student, students), *rows.items()]:
            if values:
                gradebook.db.execute(insert(table), values)
        gradebook.db.commit()
