"""What the jail costs a notebook: milliseconds and megabytes, beside Jupyter's own kernel, which has no walls.

    python -m benchmarks.jail [--rounds N] [--publish FILE]

The same notebook of one cell (it imports NumPy) is run again and again: in Jupyter's own kernel, and in ours with each
kind of walls and with none, the last of which tells what the walls alone cost. With --publish the table goes between
its marks into a page.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from jupyter_client.manager import start_new_kernel
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks.parts import machine
from grader.jail import Jail, JailedNotebook, JailError, close_idle, isolation
from tests.support.pages import PageError, line, publish

COMMAND = "python -m benchmarks.jail --publish docs/security.md"
CELL = "import numpy as np\nx = float(np.ones(3).sum())"
CALLS = 200
MODES = {"bubblewrap": "jail: bubblewrap", "landlock": "jail: Landlock", "none": "the same without walls"}


@dataclass
class Cost:
    """One kind of kernel: seconds and bytes of each round, in order."""

    name: str
    first: float = 0.0
    """Seconds until the first kernel was ready, with what it waits for: a warm parent is started for it."""
    ready: list[float] = field(default_factory=list)
    """Seconds until a kernel was ready to run a cell."""
    whole: list[float] = field(default_factory=list)
    """Seconds for a notebook of one cell, from nothing to nothing."""
    call: list[float] = field(default_factory=list)
    """Seconds for one question of the judge's."""
    own: list[float] = field(default_factory=list)
    """Bytes that are one notebook's alone (USS)."""
    shared: float = 0.0
    """Bytes of what stays for the next notebook: the warm parent (PSS)."""


def unique(processes: list[psutil.Process]) -> float:
    """Bytes that go when these processes go."""
    return float(sum(process.memory_full_info().uss for process in processes))


def jailed(mode: str, rounds: int) -> Cost:
    """Ours with one kind of walls; JailError where it is not to be had here."""
    cost = Cost(MODES[mode])
    jail = Jail(isolation=mode)
    isolation(jail)
    close_idle()
    for number in range(rounds + 1):
        started = time.monotonic()
        with JailedNotebook(new_notebook(cells=[new_code_cell(CELL)]), jail) as opened:
            report = opened.run()
            bad = [cell.error for cell in report.cells if cell.status != "ok"]
            if bad:
                raise RuntimeError(f"the notebook that is measured fails: {bad[0]}")
            ran = time.monotonic()
            for _ in range(CALLS):
                if opened.request({"do": "value", "target": "x"}, 10.0) != {"value": 3.0}:
                    raise RuntimeError("the kernel gave a wrong value")
            asked = time.monotonic() - ran
            warm = opened._parent
            assert warm is not None
            top = psutil.Process(warm.process.pid)
            # The warm parent is the first below the walls that is called so; what is below it is the notebook's.
            family = [top, *top.children(recursive=True)]
            parent = next(one for one in family if _is_parent(one))
            own = unique(parent.children(recursive=True))
            before_end = time.monotonic()
        ended = time.monotonic() - before_end
        if number == 0:
            cost.first = report.start_seconds
        else:
            cost.ready.append(report.start_seconds)
            cost.whole.append(ran - started + ended)
            cost.call.append(asked / CALLS)
            cost.own.append(own)
    cost.shared = float(sum(one.memory_full_info().pss for one in [top, *top.children(recursive=True)]))
    close_idle()
    return cost


def _is_parent(process: psutil.Process) -> bool:
    words = process.cmdline()
    return "python" in process.name() and any(word.endswith("/parent.py") for word in words)


def stock(rounds: int) -> Cost:
    """Jupyter's own kernel, as nbclient starts it; questions go over its channels."""
    cost = Cost("Jupyter's own kernel")
    for number in range(rounds + 1):
        started = time.monotonic()
        manager, client = start_new_kernel(kernel_name="python3", stderr=subprocess.DEVNULL)
        ready = time.monotonic() - started
        client.execute_interactive(CELL, timeout=60, output_hook=lambda _: None)
        ran, calls = time.monotonic(), 20
        for _ in range(calls):
            client.execute_interactive("", user_expressions={"x": "x"}, timeout=60, output_hook=lambda _: None)
        asked = time.monotonic() - ran
        process = psutil.Process(manager.provisioner.pid)
        own = unique([process, *process.children(recursive=True)])
        before_end = time.monotonic()
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        ended = time.monotonic() - before_end
        if number == 0:
            cost.first = ready
        else:
            cost.ready.append(ready)
            cost.whole.append(ran - started + ended)
            cost.call.append(asked / calls)
            cost.own.append(own)
    return cost


def table(costs: list[Cost], rounds: int) -> str:
    """As Markdown: medians, with the machine named below."""
    lines = [
        line("", "kernel ready", "notebook of one cell", "a question", "memory each", "once a worker"),
        "| --- " + "| ---: " * 5 + "|",
    ]
    for cost in costs:
        once = (
            f"{cost.first - statistics.median(cost.ready):.1f} s, {cost.shared / 2**20:.0f} MB" if cost.shared else ""
        )
        lines.append(
            line(
                cost.name,
                f"{1000 * statistics.median(cost.ready):.0f} ms",
                f"{1000 * statistics.median(cost.whole):.0f} ms",
                f"{1000 * statistics.median(cost.call):.2f} ms",
                f"{statistics.median(cost.own) / 2**20:.0f} MB",
                once,
            )
        )
    facts = machine()
    kernel = ".".join(platform.release().split(".")[:2])
    named = [
        facts["processor"],
        f"{facts['cores']} cores",
        f"{facts['memory_megabytes'] / 1024:.0f} GB",
        f"{platform.system()} {kernel}",
        f"Python {facts['python']}",
    ]
    lines += ["", f"Medians of {rounds}. {', '.join(named)}; load when it began: {facts['load_before']:.1f}."]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jail", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="default: %(default)s")
    parser.add_argument("--publish", type=Path, metavar="FILE", help="put the table between its marks in this page")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    costs = [stock(options.rounds)]
    for mode in MODES:
        try:
            costs.append(jailed(mode, options.rounds))
        except JailError as error:
            print(f"{MODES[mode]}: not here. {error}", file=sys.stderr)
    text = table(costs, options.rounds)
    print(text)
    try:
        if options.publish is not None:
            publish(options.publish, "cost", COMMAND, text)
    except (OSError, PageError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
