"""The benchmark's numbers as tables, for people."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from grader.cli.common import console

_AGAIN = {"same_command": "by the same command", "forced": "with --force"}
_STAGES = {
    "start_up": "nbgrader's start-up",
    "kernel_start": "kernels start",
    "cells": "cells",
    "judge": "judge",
    "nbgrader": "nbgrader's way",
}


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for place, name in enumerate(columns):
        table.add_column(name, justify="right" if place else "left")
    return table


def _who(run: dict[str, Any]) -> str:
    return "stock" if run["who"] == "stock" else f"ours, {run['jobs']} job{'s' if run['jobs'] > 1 else ''}"


def _times(run: dict[str, Any]) -> str:
    return f"{run['times_stock']:.1f} x" if "times_stock" in run else ""


def show(found: dict[str, Any]) -> None:
    """Print everything that was measured."""
    out = console()
    _show_class(out, found)
    for title, key in (("Grading", ""), ("Feedback", "feedback")):
        runs = [(_who(run), run[key] if key else run) for run in found["runs"] if not key or key in run]
        if not runs:
            continue
        table = _table(
            title, "", "seconds", "processor s", "a minute", "stock's speed", "peak MB", "a kernel's own MB"
        )  # fmt: skip
        for name, run in runs:
            table.add_row(
                name, f"{run['seconds']:.1f}", f"{run['cpu_seconds']:.1f}", f"{run['submissions_per_minute']:.2f}",
                _times(run), f"{run['peak_megabytes']:.0f}",
                f"{run['kernel_unique_megabytes']:.0f}" if run["kernel_unique_megabytes"] else "",
            )  # fmt: skip
        out.print(table)
    for run in found["runs"]:
        if given_up := found["class"]["submissions"] - run["graded"]:
            out.print(f"{_who(run)} gave up over {given_up} of the submissions and wrote no marks for them.")
    ours = [run for run in found["runs"] if run["who"] == "ours"]
    table = _table("Where the time of a submission goes: seconds of one job", "", *map(_who, ours))
    for key, name in _STAGES.items():
        table.add_row(name, *(f"{run['stages'][key]:.2f}" for run in ours))
    if "feedback" in ours[0]:
        spent = [run["jobs"] * run["feedback"]["seconds_per_submission"] for run in ours]
        table.add_row("feedback, start-up included", *(f"{seconds:.2f}" for seconds in spent))
    out.print(table)
    for run in ours:
        for how, again in run.get("regrade", {}).items():
            out.print(
                f"The unchanged class graded again, {_AGAIN[how]} ({_who(run)}): "
                f"{again['seconds_beyond_start_up']:.1f} s beyond nbgrader's start-up, "
                f"{100 * again['share_of_first_run']:.1f} % of the first run."
            )
    if growth := found.get("growth"):
        table = _table(
            f"Growth ({_who(ours[-1])})", "submissions", "seconds", "seconds each", "processor seconds each",
            "peak memory, MB",
        )  # fmt: skip
        for row in growth:
            table.add_row(
                str(row["submissions"]), f"{row['seconds']:.1f}", f"{row['seconds_per_submission']:.2f}",
                f"{row['cpu_seconds_per_submission']:.2f}", f"{row['peak_megabytes']:.0f}",
            )  # fmt: skip
        out.print(table)
    if noise := found.get("noise"):
        out.print(
            f"Noise: {noise['repeats']} equal runs differ by {100 * noise['spread']:.0f} % in time and "
            f"{100 * noise['spread_of_cpu_seconds']:.0f} % in processor time."
        )


def _show_class(out: Console, found: dict[str, Any]) -> None:
    machine, made = found["machine"], found["class"]
    libraries = ", ".join(f"{name} {number}" for name, number in machine["libraries"].items())
    out.print(
        f"{made['submissions']} submissions of {made['assignment']}, {made['notebooks_each']} notebooks each, from "
        f"{made['from']}."
    )
    out.print(
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_megabytes'] / 1024:.0f} GB, load "
        f"{machine['load_before']:.1f} before; {machine['system']}; Python {machine['python']}; {libraries}."
    )
