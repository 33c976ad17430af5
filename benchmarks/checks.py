"""How long the visible checks of the NumPy notebooks keep a student waiting.

    python -m benchmarks.checks [--repeats N]

Each solved notebook is gone through in this process, without Jupyter; each of its checks runs N times. Processor
seconds, so that other programs count little: the quickest and the slowest time.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "solutions" / "ps1"
NOTEBOOKS = ("1-perceptron", "2-mlp-backprop")
GOAL = 0.1


def seconds_of_checks(notebook: str, repeats: int) -> dict[str, list[float]]:
    """Processor seconds of each check of a solved notebook, by its grade_id; RuntimeError where one does not pass."""
    cells = [cell for cell in nbformat.read(FOLDER / f"{notebook}.ipynb", 4).cells if cell.cell_type == "code"]
    names: dict[str, Any] = {"__name__": "__main__"}
    found: dict[str, list[float]] = {}
    for cell in cells:
        marks = cell.metadata.get("nbgrader", {})
        if not marks.get("grade"):
            # What is drawn is no matter here; what is defined is.
            if marks.get("solution") or cell.source.startswith(("import", "from")) or "\ndef " in f"\n{cell.source}":
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(cell.source, names)
            continue
        for _ in range(repeats):
            started = time.process_time()
            with contextlib.redirect_stdout(io.StringIO()) as said:
                exec(cell.source, names)
            found.setdefault(marks["grade_id"], []).append(time.process_time() - started)
            if "visible checks passed" not in said.getvalue():
                raise RuntimeError(f"{notebook}: {marks['grade_id']} is no check that passes: {said.getvalue()[:200]}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checks", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="default: %(default)s")
    repeats = max(1, parser.parse_args().repeats)
    table = Table("notebook", "check", "quickest", "slowest", title="Milliseconds of a visible check")
    over = 0
    sys.path.insert(0, str(FOLDER))  # the first cells import the helper
    for notebook in NOTEBOOKS:
        for name, seconds in seconds_of_checks(notebook, repeats).items():
            table.add_row(notebook, name, f"{1000 * min(seconds):.1f}", f"{1000 * max(seconds):.1f}")
            over += min(seconds) >= GOAL
    console = Console()
    console.print(table)
    console.print(f"{over} of {table.row_count} take longer than {1000 * GOAL:.0f} ms.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
