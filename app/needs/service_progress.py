"""What matching, sessions, records and the crisis desk report about a need; each makes one listed step."""

from datetime import datetime
from uuid import UUID

from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.outbox import record
from app.kit.permissions import require
from app.kit.viewer import CADRE_ROLES, SYSTEM, Viewer
from app.needs.errors import HelpRecordNeeded, NotACase, NotWithoutReason, RiskTooHigh
from app.needs.queries import in_scope
from app.needs.rules import at_most_yellow
from app.needs.service_checks import ask_reviewers, find_doubles
from app.needs.service_review import to_case
from app.needs.service_steps import change, lock, move, tell


async def proposed(need_id: UUID, *, now: datetime) -> None:
    """Note that offers were proposed; the clock of the first proposal stops."""
    async with DB.transaction():
        need = await lock(need_id)
        await change(need_id, now=now, last_proposal_at=now, first_proposal_at=need.first_proposal_at or now)


async def match_confirmed(need_id: UUID, *, now: datetime) -> None:
    """Note that both sides said yes."""
    async with DB.transaction():
        await move(await lock(need_id), "match_confirmed", "SYS", viewer=SYSTEM, now=now)


async def service_started(need_id: UUID, *, now: datetime) -> None:
    """Note that the first session or placement began."""
    async with DB.transaction():
        await move(await lock(need_id), "service_started", "SYS", viewer=SYSTEM, now=now)


async def match_ended(need_id: UUID, offer_id: UUID, *, now: datetime, priority: bool = True) -> None:
    """Open the request again, with priority, because the match ended before the service began."""
    await _reopen(need_id, "match_ended", offer_id, now=now, priority=priority)


async def provider_lost(need_id: UUID, offer_id: UUID, *, now: datetime, priority: bool = True) -> None:
    """Open the request again, with priority, because the provider did not come or was stopped."""
    await _reopen(need_id, "provider_lost", offer_id, now=now, priority=priority)


async def _reopen(need_id: UUID, event: str, offer_id: UUID, *, now: datetime, priority: bool) -> None:
    async with DB.transaction():
        need = await lock(need_id)
        await move(
            need,
            event,
            "SYS",
            viewer=SYSTEM,
            now=now,
            priority=priority or need.priority,
            escalation=0,
            escalated_at=None,
            last_proposal_at=now,
        )
        await record("need.opened", need_id, now=now, offer_kind=need.kind, again=True, offer_id=offer_id)
        await tell(need, "match.ended", now=now)


async def goal_reached(viewer: Viewer, need_id: UUID, result: str, *, now: datetime, actor: str) -> None:
    """Note the result a provider or cadre reports and ask the student; the caller has checked who asks."""
    async with DB.transaction():
        await _ask_student(viewer, need_id, "goal_reached", actor, result, now=now)


async def solved_directly(
    viewer: Viewer, need_id: UUID, result: str, *, help_record_id: UUID | None, now: datetime
) -> None:
    """Note that a cadre solved an open request without an offer and has written a record of the help."""
    async with DB.transaction():
        grant = require(viewer, "need", "R")
        if viewer.role not in CADRE_ROLES:
            raise NotAllowed
        need = await lock(need_id)
        if not in_scope(viewer, grant.scope, need.org_path):
            raise NotFound
        if help_record_id is None:
            raise HelpRecordNeeded
        await _ask_student(viewer, need_id, "solved_directly", "CADRE", result, now=now)


async def _ask_student(viewer: Viewer, need_id: UUID, event: str, actor: str, result: str, *, now: datetime) -> None:
    if not result.strip():
        raise NotWithoutReason("请写明办理结果。", field="result")
    need = await lock(need_id)
    await move(need, event, actor, viewer=viewer, now=now, reason=result, result=result, confirm_since=now, reminders=0)
    await record("need.to_confirm", need_id, now=now, student_id=need.student_id)
    await tell(need, "need.to_confirm", now=now)


async def clear_risk(viewer: Viewer, need_id: UUID, risk: str, reason: str, *, now: datetime) -> None:
    """Let a request go on to the review after the desk spoke with the student; the risk stays on it, hidden."""
    async with DB.transaction():
        need = await lock(need_id)
        if not at_most_yellow(risk):
            raise RiskTooHigh
        if not reason.strip():
            raise NotWithoutReason(field="reason")
        await move(need, "cleared", "DESK", viewer=viewer, now=now, reason=reason, risk=risk, review_since=now)
        need = await lock(need_id)
        await ask_reviewers(need, now=now)
        await find_doubles(need, now=now)
        await record("need.review", need_id, now=now, org_id=need.org_id)


async def open_case(viewer: Viewer, need_id: UUID, risk: str, reason: str, *, now: datetime) -> None:
    """Open a case for a held request."""
    async with DB.transaction():
        need = await lock(need_id)
        if not reason.strip():
            raise NotWithoutReason(field="reason")
        await move(need, "open_case", "DESK", viewer=viewer, now=now, reason=reason, risk=risk)
        await record("need.to_case", need_id, now=now, student_id=need.student_id, was=need.state)
        await tell(need, "need.case", now=now)


async def professional_routes(viewer: Viewer, need_id: UUID, risk: str, reason: str, *, now: datetime) -> None:
    """Hand a request to a case because whoever serves the student sees a new risk; the caller has checked who asks."""
    async with DB.transaction():
        if at_most_yellow(risk):
            raise NotACase
        if not reason.strip():
            raise NotWithoutReason(field="reason")
        await to_case(viewer, await lock(need_id), "PROFESSIONAL", reason, now=now, risk=risk)


async def is_held(need_id: UUID) -> bool:
    """Tell whether a request waits for the crisis desk."""
    return bool(await DB.value("SELECT state = 'RISK_HOLD' FROM need WHERE id = $1", need_id))
