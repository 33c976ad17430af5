"""What a late submission costs, as nbgrader's plugin: so much for each day, up to a limit, with extensions.

The time of handing in is nbgrader's: `timestamp.txt` in the submission, which the exchange of JupyterHub writes. The
due date is the gradebook's: `nbgrader db assignment add ps1 --duedate="2026-11-30 23:59 UTC"`.
"""

from __future__ import annotations

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Dict, Float, TraitError, validate

_DAY = 86_400


class LatePenalty(LateSubmissionPlugin):  # type: ignore[misc]
    """Takes a part of the points earned for each day late that has begun."""

    percent_per_day = Float(
        0.0, help="Percent of the points earned that each day late costs; 0: being late is free"
    ).tag(config=True)
    most_percent = Float(100.0, help="Percent of the points earned that being late costs at most").tag(config=True)
    grace_minutes = Float(0.0, help="Minutes after the due date that cost nothing").tag(config=True)
    extensions = Dict(
        help='Days that single students have more, by assignment: {"ps1": {"amina_diallo": 2}}; "*" is any assignment'
    ).tag(config=True)

    @validate("percent_per_day", "most_percent")
    def _percent(self, proposal: dict[str, float]) -> float:
        if not 0 <= proposal["value"] <= 100:
            raise TraitError(f"a percentage is from 0 to 100, not {proposal['value']}")
        return proposal["value"]

    @validate("grace_minutes")
    def _minutes(self, proposal: dict[str, float]) -> float:
        if not 0 <= proposal["value"] < math.inf:
            raise TraitError(f"grace_minutes is 0 or more, not {proposal['value']}")
        return proposal["value"]

    @validate("extensions")
    def _days(self, proposal: dict[str, object]) -> object:
        value = proposal["value"]
        assert isinstance(value, dict)
        for assignment, students in value.items():
            if not isinstance(students, dict):
                raise TraitError(f'extensions are by assignment, then by student: {{"ps1": {{{assignment!r}: 2}}}}')
            for student, days in students.items():
                if isinstance(days, bool) or not isinstance(days, int | float) or not 0 <= days < math.inf:
                    raise TraitError(f"the extension of {student!r} is {days!r}; it is a number of days")
        return value

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """nbgrader's question, once a notebook: how many of `score` points are taken off; None for none."""
        if self.penalty_method != "none":
            # c.LateSubmissionPlugin.penalty_method = "zero", nbgrader's own setting.
            return super().late_submission_penalty(student_id, score, total_seconds_late)  # type: ignore[no-any-return]
        more = self.extension(student_id)
        days = days_late(total_seconds_late - 60 * self.grace_minutes - _DAY * more)
        if days == 0 or self.percent_per_day == 0:
            return None
        percent = min(self.percent_per_day * days, self.most_percent)
        self.log.info("%s: %d days late, %g %% off", student_id, days, percent)
        return round(score * percent / 100, 6)

    def extension(self, student: str) -> float:
        """The days that a student has more for the assignment being graded."""
        assignment = getattr(self.parent, "assignment_id", "")
        return max(float(self.extensions.get(which, {}).get(student, 0)) for which in (assignment, "*"))


def days_late(seconds: float) -> int:
    """Days begun after the due date: a second late is a day, none is none."""
    return max(0, math.ceil(seconds / _DAY))
