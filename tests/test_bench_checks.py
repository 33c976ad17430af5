"""The visible checks of the solved NumPy notebooks all pass, and the benchmark has the time of each."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat

from grader.course import Course

ROOT = Path(__file__).resolve().parents[1]


def test_each_check_is_measured() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.checks", "--repeats", "1"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    measured = re.findall(r"│ (test_\w+) +│ (\d+\.\d) +│ \d+\.\d +│", done.stdout)
    solved = [Course(ROOT).source("ps1") / f"{name}.ipynb" for name in ("1-perceptron", "2-mlp-backprop")]
    marks = [cell.metadata.get("nbgrader", {}) for path in solved for cell in nbformat.read(path, 4).cells]
    assert [name for name, _ in measured] == [m["grade_id"] for m in marks if m.get("grade") and not m["solution"]]
    assert all(0 <= float(milliseconds) < 60_000 for _, milliseconds in measured)
