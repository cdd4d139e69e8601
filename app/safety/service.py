"""Alerts: written at once, owned by one person, with every contact on record (class L5)."""

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.ids import new_id
from app.kit.notify import notify
from app.kit.outbox import Fact, record
from app.kit.permissions import PERMISSIONS, Scope, require
from app.kit.viewer import Role, Viewer
from app.organisations import queries as organisations
from app.people import queries as people
from app.people.queries import StudentFacts
from app.safety.errors import AcknowledgeFirst, InOtherHands, SupervisorDecides
from app.safety.rules import SERVICES
from app.safety.tables import CrisisAlert
from app.texts.rules import LEXICON_VERSION, CrisisFinding, Severity, scan_crisis


class CallMe(msgspec.Struct, frozen=True):
    """How somebody wants to be reached; both parts may be empty."""

    phone: str = ""
    window: str = ""

    @property
    def wanted(self) -> bool:
        """Whether anything was filled in."""
        return bool(self.phone or self.window)


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sign of danger was noticed, and whose it is, as far as anybody knows."""

    source: str
    student_id: UUID | None = None
    account_id: UUID | None = None
    object_type: str = ""
    object_id: UUID | None = None


async def alert_from_fact(fact: Fact, now: datetime) -> UUID:
    """Write the alert for a text in which danger was found, in the transaction that stored the text."""
    payload = fact.payload
    excerpt = vault().unseal(base64.b64decode(payload["excerpt"]), f"fact.excerpt:{fact.subject_id}")
    finding = CrisisFinding(
        Severity(payload["severity"]),
        tuple(Severity(found) for found in payload["classes"]),
        excerpt,
        payload["lexicon_version"],
    )
    origin = Origin(
        source=payload["source"],
        student_id=_uuid(payload.get("student_id")),
        account_id=_uuid(payload.get("account_id")),
        object_type=payload["object_type"],
        object_id=fact.subject_id,
    )
    return await _write(finding, origin, now=now)


def _uuid(value: object) -> UUID | None:
    return UUID(str(value)) if value else None


async def press_button(viewer: Viewer, words: str, call_me: CallMe, *, now: datetime) -> UUID:
    """Write an alert from the crisis button; nobody needs an account, and nothing is kept but what was typed."""
    finding = scan_crisis(words) or CrisisFinding(Severity.S2, (Severity.S2,), words[:120], LEXICON_VERSION)
    async with DB.transaction():
        student = await people.student(viewer.person_id, now) if viewer.person_id else None
        origin = Origin(
            source="BUTTON", student_id=student.person_id if student else None, account_id=viewer.account_id
        )
        alert_id = await _write(finding, origin, now=now, call_me=call_me)
        await audit(viewer, "crisis.button", "crisis_alert", alert_id, now=now)
    return alert_id


async def ask_for_call(viewer: Viewer, need_id: UUID | None, call_me: CallMe, *, now: datetime) -> UUID:
    """Note “contact me now” on the open alert of this request, or write a new alert when there is none."""
    async with DB.transaction():
        alert_id = await DB.value(
            """
            SELECT id FROM crisis_alert WHERE object_id = $1 AND closed_at IS NULL AND account_id = $2
            ORDER BY at DESC LIMIT 1 FOR UPDATE
            """,
            need_id,
            viewer.account_id,
        )
        if alert_id is None:
            return await press_button(viewer, "", call_me, now=now)
        await _change(
            alert_id,
            now=now,
            call_me_at=now,
            **_contact_columns(alert_id, call_me),
        )
        await audit(viewer, "crisis.call_me", "crisis_alert", alert_id, now=now)
        row = await _row(alert_id)
        await ring(row, [Role.SEA, Role.PSY], now=now)
    return UUID(str(alert_id))


def _contact_columns(alert_id: UUID, call_me: CallMe) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if call_me.phone:
        columns["contact_sealed"] = vault().seal(call_me.phone, f"crisis.contact:{alert_id}")
    if call_me.window:
        columns["contact_window"] = call_me.window
    return columns


async def _write(finding: CrisisFinding, origin: Origin, *, now: datetime, call_me: CallMe | None = None) -> UUID:
    alert_id = new_id()
    student: StudentFacts | None = await people.student(origin.student_id, now) if origin.student_id else None
    about: dict[str, Any] = {}
    if student is not None:
        about = {
            "age_band": student.band,
            "school_id": student.school_id,
            "org_id": student.school_id,
            "org_path": student.school_path,
            "region_code": student.region_code,
            "contact_window": student.safe_contact_window,
        }
    about |= _contact_columns(alert_id, call_me) if call_me else {}
    await CrisisAlert(
        id=alert_id,
        created_at=now,
        updated_at=now,
        data_class="L5",
        legal_basis="emergency",
        source=origin.source,
        severity=finding.severity.value,
        excerpt_sealed=vault().seal(finding.excerpt, f"crisis.excerpt:{alert_id}"),
        lexicon_version=finding.lexicon_version,
        student_id=origin.student_id,
        account_id=origin.account_id,
        object_type=origin.object_type,
        object_id=origin.object_id,
        call_me_at=now if call_me is not None else None,
        at=now,
        **about,
    ).save()
    await record("crisis.alert", alert_id, now=now, severity=finding.severity.value)
    await ring(await _row(alert_id), [Role.SEA, Role.PSY], now=now)
    return alert_id


async def ring(alert: dict[str, Any], roles: list[Role], *, now: datetime) -> int:
    """Notify the nearest people of each role, urgently and in neutral words; returns how many."""
    province = await organisations.children(None)
    root = province[0].path if province else ""
    reached: dict[UUID, str] = {}
    for role in roles:
        path = alert["org_path"] or root
        if role is Role.PSY and not alert["org_path"]:
            continue
        # City and province are told that something is under way; the alert itself opens at the desk only (domain 8.1).
        link = f"/crisis/{alert['id']}" if ("crisis", role) in PERMISSIONS else "/work"
        for account in await people.accounts_in_role([role], path, local_day(now)):
            reached.setdefault(account, link)
    for account, link in sorted(reached.items()):
        await notify(account, "crisis.alert", link, now=now, urgent=True)
    return len(reached)


async def _row(alert_id: UUID) -> dict[str, Any]:
    rows = await DB.rows("SELECT * FROM crisis_alert WHERE id = $1 FOR UPDATE", alert_id)
    if not rows:
        raise NotFound
    return rows[0]


async def lock_alert(viewer: Viewer, alert_id: UUID, verb: str = "U") -> dict[str, Any]:
    """Lock an alert for somebody of the desk; a psychology teacher of another school is refused with 403."""
    grant = require(viewer, "crisis", verb)
    row = await _row(alert_id)
    if grant.scope is not Scope.ALL and not viewer.covers(row["org_path"]):
        raise NotAllowed
    return row


async def owned(viewer: Viewer, alert_id: UUID) -> dict[str, Any]:
    """Lock an alert its owner works on."""
    row = await lock_alert(viewer, alert_id)
    if row["ack_at"] is None:
        raise AcknowledgeFirst
    if row["ack_by"] != viewer.account_id:
        raise InOtherHands
    return row


async def _change(alert_id: UUID, *, now: datetime, **values: Any) -> None:
    changed: dict[Any, Any] = {**values, "updated_at": now, "version": CrisisAlert.version + 1}
    await CrisisAlert.update(changed, force=True).where(CrisisAlert.id == alert_id)


async def change_alert(viewer: Viewer, alert_id: UUID, what: str, *, now: datetime, **values: Any) -> None:
    """Write columns of an alert with an audit row that names the fields only."""
    await _change(alert_id, now=now, **values)
    await audit(viewer, f"crisis.{what}", "crisis_alert", alert_id, now=now, fields=sorted(values))


def _owner(viewer: Viewer) -> dict[str, Any]:
    return {"ack_by": viewer.account_id, "ack_name": viewer.name}


async def acknowledge(viewer: Viewer, alert_id: UUID, *, now: datetime) -> None:
    """Take an alert in hand; the second who tries is told that somebody has it."""
    async with DB.transaction():
        row = await lock_alert(viewer, alert_id)
        if row["ack_by"] == viewer.account_id:
            return
        if row["ack_at"] is not None:
            raise InOtherHands
        await change_alert(viewer, alert_id, "acknowledge", now=now, ack_at=now, **_owner(viewer))


async def take_over(viewer: Viewer, alert_id: UUID, *, now: datetime) -> None:
    """Let a supervisor or the school's psychology teacher take an alert over from its owner."""
    async with DB.transaction():
        row = await lock_alert(viewer, alert_id, "A")
        await change_alert(viewer, alert_id, "take_over", now=now, ack_at=row["ack_at"] or now, **_owner(viewer))


async def contacted(viewer: Viewer, alert_id: UUID, *, now: datetime) -> None:
    """Note the first contact attempt with the student."""
    async with DB.transaction():
        row = await owned(viewer, alert_id)
        await change_alert(viewer, alert_id, "contact", now=now, first_contact_at=row["first_contact_at"] or now)


async def guardian(viewer: Viewer, alert_id: UUID, *, told: bool, reason: str, now: datetime) -> None:
    """Note that a guardian was told, or why not; where harm is suspected only the supervisor decides."""
    async with DB.transaction():
        row = await owned(viewer, alert_id)
        if told and row["severity"] == Severity.AB.value and viewer.role is not Role.SUP:
            raise SupervisorDecides
        values = {"guardian_at": now, "guardian_reason": ""} if told else {"guardian_reason": reason[:200]}
        await change_alert(viewer, alert_id, "guardian", now=now, **values)


async def called(viewer: Viewer, alert_id: UUID, service: str, *, now: datetime) -> None:
    """Note that 110, 120 or 12356 was called."""
    assert service in SERVICES, service
    async with DB.transaction():
        row = await owned(viewer, alert_id)
        services = list(dict.fromkeys([*(row["services_called"] or []), service]))
        await change_alert(viewer, alert_id, "called", now=now, services_called=services)
