"""A provider's times as their page shows them: the weekly grid, days that differ, holidays ahead, what is booked."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import require
from app.kit.viewer import Viewer
from app.offers import queries as offers
from app.sessions import queries
from app.sessions.rules import AHEAD
from app.sessions.rules_times import Change, Timetable, cells_of, free_slots, holiday

HOLIDAYS_AHEAD = 60


class Holiday(msgspec.Struct, frozen=True):
    """A public holiday that is coming."""

    day: date
    name: str


class BookedLine(msgspec.Struct, frozen=True):
    """A booked meeting of the provider, by its time and match alone."""

    start: datetime
    match_id: UUID


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the page of times shows; `kept` tells whether the provider has set a timetable of its own."""

    kept: bool
    cells: frozenset[str]
    on_holidays: bool
    changes: tuple[Change, ...]
    holidays: tuple[Holiday, ...]
    booked: tuple[BookedLine, ...]
    free: tuple[datetime, ...]


async def times_of(viewer: Viewer, *, now: datetime) -> Times:
    """Return the viewer's times; before a timetable is kept, the grid shows the times named in the offers."""
    require(viewer, "availability", "R")
    if viewer.provider_id is None:
        raise NotFound
    kept = await queries.timetable_of(viewer.provider_id, now)
    times = kept or Timetable(
        tuple(slot for offer in await offers.mine(viewer) for slot in queries.weekly_in(offer)),
        await queries.changes_of(viewer.provider_id, local_day(now)),
    )
    first = local_day(now)
    days = (first + timedelta(days=ahead) for ahead in range(HOLIDAYS_AHEAD))
    booked = await DB.rows(
        """
        SELECT start, match_id FROM service_session
        WHERE provider_id = $1 AND state IN ('BOOKED', 'RUNNING') AND "end" > $2 AND start <= $3 ORDER BY start
        """,
        viewer.provider_id,
        now,
        now + AHEAD,
    )
    return Times(
        kept=kept is not None,
        cells=cells_of(times.weekly),
        on_holidays=times.on_holidays,
        changes=times.changes,
        holidays=tuple(Holiday(day, name) for day in days if (name := holiday(day))),
        booked=tuple(BookedLine(**row) for row in booked),
        free=free_slots(times, await queries.busy_of(viewer.provider_id, now), now),
    )
