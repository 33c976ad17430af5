"""The walls: which command starts a parent of kernels that see nothing but the interpreter and their own files.

bubblewrap gives the parent namespaces of its own (user, mount, PID, network, IPC, host name), a read-only system,
an empty home, no network, no capabilities and an environment of a few names. What is mounted is a short
allow-list, so the course folder, the gradebook and other submissions are absent rather than forbidden. Each kernel
that it forks gets namespaces of its own once more, and a filter of system calls (inside/parent.py).

Where namespaces are not to be had, Landlock takes the same allow-list, and refuses the rest of the files: weaker, see
docs/security.md. Where neither works student code is not run at all, unless `c.Jail.isolation = "none"` says so.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from traitlets import Bool, Dict, Enum, Float, Integer, List, Unicode
from traitlets.config import Configurable

from grader.jail import syscalls, wire
from grader.jail.inside.walls import landlock_version

HERE = Path(__file__).resolve().parent
INSIDE = HERE / "inside"
GRADER = HERE.parent
_MOUNTED_CODE = "/run/pset"
_HOME = "/home/student"
_RUN_PREFIX = "pset-"
_COVERED = ("/tmp", "/home", "/dev/shm")
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "nsswitch.conf")
# What libraries ask of the machine: how many processors, how much memory, random numbers, time zones.
_LANDLOCK_READS = (
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/stat", "/proc/filesystems", "/proc/version", "/sys/devices/system/cpu", "/sys/devices/system/node",
)  # fmt: skip
_LANDLOCK_WRITES = ("/dev/null", "/dev/zero", "/dev/full")
_UNPROTECTED = 'To run without any protection (only code you trust): c.Jail.isolation = "none" in nbgrader_config.py.'
# Named plainly: a folder that the name goes through and back need not be there in the jail.
_PYTHON = Path(os.path.abspath(sys.executable))
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


class JailError(RuntimeError):
    """The jail cannot be built on this machine; the message says what to install or set."""


class Jail(Configurable):
    """Settings of the jail, as `c.Jail.<name>` in nbgrader_config.py."""

    isolation = Enum(
        ["auto", "bubblewrap", "landlock", "none"],
        default_value="auto",
        help="'auto' is bubblewrap where it works, else Landlock, which is weaker (docs/security.md). "
        "'none' runs student code with no protection at all: only for code you wrote yourself.",
    ).tag(config=True)
    demonstrations = Bool(
        False,
        help="Also run what decides no mark: cells that only show something, and the visible checks. Grading takes "
        "longer, and formgrader and feedback have the pictures.",
    ).tag(config=True)
    startup_timeout = Integer(120, help="Seconds for a kernel to start").tag(config=True)
    cell_timeout = Integer(60, help="Wall seconds for one cell of a notebook").tag(config=True)
    notebook_timeout = Integer(
        300, help="Wall seconds for all cells of a notebook, restarts included; after that each cell gets 5 s at most"
    ).tag(config=True)
    call_timeout = Float(15.0, help="Wall seconds for one call by the judge, unless the suite asks for more").tag(
        config=True
    )
    restarts = Integer(12, help="How often a notebook is started again after a cell or a call killed its kernel").tag(
        config=True
    )
    output_bytes = Integer(1_000_000, help="Output kept per cell, in bytes; the rest is dropped as it comes").tag(
        config=True
    )
    message_bytes = Integer(wire.MAX_BYTES, help="Size of one answer to the judge, in bytes").tag(config=True)
    scratch_bytes = Integer(256 * 2**20, help="Size of the scratch disk, and of one file on it").tag(config=True)
    open_files = Integer(1024, help="Open files of one process").tag(config=True)
    memory_bytes = Integer(3 * 2**30, help="Memory of a notebook, with all processes that it starts").tag(config=True)
    processes = Integer(512, help="Processes and threads of a notebook").tag(config=True)
    cell_cpu = Float(180.0, help="Processor seconds for one cell, or one call by the judge, on all cores together").tag(
        config=True
    )
    notebook_cpu = Float(
        900.0, help="Processor seconds for a notebook and its calls; after that each cell gets 5 s of time at most"
    ).tag(config=True)
    environment = Dict(help="Environment variables for the kernel besides the fixed few").tag(config=True)
    inherit = List(
        Unicode(),
        ["KERAS_BACKEND", "MNIST_NPZ"],
        help="Variables of the grader's own environment that kernels get too; a file one names becomes readable.",
    ).tag(config=True)
    warm = List(
        Unicode(),
        ["numpy"],
        help="Modules besides the kernel's own that are imported once, before notebooks start",
    ).tag(config=True)
    warm_on_demand = List(
        Unicode(),
        ["matplotlib.pyplot", "keras", "tensorflow"],
        help="Slow modules that are imported once as well, as soon as a notebook mentions them",
    ).tag(config=True)
    readable = List(Unicode(), help="Further files or folders that notebooks may read, at the same path").tag(
        config=True
    )

    def settings(self) -> dict[str, str]:
        """Every setting as a text: jails whose settings are equal are alike."""
        return {name: repr(value) for name, value in self.trait_values(config=True).items()}

    def inherited(self) -> dict[str, str]:
        """What kernels get of the grader's own environment: they start elsewhere, so files have their whole paths."""
        values = {name: os.environ[name] for name in self.inherit if os.environ.get(name)}
        return {name: os.path.abspath(value) if os.path.isfile(value) else value for name, value in values.items()}


def bubblewrap() -> str:
    """The path of bubblewrap; JailError with the command to type when it is missing or forbidden here."""
    path = shutil.which("bwrap")
    if path is None:
        raise JailError(
            "bubblewrap is not installed, so student code cannot be confined and is not run.\n"
            "Install it: sudo apt-get install bubblewrap (Debian, Ubuntu), sudo dnf install bubblewrap (Fedora).\n"
            + _UNPROTECTED
        )
    problem = _bubblewrap_problem(path)
    if problem:
        raise JailError(
            f"bubblewrap is installed ({path}) but does not work here: {problem}\n"
            "Containers often forbid user namespaces, and Ubuntu 24.04 restricts them by AppArmor: allow them, or "
            "grade on a machine that does.\n" + _UNPROTECTED
        )
    return path


def landlock() -> int:
    """The version of Landlock's interface here; JailError when there is none."""
    version = landlock_version() if sys.platform.startswith("linux") else 0
    if version < 1:
        raise JailError("This machine has no Landlock either (Linux 5.13 or later, switched on).")
    return version


def isolation(jail: Jail) -> str:
    """The mode in force here: bubblewrap, landlock or none; JailError when the wanted one is not to be had."""
    if jail.isolation == "none":
        return "none"
    problem = syscalls.available()
    if problem:
        raise JailError(f"Student code cannot be confined and is not run: {problem}\n{_UNPROTECTED}")
    if jail.isolation == "landlock":
        landlock()
        return "landlock"
    try:
        bubblewrap()
    except JailError as error:
        if jail.isolation == "bubblewrap":
            raise
        try:
            landlock()
        except JailError as second:
            raise JailError(f"{error}\n{second}") from error
        return "landlock"
    return "bubblewrap"


@lru_cache(maxsize=4)
def _bubblewrap_problem(path: str) -> str:
    """Empty when bubblewrap can make the namespaces we need, else what it said."""
    command = [path, "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip() or f"exit status {done.returncode}")


def _interpreter_folders() -> list[Path]:
    """What the interpreter needs: the parts of its prefixes, never a whole prefix (a course may live beside them)."""
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    prefixes |= {prefix.resolve() for prefix in prefixes}
    folders = []
    for prefix in sorted(prefixes):
        if prefix in (Path("/usr"), Path("/")):
            continue
        for part in ("bin", "lib", "lib64", "include", "share", "pyvenv.cfg"):
            if (prefix / part).exists():
                folders.append(prefix / part)
    return folders


def _system_mounts() -> list[str]:
    arguments = ["--ro-bind", "/usr", "/usr"]
    for name in _SYSTEM:
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            arguments += ["--ro-bind", name, name]
    for name in _ETC:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return arguments


def _packages() -> list[Path]:
    """This package, and any other copy of it that lies with the libraries: their suites are no less secret."""
    others = (Path(entry, GRADER.name).resolve() for entry in sys.path)
    return [GRADER, *(path for path in others if path.is_dir() and path != GRADER)]


def _private(path: Path, mounted: list[Path]) -> bool:
    """True when a folder of ours would be visible through one of the mounts."""
    return any(parent == path or parent in path.parents for parent in [Path("/usr"), *mounted])


def _without(path: Path, private: Sequence[Path]) -> list[Path]:
    """A folder as Landlock is told of it: itself, or what it holds but for the private folders in it."""
    if path in private:
        return []
    if not any(path in hidden.parents for hidden in private):
        return [path]
    # What a link leads to is allowed by its own name, or is not.
    held = [child for child in sorted(path.iterdir()) if not child.is_symlink()]
    return [piece for child in held for piece in _without(child, private)]


class Confinement:
    """One parent's place on the host (a folder with one of each kernel's in it) and the command that starts it there.

    Kernels get copies of files in a working folder of their own, which vanishes with them. With `shared_folder` they
    work in that folder itself instead, as nbgrader does for assignments that have no hidden suite.
    """

    def __init__(self, jail: Jail, *, shared_folder: Path | None = None, private: tuple[Path, ...] = ()) -> None:
        self.jail = jail
        self.mode = isolation(jail)
        self.shared_folder = shared_folder
        self.private = (*_packages(), *(path.resolve() for path in private))
        self.folder, self._lock = _run_folder()
        self._kernels = 0

    def close(self) -> None:
        """Remove the run folder and everything in it."""
        remove(self.folder)
        self._lock.close()

    def kernel_folder(self) -> Path:
        """A fresh folder for a kernel: its sockets in s/, the files it starts with in files/, its log."""
        self._kernels += 1
        made = self.folder / str(self._kernels)
        for name in ("s", "files"):
            (made / name).mkdir(parents=True)
        return made

    def environment(self) -> dict[str, str]:
        """The whole environment of the kernels."""
        fixed = {
            "PATH": os.pathsep.join([str(_PYTHON.parent), "/usr/bin", "/bin"]),
            "HOME": _HOME if self.mode == "bubblewrap" else str(self.folder),
            "LANG": "C.UTF-8",
            "USER": "student",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            # Lectures' networks are too small to gain from threads, and kernels side by side lose by them.
            **dict.fromkeys(_THREADS, "1"),
        }
        own = {str(name): str(value) for name, value in self.jail.environment.items()}
        return {**fixed, **self.jail.inherited(), **own}

    def _readable(self) -> list[str]:
        inherited = [value for value in self.jail.inherited().values() if os.path.isfile(value)]
        return [*map(os.path.abspath, self.jail.readable), *inherited]

    def _settings(self, code: str, socket: int, **more: Any) -> list[str]:
        jail = self.jail
        settings: dict[str, Any] = {
            "mode": self.mode,
            "socket": socket,
            "imports": list(jail.warm),
            "work": str(self.shared_folder or ""),
            "filter": "" if self.mode == "none" else syscalls.program(namespaces=self.mode == "bubblewrap"),
            "scratch_bytes": jail.scratch_bytes,
            "message_bytes": jail.message_bytes,
            "output_bytes": jail.output_bytes,
            "open_files": jail.open_files,
            "limits": {
                "memory": jail.memory_bytes,
                "processes": jail.processes,
                "cell_cpu": jail.cell_cpu,
                "cpu": jail.notebook_cpu,
            },
            **more,
        }
        return [str(_PYTHON), "-I", f"{code}/parent.py", json.dumps(settings)]

    def command(self, socket: int) -> list[str]:
        """The command line that starts the parent behind the walls; `socket` is the descriptor it is spoken to by."""
        if self.mode == "bubblewrap":
            return self._behind_bubblewrap(socket)
        code, folder = str(INSIDE), self.shared_folder
        if self.mode == "none":
            return self._settings(code, socket)
        mounted = [Path("/usr"), *map(Path, _SYSTEM), *_interpreter_folders()]
        mounted = [path for path in mounted if path.exists() and not path.is_symlink()]
        readable = [str(piece) for path in mounted for piece in _without(path, self.private)]
        return self._settings(
            code,
            socket,
            landlock=landlock(),
            signals=syscalls.signal_numbers(),
            readable=[*readable, *self._readable(), *(f"/etc/{name}" for name in _ETC), *_LANDLOCK_READS],
            writable=[*_LANDLOCK_WRITES, *([str(folder)] if folder else [])],
        )

    def _behind_bubblewrap(self, socket: int) -> list[str]:
        mounted = _interpreter_folders()
        arguments = [
            bubblewrap(), "--unshare-user", "--unshare-all", "--uid", "1000", "--gid", "1000", "--die-with-parent",
            "--new-session", "--cap-drop", "ALL", "--hostname", "jail",
            *_system_mounts(), "--proc", "/proc", "--dev", "/dev",
            # Kernels cover these three with a disk of their own.
            *(word for name in _COVERED for word in ("--size", str(2**24), "--tmpfs", name)),
            "--tmpfs", "/run", "--dir", _HOME,
        ]  # fmt: skip
        # Parents before what they hold: a course may lie in an environment, and an environment in its course.
        hidden = [path for path in self.private if path.is_dir() and _private(path, mounted)]
        walls = {path: ["--ro-bind", str(path), str(path)] for path in mounted}
        walls |= {path: ["--tmpfs", str(path)] for path in hidden}
        for path in sorted(walls, key=lambda path: len(path.parts)):
            arguments += walls[path]
        for name in self._readable():
            arguments += ["--ro-bind", name, name]
        for source in [*sorted(INSIDE.glob("[!_]*.py")), HERE / "wire.py"]:
            arguments += ["--ro-bind", str(source), f"{_MOUNTED_CODE}/{source.name}"]
        arguments += ["--bind", str(self.folder), str(self.folder)]
        if self.shared_folder is not None:
            arguments += ["--bind", str(self.shared_folder), str(self.shared_folder)]
        # bubblewrap's own folders are writable, and as large as the memory, until they are closed.
        for place in ("/", "/run", "/dev", *map(str, hidden)):
            arguments += ["--remount-ro", place]
        shown = [*walls, *map(Path, self._readable()), *([self.shared_folder] if self.shared_folder else [])]
        keep = [path for path in shown if any(Path(place) in path.parents for place in _COVERED)]
        tops = [str(path) for path in keep if not any(other in path.parents for other in keep)]
        return [*arguments, "--chdir", "/", "--", *self._settings(_MOUNTED_CODE, socket, keep=tops)]


def _run_folder() -> tuple[Path, IO[bytes]]:
    """A folder for sockets with a lock that is held as long as its owner lives; those whose owner is gone go too."""
    # Socket paths may have 107 characters: a short folder of our own, whatever TMPDIR says.
    parent = Path("/tmp") if os.path.isdir("/tmp") else Path(tempfile.gettempdir())
    for old in parent.glob(_RUN_PREFIX + "*"):
        with suppress(OSError), (old / "lock").open("rb") as stream:
            # Held by its owner, in whatever process: then this fails.
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(old)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_RUN_PREFIX, dir=parent))
        lock = (folder / "lock").open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Another process may have come upon it before the lock was held, and taken it for one that was left.
        if (folder / "lock").exists():
            return folder, lock
        lock.close()


def remove(folder: Path) -> None:
    """Remove a folder in which student code may have written, whatever rights it left on what it made."""
    for parent, folders, _ in os.walk(folder):
        for name in folders:
            # A link has no rights of its own, and what it leads to is not ours: Linux says "not implemented" then.
            with suppress(OSError, NotImplementedError):
                os.chmod(os.path.join(parent, name), 0o700, follow_symlinks=False)
    shutil.rmtree(folder, ignore_errors=True)
