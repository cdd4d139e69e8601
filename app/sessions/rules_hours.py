"""Hours of volunteers: credit hours by the system alone, added hours confirmed by somebody else, certificates."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

KINDS: Final[Mapping[str, str]] = {"CREDIT": "系统记录", "ADDED": "自己登记"}
STATES: Final[Mapping[str, str]] = {"WAITING": "等待确认", "CONFIRMED": "已确认", "REFUSED": "没有确认"}
TONES: Final[Mapping[str, str]] = {"WAITING": "wait", "CONFIRMED": "good", "REFUSED": "bad"}
MOST_A_DAY: Final = 8 * 60
DECLARED_WITHIN: Final = timedelta(days=90)
HOUR: Final = 60


def credited(filed: int, start: datetime, end: datetime) -> int:
    """Return the minutes the system credits: what the record says, never more than was booked."""
    return max(1, min(filed, int((end - start).total_seconds() // 60)))


def hours_text(minutes: int) -> str:
    """Write minutes as people read hours: “2 小时 30 分钟”."""
    hours, rest = divmod(minutes, HOUR)
    parts = [f"{hours} 小时"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} 分钟")
    return " ".join(parts)


def masked(name: str) -> str:
    """Return a name of which only the first character shows: enough to compare with the paper in one's hand."""
    return name[:1] + "＊" * max(1, len(name) - 1)


def certificate_no(day: date, chance: str) -> str:
    """Return the number printed on a certificate."""
    return f"QQ{day:%Y%m%d}-{chance.upper()}"
