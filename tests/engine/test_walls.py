"""The walls in both modes: what a notebook can reach, which system calls are refused, and what it may use."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from small_notebooks import notebook_of

import grader
from grader.batch import Task, grade
from grader.jail import Jail, JailedNotebook, JailError, JailLost, close_idle, confine, isolation, syscalls, warm
from grader.jail.inside import walls, watch
from grader.jail.warm import Kernel

pytestmark = pytest.mark.slow
MODES = ("bubblewrap", "landlock")
SECRET = "a-canary-of-this-test"


def jail(mode: str, **settings: Any) -> Jail:
    if mode == "bubblewrap" and shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    if mode == "landlock" and not walls.landlock_version():
        pytest.skip("this kernel has no Landlock")
    made = Jail(isolation=mode, cell_timeout=30)
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def call(notebook: JailedNotebook, name: str, *args: Any) -> Any:
    return notebook.request({"do": "call", "target": name, "args": list(args), "kwargs": {}}, 20.0)["value"]


LOOK = """
import ctypes, os, signal, socket, subprocess, sys
import numpy as np
libc = ctypes.CDLL(None, use_errno=True)

def system_call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in arguments])
    return [result, ctypes.get_errno()]

def attempt(function, *arguments):
    try:
        return repr(function(*arguments))
    except BaseException as error:
        return type(error).__name__

def read(path):
    return attempt(lambda: open(path, "rb").read(10))

def listing(path):
    return attempt(os.listdir, path)

def write(path):
    return attempt(lambda: open(path, "wb").write(b"x"))

def new_socket(family, kind):
    return attempt(lambda: socket.socket(family, kind).close())

def connect(path):
    def there():
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
    return attempt(there)

def send(pid):
    return attempt(os.kill, pid, signal.SIGTERM)

def status():
    return open("/proc/self/status").read()

def change(path):
    return attempt(os.chmod, path, 0)

def random_numbers():
    import random
    return [float(np.random.rand()), random.random()]

def compute():
    return float(np.linalg.norm(np.ones((200, 200)) @ np.ones((200, 200))))

def copy_a_file():
    import shutil
    open("one.txt", "w").write("text")
    shutil.copy2("one.txt", "two.txt")
    return open("two.txt").read()

def run_a_program():
    return subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout
"""


@pytest.fixture(scope="module", params=MODES)
def inside(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[JailedNotebook]:
    with JailedNotebook(notebook_of(LOOK), jail(request.param), private=(tmp_path_factory.getbasetemp(),)) as opened:
        opened.run()
        yield opened
    close_idle()


def mode_of(notebook: JailedNotebook) -> str:
    return notebook.jail.isolation


# ---- what works


def test_what_notebooks_do_works(inside: JailedNotebook) -> None:
    assert call(inside, "compute") == pytest.approx(200.0**2)
    assert call(inside, "copy_a_file") == "text"
    assert call(inside, "run_a_program") == "42\n"
    assert call(inside, "new_socket", socket.AF_UNIX, socket.SOCK_STREAM) == "None"


# ---- what is refused


def test_no_capabilities_and_no_way_to_any(inside: JailedNotebook) -> None:
    lines = dict(line.split(":\t", 1) for line in call(inside, "status").splitlines() if ":\t" in line)
    # The bounding set can be emptied by root alone (of a namespace too); without new privileges it bounds nothing.
    bounds = [] if mode_of(inside) == "landlock" and os.geteuid() != 0 else ["CapBnd"]
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", *bounds):
        assert int(lines[name], 16) == 0, name
    assert lines["NoNewPrivs"] == "1"
    assert lines["Seccomp"] == "2"


@pytest.mark.parametrize(
    "name",
    [
        "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "unshare", "setns", "mount", "umount2",
        "pivot_root", "chroot", "open_tree", "fsopen", "mount_setattr", "keyctl", "add_key", "request_key", "bpf",
        "perf_event_open", "userfaultfd", "open_by_handle_at", "init_module", "kexec_load", "swapon", "reboot",
        "clock_settime", "settimeofday", "syslog", "acct", "fanotify_init",
    ],
)  # fmt: skip
def test_system_calls_are_refused(inside: JailedNotebook, name: str) -> None:
    library = syscalls._library()
    number = int(library.resolve_syscall(library.Arch.NATIVE, name))
    result, error = call(inside, "system_call", number, 0, 0, 0, 0, 0)
    assert (result, os.strerror(error)) == (-1, "Operation not permitted")


def test_no_new_namespace_by_way_of_a_new_process(inside: JailedNotebook) -> None:
    library = syscalls._library()
    clone, clone3, ring = (
        int(library.resolve_syscall(library.Arch.NATIVE, name)) for name in ("clone", "clone3", "io_uring_setup")
    )
    for flag in (walls.CLONE_NEWUSER, walls.CLONE_NEWNS, walls.CLONE_NEWPID, 0x40000000):
        assert call(inside, "system_call", clone, flag | 17, 0, 0, 0, 0)[0] == -1
    for number in (clone3, ring):
        assert os.strerror(call(inside, "system_call", number, 0, 0)[1]) == "Function not implemented"


@pytest.mark.parametrize(("family", "kind"), [(17, 3), (2, 3), (10, 3), (38, 5), (40, 1), (16, 3)])
def test_sockets_that_look_around(inside: JailedNotebook, family: int, kind: int) -> None:
    """Packets, raw IP, the kernel's ciphers, virtual machines; netlink, which name look-ups need, is let through."""
    found = call(inside, "new_socket", family, kind)
    assert found == ("None" if family == 16 else "PermissionError")


def test_no_file_of_the_machine(inside: JailedNotebook, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text(SECRET)
    repository = Path(grader.__file__).resolve().parents[1]
    for path in (canary, Path("/etc/passwd"), Path(grader.__file__), repository / "pyproject.toml"):
        assert path.is_file()
        assert call(inside, "read", str(path)) in ("FileNotFoundError", "PermissionError"), path
        # What lies below /tmp may be written there, on the notebook's own disk.
        before = path.read_bytes()
        call(inside, "write", str(path))
        assert path.read_bytes() == before
    for path in (tmp_path, repository, Path(grader.__file__).parent, Path.home()):
        assert SECRET not in call(inside, "listing", str(path))
        assert "hidden" not in call(inside, "listing", str(path))
    assert canary.read_text() == SECRET


def test_nobody_else_can_be_signalled(inside: JailedNotebook) -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        assert call(inside, "send", process.pid) in ("PermissionError", "ProcessLookupError")
        assert call(inside, "send", os.getpid()) in ("PermissionError", "ProcessLookupError")
        assert call(inside, "send", -1) in ("PermissionError", "ProcessLookupError", "None")
        time.sleep(0.05)
        assert process.poll() is None
        process.kill()


def test_sockets_of_the_machine_are_closed(inside: JailedNotebook, tmp_path: Path) -> None:
    place = f"/tmp/s{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(place)
        try:
            server.listen(1)
            assert call(inside, "connect", place) in ("FileNotFoundError", "PermissionError")
            assert call(inside, "connect", f"\0{os.getpid()}") in ("ConnectionRefusedError", "PermissionError")
        finally:
            os.unlink(place)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        source = f"import socket\nsocket.create_connection(('127.0.0.1', {listener.getsockname()[1]}), 2)"
        handle = inside.request({"do": "define", "source": f"def f():\n    {source!r}", "name": "f"}, 10.0)
        assert handle["value"].type_name == "function"
        listener.settimeout(0.2)
        call(inside, "attempt", None)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_rights_of_others_files_stay(inside: JailedNotebook, tmp_path: Path) -> None:
    """Landlock does not look at chmod: there the call is pretended."""
    place = tmp_path / "mine"
    place.write_text("x")
    before = place.stat().st_mode
    assert call(inside, "change", str(place)) == ("None" if mode_of(inside) == "landlock" else "FileNotFoundError")
    assert place.stat().st_mode == before


# ---- Landlock on an older kernel


def test_signals_stay_in_where_landlock_does_not_keep_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confine, "landlock_version", lambda: 3)
    source = LOOK + "\ndef stop_me():\n    signal.raise_signal(signal.SIGINT)"
    with (
        subprocess.Popen(["sleep", "60"]) as process,
        JailedNotebook(notebook_of(source), jail("landlock")) as opened,
    ):
        opened.run()
        assert call(opened, "send", process.pid) == "PermissionError"
        assert call(opened, "send", -1) == "PermissionError"
        assert process.poll() is None
        process.kill()
        assert call(opened, "new_socket", socket.AF_INET, socket.SOCK_STREAM) == "PermissionError"
        # Interrupts, which the kernel sends to itself, arrive.
        opened.notebook.cells[0].source = source
        reply = opened.request({"do": "call", "target": "stop_me", "args": [], "kwargs": {}}, 10.0)
        assert reply["type"] == "KeyboardInterrupt"
    close_idle()


# ---- which mode


def test_auto_takes_what_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if shutil.which("bwrap"):
        assert isolation(Jail()) == "bubblewrap"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(confine, "landlock_version", lambda: 5)
    assert isolation(Jail()) == "landlock"
    with pytest.raises(JailError, match="sudo apt-get install bubblewrap"):
        isolation(Jail(isolation="bubblewrap"))
    monkeypatch.setattr(confine, "landlock_version", lambda: 0)
    with pytest.raises(JailError, match=r"(?s)install bubblewrap.*no Landlock either"):
        isolation(Jail())
    assert isolation(Jail(isolation="none")) == "none"


def test_without_the_filter_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise ImportError("No module named 'pyseccomp'")

    monkeypatch.setattr(syscalls, "_library", missing)
    for mode in ("auto", *MODES):
        with pytest.raises(JailError, match="pip install pyseccomp; sudo apt-get install libseccomp2"):
            isolation(Jail(isolation=mode))


# ---- limits


GREEDY = {
    "memory, little by little": (
        "held = [bytearray(b'x' * 10**7) for _ in range(1000)]", "memory (c.Jail.memory_bytes)",
    ),
    "memory, in several processes": (
        "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        b = bytearray(b'x' * (3 * 10**8))\n"
        "        time.sleep(100)\ntime.sleep(100)", "memory (c.Jail.memory_bytes)",
    ),
    "memory, at once": ("import numpy as np\nnp.ones(10**12)", "memory (c.Jail.memory_bytes)"),
    "processes": (
        "import os, time\nfor _ in range(300):\n    if os.fork() == 0:\n        time.sleep(100)\ntime.sleep(100)",
        "processes and threads (c.Jail.processes)",
    ),
    "threads": (
        "import threading, time\nfor _ in range(400):\n    threading.Thread(target=time.sleep, args=(100,)).start()\n"
        "time.sleep(100)", "processes and threads (c.Jail.processes)",
    ),
    "processor time": (
        "import os\nfor _ in range(3):\n    os.fork()\nwhile True:\n    pass", "processor time (c.Jail.cell_cpu)",
    ),
    "disk": (
        "for i in range(100):\n    with open(f'{i}', 'wb') as f:\n        f.write(b'x' * 10**6)\n"
        "import time; time.sleep(3)", "of disk (c.Jail.scratch_bytes)",
    ),
    "one file": ("with open('big', 'wb') as f:\n    f.write(b'x' * 10**8)", "of disk (c.Jail.scratch_bytes)"),
    "open files": ("held = [open('/dev/null') for _ in range(2000)]", "open files (c.Jail.open_files)"),
}  # fmt: skip


@pytest.mark.parametrize("mode", [MODES[0], pytest.param(MODES[1], marks=pytest.mark.thorough)])
def test_each_limit_costs_its_cell_only_and_names_the_setting(mode: str, nothing_left: None) -> None:
    names = [f"greedy {name}" for name in GREEDY]
    cells = {name: source for name, (source, _) in zip(names, GREEDY.values(), strict=True)}
    limits = {"memory_bytes": 800 * 2**20, "processes": 100, "cell_cpu": 4.0, "scratch_bytes": 20 * 2**20}
    with JailedNotebook(notebook_of("first = 1", **cells), jail(mode, cell_timeout=20, **limits)) as opened:
        report = opened.run()
        for name, (_, words) in zip(names, GREEDY.values(), strict=True):
            outcome = report.of(name)
            assert outcome is not None
            assert (name, outcome.status) == (name, "over a limit")
            assert words in outcome.error
            assert f"`{name}`" in outcome.error
        assert opened.request({"do": "value", "target": "first"}, 10.0)["value"] == 1
        assert report.restarts <= len(GREEDY)


def test_processes_left_running_are_blamed_on_the_cell_that_left_them(nothing_left: None) -> None:
    bomb = """
import os, time
if os.fork() == 0:
    while True:
        if os.fork() == 0:
            time.sleep(100)
        time.sleep(0.05)
time.sleep(1.5)
"""
    cells = ["first = 1", bomb, "import time; time.sleep(15 * ('os' in globals()))", "last = 1"]
    with JailedNotebook(notebook_of(*cells), jail("bubblewrap", processes=150)) as opened:
        report = opened.run()
        assert [cell.status for cell in report.cells] == ["ok", "over a limit", "ok", "ok"]
        assert "what cell 2 left running used more than 150 processes" in report.cells[1].error
        assert report.restarts == 1


TAKE = """
import os, time
import numpy as np

def take(megabytes):
    return np.ones(megabytes * 2**17)

def in_background(megabytes, every):
    if os.fork() == 0:
        held = []
        while True:
            held.append(take(megabytes))
            time.sleep(every)
"""
# Each with the statuses of its cells, what the blamed one is told, and how often the kernel is started again.
HOLDERS = {
    "a process that goes on taking": (
        ["in_background(20, 0.1)\nleft = 1", "x = take(150)", "time.sleep(20 * ('left' in globals()))"],
        ["over a limit", "ok", "ok"],
        "what cell 2 left in use, 0.", 1,
    ),
    "the kernel itself": (
        ["held = take(500)", "x = take(80)", "y = take(80)"], ["over a limit", "ok", "ok"],
        "what cell 2 left in use, 0.5 GB of memory, with what came later used more than 0.585938 GB of memory", 1,
    ),
    "what was given back counts no more": (
        ["held = take(450)", "del held; x = take(250)", "y = take(400)"], ["ok", "ok", "over a limit"],
        "cell 4 used more than", 1,
    ),
    "the last cell is to blame, though less was left for it than others hold": (
        ["held = take(350)", "z = [take(50) for _ in range(99)]"], ["ok", "over a limit"], "cell 3 used more than", 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.thorough] * (i > 1)) for i, name in enumerate(HOLDERS)]
)
def test_memory_is_blamed_on_the_cell_that_holds_most(name: str, nothing_left: None) -> None:
    cells, states, told, restarts = HOLDERS[name]
    with JailedNotebook(notebook_of(TAKE, *cells), jail("bubblewrap", memory_bytes=600 * 2**20)) as opened:
        report = opened.run()
        assert [cell.status for cell in report.cells[1:]] == states
        assert told in next(cell.error for cell in report.cells if cell.status != "ok")
        assert report.restarts == restarts
        assert (
            opened.request({"do": "call", "target": "len", "args": ["abc"], "kwargs": {}}, 10.0)["failed"]
            == "undefined"
        )


def test_a_limit_found_passed_when_a_cell_has_ended_is_held_against_that_cell(
    monkeypatch: pytest.MonkeyPatch, nothing_left: None
) -> None:
    """The watch looks many times a second, and once more at the end: a quick cell may be over between two looks."""
    looks = 0

    def look(kernel: Kernel, end_cell: Callable[[Kernel], None] = Kernel.end_cell) -> None:
        nonlocal looks
        looks += 1
        end_cell(kernel)
        if looks == 2:
            kernel.kill()
            kernel.over = "disk"

    monkeypatch.setattr(Kernel, "end_cell", look)
    with JailedNotebook(notebook_of("first = 1", "second = 2"), jail("bubblewrap")) as opened:
        report = opened.run()
        assert [cell.status for cell in report.cells] == ["ok", "over a limit"]
        assert "cell 2 used more than" in report.cells[1].error
        assert report.restarts == 1
        assert opened.request({"do": "value", "target": "first"}, 10.0)["value"] == 1


def test_a_fork_that_comes_back_does_not_stay_as_a_second_kernel(nothing_left: None) -> None:
    """A child that raises, or returns from a call, would read the kernel's sockets with it, and the notebook hang."""
    cells = ["import os\nchild = os.fork()\nif child == 0:\n    1 / 0", "done = os.waitpid(child, 0)[1]"]
    forks = "def twice():\n    child = os.fork()\n    if child:\n        os.waitpid(child, 0)\n    return child"
    with JailedNotebook(notebook_of(*cells, forks), jail("landlock")) as opened:
        assert [cell.status for cell in opened.run().cells] == ["ok", "ok", "ok"]
        assert opened.request({"do": "value", "target": "done"}, 5.0)["value"] == 0
        assert call(opened, "twice") > 0
        assert call(opened, "twice") > 0


@pytest.mark.thorough
def test_a_notebook_that_used_up_its_processor_time_gets_little_more(nothing_left: None) -> None:
    busy = "end = __import__('time').monotonic() + 1.5\nwhile __import__('time').monotonic() < end: pass"
    notebook = notebook_of(busy, busy, "while True: pass", "last = 1")
    with JailedNotebook(notebook, jail("bubblewrap", notebook_cpu=2.0, cell_timeout=60)) as opened:
        started = time.monotonic()
        report = opened.run()
        assert time.monotonic() - started < 50
        assert report.cells[0].status == "ok"
        assert report.cells[2].status in ("over a limit", "timed out")


def test_the_jail_keeps_the_clock_when_messages_keep_us_busy(nothing_left: None) -> None:
    """A reply that never comes, behind others without end: nobody outside would look at the clock."""
    flood = """
kernel = get_ipython().kernel
parent = kernel.get_parent()
while True:
    kernel.session.send(kernel.shell_stream, "execute_reply", {"status": "ok"}, parent={"msg_id": "other"},
                        ident=kernel.get_parent_ident() if hasattr(kernel, "get_parent_ident") else None)
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "busy"}, parent=parent)
"""
    with JailedNotebook(notebook_of(flood, "after = 1"), jail("bubblewrap", cell_timeout=2)) as opened:
        started = time.monotonic()
        report = opened.run()
        assert time.monotonic() - started < 60
        assert report.cells[0].status != "ok"
        assert opened.request({"do": "value", "target": "after"}, 10.0)["value"] == 1


# ---- the warm parent


@pytest.mark.parametrize("mode", MODES)
def test_students_do_not_share_random_numbers(mode: str) -> None:
    found = []
    for _ in range(3):
        with JailedNotebook(notebook_of(LOOK), jail(mode)) as opened:
            opened.run()
            found.append(call(opened, "random_numbers"))
    assert len({numbers[0] for numbers in found}) == 3
    assert len({numbers[1] for numbers in found}) == 3
    close_idle()


def test_students_do_not_share_the_random_numbers_of_keras() -> None:
    draw = (
        "import keras, tensorflow as tf\n"
        "first = [keras.ops.convert_to_numpy(keras.random.uniform((1,))).item()]\n"
        "first.append(tf.random.uniform((1,)).numpy().item())\n"
        "first.append(keras.layers.Dense(1)(keras.ops.ones((1, 3))).numpy().item())"
    )
    found = []
    for _ in range(3):
        with JailedNotebook(notebook_of(draw), jail("bubblewrap", cell_timeout=120)) as opened:
            assert [cell.error for cell in opened.run().cells] == [""]
            found.append(opened.request({"do": "value", "target": "first"}, 10.0)["value"])
    for numbers in zip(*found, strict=True):
        assert len(set(numbers)) == 3, found
    close_idle()


def test_a_parent_that_has_grown_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = []
    for limit in (2**30, 2**30, -1, -1):
        monkeypatch.setattr(warm, "_GROWTH", limit)
        with JailedNotebook(notebook_of("x = 1"), jail("bubblewrap")) as opened:
            opened.run()
            parents.append(opened._parent)
    first, second, third, fourth = parents
    assert first is second is third
    assert fourth is not first
    assert abs(first.grown) < 50 * 2**20
    assert not first.alive
    close_idle()


def test_a_parent_serves_one_notebook_after_the_other_and_nothing_stays(nothing_left: None) -> None:
    leave = "open('/tmp/left', 'w').write('x'); open('/dev/shm/left', 'w').write('x'); import sys; sys.left = 1"
    look = (
        "import os, sys\nfound = [os.path.exists(p) for p in ('/tmp/left', '/dev/shm/left')] + [hasattr(sys, 'left')]"
    )
    settings = jail("bubblewrap")
    with JailedNotebook(notebook_of(leave), settings) as opened:
        opened.run()
        first = opened._parent
    with JailedNotebook(notebook_of(look), settings) as opened:
        opened.run()
        assert opened._parent is first
        assert opened.request({"do": "value", "target": "found"}, 10.0)["value"] == [False, False, False]
        with JailedNotebook(notebook_of(look), settings) as beside:
            beside.run()
            assert beside._parent is not first, "two notebooks never run behind the same walls at once"
    with JailedNotebook(notebook_of(look), jail("bubblewrap", open_files=99)) as other:
        other.run()
        assert other._parent is not first


@pytest.mark.thorough
def test_a_parent_is_replaced_after_many_kernels(monkeypatch: pytest.MonkeyPatch, nothing_left: None) -> None:
    monkeypatch.setattr(warm, "_KERNELS_EACH", 1)
    parents = []
    for _ in range(2):
        with JailedNotebook(notebook_of("x = 1"), jail("bubblewrap")) as opened:
            opened.run()
            parents.append(opened._parent)
    assert parents[0] is not parents[1]
    assert not parents[0].alive


def test_a_notebook_whose_jail_is_killed_is_not_blamed(nothing_left: None) -> None:
    with JailedNotebook(notebook_of("import time; time.sleep(20)"), jail("bubblewrap")) as opened:
        threading.Timer(1.5, lambda: opened._parent.process.kill()).start()
        with pytest.raises(JailLost):
            opened.run()


def test_grading_goes_on_when_a_jail_is_killed(tmp_path: Path, nothing_left: None) -> None:
    """The first jail is killed while the notebook runs in it: its marks come from the second."""
    suite = Path(grader.__file__).parent / "ps1" / "hidden" / "test_1_perceptron.py"
    cells = {"sigmoid": "import time\ntime.sleep(1)\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))"}
    task = Task("ps1", "1-perceptron", notebook_of("import numpy as np", **cells), suite, tmp_path)
    killed: list[int] = []
    start = warm.WarmParent.start

    def start_and_kill(self: warm.WarmParent, *args: Any) -> warm.Kernel:
        kernel = start(self, *args)
        if not killed:
            killed.append(self.process.pid)
            threading.Timer(1.0, self.process.kill).start()
        return kernel

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm.WarmParent, "start", start_and_kill)
        found = {verdict.question: verdict for verdict in grade(task, jail("bubblewrap")).verdicts.verdicts}
    assert killed
    assert found["sigmoid"].points == found["sigmoid"].max_points > 0


@pytest.mark.thorough
def test_a_jail_that_keeps_ending_is_our_failure(tmp_path: Path, nothing_left: None) -> None:
    suite = Path(grader.__file__).parent / "ps1" / "hidden" / "test_1_perceptron.py"
    task = Task("ps1", "1-perceptron", notebook_of("import time; time.sleep(20)"), suite, tmp_path)
    start = warm.WarmParent.start

    def start_and_kill(self: warm.WarmParent, *args: Any) -> warm.Kernel:
        kernel = start(self, *args)
        threading.Timer(1.0, self.process.kill).start()
        return kernel

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm.WarmParent, "start", start_and_kill)
        with pytest.raises(JailError, match="ended 3 times"):
            grade(task, jail("bubblewrap"))


def test_links_and_closed_folders_of_a_student_s_are_removed(tmp_path: Path) -> None:
    """A link to a folder once stopped every later run on the machine."""
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    (outside / "kept").write_text("x")
    folder = tmp_path / "run"
    (folder / "closed" / "below").mkdir(parents=True)
    (folder / "closed" / "link").symlink_to(outside)
    (folder / "link").symlink_to(outside)
    (folder / "nowhere").symlink_to(tmp_path / "nothing")
    (folder / "closed").chmod(0)
    confine.remove(folder)
    assert not folder.exists()
    assert (outside / "kept").read_text() == "x"
    assert outside.stat().st_mode & 0o777 == 0o755


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = Path("/tmp") / f"pset-left-by-{os.getpid()}"
    (left / "1" / "s").mkdir(parents=True)
    (left / "lock").touch()
    confinement = confine.Confinement(jail("bubblewrap"))
    try:
        assert not left.exists()
        held = confinement.folder
        again = confine.Confinement(jail("bubblewrap"))
        again.close()
        assert held.exists(), "its owner lives"
    finally:
        confinement.close()
    assert not held.exists()


# ---- the watch's sums


def test_many_processes_are_weighed_without_asking_each(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = [watch.Process(pid, 1, 0.0, 0.0, 1, 50_000_000 + pid) for pid in range(1, 1001)]
    asked: list[int] = []

    def share(process: watch.Process) -> int:
        asked.append(process.pid)
        return 2_000_000

    monkeypatch.setattr(watch, "_share", share)
    assert sum(watch.shares(processes, 40_000_000, 1e12)) == pytest.approx(1e10, rel=0.1)
    assert asked == []
    assert sum(watch.shares(processes, 40_000_000, 1e9)) == pytest.approx(2e9)
    assert len(asked) <= 32


def test_memory_is_put_down_to_the_cell_that_started_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also that of what its processes start later, or of one that nobody asked for."""
    tree: list[tuple[int, int, int]] = []
    me = os.getpid()

    def below(_: int) -> list[watch.Process]:
        return [watch.Process(pid, parent, 0.0, 0.0, 1, 10**6 * size) for pid, parent, size in tree]

    monkeypatch.setattr(watch, "below", below)
    watched = watch.Watch({"memory": 1e9, "processes": 99, "cell_cpu": 99, "cpu": 99}, alone=False)
    watched.inherited = 0
    tree[:] = [(10, me, 5)]
    watched.look()
    for cell, more in ((3, [(11, 10, 20)]), (5, [(12, 10, 30), (13, 11, 7)]), (None, [(14, 12, 1)])):
        watched.new_cell(9.0, cell)
        tree += more
        watched.look()
    assert (watched.memory, watched.held) == (5e6, {3: 27e6, 5: 31e6})
    tree[1] = (11, 10, 900)
    assert watched.interval == watch.INTERVAL
    watched.look()
    assert watched.held[3] == 907e6
    assert watched.interval < watch.INTERVAL
    assert watched.over == ""
    tree[1] = (11, 10, 1000)
    assert watched.look() == "memory"


def test_a_process_whose_parent_ends_while_we_look_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read as the child of one that is no more, and once more as the child of whom it fell to."""
    me, reads = os.getpid(), []

    def read(pid: str) -> watch.Process | None:
        reads.append(pid)
        return {
            str(me): watch.Process(me, 0, 0.0, 0.0, 1, 1),
            "8": watch.Process(8, me if reads.count("8") > 1 else 7, 0.0, 0.0, 1, 1),
        }.get(pid)

    monkeypatch.setattr(watch, "_read", read)
    monkeypatch.setattr(watch.os, "listdir", lambda _: [str(me), "7", "8", "uptime"])
    assert [one.pid for one in watch.below(me)] == [8]


def test_the_tree_below_a_process_is_found() -> None:
    source = "import subprocess, time; subprocess.Popen(['sleep', '30']); time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", source]) as process:
        deadline = time.monotonic() + 10
        while len(found := watch.below(process.pid)) < 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [one.parent for one in found] == [process.pid]
        assert process.pid in {one.pid for one in watch.below(os.getpid())}
        os.kill(found[0].pid, 9)
        process.kill()


def test_messages_that_no_kernel_sends_are_told_of(tmp_path: Path) -> None:
    suite = Path(grader.__file__).parent / "ps1" / "hidden" / "test_1_perceptron.py"
    right = "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))"
    forge = "\nk = get_ipython().kernel\nk.session.send(k.iopub_socket, 'stream', {'text': [1]}, parent=k.get_parent())"
    for source, notes in ((right, 0), (right + forge, 1)):
        task = Task("ps1", "1-perceptron", notebook_of("import numpy as np", sigmoid=source), suite, tmp_path)
        found = grade(task, jail("bubblewrap")).verdicts
        assert len([note for note in found.notes if "no kernel sends" in note]) == notes
        sigmoid = next(verdict for verdict in found.verdicts if verdict.question == "sigmoid")
        assert sigmoid.points == sigmoid.max_points
    close_idle()
