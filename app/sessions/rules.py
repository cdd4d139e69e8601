"""Sessions: when one may be booked, begun and recorded."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

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
ABSENT_AFTER: Final = timedelta(minutes=15)
UNRECORDED_AFTER: Final = timedelta(hours=1)
"""After the end of a meeting the provider is asked, once, to file its record."""

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


def may_book(start: datetime, now: datetime) -> bool:
    """Tell whether a time can be booked: from two hours ahead until 14 days ahead."""
    return now + NOTICE <= start <= now + AHEAD


def may_move(start: datetime, now: datetime) -> bool:
    """Tell whether a booked time may still be moved or cancelled: at least two hours before it begins."""
    return start - now >= NOTICE


def may_check_in(start: datetime, now: datetime) -> bool:
    """Tell whether the provider may check in: from half an hour before."""
    return now >= start - CHECK_IN_FROM


def is_absent(start: datetime, now: datetime) -> bool:
    """Tell whether somebody who has not come yet counts as absent: a quarter of an hour later, to the second."""
    return now >= start + ABSENT_AFTER


def reminded_already(start: datetime, now: datetime) -> tuple[bool, bool]:
    """Tell which reminders a booking makes itself superfluous: (a day before, two hours before)."""
    return start - now <= REMIND_DAY, start - now <= REMIND_SOON
