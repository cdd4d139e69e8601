"""Sessions: when one may be booked, begun and recorded."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec

from app.kit.clock import SHANGHAI, local_day

STATES: Final[Mapping[str, str]] = {
    "PROPOSED": "等对方同意",
    "BOOKED": "已约好",
    "RUNNING": "进行中",
    "DONE": "已完成",
    "MISSED": "没有见上面",
    "CANCELLED": "已取消",
}
LIVE: Final = frozenset({"PROPOSED", "BOOKED", "RUNNING"})
LASTS: Final = timedelta(minutes=50)
AHEAD: Final = timedelta(days=14)
NOTICE: Final = timedelta(hours=2)
"""A slot can be booked up to two hours before it begins."""
CHECK_IN_FROM: Final = timedelta(minutes=30)
"""The provider may check in from half an hour before the appointed time."""
REMIND_DAY: Final = timedelta(hours=24)
REMIND_SOON: Final = timedelta(hours=2)
DAY_MINUTES: Final = 24 * 60

RISK_LEVELS: Final[Mapping[str, str]] = {
    "NONE": "没有担心",
    "BLUE": "留意",
    "YELLOW": "需要关注",
    "ORANGE": "需要专业干预",
    "RED": "有现实危险",
}
SCORES: Final[Mapping[str, str]] = {"5": "很好", "4": "好", "3": "一般", "2": "不太好", "1": "很不好"}
TAGS: Final[Mapping[str, str]] = {
    "KIND": "耐心",
    "USEFUL": "有帮助",
    "ONTIME": "守时",
    "CLEAR": "讲得清楚",
    "LATE": "迟到",
    "OFF": "没说到点上",
}


class Busy(msgspec.Struct, frozen=True):
    """A stretch of time that is taken."""

    start: datetime
    end: datetime


def may_book(start: datetime, now: datetime) -> bool:
    """Tell whether a time can be booked: from two hours ahead until 14 days ahead."""
    return now + NOTICE <= start <= now + AHEAD


def clashes(start: datetime, end: datetime, busy: Iterable[Busy]) -> bool:
    """Tell whether a time overlaps one that is taken."""
    return any(start < taken.end and taken.start < end for taken in busy)


def free_slots(weekly: Iterable[tuple[int, int, int]], busy: Iterable[Busy], now: datetime) -> tuple[datetime, ...]:
    """Return the starts of free 50-minute units of the next 14 days (weekly times: weekday 1 to 7, minutes)."""
    wanted = tuple(weekly)
    taken = tuple(busy)
    first = local_day(now)
    found: set[datetime] = set()
    unit = int(LASTS.total_seconds() // 60)
    for ahead in range(AHEAD.days + 1):
        day = first + timedelta(days=ahead)
        midnight = datetime.combine(day, time(), SHANGHAI)
        for weekday, start, end in wanted:
            if weekday != day.isoweekday():
                continue
            for minute in range(start, min(end, DAY_MINUTES) - unit + 1, 60):
                moment = (midnight + timedelta(minutes=minute)).astimezone(UTC)
                if may_book(moment, now) and not clashes(moment, moment + LASTS, taken):
                    found.add(moment)
    return tuple(sorted(found))


def may_check_in(start: datetime, now: datetime) -> bool:
    """Tell whether the provider may check in: from half an hour before."""
    return now >= start - CHECK_IN_FROM
