"""A busy gradebook, two runs, a full disk, a clock that jumps, a jail or a run killed from outside: nothing is lost."""

from __future__ import annotations

import fcntl
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from clean_environment import clean_environment
from small_course import Row, SmallCourse, heard

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]
Make = Callable[..., SmallCourse]
Rows = dict[tuple[str, str, str], Row]
_SCORES: dict[str, tuple[float, float]] = {"right": (3.0, 2.0), "slow": (3.0, 2.0), "wrong": (2.0, 0.0)}
# The gradebook is given up after a second instead of a minute.
IMPATIENT = "c.CourseDirectory.db_url = f\"sqlite:///{root / 'gradebook.db'}?timeout=1\"\n"


def deserved(**answers: str) -> Rows:
    """The rows that students deserve for their answers; nobody wrote any words."""
    found: Rows = {}
    for student, kind in answers.items():
        for name in ("one", "two"):
            found[student, name, "test_double"] = (_SCORES[kind][0], False)
            found[student, name, "test_square"] = (_SCORES[kind][1], False)
            found[student, name, f"words_{name}"] = (0.0, False)
    return found


def hand_in(course: SmallCourse, **answers: str) -> Rows:
    for student, kind in answers.items():
        course.hand_in(student, kind)
    return deserved(**answers)


def finish(course: SmallCourse, *arguments: str) -> str:
    """Run autograde to an end without trouble; what it said."""
    done = course.autograde(*arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


@contextmanager
def locked(course: SmallCourse) -> Generator[None, None, None]:
    """The gradebook in the hands of another program."""
    connection = sqlite3.connect(course.root / "gradebook.db", isolation_level=None, timeout=60)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


class TestLockedGradebook:
    def test_a_run_that_cannot_begin_says_why(self, make: Make) -> None:
        course = make(settings=IMPATIENT)
        hand_in(course, ann="right")
        with locked(course):
            done = course.autograde()
        assert done.returncode != 0
        assert "Nobody was graded: another program kept the gradebook locked" in done.stderr
        assert "Traceback" not in done.stderr
        assert "db upgrade" not in done.stderr
        assert not course.autograded("ann").exists()

    def test_it_costs_no_old_mark_unless_that_is_withdrawn(self, make: Make) -> None:
        """Locked while one student is graded again, and still when the next one's turn comes."""
        course = make(settings=IMPATIENT + "c.Batch.jobs = 1\n")
        old = hand_in(course, ann="right", bob="right")
        finish(course)
        kept = {path.name: path.read_bytes() for path in course.autograded("bob").iterdir()}
        new = hand_in(course, ann="slow", bob="wrong")
        with course.start("autograde", "tiny", "--force") as process:
            said = heard(process, r"Sanitizing .*/ann/")
            with locked(course):
                rest, _ = process.communicate(timeout=120)
        said += rest
        assert process.returncode != 0, said
        assert "db upgrade" not in said
        assert re.search(r"bob: not graded, and what an earlier grading found still stands: another program", said), (
            said
        )
        rows = course.gradebook()
        assert {place: row for place, row in rows.items() if place[0] == "bob"} == deserved(bob="right")
        assert {path.name: path.read_bytes() for path in course.autograded("bob").iterdir()} == kept
        # The first one's grading had begun: no old mark stands.
        assert re.search(r"ann/tiny/.* could not be finished: another program|marks are withdrawn: another", said), said
        assert {row for place, row in rows.items() if place[0] == "ann"} == {(None, True)}
        assert not course.autograded("ann").exists()
        finish(course, "--force")
        assert course.gradebook() == new != old


class TestTwoRuns:
    def test_at_once(self, make: Make) -> None:
        """And on the way: times of handing in that are none cost nothing, and keep nobody waiting."""
        course = make()
        deserves = hand_in(course, ann="right", bob="wrong", cy="slow", di="right")
        times = {student: course.submitted(student) / "timestamp.txt" for student in ("ann", "bob", "cy", "di")}
        os.mkfifo(times["ann"])
        times["bob"].write_text("the day before yesterday")
        times["cy"].symlink_to("/dev/zero")
        times["di"].write_text("2026-02-02 15:58:23 UTC")
        both = [course.start("autograde", "tiny") for _ in range(2)]
        said = [process.communicate(timeout=300)[0] for process in both]
        assert [process.returncode for process in both] == [0, 0], said
        assert course.gradebook() == deserves
        lines = "".join(said).splitlines()
        assert len([line for line in lines if re.search("Autograding .*/one.ipynb", line)]) == 4, "nobody twice"
        for student in ("ann", "bob", "cy"):
            assert [line for line in lines if f"{times[student]} does not say when it was handed in" in line]
        assert [line for line in lines if "submitted at 2026-02-02 15:58:23" in line]

    def test_a_run_waits_for_the_one_that_is_at_a_student(self, make: Make) -> None:
        course = make()
        deserves = hand_in(course, ann="right")
        course.verdicts("ann").mkdir(parents=True)
        with (course.verdicts("ann") / ".grading").open("w") as mark:
            mark.write("unfinished\n")
            mark.flush()
            fcntl.flock(mark, fcntl.LOCK_EX)
            process = course.start("autograde", "tiny")
            heard(process, "Another run is at work in .*/verdicts/ann/tiny; waiting for it")
            time.sleep(0.5)
            # The other run ends without having finished, and something else is at the gradebook for a while.
            connection = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
            connection.execute("BEGIN EXCLUSIVE")
        time.sleep(2)
        assert process.poll() is None
        assert not course.autograded("ann").exists()
        connection.close()
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        assert course.gradebook() == deserves


def below(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """All processes below a run: jails, and what starts them."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=10)
    return not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def kill_after(seconds: float, course: SmallCourse) -> None:
    """Start a run, kill it some time after its first notebook began to run, and see its jails end with it."""
    process = course.start("autograde", "tiny")
    heard(process, "Autograding")
    reader = threading.Thread(target=process.communicate, daemon=True)
    reader.start()
    time.sleep(seconds)
    jails = below(process)
    process.send_signal(signal.SIGKILL)
    reader.join(60)
    assert process.returncode == -signal.SIGKILL or process.returncode == 0
    assert gone(jails)


def test_a_killed_run_takes_its_jails_with_it(make: Make) -> None:
    course = make(settings="c.Cache.enabled = False\n")
    deserves = hand_in(course, ann="slow", bob="wrong")
    kill_after(1.0, course)
    # What is half graded is not handed back.
    early = course.run("generate_feedback", "tiny")
    assert early.returncode != 0
    assert "ann: the grading is not finished; first run: nbgrader autograde tiny" in early.stderr
    assert not course.feedback("ann").exists()
    said = finish(course)
    assert "was left unfinished by a run that was interrupted" in said
    assert course.gradebook() == deserves


@pytest.mark.thorough
def test_killed_again_and_again(make: Make) -> None:
    course = make(settings="c.Cache.folder = '.pset-cache'\n")
    deserves = hand_in(course, ann="slow", bob="wrong", cy="right", di="slow")
    chance = random.Random(1)
    for _ in range(12):
        kill_after(chance.uniform(0, 4), course)
        if all(course.autograded(student).exists() for student in ("ann", "bob", "cy", "di")):
            shutil.rmtree(course.root / "autograded")
    finish(course)
    assert course.gradebook() == deserves


def kill_jails(course: SmallCourse, chance: random.Random) -> tuple[str, list[str]]:
    """Grade the class, and in every notebook kill something of its jail; what the run said, and what was killed."""
    killed: list[str] = []
    said = ""
    with course.start("autograde", "tiny") as process:
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if "Autograding" not in line:
                continue
            moment = time.monotonic() + chance.uniform(0.0, 0.6)
            while process.poll() is None and (time.monotonic() < moment or not below(process)):
                time.sleep(0.01)
            # It, or the whole run, may be over by then.
            with suppress(psutil.NoSuchProcess, IndexError):
                victim = chance.choice(below(process))
                name = f"{victim.name()} {' '.join(victim.cmdline())[:60]}"
                victim.kill()
                killed.append(name)
    assert process.returncode == 0, (killed, said[-3000:])
    return said, killed


def test_jails_killed_from_outside(make: Make) -> None:
    """By hand, or by a machine that is out of memory: whatever is killed, it costs nobody a mark."""
    course = make(settings="c.Cache.enabled = False\nc.Batch.jobs = 1\n")
    deserves = hand_in(course, ann="slow", bob="wrong")
    said, killed = kill_jails(course, random.Random(3))
    assert len(killed) >= 2
    assert course.gradebook() == deserves, (killed, said)


@pytest.mark.thorough
@pytest.mark.parametrize("mode", ["bubblewrap", "landlock"])
@pytest.mark.parametrize("seed", range(4))
def test_jails_killed_again_and_again(make: Make, mode: str, seed: int) -> None:
    course = make(settings=f"c.Cache.enabled = False\nc.Jail.isolation = {mode!r}\nc.Batch.jobs = 1\n")
    deserves = hand_in(course, ann="slow", bob="wrong", cy="right", di="slow")
    said, killed = kill_jails(course, random.Random(seed))
    assert course.gradebook() == deserves, (killed, said)


FULL = """
set -e
mount -t tmpfs -o size=6m tmpfs "$DISK"
cp -a "$COURSE/." "$DISK"
cd "$DISK"
dd if=/dev/zero of=filler bs=4k 2>/dev/null || truncate -s -"$LEFT" filler
{ $NBGRADER autograde tiny $FORCE && echo FINISHED || echo FAILED; } >"$OUT/first.txt" 2>&1
cp gradebook.db "$OUT/first.db"
rm filler
{ $NBGRADER autograde tiny $FORCE && echo FINISHED || echo FAILED; } >"$OUT/second.txt" 2>&1
cp gradebook.db "$OUT/second.db"
"""
NO_SCRATCH = """
set -e
mount --bind "$COURSE" /mnt
cd /mnt
mount -t tmpfs -o size=1m tmpfs /tmp
dd if=/dev/zero of=/tmp/filler bs=4k 2>/dev/null || true
{ $NBGRADER autograde tiny $FORCE && echo FINISHED || echo FAILED; } >first.txt 2>&1
cp gradebook.db first.db
rm /tmp/filler
mount -o remount,size=200m /tmp
{ $NBGRADER autograde tiny $FORCE && echo FINISHED || echo FAILED; } >second.txt 2>&1
cp gradebook.db second.db
"""


@pytest.fixture
def own_mounts() -> Callable[..., None]:
    """Runs a script in a mount namespace of its own; skips where there is none to be had."""
    command = ["unshare", "-rm", "bash", "-c"]
    try:
        subprocess.run([*command, "mount -t tmpfs tmpfs /mnt && bwrap --ro-bind / / true"], check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no mount namespace can be made here, so no small disk either")
    if any(Path(place).is_relative_to("/tmp") for place in (sys.prefix, sys.base_prefix, __file__)):
        pytest.skip("the interpreter or this project lies in /tmp, which these tests hide")

    def run(script: str, **environment: str) -> None:
        done = subprocess.run(
            [*command, script], capture_output=True, text=True, timeout=600, check=False,
            env=clean_environment(**{"NBGRADER": f"{sys.executable} -m nbgrader", "FORCE": "", **environment}),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    return run


def rows_of(path: Path) -> Rows:
    return SmallCourse.at(path.parent).gradebook(file=path.name)


# Bytes left on the disk: nothing, room for a journal of the gradebook, room for some files as well.
LATER = [pytest.param(left, marks=pytest.mark.thorough) for left in (20_000, 150_000, 400_000)]


class TestFullDisk:
    @pytest.mark.parametrize("left", [pytest.param(0, marks=pytest.mark.thorough), 60_000, *LATER])
    def test_of_the_course(self, make: Make, tmp_path: Path, own_mounts: Callable[..., None], left: int) -> None:
        course = make()
        old = hand_in(course, ann="right", bob="right")
        finish(course)
        with (course.root / "nbgrader_config.py").open("a") as stream:
            stream.write("c.Cache.folder = '.pset-cache'\n")
        new = hand_in(course, ann="wrong", bob="wrong")
        disk, out = tmp_path / "disk", tmp_path / "out"
        disk.mkdir()
        out.mkdir()
        own_mounts(FULL, COURSE=str(course.root), DISK=str(disk), OUT=str(out), LEFT=str(left), FORCE="--force")
        first, second = (out / "first.txt").read_text(), (out / "second.txt").read_text()
        assert "FINISHED" in second, second
        assert rows_of(out / "second.db") == new
        if "FINISHED" not in first:
            assert "full" in first or "No space left" in first
        for student in ("ann", "bob"):
            between = [row for place, row in rows_of(out / "first.db").items() if place[0] == student]
            before = [row for place, row in old.items() if place[0] == student]
            after = [row for place, row in new.items() if place[0] == student]
            stands = f"{student}: " in first and "still stands" in first
            assert between == after or (None, True) in between or (stands and between == before), first
        assert left or "FINISHED" not in first

    @pytest.mark.thorough
    def test_of_the_scratch_folder(self, make: Make, own_mounts: Callable[..., None]) -> None:
        course = make(settings="c.Cache.enabled = False\n")
        deserves = hand_in(course, ann="right", bob="wrong")
        own_mounts(NO_SCRATCH, COURSE=str(course.root))
        first, second = (course.root / "first.txt").read_text(), (course.root / "second.txt").read_text()
        assert "FINISHED" not in first
        assert "No space left on device" in first
        for student in ("ann", "bob"):
            assert f"There was an error processing assignment 'tiny' for student '{student}'" in first
        assert set(rows_of(course.root / "first.db").values()) == {(None, True)}
        assert "FINISHED" in second, second
        assert rows_of(course.root / "second.db") == deserves


CLOCK = """
import random, time
if not hasattr(time, "right_time"):
    time.right_time = time.time
    clock = {"chance": random.Random(7), "wrong": 0.0}
    def jumping():
        if clock["chance"].random() < 0.05:
            clock["wrong"] = clock["chance"].choice((-86400.0, -3600.0, 3600.0, 86400.0))
        return time.right_time() + clock["wrong"]
    time.time = jumping
"""


def test_a_clock_that_jumps_and_a_damaged_cache(make: Make) -> None:
    """By hours and days, back and forth, all the time: marks, limits and what is kept depend on no clock."""
    course = make(settings=f"c.Cache.folder = '.pset-cache'\n{CLOCK}")
    deserves = hand_in(course, ann="slow", bob="wrong")
    finish(course)
    assert course.gradebook() == deserves
    entries = sorted((course.root / ".pset-cache").glob("*.json"))
    assert len(entries) == 4
    for path in entries:
        os.utime(path, (time.time() + 1e9, time.time() + 1e9))
    entries[0].write_bytes(entries[0].read_bytes().replace(b'"points": 2.0', b'"points": 1.0'))
    entries[1].write_bytes(entries[1].read_bytes()[:-100])
    said = finish(course, "--force")
    assert said.count("was judged before") == 2
    assert said.count("is damaged or cannot be read") == 2
    assert course.gradebook() == deserves
