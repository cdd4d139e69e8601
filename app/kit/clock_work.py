"""Working days in mainland China: public holidays and make-up days are known for some years, weekdays otherwise."""

from datetime import date, datetime, timedelta

import chinese_calendar

from app.kit.clock import SHANGHAI

SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Tell whether people work on a day; beyond the published holiday table, Monday to Friday count."""
    return not _off(day)[0]


def holiday(day: date) -> str:
    """Return the English name of a public holiday, as the table writes it; empty on others and beyond the table."""
    off, name = _off(day)
    return str(name) if off and name else ""


def _off(day: date) -> tuple[bool, str | None]:
    """Tell whether a day is off and what the table calls it. The table ends where no year has been published yet."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # how the library says that a year is not in its table
        return day.weekday() >= SATURDAY, None
    return bool(off), name


def working_days(start: datetime, end: datetime) -> int:
    """Return how many working days lie after the day of `start` up to and including the day of `end`."""
    first, last = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date()
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(is_working_day(day) for day in days)


def after_working_days(start: datetime, number: int) -> datetime:
    """Return the same time of day, `number` working days later; what begins on a day off begins on the next one."""
    local = start.astimezone(SHANGHAI)
    if not is_working_day(local.date()):
        while not is_working_day(local.date()):
            local += timedelta(days=1)
        local = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(number):
        local += timedelta(days=1)
        while not is_working_day(local.date()):
            local += timedelta(days=1)
    return local.astimezone(start.tzinfo)
