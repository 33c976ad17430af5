"""Every command in the README's shell blocks works, in the order it is printed.

They are typed into a shell one after the other, in a copy of the course where one student has handed in. Where a
command cannot be run in a test, `STAND_INS` says what is run in its place, and `PROVED_ELSEWHERE` where it is run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli.common import search_path
from grader.cli.made_up import hand_in, read_student
from grader.course import Course

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
STAND_INS = {
    # The packages are here already: the names must be right.
    "pip install -r requirements.txt": "pip show --quiet jupyterlab matplotlib keras",
    # In the zip; here the same program on the worked notebook.
    "python check.py 1-perceptron.ipynb": "python -m grader.students.check solutions/ps1/1-perceptron.ipynb",
    # It would wait for a browser.
    "jupyter lab": "jupyter lab --version",
    # The virtual environment of this test run is the one that make install makes.
    ". .venv/bin/activate": "command -v pset",
}
PROVED_ELSEWHERE = {"pset verify": "test_verify.py", "pset release ps1": "students/test_release.py"}


def commands() -> list[str]:
    blocks = re.findall(r"^```shell\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip() and not line.startswith("#")]


def test_there_are_commands_and_only_shell_blocks_hold_them() -> None:
    assert len(commands()) > 10
    kinds = set(re.findall(r"^```(\w*)\n", README, re.MULTILINE)) - {""}
    assert kinds == {"shell", "python"}


def test_no_stand_in_is_left_over() -> None:
    assert set(commands()) >= {*STAND_INS, *PROVED_ELSEWHERE}


@pytest.mark.parametrize("target", [command.split()[1] for command in commands() if command.startswith("make ")])
def test_make_knows_the_target(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_make_runs_is_what_the_tests_run() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^demo: install\n\t\$\(BIN\)/pset demo$", makefile, re.MULTILINE), "see test_demo.py"
    assert re.search(r"^verify: install\n\t\$\(BIN\)/pset verify$", makefile, re.MULTILINE), "see test_verify.py"
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", list(PROVED_ELSEWHERE))
def test_what_is_proved_elsewhere_is(command: str) -> None:
    test = (ROOT / "tests" / PROVED_ELSEWHERE[command]).read_text(encoding="utf-8")
    assert '"{}"'.format('", "'.join(command.split()[1:])) in test


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_links_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def type_command(command: str, course: Path) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", STAND_INS.get(command, command)],
        cwd=course,
        env={**os.environ, "PATH": search_path()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}"


@pytest.mark.slow
def test_the_commands_work_in_this_order(tmp_path: Path) -> None:
    course = Course(tmp_path)
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    (tmp_path / "grader").symlink_to(ROOT / "grader")
    assert Path(sys.executable).with_name("pset").is_file()
    handed_in = False
    for command in commands():
        if command.startswith("make ") or command in PROVED_ELSEWHERE:
            continue
        if "autograde" in command and not handed_in:
            # What README calls "Collect": one notebook of one student.
            student = read_student(ROOT / "examples" / "ps1" / "amina_diallo.py")
            folder = hand_in(student, course, "ps1")
            for path in folder.glob("*.ipynb"):
                if path.stem != "2-mlp-backprop":
                    path.unlink()
            handed_in = True
        type_command(command, tmp_path)
    grades = (tmp_path / "grades.csv").read_text(encoding="utf-8")
    assert re.search(r"^ps1,.*amina_diallo.*,30(\.0)?,", grades, re.MULTILINE), grades
    assert (tmp_path / "feedback/amina_diallo/ps1/2-mlp-backprop.html").is_file()
    assert list((tmp_path / "verdicts/amina_diallo/ps1").glob("*.json"))
