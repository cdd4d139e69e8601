"""Which times are free: weekly times, days that differ, public holidays, and what is taken."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec

from app.kit import clock_work
from app.kit.clock import SHANGHAI, local_day
from app.sessions.rules import AHEAD, LASTS, may_book

DAY_MINUTES: Final = 24 * 60
STEP: Final = 60
"""Units of 50 minutes begin every 60 minutes: ten minutes to write the record."""
UNIT: Final = int(LASTS.total_seconds() // 60)
FIRST_HOUR: Final = 8
LAST_HOUR: Final = 21
HOURS: Final = tuple(hour * STEP for hour in range(FIRST_HOUR, LAST_HOUR + 1))
WEEKDAYS: Final[Mapping[int, str]] = {
    1: "周一",
    2: "周二",
    3: "周三",
    4: "周四",
    5: "周五",
    6: "周六",
    7: "周日",
}
CHANGES: Final[Mapping[str, str]] = {"OFF": "这一天（或这段时间）不安排", "EXTRA": "这一天加开时间"}
CHANGE_LABELS: Final[Mapping[str, str]] = {"OFF": "不安排", "EXTRA": "加开"}
CHANGES_AHEAD: Final = timedelta(days=180)
MOST_CHANGES: Final = 60
HOLIDAYS: Final[Mapping[str, str]] = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}

WeeklyTime = tuple[int, int, int]
"""Weekday 1 (Monday) to 7, start and end in minutes after midnight in Guangdong."""


class Busy(msgspec.Struct, frozen=True):
    """A stretch of time that is taken."""

    start: datetime
    end: datetime


class Change(msgspec.Struct, frozen=True):
    """A stretch of one day that is off, or extra."""

    day: date
    kind: str
    start: int = 0
    end: int = DAY_MINUTES


class Timetable(msgspec.Struct, frozen=True):
    """The weekly times of a provider, the days that differ, and whether public holidays count as ordinary days."""

    weekly: tuple[WeeklyTime, ...] = ()
    changes: tuple[Change, ...] = ()
    on_holidays: bool = False


def clashes(start: datetime, end: datetime, busy: Iterable[Busy]) -> bool:
    """Tell whether a time overlaps one that is taken."""
    return any(start < taken.end and taken.start < end for taken in busy)


def holiday(day: date) -> str:
    """Return the Chinese name of a public holiday, or an empty text; nothing is known beyond the published table."""
    name = clock_work.holiday(day)
    return HOLIDAYS.get(name, name)


def free_slots(times: Timetable, busy: Iterable[Busy], now: datetime) -> tuple[datetime, ...]:
    """Return the starts of free 50-minute units of the next 14 days.

    A public holiday has no weekly times unless the provider says so; extra hours hold on any day, and a day off wins
    over everything.
    """
    taken = tuple(busy)
    first = local_day(now)
    found: set[datetime] = set()
    for ahead in range(AHEAD.days + 1):
        day = first + timedelta(days=ahead)
        midnight = datetime.combine(day, time(), SHANGHAI)
        for minute in _starts(times, day):
            moment = (midnight + timedelta(minutes=minute)).astimezone(UTC)
            if may_book(moment, now) and not clashes(moment, moment + LASTS, taken):
                found.add(moment)
    return tuple(sorted(found))


def _starts(times: Timetable, day: date) -> set[int]:
    """Return the minutes after midnight at which a unit may begin on a day."""
    changes = [change for change in times.changes if change.day == day]
    spans = [(change.start, change.end) for change in changes if change.kind == "EXTRA"]
    if times.on_holidays or not holiday(day):
        spans += [(start, end) for weekday, start, end in times.weekly if weekday == day.isoweekday()]
    off = [change for change in changes if change.kind == "OFF"]
    return {
        minute
        for start, end in spans
        for minute in range(start, min(end, DAY_MINUTES) - UNIT + 1, STEP)
        if not any(minute < change.end and change.start < minute + UNIT for change in off)
    }


def cells_of(weekly: Iterable[WeeklyTime]) -> frozenset[str]:
    """Return the cells of the weekly grid that lie wholly inside weekly times, as "weekday-minutes"."""
    wanted = tuple(weekly)
    return frozenset(
        f"{weekday}-{minute}"
        for weekday, start, end in wanted
        for minute in HOURS
        if start <= minute and minute + UNIT <= end
    )


def weekly_of(cells: Collection[str]) -> tuple[WeeklyTime, ...]:
    """Return weekly times from ticked cells of the grid; hours that follow each other become one stretch."""
    found: list[WeeklyTime] = []
    for weekday in WEEKDAYS:
        for minute in HOURS:
            if f"{weekday}-{minute}" not in cells:
                continue
            last = found[-1] if found else (0, 0, 0)
            if last[0] == weekday and last[2] == minute:
                found[-1] = (weekday, last[1], minute + STEP)
            else:
                found.append((weekday, minute, minute + STEP))
    return tuple(found)


GRID_CELLS: Final = tuple(f"{weekday}-{minute}" for minute in HOURS for weekday in WEEKDAYS)
