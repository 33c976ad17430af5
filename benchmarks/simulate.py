"""How long a large class takes on a cluster, and what it costs, by the number of workers: a simulation.

    python benchmarks/simulate.py --bench bench.json --verdicts verdicts --assignment ps1
    python benchmarks/simulate.py --seconds 4.1 4.4 19.0 --head 0.8 --workers 16 32 64 128 --picture cluster.svg

Each submission passes four stations in turn: the machine that runs nbgrader (first half of its part there), a worker
(running and judging), that machine again (second half), and the gradebook, which takes one at a time. Times on a worker
are drawn from measured ones, since a few slow submissions are what many workers wait for at the end. Times of this
machine's part and of the gradebook are averages. Each worker spends some seconds getting warm.

`--verdicts` reads the seconds of each submission that an earlier run has measured, `--bench` what `python -m benchmarks
--json bench.json` wrote: nbgrader's part on this machine, and the average on a worker where nothing else tells it.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_BEND = 0.7
"""Twice the workers should take half the time; where they save less than this share of that, the line is bent."""


@dataclass(frozen=True)
class Costs:
    """What one submission takes, in seconds."""

    away: tuple[float, ...]
    """On a worker: a sample."""
    head: float = 0.0
    """On a core of the machine that runs nbgrader."""
    gradebook: float = 0.0
    """In the gradebook, which takes one submission at a time."""
    start: float = 0.0
    """What a worker needs once, to get warm."""

    @property
    def mean(self) -> float:
        """The average time on a worker."""
        return sum(self.away) / len(self.away)


@dataclass(frozen=True)
class Outcome:
    """What came of a simulated run."""

    workers: int
    seconds: float
    workers_busy: float
    head_busy: float
    gradebook_busy: float

    @property
    def limit(self) -> str:
        """What the others wait for."""
        busy = {"workers": self.workers_busy, "head": self.head_busy, "gradebook": self.gradebook_busy}
        return max(busy, key=lambda name: busy[name])


class Station:
    """Some servers in front of which submissions wait their turn."""

    def __init__(self, servers: int, ready: float = 0.0) -> None:
        self.servers = servers
        self._free = [ready] * servers
        self.busy = 0.0

    def serve(self, arrival: float, seconds: float) -> float:
        """When one is done that arrives now; arrivals come in the order of time."""
        end = max(arrival, heapq.heappop(self._free)) + seconds
        heapq.heappush(self._free, end)
        self.busy += seconds
        return end

    def share(self, seconds: float) -> float:
        """The part of the time that its servers were at work."""
        return self.busy / (self.servers * seconds) if seconds else 0.0


def simulate(
    costs: Costs, submissions: int, workers: int, *, head_cores: int = 4, jobs: int = 0, seed: int = 0
) -> Outcome:
    """One run. `jobs` submissions are under way at once; 0 is one for each worker and each core of the head."""
    dice = random.Random(seed)
    head, away, gradebook = Station(head_cores), Station(workers, ready=costs.start), Station(1)
    stations = (head, away, head, gradebook)
    jobs = min(submissions, jobs or workers + head_cores)
    waiting = submissions - jobs
    number = itertools.count()
    events = [(0.0, next(number), 0) for _ in range(jobs)]
    end = 0.0
    while events:
        time, _, stage = heapq.heappop(events)
        if stage == len(stations):
            end = max(end, time)
            if not waiting:
                continue
            waiting, stage = waiting - 1, 0
        needed = (costs.head / 2, 0.0, costs.head / 2, costs.gradebook)[stage]
        if stage == 1:
            needed = dice.choice(costs.away)
        heapq.heappush(events, (stations[stage].serve(time, needed), next(number), stage + 1))
    return Outcome(workers, end, away.share(end), head.share(end), gradebook.share(end))


def bend(outcomes: Sequence[Outcome]) -> int:
    """The number of workers from which on more of them save little; 0 when there is none such."""
    for one, more in itertools.pairwise(outcomes):
        wished = one.seconds * (1 - one.workers / more.workers)
        if one.seconds - more.seconds < _BEND * wished:
            return one.workers
    return 0


@dataclass(frozen=True)
class Prices:
    """What machines cost: the head, and the workers' of so many cores each."""

    hour: float
    cores: int

    def machines(self, workers: int) -> int:
        """How many are rented: one worker a core, and the head."""
        return math.ceil(workers / self.cores) + 1

    def machine_hours(self, outcome: Outcome) -> float:
        """They are rented until the last submission is done."""
        return self.machines(outcome.workers) * outcome.seconds / 3600

    def cost(self, outcome: Outcome) -> float:
        return self.machine_hours(outcome) * self.hour


def measured(verdicts: Path, assignment: str) -> tuple[float, ...]:
    """Seconds for running and judging all notebooks of each student, as the verdicts of an earlier run tell."""
    found = []
    for folder in sorted(verdicts.glob(f"*/{assignment}")):
        notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
        found.append(sum(one["run_seconds"] + one["judge_seconds"] for one in notebooks))
    if not any(found):
        raise SystemExit(f"There are no times in {verdicts}/*/{assignment}/*.json: grade some submissions first.")
    return tuple(found)


def benchmark(path: Path) -> tuple[float, float]:
    """Seconds of a submission for running and judging, and for nbgrader's part, as `python -m benchmarks` tells."""
    try:
        runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        stages = next(run["stages"] for run in runs if run["who"] == "ours" and run["jobs"] == 1)
        return stages["kernel_start"] + stages["cells"] + stages["judge"], stages["nbgrader"]
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        reason = f"{type(error).__name__}: {error}"
        raise SystemExit(f"{path} holds no run of ours with one job ({reason}). Make it: make bench") from error


def table(outcomes: Sequence[Outcome], submissions: int, prices: Prices) -> str:
    """The outcomes as lines of text."""
    lines = ["workers machines     time  per minute  workers busy  head busy  gradebook busy  machine-hours    cost"]
    for one in outcomes:
        minutes = one.seconds / 60
        lines.append(
            f"{one.workers:7} {prices.machines(one.workers):8} {_hours(one.seconds):>8} {submissions / minutes:11.0f}"
            f" {one.workers_busy:13.0%} {one.head_busy:10.0%} {one.gradebook_busy:15.0%}"
            f" {prices.machine_hours(one):14.1f} {prices.cost(one):7.2f}"
        )
    limit = bend(outcomes)
    if limit:
        after = next(one for one in outcomes if one.workers > limit)
        lines.append(f"More than {limit} workers save little: what they wait for is the {after.limit}.")
    return "\n".join(lines)


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"


def draw(outcomes: Sequence[Outcome], submissions: int, prices: Prices, path: Path) -> None:
    """Time and cost against the number of workers."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    workers = [one.workers for one in outcomes]
    figure, time = plt.subplots(figsize=(7, 4))
    time.plot(workers, [one.seconds / 60 for one in outcomes], "o-", color="tab:blue", label="time")
    first = outcomes[0]
    ideal = [first.seconds / 60 * first.workers / count for count in workers]
    time.plot(workers, ideal, ":", color="tab:blue", label="time, were there nothing but workers")
    time.set(xscale="log", yscale="log", xlabel="workers", ylabel="minutes", title=f"{submissions:,} submissions")
    time.set_xticks(workers, [str(count) for count in workers])
    time.minorticks_off()
    cost = time.twinx()
    cost.plot(workers, [prices.machine_hours(one) for one in outcomes], "s--", color="tab:red", label="machine-hours")
    cost.set(ylabel="machine-hours", ylim=(0, None))
    lines = [*time.get_lines(), *cost.get_lines()]
    time.legend(lines, [str(line.get_label()) for line in lines], loc="upper center")
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number


def _duration(text: str) -> float:
    number = float(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError("it must be a number of seconds, not less than 0")
    return number


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    summary, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, help="what `python -m benchmarks --json FILE` wrote")
    sample = parser.add_mutually_exclusive_group()
    sample.add_argument("--verdicts", type=Path, help="the folder of an earlier run's verdicts, to take times from")
    sample.add_argument("--seconds", type=_duration, nargs="+", help="seconds of some submissions on a worker")
    parser.add_argument("--assignment", default="ps1")
    parser.add_argument("--submissions", type=_positive, default=30_000)
    parser.add_argument("--head", type=_duration, help="seconds of nbgrader's part on the head")
    parser.add_argument("--gradebook", type=_duration, default=0.1, help="seconds that the gradebook is locked")
    parser.add_argument("--start", type=_duration, default=15.0, help="seconds that a worker needs once")
    parser.add_argument("--head-cores", type=_positive, default=4)
    parser.add_argument("--jobs", type=int, default=0, help="c.Batch.jobs; 0 is workers and cores of the head")
    parser.add_argument("--workers", type=_positive, nargs="+", default=WORKERS)
    parser.add_argument("--cores", type=_positive, default=16, help="cores of a worker machine, one worker each")
    parser.add_argument("--price", type=_duration, default=0.7, help="of a machine for an hour")
    parser.add_argument("--picture", type=Path, help="write a picture, such as cluster.svg")
    given = parser.parse_args(arguments)
    if not (given.bench or given.verdicts or given.seconds):
        parser.error("tell how long a submission takes: --seconds, --verdicts or --bench")
    if not (given.bench or given.head is not None):
        parser.error("tell how long nbgrader's part takes: --head or --bench")
    return given


def main(arguments: Sequence[str]) -> None:
    """Simulate and tell."""
    given = options(arguments)
    average, head = benchmark(given.bench) if given.bench else (0.0, 0.0)
    away = tuple(given.seconds or [average])
    if given.verdicts:
        away = measured(given.verdicts, given.assignment)
    costs = Costs(away, head if given.head is None else given.head, given.gradebook, given.start)
    outcomes = [
        simulate(costs, given.submissions, workers, head_cores=given.head_cores, jobs=given.jobs)
        for workers in sorted(given.workers)
    ]
    prices = Prices(given.price, given.cores)
    print(
        f"{given.submissions} submissions: {costs.mean:.2f} s each on a worker (the slowest of the sample "
        f"{max(away):.2f} s), {costs.head:g} s on one of {given.head_cores} cores of the head, "
        f"{costs.gradebook:g} s in the gradebook"
    )
    print(table(outcomes, given.submissions, prices))
    if given.picture:
        draw(outcomes, given.submissions, prices, given.picture)


if __name__ == "__main__":
    main(sys.argv[1:])
