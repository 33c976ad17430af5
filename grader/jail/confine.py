"""The walls: which command starts a kernel that sees nothing but the interpreter and its own files.

bubblewrap gives the kernel namespaces of its own (user, mount, PID, network, IPC, host name), a read-only system,
an empty home, no network, no capabilities and an environment of a few names. What is mounted is a short
allow-list, so the course folder, the gradebook and other submissions are absent rather than forbidden. Where
bubblewrap does not work student code is not run at all, unless `c.Jail.isolation = "none"` says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from traitlets import Dict, Enum, Float, Integer, List, Unicode
from traitlets.config import Configurable

HERE = Path(__file__).resolve().parent
GRADER = HERE.parent
_MOUNTED_CODE = "/run/pset"
_HOME = "/home/student"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


class JailError(RuntimeError):
    """The jail cannot be built on this machine; the message says what to install or set."""


class Jail(Configurable):
    """Settings of the jail, as `c.Jail.<name>` in nbgrader_config.py."""

    isolation = Enum(
        ["bubblewrap", "none"],
        default_value="bubblewrap",
        help="'none' runs student code with no protection at all: only for code you wrote yourself.",
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
    scratch_bytes = Integer(256 * 2**20, help="Size of the scratch disk, and of one file on it").tag(config=True)
    open_files = Integer(1024, help="Open files of one kernel").tag(config=True)
    environment = Dict(help="Environment variables for the kernel besides the fixed few").tag(config=True)
    inherit = List(
        Unicode(),
        ["KERAS_BACKEND", "MNIST_NPZ"],
        help="Variables of the grader's own environment that kernels get too; a file one names becomes readable.",
    ).tag(config=True)
    readable = List(Unicode(), help="Further files or folders that notebooks may read, at the same path").tag(
        config=True
    )


def bubblewrap() -> str:
    """The path of bubblewrap; JailError with the command to type when it is missing or forbidden here."""
    path = shutil.which("bwrap")
    if path is None:
        raise JailError(
            "bubblewrap is not installed, so student code cannot be confined and is not run.\n"
            "Install it: sudo apt-get install bubblewrap (Debian, Ubuntu), sudo dnf install bubblewrap (Fedora).\n"
            'To run without any protection (only code you trust): c.Jail.isolation = "none" in nbgrader_config.py.'
        )
    problem = _bubblewrap_problem(path)
    if problem:
        raise JailError(
            f"bubblewrap is installed ({path}) but does not work here: {problem}\n"
            "Containers often forbid user namespaces, and Ubuntu 24.04 restricts them by AppArmor: allow them, or "
            "grade on a machine that does.\n"
            'To run without any protection (only code you trust): c.Jail.isolation = "none" in nbgrader_config.py.'
        )
    return path


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
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            arguments += ["--ro-bind", name, name]
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "nsswitch.conf"):
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return arguments


def _private(path: Path, mounted: list[Path]) -> bool:
    """True when a folder of ours would be visible through one of the mounts."""
    return any(parent == path or parent in path.parents for parent in [Path("/usr"), *mounted])


class Confinement:
    """One kernel's place on the host (a run directory for its sockets) and the command that starts it there.

    `files` is copied into the kernel's own working folder, which vanishes with it. With `shared_folder` the kernel
    works in that folder itself instead, as nbgrader does for assignments that have no hidden suite.
    """

    def __init__(self, jail: Jail, *, shared_folder: Path | None = None, private: tuple[Path, ...] = ()) -> None:
        self.jail = jail
        self.shared_folder = shared_folder
        self.private = (GRADER, *(path.resolve() for path in private))
        # Socket paths may have 107 characters: a short folder of our own, whatever TMPDIR says.
        parent = "/tmp" if os.path.isdir("/tmp") else None
        self.folder = Path(tempfile.mkdtemp(prefix="pset-", dir=parent))
        self.sockets = self.folder / "s"
        self.files = self.folder / "files"
        self.sockets.mkdir()
        self.files.mkdir()

    def close(self) -> None:
        """Remove the run directory and everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def connection_file(self) -> Path:
        return self.sockets / "connection.json"

    def environment(self) -> dict[str, str]:
        """The whole environment of the kernel."""
        fixed = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
            "LANG": "C.UTF-8",
            "USER": "student",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            # Lectures' networks are too small to gain from threads, and kernels side by side lose by them.
            **dict.fromkeys(_THREADS, "1"),
        }
        inherited = {name: os.environ[name] for name in self.jail.inherit if os.environ.get(name)}
        # The kernel starts elsewhere: a file it is told of needs its whole path.
        inherited = {k: os.path.abspath(v) if os.path.isfile(v) else v for k, v in inherited.items()}
        return {**fixed, **inherited, **{str(name): str(value) for name, value in self.jail.environment.items()}}

    def _readable(self) -> list[str]:
        inherited = [os.environ[name] for name in self.jail.inherit if os.path.isfile(os.environ.get(name, ""))]
        return [os.path.abspath(name) for name in [*self.jail.readable, *inherited]]

    def _settings(self, code: str, work: str, files: str) -> list[str]:
        settings: dict[str, Any] = {
            "connection_file": str(self.connection_file),
            "work": work,
            "files": files,
            "open_files": self.jail.open_files,
            "file_bytes": self.jail.scratch_bytes,
        }
        return [sys.executable, "-I", f"{code}/inside.py", json.dumps(settings)]

    def command(self) -> list[str]:
        """The command line that starts the kernel inside the walls."""
        if self.jail.isolation == "none":
            return self._unprotected()
        size = str(self.jail.scratch_bytes)
        mounted = _interpreter_folders()
        arguments = [
            bubblewrap(), "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
            "--hostname", "jail", "--clearenv",
            *_system_mounts(), "--proc", "/proc", "--dev", "/dev",
            "--size", size, "--tmpfs", "/tmp", "--size", size, "--tmpfs", "/home", "--tmpfs", "/run",
            "--size", size, "--tmpfs", "/dev/shm",
        ]  # fmt: skip
        # Parents before what they hold: a course may lie in an environment, and an environment in its course.
        hidden = [path for path in self.private if path.is_dir() and _private(path, mounted)]
        walls = {path: ["--ro-bind", str(path), str(path)] for path in mounted}
        walls |= {path: ["--tmpfs", str(path)] for path in hidden}
        for path in sorted(walls, key=lambda path: len(path.parts)):
            arguments += walls[path]
        for name in self._readable():
            arguments += ["--ro-bind", name, name]
        for source in ("inside.py", "wire.py"):
            arguments += ["--ro-bind", str(HERE / source), f"{_MOUNTED_CODE}/{source}"]
        arguments += ["--bind", str(self.sockets), str(self.sockets)]
        work, files = f"{_HOME}/work", f"{_MOUNTED_CODE}/files"
        if self.shared_folder is not None:
            work, files = str(self.shared_folder), ""
            arguments += ["--bind", work, work, "--dir", _HOME]
        else:
            arguments += ["--ro-bind", str(self.files), files, "--dir", work]
        # bubblewrap's own folders are writable, and as large as the memory, until they are closed.
        for place in ("/", "/run", "/dev", *map(str, hidden)):
            arguments += ["--remount-ro", place]
        for name, value in {**self.environment(), "HOME": _HOME}.items():
            arguments += ["--setenv", name, value]
        return [*arguments, "--chdir", "/", "--", *self._settings(_MOUNTED_CODE, work, files)]

    def _unprotected(self) -> list[str]:
        work = self.shared_folder or self.folder / "work"
        work.mkdir(exist_ok=True)
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        names = [f"{k}={v}" for k, v in {**self.environment(), "HOME": str(home)}.items()]
        files = "" if self.shared_folder is not None else str(self.files)
        return ["env", "-i", *names, *self._settings(str(HERE), str(work), files)]
