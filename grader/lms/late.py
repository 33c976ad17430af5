"""What a late submission costs, as nbgrader's plugin: so much for each day, up to a limit, with extensions.

The time of handing in is nbgrader's: `timestamp.txt` in the submission, which the exchange of JupyterHub writes. The
due date is the gradebook's: `nbgrader db assignment add ps1 --duedate="2026-11-30 23:59 UTC"`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Dict, Float, TraitError, validate

_DAY = 86_400
_SAME = 1e-6


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
        percent = self.percent(getattr(self.parent, "assignment_id", ""), student_id, total_seconds_late)
        if percent == 0:
            return None
        self.log.info("%s: %g %% off for being late", student_id, percent)
        return _part(score, percent)

    def percent(self, assignment: str, student: str, seconds: float) -> float:
        """The part of the points that being so late costs."""
        more = self.extension(assignment, student)
        days = days_late(seconds - 60 * self.grace_minutes - _DAY * more)
        return min(self.percent_per_day * days, self.most_percent)

    def outdated(self, gradebook: Gradebook, assignment: str, penalties: Mapping[str, float]) -> list[str]:
        """Those of these students, with their penalties, who would get another one by their points and settings now."""
        if self.penalty_method != "none":
            return []
        found = []
        for work in gradebook.assignment_submissions(assignment):
            seconds, new = work.total_seconds_late, 0.0
            percent = self.percent(assignment, work.student_id, seconds) if seconds > 0 else 0.0
            if percent:
                new = sum(_part(notebook.score, percent) for notebook in work.notebooks)
            if abs(penalties.get(work.student_id, new) - new) > _SAME:
                found.append(str(work.student_id))
        return sorted(found)

    def extension(self, assignment: str, student: str) -> float:
        """The days that a student has more for an assignment."""
        return max(float(self.extensions.get(which, {}).get(student, 0)) for which in (assignment, "*"))


def _part(score: float, percent: float) -> float:
    return round(score * percent / 100, 6)


def days_late(seconds: float) -> int:
    """Days begun after the due date: a second late is a day, none is none."""
    return max(0, math.ceil(seconds / _DAY))
