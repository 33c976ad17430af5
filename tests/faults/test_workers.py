"""A class graded by several processes: the same as by one, stopped and continued, with workers killed, and watched."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from clean_environment import clean_environment
from small_course import SmallCourse, heard

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]
Make = Callable[..., SmallCourse]
# What other tests have graded would be known here.
_OWN_CACHE = "c.Cache.folder = '.pset-cache'\n"
# The last one takes a while: a run is not over as soon as its first submission is.
CLASS = {"ann": "right", "bob": "wrong", "cy": "slow", "di": "raises", "eve": "slower"}


def hand_in(course: SmallCourse) -> None:
    for student, answers in CLASS.items():
        course.hand_in(student, answers)


def found(course: SmallCourse) -> tuple[object, dict[str, object]]:
    """The gradebook's rows, the graded notebooks and the verdicts, but for the times in them."""
    files: dict[str, object] = {}
    for student in CLASS:
        for path in [*course.autograded(student).glob("*"), *course.verdicts(student).glob("*.json")]:
            text = path.read_text()
            text = re.sub(r'"((run|judge|start)_)?seconds": [\d.e-]+|\b[\d.]+ m?s\b', "", text)
            files[f"{student}/{path.parent.name}/{path.name}"] = text
    return course.gradebook(), files


def progress(said: str) -> list[dict[str, object]]:
    return [json.loads(line.partition("progress ")[2]) for line in said.splitlines() if "INFO] progress {" in line]


def workers_of(run: subprocess.Popen[str]) -> list[psutil.Process]:
    return [process for process in psutil.Process(run.pid).children() if "nbgrader" in " ".join(process.cmdline())]


def test_several_processes_find_what_one_finds_and_a_stopped_run_goes_on(make: Make) -> None:
    course = make("alone", settings=_OWN_CACHE + "c.Batch.jobs = 1\n")
    hand_in(course)
    done = course.autograde()
    assert done.returncode == 0, done.stderr
    lines = progress(done.stderr)
    assert [line["finished"] for line in lines] == [1, 2, 3, 4, 5]
    assert [line["submission"] for line in lines] == [f"submitted/{student}/tiny" for student in sorted(CLASS)]
    assert {line["of"] for line in lines} == {5}
    assert lines[-1] | {"seconds": 0} == {
        "submission": "submitted/eve/tiny", "state": "done", "finished": 5, "of": 5, "done": 5, "seconds": 0,
        "seconds_left": 0.0,
    }  # fmt: skip
    alone = found(course)

    # Ctrl-C reaches every process of the group. What was finished stays, the same command does the rest.
    course = make("stopped", settings=_OWN_CACHE + "c.Batch.jobs = 3\n")
    hand_in(course)
    run = course.start("autograde", "tiny")
    said = heard(run, "INFO] progress")
    family = psutil.Process(run.pid).children(recursive=True)
    assert len(workers_of(run)) == 3
    os.killpg(run.pid, signal.SIGINT)
    rest, _ = run.communicate(timeout=60)
    said += rest
    assert run.returncode == 130, said
    stopped = re.search(r"Stopped: (\d) of 5 finished, and kept\. The same command does the rest\.", said)
    assert stopped, said
    assert int(stopped[1]) < 5
    assert "Traceback" not in said
    assert not psutil.wait_procs(family, timeout=10)[1]
    done = course.autograde()
    assert done.returncode == 0, done.stderr
    states = [line["state"] for line in progress(done.stderr)]
    # A worker may have finished one more before it heard.
    assert states.count("skipped") >= int(stopped[1])
    assert found(course) == alone

    # All known from before: nothing is judged again, and the feedback is written by several processes as well.
    done = course.autograde("--force")
    states = [line["state"] for line in progress(done.stderr)]
    assert states == ["known"] * 5
    assert found(course) == alone
    done = course.run("generate_feedback", "tiny")
    assert done.returncode == 0, done.stderr
    assert sorted(str(line["submission"]) for line in progress(done.stderr)) == [
        f"autograded/{student}/tiny" for student in sorted(CLASS)
    ]
    for student in CLASS:
        assert "double" in (course.feedback(student) / "one.html").read_text()


def test_a_worker_killed_under_a_submission(make: Make) -> None:
    course = make(settings=_OWN_CACHE + "c.Batch.jobs = 2\n")
    hand_in(course)
    run = course.start("autograde", "tiny")
    said = heard(run, r"Autograding .*/ann/")
    for worker in workers_of(run):
        worker.kill()
    rest, _ = run.communicate(timeout=120)
    said += rest
    assert run.returncode == 0, said
    assert said.count("has ended.") == 2, said
    rows = course.gradebook()
    assert {place[0] for place in rows} == set(CLASS)
    assert rows["ann", "one", "test_double"] == (3.0, False)
    assert rows["bob", "two", "test_double"] == (2.0, False)
    assert all(not (course.verdicts(student) / ".grading").read_text() for student in CLASS)


def test_at_a_terminal_there_is_one_bar_and_what_needs_attention(make: Make) -> None:
    course = make(settings=_OWN_CACHE + "c.Batch.jobs = 2\n")
    hand_in(course)
    (course.submitted("di") / "one.ipynb").write_text("this is no notebook")
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "nbgrader", "autograde", "tiny"], cwd=course.root, stdin=theirs, stdout=theirs,
        stderr=theirs, env=clean_environment(TERM="xterm", COLUMNS="120"),
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side is closed.
            break
        said += piece
    os.close(ours)
    assert run.wait() == 0
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said.decode(errors="replace"))
    assert re.search(r"grading .* 5/5", shown), shown
    assert "INFO" not in shown
    assert "one.ipynb" in shown, "a file that is no notebook is worth a warning"


@pytest.mark.thorough
def test_a_cluster_that_never_answers_stops_the_run(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
         "--scheduler-file", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not (file.exists() and file.read_text().rstrip().endswith("}")):
            assert scheduler.poll() is None
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        course = make(
            settings=f"{_OWN_CACHE}c.Batch.jobs = 2\nc.Batch.scheduler = {address!r}\nc.Cluster.patience = 2\n"
        )
        hand_in(course)
        done = course.autograde()
    finally:
        scheduler.kill()
        scheduler.wait()
    assert done.returncode == 1, done.stderr
    assert "No worker has joined the scheduler" in done.stderr
    assert "Stopped: 0 of 5 finished, and kept." in done.stderr
    assert done.stderr.count("There was an error processing assignment:") <= 2
    for student in CLASS:
        if course.autograded(student).exists():
            assert (course.verdicts(student) / ".grading").read_text(), "what was begun is marked as unfinished"
    # Without the cluster the same command finishes.
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace(address, ""))
    done = course.autograde()
    assert done.returncode == 0, done.stderr
    assert {place[0] for place in course.gradebook()} == set(CLASS)
