"""How well wrong answers are named, over graded answers of the bank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.verdict import Verdict

if TYPE_CHECKING:
    from tests.support.bank import Answer

PRECISION, SHARE = 0.95, 0.70


@dataclass
class Naming:
    """What became of wrong answers: how many were given a misconception's name, and whether it was the planted one."""

    wrong: int = 0
    named: int = 0
    judged: int = 0
    """Named answers of which the bank knows what the name should be."""
    misnamed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of the names that can be judged, the share that is the planted misconception's."""
        return 1 - len(self.misnamed) / self.judged if self.judged else 0.0

    @property
    def share(self) -> float:
        """Of the wrong answers, the share that got a name."""
        return self.named / self.wrong if self.wrong else 0.0

    @property
    def good(self) -> bool:
        """Whether both are as high as they should be."""
        return self.precision >= PRECISION and self.share >= SHARE

    def __str__(self) -> str:
        return "\n".join(
            [
                f"diagnosis: precision {self.precision:.1%} of {self.judged} (at least {PRECISION:.0%}), "
                f"{self.share:.1%} of {self.wrong} wrong answers named (at least {SHARE:.0%})",
                *self.misnamed,
            ]
        )


def naming(graded: Iterable[tuple[Answer, Verdict]]) -> Naming:
    """Count names over graded answers; right ones count where they were given a name all the same."""
    found = Naming()
    for answer, verdict in graded:
        name = verdict.diagnosis.name if verdict.diagnosis is not None else ""
        found.wrong += not answer.right
        found.named += bool(name) and not answer.right
        planted = "none" if answer.right else answer.idea
        if name and planted:
            found.judged += 1
            if name != planted:
                found.misnamed.append(f"{answer}: named {name!r}, planted {planted!r}")
    return found
