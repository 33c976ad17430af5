"""A real scheduler and real workers, none of which has this package; some of them are killed."""

from __future__ import annotations

import logging
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from clean_environment import clean_environment
from cluster_common import common, gone, has_jail
from small_course import NOTEBOOKS, SmallCourse

from grader.batch import Task, cluster, grade, parcel
from grader.batch.cluster import Cluster, ClusterError, ClusterGone
from grader.jail import Jail

pytestmark = pytest.mark.slow
LOG = logging.getLogger("test.cluster")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Dask:
    """A scheduler and workers, as one would start them by hand."""

    def __init__(self, folder: Path, protocol: str, **environment: str) -> None:
        self.protocol = protocol
        self.port = free_port()
        self.address = f"{protocol}://127.0.0.1:{self.port}"
        self.folder = folder
        # A package of that name would be found first, and must never be imported.
        (folder / "other" / "grader").mkdir(parents=True, exist_ok=True)
        (folder / "other" / "grader" / "__init__.py").write_text("raise ImportError('not this one')")
        paths = {"PYTHONPATH": str(folder / "other"), "DASK_TEMPORARY_DIRECTORY": str(folder)}
        self._environment = clean_environment(**paths, **environment)
        self._stack = ExitStack()
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self.start_scheduler()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        log = self._stack.enter_context((self.folder / "log.txt").open("ab"))
        started = subprocess.Popen(
            [sys.executable, "-m", "dask", *command, "--no-dashboard"], cwd=self.folder, env=self._environment,
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        self._stack.callback(started.wait)
        self._stack.callback(started.kill)
        return started

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        place = f"{self.protocol}://127.0.0.1"
        return self._start("scheduler", "--host", place, "--port", str(self.port), "--protocol", self.protocol)

    def start_workers(self, number: int) -> None:
        for _ in range(number):
            self.workers.append(self._start("worker", self.address, "--nthreads", "1", "--no-nanny"))

    def close(self) -> None:
        self._stack.close()


@contextmanager
def running(folder: Path, workers: int, protocol: str = "tcp", **environment: str) -> Generator[Dask, None, None]:
    started = Dask(folder, protocol, **environment)
    try:
        started.start_workers(workers)
        yield started
    finally:
        started.close()


@pytest.fixture(scope="module")
def dask(suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Dask, None, None]:
    with running(tmp_path_factory.mktemp("dask"), 3) as started:
        yield started


@pytest.fixture
def connect() -> Generator[Callable[..., Cluster], None, None]:
    """Makes clusters, and closes them."""
    made: list[Cluster] = []

    def connected(address: str, **settings: int) -> Cluster:
        made.append(Cluster(address, **settings))
        return made[-1]

    yield connected
    for one in made:
        one.close()


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_is_killed_under_load(
    dask: Dask, connect: Callable[..., Cluster], make: Callable[..., Task], course: Path
) -> None:
    """Every notebook is graded, exactly as here, by several runs that share the workers."""
    bodies = ("return 2 * x", "return x + 3", "return 1 / 0")
    files = (course / "submitted" / "ann" / "away",)
    look = "print(open('data.txt').read())\nimport time; time.sleep(0.5)"
    tasks = [make(body, look, f"print({number})", files=files) for body in bodies for number in range(4)]
    here = [common(grade(task, Jail())) for task in tasks[::4]]
    clusters = [connect(dask.address) for _ in range(3)]
    # Asked elsewhere: a process that is forked afterwards must have no threads.
    threads = threading.active_count()
    wait_for(lambda: clusters[0].slots() == 3)
    assert threading.active_count() == threads
    first = threading.Event()

    def work(number: int) -> Any:
        found = common(clusters[number % 3].grade(tasks[number], Jail(), LOG))
        first.set()
        return found

    with ThreadPoolExecutor(6) as pool:
        futures = [pool.submit(work, number) for number in range(len(tasks))]
        assert first.wait(120)
        victim = psutil.Process(dask.workers[0].pid)
        wait_for(lambda: has_jail(victim))
        family = [child.pid for child in victim.children(recursive=True)]
        victim.kill()
        away = [future.result() for future in futures]
    assert away[::4] == here
    # The others differ in the number that they print alone.
    assert [verdicts for verdicts, _, _ in away] == [here[number // 4][0] for number in range(len(tasks))]
    assert all(gone(pid) for pid in family)


def test_nbgrader_s_own_command(dask: Dask, tmp_path: Path) -> None:
    """With an address, and nothing else."""
    course = SmallCourse(tmp_path)
    course.hand_in("ann", "right")
    course.hand_in("bob", "raises")
    done = course.autograde(f"--Batch.scheduler={dask.address}")
    assert done.returncode == 0, done.stderr
    points = {"ann": {"test_double": 3, "test_square": 2}, "bob": {"test_double": 0, "test_square": 2}}
    found = course.gradebook()
    for student, expected in points.items():
        for notebook in NOTEBOOKS:
            assert {name: found[student, notebook, name][0] for name in expected} == expected


def test_other_libraries_end_the_run(
    dask: Dask, connect: Callable[..., Cluster], make: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {**parcel.facts(), "libraries": {**parcel.facts()["libraries"], "numpy": "0.9"}}
    monkeypatch.setattr(parcel, "facts", lambda: facts)
    made = connect(dask.address)
    with pytest.raises(ClusterGone, match=r"would mark otherwise than this machine: numpy is 0.9 here, "):
        made.grade(make("return 2 * x"), Jail(), LOG)
    assert made.gone is not None


def test_nothing_but_what_is_run_goes_away(make: Callable[..., Task], connect: Callable[..., Cluster]) -> None:
    """A file that could not be read is not sent; there is not even a scheduler."""
    found = connect(f"tcp://127.0.0.1:{free_port()}").grade(make("pass", unreadable=True), Jail(), LOG)
    assert found.verdicts.needs_attention


def test_no_scheduler(
    make: Callable[..., Task], connect: Callable[..., Cluster], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT", 0.5)
    address = f"tcp://127.0.0.1:{free_port()}"
    made = connect(address)
    message = f"The scheduler {address} cannot be reached: .*run the same command again: what was finished is kept"
    with pytest.raises(ClusterGone, match=message):
        made.grade(make("pass"), Jail(), LOG)
    started = time.monotonic()
    with pytest.raises(ClusterGone, match=message):
        made.grade(make("pass"), Jail(), LOG)
    assert time.monotonic() - started < 0.4


_INTERRUPTED = """
import logging, sys
from pathlib import Path
import grader
from grader.batch import Task
from grader.batch.cluster import Cluster
from grader.jail import Jail
from small_notebooks import notebook_of

address, suites = sys.argv[1:]
grader.__path__.append(suites)
notebook = notebook_of("import time; time.sleep(4)")
task = Task("away", "slow", notebook, Path(suites, "away/hidden/test_graded_away.py"), Path("/nowhere"))
Cluster(address).grade(task, Jail(), logging.getLogger())
"""


@pytest.mark.thorough
def test_ctrl_c_leaves_nothing_behind(
    dask: Dask, make: Callable[..., Task], suite: Path, connect: Callable[..., Cluster]
) -> None:
    """A run that is interrupted takes its notebook out of the queue; the workers take the next one."""
    support = str(Path(__file__).parents[1] / "support")
    head = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED, dask.address, str(suite.parents[2])],
        env=clean_environment(PYTHONPATH=support), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    asking = connect(dask.address)._connected()
    wait_for(lambda: any(asking.processing().values()))
    head.send_signal(signal.SIGINT)
    _, said = head.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    assert head.returncode != 0
    wait_for(lambda: not any(asking.processing().values()))
    assert connect(dask.address).grade(make("return 2 * x"), Jail(), LOG).verdicts.points == 2


@pytest.mark.thorough
def test_a_scheduler_that_comes_back(
    suite: Path, make: Callable[..., Task], connect: Callable[..., Cluster], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """No workers, then some; the scheduler dies under a notebook, and another takes its place."""
    monkeypatch.setattr(cluster, "_CONNECT", 2.0)
    monkeypatch.setattr(cluster, "_LOOK", 0.3)
    with running(tmp_path, 0) as dask:
        wait_for(lambda: "Scheduler at" in (tmp_path / "log.txt").read_text())
        with pytest.raises(
            ClusterGone, match=f"No worker has joined the scheduler {dask.address} for 1 s .*dask worker"
        ):
            connect(dask.address, patience=1).grade(make("pass"), Jail(), LOG)
        made = connect(dask.address, patience=60)
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(made.grade, make("return 2 * x", "import time; time.sleep(2)"), Jail(), LOG)
            wait_for(lambda: "has no worker; waiting for one" in caplog.text)
            dask.start_workers(1)
            wait_for(lambda: has_jail(psutil.Process(dask.workers[0].pid)))
            dask.scheduler.kill()
            dask.scheduler.wait()
            dask.scheduler = dask.start_scheduler()
            dask.start_workers(1)
            assert future.result(120).verdicts.points == 2
        assert "is lost; trying to get it back" in caplog.text
        # And now for good.
        made.patience = 1
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(made.grade, make("return 2 * x", "import time; time.sleep(2)"), Jail(), LOG)
            wait_for(lambda: any(has_jail(psutil.Process(worker.pid)) for worker in dask.workers[1:]))
            dask.scheduler.kill()
            with pytest.raises(ClusterGone, match="cannot be reached"):
                future.result(60)


@pytest.mark.thorough
def test_a_run_whose_cluster_goes_is_finished_by_the_same_command(suite: Path, tmp_path: Path) -> None:
    course = SmallCourse(tmp_path / "course", "c.Cluster.patience = 1\n")
    students = ("ann", "bob", "cem", "dan")
    for student in students:
        course.hand_in(student, "slow")
    (tmp_path / "dask").mkdir()
    with running(tmp_path / "dask", 1) as dask:
        command = ("autograde", "tiny", f"--Batch.scheduler={dask.address}", "--Batch.jobs=1")
        with course.start(*command) as run:
            wait_for(lambda: course.verdicts("ann").joinpath("two.json").is_file())
            dask.scheduler.kill()
            said, _ = run.communicate(timeout=120)
        assert run.returncode != 0
        assert "run the same command again: what was finished is kept" in said
        assert "of 4 finished, and kept" in said
        assert not course.autograded("dan").exists()
        dask.scheduler.wait()
        dask.scheduler = dask.start_scheduler()
        dask.start_workers(1)
        again = course.run(*command)
        assert again.returncode == 0, again.stderr
    found = course.gradebook()
    assert all(found[student, notebook, "test_double"] == (3, False) for student in students for notebook in NOTEBOOKS)


@pytest.mark.thorough
@pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made with openssl")
def test_an_encrypted_connection_by_dask_s_own_settings(suite: Path, make: Callable[..., Task], tmp_path: Path) -> None:
    """tls:// addresses work with nothing but Dask's configuration; without it nobody gets in."""
    made = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem",
    ]  # fmt: skip
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    certificate = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(tmp_path / "cert.pem")}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        certificate[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = str(tmp_path / "cert.pem")
        certificate[f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY"] = str(tmp_path / "key.pem")
    with running(tmp_path, 1, protocol="tls", **certificate) as dask:
        command = [sys.executable, "-m", "grader.batch.cluster", dask.address]

        def slots(**environment: str) -> str:
            found = subprocess.run(
                command, env=clean_environment(**environment), capture_output=True, text=True, check=False
            )
            return found.stdout.strip()

        wait_for(lambda: slots(**certificate) == "1")
        assert slots() == ""


@pytest.mark.thorough
def test_a_notebook_that_kills_its_workers(
    suite: Path, make: Callable[..., Task], connect: Callable[..., Cluster], tmp_path: Path
) -> None:
    with running(tmp_path, 2, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1") as dask:
        made = connect(dask.address)
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(made.grade, make("return 2 * x", "import time; time.sleep(30)"), Jail(), LOG)
            left = [psutil.Process(worker.pid) for worker in dask.workers]
            while left:
                wait_for(lambda: any(map(has_jail, left)))
                victim = next(filter(has_jail, left))
                victim.kill()
                left.remove(victim)
            with pytest.raises(ClusterError, match="graded-away: 2 workers died while they had it"):
                future.result(60)
            # It is the notebook that is left out, not the run.
            dask.start_workers(1)
            assert made.grade(make("return 2 * x"), Jail(), LOG).verdicts.points == 2
