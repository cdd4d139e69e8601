"""After both sides said yes: schedule, begin, miss, cancel, finish (domain 6.3)."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from app.consents import service as consents
from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.notify import notify
from app.kit.permissions import require
from app.kit.viewer import SYSTEM, Role, Viewer
from app.matches import queries_desk
from app.matches.errors import AgreementIncomplete, NoMoreRebooking, TooEarly, TooLateToCancel
from app.matches.queries import MatchFacts
from app.matches.rules import (
    HOLDS_PLACE,
    MOST_REBOOKS,
    SERVICE_KINDS,
    agreement_missing,
    counts_as_absent,
    may_cancel,
)
from app.matches.service import as_provider, as_student
from app.matches.service_steps import lock, move, tell_provider, tell_student
from app.matches.tables import Match
from app.needs import queries as needs
from app.needs import service_progress as needs_progress
from app.organisations import service_strikes
from app.people import queries as people


async def side_of(viewer: Viewer, match: MatchFacts, now: datetime) -> str:
    """Return STUDENT or PROVIDER, or refuse a stranger."""
    if await needs.stands_for(viewer, match.student_id, now):
        return "STUDENT"
    as_provider(viewer, match)
    return "PROVIDER"


async def note_agreement(viewer: Viewer, match_id: UUID, entries: dict[str, str], *, now: datetime) -> tuple[str, ...]:
    """Write what was agreed or handed in so far; returns in words what is still missing."""
    async with DB.transaction():
        match = await lock(match_id)
        side = await side_of(viewer, match, now)
        if match.state not in HOLDS_PLACE:
            raise NotFound
        student = await people.student(match.student_id, now)
        if student is None:
            raise NotFound
        agreement = match.agreement | {name: value for name, value in entries.items() if value}
        agreement["noted_by"] = side
        await Match.update(
            {
                "agreement": json.dumps(agreement, ensure_ascii=False),
                "updated_at": now,
                "version": Match.version + 1,
            },
            force=True,
        ).where(Match.id == match_id)
        return agreement_missing(match.kind, student.age, agreement)


async def sign(viewer: Viewer, match_id: UUID, *, now: datetime, start: datetime) -> MatchFacts:
    """Schedule an internship, a viewing or a sponsorship; raises AgreementIncomplete with what is missing."""
    async with DB.transaction():
        match = await lock(match_id)
        side = await side_of(viewer, match, now)
        student = await people.student(match.student_id, now)
        if student is None:
            raise NotFound
        missing = agreement_missing(match.kind, student.age, match.agreement)
        if missing:
            raise AgreementIncomplete(missing)
        return await _schedule(match, viewer, side, now=now, start=start)


async def schedule(viewer: Viewer, match_id: UUID, *, now: datetime, start: datetime, side: str = "") -> MatchFacts:
    """Note a booked meeting: from CONFIRMED, or again after a missed one. The caller has found the time free."""
    async with DB.transaction():
        match = await lock(match_id)
        acting = await side_of(viewer, match, now) if viewer is not SYSTEM else side
        if match.kind not in SERVICE_KINDS:
            student = await people.student(match.student_id, now)
            missing = agreement_missing(match.kind, student.age if student else 0, match.agreement)
            if missing:
                raise AgreementIncomplete(missing)
        return await _schedule(match, viewer, acting, now=now, start=start)


async def _schedule(match: MatchFacts, viewer: Viewer, side: str, *, now: datetime, start: datetime) -> MatchFacts:
    if match.state in {"NO_SHOW_S", "NO_SHOW_P"}:
        if match.rebooks >= MOST_REBOOKS:
            raise NoMoreRebooking
        return await move(match, "rebook", side, viewer=viewer, now=now, next_at=start, rebooks=match.rebooks + 1)
    return await move(match, "schedule", side, viewer=viewer, now=now, next_at=start)


async def move_meeting(viewer: Viewer, match_id: UUID, *, now: datetime, start: datetime) -> None:
    """Note that a booked meeting was moved; the state stays. The caller has found the time free and both agree."""
    async with DB.transaction():
        match = await lock(match_id)
        await side_of(viewer, match, now)
        if match.state != "SCHEDULED":
            raise NotFound
        changes: dict[Any, Any] = {"next_at": start, "updated_at": now, "version": Match.version + 1}
        await Match.update(changes, force=True).where(Match.id == match_id)
        await audit(viewer, "match.move_meeting", "match", match_id, now=now, fields=["next_at"])


async def start(viewer: Viewer, match_id: UUID, *, now: datetime) -> MatchFacts:
    """Check in: the help begins, and the need is in service."""
    async with DB.transaction():
        match = await lock(match_id)
        as_provider(viewer, match)
        match = await move(match, "start", "PROVIDER", viewer=viewer, now=now)
        need = await needs.facts(match.need_id)
        if need is not None and need.state == "MATCHED":
            await needs_progress.service_started(match.need_id, now=now)
        return match


async def cancel(viewer: Viewer, match_id: UUID, *, now: datetime, reason: str = "") -> MatchFacts:
    """Cancel a confirmed match, or a booked one at least two hours before; the need looks for somebody else."""
    async with DB.transaction():
        match = await lock(match_id)
        side = await side_of(viewer, match, now)
        if not may_cancel(match.state, match.next_at, now):
            raise TooLateToCancel
        ended = "cancelled_s" if side == "STUDENT" else "cancelled_p"
        match = await move(match, "cancel", side, viewer=viewer, now=now, reason=reason, ended_reason=ended)
        await (tell_provider if side == "STUDENT" else tell_student)(match, "match.ended", now=now)
        return match


async def take_back(viewer: Viewer, match_id: UUID, *, now: datetime) -> MatchFacts:
    """Withdraw the consent to tell this provider anything; the match ends at once and the place is free."""
    async with DB.transaction():
        match = await lock(match_id)
        await as_student(viewer, match, now)
        moved = await move(
            match, "consent_withdrawn", "STUDENT", viewer=viewer, now=now, reason="consent", ended_reason="consent"
        )
        if match.consent_id is not None:
            await consents.withdraw(viewer, match.consent_id, now=now)
        await tell_provider(moved, "match.ended", now=now)
        return moved


async def student_absent(viewer: Viewer, match_id: UUID, *, now: datetime) -> MatchFacts:
    """Note that the student did not come: a care check follows, never a punishment; the second time it closes."""
    async with DB.transaction():
        match = await lock(match_id)
        as_provider(viewer, match)
        if not counts_as_absent(match.next_at, now):
            raise TooEarly
        match = await move(
            match, "student_absent", "PROVIDER", viewer=viewer, now=now, no_shows=match.no_shows + 1, next_at=None
        )
        need = await needs.facts(match.need_id)
        path = need.org_path if need else ""
        await _ask_to_care([Role.PSY], path, now=now)
        await tell_student(match, "session.booked", now=now)
        if match.no_shows >= MOST_REBOOKS:
            match = await move(match, "close", "SYS", viewer=SYSTEM, now=now, reason="no_show", ended_reason="no_show")
            await _ask_to_care([Role.SCH], path, now=now)
        return match


async def _ask_to_care(roles: list[Role], org_path: str, *, now: datetime) -> None:
    """Ask the nearest people in a role to look after a student; the words say nothing about the need."""
    for account in await people.accounts_in_role(roles, org_path, local_day(now)):
        await notify(account, "care.check", "/work", now=now)


async def provider_absent(viewer: Viewer, match_id: UUID, *, now: datetime) -> MatchFacts:
    """Note that the provider did not come, by the student or by the clock: an apology, a strike, another choice."""
    async with DB.transaction():
        match = await lock(match_id)
        if viewer is not SYSTEM:
            await as_student(viewer, match, now)
        if not counts_as_absent(match.next_at, now):
            raise TooEarly
        actor = "SYS" if viewer is SYSTEM else "STUDENT"
        match = await move(match, "provider_absent", actor, viewer=viewer, now=now, next_at=None)
        await service_strikes.strike(match.provider_id, now=now)
        await tell_student(match, "match.ended", now=now)
        await tell_provider(match, "match.ended", now=now)
        return match


async def replace(viewer: Viewer, match_id: UUID, *, now: datetime) -> MatchFacts:
    """Find somebody else after the provider did not come: the student's wish, or the default when nothing is said."""
    async with DB.transaction():
        match = await lock(match_id)
        if viewer is not SYSTEM:
            await as_student(viewer, match, now)
        match = await move(match, "replace", "SYS", viewer=viewer, now=now, reason="replaced", ended_reason="replaced")
        await tell_provider(match, "match.ended", now=now)
        return match


async def close_no_show(match_id: UUID, *, now: datetime) -> None:
    """Close a match that nobody rebooked after the student did not come, and ask the school to look after them."""
    async with DB.transaction():
        match = await lock(match_id)
        if match.state != "NO_SHOW_S":
            return
        await move(match, "close", "SYS", viewer=SYSTEM, now=now, reason="no_show", ended_reason="no_show")
        need = await needs.facts(match.need_id)
        await _ask_to_care([Role.SCH], need.org_path if need else "", now=now)


async def finish(viewer: Viewer, match_id: UUID, result: str, *, now: datetime) -> MatchFacts:
    """Complete a match: the place is free, the student is asked whether the difficulty is solved."""
    async with DB.transaction():
        match = await lock(match_id)
        as_provider(viewer, match)
        match = await move(match, "finish", "PROVIDER", viewer=viewer, now=now, reason=result, ended_reason="")
        await needs_progress.goal_reached(viewer, match.need_id, result, now=now, actor="PROVIDER")
        return match


async def complain(viewer: Viewer, match_id: UUID, reason: str, *, now: datetime) -> MatchFacts:
    """Complain about a running match; the 12355 supervisors are told, and one of them decides how it goes on."""
    async with DB.transaction():
        match = await lock(match_id)
        side = await side_of(viewer, match, now)
        match = await move(match, "complain", side, viewer=viewer, now=now, reason=reason)
        need = await needs.facts(match.need_id)
        path = need.org_path if need else ""
        for account in await people.accounts_in_role([Role.SUP], path, local_day(now)):
            await notify(account, "review.waiting", f"/disputes/{match_id}", now=now)
        return match


async def decide_dispute(viewer: Viewer, match_id: UUID, *, goes_on: bool, reason: str, now: datetime) -> MatchFacts:
    """Decide a complaint, as a 12355 supervisor: the match goes on, or it is terminated.

    Both sides are told in neutral words; of an end the student is told by the need that is open again.
    """
    require(viewer, "match.dispute", "A")
    async with DB.transaction():
        match = await lock(match_id)
        if goes_on:
            match = await move(match, "resolved", "INVESTIGATOR", viewer=viewer, now=now, reason=reason)
            await tell_student(match, "match.ended", now=now)
        else:
            match = await move(
                match, "ended", "INVESTIGATOR", viewer=viewer, now=now, reason=reason, ended_reason="elsewhere"
            )
        await tell_provider(match, "match.ended", now=now)
        return match


async def stop_for_safety(viewer: Viewer, match_id: UUID, reason: str, *, now: datetime) -> MatchFacts:
    """Stop a booked or running match from the crisis desk; the need is open again and both sides are told.

    The words are neutral, and a human explains it to the student. A school psychology teacher stops only what runs
    for students of the own school.
    """
    async with DB.transaction():
        match = await lock(match_id)
        await queries_desk.ensure_in_reach(viewer, match, now)
        match = await move(match, "safeguard", "DESK", viewer=viewer, now=now, reason=reason, ended_reason="elsewhere")
        await tell_provider(match, "match.ended", now=now)
        return match


async def rated(match_id: UUID, score: int, *, now: datetime) -> None:
    """Keep the student's rating beside the match, where the matcher's quality part reads it."""
    async with DB.transaction():
        await Match.update({"rating": score, "updated_at": now}).where(Match.id == match_id)
