"""The wheel is whole: what it holds, and a course made from it and graded outside the repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from clean_environment import clean_environment
from click.testing import CliRunner, Result

import grader
from grader.cli import init, main
from grader.cli.made_up import hand_in, read_student
from grader.course import Course

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("grader", "solutions", "examples", "nbgrader_config.py", "pyproject.toml", "setup.py", "MANIFEST.in",
           "README.md", "LICENSE", "constraints.txt")  # fmt: skip


def pset(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def files_of(folder: Path) -> set[str]:
    left_out = {"__pycache__", ".ipynb_checkpoints"}
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not left_out & set(path.parts)
    }


def test_a_course_is_a_copy_of_this_one(tmp_path: Path) -> None:
    result = pset("init", str(tmp_path / "my courses" / "one"))
    assert result.exit_code == 0, result.output
    assert f"\ncd '{tmp_path / 'my courses' / 'one'}'\n" in result.output
    course = Course.find(tmp_path / "my courses" / "one")
    assert {"ps1", "ps1-extra"} <= set(course.assignments)
    for name in ("solutions", "examples"):
        assert files_of(course.root / name) == files_of(ROOT / name)
    assert (course.root / "nbgrader_config.py").read_bytes() == (ROOT / "nbgrader_config.py").read_bytes()
    ignored = (course.root / ".gitignore").read_text().splitlines()
    assert {"/.pset-secret", "/gradebook.db*", "/submitted/", "/verdicts/"} <= set(ignored)


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for folder, words in ((tmp_path, "is not empty, and nothing in it was touched"), (tmp_path / "mine.txt", "a file")):
        result = pset("init", str(folder))
        assert result.exit_code == 2
        assert words in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_course_half_made_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(init.shutil, "copy", full)
    (tmp_path / "empty").mkdir()
    for name in ("new", "empty"):
        result = pset("init", str(tmp_path / name))
        assert result.exit_code == 2
        assert "No space left on device" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_package_without_a_course_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grader, "__file__", str(tmp_path / "grader" / "__init__.py"))
    result = pset("init", str(tmp_path / "course"))
    assert result.exit_code == 2
    assert "came without a course" in result.output
    assert not (tmp_path / "course").exists()


def test_the_readme_of_a_course_names_commands_that_there_are(tmp_path: Path) -> None:
    """They are run, in this order, by the thorough test below."""
    assert commands() == ["pset doctor", *GRADING]
    for name in re.findall(r"`pset (\w+)", (init._TEMPLATES / "README.md").read_text(encoding="utf-8")):
        assert name in main.commands


GRADING = [
    "nbgrader generate_assignment ps1", "nbgrader autograde ps1", "nbgrader generate_feedback ps1",
    "nbgrader export --to grades.csv",
]  # fmt: skip


def commands() -> list[str]:
    text = (init._TEMPLATES / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```shell\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "".join(blocks).splitlines()


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a command says; it must work."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=clean_environment(**environment), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, made of a copy of the sources: nothing is written into this folder."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / "sources" / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (folder / "sources").mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / "sources")
    command = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q")
    run(*command, "-w", folder, folder / "sources", cwd=folder)
    (made,) = folder.glob("*.whl")
    return made


@pytest.mark.slow
def test_the_wheel_holds_everything_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    package = {name.removeprefix("grader/"): data for name, data in held.items() if name.startswith("grader/")}
    starter = {name.removeprefix("starter/"): data for name, data in package.items() if name.startswith("starter/")}
    engine = {name for name in package if not name.startswith("starter/")}
    assert engine == files_of(ROOT / "grader")
    assert {"ps1/hidden/test_1_perceptron.py", "ps1/heldout_digits.npz", "cli/templates/course/README.md"} <= engine
    wanted = {f"{name}/{file}" for name in ("solutions", "examples") for file in files_of(ROOT / name)}
    assert set(starter) == {"nbgrader_config.py", *wanted}
    for name, data in starter.items():
        assert data == (ROOT / name).read_bytes(), name
    assert all(name.startswith("grader/") or ".dist-info/" in name for name in held)
    secret = (ROOT / ".pset-secret").read_bytes().strip() if (ROOT / ".pset-secret").is_file() else b""
    for name, data in held.items():
        assert str(ROOT).encode() not in data, f"{name} has a path of the machine that built it"
        assert not secret or secret not in data, f"{name} has this course's secret"


def test_a_source_archive_can_make_the_same_wheel() -> None:
    """What setup.py copies is named in MANIFEST.in, so that it is in the archive."""
    manifest = (ROOT / "MANIFEST.in").read_text(encoding="utf-8").split()
    copied = re.search(r"^STARTER = \((.*)\)$", (ROOT / "setup.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert copied
    assert re.findall(r'"(.*?)"', copied[1]) == list(init._COPIED)
    assert set(init._COPIED) <= set(manifest)


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """The programs of an environment that has the wheel, and the libraries of this one, but not this repository."""
    venv.create(tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    here = Path(sysconfig.get_paths()["purelib"])
    place = Path(sysconfig.get_path("purelib", vars={"base": str(tmp_path / "venv")}))
    # Not as a site folder: its own .pth files, of which one leads to this repository, are not read.
    (place / "libraries.pth").write_text(f"{here}\n")
    (tmp_path / "venv" / "share").mkdir(exist_ok=True)
    (tmp_path / "venv" / "share" / "jupyter").symlink_to(Path(sys.prefix) / "share" / "jupyter")
    run(
        sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel, cwd=tmp_path
    )
    for name in ("nbgrader", "alembic"):
        shutil.copy(Path(sys.executable).with_name(name), python.with_name(name))
        script = python.with_name(name).read_text(encoding="utf-8").split("\n", 1)[1]
        python.with_name(name).write_text(f"#!{python}\n{script}")
    found = run(python, "-c", "import grader; print(grader.__file__)", cwd=tmp_path).strip()
    assert found == str(place / "grader" / "__init__.py")
    return python.parent


@pytest.mark.slow
@pytest.mark.thorough
def test_a_course_from_the_wheel_is_graded_by_the_same_commands(installed: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.pathsep.join([str(installed), os.environ["PATH"]])}
    run("pset", "init", "course", cwd=tmp_path, **environment)
    course = tmp_path / "course"
    assert not (course / "grader").exists()
    # NumPy and the rest are not in this environment's own folder, which is all that a jail shows by itself.
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write(f"\nc.Jail.readable = [{sysconfig.get_paths()['purelib']!r}]\n")
    amina = read_student(ROOT / "examples" / "ps1" / "amina_diallo.py")
    for command in commands():
        if command == "nbgrader autograde ps1":
            folder = hand_in(amina, Course(course), "ps1")
            for path in folder.glob("*.ipynb"):
                if path.stem != "1-perceptron":
                    path.unlink()
        run("bash", "-c", command, cwd=course, **environment)
    verdicts = json.loads((course / "verdicts/amina_diallo/ps1/1-perceptron.json").read_text(encoding="utf-8"))
    deserved = {
        verdict["question"]: amina.expects("1-perceptron", verdict["question"], verdict["max_points"])[0]
        for verdict in verdicts["verdicts"]
    }
    assert len(deserved) == 10
    assert {verdict["question"]: verdict["points"] for verdict in verdicts["verdicts"]} == deserved
    grades = (course / "grades.csv").read_text(encoding="utf-8")
    assert re.search(rf"^ps1,.*amina_diallo.*,{sum(deserved.values()):g}(\.0)?,", grades, re.MULTILINE), grades
    assert (course / "feedback/amina_diallo/ps1/1-perceptron.html").is_file()
