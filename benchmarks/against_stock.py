"""Seconds and memory per submission: this package beside stock nbgrader, on the same notebooks, in one run.

    python benchmarks/against_stock.py [--submissions N] [--assignment ps1]

Both grade N copies of the worked solutions with `nbgrader autograde`, one after the other, in folders of their own.
Stock nbgrader runs the notebooks with their visible checks in unconfined kernels and scores cell outputs. Ours runs the
same notebooks in jails and judges them with the hidden suites as well, so it does more. Memory is the largest sum of
the proportional set sizes (PSS) of all processes of the command, sampled five times a second.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
STOCK_CONFIG = """
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
c.Execute.timeout = 120
"""


@dataclass
class Cost:
    """What one command cost."""

    seconds: float
    megabytes: float
    status: int


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return 0  # it ended between the listing and the reading


def measure(command: list[str], folder: Path) -> Cost:
    """Run a command to its end and watch it and everything it starts."""
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    started, peak = time.monotonic(), 0
    with (folder / "log.txt").open("wb") as log:
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        watched = psutil.Process(child.pid)
        while child.poll() is None:
            try:
                family = [watched, *watched.children(recursive=True)]
            except psutil.NoSuchProcess:
                break
            peak = max(peak, sum(_proportional(process) for process in family))
            time.sleep(0.2)
        status = child.wait()
    return Cost(time.monotonic() - started, peak / 2**20, status)


def build(folder: Path, assignment: str, config: str, submissions: int) -> None:
    """A course with the released assignment and N solved submissions."""
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(config)
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    made = measure([sys.executable, "-m", "nbgrader", "generate_assignment", assignment], folder)
    if made.status != 0:
        raise SystemExit((folder / "log.txt").read_text())
    for number in range(submissions):
        target = folder / "submitted" / f"student{number:03}" / assignment
        target.mkdir(parents=True)
        for notebook in (folder / "solutions" / assignment).glob("*.ipynb"):
            shutil.copy(notebook, target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=3)
    parser.add_argument("--assignment", default="ps1")
    options = parser.parse_args()
    costs = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for label, config in (("stock", STOCK_CONFIG), ("ours", (ROOT / "nbgrader_config.py").read_text())):
            folder = Path(name) / label
            build(folder, options.assignment, config, options.submissions)
            command = [sys.executable, "-m", "nbgrader", "autograde", options.assignment]
            costs[label] = measure(command, folder)
            cost = costs[label]
            print(
                f"{label:6} {cost.seconds / options.submissions:8.2f} s a submission   {cost.megabytes:7.0f} MB at most"
                f"   {60 * options.submissions / cost.seconds:6.2f} submissions a minute   exit {cost.status}",
                flush=True,
            )
    stock, ours = costs["stock"], costs["ours"]
    speed, memory = stock.seconds / ours.seconds, ours.megabytes / stock.megabytes
    print(f"ratio  {speed:8.2f} x stock's speed   {memory:7.2f} x its memory")
    sys.exit(max(stock.status, ours.status))


if __name__ == "__main__":
    main()
