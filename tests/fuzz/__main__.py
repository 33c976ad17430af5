"""Inputs without end for the places where student bytes are read: no crash, no hang, no memory without bound.

    python -m tests.fuzz [--inputs 100000] [wire] [kernel] [notebook]         (or: make fuzz)
    python -m tests.fuzz --driver hypothesis | --driver atheris --seconds 600 wire
    python -m tests.fuzz --file fuzz-findings/notebook-1a2b3c4d      one input again

`wire` is the decoder of what comes out of the jail, `kernel` the reader of the messages it comes in, `notebook` the
reading and repair of what is handed in. Each input must come out as values that hold a list of laws (`check` in
`messages`, `kernel` and `notebooks`), or be refused with the error that is meant for it. The inputs are real messages
and notebooks with something in them changed, from seeded random numbers; Hypothesis takes the same choices and shrinks
what it finds; atheris, where it is installed, follows coverage.

A finding is saved as a file, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import logging
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz import trees

FINDINGS = Path("fuzz-findings")
TARGETS = {"wire": "tests.fuzz.messages", "kernel": "tests.fuzz.kernel", "notebook": "tests.fuzz.notebooks"}
MOST_FINDINGS = 5
SECONDS_PER_INPUT = 20
MEMORY = 2**30
"""Address space beyond what the process had at the start."""


@dataclass
class Run:
    """One target and what came of its inputs."""

    name: str
    make: Callable[[Random], Any]
    check: Callable[[Any], str]
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Path] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    peak: int = 0

    def one(self, found: Any) -> None:
        """Check one input; raises what it made the code raise."""
        started = time.perf_counter()
        try:
            with _alarm():
                self.outcomes[self.check(found)] += 1
        except BaseException:
            self.outcomes["FINDING"] += 1
            raise
        finally:
            seconds = time.perf_counter() - started
            if seconds > self.slowest[0]:
                self.slowest = seconds, repr(found[:60])

    def save(self, found: Any) -> None:
        """Keep an input that should not have done what it did."""
        raw = found.encode("utf-8", "surrogatepass") if isinstance(found, str) else found
        FINDINGS.mkdir(exist_ok=True)
        path = FINDINGS / f"{self.name}-{hashlib.sha256(raw).hexdigest()[:8]}"
        path.write_bytes(raw)
        self.findings.append(path)
        print(f"{traceback.format_exc()}\nSaved. Again: python -m tests.fuzz --file {path}\n", flush=True)


def target(name: str) -> Run:
    """A target by its name; imported late, since atheris must be there first."""
    module = importlib.import_module(TARGETS[name])
    return Run(name, module.make, module.check)


class Hang(BaseException):
    """An input took longer than any may."""


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise Hang(f"not done within {SECONDS_PER_INPUT} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_PER_INPUT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def by_random(run: Run, inputs: int, seed: int, first: int = 0, step: int = 1) -> None:
    """Inputs from seeded random numbers: quick, and each can be made again from its number."""
    for number in range(first, inputs, step):
        found = run.make(Random(f"{seed} {number}"))
        try:
            run.one(found)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            run.save(found)
            if len(run.findings) >= MOST_FINDINGS:
                return


def by_many(name: str, inputs: int, seed: int, jobs: int) -> Run:
    """The same inputs, shared among processes."""
    run = target(name)
    with ProcessPoolExecutor(jobs) as pool:
        for part in pool.map(partial(_share, name, inputs, seed, jobs), range(jobs)):
            run.outcomes += part.outcomes
            run.findings += part.findings
            run.slowest = max(run.slowest, part.slowest)
            run.peak = max(run.peak, part.peak)
    return run


def _share(name: str, inputs: int, seed: int, jobs: int, first: int) -> Run:
    # That something is refused is what most inputs are for.
    logging.disable(logging.ERROR)
    run = target(name)
    limit_memory()
    by_random(run, inputs, seed, first, jobs)
    run.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # What comes back must not name functions that a test has put in.
    return Run(name, Random, str, run.outcomes, run.findings, run.slowest, run.peak)


def by_hypothesis(run: Run, inputs: int) -> None:
    """The same choices taken by Hypothesis, which shrinks what it finds."""
    latest: list[Any] = [None]

    @settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.builds(run.make, st.randoms(use_true_random=False)))
    def check(found: Any) -> None:
        try:
            run.one(found)
        except BaseException:
            latest[0] = found
            raise

    try:
        check()
    except KeyboardInterrupt:
        raise
    except BaseException:
        run.save(latest[0])


def by_atheris(name: str, seconds: int) -> None:
    """Inputs changed as JSON or as bytes, led by the lines they reach, beginning with real ones. Ends the process."""
    import atheris

    with atheris.instrument_imports(include=["grader", "json", "nbformat"]):
        run = target(name)
        module = importlib.import_module(TARGETS[name])
    corpus = Path(tempfile.mkdtemp(prefix="fuzz-"))
    for number in range(200):
        made = run.make(Random(number))
        (corpus / str(number)).write_bytes(made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass"))

    def one(raw: bytes) -> None:
        module.check(raw.decode("utf-8", "replace") if name == "wire" else raw)

    def change(raw: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        with suppress(ValueError, RecursionError):
            if random.randint(0, 1):
                return json.dumps(trees.changed_tree(random, json.loads(raw), module.ODD, module.WRAPS)).encode()[:most]
        return bytes(atheris.Mutate(raw, most))

    FINDINGS.mkdir(exist_ok=True)
    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={seconds}",
            f"-timeout={SECONDS_PER_INPUT}",
            "-rss_limit_mb=2048",
            "-max_len=20000",
            f"-artifact_prefix={FINDINGS}/{name}-",
            "-print_final_stats=1",
            str(corpus),
        ],
        one,
        custom_mutator=change,
    )
    atheris.Fuzz()


def again(path: Path) -> int:
    """Check one saved input."""
    run = target(path.name.split("-")[0])
    raw = path.read_bytes()
    run.one(raw.decode("utf-8", "surrogatepass") if run.name == "wire" else raw)
    print(f"{path}: {', '.join(run.outcomes)}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for; 1 when there was a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "targets", nargs="*", choices=[*TARGETS, []], help="wire, kernel, notebook; all when none is named"
    )
    parser.add_argument("--inputs", type=int, default=100_000, help="how many inputs for each target")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other inputs")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes; one for each core")
    parser.add_argument("--driver", choices=["random", "hypothesis", "atheris"], default="random")
    parser.add_argument("--seconds", type=int, default=600, help="how long atheris may run, for one target")
    parser.add_argument("--file", type=Path, help="check this saved finding again")
    chosen = parser.parse_args(arguments)
    if chosen.file:
        return again(chosen.file)
    names = chosen.targets or list(TARGETS)
    if chosen.driver == "atheris":
        by_atheris(names[0], chosen.seconds)
    failed = False
    for name in names:
        started = time.perf_counter()
        if chosen.driver == "random":
            run = by_many(name, chosen.inputs, chosen.seed, chosen.jobs)
        else:
            run = target(name)
            limit_memory()
            by_hypothesis(run, chosen.inputs)
            run.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        report(run, time.perf_counter() - started)
        failed = failed or bool(run.findings)
    return int(failed)


def limit_memory() -> None:
    """What takes much more memory than the process has now fails, and so is found."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    size = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))


def report(run: Run, seconds: float) -> None:
    """One line of figures."""
    inputs = sum(run.outcomes.values())
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(run.outcomes.items()))
    print(
        f"{run.name}: {inputs} inputs ({kinds}), {inputs / seconds:.0f} a second, "
        f"peak memory {run.peak / 1024:.0f} MB, slowest {run.slowest[0] * 1000:.0f} ms: {run.slowest[1]}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
