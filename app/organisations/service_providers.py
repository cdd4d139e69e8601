"""Providers: apply, change and send again, verify with the checklist, return, reject, suspend, clear, revoke."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit, step
from app.kit.clock import local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import IllegalStep, NotFound
from app.kit.ids import new_id
from app.kit.outbox import record
from app.kit.permissions import require
from app.kit.viewer import SYSTEM, Viewer
from app.organisations import queries_providers
from app.organisations.errors import ChecklistOpen, OwnSubmission, ProviderKnown
from app.organisations.rules import PROVIDER_MACHINE, VERIFY_LIFE, missing_items
from app.organisations.service import ticked_json
from app.organisations.tables import Provider


class NewProvider(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says about itself; `person_id` is set when it is a volunteer."""

    type: str
    legal_name: str
    region_code: str
    contact_person: str
    contact_phone: str
    uscc: str = ""
    address: str = ""
    unit_kind: str = ""
    hr_licence_no: str = ""
    rental_filing_no: str = ""
    person_id: UUID | None = None


async def apply(viewer: Viewer, new: NewProvider, *, now: datetime) -> UUID:
    """Write an application; a reviewer verifies it later. One credit code applies once for each type."""
    async with DB.transaction():
        provider_id = new_id()
        await _check_unknown(new, provider_id)
        await Provider(
            id=provider_id,
            type=new.type,
            legal_name=new.legal_name,
            uscc=new.uscc,
            person_id=new.person_id,
            region_code=new.region_code,
            address=new.address,
            unit_kind=new.unit_kind,
            hr_licence_no=new.hr_licence_no,
            rental_filing_no=new.rental_filing_no,
            contact_person=new.contact_person,
            contact_phone_sealed=vault().seal(new.contact_phone, f"provider.phone:{provider_id}"),
            state="APPLIED",
            source_appointment=viewer.appointment_id,
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
        ).save()
        await audit(viewer, "provider.apply", "provider", provider_id, now=now)
        await record("provider.applied", provider_id, now=now, type=new.type)
    return provider_id


async def resubmit(viewer: Viewer, new: NewProvider, *, now: datetime) -> None:
    """Change one's own application that was returned and send it again; the type stays what it was.

    Raises IllegalStep unless the application was returned, ProviderKnown for another provider's credit code.
    """
    require(viewer, "provider", "U")
    if viewer.provider_id is None:
        raise NotFound
    provider_id = viewer.provider_id
    async with DB.transaction():
        row = (await DB.rows("SELECT * FROM provider WHERE id = $1 FOR UPDATE", provider_id))[0]
        if not row["refusal_reason"] or row["type"] != new.type:
            raise IllegalStep("这份申请现在不能修改。")
        await _check_unknown(new, provider_id)
        await step(PROVIDER_MACHINE, provider_id, row["state"], "resubmit", "PROVIDER", viewer=viewer, now=now)
        changed: dict[Any, Any] = {
            "legal_name": new.legal_name,
            "uscc": new.uscc,
            "region_code": new.region_code,
            "address": new.address,
            "unit_kind": new.unit_kind,
            "hr_licence_no": new.hr_licence_no,
            "rental_filing_no": new.rental_filing_no,
            "contact_person": new.contact_person,
            "contact_phone_sealed": vault().seal(new.contact_phone, f"provider.phone:{provider_id}"),
            "refusal_reason": "",
            "version": row["version"] + 1,
            "updated_at": now,
        }
        await Provider.update(changed).where(Provider.id == provider_id)
        await audit(viewer, "provider.resubmit", "provider", provider_id, now=now, fields=sorted(changed))
        await record("provider.applied", provider_id, now=now, type=new.type)


async def _check_unknown(new: NewProvider, provider_id: UUID) -> None:
    """Refuse a credit code under which another provider of the type has applied."""
    if new.uscc and await DB.value(
        """
        SELECT 1 FROM provider WHERE uscc = $1 AND type = $2 AND id <> $3 AND state NOT IN ('REJECTED', 'REVOKED')
        """,
        new.uscc,
        new.type,
        provider_id,
    ):
        raise ProviderKnown(field="uscc")


async def verify(viewer: Viewer, provider_id: UUID, ticked: frozenset[str], *, now: datetime) -> None:
    """Verify a provider after every item of the checklist; the contact person counts as checked from now on."""
    async with DB.transaction():
        row = await _locked(viewer, provider_id)
        if missing_items(row["type"], ticked):
            raise ChecklistOpen(f"还没有核实：{'、'.join(missing_items(row['type'], ticked))}。")
        due = local_day(now) + VERIFY_LIFE.get(row["type"], VERIFY_LIFE["EMP"])
        state = await step(PROVIDER_MACHINE, provider_id, row["state"], "verify", "REVIEWER", viewer=viewer, now=now)
        await DB.rows(
            """
            UPDATE provider SET state = $2, checklist = $3::jsonb, verified_at = $4, verified_by = $5, verify_due = $6,
                   contact_checked_at = $4, refusal_reason = '', updated_at = $4, version = version + 1
            WHERE id = $1
            """,
            provider_id,
            state,
            ticked_json(ticked),
            now,
            viewer.account_id,
            due,
        )
        await audit(viewer, "provider.verify", "provider", provider_id, now=now)
        await record("provider.verified", provider_id, now=now)


async def return_(viewer: Viewer, provider_id: UUID, reason: str, *, now: datetime) -> None:
    """Ask for more: the provider sees the reason and may change its application."""
    async with DB.transaction():
        row = await _locked(viewer, provider_id)
        if row["state"] == "APPLIED":
            await step(PROVIDER_MACHINE, provider_id, "APPLIED", "start", "REVIEWER", viewer=viewer, now=now)
            row["state"] = "VERIFYING"
        await _move(viewer, row, "return", "REVIEWER", reason, now)
        await record("provider.returned", provider_id, now=now)


async def reject(viewer: Viewer, provider_id: UUID, reason: str, *, now: datetime) -> None:
    """Refuse an application for good, with the reason."""
    async with DB.transaction():
        row = await _locked(viewer, provider_id)
        await _move(viewer, row, "reject", "REVIEWER", reason, now)
        await record("provider.rejected", provider_id, now=now)


async def suspend(viewer: Viewer, provider_id: UUID, reason: str, *, now: datetime) -> None:
    """Suspend a provider at once: nothing of it is proposed any more until it is cleared."""
    async with DB.transaction():
        row = await _locked(viewer, provider_id)
        await _move(viewer, row, "suspend", "REVIEWER", reason, now)
        await record("provider.suspended", provider_id, now=now)


async def clear(viewer: Viewer, provider_id: UUID, reason: str, *, now: datetime) -> None:
    """Lift a suspension."""
    async with DB.transaction():
        row = await _locked(viewer, provider_id)
        await _move(viewer, row, "clear", "REVIEWER", reason, now)
        await record("provider.verified", provider_id, now=now)


async def revoke(viewer: Viewer, provider_id: UUID, reason: str, *, now: datetime) -> None:
    """Revoke a provider: its offers and matches end by the fact `provider.revoked`."""
    async with DB.transaction():
        row = await _locked(viewer, provider_id)
        await _move(viewer, row, "revoke", "REVIEWER", reason, now)
        await DB.rows("UPDATE provider SET strikes = strikes + 1 WHERE id = $1", provider_id)
        await record("provider.revoked", provider_id, now=now)


_VOLUNTEER_EVENTS = {
    "VERIFIED": {"APPLIED": "verify", "LAPSED": "verify", "SUSPENDED": "clear"},
    "SUSPENDED": {"VERIFIED": "suspend"},
    "LAPSED": {"VERIFIED": "lapse", "SUSPENDED": "lapse"},
    "REJECTED": {"APPLIED": "reject"},
    "REVOKED": {"VERIFIED": "revoke", "SUSPENDED": "revoke", "LAPSED": "revoke"},
}


async def follow_vetting(provider_id: UUID, target: str, *, now: datetime, reason: str = "") -> None:
    """Bring a volunteer's provider row into the state that the vetting has reached (called by people)."""
    async with DB.transaction():
        rows = await DB.rows("SELECT * FROM provider WHERE id = $1 FOR UPDATE", provider_id)
        if not rows:
            raise NotFound
        event = _VOLUNTEER_EVENTS[target].get(rows[0]["state"])
        if event is None:
            return
        await _move(SYSTEM, rows[0], event, "SYS", reason, now)
        if target == "VERIFIED":
            await DB.rows(
                "UPDATE provider SET verified_at = $2, contact_checked_at = $2 WHERE id = $1", provider_id, now
            )
            await record("provider.verified", provider_id, now=now)
        elif target == "REVOKED":
            await record("provider.revoked", provider_id, now=now)


async def lapse_overdue(now: datetime) -> int:
    """Let verifications run out (nightly); returns how many providers lapsed."""
    rows = await DB.rows(
        """
        SELECT * FROM provider WHERE state = 'VERIFIED' AND type <> 'VOL' AND verify_due IS NOT NULL
          AND verify_due < $1 ORDER BY id FOR UPDATE SKIP LOCKED
        """,
        local_day(now),
    )
    for row in rows:
        await _move(SYSTEM, row, "lapse", "SYS", "核验到期", now)
        await record("provider.lapsed", row["id"], now=now)
    return len(rows)


async def _locked(viewer: Viewer, provider_id: UUID) -> dict[str, Any]:
    """Lock the row of a provider the viewer may decide about; nobody decides about their own."""
    require(viewer, "provider", "A")
    await queries_providers.page(viewer, provider_id)
    row = (await DB.rows("SELECT * FROM provider WHERE id = $1 FOR UPDATE", provider_id))[0]
    if viewer.provider_id == provider_id or (
        viewer.person_id is not None
        and row["source_appointment"] is not None
        and row["source_appointment"] in {hat.id for hat in viewer.hats}
    ):
        raise OwnSubmission
    return row


async def _move(viewer: Viewer, row: dict[str, Any], event: str, actor: str, reason: str, now: datetime) -> None:
    target = await step(PROVIDER_MACHINE, row["id"], row["state"], event, actor, viewer=viewer, now=now, reason=reason)
    await DB.rows(
        """
        UPDATE provider SET state = $2, refusal_reason = $3, updated_at = $4, version = version + 1 WHERE id = $1
        """,
        row["id"],
        target,
        reason,
        now,
    )
    await audit(viewer, f"provider.{event}", "provider", row["id"], now=now)
