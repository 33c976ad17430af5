"""One of the made-up class of `make accuracy`, through the real `nbgrader autograde`: every mark as it should be.

The whole bank is judged in `tests/bank`, without nbgrader; `make accuracy` puts all of it through nbgrader.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_no_right_answer_refused_and_no_wrong_one_accepted(tmp_path: Path) -> None:
    report = tmp_path / "rates.json"
    command = [sys.executable, "-m", "tests.accuracy", "--only", "student05", "--json", str(report)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    rows = json.loads(report.read_text(encoding="utf-8"))["rows"]
    graded = {kind: sum(row[kind] for row in rows) for kind in ("wrong", "right", "wrong_accepted", "right_refused")}
    assert graded["wrong"] > 10, graded
    assert graded["right"] > 1, graded
    assert graded["wrong_accepted"] == graded["right_refused"] == 0, graded
    assert not [complaint for row in rows for complaint in row["complaints"]]
