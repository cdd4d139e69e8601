"""What every verb about a session needs: the calendar locked, the time checked, the row written, both sides told."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.outbox import record as record_fact
from app.kit.viewer import SYSTEM, Viewer
from app.matches import service_progress
from app.matches.queries import MatchFacts
from app.matches.service import as_provider
from app.matches.service_steps import lock, tell_provider, tell_student
from app.sessions import queries
from app.sessions.errors import SlotTaken
from app.sessions.queries import SessionFacts
from app.sessions.rules import LASTS, LIVE, reminded_already
from app.sessions.rules_times import clashes
from app.sessions.tables import ServiceSession

BEFORE_START = frozenset({"CONFIRMED", "NO_SHOW_S", "NO_SHOW_P"})


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """A time for a meeting with its mode, and a place or a link."""

    start: datetime
    mode: str
    place: str = ""
    link: str = ""


async def lock_calendar(match_id: UUID) -> MatchFacts:
    """Lock the match and then the provider's calendar, so that one time is never booked twice."""
    match = await lock(match_id)
    await DB.rows("SELECT pg_advisory_xact_lock(hashtextextended('calendar:' || $1, 0))", str(match.provider_id))
    return match


async def locked(session_id: UUID) -> SessionFacts:
    """Lock one session for the rest of the transaction."""
    rows = await DB.rows(
        f"SELECT {queries.COLUMNS} FROM service_session WHERE id = $1 FOR UPDATE",  # noqa: S608 - fixed columns
        session_id,
    )
    if not rows:
        raise NotFound
    return queries.session_of(rows[0])


async def as_professional(viewer: Viewer, session_id: UUID) -> tuple[SessionFacts, MatchFacts]:
    """Lock match and session for the provider's side; a stranger finds nothing."""
    session = await queries.find(session_id)
    match = await lock(session.match_id)
    as_provider(viewer, match)
    return await locked(session_id), match


async def ensure_free(match: MatchFacts, start: datetime, now: datetime, *, but: UUID | None = None) -> None:
    """Raise SlotTaken when a time overlaps another one of the provider; this match's own proposals do not count."""
    mine = {session.start for session in await queries.of_match(match.id) if session.state == "PROPOSED"}
    busy = [taken for taken in await queries.busy_of(match.provider_id, now, but=but) if taken.start not in mine]
    if clashes(start, start + LASTS, busy):
        raise SlotTaken


async def write(
    viewer: Viewer,
    match: MatchFacts,
    booking: Booking,
    state: str,
    side: str,
    *,
    now: datetime,
    moves: UUID | None = None,
) -> UUID:
    """Write a booked or proposed session; what is booked shortly before needs no reminder a day before."""
    day_before, hours_before = reminded_already(booking.start, now)
    session = ServiceSession(
        match_id=match.id,
        provider_id=match.provider_id,
        student_id=match.student_id,
        proposed_by=side,
        mode=booking.mode,
        start=booking.start,
        end=booking.start + LASTS,
        place=booking.place,
        link=booking.link,
        state=state,
        moves=moves,
        reminded_24=day_before,
        reminded_2=hours_before,
        created_at=now,
        updated_at=now,
        created_by_appointment=viewer.appointment_id,
        data_class="L4",
        legal_basis="consent:P06",
    )
    await session.save()
    await audit(viewer, f"session.{state.lower()}", "session", session.id, now=now)
    return session.id


async def change(session_id: UUID, *, now: datetime, **values: Any) -> None:
    """Write changed columns of a session with its version."""
    changes: dict[Any, Any] = {**values, "updated_at": now, "version": ServiceSession.version + 1}
    await ServiceSession.update(changes, force=True).where(ServiceSession.id == session_id)


async def note_time(viewer: Viewer, match: MatchFacts, start: datetime, *, now: datetime) -> None:
    """Tell the match when its first meeting is: booked, booked again after a missed one, or moved."""
    if match.state in BEFORE_START:
        await service_progress.schedule(viewer, match.id, now=now, start=start)
    elif match.state == "SCHEDULED":
        await service_progress.move_meeting(viewer, match.id, now=now, start=start)


async def tell_booked(match: MatchFacts, session_id: UUID, *, now: datetime) -> None:
    """Tell both sides of a booked time."""
    await record_fact("session.booked", session_id, now=now, match_id=match.id)
    await tell_student(match, "session.booked", now=now)
    await tell_provider(match, "session.booked", now=now)


async def tell_other(match: MatchFacts, side: str, *, now: datetime) -> None:
    """Tell the other side that something about the appointment has changed."""
    await (tell_provider if side == "STUDENT" else tell_student)(match, "session.booked", now=now)


async def drop_proposals(match_id: UUID, *, now: datetime) -> None:
    """Cancel the proposals of a match that nobody has answered."""
    await DB.rows(
        """
        UPDATE service_session SET state = 'CANCELLED', updated_at = $2, version = version + 1
        WHERE match_id = $1 AND state = 'PROPOSED'
        """,
        match_id,
        now,
    )


async def cancel_open(match_id: UUID, *, now: datetime, missed_by: str = "") -> None:
    """Cancel what is still planned for a match, or mark the booked one as missed by one of the sides."""
    for session in await queries.of_match(match_id):
        if session.state not in LIVE:
            continue
        if missed_by and session.state == "BOOKED":
            await change(session.id, now=now, state="MISSED", attendance=missed_by)
        else:
            await change(session.id, now=now, state="CANCELLED")
        await audit(SYSTEM, "session.cancel", "session", session.id, now=now)
