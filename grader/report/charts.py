"""Where the bars of the report's charts go: numbers in, coordinates out. The page's template draws them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.report.figures import Distribution
from grader.report.gather import STATES

# A sign for each state, the same as in the demo's table, and the class of its colour and pattern in page.css.
SIGNS = {
    "right": "\N{CHECK MARK}",
    "partly": "\N{CIRCLE WITH LEFT HALF BLACK}",
    "wrong": "\N{BALLOT X}",
    "not attempted": "\N{MIDDLE DOT}",
    "crashed": "!",
    "timed out": "T",
    "over a limit": "L",
    "tampered": "#",
    "grader failed": "?",
    "not handed in": "\N{EN DASH}",
    "to be marked by hand": "\N{HORIZONTAL ELLIPSIS}",
    "marked by hand": "\N{WRITING HAND}\N{VARIATION SELECTOR-15}",
    "no verdict": "\N{DIAMETER SIGN}",
}


def slug(text: str) -> str:
    """A state's name as a CSS class."""
    return text.replace(" ", "-")


@dataclass(frozen=True)
class Bar:
    """One upright bar, in the units of its drawing."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int


@dataclass(frozen=True)
class Histogram:
    """A drawing of a distribution: bars, ticks of both axes and the median's place."""

    width: float
    height: float
    left: float
    bottom: float
    bars: tuple[Bar, ...]
    across: tuple[tuple[float, str], ...]
    upwards: tuple[tuple[float, str], ...]
    median: float


def _step(highest: int) -> int:
    """A round distance between the ticks of an axis that counts up to `highest`: at most five of them."""
    least = max(1, math.ceil(highest / 5))
    size = int(10 ** math.floor(math.log10(least)))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= least)


def histogram(found: Distribution) -> Histogram:
    """The distribution of points, as drawn on the page: 720 by 240 units."""
    width, height, left, right, top, below = 720.0, 240.0, 36.0, 12.0, 22.0, 40.0
    lowest, highest = found.bins[0].lowest, found.bins[-1].highest
    most = max(bin_.students for bin_ in found.bins)
    step = _step(most)
    peak = step * math.ceil(most / step)
    inner, bottom = width - left - right, height - below

    def across(points: float) -> float:
        return left + inner * (min(max(points, lowest), highest) - lowest) / (highest - lowest)

    def upwards(count: float) -> float:
        return bottom - (bottom - top) * count / peak

    bars = tuple(
        Bar(
            x=across(bin_.lowest) + 1.5,
            y=upwards(bin_.students),
            width=across(bin_.highest) - across(bin_.lowest) - 3,
            height=bottom - upwards(bin_.students),
            label=f"{bin_.lowest:g} to {bin_.highest:g}",
            count=bin_.students,
        )
        for bin_ in found.bins
    )
    edges = [found.bins[0].lowest, *(bin_.highest for bin_ in found.bins)]
    return Histogram(
        width=width,
        height=height,
        left=left,
        bottom=bottom,
        bars=bars,
        across=tuple((across(edge), f"{edge:g}") for edge in (edges if len(edges) <= 11 else edges[::2])),
        upwards=tuple((upwards(count), str(count)) for count in range(0, peak + 1, step)),
        median=across(found.median),
    )


@dataclass(frozen=True)
class Segment:
    """A piece of a lying bar."""

    x: float
    width: float
    state: str
    kind: str
    sign: str
    count: int


def stacked(states: Mapping[str, int], width: float) -> tuple[Segment, ...]:
    """How many answers are in each state, as pieces of one bar that is `width` long."""
    whole = sum(states.values())
    segments, x = [], 0.0
    for state in STATES:
        count = states.get(state, 0)
        if count:
            length = width * count / whole
            # A sign only where it fits.
            segments.append(Segment(x, length, state, slug(state), SIGNS[state] if length >= 14 else "", count))
            x += length
    return tuple(segments)


def together(states: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """The states of several questions, added up, in their usual order; those that occur."""
    total = {state: sum(one.get(state, 0) for one in states) for state in STATES}
    return {state: count for state, count in total.items() if count}
