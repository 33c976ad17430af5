"""What each part of the hidden suites is good for, counted on wrong answers; why some catch nothing alone.

A part that no wrong answer fails alone adds nothing to catching: whoever fails it fails another part too. It may still
be needed to give an answer what it deserves, because the points for what is right have to be somewhere. Then
`tests/bank/parts_kept.toml` says which answers those points are for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.verdict import State, Verdict

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KEPT = Path(__file__).resolve().parents[1] / "bank" / "parts_kept.toml"


@dataclass
class Use:
    """How many wrong answers only this part catches, and how many it gives its points to."""

    alone: int = 0
    earned: int = 0


def uses(wrong: Iterable[tuple[str, Verdict]]) -> dict[str, Use]:
    """The use of each part, as 'assignment question test', over wrong answers given as (assignment, verdict)."""
    found: dict[str, Use] = {}
    for assignment, verdict in wrong:
        missed = [part.test for part in verdict.parts if part.state is not State.RIGHT]
        for part in verdict.parts:
            use = found.setdefault(f"{assignment} {verdict.question} {part.test}", Use())
            use.alone += missed == [part.test]
            use.earned += part.test not in missed
    return found


def kept() -> dict[str, str]:
    """Why parts that catch nothing alone are there."""
    return {part: reason.strip() for part, reason in tomllib.loads(KEPT.read_text(encoding="utf-8")).items()}


def report(found: Mapping[str, Use], reasons: Mapping[str, str]) -> str:
    """The parts as a table, with the reason for each that catches nothing alone."""
    lines = [
        f"{'alone':>6}{'earned':>8}  part (wrong answers that only it catches; wrong answers that it gives points to)"
    ]
    for part, use in found.items():
        lines.append(f"{use.alone:6}{use.earned:8}  {part}")
        if use.alone == 0:
            lines.append(f"{'':16}catches nothing alone: {reasons.get(part, 'NO REASON IS WRITTEN')}")
    return "\n".join(lines)


def problems(found: Mapping[str, Use], reasons: Mapping[str, str]) -> list[str]:
    """Parts that neither catch anything alone nor have a reason, and reasons that no part needs."""
    lost = [f"{part} catches nothing alone, and no reason is written" for part, use in found.items()
            if use.alone == 0 and not reasons.get(part)]  # fmt: skip
    stale = [f"{part} has a reason to catch nothing alone, but " + ("does catch" if part in found else "does not exist")
             for part in reasons if part not in found or found[part].alone]  # fmt: skip
    return lost + stale
