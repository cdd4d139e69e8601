"""Time is an argument: entrances read the clock once and pass `now` on."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Whatever can say what time it is, as an aware datetime in UTC."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)


class MovableClock:
    """A clock that stands still until it is moved; for tests and demonstrations."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment the clock was last set to."""
        return self._now

    def move(self, **parts: float) -> None:
        """Move the clock forwards by the parts of a timedelta (hours=3, days=1 ...)."""
        self._now += timedelta(**parts)

    def set(self, moment: datetime) -> None:
        """Set the clock to one moment."""
        self._now = moment.astimezone(UTC)


def local_day(moment: datetime) -> date:
    """Return the calendar day of a moment in Guangdong."""
    return moment.astimezone(SHANGHAI).date()


def age_on(birth: date, day: date) -> int:
    """Return full years of age on a day; born on 29 February counts from 1 March in common years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def school_year(day: date) -> int:
    """Return the year in which the school year of a day began (09-01 to 08-31)."""
    return day.year if day.month >= 9 else day.year - 1  # noqa: PLR2004 - September, domain 2.4
