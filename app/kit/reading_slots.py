"""Tolerant reading of weekly times such as “周一19:00-21:00；周六9:00-12:00” or “工作日晚上19点至21点”."""

import re
from typing import Final

import msgspec

from app.kit.reading import Unreadable, plain, shown

MIDNIGHT: Final = 24 * 60
NOON: Final = 12
_NAMES: Final = "一二三四五六日"
_WEEKDAYS: Final = {c: i for i, c in enumerate(_NAMES, 1)} | {"天": 7} | {str(i): i for i in range(1, 8)}
_GROUPS: Final = {
    "工作日": (1, 2, 3, 4, 5),
    "平日": (1, 2, 3, 4, 5),
    "周末": (6, 7),
    "双休日": (6, 7),
    "休息日": (6, 7),
    "每天": (1, 2, 3, 4, 5, 6, 7),
    "每日": (1, 2, 3, 4, 5, 6, 7),
    "天天": (1, 2, 3, 4, 5, 6, 7),
}
_AFTERNOON: Final = ("下午", "傍晚", "晚上", "晚间", "夜间", "晚")
_EVENING: Final = ("晚上", "晚间", "夜间", "晚")
_PREFIX: Final = "(?:周|星期|礼拜)"
_TO: Final = "(?:-+|~|–|—+|至|到)"
_HALF: Final = "凌晨|早上|早晨|早|上午|中午|下午|傍晚|晚上|晚间|夜间|晚"
_DAYS: Final = re.compile(
    rf"(?P<group>{'|'.join(_GROUPS)})"
    rf"|{_PREFIX}(?P<first>[{_NAMES}天1-7])(?:{_TO}{_PREFIX}?(?P<last>[{_NAMES}天1-7])(?![\d:点时]))?"
)
_MORE_DAYS: Final = re.compile(rf"(?P<first>[{_NAMES}])(?![点时])")
_SPAN: Final = re.compile(
    rf"(?P<half>{_HALF})?(?P<h1>\d{{1,2}})(?:[:点时](?P<m1>半|\d{{1,2}})?分?)?"
    rf"{_TO}(?P<half2>{_HALF})?(?P<h2>\d{{1,2}})(?:[:点时](?P<m2>半|\d{{1,2}})?分?)?"
)
_NOISE: Final = re.compile(r"[、,;。.和及与()/|:]|每(?=周)|均可|都?可以?|有空|的|时间段?|整|之间")


class WeeklySlot(msgspec.Struct, frozen=True, order=True):
    """One weekly time: weekday 1 (Monday) to 7, start and end in minutes after midnight."""

    weekday: int
    start: int
    end: int

    @property
    def label(self) -> str:
        """Return the time as people write it, such as 周一19:00-21:00; the reader reads it back."""
        return f"周{_NAMES[self.weekday - 1]}{clock_time(self.start)}-{clock_time(self.end)}"


def clock_time(minutes: int) -> str:
    """Return minutes after midnight as 19:00."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def read_weekly_slots(value: object) -> tuple[WeeklySlot, ...]:
    """Read weekly times; days before a time share it, and several times may follow the same days."""
    text = re.sub(r"\s", "", plain(value))
    if text == "":
        raise Unreadable("没有填写，请写例如“周一19:00-21:00；周六9:00-12:00”。", code="missing_value")
    slots: list[WeeklySlot] = []
    days: tuple[int, ...] = ()
    timed, position = False, 0
    while position < len(text):
        if found := _DAYS.match(text, position):
            days = (() if timed else days) + _weekdays(found)
            timed = False
        elif found := _SPAN.match(text, position):
            start, end = _times(found, value)
            slots += [WeeklySlot(weekday=day, start=start, end=end) for day in days]
            timed = True
        elif days and not timed and (found := _MORE_DAYS.match(text, position)):
            days += (_WEEKDAYS[found.group("first")],)
        elif not (found := _NOISE.match(text, position)):
            raise _unclear(value)
        position = found.end()
    if not slots or not timed:
        raise _unclear(value)
    return tuple(sorted(set(slots)))


def _weekdays(found: re.Match[str]) -> tuple[int, ...]:
    if group := found.group("group"):
        return _GROUPS[group]
    first = _WEEKDAYS[found.group("first")]
    last = _WEEKDAYS[found.group("last")] if found.group("last") else first
    return tuple(range(first, last + 1)) if last >= first else (*range(first, 8), *range(1, last + 1))


def _times(found: re.Match[str], value: object) -> tuple[int, int]:
    half = found.group("half") or ""
    start = _minutes(found.group("h1"), found.group("m1"), half)
    end = _minutes(found.group("h2"), found.group("m2"), found.group("half2") or half)
    if not start < end <= MIDNIGHT:
        raise Unreadable(f"“{shown(value)}”里的“{found.group()}”结束不晚于开始，请核对钟点。", code="not_a_time")
    return start, end


def _minutes(hour_text: str, minute_text: str | None, half: str) -> int:
    hour = int(hour_text)
    minute = 30 if minute_text == "半" else int(minute_text or 0)
    from_noon = half == "中午" and hour < NOON - 2
    if (half in _AFTERNOON and hour < NOON) or (half in _EVENING and hour == NOON) or from_noon:
        hour += NOON
    return hour * 60 + minute if minute < 60 else MIDNIGHT + 1  # noqa: PLR2004 - minutes of an hour


def _unclear(value: object) -> Unreadable:
    return Unreadable(
        f"“{shown(value)}”看不出时段，请写星期和起止时间，例如“周一19:00-21:00；周六9:00-12:00”。", code="not_a_time"
    )
