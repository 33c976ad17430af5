"""What grading costs: ours beside stock nbgrader, on the same notebooks, on the same cores, in one run.

    python -m benchmarks [--course FOLDER] [--submissions N] [--growth N] [--json FILE]        (or: make bench)

Both sides run the plain command `nbgrader autograde` on the very same submissions, from the process's start to its end.
Stock runs the notebooks with their visible checks in unconfined kernels and scores cell outputs; ours runs them in
jails and judges them with the hidden suites. Every student of the made-up class hands in something else, so the cache
answers nothing in a first run. With --course a course of your own is measured: it is copied, and never written to.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import measure
from benchmarks.classes import copied, made_up
from benchmarks.parts import Bench, BenchError, machine, room_for
from benchmarks.report import show
from grader.course import CourseError

PARTS = ("stock", "feedback", "regrade", "growth", "noise")
_SIZES = (10, 25, 50, 100, 200, 500, 1000)


def _number(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return value


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").split("\n\n")[0], allow_abbrev=False
    )
    parser.add_argument("--course", type=Path, metavar="FOLDER", help="measure a copy of this course and its class")
    parser.add_argument("--assignment", default="ps1", help="default: %(default)s")
    parser.add_argument("--submissions", type=_number, default=10, metavar="N", help="class size; default: %(default)s")
    parser.add_argument("--jobs", type=_number, nargs="+", default=[1, 2], metavar="N", help="default: 1 2")
    parser.add_argument(
        "--growth", type=_number, default=20, metavar="N", help="largest class of the growth part; default: %(default)s"
    )
    parser.add_argument("--repeats", type=_number, default=3, metavar="N", help="of the small run that tells the noise")
    parser.add_argument("--seed", type=int, default=1, help="another one makes up another class")
    parser.add_argument("--skip", nargs="+", choices=PARTS, default=[], help="leave out parts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there as well")
    options = parser.parse_args()
    if options.json is not None and not options.json.resolve().parent.is_dir():
        parser.error(f"--json: there is no folder {options.json.resolve().parent}")
    return options


def sizes_up_to(largest: int) -> list[int]:
    """The class sizes of the growth part: at least two, wherever that is possible."""
    found = [size for size in _SIZES if size < largest]
    return [*(found or [math.ceil(largest / 2)] * (largest > 1)), largest]


def _bench(options: argparse.Namespace, scratch: Path, said: Console) -> dict[str, Any]:
    wanted = [part for part in PARTS if part not in options.skip]
    facts = machine()
    said.print("making the class", style="dim")
    largest = max(options.submissions, options.growth if "growth" in wanted else 1)
    if options.course is None:
        made = made_up(scratch, options.assignment, largest, options.seed)
    else:
        made = copied(scratch, options.course, options.assignment)
        largest = min(largest, len(made.students))
    room_for(scratch, made, largest)
    submissions = min(options.submissions, largest)
    bench = Bench(made, submissions, options.jobs, lambda text: said.print(text, style="dim"))
    found: dict[str, Any] = {
        "machine": facts,
        "class": {
            "assignment": made.assignment,
            "submissions": submissions,
            "notebooks_each": made.notebooks,
            "from": "a course" if options.course else f"the bank of answers, seed {options.seed}",
        },
        "runs": [bench.stock("feedback" in wanted)] if "stock" in wanted else [],
    }
    marks = []
    for jobs in bench.jobs:
        run, earned = bench.ours(jobs, "feedback" in wanted, "regrade" in wanted and jobs == bench.jobs[-1])
        found["runs"].append(run)
        marks.append(earned)
    if any(earned != marks[0] for earned in marks):
        raise BenchError("The marks depend on the number of jobs: that must never be.")
    if "stock" in wanted:
        stock, *ours = found["runs"]
        for run in ours:
            run["times_stock"] = stock["seconds"] / run["seconds"]
            if "feedback" in run:
                run["feedback"]["times_stock"] = stock["feedback"]["seconds"] / run["feedback"]["seconds"]
    if "growth" in wanted:
        found["growth"] = bench.growth(sizes_up_to(min(options.growth, largest)), found["runs"][-1])
    if "noise" in wanted:
        found["noise"] = bench.noise(min(2, submissions), options.repeats)
    return found


def main() -> int:
    options = _options()
    said = Console(stderr=True, highlight=False)
    measure.adopt_orphans()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            found = _bench(options, Path(scratch).resolve(), said)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; nothing is left behind.", file=sys.stderr)
        return 130
    show(found)
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
