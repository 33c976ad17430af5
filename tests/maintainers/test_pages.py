"""`pset new`, and the worked examples of docs/adding-*.md: what stands there is done, step by step, in a new course."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from clean_environment import clean_environment
from click.testing import CliRunner, Result
from local_notebook import judge_locally, names_of

import grader
from grader.cli import main, new, rubric
from grader.course import Course, fill, questions, suite_path, with_solutions
from grader.verdict import State

ROOT = Path(__file__).resolve().parents[2]
SET = "pages-of-the-docs"
"""What the pages call ps2: a name that no problem set of ours will ever have."""
PACKAGE = "pages_of_the_docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A course made by `pset init`, which is also the current folder; what is imported from it is forgotten."""
    monkeypatch.setattr(grader, "__path__", list(grader.__path__))
    assert CliRunner().invoke(main, ["init", str(tmp_path / "course")]).exit_code == 0
    monkeypatch.chdir(tmp_path / "course")
    yield tmp_path / "course"
    forget()


def forget() -> None:
    """Let what is imported from the course be read again."""
    for name in list(sys.modules):
        if name.startswith((f"grader.{PACKAGE}", PACKAGE)):
            del sys.modules[name]
    vars(grader).pop(PACKAGE, None)


def pset(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"COLUMNS": "200"})


def steps(page: str) -> list[tuple[str, str, str]]:
    """The blocks of a page in order: language, text, and the paragraph before, which says where the text goes."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").replace("`ps2`", f"`{SET}`")
    text = re.sub(r"ps2_helper|grader/ps2\b|grader\.ps2\b", lambda found: found[0].replace("ps2", PACKAGE), text)
    text = re.sub(r"\bps2\b", SET, text)
    return [
        (found[1], found[2], " ".join(text[: found.start()].strip().split("\n\n")[-1].split()))
        for found in FENCE.finditer(text)
    ]


def put(text: str, where: str) -> None:
    """Do what the sentence says with a block of Python."""
    cell = re.fullmatch(r"A new cell `(\w+)`(?:, (\d+) points,)? at the end of `(.+?)`:", where)
    end = re.fullmatch(r"At the end of `(.+?)`.*:", where)
    assert cell or end, f"the page does not say where this goes: {where}"
    if cell:
        path, points = Path(cell[3]), float(cell[2]) if cell[2] else None
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.append(new._cell(cell[1], text.rstrip("\n"), points))
        nbformat.write(notebook, path)
    elif end:
        path = Path(end[1])
        assert path.is_file(), path
        path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{text}", encoding="utf-8")


def typed(commands: str) -> None:
    """Type commands into a shell, in the current folder."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], env=clean_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{commands}\n{done.stdout[-3000:]}"


def tidy() -> None:
    """What was written here passes this repository's own checks, as it would have to."""
    for check in (("check", "--config", 'lint.isort.known-first-party=["grader"]'), ("format", "--check")):
        command = [sys.executable, "-m", "ruff", *check, "--no-cache", "--config", str(ROOT / "pyproject.toml")]
        done = subprocess.run([*command, "grader", f"solutions/{SET}"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def solved(notebook: str) -> dict[str, str]:
    """The instructor's notebook as it is, cell by cell, with the helper file beside it."""
    path = Path("solutions", SET, f"{notebook}.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    return {cell.id: cell.source for cell in cells if cell.cell_type == "code"}


def test_a_new_problem_set_is_whole(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the release, which takes nbgrader, and the jail: the thorough test below has them."""
    made = new.write(Course(course), SET)
    assert len(made) == len(set(made)) == 8
    tidy()
    (path,) = Course(course).notebooks(SET)
    suite = suite_path(SET, path.stem)
    assert suite is not None
    assert suite.is_relative_to(course / "grader")
    notebook = nbformat.read(path, as_version=4)
    assert [(one.name, one.points) for one in questions(notebook)] == [("relu", 3.0)]
    assert rubric.out_of_step(path, SET) == {}
    monkeypatch.syspath_prepend(str(path.parent))
    (verdict,) = judge_locally(suite, names_of(*solved(path.stem).values())).values()
    assert (verdict.points, verdict.max_points) == (3.0, 3.0)
    for body, name in (("abs(z)", "the absolute value"), ("(z > 0) * 1.0", "the slope in place of the function")):
        names = names_of("import numpy as np", f"def relu(z):\n    z = np.asarray(z)\n    return {body}")
        (verdict,) = judge_locally(suite, names).values()
        assert verdict.state is not State.RIGHT
        assert verdict.diagnosis is not None
        assert verdict.diagnosis.name == name


@pytest.mark.parametrize(
    "name, words",
    [
        ("ps1", "is there already, and nothing was touched"),
        ("PS 2", "will not do as a name"),
        ("ps2_extra", "will not do as a name"),
        ("../ps2", "will not do as a name"),
        ("class", "will not do as a name"),
        ("jail", "is a part of the grader itself"),
    ],
)
def test_a_name_that_will_not_do(course: Path, name: str, words: str) -> None:
    before = sorted(course.rglob("*"))
    result = pset("new", name)
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())
    assert sorted(course.rglob("*")) == before


def test_a_problem_set_half_made_is_taken_away(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new.rubric, "write", full)
    result = pset("new", SET)
    assert result.exit_code == 2
    assert "No space left on device" in result.output
    assert not (course / "solutions" / SET).exists()
    assert not (course / "grader" / PACKAGE).exists()


def test_a_new_problem_set_is_named_in_the_import_rules(tmp_path: Path) -> None:
    rules = tmp_path / "pyproject.toml"
    rules.write_bytes((ROOT / "pyproject.toml").read_bytes())
    assert new.register(rules, PACKAGE)
    assert rules.read_text(encoding="utf-8").count(f', "grader.{PACKAGE}"]\n') == 2
    rules.write_text("[project]\n", encoding="utf-8")
    assert not new.register(rules, PACKAGE)
    assert rules.read_text(encoding="utf-8") == "[project]\n"
    assert new.register(tmp_path / "none.toml", PACKAGE)


def test_every_problem_set_here_is_named_in_the_import_rules() -> None:
    rules = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for suites in (ROOT / "grader").glob("*/hidden/__init__.py"):
        assert rules.count(f'"grader.{suites.parents[1].name}"') == 2, suites


@pytest.mark.parametrize("page", ["adding-a-question.md", "adding-a-problem-set.md"])
def test_the_pages_name_files_that_there_are(page: str, course: Path) -> None:
    new.write(Course(course), SET)
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").replace("ps2_helper", f"{PACKAGE}_helper")
    named = {
        path for path in re.findall(r"`((?:solutions|grader)/ps2/[\w./-]+\.\w+)`", text) if "activations" not in path
    }
    assert len(named) >= 5
    for path in named:
        assert Path(
            path.replace("solutions/ps2", f"solutions/{SET}").replace("grader/ps2", f"grader/{PACKAGE}")
        ).is_file()


WRONG = {
    "np.log(1 + np.exp(z))": (2.0, "overflow for large numbers"),
    "1 / (1 + np.exp(-z))": (0.0, "the slope in place of the function"),
    "np.logaddexp(0, z)": (3.0, None),
}


def test_the_question_of_the_page_is_judged(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's files without its commands, judged without a jail."""
    new.write(Course(course), SET)
    for language, text, where in steps("adding-a-question.md"):
        if language == "python":
            put(text, where)
    forget()
    tidy()
    path = Course(course).source(SET) / "1-start.ipynb"
    assert rubric.write(path, SET) == ["softplus"]
    suite = suite_path(SET, path.stem)
    assert suite is not None
    monkeypatch.syspath_prepend(str(path.parent))
    found = judge_locally(suite, names_of(*solved(path.stem).values()))
    assert {name: (verdict.points, verdict.max_points) for name, verdict in found.items()} == {
        "relu": (3.0, 3.0), "softplus": (3.0, 3.0)
    }  # fmt: skip
    for body, (points, name) in WRONG.items():
        names = names_of("import numpy as np", f"def softplus(z):\n    return {body}")
        with warnings.catch_warnings(), np.errstate(over="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)
            verdict = judge_locally(suite, names, questions=["softplus"])["softplus"]
        assert verdict.points == points
        assert (verdict.diagnosis.name if verdict.diagnosis else None) == name


@pytest.mark.slow
@pytest.mark.thorough
def test_adding_a_problem_set_step_by_step(course: Path) -> None:
    for language, text, _ in steps("adding-a-problem-set.md"):
        assert language == "shell"
        typed(text)
    assert {path.name for path in Path("assignments", SET).iterdir()} == {"1-activations.ipynb", f"{PACKAGE}_helper.py"}
    result = pset("verify", "-a", SET)
    assert result.exit_code == 0, result.output


@pytest.mark.slow
@pytest.mark.thorough
def test_adding_a_question_step_by_step(course: Path) -> None:
    typed(f"pset new {SET}")
    for language, text, where in steps("adding-a-question.md"):
        put(text, where) if language == "python" else typed(text)
    solutions = nbformat.read(Path("solutions", SET, "1-start.ipynb"), as_version=4)
    released = nbformat.read(Path("assignments", SET, "1-start.ipynb"), as_version=4)
    for number, body in enumerate(WRONG):
        folder = Path("submitted", f"student-{number}", SET)
        folder.mkdir(parents=True)
        answers = {**with_solutions(solutions), "softplus": f"def softplus(z):\n    return {body}"}
        nbformat.write(fill(released, answers), folder / "1-start.ipynb")
    typed(f"nbgrader autograde {SET}")
    for number, (points, name) in enumerate(WRONG.values()):
        verdicts = json.loads(Path("verdicts", f"student-{number}", SET, "1-start.json").read_text())["verdicts"]
        (found,) = (verdict for verdict in verdicts if verdict["question"] == "softplus")
        assert found["points"] == points
        assert (found["diagnosis"] or {"name": None})["name"] == name
