"""The simulation of a large class on a cluster agrees with what can be worked out by hand."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[1] / "benchmarks" / "simulate.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pset_simulate", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


simulation = load()
Costs, simulate = simulation.Costs, simulation.simulate


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, FILE, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("workers", [1, 3, 10])
def test_nothing_but_workers(workers: int) -> None:
    """30 submissions of 2 s each, on workers that are ready after 5 s."""
    found = simulate(Costs((2.0,), start=5.0), 30, workers)
    assert found.seconds == pytest.approx(5 + 30 / workers * 2)
    assert found.workers_busy == pytest.approx((found.seconds - 5) / found.seconds)
    assert found.limit == "workers"


def test_the_gradebook_takes_one_at_a_time() -> None:
    found = simulate(Costs((2.0,), gradebook=0.5), 1000, 500)
    assert found.seconds == pytest.approx(2 + 1000 * 0.5)
    assert found.gradebook_busy == pytest.approx(500 / 502)
    assert found.limit == "gradebook"


def test_the_head_has_so_many_cores() -> None:
    found = simulate(Costs((2.0,), head=1.0), 1000, 500, head_cores=4)
    # Its two halves, all the time but while it waits for the first and for the last.
    assert 250 <= found.seconds <= 254
    assert found.limit == "head"


def test_jobs_bound_what_is_under_way() -> None:
    """As many workers as one likes: one job does one submission after another."""
    found = simulate(Costs((2.0,), head=0.5, gradebook=0.25), 40, 100, jobs=1)
    assert found.seconds == pytest.approx(40 * 2.75)


def test_a_slow_submission_is_what_all_wait_for() -> None:
    """The average hides it: 1000 workers would need 3 s, were all submissions alike."""
    sample = (1.0,) * 99 + (200.0,)
    found = simulate(Costs(sample), 1000, 1000)
    assert found.seconds == 200
    assert Costs(sample).mean == pytest.approx(2.99)


def test_the_same_run_gives_the_same_figures() -> None:
    costs = Costs((1.0, 2.0, 30.0), head=0.1, gradebook=0.05)
    assert simulate(costs, 500, 7) == simulate(costs, 500, 7) != simulate(costs, 500, 7, seed=1)


def test_the_bend() -> None:
    costs = Costs((8.0,), gradebook=0.5)
    # 16 workers do what the gradebook takes.
    outcomes = [simulate(costs, 2000, workers) for workers in (2, 4, 8, 16, 32, 64)]
    assert simulation.bend(outcomes) == 16
    assert simulation.bend(outcomes[:3]) == 0


def test_what_it_costs() -> None:
    prices = simulation.Prices(hour=2.0, cores=16)
    half_an_hour = simulation.Outcome(33, 1800.0, 1.0, 0.0, 0.0)
    assert prices.machines(33) == 4
    assert prices.machine_hours(half_an_hour) == 2.0
    assert prices.cost(half_an_hour) == 4.0


def test_times_come_from_verdicts_of_an_earlier_run(tmp_path: Path) -> None:
    for student, seconds in (("ann", (1.0, 2.0)), ("bob", (4.0, 0.5))):
        folder = tmp_path / student / "ps1"
        folder.mkdir(parents=True)
        for name in ("one", "two"):
            (folder / f"{name}.json").write_text(json.dumps({"run_seconds": seconds[0], "judge_seconds": seconds[1]}))
    assert simulation.measured(tmp_path, "ps1") == (6.0, 9.0)
    with pytest.raises(SystemExit, match=r"There are no times in .*ps2"):
        simulation.measured(tmp_path, "ps2")


def test_the_command(tmp_path: Path) -> None:
    done = run(
        "--seconds", "4", "6", "--submissions", "600", "--workers", "1", "8", "64",
        "--gradebook", "0.5", "--head", "0.1", "--start", "0", "--picture", tmp_path / "picture.png",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "5.00 s each on a worker (the slowest of the sample 6.00 s)" in lines[0]
    assert [line.split()[0] for line in lines[2:5]] == ["1", "8", "64"]
    assert lines[5] == "More than 8 workers save little: what they wait for is the gradebook."
    assert (tmp_path / "picture.png").read_bytes()[1:4] == b"PNG"


def test_the_benchmark_s_own_file(tmp_path: Path) -> None:
    """Written by `python -m benchmarks --json`; the run with one job tells what a submission takes."""
    stages = {"start_up": 1.0, "kernel_start": 0.5, "cells": 2.0, "judge": 1.5, "nbgrader": 0.7}
    two = {"who": "ours", "jobs": 2, "stages": dict.fromkeys(stages, 99.0)}
    runs = [{"who": "stock", "jobs": 1}, two, {"who": "ours", "jobs": 1, "stages": stages}]
    (tmp_path / "bench.json").write_text(json.dumps({"runs": runs}))
    assert simulation.benchmark(tmp_path / "bench.json") == (4.0, 0.7)
    done = run("--bench", tmp_path / "bench.json", "--submissions", "100", "--workers", "1", "2")
    assert "4.00 s each on a worker" in done.stdout
    assert "0.7 s on one of 4 cores of the head" in done.stdout
    (tmp_path / "bench.json").write_text(json.dumps({"runs": runs[:2]}))
    done = run("--bench", tmp_path / "bench.json")
    assert done.returncode == 1
    assert "holds no run of ours with one job" in done.stderr


@pytest.mark.parametrize("missing", [["--head", "1"], ["--seconds", "4"]])
def test_what_must_be_told(missing: list[str]) -> None:
    done = run(*missing)
    assert done.returncode == 2
    assert "tell how long" in done.stderr


@pytest.mark.parametrize("wrong", [["--workers", "0"], ["--head", "-1"], ["--gradebook", "nan"]])
def test_a_figure_that_makes_no_sense(wrong: list[str]) -> None:
    done = run("--seconds", "4", *wrong)
    assert done.returncode == 2
    assert "it must be" in done.stderr


@pytest.mark.thorough
def test_the_table_in_the_instructions() -> None:
    text = (FILE.parents[1] / "docs" / "cluster.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([\d.]+) h \| ([\d.]+) \| (\d+) % \| (\d+) % \| (\d+) % \|$", text, re.MULTILINE)
    assert len(rows) == 5
    costs = Costs((5.0,) * 9 + (12.0,), head=1.0, gradebook=0.15, start=15.0)
    prices = simulation.Prices(hour=1.0, cores=16)
    for workers, *figures in rows:
        found = simulate(costs, 30_000, int(workers), head_cores=8)
        busy = [100 * share for share in (found.workers_busy, found.head_busy, found.gradebook_busy)]
        expected = [found.seconds / 3600, prices.machine_hours(found), *busy]
        # As many digits as are printed.
        assert [float(f"{value:.2g}") for value in expected[:2]] == [float(value) for value in figures[:2]], workers
        assert [round(value) for value in busy] == [int(value) for value in figures[2:]], workers
