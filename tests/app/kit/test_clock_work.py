"""Working days and public holidays of mainland China, and what counts beyond the published table."""

from datetime import date

import pytest

from app.kit.clock_work import holiday, is_working_day
from app.sessions import rules_times


@pytest.mark.parametrize(
    ("day", "works", "name"),
    [
        (date(2025, 10, 1), False, "国庆节"),
        (date(2025, 10, 11), True, ""),
        (date(2025, 10, 18), False, ""),
        (date(2025, 10, 15), True, ""),
        (date(2099, 10, 1), True, ""),
        (date(2099, 10, 3), False, ""),
    ],
    ids=["holiday", "make-up Saturday", "Saturday", "Wednesday", "Thursday beyond", "Saturday beyond"],
)
def test_a_day_is_off_or_not_and_a_holiday_has_its_name(day: date, works: bool, name: str) -> None:  # noqa: FBT001 - a column of the table
    assert is_working_day(day) is works
    assert bool(holiday(day)) is bool(name)
    assert rules_times.holiday(day) == name
