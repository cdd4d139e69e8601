"""Help records: written when help was given, verified only by the student's word (domain 7.3, 11)."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.outbox import record
from app.kit.permissions import require
from app.kit.viewer import CADRE_ROLES, SYSTEM, Viewer
from app.ledger import queries
from app.ledger.errors import RecordExists, WordsBlocked
from app.ledger.rules import ROUTES, counts_for, route_for
from app.ledger.tables import HelpRecord
from app.matches import queries as matches
from app.matches.queries import MatchFacts
from app.needs import queries as needs
from app.needs import service_progress as needs_progress
from app.needs.queries import NeedFacts
from app.needs.rules import SUBS
from app.offers import queries as offers
from app.people import queries as people
from app.people import queries_duty
from app.texts.rules import find_private


class DirectHelp(msgspec.Struct, frozen=True, kw_only=True):
    """How a cadre solved a need without an offer."""

    action: str
    result: str
    route: str = "E"


async def from_match(match_id: UUID, *, now: datetime) -> UUID | None:
    """Write the record of a completed match once; a second call finds it there.

    The helper is the cadre who brought the offer or is responsible for the need, else the provider.
    """
    async with DB.transaction():
        match = await matches.find(match_id)
        need = await needs.facts(match.need_id) if match else None
        if match is None or need is None or match.state != "COMPLETED":
            return None
        standing: UUID | None = await DB.value("SELECT id FROM help_record WHERE match_id = $1", match_id)
        if standing is not None:
            return standing
        if need.state not in {"TO_CONFIRM", "SOLVED"}:
            return None
        appointment = await _responsible(match, need)
        helper = await _helper(match, appointment)
        return await _write(
            SYSTEM,
            need,
            match,
            appointment=appointment,
            helper=helper,
            route=route_for(match.kind),
            words=(f"已对接{_kind_words(match)}并完成服务。", need.result or "服务已完成。"),
            now=now,
        )


def _kind_words(match: MatchFacts) -> str:
    return {"COUNSEL": "心理辅导", "INTERN": "实习岗位", "HOUSE": "租赁房源", "SPONSOR": "结对资助"}.get(
        match.kind, "志愿服务"
    )


async def _responsible(match: MatchFacts, need: NeedFacts) -> UUID | None:
    """Return the appointment of the cadre who sourced the offer, else of the one who posted the need."""
    offer = await offers.facts(match.offer_id)
    if offer is not None and offer.source_appointment is not None:
        return offer.source_appointment
    return need.created_by_appointment if need.posted_by == "CADRE" else None


async def _helper(match: MatchFacts, appointment: UUID | None) -> UUID | None:
    if appointment is not None:
        return await queries_duty.person_of_appointment(appointment)
    volunteer = (await people.volunteer_of_provider([match.provider_id])).get(match.provider_id)
    return volunteer.person_id if volunteer else None


async def _write(
    viewer: Viewer,
    need: NeedFacts,
    match: MatchFacts | None,
    *,
    appointment: UUID | None,
    helper: UUID | None,
    route: str,
    words: tuple[str, str],
    now: datetime,
) -> UUID:
    since = await queries_duty.since_when(need.student_id)
    unit = await queries_duty.org_of_appointment(appointment) if appointment else need.org_id
    help_record = HelpRecord(
        student_id=need.student_id,
        need_id=need.id,
        match_id=match.id if match else None,
        field=need.category,
        route=route,
        problem=f"一名学生遇到“{SUBS[need.sub]}”方面的困难。",
        action=words[0],
        result=words[1][:300],
        helper_type="CADRE" if appointment else "ORG",
        helper_person=helper,
        helper_appointment=appointment,
        started=(match.confirmed_at if match else None) or need.opened_at or now,
        solved=now,
        counts_for=list(
            counts_for(need.kind if match else "", by_cadre=appointment is not None, in_difficulty=since is not None)
        ),
        org_id=unit,
        created_at=now,
        updated_at=now,
        created_by_appointment=appointment,
        data_class="L4",
        legal_basis="duty",
    )
    await help_record.save()
    await audit(viewer, "help.write", "help_record", help_record.id, now=now)
    return help_record.id


async def solve_directly(viewer: Viewer, need_id: UUID, help_given: DirectHelp, *, now: datetime) -> UUID:
    """Write down that a cadre solved an open need, and ask the student; it counts only when the student confirms."""
    require(viewer, "help", "C")
    if viewer.role not in CADRE_ROLES:
        raise NotFound
    for words in (help_given.action, help_given.result):
        private = [hit for hit in find_private(words) if hit.blocking]
        if private:
            raise WordsBlocked(f"“{private[0].found}”像是个人信息：{private[0].advice}", field="action")
    async with DB.transaction():
        need = await needs.facts(need_id)
        if need is None or not viewer.covers(need.org_path):
            raise NotFound
        if any(each.state == "CLAIMED" for each in await queries.of_need(need_id)):
            raise RecordExists
        record_id = await _write(
            viewer,
            need,
            None,
            appointment=viewer.appointment_id,
            helper=viewer.person_id,
            route=help_given.route if help_given.route in ROUTES else "E",
            words=(help_given.action, help_given.result),
            now=now,
        )
        await needs_progress.solved_directly(viewer, need_id, help_given.result, help_record_id=record_id, now=now)
    return record_id


async def verify(need_id: UUID, *, confirmed_by: str, satisfaction: int | None, now: datetime) -> int:
    """Verify the records of a need that the student confirmed; returns how many. Safe to run twice."""
    async with DB.transaction():
        rows = await DB.rows(
            """
            UPDATE help_record SET state = 'VERIFIED', confirmed_by = $2, confirmed_at = $3, satisfaction = $4,
                   updated_at = $3, version = version + 1
            WHERE need_id = $1 AND state = 'CLAIMED' RETURNING id, student_id, helper_person
            """,
            need_id,
            confirmed_by,
            now,
            satisfaction,
        )
        for row in rows:
            await audit(SYSTEM, "help.verify", "help_record", row["id"], now=now)
            await record("help.verified", row["id"], now=now, need_id=need_id, helper=row["helper_person"])
    return len(rows)


async def set_aside(need_id: UUID, state: str, *, now: datetime) -> None:
    """Keep a record that was not confirmed out of every figure: UNCONFIRMED or NOT_SOLVED."""
    async with DB.transaction():
        rows = await DB.rows(
            """
            UPDATE help_record SET state = $2, updated_at = $3, version = version + 1
            WHERE need_id = $1 AND state = 'CLAIMED' RETURNING id
            """,
            need_id,
            state,
            now,
        )
        for row in rows:
            await audit(SYSTEM, f"help.{state.lower()}", "help_record", row["id"], now=now)
