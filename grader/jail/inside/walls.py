"""The walls that a process puts around itself: namespaces, mounts, capabilities, Landlock, the system call filter.

Thin calls into the C library; what they are given is decided outside, in confine.py. Each raises OSError where the
kernel refuses. Runs inside the jail and imports the standard library only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct
from collections.abc import Sequence

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x08000000, 0x10000000, 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18

PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 1, 4, 22, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 36, 38, 47, 4
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522

# Landlock's system calls have the same numbers on every architecture.
_LANDLOCK_CREATE, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_TCP, _SCOPES = 0b11, 0b11
SIGNALS_SINCE = 6
"""The version of Landlock that keeps signals in."""

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> int:
    result: int = getattr(_libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def _prctl(option: int, argument: int = 0, pointer: object = None) -> None:
    _call("prctl", option, ctypes.c_ulong(argument), pointer, None, None)


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that started it ends."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of whatever processes below this one leave behind."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_memory() -> None:
    """Close this process's entries in /proc to others of the same user."""
    _prctl(_PR_SET_DUMPABLE, 0)


def enter_namespaces(flags: int, uid: int = 1000) -> None:
    """A user namespace with one user in it, and the namespaces of `flags`, for this process and those it starts."""
    outside_user, outside_group = os.getuid(), os.getgid()
    _call("unshare", CLONE_NEWUSER | flags)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {outside_user} 1"),
        ("gid_map", f"{uid} {outside_group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())


def drop_capabilities() -> None:
    """Give up every capability, for good."""
    for number in range(64):
        try:
            _prctl(_PR_CAPBSET_DROP, number)
        except OSError:
            break  # beyond the last one this kernel knows
    try:
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    except OSError:
        if os.geteuid() == 0:
            raise
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _call("capset", header, bytes(24))


def no_new_privileges() -> None:
    """No program started from here on gains rights by a set-user-id bit or file capabilities."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def filter_system_calls(program: bytes) -> None:
    """Load a seccomp filter (an array of BPF instructions); needs `no_new_privileges`."""
    code = ctypes.create_string_buffer(program, len(program))
    filtered = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filtered)


def only_own_signals(numbers: dict[str, int]) -> None:
    """A filter that lets this process signal itself and its group, and nobody else; needs `no_new_privileges`.

    `numbers` has this machine's numbers of the system calls that send signals; `kill` and `tgkill` name a process in
    their first argument, what the others name cannot be told apart.
    """
    load, equal, give = 0x20, 0x15, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
    named = [numbers["kill"], numbers["tgkill"]]
    others = [number for name, number in numbers.items() if number not in named]
    own = [os.getpid(), 2**32 - os.getpid(), 0]  # itself, and its group in both spellings
    # Jumps count the instructions between, in a list that goes on: allow, load, own..., refuse, allow.
    code = [(load, 0, 0, 0)]
    for place, number in enumerate([*named, *others]):
        to_allow = len(numbers) - 1 - place
        code.append((equal, to_allow + (1 if number in named else 2 + len(own)), 0, number))
    code += [(give, 0, 0, allow), (load, 0, 0, 16)]
    code += [(equal, len(own) - place, 0, value) for place, value in enumerate(own)]
    code += [(give, 0, 0, refuse), (give, 0, 0, allow)]
    filter_system_calls(b"".join(struct.pack("HBBI", *line) for line in code))


def landlock_version() -> int:
    """The version of Landlock's interface that this kernel has; 0 where it has none."""
    _libc.syscall.restype = ctypes.c_long
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))))


def landlock(readable: Sequence[str], writable: Sequence[str], version: int) -> None:
    """Allow these files and folders and no others; no TCP, no signals and no abstract sockets out of here.

    What a version of Landlock does not know yet is left out: renaming across folders (2), truncating (3), TCP (4),
    device controls (5), signals and abstract sockets (6). Needs `no_new_privileges`.
    """
    everything = (1 << 13) - 1
    everything |= (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0) | (_IOCTL if version >= 5 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    handled = struct.pack("QQQ", everything, _TCP, _SCOPES)[:size]
    rules = _call("syscall", ctypes.c_long(_LANDLOCK_CREATE), handled, ctypes.c_size_t(size), ctypes.c_uint(0))
    for paths, access in ((readable, _READING), (writable, everything)):
        for path in paths:
            _allow(rules, path, access & everything)
    _call("syscall", ctypes.c_long(_LANDLOCK_RESTRICT), ctypes.c_int(rules), ctypes.c_uint(0))
    os.close(rules)


def _allow(rules: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(f"/proc/self/fd/{place}"):
            access &= _FOR_FILES
        rule = struct.pack("=Qi", access, place)
        _call(
            "syscall", ctypes.c_long(_LANDLOCK_ADD_RULE), ctypes.c_int(rules), ctypes.c_int(1), rule, ctypes.c_uint(0)
        )
    finally:
        os.close(place)
