"""The warm parent: it imports what notebooks import, once, and forks a kernel for each notebook that comes.

Importing TensorFlow takes seconds, a fork milliseconds. The parent itself never runs a line of a student's code, and
holds nothing that students may not read. It serves one notebook at a time, and watches what that uses. Requests come
as lines of JSON over a socket from outside (warm.py); when the socket closes, everything here ends.

Started as `python -I parent.py SETTINGS` with SETTINGS a JSON object (see `confine.py`). Each kernel gets, before the
first line of student code: namespaces of its own (users, mounts, processes, IPC) or Landlock's rules, no capabilities,
no way to new ones, a filter of system calls, and limits on files and processes.
"""

from __future__ import annotations

import base64
import gc
import importlib
import importlib.util
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import types
from contextlib import suppress
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))
_HOME = "/home/student"
# Where a notebook may write without mounts: folders in the kernel's own.
_PLACES = ("home", "tmp", "work")
# With them one disk of limited size holds every such place.
_WRITABLE = {"/tmp": "tmp", "/dev/shm": "shm"}
# What a kernel imports while it starts; the debugger alone, which nobody uses here, took half of that time.
_KERNEL = (
    "ipykernel.kernelapp", "ipykernel.debugger", "IPython.core.completerlib", "IPython.core.logger",
    "IPython.extensions.storemagic", "sqlite3", "tornado.locks", "tornado.platform.asyncio",
)  # fmt: skip


def load(name: str) -> types.ModuleType:
    """A module from beside this file, under a name that no file of a student's can take."""
    private = f"_pset_{name}"
    if private in sys.modules:
        return sys.modules[private]
    # In the jail all files lie side by side; without mounts, wire.py is one folder up.
    path = os.path.join(_HERE, f"{name}.py")
    path = path if os.path.exists(path) else os.path.join(os.path.dirname(_HERE), f"{name}.py")
    spec = importlib.util.spec_from_file_location(private, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[private] = module
    spec.loader.exec_module(module)
    return module


class Parent:
    """Answers requests: import, start, poll, new cell, end cell, kill."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.walls = load("walls")
        self.watch_module = load("watch")
        self.agent = load("agent")
        load("wire")
        self.kernel = 0
        self.status: int | None = None
        self.watch: Any = None
        self.socket = socket.socket(fileno=settings["socket"])

    def serve(self) -> None:
        """Answer until the other side hangs up."""
        with self.socket.makefile("rb") as stream:
            while True:
                pause = self.watch.interval if self.watch is not None else None
                # Nothing is sent before the reply to what came before, so nothing waits in the stream.
                if not select.select([stream], [], [], pause)[0]:
                    self._look()
                    continue
                line = stream.readline()
                if not line:
                    break
                request = json.loads(line)
                reply = getattr(self, "do_" + request["do"])(request)
                self.socket.sendall(json.dumps(reply).encode() + b"\n")
        self._end()

    def _look(self, *, exactly: bool = False) -> None:
        """See to the limits and to processes that have ended."""
        if self.watch is not None and self.watch.look(exactly=exactly) and self.status is None:
            self._end()
        self._collect()

    def _collect(self) -> None:
        found = self.watch_module.reap(self.kernel)
        if found is not None:
            self.status = found

    def _end(self) -> int:
        """Kill the kernel and everything it started; returns how many processes are left."""
        if self.kernel and self.status is None:
            with suppress(ProcessLookupError):  # it may just have ended by itself
                os.kill(self.kernel, signal.SIGKILL)
        left: int = self.watch_module.kill_all()
        self._collect()
        if self.kernel and self.status is None:
            self.status = -signal.SIGKILL
        return left

    def do_import(self, request: dict[str, Any]) -> dict[str, Any]:
        """Import what the next notebooks will; a module that is missing, or fails, is left to them."""
        # An import makes objects that stay: looking for garbage among them again and again takes a quarter of its time.
        gc.disable()
        for name in request["modules"]:
            try:
                importlib.import_module(name)
            except Exception as error:
                print(f"{name} could not be imported: {type(error).__name__}: {error}", file=sys.stderr)
        gc.freeze()
        gc.enable()
        _format_an_error()
        return {}

    def do_start(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start a kernel; `folder` holds its connection file (s/), its files (files/) and its log."""
        self._end()
        settings = {**self.settings, **request}
        mounts = settings["mode"] == "bubblewrap"
        disk = {} if mounts else {"folder": settings["folder"], "disk": settings["scratch_bytes"]}
        self.watch = self.watch_module.Watch(settings["limits"], alone=mounts, **disk)
        # Objects that exist now stay where they are: the garbage collector would copy every page they share.
        gc.collect()
        gc.freeze()
        self.status = None
        self.kernel = os.fork()
        if self.kernel == 0:
            _in_child(self, settings)
        return {"pid": self.kernel, "resident": self.watch.inherited}

    def do_poll(self, request: dict[str, Any]) -> dict[str, Any]:
        """The kernel's exit status (None while it runs), the limit that ended it, if one did, and what it uses."""
        self._look(exactly=request.get("exactly", False))
        watch = self.watch
        return {
            "status": self.status,
            "over": watch.over if watch else "",
            "cpu": watch.seconds if watch else 0.0,
            "processes": watch.processes if watch else 0,
            "memory": watch.memory if watch else 0.0,
            "held": list(watch.held.items()) if watch else [],
        }

    def do_new_cell(self, request: dict[str, Any]) -> dict[str, Any]:
        """A cell, or call, begins: processor time of its own, and `seconds` on the wall (0: nothing runs)."""
        if self.watch is not None:
            self.watch.new_cell(request["seconds"], request.get("cell"))
        return {}

    def do_end_cell(self, _: dict[str, Any]) -> dict[str, Any]:
        """A cell has ended: nothing runs, and what it left in memory is weighed exactly."""
        self.do_new_cell({"seconds": 0})
        return self.do_poll({"exactly": True})

    def do_kill(self, _: dict[str, Any]) -> dict[str, Any]:
        """End the kernel; `left` counts what could not be killed: then the parent must go as well."""
        left = self._end()
        reply = self.do_poll({})
        self.kernel, self.watch = 0, None
        return {**reply, "left": left}


def _format_an_error() -> None:
    """Have an error told as in a notebook: the first time takes half a second, which each kernel is spared now.

    What that needs is imported, and the standard library looks up the file of every module for one that has none.
    """
    from IPython.core.ultratb import AutoFormattedTB

    try:
        exec(compile("raise AssertionError", "<cell>", "exec"))
    except AssertionError:
        AutoFormattedTB(mode="Context").structured_traceback(*sys.exc_info())


def _in_child(parent: Parent, settings: dict[str, Any]) -> None:
    """What a forked child does until it ends: never returns."""
    status = 1
    try:
        parent.walls.die_with_parent()
        os.setsid()
        # A parent of root's goes before what it watches.
        os.setpriority(os.PRIO_PROCESS, 0, max(0, os.getpriority(os.PRIO_PROCESS, 0)))
        _redirect(settings["folder"])
        if settings["mode"] == "bubblewrap":
            _in_namespaces(parent, settings)
        else:
            for name in _PLACES:
                os.makedirs(os.path.join(settings["folder"], name), exist_ok=True)
            if settings["mode"] == "landlock":
                _limit(settings, parent.watch_module.threads_of_user())
                _behind_landlock(parent.walls, settings)
            _run_kernel(parent, settings, settings["folder"])
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException as error:
        print(f"the jail could not be built: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def _redirect(folder: str) -> None:
    """Nothing to read, a file for what the interpreter says, and no other descriptor from the parent."""
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(os.path.join(folder, "kernel.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.closerange(3, 4096)


def _in_namespaces(parent: Parent, settings: dict[str, Any]) -> None:
    """Two processes more: the first one of the new process namespace, which tidies up, and the kernel."""
    walls = parent.walls
    walls.enter_namespaces(walls.CLONE_NEWNS | walls.CLONE_NEWPID | walls.CLONE_NEWIPC)
    first = os.fork()
    if first:
        sys.exit(_wait_for(first))
    walls.die_with_parent()
    _mount(walls, settings)
    _limit(settings, 0)
    _seal(walls, settings)
    kernel = os.fork()
    if kernel:
        walls.hide_memory()
        sys.exit(_wait_for(kernel))
    _run_kernel(parent, settings, "")


def _wait_for(wanted: int) -> int:
    """Reap children until one has ended, whose exit status it returns."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == wanted:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _mount(walls: types.ModuleType, settings: dict[str, Any]) -> None:
    """A fresh disk of limited size as home, /tmp and /dev/shm; what the jail has mounted below these stays."""
    walls.mount("none", "/", flags=walls.MS_REC | walls.MS_PRIVATE)
    sockets = os.path.join(settings["folder"], "s")
    keep = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in [*settings["keep"], sockets]}
    # Read before the folder is out of sight.
    files = os.open(os.path.join(settings["folder"], "files"), os.O_PATH | os.O_CLOEXEC)
    careful = walls.MS_NOSUID | walls.MS_NODEV
    options = f"size={settings['scratch_bytes']},nr_inodes=65536,mode=755"
    walls.mount("tmpfs", "/home", "tmpfs", careful, options)
    for place in (_HOME, f"{_HOME}/work", *(f"/home/{name}" for name in _WRITABLE.values())):
        os.mkdir(place)
    for place, name in _WRITABLE.items():
        walls.mount(f"/home/{name}", place, flags=walls.MS_BIND)
    for path, descriptor in keep.items():
        place = f"/proc/self/fd/{descriptor}"
        if os.path.isdir(place):
            os.makedirs(path, exist_ok=True)
        elif not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        walls.mount(place, path, flags=walls.MS_BIND | walls.MS_REC)
        os.close(descriptor)
    if not settings["work"]:
        _copy(f"/proc/self/fd/{files}", f"{_HOME}/work")
    os.close(files)
    try:
        walls.mount("proc", "/proc", "proc", careful | walls.MS_NOEXEC)
    except PermissionError:
        # Started by root the outer one is partly covered, and stays. It names two processes more; their memory,
        # environment and files are closed to another user namespace.
        return


def _copy(source: str, target: str) -> None:
    """Copy a folder of plain files."""
    shutil.copytree(source, target, dirs_exist_ok=True)


def _limit(settings: dict[str, Any], others: int) -> None:
    """The limits that the kernel keeps for each process; the watch adds up the rest.

    Processes are counted per user (and root's are not): `others` are those that are there already.
    """
    memory = settings["limits"]["memory"]
    wanted = [
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", settings["open_files"]),
        ("RLIMIT_FSIZE", settings["scratch_bytes"]),
        ("RLIMIT_DATA", 2 * memory),
        ("RLIMIT_MEMLOCK", 2**26),
        ("RLIMIT_MSGQUEUE", 2**20),
        ("RLIMIT_NPROC", others + settings["limits"]["processes"]),
    ]
    for name, value in wanted:
        number = getattr(resource, name, None)
        if number is None:
            continue
        hard = resource.getrlimit(number)[1]
        value = int(value) if hard == resource.RLIM_INFINITY else min(int(value), hard)
        resource.setrlimit(number, (value, value))


def _seal(walls: types.ModuleType, settings: dict[str, Any]) -> None:
    """No capabilities, no way to any, and only the system calls that notebooks need."""
    walls.drop_capabilities()
    walls.no_new_privileges()
    if settings["filter"]:
        walls.filter_system_calls(base64.b64decode(settings["filter"]))


def _behind_landlock(walls: types.ModuleType, settings: dict[str, Any]) -> None:
    """Where there are no namespaces: an allow-list of paths, in the place of mounts."""
    version = settings["landlock"]
    own = f"/proc/{os.getpid()}"
    folder = settings["folder"]
    writable = [os.path.join(folder, name) for name in ("s", *_PLACES)]
    walls.no_new_privileges()
    if version:
        walls.landlock([*settings["readable"], f"{folder}/files", own], [*settings["writable"], *writable], version)
    if version < walls.SIGNALS_SINCE:
        walls.only_own_signals(settings["signals"])
    _seal(walls, settings)


def _run_kernel(parent: Parent, settings: dict[str, Any], folder: str) -> None:
    """Become the kernel. `folder` is where it lives without mounts of its own, else empty."""
    home = os.path.join(folder, "home") if folder else _HOME
    work = settings["work"] or (os.path.join(folder, "work") if folder else f"{_HOME}/work")
    os.environ["HOME"] = home
    if folder:
        os.environ["TMPDIR"] = os.path.join(folder, "tmp")
        if not settings["work"]:
            _copy(os.path.join(folder, "files"), work)
    os.chdir(work)
    sys.argv = ["kernel"]
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        # The parent's state would be every student's.
        numpy.random.seed()
    connection = os.path.join(settings["folder"], "s", "connection.json")
    parent.agent.run(connection, settings["message_bytes"], settings["output_bytes"])


def main() -> None:
    settings = json.loads(sys.argv[1])
    parent = Parent(settings)
    if sys.platform == "linux":
        parent.walls.adopt_orphans()
    os.environ.setdefault("HOME", _HOME)
    os.chdir("/")
    parent.do_import({"modules": [*_KERNEL, *settings["imports"]]})
    parent.serve()


if __name__ == "__main__":
    main()
