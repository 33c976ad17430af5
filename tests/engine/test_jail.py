"""The jail, with a real bubblewrap: what student code can reach, and what it can break (itself only)."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from small_notebooks import notebook_of

import grader
from grader.jail import (
    CallTimeout,
    Confinement,
    Handle,
    Jail,
    JailedNotebook,
    JailError,
    KernelGone,
    WireError,
    bubblewrap,
    confine,
)
from grader.jail.notebook import copy_plain_files

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]

SECRET = "the-secret-of-this-test"


def jail(**settings: Any) -> Jail:
    made = Jail()
    made.cell_timeout = 20
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def call(notebook: JailedNotebook, name: str | Handle, *args: Any, timeout: float = 10.0, **kwargs: Any) -> Any:
    return notebook.request({"do": "call", "target": name, "args": list(args), "kwargs": kwargs}, timeout)


def value(notebook: JailedNotebook, name: str) -> Any:
    return notebook.request({"do": "value", "target": name}, 10.0)["value"]


def text_of(notebook: JailedNotebook, index: int) -> str:
    return "".join(output.get("text", "") for output in notebook.notebook.cells[index].outputs)


# ---- what is visible from inside


LOOK = """
import os, pathlib, socket, sys

def exists(path):
    return os.path.lexists(path)

def listing(path):
    try:
        return sorted(os.listdir(path))
    except OSError as error:
        return type(error).__name__

def write(path):
    try:
        with open(path, "w") as file:
            file.write("x")
        return True
    except OSError:
        return False

def connect(host, port):
    try:
        socket.create_connection((host, port), timeout=2).close()
        return True
    except OSError:
        return False

def environment():
    return dict(os.environ)

def find_grader():
    import importlib.util
    return importlib.util.find_spec("grader") is not None

def processes():
    return [pathlib.Path(p, "cmdline").read_bytes().decode() for p in pathlib.Path("/proc").glob("[0-9]*")]

def descriptors():
    return [os.readlink(p) for p in pathlib.Path("/proc/self/fd").iterdir() if os.path.lexists(p)]

def import_own():
    import of_alice
    return of_alice.owner

def uptree_search(word):
    found = []
    for start in ("/home", "/tmp", "/run", "/var", "/etc", "/srv", "/opt", "/mnt", "/root", "/work"):
        for parent, folders, names in os.walk(start):
            found += [os.path.join(parent, n) for n in [*folders, *names] if word in n]
    return found
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    (root / "nbgrader_config.py").write_text("")
    (root / "gradebook.db").write_text(SECRET)
    for student in ("alice", "bob"):
        folder = root / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        (folder / f"of_{student}.py").write_text(f"owner = {student!r}\n")
    return root


@pytest.fixture(scope="module")
def inside(course: Path) -> Generator[JailedNotebook, None, None]:
    """One notebook of alice's to look around in."""
    os.environ["PSET_TEST_SECRET"] = SECRET
    submitted = course / "submitted" / "alice" / "ps1"
    with JailedNotebook(notebook_of(LOOK), jail(), files=(submitted,), private=(course,)) as opened:
        opened.run()
        yield opened
    del os.environ["PSET_TEST_SECRET"]


def test_no_network(inside: JailedNotebook) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server:
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=5).close()  # it answers outside
        assert call(inside, "connect", "127.0.0.1", port)["value"] is False


def test_sockets_of_the_machine_are_not_there(inside: JailedNotebook, tmp_path: Path) -> None:
    assert call(inside, "listing", "/run")["value"] == ["pset"]
    # Abstract sockets have no path that could be hidden; they belong to the network namespace.
    with socket.socket(socket.AF_UNIX) as server:
        name = f"\0pset-test-{os.getpid()}"
        server.bind(name)
        server.listen(1)
        source = f"""
import socket
def abstract():
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect({name!r})
            return True
        except OSError:
            return False
"""
        handle = inside.request({"do": "define", "source": source, "name": "abstract"}, 10.0)["value"]
        assert call(inside, handle)["value"] is False


def test_the_system_is_read_only(inside: JailedNotebook) -> None:
    for path in (
        "/usr/x", "/etc/x", "/x", "/run/x", "/run/pset/x", "/run/pset/parent.py", "/dev/x", f"{sys.prefix}/lib/x",
        f"{sys.base_prefix}/lib/x",
    ):  # fmt: skip
        assert call(inside, "write", path)["value"] is False, path
    assert call(inside, "write", "note.txt")["value"] is True
    assert call(inside, "write", "/tmp/x-of-jail")["value"] is True
    assert call(inside, "write", "/dev/shm/x")["value"] is True  # multiprocessing needs it
    assert not Path("/tmp/x-of-jail").exists()


def test_home_and_temporary_folders_are_its_own(inside: JailedNotebook) -> None:
    marker = Path("/tmp") / f"host-{os.getpid()}"
    marker.write_text(SECRET)
    try:
        names = call(inside, "listing", "/tmp")["value"]
    finally:
        marker.unlink()
    assert marker.name not in names
    # An environment below /tmp is mounted where it is.
    ours = {
        "x-of-jail",
        inside._folder.parent.name,
        *(path[2] for path in (Path(sys.prefix).parts,) if path[1] == "tmp"),
    }
    assert set(names) <= ours
    assert call(inside, "listing", "/home/student")["value"] in (["work"], [".cache", "work"], [".ipython", "work"])


def test_the_course_is_not_there(inside: JailedNotebook, course: Path) -> None:
    repository = Path(grader.__file__).resolve().parents[1]
    for path in (
        course, course / "gradebook.db", course / "submitted" / "bob", repository / "grader",
        repository / "solutions", repository / ".git", repository / "tests", repository / ".pset-secret",
    ):  # fmt: skip
        assert call(inside, "exists", str(path))["value"] is False, path
    assert call(inside, "find_grader")["value"] is False
    for word in ("gradebook", "of_bob", "hidden"):
        found = call(inside, "uptree_search", word, timeout=60.0)["value"]
        assert [path for path in found if "site-packages" not in path and "/lib/python" not in path] == []


def test_its_own_files_are_there(inside: JailedNotebook) -> None:
    assert "of_alice.py" in call(inside, "listing", ".")["value"]
    assert call(inside, "import_own")["value"] == "alice"


def test_the_environment_is_a_fixed_few_names(inside: JailedNotebook) -> None:
    found = call(inside, "environment")["value"]
    assert SECRET not in str(found)
    expected = {"PATH", "LANG", "USER", "HOME", "MPLBACKEND", "PYTHONDONTWRITEBYTECODE", "PWD", "LC_CTYPE"}
    expected |= {"TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS", "KERAS_BACKEND", "MNIST_NPZ"}
    expected |= {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"}
    # ipykernel sets a few for the terminal, the pager and the debugger.
    expected |= {"PYDEVD_USE_FRAME_EVAL", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "PAGER", "GIT_PAGER", "TERM"}
    assert set(found) <= expected, set(found) - expected


def test_only_its_own_processes(inside: JailedNotebook) -> None:
    commands = call(inside, "processes")["value"]
    assert 1 <= len(commands) <= 6
    assert all("bwrap" in command or "parent.py" in command for command in commands)
    assert not any(SECRET in command for command in commands)


def test_no_descriptor_leads_out(inside: JailedNotebook, course: Path) -> None:
    open_here = (course / "gradebook.db").open()
    with open_here:
        found = call(inside, "descriptors")["value"]
    assert not any(str(course) in target or "gradebook" in target for target in found)


# ---- the command line, without a kernel


def mounts(command: list[str]) -> list[tuple[str, str]]:
    """(operation, place) of every mount of a bubblewrap command, in order."""
    found = []
    for index, word in enumerate(command[: command.index("--")]):
        if word == "--tmpfs":
            found.append((word, command[index + 1]))
        elif word in ("--bind", "--ro-bind", "--ro-bind-try"):
            found.append((word, command[index + 2]))
    return found


@pytest.fixture
def confinement(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[Confinement, None, None]:
    made = Confinement(jail(), private=(tmp_path / "env" / "lib" / "course",))
    yield made
    made.close()


def test_an_installed_grader_is_masked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, confinement: Confinement
) -> None:
    """Not editable: then it lies in the environment that is mounted, and so may the course."""
    library = tmp_path / "env" / "lib"
    installed = library / "python3" / "site-packages" / "grader"
    installed.mkdir(parents=True)
    (library / "course").mkdir()
    monkeypatch.setattr(confine, "_interpreter_folders", lambda: [library])
    confinement.private = (installed, library / "course")
    order = mounts(confinement.command(3))
    for path in (installed, library / "course"):
        assert order.index(("--tmpfs", str(path))) > order.index(("--ro-bind", str(library)))


def test_a_course_below_usr_is_masked_without_hiding_its_environment(
    monkeypatch: pytest.MonkeyPatch, confinement: Confinement, tmp_path: Path
) -> None:
    course = tmp_path / "usr" / "course"
    library = course / ".venv" / "lib"
    library.mkdir(parents=True)
    monkeypatch.setattr(confine, "_interpreter_folders", lambda: [tmp_path / "usr", library])
    confinement.private = (course,)
    order = mounts(confinement.command(3))
    assert order.index(("--ro-bind", str(tmp_path / "usr"))) < order.index(("--tmpfs", str(course)))
    assert order.index(("--tmpfs", str(course))) < order.index(("--ro-bind", str(library)))


def test_nothing_of_the_course_is_mounted(confinement: Confinement) -> None:
    repository = Path(grader.__file__).resolve().parents[1]
    allowed = {str(path) for path in [*confine.INSIDE.glob("*.py"), confine.HERE / "wire.py"]}
    command = confinement.command(3)
    for index, word in enumerate(command):
        if word in ("--bind", "--ro-bind"):
            source = Path(command[index + 1])
            assert source != repository
            assert source not in repository.parents
            if str(source) not in allowed:
                assert Path(grader.__file__).parent not in [source, *source.parents]


def test_missing_bubblewrap_says_what_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JailError, match="sudo apt-get install bubblewrap"):
        bubblewrap()
    with (
        pytest.raises(JailError, match="student code cannot be confined and is not run"),
        JailedNotebook(notebook_of("x = 1"), jail(isolation="bubblewrap")) as opened,
    ):
        opened.run()


def test_forbidden_namespaces_say_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(JailError, match="No permissions to create new namespace"):
        bubblewrap()


def test_a_kernel_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch, nothing_left: None) -> None:
    monkeypatch.setattr(confine.Confinement, "_settings", lambda *_, **__: ["/bin/sh", "-c", "echo no kernel here >&2"])
    with (
        pytest.raises(JailError, match=r"(?s)did not start.*no kernel here"),
        JailedNotebook(notebook_of("x = 1"), jail(startup_timeout=5)) as opened,
    ):
        opened.run()


def test_a_kernel_that_answers_late_is_there(monkeypatch: pytest.MonkeyPatch, nothing_left: None) -> None:
    """On a busy machine it is asked again before it answers, and its answers are to earlier tries: one is enough."""
    ask = AsyncKernelClient.kernel_info

    def ask_thrice(client: AsyncKernelClient, *args: Any, **kwargs: Any) -> Any:
        return [ask(client, *args, **kwargs) for _ in range(3)][-1]

    monkeypatch.setattr(AsyncKernelClient, "kernel_info", ask_thrice)
    with JailedNotebook(notebook_of("print(6 * 7)"), jail=jail(startup_timeout=5)) as notebook:
        notebook.run()
        assert text_of(notebook, 0) == "42\n"


def test_isolation_none_runs_and_cleans_up(nothing_left: None, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("mine")
    source = "content = open('data.txt').read()\ndef f(x):\n    return x + 1"
    with JailedNotebook(notebook_of(source), jail(isolation="none"), files=(tmp_path,)) as opened:
        opened.run()
        assert value(opened, "content") == "mine"
        assert call(opened, "f", 2)["value"] == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.txt"]


def test_plain_files_are_copied_and_nothing_else(tmp_path: Path) -> None:
    source, target, outside = tmp_path / "source", tmp_path / "target", tmp_path / "outside"
    (source / "data").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret").write_text(SECRET)
    (source / "helper.py").write_text("x = 1")
    (source / "data" / "table.csv").write_text("1,2")
    (source / "answers.ipynb").write_text("{}")
    (source / "link").symlink_to(outside / "secret")
    (source / "folder").symlink_to(outside)
    (source / "dangling").symlink_to("/nowhere")
    (source / "loop").symlink_to(source)
    os.mkfifo(source / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(source / "socket"))
        copy_plain_files(source, target, 2**20)
    assert sorted(str(p.relative_to(target)) for p in target.rglob("*")) == ["data", "data/table.csv", "helper.py"]


def test_files_beyond_the_limit_stay_behind(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    for name, size in (("a", 600), ("b", 600), ("c", 300)):
        (source / name).write_bytes(b"x" * size)
    copy_plain_files(source, target, 1000)
    assert sorted(path.name for path in target.iterdir()) == ["a", "c"]


def test_the_released_file_wins_whatever_is_in_its_place(tmp_path: Path) -> None:
    submitted, released, target = tmp_path / "submitted", tmp_path / "released", tmp_path / "target"
    (submitted / "helper.py").mkdir(parents=True)
    (submitted / "helper.py" / "x").write_text("theirs")
    (submitted / "data").write_text("a file where a folder is released")
    (submitted / "own.py").write_text("theirs")
    (released / "data").mkdir(parents=True)
    (released / "helper.py").write_text("ours")
    (released / "data" / "table.csv").write_text("ours")
    for folder in (submitted, released):
        copy_plain_files(folder, target, 2**20)
    assert (target / "helper.py").read_text() == "ours"
    assert (target / "data" / "table.csv").read_text() == "ours"
    assert (target / "own.py").read_text() == "theirs"


# ---- cells that go wrong cost themselves only


BAD_CELLS = {
    "raises": ("1 / 0", "error", "ZeroDivisionError"),
    "base exception": ("raise BaseException('x')", "error", "BaseException"),
    "sys.exit": ("import sys; sys.exit(3)", "error", "SystemExit"),
    "syntax error": ("def (:", "error", "SyntaxError"),
    "endless": ("while True: pass", "timed out", "1 s"),
    "sleeps": ("import time; time.sleep(1000)", "timed out", "1 s"),
    "ends the process": ("import os; os._exit(0)", "killed the kernel", "ended the Python process"),
    "kills itself": ("import os; os.kill(os.getpid(), 9)", "killed the kernel", "ended the Python process"),
    "reads the keyboard": ("input('name?')", "error", "StdinNotImplementedError"),
    "exception that cannot be shown": (
        "class Odd(Exception):\n    def __str__(self):\n        raise RuntimeError\nraise Odd()", "error", "Error",
    ),
}  # fmt: skip
MASKED = """
import time
while True:
    try:
        time.sleep(0.01)
    except KeyboardInterrupt:
        pass
"""


def test_each_bad_cell_costs_itself_only(nothing_left: None) -> None:
    """All of them in one notebook: names defined before and after each are there at the end."""
    sources = ["first = 1"]
    for number, (source, _, _) in enumerate(BAD_CELLS.values()):
        sources += [source, f"after_{number} = {number}"]
    with JailedNotebook(notebook_of(*sources), jail(cell_timeout=1)) as opened:
        report = opened.run()
        for number, (name, (_, status, error)) in enumerate(BAD_CELLS.items()):
            outcome = report.cells[1 + 2 * number]
            assert (name, outcome.status) == (name, status)
            assert error in outcome.error
            assert report.cells[2 + 2 * number].status == "ok", name
            assert value(opened, f"after_{number}") == number
        assert value(opened, "first") == 1


def test_a_cell_that_swallows_interrupts_costs_itself_only(nothing_left: None) -> None:
    notebook = notebook_of("first = 1", MASKED, "second = 2")
    with JailedNotebook(notebook, jail(cell_timeout=2)) as opened:
        report = opened.run()
        assert [cell.status for cell in report.cells] == ["ok", "timed out", "ok"]
        assert value(opened, "second") == 2


def test_too_many_dead_kernels_end_the_run(nothing_left: None) -> None:
    notebook = notebook_of(*["import os; os._exit(0)"] * 4, "last = 1")
    with JailedNotebook(notebook, jail(restarts=2)) as opened:
        report = opened.run()
        assert not opened.alive
        assert [cell.status for cell in report.cells][:3] == ["killed the kernel"] * 3
        assert not opened.revive()
        with pytest.raises(KernelGone):
            value(opened, "last")


def test_a_flood_of_output_is_cut(nothing_left: None) -> None:
    many = "for i in range(300_000): print('x' * 50)"
    one = "print('x' * 30_000_000)"
    shown = "from IPython.display import display, HTML\nfor i in range(300): display(HTML('y' * 10_000))"
    notebook = notebook_of(many, "after_many = 1", one, "after_one = 1", shown, "after_shown = 1")
    with JailedNotebook(notebook, jail(output_bytes=10_000)) as opened:
        report = opened.run()
        for index in (0, 2, 4):
            assert len(str(notebook.cells[index].outputs)) < 80_000
            assert "output cut at 10000 bytes" in text_of(opened, index)
        assert [cell.status for cell in report.cells] == ["ok"] * 6


def test_an_endless_flood_of_output_costs_itself_only(nothing_left: None) -> None:
    notebook = notebook_of("while True: print('x' * 1000)", "after = 1")
    with JailedNotebook(notebook, jail(cell_timeout=3, output_bytes=10_000)) as opened:
        report = opened.run()
        assert [cell.status for cell in report.cells] == ["timed out", "ok"]
        assert len(str(notebook.cells[0].outputs)) < 40_000


def test_children_and_threads_die_with_the_jail(nothing_left: None) -> None:
    source = """
import os, subprocess, sys, threading, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"], start_new_session=True)
threading.Thread(target=time.sleep, args=(1000,)).start()
if os.fork() == 0:
    os.setsid()
    time.sleep(1000)
"""
    before = threading.active_count()
    with JailedNotebook(notebook_of(source, "after = 1"), jail()) as opened:
        report = opened.run()
        assert report.cells[-1].status == "ok"
    assert threading.active_count() <= before + 2


def test_skip_tags_do_not_skip(nothing_left: None) -> None:
    notebook = notebook_of("x = 1")
    notebook.cells[0].metadata["tags"] = ["skip-execution"]
    with JailedNotebook(notebook, jail()) as opened:
        opened.run()
        assert value(opened, "x") == 1


# ---- calls


CALLS = """
import os, time
import numpy as np

def double(x):
    return 2 * x

def loud(x):
    print("printed")
    os.write(2, b"on descriptor two")
    import warnings
    warnings.warn("warned")
    return x

def forever():
    while True:
        pass

def masked():
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            pass

def gone():
    os._exit(0)

def model():
    return object()

def type_of(thing):
    return type(thing).__name__

def huge():
    return np.ones(20_000_000)

def endless_list():
    found = []
    found.append(found)
    return found

def many_digits():
    return 10 ** 100_000

class Liar:
    @property
    def __class__(self):
        raise KeyboardInterrupt
    def __array__(self, *args, **kwargs):
        raise SystemExit
    def __iter__(self):
        os._exit(1)

def liar():
    return Liar()

def exits():
    raise SystemExit(3)

class Odd(Exception):
    def __str__(self):
        raise RuntimeError

def odd():
    raise Odd()

def change(x):
    x[0] = 99
    return x.sum()
"""


@pytest.fixture(scope="module")
def called() -> Generator[JailedNotebook, None, None]:
    with JailedNotebook(notebook_of(CALLS), jail(restarts=10)) as opened:
        opened.run()
        yield opened


def test_values_cross(called: JailedNotebook) -> None:
    reply = call(called, "double", np.arange(3.0))
    np.testing.assert_array_equal(reply["value"], [0.0, 2.0, 4.0])
    assert call(called, "loud", 3)["value"] == 3


def test_handles_stand_for_what_stays_inside(called: JailedNotebook) -> None:
    handle = call(called, "model")["value"]
    assert isinstance(handle, Handle)
    assert handle.type_name == "object"
    assert call(called, "type_of", handle)["value"] == "object"
    assert isinstance(value(called, "double"), Handle)
    assert call(called, value(called, "double"), 4)["value"] == 8


def test_a_changed_argument_shows(called: JailedNotebook) -> None:
    x = np.arange(3.0)
    reply = call(called, "change", x)
    assert x[0] == 0
    from grader.jail.wire import digests

    assert reply["digests"] != digests([[x], {}])
    assert call(called, "double", x)["digests"] == digests([[x], {}])


@pytest.mark.parametrize(
    ("name", "failed", "kind"),
    [
        ("nowhere", "undefined", ""),
        ("np", "not callable", "module"),
        ("exits", "raised", "SystemExit"),
        ("odd", "raised", "Odd"),
        ("huge", "raised", "TooLarge"),
        ("endless_list", "raised", "WireError"),
        ("many_digits", "raised", "WireError"),
        ("liar", "raised", "KeyboardInterrupt"),
    ],
)
def test_a_call_without_a_value_says_why(called: JailedNotebook, name: str, failed: str, kind: str) -> None:
    reply = call(called, name, timeout=30.0)
    assert reply["failed"] == failed
    assert kind in reply["type"]
    assert call(called, "double", 1)["value"] == 2  # and the kernel lives


def test_a_call_that_does_not_end_is_interrupted(called: JailedNotebook) -> None:
    with pytest.raises(CallTimeout):
        call(called, "forever", timeout=1.0)
    assert called.alive
    assert call(called, "double", 1)["value"] == 2


@pytest.mark.parametrize(("name", "timed_out"), [("gone", False), ("masked", True)])
def test_a_call_that_takes_the_kernel_with_it(called: JailedNotebook, name: str, timed_out: bool) -> None:
    with pytest.raises(KernelGone) as caught:
        call(called, name, timeout=1.0)
    assert caught.value.timed_out is timed_out
    assert not called.alive
    assert called.revive()
    assert call(called, "double", 1)["value"] == 2


def test_what_a_call_draws_is_closed_after_it() -> None:
    draws = """
import matplotlib.pyplot as plt

def draw(fails):
    plt.figure()
    plt.plot([1, 2])
    return 1 / 0 if fails else len(plt.get_fignums())
"""
    with JailedNotebook(notebook_of(draws), jail()) as opened:
        opened.run()
        assert [call(opened, "draw", False)["value"] for _ in range(2)] == [1, 1]
        assert call(opened, "draw", True)["type"] == "ZeroDivisionError"
        assert call(opened, "draw", False)["value"] == 1


@pytest.mark.parametrize(
    "forgery",
    [
        "class R:\n    text = 'not json'\nagent.serve = lambda text: R()",
        "class R:\n    text = '\\ud800'\nagent.serve = lambda text: R()",
        "class R:\n    text = property(lambda self: [][0])\nagent.serve = lambda text: R()",
        "agent.serve = lambda text: 1 / 0",
        "agent.serve = None",
        "del sys.modules['_pset_agent']",
    ],
)
def test_a_forged_agent_gives_no_value(forgery: str, nothing_left: None) -> None:
    source = f"import sys\nagent = sys.modules['_pset_agent']\n{forgery}\nx = 1"
    with JailedNotebook(notebook_of(source), jail()) as opened:
        opened.run()
        with pytest.raises(WireError):
            value(opened, "x")


def test_what_telling_an_error_takes_is_done_before_kernels_fork() -> None:
    """Else each kernel would import it anew, and look up the file of every module that there is."""
    cells = {
        "before": "import inspect, sys\nbefore, files = set(sys.modules), len(inspect.modulesbyfile)",
        "fails": "def third(x):\n    return x[2]\nthird([1])",
        "after": "new = sorted(set(sys.modules) - before)",
    }
    with JailedNotebook(notebook_of(**cells), jail()) as notebook:
        report = notebook.run()
        assert [cell.status for cell in report.cells] == ["ok", "error", "ok"]
        assert value(notebook, "new") == []
        assert value(notebook, "files") > 500
        told = "".join(notebook.notebook.cells[1].outputs[0]["traceback"])
        assert "third" in told
        assert "IndexError" in told
