"""`pytest grader/ps1/hidden --submission NOTEBOOK` gives the verdicts of `nbgrader autograde`, as plain pytest does.

A course with one notebook is autograded; then each submission is judged by hand in another process, and what stands in
its junitxml is compared with what the autograder wrote, part by part.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pytest
from _pytest.junitxml import bin_xml_escape
from bank import ROOT, defines_only, load
from clean_environment import clean_environment
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.autograde.repair import specs_of
from grader.course import fill, suite_path, with_solutions
from grader.verdict import NotebookVerdicts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]

NAME = "1-perceptron"
FOLDER = ROOT / "solutions" / "ps1"
SOLVED = with_solutions(nbformat.read(FOLDER / f"{NAME}.ipynb", as_version=4))
WRONG = {answer.question: answer.source for answer in reversed(load("ps1")) if not answer.right}
CONFIG = """
c.Judge.secret = "of this course"
c.Jail.environment = {"SET_BY_THE_COURSE": "yes"}
"""
# Its message tells the probes it was given, in letters: they are the same only with the same seed.
TELLTALE = """
import hashlib
import os

def squared_error(y, p):
    seen = "".join(chr(97 + byte % 26) for byte in hashlib.sha256(y.tobytes() + p.tobytes()).digest())
    raise ValueError("\\x1b[31m\\x00" + os.environ.get("SET_BY_THE_COURSE", "no") + " " + seen)

def mean_squared_error(y, p):
    return 1 / 0
"""
Found = dict[tuple[str, str], tuple[str, str, str, str]]


def mangled(notebook: NotebookNode) -> NotebookNode:
    """Test cells deleted and edited, a question answered twice, an id changed, a cell told to be skipped."""
    cells = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    cells["test_sigmoid"].source = "raise SystemExit"
    cells["chain_rule"].metadata["tags"] = ["skip-execution"]
    cells["weighted_sum"].metadata["nbgrader"]["grade_id"] = "weighted_sums"
    twice = nbformat.from_dict(cells["squared_error"])
    twice.source = SOLVED["squared_error"]
    notebook.cells = [cell for cell in notebook.cells if cell is not cells["test_perceptron_table"]]
    notebook.cells.insert(2, twice)
    return notebook


def hand_in(released: NotebookNode) -> dict[str, NotebookNode]:
    """What the students hand in, without the cells that draw."""
    released.cells = [
        cell
        for number, cell in enumerate(released.cells)
        if number == 0 or "nbgrader" in cell.metadata or (cell.cell_type == "code" and defines_only(cell.source))
    ]  # fmt: skip
    telltale = {**SOLVED, "squared_error": TELLTALE}
    crash = fill(released, telltale)
    crash.cells.insert(3, new_code_cell("import os\nos._exit(3)"))
    return {
        "blank": released,
        "solved": fill(released, SOLVED),
        "wrong": fill(released, {name: source for name, source in WRONG.items() if name in SOLVED}),
        "follows": fill(released, {**telltale, "sigmoid": WRONG["sigmoid"]}),
        "crash": crash,
        "mangled": mangled(fill(released, telltale)),
    }


STUDENTS = ("blank", "solved", "wrong", "follows", "crash", "mangled")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one notebook, autograded."""
    root = tmp_path_factory.mktemp("by hand")
    (root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text() + CONFIG)
    source = root / "solutions" / "ps1"
    source.mkdir(parents=True)
    for path in (FOLDER / f"{NAME}.ipynb", *(path for path in FOLDER.iterdir() if path.suffix in {".py", ".npz"})):
        shutil.copy(path, source)
    run(root, "nbgrader", "generate_assignment", "ps1")
    released = nbformat.read(root / "assignments" / "ps1" / f"{NAME}.ipynb", as_version=4)
    work = hand_in(released)
    assert tuple(work) == STUDENTS
    for student, notebook in work.items():
        folder = root / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{NAME}.ipynb")
    run(root, "nbgrader", "autograde", "ps1")
    return root


def run(course: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in the course's folder."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=course, env=clean_environment(), capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert module == "pytest" or done.returncode == 0, done.stderr[-3000:]
    return done


def autograded(course: Path, student: str) -> Found:
    """What the autograder wrote of every part: state, points, what it is worth, message."""
    text = (course / "verdicts" / student / "ps1" / f"{NAME}.json").read_text()
    return {
        (verdict.question, part.test): (
            part.state.value, f"{part.points:g}", f"{part.max_points:g}", str(bin_xml_escape(part.message)),
        )
        for verdict in NotebookVerdicts.model_validate_json(text).verdicts
        for part in verdict.parts
    }  # fmt: skip


def by_hand(course: Path, student: str, *options: str) -> tuple[Found, str]:
    """The same from junitxml, and what was printed."""
    suite = suite_path("ps1", NAME)
    assert suite is not None
    report = course / f"{student}.xml"
    done = run(
        course, "pytest", str(suite.parent), "-p", "no:cacheprovider", f"--junitxml={report}", *options,
        "--submission", f"submitted/{student}/ps1/{NAME}.ipynb",
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        told = {one.attrib["name"]: one.attrib["value"] for one in case.iter("property")}
        found[told["question"], case.attrib["name"]] = (
            told["state"], told["points"], told["max_points"], told["message"],
        )  # fmt: skip
        failed = case.find("failure") is not None
        assert failed == (told["state"] != "right")
    return found, done.stdout


def test_the_release_says_of_its_cells_what_the_gradebook_says(course: Path) -> None:
    from nbgrader.api import Gradebook

    from grader.autograde.preprocessors import cell_specs

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        known = cell_specs(gradebook, NAME, "ps1")
    assert specs_of(course / "assignments" / "ps1" / f"{NAME}.ipynb") == known


@pytest.mark.parametrize(
    "student",
    [pytest.param(name, marks=[pytest.mark.thorough] if name != "mangled" else []) for name in STUDENTS],
)
def test_the_same_verdicts(student: str, course: Path) -> None:
    expected = autograded(course, student)
    found, printed = by_hand(course, student)
    assert found == expected
    points = sum(float(points) for _, points, _, _ in expected.values())
    assert f"total{points:g}/32" in printed.replace(" ", "")
    states = {state for state, *_ in expected.values()}
    assert {"blank": {"not attempted"}, "solved": {"right"}}.get(student, states) == states
    if student in ("follows", "crash"):
        assert any("yes " in message and "#x1B" in message for *_, message in expected.values())
    assert ("note: " in printed) == (student == "mangled")


@pytest.mark.thorough
def test_a_question_alone_earns_what_it_earns_among_all(course: Path) -> None:
    """Its upstream is judged too, in silence: `sigmoid` is wrong here."""
    expected = autograded(course, "follows")
    found, printed = by_hand(course, "follows", "-k", "TestPerceptronTable or TestTrainPerceptron")
    chosen = {key: one for key, one in expected.items() if key[0] in ("perceptron_table", "train_perceptron")}
    assert found == chosen
    assert any("given a correct" in message for *_, message in found.values())
    assert "judged as well, to know what these build on:" in printed
    assert "sigmoid  " not in printed.split("verdicts", 1)[1]


def test_stops_at_the_first_failure(course: Path) -> None:
    found, _ = by_hand(course, "follows", "-x")
    expected = list(autograded(course, "follows").items())
    first = next(number for number, (_, one) in enumerate(expected) if one[0] != "right")
    assert list(found.items()) == expected[: first + 1]


def test_outside_the_course_it_says_what_differs(course: Path, tmp_path: Path) -> None:
    path = course / "submitted" / "solved" / "ps1" / f"{NAME}.ipynb"
    suite = suite_path("ps1", NAME)
    done = run(tmp_path, "pytest", str(suite), "-p", "no:cacheprovider", "-k", "TestSigmoid", "--submission", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "note: Nothing was repaired, and settings and probes are not those of your course." in done.stdout
