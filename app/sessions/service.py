"""Book, propose, agree, begin, miss, record and finish sessions (domain 6.3, 7.4, J02)."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.outbox import record as record_fact
from app.kit.viewer import SYSTEM, Viewer
from app.matches import queries as matches
from app.matches import service_progress
from app.matches.errors import RecordMissing
from app.matches.queries import MatchFacts
from app.matches.rules import SERVICE_KINDS
from app.matches.service import as_provider
from app.matches.service_progress import side_of
from app.matches.service_steps import lock, tell_provider, tell_student
from app.needs import queries as needs
from app.needs import service_progress as needs_progress
from app.sessions import queries
from app.sessions.errors import NotBookable, NotThisSession, SlotTaken
from app.sessions.queries import SessionFacts
from app.sessions.rules import LASTS, LIVE, clashes, may_book, may_check_in
from app.sessions.tables import ServiceSession

_BEFORE_START = frozenset({"CONFIRMED", "NO_SHOW_S", "NO_SHOW_P"})
_BOOKABLE = _BEFORE_START | {"IN_PROGRESS"}


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """A time for a meeting with its mode, and a place or a link."""

    start: datetime
    mode: str
    place: str = ""
    link: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What a professional files: a sealed note for themselves, a result the student may read, minutes, risk after."""

    note: str
    result: str
    minutes: int
    risk_after: str = "NONE"
    next_plan: str = ""


async def book(viewer: Viewer, match_id: UUID, booking: Booking, *, now: datetime) -> UUID:
    """Book one of the free times of the offer, for both sides at once; SlotTaken when somebody was faster."""
    async with DB.transaction():
        match = await _lock_calendar(match_id)
        side = await side_of(viewer, match, now)
        await _check_free(match, booking, now)
        offered = booking.start in await queries.free_of(match, now)
        if not offered and side == "STUDENT":
            raise NotBookable("这个时间不在对方公布的时间里，可以“提一个时间”请对方同意。")
        session_id = await _write(viewer, match, booking, "BOOKED", side, now=now)
        await _schedule(viewer, match, booking.start, now=now)
        await _tell_booked(match, session_id, now=now)
    return session_id


async def propose_time(viewer: Viewer, match_id: UUID, booking: Booking, *, now: datetime) -> UUID:
    """Propose a time of one's own; the other side agrees or not."""
    async with DB.transaction():
        match = await _lock_calendar(match_id)
        side = await side_of(viewer, match, now)
        await _check_free(match, booking, now)
        await DB.rows(
            """
            UPDATE service_session SET state = 'CANCELLED', updated_at = $2
            WHERE match_id = $1 AND state = 'PROPOSED'
            """,
            match_id,
            now,
        )
        session_id = await _write(viewer, match, booking, "PROPOSED", side, now=now)
        await (tell_provider if side == "STUDENT" else tell_student)(match, "session.booked", now=now)
    return session_id


async def agree(viewer: Viewer, session_id: UUID, *, now: datetime) -> None:
    """Agree to a time the other side proposed."""
    async with DB.transaction():
        session = await queries.find(session_id)
        match = await _lock_calendar(session.match_id)
        session = await _locked(session_id)
        side = await side_of(viewer, match, now)
        if session.state != "PROPOSED" or session.proposed_by == side:
            raise NotThisSession
        if not may_book(session.start, now):
            raise NotBookable
        await _change(session_id, now=now, state="BOOKED")
        await audit(viewer, "session.agree", "session", session_id, now=now)
        await _schedule(viewer, match, session.start, now=now)
        await _tell_booked(match, session_id, now=now)


async def _schedule(viewer: Viewer, match: MatchFacts, start: datetime, *, now: datetime) -> None:
    if match.state in _BEFORE_START:
        await service_progress.schedule(viewer, match.id, now=now, start=start)


async def _lock_calendar(match_id: UUID) -> MatchFacts:
    """Lock the match and then the provider's calendar, so that one time is never booked twice."""
    match = await lock(match_id)
    await DB.rows("SELECT pg_advisory_xact_lock(hashtextextended('calendar:' || $1, 0))", str(match.provider_id))
    return match


async def _check_free(match: MatchFacts, booking: Booking, now: datetime) -> None:
    if match.state not in _BOOKABLE or not may_book(booking.start, now):
        raise NotBookable
    if match.state == "IN_PROGRESS":
        planned = await queries.of_match(match.id)
        if any(session.state in {"BOOKED", "RUNNING"} for session in planned):
            raise NotBookable("已经约好了下一次。")
    mine = {session.start for session in await queries.of_match(match.id) if session.state == "PROPOSED"}
    busy = [taken for taken in await queries.busy_of(match.provider_id, now) if taken.start not in mine]
    if clashes(booking.start, booking.start + LASTS, busy):
        raise SlotTaken


async def _write(viewer: Viewer, match: MatchFacts, booking: Booking, state: str, side: str, *, now: datetime) -> UUID:
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
        created_at=now,
        updated_at=now,
        created_by_appointment=viewer.appointment_id,
        data_class="L4",
        legal_basis="consent:P06",
    )
    await session.save()
    await audit(viewer, f"session.{state.lower()}", "session", session.id, now=now)
    return session.id


async def _tell_booked(match: MatchFacts, session_id: UUID, *, now: datetime) -> None:
    await record_fact("session.booked", session_id, now=now, match_id=match.id)
    await tell_student(match, "session.booked", now=now)
    await tell_provider(match, "session.booked", now=now)


async def _locked(session_id: UUID) -> SessionFacts:
    rows = await DB.rows(
        f"SELECT {queries.COLUMNS} FROM service_session WHERE id = $1 FOR UPDATE",  # noqa: S608 - fixed columns
        session_id,
    )
    if not rows:
        raise NotFound
    return queries.session_of(rows[0])


async def _change(session_id: UUID, *, now: datetime, **values: Any) -> None:
    changes: dict[Any, Any] = {**values, "updated_at": now, "version": ServiceSession.version + 1}
    await ServiceSession.update(changes, force=True).where(ServiceSession.id == session_id)


async def _as_professional(viewer: Viewer, session_id: UUID) -> tuple[SessionFacts, MatchFacts]:
    """Lock match and session for the provider's side; a stranger finds nothing."""
    session = await queries.find(session_id)
    match = await lock(session.match_id)
    as_provider(viewer, match)
    return await _locked(session_id), match


async def start(viewer: Viewer, session_id: UUID, *, now: datetime) -> None:
    """Check in at a session; the first one brings match and need into service."""
    async with DB.transaction():
        session, match = await _as_professional(viewer, session_id)
        if session.state != "BOOKED" or not may_check_in(session.start, now):
            raise NotThisSession("还没到签到时间，约定时间前 30 分钟起可以签到。")
        if match.state == "SCHEDULED":
            await service_progress.start(viewer, match.id, now=now)
        await _change(session_id, now=now, state="RUNNING", checked_in_at=now)
        await audit(viewer, "session.start", "session", session_id, now=now)


async def student_absent(viewer: Viewer, session_id: UUID, *, now: datetime) -> MatchFacts:
    """Note that the student did not come to a booked session."""
    async with DB.transaction():
        session, match = await _as_professional(viewer, session_id)
        if session.state != "BOOKED":
            raise NotThisSession
        moved = await service_progress.student_absent(viewer, match.id, now=now)
        await _change(session_id, now=now, state="MISSED", attendance="S_ABSENT")
        return moved


async def provider_absent(viewer: Viewer, session_id: UUID, *, now: datetime) -> MatchFacts:
    """Note that the provider did not come, as the student sees it."""
    async with DB.transaction():
        session = await queries.find(session_id)
        return await service_progress.provider_absent(viewer, session.match_id, now=now)


async def file_record(viewer: Viewer, session_id: UUID, filed: Record, *, now: datetime) -> None:
    """File the record of a session: the note is sealed and readable by its writer alone.

    A risk of ORANGE or RED hands the need to a case, as domain 6.1 says of professionals.
    """
    async with DB.transaction():
        session, match = await _as_professional(viewer, session_id)
        if session.state != "RUNNING":
            raise NotThisSession("请先签到，服务开始以后才能填写记录。")
        await _change(
            session_id,
            now=now,
            state="DONE",
            attendance="BOTH",
            summary_sealed=vault().seal(filed.note, f"session.note:{session_id}"),
            result=filed.result,
            risk_after=filed.risk_after,
            next_plan=filed.next_plan,
            minutes=filed.minutes,
        )
        await audit(viewer, "session.record", "session", session_id, now=now, fields=["note", "result"])
        await record_fact(
            "session.recorded",
            session_id,
            now=now,
            match_id=match.id,
            need_id=match.need_id,
            student_id=match.student_id,
            risk_after=filed.risk_after,
        )
        if filed.risk_after in {"ORANGE", "RED"}:
            need = await needs.facts(match.need_id)
            if need is not None and need.state == "IN_SERVICE":
                await needs_progress.professional_routes(
                    viewer, match.need_id, filed.risk_after, "服务后评估需要专业跟进", now=now
                )


async def finish(viewer: Viewer, match_id: UUID, result: str, *, now: datetime) -> MatchFacts:
    """Complete a match once a record has been filed; the student is asked for confirmation and feedback."""
    async with DB.transaction():
        match = await lock(match_id)
        as_provider(viewer, match)
        held = await queries.of_match(match_id)
        if match.kind in SERVICE_KINDS and not any(session.state == "DONE" for session in held):
            raise RecordMissing
        await cancel_open(match_id, now=now)
        return await service_progress.finish(viewer, match_id, result, now=now)


async def cancel_open(match_id: UUID, *, now: datetime, missed_by: str = "") -> None:
    """Cancel what is still planned for a match, or mark the booked one as missed by the provider."""
    for session in await queries.of_match(match_id):
        if session.state not in LIVE:
            continue
        if missed_by and session.state == "BOOKED":
            await _change(session.id, now=now, state="MISSED", attendance=missed_by)
        else:
            await _change(session.id, now=now, state="CANCELLED")
        await audit(SYSTEM, "session.cancel", "session", session.id, now=now)


async def remind(now: datetime, column: str, before: datetime) -> int:
    """Remind both sides of booked sessions, once for each distance."""
    due = await queries.due_reminders(column, before, now)
    for session in due:
        async with DB.transaction():
            match = await matches.find(session.match_id)
            await _change(session.id, now=now, **{column: True})
            if match is not None:
                await tell_student(match, "session.soon", now=now)
                await tell_provider(match, "session.soon", now=now)
                await record_fact("session.soon", session.id, now=now, match_id=match.id)
    return len(due)
