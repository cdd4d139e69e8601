"""How amounts, days and moments are written for a Chinese reader; the template filters of the same names."""

from datetime import date, datetime, timedelta

from app.kit.clock import SHANGHAI

NOTHING = "—"
"""What stands where a value is not known."""

_FEN = 100
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def yuan(fen: int | None) -> str:
    """Write an amount given in fen: 300000 becomes “3,000 元”, 150 becomes “1.50 元”."""
    if fen is None:
        return NOTHING
    whole, rest = divmod(abs(fen), _FEN)
    sign = "-" if fen < 0 else ""
    return f"{sign}{whole:,}.{rest:02d} 元" if rest else f"{sign}{whole:,} 元"


def day(value: date | datetime | None) -> str:
    """Write a calendar day: “2026年11月23日”; a moment is read as its day in Guangdong."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    return f"{value.year}年{value.month}月{value.day}日"


def clock_time(value: datetime) -> str:
    """Write the time of day in Guangdong: “18:05”."""
    return f"{value.astimezone(SHANGHAI):%H:%M}"


def moment(value: datetime | None, now: datetime) -> str:
    """Write a moment: “11月23日 18:05”, with the year in front when it is not the year of `now`."""
    if value is None:
        return NOTHING
    local = value.astimezone(SHANGHAI)
    year = "" if local.year == now.astimezone(SHANGHAI).year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日 {clock_time(value)}"


def ago(value: datetime | None, now: datetime) -> str:
    """Write how far a moment is from `now`: “5 分钟前”, “昨天 18:05”, “3 天后”; beyond a week, the moment."""
    if value is None:
        return NOTHING
    distance = abs(now - value)
    days = (now.astimezone(SHANGHAI).date() - value.astimezone(SHANGHAI).date()).days
    if distance >= 7 * _DAY:
        return moment(value, now)
    if distance < _HOUR or days == 0:
        return _within_the_day(distance, past=value <= now)
    if abs(days) == 1:
        return f"{'昨天' if days > 0 else '明天'} {clock_time(value)}"
    return f"{abs(days)} 天{'前' if days > 0 else '后'}"


def _within_the_day(distance: timedelta, *, past: bool) -> str:
    if distance < _MINUTE:
        return "刚刚" if past else "马上"
    side = "前" if past else "后"
    return f"{distance // _MINUTE} 分钟{side}" if distance < _HOUR else f"{distance // _HOUR} 小时{side}"
