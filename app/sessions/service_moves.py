"""Move or cancel what is booked, by either side, until two hours before it begins."""

from datetime import datetime
from uuid import UUID

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.viewer import Viewer
from app.matches.service_progress import side_of
from app.sessions import queries
from app.sessions.errors import NotBookable, NotThisSession, TooLateToMove
from app.sessions.rules import may_book, may_move
from app.sessions.service_steps import (
    Booking,
    change,
    drop_proposals,
    ensure_free,
    lock_calendar,
    locked,
    note_time,
    tell_booked,
    tell_other,
    write,
)

_MOVABLE = frozenset({"SCHEDULED", "IN_PROGRESS"})


async def move(viewer: Viewer, session_id: UUID, booking: Booking, *, now: datetime) -> bool:
    """Move a booked session; returns whether it has moved, or waits for the other side.

    A student moves to a published free time at once. Any other time, and every wish of the provider's, is a proposal:
    the booked time stands until the other side agrees.
    """
    async with DB.transaction():
        session = await queries.find(session_id)
        match = await lock_calendar(session.match_id)
        side = await side_of(viewer, match, now)
        session = await locked(session_id)
        if session.state != "BOOKED" or session.checked_in_at is not None or match.state not in _MOVABLE:
            raise NotThisSession
        if not may_move(session.start, now):
            raise TooLateToMove
        if not may_book(booking.start, now):
            raise NotBookable
        if booking.start == session.start:
            raise NotBookable("这就是现在约好的时间，请选另一个时间。")
        await ensure_free(match, booking.start, now, but=session_id)
        at_once = side == "STUDENT" and booking.start in await queries.free_of(match, now, but=session_id)
        await drop_proposals(match.id, now=now)
        await audit(viewer, "session.move", "session", session_id, now=now, fields=["start"])
        if not at_once:
            await write(viewer, match, booking, "PROPOSED", side, now=now, moves=session_id)
            await tell_other(match, side, now=now)
            return False
        await change(session_id, now=now, state="CANCELLED")
        moved = await write(viewer, match, booking, "BOOKED", side, now=now, moves=session_id)
        await note_time(viewer, match, booking.start, now=now)
        await tell_booked(match, moved, now=now)
    return True


async def cancel(viewer: Viewer, session_id: UUID, *, now: datetime) -> None:
    """Take back or turn down a proposal, or cancel a later meeting of a running match in time."""
    async with DB.transaction():
        session = await queries.find(session_id)
        match = await lock_calendar(session.match_id)
        side = await side_of(viewer, match, now)
        session = await locked(session_id)
        if session.state == "BOOKED" and match.state == "SCHEDULED":
            raise NotThisSession("这是你们的第一次见面：可以改时间；不再需要的话，请用“取消”结束这次对接。")
        if session.state not in {"PROPOSED", "BOOKED"} or session.checked_in_at is not None:
            raise NotThisSession
        if session.state == "BOOKED":
            if not may_move(session.start, now):
                raise TooLateToMove
            await drop_proposals(match.id, now=now)
        await change(session_id, now=now, state="CANCELLED")
        await audit(viewer, "session.cancel", "session", session_id, now=now)
        await tell_other(match, side, now=now)
