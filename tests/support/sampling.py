"""A sample of many cases for every run; `make thorough` tries the others as well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def sampled(cases: Iterable[Any], every: int) -> list[Any]:
    """For `parametrize`: the first case and every so-manieth after it; the rest are marked as thorough."""
    return [
        case if number % every == 0 else pytest.param(case, marks=pytest.mark.thorough)
        for number, case in enumerate(cases)
    ]
