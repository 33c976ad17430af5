"""`check.py` as students run it: what its table says of right, wrong, odd and hostile notebooks, and how it looks."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.students import check

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(check.__file__)
HELPER = """
class CheckFailed(AssertionError):
    pass

def check_double(double):
    got = double(3)
    if got != 6:
        raise CheckFailed(f"double(3)\\n  expected: 6\\n  got:      {got}")
    print("double: all 1 visible checks passed.")

def check_square(square):
    if square(3) != 9:
        raise CheckFailed("square(3)\\n  expected: 9\\n  got:      something else")
    print("square: all 1 visible checks passed.")

check_crash = check_syntax = check_leave = check_package = check_hang = check_gone = check_double
"""
STUB = "def {0}(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
TEST = "from tiny_helper import check_{0}\n\ncheck_{0}({0})"
RIGHT = "def double(x):\n    return 2 * x"


def _cell(source: str, kind: str = "code", **marks: Any) -> dict[str, Any]:
    metadata = {"nbgrader": {"schema_version": 3, **marks}} if marks else {}
    return {"cell_type": kind, "metadata": metadata, "source": source.splitlines(keepends=True)}


def _question(name: str, answer: str | None = None) -> list[dict[str, Any]]:
    return [
        _cell(answer or STUB.format(name), grade_id=name, solution=True, grade=False),
        _cell(TEST.format(name), grade_id=f"test_{name}", solution=False, grade=True, points=1),
    ]


def _notebook(double: str | None = None, square: str | None = None, words: str = "YOUR ANSWER HERE") -> dict[str, Any]:
    written = _cell(words, "markdown", grade_id="words", solution=True, grade=True, points=1)
    cells = [_cell("# Tiny", "markdown"), _cell("%matplotlib inline\nimport math")]
    return {"nbformat": 4, "cells": [*cells, *_question("double", double), *_question("square", square), written]}


RELEASED = {"tiny": check.as_released([check._tidy(cell) for cell in _notebook()["cells"]])}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a student has: a helper file, the program with its questions filled in, and notebooks."""
    (tmp_path / "tiny_helper.py").write_text(HELPER)
    source, empty = PROGRAM.read_text(encoding="utf-8"), "RELEASED: dict[str, list[dict[str, str]]] = {}\n"
    assert source.count(empty) == 1
    (tmp_path / "check.py").write_text(source.replace("]]] = {}\n", f"]]] = {RELEASED!r}\n", 1), encoding="utf-8")
    return tmp_path


def hand(folder: Path, notebook: dict[str, Any], name: str = "tiny.ipynb") -> Path:
    path = folder / name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def type_it(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python check.py ...` in the student's folder, its output going to a pipe."""
    return subprocess.run(
        [sys.executable, "check.py", *arguments], cwd=folder, capture_output=True, check=False,
        encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100", **environment},
    )  # fmt: skip


def states(output: str) -> dict[str, str]:
    words = "|".join(check.STATES)
    return dict(re.findall(rf"^(\w+) +\S ({words})\b", output, re.MULTILINE))


def test_a_table_of_all_that_can_be(folder: Path) -> None:
    """One run: a wrong answer, one not attempted, a written one; the file itself is only read."""
    path = hand(folder, _notebook("def double(x):\n    print('noise')\n    return x * x", words="Because."))
    before = path.read_bytes()
    done = type_it(folder, "tiny.ipynb")
    assert done.returncode == 1, done.stderr
    assert states(done.stdout) == {"double": "not yet", "square": "not attempted", "words": "written"}
    assert "expected: 6" in done.stdout
    assert "got:      9" in done.stdout
    assert "noise" not in done.stdout
    assert "0 of 2 visible checks pass. This is no mark" in done.stdout
    assert (done.stderr, "\x1b" in done.stdout) == ("", False)
    assert "Other cells that fail" not in done.stdout, "%matplotlib inline is no mistake"
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in folder.iterdir() if entry.name != "__pycache__") == [
        "check.py",
        "tiny.ipynb",
        "tiny_helper.py",
    ]


def test_exit_status_0_when_every_check_passes(folder: Path) -> None:
    """Written answers are a person's business, and a figure's cell that fails is told but is no check."""
    notebook = _notebook(RIGHT, "def square(x):\n    return x * x")
    notebook["cells"].append(_cell("undefined_name + 1"))
    hand(folder, notebook)
    done = type_it(folder, "tiny.ipynb")
    assert done.returncode == 0, done.stdout
    assert states(done.stdout) == {"double": "passed", "square": "passed", "words": "not attempted"}
    assert "2 of 2 visible checks pass" in done.stdout
    assert "NameError: name 'undefined_name' is not defined" in done.stdout


@pytest.mark.thorough
def test_each_mistake_costs_its_own_question(folder: Path) -> None:
    """Errors, a cell that leaves, one that runs for ever and one that ends Python, all in one notebook."""
    mistakes = {
        "crash": ("def crash(x):\n    return x / 0", "ZeroDivisionError: division by zero\n  in line 2: return x / 0"),
        "syntax": (
            "def syntax(x)\n    return 2 * x",
            "Your cell stops with an error.\nSyntaxError: expected ':'\n  in l",
        ),
        "leave": ("raise SystemExit(0)", "Your cell stops with an error.\nSystemExit: 0"),
        "package": ("import no_such_package", "Install what the notebook imports: pip install -r requirements.txt"),
        "hang": (
            "def hang(x):\n    while True:\n        pass",
            "called by the check, took more than 3 seconds and was stop",
        ),
        "gone": ("import os\nos._exit(3)", "Your cell ended Python."),
    }
    notebook = _notebook(RIGHT, "def square(x):\n    return x * x")
    for name, (source, _) in mistakes.items():
        notebook["cells"] += _question(name, source)
    rows = checked(folder, notebook, seconds=3)
    for name, (_, said) in mistakes.items():
        assert rows[name].state == ("stopped" if name in ("hang", "gone") else "not yet")
        assert said in rows[name].text
    assert rows["double"].state == rows["square"].state == "passed"


def checked(
    folder: Path, notebook: dict[str, Any], seconds: float = 20, released: Any = None, name: str = "tiny"
) -> dict[str, check.Row]:
    """The rows of a notebook, without the table."""
    cells = [check._tidy(cell) for cell in notebook["cells"]]
    plan = check.make_plan(name, cells, RELEASED if released is None else released)
    ran = check.run_steps(plan.steps, folder, seconds, check.Progress(sys.stderr))
    return {row.name: row for row in check.make_rows(plan, ran)}


@pytest.mark.thorough
def test_a_notebook_full_of_traps_comes_to_an_end(folder: Path) -> None:
    """After three lost cells the rest is left; nobody waits for ever."""
    notebook = _notebook(RIGHT)
    notebook["cells"][2:2] = [_cell(f"import os\nos._exit({number})") for number in range(6)]
    hand(folder, notebook)
    done = type_it(folder, "tiny.ipynb")
    assert done.returncode == 1
    assert states(done.stdout)["double"] == "not run"
    assert "Too many cells had to be stopped" in done.stdout


def change(notebook: dict[str, Any], grade_id: str, how: Callable[[list[Any], int], None]) -> dict[str, Any]:
    cells = notebook["cells"]
    how(cells, [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells].index(grade_id))
    return notebook


@pytest.mark.parametrize(
    "grade_id, how, note",
    [
        ("test_double", lambda cells, at: cells.pop(at), "double: its check cell is missing. The original check"),
        ("test_double", lambda cells, at: cells[at].update(source="pass"), "double: its check cell was changed."),
        ("test_double", lambda cells, at: cells[at].update(cell_type="raw"), "double: its check cell was changed."),
        ("words", lambda cells, at: cells.pop(at), "words: the cell for the written answer is missing."),
        ("double", lambda cells, at: cells.insert(at, cells[at]), "double: one of its cells is there twice."),
        ("double", lambda cells, at: cells.pop(at), "double: the cell for your answer is missing."),
        ("double", lambda cells, at: cells[at].update(cell_type="raw"), "double: the cell for your answer is no code"),
    ],
)
def test_cells_that_are_missing_or_edited_are_told(grade_id: str, how: Any, note: str) -> None:
    """What runs is the original check, wherever the student's own is not."""
    notebook = change(_notebook(RIGHT), grade_id, how)
    plan = check.make_plan("tiny", [check._tidy(cell) for cell in notebook["cells"]], RELEASED)
    assert any(told.startswith(note) for told in plan.notes), plan.notes
    assert plan.questions == ["double", "square", "words"]
    checks = [step.source for step in plan.steps if step.part == "check"]
    assert checks == [TEST.format("double"), TEST.format("square")]


def test_a_missing_check_is_run_all_the_same(folder: Path) -> None:
    notebook = change(_notebook(RIGHT), "test_double", lambda cells, at: cells.pop(at))
    assert checked(folder, notebook)["double"].state == "passed"


@pytest.mark.parametrize("name", ["tiny (1)", "other"])
def test_a_renamed_notebook_is_known_by_its_questions(name: str) -> None:
    """Also under the name of another notebook."""
    cells = [check._tidy(cell) for cell in _notebook()["cells"]]
    known = {**RELEASED, "other": [{"name": "elsewhere", "answer": "", "check": ""}]}
    plan = check.make_plan(name, cells, known)
    assert plan.notes == ["This looks like tiny.ipynb. Hand it in under that name."]
    assert plan.questions == ["double", "square", "words"]


@pytest.mark.parametrize(
    "content, said",
    [
        (None, "There is no file tiny.ipynb. That folder has no notebooks."),
        (b"", "tiny.ipynb is empty. Was it saved?"),
        (b"\xff\xfe\x00", "is not a notebook: it is not a text file"),
        (b"print('hello')", "is not a notebook: it is not JSON"),
        (b"[" * 100_000, "is not a notebook: it is not JSON"),
        (b'{"cells": 3}', "it has no list of cells"),
        (b'{"worksheets": []}', "it has no list of cells"),
        (b'{"cells": [1]}', "it has no list of cells"),
        (b'{"cells": []}', "tiny.ipynb has no checks in it. Is it a notebook of the problem set?"),
        (b'{"cells": [{"cell_type": "code", "source": 3, "metadata": 4}]}', "has no checks in it"),
    ],
)
def test_what_is_no_notebook(
    tmp_path: Path, content: bytes | None, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("tiny.ipynb").write_bytes(content)
    assert check.check(Path("tiny.ipynb"), released={}) == 2
    assert said in " ".join(capsys.readouterr().out.split())


def test_nobody_can_type(folder: Path) -> None:
    notebook = _notebook("def double(x):\n    return int(input('x? ')) * 2", RIGHT)
    assert "do without input()" in checked(folder, notebook)["double"].text


def test_a_folder_and_a_missing_helper(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.check(folder) == 2
    assert "is not a file" in " ".join(capsys.readouterr().out.split())
    path = hand(folder, _notebook(RIGHT))
    (folder / "tiny_helper.py").unlink()
    assert check.check(path) == 2
    assert "tiny_helper.py must lie in the same folder" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("page", ["cp437", "cp1252", "cp932", "ascii", "utf-8"])
def test_every_code_page_shows_the_table(page: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Signs are ASCII where the others cannot be shown; words that cannot be shown are spelled out."""
    with open(os.dup(1), "w", encoding=page) as stream:
        paper = check.Paper(stream)
        paper.table([check.Row(name, name, "na\u00efve \u2713 \U0001f600") for name in check.STATES])
    said = capfdbinary.readouterr().out.decode(page)
    assert paper.signs == (page == "utf-8")
    assert all(re.search(rf"^{name} +\S {name}", said, re.MULTILINE) for name in check.STATES)
    assert ("\\U0001f600" in said) == (page != "utf-8")


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "environment, coloured",
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_only_at_a_terminal_that_wants_them(
    environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    if "NO_COLOR" not in environment:
        monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = _Terminal()
    paper = check.Paper(terminal)
    paper.table([check.Row("double", "passed", "fine")])
    said = terminal.getvalue()
    assert paper.colours == coloured
    assert ("\x1b[32m\u2713 passed" in said) == coloured
    assert "\u2713 passed" in said


def test_progress_is_shown_at_a_terminal_only(folder: Path) -> None:
    """The line that a training cell printed last is seen while it runs; afterwards the table stands alone."""
    slow = "import time\nfor epoch in range(4):\n    print('epoch', epoch, flush=True)\n    time.sleep(0.3)\n" + RIGHT
    path = hand(folder, _notebook(slow))
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "check.py", path.name], cwd=folder, stdout=subprocess.DEVNULL, stderr=slave,
        env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(slave)
    said = b""
    while True:  # Linux says "no such file" when the other end is closed
        try:
            said += os.read(master, 4096)
        except OSError:
            break
    os.close(master)
    assert child.wait() == 1
    lines = said.decode().split("\r")
    assert any(re.match(r"\[#+\.+\] cell 2 of 5, \d s  epoch [123]", line) for line in lines), lines
    assert lines[-1].strip() == ""


def test_markup_of_a_terminal_in_an_answer_is_harmless() -> None:
    assert check.plain("got: \x1b[2J\x1b]0;title\x07\r\x9b\x1b[31mred\x1b[0m\n") == "got: red\n"


def _without_ipython() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_again", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_without_ipython_magics_are_left_out() -> None:
    run = _without_ipython()._plain_python()
    assert run("%matplotlib inline\n!pip list\nif True:\n    %time\n    x = 7 % 4\nlen?\n?len\ndisplay(x)", 0) is None
    assert run("%%time\nassert x == 3", 1) is None
    assert run("assert ('%d'\n  % x) == '3' and (x\n  != 4)", 4) is None
    assert run("%%bash\nrm -rf /", 2) is None
    told = check._told_error(run("y = 1\nx / 0", 3))
    assert told == {"type": "ZeroDivisionError", "message": "division by zero", "line": "line 2: x / 0"}
    silent = "class Silent(Exception):\n    def __str__(self):\n        raise ValueError\nraise Silent"
    assert check._told_error(run(silent, 5)) == {"type": "Silent", "message": "", "line": "line 4: raise Silent"}
    told = check._told_error(run("raise ValueError('long' * 9999)", 6))
    assert told is not None
    assert len(told["message"]) < 2000


def test_pset_check_runs_the_same_program(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside a course, a notebook is taken for what it is; bad options are refused."""
    path = hand(folder, _notebook(RIGHT))
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(main, ["check", path.name])
    assert done.exit_code == 1, done.output
    assert states(done.output) == {"double": "passed", "square": "not attempted", "words": "not attempted"}
    assert CliRunner().invoke(main, ["check", path.name, "--seconds", "0"]).exit_code == 2
    with pytest.raises(SystemExit):
        check.main([path.name, "--seconds", "soon"])
    assert "a number of seconds above 0" in capsys.readouterr().err
    assert CliRunner().invoke(main, ["check", "no.ipynb"]).exit_code == 2


def test_in_a_course_its_own_assignment_s_release_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every problem set that `pset new` begins has a notebook of the same name."""
    (folder / "nbgrader_config.py").touch()
    other = change(_notebook(), "test_double", lambda cells, at: cells[at].update(source="pass"))
    for name, notebook in {"ps2": _notebook(), "ps3": other}.items():
        for part in ("solutions", "assignments"):
            (folder / part / name).mkdir(parents=True)
            hand(folder / part / name, notebook)
    shutil.copy(folder / "tiny_helper.py", folder / "solutions" / "ps2")
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(main, ["check", "solutions/ps2/tiny.ipynb"])
    assert states(done.output)["double"] == "not attempted", done.output
    assert "was changed" not in done.output


@pytest.mark.parametrize(
    "name",
    ["1-perceptron", *(pytest.param(name, marks=pytest.mark.thorough) for name in ("0-start-here", "2-mlp-backprop"))],
)
def test_the_course_s_own_notebooks(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Worked solutions pass every check; the notebook as handed out is told to be unanswered, and nothing else."""
    known = {name: check.as_released(check.read_cells(ROOT / "assignments" / "ps1" / f"{name}.ipynb"))}
    solved = ROOT / "solutions" / "ps1" / f"{name}.ipynb"
    assert check.check(solved, released=known) == 0
    said = capsys.readouterr().out
    assert "not yet" not in said
    assert "Other cells that fail" not in said
    shutil.copytree(ROOT / "assignments" / "ps1", tmp_path / "ps1")
    assert check.check(tmp_path / "ps1" / f"{name}.ipynb", released=known) == 1
    said = capsys.readouterr().out
    assert set(states(said).values()) == {"not attempted"}
    assert "About the file" not in said


@pytest.mark.thorough
@pytest.mark.slow
def test_the_keras_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.check(ROOT / "solutions" / "ps1" / "3-keras-mnist.ipynb") == 0
    assert "8 of 8 visible checks pass" in capsys.readouterr().out
