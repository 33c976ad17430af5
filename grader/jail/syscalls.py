"""The filter of system calls: what no notebook needs, and what would help it to look for a way out.

A list of what is refused, not of what is allowed: TensorFlow, JAX and NumPy between them use most of the rest, and a
notebook must not fail for a new version of one of them. libseccomp knows the numbers on each architecture.
"""

from __future__ import annotations

import base64
import errno
import socket
import sys
import tempfile
from functools import lru_cache
from types import ModuleType

from grader.jail.inside import walls

# Looking into, or changing, other processes; namespaces and mounts; the kernel itself; the machine's clock and keys.
_REFUSED = """
    ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp
    unshare setns mount umount umount2 move_mount open_tree open_tree_attr mount_setattr fsopen fsconfig fsmount fspick
    pivot_root chroot swapon swapoff quotactl quotactl_fd nfsservctl name_to_handle_at open_by_handle_at
    fanotify_init fanotify_mark
    keyctl add_key request_key
    bpf perf_event_open userfaultfd memfd_secret
    init_module finit_module delete_module create_module kexec_load kexec_file_load
    acct syslog reboot settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname
    iopl ioperm modify_ldt vm86 vm86old uselib ustat sysfs _sysctl lookup_dcookie vhangup
    migrate_pages move_pages capset
""".split()
# Programs have another way of doing these, and take it when the kernel says that it does not know them. Memory in the
# second line belongs to no process that could be counted; without namespaces of its own it even outlives the notebook.
_UNKNOWN = """
    clone3 io_uring_setup io_uring_enter io_uring_register
    memfd_create shmget semget msgget mq_open
""".split()
_NEWCGROUP, _NEWUTS, _NEWNET, _NEWTIME = 0x02000000, 0x04000000, 0x40000000, 0x00000080
_NAMESPACES = (
    walls.CLONE_NEWUSER, walls.CLONE_NEWNS, walls.CLONE_NEWPID, walls.CLONE_NEWIPC,
    _NEWCGROUP, _NEWUTS, _NEWNET, _NEWTIME,
)  # fmt: skip
_NETLINK = 16  # name look-ups, and libraries that list the interfaces, ask it
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, _NETLINK)
_TYPE_BITS = 0xF
_TIOCSTI, _TIOCLINUX, _TIOCSETD = 0x5412, 0x541C, 0x5423
# Landlock does not look at these (yet). Copying a file must not fail for them, so they seem to work.
_PRETENDED = """
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat
    setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat
""".split()
_SIGNALS = "kill tgkill tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal".split()


def _library() -> ModuleType:
    import pyseccomp

    module: ModuleType = pyseccomp
    return module


def available() -> str:
    """Empty where filters can be made, else what is wrong and what to do."""
    if not sys.platform.startswith("linux"):
        return "the filter of system calls needs Linux"
    try:
        _library()
    except (ImportError, OSError, RuntimeError) as error:
        return (
            f"the filter of system calls needs pyseccomp and libseccomp ({error}).\n"
            "Install them: pip install pyseccomp; sudo apt-get install libseccomp2 (Debian, Ubuntu), "
            "sudo dnf install libseccomp (Fedora)."
        )
    return ""


@lru_cache(maxsize=4)
def program(*, namespaces: bool) -> str:
    """The filter as BPF instructions in base64, for `walls.filter_system_calls`.

    `namespaces` says that the notebook has a network and mounts of its own. Without them it may make no connection of
    any kind and change no file's owner or rights.
    """
    s = _library()
    rules = s.SyscallFilter(s.ALLOW)
    refuse = s.ERRNO(errno.EPERM)
    for name in _REFUSED:
        _add(rules, refuse, name)
    for name in _UNKNOWN:
        _add(rules, s.ERRNO(errno.ENOSYS), name)
    for flag in _NAMESPACES:
        rules.add_rule(refuse, "clone", s.Arg(0, s.MASKED_EQ, flag, flag))
    for command in (_TIOCSTI, _TIOCLINUX, _TIOCSETD):
        rules.add_rule(refuse, "ioctl", s.Arg(1, s.MASKED_EQ, 0xFFFFFFFF, command))
    rules.add_rule(refuse, "prctl", s.Arg(0, s.EQ, walls.PR_SET_PDEATHSIG))
    allowed = _FAMILIES if namespaces else (socket.AF_UNIX, _NETLINK)
    for family in range(64):
        if family not in allowed:
            rules.add_rule(refuse, "socket", s.Arg(0, s.EQ, family))
    rules.add_rule(refuse, "socket", s.Arg(0, s.GE, 64))
    for family in (socket.AF_INET, socket.AF_INET6):
        raw = s.Arg(1, s.MASKED_EQ, _TYPE_BITS, socket.SOCK_RAW)
        rules.add_rule(refuse, "socket", s.Arg(0, s.EQ, family), raw)
    if not namespaces:
        # A socket file of the machine's (a bus, a container engine) is a way out that Landlock does not close.
        _add(rules, refuse, "connect")
        rules.add_rule(refuse, "socket", s.Arg(1, s.MASKED_EQ, _TYPE_BITS, socket.SOCK_DGRAM))
        for name in _PRETENDED:
            _add(rules, s.ERRNO(0), name)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return base64.b64encode(file.read()).decode("ascii")


def _add(rules: object, action: int, name: str) -> None:
    """A rule for a whole call; older libraries and other architectures do not know each of them."""
    try:
        number = _library().resolve_syscall(_library().Arch.NATIVE, name)
    except (ValueError, OSError):
        return
    if int(number) >= 0:
        rules.add_rule(action, name)  # type: ignore[attr-defined]


def signal_numbers() -> dict[str, int]:
    """This machine's numbers of the calls that send signals."""
    s = _library()
    return {name: int(s.resolve_syscall(s.Arch.NATIVE, name)) for name in _SIGNALS}
