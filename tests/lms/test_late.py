"""What being late costs, by the plugin alone; tests/lms/test_term.py has it in `nbgrader autograde`."""

from __future__ import annotations

from typing import Any

import pytest
from traitlets import TraitError
from traitlets.config import LoggingConfigurable

from grader.lms.late import LatePenalty, days_late

HOUR, DAY = 3600.0, 86_400.0


class Grading(LoggingConfigurable):
    """What the plugin needs of nbgrader's AssignLatePenalties."""

    assignment_id = "ps1"


def penalty(seconds: float, student: str = "ann", score: float = 20.0, **settings: Any) -> float | None:
    plugin = LatePenalty(parent=Grading(), **{"percent_per_day": 10.0, **settings})
    return plugin.late_submission_penalty(student, score, seconds)


@pytest.mark.parametrize(
    "seconds, points",
    [(0.0, None), (1.0, 2.0), (DAY, 2.0), (DAY + 1, 4.0), (9 * DAY, 18.0), (10 * DAY, 20.0), (300 * DAY, 20.0)],
)
def test_each_day_begun_costs_its_part(seconds: float, points: float | None) -> None:
    assert penalty(seconds) == points


def test_nothing_is_taken_off_unless_it_is_set() -> None:
    assert LatePenalty().late_submission_penalty("ann", 20.0, 5 * DAY) is None


def test_nbgraders_own_setting_still_holds() -> None:
    assert penalty(HOUR, penalty_method="zero", grace_minutes=600) == 20.0


def test_grace_and_limit() -> None:
    assert penalty(HOUR, grace_minutes=60) is None
    assert penalty(HOUR + 1, grace_minutes=60) == 2.0
    assert penalty(30 * DAY, most_percent=50) == 10.0


def test_extensions() -> None:
    more = {"ps1": {"ann": 2}, "ps2": {"bo": 9}, "*": {"cy": 0.5}}
    assert penalty(2 * DAY, "ann", extensions=more) is None
    assert penalty(2 * DAY + 1, "ann", extensions=more) == 2.0
    assert penalty(DAY, "bo", extensions=more) == 2.0
    assert penalty(DAY / 2, "cy", extensions=more) is None


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"percent_per_day": 101}, "from 0 to 100"),
        ({"most_percent": -1}, "from 0 to 100"),
        ({"grace_minutes": -1}, "0 or more"),
        ({"extensions": {"ann": 2}}, "by assignment, then by student"),
        ({"extensions": {"ps1": {"ann": "two"}}}, "number of days"),
        ({"extensions": {"ps1": {"ann": -1}}}, "number of days"),
    ],
)
def test_settings_that_cannot_be_meant(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(TraitError, match=said):
        LatePenalty(**settings)


def test_days() -> None:
    assert [days_late(seconds) for seconds in (-5.0, 0.0, 0.5, DAY, DAY + 0.5)] == [0, 0, 1, 1, 2]
