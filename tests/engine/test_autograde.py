"""`nbgrader autograde` from end to end, on a class with every bad file there is: each costs only its own student.

The course is the real one with a single notebook. It is graded once; the tests look at what came of it.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import nbformat
import pytest
from clean_environment import clean_environment
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.api import Gradebook

from grader.course import fill, questions, with_solutions

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]

ROOT = Path(__file__).resolve().parents[2]
NAME = "2-mlp-backprop"
SOLVED = ROOT / "solutions" / "ps1" / f"{NAME}.ipynb"
SCHEMA = json.loads((ROOT / "docs" / "verdict.schema.json").read_text(encoding="utf-8"))
SECRET = "nobody-may-read-this"
MANUAL = "written_backprop"


@dataclass(frozen=True)
class Marks:
    """A student's rows in the gradebook."""

    auto: dict[str, float | None]
    needs_manual: set[str]

    @property
    def total(self) -> float:
        return sum(score or 0.0 for name, score in self.auto.items() if name != MANUAL)


class Class:
    """A course folder with submissions, and nbgrader's commands in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        source = root / "solutions" / "ps1"
        source.mkdir(parents=True)
        shutil.copy(ROOT / "nbgrader_config.py", root)
        for path in (SOLVED, *(path for path in SOLVED.parent.iterdir() if path.suffix in {".py", ".npz"})):
            shutil.copy(path, source)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).parent / "nbgrader"), *arguments], cwd=self.root, capture_output=True, text=True,
            env=clean_environment(**environment), timeout=900, check=False,
        )  # fmt: skip

    def folder(self, student: str) -> Path:
        path = self.root / "submitted" / student / "ps1"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def hand_in(self, student: str, content: NotebookNode | str | bytes) -> Path:
        path = self.folder(student) / f"{NAME}.ipynb"
        if isinstance(content, NotebookNode):
            content = nbformat.writes(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    @property
    def released(self) -> NotebookNode:
        return nbformat.read(self.root / "assignments" / "ps1" / f"{NAME}.ipynb", 4)

    def marks(self, student: str) -> Marks:
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            found = gradebook.find_submission_notebook(NAME, "ps1", student).grades
            return Marks(
                {row.name.removeprefix("test_"): row.auto_score for row in found},
                {row.name.removeprefix("test_") for row in found if row.needs_manual_grade},
            )

    def verdicts(self, student: str) -> dict[str, Any]:
        return json.loads((self.root / "verdicts" / student / "ps1" / f"{NAME}.json").read_text())


INSTRUCTOR = nbformat.read(SOLVED, 4)
ANSWERS = with_solutions(INSTRUCTOR)
WORTH = {one.name: one.points for one in questions(INSTRUCTOR) if one.automatic}
FULL = sum(WORTH.values())

NOISY = {
    "hidden_unit": """
import sys, warnings, os
import numpy as np
def hidden_unit(x1, x2, w1, w2, b):
    print("to the error stream", file=sys.stderr)
    os.write(2, b"to descriptor two")
    warnings.warn("a RuntimeWarning", RuntimeWarning)
    np.log(np.zeros(1))
    return [1 / (1 + np.exp(-(x1 * w1 + x2 * w2 + b)))]
hidden_unit(1, 2, 3, 4, 5)
""",
    "softmax": """
def softmax(z):
    z = np.asarray(z)
    rows = [np.exp(row - max(row)) / sum(np.exp(row - max(row))) for row in np.atleast_2d(z)]
    return [list(map(float, row)) for row in rows] if z.ndim == 2 else list(rows[0])
""",
}

FORGER = """
import numpy as np, builtins, math
np.allclose = np.isclose = math.isclose = lambda *a, **k: True
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
import ps1_helper
for name in dir(ps1_helper):
    if name.startswith("check_"):
        setattr(ps1_helper, name, lambda *a, **k: None)
from IPython import get_ipython
shell = get_ipython()
def forge(*_):
    from IPython.display import display
    for points in ("5", "3.5", "inf"):
        content = {"execution_count": 1, "data": {"text/plain": points}, "metadata": {}}
        shell.kernel.session.send(shell.kernel.iopub_socket, "execute_result", content, parent=shell.parent_header)
shell.events.register("pre_execute", forge)
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
shell.ast_transformers.append(Drop())
class Yes:
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return np.zeros(())
    def __float__(self): return 0.5
def mlp_forward(*a): return Yes()
softmax = mlp_backward = mlp_forward
"""

MARKUP = [
    "from IPython.display import HTML, Javascript, SVG, display\n"
    "display(HTML('<b>shown</b><script>stolen_by_html()</script><img src=x onerror=stolen_by_image()>'))\n"
    "display(Javascript('stolen_by_javascript()'))\n"
    "display({'text/markdown': '<img src=x onerror=stolen_by_markdown_output()>'}, raw=True)\n"
    "print('<script>stolen_by_print()</script>')",
]


def edited(notebook: NotebookNode, grade_id: str, **metadata: Any) -> NotebookNode:
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            cell.metadata.nbgrader.update(metadata)
    return made


def without(notebook: NotebookNode, *grade_ids: str) -> NotebookNode:
    made = copy.deepcopy(notebook)
    made.cells = [cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade_id") not in grade_ids]
    return made


def fill_class(group: Class) -> None:
    blank, right = group.released, fill(group.released, ANSWERS)
    group.hand_in("alice", right)
    group.hand_in("blank", blank)

    # Files that are no notebooks, or the wrong ones.
    group.hand_in("not_json", "My dog ate it.")
    group.hand_in("empty", b"")
    other = nbformat.read(ROOT / "solutions" / "ps1" / "0-start-here.ipynb", 4)
    group.hand_in("other_notebook", other)

    # Right answers in awkward files.
    no_kernel = copy.deepcopy(right)
    no_kernel.metadata = NotebookNode()
    group.hand_in("no_kernelspec", no_kernel)
    group.hand_in("format_3", nbformat.writes(copy.deepcopy(right), version=3))
    twice = copy.deepcopy(right)
    for grade_id in ("softmax", "test_softmax"):
        index = next(i for i, c in enumerate(twice.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
        twice.cells.insert(index + 1, copy.deepcopy(twice.cells[index]))
    group.hand_in("duplicated_and_deleted", without(twice, "test_mlp_forward", "test_hidden_unit"))
    large = copy.deepcopy(right)
    large.cells.append(new_code_cell("1", outputs=[new_output("stream", name="stdout", text="x" * 50_000_000)]))
    group.hand_in("large", large)
    group.hand_in("noisy", fill(right, NOISY))
    metadata = edited(edited(right, "test_softmax", schema_version=99), "softmax", schema_version=0)
    metadata = edited(edited(metadata, "test_mlp_forward", grade=False, solution=True), "test_train_mlp", points=1000)
    group.hand_in("edited_metadata", metadata)

    # Odd folders.
    (group.folder("no_notebooks") / "answers.txt").write_text("42")
    group.hand_in("unknown_notebook", right)
    (group.folder("unknown_notebook") / "my notes.ipynb").write_text(nbformat.writes(blank))
    group.hand_in("links", right)
    (group.root / "secret.txt").write_text(SECRET)
    links = group.folder("links")
    (links / "harmless.txt").symlink_to(group.root / "secret.txt")
    (links / "stolen.ipynb").symlink_to(group.root / "secret.txt")
    (links / "dangling").symlink_to("/nowhere")
    (links / "everything").symlink_to(group.root)
    os.mkfifo(links / "pipe")
    group.hand_in("in_the_way", right)
    (group.folder("in_the_way") / "ps1_helper.py").mkdir()
    (group.folder("in_the_way") / "ps1_helper.py" / "x.txt").write_text("x")
    (group.folder("linked_notebook") / f"{NAME}.ipynb").symlink_to(group.folder("alice") / f"{NAME}.ipynb")

    # Tricks that earn full marks elsewhere.
    tagged = copy.deepcopy(blank)
    for cell in tagged.cells:
        cell.metadata["tags"] = ["skip-execution"]
    group.hand_in("skip_tag", tagged)
    forger = copy.deepcopy(blank)
    forger.cells.insert(0, new_code_cell(FORGER))
    group.hand_in("forger", forger)

    # For the feedback: one wrong answer, and markup that must not run.
    wrong = fill(right, {"softmax": "def softmax(z):\n    return np.exp(z)"})
    wrong.cells += [new_code_cell(source) for source in MARKUP]
    wrong.cells.append(
        new_markdown_cell("<img src=x onerror=stolen_by_markdown()>\n\n<script>stolen_by_script()</script>")
    )
    written = next(c for c in wrong.cells if c.metadata.get("nbgrader", {}).get("grade_id") == MANUAL)
    written.source = "My answer <script>stolen_by_answer()</script>"
    group.hand_in("markup", wrong)


RIGHT = (
    "alice", "no_kernelspec", "format_3", "duplicated_and_deleted", "large", "noisy", "edited_metadata",
    "unknown_notebook", "links", "in_the_way",
)  # fmt: skip
ZERO = ("blank", "not_json", "empty", "other_notebook", "linked_notebook", "skip_tag", "forger")


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Class:
    made = Class(tmp_path_factory.mktemp("course"))
    done = made.run("generate_assignment", "ps1")
    assert done.returncode == 0, done.stderr
    fill_class(made)
    return made


@pytest.fixture(scope="module")
def graded(group: Class) -> subprocess.CompletedProcess[str]:
    return group.run("autograde", "ps1")


@pytest.mark.usefixtures("graded")
class TestClass:
    def test_nobody_stops_the_run(self, graded: subprocess.CompletedProcess[str]) -> None:
        assert graded.returncode == 0, graded.stderr[-5000:]
        assert "Traceback" not in graded.stderr

    @pytest.mark.parametrize("student", RIGHT)
    def test_right_answers_get_every_mark(self, group: Class, student: str) -> None:
        marks = group.marks(student)
        assert {name: score for name, score in marks.auto.items() if name != MANUAL} == WORTH
        assert marks.needs_manual == {MANUAL}

    @pytest.mark.parametrize("student", ZERO)
    def test_no_answer_gets_no_mark(self, group: Class, student: str) -> None:
        marks = group.marks(student)
        assert marks.total == 0
        assert set(marks.auto) == {*WORTH, MANUAL}
        assert None not in marks.auto.values()

    @pytest.mark.parametrize("student", ["not_json", "empty", "linked_notebook"])
    def test_what_could_not_be_read_needs_a_look(self, group: Class, student: str) -> None:
        assert set(WORTH) <= group.marks(student).needs_manual

    @pytest.mark.parametrize(
        ("student", "words"),
        [
            ("not_json", "it is not JSON"),
            ("empty", "it is empty"),
            ("linked_notebook", "it is a link"),
            ("other_notebook", "Was the right file handed in?"),
            ("duplicated_and_deleted", "cell softmax is there more than once; the last one counts"),
            ("duplicated_and_deleted", "test_mlp_forward was missing and has been put back"),
            ("format_3", "old format 3"),
        ],
    )
    def test_one_clear_message(
        self, group: Class, graded: subprocess.CompletedProcess[str], student: str, words: str
    ) -> None:
        lines = [line for line in graded.stderr.splitlines() if words in line and student in line]
        assert len(lines) == 1, lines
        assert any(words in note for note in group.verdicts(student)["notes"])

    def test_a_folder_without_notebooks_is_named(self, graded: subprocess.CompletedProcess[str]) -> None:
        assert re.search("No notebooks were matched.*no_notebooks", graded.stderr)

    def test_a_wrong_answer_costs_its_own_points(self, group: Class) -> None:
        marks = group.marks("markup")
        assert marks.auto["softmax"] < WORTH["softmax"]
        assert {name: score for name, score in marks.auto.items() if name not in (MANUAL, "softmax")} == {
            name: points for name, points in WORTH.items() if name != "softmax"
        }

    def test_odd_files_are_named(self, graded: subprocess.CompletedProcess[str]) -> None:
        for name, reason in (
            ("harmless.txt", "a link"),
            ("dangling", "a link"),
            ("pipe", "not a plain file"),
            ("in_the_way/ps1/ps1_helper.py", "in the place of a released file"),
        ):
            assert re.search(rf"{name} was left out: .*{reason}", graded.stderr)

    def test_links_lead_nowhere(self, group: Class) -> None:
        autograded = group.root / "autograded" / "links" / "ps1"
        for path in autograded.rglob("*"):
            assert not path.is_symlink()
            if path.is_file():
                assert SECRET.encode() not in path.read_bytes()
        assert not (autograded / "harmless.txt").exists()

    def test_a_solved_notebook_runs_without_errors(self, group: Class) -> None:
        """Its helper file and its data included."""
        notebook = nbformat.read(group.root / "autograded" / "alice" / "ps1" / f"{NAME}.ipynb", 4)
        assert not [output for cell in notebook.cells for output in cell.get("outputs", []) if "ename" in output]

    def test_verdicts_are_kept_with_their_evidence(self, group: Class) -> None:
        found = {verdict["question"]: verdict for verdict in group.verdicts("markup")["verdicts"]}
        assert set(found) == set(WORTH)
        assert any(part["evidence"] for part in found["softmax"]["parts"])

    def test_outputs_of_test_cells_are_ours(self, group: Class) -> None:
        notebook = nbformat.read(group.root / "autograded" / "forger" / "ps1" / f"{NAME}.ipynb", 4)
        for cell in notebook.cells:
            data = cell.metadata.get("nbgrader", {})
            if data.get("grade") and not data.get("solution"):
                assert [output.output_type for output in cell.outputs] == ["display_data", "execute_result"]
                assert cell.outputs[1].data == {"text/plain": "0.0"}

    def test_nothing_is_left_of_the_jail(self) -> None:
        import psutil

        commands = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
        assert not [command for command in commands if "parent.py" in command and str(os.getpid()) in command]


@pytest.mark.usefixtures("graded")
class TestAfterwards:
    def test_grading_again_gives_the_same(self, group: Class) -> None:
        before, seeds = group.marks("markup"), self.seeds(group)
        done = group.run("autograde", "ps1", "--force", "--student", "markup", "--notebook", NAME)
        assert done.returncode == 0, done.stderr
        assert group.marks("markup") == before
        assert self.seeds(group) == seeds

    def seeds(self, group: Class) -> list[int]:
        return [part["seed"] for verdict in group.verdicts("markup")["verdicts"] for part in verdict["parts"]]

    def test_without_force_nothing_is_graded_again(self, group: Class) -> None:
        path = group.root / "verdicts" / "alice" / "ps1" / f"{NAME}.json"
        before = path.stat().st_mtime_ns
        assert group.run("autograde", "ps1", "--student", "alice").returncode == 0
        assert path.stat().st_mtime_ns == before

    def test_feedback_holds_verdicts_and_nothing_of_ours(self, group: Class) -> None:
        done = group.run("generate_feedback", "ps1", "--student", "markup")
        assert done.returncode == 0, done.stderr
        html = (group.root / "feedback" / "markup" / "ps1" / f"{NAME}.html").read_text()
        html = html[html.index("<body") :]  # before it are style sheets and nbconvert's own scripts
        found = {verdict["question"]: verdict for verdict in group.verdicts("markup")["verdicts"]}
        parts = [part for part in found["softmax"]["parts"] if part["message"]]
        assert parts
        for part in parts:
            assert part["title"].split("(")[0] in html
            for evidence in part["evidence"]:
                assert evidence["call"] not in html
                assert not evidence["expected"] or evidence["expected"] not in html
        for ours in ("TestSoftmax", "student.check", "reference.", "grader/", "Traceback"):
            assert ours not in html
        assert "<b>shown</b>" in html
        for name in re.findall(r"stolen_by_\w+", html):
            assert not re.search(rf"<script[^>]*>[^<]*{name}|<[^>]*\bon\w+\s*=[^>]*{name}", html), name
        # The wrong answer is np.exp(z): on the visible example softmax([1, 2, 3]) that is another three numbers.
        assert "<pre>call      softmax(np.array([1, 2, 3]))\n" in html
        assert "\nexpected  [0.0900306, 0.244728, 0.665241]\ngot       [2.71828, 7.38906, 20.0855]\n" in html
        assert "\ndiffers   element [0]: expected 0.0900306, got 2.71828</pre>" in html
        self.feedback_json_is_the_verdicts_without_what_is_ours(group)

    def feedback_json_is_the_verdicts_without_what_is_ours(self, group: Class) -> None:
        text = (group.root / "feedback" / "markup" / "ps1" / f"{NAME}.json").read_text()
        handed_back, kept = json.loads(text), group.verdicts("markup")
        jsonschema.validate(handed_back, SCHEMA)
        for theirs, ours in zip(handed_back["verdicts"], kept["verdicts"], strict=True):
            for part in ours["parts"]:
                assert part["evidence"]
                assert not [probe["call"] for probe in part["evidence"] if probe["call"] in text]
                for name in ("evidence", "seed", "grader_error", "test"):
                    del part[name]
            assert theirs == ours

    def test_every_verdict_file_follows_the_published_schema(self, group: Class) -> None:
        files = sorted((group.root / "verdicts").glob("*/*/*.json"))
        assert len(files) > 10
        for path in files:
            jsonschema.validate(json.loads(path.read_text()), SCHEMA)

    def test_export(self, group: Class) -> None:
        done = group.run("export", "--to", "grades.csv")
        assert done.returncode == 0, done.stderr
        text = (group.root / "grades.csv").read_text()
        row = next(line for line in text.splitlines() if ",alice," in line)
        assert f",{FULL}," in row or f",{FULL:g}," in row

    def test_not_executed_is_not_graded(self, group: Class) -> None:
        """nbgrader's own --no-execute scores the outputs that a student sent."""
        done = group.run("autograde", "ps1", "--force", "--no-execute", "--student", "skip_tag")
        assert done.returncode == 0, done.stderr
        marks = group.marks("skip_tag")
        assert marks.total == 0
        assert set(WORTH) <= marks.needs_manual
        assert all(marks.auto[name] is None for name in WORTH)
        # Nor are an earlier grading's verdicts left for the feedback.
        assert not (group.root / "verdicts" / "skip_tag" / "ps1" / f"{NAME}.json").exists()

    def test_a_failing_grading_leaves_no_old_score(self, group: Class) -> None:
        assert group.marks("format_3").total == FULL
        done = group.run("autograde", "ps1", "--force", "--student", "format_3", "--Jail.readable=/nowhere/at/all")
        assert done.returncode != 0
        assert "the jailed kernel did not start" in done.stderr
        marks = group.marks("format_3")
        assert all(marks.auto[name] is None for name in WORTH)
        assert set(WORTH) <= marks.needs_manual
        assert not (group.root / "autograded" / "format_3").joinpath("ps1").exists()

    def test_a_broken_file_handed_in_again_leaves_no_old_score(self, group: Class) -> None:
        assert group.marks("large").total == FULL
        group.hand_in("large", '{"cells": [')
        done = group.run("autograde", "ps1", "--force", "--student", "large")
        assert done.returncode == 0, done.stderr
        marks = group.marks("large")
        assert marks.total == 0
        assert set(WORTH) <= marks.needs_manual

    def test_missing_bubblewrap_is_said_once_and_grades_nobody(self, group: Class, tmp_path: Path) -> None:
        for name in ("nbgrader", "python", "alembic"):
            (tmp_path / name).symlink_to(Path(sys.executable).parent / name)
        before = group.marks("no_kernelspec")
        only = '--Jail.isolation="bubblewrap"'
        done = group.run("autograde", "ps1", "--force", only, PATH=str(tmp_path))
        assert done.returncode != 0
        assert done.stderr.count("sudo apt-get install bubblewrap") == 1
        assert group.marks("no_kernelspec") == before
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("source", "works"), [("def softmax(z):\n    return np.exp(z)", False), (None, True)], ids=["wrong", "right"]
)
def test_validate(group: Class, tmp_path: Path, source: str | None, works: bool) -> None:
    """What students use: the visible checks in their own kernel."""
    answers = ANSWERS if source is None else {**ANSWERS, "softmax": source}
    path = group.root / f"validate-{works}.ipynb"
    path.write_text(nbformat.writes(fill(group.released, answers)))
    shutil.copy(group.root / "solutions" / "ps1" / "ps1_helper.py", group.root)
    done = group.run("validate", path.name)
    assert ("Success! Your notebook passes all the tests." in done.stdout) is works, done.stdout + done.stderr
    assert ("check_softmax" in done.stdout) is not works


def test_without_a_gradebook_it_says_what_to_do(tmp_path: Path) -> None:
    made = Class(tmp_path)
    made.hand_in("alice", "{}")
    done = made.run("autograde", "ps1")
    assert done.returncode != 0
    assert done.stderr.count("nbgrader generate_assignment ps1") == 1
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_no_course(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "nbgrader"), "autograde", "ps1"],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
