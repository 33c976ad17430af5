"""The benchmark runs on a very small course, has all its numbers, and refuses what it cannot measure.

No time is judged here: a busy machine would fail for nothing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from clean_environment import clean_environment
from small_course import ASSIGNMENT, SmallCourse

import grader
from benchmarks import measure
from benchmarks.__main__ import main, sizes_up_to
from benchmarks.classes import hand_in
from grader.course import with_solutions

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


def bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *map(str, arguments)],
        cwd=ROOT, env=clean_environment(COLUMNS="200"), capture_output=True, text=True, timeout=1500,
    )  # fmt: skip


def content(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    # A course may say that things go elsewhere: a benchmark must not write there.
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    made = SmallCourse(
        tmp_path_factory.mktemp("bench") / "course",
        f'c.SaveVerdicts.verdict_directory = "{elsewhere}"\nc.Cache.folder = "{elsewhere}"\n',
    )
    for student, answers in (("ann", "right"), ("ben", "wrong")):
        made.hand_in(student, answers)
    return made


def numbers(run: dict[str, Any]) -> None:
    """Every cost is there, and fits the others."""
    assert run["seconds"] > 0
    assert run["cpu_seconds"] > 0
    assert run["submissions_per_minute"] == pytest.approx(60 / run["seconds_per_submission"])
    assert run["peak_megabytes"] > 20, "a Python with nbgrader takes more"


def measured(course: SmallCourse, tmp_path: Path, *arguments: str | int) -> tuple[dict[str, Any], str]:
    """What the benchmark finds in a course that it must leave as it is, and what it prints."""
    before = content(course.root)
    file = tmp_path / "numbers.json"
    done = bench("--course", course.root, "--assignment", ASSIGNMENT, "--json", file, *map(str, arguments))
    assert done.returncode == 0, done.stderr
    assert content(course.root) == before
    assert not list(course.root.parent.parent.glob("elsewhere*/*"))
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["class"]["submissions"] == 2
    assert found["class"]["notebooks_each"] == 2
    assert found["machine"]["cores"] >= 1
    assert {"nbgrader", "numpy"} <= set(found["machine"]["libraries"])
    stock, *ours = found["runs"]
    assert (stock["who"], stock["graded"]) == ("stock", 1), "stock gives up over ben's test cell, which shows 4.0"
    assert "stock gave up over 1 of the submissions" in done.stdout
    numbers(stock)
    for run in ours:
        numbers(run)
        assert (run["who"], run["graded"]) == ("ours", 2)
        assert run["times_stock"] == pytest.approx(stock["seconds"] / run["seconds"])
        assert set(run["stages"]) == {"start_up", "kernel_start", "cells", "judge", "nbgrader"}
        assert all(run["stages"][name] > 0 for name in ("start_up", "kernel_start", "judge"))
        spent = sum(seconds for name, seconds in run["stages"].items() if name != "start_up")
        beyond = run["jobs"] * (run["seconds"] - run["start_up_seconds"])
        assert spent == pytest.approx(beyond / 2), "the stages are the whole time"
    assert set(ours[-1]["regrade"]) == {"same_command", "forced"}
    for again in ours[-1]["regrade"].values():
        assert again["share_of_first_run"] == pytest.approx(again["seconds_beyond_start_up"] / ours[-1]["seconds"])
    return found, done.stdout


@pytest.mark.thorough
def test_the_course_stays_as_it_was(course: SmallCourse, tmp_path: Path) -> None:
    found, said = measured(course, tmp_path, "--jobs", 2, "--skip", "feedback", "growth", "noise")
    assert [run["jobs"] for run in found["runs"]] == [1, 2]
    assert set(found) == {"machine", "class", "runs"}
    for words in ("Grading", "ours, 2 jobs", "judge", "graded again"):
        assert words in said, words
    assert "Feedback" not in said


@pytest.mark.thorough
def test_every_number_is_there(course: SmallCourse, tmp_path: Path) -> None:
    found, said = measured(course, tmp_path, "--repeats", 2, "--growth", 2)
    stock, one, two = found["runs"]
    assert [run["jobs"] for run in found["runs"]] == [1, 1, 2]
    assert "regrade" not in one
    numbers(stock["feedback"])
    for run in (one, two):
        numbers(run["feedback"])
        faster = stock["feedback"]["seconds"] / run["feedback"]["seconds"]
        assert run["feedback"]["times_stock"] == pytest.approx(faster)
    assert [row["submissions"] for row in found["growth"]] == [1, 2]
    for row in found["growth"]:
        numbers(row)
    assert len(found["noise"]["seconds"]) == 2
    assert found["noise"]["spread"] >= 0
    for words in ("Grading", "Feedback", "Growth", "ours, 1 job", "ours, 2 jobs", "judge", "graded again", "Noise"):
        assert words in said, words


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (["--course", "{empty}"], "is not a course folder"),
        (["--course", "{course}", "--assignment", "essay"], "there is no assignment 'essay'"),
        (["--course", "{nobody}", "--assignment", ASSIGNMENT], "nobody has handed in 'tiny'"),
        (["--course", "{broken}", "--assignment", ASSIGNMENT], "nbgrader_config.py cannot be read: NameError"),
        (["--course", "{plain}", "--assignment", "plain"], "'plain' has no hidden suites"),
        (["--assignment", "essay"], "no bank of answers for 'essay'"),
        (["--submissions", "0"], "'0' is no number from 1 on"),
        (["--jobs", "two"], "'two' is no number from 1 on"),
        (["--skip", "cells"], "invalid choice"),
        (["--json", "{empty}/missing/file.json"], "there is no folder"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    arguments: list[str],
    complaint: str,
    course: SmallCourse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The configuration that is read here says where the suites are.
    monkeypatch.setattr(grader, "__path__", list(grader.__path__))
    monkeypatch.setattr(measure, "adopt_orphans", lambda: None)
    monkeypatch.setattr(measure, "run", lambda *_: pytest.fail("something was run"))
    folders = {name: tmp_path / name for name in ("empty", "nobody", "broken", "plain")}
    folders["empty"].mkdir()
    for name in ("nobody", "broken", "plain"):
        (folders[name] / "solutions" / ("plain" if name == "plain" else ASSIGNMENT)).mkdir(parents=True)
        config = (course.root / "nbgrader_config.py").read_text() if name != "broken" else "c = nothing"
        (folders[name] / "nbgrader_config.py").write_text(config)
    shutil.copytree(course.root / "suites", folders["nobody"] / "suites")
    shutil.copytree(course.root / "solutions", folders["nobody"] / "solutions", dirs_exist_ok=True)
    filled = [argument.format(course=course.root, **folders) for argument in arguments]
    monkeypatch.setattr(sys, "argv", ["benchmarks", *filled])
    try:
        status: Any = main()
    except SystemExit as refused:
        status = refused.code
    assert status == 2
    assert complaint in capsys.readouterr().err


def test_a_class_is_made_up_of_students_who_all_differ(tmp_path: Path) -> None:
    release = ROOT / "assignments" / "ps1"
    students = hand_in(tmp_path / "class", release, 10, seed=1)
    assert len(students) == 10
    handed_in: dict[str, set[str]] = {}
    answered = []
    for student in students:
        for path in sorted((tmp_path / "class" / student / "ps1").glob("*.ipynb")):
            sources = with_solutions(nbformat.read(path, 4))
            handed_in.setdefault(path.stem, set()).add("\n".join(sources.values()))
            if path.stem == "1-perceptron":
                answered.append(sum("NotImplementedError" not in source for source in sources.values()))
    notebooks = {path.stem for path in release.glob("*.ipynb")}
    assert {name: len(codes) for name, codes in handed_in.items()} == dict.fromkeys(notebooks, 10)
    assert min(answered) < 3, "somebody hands in next to nothing"
    assert max(answered) > 9, "and somebody everything"


def test_the_same_seed_makes_the_same_class(tmp_path: Path) -> None:
    release = ROOT / "assignments" / "ps1"
    for name, submissions, seed in (("one", 2, 1), ("same", 1, 1), ("other", 1, 2)):
        hand_in(tmp_path / name, release, submissions, seed)
    first = Path("student0001", "ps1", "1-perceptron.ipynb")
    assert (tmp_path / "one" / first).read_bytes() == (tmp_path / "same" / first).read_bytes()
    assert (tmp_path / "one" / first).read_bytes() != (tmp_path / "other" / first).read_bytes()


def test_sizes_of_the_growth() -> None:
    assert sizes_up_to(200) == [10, 25, 50, 100, 200]
    assert sizes_up_to(20) == [10, 20]
    assert sizes_up_to(7) == [4, 7]
    assert sizes_up_to(1) == [1]


def test_time_and_memory_of_orphans_count(tmp_path: Path) -> None:
    # A child that ends leaves a grandchild behind, as a jail's walls do when they are torn down.
    ready = str(tmp_path / "ready")
    work = f"""
import time
block = b"x" * 120_000_000
open({ready!r}, "w").close()
time.sleep(3)
while time.process_time() < 0.8:
    pass
"""
    start = f"""
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {work!r}])
while not os.path.exists({ready!r}):
    time.sleep(0.05)
time.sleep(2)
"""
    script = f"""
import sys
from pathlib import Path
from benchmarks import measure
measure.adopt_orphans()
cost = measure.run([sys.executable, "-c", {start!r}], Path({str(tmp_path)!r}))
print(cost.cpu_seconds, cost.megabytes, cost.status)
"""
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    cpu, megabytes, status = ran.stdout.split()
    assert status == "0"
    assert float(megabytes) > 100
    if sys.platform == "linux":
        assert float(cpu) > 0.8


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
def test_time_in_a_jail_that_is_ended_as_a_whole_counts(tmp_path: Path) -> None:
    ready = str(tmp_path / "ready")
    work = f"""
import time
while time.process_time() < 1.5:
    pass
open({ready!r}, "w").close()
time.sleep(60)
"""
    start = f"""
import os, subprocess, sys, time
walls = ["bwrap", "--unshare-pid", "--die-with-parent", "--dev-bind", "/", "/"]
jail = subprocess.Popen([*walls, sys.executable, "-c", {work!r}])
while not os.path.exists({ready!r}) and jail.poll() is None:
    time.sleep(0.05)
time.sleep(0.5)
jail.kill()
sys.exit(jail.wait() != -9)
"""
    script = f"""
import sys
from pathlib import Path
from benchmarks import measure
measure.adopt_orphans()
cost = measure.run([sys.executable, "-c", {start!r}], Path({str(tmp_path)!r}))
print(cost.cpu_seconds, cost.status)
"""
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    cpu, status = ran.stdout.split()
    if status != "0":
        pytest.skip("bubblewrap does not work here")
    assert 1.5 < float(cpu) < 3.0
