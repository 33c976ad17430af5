"""A sample of the corpus of attacks through one real nbgrader run; `make security` runs all of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]
SAMPLE = (
    "agent_claims_points", "text_that_cannot_be_written", "reads_the_course_by_its_path", "daemon_outlives_the_run",
    "notebook_is_a_pipe", "near_but_not_right", "lists_for_arrays", "cells_in_another_order",
)  # fmt: skip


def run(report: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.attacks", "--json", str(report), *options]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert report.exists(), ran.stdout + ran.stderr
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    assert (ran.returncode == 0) is found["held"]
    return found


def problems(found: dict[str, Any]) -> list[str]:
    told = [f"{name}: {problem}" for name, one in found["submissions"].items() for problem in one["problems"]]
    return told + [f"{name}: {problem}" for name, of_run in found["checks"].items() for problem in of_run]


def test_a_sample_of_attacks(tmp_path: Path) -> None:
    found = run(tmp_path / "report.json", "--only", *SAMPLE)
    assert set(found["submissions"]) == set(SAMPLE)
    assert not problems(found)


@pytest.mark.thorough
@pytest.mark.parametrize("isolation", ["bubblewrap", "landlock"])
def test_every_attack(tmp_path: Path, isolation: str) -> None:
    found = run(tmp_path / "report.json", "--isolation", isolation)
    hostile = [name for name, one in found["submissions"].items() if one["family"] != "honest"]
    assert len(hostile) >= 80
    assert len(found["submissions"]) - len(hostile) >= 30
    assert not problems(found)


@pytest.mark.thorough
def test_without_a_jail_the_same_attacks_are_seen(tmp_path: Path) -> None:
    """The checks can fail: what is planted is found, and doors are opened."""
    attacks = ("reads_the_course_by_its_path", "calls_home")
    found = run(tmp_path / "report.json", "--isolation", "none", "--only", *attacks)
    assert found["held"] is False
    read = {problem.partition(":")[0] for problem in found["checks"]["nothing read"]}
    assert read == {"grader", "solutions", "neighbour", "outside", "secret", "gradebook", "suite"}
    assert set(found["checks"]["no connection"]) == {"127.0.0.1", "an abstract socket", "a socket file"}
    assert found["submissions"]["reads_the_course_by_its_path"]["problems"]
