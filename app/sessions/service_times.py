"""Set the weekly times of a provider and the days that differ."""

import json
from datetime import date, datetime
from uuid import UUID

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import require
from app.kit.viewer import Viewer
from app.sessions.errors import TooManyChanges
from app.sessions.rules_times import MOST_CHANGES, Change, WeeklyTime
from app.sessions.tables import DayChange, Timetable


def _provider(viewer: Viewer, verb: str) -> UUID:
    require(viewer, "availability", verb)
    if viewer.provider_id is None:
        raise NotFound
    return viewer.provider_id


async def set_week(viewer: Viewer, weekly: tuple[WeeklyTime, ...], *, on_holidays: bool, now: datetime) -> None:
    """Write the weekly times of all the provider's offers; what is booked already stays booked."""
    provider_id = _provider(viewer, "U")
    async with DB.transaction():
        row = await Timetable.objects().where(Timetable.provider_id == provider_id).lock_rows().first()
        if row is None:
            row = Timetable(provider_id=provider_id, created_at=now, created_by_appointment=viewer.appointment_id)
        else:
            row.version += 1
        row.weekly = json.dumps(weekly)
        row.on_holidays = on_holidays
        row.updated_at = now
        await row.save()
        await audit(viewer, "availability.week", "provider", provider_id, now=now, fields=["weekly"])


async def add_change(viewer: Viewer, change: Change, *, now: datetime) -> int:
    """Add a day off or extra hours; returns how many booked meetings stand in a time that is off now."""
    provider_id = _provider(viewer, "U")
    async with DB.transaction():
        held = await DB.value(
            "SELECT count(*)::int FROM session_day_change WHERE provider_id = $1 AND day >= $2", provider_id, now.date()
        )
        if held >= MOST_CHANGES:
            raise TooManyChanges
        row = DayChange(
            provider_id=provider_id,
            day=change.day,
            kind=change.kind,
            start=change.start,
            end=change.end,
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
        )
        await row.save()
        await audit(viewer, "availability.change", "provider", provider_id, now=now, fields=["day"])
        return await _booked_in(provider_id, change) if change.kind == "OFF" else 0


async def _booked_in(provider_id: UUID, change: Change) -> int:
    found: int = await DB.value(
        """
        SELECT count(*)::int FROM service_session
        WHERE provider_id = $1 AND state = 'BOOKED'
          AND start < ($2::date + make_interval(mins => $4)) AT TIME ZONE 'Asia/Shanghai'
          AND "end" > ($2::date + make_interval(mins => $3)) AT TIME ZONE 'Asia/Shanghai'
        """,
        provider_id,
        change.day,
        change.start,
        change.end,
    )
    return found


async def drop_change(viewer: Viewer, day: date, kind: str, start: int, *, now: datetime) -> None:
    """Take back a day off or extra hours; doing it twice is doing it once."""
    provider_id = _provider(viewer, "U")
    async with DB.transaction():
        await DayChange.delete().where(
            (DayChange.provider_id == provider_id)
            & (DayChange.day == day)
            & (DayChange.kind == kind)
            & (DayChange.start == start)
        )
        await audit(viewer, "availability.change", "provider", provider_id, now=now, fields=["day"])
