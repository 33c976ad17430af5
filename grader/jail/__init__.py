"""The untrusted side: where student code runs, and the wire over which plain data leaves it."""

from grader.jail.confine import Confinement, Jail, JailError, bubblewrap
from grader.jail.notebook import (
    CallTimeout,
    CellOutcome,
    JailedNotebook,
    JailKernelManager,
    KernelGone,
    RunReport,
    file_limit,
    plain_files,
)
from grader.jail.wire import Handle, WireError

__all__ = [
    "CallTimeout",
    "CellOutcome",
    "Confinement",
    "Handle",
    "Jail",
    "JailError",
    "JailKernelManager",
    "JailedNotebook",
    "KernelGone",
    "RunReport",
    "WireError",
    "bubblewrap",
    "file_limit",
    "plain_files",
]
