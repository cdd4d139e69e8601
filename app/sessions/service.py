"""Book, propose, agree, begin, record and finish sessions (domain 6.3, 7.4, J02)."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.outbox import record as record_fact
from app.kit.viewer import Viewer
from app.matches import service_progress
from app.matches.errors import RecordMissing
from app.matches.queries import MatchFacts
from app.matches.rules import SERVICE_KINDS
from app.matches.service import as_provider
from app.matches.service_progress import side_of
from app.matches.service_steps import lock
from app.needs import queries as needs
from app.needs import service_progress as needs_progress
from app.sessions import queries, service_hours
from app.sessions.errors import NotBookable, NotThisSession
from app.sessions.queries import SessionFacts
from app.sessions.rules import may_book, may_check_in, reminded_already
from app.sessions.service_steps import (
    BEFORE_START,
    Booking,
    as_professional,
    cancel_open,
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

_BOOKABLE = BEFORE_START | {"IN_PROGRESS"}


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
        match = await lock_calendar(match_id)
        side = await side_of(viewer, match, now)
        await _ensure_bookable(match, booking, now)
        offered = booking.start in await queries.free_of(match, now)
        if not offered and side == "STUDENT":
            raise NotBookable("这个时间不在对方公布的时间里，可以“提一个时间”请对方同意。")
        await drop_proposals(match_id, now=now)
        session_id = await write(viewer, match, booking, "BOOKED", side, now=now)
        await note_time(viewer, match, booking.start, now=now)
        await tell_booked(match, session_id, now=now)
    return session_id


async def propose_time(viewer: Viewer, match_id: UUID, booking: Booking, *, now: datetime) -> UUID:
    """Propose a time of one's own; the other side agrees or not."""
    async with DB.transaction():
        match = await lock_calendar(match_id)
        side = await side_of(viewer, match, now)
        await _ensure_bookable(match, booking, now)
        await drop_proposals(match_id, now=now)
        session_id = await write(viewer, match, booking, "PROPOSED", side, now=now)
        await tell_other(match, side, now=now)
    return session_id


async def agree(viewer: Viewer, session_id: UUID, *, now: datetime) -> None:
    """Agree to a time the other side proposed; when it moves a booked time, that one is free again."""
    async with DB.transaction():
        session = await queries.find(session_id)
        match = await lock_calendar(session.match_id)
        session = await locked(session_id)
        side = await side_of(viewer, match, now)
        if session.state != "PROPOSED" or session.proposed_by == side:
            raise NotThisSession
        if not may_book(session.start, now):
            raise NotBookable
        await _give_way(match, session, now=now)
        day_before, hours_before = reminded_already(session.start, now)
        await change(session_id, now=now, state="BOOKED", reminded_24=day_before, reminded_2=hours_before)
        await audit(viewer, "session.agree", "session", session_id, now=now)
        await note_time(viewer, match, session.start, now=now)
        await tell_booked(match, session_id, now=now)


async def _give_way(match: MatchFacts, session: SessionFacts, *, now: datetime) -> None:
    """Cancel the booked time that an agreed one replaces; a match never has two booked times."""
    planned = [one for one in await queries.of_match(match.id) if one.state in {"BOOKED", "RUNNING"}]
    if [one.id for one in planned] != ([session.moves] if session.moves else []):
        raise NotThisSession
    for before in planned:
        if before.state != "BOOKED" or before.checked_in_at is not None:
            raise NotThisSession
        await change(before.id, now=now, state="CANCELLED")


async def _ensure_bookable(match: MatchFacts, booking: Booking, now: datetime) -> None:
    if match.state not in _BOOKABLE or not may_book(booking.start, now):
        raise NotBookable
    if match.state == "IN_PROGRESS":
        planned = await queries.of_match(match.id)
        if any(session.state in {"BOOKED", "RUNNING"} for session in planned):
            raise NotBookable("已经约好了下一次。")
    await ensure_free(match, booking.start, now)


async def start(viewer: Viewer, session_id: UUID, *, now: datetime) -> None:
    """Begin a session; the first one brings match and need into service."""
    async with DB.transaction():
        session, match = await as_professional(viewer, session_id)
        if session.state != "BOOKED" or not may_check_in(session.start, now):
            raise NotThisSession("还没到签到时间，约定时间前 30 分钟起可以签到。")
        await drop_proposals(match.id, now=now)
        if match.state == "SCHEDULED":
            await service_progress.start(viewer, match.id, now=now)
        await change(session_id, now=now, state="RUNNING", checked_in_at=session.checked_in_at or now)
        await audit(viewer, "session.start", "session", session_id, now=now)


async def file_record(viewer: Viewer, session_id: UUID, filed: Record, *, now: datetime) -> None:
    """File the record of a session: the note is sealed and readable by its writer alone.

    A risk of ORANGE or RED hands the need to a case, as domain 6.1 says of professionals. A volunteer's time is
    credited by the system in the same transaction.
    """
    async with DB.transaction():
        session, match = await as_professional(viewer, session_id)
        if session.state != "RUNNING":
            raise NotThisSession("请先签到，服务开始以后才能填写记录。")
        await change(
            session_id,
            now=now,
            state="DONE",
            attendance="BOTH",
            summary_sealed=vault().seal(filed.note, f"session.note:{session_id}"),
            summary_by=viewer.account_id,
            result=filed.result,
            risk_after=filed.risk_after,
            next_plan=filed.next_plan,
            minutes=filed.minutes,
        )
        await audit(viewer, "session.record", "session", session_id, now=now, fields=["note", "result"])
        await service_hours.credit(await locked(session_id), now=now)
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
