"""Who came and who did not (J02): check-in, absence on both sides, reminders; every time limit by the clock."""

from datetime import datetime
from uuid import UUID

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.notify import notify
from app.kit.outbox import record as record_fact
from app.kit.viewer import SYSTEM, Role, Viewer
from app.matches import queries as matches
from app.matches import service_progress
from app.matches.errors import TooEarly
from app.matches.queries import MatchFacts
from app.matches.rules import counts_as_absent
from app.matches.service import as_student
from app.matches.service_steps import lock, tell_provider, tell_student
from app.needs import queries as needs
from app.organisations import service_strikes
from app.people import queries as people
from app.sessions import queries
from app.sessions.errors import NotThisSession
from app.sessions.queries import SessionFacts
from app.sessions.rules import ABSENT_AFTER, REMIND_DAY, REMIND_SOON, UNRECORDED_AFTER, is_absent, may_check_in
from app.sessions.service_steps import as_professional, change, drop_proposals, locked


async def check_in(viewer: Viewer, session_id: UUID, *, now: datetime) -> None:
    """Say "I am here" as the provider; who has checked in and waits is never counted as absent."""
    async with DB.transaction():
        session, _match = await as_professional(viewer, session_id)
        if session.state != "BOOKED" or not may_check_in(session.start, now):
            raise NotThisSession("还没到签到时间，约定时间前 30 分钟起可以签到。")
        if session.checked_in_at is None:
            await change(session_id, now=now, checked_in_at=now)
            await audit(viewer, "session.check_in", "session", session_id, now=now)


async def student_absent(viewer: Viewer, session_id: UUID, *, now: datetime) -> None:
    """Note that the student did not come to a booked session: somebody cares for them, nobody blames them.

    At the first meeting the match itself takes the step (domain 6.3); a later one of a running match is missed alone.
    """
    async with DB.transaction():
        session, match = await as_professional(viewer, session_id)
        if session.state != "BOOKED":
            raise NotThisSession
        if match.state == "IN_PROGRESS":
            if not is_absent(session.start, now):
                raise TooEarly
            await _miss(viewer, session, "S_ABSENT", now=now)
            await tell_student(match, "session.booked", now=now)
            await _ask_to_care(match, now=now)
        else:
            await service_progress.student_absent(viewer, match.id, now=now)
            await change(session_id, now=now, state="MISSED", attendance="S_ABSENT")


async def provider_absent(viewer: Viewer, session_id: UUID, *, now: datetime) -> MatchFacts:
    """Note that the provider did not come, as the student says or as the clock finds."""
    async with DB.transaction():
        session = await queries.find(session_id)
        match = await lock(session.match_id)
        if match.state != "IN_PROGRESS":
            return await service_progress.provider_absent(viewer, match.id, now=now)
        if viewer is not SYSTEM:
            await as_student(viewer, match, now)
        session = await locked(session_id)
        if session.state != "BOOKED":
            raise NotThisSession
        if not is_absent(session.start, now):
            raise TooEarly
        await _miss(viewer, session, "P_ABSENT", now=now)
        await service_strikes.strike(match.provider_id, now=now)
        await tell_student(match, "match.ended", now=now)
        await tell_provider(match, "match.ended", now=now)
        return match


async def _miss(viewer: Viewer, session: SessionFacts, attendance: str, *, now: datetime) -> None:
    await change(session.id, now=now, state="MISSED", attendance=attendance)
    await drop_proposals(session.match_id, now=now)
    await audit(viewer, "session.missed", "session", session.id, now=now, fields=["attendance"])


async def _ask_to_care(match: MatchFacts, *, now: datetime) -> None:
    need = await needs.facts(match.need_id)
    path = need.org_path if need else ""
    for account in await people.accounts_in_role([Role.PSY], path, local_day(now)):
        await notify(account, "care.check", "/work", now=now)


async def note_absent_providers(now: datetime) -> int:
    """Note every provider who has not checked in a quarter of an hour after the appointed time."""
    found = await queries.not_checked_in(now - ABSENT_AFTER)
    for session in found:
        async with DB.transaction():
            match = await lock(session.match_id)
            fresh = await locked(session.id)
            if fresh.state != "BOOKED" or fresh.checked_in_at is not None:
                continue
            if match.state == "SCHEDULED" and not counts_as_absent(match.next_at, now):
                continue
            if match.state in {"SCHEDULED", "IN_PROGRESS"}:
                await provider_absent(SYSTEM, session.id, now=now)
            else:
                await change(session.id, now=now, state="CANCELLED")
                await audit(SYSTEM, "session.cancel", "session", session.id, now=now)
    return len(found)


async def remind(now: datetime) -> int:
    """Remind both sides two hours and a day before, each once; the nearer reminder makes the farther one needless."""
    soon = await queries.due_reminders("reminded_2", now + REMIND_SOON, now)
    for session in soon:
        await _remind(session, now, reminded_2=True, reminded_24=True)
    later = await queries.due_reminders("reminded_24", now + REMIND_DAY, now)
    for session in later:
        await _remind(session, now, reminded_24=True)
    return len(soon) + len(later)


async def _remind(session: SessionFacts, now: datetime, **marks: bool) -> None:
    async with DB.transaction():
        if (await locked(session.id)).state != "BOOKED":
            return
        match = await matches.find(session.match_id)
        await change(session.id, now=now, **marks)
        if match is not None:
            await tell_student(match, "session.soon", now=now)
            await tell_provider(match, "session.soon", now=now)
            await record_fact("session.soon", session.id, now=now, match_id=match.id)


async def ask_for_records(now: datetime) -> int:
    """Ask the provider, once, what became of a meeting that was over an hour ago and has no record."""
    found = await queries.without_record(now - UNRECORDED_AFTER)
    for session in found:
        async with DB.transaction():
            match = await matches.find(session.match_id)
            await change(session.id, now=now, reminded_open=True)
            if match is not None:
                await tell_provider(match, "session.open", now=now)
    return len(found)
