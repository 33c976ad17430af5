"""The untrusted side: where student code runs, and the wire over which plain data leaves it."""

from grader.jail.confine import Confinement, Jail, JailError, bubblewrap, isolation, landlock
from grader.jail.line import NotOurs
from grader.jail.messages import output_of
from grader.jail.notebook import (
    CallTimeout,
    CellOutcome,
    JailedNotebook,
    JailKernelManager,
    JailLost,
    KernelGone,
    RunReport,
    file_limit,
    limit_behind,
    plain_files,
)
from grader.jail.warm import WarmParent, close_idle
from grader.jail.wire import Handle, WireError

__all__ = [
    "CallTimeout",
    "CellOutcome",
    "Confinement",
    "Handle",
    "Jail",
    "JailError",
    "JailKernelManager",
    "JailLost",
    "JailedNotebook",
    "KernelGone",
    "NotOurs",
    "RunReport",
    "WarmParent",
    "WireError",
    "bubblewrap",
    "close_idle",
    "file_limit",
    "isolation",
    "landlock",
    "limit_behind",
    "output_of",
    "plain_files",
]
