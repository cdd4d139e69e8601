"""Vetting of volunteers (domain 6.7): one verb for the steps people take, one for those of the clock."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit, step
from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.errors import IllegalStep, NotAllowed, NotFound
from app.kit.ids import new_id
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.viewer import SYSTEM, Role, Viewer
from app.organisations import service_providers
from app.people import queries, queries_vetting, service_sessions
from app.people.errors import GuardFailed
from app.people.rules import check_holds
from app.people.rules_vetting import (
    CREDENTIAL_LEVELS,
    DOCS_SILENT,
    LAPSED_LONG,
    MACHINE,
    TRIALS,
    VOTES,
    actor_for,
    is_expired,
    sessions_needed,
    training_passed,
)
from app.people.tables import RecordCheck

_PROVIDER_AFTER: Mapping[str, str] = {
    "ACTIVE": "VERIFIED",
    "ACTIVE_ADULT": "VERIFIED",
    "SUSPENDED": "SUSPENDED",
    "LAPSED": "LAPSED",
    "REJECTED": "REJECTED",
    "CHECK_HIT": "REJECTED",
    "REVOKED": "REVOKED",
    "LEFT": "LAPSED",
}
_WITHOUT_ACCESS = frozenset({"CHECK_HIT", "REVOKED"})


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What stands behind a step: a reason, a check's number and day, the scores of the training."""

    reason: str = ""
    reference: str = ""
    checked_on: date | None = None
    scores: Mapping[str, int] = {}
    expiry: date | None = None


NOTHING = Evidence()


async def take_step(viewer: Viewer, person_id: UUID, event: str, evidence: Evidence = NOTHING, *, now: datetime) -> str:
    """Let the viewer cause an event of the vetting table; returns the state afterwards.

    Steps that several people decide together happen when enough different ones have said the same; until then the
    voice is kept and the state stays. A failed training counts, and the second one ends the application.
    """
    async with DB.transaction():
        row = await _locked(viewer, person_id)
        actor = actor_for(row["vetting"], event, viewer.role)
        if actor is None:
            listed = any((known.source, known.event) == (row["vetting"], event) for known in MACHINE.steps)
            raise NotAllowed if listed else IllegalStep
        if event == "training_failed" and row["trials"] + 1 < TRIALS:
            await DB.rows("UPDATE volunteer_profile SET trials = trials + 1 WHERE id = $1", row["id"])
            await audit(viewer, "vetting.training_failed", "volunteer", person_id, now=now)
            return str(row["vetting"])
        await _check_guard(row, event, evidence, now)
        if not await _enough_voices(viewer, row, event, now):
            return str(row["vetting"])
        await _write_evidence(row, event, evidence, now)
        return await _move(viewer, row, event, actor, evidence.reason, now)


async def suspend(person_id: UUID, reason: str, *, now: datetime, viewer: Viewer = SYSTEM) -> None:
    """Suspend a working volunteer at once on a complaint or a safeguarding signal (for safety and matches)."""
    async with DB.transaction():
        row = await _row(person_id)
        if row["vetting"] in {"ACTIVE", "ACTIVE_ADULT"}:
            actor = "SUPERVISOR" if viewer.role is Role.SUP else "SYS"
            await _move(viewer, row, "complaint", actor, reason, now)


async def annual_check(viewer: Viewer, person_id: UUID, result: str, evidence: Evidence, *, now: datetime) -> str:
    """Write the yearly record check of a working volunteer: a hit revokes at once, CLEAR keeps them working."""
    async with DB.transaction():
        row = await _locked(viewer, person_id)
        if viewer.role not in {Role.SCH, Role.CTY, Role.CIT, Role.PRV}:
            raise NotAllowed
        if row["vetting"] not in {"ACTIVE", "ACTIVE_ADULT", "LAPSED"}:
            raise IllegalStep
        if result == "HIT":
            if row["vetting"] != "ACTIVE":
                raise IllegalStep
            await _write_check(row["person"], "HIT", evidence, "YEARLY", now)
            return await _move(viewer, row, "annual_check_hit", "ORGANISATION", "", now)
        await _write_check(row["person"], "CLEAR", evidence, "YEARLY", now)
        await audit(viewer, "vetting.check", "volunteer", person_id, now=now)
        await record("volunteer.changed", person_id, now=now, provider_id=row["provider_id"], state=row["vetting"])
        return str(row["vetting"])


async def count_supervised(viewer: Viewer, person_id: UUID, *, now: datetime) -> int:
    """Count one supervised session of somebody in probation; returns how many there are."""
    async with DB.transaction():
        row = await _locked(viewer, person_id)
        if viewer.role is not Role.SUP or row["vetting"] != "PROBATION":
            raise NotAllowed
        count: int = await DB.value(
            """
            UPDATE volunteer_profile SET supervised_sessions = supervised_sessions + 1, supervisor_id = $2,
                   updated_at = $3 WHERE id = $1 RETURNING supervised_sessions
            """,
            row["id"],
            viewer.person_id,
            now,
        )
        await audit(viewer, "vetting.supervised", "volunteer", person_id, now=now)
    return count


async def pause(viewer: Viewer, *, paused: bool, now: datetime) -> None:
    """Let a volunteer rest or come back; nobody is asked why (L-07 art. 25)."""
    async with DB.transaction():
        assert viewer.person_id is not None
        row = await _row(viewer.person_id)
        await DB.rows("UPDATE volunteer_profile SET paused = $2, updated_at = $3 WHERE id = $1", row["id"], paused, now)
        await audit(viewer, "vetting.pause", "volunteer", viewer.person_id, now=now)
        await record("volunteer.changed", viewer.person_id, now=now, provider_id=row["provider_id"])


async def run_clock(now: datetime) -> int:
    """Take the steps of the clock (nightly): silent, expired, long lapsed. Returns how many were taken."""
    rows = await DB.rows(
        """
        SELECT v.*, (SELECT max(c.checked_on) FROM record_check c WHERE c.person = v.person AND c.result = 'CLEAR')
               AS last_check
        FROM volunteer_profile v WHERE v.vetting IN ('DOCS', 'ACTIVE', 'ACTIVE_ADULT', 'LAPSED')
        ORDER BY v.id FOR UPDATE OF v SKIP LOCKED
        """
    )
    taken = 0
    for row in rows:
        event = _clock_event(row, now)
        if event:
            await _move(SYSTEM, row, event, "SYS", "", now)
            taken += 1
    return taken


def _clock_event(row: Mapping[str, Any], now: datetime) -> str:
    since = row["vetting_since"] or row["updated_at"]
    if row["vetting"] == "DOCS" and now - since >= DOCS_SILENT:
        return "silent"
    if row["vetting"] == "LAPSED" and now - since >= LAPSED_LONG:
        return "long_lapsed"
    expired = is_expired(
        row["vetting"], last_check=row["last_check"], credential_expiry=row["credential_expiry"], day=local_day(now)
    )
    return "expired" if expired else ""


async def _row(person_id: UUID) -> dict[str, Any]:
    rows = await DB.rows("SELECT * FROM volunteer_profile WHERE person = $1 FOR UPDATE", person_id)
    if not rows:
        raise NotFound
    row = rows[0]
    row["last_check"] = await DB.value(
        "SELECT max(checked_on) FROM record_check WHERE person = $1 AND result = 'CLEAR'", person_id
    )
    return row


async def _locked(viewer: Viewer, person_id: UUID) -> dict[str, Any]:
    """Lock the profile of a volunteer the viewer may decide about, or their own."""
    await queries_vetting.ensure_in_scope(viewer, person_id)
    row = await _row(person_id)
    own = viewer.person_id == person_id
    if own != (viewer.role is Role.VOL):
        raise NotAllowed("不能办理自己的准入。" if own else None)
    return row


async def _check_guard(row: Mapping[str, Any], event: str, evidence: Evidence, now: datetime) -> None:
    day = local_day(now)
    application = json.loads(row["application"] or "{}")
    fresh = evidence.checked_on if evidence.checked_on is not None else row["last_check"]
    failures = {
        "documents_incomplete": (not evidence.reason, "请写明还缺什么材料。"),
        "credential_verified": (not evidence.reason, "请写明向哪里核实、怎样核实的。"),
        "request_check": (not application.get("check_consent_at") or row["adult_only"], "申请人还没有同意做从业查询。"),
        "adults_only": (not row["adult_only"], "申请人没有选择只服务成年人。"),
        "check_clear": (evidence.checked_on is None or not check_holds(evidence.checked_on, day), "请填写查询日期。"),
        "training_pass": (not training_passed(evidence.scores), "四项培训都要 80 分及以上。"),
        "supervisor_ok": (row["adult_only"] or not check_holds(row["last_check"], day), "没有一年内无记录的查询。"),
        "supervisor_ok_adult": (not row["adult_only"], "申请人没有选择只服务成年人。"),
        "renewed": (not check_holds(fresh, day), "续期前要有一年内无记录的查询。"),
        "cleared": (not check_holds(row["last_check"], day), "没有一年内无记录的查询，只能恢复服务成年人。"),
    }
    failed, sentence = failures.get(event, (False, ""))
    if event in {"supervisor_ok", "supervisor_ok_adult"}:
        needed = sessions_needed(row["credential"])
        if row["supervised_sessions"] < needed:
            failed, sentence = True, f"督导观察至少 {needed} 次，现在 {row['supervised_sessions']} 次。"
    expiry = evidence.expiry or row["credential_expiry"]
    if event in {"renewed", "renewed_adult"} and expiry is not None and expiry < day:
        failed, sentence = True, "证书已经过期，请填写新的有效期。"
    if failed:
        raise GuardFailed(sentence)


async def _enough_voices(viewer: Viewer, row: Mapping[str, Any], event: str, now: datetime) -> bool:
    """Keep a voice for a step that several people decide; tell whether there are enough for the step."""
    needed = VOTES.get(event, 1)
    if needed == 1:
        return True
    votes: list[dict[str, str]] = json.loads(row["votes"] or "[]")
    votes = [vote for vote in votes if vote["person"] != str(viewer.person_id)]
    votes.append({"person": str(viewer.person_id), "event": event})
    if sum(vote["event"] == event for vote in votes) >= needed:
        return True
    await DB.rows("UPDATE volunteer_profile SET votes = $2::jsonb WHERE id = $1", row["id"], json.dumps(votes))
    await audit(viewer, f"vetting.voice.{event}", "volunteer", row["person"], now=now)
    return False


async def _write_evidence(row: Mapping[str, Any], event: str, evidence: Evidence, now: datetime) -> None:
    if event == "check_clear":
        await _write_check(row["person"], "CLEAR", evidence, "ENTRY", now)
    elif event == "check_hit":
        await _write_check(row["person"], "HIT", evidence, "ENTRY", now)
    elif event == "annual_check_hit":
        await _write_check(row["person"], "HIT", evidence, "YEARLY", now)
    elif event in {"renewed", "renewed_adult"}:
        if evidence.checked_on is not None:
            await _write_check(row["person"], "CLEAR", evidence, "YEARLY", now)
        if evidence.expiry is not None:
            await DB.rows(
                "UPDATE volunteer_profile SET credential_expiry = $2 WHERE id = $1", row["id"], evidence.expiry
            )
    elif event == "false_document":
        await DB.rows(
            "UPDATE volunteer_profile SET application = application || '{\"blocked\": true}'::jsonb WHERE id = $1",
            row["id"],
        )


async def _write_check(person_id: UUID, result: str, evidence: Evidence, kind: str, now: datetime) -> None:
    """Write result, number and day of a check; never what a record says (L-01 art. 62)."""
    await RecordCheck(
        id=new_id(),
        person=person_id,
        kind=kind,
        result=result,
        reference=evidence.reference[:40],
        checked_on=evidence.checked_on or local_day(now),
        created_at=now,
        updated_at=now,
        data_class="L4",
    ).save()


async def _move(viewer: Viewer, row: Mapping[str, Any], event: str, actor: str, reason: str, now: datetime) -> str:
    kept = "" if event in {"check_hit", "annual_check_hit"} else reason
    target = await step(MACHINE, row["person"], row["vetting"], event, actor, viewer=viewer, now=now, reason=kept)
    adult = target == "ACTIVE_ADULT" or (row["adult_only"] and target != "ACTIVE")
    await DB.rows(
        """
        UPDATE volunteer_profile SET vetting = $2, vetting_since = $3, updated_at = $3, version = version + 1,
               votes = '[]'::jsonb, trials = 0, adult_only = $4, level = $5,
               credential_checked_by = CASE WHEN $6 THEN $7 ELSE credential_checked_by END
        WHERE id = $1
        """,
        row["id"],
        target,
        now,
        adult,
        (row["level"] or CREDENTIAL_LEVELS.get(row["credential"], "")) if target.startswith("ACTIVE") else row["level"],
        event == "credential_verified",
        viewer.account_id,
    )
    if target in _PROVIDER_AFTER:
        await service_providers.follow_vetting(row["provider_id"], _PROVIDER_AFTER[target], now=now, reason=kept)
    account = await queries.account_of_person(row["person"])
    if target in _WITHOUT_ACCESS:
        await _take_access(row["person"], account, now)
    elif account is not None and account != viewer.account_id:
        await notify(account, "account.changed", "/vetting/me", now=now)
    await audit(viewer, f"vetting.{event}", "volunteer", row["person"], now=now)
    await record("volunteer.changed", row["person"], now=now, provider_id=row["provider_id"], state=target)
    return target


async def _take_access(person_id: UUID, account: UUID | None, now: datetime) -> None:
    """End the volunteer's appointment and sessions at once; other roles of the person stay."""
    await DB.rows(
        """
        UPDATE appointment SET "end" = $2::date - 1, updated_at = $3
        WHERE person = $1 AND role = 'VOL' AND ("end" IS NULL OR "end" >= $2)
        """,
        person_id,
        local_day(now),
        now,
    )
    if account is not None:
        await service_sessions.end_all(account, now=now)
