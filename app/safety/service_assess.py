"""Judging the risk and deciding what follows: clear the request, open a case, close the alert."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.kit.clock import local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.outbox import record
from app.kit.permissions import grant_for, require
from app.kit.viewer import Role, Viewer
from app.needs import service_progress, service_reissue
from app.needs.service import Submitted
from app.safety.errors import TooHighToClose
from app.safety.rules import HIGH, Assessment, check_downgrade, check_may_finish
from app.safety.service import change_alert, owned, ring
from app.safety.tables import RiskAssessment


async def assess(viewer: Viewer, alert_id: UUID, assessment: Assessment, *, now: datetime) -> UUID:
    """Write a risk assessment; red and orange ring the city, a lower level needs a qualified person and a reason."""
    async with DB.transaction():
        require(viewer, "risk", "C")
        row = await owned(viewer, alert_id)
        subject = row["student_id"] or alert_id
        previous = await last_level(subject)
        check_downgrade(previous, assessment, qualified=grant_for(viewer, "risk", "A") is not None)
        assessment_id = new_id()
        await RiskAssessment(
            id=assessment_id,
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
            org_id=row["org_id"],
            data_class="L5",
            legal_basis="emergency",
            subject_id=subject,
            alert_id=alert_id,
            by_account=viewer.account_id,
            at=now,
            level=assessment.level,
            basis=list(assessment.basis),
            ideation=assessment.ideation,
            plan=assessment.plan,
            means=assessment.means,
            history=assessment.history,
            protective_sealed=vault().seal(assessment.protective, f"risk.protective:{assessment_id}"),
            previous_level=previous,
            downgrade_reason=assessment.downgrade_reason,
            next_review_on=local_day(now + timedelta(days=assessment.next_review_days)),
        ).save()
        await change_alert(viewer, alert_id, "assess", now=now, level=assessment.level)
        await record("risk.assessed", subject, now=now, level=assessment.level, alert_id=alert_id)
        if assessment.level in HIGH:
            await ring(row, [Role.CIT, Role.SUP], now=now)
    return assessment_id


async def last_level(subject_id: UUID) -> str:
    """Return the level of the last assessment of a subject, or ""."""
    found = await DB.value(
        "SELECT level FROM risk_assessment WHERE subject_id = $1 ORDER BY at DESC, id DESC LIMIT 1", subject_id
    )
    return str(found or "")


def _check_finish(row: dict[str, Any], outcome: str) -> None:
    check_may_finish(
        contacted=row["first_contact_at"] is not None,
        level=row["level"],
        outcome=outcome,
        band=row["age_band"],
        guardian_settled=row["guardian_at"] is not None or bool(row["guardian_reason"]),
        severity=row["severity"],
    )


def _note(alert_id: UUID, note: str) -> bytes:
    return vault().seal(note, f"crisis.note:{alert_id}")


async def clear(viewer: Viewer, alert_id: UUID, reason: str, *, now: datetime) -> None:
    """Let the held request go on to the review after contact and an assessment of yellow or lower."""
    async with DB.transaction():
        row = await owned(viewer, alert_id)
        _check_finish(row, "SUPPORT")
        if row["object_type"] == "need" and row["object_id"] is not None:
            await service_progress.clear_risk(viewer, row["object_id"], row["level"], reason, now=now)
        await change_alert(
            viewer,
            alert_id,
            "clear",
            now=now,
            outcome="SUPPORT",
            closed_at=now,
            note_sealed=_note(alert_id, reason),
        )


async def to_case(
    viewer: Viewer,
    alert_id: UUID,
    reason: str,
    *,
    now: datetime,
    again: service_reissue.Reissue | None = None,
) -> Submitted | None:
    """Open a case for the held request; the practical part may go on as a new, de-identified request."""
    async with DB.transaction():
        row = await owned(viewer, alert_id)
        _check_finish(row, "CASE")
        sent: Submitted | None = None
        if row["object_type"] == "need" and row["object_id"] is not None:
            await service_progress.open_case(viewer, row["object_id"], row["level"], reason, now=now)
            if again is not None:
                sent = await service_reissue.reissue(viewer, row["object_id"], again, now=now)
        await change_alert(
            viewer, alert_id, "case", now=now, outcome="CASE", closed_at=now, note_sealed=_note(alert_id, reason)
        )
        await record("crisis.case", alert_id, now=now, student_id=row["student_id"])
    return sent


async def close(viewer: Viewer, alert_id: UUID, outcome: str, note: str, *, now: datetime) -> None:
    """Close an alert that holds no request back; red and orange never close as harmless."""
    async with DB.transaction():
        row = await owned(viewer, alert_id)
        _check_finish(row, outcome)
        if row["object_type"] == "need" and row["object_id"] is not None and await held(row["object_id"]):
            raise TooHighToClose("这条提醒拦着一条求助。", next_step="请放行到审核，或转个案。")
        await change_alert(
            viewer, alert_id, "close", now=now, outcome=outcome, closed_at=now, note_sealed=_note(alert_id, note)
        )


async def held(need_id: UUID) -> bool:
    """Tell whether a request waits for the desk."""
    return await service_progress.is_held(need_id)
