"""What the person who asks does: submit, send again, withdraw, confirm, or say that it is not solved."""

import json
import secrets
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app.consents import queries as consent_queries
from app.consents import service as consents
from app.kit.audit import audit
from app.kit.clock import SHANGHAI
from app.kit.db import DB
from app.kit.errors import IllegalStep, NotAllowed, NotFound
from app.kit.ids import new_id
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.permissions import Scope, require
from app.kit.viewer import Role, Viewer
from app.needs import queries
from app.needs.errors import PrivateDetails
from app.needs.queries import NeedFacts
from app.needs.rules_request import (
    MATCH_CONSENT,
    OFFERED_CONSENTS,
    NewNeed,
    check_may_ask,
    check_may_ask_for,
    consents_for,
)
from app.needs.service_checks import check
from app.needs.service_steps import change, concerned, handlers, lock, move, sealed_text
from app.needs.tables import Need
from app.people import queries as people
from app.people.queries import StudentFacts
from app.people.rules import needs_guardian
from app.texts.rules import find_private

NUMBER_LOCK: Final = 7_112_357
PSEUDONYMS: Final = ("木棉", "榕叶", "紫荆", "荔枝", "龙眼", "凤凰", "白鹭", "江风", "海星", "山茶", "晨露", "云帆")


class Submitted(msgspec.Struct, frozen=True):
    """What became of a submission: its number and RISK_HOLD or REVIEW."""

    need_id: UUID
    no: str
    state: str


async def submit(viewer: Viewer, command: NewNeed, *, now: datetime) -> Submitted:
    """Take a request: gates and consents, then the scans, all in one transaction; a second click finds the first."""
    async with DB.transaction():
        need_id = command.draft_id or new_id()
        if command.draft_id is not None and (sent := await _sent_before(viewer, need_id)) is not None:
            return sent
        student, actor = await _gate(viewer, command, now=now)
        await _take_consents(viewer, student, command, now=now)
        sent = await create(viewer, student, command, need_id, actor, now=now)
        if actor == "CADRE" and sent.state == "REVIEW" and student.account_id is not None:
            await notify(student.account_id, "need.received", f"/my-help/{need_id}", now=now)
    return sent


async def create(
    viewer: Viewer, student: StudentFacts, command: NewNeed, need_id: UUID, actor: str, *, now: datetime
) -> Submitted:
    """Write a request whose gates and consents are settled, and send it through the scans."""
    await Need(
        id=need_id,
        created_at=now,
        no=await _next_number(now),
        pseudonym=f"{secrets.choice(PSEUDONYMS)}-{secrets.randbelow(9000) + 1000}",
        student_id=student.person_id,
        posted_by=actor,
        author_account=viewer.account_id,
        origin="CADRE" if actor == "CADRE" and command.origin == "WEB" else command.origin,
        first_at=now,
        state="DRAFT",
        created_by_appointment=viewer.appointment_id,
        demo=command.demo,
        data_class="L4",
        legal_basis="consent:P02",
        text_sealed=sealed_text(need_id, command.text),
        wanted_offer=command.wanted_offer,
        **await _fields(student, command, now=now),
    ).save()
    await DB.rows("DELETE FROM need_draft WHERE id = $1", need_id)
    await audit(viewer, "need.create", "need", need_id, now=now)
    taken = await lock(need_id)
    await move(taken, "submit", actor, viewer=viewer, now=now)
    await record("need.submitted", need_id, now=now, student_id=student.person_id, offer_kind=command.kind)
    return Submitted(need_id, taken.no, await check(viewer, need_id, command.words, now=now))


async def _sent_before(viewer: Viewer, need_id: UUID) -> Submitted | None:
    """Return what an earlier click made of the same draft; the draft's row lock makes two clicks take turns."""
    await DB.rows("SELECT id FROM need_draft WHERE id = $1 FOR UPDATE", need_id)
    rows = await DB.rows("SELECT id, no, state, author_account FROM need WHERE id = $1", need_id)
    if not rows:
        return None
    if rows[0]["author_account"] != viewer.account_id:
        raise NotFound
    return Submitted(rows[0]["id"], rows[0]["no"], rows[0]["state"])


async def _gate(viewer: Viewer, command: NewNeed, *, now: datetime) -> tuple[StudentFacts, str]:
    """Decide who asks for whom, and whether age, stage and words allow it."""
    student = await people.student(command.student_id, now)
    if student is None:
        raise NotFound
    actor = "STUDENT" if await queries.stands_for(viewer, student.person_id, now) else "CADRE"
    grant = require(viewer, "need", "C")
    if actor == "CADRE":
        if grant.scope is Scope.OWN or not queries.in_scope(viewer, grant.scope, student.school_path):
            raise NotFound
        if find_private(command.words):
            raise PrivateDetails(field="text")
    check_may_ask(student.band, guardian_consent=student.guardian_consent)
    check_may_ask_for(command.sub, student.age, student.stage, student.grade_year)
    return student, actor


async def _take_consents(viewer: Viewer, student: StudentFacts, command: NewNeed, *, now: datetime) -> None:
    """Record the purposes ticked just now, then refuse when one that this request needs is missing."""
    given = await consent_queries.given(student.person_id, now=now)
    ticked = sorted((command.consents & OFFERED_CONSENTS) - given)
    if ticked and (not needs_guardian(student.band) or viewer.role is Role.GUA):
        await consents.give(viewer, student.person_id, ticked, now=now, method=command.consent_method)
    for purpose in consents_for(command.sub):
        await consents.require_consent(student.person_id, purpose, now=now)


async def _fields(student: StudentFacts, command: NewNeed, *, now: datetime) -> dict[str, Any]:
    """Return the columns that a request fills, the same for the first and for a later submission."""
    return {
        "org_id": student.school_id,
        "org_path": student.school_path,
        "category": command.category,
        "sub": command.sub,
        "kind": command.kind,
        "title": command.title,
        "region_code": command.region_code,
        "modes": list(command.modes),
        "languages": list(command.languages),
        "gender_pref": command.gender_pref,
        "slots": json.dumps(command.slots),
        "wishes": json.dumps(command.wishes, ensure_ascii=False),
        "urgency": command.urgency,
        "amount_fen": command.amount_fen,
        "automatic": MATCH_CONSENT in await consent_queries.given(student.person_id, now=now),
    }


async def _next_number(now: datetime) -> str:
    """Return the next number of the day, such as XQ20261123-0001; one transaction at a time counts."""
    await DB.rows("SELECT pg_advisory_xact_lock($1)", NUMBER_LOCK)
    prefix = f"XQ{now.astimezone(SHANGHAI):%Y%m%d}-"
    last = await DB.value(
        "SELECT max(substr(no, 12)::int) FROM need WHERE no LIKE $1 AND substr(no, 12) ~ '^[0-9]+$'", prefix + "%"
    )
    return f"{prefix}{(last or 0) + 1:04d}"


async def resubmit(viewer: Viewer, need_id: UUID, command: NewNeed, *, now: datetime) -> Submitted:
    """Send a returned request again, with what was changed; it is scanned like the first time."""
    async with DB.transaction():
        need = await lock(need_id)
        await _as_author(viewer, need, now=now)
        command = msgspec.structs.replace(command, student_id=need.student_id)
        student, _actor = await _gate(viewer, command, now=now)
        await _take_consents(viewer, student, command, now=now)
        fields = await _fields(student, command, now=now)
        await move(
            need,
            "resubmit",
            "AUTHOR",
            viewer=viewer,
            now=now,
            text_sealed=sealed_text(need_id, command.text),
            **fields,
        )
        await record("need.submitted", need_id, now=now, student_id=need.student_id, offer_kind=command.kind)
        state = await check(viewer, need_id, command.words, now=now)
    return Submitted(need_id, need.no, state)


async def _as_author(viewer: Viewer, need: NeedFacts, *, now: datetime) -> None:
    if viewer.account_id == need.author_account or await queries.stands_for(viewer, need.student_id, now):
        return
    raise NotFound


async def _as_student(viewer: Viewer, need: NeedFacts, *, now: datetime, guardian: bool = False) -> str:
    """Return STUDENT or GUARDIAN for whoever the need belongs to; others get 404, its author 403."""
    part = await queries.stands_for(viewer, need.student_id, now)
    if part == "STUDENT" or (part and guardian):
        return part
    if part:
        return "STUDENT"
    if viewer.account_id == need.author_account:
        raise NotAllowed("这一步要由同学本人决定。", next_step="请让同学登录后在“我的求助”里操作。")
    raise NotFound


async def withdraw(viewer: Viewer, need_id: UUID, *, now: datetime) -> None:
    """Take a request back; whoever works on it is told, and a crisis case stays open."""
    async with DB.transaction():
        need = await lock(need_id)
        actor = await _as_student(viewer, need, now=now)
        if need.state == "RISK_HOLD":
            raise IllegalStep("有老师正在看这条求助，现在还不能撤回。", next_step="老师联系你时，直接说不用了就可以。")
        await move(need, "withdraw", actor, viewer=viewer, now=now)
        await record("need.withdrawn", need_id, now=now, student_id=need.student_id, was=need.state)
        if need.state == "IN_SERVICE" and need.risk == "YELLOW":
            for account in await handlers([Role.PSY], need.org_path, now=now):
                await notify(account, "care.check", f"/needs/{need_id}", now=now)
        await _tell_the_other(viewer, need, "need.closed", now=now)


async def confirm(viewer: Viewer, need_id: UUID, satisfaction: int, *, now: datetime) -> None:
    """Confirm that the problem is solved, with satisfaction from 1 to 5."""
    assert 1 <= satisfaction <= 5, satisfaction  # noqa: PLR2004 - domain 7.3
    async with DB.transaction():
        need = await lock(need_id)
        actor = await _as_student(viewer, need, now=now, guardian=True)
        await move(need, "confirm", actor, viewer=viewer, now=now, satisfaction=satisfaction, close_code="SOLVED")
        await record(
            "need.solved",
            need_id,
            now=now,
            student_id=need.student_id,
            satisfaction=satisfaction,
            confirmed_by=actor,
            category=need.category,
        )
        await _tell_the_other(viewer, need, "need.closed", now=now)


async def not_solved(viewer: Viewer, need_id: UUID, *, now: datetime, reason: str = "") -> None:
    """Say that the problem is still there: the request is open again, first in line, and looked at a second time."""
    async with DB.transaction():
        need = await lock(need_id)
        actor = await _as_student(viewer, need, now=now)
        await move(
            need,
            "not_solved",
            actor,
            viewer=viewer,
            now=now,
            reason=reason,
            priority=True,
            escalation=0,
            escalated_at=None,
            opened_at=now,
            confirm_since=None,
            reminders=0,
        )
        await record("need.not_solved", need_id, now=now, student_id=need.student_id)
        await record("need.opened", need_id, now=now, offer_kind=need.kind)
        for account in await handlers([Role.SCH, Role.CTY, Role.CIT], need.org_path, now=now):
            await notify(account, "supply.wanted", "/needs?state=OPEN", now=now)


async def _tell_the_other(viewer: Viewer, need: NeedFacts, template: str, *, now: datetime) -> None:
    for account in await concerned(need):
        if account != viewer.account_id:
            await notify(account, template, f"/my-help/{need.id}", now=now)


async def switch_automatic(viewer: Viewer, need_id: UUID, *, automatic: bool, now: datetime) -> None:
    """Let the student choose between automatic proposals and choosing alone (domain 9, consent P09)."""
    async with DB.transaction():
        need = await lock(need_id)
        await _as_student(viewer, need, now=now)
        if automatic:
            await consents.require_consent(need.student_id, MATCH_CONSENT, now=now)
        await change(need_id, now=now, automatic=automatic)
        await audit(viewer, "need.automatic", "need", need_id, now=now, fields=["automatic"])
        await record("need.changed", need_id, now=now, offer_kind=need.kind)
