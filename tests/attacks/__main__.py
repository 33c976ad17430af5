"""The corpus of attacks through one real `nbgrader autograde` and `generate_feedback`, and a table of what came of it.

    python -m tests.attacks [--isolation MODE ...] [--family A B] [--only NAME ...] [--config TEXT]
                            [--without LAYER ...] [--markdown FILE] [--json FILE] [--keep FOLDER]
    python -m tests.attacks --alone WALL        with one of the jail's walls and without the others
    python -m tests.attacks --layers FILE       what each layer alone stops, as a table put into that page

The exit status is 1 when anything did not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.attacks.layers import COMMAND, LAYERS, READING, WALLS, LayerError, harmful_without, off, runs
from tests.support.attacks import FAMILIES, HONEST, Outcome, Report, load, run
from tests.support.pages import PageError, publish

WIDTH = 120


def summary(report: Report) -> list[tuple[str, int, int, str]]:
    """Family by family: how many submissions, how many held, and how the attacked questions were judged."""
    rows = []
    for letter, name in FAMILIES.items():
        found = [outcome for outcome in report.outcomes if outcome.entry.family == letter]
        if found:
            states = Counter(state for outcome in found for state in outcome.states.values())
            judged = ", ".join(f"{state} {count}" for state, count in states.most_common())
            title = name if letter == HONEST else f"{letter} {name}"
            rows.append((title, len(found), sum(outcome.held for outcome in found), judged or "right"))
    return rows


def judged(outcome: Outcome) -> str:
    """How the attacked questions of one submission were judged, in few words."""
    said = ", ".join(f"{question} {state}" for question, state in outcome.states.items()) or "all right"
    return "needs attention" if outcome.entry.attention and outcome.held else said


def show(report: Report, console: Console) -> None:
    """Both tables, and everything that did not hold."""
    table = Table("submission", "tries", "judged", "points", "s", "held", title=f"isolation: {report.isolation}")
    for outcome in report.outcomes:
        entry = outcome.entry
        table.add_row(
            f"{'' if entry.honest else entry.family + ' '}{entry.name}", escape(entry.tries), judged(outcome),
            f"{outcome.points:g}/{outcome.max_points:g}", f"{outcome.seconds:.0f}",
            "[green]yes[/]" if outcome.held else "[bold red]NO[/]",
        )  # fmt: skip
    console.print(table)
    families = Table("family", "submissions", "held", "attacked questions were judged")
    for title, count, held, states in summary(report):
        families.add_row(title, str(count), str(held), states)
    for check in report.checks:
        families.add_row(check.name, "", "[bold red]NO[/]" if check.problems else "yes", "")
    console.print(families)
    for outcome in report.outcomes:
        for problem in outcome.problems:
            console.print(f"{outcome.entry.name}: {problem}", markup=False)
    for check in report.checks:
        for problem in check.problems:
            console.print(f"{check.name}: {problem}", markup=False)
    console.print(f"{len(report.outcomes)} submissions in {report.seconds:.0f} s")


def markdown(report: Report) -> str:
    """The same as a page for instructors."""

    def row(*cells: object) -> str:
        escaped = (str(cell).replace("|", "\\|") for cell in cells)
        return f"| {' | '.join(escaped)} |"

    lines = [f"## Isolation: {report.isolation}", "", row("family", "submissions", "held", "judged")]
    lines.append("| --- | ---: | ---: | --- |")
    lines += [row(*cells) for cells in summary(report)]
    lines += ["", row("for the run as a whole", "held"), "| --- | --- |"]
    lines += [row(check.name, "NO" if check.problems else "yes") for check in report.checks]
    lines += ["", row("submission", "tries", "judged", "points", "held"), "| --- | --- | --- | --- | --- |"]
    for outcome in report.outcomes:
        points = f"{outcome.points:g}/{outcome.max_points:g}"
        held = "yes" if outcome.held else "NO"
        lines.append(row(f"`{outcome.entry.name}`", outcome.entry.tries, judged(outcome), points, held))
    return "\n".join(lines) + "\n"


def page(reports: list[Report]) -> str:
    """All runs as a page, with what did not hold in front."""
    lines = [
        "# The corpus of attacks",
        "",
        "Made by `make security`: hostile and awkward submissions, handed in beside ",
    ]
    lines[-1] += "honest neighbours and graded by one"
    lines += ["`nbgrader autograde` in each mode. What holds a notebook in stands in [security.md](security.md).", ""]
    problems = [
        f"- {report.isolation}: {name}: {problem}"
        for report in reports
        for name, found in [(f"`{one.entry.name}`", one.problems) for one in report.outcomes]
        + [(check.name, check.problems) for check in report.checks]
        for problem in found
    ]
    lines += ["What did not hold:", "", *problems, ""] if problems else ["Everything held.", ""]
    return "\n".join(lines) + "\n" + "\n".join(markdown(report) for report in reports)


def as_data(report: Report) -> dict[str, Any]:
    return {
        "isolation": report.isolation,
        "seconds": report.seconds,
        "held": report.held,
        "submissions": {
            outcome.entry.name: {
                "family": outcome.entry.family, "states": outcome.states, "problems": outcome.problems,
                "points": outcome.points, "seconds": outcome.seconds,
            }
            for outcome in report.outcomes
        },
        "checks": {check.name: check.problems for check in report.checks},
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Hostile and awkward submissions through one nbgrader run.")
    parser.add_argument(
        "--isolation",
        nargs="+",
        choices=["auto", "bubblewrap", "landlock", "none"],
        help="c.Jail.isolation of the run, or of several one after the other; default: bubblewrap, or the layer's",
    )
    parser.add_argument(
        "--without",
        nargs="+",
        default=[],
        choices=list(LAYERS),
        metavar="LAYER",
        help=f"switch off layers of the jail, and hand in what might get through then: {', '.join(LAYERS)}",
    )
    parser.add_argument(
        "--alone", choices=WALLS, metavar="WALL", help=f"switch off all walls but one: {', '.join(WALLS)}"
    )
    parser.add_argument("--layers", type=Path, metavar="FILE", help="run it without each layer; put a table into FILE")
    parser.add_argument("--family", nargs="+", choices=list(FAMILIES), help="only these families")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these submissions")
    parser.add_argument("--config", default="", help="more lines for the course's nbgrader_config.py")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there as Markdown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome there as well")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the graded course there, for a look")
    options = parser.parse_args()

    entries = load()
    if strangers := sorted(set(options.only or []) - {entry.name for entry in entries}):
        parser.error(f"there is no submission {', '.join(strangers)} in the corpus")
    without = tuple(options.without)
    if options.alone:
        without = tuple(sorted({*without, *WALLS} - {options.alone}))
    try:
        if options.layers is not None:
            table = runs(entries, lambda text: print(text, file=sys.stderr, flush=True))
            publish(options.layers, "layers", COMMAND, table)
            return 0
        # Other layers of another mode would not be there at all.
        isolations = options.isolation or sorted({LAYERS[layer].mode for layer in without}) or ["bubblewrap"]
        if strange := [layer for layer in without if set(isolations) != {LAYERS[layer].mode}]:
            parser.error(f"{', '.join(strange)}: with --isolation {LAYERS[strange[0]].mode} only, and without others")
        tried = [name for layer in without for name in LAYERS[layer].tried]
        if "none" in isolations:
            tried = list(READING)
            if harmful := sorted(set(options.only or ()) - set(READING)):
                parser.error(f"without a jail nothing is run but {', '.join(READING)}: not {', '.join(harmful)}")
        only = set(options.only or [name for name in tried if not harmful_without(name, without)])
        for name in sorted(only):
            if layer := harmful_without(name, without):
                parser.error(f"{name} would harm this machine without the layer {layer!r}: it is not run")
        entries = [
            entry for entry in entries
            if (not only or entry.name in only) and (not options.family or entry.family in options.family)
        ]  # fmt: skip
        console = Console(width=None if sys.stdout.isatty() else WIDTH)
        reports = []
        for isolation in isolations:
            change = off(*without) if without else None
            reports.append(run(entries, isolation, options.config, options.keep, change))
            show(reports[-1], console)
    except (LayerError, PageError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.markdown is not None:
        options.markdown.write_text(page(reports), encoding="utf-8")
    if options.json is not None:
        found = [as_data(report) for report in reports]
        text = json.dumps(found[0] if len(found) == 1 else found, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0 if all(report.held for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
