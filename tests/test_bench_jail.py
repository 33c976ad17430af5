"""What the jail costs is measured in each mode that this machine has, and the table is put into a page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import jail
from grader.jail import Jail, JailError, isolation
from tests.support.pages import BEGIN, END

ROOT = Path(__file__).resolve().parents[1]


def test_the_table_has_medians_of_what_was_measured() -> None:
    plain = jail.Cost("Jupyter's own kernel", 0.9, [0.5, 0.7, 0.6], [1.0], [0.01], [40 * 2**20, 50 * 2**20, 42 * 2**20])
    ours = jail.Cost("jail", 1.6, [0.4, 0.1, 0.3], [0.5], [0.0004], [30 * 2**20], 45 * 2**20)
    rows = jail.table([plain, ours], 3).splitlines()
    assert rows[2] == "| Jupyter's own kernel | 600 ms | 1000 ms | 10.00 ms | 42 MB |  |"
    assert rows[3] == "| jail | 300 ms | 500 ms | 0.40 ms | 30 MB | 1.3 s, 45 MB |"
    assert re.search(r"Medians of 3\. .+ cores, \d+ GB, .+Python 3\.", rows[-1])


@pytest.mark.slow
@pytest.mark.thorough
def test_each_mode_is_measured(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN.format('cost', jail.COMMAND)}\n{END.format('cost')}\n")
    command = [sys.executable, "-m", "benchmarks.jail", "--rounds", "1", "--publish", str(page)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    for mode, name in jail.MODES.items():
        try:
            isolation(Jail(isolation=mode))
        except JailError:
            assert name in ran.stderr
            continue
        row = next(line for line in page.read_text().splitlines() if line.startswith(f"| {name} |"))
        ready, whole, call, own, once = (float(re.match(r"-?[\d.]+", cell.strip())[0]) for cell in row.split("|")[2:7])
        assert 0 < ready < whole
        assert 0 < call < whole
        assert own > 5, "an IPython of its own takes more"
        assert once < 100
